// The Qiscus door's REST API v2.1: every call with its whole answer (contracts/qiscus.md 6), and what only this version
// does: letting people in no more, deleting, the journal of callbacks. How calls are encoded is qiscus-calls.test.ts.
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { AppCredentials } from '../../src/standalone/demo.ts';
import { type Receiver, says, startReceiver } from '../support/receiver.ts';
import { startTestHub, type TestHub } from '../support/server.ts';
import type { Person, Place, Talk } from '../support/two-apps.ts';
import { type About, callOf, isMove, NEWER, send, V21_ROUTES } from './calls/qiscus.ts';
import { V21_OPERATIONS } from './calls/qiscus-v21.ts';
import * as tapatalk from './calls/tapatalk.ts';
import { type Json, okay, qiscusClient, refusal, type Values } from './qiscus-client.ts';

let receiver: Receiver;
let hub: TestHub;
let app: AppCredentials;
let about: About;
let room: string;

/** `results` of a call that must work. */
async function call(method: string, name: string, values: Values): Promise<Json> {
  const { status, body } = await ask(method, name, values);
  if (status !== 200) throw new Error(`${name}: ${status} ${JSON.stringify(body)}`);
  return body.results;
}
const ask = (method: string, name: string, values: Values) =>
  send({ method: method as 'GET', path: `/api/v2.1/rest/${name}` }, values, { made: app });

beforeAll(async () => {
  receiver = await startReceiver();
  hub = await startTestHub({ env: { WEBHOOK_ALLOW_HOSTS: receiver.host, WEBHOOK_RETRY_SECONDS: '0.05' } });
  app = await hub.createApp();
  for (const id of ['ann', 'ben'])
    await call('POST', 'login_or_register', { user_id: id, username: id.toUpperCase(), password: 'x' });
  const made = await call('POST', 'create_room', {
    room_name: 'Talk',
    participants: ['ann'],
    creator: 'ben',
  });
  room = made.room.room_id;
  await call('POST', 'post_comment', {
    user_id: 'ann',
    room_id: room,
    message: 'Ann speaks',
    unique_temp_id: 'first',
  });
  const place = { made: app } as Place;
  const [member, guest] = [{ externalId: 'ann' } as Person, { externalId: 'ben' } as Person];
  about = { place, talk: { number: Number(room) } as Talk, member, guest };
});
afterAll(async () => {
  await hub?.stop();
  receiver?.close();
});

const n = expect.any(Number);
const digits = expect.stringMatching(/^\d+$/);
const moment = expect.stringMatching(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d/);

const user = (id: string, more: object = {}) => ({
  active: true,
  avatar_url: '',
  extras: {},
  user_id: id,
  username: id.toUpperCase(),
  ...more,
});
const ANN = { username: 'Renamed', avatar_url: 'https://example.org/b.png' };
/** As the directory knows her; rooms know no extras. */
const ann = () => user('ann', { ...ANN, extras: { team: 'blue' } });
const comment = (message: string, more: object = {}) => ({
  comment_before_id: n,
  disable_link_preview: false,
  extras: {},
  id: n,
  id_str: digits,
  message,
  payload: {},
  room_id: room,
  timestamp: moment,
  type: 'text',
  unique_id: expect.any(String),
  unix_timestamp: n,
  user: user('ann', ANN),
  ...more,
});
const roomOf = (name: string, more: object = {}) => ({
  room_avatar_url: 'https://example.org/r.png',
  room_channel_id: digits,
  room_id: digits,
  room_name: name,
  room_options: 'anything',
  room_type: 'group',
  ...more,
});
const talk = () => roomOf('Renamed', { room_id: room, room_channel_id: room });
const said = (values: Values) =>
  comment('As I said', {
    type: 'custom',
    payload: { type: 'promo', content: { date: '2026-01-02' } },
    disable_link_preview: true,
    extras: { mood: 'fine' },
    ...(values.unique_temp_id && { unique_id: values.unique_temp_id }),
  });
const token = expect.stringMatching(/^\w+$/);
const event = () =>
  comment('Renamed added BEN', {
    type: 'system_event',
    payload: {
      object_email: 'ben',
      object_username: 'BEN',
      room_name: 'Renamed',
      subject_email: 'ann',
      subject_username: 'Renamed',
      type: 'add_member',
    },
    user: expect.objectContaining({ user_id: 'parlance:system' }),
  });

/** Each call in turn, with what it is answered. */
const EXPECTED: Record<string, (values: Values) => Json> = {
  login_or_register: ({ user_id }) => ({
    user: {
      ...user(user_id, { username: 'Newcomer', avatar_url: 'https://example.org/a.png' }),
      extras: { team: 'red' },
    },
  }),
  user_profile: () => ({ user: user('ann') }),
  update_profile: () => ({ user: ann() }),
  reset_user_token: () => ({ token }),
  get_user_token: () => ({ token }),
  get_unread_users: () => ({ user_ids: [] }),
  get_user_unread_count: () => ({
    user_unread_count: [
      { unread_count: 0, user_id: 'ann' },
      { unread_count: 0, user_id: 'ben' },
    ],
  }),
  get_user_list: () => ({
    meta: { total_data: 3, total_page: 1 },
    users: [{ username: 'Newcomer' }, { user_id: 'ben' }, { user_id: 'ann' }].map((known) =>
      expect.objectContaining({
        ...known,
        id: n,
        created_at: moment,
        updated_at: moment,
        email: expect.any(String),
      }),
    ),
  }),
  deactivate_users: () => ({ message: 'Users are deactivated' }),
  reactivate_users: () => ({ message: 'Users are reactivated' }),
  create_room: () => ({ room: roomOf('A room', { room_options: '{"color":"red"}' }) }),
  update_room: () => ({ changed: true, room: talk() }),
  get_or_create_room_with_target: () => ({
    room: roomOf('ann ben', { room_avatar_url: '', room_type: 'single', room_options: '{}' }),
  }),
  get_or_create_channel: ({ unique_id }) => ({
    changed: true,
    room: roomOf('A channel', {
      room_avatar_url: 'https://example.org/c.png',
      room_channel_id: unique_id,
      room_options: '{}',
    }),
  }),
  get_rooms_info: () => ({ rooms: [talk()] }),
  get_user_rooms: () => ({
    meta: { current_page: 1, total_room: n },
    rooms: expect.arrayContaining([{ ...talk(), participants: [user('ann', ANN)] }]),
  }),
  get_unread_count: () => ({ unread_counts: [{ room_id: room, unread_count: 0 }] }),
  add_room_participants: () => ({ participants_added: [user('ben')] }),
  remove_room_participants: () => ({ participants_removed: [user('ben')] }),
  get_room_participants: () => ({
    meta: { current_page: 1, per_page: 10, total: 1 },
    participants: [user('ann', ANN)],
  }),
  post_comment: (values) => ({ comment: said(values) }),
  load_comments: () => ({ comments: [said({}), comment('Ann speaks')] }),
  load_comments_with_range: () => ({ comments: [said({}), comment('Ann speaks')] }),
  post_system_event_message: () => ({ comment: event() }),
  search_messages: () => ({ comments: [comment('Ann speaks')] }),
  broadcast: () => ({
    comments: [
      comment('To all', {
        room_id: digits,
        disable_link_preview: true,
        extras: { mood: 'fine' },
        target_user_id: 'ben',
      }),
    ],
  }),
  delete_messages: () => ({ comments: [] }),
  get_total_comments_by_month: () => ({ date: '01-2026', total: 0 }),
  total_comments: () => ({ total_comments: n }),
  webhook_logs: () => ({ webhook_logs: [] }),
};

describe('every call', () => {
  test('is here', () => {
    expect(Object.keys(EXPECTED).sort()).toEqual(
      [...new Set(NEWER.map(({ operation }) => operation))].sort(),
    );
    const known = new Set(V21_ROUTES.map(({ operation }) => operation));
    expect(Object.keys(V21_OPERATIONS).filter((name) => !known.has(name))).toEqual([]);
    expect(V21_ROUTES.filter(isMove)).toHaveLength(6);
  });

  const routes = Object.keys(EXPECTED).flatMap((name) => NEWER.filter(({ operation }) => operation === name));
  test.each(routes.map((route) => [route.method, route.operation, route] as const))(
    '%s %s',
    async (_, name, route) => {
      const values = callOf(route, about);
      const { status, body } = await send(route, values, about.place);
      expect({ status, body }).toEqual({ status: 200, body: okay(EXPECTED[name]?.(values)) });
    },
  );
});

test('refusals name parameters as this version does', async () => {
  const refused = async (method: string, name: string, values: Values) =>
    (await ask(method, name, values)).body;
  expect(await refused('POST', 'get_or_create_room_with_target', { user_ids: ['ann', 'ann'] })).toEqual(
    refusal(400, 'Validation error', 'user_ids must be two different users'),
  );
  expect(await refused('POST', 'post_comment', { room_id: room, message: 'x' })).toEqual(
    refusal(400, 'Validation error', 'user_id is required'),
  );
  expect(await refused('GET', 'get_unread_users', { start_time: '2026-02-30' })).toEqual(
    refusal(400, 'Validation error', 'start_time must be a time: yyyy-mm-dd hh:mm:ss'),
  );
  expect(await refused('GET', 'get_user_list', { order_query: 'password desc' })).toEqual(
    refusal(
      400,
      'Validation error',
      'order_query must be one of created_at, id, name, username, with asc or desc',
    ),
  );
});

test("a custom event's payload stands inside another", async () => {
  const { comment: shown } = await call('POST', 'post_system_event_message', {
    system_event_type: 'custom',
    room_id: room,
    message: 'A new admin',
    payload: { type: 'add_admin' },
  });
  expect(shown).toMatchObject({
    message: 'A new admin',
    payload: { type: 'custom', payload: { type: 'add_admin' } },
  });
});

test('who has something unread, and how much', async () => {
  await call('POST', 'login_or_register', { user_id: 'reader', username: 'Reader' });
  const made = await call('POST', 'create_room', {
    room_name: 'Unread',
    participants: ['ann', 'reader'],
    creator: 'ann',
  });
  const { room_id } = made.room;
  for (const message of ['one', 'two'])
    await call('POST', 'post_comment', { user_id: 'ann', room_id, message });
  expect((await call('GET', 'get_unread_users', {})).user_ids).toContain('reader');
  expect((await call('GET', 'get_unread_users', { end_time: '2020-01-01' })).user_ids).toEqual([]);
  expect(await call('GET', 'get_user_unread_count', { user_ids: ['reader'] })).toEqual({
    user_unread_count: [{ unread_count: 2, user_id: 'reader' }],
  });
  expect(await call('GET', 'get_unread_count', { user_id: 'reader', room_ids: [room_id] })).toEqual({
    unread_counts: [{ room_id, unread_count: 2 }],
  });
});

test('a stretch of a room, and comments taken back', async () => {
  const { room: made } = await call('POST', 'create_room', {
    room_name: 'Stretch',
    participants: ['ann'],
    creator: 'ann',
  });
  const { room_id } = made;
  const ids: number[] = [];
  for (const mark of ['a', 'b', 'c', 'd'])
    ids.push(
      (
        await call('POST', 'post_comment', {
          user_id: 'ann',
          room_id,
          message: mark,
          ...(mark === 'a' ? {} : { unique_temp_id: `stretch-${mark}` }),
        })
      ).comment.id,
    );
  const range = async (first = 0, last = 3): Promise<string> => {
    const { comments } = await call('GET', 'load_comments_with_range', {
      room_id,
      first_comment_id: ids[first],
      last_comment_id: ids[last],
    });
    return comments.map(({ message }: Json) => message).join('');
  };
  expect(await range()).toBe('dcba');
  expect(await range(1, 2)).toBe('cb');
  const { comments } = await call('GET', 'load_comments', { room_id });
  const own = comments.at(-1).unique_id;
  // By the client's id and by the hub's, in a room and in all of them; what is gone is passed over.
  const gone = await call('DELETE', 'delete_messages', { unique_ids: [own, 'stretch-b', 'nothing'] });
  expect(gone.comments.map(({ id }: Json) => id).sort()).toEqual([ids[0], ids[1]]);
  expect(await range()).toBe('dc');
  await call('DELETE', 'delete_messages', { unique_ids: ['stretch-b', 'stretch-c'], room_id });
  expect(await range()).toBe('d');
});

test('who is deactivated comes in at no door, and is shown so, until they are let in again', async () => {
  await call('POST', 'login_or_register', { user_id: 'dora', username: 'dora', password: 'open' });
  const dora = { username: 'dora', password: 'open' } as Person;
  const signIn = () => tapatalk.signIn({ made: app }, dora);
  const sdk = async (name: string, values: object, by: object = {}): Promise<number> => {
    const { status } = await fetch(`${app.qiscus.baseUrl}/api/v2/sdk/${name}`, {
      method: 'POST',
      headers: { 'content-type': 'application/json', 'qiscus-sdk-app-id': app.qiscus.appId, ...by },
      body: JSON.stringify(values),
    });
    return status;
  };
  const { token: held } = await call('GET', 'get_user_token', { user_id: 'dora' });
  const user_ids = ['dora'];
  const logIn = () => sdk('login_or_register', { email: 'dora', password: 'open' });
  const use = (token: string) => sdk('rooms_info', { room_id: [room] }, { 'qiscus-sdk-token': token });
  expect([await logIn(), await use(held)]).toEqual([200, 200]);
  await signIn();

  await call('DELETE', 'deactivate_users', { user_ids });
  await call('DELETE', 'deactivate_users', { user_ids });
  expect([await logIn(), await use(held)]).toEqual([403, 401]);
  await expect(signIn()).rejects.toThrow();
  expect((await ask('GET', 'get_user_token', { user_id: 'dora' })).body).toEqual(
    refusal(403, 'This account is deactivated.'),
  );
  expect((await call('GET', 'user_profile', { user_id: 'dora' })).user).toMatchObject({ active: false });
  const old = await qiscusClient(app).get('user_profile', { user_email: 'dora' });
  expect(old.user).toMatchObject({ active: false, token: '' });
  const listed = async (show_all: boolean): Promise<string[]> =>
    (await call('GET', 'get_user_list', { limit: 100, show_all })).users.map(({ user_id }: Json) => user_id);
  expect(await listed(false)).not.toContain('dora');
  expect(await listed(true)).toContain('dora');
  // Nobody who is unknown is named beside them: then nobody changes.
  expect(await ask('POST', 'reactivate_users', { user_ids: ['dora', 'nobody'] })).toMatchObject({
    status: 404,
  });
  expect(await logIn()).toBe(403);

  await call('POST', 'reactivate_users', { user_ids });
  expect([await logIn(), await use(held)]).toEqual([200, 401]);
  await signIn();
});

test('what the callback address was sent is in its journal', async () => {
  const url = `${receiver.url}/callback`;
  const made = await fetch(`${hub.url}/admin/apps/${app.app.slug}/endpoints`, {
    method: 'POST',
    headers: { authorization: `Bearer ${hub.adminToken}` },
    body: JSON.stringify({ format: 'qiscus', url }),
  });
  expect(made.status).toBe(201);
  receiver.answer = says(200, 'heard', { 'content-type': 'text/plain' });
  await call('POST', 'post_comment', { user_id: 'ann', room_id: room, message: 'one' });
  await call('POST', 'post_comment', { user_id: 'ann', room_id: room, message: 'two' });
  // A call that was cut off is made again, and is written down once all the same.
  await receiver.until((calls) => calls.length >= 2);
  const record = (message: string) => ({
    attempted_at: moment,
    endpoint: url,
    error_message: '',
    id: n,
    is_success: true,
    request_body: expect.stringContaining(`"text":"${message}"`),
    response_body: 'heard',
    response_code: 200,
  });
  // An attempt is written down once its answer was read.
  await expect
    .poll(async () => (await call('GET', 'webhook_logs', { type: 'rest' })).webhook_logs)
    .toEqual([record('two'), record('one')]);
  expect((await call('GET', 'webhook_logs', { page: 2, limit: 1 })).webhook_logs).toEqual([record('one')]);
  expect((await call('GET', 'webhook_logs', { type: 'mobile' })).webhook_logs).toEqual([]);
});
