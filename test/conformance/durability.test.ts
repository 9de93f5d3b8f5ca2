// What the hub has acknowledged is there after a kill -9, whichever process it hits. Stopping and starting as such is
// standalone.test.ts.
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { AppCredentials } from '../../src/standalone/demo.ts';
import { startServer, type TestServer } from '../support/server.ts';

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
