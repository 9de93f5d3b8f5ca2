// download of Sunshine Conversations v2: what a reference of Apple's leads to, from a peer that people of this project run
// as Apple's gateway and its store are described; and what becomes of peers that fail.
import { createCipheriv, randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { gzipSync } from 'node:zlib';
import { jwtVerify } from 'jose';
import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest';
import { startTestHub, type TestHub } from '../support/server.ts';
import { basic, type Credentials, clientOf, refusal } from './sunshine-client.ts';

interface Asked {
  method: string;
  url: string;
  headers: Record<string, string>;
  body: Buffer;
}
type Answering = (asked: Asked, response: ServerResponse) => void;

/** What a machine with much to do answers within; one peer lets the hub wait so long. */
const TIMEOUT_MS = '4000';
const SECRET = randomBytes(32);
const KEY = randomBytes(32);
const DATA = { bid: 'com.example', data: { replyMessage: { title: 'Größe 42' } } };
/** Under a counter from zero, as a device encrypts it. */
const sealed = (plain: Buffer | string): Buffer =>
  createCipheriv('aes-256-ctr', KEY, Buffer.alloc(16)).update(plain);

let peer: Server;
let origin: string;
let answers: Record<string, Answering>;
let asked: Asked[];
let server: TestHub;
let keys: Credentials;
let user: string;
let conversation: string;

const says =
  (status: number, body: Buffer | string | object, headers: Record<string, string> = {}): Answering =>
  (_, response) => {
    response.writeHead(status, headers);
    response.end(Buffer.isBuffer(body) || typeof body === 'string' ? body : JSON.stringify(body));
  };

async function serve(request: IncomingMessage, response: ServerResponse): Promise<void> {
  const chunks: Buffer[] = [];
  for await (const chunk of request) chunks.push(chunk as Buffer);
  const { method = '', url = '' } = request;
  const call = {
    method,
    url,
    headers: request.headers as Record<string, string>,
    body: Buffer.concat(chunks),
  };
  asked.push(call);
  (answers[url] ?? says(404, ''))(call, response);
}

const reference = (more: object = {}) => ({
  url: `${origin}/data`,
  bid: 'com.apple.messages.MSMessageExtensionBalloonPlugin:0000000000:com.example.extension',
  key: `00${KEY.toString('hex')}`,
  signature: '81a619c81da5a01c6139219a5d20e17430c631e1eb',
  owner: 'M58C0A2A1EB62B4E859B4F28996E8DA2.C01USN00',
  ...more,
});

async function post(path: string, body: object) {
  const reply = await fetch(`${keys.basePath}/v2/apps/${keys.appId}/${path}`, {
    method: 'POST',
    headers: { authorization: basic(keys) },
    body: JSON.stringify(body),
  });
  // biome-ignore lint/suspicious/noExplicitAny: compared whole.
  return { status: reply.status, body: (await reply.json()) as any };
}
const download = (apple: object) => post(`conversations/${conversation}/download`, { userId: user, apple });
const NOT_FETCHED = refusal(400, 'bad_request', 'The interactive data could not be fetched');
const NOT_DECRYPTED = refusal(400, 'bad_request', 'The interactive data could not be decrypted');

async function setAccount(apple: object | null) {
  const reply = await fetch(`${server.url}/admin/apps/ours`, {
    method: 'PATCH',
    headers: { authorization: `Bearer ${server.adminToken}` },
    body: JSON.stringify({ apple }),
  });
  return { status: reply.status, body: JSON.stringify(await reply.json()) };
}
const account = () => ({
  mspId: 'msp-7',
  businessId: 'business-9',
  secret: SECRET.toString('base64'),
  gateway: `${origin}/v1/`,
});

beforeAll(async () => {
  // A connection that it ended by itself could be one that the hub is about to use again.
  peer = createServer({ keepAliveTimeout: 0 }, (request, response) => void serve(request, response));
  peer.listen(0, '127.0.0.1');
  await once(peer, 'listening');
  origin = `http://127.0.0.1:${(peer.address() as AddressInfo).port}`;
  server = await startTestHub({
    env: { LIMITS: 'on', WEBHOOK_ALLOW_HOSTS: new URL(origin).host, WEBHOOK_TIMEOUT_MS: TIMEOUT_MS },
  });
  keys = (await server.createApp('ours')).sunshine;
  user = (await server.createUser('ours', { username: 'ann' })).sunshineId;
  const made = await post('conversations', { type: 'personal', participants: [{ userId: user }] });
  conversation = made.body.conversation.id;
});
afterAll(async () => {
  await server?.stop();
  peer?.closeAllConnections();
  peer?.close();
});
beforeEach(() => {
  asked = [];
  answers = { '/data': says(200, sealed(JSON.stringify(DATA))) };
});

test('without an account, an address that is signed already is fetched and decrypted, under both spellings', async () => {
  for (const name of ['interactiveDataRef', 'interactiveDateRef']) {
    expect(await download({ [name]: reference() })).toEqual({ status: 200, body: DATA });
  }
  answers['/data'] = says(200, sealed(gzipSync(JSON.stringify(DATA))));
  expect(await download({ interactiveDataRef: reference({ key: KEY.toString('hex') }) })).toEqual({
    status: 200,
    body: DATA,
  });
  expect(asked.map(({ method, url }) => [method, url])).toEqual(Array(3).fill(['GET', '/data']));
  for (const { headers } of asked) expect(JSON.stringify(headers)).not.toContain(reference().owner);
});

test("the vendor's own client gets the data too", async () => {
  const body = { userId: user, apple: { interactiveDataRef: reference() } };
  const { status, body: data } = await clientOf(keys).call(
    'downloadMessageRef',
    keys.appId,
    conversation,
    body,
  );
  expect([status, data]).toEqual(['ok', DATA]);
});

test('with an account, the gateway is asked for the address, and to decode what only it reads', async () => {
  const set = await setAccount(account());
  expect(set.status).toBe(200);
  expect(set.body).not.toContain(account().secret);
  const form = Buffer.from([0, 1, 2, 3, 254]);
  answers = {
    '/v1/preDownload': says(200, { 'download-url': `${origin}/short-lived?sig=1` }),
    '/short-lived?sig=1': says(200, sealed(form)),
    '/v1/decodePayload': says(200, DATA),
  };
  expect(await download({ interactiveDataRef: reference() })).toEqual({ status: 200, body: DATA });
  const [first, second, third] = asked as [Asked, Asked, Asked];
  const signature = Buffer.from(reference().signature, 'hex').toString('base64');
  expect(first).toMatchObject({
    method: 'GET',
    headers: {
      'source-id': 'business-9',
      url: reference().url,
      'mmcs-url': reference().url,
      owner: reference().owner,
      'mmcs-owner': reference().owner,
      signature,
      'mmcs-signature': signature,
    },
  });
  const token = first.headers.authorization?.replace('Bearer ', '') ?? '';
  const { payload } = await jwtVerify(token, SECRET, { issuer: 'msp-7', algorithms: ['HS256'] });
  expect(Math.abs((payload.iat ?? 0) - Date.now() / 1000)).toBeLessThan(60);
  // Whoever keeps the data is told nothing of the account.
  expect(second.headers.authorization).toBeUndefined();
  expect(third).toMatchObject({
    method: 'POST',
    url: '/v1/decodePayload',
    headers: { bid: reference().bid, 'source-id': 'business-9', 'content-type': 'application/octet-stream' },
    body: form,
  });
  // What is JSON already is not sent there.
  answers['/short-lived?sig=1'] = says(200, sealed(gzipSync(JSON.stringify(DATA))));
  expect((await download({ interactiveDataRef: reference() })).body).toEqual(DATA);
  expect(asked.at(-1)?.url).toBe('/short-lived?sig=1');

  // The gateway itself may be led astray: what it names is guarded like what a caller names.
  for (const address of ['http://127.0.0.1:9/', 'https://10.0.0.1/x', 'file:///etc/passwd', 7]) {
    answers['/v1/preDownload'] = says(200, { 'download-url': address });
    expect(await download({ interactiveDataRef: reference() })).toEqual(NOT_FETCHED);
  }
  answers['/v1/preDownload'] = says(403, 'secret words of the peer');
  expect(await download({ interactiveDataRef: reference() })).toEqual(NOT_FETCHED);
  expect((await setAccount(null)).status).toBe(200);
  expect((await download({ interactiveDataRef: reference() })).status).toBe(400);
  expect(asked.at(-1)?.url).toBe('/data');
});

test('an account whose gateway may not be called is refused, and changes nothing', async () => {
  const { status, body } = await setAccount({ ...account(), gateway: 'https://10.0.0.1/v1' });
  expect(status).toBe(400);
  expect(body).toContain('apple.gateway');
  expect((await download({ interactiveDataRef: reference() })).body).toEqual(DATA);
});

test('a peer that fails is answered in this form, with nothing of what it said', async () => {
  const failing: [Answering, object][] = [
    [says(500, 'secret words of the peer'), NOT_FETCHED],
    [says(302, '', { location: `${origin}/elsewhere` }), NOT_FETCHED],
    [says(200, Buffer.alloc(9 * 1024 * 1024)), NOT_FETCHED],
    [() => undefined, NOT_FETCHED],
    [(_, response) => response.destroy(), NOT_FETCHED],
    [says(200, sealed('no JSON')), NOT_DECRYPTED],
    [says(200, sealed('[1]')), NOT_DECRYPTED],
    [says(200, ''), NOT_DECRYPTED],
    [says(200, sealed(gzipSync(Buffer.alloc(20 * 1024 * 1024)))), NOT_DECRYPTED],
  ];
  for (const [answer, expected] of failing) {
    answers = { '/data': answer };
    expect(await download({ interactiveDataRef: reference() })).toEqual(expected);
  }
  const other = reference({ key: `00${'0'.repeat(64)}` });
  answers = { '/data': says(200, sealed(JSON.stringify(DATA))) };
  expect(await download({ interactiveDataRef: other })).toEqual(NOT_DECRYPTED);
  expect(asked.some(({ url }) => url === '/elsewhere')).toBe(false);
  const printed = server.printed();
  expect(printed).toContain('"at":"apple"');
  for (const hidden of ['secret words', KEY.toString('hex'), '/data']) expect(printed).not.toContain(hidden);
});

test('addresses inside are not called', async () => {
  for (const url of ['https://127.0.0.1/x', 'http://example.org/x', 'https://169.254.169.254/latest']) {
    const { status, body } = await download({ interactiveDataRef: reference({ url }) });
    expect([status, body.errors[0].title]).toEqual([400, expect.stringMatching(/^The address of the data /)]);
  }
  expect(asked).toEqual([]);
});

test('a body that lacks something says what', async () => {
  const { key: _, ...keyless } = reference();
  expect(await download({ interactiveDataRef: keyless })).toEqual(
    refusal(400, 'bad_request', "apple.interactiveDataRef should have required property 'key'"),
  );
  const wrong = await download({ interactiveDataRef: reference({ key: 'zz', owner: 'a\nb: c' }) });
  expect([wrong.status, ...wrong.body.errors.map(({ title }: { title: string }) => title)]).toEqual([
    400,
    expect.stringMatching(/^apple.interactiveDataRef.key should match pattern/),
    expect.stringMatching(/^apple.interactiveDataRef.owner should match pattern/),
  ]);
  expect(await download({})).toEqual(
    refusal(400, 'bad_request', "apple should have required property 'interactiveDataRef'"),
  );
  expect(await post(`conversations/${conversation}/download`, {})).toMatchObject({ status: 400 });
  expect(asked).toEqual([]);
});
