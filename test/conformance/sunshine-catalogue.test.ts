// Every error of the vendor's catalogue (contracts/sunshine.md 3), provoked by the vendor's own client and compared whole; and
// the limit of custom data, which is an error one byte further.
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { Catalogue } from '../../src/openapi/operation.ts';
import { SUNSHINE_ERRORS } from '../../src/openapi/sunshine/errors.ts';
import { startTestHub, type TestHub } from '../support/server.ts';
import { hello, MISSING, member, type SunshineApp, sunshineAppOf } from './sunshine-app.ts';
import { clientOf, type Outcome, refusal } from './sunshine-client.ts';

let hub: TestHub;
let app: SunshineApp;

beforeAll(async () => {
  hub = await startTestHub();
  app = await sunshineAppOf(hub);
});
afterAll(() => hub?.stop());

/** The app's one switchboard, made by whoever needs it first. */
async function switchboard(): Promise<string> {
  const { switchboards } = (await app.call('listSwitchboards')).body;
  return switchboards[0]?.id ?? (await app.call('createSwitchboard')).body.switchboard.id;
}

/** A new integration, without the webhook that it has to begin with: an app has few of those. */
async function integration(): Promise<string> {
  const webhooks = [{ target: 'https://example.org/hook', triggers: ['conversation:message'] }];
  const { id } = (await app.call('createIntegration', { type: 'custom', webhooks })).body.integration;
  const [webhook] = (await app.call('listWebhooks', id)).body.webhooks;
  await app.call('deleteWebhook', id, webhook.id);
  return id;
}

/** An error of the vendor's catalogue (contracts/sunshine.md 3): how to get it, and the whole of it. */
type Provoked = [title: string, status: number, code: string, provoke: () => Promise<Outcome>];

const CATALOGUE: Provoked[] = [
  [
    'Invalid page query parameters',
    400,
    'bad_request',
    async () => app.call('listConversations', { userId: await app.newUser() }, { page: { after: 'x' } }),
  ],
  ['Invalid query parameters', 400, 'bad_request', () => app.call('listConversations', { userId: '' })],
  [
    'participants should NOT have more than 10 items',
    400,
    'bad_request',
    () => app.call('createConversation', { type: 'sdkGroup', participants: Array(11).fill(member(MISSING)) }),
  ],
  [
    'Unsupported media URL for attachment deletion: https://elsewhere.example/a.png',
    400,
    'bad_request',
    () => app.call('deleteAttachment', { mediaUrl: 'https://elsewhere.example/a.png' }),
  ],
  ["should have required property 'type'", 400, 'bad_request', () => app.call('createConversation', {})],
  [
    'Authorization is required',
    401,
    'unauthorized',
    () => clientOf({ ...app.keys, secret: 'wrong' }).call('getApp', app.id),
  ],
  ['Forbidden', 403, 'forbidden', () => app.client.call('listApps')],
  ['App not found', 404, 'app_not_found', () => app.client.call('getApp', MISSING)],
  ['User not found', 404, 'user_not_found', () => app.call('getUser', MISSING)],
  ['Conversation not found', 404, 'conversation_not_found', () => app.call('getConversation', MISSING)],
  [
    'Client not found',
    404,
    'client_not_found',
    async () => app.call('removeClient', await app.newUser(), MISSING),
  ],
  [
    'Device not found',
    404,
    'device_not_found',
    async () => app.call('getDevice', await app.newUser(), MISSING),
  ],
  ['Integration not found', 404, 'integration_not_found', () => app.call('getIntegration', MISSING)],
  [
    'Only one switchboard can be created per app',
    400,
    'bad_request',
    async () => {
      await switchboard();
      return app.call('createSwitchboard');
    },
  ],
  [
    'Switchboard has reached the max number of switchboard integrations (10)',
    400,
    'too_many_switchboard_integrations',
    async () => {
      const board = await switchboard();
      const link = async (name: string) =>
        app.call('createSwitchboardIntegration', board, { name, integrationId: await integration() });
      for (let i = 0; i < 10; i++) expect((await link(`line-${i}`)).status).toBe('ok');
      return link('line-11');
    },
  ],
  ['Switchboard not found', 404, 'switchboard_not_found', () => app.call('deleteSwitchboard', MISSING)],
  [
    'SwitchboardIntegration not found',
    404,
    'switchboard_integration_not_found',
    async () => app.call('deleteSwitchboardIntegration', await switchboard(), MISSING),
  ],
  [
    'Enabled switchboard must have an associated default switchboardIntegration',
    404,
    'switchboard_integration_not_found',
    async () => app.call('updateSwitchboard', await switchboard(), { enabled: true }),
  ],
  ['Resource not found', 404, 'not_found', () => app.call('listMessages', MISSING)],
  [
    'Attachment not found',
    404,
    'not_found',
    () => app.call('deleteAttachment', { mediaUrl: `${app.keys.basePath}/files/nothing` }),
  ],
  [
    'User is not a member of the conversation',
    404,
    'not_found',
    async () => app.call('leaveConversation', await app.open('sdkGroup'), { userId: await app.newUser() }),
  ],
  [
    'User already exists',
    409,
    'conflict',
    async () => {
      await app.call('createUser', { externalId: 'twice' });
      return app.call('createUser', { externalId: 'twice' });
    },
  ],
  [
    'Request entity too large',
    413,
    'payload_too_large',
    () => app.raw('POST', '/users', JSON.stringify({ externalId: 'x'.repeat(100 * 1024) })),
  ],
  [
    'This conversation is closed. Nobody can post in it.',
    423,
    'locked',
    async () => {
      const id = await app.open('sdkGroup');
      const number = Number.parseInt(id.slice(8, 16), 16);
      await app.operate('PATCH', `/apps/${app.slug}/conversations/${number}`, { locked: true });
      return app.call('postMessage', id, hello);
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
  const id = await app.open('personal', await app.newUser());
  expect(await app.call('deleteConversation', id)).toEqual(
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

let people = 0;

describe('metadata of 4,096 bytes passes, of 4,097 it does not', () => {
  const metadata = (bytes: number) => {
    const made = { a: 'x'.repeat(bytes - '{"a":""}'.length) };
    expect(Buffer.byteLength(JSON.stringify(made))).toBe(bytes);
    return made;
  };

  test.each<[owner: string, run: (metadata: object) => Promise<Outcome>]>([
    ['App', (metadata) => app.call('updateApp', { metadata })],
    ['Conversation', (metadata) => app.call('createConversation', { type: 'sdkGroup', metadata })],
    [
      'Conversation',
      async (metadata) => app.call('updateConversation', await app.open('sdkGroup'), { metadata }),
    ],
    [
      'Message',
      async (metadata) => app.call('postMessage', await app.open('sdkGroup'), { ...hello, metadata }),
    ],
    ['User', (metadata) => app.call('createUser', { externalId: `metadata-${++people}`, metadata })],
    ['User', async (metadata) => app.call('updateUser', await app.newUser(), { metadata })],
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
