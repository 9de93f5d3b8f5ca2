// What is taken out and told anew: in steps that let others through, never by a batch that D1 does late, and never out of
// or into a number that is another conversation's by now.
import { afterEach, describe, expect, test } from 'vitest';
import type { Person } from '../../src/conversation/core.ts';
import type { Projection } from '../../src/domain/projection.ts';
import { doored, gate } from '../conversation/faults.ts';
import {
  archived,
  bindings,
  d1,
  group,
  makeApp,
  openRoom,
  position,
  type Room,
  summary,
} from '../conversation/harness.ts';
import { indexInto } from '../conversation/meter.ts';
import { expectSame } from './compare.ts';

afterEach(() => indexInto(undefined));

const LATE = 'D1 took longer than 10000 ms';

/** Puts `count` messages into the log and tells the directory, without a call for each. */
async function fill(room: Room, author: Person, count: number): Promise<void> {
  await room.inside(({ core }, { storage }) => {
    const from = core?.log.last.seq ?? 0;
    const at = core?.log.last.at ?? 0;
    const n = core?.log.last.n ?? 0;
    storage.transactionSync(() => {
      for (let i = 1; i <= count; i++) {
        storage.sql.exec(
          'INSERT INTO entry (seq, at, kind, n, prev, author, indexed, delivered, body) VALUES (?,?,0,?,?,?,?,?,?)',
          ...[from + i, at + i, n + i, i === 1 && n === 0 ? 0 : from + i - 1, author.user, from, from + i],
          `{"door":"tapatalk","text":"secret ${i}","markup":"plain","type":"text"}`,
        );
      }
    });
  });
  await room.evict();
  expect(await room.indexed()).toBe(true);
}

const parked = async (room: Room) =>
  (await d1.prepare('SELECT seq, reason FROM parked WHERE conversation = ?1').bind(room.number).all())
    .results;

const waiting = async () =>
  (await (bindings.INDEXER.getByName('d1') as unknown as { health(): Promise<{ waiting: number }> }).health())
    .waiting;

const wordsLeft = async (room: Room) =>
  (
    await d1
      .prepare(
        'SELECT count(*) AS n FROM entry_fts WHERE rowid BETWEEN cast(?1 AS INTEGER) AND cast(?2 AS INTEGER)',
      )
      .bind(room.number * 2 ** 21, room.number * 2 ** 21 + 2 ** 21 - 1)
      .first<{ n: number }>()
  )?.n;

describe('a batch that D1 does late', () => {
  // Which batch of the retelling D1 seems to have lost: asking, taking out, telling.
  test.each([1, 2, 3, 4])('does nothing after a newer retelling (the %i. one)', async (nth) => {
    const { room, people } = await group(2);
    const [a] = people as [Person, Person];
    await fill(room, a, 1_500);
    const door = doored();
    const { passed, open } = gate();
    let late: Promise<unknown> | undefined;
    door.door = (through) => {
      if (door.batches !== nth) return through();
      late = passed.then(through).catch(() => undefined);
      return Promise.reject(new Error(LATE));
    };
    await indexInto(door.db);
    await room.stub.reindex(room.app);
    await room.caughtUp();
    await expectSame(room);
    open();
    await late;
    await expectSame(room);
    await room.post(a, 'after');
    await expectSame(room);
  });

  test('does not fill the place that a retelling begins to fill', async () => {
    const { room, people } = await group(2);
    const [a] = people as [Person, Person];
    await room.post(a, 'one');
    const door = doored();
    const { passed, open } = gate();
    let late: Promise<unknown> | undefined;
    door.door = (through) => {
      late = passed.then(through).catch(() => undefined);
      return Promise.reject(new Error(LATE));
    };
    await indexInto(door.db);
    await room.post(a, 'two', 20);
    // A retelling has emptied the place; now the old flush is done.
    await d1.prepare('UPDATE conversation SET last_seq = 0 WHERE number = ?1').bind(room.number).run();
    open();
    await late;
    expect(await summary(room)).toMatchObject({ last_seq: 0 });
    door.door = undefined;
    expect(await room.stub.reindex(room.app)).toMatchObject({ ok: true });
    await expectSame(room);
  });
});

describe('a conversation of thousands of messages', () => {
  test('is deleted in steps, between which others are told', async () => {
    const { room, people } = await group(2);
    const [a] = people as [Person, Person];
    await fill(room, a, 3_500);
    const other = await openRoom(room.app, { people });
    const door = doored();
    let toldMeanwhile: unknown;
    door.door = async (through) => {
      const nth = door.batches;
      if (nth === 1) {
        await other.post(a, 'meanwhile', 0);
        await expect.poll(waiting).toBeGreaterThan(0);
      }
      if (nth === 3) toldMeanwhile = (await summary(other)).preview;
      return through();
    };
    await indexInto(door.db);
    expect(await room.stub.destroy(room.as(null), { waitMs: 30_000 })).toMatchObject({ ok: true });
    expect(door.batches).toBeGreaterThanOrEqual(5);
    expect(toldMeanwhile).toBe('meanwhile');
    expect(await archived(room)).toEqual([]);
    expect(await wordsLeft(room)).toBe(0);
    expect(await position(room, a.user)).toBeNull();
    await expectSame(other);
  });

  test('is cleared in steps', async () => {
    const { room, people } = await group(2);
    const [a] = people as [Person, Person];
    await fill(room, a, 2_500);
    const door = doored();
    await indexInto(door.db);
    await room.remove(null, 'all');
    expect(door.batches).toBe(3);
    expect(await wordsLeft(room)).toBe(0);
    expect((await archived(room)).every(({ text }) => !text)).toBe(true);
  });

  test('is told anew in steps', async () => {
    const { room, people } = await group(2);
    await fill(room, people[0] as Person, 2_500);
    const door = doored();
    await indexInto(door.db);
    expect(await room.stub.reindex(room.app)).toMatchObject({ ok: true });
    expect(door.batches).toBeGreaterThan(6);
    await expectSame(room);
  });

  test('leaves no words in an app without an archive, and loses those of before', async () => {
    const without = await makeApp({ archive: false });
    const { people } = await group(1);
    const [a] = people as [Person];
    const bare = await openRoom(without, { people });
    await bare.post(a, 'secret');
    expect(await wordsLeft(bare)).toBe(0);
    const app = await makeApp();
    const room = await openRoom(app, { people });
    await room.post(a, 'secret');
    expect(await wordsLeft(room)).toBe(1);
    await d1.batch([
      d1.prepare(`UPDATE app SET settings = '{"archive":false}' WHERE number = ?1`).bind(app),
      d1.prepare('DELETE FROM entry WHERE id >> 21 = ?1').bind(room.number),
    ]);
    await room.stub.destroy(room.as(null), { waitMs: 5_000 });
    expect(await wordsLeft(room)).toBe(0);
  });
});

describe('a batch that takes D1 too long', () => {
  /** What the conversation tells of one post, held back. */
  const news = async (room: Room, author: Person): Promise<Projection> => {
    const sent: Projection[] = [];
    await room.inside((object) => {
      const put = async (projection: Projection) => {
        sent.push(projection);
        return { ok: false };
      };
      object.env = { ...object.env, INDEXER: { getByName: () => ({ put }) } as never };
    });
    await room.post(author, `in ${room.number}`, 20);
    return sent[0] as Projection;
  };

  test('is told again one conversation at a time, so that one does not hold up the others', async () => {
    const { room: bad, people } = await group(1);
    const [a] = people as [Person];
    const rooms = [await openRoom(bad.app, { people }), bad, await openRoom(bad.app, { people })];
    const told = await Promise.all(rooms.map((room) => news(room, a)));
    const first = await openRoom(bad.app, { people });
    const hold = await news(first, a);
    const door = doored();
    let { passed, open } = gate();
    let guilty = false;
    door.db.prepare = (text: string) => {
      const statement = d1.prepare(text);
      const bind = statement.bind.bind(statement);
      statement.bind = (...values: unknown[]) => {
        guilty ||= text.includes('UPDATE conversation') && String(values[0]).includes(`[${bad.number},`);
        return bind(...values);
      };
      return statement;
    };
    door.door = async (through) => {
      const tooMuch = guilty;
      guilty = false;
      await passed;
      if (tooMuch) throw new Error('D1_ERROR: D1 DB exceeded its CPU time limit and was reset.');
      return through();
    };
    await indexInto(door.db);
    const indexer = bindings.INDEXER.getByName('d1') as unknown as {
      put(p: Projection): Promise<{ ok: boolean }>;
    };
    /** All of them at once, while the Indexer is busy with another one. */
    const round = async () => {
      ({ passed, open } = gate());
      const results = [hold, ...told].map((projection) => indexer.put(projection));
      await expect.poll(waiting).toBe(told.length);
      open();
      return (await Promise.all(results)).slice(1).map(({ ok }) => ok);
    };
    expect(await round()).toEqual([false, false, false]);
    expect(await round()).toEqual([true, false, true]);
    expect(await summary(bad)).toMatchObject({ last_seq: 1 });
  });
});

describe('a number that D1 gave again after a rollback', () => {
  test('is not filled with the log of the conversation that had it, and that is reported once', async () => {
    const { room, people } = await group(2);
    const [a, b] = people as [Person, Person];
    await room.post(a, 'before');
    const other = await makeApp();
    await d1.batch([
      d1
        .prepare(
          `UPDATE conversation SET app = ?1, nonce = 'another', last_seq = 0, preview = '', people = '[]', title = NULL
           WHERE number = ?2`,
        )
        .bind(other, room.number),
      d1.prepare('DELETE FROM entry'),
      d1.prepare('DELETE FROM membership WHERE conversation = ?1').bind(room.number),
    ]);
    const row = await summary(room);
    await room.post(a, 'a secret of the first app');
    await room.read(b);
    await room.update({ title: 'Secret' });
    expect(await room.stub.reindex(room.app)).toMatchObject({ ok: true });
    expect(await summary(room)).toEqual(row);
    expect(await archived(room)).toEqual([]);
    expect(await position(room, b.user)).toBeNull();
    expect(await parked(room)).toEqual([{ seq: 3, reason: expect.stringContaining('rolled back') }]);
    await room.stub.destroy(room.as(null), { waitMs: 5_000 });
    expect(await summary(room)).toEqual(row);
  });

  test('as a further block does not take the messages of the conversation that had it', async () => {
    const { room, people } = await group(1);
    const { room: foreign } = await group(1);
    await room.inside(({ core }) => {
      Object.defineProperty(core?.log, 'blockEntries', { value: 4 });
      core?.log.addBlock(foreign.number);
    });
    const before = await archived(foreign);
    for (let i = 0; i < 5; i++) await room.post(people[0] as Person, `${i}`);
    expect(await archived(foreign)).toEqual(before);
  });

  test('or lost is reported, and a retelling brings everything back', async () => {
    const { room, people } = await group(2);
    const [a] = people as [Person, Person];
    for (let i = 0; i < 3; i++) await room.post(a, `${i}`);
    await d1.prepare('UPDATE conversation SET last_seq = 2 WHERE number = ?1').bind(room.number).run();
    await d1
      .prepare('DELETE FROM entry WHERE id > ?1')
      .bind(room.number * 2 ** 21 + 2)
      .run();
    await room.post(a, 'after the rollback');
    expect(await parked(room)).toEqual([{ seq: 5, reason: expect.stringContaining('reindex') }]);
    expect(await archived(room)).toHaveLength(2);
    expect(await room.stub.reindex(room.app)).toMatchObject({ ok: true });
    await expectSame(room);
  });
});
