// A forum moves in over the operator API: its members, then their private messages; and the hub costs its people no more
// for it than an empty one. What each line may say and do: test/hub/import-*.worker.test.ts.
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { listByNumber, listByTime } from '../../src/directory/lists.ts';
import { searchEntries } from '../../src/directory/search.ts';
import type { AppNumber, UserNumber } from '../../src/domain/ids.ts';
import { bundleWorker } from '../../src/standalone/build.ts';
import { openDataDir } from '../../src/standalone/data-dir.ts';
import { startRuntime } from '../../src/standalone/runtime.ts';
import { countingD1 } from '../support/counting-d1.ts';
import { preparedBundle } from '../support/prepared.ts';
import { RealtimeSocket } from '../support/realtime.ts';
import { startTestHub, type TestHub } from '../support/server.ts';
import { tokenFor } from './calls/realtime.ts';
import { id, send, text } from './calls/tapatalk.ts';

const MEMBERS = 2_000;
const CONVERSATIONS = 500;
const MESSAGES_EACH = 8;

let server: TestHub;
let app: Awaited<ReturnType<TestHub['createApp']>>;

beforeAll(async () => {
  server = await startTestHub();
  app = await server.createApp('forum');
});
afterAll(() => server.stop());

/** Sends lines as a stream of small pieces; the answer's lines. */
async function importLines(what: 'users' | 'conversations', lines: readonly object[], query = '') {
  const bytes = new TextEncoder().encode(lines.map((line) => `${JSON.stringify(line)}\n`).join(''));
  let at = 0;
  const body = new ReadableStream<Uint8Array>({
    pull(controller) {
      if (at >= bytes.length) return controller.close();
      controller.enqueue(bytes.slice(at, at + 10_000));
      at += 10_000;
    },
  });
  const answer = await fetch(`${server.url}/admin/apps/forum/${what}/import${query}`, {
    method: 'POST',
    headers: { authorization: `Bearer ${server.adminToken}` },
    body,
    duplex: 'half',
  } as RequestInit);
  const told = (await answer.text()).trim().split('\n');
  // biome-ignore lint/suspicious/noExplicitAny: compared whole.
  return { status: answer.status, told: told.map((line) => JSON.parse(line) as any) };
}

/** Every line, in as many calls as it takes. */
async function importAll(what: 'users' | 'conversations', lines: readonly object[]): Promise<void> {
  for (let from: number | undefined = 1; from !== undefined; ) {
    const { told } = await importLines(what, lines, `?from=${from}`);
    const last = told.at(-1);
    expect(last).toSatisfy(({ done, next }) => done === true || next > (from as number));
    from = last.next;
  }
}

const member = (i: number) => ({
  externalId: `${i}`,
  username: `Member ${i}`,
  email: `m${i}@forum.example`,
  passwordHash: '$2y$05$d9itSgBkD/jUZwVCEgOzxevnn6z90YmpQ0OczoOKGZOMFGouBUuBW',
});
const crowd = Array.from({ length: MEMBERS }, (_, i) => member(i));

const talk = (key: string, people: readonly string[], words: string, messages = MESSAGES_EACH) => ({
  key,
  title: `Talk ${key}`,
  members: people.map((externalId, i) => ({ externalId, readUpTo: i === 0 ? messages : 2 })),
  messages: Array.from({ length: messages }, (_, i) => ({
    author: { externalId: people[i % people.length] },
    date: new Date(Date.UTC(2010, 0, 1, 0, i)).toISOString(),
    text: `${words} ${i}`,
    markup: 'bbcode',
  })),
});
const talks = Array.from({ length: CONVERSATIONS }, (_, i) =>
  talk(`pm-${i}`, [`${(7 * i) % MEMBERS}`, `${(11 * i + 3) % MEMBERS}`], `words of ${i}`),
);
/** ann and ben are there before the forum comes. */
const FIRST = {
  users: [
    { externalId: 'ann', username: 'ann' },
    { externalId: 'ben', username: 'ben' },
  ],
};
const theirTalks = ['a', 'b', 'c'].map((key) => talk(key, ['ann', 'ben'], 'the zebra'));

interface Cost {
  read: number;
  found: unknown;
}

/** What ann's list, a page of it and a search for her words read from D1, with the server stopped. */
async function costs(): Promise<Record<string, Cost>> {
  await server.pause();
  const folder = openDataDir(server.dataDir);
  const runtime = await startRuntime({
    bundle: preparedBundle() ?? (await bundleWorker()),
    dataDir: folder,
    vars: {},
    print: () => {},
  });
  try {
    const { db, meter } = countingD1(await runtime.database());
    const row = await db
      .prepare("SELECT number, app FROM user WHERE external_id = 'ann'")
      .first<{ number: UserNumber; app: AppNumber }>();
    const { number: ann, app: forum } = row as { number: UserNumber; app: AppNumber };
    const of = async (work: () => Promise<unknown>): Promise<Cost> => {
      meter.reset();
      const found = await work();
      return { read: meter.read, found };
    };
    return {
      list: await of(async () =>
        (await listByTime(db, forum, ann, 0, 20)).rows.map((r) => [r.facts.title, r.unread]),
      ),
      page: await of(async () =>
        (await listByNumber(db, forum, ann, { size: 2 })).rows.map((r) => r.facts.title),
      ),
      search: await of(
        async () => (await searchEntries(db, forum, ann, { query: 'zebra', size: 10 })).rows.length,
      ),
    };
  } finally {
    await runtime.stop();
    folder.close();
    await server.resume();
  }
}

describe('a forum of 2,000 members and 4,000 private messages', () => {
  let before: Awaited<ReturnType<typeof costs>>;

  test('comes in line by line, and the answer tells how far it is', async () => {
    await importAll('users', FIRST.users);
    await importAll('conversations', theirTalks);
    before = await costs();
    expect(before).toMatchObject({
      list: { found: expect.arrayContaining([['Talk a', 0]]) },
      page: { found: ['Talk c', 'Talk b'] },
      search: { found: 10 },
    });

    const { status, told } = await importLines('users', crowd);
    expect(status).toBe(200);
    const counts = { updated: 0, unchanged: 0 };
    expect(told).toEqual([
      ...[500, 1_000, 1_500, 2_000].map((line) => ({ line, created: line, ...counts })),
      { done: true, created: 2_000, ...counts },
    ]);
    const first = await importLines('conversations', talks);
    expect(first.told.at(-1)).toEqual({ done: false, imported: 250, present: 0, messages: 2_000, next: 251 });
    expect(first.told.at(-2)).toMatchObject({ line: 250, imported: 250 });
    await importAll('conversations', talks);
  }, 240_000);

  test('sent again changes nothing', async () => {
    const users = await importLines('users', crowd);
    expect(users.told.at(-1)).toEqual({ done: true, created: 0, updated: 0, unchanged: 2_000 });
    const again = await importLines('conversations', talks, '?from=251');
    expect(again.told.at(-1)).toEqual({ done: true, imported: 0, present: 250, messages: 0 });
  }, 120_000);

  test('costs those who were there before exactly as many rows as an empty hub', async () => {
    expect(await costs()).toEqual(before);
  }, 60_000);

  test('is no news to anybody who is connected', async () => {
    const token = await tokenFor(server, 'forum', 'ann');
    const socket = new RealtimeSocket(app.realtime.url, ['parlance.v1', `token.${token}`]);
    await socket.next('hello');
    expect(await socket.ask({ t: 'subscribe' })).toMatchObject({ t: 'ack' });
    await importAll('conversations', [talk('later', ['ann', 'ben'], 'imported while she watches')]);
    // What is said now comes after whatever the import might have told.
    const { basePath, appId, keyId, secret } = app.sunshine;
    const ask = async (path: string, body?: object) => {
      const authorization = `Basic ${btoa(`${keyId}:${secret}`)}`;
      const init = body ? { method: 'POST', body: JSON.stringify(body) } : {};
      const reply = await fetch(`${basePath}/v2/apps/${appId}${path}`, {
        ...init,
        headers: { authorization },
      });
      // biome-ignore lint/suspicious/noExplicitAny: picked apart.
      return (await reply.json()) as any;
    };
    const { conversations } = await ask('/conversations?filter[userExternalId]=ann');
    const { messages } = await ask(`/conversations/${conversations[0].id}/messages`, {
      author: { type: 'business' },
      content: { type: 'text', text: 'said now' },
    });
    expect(messages).toHaveLength(1);
    const frame = await socket.next('events');
    expect(frame.events).toMatchObject([{ text: 'said now' }]);
    expect(socket.frames.filter(({ t }) => t === 'events')).toHaveLength(1);
    await socket.close();
  });

  test('a bad line in the middle is told at the end of the answer, with its number', async () => {
    const lines: object[] = [
      ...crowd.slice(0, 1_200),
      { externalId: 'x', username: 'ANN' },
      ...crowd.slice(1_200),
    ];
    const { status, told } = await importLines('users', lines);
    expect(status).toBe(200);
    expect(told.at(-1)).toEqual({
      done: false,
      created: 0,
      updated: 0,
      unchanged: 1_200,
      error: {
        code: 'conflict',
        message: expect.any(String),
        line: 1_201,
        fields: [{ path: 'username', message: expect.any(String) }],
        requestId: expect.any(String),
      },
    });
  });

  test("reads in a forum app: a member signs in with the forum's password, sees what they have not read, and answers", async () => {
    const { url } = app.tapatalk;
    const login = await send(url, null, 'login', [text('member 7'), text('correct horse')]);
    expect(login.body).toMatchObject({ result: true });
    const cookie = login.headers['set-cookie']?.split(';')[0] as string;
    const call = (method: string, ...params: Parameters<typeof send>[3]) => send(url, cookie, method, params);
    const { body } = await call('get_conversations');
    const [newest] = body.list;
    expect(body).toMatchObject({ conversation_count: expect.anything() });
    const page = await call('get_conversation', id(newest.conv_id));
    expect(page.body.list).toHaveLength(MESSAGES_EACH);
    const answered = await call('reply_conversation', id(newest.conv_id), text('I am back'));
    expect(answered.body).toMatchObject({ result: true });
  });

  test.each(['0', '-1', 'x', '1.5', ''])('from=%s is refused', async (from) => {
    const { status, told } = await importLines('users', crowd, `?from=${from}`);
    expect([status, told[0].error.code]).toEqual([400, 'invalid']);
  });
});
