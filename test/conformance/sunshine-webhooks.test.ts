// What webhooks of integrations are told of control and of devices (contracts/sunshine.md 3 and 7), at a real receiver. How
// deliveries go, and what is told of conversations and people, is webhooks-delivery.test.ts.
import { afterAll, beforeAll, expect, test } from 'vitest';
import { makeSwitchboard } from '../support/desk.ts';
import { forumCookie } from '../support/uploads.ts';
import { type Json, startWorld, type World } from './webhooks-world.ts';

let world: World;
beforeAll(async () => {
  world = await startWorld();
});
afterAll(() => world?.stop());

/** An integration that is told of these, and what it was told: receivers know a repetition by its id. */
async function integration(name: string, triggers: string[], more: object = {}) {
  const target = `${world.receiver.url}/${name}`;
  const webhooks = [{ target, triggers, ...more }];
  const made = await world.sunshine('POST', '/integrations', { type: 'custom', displayName: name, webhooks });
  const events = (): Json[] => {
    const calls = world.receiver.calls.filter(({ path }) => path === `/${name}`);
    const all = calls.flatMap(({ body }) => JSON.parse(body.toString()).events as Json[]);
    return [...new Map(all.map((event) => [event.id, event])).values()];
  };
  const until = async (most: number): Promise<Json[]> => {
    await world.receiver.until(() => events().length >= most);
    return events();
  };
  return { id: made.integration.id as string, until };
}

test('whoever is given control, or offered it, is shown as many earlier messages as they asked for', async () => {
  const control = ['switchboard:passControl', 'switchboard:offerControl', 'switchboard:acceptControl'];
  const bot = await integration('bot', control);
  const desk = await integration('desk', control, { includeFullUser: true });
  const { switchboardId, lines } = await makeSwitchboard(world.app, { bot: bot.id, desk: desk.id });
  const line = `/switchboards/${switchboardId}/switchboardIntegrations/${lines.desk}`;
  await world.sunshine('PATCH', line, { messageHistoryCount: 3 });
  const participants = [{ userExternalId: 'x-ann' }];
  const opened = await world.sunshine('POST', '/conversations', { type: 'personal', participants });
  const at = `/conversations/${opened.conversation.id}`;
  for (const text of ['one', 'two']) await world.post(opened.conversation.id, text, 'x-ann');
  const gone = await world.post(opened.conversation.id, 'taken back', 'x-ann');
  await world.post(opened.conversation.id, 'How can I help?');
  await world.post(opened.conversation.id, 'four', 'x-ann');
  await world.sunshine('DELETE', `${at}/messages/${gone}`);
  const { messages } = await world.sunshine('GET', `${at}/messages`);
  await world.sunshine('POST', `${at}/offerControl`, { switchboardIntegration: 'desk' });
  await world.sunshine('POST', `${at}/acceptControl`);
  await world.sunshine('POST', `${at}/passControl`, { switchboardIntegration: 'bot' });
  // What they are shown is looked up when they are told.
  await desk.until(3);
  await world.sunshine('PATCH', line, { messageHistoryCount: null });
  await world.sunshine('POST', `${at}/passControl`, { switchboardIntegration: 'desk' });

  const [offered, accepted, away, back] = await desk.until(4);
  const history = messages.slice(-3);
  for (const { payload } of [offered, accepted]) {
    expect(payload.messageHistory.map(({ author, ...rest }: Json) => rest)).toEqual(
      history.map(({ author, ...rest }: Json) => rest),
    );
    // As in an event of the message itself: the person with it, whole where the webhook asks so.
    const { author } = payload.messageHistory[0];
    expect(author).toMatchObject({ ...history[0].author, user: { externalId: 'x-ann', identities: [] } });
  }
  expect([offered.type, accepted.type, away.type, back.type]).toEqual([
    'switchboard:offerControl',
    'switchboard:acceptControl',
    'switchboard:passControl',
    'switchboard:passControl',
  ]);
  for (const { payload } of [away, back]) expect(payload).not.toHaveProperty('messageHistory');
  for (const { payload } of await bot.until(4)) expect(payload).not.toHaveProperty('messageHistory');
});

test('devices are told of when they come, change and go, through any door', async () => {
  const heard = await integration('devices', ['client:add', 'client:update', 'client:remove'], {
    includeFullSource: true,
  });
  const password = 'a password';
  const { sunshineId } = await world.hub.createUser('hooked', {
    username: 'dan',
    externalId: 'x-dan',
    password,
  });
  await forumCookie(world.app.tapatalk.url, { username: 'dan', password });
  const [came] = await heard.until(1);
  const { clients } = await world.sunshine('GET', '/users/x-dan/clients');
  expect(came).toMatchObject({
    type: 'client:add',
    payload: {
      user: { id: sunshineId, externalId: 'x-dan' },
      client: clients[0],
      reason: 'sdkLogin',
      source: { type: 'tapatalk' },
    },
  });
  let token: string | undefined;
  const phone = async (name: string, body: object): Promise<Json> => {
    const reply = await fetch(`${world.app.qiscus.baseUrl}/api/v2/sdk/${name}`, {
      method: 'POST',
      headers: {
        'qiscus-sdk-app-id': 'hooked',
        'content-type': 'application/json',
        ...(token && { 'qiscus-sdk-token': token }),
      },
      body: JSON.stringify(body),
    });
    expect([name, reply.status]).toEqual([name, 200]);
    return ((await reply.json()) as Json).results;
  };
  token = (await phone('login_or_register', { email: 'x-dan', password })).user.token;
  const device = { device_token: 'push-1', device_platform: 'ios' };
  await phone('set_user_device_token', { ...device, is_development: true });
  await phone('set_user_device_token', { ...device, is_development: true });
  await phone('set_user_device_token', { ...device, is_development: false });
  await phone('remove_user_device_token', device);
  const [, ...others] = await heard.until(4);
  expect(others.map(({ type, payload }: Json) => [type, payload.source?.type, payload.reason])).toEqual([
    ['client:add', 'qiscus', 'sdkLogin'],
    ['client:update', undefined, undefined],
    ['client:remove', 'qiscus', 'sdk'],
  ]);
  expect(new Set(others.map(({ payload }: Json) => payload.client.id)).size).toBe(1);
});
