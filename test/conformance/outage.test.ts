// While D1 is slow or down: what the published guarantee says, to the letter, through every door. The hub is the real
// one with a switch in front of its database (test/support/faulty-worker.ts).
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { id, number, text, texts } from '../model/forum.ts';
import { World } from '../model/world.ts';
import { type Receiver, startReceiver } from '../support/receiver.ts';
import { startTestHub, type TestHub } from '../support/server.ts';

const ENTRY = `${import.meta.dirname}/../support/faulty-worker.ts`;
/** Posts through each door during an outage. */
const POSTS = 10;
/**
 * A wait that would show: were each of the 40 posts of an outage to wait for the index, they ran into the test's limit.
 * That nobody waits again is what an object remembers: one that is thrown out after each call waits each time.
 */
const INDEX_WAIT_MS = process.env.EVICT_EVERY ? '250' : '4000';

let hub: TestHub;
let world: World;
let receiver: Receiver;
beforeAll(async () => {
  receiver = await startReceiver();
  const env = { INDEX_WAIT_MS, INDEX_WAIT_JOIN_MS: '2000', WEBHOOK_ALLOW_HOSTS: receiver.host };
  hub = await startTestHub({ env, entry: ENTRY });
  world = await World.make(hub);
});
afterAll(async () => {
  await hub?.stop();
  receiver?.close();
});

async function turn(mode: 'ok' | 'fail' | 'hang' | 'applied', deaf = false): Promise<void> {
  await fetch(`${hub.url}/fault`, { method: 'POST', body: JSON.stringify({ mode, deaf }) });
}

beforeEach(() => turn('ok'));

const restPost = (words: string, author: object = { userId: world.people.ben.sunshineId }) =>
  world.restConversation('POST', '/messages', {
    author: { type: 'user', ...author },
    content: { type: 'text', text: words },
  });

/** Until the directory's readers have everything; the timers that drive them are the hub's own. */
async function caughtUp(): Promise<void> {
  const { slug } = world;
  for (;;) {
    const reply = await fetch(`${hub.url}/admin/apps/${slug}/conversations/${world.c}/lag`, {
      headers: { authorization: `Bearer ${hub.adminToken}` },
    });
    const lag = (await reply.json()) as { lastSeq: number; indexed: number };
    if (lag.indexed === lag.lastSeq) return;
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
}

describe.each(['fail', 'hang', 'applied'] as const)('D1 says "%s"', (mode) => {
  beforeEach(async () => {
    await world.open(`before ${mode}`);
    // The key and the people were seen a moment ago.
    expect((await restPost('seen')).status).toBe(201);
    await turn(mode);
  });

  test('members go on posting and receiving, and the index catches up with nothing lost or doubled', {
    timeout: 120_000,
  }, async () => {
    const expected = [`before ${mode}`, 'seen'];
    for (let i = 0; i < POSTS; i++) {
      const { result } = await world.forum.call('reply_conversation', id(world.c), text(`forum ${i}`));
      expect(result).toBe(true);
      expect((await restPost(`rest ${i}`)).status).toBe(201);
      expect((await restPost(`external ${i}`, { userExternalId: world.people.ben.externalId })).status).toBe(
        201,
      );
      const ack = await world.socket.ask({
        t: 'send',
        c: world.c,
        clientId: `${i}`,
        text: `socket ${i}`,
        markup: 'plain',
      });
      expect(ack.t).toBe('ack');
      expected.push(`forum ${i}`, `rest ${i}`, `external ${i}`, `socket ${i}`);
    }
    await world.caughtUp(expected.length);
    const received = world.events.filter((event) => event.kind === 'message').map((event) => event.text);
    expect(received).toEqual(expected);
    expect(world.events.map((event) => event.seq)).toEqual(world.events.map((_, i) => i + 1));
    // Reading one conversation needs no directory either.
    expect(await world.forumMessages()).toEqual(expected);
    expect(await world.restMessages()).toEqual(expected);

    await turn('ok');
    await caughtUp();
    const row = (await world.forum.call('get_conversations')).list.find(
      (each: { conv_id: string }) => each.conv_id === world.c,
    );
    expect(row).toMatchObject({
      total_message_num: expected.length,
      short_content: `socket ${POSTS - 1}`,
      unread_num: 0,
    });
    expect(await archived()).toEqual(expected);
  });

  test('a socket that comes back resumes', { timeout: 120_000 }, async () => {
    await world.caughtUp(2);
    await world.reconnect();
    expect((await restPost('after coming back')).status).toBe(201);
    await world.caughtUp(3);
    expect(world.events.map((event) => event.seq)).toEqual(world.events.map((_, i) => i + 1));
  });

  test('opening, signing in and lists answer "unavailable" in the form of their door', {
    timeout: 120_000,
  }, async () => {
    const busy = { result: false, result_text: 'The service is busy. Please try again in a moment.' };
    const unavailable = { status: 503, body: { errors: [{ code: 'service_unavailable' }] } };
    // Each waits out a directory that hangs: together, not one after the other.
    const [opened, listed, signedIn, created, list] = await Promise.all([
      world.forum.call('new_conversation', texts(['ben']), text('No'), text('no')),
      world.forum.call('get_conversations', number(0), number(9)),
      world.forum.call('login', text('ann'), text('pw')),
      world.rest('POST', '/conversations', { type: 'sdkGroup' }),
      world.rest('GET', `/conversations?filter[userId]=${world.people.ben.sunshineId}`),
    ]);
    expect(opened).toMatchObject(busy);
    expect(listed).toMatchObject(busy);
    expect(signedIn).toMatchObject(busy);
    expect(created).toMatchObject(unavailable);
    expect(list).toMatchObject(unavailable);
  });
});

test('what endpoints could not take of a conversation that was deleted arrives, in order, also after a kill -9', {
  timeout: 120_000,
}, async () => {
  const made = await fetch(`${hub.url}/admin/apps/${world.slug}/endpoints`, {
    method: 'POST',
    headers: { authorization: `Bearer ${hub.adminToken}`, 'content-type': 'application/json' },
    body: JSON.stringify({ url: `${receiver.url}/in`, events: ['conversation.*', 'message.*'] }),
  });
  expect(made.status).toBe(201);
  await turn('ok', true);
  await world.open('first');
  for (const words of ['second', 'third']) expect((await restPost(words)).status).toBe(201);
  expect((await world.restConversation('DELETE', '')).status).toBe(200);
  expect((await world.restConversation('GET', '')).status).toBe(404);
  expect(receiver.calls).toEqual([]);
  // The next runtime's endpoints take what they are given, and nothing but the alarm tells it that something is left.
  await hub.kill9();
  const events = () => {
    // An attempt that was cut off is made again.
    const once = new Map(receiver.calls.map(({ headers, body }) => [headers['webhook-id'], body.toString()]));
    return [...once.values()].map((body) => JSON.parse(body));
  };
  await receiver.until(() => events().some(({ type }) => type === 'conversation.deleted'), 100_000);
  expect(events().map(({ type, data }) => [type, data.conversation.id, data.message?.text])).toEqual([
    ['conversation.created', world.c, undefined],
    ...['first', 'second', 'third'].map((words) => ['message.created', world.c, words]),
    ['conversation.deleted', world.c, undefined],
  ]);
});

/** Texts of the conversation's messages as the archive has them, found by restoring the log from it. */
async function archived(): Promise<string[]> {
  const restored = await fetch(`${hub.url}/admin/apps/${world.slug}/conversations/${world.c}/restore`, {
    method: 'POST',
    headers: { authorization: `Bearer ${hub.adminToken}` },
  });
  expect(restored.status).toBe(200);
  return world.restMessages();
}
