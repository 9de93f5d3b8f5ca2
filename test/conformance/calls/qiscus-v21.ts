// A call of every operation of the Qiscus door's REST API v2.1, filled in so that it works. Those that are the same in
// both versions are qiscus.ts.
import type { Values } from '../qiscus-client.ts';
import type { About } from './sunshine.ts';

let made = 0;
const fresh = (what: string): string => `${what}-${++made}-of-v21`;
const room_id = ({ talk }: About): string => String(talk.number);
const user_id = ({ member }: About): string => member.externalId;
const both = ({ member, guest }: About): string[] => [member.externalId, guest.externalId];
const during = { start_time: '2026-01-01 00:00:00', end_time: '2100-01-01 00:00:00' };

/** Parameters of a call that works, all that it takes. */
export const V21_OPERATIONS: Record<string, (about: About) => Values> = {
  login_or_register: () => ({
    user_id: fresh('user'),
    password: 'a password',
    username: 'Newcomer',
    avatar_url: 'https://example.org/a.png',
    device_token: 'a device',
    device_platform: 'android',
    extras: { team: 'red' },
  }),
  user_profile: (about) => ({ user_id: user_id(about) }),
  update_profile: (about) => ({
    user_id: user_id(about),
    name: 'Renamed',
    avatar_url: 'https://example.org/b.png',
    extras: { team: 'blue' },
  }),
  reset_user_token: (about) => ({ user_id: user_id(about) }),
  get_user_token: (about) => ({ user_id: user_id(about) }),
  get_unread_users: () => ({ page: 1, limit: 10, ...during }),
  get_user_unread_count: (about) => ({ user_ids: both(about), ...during }),
  get_user_list: () => ({ page: 1, limit: 3, show_all: true, order_query: 'created_at desc nulls last' }),
  // Whom the next one lets in again.
  deactivate_users: (about) => ({ user_ids: [about.guest.externalId] }),
  reactivate_users: (about) => ({ user_ids: both(about) }),
  create_room: (about) => ({
    room_name: 'A room',
    participants: both(about),
    creator: user_id(about),
    room_avatar_url: 'https://example.org/r.png',
    room_options: '{"color":"red"}',
  }),
  update_room: (about) => ({
    room_id: room_id(about),
    room_name: 'Renamed',
    room_avatar_url: 'https://example.org/r.png',
    room_options: 'anything',
  }),
  get_or_create_room_with_target: (about) => ({ user_ids: both(about), room_options: '{}' }),
  get_or_create_channel: (about) => ({
    unique_id: fresh('channel'),
    participants: both(about),
    room_name: 'A channel',
    room_avatar_url: 'https://example.org/c.png',
    room_options: '{}',
  }),
  get_rooms_info: (about) => ({ room_ids: [room_id(about)] }),
  get_user_rooms: (about) => ({
    user_id: user_id(about),
    page: 1,
    limit: 10,
    show_participants: true,
    room_type: 'group',
  }),
  get_unread_count: (about) => ({ user_id: user_id(about), room_ids: [room_id(about)] }),
  add_room_participants: (about) => ({ room_id: room_id(about), user_ids: [about.guest.externalId] }),
  remove_room_participants: (about) => ({ room_id: room_id(about), user_ids: [about.guest.externalId] }),
  get_room_participants: (about) => ({ room_id: room_id(about), page: 1, limit: 10 }),
  post_comment: (about) => ({
    user_id: user_id(about),
    room_id: room_id(about),
    message: 'As I said',
    type: 'custom',
    payload: { type: 'promo', content: { date: '2026-01-02' } },
    unique_temp_id: fresh('comment'),
    disable_link_preview: true,
    extras: { mood: 'fine' },
  }),
  load_comments: (about) => ({ room_id: room_id(about), page: 1, limit: 5 }),
  load_comments_with_range: (about) => ({
    room_id: room_id(about),
    first_comment_id: 1,
    last_comment_id: Number.MAX_SAFE_INTEGER,
  }),
  post_system_event_message: (about) => ({
    system_event_type: 'add_member',
    room_id: room_id(about),
    subject_user_id: user_id(about),
    object_user_id: both(about),
    updated_room_name: 'As it was',
  }),
  search_messages: (about) => ({ user_id: user_id(about), query: 'speaks', room_id: room_id(about) }),
  broadcast: ({ member, guest }) => ({
    user_id: member.externalId,
    user_ids: [guest.externalId],
    message: 'To all',
    type: 'text',
    payload: {},
    disable_link_preview: true,
    extras: { mood: 'fine' },
  }),
  delete_messages: (about) => ({ unique_ids: ['nothing-is-called-so'], room_id: room_id(about) }),
  total_comments: () => during,
  webhook_logs: () => ({ page: 1, limit: 10, type: 'all' }),
};
