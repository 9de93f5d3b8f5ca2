// Users at the Qiscus door: made, changed, shown, their tokens ended; in every encoding, with every way to say whose
// credentials they are (contracts/qiscus.md 1, 2, 3, 5).
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { AppCredentials } from '../../src/standalone/demo.ts';
import { RealtimeSocket } from '../support/realtime.ts';
import { startTestHub, type TestHub } from '../support/server.ts';
import type { Person } from '../support/two-apps.ts';
import * as tapatalk from './calls/tapatalk.ts';
import {
  GET_ENCODINGS,
  okay,
  POST_ENCODINGS,
  type QiscusClient,
  qiscusClient,
  refusal,
  SECRET_HEADERS,
  send,
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

const AVATAR = 'https://example.org/cage.png';

/** The account of a user as every call shows it. */
const account = (email: string, more: object = {}) => ({
  app: { code: app.app.slug, id: app.app.number, id_str: String(app.app.number), name: app.app.name },
  active: true,
  avatar: { avatar: { url: AVATAR } },
  avatar_url: AVATAR,
  email,
  extras: { team: 'red' },
  id: expect.any(Number),
  id_str: expect.stringMatching(/^\d+$/),
  last_comment_id: 0,
  last_comment_id_str: '0',
  pn_android_configured: false,
  pn_ios_configured: false,
  rtKey: '',
  token: expect.stringMatching(/^\w+$/),
  username: 'Johnny Cage',
  ...more,
});

test.each(Object.keys(POST_ENCODINGS))('a user is made and changed, sent as %s', async (encoding) => {
  const email = `user of ${encoding}@example.org`;
  const values = {
    email,
    username: 'Johnny Cage',
    avatar_url: AVATAR,
    device_token: 'a token',
    device_platform: 'ios',
    extras: { team: 'red' },
  };
  const made = await qiscus.call('POST', 'login_or_register', values, encoding);
  expect(made).toMatchObject({ status: 200, body: okay({ user: account(email) }) });
  const changed = await qiscus.call(
    'POST',
    'login_or_register',
    { email, password: 'secret', username: 'Raiden' },
    encoding,
  );
  expect(changed.body).toEqual(okay({ user: account(email, { username: 'Raiden' }) }));
  expect(changed.body.results.user.id).toBe(made.body.results.user.id);
});

test.each(Object.keys(GET_ENCODINGS))('a profile is asked for by %s', async (encoding) => {
  await qiscus.post('login_or_register', { email: 'cage@example.org', password: 'x' });
  const { status, body } = await qiscus.call(
    'GET',
    'user_profile',
    { user_email: 'cage@example.org' },
    encoding,
  );
  const plain = { avatar: { avatar: { url: '' } }, avatar_url: '', extras: {}, username: 'cage@example.org' };
  expect({ status, body }).toEqual({ status: 200, body: okay({ user: account('cage@example.org', plain) }) });
});

test('a user who is there is changed with a password alone, and keeps what is not named', async () => {
  const email = 'sonya@example.org';
  await qiscus.post('login_or_register', { email, username: 'Sonya', avatar_url: AVATAR });
  const again = await qiscus.call('POST', 'login_or_register', { email, username: 'Other' });
  expect(again).toMatchObject({
    status: 400,
    body: refusal(400, 'Validation error', 'password is required: this user exists already'),
  });
  const { user } = await qiscus.post('login_or_register', { email, password: 'new' });
  expect(user).toMatchObject({ username: 'Sonya', avatar_url: AVATAR });
});

test('many calls at once make one user', async () => {
  const made = await Promise.all(
    Array.from({ length: 5 }, () =>
      qiscus.post('login_or_register', { email: 'kano@example.org', password: 'x' }),
    ),
  );
  expect(new Set(made.map(({ user }) => user.id)).size).toBe(1);
});

test('the password is the one of every door', async () => {
  await qiscus.post('login_or_register', { email: 'lin', username: 'Lin', password: 'open sesame' });
  const signIn = (password: string) =>
    tapatalk.signIn({ made: app }, { username: 'lin', password } as Person);
  expect(await signIn('open sesame')).toMatch(/=/);
  await expect(signIn('close sesame')).rejects.toThrow('could not sign in');
});

test('the device that a user is registered with is theirs at every door', async () => {
  const email = 'jax@example.org';
  const { basePath, appId, keyId, secret } = app.sunshine;
  const users = `${basePath}/v2/apps/${appId}/users/${email}`;
  const authorization = `Basic ${Buffer.from(`${keyId}:${secret}`).toString('base64')}`;
  const seen = async (what: string) =>
    (await fetch(`${users}/${what}`, { headers: { authorization } })).json();
  const device = { device_token: 'a push token', device_platform: 'ios' };
  await qiscus.post('login_or_register', { email, username: 'Jax', ...device });
  await qiscus.post('login_or_register', { email, password: 'x', ...device });
  expect(await seen('clients')).toMatchObject({ clients: [{ type: 'sdk', displayName: 'Jax' }] });
  expect(await seen('devices')).toMatchObject({
    devices: [{ type: 'ios', status: 'active', pushNotificationToken: 'a push token' }],
  });
  // One that comes without its platform is one too; a platform alone is none.
  await qiscus.post('login_or_register', { email, password: 'x', device_token: 'another' });
  await qiscus.post('login_or_register', { email, password: 'x', device_platform: 'android' });
  const { devices } = (await seen('devices')) as { devices: object[] };
  expect(devices).toHaveLength(2);
  const wrong = await qiscus.call('POST', 'login_or_register', { email: 'new', device_platform: 'windows' });
  expect(wrong).toMatchObject({
    status: 400,
    body: refusal(400, 'Validation error', 'device_platform must be one of ios, android, rn'),
  });
});

test('a profile is changed by what is named', async () => {
  const email = 'mileena@example.org';
  await qiscus.post('login_or_register', { email, username: 'Mileena', avatar_url: AVATAR });
  const { user } = await qiscus.post('update_profile', { email, name: 'M.', extras: { team: 'red' } });
  expect(user).toEqual(account(email, { username: 'M.' }));
  expect(await qiscus.call('POST', 'update_profile', { email: 'nobody', name: 'M.' })).toMatchObject({
    status: 404,
    body: refusal(404, 'User not found'),
  });
});

test('a reset ends the tokens of before, at every door', async () => {
  const email = 'kitana@example.org';
  await qiscus.post('login_or_register', { email, avatar_url: AVATAR });
  const users = `${hub.url}/admin/apps/${app.app.slug}/users`;
  const made = await fetch(`${users}/${email}/token`, {
    method: 'POST',
    headers: { authorization: `Bearer ${hub.adminToken}` },
    body: '{}',
  });
  const { token } = (await made.json()) as { token: string };
  const socket = new RealtimeSocket(app.realtime.url, ['parlance.v1', `token.${token}`]);
  await socket.next('hello');
  const reset = await qiscus.post('reset_user_token', { user_email: email });
  expect(reset).toEqual({
    user: account(email, { username: email, extras: {}, avatar: { url: AVATAR } }),
  });
  expect(await socket.end()).toMatchObject({ code: 4401 });
});

describe('whose app it is', () => {
  const url = () => `${app.qiscus.baseUrl}/api/v2/rest/user_profile`;
  const ask = (headers: Record<string, string>, host?: string) =>
    send(url(), 'GET', { query: 'user_email=whose' }, { ...headers, ...(host && { host }) });

  beforeAll(async () => {
    await qiscus.post('login_or_register', { email: 'whose', password: 'x' });
    const named = await fetch(`${hub.url}/admin/apps/${app.app.slug}`, {
      method: 'PATCH',
      headers: { authorization: `Bearer ${hub.adminToken}` },
      body: JSON.stringify({ hosts: ['whose.example.org'] }),
    });
    expect(named.status).toBe(200);
  });

  test.each(SECRET_HEADERS)('the secret alone tells, as %s', async (header) => {
    expect((await ask({ [header]: app.qiscus.secret })).status).toBe(200);
  });

  test.each(['QISCUS_SDK_APP_ID', 'QISCUS-SDK-APP-ID', 'QISCUS_APP_ID', 'qiscus_sdk-app-id'])(
    'with the app in %s',
    async (header) => {
      const secret = { QISCUS_SDK_SECRET: app.qiscus.secret };
      expect((await ask({ ...secret, [header]: app.qiscus.appId })).status).toBe(200);
      const other = await hub.createApp();
      expect((await ask({ ...secret, [header]: other.qiscus.appId })).status).toBe(401);
      expect((await ask({ ...secret, [header]: 'no-such-app' })).status).toBe(401);
    },
  );

  test('a host name of its own', async () => {
    expect((await ask({ QISCUS_SDK_SECRET: app.qiscus.secret }, 'whose.example.org')).status).toBe(200);
    const other = await hub.createApp();
    expect((await ask({ QISCUS_SDK_SECRET: other.qiscus.secret }, 'whose.example.org')).status).toBe(401);
    // A header says more than the host name.
    const named = { QISCUS_SDK_SECRET: other.qiscus.secret, QISCUS_SDK_APP_ID: other.qiscus.appId };
    expect((await ask(named, 'whose.example.org')).status).toBe(404);
  });

  test.each([
    ['none', () => ''],
    ['a wrong one', () => `${app.qiscus.secret.slice(0, -1)}-`],
    ['one without its key', () => app.qiscus.secret.slice(24)],
    ['its key alone', () => app.qiscus.secret.slice(0, 24)],
    ['one of another door', () => app.sunshine.keyId.slice(4) + app.sunshine.secret],
  ])('no secret: %s', async (_, secret) => {
    const { status, body } = await ask({ QISCUS_SDK_SECRET: secret() });
    expect({ status, body }).toEqual({ status: 401, body: refusal(401, 'Unauthorized') });
  });

  test('a new secret ends the old one', async () => {
    const other = await hub.createApp();
    const rotated = await fetch(`${hub.url}/admin/apps/${other.app.slug}`, {
      method: 'PATCH',
      headers: { authorization: `Bearer ${hub.adminToken}` },
      body: JSON.stringify({ rotate: ['qiscus'] }),
    });
    const { rotated: made } = (await rotated.json()) as { rotated: Pick<AppCredentials, 'qiscus'> };
    expect((await ask({ QISCUS_SDK_SECRET: other.qiscus.secret })).status).toBe(401);
    expect((await ask({ QISCUS_SDK_SECRET: made.qiscus.secret })).status).toBe(404);
  });
});

describe('pages in browsers', () => {
  test('may call, with the headers that they ask for', async () => {
    const asked = 'qiscus-sdk-app-id, qiscus-sdk-token, qiscus-sdk-user-id, content-type';
    const answer = await fetch(`${app.qiscus.baseUrl}/api/v2/rest/post_comment`, {
      method: 'OPTIONS',
      headers: {
        origin: 'https://page.example.org',
        'access-control-request-method': 'PATCH',
        'access-control-request-headers': asked,
      },
    });
    expect(answer.status).toBe(204);
    expect(Object.fromEntries(answer.headers)).toMatchObject({
      'access-control-allow-origin': '*',
      'access-control-allow-headers': asked,
      'access-control-allow-methods': 'GET, POST, PATCH, PUT, DELETE',
    });
  });

  test('may read refusals too', async () => {
    const answer = await fetch(`${app.qiscus.baseUrl}/api/v2/rest/nothing`);
    expect(answer.headers.get('access-control-allow-origin')).toBe('*');
    expect({ status: answer.status, body: await answer.json() }).toEqual({
      status: 404,
      body: refusal(404, 'Not found'),
    });
  });
});
