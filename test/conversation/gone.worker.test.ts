// What deleted messages leave behind in the object: it is small and costs the same however many gaps there are.
import { expect, test } from 'vitest';
import type { Person } from '../../src/conversation/core.ts';
import { all, group, type Room } from './harness.ts';
import { meterRoom } from './meter.ts';

/** Fills the log up to `entries` messages by one statement. */
async function fill(room: Room, entries: number, author: Person): Promise<void> {
  await room.inside((object, { storage }) => {
    const { last, lastMessage } = object.core?.log ?? (undefined as never);
    storage.sql.exec(
      `WITH RECURSIVE up(i) AS (SELECT cast(?1 AS INTEGER) + 1 UNION ALL SELECT i + 1 FROM up WHERE i < ?2)
       INSERT INTO entry (seq, at, kind, n, prev, author, indexed, delivered, body)
       SELECT i, ?3 + i, 0, ?4 + (i - ?1), iif(i - 1 = ?1, ?5, i - 1), ?6, i, i,
         '{"door":"tapatalk","text":"m","markup":"plain","type":"text"}' FROM up`,
      ...[last.seq, entries, last.at, last.n, lastMessage.seq, author.user],
    );
  });
  await room.evict();
}

const goneRows = (room: Room) =>
  room.inside((_, { storage }) =>
    all<{ key: string; value: string }>(storage, "SELECT key, value FROM meta WHERE key LIKE 'gone%'"),
  );

const MESSAGES = 400_000;

/** Every second of 400,000 messages is gone: more gaps than one value of the platform's could list. */
async function riddled() {
  const { room, people } = await group(2);
  const [a, b] = people as [Person, Person];
  await fill(room, MESSAGES, a);
  const n = await room.inside(({ core }) => {
    const { log } = core ?? (undefined as never);
    log.gone.addEach(
      (function* () {
        for (let i = 2; i <= log.last.n; i += 2) yield i;
      })(),
    );
    return log.last.n;
  });
  await room.evict();
  return { room, a, b, n };
}

test('200,000 gaps are some hundred small rows, and count as before after a wake', async () => {
  const { room, b, n } = await riddled();
  const rows = await goneRows(room);
  expect(rows.length).toBe(Math.ceil(n / 4_096));
  expect(Math.max(...rows.map(({ value }) => value.length))).toBeLessThan(700);
  expect((await room.view(b)).unread).toBe(Math.ceil(n / 2));
  await room.mark(b, { kind: 'read', upTo: MESSAGES - 11, user: null });
  expect(await room.unread(b)).toBe(6);
});

test('a deletion among them writes the four rows that it writes without them', async () => {
  const { room, a } = await riddled();
  const empty = await group(1);
  const only = await empty.room.post(empty.people[0] as Person, 'the only one');
  const costs: number[] = [];
  for (const [where, who, seq] of [
    [empty.room, empty.people[0] as Person, only.seq],
    [room, a, MESSAGES - 100],
  ] as const) {
    const meter = await meterRoom(where);
    await where.remove(who, seq);
    costs.push(meter.written);
  }
  expect(costs).toEqual([4, 4]);
});

test('a page among them reads its messages and five rows', async () => {
  const { room, n } = await riddled();
  for (const window of [{ limit: 20 }, { after: 1_000, limit: 20 }, { before: n - 1_000, limit: 20 }]) {
    const meter = await meterRoom(room);
    const { messages, hasMore } = await room.pageBySeq(null, window);
    expect(messages).toHaveLength(20);
    expect(messages.every((entry) => entry.n % 2 === 1)).toBe(true);
    expect(hasMore).toBe(true);
    expect(meter.read).toBeLessThanOrEqual(20 + 5);
    await room.evict();
  }
});

test('deleting all of them leaves a row for every 4,096, and nothing unread', async () => {
  const { room, a, b } = await riddled();
  await room.remove(null, 'all', 0);
  expect(await room.unread(b)).toBe(0);
  expect(await room.inside(({ core }) => core?.log.gone.newest(MESSAGES, 9))).toHaveLength(1);
  await room.post(a, 'anew', 0);
  await room.evict();
  expect(await room.unread(b)).toBe(1);
});

test('a log that has them as one list keeps what it says', async () => {
  const { room, people } = await group(2);
  const [a, b] = people as [Person, Person];
  for (let i = 0; i < 5; i++) await room.post(a, `${i}`);
  await room.inside((_, { storage }) => {
    storage.sql.exec("INSERT INTO meta VALUES ('gone', '[[1,2],[4,4]]')");
  });
  await room.evict();
  expect(await room.unread(b)).toBe(2);
  expect((await goneRows(room)).map(({ key }) => key)).toEqual(['gone:0']);
  await room.remove(a, 4);
  expect(await room.unread(b)).toBe(1);
});
