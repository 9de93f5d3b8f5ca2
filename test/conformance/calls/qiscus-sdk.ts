// A call of every operation of the Qiscus client SDK, filled in so that it works: what tests then spoil in one place. The
// app's own server's calls are qiscus.ts.
import { SDK_ROUTES } from '../../../src/dialects/qiscus/routes.ts';
import type { Person, Place } from '../../support/two-apps.ts';
import { qiscusClient, type Values } from '../qiscus-client.ts';
import type { Answer } from './answer.ts';
import { type About, type Route, send as sendAs } from './qiscus.ts';

export { SDK_ROUTES };

let made = 0;
const fresh = (what: string): string => `${what}-${++made}-of-an-sdk-test`;
const room_id = ({ talk }: About): number => talk.number;
const guest = (about: About): string => about.guest.externalId;

/** Parameters of a call that works, all that it takes; the caller is `member`, and so is the author of the talk's comment. */
const OPERATIONS: Record<string, (about: About) => Values> = {
  config: () => ({}),
  login_or_register: () => ({
    email: fresh('user'),
    password: 'a password',
    username: 'Newcomer',
    avatar_url: 'https://example.org/a.png',
    extras: { team: 'red' },
    device_token: 'a device',
    device_platform: 'rn',
  }),
  'auth/nonce': () => ({}),
  expire_user_token: (about) => ({ user_id: about.member.externalId }),
  logout: (about) => ({ user_id: about.member.externalId }),
  my_profile: () => ({ name: 'Renamed', avatar_url: 'https://example.org/b.png', extras: { team: 'blue' } }),
  user_rooms: () => ({ page: 1, limit: 10, show_participants: true, show_empty: true, room_type: 'all' }),
  rooms_info: (about) => ({ room_id: [room_id(about)], show_participants: true }),
  get_room_by_id: (about) => ({ id: room_id(about) }),
  get_or_create_room_with_target: (about) => ({ emails: [guest(about)], options: '{}' }),
  get_or_create_room_with_unique_id: () => ({
    unique_id: fresh('channel'),
    name: 'A channel',
    avatar_url: 'https://example.org/c.png',
    options: '{}',
  }),
  create_room: (about) => ({
    name: 'A room',
    participants: [guest(about)],
    avatar_url: 'https://example.org/r.png',
    options: '{}',
  }),
  // A room that another door made is not the caller's to change: these are shown with rooms of their own.
  add_room_participants: (about) => ({ room_id: room_id(about), emails: [guest(about)] }),
  remove_room_participants: (about) => ({ room_id: room_id(about), emails: [about.member.externalId] }),
  room_participants: (about) => ({
    room_unique_id: room_id(about),
    page: 1,
    limit: 10,
    offset: 0,
    sorting: 'desc',
    user_name: 'a',
  }),
  post_comment: (about) => ({
    topic_id: room_id(about),
    comment: 'As I said',
    type: 'custom',
    payload: { type: 'promo', content: {} },
    unique_temp_id: fresh('comment'),
    extras: { mood: 'fine' },
  }),
  load_comments: (about) => ({ topic_id: room_id(about), last_comment_id: 0, after: 'false', limit: 5 }),
  update_comment_status: (about) => ({
    room_id: room_id(about),
    last_comment_read_id: 1,
    last_comment_received_id: 1,
  }),
  sync: () => ({ last_received_comment_id: 0, limit: 5 }),
  sync_event: () => ({ start_event_id: 0 }),
  total_unread_count: () => ({}),
  get_room_unread_count: () => ({}),
  delete_messages: () => ({
    unique_ids: ['nothing-of-a-test'],
    is_delete_for_everyone: true,
    is_hard_delete: true,
  }),
  clear_room_messages: (about) => ({ room_channel_ids: [room_id(about)] }),
  search: (about) => ({
    query: 'speaks',
    room_ids: [room_id(about)],
    sender: about.member.externalId,
    type: ['text'],
    room_type: 'group',
    is_public: false,
    page: 1,
    limit: 5,
  }),
  search_messages: (about) => ({ query: 'speaks', room_id: room_id(about), last_comment_id: 0 }),
  file_list: (about) => ({
    room_ids: [room_id(about)],
    sender: about.member.externalId,
    file_type: 'media',
    include_extensions: ['png'],
    exclude_extensions: ['gif'],
    page: 1,
    limit: 5,
  }),
  block_user: (about) => ({ user_email: guest(about) }),
  unblock_user: (about) => ({ user_email: guest(about) }),
  get_blocked_users: () => ({ page: 1, limit: 5 }),
  'users/status': (about) => ({ user_ids: [guest(about)] }),
  get_user_list: () => ({ query: 'a', page: 1, limit: 5 }),
  set_user_device_token: () => ({
    device_token: fresh('device'),
    device_platform: 'rn',
    is_development: true,
  }),
  remove_user_device_token: () => ({ device_token: 'a device', device_platform: 'rn', is_development: true }),
};

/** Operations whose call needs something that is made first: their own tests show them (qiscus-sdk-calls.test.ts). */
export const MADE_FIRST: ReadonlySet<string> = new Set([
  'auth/verify_identity_token',
  'refresh_user_token',
  'update_room',
  'comment_receipt',
  'update_message',
]);

/** A call that works. Throws for a route that nobody has said how to call. */
export function callOf({ operation, method, path }: Route, about: About): Values {
  const fill = OPERATIONS[operation];
  if (!fill) throw new Error(`say how to call ${operation} (${method} ${path}) in calls/qiscus-sdk.ts`);
  return method === 'GET' && operation === 'my_profile' ? {} : fill(about);
}

/** By the hub's address, the app and the person: files of tests share this module. */
const tokens = new Map<string, string>();
const keyOf = ({ made, slug }: Pick<Place, 'made' | 'slug'>, person: Person): string =>
  `${made.qiscus.baseUrl} ${slug} ${person.externalId}`;

/** A token of this person, the same one again. */
export async function tokenOf(
  { made: app, slug }: Pick<Place, 'made' | 'slug'>,
  person: Person,
): Promise<string> {
  const key = keyOf({ made: app, slug }, person);
  const known = tokens.get(key);
  if (known) return known;
  const { user } = await qiscusClient(app).get('user_profile', { user_email: person.externalId });
  tokens.set(key, user.token);
  return user.token;
}

/** Credentials of this route: a person's token, or the app's id alone. */
export const credentialsOf = async (
  { by }: Pick<Route, 'by'>,
  place: Pick<Place, 'made' | 'slug'>,
  person: Person,
): Promise<Record<string, string>> =>
  by === 'app'
    ? { 'qiscus-sdk-app-id': place.slug }
    : { 'qiscus-sdk-app-id': place.slug, 'qiscus-sdk-token': await tokenOf(place, person) };

/** Makes the call as `person`. What ends a session gets one of its own. */
export async function send(
  route: Route,
  values: Values,
  place: Pick<Place, 'made' | 'slug'>,
  person: Person,
): Promise<Answer> {
  if (ENDING.has(route.operation)) tokens.delete(keyOf(place, person));
  const by = await credentialsOf(route, place, person);
  if (ENDING.has(route.operation)) tokens.delete(keyOf(place, person));
  return sendAs(route, values, place, { by });
}
const ENDING = new Set(['logout', 'expire_user_token']);
