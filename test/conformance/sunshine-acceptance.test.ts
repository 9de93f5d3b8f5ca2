// What a back end that moves here counts on, in one place: the vendor's client performs all of its calls, every error of
// the vendor's catalogue comes as it is there, limits are where they are there. What each call does in detail is in the
// other files of this name.
import { createReadStream, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { Catalogue } from '../../src/openapi/operation.ts';
import { SUNSHINE_ERRORS } from '../../src/openapi/sunshine/errors.ts';
import { startTestHub, type TestHub } from '../support/server.ts';
import { forumCookie, png } from '../support/uploads.ts';
import { sendNamed } from './calls/tapatalk.ts';
import { basic, type Client, type Credentials, clientOf, type Outcome, refusal } from './sunshine-client.ts';

let hub: TestHub;
let keys: Credentials;
let forum: string;
let slug: string;
/** With a key of the app, and with one of the operator's account. */
let client: Client;
let account: Client;
let app: string;
let folder: string;

const call = (operation: string, ...args: unknown[]) => client.call(operation, app, ...args);
const MISSING = '029c31f25a21b47effd7be90';

beforeAll(async () => {
  hub = await startTestHub();
  const made = await hub.createApp();
  ({ slug } = made.app);
  keys = made.sunshine;
  forum = made.tapatalk.url;
  client = clientOf(keys);
  app = keys.appId;
  const key = (await operate('POST', '/keys', { name: 'acceptance' })) as { sunshine: Credentials };
  account = clientOf({ ...key.sunshine, appId: '' });
  folder = mkdtempSync(join(tmpdir(), 'parlance-acceptance-'));
  writeFileSync(join(folder, 'picture.png'), png(3, 2));
});
afterAll(async () => {
  await hub?.stop();
  rmSync(folder, { recursive: true, force: true });
});

async function operate(method: string, path: string, body?: object): Promise<unknown> {
  const reply = await fetch(`${hub.url}/admin${path}`, {
    method,
    headers: { authorization: `Bearer ${hub.adminToken}` },
    ...(body && { body: JSON.stringify(body) }),
  });
  if (!reply.ok) throw new Error(`${method} ${path}: ${reply.status} ${await reply.text()}`);
  return reply.json();
}

async function raw(method: string, path: string, body?: BodyInit, headers?: object): Promise<Outcome> {
  const reply = await fetch(`${keys.basePath}/v2/apps/${app}${path}`, {
    method,
    headers: { authorization: basic(keys), ...headers },
    ...(body !== undefined && { body }),
  });
  return { status: reply.status, body: await reply.json() };
}

let people = 0;
const newUser = async (): Promise<string> =>
  (await call('createUser', { externalId: `person-${++people}` })).body.user.id;
const member = (userId: string) => ({ userId, subscribeSDKClient: true });
const open = async (type: string, ...users: string[]): Promise<string> =>
  (await call('createConversation', { type, participants: users.map(member) })).body.conversation.id;
const picture = () => createReadStream(join(folder, 'picture.png'));
const webhook = { target: 'https://example.org/hook', triggers: ['conversation:message'] };
const business = { type: 'business' };
const hello = { author: business, content: { type: 'text', text: 'Hello' } };

const smsClient = (conversationId: string) => ({
  matchCriteria: { type: 'twilio', phoneNumber: '+15145550100', integrationId: MISSING },
  confirmation: { type: 'immediate' },
  target: { conversationId },
});

/** Calls that are not made below, and why. */
const ELSEWHERE: Record<string, string> = {
  authorize: 'OAuth grants access to another company’s account: an operator here makes keys instead',
  getToken: 'OAuth, as above',
  revokeAccess: 'OAuth, as above',
  downloadMessageRef: 'needs a peer that plays Apple’s gateway: sunshine-download.test.ts',
};
/** Calls of areas that this hub does not have yet. */
const NOT_YET = [
  'acceptControl',
  'offerControl',
  'passControl',
  'releaseControl',
  'createSwitchboard',
  'listSwitchboards',
  'updateSwitchboard',
  'deleteSwitchboard',
  'createSwitchboardIntegration',
  'listSwitchboardIntegrations',
  'updateSwitchboardIntegration',
  'deleteSwitchboardIntegration',
];

test('the vendor’s client performs every one of its calls', async () => {
  const called = new Set<string>();
  /** Throws where the call fails; the client's reading of the answer. */
  const does = async (by: Client, operation: string, ...args: unknown[]) => {
    called.add(operation);
    const { status, body } = await by.call(operation, ...args);
    expect([operation, status, status === 'ok' ? null : body]).toEqual([operation, 'ok', null]);
    return body;
  };
  const done = async (operation: string, ...args: unknown[]) =>
    expect([operation, await does(client, operation, app, ...args)]).toEqual([operation, '{}']);

  const ours = (await does(account, 'createApp', { displayName: 'Made by an account' })).app.id;
  expect((await does(account, 'listApps')).apps[0].id).toBe(ours);
  const { id: keyId } = (await does(account, 'createAppKey', ours, { displayName: 'One' })).key;
  expect((await does(account, 'listAppKeys', ours)).keys).toContainEqual({ id: keyId, displayName: 'One' });
  expect((await does(account, 'getAppKey', ours, keyId)).key.id).toBe(keyId);
  expect(await does(account, 'deleteAppKey', ours, keyId)).toBe('{}');
  expect(await does(account, 'deleteApp', ours)).toBe('{}');
  expect((await does(client, 'getApp', app)).app.id).toBe(app);
  const renamed = { displayName: 'Renamed' };
  expect((await does(client, 'updateApp', app, renamed)).app.displayName).toBe('Renamed');

  const { id: ann } = (await does(client, 'createUser', app, { externalId: 'a/n n' })).user;
  expect((await does(client, 'getUser', app, 'a/n n')).user.id).toBe(ann);
  const named = { profile: { givenName: 'Ann' } };
  expect((await does(client, 'updateUser', app, ann, named)).user.profile.givenName).toBe('Ann');

  const group = { type: 'sdkGroup', participants: [member(ann)] };
  const { id: talk } = (await does(client, 'createConversation', app, group)).conversation;
  expect((await does(client, 'listConversations', app, { userId: ann })).conversations).toHaveLength(1);
  expect((await does(client, 'getConversation', app, talk)).conversation.id).toBe(talk);
  expect((await does(client, 'updateConversation', app, talk, renamed)).conversation.displayName).toBe(
    'Renamed',
  );
  const ben = await newUser();
  expect((await does(client, 'joinConversation', app, talk, member(ben))).participant.userId).toBe(ben);
  expect((await does(client, 'listParticipants', app, talk)).participants).toHaveLength(2);

  const [said] = (await does(client, 'postMessage', app, talk, hello)).messages;
  const upload = await does(client, 'uploadAttachment', app, 'public', picture(), { _for: 'message' });
  expect((await does(client, 'listMessages', app, talk)).messages).toHaveLength(1);
  await done('postActivity', talk, { author: { type: 'user', userId: ann }, type: 'conversation:read' });
  // Coming in at the forum is what makes a device.
  const { sunshineId: dan } = await hub.createUser(slug, { username: 'dan', password: 'a password' });
  await forumCookie(forum, { username: 'dan', password: 'a password' });
  await expect.poll(async () => (await does(client, 'listDevices', app, dan)).devices.length).toBe(1);
  const { id: device } = (await does(client, 'listClients', app, dan)).clients[0];
  expect((await does(client, 'getDevice', app, dan, device)).device.clientId).toBe(device);
  // These two are for channels to other networks: here each is refused with the reason.
  called.add('createClient').add('removeClient');
  expect(await call('createClient', dan, smsClient(talk))).toEqual(
    refusal(
      400,
      'bad_request',
      "There is no integration of type 'twilio' that a client could be created for",
    ),
  );
  expect(await call('removeClient', dan, device)).toEqual(
    refusal(400, 'bad_request', "Cannot remove a client of type 'sdk'"),
  );
  await done('deleteMessage', talk, said.id);
  await done('deleteAllMessages', talk);
  await done('deleteAttachment', { mediaUrl: upload.attachment.mediaUrl });

  const custom = { type: 'custom', displayName: 'Bot', webhooks: [webhook] };
  const { integration } = await does(client, 'createIntegration', app, custom);
  expect((await does(client, 'listIntegrations', app)).integrations).toHaveLength(1);
  expect((await does(client, 'getIntegration', app, integration.id)).integration.id).toBe(integration.id);
  expect(
    (await does(client, 'updateIntegration', app, integration.id, renamed)).integration.displayName,
  ).toBe('Renamed');
  const made = (await does(client, 'createCustomIntegrationKey', app, integration.id, { displayName: 'Key' }))
    .key;
  expect((await does(client, 'listCustomIntegrationKeys', app, integration.id)).keys).toHaveLength(1);
  expect((await does(client, 'getCustomIntegrationKey', app, integration.id, made.id)).key.id).toBe(made.id);
  const bot = clientOf({ ...keys, keyId: made.id, secret: made.secret });
  const hook = (await does(bot, 'createWebhook', app, 'me', webhook)).webhook;
  expect((await does(bot, 'listWebhooks', app, 'me')).webhooks).toHaveLength(2);
  expect((await does(bot, 'getWebhook', app, 'me', hook.id)).webhook.secret).toBe(hook.secret);
  const louder = { includeFullUser: true };
  expect((await does(bot, 'updateWebhook', app, 'me', hook.id, louder)).webhook.includeFullUser).toBe(true);
  expect(await does(bot, 'deleteWebhook', app, 'me', hook.id)).toBe('{}');
  await done('deleteCustomIntegrationKey', integration.id, made.id);
  await done('deleteIntegration', integration.id);

  await done('leaveConversation', talk, { userId: ben });
  await done('deleteConversation', talk);
  expect(
    (await does(client, 'deleteUserPersonalInformation', app, ann)).user.profile.givenName,
  ).toBeUndefined();
  await done('deleteUser', ann);

  const here = client.operations.filter((name) => !(name in ELSEWHERE) && !NOT_YET.includes(name));
  expect([...called].sort()).toEqual(here.sort());
});

test('two writers begin 100 first conversations of a user at once: 100 there are, and one default', async () => {
  const ann = await newUser();
  const body = { type: 'personal', participants: [member(ann)] };
  const made: Outcome[] = [];
  const lane = async (writer: Client) => {
    for (let i = 0; i < 5; i++) made.push(await writer.call('createConversation', app, body));
  };
  await Promise.all([clientOf(keys), clientOf(keys)].flatMap((writer) => Array(10).fill(writer).map(lane)));
  expect(made.filter(({ status }) => status !== 'ok')).toEqual([]);
  const listed = await raw('GET', `/conversations?filter[userId]=${ann}&page[size]=100`);
  expect(listed.body.meta).toEqual({ hasMore: false });
  expect(new Set(listed.body.conversations.map(({ id }: { id: string }) => id)).size).toBe(100);
  for (const all of [listed.body.conversations, made.map((each) => each.body.conversation)]) {
    expect(all.filter(({ isDefault }: { isDefault: boolean }) => isDefault)).toHaveLength(1);
  }
});

/** An error of the vendor's catalogue (contracts/sunshine.md 3): how to get it, and the whole of it. */
type Provoked = [title: string, status: number, code: string, provoke: () => Promise<Outcome>];

const CATALOGUE: Provoked[] = [
  [
    'Invalid page query parameters',
    400,
    'bad_request',
    async () => call('listConversations', { userId: await newUser() }, { page: { after: 'x' } }),
  ],
  ['Invalid query parameters', 400, 'bad_request', () => call('listConversations', { userId: '' })],
  [
    'participants should NOT have more than 10 items',
    400,
    'bad_request',
    () => call('createConversation', { type: 'sdkGroup', participants: Array(11).fill(member(MISSING)) }),
  ],
  [
    'Unsupported media URL for attachment deletion: https://elsewhere.example/a.png',
    400,
    'bad_request',
    () => call('deleteAttachment', { mediaUrl: 'https://elsewhere.example/a.png' }),
  ],
  ["should have required property 'type'", 400, 'bad_request', () => call('createConversation', {})],
  [
    'Authorization is required',
    401,
    'unauthorized',
    () => clientOf({ ...keys, secret: 'wrong' }).call('getApp', app),
  ],
  ['Forbidden', 403, 'forbidden', () => client.call('listApps')],
  ['App not found', 404, 'app_not_found', () => client.call('getApp', MISSING)],
  ['User not found', 404, 'user_not_found', () => call('getUser', MISSING)],
  ['Conversation not found', 404, 'conversation_not_found', () => call('getConversation', MISSING)],
  ['Client not found', 404, 'client_not_found', async () => call('removeClient', await newUser(), MISSING)],
  ['Device not found', 404, 'device_not_found', async () => call('getDevice', await newUser(), MISSING)],
  ['Integration not found', 404, 'integration_not_found', () => call('getIntegration', MISSING)],
  ['Resource not found', 404, 'not_found', () => call('listMessages', MISSING)],
  [
    'Attachment not found',
    404,
    'not_found',
    () => call('deleteAttachment', { mediaUrl: `${keys.basePath}/files/nothing` }),
  ],
  [
    'User is not a member of the conversation',
    404,
    'not_found',
    async () => call('leaveConversation', await open('sdkGroup'), { userId: await newUser() }),
  ],
  [
    'User already exists',
    409,
    'conflict',
    async () => {
      await call('createUser', { externalId: 'twice' });
      return call('createUser', { externalId: 'twice' });
    },
  ],
  [
    'Request entity too large',
    413,
    'payload_too_large',
    () => raw('POST', '/users', JSON.stringify({ externalId: 'x'.repeat(100 * 1024) })),
  ],
  [
    'This conversation is closed. Nobody can post in it.',
    423,
    'locked',
    async () => {
      const id = await open('sdkGroup');
      const number = Number.parseInt(id.slice(8, 16), 16);
      await operate('PATCH', `/apps/${slug}/conversations/${number}`, { locked: true });
      return call('postMessage', id, hello);
    },
  ],
];

/** Entries of the catalogue that this hub does not give, and why. */
const NEVER: Record<string, string> = {
  payment_required: 'nobody pays',
  'Too many participants': 'a group takes as many as come, after it has begun',
  'Message limit of 30000 per conversation reached.': 'a conversation has no such limit (DESIGN.md 3)',
};

test.each(CATALOGUE)('the error “%s” is the vendor’s, whole', async (title, status, code, provoke) => {
  expect(await provoke()).toEqual(refusal(status, code, title));
});

test('the default conversation of a user is not deleted, in the vendor’s words', async () => {
  const id = await open('personal', await newUser());
  expect(await call('deleteConversation', id)).toEqual(
    refusal(400, 'bad_request', `Conversation ${id} cannot be deleted because it is the default.`),
  );
});

test('every error that the description knows is in the catalogue here, or said to have no part in it', () => {
  const provoked = new Set(CATALOGUE.map(([, status, code]) => `${status} ${code}`));
  const elsewhere = new Set([
    // With limits and faults of their own: limits.test.ts and outage.test.ts.
    '429 too_many_requests',
    '503 service_unavailable',
  ]);
  const known = Object.values(SUNSHINE_ERRORS as Catalogue).map(({ status, code }) => `${status} ${code}`);
  expect([...new Set(known)].filter((each) => !provoked.has(each) && !elsewhere.has(each))).toEqual([]);
  for (const never of Object.keys(NEVER)) expect(JSON.stringify(SUNSHINE_ERRORS)).not.toContain(never);
});

describe('metadata of 4,096 bytes passes, of 4,097 it does not', () => {
  const metadata = (bytes: number) => {
    const made = { a: 'x'.repeat(bytes - '{"a":""}'.length) };
    expect(Buffer.byteLength(JSON.stringify(made))).toBe(bytes);
    return made;
  };

  test.each<[owner: string, run: (metadata: object) => Promise<Outcome>]>([
    ['App', (metadata) => call('updateApp', { metadata })],
    ['Conversation', (metadata) => call('createConversation', { type: 'sdkGroup', metadata })],
    ['Conversation', async (metadata) => call('updateConversation', await open('sdkGroup'), { metadata })],
    ['Message', async (metadata) => call('postMessage', await open('sdkGroup'), { ...hello, metadata })],
    ['User', (metadata) => call('createUser', { externalId: `metadata-${++people}`, metadata })],
    ['User', async (metadata) => call('updateUser', await newUser(), { metadata })],
  ])('%s', async (owner, run) => {
    expect((await run(metadata(4096))).status).toBe('ok');
    expect(await run(metadata(4097))).toEqual(
      refusal(400, 'bad_request', `${owner} metadata is limited to 4096 bytes in size.`),
    );
    // Bytes, not letters.
    expect((await run({ a: 'ü'.repeat(2044) })).status).toBe('ok');
    expect((await run({ a: 'ü'.repeat(2045) })).status).toBe(400);
  });
});

describe('a conversation that began at one door is listed, read and answered at the other', () => {
  let cookie: string;
  let ann: string;
  let ben: string;
  beforeAll(async () => {
    const ask = { username: 'fay', password: 'a password' };
    ann = (await hub.createUser(slug, ask)).sunshineId;
    ben = (await hub.createUser(slug, { username: 'gil' })).sunshineId;
    cookie = await forumCookie(forum, ask);
  });
  const named = async (method: string, fields: object) =>
    (await sendNamed(forum, cookie, method, fields)).body;
  const texts = async (id: string): Promise<string[]> =>
    (await call('listMessages', id)).body.messages.map(
      (each: { content: { text: string } }) => each.content.text,
    );

  test('from a forum app to here', async () => {
    const words = { username: ['gil'], subject: 'Trip', body: 'Who [b]comes[/b]?' };
    const { conv_id: number } = await named('new_conversation', words);
    const { conversations } = (await call('listConversations', { userId: ben })).body;
    expect(conversations).toMatchObject([{ type: 'sdkGroup', displayName: 'Trip', isDefault: false }]);
    const { id } = conversations[0];
    expect(await texts(id)).toEqual(['Who comes?']);
    const answer = { author: { type: 'user', userId: ben }, content: { type: 'text', text: 'I do' } };
    expect((await call('postMessage', id, answer)).status).toBe('ok');
    const { list } = await named('get_conversation', { conversationId: number });
    expect(list.map((each: { msg_content: string }) => each.msg_content)).toEqual([
      expect.stringContaining('comes'),
      'I do',
    ]);
  });

  test('from here to a forum app', async () => {
    const { id } = (
      await call('createConversation', {
        type: 'sdkGroup',
        displayName: 'Lunch',
        participants: [member(ann), member(ben)],
      })
    ).body.conversation;
    await call('postMessage', id, { ...hello, author: { type: 'user', userId: ben } });
    const { list } = await named('get_conversations', {});
    const row = list.find(({ conv_subject }: { conv_subject: string }) => conv_subject === 'Lunch');
    expect(row).toMatchObject({ unread_num: 1 });
    const { conv_id: conversationId } = row;
    expect((await named('get_conversation', { conversationId })).list).toMatchObject([
      { msg_content: 'Hello' },
    ]);
    expect(await named('reply_conversation', { conversationId, body: 'Hungry' })).toMatchObject({
      result: true,
    });
    expect(await texts(id)).toEqual(['Hello', 'Hungry']);
  });
});

test('both encodings of queries that Python clients send mean the same', async () => {
  const ann = await newUser();
  const made: string[] = [];
  for (let i = 0; i < 3; i++) made.unshift(await open('sdkGroup', ann));
  // As recorded: 14.1.0 sends deepObject and page[size] always, 17.0.1 one JSON value for each.
  const encodings = [
    `filter%5BuserId%5D=${ann}&page%5Bafter%5D=${made[0]}&page%5Bsize%5D=25`,
    `filter=${encodeURIComponent(JSON.stringify({ userId: ann }))}&page=${encodeURIComponent(
      JSON.stringify({ after: made[0], size: 25 }),
    )}`,
  ];
  for (const query of encodings) {
    const { status, body } = await raw('GET', `/conversations?${query}`, undefined, {
      'content-type': 'application/json',
    });
    expect(status).toBe(200);
    expect(body.conversations.map(({ id }: { id: string }) => id)).toEqual(made.slice(1));
  }
});
