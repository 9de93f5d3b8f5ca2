// Every call of the Qiscus door's REST API, in every encoding that clients have, with its whole answer
// (contracts/qiscus.md 2, 3, 5, 6). What refusals look like is refusals/qiscus.ts.
import { afterAll, beforeAll, expect, test } from 'vitest';
import type { AppCredentials } from '../../src/standalone/demo.ts';
import { startTestHub, type TestHub } from '../support/server.ts';
import type { Person, Place, Talk } from '../support/two-apps.ts';
import type { Json } from './calls/answer.ts';
import { type About, callOf, exportFor, ROUTES, send } from './calls/qiscus.ts';
import { backupClient } from './qiscus-backup-client.ts';
import {
  GET_ENCODINGS,
  okay,
  POST_ENCODINGS,
  type QiscusClient,
  qiscusClient,
  type Values,
} from './qiscus-client.ts';

let hub: TestHub;
let app: AppCredentials;
let qiscus: QiscusClient;

beforeAll(async () => {
  hub = await startTestHub();
  app = await hub.createApp();
  qiscus = qiscusClient(app);
});
afterAll(() => hub?.stop());

const id = expect.any(Number);
const digits = expect.stringMatching(/^\d+$/);
const moment = expect.stringMatching(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ$/);
const twin = (name: string, n: Json = id) => ({
  [name]: n,
  [`${name}_str`]: typeof n === 'number' ? String(n) : digits,
});

const NEVER = '0001-01-01T00:00:00Z';
const nested = (url: string) => ({ avatar: { url } });

interface Who {
  email: string;
  name: string;
  avatar?: string;
}

const person = ({ email, name, avatar = '' }: Who, read = true) => ({
  avatar_url: avatar,
  email,
  extras: {},
  ...twin('id'),
  ...(read && { ...twin('last_comment_read_id'), ...twin('last_comment_received_id') }),
  username: name,
});

const comment = ({ email, name, avatar = '' }: Who, room: number, message: string, more: object = {}) => ({
  ...twin('comment_before_id'),
  disable_link_preview: false,
  email,
  extras: {},
  ...twin('id'),
  message,
  payload: {},
  ...twin('room_id', room),
  timestamp: moment,
  ...twin('topic_id', room),
  type: 'text',
  unique_temp_id: expect.any(String),
  unix_nano_timestamp: id,
  unix_timestamp: id,
  user_avatar: nested(avatar),
  user_avatar_url: avatar,
  ...twin('user_id'),
  username: name,
  ...more,
});

interface InRoom {
  number?: number;
  name: string;
  kind?: 'single' | 'group';
  icon?: string;
  options?: string | null;
  uniqueId?: string | typeof digits;
  isPublic?: boolean;
  last?: string;
  people: Who[];
}

const last = ({ last: message = '' }: InRoom) => ({
  ...(message ? twin('last_comment_id') : twin('last_comment_id', 0)),
  last_comment_message: message,
  last_comment_timestamp: message ? moment : NEVER,
});

/** A room that nobody gave one has its number for a unique id. */
const uniqueIdOf = ({ uniqueId, number }: InRoom) =>
  uniqueId ?? (number === undefined ? expect.stringMatching(/^\d+$/) : String(number));

const room = (given: InRoom) => ({
  avatar_url: given.icon ?? '',
  chat_type: given.kind ?? 'group',
  ...twin('id', given.number ?? id),
  is_public_channel: given.isPublic ?? false,
  ...last(given),
  ...(given.last ? twin('last_topic_id', given.number) : twin('last_topic_id', 0)),
  options: given.options ?? null,
  participants: given.people.map((who) => person(who)),
  room_name: given.name,
  unique_id: uniqueIdOf(given),
});

const info = (given: InRoom, unread: number, participants: boolean) => ({
  ...twin('room_id', given.number ?? id),
  room_avatar_url: given.icon ?? '',
  room_type: given.kind ?? 'group',
  chat_type: given.kind ?? 'group',
  unique_id: uniqueIdOf(given),
  options: given.options ?? null,
  is_public_channel: given.isPublic ?? false,
  ...last(given),
  room_name: given.name,
  unread_count: unread,
  ...(participants && { participants: given.people.map((who) => person(who)) }),
});

const membership = (n: Json, name: string, creator: string, participants: string[]) => ({
  creator,
  participants,
  ...twin('room_id', n),
  room_name: name,
  room_type: 'group',
});

const account = ({ email, name, avatar = '' }: Who, more: object = {}) => ({
  app: { code: app.app.slug, ...twin('id', app.app.number), name: app.app.name },
  active: true,
  avatar: nested(avatar),
  avatar_url: avatar,
  email,
  extras: {},
  ...twin('id'),
  ...twin('last_comment_id'),
  pn_android_configured: false,
  pn_ios_configured: false,
  rtKey: '',
  token: expect.stringMatching(/^\w+$/),
  username: name,
  ...more,
});

/** What a set of calls is about: two people, one of them in a room in which somebody has spoken. */
interface Scene {
  about: About;
  member: Who;
  guest: Who;
  /** The same as they are after update_profile. */
  renamed: Who;
  n: number;
}

let scenes = 0;
async function makeScene(): Promise<Scene> {
  const mark = ++scenes;
  const member = { email: `ann-${mark}@example.org`, name: `Ann ${mark}` };
  const guest = { email: `ben-${mark}@example.org`, name: `Ben ${mark}` };
  for (const { email, name } of [member, guest])
    await qiscus.post('login_or_register', { email, username: name });
  const { room_id: n } = await qiscus.post('create_room', {
    name: 'Talk',
    participants: [member.email],
    creator: guest.email,
  });
  await qiscus.post('post_comment', {
    sender_email: member.email,
    room_id: n,
    message: `Ann ${mark} speaks`,
  });
  const place = { made: app } as Place;
  const talk = { number: n } as Talk;
  const about = {
    place,
    talk,
    member: { externalId: member.email } as Person,
    guest: { externalId: guest.email } as Person,
  };
  const renamed = { ...member, name: 'Renamed', avatar: 'https://example.org/b.png' };
  const exportId = await exportFor(place);
  await backupClient(app).over('exports', exportId);
  Object.assign(about, { exportId });
  return { about, member, guest, renamed, n };
}

const SPOKE = (mark: Who) => `${mark.name} speaks`;
const PROMO = { type: 'promo', content: { date: '2026-01-02' } };
const RED = { extras: { team: 'red' } };
const BLUE = { extras: { team: 'blue' } };

/** Each call in turn, with what it is answered; one scene goes through all of them. */
const EXPECTED: Record<string, (scene: Scene, values: Values) => Json> = {
  login_or_register: (_, { email }) => ({
    user: account({ email, name: 'Newcomer', avatar: 'https://example.org/a.png' }, RED),
  }),
  user_profile: ({ member }) => ({ user: account(member) }),
  reset_user_token: ({ member }) => ({ user: account(member, { avatar: { url: '' } }) }),
  get_user_unread_count: () => ({ total_unread_count: 0 }),
  get_user_rooms: ({ member, n }) => ({
    meta: { current_page: 1, total_room: 1 },
    rooms_info: [info({ number: n, name: 'Talk', last: SPOKE(member), people: [member] }, 0, true)],
  }),
  create_room: ({ member, guest }) => membership(id, 'A room', member.email, [member.email, guest.email]),
  update_room: ({ member, n }) => ({
    changed: true,
    comments: [comment(member, n, SPOKE(member))],
    room: room({
      number: n,
      name: 'Renamed',
      icon: 'https://example.org/r.png',
      options: 'anything',
      last: SPOKE(member),
      people: [member],
    }),
  }),
  get_or_create_room_with_target: ({ member, guest }) => ({
    comments: [],
    room: room({
      name: `${member.email} ${guest.email}`,
      kind: 'single',
      options: '{}',
      people: [member, guest],
    }),
  }),
  get_or_create_channel: ({ member, guest }, { unique_id }) => ({
    comments: [],
    room: room({
      name: 'A channel',
      icon: 'https://example.org/c.png',
      options: '{}',
      isPublic: true,
      uniqueId: unique_id,
      people: [member, guest],
    }),
  }),
  get_rooms_info: ({ member, n }) => ({
    meta: { request_rooms_total: 1, response_rooms_total: 1 },
    rooms_info: [
      info(
        {
          number: n,
          name: 'Renamed',
          icon: 'https://example.org/r.png',
          options: 'anything',
          last: SPOKE(member),
          people: [member],
        },
        0,
        true,
      ),
    ],
  }),
  add_room_participants: ({ member, guest, n }) =>
    membership(n, 'Renamed', guest.email, [member.email, guest.email]),
  room_participants: ({ member, guest }) => ({
    meta: { current_offset: 0, per_page: 20, total: 2 - Number(!guest.name.includes('a')) },
    participants: [guest, member].filter(({ name }) => /a/i.test(name)).map((who) => person(who, false)),
  }),
  post_comment: ({ member, n }, { unique_temp_id }) => ({
    comment: comment(member, n, 'As I said', {
      type: 'custom',
      payload: PROMO,
      disable_link_preview: true,
      unique_temp_id,
      extras: { mood: 'fine' },
    }),
  }),
  load_comments: ({ member, n }) => ({
    comments: [
      comment(member, n, 'As I said', {
        type: 'custom',
        payload: PROMO,
        disable_link_preview: true,
        extras: { mood: 'fine' },
        room_name: 'Renamed',
      }),
      comment(member, n, SPOKE(member), { room_name: 'Renamed' }),
    ],
  }),
  post_system_event_message: ({ member, guest, n }) => ({
    comment: comment({ email: 'parlance:system', name: 'System' }, n, `${member.name} added ${guest.name}`, {
      type: 'system_event',
      payload: {
        object_email: guest.email,
        object_username: guest.name,
        room_name: 'Renamed',
        subject_email: member.email,
        subject_username: member.name,
        type: 'add_member',
      },
    }),
  }),
  search_messages: ({ member, n }) => ({
    comments: [comment(member, n, SPOKE(member), { chat_type: 'group', room_name: 'Renamed' })],
  }),
  broadcast: ({ member, guest }) => ({
    comments: [
      {
        ...comment(member, 0, 'To all', {
          disable_link_preview: true,
          extras: { mood: 'fine' },
          target_email: guest.email,
        }),
        ...twin('room_id'),
        ...twin('topic_id'),
      },
    ],
  }),
  remove_room_participants: ({ guest, n }) => membership(n, 'Renamed', guest.email, [guest.email]),
  get_total_comments_by_month: () => ({ date: '01-2026', total: 0 }),
  create_export: () => ({
    ...backup('rooms', BACKUP_NAME),
    download_url: '',
    error_message: '',
  }),
  list_exports: ({ about }) => ({ backup_histories: expect.arrayContaining([finished(about.exportId)]) }),
  get_export: ({ about }) => ({ backup_history: finished(about.exportId) }),
  delete_export: ({ about }) => ({ backup_history: finished(about.exportId) }),
  create_import: (_, { file }) => ({
    backup_history: {
      ...backup('users', 'users.json', file.length),
      errors: { Message: '', Data: null },
    },
  }),
  list_imports: () => ({
    backup_histories: expect.arrayContaining([
      {
        ...backup('users', 'users.json', id),
        percentage: id,
        status: expect.any(String),
        total_rows: id,
        errors: expect.anything(),
      },
    ]),
  }),
  // Last: from then on they look so everywhere.
  update_profile: ({ renamed }) => ({ user: account(renamed, BLUE) }),
};

const BACKUP_NAME = expect.stringMatching(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\+07:00_exported_rooms\.json$/);
/** The history of a job that has begun. */
const backup = (resource_name: string, original_filename: Json, size: Json = 0) => ({
  created_at: expect.stringMatching(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\+07:00$/),
  original_filename,
  percentage: 0,
  resource_name,
  size,
  status: 'started',
  total_rows: 0,
  unique_id: expect.stringMatching(/^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/),
});
/** That of the scene's export, which has ended before the calls begin. */
const finished = (unique_id?: string) => ({
  ...backup('rooms', BACKUP_NAME, id),
  status: 'finished',
  total_rows: id,
  unique_id,
  percentage: 100,
  error_message: '',
  download_url: expect.stringContaining('/files/'),
});

test('each call has an answer to compare', () => {
  const named = new Set(ROUTES.map(({ operation }) => operation));
  expect(Object.keys(EXPECTED).filter((name) => !named.has(name))).toEqual([]);
  expect([...named].filter((name) => !(name in EXPECTED))).toEqual([]);
});

const posts = Object.keys(POST_ENCODINGS);
const gets = Object.keys(GET_ENCODINGS);

/** In the order of EXPECTED: what each is answered shows what was called before, so that the calls of one scene are one test. */
const CALLS = Object.keys(EXPECTED).flatMap((operation) =>
  ROUTES.filter((route) => route.operation === operation),
);

test.each(posts.map((encoding, i) => [encoding, gets[i % gets.length] as string] as const))(
  'POST as %s, GET as %s',
  async (post, get) => {
    const scene = await makeScene();
    for (const route of CALLS) {
      const { method, operation } = route;
      const values = callOf(route, scene.about);
      const answer = await send(route, values, scene.about.place, {
        encoding: method === 'GET' ? get : post,
      });
      expect.soft(answer, `${method} ${operation}`).toEqual({
        status: 200,
        headers: {
          'content-type': 'application/json; charset=utf-8',
          'access-control-allow-origin': '*',
          'cache-control': 'no-store',
          'access-control-expose-headers': 'retry-after, x-request-id',
        },
        body: okay(EXPECTED[operation]?.(scene, values)),
      });
    }
  },
);
