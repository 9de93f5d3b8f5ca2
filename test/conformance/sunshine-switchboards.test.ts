// Switchboards and control of conversations at the Sunshine door (contracts/sunshine.md 3), by the vendor's own client:
// what an app sets up, who speaks for the business, how that changes hands, and that it survives all that a log survives.
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { asApp, makeIntegration, makeSwitchboard } from '../support/desk.ts';
import { RealtimeSocket } from '../support/realtime.ts';
import { startTestHub, type TestHub } from '../support/server.ts';
import { tokenFor } from './calls/realtime.ts';
import { basic, type Client, clientOf, masked, refusal } from './sunshine-client.ts';

const FORBIDDEN = refusal(403, 'forbidden', 'Forbidden');
const NO_SWITCHBOARD = refusal(404, 'switchboard_not_found', 'Switchboard not found');
const NO_LINE = refusal(404, 'switchboard_integration_not_found', 'SwitchboardIntegration not found');
const NO_DEFAULT = refusal(
  404,
  'switchboard_integration_not_found',
  'Enabled switchboard must have an associated default switchboardIntegration',
);
const badRequest = (title: string) => refusal(400, 'bad_request', title);
const DONE = { status: 'ok', body: '{}' };

let hub: TestHub;
/** For tests that leave the switchboard as it is: each has a conversation of its own there. */
let shared: World;
beforeAll(async () => {
  hub = await startTestHub();
  shared = await furnished();
});
afterAll(() => hub?.stop());

async function newApp() {
  const made = await hub.createApp();
  const { appId } = made.sunshine;
  await asApp(made, 'POST', 'users', { externalId: 'ann' });
  return { made, appId, client: clientOf(made.sunshine), slug: made.app.slug };
}

/** An app with a bot (the default), a help desk and a lawyer, each with a client of its own. */
async function furnished() {
  const app = await newApp();
  const integrations = {
    bot: await makeIntegration(app.made, 'bot'),
    desk: await makeIntegration(app.made, 'desk'),
    law: await makeIntegration(app.made, 'law'),
  };
  const ids = Object.entries(integrations).map(([name, { integrationId }]) => [name, integrationId] as const);
  const board = await makeSwitchboard(app.made, Object.fromEntries(ids));
  const as = (name: keyof typeof integrations) =>
    clientOf({ ...app.made.sunshine, ...integrations[name].key });
  return { ...app, ...board, integrations, bot: as('bot'), desk: as('desk'), law: as('law') };
}
type Event = { text?: string };
type World = Awaited<ReturnType<typeof furnished>>;

const begin = async ({ client, appId }: Pick<World, 'client' | 'appId'>): Promise<string> => {
  const body = { type: 'personal', participants: [{ userExternalId: 'ann' }] };
  return (await client.call('createConversation', appId, body)).body.conversation.id;
};

/** Who has control and whom it is offered to, by name, as the list and the single answer show it alike. */
async function controlOf({ client, appId }: Pick<World, 'client' | 'appId'>, id: string): Promise<string> {
  const { conversation } = (await client.call('getConversation', appId, id)).body;
  const { conversations } = (await client.call('listConversations', appId, { userExternalId: 'ann' })).body;
  expect(conversations.find((each: { id: string }) => each.id === id)).toEqual(conversation);
  const { activeSwitchboardIntegration: active, pendingSwitchboardIntegration: pending } = conversation;
  return [active?.name ?? 'nobody', ...(pending ? [pending.name] : [])].join(', offered to ');
}

const say = (client: Client, appId: string, id: string, author: object = { type: 'business' }) =>
  client.call('postMessage', appId, id, { author, content: { type: 'text', text: 'Hello' } });
const byAnn = { type: 'user', userExternalId: 'ann' };
const textsOf = async ({ client, appId }: World, id: string) =>
  (await client.call('listMessages', appId, id, {})).body.messages.length;

describe('a switchboard', () => {
  test('is made once, enabled with a default, changed and deleted', async () => {
    const { client, appId, made } = await newApp();
    expect((await client.call('listSwitchboards', appId)).body).toEqual({ switchboards: [] });
    const { switchboard } = (await client.call('createSwitchboard', appId)).body;
    expect(masked(switchboard)).toEqual({ id: 'id', enabled: false });
    expect(await client.call('createSwitchboard', appId)).toEqual(
      badRequest('Only one switchboard can be created per app'),
    );
    const change = (body: object) => client.call('updateSwitchboard', appId, switchboard.id, body);
    expect(await change({ enabled: true })).toEqual(NO_DEFAULT);
    expect(await change({ defaultSwitchboardIntegrationId: switchboard.id })).toEqual(NO_LINE);
    const { integrationId } = await makeIntegration(made, 'bot');
    const linked = await client.call('createSwitchboardIntegration', appId, switchboard.id, {
      name: 'bot',
      integrationId,
    });
    const { id } = linked.body.switchboardIntegration;
    const enabled = { id: switchboard.id, enabled: true, defaultSwitchboardIntegrationId: id };
    expect((await change({ enabled: true, defaultSwitchboardIntegrationId: id })).body.switchboard).toEqual(
      enabled,
    );
    expect((await change({})).body.switchboard).toEqual(enabled);
    expect(await change({ defaultSwitchboardIntegrationId: null })).toEqual(NO_DEFAULT);
    const off = { enabled: false, defaultSwitchboardIntegrationId: null };
    expect((await change(off)).body.switchboard).toEqual({ id: switchboard.id, enabled: false });
    expect((await client.call('listSwitchboards', appId)).body.switchboards).toEqual([
      { id: switchboard.id, enabled: false },
    ]);
    expect(await client.call('deleteSwitchboard', appId, switchboard.id)).toEqual(DONE);
    expect(await change({})).toEqual(NO_SWITCHBOARD);
    expect(await client.call('deleteSwitchboard', appId, switchboard.id)).toEqual(NO_SWITCHBOARD);
    const again = await client.call('createSwitchboard', appId);
    expect(again.body.switchboard.id).not.toBe(switchboard.id);
  });

  test('is one, however many make it at once', async () => {
    const { client, appId } = await newApp();
    const made = await Promise.all(Array.from({ length: 8 }, () => client.call('createSwitchboard', appId)));
    expect(made.filter(({ status }) => status === 'ok')).toHaveLength(1);
    expect((await client.call('listSwitchboards', appId)).body.switchboards).toHaveLength(1);
  });

  test('links integrations under names of their own, changes and lets go of them', async () => {
    const { client, appId, made, switchboardId, lines, integrations } = await furnished();
    const link = (body: object) => client.call('createSwitchboardIntegration', appId, switchboardId, body);
    const { integrationId } = await makeIntegration(made, 'night');
    const asked = {
      name: 'night_1-A',
      integrationId,
      deliverStandbyEvents: false,
      nextSwitchboardIntegrationId: lines.desk,
      messageHistoryCount: 10,
    };
    const { switchboardIntegration: line } = (await link(asked)).body;
    expect(line).toEqual({ ...asked, id: line.id, integrationType: 'custom' });
    const listed = (await client.call('listSwitchboardIntegrations', appId, switchboardId)).body
      .switchboardIntegrations;
    expect(masked(listed.slice(0, 1))).toEqual([
      { id: 'id', name: 'bot', integrationId: 'id', integrationType: 'custom', deliverStandbyEvents: true },
    ]);
    expect(listed.at(-1)).toEqual(line);
    const change = (body: object, id = line.id) =>
      client.call('updateSwitchboardIntegration', appId, switchboardId, id, body);
    expect((await change({})).body.switchboardIntegration).toEqual(line);
    const less = { nextSwitchboardIntegrationId: null, messageHistoryCount: null, name: 'night' };
    const { nextSwitchboardIntegrationId: _, messageHistoryCount: __, ...kept } = line;
    expect((await change(less)).body.switchboardIntegration).toEqual({ ...kept, name: 'night' });

    for (const [spoiled, refused] of [
      [
        { name: 'desk' },
        badRequest('Another switchboard integration has this name, or links this integration.'),
      ],
      [
        { integrationId: integrations.bot.integrationId },
        badRequest('Another switchboard integration has this name, or links this integration.'),
      ],
      [{ name: 'next' }, badRequest("name should NOT be 'next'")],
      [{ name: 'with blanks' }, badRequest('name should match pattern "^[A-Za-z0-9_-]+$"')],
      [{ messageHistoryCount: 11 }, badRequest('messageHistoryCount should be <= 10')],
      [{ integrationId: 'x' }, refusal(404, 'integration_not_found', 'Integration not found')],
      [{ nextSwitchboardIntegrationId: switchboardId }, NO_LINE],
      [
        { integrationType: 'zd:agentWorkspace' },
        badRequest("No integration can be linked by the type 'zd:agentWorkspace': use integrationId"),
      ],
      [
        { integrationType: 'x', integrationId },
        badRequest('Only one of integrationId and integrationType can be provided'),
      ],
    ] as const) {
      expect(await change(spoiled)).toEqual(refused);
      expect(
        await link({
          name: 'other',
          ...('integrationType' in spoiled ? {} : { integrationId: integrations.law.integrationId }),
          ...spoiled,
        }),
      ).toMatchObject({ status: refused.status });
    }
    expect(await link({ name: 'nothing' })).toEqual(
      badRequest('One of integrationId or integrationType must be provided'),
    );

    await change({ nextSwitchboardIntegrationId: line.id }, lines.law);
    const kept2 = badRequest(
      'The default switchboard integration, and one that is the next of another, cannot be deleted.',
    );
    const unlink = (id: string) => client.call('deleteSwitchboardIntegration', appId, switchboardId, id);
    expect(await unlink(line.id)).toEqual(kept2);
    expect(await unlink(lines.bot as string)).toEqual(kept2);
    expect(await client.call('deleteIntegration', appId, integrationId)).toEqual(
      badRequest('The integration cannot be deleted while a switchboard integration links it.'),
    );
    await change({ nextSwitchboardIntegrationId: null }, lines.law);
    expect(await unlink(line.id)).toEqual(DONE);
    expect(await unlink(line.id)).toEqual(NO_LINE);
    expect(await change({})).toEqual(NO_LINE);
    expect(await client.call('deleteIntegration', appId, integrationId)).toEqual(DONE);
  });

  test('links at most ten', async () => {
    const { client, appId, made } = await newApp();
    const { switchboardId } = await makeSwitchboard(made, {
      first: (await makeIntegration(made, 'first')).integrationId,
    });
    const others: string[] = [];
    for (let i = 0; i < 9; i++) others.push((await makeIntegration(made, `other ${i}`)).integrationId);
    for (const [i, integrationId] of others.entries()) {
      const linked = await client.call('createSwitchboardIntegration', appId, switchboardId, {
        name: `n${i}`,
        integrationId,
      });
      expect(linked.status).toBe('ok');
    }
    // Its webhook gone, an integration makes room for another one with a webhook.
    const { webhooks } = (await client.call('listWebhooks', appId, others[0])).body;
    await client.call('deleteWebhook', appId, others[0], webhooks[0].id);
    const { integrationId } = await makeIntegration(made, 'one too many');
    expect(
      await client.call('createSwitchboardIntegration', appId, switchboardId, {
        name: 'eleventh',
        integrationId,
      }),
    ).toEqual(
      refusal(
        400,
        'too_many_switchboard_integrations',
        'Switchboard has reached the max number of switchboard integrations (10)',
      ),
    );
  });

  test('is the app’s to set up: an integration sees none of it', async () => {
    const { bot, appId, switchboardId } = shared;
    expect(await bot.call('listSwitchboards', appId)).toEqual(FORBIDDEN);
    expect(await bot.call('listSwitchboardIntegrations', appId, switchboardId)).toEqual(FORBIDDEN);
  });
});

describe('control', () => {
  test('begins with the default one, and is shown', async () => {
    const world = shared;
    const { client, appId, lines, integrations } = world;
    const id = await begin(world);
    expect(
      (await client.call('getConversation', appId, id)).body.conversation.activeSwitchboardIntegration,
    ).toEqual({
      id: lines.bot,
      name: 'bot',
      integrationId: integrations.bot.integrationId,
      integrationType: 'custom',
    });
    const group = await client.call('createConversation', appId, { type: 'sdkGroup', participants: [] });
    expect(group.body.conversation.activeSwitchboardIntegration.name).toBe('bot');
  });

  test('lets its holder alone speak for the business; the app and people always speak', async () => {
    const world = shared;
    const { bot, desk, client, appId } = world;
    const id = await begin(world);
    expect(await say(desk, appId, id)).toEqual(FORBIDDEN);
    expect(await textsOf(world, id)).toBe(0);
    expect(await say(bot, appId, id)).toMatchObject({ status: 'ok' });
    expect(await say(client, appId, id)).toMatchObject({ status: 'ok' });
    expect(await say(desk, appId, id, byAnn)).toMatchObject({ status: 'ok' });
    expect(await textsOf(world, id)).toBe(3);
    // Nor does another one put words into the business's mouth afterwards; what people said is as open to it as before.
    const edit = async (by: 'bot' | 'desk', messageId: string) => {
      const { keyId, secret } = world.integrations[by].key;
      const path = `${world.made.sunshine.basePath}/v2/apps/${appId}/conversations/${id}/messages/${messageId}`;
      const headers = { authorization: basic({ keyId, secret }) };
      const body = JSON.stringify({ content: { type: 'text', text: 'Good day' } });
      return (await fetch(path, { method: 'PATCH', headers, body })).status;
    };
    const said = (await client.call('listMessages', appId, id, {})).body.messages;
    expect(await edit('desk', said[0].id)).toBe(403);
    expect(await edit('bot', said[0].id)).toBe(200);
    expect(await edit('desk', said[2].id)).toBe(200);
    // Nor takes it the business's words away, one by one or all.
    const gone = (by: typeof bot, ...which: string[]) =>
      by.call(which.length > 0 ? 'deleteMessage' : 'deleteAllMessages', appId, id, ...which);
    expect(await gone(desk, said[0].id)).toEqual(FORBIDDEN);
    expect(await gone(desk)).toEqual(FORBIDDEN);
    expect(await gone(desk, said[2].id)).toMatchObject({ status: 'ok' });
    expect(await gone(bot, said[0].id)).toMatchObject({ status: 'ok' });
    expect(await textsOf(world, id)).toBe(1);
    expect(await gone(bot)).toMatchObject({ status: 'ok' });
    expect(await textsOf(world, id)).toBe(0);
    // An integration that no switchboard links holds nothing.
    const free = clientOf({ ...world.made.sunshine, ...(await makeIntegration(world.made, 'free')).key });
    expect(await say(free, appId, id)).toEqual(FORBIDDEN);
  });

  test('passes by id, by name and to the next one, from its holder or the app alone', async () => {
    const world = await furnished();
    const { bot, desk, law, client, appId, switchboardId, lines } = world;
    await client.call('updateSwitchboardIntegration', appId, switchboardId, lines.bot, {
      nextSwitchboardIntegrationId: lines.desk,
    });
    const id = await begin(world);
    const pass = (by: Client, to: unknown, more: object = {}) =>
      by.call('passControl', appId, id, { switchboardIntegration: to, ...more });
    expect(await pass(desk, 'desk')).toEqual(FORBIDDEN);
    expect(await pass(bot, 'next', { metadata: { language: 'en', urgent: true } })).toEqual(DONE);
    expect(await controlOf(world, id)).toBe('desk');
    expect(await say(bot, appId, id)).toEqual(FORBIDDEN);
    expect(await say(desk, appId, id)).toMatchObject({ status: 'ok' });
    expect(await pass(bot, 'bot')).toEqual(FORBIDDEN);
    expect(await pass(desk, lines.law)).toEqual(DONE);
    expect(await controlOf(world, id)).toBe('law');
    expect(await pass(law, 'law')).toEqual(DONE);
    expect(await pass(client, 'bot')).toEqual(DONE);
    expect(await controlOf(world, id)).toBe('bot');
    expect(await pass(client, 'nobody')).toEqual(NO_LINE);
    expect(await pass(client, 'custom')).toEqual(
      badRequest("Several switchboard integrations are of type 'custom'."),
    );
    expect(await pass(client, 'law')).toEqual(DONE);
    expect(await pass(client, 'next')).toEqual(NO_LINE);
    expect(await pass(client, 7)).toEqual(badRequest('switchboardIntegration should be string'));
    expect(await pass(client, 'bot', { metadata: { deep: {} } })).toMatchObject({ status: 400 });
    expect(await pass(client, 'bot', { metadata: { x: 'x'.repeat(4_096) } })).toEqual(
      badRequest('Switchboard metadata is limited to 4096 bytes in size.'),
    );
    expect(await controlOf(world, id)).toBe('law');
    expect(await client.call('passControl', appId, 'x', { switchboardIntegration: 'bot' })).toEqual(
      refusal(404, 'conversation_not_found', 'Conversation not found'),
    );
  });

  test('is offered and accepted; a later offer voids an earlier one', async () => {
    const world = shared;
    const { bot, desk, law, client, appId } = world;
    const id = await begin(world);
    const offer = (by: Client, to: string) =>
      by.call('offerControl', appId, id, { switchboardIntegration: to });
    const accept = (by: Client) => by.call('acceptControl', appId, id, {});
    expect(await accept(client)).toEqual(badRequest('There is no pendingSwitchboardIntegration'));
    expect(await accept(desk)).toEqual(FORBIDDEN);
    expect(await offer(desk, 'desk')).toEqual(FORBIDDEN);
    expect(await offer(bot, 'bot')).toEqual(
      badRequest('Cannot offer control to the active switchboard integration.'),
    );
    expect(await offer(bot, 'law')).toEqual(DONE);
    expect(await offer(bot, 'desk')).toEqual(DONE);
    expect(await controlOf(world, id)).toBe('bot, offered to desk');
    expect(await accept(law)).toEqual(FORBIDDEN);
    expect(await say(desk, appId, id)).toEqual(FORBIDDEN);
    expect(await say(bot, appId, id)).toMatchObject({ status: 'ok' });
    expect(await accept(desk)).toEqual(DONE);
    expect(await controlOf(world, id)).toBe('desk');
    expect(await say(desk, appId, id)).toMatchObject({ status: 'ok' });
    await offer(desk, 'law');
    expect(await accept(client)).toEqual(DONE);
    expect(await controlOf(world, id)).toBe('law');
  });

  test('is released, and falls to the default one with the next message', async () => {
    const world = shared;
    const { bot, desk, client, appId } = world;
    const id = await begin(world);
    const release = (by: Client) => by.call('releaseControl', appId, id);
    await client.call('passControl', appId, id, { switchboardIntegration: 'desk' });
    expect(await release(bot)).toEqual(FORBIDDEN);
    expect(await release(desk)).toEqual(DONE);
    expect(await controlOf(world, id)).toBe('nobody');
    expect(await release(desk)).toEqual(FORBIDDEN);
    expect(await release(client)).toEqual(DONE);
    expect(await say(desk, appId, id)).toEqual(FORBIDDEN);
    expect(await controlOf(world, id)).toBe('nobody');
    await say(client, appId, id, byAnn);
    expect(await controlOf(world, id)).toBe('bot');
    expect(await say(bot, appId, id)).toMatchObject({ status: 'ok' });
  });

  test('is in force while the switchboard is enabled', async () => {
    const world = await furnished();
    const { desk, client, appId, switchboardId } = world;
    const id = await begin(world);
    const enable = (enabled: boolean) => client.call('updateSwitchboard', appId, switchboardId, { enabled });
    await enable(false);
    expect(await controlOf(world, id)).toBe('nobody');
    expect(await say(desk, appId, id)).toMatchObject({ status: 'ok' });
    const to = { switchboardIntegration: 'desk' };
    expect(await client.call('passControl', appId, id, to)).toEqual(NO_SWITCHBOARD);
    // What begins meanwhile is the default one's afterwards, as what there was before.
    const meanwhile = await begin(world);
    await enable(true);
    expect(await controlOf(world, id)).toBe('bot');
    expect(await say(desk, appId, meanwhile)).toEqual(FORBIDDEN);
    expect(await say(world.bot, appId, meanwhile)).toMatchObject({ status: 'ok' });
    expect(await controlOf(world, meanwhile)).toBe('bot');
    await client.call('deleteSwitchboard', appId, switchboardId);
    expect(await controlOf(world, id)).toBe('nobody');
    expect(await say(desk, appId, id)).toMatchObject({ status: 'ok' });
  });

  test('goes back to the default one when its holder’s line is deleted, and follows its name', async () => {
    const world = await furnished();
    const { desk, client, appId, switchboardId, lines } = world;
    const id = await begin(world);
    await client.call('passControl', appId, id, { switchboardIntegration: 'desk' });
    await client.call('updateSwitchboardIntegration', appId, switchboardId, lines.desk, { name: 'humans' });
    expect(await controlOf(world, id)).toBe('humans');
    await client.call('deleteSwitchboardIntegration', appId, switchboardId, lines.desk);
    expect(await controlOf(world, id)).toBe('nobody');
    expect(await say(desk, appId, id)).toEqual(FORBIDDEN);
    await say(client, appId, id, byAnn);
    expect(await controlOf(world, id)).toBe('bot');
  });

  test('and posts never cross: of all that is posted while control moves, each was by who had it', async () => {
    const world = shared;
    const { bot, desk, client, appId, slug } = world;
    const id = await begin(world);
    const number = Number.parseInt(id.slice(8, 16), 16);
    const token = await tokenFor(hub, slug, 'ann');
    const socket = new RealtimeSocket(world.made.realtime.url, ['parlance.v1', `token.${token}`]);
    await socket.next('hello');
    await socket.ask({ t: 'subscribe', c: String(number) });
    const tries: Promise<{ status: number | 'ok' }>[] = [];
    for (let round = 0; round < 12; round++) {
      for (const [who, text] of [
        [bot, 'bot'],
        [desk, 'desk'],
      ] as const) {
        const message = { author: { type: 'business' }, content: { type: 'text', text } };
        tries.push(who.call('postMessage', appId, id, message));
      }
      tries.push(
        client.call('passControl', appId, id, { switchboardIntegration: round % 2 ? 'bot' : 'desk' }),
      );
    }
    const outcomes = await Promise.all(tries);
    expect(outcomes.every(({ status }) => status === 'ok' || status === 403)).toBe(true);
    await say(client, appId, id, byAnn);
    await socket.next('events', ({ events }) => events.some((each: Event) => each.text === 'Hello'));
    let holder = 'bot';
    let said = 0;
    for (const event of socket.events(number)) {
      if (event.kind === 'control') holder = event.active?.name ?? '';
      if (event.kind !== 'message' || event.text === 'Hello') continue;
      expect(event.text).toBe(holder);
      said += 1;
    }
    expect(said).toBeGreaterThan(0);
    await socket.close();
  });

  test('is in the directory and in the archive: a conversation that is told again or restored keeps it', async () => {
    const world = shared;
    const { desk, client, appId, slug } = world;
    const id = await begin(world);
    await client.call('offerControl', appId, id, { switchboardIntegration: 'law' });
    const operate = (path: string) =>
      fetch(`${hub.url}/admin/apps/${slug}${path}`, {
        method: 'POST',
        headers: { authorization: `Bearer ${hub.adminToken}` },
      });
    const number = Number.parseInt(id.slice(8, 16), 16);
    expect((await operate('/reindex')).status).toBe(200);
    expect(await controlOf(world, id)).toBe('bot, offered to law');
    await client.call('passControl', appId, id, { switchboardIntegration: 'desk' });
    await say(desk, appId, id);
    expect((await operate(`/conversations/${number}/restore`)).status).toBe(200);
    expect(await controlOf(world, id)).toBe('desk');
    expect(await say(desk, appId, id)).toMatchObject({ status: 'ok' });
    expect(await say(world.bot, appId, id)).toEqual(FORBIDDEN);
  });
});
