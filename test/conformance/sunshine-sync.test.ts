// User sync of Sunshine Conversations v2 (its clients have it since 15.3): people by their id in Zendesk Support, and what
// becomes of them when two records are merged there.
import { afterAll, beforeAll, expect, test } from 'vitest';
import { startTestHub, type TestHub } from '../support/server.ts';
import { basic, type Credentials, refusal } from './sunshine-client.ts';

let hub: TestHub;
let ours: Credentials;
let theirs: Credentials;

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
const sync = (zendeskId: string, survivingZendeskId?: string) =>
  ask(
    ours,
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

test('two people are not made one: nothing changes, and the answer says why', async () => {
  const [fay, gus] = [await create(ours, 'fay', '400'), await create(ours, 'gus', '401')];
  const { status, body } = await sync('400', '401');
  expect([status, body.errors[0].code]).toEqual([400, 'bad_request']);
  expect(body.errors[0].title).toMatch(/two different users/);
  expect((await sync('400')).body.user).toEqual(fay);
  expect((await sync('401')).body.user).toEqual(gus);
  // Whoever is deleted is out of the way, and their id is free.
  await ask(ours, 'DELETE', 'users/gus');
  expect((await sync('400', '401')).body.user).toEqual({ ...fay, zendeskId: '401' });
});

test('nothing crosses an app', async () => {
  await create(theirs, 'hal', '500');
  expect(await sync('500')).toEqual(MISSING);
  const ivy = await create(ours, 'ivy', '501');
  expect((await sync('501', '500')).body.user).toEqual({ ...ivy, zendeskId: '500' });
  expect((await ask(theirs, 'GET', 'users/hal')).body.user.zendeskId).toBe('500');
});
