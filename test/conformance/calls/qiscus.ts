// A call of every operation of the Qiscus door, filled in so that it works: what tests then spoil in one place. How a
// call is sent, in which encoding, is ../qiscus-client.ts.
import type { Field, Kind } from '../../../src/dialects/qiscus/fields.ts';
import { ROUTES, V21_ROUTES } from '../../../src/dialects/qiscus/routes.ts';
import type { Place } from '../../support/two-apps.ts';
import { GET_ENCODINGS, POST_ENCODINGS, send as sendWire, type Values } from '../qiscus-client.ts';
import type { Answer, Json } from './answer.ts';
import { V21_OPERATIONS } from './qiscus-v21.ts';
import type { About } from './sunshine.ts';

export type { About };
export type Route = (typeof ROUTES)[number];
export { ROUTES, V21_ROUTES };
/** Moves are one for both versions. */
export const isMove = ({ operation }: Pick<Route, 'operation'>): boolean =>
  /_(export|import)s?$/.test(operation);
/** What is to show of v2.1: moves are shown at v2. */
export const NEWER = V21_ROUTES.filter((route) => !isMove(route));

let made = 0;
/** A name that nobody has yet. */
const fresh = (what: string): string => `${what}-${++made}-of-a-test`;

const emails = ({ member, guest }: About): string[] => [member.externalId, guest.externalId];
const room_id = ({ talk }: About): number => talk.number;

/** Parameters of a call that works, all that it takes. */
const OPERATIONS: Record<string, (about: About) => Values> = {
  login_or_register: () => ({
    email: fresh('user'),
    password: 'a password',
    username: 'Newcomer',
    avatar_url: 'https://example.org/a.png',
    device_token: 'a device',
    device_platform: 'android',
    extras: { team: 'red' },
  }),
  user_profile: ({ member }) => ({ user_email: member.externalId }),
  reset_user_token: ({ member }) => ({ user_email: member.externalId }),
  update_profile: ({ member }) => ({
    email: member.externalId,
    name: 'Renamed',
    avatar_url: 'https://example.org/b.png',
    extras: { team: 'blue' },
  }),
  get_user_unread_count: ({ member }) => ({ user_email: member.externalId }),
  get_user_rooms: ({ member }) => ({
    user_email: member.externalId,
    page: 1,
    show_participants: true,
    room_type: 'group',
  }),
  create_room: (about) => ({
    name: 'A room',
    participants: emails(about),
    creator: about.member.externalId,
    avatar_url: 'https://example.org/r.png',
    options: '{"color":"red"}',
  }),
  update_room: (about) => ({
    user_email: about.member.externalId,
    room_id: room_id(about),
    room_name: 'Renamed',
    room_avatar_url: 'https://example.org/r.png',
    options: 'anything',
  }),
  get_or_create_room_with_target: (about) => ({ emails: emails(about), options: '{}' }),
  get_or_create_channel: (about) => ({
    unique_id: fresh('channel'),
    participants: emails(about),
    room_name: 'A channel',
    avatar_url: 'https://example.org/c.png',
    options: '{}',
  }),
  get_rooms_info: (about) => ({
    room_id: [room_id(about)],
    user_email: about.member.externalId,
    show_participants: true,
  }),
  add_room_participants: (about) => ({ room_id: room_id(about), emails: [about.guest.externalId] }),
  remove_room_participants: (about) => ({ room_id: room_id(about), emails: [about.member.externalId] }),
  room_participants: (about) => ({
    room_unique_id: room_id(about),
    offset: 0,
    order_by_key_name: 'email',
    sorting: 'desc',
    user_name: 'a',
  }),
  post_comment: (about) => ({
    sender_email: about.member.externalId,
    room_id: room_id(about),
    message: 'As I said',
    type: 'custom',
    payload: { type: 'promo', content: { date: '2026-01-02' } },
    unique_temp_id: fresh('comment'),
    disable_link_preview: true,
    extras: { mood: 'fine' },
  }),
  load_comments: (about) => ({ room_id: room_id(about), page: 1, limit: 5 }),
  post_system_event_message: (about) => ({
    system_event_type: 'add_member',
    room_id: room_id(about),
    subject_email: about.member.externalId,
    object_email: emails(about),
    updated_room_name: 'As it was',
    unique_temp_id: fresh('event'),
  }),
  search_messages: (about) => ({
    user_email: about.member.externalId,
    query: 'speaks',
    room_id: room_id(about),
  }),
  broadcast: ({ member, guest }) => ({
    sender_email: member.externalId,
    emails: [guest.externalId],
    unique_temp_id: fresh('broadcast'),
    message: 'To all',
    type: 'text',
    payload: {},
    disable_link_preview: true,
    extras: { mood: 'fine' },
  }),
  get_total_comments_by_month: () => ({ date: '2026-01' }),
  create_export: () => ({ type: 'rooms', start_date: '2017-01-01', end_date: '2100-12-31' }),
  list_exports: () => ({ page: 1 }),
  get_export: ({ exportId = NO_EXPORT }) => ({ backup_unique_id: exportId }),
  delete_export: ({ exportId = NO_EXPORT }) => ({ backup_unique_id: exportId }),
  create_import: () => ({ type: 'users', file: JSON.stringify([{ Email: fresh('moved') }]) }),
  list_imports: () => ({ page: 1 }),
};

/** Stands for an export that there is not. */
export const NO_EXPORT = '00000000-0000-8000-8000-000000000000';

/** A new export of a place: its unique id. */
export async function exportFor(place: Pick<Place, 'made'>): Promise<string> {
  const route = ROUTES.find(({ operation }) => operation === 'create_export') as Route;
  const { status, body } = await send(route, OPERATIONS.create_export?.({} as About) ?? {}, place);
  if (status !== 200) throw new Error(`create_export: ${status} ${JSON.stringify(body)}`);
  return body.results.unique_id;
}

/** A call that works. Throws for a route that nobody has said how to call. */
export function callOf({ operation, method, path }: Route, about: About): Values {
  const fill = (path.startsWith('/api/v2.1/') && V21_OPERATIONS[operation]) || OPERATIONS[operation];
  if (!fill) throw new Error(`say how to call ${operation} (${method} ${path}) in calls/qiscus.ts`);
  return fill(about);
}

/** Encodings that clients send this route in. */
export const encodingsOf = ({ method }: Pick<Route, 'method'>) =>
  method === 'GET' ? GET_ENCODINGS : POST_ENCODINGS;

/** What stands in a path names an export. */
const IN_PATH: Field<unknown> = { kind: 'export', required: false, read: () => undefined };

/** Parameters of a route by name, those of its path too. */
export const fieldsOf = ({ does, path }: Route): [string, Field<unknown>][] => [
  ...[...path.matchAll(/:(\w+)/g)].map(([, name]): [string, Field<unknown>] => [name as string, IN_PATH]),
  ...Object.entries(does.fields),
];

/** Kinds of parameters that name something, and those that name many. */
export const NAMING: ReadonlySet<Kind> = new Set<Kind>([
  'new name',
  'user',
  'users',
  'room',
  'rooms',
  'comment',
  'unique id',
  'unique ids',
  'export',
]);
export const isList = (kind: Kind): boolean => ['users', 'rooms', 'unique ids'].includes(kind);

/** Makes the call as `by` (by default the place's own secret), in the first encoding of its method or the one named. */
export async function send(
  route: Pick<Route, 'method' | 'path'> & { does?: Pick<Route['does'], 'takesFile'> },
  given: Values,
  { made: { qiscus } }: Pick<Place, 'made'>,
  {
    by = { QISCUS_SDK_SECRET: qiscus.secret },
    encoding,
  }: { by?: Record<string, string>; encoding?: string } = {},
): Promise<Answer> {
  const values = { ...given };
  const path = route.path.replace(/:(\w+)/g, (_, name: string) => {
    const value = values[name];
    delete values[name];
    return encodeURIComponent(String(value));
  });
  const encodings = encodingsOf(route);
  const named = route.does?.takesFile ? 'multipart' : encoding;
  const encode = encodings[named ?? (Object.keys(encodings)[0] as string)];
  if (!encode) throw new Error(`no encoding ${encoding}`);
  const { status, body, headers } = await sendWire(qiscus.baseUrl + path, route.method, encode(values), by);
  const own = new Set([
    'content-length',
    'date',
    'x-request-id',
    'connection',
    'keep-alive',
    'transfer-encoding',
  ]);
  return {
    status,
    headers: Object.fromEntries(Object.entries(headers).filter(([name]) => !own.has(name))),
    body: body as Json,
  };
}

const NEWS =
  /^(id|room_id|topic_id|last_comment_id|last_topic_id|last_sync_event_id|comment_before_id|last_comment_\w+_id)(_str)?$|^(token|refresh_token|token_expires_at|nonce|expired_at|unique_(temp_)?id)$|timestamp$/;

/** The answer without the numbers, tokens and times of what calls make. */
export function withoutNews(answer: Answer): Answer {
  const plain = JSON.stringify(answer.body, (name, value) => (NEWS.test(name) ? `<${name}>` : value));
  return { ...answer, body: JSON.parse(plain) };
}
