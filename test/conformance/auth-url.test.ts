// An app whose forum checks passwords (settings.authUrl): what the forum is asked, what each of its answers does, and that
// the hub calls nowhere else and keeps no password.
import { once } from 'node:events';
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { Webhook } from 'standardwebhooks';
import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest';
import { texts } from '../model/forum.ts';
import { startTestHub, type TestHub } from '../support/server.ts';
import { id, send, text } from './calls/tapatalk.ts';

const PASSWORD = 'a password that only the forum knows';
/** What a machine with much to do answers within; one test waits so long. */
const TIMEOUT_MS = '4000';

interface Asked {
  url: string;
  headers: Record<string, string>;
  body: string;
}

let forum: Server;
let origin: string;
let asked: Asked[] = [];
/** What the forum does with the next calls. */
let answer: (call: Asked, response: ServerResponse) => void;
let server: TestHub;
let mobiquo: string;
let secret: string;

const says =
  (status: number, body: unknown, headers: Record<string, string> = {}) =>
  (_: Asked, response: ServerResponse) => {
    response.writeHead(status, headers);
    response.end(typeof body === 'string' ? body : JSON.stringify(body));
  };
const knows = (user: object) => (call: Asked, response: ServerResponse) => {
  const { data } = JSON.parse(call.body);
  says(data.password === PASSWORD ? 200 : 401, { user })(call, response);
};

async function serve(request: IncomingMessage, response: ServerResponse): Promise<void> {
  const chunks: Buffer[] = [];
  for await (const chunk of request) chunks.push(chunk as Buffer);
  const call = {
    url: request.url ?? '',
    headers: request.headers as Record<string, string>,
    body: Buffer.concat(chunks).toString(),
  };
  asked.push(call);
  answer(call, response);
}

async function operate(method: string, path: string, body?: object) {
  const reply = await fetch(`${server.url}/admin${path}`, {
    method,
    headers: { authorization: `Bearer ${server.adminToken}` },
    ...(body && { body: JSON.stringify(body) }),
  });
  // biome-ignore lint/suspicious/noExplicitAny: compared.
  return { status: reply.status, body: (await reply.json()) as any };
}
const patch = (change: object) => operate('PATCH', '/apps/forum', change);

const login = async (name: string, password = PASSWORD) => {
  const { body, headers } = await send(mobiquo, null, 'login', [text(name), text(password)]);
  return { ...body, cookie: headers['set-cookie']?.split(';')[0] ?? null };
};
const WRONG = /password is wrong/;
const BUSY = /busy/;

beforeAll(async () => {
  // A connection that it ended by itself could be one that the hub is about to use again.
  forum = createServer({ keepAliveTimeout: 0 }, (request, response) => void serve(request, response));
  forum.listen(0, '127.0.0.1');
  await once(forum, 'listening');
  origin = `http://127.0.0.1:${(forum.address() as AddressInfo).port}`;
  server = await startTestHub({
    env: { LIMITS: 'on', WEBHOOK_ALLOW_HOSTS: new URL(origin).host, WEBHOOK_TIMEOUT_MS: TIMEOUT_MS },
  });
  const made = await server.createApp('forum');
  mobiquo = made.tapatalk.url;
  await server.createUser('forum', { username: 'local', password: 'local password' });
  await server.createUser('forum', {
    username: 'boss',
    externalId: 'x-boss',
    password: 'boss password',
    role: 'agent',
  });
  const { body, status } = await patch({ settings: { authUrl: `${origin}/sign-in` } });
  expect(status).toBe(200);
  secret = body.rotated.auth.secret;
});
afterAll(async () => {
  await server?.stop();
  forum?.closeAllConnections();
  forum?.close();
});
beforeEach(() => {
  asked = [];
  answer = says(500, '');
});

test('a signed call names the person, and they become a member as the forum describes them', async () => {
  answer = knows({
    externalId: 'f42',
    username: 'Ann',
    email: 'ann@forum.example',
    displayName: 'Ann of the forum',
    avatarUrl: 'https://forum.example/ann.png',
    role: 'member',
    somethingElse: true,
  });
  const first = await login('ann');
  expect(first).toMatchObject({ result: true, cookie: expect.stringMatching(/=/) });
  expect(asked).toHaveLength(1);
  const [{ url, headers, body }] = asked as [Asked];
  expect(url).toBe('/sign-in');
  // The library of the standard, made by others, finds the signature right; and for nothing else.
  expect(new Webhook(secret).verify(body, headers)).toEqual({
    type: 'sign_in',
    timestamp: expect.stringMatching(/^\d{4}-\d\d-\d\dT/),
    data: { app: 'forum', name: 'ann', password: PASSWORD },
  });
  expect(() => new Webhook(secret).verify(body.replace('ann', 'ben'), headers)).toThrow();

  const made = await operate('GET', '/apps/forum/users/f42');
  expect(made.body.user).toMatchObject({ username: 'Ann', externalId: 'f42' });
  // They write and are known by what the forum calls them.
  const call = await send(mobiquo, first.cookie, 'new_conversation', [
    texts(['local']),
    text('Hello'),
    text('From the forum'),
  ]);
  expect(call.body).toMatchObject({ result: true });
  const page = await send(mobiquo, first.cookie, 'get_conversation', [id(call.body.conv_id)]);
  expect(JSON.stringify(page.body)).toContain('Ann of the forum');

  answer = knows({ externalId: 'f42', username: 'Anna' });
  expect(await login('ann@forum.example')).toMatchObject({ result: true });
  const renamed = await operate('GET', '/apps/forum/users/f42');
  expect(renamed.body.user).toEqual({ ...made.body.user, username: 'Anna' });
});

test.each([401, 403])('%i means a wrong password', async (status) => {
  answer = says(status, '<p>No</p>');
  const { result, result_text, cookie } = await login('ann', 'wrong');
  expect([result, cookie]).toEqual([false, null]);
  expect(result_text).toMatch(WRONG);
});

const USER = { externalId: '43', username: 'Ben' };
test.each<[string, (call: Asked, response: ServerResponse) => void]>([
  ['a failure', says(500, 'oops')],
  ['nothing there', says(404, { user: USER })],
  ['created', says(201, { user: USER })],
  ['no words', says(200, '')],
  ['no JSON', says(200, '<html>')],
  ['a list', says(200, [USER])],
  ['nobody', says(200, { user: null })],
  ['no external id', says(200, { user: { username: 'Ben' } })],
  ['an id of the hub itself', says(200, { user: { ...USER, externalId: 'parlance:system' } })],
  ['no user name', says(200, { user: { externalId: '43' } })],
  ['an e-mail address that is none', says(200, { user: { ...USER, email: 'x' } })],
  ['a role of the team', says(200, { user: { ...USER, role: 'admin' } })],
  ['too much', says(200, { user: USER, more: 'x'.repeat(70_000) })],
  ['too late', () => undefined],
  ['a broken connection', (_, response) => response.destroy()],
  [
    'half an answer',
    (_, response) => {
      response.writeHead(200, { 'content-length': '1000' });
      response.write('{"user":');
      setTimeout(() => response.destroy(), 50);
    },
  ],
])('%s means that it cannot be said now, and makes nobody', async (_, what) => {
  answer = what;
  const { result, result_text } = await login('ben');
  expect(result).toBe(false);
  expect(result_text).toMatch(BUSY);
  expect((await operate('GET', '/apps/forum/users/43')).status).toBe(404);
});

test.each([301, 302, 303, 307, 308])('a %i is not followed', async (status) => {
  answer = ({ url }, response) =>
    url === '/sign-in'
      ? says(status, '', { location: `${origin}/elsewhere` })({} as Asked, response)
      : says(200, { user: USER })({} as Asked, response);
  expect((await login('ben')).result_text).toMatch(BUSY);
  expect(asked.map(({ url }) => url)).toEqual(['/sign-in']);
});

test('the hub tries no password of its own, but for the team: that one the forum is not asked about', async () => {
  answer = says(401, '');
  expect((await login('local', 'local password')).result_text).toMatch(WRONG);
  expect(asked).toHaveLength(1);
  expect(await login('boss', 'boss password')).toMatchObject({ result: true });
  expect((await login('boss')).result_text).toMatch(WRONG);
  expect(asked).toHaveLength(1);
});

test('the forum lets nobody in as one of the team, and nobody takes the name of another account', async () => {
  answer = knows({ externalId: 'x-boss', username: 'boss' });
  expect((await login('the boss')).result_text).toMatch(/team/);
  answer = knows({ externalId: '44', username: 'LOCAL' });
  expect((await login('somebody')).result_text).toMatch(/Another account/);
  expect((await operate('GET', '/apps/forum/users/44')).status).toBe(404);
  answer = knows({ externalId: '44', username: 'Somebody' });
  expect(await login('somebody')).toMatchObject({ result: true });
});

test('wrong guesses are limited as ever, and the forum is not bothered with more', async () => {
  answer = says(401, '');
  const results = [];
  // Ten at once, and one more for each six seconds that the machine takes.
  for (let i = 0; i < 20; i++) results.push((await login('guessed', `wrong ${i}`)).result_text as string);
  const limited = results.filter((said) => /Too many/.test(said));
  expect(limited.length).toBeGreaterThanOrEqual(2);
  expect(asked).toHaveLength(20 - limited.length);
  // A forum that does not answer is nobody's guess.
  answer = says(500, '');
  for (let i = 0; i < 14; i++) expect((await login('unlucky')).result_text).toMatch(BUSY);
});

test('a secret is shown when it is made, and another one when it is asked for', async () => {
  expect(secret).toMatch(/^whsec_[A-Za-z0-9+/]{43}=$/);
  expect(JSON.stringify((await operate('GET', '/apps/forum')).body)).not.toContain(secret);
  const same = await patch({ settings: { authUrl: `${origin}/sign-in` } });
  expect(same.body.rotated).toBeUndefined();
  const { body } = await patch({ rotate: ['auth'] });
  const next = body.rotated.auth.secret;
  expect(next).not.toBe(secret);
  answer = knows(USER);
  expect(await login('ben')).toMatchObject({ result: true });
  const [call] = asked as [Asked];
  expect(() => new Webhook(next).verify(call.body, call.headers)).not.toThrow();
  secret = next;
});

test.each([
  ['http', 'http://forum.example.org/sign-in'],
  ['a private address', 'https://192.168.0.1/sign-in'],
  ['a name of this machine', 'https://localhost/sign-in'],
  ['credentials', 'https://a:b@forum.example.org/'],
  ['no address', 'sign-in'],
])('%s is refused, and changes nothing', async (_, authUrl) => {
  const before = await operate('GET', '/apps/forum');
  const { status, body } = await patch({ name: 'Changed', settings: { authUrl }, rotate: ['qiscus'] });
  expect([status, body.error.fields]).toEqual([
    400,
    [{ path: 'settings.authUrl', message: expect.any(String) }],
  ]);
  expect(await operate('GET', '/apps/forum')).toEqual(before);
});

test('without an address the hub checks its own passwords again, and there is no secret to make', async () => {
  const { body } = await patch({ settings: { authUrl: null } });
  expect(body.app.settings.authUrl).toBeNull();
  expect(await login('local', 'local password')).toMatchObject({ result: true });
  expect(await login('ben')).toMatchObject({ result: false });
  expect(asked).toHaveLength(0);
  expect((await patch({ rotate: ['auth'] })).status).toBe(400);
  expect(
    (await operate('GET', '/apps/forum')).body.keys.map(({ door }: { door: string }) => door),
  ).not.toContain('auth');
});

test('no password and no secret was written to the log', async () => {
  const log = server.printed();
  expect(log).toContain('authUrl');
  for (const text of [PASSWORD, secret, 'local password', 'boss password', 'ann@forum.example'])
    expect(log).not.toContain(text);
});
