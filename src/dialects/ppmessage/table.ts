// The calls of this API: their names, the levels that may call each, and whether it must name the app
// (contracts/ppmessage.md 4 and 5). What a call does is in the file of its area.
import { login, logout } from './agents.ts';
import { getApiInfo } from './api-info.ts';
import { getAppInfo, updateAppInfo } from './app-row.ts';
import type { Level } from './auth.ts';
import type { Operation } from './call.ts';
import { createDevice, updateDevice, validateOnlineDevice } from './devices.ts';
import { getHistory, pageHistory, sendMessage } from './history.ts';
import {
  appConversationList,
  conversationInfo,
  pageUserConversation,
  userConversationList,
} from './lists.ts';
import {
  closeCall,
  conversationUserList,
  openCall,
  updateConversationCall,
  updateMembers,
} from './members.ts';
import { yvobjectDetail } from './objects.ts';
import { createConversation, getDefaultConversation, ppcomCreateConversation } from './opening.ts';
import {
  addOrgGroupUser,
  appOrgGroupList,
  createOrgGroup,
  noGroupUserList,
  orgGroupConversation,
  orgGroupDetail,
  orgGroupUserList,
  removeOrgGroup,
  removeOrgGroupUser,
  updateOrgGroup,
} from './org-groups.ts';
import { ackMessage, pageUnacked } from './pushes.ts';
import {
  createUserCall,
  getUserDetail,
  getUserInfo,
  isEmailValid,
  removeUser,
  serviceUserList,
  updateUserCall,
} from './users.ts';
import { createAnonymous, getUserUuid } from './visitors.ts';
import { cancelWaiting, queueLength } from './waiting.ts';

export interface Route {
  /** As `uri` has it. */
  readonly name: string;
  /** Names of other versions for the same call. */
  readonly aliases: readonly string[];
  readonly levels: readonly Level[];
  /** It must name the app; one that does not may. */
  readonly ofApp: boolean;
  readonly does: Operation;
}

const VISITORS: readonly Level[] = ['PPCOM'];
/** The third party's key may what its twin may, but sign nobody in. */
const TEAM: readonly Level[] = ['PPKEFU', 'THIRD_PARTY_KEFU'];
const OWN: readonly Level[] = ['PPKEFU'];
const ALL: readonly Level[] = [...VISITORS, ...TEAM];

const row =
  (ofApp: boolean) =>
  (levels: readonly Level[], name: string, does: Operation, ...aliases: readonly string[]): Route => ({
    name,
    aliases,
    levels,
    ofApp,
    does,
  });
const call = row(true);
const bare = row(false);

/** Tests make their cases from it. */
export const ROUTES: readonly Route[] = [
  call(VISITORS, 'PP_CREATE_ANONYMOUS', createAnonymous, 'PPCOM_CREATE_ANONYMOUS'),
  call(VISITORS, 'PP_GET_USER_UUID', getUserUuid, 'PPCOM_GET_USER_UUID'),
  call(VISITORS, 'PP_CREATE_DEVICE', createDevice, 'PPCOM_CREATE_DEVICE'),
  bare(ALL, 'PP_UPDATE_DEVICE', updateDevice),
  bare(TEAM, 'PP_VALIDATE_ONLINE_DEVICE', validateOnlineDevice),
  call(TEAM, 'PP_CREATE_USER', createUserCall),
  bare(TEAM, 'PP_REMOVE_USER', removeUser),
  call(ALL, 'PP_UPDATE_USER', updateUserCall),
  call(ALL, 'PP_GET_USER_INFO', getUserInfo),
  bare(ALL, 'PP_GET_USER_DETAIL', getUserDetail),
  bare(ALL, 'GET_YVOBJECT_DETAIL', yvobjectDetail),
  bare(TEAM, 'PP_IS_EMAIL_VALID', isEmailValid),
  call(ALL, 'PP_GET_APP_SERVICE_USER_LIST', serviceUserList, 'PP_GET_SERVICE_USER_LIST'),
  call(ALL, 'PP_GET_APP_INFO', getAppInfo),
  call(TEAM, 'PP_UPDATE_APP_INFO', updateAppInfo),
  call(OWN, 'PP_GET_API_INFO', getApiInfo),
  bare(OWN, 'PPKEFU_LOGIN', login),
  call(OWN, 'PPKEFU_LOGOUT', logout),
  call(ALL, 'PP_CREATE_CONVERSATION', createConversation),
  call(VISITORS, 'PPCOM_CREATE_CONVERSATION', ppcomCreateConversation),
  call(
    VISITORS,
    'PPCOM_GET_DEFAULT_CONVERSATION',
    getDefaultConversation,
    'PPCOM_CREATE_DEFAULT_CONVERSATION',
    'PP_GET_DEFAULT_CONVERSATION',
  ),
  call(VISITORS, 'PP_GET_AMD_QUEUE_LENGTH', queueLength),
  call(VISITORS, 'PP_CANCEL_WAITING_CREATE_CONVERSATION', cancelWaiting),
  call(ALL, 'PP_GET_CONVERSATION_INFO', conversationInfo),
  call(ALL, 'PP_GET_CONVERSATION_USER_LIST', conversationUserList),
  call(ALL, 'PP_UPDATE_CONVERSATION_MEMBER', updateMembers),
  bare(ALL, 'PP_UPDATE_CONVERSATION', updateConversationCall),
  call(ALL, 'PP_OPEN_CONVERSATION', openCall),
  call(ALL, 'PP_CLOSE_CONVERSATION', closeCall),
  call(ALL, 'PP_GET_APP_CONVERSATION_LIST', appConversationList, 'PP_GET_CONVERSATION_LIST'),
  call(ALL, 'PP_GET_USER_CONVERSATION_LIST', userConversationList),
  call(ALL, 'PP_PAGE_USER_CONVERSATION', pageUserConversation),
  bare(ALL, 'PP_GET_HISTORY_MESSAGE', getHistory),
  bare(ALL, 'PP_PAGE_HISTORY_MESSAGE', pageHistory),
  call(ALL, 'PP_SEND_MESSAGE', sendMessage),
  bare(ALL, 'ACK_MESSAGE', ackMessage),
  call(ALL, 'PP_PAGE_UNACKED_MESSAGE', pageUnacked),
  call(TEAM, 'PP_CREATE_ORG_GROUP', createOrgGroup),
  call(TEAM, 'PP_UPDATE_ORG_GROUP', updateOrgGroup),
  call(TEAM, 'PP_REMOVE_ORG_GROUP', removeOrgGroup),
  call(TEAM, 'PP_ADD_ORG_GROUP_USER', addOrgGroupUser),
  call(TEAM, 'PP_REMOVE_ORG_GROUP_USER', removeOrgGroupUser),
  call(ALL, 'PP_GET_APP_ORG_GROUP_LIST', appOrgGroupList),
  call(ALL, 'PP_GET_ORG_GROUP_DETAIL', orgGroupDetail),
  call(ALL, 'PP_GET_ORG_GROUP_USER_LIST', orgGroupUserList),
  call(ALL, 'PP_GET_NO_GROUP_USER_LIST', noGroupUserList),
  call(VISITORS, 'PP_GET_ORG_GROUP_CONVERSATION', orgGroupConversation),
];

const BY_NAME: ReadonlyMap<string, Route> = new Map(
  ROUTES.flatMap((route) => [route.name, ...route.aliases].map((name) => [name, route] as const)),
);

/** By any of its names; undefined: there is no such call. */
export const routeNamed = (name: string): Route | undefined => BY_NAME.get(name);
