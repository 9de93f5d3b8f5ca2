// Finding users by e-mail address, and taking them or what tells who they are away (contracts/sunshine.md 3), by the
// vendor's own client where it has the operation.
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { operatorOf } from '../support/operator.ts';
import { startTestHub, type TestHub } from '../support/server.ts';
import { basic, type Client, type Credentials, clientOf, type Outcome, refusal } from './sunshine-client.ts';

let server: TestHub;
let sunshine: Credentials;
let client: Client;

const call = (operation: string, ...args: unknown[]) => client.call(operation, sunshine.appId, ...args);
const NO_USER = refusal(404, 'user_not_found', 'User not found');
const NO_CONVERSATION = refusal(404, 'conversation_not_found', 'Conversation not found');

/** An answer of an operation that the client lacks. */
async function get(path: string): Promise<Outcome> {
  const reply = await fetch(
    path.startsWith('http') ? path : `${server.url}/v2/apps/${sunshine.appId}${path}`,
    {
      headers: { authorization: basic(sunshine) },
    },
  );
  return { status: reply.status, body: await reply.json() };
}

async function makeUser(externalId: string, profile: object = {}, more: object = {}): Promise<string> {
  return (await call('createUser', { externalId, profile, ...more })).body.user.id;
}

beforeAll(async () => {
  server = await startTestHub({ env: { LIMITS: 'on' } });
  const made = await operatorOf(server.url, server.adminToken).createApp('ours');
  sunshine = made.sunshine;
  client = clientOf(sunshine);
});
afterAll(() => server?.stop());

describe('users of an e-mail address', () => {
  test('are all who have it, in their profile or as their own, without case, the newest first', async () => {
    const shared = { email: 'Family@example.org' };
    const first = await makeUser('family-1', shared);
    const second = await makeUser('family-2', { email: 'family@example.org' });
    await makeUser('family-3', { email: 'other@example.org' });
    const operator = operatorOf(server.url, server.adminToken);
    const own = await operator.createUser('ours', { username: 'family-4', email: 'FAMILY@example.org' });
    const found = await get('/users?filter[identities.email]=family@EXAMPLE.org');
    expect(found).toMatchObject({ status: 200, body: { meta: { hasMore: false }, links: {} } });
    expect(found.body.users.map(({ id }: { id: string }) => id)).toEqual([own.sunshineId, second, first]);
    expect((await get('/users?filter[identities.email]=nobody@example.org')).body.users).toEqual([]);
    expect(await get('/users')).toEqual(refusal(400, 'bad_request', 'Invalid query parameters'));
  });

  test('come in pages, in both directions', async () => {
    const made: string[] = [];
    for (let i = 0; i < 5; i++) made.push(await makeUser(`crowd-${i}`, { email: 'crowd@example.org' }));
    const newest = made.toReversed();
    const ids = ({ body }: Outcome) => body.users.map(({ id }: { id: string }) => id);
    const first = await get('/users?filter[identities.email]=crowd@example.org&page[size]=2');
    expect([ids(first), first.body.meta.hasMore]).toEqual([newest.slice(0, 2), true]);
    const second = await get(first.body.links.next);
    expect([ids(second), second.body.meta.hasMore]).toEqual([newest.slice(2, 4), true]);
    const third = await get(second.body.links.next);
    expect([ids(third), third.body.meta.hasMore, third.body.links.next]).toEqual([
      newest.slice(4),
      false,
      undefined,
    ]);
    expect(ids(await get(third.body.links.prev))).toEqual(newest.slice(2, 4));
  });
});

test('a deleted user is gone with their own conversations, and without a name where others are', async () => {
  const [gone, stays] = [await makeUser('gone', { givenName: 'Gone' }), await makeUser('stays')];
  const personal = (await call('createConversation', { type: 'personal', participants: [{ userId: gone }] }))
    .body.conversation.id;
  const group = (
    await call('createConversation', {
      type: 'sdkGroup',
      participants: [gone, stays].map((userId) => ({ userId, subscribeSDKClient: false })),
    })
  ).body.conversation.id;
  for (const userId of [gone, stays]) {
    const content = { type: 'text', text: `Said by ${userId}` };
    await call('postMessage', group, { author: { type: 'user', userId }, content });
  }
  expect(await call('deleteUser', gone)).toEqual({ status: 'ok', body: '{}' });
  for (const name of [gone, 'gone']) expect(await call('getUser', name)).toEqual(NO_USER);
  expect(await call('deleteUser', gone)).toEqual(NO_USER);
  expect(await call('getConversation', personal)).toEqual(NO_CONVERSATION);
  const { body } = await call('listMessages', group);
  expect(JSON.stringify(body)).not.toContain(`Said by ${gone}`);
  expect(JSON.stringify(body)).not.toContain('Gone');
  expect(JSON.stringify(body)).toContain(`Said by ${stays}`);
  // The external id is free for somebody else, who is somebody else.
  expect(await makeUser('gone')).not.toBe(gone);
});

test('personal information goes, what was said and when they signed up stays', async () => {
  const signedUpAt = '2026-01-02T03:04:05.000Z';
  const id = await makeUser(
    'private',
    { givenName: 'Pat', surname: 'Vate', email: 'pat@example.org', avatarUrl: 'https://a.example/p.png' },
    { metadata: { street: 'Long' }, signedUpAt },
  );
  const conversation = (
    await call('createConversation', { type: 'personal', participants: [{ userId: id }] })
  ).body.conversation.id;
  const content = { type: 'text', text: 'It stays' };
  await call('postMessage', conversation, { author: { type: 'user', userId: id }, content });
  const { status, body } = await call('deleteUserPersonalInformation', id);
  expect([status, body.user]).toMatchObject(['ok', { id, externalId: 'private', signedUpAt, metadata: {} }]);
  expect(body.user.profile).toEqual({});
  expect((await call('getUser', id)).body).toEqual(body);
  expect((await get('/users?filter[identities.email]=pat@example.org')).body.users).toEqual([]);
  expect((await call('listMessages', conversation)).body.messages).toMatchObject([{ content }]);
});
