// User sync of Sunshine Conversations v2 (its clients have it since 15.3): people by their id in Zendesk Support, and what
// becomes of them when two records are merged there.
import { afterAll, beforeAll, expect, test } from 'vitest';
import type { MadeUser } from '../support/operator.ts';
import { startTestHub, type TestHub } from '../support/server.ts';
import { twinOf } from './calls/tapatalk.ts';
import { basic, type Credentials, refusal } from './sunshine-client.ts';

let hub: TestHub;
let ours: Credentials;
let theirs: Credentials;
let company: Awaited<ReturnType<TestHub['createApp']>>;

async function ask(keys: Credentials, method: string, path: string, body?: object) {
  const reply = await fetch(`${keys.basePath}/v2/apps/${keys.appId}/${path}`, {
    method,
    headers: { authorization: basic(keys) },
    ...(body && { body: JSON.stringify(body) }),
  });
  // biome-ignore lint/suspicious/noExplicitAny: compared.
  return { status: reply.status, body: (await reply.json()) as any };
}
const create = async (keys: Credentials, externalId: string, zendeskId?: string) =>
  (await ask(keys, 'POST', 'users', { externalId, zendeskId, profile: { givenName: externalId } })).body.user;
const sync = (zendeskId: string, survivingZendeskId?: string, keys: Credentials = ours) =>
  ask(
    keys,
    'POST',
    `users/${encodeURIComponent(zendeskId)}/sync`,
    survivingZendeskId ? { survivingZendeskId } : undefined,
  );
const MISSING = refusal(404, 'user_not_found', 'User not found');
const TAKEN = refusal(409, 'conflict', 'This Zendesk id is already taken.');

beforeAll(async () => {
  hub = await startTestHub();
  ours = (await hub.createApp('ours')).sunshine;
  theirs = (await hub.createApp('theirs')).sunshine;
  company = await hub.createApp('company');
});
afterAll(() => hub?.stop());

test('a user has an id of Zendesk from their creation or a change on, alone in the app, until it is taken away', async () => {
  const ann = await create(ours, 'ann', '100');
  expect(ann.zendeskId).toBe('100');
  const bob = await create(ours, 'bob');
  expect(bob).not.toHaveProperty('zendeskId');
  const change = (zendeskId: string | null) => ask(ours, 'PATCH', 'users/bob', { zendeskId });
  expect(await change('100')).toEqual(TAKEN);
  expect(await ask(ours, 'POST', 'users', { externalId: 'cat', zendeskId: '100' })).toEqual(TAKEN);
  expect((await ask(ours, 'GET', 'users/cat')).status).toBe(404);
  expect((await change('101')).body.user.zendeskId).toBe('101');
  expect((await ask(ours, 'GET', 'users/bob')).body.user.zendeskId).toBe('101');
  expect((await change(null)).body.user).not.toHaveProperty('zendeskId');
  // In another app it is another person's.
  expect((await create(theirs, 'ann', '100')).zendeskId).toBe('100');
});

test('is found by it, also after what else is said of them was deleted', async () => {
  const dan = await create(ours, 'dan', 'a/b 200');
  expect(await sync('a/b 200')).toEqual({ status: 200, body: { user: dan } });
  await ask(ours, 'DELETE', 'users/dan/personalinformation');
  expect((await sync('a/b 200')).body.user).toMatchObject({ id: dan.id, profile: {}, zendeskId: 'a/b 200' });
  expect(await sync('201')).toEqual(MISSING);
  expect(await sync('201', '202')).toEqual(MISSING);
});

test('follows a merge to the surviving record, once and again', async () => {
  const eve = await create(ours, 'eve', '300');
  const moved = { status: 200, body: { user: { ...eve, zendeskId: '301' } } };
  expect(await Promise.all([sync('300', '301'), sync('300', '301')])).toEqual([moved, moved]);
  expect(await sync('300', '301')).toEqual(moved);
  expect(await sync('301')).toEqual(moved);
  expect(await sync('300')).toEqual(MISSING);
  expect((await ask(ours, 'GET', 'users/eve')).body.user.zendeskId).toBe('301');
  expect(await sync('301', '301')).toEqual(moved);
});

test('two people become one, at this door and at the forum: author, member, unread; the other one is gone', async () => {
  const { tapatalk, sunshine: keys } = company;
  const forum = async (method: string, fields: object, cookie = '') =>
    fetch(`${twinOf(tapatalk.url)}?method_name=${method}`, {
      method: 'POST',
      headers: { 'content-type': 'application/json', cookie },
      body: JSON.stringify(fields),
    });
  const signIn = async (login: string) => {
    const reply = await forum('login', { login, password: 'secret' });
    const result = ((await reply.json()) as { result: boolean }).result;
    return { result, cookie: reply.headers.getSetCookie()[0]?.split(';')[0] ?? '' };
  };
  // biome-ignore lint/suspicious/noExplicitAny: compared.
  const read = async (cookie: string, method: string, fields: object = {}): Promise<any> =>
    (await forum(method, fields, cookie)).json();
  const people: MadeUser[] = [];
  for (const username of ['fay', 'gus', 'kim'])
    people.push(
      await hub.createUser(company.app.slug, {
        username,
        password: 'secret',
        displayName: username.toUpperCase(),
      }),
    );
  const [fay, gus] = people as [MadeUser, MadeUser, MadeUser];
  for (const [i, { sunshineId }] of people.entries())
    await ask(keys, 'PATCH', `users/${sunshineId}`, { zendeskId: `40${i}`, metadata: { [`m${i}`]: i } });
  const cookies = await Promise.all(['fay', 'gus', 'kim'].map(signIn));
  const [asFay, asGus, asKim] = cookies.map(({ cookie }) => cookie) as [string, string, string];
  const talk = { username: ['kim'], subject: 'Lunch', body: 'fay says hello' };
  const { conv_id: conversationId } = await read(asFay, 'new_conversation', talk);
  await read(asKim, 'reply_conversation', { conversationId, body: 'kim answers', subject: '' });

  const merged = await sync('400', '401', keys);
  expect(merged).toMatchObject({ status: 200, body: { user: { id: gus.sunshineId, zendeskId: '401' } } });
  expect(merged.body.user.metadata).toEqual({ m0: 0, m1: 1 });
  expect((await sync('400', '401', keys)).body).toEqual(merged.body);

  // The forum shows the survivor as a member and as the author; what they have not read is unread.
  const page = await read(asGus, 'get_conversation', { conversationId });
  const kim = people[2] as MadeUser;
  expect(page.list).toMatchObject([
    { msg_author_id: String(gus.number), is_unread: false },
    { msg_author_id: String(kim.number), is_unread: true },
  ]);
  const shown = Object.entries(page.participants as Record<string, { username: string }>);
  expect(shown.map(([id, { username }]) => [id, username])).toEqual([
    [String(gus.number), 'GUS'],
    [String(kim.number), 'KIM'],
  ]);
  expect((await read(asGus, 'get_conversations')).list).toMatchObject([{ conv_id: conversationId }]);
  await read(asGus, 'reply_conversation', { conversationId, body: 'gus goes on', subject: '' });
  // So does this door.
  const { conversations } = (await ask(keys, 'GET', `conversations?filter[userId]=${gus.sunshineId}`)).body;
  expect(conversations).toHaveLength(1);
  const { messages } = (await ask(keys, 'GET', `conversations/${conversations[0].id}/messages`)).body;
  const said = messages.map(
    ({ author, content }: { author: { userId: string; displayName: string }; content: { text: string } }) => [
      author.userId === gus.sunshineId ? author.displayName : 'kim',
      content.text,
    ],
  );
  expect(said).toEqual([
    ['GUS', 'fay says hello'],
    ['kim', 'kim answers'],
    ['GUS', 'gus goes on'],
  ]);

  // Nobody is the other one any more.
  expect(await ask(keys, 'GET', `users/${fay.sunshineId}`)).toEqual(MISSING);
  expect(await ask(keys, 'GET', `users/${fay.externalId}`)).toEqual(MISSING);
  expect(await sync('400', undefined, keys)).toEqual(MISSING);
  expect((await signIn('fay')).result).toBe(false);
  expect((await read(asFay, 'get_conversations')).result).toBe(false);
  // As with the vendor, who comes with the old external id is somebody new.
  const again = await ask(keys, 'POST', 'users', { externalId: fay.externalId });
  expect(again.status).toBe(201);
  expect(again.body.user.id).not.toBe(gus.sunshineId);
});

test('each into the other at once leaves one of them, with all that both had', async () => {
  await create(ours, 'lea', '600');
  await create(ours, 'max', '601');
  const open = (userExternalId: string) =>
    ask(ours, 'POST', 'conversations', {
      type: 'personal',
      participants: [{ userExternalId, subscribeSDKClient: false }],
    });
  await open('lea');
  await open('max');
  const answers = await Promise.all([sync('600', '601'), sync('601', '600')]);
  expect(answers.map(({ status }) => status)).toEqual([200, 200]);
  const id = answers[0]?.body.user.id;
  expect(answers[1]?.body.user.id).toBe(id);
  const { conversations } = (await ask(ours, 'GET', `conversations?filter[userId]=${id}`)).body;
  expect(conversations.map(({ isDefault }: { isDefault: boolean }) => isDefault).sort()).toEqual([
    false,
    true,
  ]);
});

test('whoever answers for the app is nobody else, and nothing changes', async () => {
  const made = await hub.createUser(company.app.slug, { username: 'ada', role: 'agent' });
  const keys = company.sunshine;
  await ask(keys, 'PATCH', `users/${made.sunshineId}`, { zendeskId: '700' });
  const nia = await create(keys, 'nia', '701');
  for (const [from, into] of [
    ['700', '701'],
    ['701', '700'],
  ] as const) {
    const { status, body } = await sync(from, into, keys);
    expect([status, body.errors[0].code]).toEqual([403, 'forbidden']);
  }
  expect((await sync('701', undefined, keys)).body.user).toEqual(nia);
});

test('nothing crosses an app', async () => {
  await create(theirs, 'hal', '500');
  expect(await sync('500')).toEqual(MISSING);
  const ivy = await create(ours, 'ivy', '501');
  expect((await sync('501', '500')).body.user).toEqual({ ...ivy, zendeskId: '500' });
  expect((await ask(theirs, 'GET', 'users/hal')).body.user.zendeskId).toBe('500');
});
