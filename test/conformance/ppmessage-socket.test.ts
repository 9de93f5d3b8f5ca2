// PPMessage's clients over HTTP and the socket together, in the sequence in which the original web client was seen to call
// (contracts/ppmessage.md 10): named or not, given to somebody at once or after waiting.
import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { AppCredentials } from '../../src/standalone/demo.ts';
import { PcSocket } from '../support/pcsocket.ts';
import { startTestHub, type TestHub } from '../support/server.ts';
import type { Json } from './calls/answer.ts';
import { Client, keyToken, personToken, textMessage } from './ppmessage-client.ts';

/**
 * Visitors that each policy gets at once; where every object is thrown out all the time, enough to be each agent's twice. Their
 * calls come over connections of their own, and workerd ends one whose request it has not come to in 15 s, which on a busy
 * machine some of so many meet.
 */
const CROWD = process.env.EVICT_EVERY ? 10 : 200;
/** Who comes in at a time, before all of them ask at once. */
const ARRIVING = 10;
const AGENTS = 5;

let hub: TestHub;
let made: AppCredentials;
let team: Client[];

beforeAll(async () => {
  hub = await startTestHub();
  made = await hub.createApp();
  const names = Array.from({ length: AGENTS }, (_, i) => `agent${i}`);
  team = await Promise.all(
    names.map(async (name) => {
      const email = `${name}@shop.example`;
      await hub.createUser(made.app.slug, { username: name, password: name, email, role: 'agent' });
      return new Client(made, await personToken(made, email, name));
    }),
  );
});
afterAll(() => hub?.stop());

async function setPolicy(routePolicy: string): Promise<void> {
  const { status } = await fetch(`${hub.url}/admin/apps/${made.app.slug}`, {
    method: 'PATCH',
    headers: { authorization: `Bearer ${hub.adminToken}`, 'content-type': 'application/json' },
    body: JSON.stringify({ settings: { routePolicy } }),
  });
  expect(status).toBe(200);
}

interface Online {
  client: Client;
  socket: PcSocket;
  uuid: string;
  device: string;
}

/** An agent's client: signs in, and connects. */
async function comeIn(which: number): Promise<Online> {
  const client = team[which] as Client;
  const name = { user_email: `agent${which}@shop.example`, terminal: `of ${which}`, ostype: 'MAC' };
  const login = await client.call('PPKEFU_LOGIN', name);
  const [uuid, device] = [login.uuid, login.browser_device_uuid];
  const socket = await PcSocket.connect(hub.url, {
    api_token: client.token,
    app_uuid: client.made.ppmessage.appUuid,
    user_uuid: uuid,
    device_uuid: device,
    is_service_user: true,
  });
  return { client, socket, uuid, device };
}

interface Browser {
  /** Its cookie. */
  id: string;
  email: string | null;
}

/** A page of the web client, from its first call to its socket. */
async function page({ id, email }: Browser): Promise<Online> {
  const client = new Client(made, await keyToken(made, 'PPCOM'));
  const { appUuid: app_uuid } = made.ppmessage;
  await client.call('PP_GET_APP_INFO');
  let uuid: string;
  if (email === null) {
    uuid = (await client.call('PP_CREATE_ANONYMOUS', { ppcom_trace_uuid: id })).user_uuid;
  } else {
    uuid = (await client.call('PP_GET_USER_UUID', { user_email: email, user_fullname: 'Vera' })).user_uuid;
    await client.call('GET_YVOBJECT_DETAIL', { uuid, type: 'DU' });
    // Who is known has to be proved first: the client goes on without it.
    await client.ask('PP_UPDATE_USER', { user_uuid: uuid, user_fullname: 'Vera' });
  }
  const { device_uuid: device } = await client.ask('PP_CREATE_DEVICE', {
    user_uuid: uuid,
    device_ostype: 'MAB',
    ppcom_trace_uuid: email === null ? id : null,
    device_id: id,
  });
  await client.call('PP_UPDATE_DEVICE', { device_uuid: device, device_ostype: 'MAB' });
  const socket = await PcSocket.connect(hub.url, {
    api_token: client.token,
    app_uuid,
    user_uuid: uuid,
    device_uuid: device,
    is_service_user: false,
    extra_data: { title: 'Shop', location: { href: 'https://shop.example/' } },
  });
  await client.call('PP_GET_USER_CONVERSATION_LIST', { user_uuid: uuid });
  return { client, socket, uuid, device };
}

/** A frame, as clients send a text. */
const said = (by: Online, conversation: string, text: string): Json => ({
  type: 'send',
  send: { ...textMessage(by.uuid, conversation, text), device_uuid: by.device },
});

describe('a visitor’s page and an agent’s client', () => {
  test.for([
    ['unnamed, straight to the team', 'ALL', null],
    ['unnamed, out of the queue', 'GROUP', null],
    ['by e-mail, straight to somebody online', 'SMART', 'vera@home.example'],
    ['by e-mail, out of the queue', 'GROUP', 'walt@home.example'],
  ] as const)('%s', async ([, policy, email]) => {
    await setPolicy(policy);
    const browser = { id: randomUUID(), email };
    const waits = policy === 'GROUP';
    let agent = waits ? null : await comeIn(0);
    const visitor = await page(browser);
    const { client, socket, uuid } = visitor;

    const asked = { user_uuid: uuid, device_uuid: visitor.device };
    let conversation: string = (await client.call('PPCOM_GET_DEFAULT_CONVERSATION', asked)).uuid;
    expect(conversation === undefined).toBe(waits);
    if (waits) {
      await socket.next({ type: 'ACK', what: 'CONVERSATION', code: 11 });
      const place = { result: 'WAITING', position: 1, length: 1 };
      expect(await client.call('PP_GET_AMD_QUEUE_LENGTH', { user_uuid: uuid })).toMatchObject(place);
      // Their client says no more than this when the page leaves its waiting room.
      await client.call('PP_CANCEL_WAITING_CREATE_CONVERSATION', { user_uuid: uuid });
      const gone = await client.call('PP_GET_AMD_QUEUE_LENGTH', { user_uuid: uuid });
      expect(gone).toMatchObject({ result: 'ERROR', position: 0, length: 0 });
      expect((await client.call('PPCOM_GET_DEFAULT_CONVERSATION', asked)).uuid).toBeUndefined();
      agent = await comeIn(0);
      const told = await socket.next({ type: 'ACK', what: 'CONVERSATION', code: 0 });
      conversation = told.extra.conversation_uuid;
      expect(await client.call('PP_GET_AMD_QUEUE_LENGTH', { user_uuid: uuid })).toMatchObject({
        result: 'SUCCESS',
        conversation_uuid: conversation,
      });
    }
    if (!agent) throw new Error('nobody is there');
    const row = await client.call('PP_GET_CONVERSATION_INFO', {
      user_uuid: uuid,
      conversation_uuid: conversation,
    });
    expect(row.assigned_uuid ?? null).toBe(policy === 'ALL' ? null : agent.uuid);

    for (const each of [socket, agent.socket])
      each.say({ type: 'typing_watch', conversation_uuid: conversation });
    // Nothing answers a watch: once something behind it is answered, it stands.
    agent.socket.say({ type: 'nothing' });
    await agent.socket.next({ type: 'ACK', what: 'WS' });
    socket.say({ type: 'typing' });
    await agent.socket.next({ type: 'TYPING', user_uuid: uuid, conversation_uuid: conversation });
    socket.say(said(visitor, conversation, 'hello'));
    await socket.next({ type: 'ACK', what: 'SEND', code: 0 });
    const heard = (await agent.socket.next({ type: 'MSG', msg: { bo: 'hello', fi: uuid } })).msg;
    await agent.client.call('ACK_MESSAGE', { list: [heard.pid] });
    // Clients ask who somebody is whom they show for the first time.
    await client.call('GET_YVOBJECT_DETAIL', { uuid: agent.uuid, type: 'DU' });
    agent.socket.say(said(agent, conversation, 'how can I help?'));
    const answer = (await socket.next({ type: 'MSG', msg: { bo: 'how can I help?', fi: agent.uuid } })).msg;
    expect([heard.from_user.user_fullname, answer.from_user.user_email]).toEqual([
      email === null ? 'Unknown Area.User' : 'Vera',
      'agent0@shop.example',
    ]);
    await client.call('ACK_MESSAGE', { list: [answer.pid] });

    // A later page of the same browser: what was said meanwhile, and the history.
    await socket.end();
    agent.socket.say(said(agent, conversation, 'still there?'));
    await agent.socket.next({ type: 'ACK', what: 'SEND', code: 0 });
    await agent.socket.next({ type: 'ACK', what: 'SEND', code: 0 });
    const again = await page(browser);
    expect([again.uuid, again.device]).toEqual([uuid, visitor.device]);
    const missed = (await again.socket.next({ type: 'MSG' })).msg;
    expect(missed.bo).toBe('still there?');
    const unacked = { user_uuid: uuid, device_uuid: again.device };
    expect((await again.client.call('PP_PAGE_UNACKED_MESSAGE', unacked)).list).toEqual([missed.pid]);
    await again.client.call('ACK_MESSAGE', { list: [missed.pid] });
    expect((await again.client.call('PP_PAGE_UNACKED_MESSAGE', unacked)).list ?? []).toEqual([]);
    expect((await again.client.call('PPCOM_GET_DEFAULT_CONVERSATION', asked)).uuid).toBe(conversation);
    const history = await again.client.call('PP_PAGE_HISTORY_MESSAGE', { conversation_uuid: conversation });
    expect(history.list.map(({ body }: Json) => body)).toEqual(['still there?', 'how can I help?', 'hello']);

    await agent.client.call('PPKEFU_LOGOUT', { user_uuid: agent.uuid, device_uuid: agent.device });
    await again.socket.next({ type: 'ONLINE', user_uuid: agent.uuid, browser: 'OFFLINE' });
    await Promise.all([again.socket.end(), agent.socket.end()]);
  });
});

test('the address takes upgrades alone, and frames that are text', async () => {
  expect((await fetch(`${hub.url}/pcsocket/WS`)).status).toBe(426);
  expect((await fetch(`${hub.url}/pcsocket/other`)).status).toBe(404);
  const socket = await PcSocket.open(hub.url);
  socket.sayBytes(new Uint8Array([123, 125]));
  await socket.next({ type: 'ACK', what: 'WS', code: 6 });
  await socket.end();
});

test('many who open at once are each given to one, and to nobody twice, as each policy says', async () => {
  const agents = await Promise.all(team.map((_, which) => comeIn(which)));
  const client = await Client.ofKey(made, 'PPCOM');
  for (const [policy, shares] of [
    ['ALL', [CROWD]],
    ['SMART', Array.from({ length: AGENTS }, () => CROWD / AGENTS)],
    ['GROUP', Array.from({ length: AGENTS }, () => CROWD / AGENTS)],
  ] as const) {
    await setPolicy(policy);
    const arrive = async () => {
      const trace = randomUUID();
      const { user_uuid } = await client.call('PP_CREATE_ANONYMOUS', { ppcom_trace_uuid: trace });
      const about = { user_uuid, device_ostype: 'MAB', ppcom_trace_uuid: trace };
      return { user_uuid, device_uuid: (await client.call('PP_CREATE_DEVICE', about)).device_uuid };
    };
    const visitors: Awaited<ReturnType<typeof arrive>>[] = [];
    while (visitors.length < CROWD)
      visitors.push(...(await Promise.all(Array.from({ length: ARRIVING }, arrive))));
    // Some of them twice, as from two pages.
    const twice = visitors.slice(0, 10);
    const ask = (each: Json) => client.call('PPCOM_GET_DEFAULT_CONVERSATION', each);
    // Whose connection was ended asks again, as clients do.
    const askedFor = (each: Json, tries = 5): Promise<Json> =>
      ask(each).catch((error: unknown) => {
        if (error instanceof TypeError && tries > 1) return askedFor(each, tries - 1);
        throw error;
      });
    const asked = await Promise.all([...visitors, ...twice].map((each) => askedFor(each)));
    const again = asked.slice(CROWD).map(({ uuid }) => uuid);
    expect(again).toEqual(asked.slice(0, twice.length).map(({ uuid }) => uuid));
    const given = new Map<string | null, Set<string>>();
    for (const { uuid, assigned_uuid } of asked)
      given.set(assigned_uuid, (given.get(assigned_uuid) ?? new Set()).add(uuid));
    expect([policy, [...given.values()].map((some) => some.size)]).toEqual([policy, shares]);
    expect(given.has(null)).toBe(policy === 'ALL');
  }
  await Promise.all(agents.map(({ socket }) => socket.end()));
});
