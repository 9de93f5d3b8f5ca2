// Rows that D1 refuses, flushes that are too large, and conversations deleted while their news is under way.
import { afterEach, describe, expect, test } from 'vitest';
import type { Person } from '../../src/conversation/core.ts';
import type { Projection } from '../../src/domain/projection.ts';
import { doored, gate, quiet } from '../conversation/faults.ts';
import {
  archived,
  bindings,
  d1,
  draft,
  group,
  openRoom,
  position,
  type Room,
} from '../conversation/harness.ts';
import { indexInto } from '../conversation/meter.ts';
import { expectSame } from './compare.ts';

quiet();
afterEach(async () => {
  await indexInto(undefined);
  await d1.prepare('DROP TRIGGER IF EXISTS refuse').run();
});

/** From now on D1 refuses to archive a message that says so. */
const refusing = (text: string) =>
  d1
    .prepare(
      `CREATE TRIGGER refuse BEFORE INSERT ON entry WHEN NEW.text = '${text}'
       BEGIN SELECT RAISE(ABORT, 'constraint failed: refused'); END`,
    )
    .run();

const parked = async (room: Room) =>
  (await d1.prepare('SELECT seq, reason FROM parked WHERE conversation = ?1').bind(room.number).all())
    .results;

/** How many times a word of one message stands in the index. */
async function placesOf(word: string): Promise<number> {
  await d1.prepare('CREATE VIRTUAL TABLE IF NOT EXISTS vocab USING fts5vocab(entry_fts, instance)').run();
  const found = await d1
    .prepare("SELECT count(*) AS n FROM vocab WHERE term = ?1 AND col = 'words'")
    .bind(word)
    .first<{ n: number }>();
  return found?.n ?? 0;
}

/** Holds the Indexer's batches until `open`, so that what is put meanwhile becomes one batch. */
async function held() {
  const { passed, open } = gate();
  const door = doored();
  door.door = async (through) => {
    await passed;
    return through();
  };
  await indexInto(door.db);
  return { open, door };
}

describe('a row that D1 refuses', () => {
  test('is parked and reported, while the rest of its conversation and the others arrive', async () => {
    const { room: bad, people } = await group(2);
    const [a] = people as [Person];
    const good = await Promise.all([openRoom(bad.app, { people }), openRoom(bad.app, { people })]);
    const { room: first, people: others } = await group(1);
    await refusing('poison');
    const { open } = await held();
    await first.post(others[0] as Person, 'holds the batch', 0);
    await bad.post(a, 'before', 0);
    const poison = await bad.post(a, 'poison', 0);
    await bad.post(a, 'after', 0);
    for (const room of good) await room.post(a, `fine in ${room.number}`, 0);
    open();
    for (const room of [first, bad, ...good]) expect(await room.indexed()).toBe(true);
    for (const room of good) await expectSame(room);
    expect((await archived(bad)).map((row) => row.text)).toEqual([null, 'before', 'after']);
    expect(await parked(bad)).toEqual([{ seq: poison.seq, reason: expect.stringContaining('refused') }]);
    await bad.post(a, 'goes on');
    expect((await archived(bad)).at(-1)?.text).toBe('goes on');
    const indexer = bindings.INDEXER.getByName('d1') as unknown as { health(): Promise<{ parked: number }> };
    expect((await indexer.health()).parked).toBeGreaterThan(0);
  });

  test('is parked once, and the rest is whole, when everything is told again', async () => {
    const { room, people } = await group(1);
    const [a] = people as [Person];
    await room.post(a, 'before');
    await room.post(a, 'poison');
    const after = await room.post(a, 'after');
    await room.edit(a, after.seq, 'after all');
    await refusing('poison');
    expect(await room.stub.reindex(room.app)).toMatchObject({ ok: true });
    expect((await archived(room)).map((row) => row.text)).toEqual([null, 'before', 'after all', null]);
    expect(await parked(room)).toHaveLength(1);
    expect(await position(room, a.user)).toMatchObject({ standing: 'active' });
    await d1.prepare('DROP TRIGGER refuse').run();
    expect(await room.stub.reindex(room.app)).toMatchObject({ ok: true });
    await expectSame(room);
  });

  test('is one of two that are parked, each under its own seq', async () => {
    const { room, people } = await group(1);
    const [a] = people as [Person];
    await refusing('poison');
    const seqs = [await room.post(a, 'poison'), await room.post(a, 'poison')].map(({ seq }) => seq);
    expect((await parked(room)).map(({ seq }) => seq)).toEqual(seqs);
  });

  test('does not double the words of the others when parking is cut short', async () => {
    const { room, people } = await group(1);
    const [a] = people as [Person];
    await refusing('poison');
    const { open, door } = await held();
    await room.post(a, 'holds', 0);
    const [before, after] = ['beforehand', 'afterwards'];
    await room.post(a, before, 0);
    await room.post(a, 'poison', 0);
    await room.post(a, after, 0);
    let batches = 0;
    door.door = async (through) => {
      batches += 1;
      // Not the batch of all, nor of the conversation, but in the middle of row by row.
      if (batches === 5) throw new Error('D1_ERROR: Network connection lost.');
      return through();
    };
    open();
    await room.caughtUp();
    expect(batches).toBeGreaterThan(5);
    for (const word of [before, after]) expect(await placesOf(word)).toBe(1);
  });
});

describe('large messages', () => {
  const large = 'large words '.repeat(12_000);

  test('leave the conversation in parcels that a call and a bound value can hold', async () => {
    const { room, people } = await group(1);
    const sizes: number[] = [];
    await room.inside((object) => {
      const indexer = bindings.INDEXER.getByName('d1') as unknown as { put(p: Projection): Promise<unknown> };
      const put = (projection: Projection) => {
        sizes.push(JSON.stringify(projection).length);
        return indexer.put(projection);
      };
      object.env = { ...object.env, INDEXER: { getByName: () => ({ put }) } as never };
    });
    const { open } = await held();
    for (let i = 0; i < 12; i++) await room.post(people[0] as Person, `${i} ${large}`, 0);
    open();
    expect(await room.indexed()).toBe(true);
    expect((await archived(room)).filter((row) => row.text !== null)).toHaveLength(12);
    // Text and words of one message each; a second one would not fit.
    for (const size of sizes) expect(size).toBeLessThan(3 * large.length);
  });

  test('of several conversations are not written in one batch', async () => {
    const { room: first, people } = await group(1);
    const [a] = people as [Person];
    const rooms = await Promise.all(Array.from({ length: 4 }, () => openRoom(first.app, { people })));
    const { open, door } = await held();
    await first.post(a, 'holds', 0);
    for (const room of rooms) await room.post(a, large, 0);
    open();
    for (const room of rooms) expect(await room.indexed()).toBe(true);
    expect(door.batches).toBe(1 + rooms.length);
  });
});

describe('a conversation that was deleted', () => {
  const nothingOf = async (room: Room, people: Person[]) => {
    expect(await archived(room)).toEqual([]);
    for (const { user } of people) expect(await position(room, user)).toBeNull();
    const words = await d1
      .prepare("SELECT count(*) AS n FROM entry_fts WHERE entry_fts MATCH 'words:secret'")
      .first<{ n: number }>();
    expect(words?.n).toBe(0);
    const row = await d1
      .prepare('SELECT preview, people, title, deleted_at FROM conversation WHERE number = ?1')
      .bind(room.number)
      .first();
    expect(row).toEqual({ preview: '', people: '[]', title: null, deleted_at: expect.any(Number) });
  };

  test('leaves nothing in the directory but its number', async () => {
    const { room, people } = await group(2, { first: draft('secret') });
    await room.update({ title: 'Secret' });
    expect(await room.stub.destroy(room.as(null), { waitMs: 5_000 })).toMatchObject({ ok: true });
    await nothingOf(room, people);
  });

  test('leaves nothing either when its last news was still under way', async () => {
    const { room, people } = await group(2);
    const { open } = await held();
    await room.post(people[0] as Person, 'secret one', 0);
    await room.post(people[1] as Person, 'secret two', 0);
    await room.mark(people[0] as Person, { kind: 'read', upTo: null, user: null }, 0);
    const destroyed = room.stub.destroy(room.as(null), { waitMs: 5_000 });
    await expect.poll(() => room.inside(({ core }) => core === null)).toBe(true);
    open();
    expect(await destroyed).toMatchObject({ ok: true });
    // Whatever the object still had to say is behind this in the Indexer's queue.
    const {
      room: other,
      people: [a],
    } = await group(1);
    await other.post(a as Person, 'after');
    await nothingOf(room, people);
  });

  test('leaves nothing either when D1 does late what it was once asked for', async () => {
    const { room, people } = await group(2);
    const [a, b] = people as [Person, Person];
    const { passed, open } = gate();
    const late: Promise<unknown>[] = [];
    const door = doored();
    door.door = (through) => {
      late.push(passed.then(through));
      return Promise.reject(new Error('D1 took longer than 10000 ms'));
    };
    await indexInto(door.db);
    await room.post(a, 'secret', 0);
    await room.mark(b, { kind: 'read', upTo: null, user: null }, 50);
    door.door = undefined;
    expect(await room.stub.destroy(room.as(null), { waitMs: 5_000 })).toMatchObject({ ok: true });
    expect(late.length).toBeGreaterThan(0);
    open();
    await Promise.all(late);
    await nothingOf(room, people);
  });

  test('is reported later when the directory is away, also by an object that was evicted', async () => {
    const { room, people } = await group(2, { first: draft('secret') });
    const door = doored();
    door.door = () => Promise.reject(new Error('D1_ERROR: Network connection lost.'));
    await indexInto(door.db);
    await room.byHand();
    expect(await room.stub.destroy(room.as(null), { waitMs: 20 })).toMatchObject({ ok: true });
    await room.evict();
    expect(await room.alarm()).toBe(true);
    door.door = undefined;
    for (let rings = 0; (await room.alarm()) && rings < 5; rings++);
    await nothingOf(room, people);
    expect(await room.alarm()).toBe(false);
  });
});
