// Private messages from elsewhere: what becomes of a line, that a key is taken in once whatever happens, where the first
// bad line stops, and what it costs.
import { env } from 'cloudflare:workers';
import { beforeAll, describe, expect, test } from 'vitest';
import { createKeyOf } from '../../src/directory/import-conversations.ts';
import { BadLine } from '../../src/domain/errors.ts';
import type { ConversationNumber } from '../../src/domain/ids.ts';
import type { Env } from '../../src/env.ts';
import { appByNumber, appCaller, userCaller } from '../../src/hub/apps.ts';
import { hubOf } from '../../src/hub/context.ts';
import { deleteConversation, viewConversation } from '../../src/hub/conversations.ts';
import { type ImportedConversation, importConversations } from '../../src/hub/import-conversations.ts';
import { listForUser } from '../../src/hub/lists.ts';
import { reindexApp, restoreConversation } from '../../src/hub/maintenance.ts';
import { messagesByOrdinal, post } from '../../src/hub/messages.ts';
import { createUser } from '../../src/hub/people.ts';
import { searchMessages } from '../../src/hub/search.ts';
import { again, all, d1, draft, makeApp, Room } from '../conversation/harness.ts';
import { indexInto, meteredD1, meterRoom } from '../conversation/meter.ts';

const hub = hubOf(env as unknown as Env, 'http://hub.test', () => {});

async function forum(...names: string[]) {
  const app = await appByNumber(hub, await makeApp());
  const people = await Promise.all(
    names.map((username) => createUser(hub, app, { username, externalId: `x-${username}` })),
  );
  return { app, people };
}
type App = Awaited<ReturnType<typeof forum>>['app'];

async function run(app: App, conversations: readonly ImportedConversation[]) {
  async function* lines() {
    for (const [index, value] of conversations.entries()) yield { line: index + 1, chars: 100, value };
  }
  let counts: Readonly<Record<string, number>> = {};
  try {
    for (const progress = importConversations(hub, app, lines()); ; ) {
      const { done, value } = await progress.next();
      if (done) return { counts, next: value, bad: null };
      counts = value.counts;
    }
  } catch (error) {
    if (!(error instanceof BadLine)) throw error;
    const { refusal, line } = error;
    const fields = refusal.code === 'invalid' ? refusal.fields?.map(({ path }) => path) : [];
    return { counts, next: null, bad: { line, code: refusal.code, fields } };
  }
}

const numberOf = async (app: App, key: string): Promise<ConversationNumber> =>
  (await d1
    .prepare('SELECT number FROM conversation WHERE app = ?1 AND create_key = ?2')
    .bind(app.number, createKeyOf(key))
    .first<ConversationNumber>('number')) as ConversationNumber;

/** A Room only to look inside. */
const roomOf = (app: App, number: ConversationNumber) =>
  new Room(app.number, { number } as never, null as never);

/**
 * Of a conversation of two: its row with four index entries and the counter of numbers, the row and an index entry again
 * when it is told, the entry of those who came in, and for each of them a position, its index entry and their own count.
 */
const FEW = 6 + 2 + 1 + 2 * 3;
const T = Date.UTC(2009, 0, 31, 12);
const MINUTE = 60_000;
const by = (username: string) => ({ username });

const TALK: ImportedConversation = {
  key: 'pm-1',
  title: 'Lunch',
  members: [
    { username: 'ANN' },
    { externalId: 'x-ben', readUpTo: 1 },
    { username: 'cat', left: T + 90_000 },
    { username: 'dan', left: true, barred: true },
  ],
  messages: [
    { author: by('ann'), date: T, text: 'At [b]noon[/b]?', markup: 'bbcode', title: 'Lunch' },
    { author: { externalId: 'x-ben' }, date: T, text: 'Where?' },
    { author: by('ann'), date: T + 2 * MINUTE, text: 'The zebra' },
    { author: by('eve'), date: T + 3 * MINUTE, text: 'I was never in' },
    { author: { name: 'Old Joe' }, date: T + 4 * MINUTE, text: 'My account is gone' },
  ],
};

describe('a line', () => {
  let app: App;
  let people: Awaited<ReturnType<typeof forum>>['people'];
  let number: ConversationNumber;
  const caller = (index: number) => userCaller(app, people[index] as (typeof people)[number], 'tapatalk');

  beforeAll(async () => {
    ({ app, people } = await forum('ann', 'ben', 'cat', 'dan', 'eve'));
    expect(await run(app, [TALK])).toEqual({
      counts: { imported: 1, present: 0, messages: 5 },
      next: null,
      bad: null,
    });
    number = await numberOf(app, 'pm-1');
  });

  const standings = async () => {
    const view = await viewConversation(hub, appCaller(app, 'operator'), number);
    const ofAll = Object.fromEntries(view.members.map((m) => [m.card.username, m.standing]));
    return { view, ofAll };
  };

  test('is a group with its title, its people where they stood, and its own times', async () => {
    const { view, ofAll } = await standings();
    expect(view.facts).toMatchObject({
      kind: 'group',
      title: 'Lunch',
      createdAt: T,
      creator: people[0]?.number,
    });
    expect(view.lastAt).toBe(T + 4 * MINUTE);
    expect(ofAll).toEqual({ ann: 'active', ben: 'active', cat: 'left', dan: 'barred', eve: 'outside' });
    const rows = await again(() => roomOf(app, number).rows());
    // Everybody comes in, cat leaves between the second and the third message, dan after the last.
    expect(rows.map(({ kind }) => kind)).toEqual([3, 0, 0, 4, 0, 0, 0, 4]);
    // Nothing of it is left to be told to sockets.
    expect(rows.map(({ delivered }) => delivered)).toEqual([1, 2, 3, 4, 5, 6, 7, 8]);
    for (const [i, row] of rows.entries()) {
      expect(row.at).toBeGreaterThan(rows[i - 1]?.at ?? 0);
      expect(Math.floor(row.at / 1000)).toBe(
        [T, T, T, T + 90_000, T + 2 * MINUTE, T + 3 * MINUTE, T + 4 * MINUTE, T + 4 * MINUTE][i],
      );
    }
    const { messages } = await messagesByOrdinal(hub, caller(0), number, 1, 9);
    expect(messages.map(({ message }) => message.text)).toEqual(TALK.messages.map(({ text }) => text));
    expect(messages[0]?.message).toMatchObject({ markup: 'bbcode', title: 'Lunch' });
    expect(messages[4]).toMatchObject({ author: null, message: { override: { name: 'Old Joe' } } });
  });

  test('is in the lists of those who are in, with what each has not read, and found by its words', async () => {
    const unread = await Promise.all(
      [0, 1, 2, 3, 4].map(async (i) =>
        (await listForUser(hub, caller(i), { start: 0, count: 9 })).rows.map((r) => r.unread),
      ),
    );
    // Ben read one and wrote the second: what one has said counts as read.
    expect(unread).toEqual([[0], [3], [], [], []]);
    for (const [i, count] of [
      [0, 1],
      [1, 1],
      [2, 0],
    ] as const)
      expect((await searchMessages(hub, caller(i), { query: 'zebra', size: 9 })).rows).toHaveLength(count);
  });

  test('was delivered to nobody, and a wake tells nothing again', async () => {
    const room = roomOf(app, number);
    expect(await room.inside(({ core }) => [core?.fanout.cursor, core?.index.pending])).toEqual([8, false]);
    await room.evict();
    const meter = await meterRoom(room);
    await viewConversation(hub, caller(0), number);
    expect(meter.written).toBe(0);
    expect(await room.inside(({ core }) => [core?.fanout.cursor, core?.index.pending])).toEqual([8, false]);
  });

  test('comes back from the log and from the archive as it was', async () => {
    const look = async () => {
      const found = await d1.batch([
        d1.prepare('SELECT * FROM entry WHERE id / 2097152 = ?1 ORDER BY id').bind(number),
        d1.prepare('SELECT * FROM membership WHERE conversation = ?1 ORDER BY user').bind(number),
        d1.prepare('SELECT * FROM conversation WHERE number = ?1').bind(number),
      ]);
      return found.map(({ results }) =>
        results.map((row) => ({ ...(row as object), reset_at: 0, epoch: '', rev: 0 })),
      );
    };
    const before = await look();
    const { view } = await standings();
    await d1.batch([
      d1.prepare('DELETE FROM membership WHERE conversation = ?1').bind(number),
      d1.prepare('DELETE FROM conversation WHERE number = ?1').bind(number),
    ]);
    await reindexApp(hub, app, { from: number, limit: 1 });
    expect(await look()).toEqual(before);
    await restoreConversation(hub, app, number);
    const after = (await standings()).view;
    expect({ ...after, epoch: '' }).toEqual({ ...view, epoch: '' });
    expect((await run(app, [TALK])).counts).toMatchObject({ imported: 0, present: 1 });
  });

  test('goes on with what is posted now', async () => {
    await post(hub, caller(1), number, draft('Years later'));
    const { rows } = await listForUser(hub, caller(0), { start: 0, count: 9 });
    expect(rows).toMatchObject([{ unread: 1, messageCount: 6, preview: 'Years later' }]);
  });
});

describe('a key', () => {
  const talk = (key: string, more: Partial<ImportedConversation> = {}): ImportedConversation => ({
    key,
    members: [by('ann'), by('ben')],
    messages: [{ author: by('ann'), date: T, text: `The words of ${key}` }],
    ...more,
  });

  test('is taken in once, also twice in a file, and belongs to its app', async () => {
    const [one, two] = [await forum('ann', 'ben'), await forum('ann', 'ben')];
    const file = [talk('a'), talk('b'), talk('a', { title: 'Another' })];
    expect((await run(one.app, file)).counts).toEqual({ imported: 2, present: 1, messages: 2 });
    expect((await run(one.app, file)).counts).toEqual({ imported: 0, present: 3, messages: 0 });
    expect((await run(two.app, file)).counts).toMatchObject({ imported: 2 });
    const count = await d1
      .prepare('SELECT count(*) AS n FROM conversation WHERE app = ?1')
      .bind(one.app.number)
      .first('n');
    expect(count).toBe(2);
  });

  test('whose import was cut short is taken in the next time', async () => {
    const { app } = await forum('ann', 'ben');
    const cut = {
      ...hub,
      env: {
        ...hub.env,
        CONVERSATION: {
          getByName: () => ({
            takeIn: async () => {
              throw new Error('gone');
            },
          }),
        },
      },
    };
    const progress = importConversations(
      cut as never,
      app,
      (async function* () {
        yield { line: 1, chars: 9, value: talk('a') };
      })(),
    );
    const error = await progress.next().catch((thrown: unknown) => thrown);
    expect(error).toMatchObject({ line: 1, refusal: { code: 'unavailable' } });
    const number = await numberOf(app, 'a');
    expect((await run(app, [talk('a')])).counts).toMatchObject({ imported: 1, present: 0 });
    expect(await numberOf(app, 'a')).toBe(number);
    expect(await again(() => roomOf(app, number).rows())).toHaveLength(2);
  });

  test('of a conversation that was deleted here does not bring it back', async () => {
    const { app } = await forum('ann', 'ben');
    await run(app, [talk('a')]);
    await deleteConversation(hub, appCaller(app, 'operator'), await numberOf(app, 'a'));
    expect((await run(app, [talk('a')])).counts).toEqual({ imported: 0, present: 1, messages: 0 });
  });

  test.each([
    [
      'an author whom nobody knows',
      { messages: [{ author: by('zoe'), date: T, text: '' }] },
      ['messages.0.author.username'],
    ],
    ['a member whom nobody knows', { members: [by('ann'), { externalId: 'zoe' }] }, ['members.1.externalId']],
    ['a creator whom nobody knows', { creator: by('zoe') }, ['creator.username']],
    ['a member twice', { members: [by('ann'), { externalId: 'x-ann' }] }, ['members.1']],
    ['more read than said', { members: [{ username: 'ann', readUpTo: 2 }] }, ['members.0.readUpTo']],
    ['somebody gone before it began', { members: [{ username: 'ann', left: T - 1 }] }, ['members.0.left']],
    ['a first message before it began', { createdAt: T + 1 }, ['messages.0.date']],
    [
      'messages out of order',
      { messages: [T, T - 1].map((date) => ({ author: by('ann'), date, text: '' })) },
      ['messages.1.date'],
    ],
  ])('with %s: the line is named, nothing of it is taken, all before it is', async (_, wrong, fields) => {
    const { app } = await forum('ann', 'ben');
    const file = [talk('a'), talk('b'), talk('bad', wrong), talk('c')];
    const { counts, bad } = await run(app, file);
    expect(bad).toEqual({ line: 3, code: 'invalid', fields });
    expect(counts.imported).toBe(2);
    const count = await d1
      .prepare('SELECT count(*) AS n FROM conversation WHERE app = ?1')
      .bind(app.number)
      .first('n');
    expect(count).toBe(2);
  });
});

test('a conversation holds a row for each message, each event and each member, and four facts', async () => {
  const { app } = await forum('ann', 'ben');
  const rowsOf = async (messages: number) => {
    const key = `with ${messages}`;
    const said = Array.from({ length: messages }, (_, i) => ({
      author: by('ann'),
      date: T + i,
      text: 'Words',
    }));
    await run(app, [{ key, members: [by('ann'), by('ben')], messages: said }]);
    const number = await numberOf(app, key);
    return again(() =>
      roomOf(app, number).inside((_, { storage }) =>
        ['entry', 'member', 'meta'].map((table) => all(storage, `SELECT 1 FROM ${table}`).length),
      ),
    );
  };
  const [one, hundred] = [await rowsOf(1), await rowsOf(100)];
  expect(one).toEqual([2, 2, 4]);
  expect(hundred).toEqual([101, 2, 4]);
});

test('an old message costs D1 two rows, for the archive and for search; its conversation a few', async () => {
  const { app } = await forum('ann', 'ben');
  const { db, meter } = meteredD1();
  const metered = { ...hub, env: { ...hub.env, DB: db } };
  await indexInto(db);
  try {
    const costOf = async (messages: number): Promise<number> => {
      const said = Array.from({ length: messages }, (_, i) => ({
        author: by('ann'),
        date: T + i,
        text: 'Words',
      }));
      const value = { key: `of ${messages}`, members: [by('ann'), by('ben')], messages: said };
      meter.reset();
      const lines = (async function* () {
        yield { line: 1, chars: 100, value };
      })();
      for await (const _ of importConversations(metered, app, lines));
      return meter.written;
    };
    const few = await costOf(5);
    expect((await costOf(105)) - few).toBe(2 * 100);
    expect(few).toBe(2 * 5 + FEW);
  } finally {
    await indexInto(undefined);
  }
});
