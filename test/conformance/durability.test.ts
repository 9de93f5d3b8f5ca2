// What the hub has acknowledged is there after a kill -9, whichever process it hits. Stopping and starting as such is
// standalone.test.ts.
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { AppCredentials } from '../../src/standalone/demo.ts';
import { PcSocket } from '../support/pcsocket.ts';
import { startServer, type TestServer } from '../support/server.ts';
import type { Json } from './calls/answer.ts';
import { Client, personToken, type Visitor, visit } from './ppmessage-client.ts';

const WRITERS = 8;
/** Ten kills of each process: twenty rounds. */
const ROUNDS = 10;
/** The kill comes after so many answers, with the writers in full flow; another moment in each round. */
const answersBeforeKill = (round: number): number => 20 + 17 * round;

let server: TestServer;
let sunshine: AppCredentials['sunshine'];
beforeAll(async () => {
  server = await startServer();
  const made = await server.createApp();
  sunshine = made.sunshine;
  await server.createUser(made.app.slug, { username: 'alice' });
});
afterAll(() => server?.remove());

async function call<T>(path: string, body?: object): Promise<T> {
  const answer = await fetch(`${sunshine.basePath}/v2/apps/${sunshine.appId}${path}`, {
    method: body ? 'POST' : 'GET',
    headers: {
      authorization: `Basic ${btoa(`${sunshine.keyId}:${sunshine.secret}`)}`,
      'content-type': 'application/json',
    },
    body: body && JSON.stringify(body),
  });
  if (!answer.ok) throw new Error(`${path}: ${answer.status} ${await answer.text()}`);
  return (await answer.json()) as T;
}

interface Message {
  id: string;
  content: { text: string };
}

/** Every message of a conversation, oldest first. */
async function everything(conversation: string): Promise<Message[]> {
  const messages: Message[] = [];
  for (let before = ''; ; ) {
    const page = await call<{ messages: Message[]; meta: { hasMore: boolean; beforeCursor?: string } }>(
      `/conversations/${conversation}/messages${before && `?page[before]=${before}`}`,
    );
    messages.unshift(...page.messages);
    if (!page.meta.hasMore) return messages;
    before = page.meta.beforeCursor ?? '';
  }
}

describe.each(['server', 'runtime'] as const)('kill -9 of the %s', (victim) => {
  const rounds = Array.from({ length: ROUNDS }, (_, round) => round);
  test.each(rounds)('round %i loses no acknowledged message, doubles none, and goes on', async (round) => {
    const answers = answersBeforeKill(round);
    const { conversation } = await call<{ conversation: { id: string } }>('/conversations', {
      type: 'sdkGroup',
      participants: [{ userExternalId: 'alice', subscribeSDKClient: false }],
    });
    const post = (text: string) =>
      call<{ messages: [Message] }>(`/conversations/${conversation.id}/messages`, {
        author: { type: 'user', userExternalId: 'alice' },
        content: { type: 'text', text },
      });

    const acknowledged: string[] = [];
    let killed: Promise<void> | undefined;
    const write = async (writer: number) => {
      for (let count = 0; killed === undefined; count += 1) {
        const text = `${writer}:${count}`;
        await post(text);
        acknowledged.push(text);
        if (acknowledged.length === answers) killed = server.kill9(victim);
      }
    };
    // The last post of each writer is cut off: it may or may not be there.
    await Promise.allSettled(Array.from({ length: WRITERS }, (_, writer) => write(writer)));
    await killed;
    expect(acknowledged.length).toBeGreaterThanOrEqual(answers);

    if (victim === 'server') await server.restart();
    await post('afterwards');
    const texts = (await everything(conversation.id)).map(({ content }) => content.text);
    expect(texts).toEqual(expect.arrayContaining(acknowledged));
    expect(new Set(texts).size).toBe(texts.length);
    expect(texts.length).toBeLessThanOrEqual(acknowledged.length + WRITERS + 1);
    expect(texts.at(-1)).toBe('afterwards');
    // One writer's messages were acknowledged one after the other: so they stand.
    for (let writer = 0; writer < WRITERS; writer += 1) {
      const own = texts.filter((text) => text.startsWith(`${writer}:`));
      expect(own).toEqual(own.map((_, count) => `${writer}:${count}`));
    }
  });
});

describe('visitors who wait for somebody', () => {
  let made: AppCredentials;
  /** The one agent, who takes nobody until they have logged in. */
  let agent: Client;
  let agentUuid: string;

  beforeAll(async () => {
    made = await server.createApp();
    const { slug } = made.app;
    const policy = await fetch(`${server.url}/admin/apps/${slug}`, {
      method: 'PATCH',
      headers: { authorization: `Bearer ${server.adminToken}`, 'content-type': 'application/json' },
      body: JSON.stringify({ settings: { routePolicy: 'GROUP' } }),
    });
    expect(policy.status).toBe(200);
    const email = 'jin@example.org';
    agentUuid = (
      await server.createUser(slug, {
        username: 'jin',
        password: 'jin',
        email,
        externalId: 'jin',
        role: 'agent',
      })
    ).uuid;
    agent = new Client(made, await personToken(made, email, 'jin'));
  });

  const login = () =>
    agent.call('PPKEFU_LOGIN', { user_email: 'jin@example.org', terminal: 'of jin', ostype: 'MAC' });
  const open = ({ client, uuid: user_uuid, device: device_uuid }: Visitor): Promise<Json> =>
    client.call('PPCOM_GET_DEFAULT_CONVERSATION', { user_uuid, device_uuid });
  const standing = ({ client, uuid: user_uuid }: Visitor): Promise<Json> =>
    client.call('PP_GET_AMD_QUEUE_LENGTH', { user_uuid });
  const places = async (visitors: readonly Visitor[]): Promise<(number | string)[]> =>
    (await Promise.all(visitors.map(standing))).map(({ result, position }) =>
      result === 'WAITING' ? position : result,
    );
  /** Visitors who have asked, one after the other, and wait. */
  async function waiting(count: number): Promise<Visitor[]> {
    const visitors: Visitor[] = [];
    for (let i = 0; i < count; i++) {
      const visitor = await visit(made);
      expect((await open(visitor)).uuid).toBeUndefined();
      visitors.push(visitor);
    }
    return visitors;
  }
  /** All that the agent was ever given, spoken in or not. */
  async function given(): Promise<number> {
    const { baseUrl, secret } = made.qiscus;
    const asked = `${baseUrl}/api/v2/rest/get_user_rooms?user_email=jin`;
    const rooms = (await (await fetch(asked, { headers: { QISCUS_SDK_SECRET: secret } })).json()) as Json;
    return rooms.results.meta.total_room;
  }

  test('keep their places over kills of server and runtime, and are given away the moment an agent is ready', async () => {
    const all = await waiting(4);
    await server.kill9();
    await server.restart();
    expect(await places(all)).toEqual([1, 2, 3, 4]);
    const [quitter] = all.splice(1, 1) as [Visitor];
    const { uuid: user_uuid, device: device_uuid } = quitter;
    await quitter.client.call('PP_CANCEL_WAITING_CREATE_CONVERSATION', { user_uuid, device_uuid });
    await server.kill9('runtime');
    // A page that is loaded again asks again, and loses no place by it; who gave up is behind those who did not.
    for (const visitor of [...all].reverse()) await open(visitor);
    await open(quitter);
    const queue = [...all, quitter];
    expect(await places(queue)).toEqual([1, 2, 3, 4]);

    const sockets = await Promise.all(
      queue.map(({ client, uuid, device }) =>
        PcSocket.connect(server.url, {
          ...{ api_token: client.token, app_uuid: made.ppmessage.appUuid, user_uuid: uuid },
          ...{ device_uuid: device, is_service_user: false, extra_data: { title: '', location: {} } },
        }),
      ),
    );
    await login();
    const told = await Promise.all(
      sockets.map((socket) => socket.next({ type: 'ACK', what: 'CONVERSATION', code: 0 })),
    );
    const theirs = told.map(({ extra }) => extra.conversation_uuid);
    expect(new Set(theirs).size).toBe(queue.length);
    for (const [i, visitor] of queue.entries())
      expect(await open(visitor)).toMatchObject({ uuid: theirs[i], assigned_uuid: agentUuid });
    // Nobody waits until the lists have what the Desk gave away.
    await expect.poll(given, { timeout: 30_000 }).toBe(queue.length);
    await Promise.all(sockets.map((socket) => socket.end()));
  });

  test('have one conversation each when the server is killed while they are given away', async () => {
    const { browser_device_uuid: device_uuid } = await login();
    await agent.call('PPKEFU_LOGOUT', { user_uuid: agentUuid, device_uuid });
    const before = await given();
    const all = await waiting(4);
    await login();
    await server.kill9();
    await server.restart();
    await expect.poll(() => places(all), { timeout: 30_000 }).toEqual(all.map(() => 'SUCCESS'));
    const theirs = (await Promise.all(all.map(open))).map(({ uuid }) => uuid);
    expect(new Set(theirs).size).toBe(all.length);
    await expect.poll(given, { timeout: 30_000 }).toBe(before + all.length);
  });
});
