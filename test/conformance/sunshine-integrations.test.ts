// Integrations, their webhooks and their keys at the Sunshine door (contracts/sunshine.md 3 and 7), by the vendor's own
// client: what an app sets up, what an integration's key may do, and what ends with it.
import { SignJWT } from 'jose';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { TRIGGERS } from '../../src/dialects/sunshine/triggers.ts';
import { asApp, makeIntegration, TARGET } from '../support/desk.ts';
import { startTestHub, type TestHub } from '../support/server.ts';
import { basic, type Client, type Credentials, clientOf, masked, refusal } from './sunshine-client.ts';

const UNAUTHORIZED = refusal(401, 'unauthorized', 'Authorization is required');
const FORBIDDEN = refusal(403, 'forbidden', 'Forbidden');
const NO_INTEGRATION = refusal(404, 'integration_not_found', 'Integration not found');
const NOT_FOUND = refusal(404, 'not_found', 'Resource not found');
const badRequest = (...titles: string[]) => refusal(400, 'bad_request', ...titles);

let hub: TestHub;
let account: Client;
/** Apps for what changes nothing: one with no integration, one with one. */
let bare: Awaited<ReturnType<typeof newApp>>;
let furnished: typeof bare & Awaited<ReturnType<typeof makeIntegration>>;
let accountKey: { keyId: string; secret: string };
beforeAll(async () => {
  hub = await startTestHub();
  const made = await fetch(`${hub.url}/admin/keys`, {
    method: 'POST',
    headers: { authorization: `Bearer ${hub.adminToken}` },
    body: JSON.stringify({ name: 'Our account' }),
  });
  accountKey = ((await made.json()) as { sunshine: Credentials }).sunshine;
  account = clientOf({ basePath: hub.url, appId: '', ...accountKey });
  bare = await newApp();
  const other = await newApp();
  furnished = { ...other, ...(await makeIntegration(other.made, 'A bot')) };
});
afterAll(() => hub?.stop());

/** A new app, and a client with its key. */
async function newApp() {
  const made = await hub.createApp();
  return { made, appId: made.sunshine.appId, client: clientOf(made.sunshine) };
}

const webhook = (more: object = {}) => ({ target: TARGET, triggers: ['conversation:message'], ...more });
const custom = (more: object = {}) => ({ type: 'custom', webhooks: [webhook()], ...more });

const send = async (path: string, by: { keyId: string; secret: string } | string, body?: object) => {
  const reply = await fetch(`${hub.url}${path}`, {
    method: body ? 'POST' : 'GET',
    headers: { authorization: typeof by === 'string' ? `Bearer ${by}` : basic(by) },
    ...(body && { body: JSON.stringify(body) }),
  });
  return { status: reply.status, body: (await reply.json()) as ReturnType<typeof JSON.parse> };
};

describe('an integration', () => {
  test('is made with its webhook, shown, renamed and deleted', async () => {
    const { client, appId } = await newApp();
    const made = await client.call('createIntegration', appId, custom({ displayName: 'A bot' }));
    const { integration } = made.body;
    expect(masked(made.body)).toEqual({
      // The client's model of an integration knows no webhooks.
      integration: { id: 'id', type: 'custom', status: 'active', displayName: 'A bot' },
    });
    expect((await client.call('getIntegration', appId, integration.id)).body).toEqual({ integration });
    const renamed = await client.call('updateIntegration', appId, integration.id, { displayName: 'The bot' });
    expect(renamed.body.integration).toEqual({ ...integration, displayName: 'The bot' });
    const { displayName: _, ...unnamed } = integration;
    expect(
      (await client.call('updateIntegration', appId, integration.id, { displayName: null })).body,
    ).toEqual({
      integration: unnamed,
    });
    expect((await client.call('updateIntegration', appId, integration.id, {})).body).toEqual({
      integration: unnamed,
    });
    expect(await client.call('deleteIntegration', appId, integration.id)).toEqual({
      status: 'ok',
      body: '{}',
    });
    for (const [call, ...args] of [['getIntegration'], ['updateIntegration', {}], ['deleteIntegration']])
      expect(await client.call(call as string, appId, integration.id, ...args)).toEqual(NO_INTEGRATION);
  });

  test('shows its webhooks whole, to keys of the app with their secrets', async () => {
    const { made, appId } = await newApp();
    const path = `/v2/apps/${appId}/integrations`;
    const shown = {
      id: 'id',
      version: 'v2',
      target: TARGET,
      triggers: ['conversation:message'],
      includeFullUser: false,
      includeFullSource: false,
    };
    const whole = (webhooks: object[]) => ({ id: 'id', type: 'custom', status: 'active', webhooks });
    const created = await send(path, made.sunshine, custom());
    expect(created.status).toBe(201);
    const { secret } = created.body.integration.webhooks[0];
    expect(secret).toMatch(/^[\w-]{43}$/);
    expect(masked(created.body)).toEqual({ integration: whole([{ ...shown, secret }]) });
    const { id } = created.body.integration;
    expect((await send(`${path}/${id}`, made.sunshine)).body).toEqual(created.body);
    expect((await send(path, made.sunshine)).body.integrations).toEqual([created.body.integration]);
    expect(masked((await send(`${path}/${id}`, accountKey)).body)).toEqual({ integration: whole([shown]) });
    expect(masked((await send(path, accountKey, custom())).body)).toEqual({ integration: whole([shown]) });
  });

  test.each([
    [
      'another type',
      { type: 'android' },
      "Invalid integration type: this hub has no channel 'android', only 'custom' integrations",
    ],
    ['a type of nothing', { type: 'pigeon' }, 'Invalid integration type'],
    ['no type', { type: undefined }, "should have required property 'type'"],
    ['no webhooks', { webhooks: undefined }, "should have required property 'webhooks'"],
    ['an empty list of webhooks', { webhooks: [] }, 'webhooks should NOT have fewer than 1 items'],
    ['two webhooks', { webhooks: [webhook(), webhook()] }, 'webhooks should NOT have more than 1 items'],
    [
      'a webhook to inside',
      { webhooks: [webhook({ target: 'https://localhost/x' })] },
      'webhooks[0].target should be an address that may be called from here: this one leads to a private address',
    ],
    ['a long name', { displayName: 'x'.repeat(101) }, 'displayName should NOT be longer than 100 characters'],
  ])('is refused with %s', async (_, spoiled, title) => {
    const { client, appId } = bare;
    expect(await client.call('createIntegration', appId, custom(spoiled))).toEqual(badRequest(title));
    expect((await client.call('listIntegrations', appId, {})).body.integrations).toEqual([]);
  });

  test('is listed in pages, the newest first, by types in both encodings', async () => {
    const { client, made, appId } = await newApp();
    for (const displayName of ['one', 'two', 'three'])
      await client.call('createIntegration', appId, custom({ displayName }));
    const list = async (query: string) => {
      const { body } = await send(`/v2/apps/${appId}/integrations?${query}`, made.sunshine);
      return body.integrations.map((each: { displayName: string }) => each.displayName);
    };
    expect(await list('')).toEqual(['three', 'two', 'one']);
    const { body } = await send(`/v2/apps/${appId}/integrations?page[size]=2`, made.sunshine);
    expect(body.meta).toEqual({ hasMore: true, afterCursor: body.integrations[1].id });
    expect(await list(new URL(body.links.next).search.slice(1))).toEqual(['one']);
    expect(await list(`page[before]=${body.integrations[1].id}`)).toEqual(['three']);
    for (const filter of ['filter[types]=custom', 'filter[types]=web,custom', 'filter={"types":"custom"}'])
      expect(await list(filter)).toHaveLength(3);
    for (const filter of ['filter[types]=web,android', 'filter={"types":"ios"}'])
      expect(await list(filter)).toEqual([]);
    const filtered = await client.call('listIntegrations', appId, { filter: { types: 'custom' } });
    expect(filtered.body.integrations).toHaveLength(3);
    for (const wrong of ['filter[types]=', 'filter[types]=pigeon', 'filter={"types":7}', 'filter={']) {
      const answer = await send(`/v2/apps/${appId}/integrations?${wrong}`, made.sunshine);
      expect(answer).toEqual(badRequest('Invalid query parameters'));
    }
  });

  test('takes its keys and webhooks with it', async () => {
    const { made, client, appId } = await newApp();
    const { integrationId, webhookId, key } = await makeIntegration(made, 'A bot');
    const bot = clientOf({ ...made.sunshine, ...key });
    expect(await bot.call('getWebhook', appId, 'me', webhookId)).toMatchObject({ status: 'ok' });
    await client.call('deleteIntegration', appId, integrationId);
    expect(await bot.call('getWebhook', appId, 'me', webhookId)).toEqual(UNAUTHORIZED);
    expect(await client.call('getWebhook', appId, integrationId, webhookId)).toEqual(NO_INTEGRATION);
    // Their places are free again.
    for (let i = 0; i < 10; i++)
      expect(await client.call('createIntegration', appId, custom())).toMatchObject({ status: 'ok' });
  });

  test('has at most ten webhooks with all others of its app, also when they are made at once', async () => {
    const { made, client, appId } = await newApp();
    const { integrationId } = await makeIntegration(made, 'A bot');
    const tries = await Promise.all(
      Array.from({ length: 14 }, (_, i) =>
        i % 2
          ? client.call('createWebhook', appId, integrationId, webhook())
          : client.call('createIntegration', appId, custom()),
      ),
    );
    expect(tries.filter(({ status }) => status === 'ok')).toHaveLength(9);
    for (const { status, body } of tries.filter((each) => each.status !== 'ok'))
      expect([status, body.errors[0].code]).toEqual([400, 'bad_request']);
  });
});

describe('a webhook', () => {
  test('is made, listed, shown, changed and deleted', async () => {
    const { made, client, appId } = await newApp();
    const { integrationId, webhookId } = await makeIntegration(made, 'A bot');
    const created = await client.call('createWebhook', appId, integrationId, {
      target: 'https://example.org:8443/other?x=1',
      triggers: ['conversation:read', 'user:update', 'conversation:read'],
      includeFullUser: true,
    });
    const { webhook: shown } = created.body;
    expect(masked(shown)).toEqual({
      id: 'id',
      version: 'v2',
      target: 'https://example.org:8443/other?x=1',
      triggers: ['conversation:read', 'user:update'],
      secret: shown.secret,
      includeFullUser: true,
      includeFullSource: false,
    });
    expect((await client.call('getWebhook', appId, integrationId, shown.id)).body).toEqual({
      webhook: shown,
    });
    const listed = (await client.call('listWebhooks', appId, integrationId)).body.webhooks;
    expect(listed.map(({ id }: { id: string }) => id)).toEqual([webhookId, shown.id]);
    expect(listed[1]).toEqual(shown);
    const change = (body: object) => client.call('updateWebhook', appId, integrationId, shown.id, body);
    expect((await change({ includeFullSource: true })).body.webhook).toEqual({
      ...shown,
      includeFullSource: true,
    });
    const moved = {
      target: TARGET,
      triggers: ['user:merge'],
      includeFullUser: false,
      includeFullSource: false,
    };
    expect((await change(moved)).body.webhook).toEqual({ ...shown, ...moved });
    expect((await change({})).body.webhook).toEqual({ ...shown, ...moved });
    expect(await client.call('deleteWebhook', appId, integrationId, shown.id)).toEqual({
      status: 'ok',
      body: '{}',
    });
    expect(await change({})).toEqual(NOT_FOUND);
    expect(await client.call('getWebhook', appId, integrationId, shown.id)).toEqual(NOT_FOUND);
    expect(await client.call('deleteWebhook', appId, integrationId, shown.id)).toEqual(NOT_FOUND);
  });

  test('may be for every trigger, and for no other', async () => {
    const { made, client, appId } = await newApp();
    const { integrationId, webhookId } = await makeIntegration(made, 'A bot');
    const change = (triggers: unknown) =>
      client.call('updateWebhook', appId, integrationId, webhookId, { triggers });
    expect((await change(TRIGGERS)).body.webhook.triggers).toEqual(TRIGGERS);
    for (const wrong of [
      'Conversation:message',
      'conversation:*',
      '*',
      '',
      'conversation:message ',
      'toString',
    ])
      expect(await change(['user:update', wrong])).toEqual(
        badRequest('triggers[1] should be equal to one of the allowed values'),
      );
    expect(await change([])).toEqual(badRequest('triggers should NOT have fewer than 1 items'));
    expect((await client.call('getWebhook', appId, integrationId, webhookId)).body.webhook.triggers).toEqual(
      TRIGGERS,
    );
  });

  test.each([
    ['http://example.org/hook', 'must begin with https://'],
    ['https://127.0.0.1/hook', 'leads to a private address'],
    ['https://2130706433/hook', 'leads to a private address'],
    ['https://[::1]/hook', 'leads to a private address'],
    ['https://10.1.2.3/hook', 'leads to a private address'],
    ['https://printer/hook', 'leads to a private address'],
    ['https://box.local/hook', 'leads to a private address'],
    ['https://ann:word@example.org/hook', 'holds credentials'],
    ['https://example.org:22/hook', 'must use port 443 or 8443'],
  ])('does not lead to %s', async (target, problem) => {
    const { client, appId, integrationId, webhookId } = furnished;
    const refused = badRequest(
      `target should be an address that may be called from here: this one ${problem}`,
    );
    expect(await client.call('createWebhook', appId, integrationId, webhook({ target }))).toEqual(refused);
    expect(await client.call('updateWebhook', appId, integrationId, webhookId, { target })).toEqual(refused);
    expect((await client.call('getWebhook', appId, integrationId, webhookId)).body.webhook.target).toBe(
      TARGET,
    );
  });
});

describe('a key of an integration', () => {
  test('is made, listed, shown without its secret, and ended', async () => {
    const { made, client, appId } = await newApp();
    const { integrationId, key: first } = await makeIntegration(made, 'A bot');
    const { body } = await client.call('createCustomIntegrationKey', appId, integrationId, {
      displayName: 'Night',
    });
    const { id, secret } = body.key;
    expect(id).toMatch(/^int_[0-9a-f]{24}$/);
    expect(body).toEqual({ key: { id, displayName: 'Night', secret } });
    const shown = { id, displayName: 'Night' };
    expect((await client.call('getCustomIntegrationKey', appId, integrationId, id)).body).toEqual({
      key: shown,
    });
    expect((await client.call('listCustomIntegrationKeys', appId, integrationId)).body).toEqual({
      keys: [{ id: first.keyId, displayName: 'A bot' }, shown],
    });
    const night = clientOf({ ...made.sunshine, keyId: id, secret });
    expect(await night.call('listWebhooks', appId, 'me')).toMatchObject({ status: 'ok' });
    expect(await client.call('deleteCustomIntegrationKey', appId, integrationId, id)).toMatchObject({
      status: 'ok',
    });
    expect(await night.call('listWebhooks', appId, 'me')).toEqual(UNAUTHORIZED);
    expect(await client.call('deleteCustomIntegrationKey', appId, integrationId, id)).toEqual(NOT_FOUND);
    expect(await client.call('createCustomIntegrationKey', appId, integrationId, {})).toEqual(
      badRequest("should have required property 'displayName'"),
    );
  });

  test('is one of at most ten, also when they are made at once', async () => {
    const { made, client, appId } = await newApp();
    const { integrationId } = await makeIntegration(made, 'A bot');
    const make = (_: unknown, i: number) =>
      client.call('createCustomIntegrationKey', appId, integrationId, { displayName: `Key ${i}` });
    const tries = await Promise.all(Array.from({ length: 12 }, make));
    expect(tries.filter(({ status }) => status === 'ok')).toHaveLength(9);
    expect(tries.find(({ status }) => status !== 'ok')).toEqual(badRequest('At most 10 keys are allowed.'));
  });

  test('opens people and conversations, and its own webhooks alone, by Basic as by a signed token', async () => {
    const { made, appId } = await newApp();
    const bot = await makeIntegration(made, 'A bot');
    const desk = await makeIntegration(made, 'A help desk');
    const token = (scope: string) =>
      new SignJWT({ scope })
        .setProtectedHeader({ alg: 'HS256', typ: 'JWT', kid: bot.key.keyId })
        .sign(new TextEncoder().encode(bot.key.secret));
    const signed = await token('integration');
    const { user } = await asApp(made, 'POST', 'users', { externalId: 'ann' });
    const app = `/v2/apps/${appId}`;
    for (const by of [bot.key, signed]) {
      expect((await send(`${app}/users/ann`, by)).status).toBe(200);
      const opened = await send(`${app}/conversations`, by, {
        type: 'personal',
        participants: [{ userId: user.id }],
      });
      expect(opened.status).toBe(201);
      const posted = await send(`${app}/conversations/${opened.body.conversation.id}/messages`, by, {
        author: { type: 'business' },
        content: { type: 'text', text: 'Hello' },
      });
      expect(posted.status).toBe(201);
      for (const name of ['me', bot.integrationId]) {
        const listed = await send(`${app}/integrations/${name}/webhooks`, by);
        expect(listed.body.webhooks.map(({ id }: { id: string }) => id)).toEqual([bot.webhookId]);
        const one = await send(`${app}/integrations/${name}/webhooks/${bot.webhookId}`, by);
        expect(one.body.webhook.secret).toEqual(expect.any(String));
        // Of another integration, by one's own name.
        expect(await send(`${app}/integrations/${name}/webhooks/${desk.webhookId}`, by)).toEqual(NOT_FOUND);
      }
      for (const other of [desk.integrationId, 'f'.repeat(24), 'x'])
        for (const path of ['', `/${desk.webhookId}`])
          expect(await send(`${app}/integrations/${other}/webhooks${path}`, by)).toEqual(FORBIDDEN);
      for (const path of ['', '/integrations', `/integrations/${bot.integrationId}`, '/integrations/me/keys'])
        expect(await send(`${app}${path}`, by)).toEqual(FORBIDDEN);
      expect((await send('/v2/tokenInfo', by)).body.app.id).toBe(appId);
    }
    for (const scope of ['app', 'account', 'user'])
      expect(await send(`${app}/users/ann`, await token(scope))).toEqual(UNAUTHORIZED);
  });

  test('goes on when the keys of the app are changed', async () => {
    const { made, appId } = await newApp();
    const { key } = await makeIntegration(made, 'A bot');
    const rotated = await fetch(`${hub.url}/admin/apps/${made.app.slug}`, {
      method: 'PATCH',
      headers: { authorization: `Bearer ${hub.adminToken}` },
      body: JSON.stringify({ rotate: ['sunshine'] }),
    });
    expect(rotated.status).toBe(200);
    expect((await send(`/v2/apps/${appId}/integrations/me/webhooks`, key)).status).toBe(200);
    expect((await send(`/v2/apps/${appId}/integrations`, made.sunshine)).status).toBe(401);
  });

  test('is nobody to an app itself: "me" is for integrations', async () => {
    const { client, appId } = await newApp();
    expect(await client.call('listWebhooks', appId, 'me')).toEqual(NO_INTEGRATION);
    expect(await account.call('listWebhooks', appId, 'me')).toEqual(FORBIDDEN);
  });
});
