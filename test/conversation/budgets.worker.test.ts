// What a conversation object may cost (DESIGN.md 10), counted row by row.
import { describe, expect, test } from 'vitest';
import { unwrap } from '../../src/domain/errors.ts';
import { doored } from './faults.ts';
import { all, draft, group, type Room } from './harness.ts';
import { indexInto, meterRoom } from './meter.ts';

describe('rows written per posted message', () => {
  test('one, and two with a client id', async () => {
    const { room, people } = await group(3);
    const meter = await meterRoom(room);
    const [a, b] = people;
    for (const person of [a, b, a, b]) await room.post(person as never, 'hello');
    expect(meter.written).toBe(4);
    meter.reset();
    for (let i = 0; i < 4; i++) await room.post(a as never, draft('hello', { clientId: `c-${i}` }));
    expect(meter.written).toBe(8);
  });

  test('one, when many people take turns', async () => {
    const { room, people } = await group(64);
    await Promise.all(people.map((person) => room.post(person, 'first')));
    const meter = await meterRoom(room);
    for (let turn = 0; turn < 2; turn++)
      await Promise.all(people.map((person) => room.post(person, 'again')));
    expect(meter.written).toBe(2 * 64);
  });

  test('one, when many posts go in together', async () => {
    const { room, people } = await group(2);
    const meter = await meterRoom(room);
    await Promise.all(Array.from({ length: 50 }, (_, i) => room.post(people[i % 2] as never, `${i}`)));
    expect(meter.written).toBe(50);
  });

  test('one, and an alarm for all of them, when nobody waits for the directory', async () => {
    const { room, people } = await group(2);
    // One that rang meanwhile would be set again.
    await room.byHand();
    const meter = await meterRoom(room);
    for (let i = 0; i < 30; i++) await room.post(people[i % 2] as never, `${i}`, 0);
    expect(meter.written).toBeLessThanOrEqual(30 + 2);
  });

  test('none for a client id that is known already', async () => {
    const { room, people } = await group(2);
    const said = draft('once', { clientId: 'c-1' });
    await room.post(people[0] as never, said);
    const meter = await meterRoom(room);
    expect(await room.post(people[0] as never, said)).toMatchObject({ duplicate: true });
    expect(meter.written).toBe(0);
  });
});

test('a read mark is one row, and none when it does not move', async () => {
  const { room, people } = await group(2);
  const [a, b] = people as [never, never];
  await room.post(a, 'hello');
  const meter = await meterRoom(room);
  await room.read(b);
  await room.read(b);
  await room.read(b, 1);
  expect(meter.written).toBe(1);
});

describe('rows read by a page of history', () => {
  const PAGE = 20;
  const budget = PAGE + 5;

  /** Fills the log by one statement: an update among the messages every 10 entries. */
  async function fill(room: Room, entries: number): Promise<void> {
    await room.inside((object, { storage }) => {
      const { last, lastMessage } = object.core?.log ?? (undefined as never);
      storage.sql.exec(
        `WITH RECURSIVE up(i) AS (SELECT cast(?1 AS INTEGER) + 1 UNION ALL SELECT i + 1 FROM up WHERE i < ?2)
         INSERT INTO entry (seq, at, kind, n, prev, author, indexed, delivered, body)
         SELECT i, ?3 + i, iif(i % 10 = 0, 6, 0), ?4 + (i - ?1) - i / 10,
           iif(i - 1 = ?1, ?5, iif((i - 1) % 10 = 0, i - 2, i - 1)), ?6, i, i,
           iif(i % 10 = 0, '{"changes":{"title":"t"}}', '{"door":"tapatalk","text":"m","markup":"plain","type":"text"}')
         FROM up`,
        last.seq,
        entries,
        last.at,
        last.n,
        lastMessage.seq,
        object.core?.log.birth.creator ?? null,
      );
    });
    await room.evict();
  }

  async function costs(room: Room, entries: number): Promise<number[]> {
    await fill(room, entries);
    const { messageCount, lastSeq } = await room.view(null);
    expect(lastSeq).toBe(entries);
    const middle = Math.floor(messageCount / 2);
    const meter = await meterRoom(room);
    const cost = async (page: Promise<{ messages: unknown[] }>) => {
      meter.reset();
      expect((await page).messages).toHaveLength(PAGE);
      return meter.read;
    };
    return [
      await cost(room.pageByOrdinal(null, 1, PAGE)),
      await cost(room.pageByOrdinal(null, middle, middle + PAGE - 1)),
      await cost(room.pageByOrdinal(null, messageCount - PAGE + 1, messageCount)),
      await cost(room.pageBySeq(null, { limit: PAGE })),
      await cost(room.pageBySeq(null, { before: Math.floor(entries / 2) - 100, limit: PAGE })),
      await cost(room.pageBySeq(null, { after: Math.floor(entries / 2) + 100, limit: PAGE })),
      // As clients page that know messages by their log time: with the one before the page.
      await cost(room.pageBySeq(null, { limit: PAGE, timed: true })),
      await cost(room.pageBySeq(null, { skip: 7 * PAGE, limit: PAGE, timed: true })),
    ];
  }

  test('page + 5, the same at 1,000 and at 1,000,000 entries', async () => {
    const { room } = await group(1);
    const small = await costs(room, 1_000);
    const large = await costs(room, 1_000_000);
    for (const cost of [...small, ...large]) expect(cost).toBeLessThanOrEqual(budget);
    expect(large).toEqual(small);
    // A log time is found by halving: 2^20 entries take 20 steps.
    const { lastMessage } = await room.view(null);
    const [early] = (await room.pageByOrdinal(null, 500_000, 500_000)).messages;
    const meter = await meterRoom(room);
    for (const entry of [lastMessage, early]) {
      meter.reset();
      const { messages } = unwrap(await room.stub.pageOfNamed(room.as(null), [{ time: entry?.at ?? 0 }]));
      expect(messages.map(({ seq }) => seq)).toEqual([entry?.seq]);
      expect(meter.read).toBeLessThanOrEqual(20 + 6);
    }
  });
});

test('the statements of a post and of a page walk no table', async () => {
  const { room, people } = await group(2);
  await room.post(people[0] as never, 'one');
  const meter = await meterRoom(room);
  await room.post(people[0] as never, draft('two', { clientId: 'c', replyTo: 2 }));
  await room.pageByOrdinal(people[1] as never, 1, 2);
  await room.pageBySeq(people[1] as never, { limit: 2 });
  await room.pageBySeq(people[1] as never, { after: 1, limit: 2 });
  const plans = await room.inside((_, { storage }) =>
    [...new Set(meter.statements)]
      .filter((text) => text.startsWith('SELECT'))
      .map((text) => {
        const values = Array.from({ length: text.split('?').length - 1 }, () => 1);
        return all<{ detail: string }>(storage, `EXPLAIN QUERY PLAN ${text}`, ...values).map((r) => r.detail);
      }),
  );
  expect(plans.length).toBeGreaterThan(3);
  expect(plans.flat().filter((step) => /^SCAN/.test(step))).toEqual([]);
});

/** Timers set from here on, until `restore`. Those of `held` ms ring when the test says so. */
function watchedTimers(held?: number) {
  const { setTimeout: set, clearTimeout: clear } = globalThis;
  const running = new Set<unknown>();
  const delays: number[] = [];
  const kept: (() => void)[] = [];
  globalThis.setTimeout = ((run: () => void, ms = 0) => {
    delays.push(ms);
    if (ms === held) return kept.push(run);
    const timer = set(() => {
      running.delete(timer);
      run();
    }, ms);
    running.add(timer);
    return timer;
  }) as typeof setTimeout;
  globalThis.clearTimeout = ((timer: never) => {
    running.delete(timer);
    clear(timer);
  }) as typeof clearTimeout;
  return {
    running,
    delays,
    /** How many of the held ones ring now. */
    ring: () => kept.splice(0).map((run) => run()).length,
    turn: (ms = 0) => new Promise((resolve) => set(resolve, ms)),
    restore: () => Object.assign(globalThis, { setTimeout: set, clearTimeout: clear }),
  };
}

describe('posts at the same time', () => {
  test('share one timer over their wait for the directory', async () => {
    const { room, people } = await group(2);
    const waitMs = 9_876;
    const timers = watchedTimers();
    const by = room.as(people[0] as never);
    try {
      // From inside: all of them are there at the same time.
      await room.inside((object) =>
        Promise.all(
          Array.from({ length: 16 }, (_, i) =>
            (object as unknown as Room['stub']).post(by, draft(`${i}`), { author: null, waitMs }),
          ),
        ),
      );
    } finally {
      timers.restore();
    }
    // One for each group that was committed and told together, at most.
    expect(timers.delays.filter((ms) => ms > 9_000 && ms <= waitMs).length).toBeLessThanOrEqual(3);
  });

  test('that nobody waits for are told together', async () => {
    const { room, people } = await group(2);
    const counted = doored();
    await indexInto(counted.db);
    await room.byHand();
    const timers = watchedTimers(50);
    try {
      for (let i = 0; i < 5; i++) await room.post(people[0] as never, `${i}`, 0);
      expect(counted.batches).toBe(0);
      expect(timers.ring()).toBe(1);
      while (counted.batches === 0) await timers.turn();
    } finally {
      timers.restore();
    }
    expect(await room.indexed()).toBe(true);
    expect(counted.batches).toBe(1);
    await indexInto(undefined);
  });
});

describe('an idle conversation', () => {
  test('has no alarm once the directory has everything', async () => {
    const { room, people } = await group(2);
    await room.post(people[0] as never, 'hello');
    await room.read(people[1] as never);
    expect(await room.inside((_, { storage }) => storage.getAlarm())).toBeNull();
  });

  test('has no alarm after a wake either', async () => {
    const { room, people } = await group(2);
    await room.post(people[0] as never, 'hello');
    await room.evict();
    await room.view(people[0] as never);
    expect(await room.inside((_, { storage }) => storage.getAlarm())).toBeNull();
  });

  test('answered before its flush ended, has one alarm, and none after that', async () => {
    const { room, people } = await group(2);
    await room.byHand();
    await room.post(people[0] as never, 'hello', 0);
    expect(await room.inside((_, { storage }) => storage.getAlarm())).not.toBeNull();
    let rings = 0;
    while (await room.alarm()) if (++rings > 5) throw new Error('the alarm rings for ever');
    expect(rings).toBeGreaterThan(0);
  });

  test('keeps no timer: every one it set has rung or was cleared', async () => {
    const { room, people } = await group(2);
    const timers = watchedTimers();
    try {
      await room.post(people[0] as never, 'hello');
      await room.read(people[1] as never);
      // A turn of the event loop ends the gathering of a group that nobody joined; what rings with the wait is kept too long.
      for (let turns = 0; timers.running.size > 0 && turns < 1_000; turns++) await timers.turn(5);
    } finally {
      timers.restore();
    }
    expect(timers.running.size).toBe(0);
  });
});
