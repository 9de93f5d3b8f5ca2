// Clients and devices of Sunshine Conversations v2, driven by the vendor's own client: who comes in at the forum or by a
// socket has a device from then on.
import { afterAll, beforeAll, expect, test } from 'vitest';
import WebSocket from 'ws';
import { encodeCall } from '../../src/xmlrpc/encode.ts';
import { base64 } from '../../src/xmlrpc/value.ts';
import { startTestHub, type TestHub } from '../support/server.ts';
import { tokenFor } from './calls/realtime.ts';
import { type Client, clientOf, masked, type Outcome, refusal } from './sunshine-client.ts';

const PHONE = 'Tapatalk/8.9.7 (iPhone; iOS 17.5)';
const BROWSER = 'Mozilla/5.0 (X11; Linux x86_64; rv:127.0) Gecko/20100101 Firefox/127.0';
const MISSING = '029c31f25a21b47effd7be90';

let hub: TestHub;
let client: Client;
let app: string;
let forum: string;
let realtime: string;
let ann: string;
let bob: string;
let conversation: string;

const call = (operation: string, ...args: unknown[]) => client.call(operation, app, ...args);
const ok = (body: unknown): Outcome => ({ status: 'ok', body });

async function signIn(username: string, agent: string): Promise<void> {
  await fetch(forum, {
    method: 'POST',
    headers: { 'content-type': 'text/xml', 'user-agent': agent },
    body: encodeCall('login', [base64(username), base64('a password')]),
  });
}

async function openSocket(username: string, agent: string): Promise<void> {
  const token = await tokenFor(hub, 'ours', username);
  const socket = new WebSocket(realtime, ['parlance.v1', `token.${token}`], {
    headers: { 'user-agent': agent },
  });
  await new Promise((resolve, reject) => socket.once('message', resolve).once('error', reject));
  socket.terminate();
}

/** What is written behind an answer is there soon. */
async function devicesOf(user: string, count: number) {
  for (let tries = 0; tries < 2_000; tries++) {
    const { devices } = (await call('listDevices', user)).body;
    if (devices.length >= count) return devices;
    await new Promise((resolve) => setTimeout(resolve, 10));
  }
  throw new Error(`no ${count} devices`);
}

beforeAll(async () => {
  hub = await startTestHub();
  const made = await hub.createApp('ours');
  client = clientOf(made.sunshine);
  app = made.sunshine.appId;
  forum = made.tapatalk.url;
  realtime = made.realtime.url;
  const person = (username: string) =>
    hub.createUser('ours', {
      username,
      password: 'a password',
      externalId: `x-${username}`,
      displayName: username,
    });
  ann = (await person('ann')).sunshineId;
  bob = (await person('bob')).sunshineId;
  const participants = [ann, bob].map((userId) => ({ userId, subscribeSDKClient: false }));
  conversation = (await call('createConversation', { type: 'sdkGroup', participants })).body.conversation.id;
});
afterAll(() => hub?.stop());

test('who has never come in has none', async () => {
  expect(await call('listClients', ann)).toEqual(ok({ clients: [], meta: { hasMore: false }, links: {} }));
  expect(await call('listDevices', 'x-ann')).toEqual(ok({ devices: [] }));
  const { participants } = (await call('listParticipants', conversation)).body;
  expect(participants[0].clientAssociations).toEqual([]);
});

test('a sign-in and a socket leave a device each, once; they are clients, and associated with participants', async () => {
  await signIn('ann', PHONE);
  await devicesOf(ann, 1);
  await openSocket('ann', BROWSER);
  const [browser, phone] = await devicesOf(ann, 2);
  await signIn('ann', PHONE.replace('8.9.7', '8.9.8'));
  await openSocket('ann', BROWSER);
  expect((await devicesOf(ann, 2)).length).toBe(2);
  expect(masked([browser, phone], { browser: browser.id, phone: phone.id })).toEqual([
    {
      id: 'browser',
      type: 'web',
      guid: expect.stringMatching(/^agent:[\w-]{22}$/),
      clientId: 'browser',
      status: 'inactive',
      lastSeen: 'time',
      info: {
        userAgent: BROWSER,
        browser: 'Firefox',
        browserVersion: '127.0',
        os: 'Linux',
        deviceName: 'Firefox on Linux',
      },
    },
    {
      id: 'phone',
      type: 'ios',
      guid: expect.stringMatching(/^agent:[\w-]{22}$/),
      clientId: 'phone',
      status: 'inactive',
      lastSeen: 'time',
      info: { userAgent: PHONE, os: 'iOS', deviceName: 'Tapatalk on iOS' },
      appVersion: '8.9.7',
    },
  ]);
  expect(await call('getDevice', 'x-ann', phone.id)).toEqual(ok({ device: phone }));

  const clients = (await call('listClients', ann)).body;
  expect(masked(clients, { browser: browser.id, phone: phone.id })).toEqual({
    clients: [browser, phone].map(({ id, info }) => ({
      id: id === phone.id ? 'phone' : 'browser',
      type: 'sdk',
      status: 'active',
      lastSeen: 'time',
      linkedAt: 'time',
      displayName: 'ann',
      info,
    })),
    meta: { hasMore: false },
    links: {},
  });

  const associations = async () => {
    const { participants } = (await call('listParticipants', conversation)).body;
    return participants.map((each: { clientAssociations: object[] }) => each.clientAssociations);
  };
  // An answer leaves them out where the directory takes too long to tell them.
  await expect
    .poll(associations, { timeout: 30_000 })
    .toEqual([[browser, phone].map(({ id }) => ({ type: 'sdk', clientId: id })), []]);
});

test('clients are listed page by page', async () => {
  const [newest, oldest] = (await call('listClients', ann)).body.clients;
  const list = async (page: object) => {
    const { body } = await call('listClients', ann, { page });
    return { ids: body.clients.map(({ id }: { id: string }) => id), ...body.meta };
  };
  expect(await list({ size: 1 })).toEqual({ ids: [newest.id], hasMore: true, afterCursor: newest.id });
  expect(await list({ after: newest.id })).toEqual({
    ids: [oldest.id],
    hasMore: false,
    beforeCursor: oldest.id,
  });
  expect(await list({ before: oldest.id })).toEqual({
    ids: [newest.id],
    hasMore: false,
    afterCursor: newest.id,
  });
});

test('nobody removes a device as a client, and no client of another network is created', async () => {
  const [{ id }] = (await call('listClients', ann)).body.clients;
  expect(await call('removeClient', ann, id)).toEqual(
    refusal(400, 'bad_request', "Cannot remove a client of type 'sdk'"),
  );
  const missing = refusal(404, 'client_not_found', 'Client not found');
  expect(await call('removeClient', ann, MISSING)).toEqual(missing);
  expect(await call('removeClient', bob, id)).toEqual(missing);
  expect(await call('getDevice', bob, id)).toEqual(refusal(404, 'device_not_found', 'Device not found'));
  const wish = {
    matchCriteria: { type: 'whatsapp', integrationId: MISSING, phoneNumber: '+15550001234' },
    confirmation: { type: 'immediate' },
    target: { conversationId: conversation },
  };
  expect(await call('createClient', ann, wish)).toEqual(
    refusal(
      400,
      'bad_request',
      "There is no integration of type 'whatsapp' that a client could be created for",
    ),
  );
  expect(await call('createClient', ann, { ...wish, target: { conversationId: MISSING } })).toEqual(
    refusal(404, 'conversation_not_found', 'Conversation not found'),
  );
  expect(await call('createClient', ann, {})).toEqual(
    refusal(
      400,
      'bad_request',
      ...['matchCriteria', 'confirmation', 'target'].map((name) => `should have required property '${name}'`),
    ),
  );
});

test('a deleted user has none, nor has whoever comes after them under the same name', async () => {
  expect((await call('deleteUser', ann)).status).toBe('ok');
  expect(await call('listDevices', ann)).toEqual(refusal(404, 'user_not_found', 'User not found'));
  await hub.createUser('ours', { username: 'ann', externalId: 'x-ann' });
  expect(await call('listDevices', 'x-ann')).toEqual(ok({ devices: [] }));
});
