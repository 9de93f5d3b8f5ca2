// Every call of the PPMessage door: at each level that it is for, its whole answer; and nothing of one visitor by any call of
// another (contracts/ppmessage.md 4 to 6, DESIGN.md 4). What is refused is in refusals/ppmessage.ts.
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { ERRORS } from '../../src/dialects/ppmessage/errors.ts';
import type { AppCredentials } from '../../src/standalone/demo.ts';
import { sampled } from '../support/sampled.ts';
import { startTestHub, type TestHub } from '../support/server.ts';
import { type Json, masked } from './calls/answer.ts';
import { type About, callOf, fieldsOf, type Level, ROUTES, type Route } from './calls/ppmessage.ts';
import { askToken, Client, personToken, textMessage, type Visitor, visit } from './ppmessage-client.ts';
import { faultsOf } from './refusals/ppmessage-faults.ts';

let hub: TestHub;
let made: AppCredentials;
let about: About;
let visitor: Visitor;
const clients = new Map<Level, Client>();

const PASSWORD = 'a password of a test';
const OWNER = 'owner@example.org';

beforeAll(async () => {
  hub = await startTestHub();
  made = await hub.createApp('calls');
  const { slug } = made.app;
  const person = (username: string, role?: string) =>
    hub.createUser(slug, {
      username,
      password: PASSWORD,
      email: `${username}@example.org`,
      displayName: `The ${username}`,
      ...(role && { role }),
    });
  const owner = await person('owner', 'owner');
  visitor = await visit(made, 'the trace of a test');
  const server = await Client.ofKey(made, 'PPKEFU');
  clients.set('PPCOM', visitor.client).set('PPKEFU', server);
  clients.set('THIRD_PARTY_KEFU', await thirdParty(server, owner.uuid));
  const group = await server.call('PP_CREATE_ORG_GROUP', { group_name: 'First', group_desc: 'A group' });
  await server.call('PP_ADD_ORG_GROUP_USER', { group_uuid: group.uuid, user_list: [owner.uuid] });
  const opened = { user_uuid: visitor.uuid, device_uuid: visitor.device };
  const { uuid: conversation } = await visitor.client.call('PPCOM_GET_DEFAULT_CONVERSATION', opened);
  const message = textMessage(visitor.uuid, conversation, 'The first words');
  await visitor.client.call('PP_SEND_MESSAGE', message);
  about = {
    user: visitor.uuid,
    conversation,
    message: message.uuid,
    device: visitor.device,
    agent: owner.uuid,
    agentEmail: OWNER,
    doomed: '',
    doomedPassword: PASSWORD,
    group: group.uuid,
    doomedGroup: '',
  };
});
afterAll(() => hub?.stop());

/** The key that PP_GET_API_INFO shows, and a token for it. */
async function thirdParty(server: Client, owner: string): Promise<Client> {
  const { ppkefu } = await server.call('PP_GET_API_INFO', { user_uuid: owner });
  expect(ppkefu.api_level).toBe('THIRD_PARTY_KEFU');
  const form = {
    client_id: ppkefu.api_key,
    client_secret: ppkefu.api_secret,
    grant_type: 'client_credentials',
  };
  return new Client(made, (await askToken(made.ppmessage.baseUrl, form)).body.access_token);
}

let doomed = 0;
/** What a call uses up is made for it. */
async function freshAbout({ name }: Route): Promise<About> {
  const server = clients.get('PPKEFU') as Client;
  if (name === 'PP_REMOVE_USER') {
    const user = { username: `doomed-${++doomed}`, password: PASSWORD };
    return { ...about, doomed: (await hub.createUser(made.app.slug, user)).uuid };
  }
  if (name === 'PP_REMOVE_ORG_GROUP') {
    const group = await server.call('PP_CREATE_ORG_GROUP', { group_name: 'Doomed', group_desc: 'A group' });
    return { ...about, doomedGroup: group.uuid };
  }
  if (name === 'PP_REMOVE_ORG_GROUP_USER')
    await server.call('PP_ADD_ORG_GROUP_USER', { group_uuid: about.group, user_list: [about.agent] });
  // Closed by the call before it.
  if (/LIST$|^PP_PAGE_USER/.test(name))
    await server.call('PP_OPEN_CONVERSATION', {
      conversation_uuid: about.conversation,
      user_uuid: about.user,
    });
  if (name === 'PP_GET_ORG_GROUP_CONVERSATION' || name.startsWith('PP_UPDATE_CONVERSATION'))
    await server.call('PP_UPDATE_CONVERSATION_MEMBER', {
      conversation_uuid: about.conversation,
      group_uuid: about.group,
    });
  return about;
}

/** What differs from run to run, or is a secret. */
function shown(body: Json): Json {
  const { origin } = new URL(made.ppmessage.baseUrl);
  const text = JSON.stringify(masked({ status: 200, headers: {}, body }).body)
    .replaceAll(origin, '<origin>')
    .replace(/\d{4}-\d\d-\d\d \d\d:\d\d:\d\d \d{6}/g, '<stamp>')
    .replace(/[0-9a-f]{6}@[0-9a-f]{6}/g, '<made address>')
    .replace(/"(\w*time|timestamp|\w*timestamp)":\d+(\.\d+)?/g, '"$1":"<seconds>"')
    .replace(/\\"ts\\":[\d.]+/g, '\\"ts\\":0')
    .replace(/"(\w*secret)":"[^"]+"/g, '"$1":"<secret>"')
    .replace(/"<uuid>\/#"/g, '"<topic>"')
    .replace(/(renamed|visitor|user)-\d+@/g, '$1-n@');
  return JSON.parse(text);
}

/** Lists that hold what other calls have made: their first row is looked at. */
const firstOf = (answer: Json): Json =>
  Array.isArray(answer.list) && answer.list.length > 1 ? { ...answer, list: [answer.list[0]] } : answer;

describe('each call works at each of its levels', () => {
  // A key of the app is no agent, and a visitor may not do everything that its level may ask for.
  const BY_PERSON = new Set(['PPKEFU_LOGIN', 'PPKEFU_LOGOUT']);
  const REFUSED: Record<string, number> = {
    'PP_UPDATE_CONVERSATION PPCOM': 20,
    'PP_UPDATE_CONVERSATION_MEMBER PPCOM': 20,
  };

  test.each(sampled(ROUTES.map((route) => [route.name, route] as const)))('%s', async (name, route) => {
    const answers: Json[] = [];
    for (const level of route.levels) {
      const client = BY_PERSON.has(name)
        ? new Client(made, await personToken(made, OWNER, PASSWORD))
        : (clients.get(level) as Client);
      const answer = await client.ask(name, callOf(route, await freshAbout(route)));
      expect([level, answer.error_code]).toEqual([level, REFUSED[`${name} ${level}`] ?? 0]);
      expect([...route.aliases, name].map((each) => `/${each}`)).toContain(answer.uri);
      if (answer.error_code === 0) answers.push(answer);
    }
    if (!process.env.EVICT_EVERY) expect(shown(firstOf(answers[0]))).toMatchSnapshot();
  });

  test.each(sampled(ROUTES.map((route) => [route.name, route] as const)))(
    '%s says at each what is missing or wrong',
    async (name, route) => {
      const body = callOf(route, { ...about, doomed: about.agent, doomedGroup: about.group });
      const faults = fieldsOf(route).flatMap(([field, kind]) => faultsOf(field, kind));
      for (const level of route.levels) {
        const client = clients.get(level) as Client;
        const answers = faults.map(async ({ what, spoil }) => [what, await client.ask(name, spoil(body))]);
        expect([level, await Promise.all(answers)]).toEqual([
          level,
          faults.map(({ what, error }) => {
            const [error_code, error_string] = ERRORS[error];
            return [what, { error_code, error_string, uri: `/${name}` }];
          }),
        ]);
      }
    },
  );

  test('and at no other: a third party signs in as nobody', async () => {
    const refused = ROUTES.filter(({ levels }) => !levels.includes('THIRD_PARTY_KEFU'));
    expect(refused.map(({ name }) => name)).toEqual(
      expect.arrayContaining(['PPKEFU_LOGIN', 'PPKEFU_LOGOUT']),
    );
    const client = clients.get('THIRD_PARTY_KEFU') as Client;
    for (const route of refused)
      expect([route.name, (await client.ask(route.name, callOf(route, about))).error_code]).toEqual([
        route.name,
        4,
      ]);
  });

  test('by every one of its names', async () => {
    for (const { name, aliases, levels } of ROUTES)
      for (const alias of aliases) {
        const client = clients.get(levels[0] as Level) as Client;
        expect([alias, (await client.ask(alias)).uri]).toEqual([alias, `/${name}`]);
      }
  });
});

describe('a second visitor reads nothing of the first', () => {
  test.each(
    sampled(
      ROUTES.filter(({ levels }) => levels.includes('PPCOM')).map((route) => [route.name, route] as const),
    ),
  )('%s', async (name, route) => {
    const stranger = await visit(made);
    const known = [
      visitor.uuid,
      visitor.device,
      about.conversation,
      about.message,
      'Ada Renamed',
      'The first words',
    ];
    const own = { ...callOf(route, about) };
    // As themselves about what is the first one's, and in the name of the first one.
    for (const user_uuid of [stranger.uuid, visitor.uuid]) {
      const body = 'user_uuid' in own ? { ...own, user_uuid } : own;
      if (name === 'PP_SEND_MESSAGE') body.from_uuid = user_uuid;
      const answer = await stranger.client.ask(name, body);
      const said = JSON.stringify(answer);
      for (const secret of known)
        expect([name, said.includes(secret) && !JSON.stringify(body).includes(secret)]).toEqual([
          name,
          false,
        ]);
      if (answer.error_code === 0) expect(said).not.toContain('The first words');
    }
  });

  test('nor changes anything of it', async () => {
    const server = clients.get('PPKEFU') as Client;
    const look = async (): Promise<Json> => {
      const { conversation_data, ...row } = await server.call('PP_GET_CONVERSATION_INFO', {
        conversation_uuid: about.conversation,
        user_uuid: visitor.uuid,
      });
      const { list } = await server.call('PP_PAGE_HISTORY_MESSAGE', {
        conversation_uuid: about.conversation,
      });
      return {
        row,
        conversation_data,
        messages: list.length,
        user: await server.call('PP_GET_USER_INFO', { user_uuid: visitor.uuid }),
      };
    };
    const before = await look();
    const stranger = await visit(made);
    for (const route of ROUTES.filter(({ levels }) => levels.includes('PPCOM'))) {
      // Those that make somebody or something new are their own.
      if (/CREATE_ANONYMOUS|GET_USER_UUID/.test(route.name)) continue;
      await stranger.client.ask(route.name, callOf(route, about));
    }
    expect(await look()).toEqual(before);
  });
});
