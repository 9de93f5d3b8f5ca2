// A call of every operation of the PPMessage door, filled in so that it works: what tests then spoil in one place, or make
// again at another level.
import { randomUUID } from 'node:crypto';
import type { Level } from '../../../src/dialects/ppmessage/auth.ts';
import type { Field } from '../../../src/dialects/ppmessage/fields.ts';
import { ROUTES, type Route } from '../../../src/dialects/ppmessage/table.ts';
import { sha1, textMessage } from '../ppmessage-client.ts';
import type { Json } from './answer.ts';

export { type Level, ROUTES, type Route };

/** What a call is about, all of it by uuid. */
export interface About {
  /** Somebody's conversation, in which they act. */
  user: string;
  conversation: string;
  message: string;
  device: string;
  /** Of the team; and somebody with this password, who may be taken out. */
  agent: string;
  agentEmail: string;
  doomed: string;
  doomedPassword: string;
  /** With the agent in it. */
  group: string;
  /** A group that may be taken away. */
  doomedGroup: string;
}

let made = 0;
const fresh = (what: string): string => `${what}-${++made}`;

const inConversation = (a: About) => ({ conversation_uuid: a.conversation });

/** Parameters of a call that works, all that it takes; without the app's id. */
const CALLS: Record<string, (about: About) => Json> = {
  PP_CREATE_ANONYMOUS: () => ({ ppcom_trace_uuid: fresh('a trace') }),
  PP_GET_USER_UUID: () => ({
    user_email: `${fresh('visitor')}@example.org`,
    user_fullname: 'A visitor',
    user_icon: 'https://example.org/a.png',
  }),
  PP_CREATE_DEVICE: (a) => ({
    user_uuid: a.user,
    device_ostype: 'MAB',
    device_id: 'a browser',
    ppcom_trace_uuid: fresh('a trace of a device'),
  }),
  PP_UPDATE_DEVICE: (a) => ({
    device_uuid: a.device,
    device_fullname: 'A browser',
    device_phonenumber: '1',
    device_ostype: 'LIB',
    device_osversion: '2',
    device_android_apilevel: '3',
    device_android_gcmtoken: 'a token',
    device_android_gcmpush: true,
    device_ios_model: 'none',
    device_ios_token: 'no token',
  }),
  PP_VALIDATE_ONLINE_DEVICE: (a) => ({ user_uuid: a.user, device_uuid: a.device }),
  PP_CREATE_USER: () => ({
    user_email: `${fresh('user')}@example.org`,
    user_fullname: 'A user',
    user_language: 'en',
    user_password: sha1('a password'),
    is_service_user: true,
    user_status: 'SERVICE',
    user_icon: 'https://example.org/a.png',
  }),
  PP_REMOVE_USER: (a) => ({ user_uuid: a.doomed, user_password: sha1(a.doomedPassword) }),
  PP_UPDATE_USER: (a) => ({
    user_uuid: a.user,
    user_fullname: 'Ada Renamed',
    user_firstname: 'Re',
    user_lastname: 'Named',
    user_icon: 'https://example.org/b.png',
    user_email: `${fresh('renamed')}@example.org`,
    user_language: 'zh-cn',
    user_mobile: '2',
    user_signature: 'A signature',
    user_company: 'A company',
    user_wechat: 'w',
    user_qq: 'q',
    user_defined: 'd',
    user_mute_notification: true,
    user_silence_notification: false,
    user_mute_other_mobile_device: true,
    user_show_badge: false,
  }),
  PP_GET_USER_INFO: (a) => ({ user_uuid: a.user }),
  PP_GET_USER_DETAIL: (a) => ({ user_uuid: a.user, return_password: true }),
  GET_YVOBJECT_DETAIL: (a) => ({ uuid: a.user, type: 'DU', timestamp: 0 }),
  PP_IS_EMAIL_VALID: () => ({ user_email: 'nobody@example.org' }),
  PP_GET_APP_SERVICE_USER_LIST: () => ({}),
  PP_GET_APP_INFO: () => ({}),
  PP_UPDATE_APP_INFO: () => ({
    app_name: 'Renamed app',
    app_route_policy: 'ALL',
    welcome_message: 'Welcome',
    offline_message: 'Nobody is here',
    return_offline_message: false,
    app_icon: 'https://example.org/i.png',
    company_name: 'A company',
    ppcom_launcher_color: '#ffffff',
    ppcom_launcher_style: 'FLAT',
    show_ppcom_hover: 'NEVER',
    ppcom_powered_by_name: 'Parlance',
    ppcom_powered_by_link: 'https://example.org',
    ppcom_powered_by_visible: false,
  }),
  PP_GET_API_INFO: (a) => ({ user_uuid: a.agent }),
  PPKEFU_LOGIN: (a) => ({
    user_email: a.agentEmail,
    terminal: 'a terminal',
    ostype: 'MAC',
    token: 'a token',
    osmodel: 'm',
    osversion: 'v',
    device_fullname: 'A desk',
    ios_app_development: false,
  }),
  PPKEFU_LOGOUT: (a) => ({ user_uuid: a.agent, device_uuid: a.device }),
  PP_CREATE_CONVERSATION: (a) => ({
    user_uuid: a.user,
    conversation_type: 'S2S',
    conversation_name: 'A talk',
    member_list: [a.agent],
    group_uuid: a.group,
  }),
  PPCOM_CREATE_CONVERSATION: (a) => ({
    user_uuid: a.user,
    device_uuid: a.device,
    member_list: [a.agent],
  }),
  PPCOM_GET_DEFAULT_CONVERSATION: (a) => ({ user_uuid: a.user, device_uuid: a.device }),
  PP_GET_AMD_QUEUE_LENGTH: (a) => ({ user_uuid: a.user }),
  PP_CANCEL_WAITING_CREATE_CONVERSATION: (a) => ({
    user_uuid: a.user,
    device_uuid: a.device,
    group_uuid: a.group,
  }),
  PP_GET_CONVERSATION_INFO: (a) => ({ ...inConversation(a), user_uuid: a.user }),
  PP_GET_CONVERSATION_USER_LIST: inConversation,
  PP_UPDATE_CONVERSATION_MEMBER: (a) => ({
    ...inConversation(a),
    group_uuid: a.group,
    action: 'ADD',
    member_list: [a.agent],
  }),
  PP_UPDATE_CONVERSATION: (a) => ({ ...inConversation(a), assigned_uuid: a.agent }),
  PP_OPEN_CONVERSATION: (a) => ({ ...inConversation(a), user_uuid: a.user }),
  PP_CLOSE_CONVERSATION: (a) => ({ ...inConversation(a), user_uuid: a.user }),
  PP_GET_APP_CONVERSATION_LIST: () => ({}),
  PP_GET_USER_CONVERSATION_LIST: (a) => ({ user_uuid: a.user }),
  PP_PAGE_USER_CONVERSATION: (a) => ({ user_uuid: a.user, page_offset: 0, page_size: '15' }),
  PP_GET_HISTORY_MESSAGE: (a) => ({
    ...inConversation(a),
    page_offset: '0',
    page_size: 12,
    max_id: a.message,
    ignore_max: false,
  }),
  PP_PAGE_HISTORY_MESSAGE: (a) => ({ ...inConversation(a), page_offset: 0, page_size: 12 }),
  PP_SEND_MESSAGE: (a) => textMessage(a.user, a.conversation, 'As I said'),
  ACK_MESSAGE: () => ({ list: [randomUUID()] }),
  PP_PAGE_UNACKED_MESSAGE: (a) => ({
    user_uuid: a.user,
    device_uuid: a.device,
    page_offset: 0,
    page_size: 5,
  }),
  PP_CREATE_ORG_GROUP: () => ({
    group_name: 'A group',
    group_desc: 'Of some',
    group_icon: 'https://example.org/g.png',
    is_distributor: false,
  }),
  PP_UPDATE_ORG_GROUP: (a) => ({
    group_uuid: a.group,
    group_name: 'Renamed group',
    group_desc: 'Of others',
    group_icon: 'https://example.org/g.png',
    is_distributor: false,
  }),
  PP_REMOVE_ORG_GROUP: (a) => ({ group_uuid: a.doomedGroup }),
  PP_ADD_ORG_GROUP_USER: (a) => ({ group_uuid: a.group, user_list: [a.agent] }),
  PP_REMOVE_ORG_GROUP_USER: (a) => ({ group_uuid: a.group, user_list: [a.agent] }),
  PP_GET_APP_ORG_GROUP_LIST: () => ({}),
  PP_GET_ORG_GROUP_DETAIL: (a) => ({ group_uuid: a.group }),
  PP_GET_ORG_GROUP_USER_LIST: (a) => ({ group_uuid: a.group }),
  PP_GET_NO_GROUP_USER_LIST: () => ({}),
  PP_GET_ORG_GROUP_CONVERSATION: (a) => ({ group_uuid: a.group, user_uuid: a.user }),
};

export function callOf({ name }: Pick<Route, 'name'>, about: About): Json {
  const make = CALLS[name];
  if (!make) throw new Error(`say how to call ${name} (calls/ppmessage.ts)`);
  return make(about);
}

export const fieldsOf = ({ does }: Route): [string, Field<unknown>][] => Object.entries(does.fields);
