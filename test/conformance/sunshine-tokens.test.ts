// Signed tokens at the Sunshine door (contracts/sunshine.md 4): what each scope may do, which tokens are refused, and what a
// person may do with one of their own, which is this hub's addition.
import { createHmac, generateKeyPairSync } from 'node:crypto';
import { SignJWT } from 'jose';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { ROUTES } from '../../src/dialects/sunshine/routes.ts';
import { operatorOf } from '../support/operator.ts';
import { startTestHub, type TestHub } from '../support/server.ts';
import { basic, type Credentials, clientOf, type Outcome, refusal } from './sunshine-client.ts';

let server: TestHub;
let slug: string;
let ours: Credentials;
let theirs: Credentials;
let qiscusSecret: string;

const UNAUTHORIZED = refusal(401, 'unauthorized', 'Authorization is required');
const FORBIDDEN = refusal(403, 'forbidden', 'Forbidden');
const NO_CONVERSATION = refusal(404, 'conversation_not_found', 'Conversation not found');
const NO_USER = refusal(404, 'user_not_found', 'User not found');
const MISSING = '029c31f25a21b47effd7be90';

interface Signing {
  key?: Credentials;
  alg?: string;
  kid?: string | null;
  secret?: string;
}

function sign(payload: Record<string, unknown>, { key = ours, ...how }: Signing = {}): Promise<string> {
  const kid = how.kid === undefined ? key.keyId : how.kid;
  const header = { alg: how.alg ?? 'HS256', typ: 'JWT', ...(kid !== null && { kid }) };
  return new SignJWT(payload)
    .setProtectedHeader(header)
    .sign(new TextEncoder().encode(how.secret ?? key.secret));
}

const bearer = (token: string) => ({ authorization: `Bearer ${token}` });
const b64 = (value: object | string) =>
  Buffer.from(typeof value === 'string' ? value : JSON.stringify(value)).toString('base64url');
const seconds = (ms: number) => Math.floor(ms / 1000);

async function send(
  method: string,
  path: string,
  headers: Record<string, string>,
  body?: unknown,
): Promise<Outcome> {
  const reply = await fetch(`${ours.basePath}/v2/apps/${path}`, {
    method,
    headers,
    body: body === undefined ? undefined : JSON.stringify(body),
  });
  return { status: reply.status, body: await reply.json() };
}
const inApp = (path: string) => `${ours.appId}${path}`;

/** A call by the app's key, for what a test begins with. */
const byApp = async (method: string, path: string, body?: unknown) =>
  (await send(method, inApp(path), { authorization: basic(ours) }, body)).body;

/** Somebody with a conversation with the team. */
async function customer(externalId: string): Promise<{ id: string; conversation: string; token: string }> {
  const { user } = await byApp('POST', '/users', { externalId, profile: { givenName: externalId } });
  const { conversation } = await byApp('POST', '/conversations', {
    type: 'personal',
    participants: [{ userId: user.id }],
  });
  return {
    id: user.id,
    conversation: conversation.id,
    token: await sign({ scope: 'user', external_id: externalId }),
  };
}

beforeAll(async () => {
  server = await startTestHub({ env: { LIMITS: 'on' } });
  const operator = operatorOf(server.url, server.adminToken);
  const app = await operator.createApp();
  slug = app.app.slug;
  ours = app.sunshine;
  qiscusSecret = app.qiscus.secret;
  theirs = (await operator.createApp()).sunshine;
});
afterAll(() => server?.stop());

describe('a token of the app’s key', () => {
  test('does what the key does, with and without an end', async () => {
    for (const payload of [
      { scope: 'app' },
      { scope: 'app', exp: seconds(Date.now()) + 60, iat: seconds(Date.now()) },
    ]) {
      const made = await send('POST', inApp('/conversations'), bearer(await sign(payload)), {
        type: 'sdkGroup',
      });
      expect(made.status).toBe(201);
    }
  });

  test('is what the vendor’s client sends', async () => {
    const client = clientOf({ ...ours, keyId: '', secret: '' });
    client.raw.authentications.bearerAuth.accessToken = await sign({ scope: 'app' });
    expect(await client.call('createConversation', ours.appId, { type: 'sdkGroup' })).toMatchObject({
      status: 'ok',
      body: { conversation: { type: 'sdkGroup' } },
    });
  });

  test('reaches its own app alone', async () => {
    const headers = bearer(await sign({ scope: 'app' }));
    expect(await send('GET', `${theirs.appId}/users/nobody`, headers)).toEqual(
      refusal(404, 'app_not_found', 'App not found'),
    );
  });

  test('is refused when it is wrong, expired, unsigned or confused', async () => {
    const now = seconds(Date.now());
    const payload = { scope: 'app' };
    const header = { alg: 'none', typ: 'JWT', kid: ours.keyId };
    const { publicKey } = generateKeyPairSync('rsa', {
      modulusLength: 2048,
      publicKeyEncoding: { type: 'spki', format: 'pem' },
      privateKeyEncoding: { type: 'pkcs8', format: 'pem' },
    });
    const rsHeader = b64({ alg: 'RS256', typ: 'JWT', kid: ours.keyId });
    const unsigned = `${b64(header)}.${b64(payload)}.`;
    const good = await sign(payload);
    const [head, , signature] = good.split('.');
    const bad: Record<string, string | Promise<string>> = {
      'another secret': sign(payload, { secret: theirs.secret }),
      'the secret of another door': sign(payload, { secret: qiscusSecret }),
      'another app’s key id': sign(payload, { kid: theirs.keyId }),
      'no key id': sign(payload, { kid: null }),
      'a key id of another kind': sign(payload, { kid: ours.keyId.replace('app_', 'act_') }),
      'no such key': sign(payload, { kid: `app_${MISSING}` }),
      'an empty secret': `${b64({ alg: 'HS256', kid: ours.keyId })}.${b64(payload)}.${createHmac('sha256', '')
        .update(`${b64({ alg: 'HS256', kid: ours.keyId })}.${b64(payload)}`)
        .digest('base64url')}`,
      expired: sign({ ...payload, exp: now - 3600 }),
      'not yet': sign({ ...payload, nbf: now + 3600 }),
      'an end that is no number': sign({ ...payload, exp: 'tomorrow' }),
      'a stronger algorithm': sign(payload, { alg: 'HS512' }),
      unsigned,
      'unsigned with a signature': `${unsigned}${signature}`,
      'an RSA header': `${rsHeader}.${b64(payload)}.${createHmac('sha256', publicKey)
        .update(`${rsHeader}.${b64(payload)}`)
        .digest('base64url')}`,
      'another payload': `${head}.${b64({ scope: 'account' })}.${signature}`,
      'no scope': sign({}),
      'a wider scope': sign({ scope: 'account' }),
      'another scope': sign({ scope: 'integration' }),
      'no such scope': sign({ scope: ['app'] }),
      'a person without a name': sign({ scope: 'user' }),
      'a person with an empty name': sign({ scope: 'user', external_id: '' }),
      'a payload that is no object': `${head}.${b64('[]')}.${signature}`,
      nothing: '.',
    };
    for (const [what, token] of Object.entries(bad)) {
      expect([what, await send('GET', inApp('/users/nobody'), bearer(await token))]).toEqual([
        what,
        UNAUTHORIZED,
      ]);
    }
    // The same call with a good one is let in.
    expect(await send('GET', inApp('/users/nobody'), bearer(good))).toEqual(NO_USER);
  });

  test('ends with its key', async () => {
    const operator = operatorOf(server.url, server.adminToken);
    const app = await operator.createApp();
    const token = await sign({ scope: 'app' }, { key: app.sunshine });
    const path = `${app.sunshine.appId}/users/nobody`;
    expect(await send('GET', path, bearer(token))).toEqual(NO_USER);
    await fetch(`${server.url}/admin/apps/${app.app.slug}`, {
      method: 'PATCH',
      headers: { authorization: `Bearer ${server.adminToken}`, 'content-type': 'application/json' },
      body: JSON.stringify({ rotate: ['sunshine'] }),
    });
    expect(await send('GET', path, bearer(token))).toEqual(UNAUTHORIZED);
  });
});

describe('a person’s own token', () => {
  const forPeople = new Set([
    'listConversations',
    'getConversation',
    'postMessage',
    'listMessages',
    'postActivity',
    'getMessage',
    'getMessageText',
    'searchMessages',
    'updateMessage',
    'uploadAttachment',
    'deleteAttachment',
  ]);

  test.each(
    ROUTES.filter(({ operation }) => !forPeople.has(operation)).map((r) => [r.operation, r] as const),
  )('%s is not for people', async (operation, { method, path }) => {
    const { token } = await customer(`not-for-${operation}`);
    const target = path.replace('/v2/apps/:appId', ours.appId).replaceAll(/:\w+/g, MISSING);
    expect(await send(method, target, bearer(token))).toEqual(FORBIDDEN);
  });

  test('names somebody of the app', async () => {
    await send(
      'POST',
      `${theirs.appId}/users`,
      { authorization: basic(theirs) },
      { externalId: 'elsewhere' },
    );
    for (const external_id of ['nobody', 'elsewhere']) {
      const token = await sign({ scope: 'user', external_id });
      expect(await send('GET', inApp('/conversations'), bearer(token))).toEqual(NO_USER);
    }
  });

  test('lists their own conversations, named or not, and nobody else’s', async () => {
    const [ann, ben] = [await customer('list-ann'), await customer('list-ben')];
    const headers = bearer(ann.token);
    for (const query of [
      '',
      `?filter[userId]=${ann.id}`,
      '?filter[userExternalId]=list-ann',
      '?page[size]=5',
    ]) {
      const { status, body } = await send('GET', inApp(`/conversations${query}`), headers);
      expect(status).toBe(200);
      expect(body.conversations.map(({ id }: { id: string }) => id)).toEqual([ann.conversation]);
    }
    for (const query of [
      `?filter[userId]=${ben.id}`,
      '?filter[userExternalId]=list-ben',
      `?filter[userId]=${MISSING}`,
    ]) {
      expect(await send('GET', inApp(`/conversations${query}`), headers)).toEqual(NO_USER);
    }
  });

  test('gets and reads what they are in, and finds nothing else', async () => {
    const [ann, ben] = [await customer('get-ann'), await customer('get-ben')];
    const said = { author: { type: 'business' }, content: { type: 'text', text: 'How can I help?' } };
    await byApp('POST', `/conversations/${ann.conversation}/messages`, said);
    const headers = bearer(ann.token);
    expect(await send('GET', inApp(`/conversations/${ann.conversation}`), headers)).toMatchObject({
      status: 200,
      body: { conversation: { id: ann.conversation, type: 'personal' } },
    });
    expect(await send('GET', inApp(`/conversations/${ann.conversation}/messages`), headers)).toMatchObject({
      status: 200,
      body: { messages: [{ content: { text: 'How can I help?' } }] },
    });
    expect(await send('GET', inApp(`/conversations/${ben.conversation}`), headers)).toEqual(NO_CONVERSATION);
    expect(await send('GET', inApp(`/conversations/${ben.conversation}/messages`), headers)).toEqual(
      refusal(404, 'not_found', 'Resource not found'),
    );
    const words = { author: { type: 'user' }, content: { type: 'text', text: 'x' } };
    expect(await send('POST', inApp(`/conversations/${ben.conversation}/messages`), headers, words)).toEqual(
      NO_CONVERSATION,
    );
  });

  test('posts as themselves, and as nobody else', async () => {
    const [ann, ben] = [await customer('post-ann'), await customer('post-ben')];
    const headers = bearer(ann.token);
    const post = (author: object) =>
      send('POST', inApp(`/conversations/${ann.conversation}/messages`), headers, {
        author: { type: 'user', ...author },
        content: { type: 'text', text: 'Hello' },
      });
    for (const author of [{}, { userId: ann.id }, { userExternalId: 'post-ann' }]) {
      expect(await post(author)).toMatchObject({
        status: 201,
        body: { messages: [{ author: { type: 'user', userId: ann.id, displayName: 'post-ann' } }] },
      });
    }
    for (const author of [
      { userId: ben.id },
      { userExternalId: 'post-ben' },
      { type: 'business' },
      { userId: 'x' },
    ]) {
      expect(await post(author)).toEqual(FORBIDDEN);
    }
    expect(await post({ displayName: 'The Boss' })).toMatchObject({ status: 400 });
    const { messages } = await byApp('GET', `/conversations/${ann.conversation}/messages`);
    expect(messages).toHaveLength(3);
  });

  test('brings no tags of its own into the pages of others, by a post or an edit; the app’s own HTML stays as it is', async () => {
    const { token, conversation } = await customer('html-ann');
    const path = inApp(`/conversations/${conversation}/messages`);
    const htmlText = '<b>hi</b><img src=x onerror=alert(1)><script>alert(1)</script>';
    const content = { type: 'text', htmlText };
    const post = (author: object, headers?: Record<string, string>) =>
      send('POST', path, headers ?? { authorization: basic(ours) }, { author, content });
    const said = (await post({ type: 'user' }, bearer(token))).body.messages[0];
    expect(said.content.htmlText).toContain('<b>hi</b>');
    expect(said.content.htmlText).not.toMatch(/<(?!\/?b>)/);
    const edit = await send('PATCH', `${path}/${said.id}`, bearer(token), { content });
    expect(edit.body.message.content.htmlText).toBe(said.content.htmlText);
    const { body } = await post({ type: 'business' });
    expect(body.messages[0].content.htmlText).toBe(htmlText);
  });

  test('reads and types', async () => {
    const ann = await customer('act-ann');
    const said = { author: { type: 'business' }, content: { type: 'text', text: 'Are you there?' } };
    await byApp('POST', `/conversations/${ann.conversation}/messages`, said);
    const unread = async () =>
      (await byApp('GET', `/conversations/${ann.conversation}/participants`)).participants[0].unreadCount;
    expect(await unread()).toBe(1);
    const act = (type: string, author: object = { type: 'user' }) =>
      send('POST', inApp(`/conversations/${ann.conversation}/activity`), bearer(ann.token), { author, type });
    expect(await act('typing:start')).toEqual({ status: 200, body: {} });
    expect(await act('typing:stop')).toEqual({ status: 200, body: {} });
    expect(await act('conversation:read')).toEqual({ status: 200, body: {} });
    expect(await unread()).toBe(0);
    expect(await act('conversation:read', { type: 'business' })).toEqual(FORBIDDEN);
  });
});

test('service credentials must still say who writes', async () => {
  const ann = await customer('strict-ann');
  const said = { author: { type: 'user' }, content: { type: 'text', text: 'x' } };
  expect(
    await send(
      'POST',
      inApp(`/conversations/${ann.conversation}/messages`),
      { authorization: basic(ours) },
      said,
    ),
  ).toMatchObject({ status: 400 });
});

describe('a page', () => {
  const page = 'https://shop.example.org';
  const ask = (origin: string, method: string, headers: Record<string, string> = {}) =>
    fetch(`${server.url}/v2/apps/${inApp('/conversations')}`, { method, headers: { origin, ...headers } });
  const allowed = (reply: Response) => reply.headers.get('access-control-allow-origin');

  beforeAll(async () => {
    await fetch(`${server.url}/admin/apps/${slug}`, {
      method: 'PATCH',
      headers: { authorization: `Bearer ${server.adminToken}`, 'content-type': 'application/json' },
      body: JSON.stringify({ origins: [page] }),
    });
  });

  test('of a listed origin may ask and read every answer, refusals too', async () => {
    const asked = await ask(page, 'OPTIONS', {
      'access-control-request-method': 'POST',
      'access-control-request-headers': 'authorization, content-type',
    });
    expect([asked.status, allowed(asked)]).toEqual([204, page]);
    expect(asked.headers.get('access-control-allow-headers')).toContain('authorization');
    expect(asked.headers.get('access-control-allow-credentials')).toBeNull();
    const { token } = await customer('page-ann');
    const listed = await ask(page, 'GET', bearer(token));
    expect([listed.status, allowed(listed), listed.headers.get('vary')]).toEqual([200, page, 'origin']);
    const refused = await ask(page, 'GET');
    expect([refused.status, allowed(refused)]).toEqual([401, page]);
  });

  test('of another origin may not, and nothing is reflected', async () => {
    for (const origin of [
      'https://elsewhere.example.org',
      'null',
      `${page}.evil.example`,
      'http://shop.example.org',
    ]) {
      expect(allowed(await ask(origin, 'OPTIONS', { 'access-control-request-method': 'GET' }))).toBeNull();
      expect(allowed(await ask(origin, 'GET'))).toBeNull();
    }
  });
});
