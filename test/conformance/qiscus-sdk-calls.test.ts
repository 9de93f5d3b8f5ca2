// The client SDK's calls one by one, where the SDKs themselves do not show them (qiscus-sdk.test.ts): sessions, the rules of
// rooms, comments found and changed, news, files (contracts/qiscus.md 2, 7, 9).
import { SignJWT } from 'jose';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { AppCredentials } from '../../src/standalone/demo.ts';
import { startTestHub, type TestHub } from '../support/server.ts';
import { type Json, okay, type QiscusClient, qiscusClient, refusal } from './qiscus-client.ts';

let hub: TestHub;
let app: AppCredentials;
let rest: QiscusClient;

beforeAll(async () => {
  hub = await startTestHub();
  app = await hub.createApp();
  rest = qiscusClient(app);
});
afterAll(() => hub?.stop());

interface Sdk {
  email: string;
  token: string;
  user: Json;
  ask(method: string, name: string, values?: Json): Promise<{ status: number; body: Json }>;
  /** `results` of a call that must work. */
  get(name: string, values?: Json): Promise<Json>;
  post(name: string, values?: Json): Promise<Json>;
}

let base = '/api/v2/sdk';
async function ask(method: string, name: string, values: Json = {}, headers: Record<string, string> = {}) {
  const query = method === 'GET' ? `?${new URLSearchParams(values)}` : '';
  const response = await fetch(`${hub.url}${base}/${name}${query}`, {
    method,
    headers: { 'qiscus-sdk-app-id': app.app.slug, 'content-type': 'application/json', ...headers },
    ...(method !== 'GET' && { body: JSON.stringify(values) }),
  });
  return { status: response.status, body: (await response.json()) as Json };
}

function as(user: Json): Sdk {
  const call: Sdk['ask'] = (method, name, values) =>
    ask(method, name, values, { 'qiscus-sdk-token': user.token });
  const results = async (method: string, name: string, values?: Json): Promise<Json> => {
    const { status, body } = await call(method, name, values);
    if (status !== 200) throw new Error(`${name}: ${status} ${JSON.stringify(body)}`);
    return body.results;
  };
  return {
    email: user.email,
    token: user.token,
    user,
    ask: call,
    get: (name, values) => results('GET', name, values),
    post: (name, values) => results('POST', name, values),
  };
}

let people = 0;
/** Somebody new, signed in. */
async function person(name: string): Promise<Sdk> {
  const email = `${name}-${++people}@example.org`;
  const { status, body } = await ask('POST', 'login_or_register', {
    email,
    password: 'open sesame',
    username: name,
  });
  expect(status).toBe(200);
  return as(body.results.user);
}

const say = async (by: Sdk, room: number, comment: string, more: Json = {}): Promise<Json> =>
  (await by.post('post_comment', { topic_id: String(room), comment, type: 'text', ...more })).comment;

describe('sessions', () => {
  test('an account is made once; the password is asked for from then on', async () => {
    const ann = await person('ann');
    expect(ann.user).toMatchObject({
      email: ann.email,
      username: 'ann',
      last_comment_id: 0,
      token: expect.stringMatching(/^\w+$/),
      refresh_token: expect.stringMatching(/^\w+$/),
      token_expires_at: expect.stringMatching(/Z$/),
      last_sync_event_id: expect.any(Number),
    });
    const days = (Date.parse(ann.user.token_expires_at) - Date.now()) / 86_400_000;
    // Clients set a timer of as many ms: beyond 2^31 it would ring at once, again and again.
    expect(days).toBeLessThan(24);
    const again = await ask('POST', 'login_or_register', { email: ann.email, password: 'open sesame' });
    expect(again.body.results.user.id).toBe(ann.user.id);
    const wrong = await ask('POST', 'login_or_register', { email: ann.email, password: 'guess' });
    expect(wrong).toEqual({ status: 401, body: refusal(401, 'Unauthorized') });
  });

  test('an account without a password is never claimed, nor is a voice', async () => {
    await rest.post('login_or_register', { email: 'by-the-server', username: 'Server' });
    await hub.createUser(app.app.slug, { username: 'no-password', externalId: 'no-password' });
    for (const email of ['no-password', 'parlance:system', 'parlance:new']) {
      const taken = await ask('POST', 'login_or_register', { email, password: 'mine now' });
      expect([email, taken.status]).toEqual([email, 401]);
    }
  });

  test('an app may let nobody sign up', async () => {
    const closed = await hub.createApp();
    await fetch(`${hub.url}/admin/apps/${closed.app.slug}`, {
      method: 'PATCH',
      headers: { authorization: `Bearer ${hub.adminToken}`, 'content-type': 'application/json' },
      body: JSON.stringify({ settings: { signUp: false } }),
    });
    const by = { 'qiscus-sdk-app-id': closed.app.slug };
    const made = await ask('POST', 'login_or_register', { email: 'new', password: 'x' }, by);
    expect(made.status).toBe(401);
    await qiscusClient(closed).post('login_or_register', { email: 'new', password: 'x' });
    expect((await ask('POST', 'login_or_register', { email: 'new', password: 'x' }, by)).status).toBe(200);
  });

  test('an expired token is told from a wrong one, and renewed', async () => {
    const ann = await person('ann');
    await ann.post('expire_user_token', { user_id: ann.email });
    const expired = await ann.ask('GET', 'my_profile');
    expect(expired).toEqual({ status: 403, body: refusal(403, 'Unauthorized. Token is expired') });
    expect((await ask('GET', 'my_profile', {}, { 'qiscus-sdk-token': 'x' })).status).toBe(401);
    const renew = (refresh_token: string, user_id = ann.email) =>
      ask('POST', 'refresh_user_token', { user_id, refresh_token });
    const renewed = await renew(ann.user.refresh_token);
    expect(renewed.body).toEqual(
      okay({
        token: expect.stringMatching(/^\w+$/),
        refresh_token: expect.stringMatching(/^\w+$/),
        token_expires_at: expect.any(String),
      }),
    );
    const again = as({ ...ann.user, ...renewed.body.results });
    expect((await again.get('my_profile')).user.email).toBe(ann.email);
    for (const wrong of [renew('x'), renew(again.token), renew(renewed.body.results.refresh_token, 'other')])
      expect(await wrong).toEqual({ status: 401, body: refusal(401, 'refresh token invalid') });
    await again.post('logout', { user_id: ann.email, token: again.token });
    expect((await again.ask('GET', 'my_profile')).status).toBe(401);
    expect((await renew(renewed.body.results.refresh_token)).status).toBe(401);
    expect((await renew(ann.user.refresh_token)).status).toBe(401);
  });

  test("the app's server says who somebody is, once for each nonce", async () => {
    const nonceOf = async () => (await ask('POST', 'auth/nonce')).body.results;
    const { nonce, expired_at } = await nonceOf();
    expect(expired_at * 1000 - Date.now()).toBeGreaterThan(60_000);
    const sign = (claims: Json, secret = app.qiscus.secret) =>
      new SignJWT({ iss: app.app.slug, prn: 'told-by-the-server', name: 'Told', nonce, ...claims })
        .setProtectedHeader({ alg: 'HS256', typ: 'JWT', ver: 'v2' } as never)
        .setExpirationTime('2m')
        .sign(new TextEncoder().encode(secret));
    const verify = async (token: Promise<string>) =>
      ask('POST', 'auth/verify_identity_token', { identity_token: await token });
    for (const wrong of [
      sign({}, 'another secret'),
      sign({ iss: 'another-app' }),
      sign({ nonce: 'made up' }),
      sign({ prn: undefined }),
      sign({ prn: 'parlance:system', nonce: (await nonceOf()).nonce }),
    ])
      expect((await verify(wrong)).status).toBe(401);
    const { status, body } = await verify(sign({}));
    expect([status, body.results.user.email, body.results.user.username]).toEqual([
      200,
      'told-by-the-server',
      'Told',
    ]);
    expect((await as(body.results.user).get('my_profile')).user.username).toBe('Told');
    expect((await verify(sign({}))).status).toBe(401);
  });

  test('the calls are there under both addresses', async () => {
    const ann = await person('ann');
    base = '/api/v2/mobile';
    try {
      expect((await ann.get('my_profile')).user.email).toBe(ann.email);
      expect((await ask('GET', 'config')).body.results).toMatchObject({
        base_url: '',
        broker_url: `${hub.url.replace('http', 'ws')}/mqtt?wss://`,
      });
    } finally {
      base = '/api/v2/sdk';
    }
  });

  test('the token may be a parameter; the profile changes', async () => {
    const ann = await person('ann');
    const change = { token: ann.token, name: 'Anna', extras: { team: 'red' } };
    const changed = await ask('PATCH', 'my_profile', change);
    // Clients keep the token that an account is shown with.
    const kept = { username: 'Anna', token: ann.token };
    expect(changed.body.results.user).toMatchObject({ ...kept, extras: { team: 'red' } });
    const response = await fetch(`${hub.url}${base}/my_profile?token=${ann.token}`);
    expect(((await response.json()) as Json).results.user).toMatchObject(kept);
  });
});

describe('rooms', () => {
  test('whoever is in a room of this API may change it and take people out; rooms of other doors keep their rules', async () => {
    const [ann, bob, cat] = [await person('ann'), await person('bob'), await person('cat')];
    const { room } = await ann.post('create_room', { name: 'Talk', participants: [bob.email] });
    expect(room).toMatchObject({ room_name: 'Talk', chat_type: 'group', room_total_participants: 2 });
    expect(room.last_comment).toMatchObject({ id: 0, message: '', type: 'unknown' });
    const { changed, room: renamed } = await bob.post('update_room', { id: room.id, room_name: 'Walk' });
    expect([changed, renamed.room_name]).toEqual([true, 'Walk']);
    expect((await cat.ask('POST', 'update_room', { id: room.id, room_name: 'x' })).status).toBe(404);
    const added = await bob.post('add_room_participants', { room_id: room.id, emails: [cat.email] });
    expect(added.participants_added).toMatchObject([{ email: cat.email }]);
    const { meta, participants } = await cat.get('room_participants', {
      room_unique_id: room.unique_id,
      limit: 2,
    });
    expect([meta.total, participants.length]).toEqual([3, 2]);
    const removed = await cat.post('remove_room_participants', { room_id: room.id, emails: [bob.email] });
    expect(removed.participants_removed).toEqual([bob.email]);
    expect((await bob.ask('GET', 'get_room_by_id', { id: room.id })).status).toBe(404);

    const { user_id: _, ...forum } = await forumTalk(ann, bob);
    expect((await ann.ask('POST', 'update_room', { id: forum.room, room_name: 'x' })).status).toBe(403);
    const kick = { room_id: forum.room, emails: [bob.email] };
    expect((await ann.ask('POST', 'remove_room_participants', kick)).status).toBe(403);
    const leave = { room_id: forum.room, emails: [ann.email] };
    expect((await ann.post('remove_room_participants', leave)).participants_removed).toEqual([ann.email]);
  });

  /** A group of two that Sunshine opened. */
  async function forumTalk(ann: Sdk, bob: Sdk): Promise<Json> {
    const { basePath, appId, keyId, secret } = app.sunshine;
    const participants = [ann, bob].map(({ email }) => ({ userExternalId: email }));
    const answer = await fetch(`${basePath}/v2/apps/${appId}/conversations`, {
      method: 'POST',
      headers: { authorization: `Basic ${btoa(`${keyId}:${secret}`)}` },
      body: JSON.stringify({ type: 'sdkGroup', participants }),
    });
    const { conversation } = (await answer.json()) as Json;
    return { room: Number.parseInt(conversation.id.slice(8, 16), 16) };
  }

  test('a channel is open to everybody who names it', async () => {
    const [ann, bob] = [await person('ann'), await person('bob')];
    const named = { unique_id: 'the-news', name: 'News' };
    const { room } = await ann.post('get_or_create_room_with_unique_id', named);
    expect(room).toMatchObject({ unique_id: 'the-news', is_public_channel: true, room_name: 'News' });
    const joined = await bob.post('get_or_create_room_with_unique_id', named);
    expect([joined.room.id, joined.room.participants.length]).toEqual([room.id, 2]);
    const channels = await bob.get('user_rooms', { room_type: 'public_channel' });
    expect(channels.rooms_info.map(({ id }: Json) => id)).toEqual([room.id]);
    expect((await bob.get('user_rooms', { show_empty: 'false' })).rooms_info).toEqual([]);
  });

  test('a room is cleared for oneself alone', async () => {
    const [ann, bob] = [await person('ann'), await person('bob')];
    const { room } = await ann.post('get_or_create_room_with_target', { emails: bob.email });
    await say(ann, room.id, 'to be cleared');
    expect((await bob.get('total_unread_count')).total_unread_count).toBe(1);
    const cleared = await bob.ask('DELETE', 'clear_room_messages', { room_channel_ids: [room.unique_id] });
    expect(cleared.body.results.rooms).toMatchObject([{ id: room.id }]);
    expect((await bob.get('total_unread_count')).total_unread_count).toBe(0);
    expect((await bob.get('get_room_by_id', { id: room.id })).comments).toEqual([]);
    expect((await bob.get('user_rooms')).rooms_info[0].last_comment.message).toBe('');
    expect((await ann.get('load_comments', { topic_id: room.id })).comments).toHaveLength(1);
    await say(ann, room.id, 'after it');
    expect((await bob.get('load_comments', { topic_id: room.id })).comments).toMatchObject([
      { message: 'after it' },
    ]);
  });
});

describe('comments', () => {
  test('marks go up, are told to the others, and make the status', async () => {
    const [ann, bob] = [await person('ann'), await person('bob')];
    const { room } = await ann.post('get_or_create_room_with_target', { emails: [bob.email] });
    const [first, second] = [await say(ann, room.id, 'one'), await say(ann, room.id, 'two')];
    expect(second).toMatchObject({ comment_before_id: first.id, status: 'sent' });
    const statuses = async () =>
      (await ann.get('load_comments', { topic_id: room.id })).comments.map(({ status }: Json) => status);
    const mark = (values: Json) => bob.post('update_comment_status', { room_id: String(room.id), ...values });
    await mark({ last_comment_received_id: String(second.id) });
    expect(await statuses()).toEqual(['delivered', 'delivered']);
    await mark({ last_comment_read_id: first.id });
    expect(await statuses()).toEqual(['delivered', 'read']);
    const receipt = await ann.get('comment_receipt', { comment_id: first.id });
    expect(receipt.read_by).toMatchObject([{ user: { email: bob.email, last_comment_read_id: first.id } }]);
    expect([receipt.delivered_to, receipt.pending]).toEqual([[], []]);
    const since = { start_event_id: ann.user.last_sync_event_id };
    const { body } = await ann.ask('GET', 'sync_event', since);
    expect(body.events).toMatchObject([
      { action_topic: 'delivered', payload: { data: { email: bob.email, comment_id: second.id } } },
      {
        action_topic: 'read',
        payload: {
          data: { comment_id: first.id, comment_unique_id: first.unique_temp_id, room_id: room.id },
        },
      },
    ]);
    const later = await ann.ask('GET', 'sync_event', { start_event_id: body.events[1].id });
    expect(later.body.events).toEqual([]);
    // Who answers has read what is above, without a word of it.
    const answer = await say(bob, room.id, 'three');
    expect(await statuses()).toEqual(['sent', 'read', 'read']);
    const last = await ann.ask('GET', 'sync_event', { start_event_id: body.events[1].id });
    const data = { email: bob.email, comment_id: answer.id, comment_unique_id: answer.unique_temp_id };
    expect(last.body.events).toMatchObject([
      { action_topic: 'delivered', payload: { data } },
      { action_topic: 'read', payload: { data } },
    ]);
    const { id } = last.body.events[1];
    expect((await ann.ask('GET', 'sync_event', { start_event_id: id })).body.events).toEqual([]);
    expect((await bob.ask('GET', 'sync_event', { start_event_id: body.events[1].id })).body.events).toEqual(
      [],
    );
  });

  test("one's own comments are changed and deleted, and nobody else's", async () => {
    const [ann, bob] = [await person('ann'), await person('bob')];
    const { room } = await ann.post('get_or_create_room_with_target', { emails: [bob.email] });
    const made = await say(ann, room.id, 'as it was', { unique_temp_id: `own-${ann.email}` });
    const id = { unique_id: made.unique_temp_id };
    const { comment } = await ann.post('update_message', { ...id, comment: 'as it is', extras: { v: 2 } });
    expect(comment).toMatchObject({ id: made.id, message: 'as it is', extras: { v: 2 } });
    expect((await bob.ask('POST', 'update_message', { ...id, comment: 'x' })).status).toBe(403);
    const gone = { unique_ids: [made.unique_temp_id] };
    expect((await bob.ask('DELETE', 'delete_messages', gone)).status).toBe(403);
    const { body } = await ann.ask('DELETE', 'delete_messages', gone);
    expect(body.results.comments).toMatchObject([{ id: made.id, is_deleted: true }]);
    expect((await bob.get('load_comments', { topic_id: room.id })).comments).toEqual([]);
    const { body: told } = await bob.ask('GET', 'sync_event', { start_event_id: 0 });
    expect(told.events.map(({ action_topic }: Json) => action_topic)).toEqual(
      expect.arrayContaining(['delete_message', 'deleted_message']),
    );
    expect((await ann.ask('DELETE', 'delete_messages', gone)).body.results.comments).toEqual([]);
  });

  test('news come in order, over all rooms, a page at a time', async () => {
    const [ann, bob] = [await person('ann'), await person('bob')];
    const { room: oldest } = await ann.post('get_or_create_room_with_target', { emails: [bob.email] });
    const { room: newest } = await ann.post('create_room', { name: 'New', participants: [bob.email] });
    const said: number[] = [];
    for (const room of [newest, oldest, newest, oldest]) said.push((await say(ann, room.id, 'x')).id);
    const seen: number[] = [];
    let last = 0;
    for (let i = 0; i < 5 && seen.length < said.length; i++) {
      const { comments, meta } = await bob.get('sync', { last_received_comment_id: last, limit: 3 });
      seen.push(...comments.map(({ id }: Json) => id).sort());
      last = meta.last_received_comment_id;
    }
    expect([seen, last]).toEqual([said, said.at(-1)]);
    const own = await ann.get('sync', { last_received_comment_id: said[1] });
    expect(own.comments.map(({ id }: Json) => id).sort()).toEqual(said.slice(2));
    expect(await bob.get('sync', { last_received_comment_id: last })).toMatchObject({
      comments: [],
      meta: { last_received_comment_id: last },
    });
  });

  test('a comment that a slow clock dated before the cursor comes once, and the cursor rises', async () => {
    const [ann, bob] = [await person('ann'), await person('bob')];
    const { room } = await ann.post('get_or_create_room_with_target', { emails: [bob.email] });
    const { id } = await say(ann, room.id, 'dated before');
    // As if another room, whose clock is ahead, had spoken before.
    const ahead = id + 30_000_000;
    const first = await bob.get('sync', { last_received_comment_id: ahead });
    expect(first.comments).toMatchObject([{ id, message: 'dated before' }]);
    expect(first.meta.last_received_comment_id).toBeGreaterThan(ahead);
    expect((await bob.get('sync', { last_received_comment_id: ahead })).comments).toEqual([]);
    expect((await ann.get('sync', { last_received_comment_id: ahead })).comments).toEqual([]);
  });

  test('files are uploaded with the token before or behind them, and kept with their comment', async () => {
    const [ann, bob] = [await person('ann'), await person('bob')];
    const { room } = await ann.post('get_or_create_room_with_target', { emails: [bob.email] });
    const upload = async (headers: Record<string, string>, token?: string) => {
      const form = new FormData();
      form.append('file', new File(['words'], 'words.txt', { type: 'text/plain' }));
      if (token) form.append('token', token);
      const sent = { method: 'POST', headers: { 'qiscus-sdk-app-id': app.app.slug, ...headers }, body: form };
      const response = await fetch(`${hub.url}${base}/upload`, sent);
      return { status: response.status, body: (await response.json()) as Json };
    };
    expect((await upload({})).status).toBe(401);
    expect((await upload({ 'qiscus-sdk-token': 'x' })).status).toBe(401);
    const behind = await upload({}, ann.token);
    expect(behind.body.results.file).toMatchObject({ name: 'words.txt', size: 5 });
    const { url } = (await upload({ 'qiscus-sdk-token': ann.token })).body.results.file;
    const payload = { url, caption: 'Words', file_name: 'words.txt', size: 5 };
    const made = await say(ann, room.id, 'File attachment', { type: 'file_attachment', payload });
    expect(made).toMatchObject({ type: 'file_attachment', payload: { url, caption: 'Words' } });
    const [seen] = (await bob.get('load_comments', { topic_id: room.id })).comments;
    expect(await (await fetch(seen.payload.url)).text()).toBe('words');
    expect((await bob.post('file_list', { room_ids: [room.id], file_type: 'doc' })).comments).toHaveLength(1);
    expect((await bob.post('file_list', { room_ids: [room.id], file_type: 'media' })).comments).toEqual([]);
    // Passed on, it is the address alone.
    const passed = await say(bob, room.id, 'passed on', { type: 'file_attachment', payload });
    expect(passed.payload.url).toBe(url);
    const none = await fetch(`${hub.url}${base}/upload`, {
      method: 'POST',
      headers: { 'qiscus-sdk-token': ann.token },
    });
    expect(none.status).toBe(400);
  });
});

describe('people', () => {
  test('are listed, blocked and let in again, and seen by those who share a room with them', async () => {
    const [ann, bob, eve] = [await person('abigail'), await person('bob'), await person('eve')];
    const { users } = await bob.get('get_user_list', { query: 'abig' });
    expect(users).toMatchObject([{ email: ann.email, username: 'abigail' }]);
    const all = await bob.get('get_user_list', { limit: 100 });
    expect(all.users.map(({ email }: Json) => email)).toEqual(expect.arrayContaining([ann.email, eve.email]));
    await bob.post('block_user', { user_email: eve.email });
    const { blocked_users } = await bob.get('get_blocked_users');
    expect(blocked_users).toMatchObject([{ email: eve.email }]);
    const knock = { emails: [bob.email] };
    expect((await eve.ask('POST', 'get_or_create_room_with_target', knock)).status).toBe(403);
    await bob.post('unblock_user', { user_email: eve.email });
    const { room } = await eve.post('get_or_create_room_with_target', knock);
    const { room: group } = await eve.post('create_room', { name: 'All', participants: [bob.email] });
    await say(eve, room.id, 'hello');
    await bob.post('block_user', { user_email: eve.email });
    const comment = { topic_id: room.id, comment: 'hello?', type: 'text', unique_temp_id: 'heard by nobody' };
    const refused = await eve.ask('POST', 'post_comment', comment);
    expect([refused.status, refused.body.error.message]).toEqual([
      403,
      '“bob” does not take messages from you.',
    ]);
    await say(eve, group.id, 'to everybody');
    await say(bob, room.id, 'I still speak');
    await bob.post('unblock_user', { user_email: eve.email });
    await say(eve, room.id, 'thank you');
    // Who is there is told behind the answers to calls, and asked with little patience.
    const statuses = async () =>
      (await eve.post('users/status', { user_ids: [bob.email, ann.email] })).user_status;
    await expect.poll(statuses).toMatchObject([{ email: bob.email, status: 1 }]);
  });

  test("a device's token is kept once, and taken back", async () => {
    const ann = await person('ann');
    const device = { device_token: 'push-1', device_platform: 'android', is_development: 'false' };
    expect(await ann.post('set_user_device_token', device)).toEqual({ changed: true });
    expect(await ann.post('set_user_device_token', device)).toEqual({ changed: false });
    expect(await ann.post('remove_user_device_token', device)).toEqual({ changed: true });
    expect(await ann.post('remove_user_device_token', device)).toEqual({ changed: false });
  });
});
