// What clients of Sunshine Conversations v2 send that its document does not say, and what every operation must answer
// alike: credentials, apps, bodies, methods. Over plain HTTP.
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { ROUTES } from '../../src/dialects/sunshine/routes.ts';
import { operatorOf } from '../support/operator.ts';
import { startTestHub, type TestHub } from '../support/server.ts';
import { operationOf } from './calls/sunshine.ts';
import { basic, type Credentials, clientOf, masked, refusal } from './sunshine-client.ts';

let server: TestHub;
let ours: Credentials;
let theirs: Credentials;
let user: string;
let conversation: string;

const MISSING = '029c31f25a21b47effd7be90';

async function send(
  method: string,
  path: string,
  init: RequestInit & { headers?: Record<string, string> } = {},
) {
  const headers = { authorization: basic(ours), ...init.headers };
  const reply = await fetch(`${ours.basePath}${path}`, { ...init, method, headers });
  expect(reply.headers.get('content-type')).toMatch(/^application\/json/);
  return { status: reply.status, body: await reply.json() };
}
const post = (path: string, body: unknown, headers?: Record<string, string>) =>
  send('POST', path, { body: typeof body === 'string' ? body : JSON.stringify(body), headers });
/** A group of this person, by its id. */
async function makeGroup(userId: string): Promise<string> {
  const { body } = await post(inApp('/conversations'), { type: 'sdkGroup', participants: [{ userId }] });
  return (body as { conversation: { id: string } }).conversation.id;
}
const inApp = (path: string) => `/v2/apps/${ours.appId}${path}`;

beforeAll(async () => {
  server = await startTestHub({ env: { LIMITS: 'on' } });
  const operator = operatorOf(server.url, server.adminToken);
  ours = (await operator.createApp()).sunshine;
  theirs = (await operator.createApp()).sunshine;
  const created = await post(inApp('/users'), { externalId: 'a/b?c#d%2F é' });
  user = (created.body as { user: { id: string } }).user.id;
  conversation = await makeGroup(user);
});
afterAll(() => server?.stop());

/** A path of the operation, with ids that do not exist. */
const pathOf = (path: string, appId: string) => path.replace(':appId', appId).replaceAll(/:\w+/g, MISSING);

describe('every operation', () => {
  const each = ROUTES.map((route) => [route.operation, route] as const);

  test.each(each)('%s wants credentials', async (_, { method, path }) => {
    const token = 'eyJhbGciOiJIUzI1NiJ9.eyJzY29wZSI6ImFwcCJ9.c2ln';
    for (const authorization of [
      '',
      `Bearer ${token}`,
      'Basic',
      'Basic !',
      basic({ ...ours, secret: 'wrong' }),
      basic({ ...ours, keyId: 'app_0' }),
    ]) {
      expect(await send(method, pathOf(path, ours.appId), { headers: { authorization } })).toEqual(
        refusal(401, 'unauthorized', 'Authorization is required'),
      );
    }
  });

  test.each(each)('%s knows no other app, there or not', async (_, { method, path }) => {
    for (const appId of [theirs.appId, MISSING, 'x']) {
      expect(await send(method, pathOf(path, appId))).toEqual(refusal(404, 'app_not_found', 'App not found'));
    }
  });

  // Where the path names something that is not here, that is what the answer is about.
  const takesJson = ([, route]: (typeof each)[number]): boolean =>
    operationOf(route).body !== undefined && !/:(integration|switchboard)Id/.test(route.path);
  test.each(each.filter(takesJson))('%s takes JSON up to 100 KB', async (_, { method, path }) => {
    const target = pathOf(path.replace(':conversationId', conversation), ours.appId);
    expect(await send(method, target, { body: '{"a":' })).toEqual(
      refusal(400, 'bad_request', 'The request body is not valid JSON'),
    );
    expect(await send(method, target, { body: new Uint8Array([0x22, 0xff, 0x22]) })).toEqual(
      refusal(400, 'bad_request', 'The request body is not valid JSON'),
    );
    expect(await send(method, target, { body: `"${'x'.repeat(100 * 1024)}"` })).toEqual(
      refusal(413, 'payload_too_large', 'Request entity too large'),
    );
  });
});

test('another app’s people and conversations are not found, as if there were none', async () => {
  const headers = { authorization: basic(theirs) };
  const inTheirs = (path: string) => `/v2/apps/${theirs.appId}${path}`;
  const [noUser, noConversation] = ['user', 'conversation'].map((subject) =>
    refusal(404, `${subject}_not_found`, `${subject === 'user' ? 'User' : 'Conversation'} not found`),
  );
  expect(await send('GET', inTheirs(`/users/${user}`), { headers })).toEqual(noUser);
  expect(await send('GET', inTheirs(`/conversations?filter[userId]=${user}`), { headers })).toEqual(noUser);
  expect(await send('GET', inTheirs(`/conversations/${conversation}`), { headers })).toEqual(noConversation);
  expect(await send('DELETE', inTheirs(`/conversations/${conversation}`), { headers })).toEqual(
    noConversation,
  );
  const said = { author: { type: 'business' }, content: { type: 'text', text: 'x' } };
  expect(await post(inTheirs(`/conversations/${conversation}/messages`), said, headers)).toEqual(
    noConversation,
  );
  const group = { type: 'sdkGroup', participants: [{ userId: user }] };
  expect(await post(inTheirs('/conversations'), group, headers)).toEqual(noUser);
  expect(await send('GET', inApp(`/conversations/${conversation}/messages`))).toMatchObject({
    body: { messages: [] },
  });
});

test('what is no operation is not found', async () => {
  for (const [method, path] of [
    ['GET', '/v2/apps/x/nothing'],
    ['PUT', inApp('/users')],
    ['POST', inApp(`/conversations/${MISSING}/upload`)],
    ['GET', inApp('/users/%E0%A4')],
  ]) {
    expect(await send(method as string, path as string)).toEqual(
      refusal(404, 'not_found', 'Resource not found'),
    );
  }
});

test('a base path that ends in a slash works', async () => {
  const client = clientOf({ ...ours, basePath: `${ours.basePath}/` });
  expect((await client.call('getUser', ours.appId, user)).body.user.id).toBe(user);
});

test('an externalId may hold anything when it is encoded, and is found encoded in a query too', async () => {
  const encoded = encodeURIComponent('a/b?c#d%2F é');
  expect(await send('GET', inApp(`/users/${encoded}`))).toMatchObject({
    status: 200,
    body: { user: { id: user } },
  });
  expect(await send('GET', inApp(`/conversations?filter[userExternalId]=${encoded}`))).toMatchObject({
    status: 200,
  });
});

test('a call without a body may name a content type, and a body none', async () => {
  const headers = { 'content-type': 'application/json' };
  expect(await send('GET', inApp(`/users/${user}`), { headers })).toMatchObject({ status: 200 });
  expect(await send('DELETE', inApp(`/conversations/${MISSING}`), { headers })).toMatchObject({
    status: 404,
  });
  const body = new TextEncoder().encode('{"type":"sdkGroup"}');
  expect(await send('POST', inApp('/conversations'), { body })).toMatchObject({ status: 201 });
});

test('filter and page come as deepObject or as JSON, and mean the same', async () => {
  const made: string[] = [];
  for (let i = 0; i < 3; i++) made.unshift(await makeGroup(user));
  const [newest, middle] = made;
  const json = (value: object) => encodeURIComponent(JSON.stringify(value));
  const queries = [
    `filter[userId]=${user}&page[after]=${newest}&page[size]=1`,
    `page%5Bsize%5D=1&page%5Bafter%5D=${newest}&filter%5BuserId%5D=${user}`,
    `filter=${json({ userId: user })}&page=${json({ after: newest, size: 1 })}`,
    `filter=${json({ userId: user, userExternalId: null })}&page[after]=${newest}&page[size]=1`,
  ];
  for (const query of queries) {
    const reply = await send('GET', inApp(`/conversations?${query}`));
    const { conversations, meta, links } = reply.body as {
      conversations: { id: string }[];
      meta: object;
      links: { prev: string; next: string };
    };
    expect(conversations.map((each) => each.id)).toEqual([middle]);
    expect(meta).toEqual({ hasMore: true, afterCursor: middle, beforeCursor: middle });
    const follow = async (link: string) => {
      expect(link.startsWith(`${ours.basePath}/v2/`)).toBe(true);
      const page = await send('GET', link.slice(ours.basePath.length));
      return (page.body as { conversations: { id: string }[] }).conversations.map((each) => each.id);
    };
    expect(await follow(links.next)).toEqual([made[2]]);
    expect(await follow(links.prev)).toEqual([newest]);
  }
  const two = `filter[userId]=x&filter[userExternalId]=y`;
  expect(await send('GET', inApp(`/conversations?${two}`))).toEqual(
    refusal(400, 'bad_request', 'Invalid query parameters'),
  );
});

test('a page size on a list of messages is ignored, whatever it is', async () => {
  const { body } = await post(inApp('/conversations'), { type: 'sdkGroup' });
  const { id } = (body as { conversation: { id: string } }).conversation;
  for (const query of ['page[size]=25', 'page[size]=0', 'page={"size":25}']) {
    expect(await send('GET', inApp(`/conversations/${id}/messages?${query}`))).toMatchObject({
      status: 200,
      body: { messages: [] },
    });
  }
});

test('creation takes nulls for what is not given; empty results are {}', async () => {
  const nothing = { displayName: null, description: null, iconUrl: null, metadata: null, participants: null };
  const created = await post(inApp('/conversations'), { type: 'sdkGroup', ...nothing });
  expect(masked(created)).toEqual({
    status: 201,
    body: {
      conversation: {
        id: 'id',
        type: 'sdkGroup',
        isDefault: false,
        lastUpdatedAt: 'time',
        createdAt: 'time',
      },
    },
  });
  const { id } = (created.body as { conversation: { id: string } }).conversation;
  expect(await post(inApp(`/conversations/${id}/join`), { userId: user })).toMatchObject({ status: 201 });
  const said = { author: { type: 'business' }, content: { type: 'text', text: 'x' } };
  expect(await post(inApp(`/conversations/${id}/messages`), said)).toMatchObject({ status: 201 });
  const read = { author: { type: 'user', userId: user }, type: 'conversation:read' };
  for (const reply of [
    await post(inApp(`/conversations/${id}/activity`), read),
    await post(inApp(`/conversations/${id}/leave`), { userId: user }),
    await send('DELETE', inApp(`/conversations/${id}`)),
  ]) {
    expect(reply).toEqual({ status: 200, body: {} });
  }
});

test('the whole of a user, which the vendor’s client shows only in part', async () => {
  const profile = { givenName: 'Zoë', surname: 'Q' };
  const created = await post(inApp('/users'), {
    externalId: 'zoe',
    brandId: 'b1',
    toBeRetained: true,
    profile,
  });
  expect(masked(created)).toEqual({
    status: 201,
    body: {
      user: {
        id: 'id',
        authenticated: false,
        externalId: 'zoe',
        brandId: 'b1',
        signedUpAt: 'time',
        toBeRetained: true,
        hasPaymentInfo: false,
        identities: [],
        profile,
        metadata: {},
      },
    },
  });
});

test('a post repeated under its Idempotency-Key is one message', async () => {
  const { body } = await post(inApp('/conversations'), { type: 'sdkGroup' });
  const path = inApp(`/conversations/${(body as { conversation: { id: string } }).conversation.id}/messages`);
  const said = (text: string) => ({ author: { type: 'business' }, content: { type: 'text', text } });
  const headers = { 'idempotency-key': 'once' };
  const first = await post(path, said('hello'), headers);
  expect(await post(path, said('hello'), headers)).toEqual(first);
  expect(await post(path, said('other'), headers)).toMatchObject({
    status: 409,
    body: { errors: [{ code: 'conflict' }] },
  });
  expect((await send('GET', path)).body).toMatchObject({
    messages: (first.body as { messages: unknown[] }).messages,
  });
});

test('concurrent first conversations of one user leave exactly one default', async () => {
  const created = await post(inApp('/users'), { externalId: 'racer' });
  const { id } = (created.body as { user: { id: string } }).user;
  const replies = await Promise.all(
    Array.from({ length: 8 }, () =>
      post(inApp('/conversations'), { type: 'personal', participants: [{ userId: id }] }),
    ),
  );
  const defaults = replies.map(
    (reply) => (reply.body as { conversation: { isDefault: boolean } }).conversation.isDefault,
  );
  expect(defaults.filter(Boolean)).toHaveLength(1);
});
