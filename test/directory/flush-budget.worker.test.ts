// What a flush may write into D1 (DESIGN.md 10), counted by D1's own meter.
import { afterEach, describe, expect, test, vi } from 'vitest';
import { doored, gate } from '../conversation/faults.ts';
import { draft, group, type Room } from '../conversation/harness.ts';
import { indexInto, meteredD1 } from '../conversation/meter.ts';

afterEach(() => indexInto(undefined));

/** Rows written by each flush of what `posts` puts into the log: the first post's own, then all the others' together. */
async function flushes(room: Room, posts: (() => Promise<unknown>)[]): Promise<number[]> {
  const { db, meter } = meteredD1();
  const held = doored(db);
  const { passed, open } = gate();
  const costs: number[] = [];
  held.door = async (through) => {
    await passed;
    const before = meter.written;
    const results = await through();
    costs.push(meter.written - before);
    return results;
  };
  await indexInto(held.db);
  for (const post of posts) await post();
  open();
  // After a post that did not wait long enough nobody waits, until the flush that it asked for is through.
  await vi.waitFor(async () => expect(await room.indexed()).toBe(true), { timeout: 30_000 });
  return costs;
}

const times = <T>(count: number, make: (i: number) => T): T[] =>
  Array.from({ length: count }, (_, i) => make(i));

describe('rows written into D1, with archive and search', () => {
  test('four by a flush of one message', async () => {
    const { room, people } = await group(2);
    const [cost] = await flushes(room, [() => room.post(people[0] as never, 'hello', 0)]);
    expect(cost).toBeLessThanOrEqual(4);
  });

  test('as many in a conversation of a customer that waits for the team, and one to count it when it begins to', async () => {
    const { room, people } = await group(1, { kind: 'support' });
    const says = () => room.post(people[0] as never, 'hello', 0);
    expect(await flushes(room, [says])).toEqual([5]);
    expect(await flushes(room, [says])).toEqual([4]);
    const [, ten] = await flushes(room, [
      () => room.post(people[0] as never, 'first', 1),
      ...times(10, () => says),
    ]);
    expect(ten).toBeLessThanOrEqual(22);
    // An entry each, the summary with its index, and the count.
    const close = () => room.stub.update(room.as(null), { state: 'closed' }, { waitMs: 0 });
    expect(await flushes(room, [close])).toEqual([4]);
    expect(await flushes(room, [says])).toEqual([6]);
  });

  test('2.2 per message by a flush of ten, of ten people', async () => {
    const { room, people } = await group(10);
    const posts = people.map((person) => () => room.post(person, `I am ${person.card.name}`, 0));
    const [, cost] = await flushes(room, [() => room.post(people[0] as never, 'first', 1), ...posts]);
    expect(cost).toBeLessThanOrEqual(22);
  });

  test('2.2 per message by a flush of ten with client ids', async () => {
    const { room, people } = await group(2);
    const posts = times(
      10,
      (i) => () => room.post(people[i % 2] as never, draft(`${i}`, { clientId: `c${i}` }), 0),
    );
    const [, cost] = await flushes(room, [() => room.post(people[0] as never, 'first', 1), ...posts]);
    expect(cost).toBeLessThanOrEqual(22);
  });

  test('none by a flush that comes again', async () => {
    const { room, people } = await group(2);
    const [a, b] = people as [never, never];
    const { seq } = await room.post(a, 'one');
    await room.post(b, 'two');
    await room.edit(a, seq, 'one, better');
    await room.remove(b, seq + 1);
    await room.read(a);
    const { db, meter } = meteredD1();
    await indexInto(db);
    // What is on disk knows only what was known when each row was written: a wake sends the rest again.
    await room.inside(({ core }, { storage }) => {
      storage.sql.exec('UPDATE entry SET indexed = 0');
      storage.sql.exec('UPDATE member SET indexed_rev = 0');
      expect(core).not.toBeNull();
    });
    await room.evict();
    expect(await room.indexed()).toBe(true);
    expect(meter.read).toBeGreaterThan(0);
    expect(meter.written).toBe(0);
  });

  test('six by an edit, five by a deletion: entry, message, words out and in, summary and its index', async () => {
    const { room, people } = await group(2);
    const { seq } = await room.post(people[0] as never, 'hello');
    const [edit] = await flushes(room, [() => room.edit(people[0] as never, seq, 'better', 0)]);
    const [deletion] = await flushes(room, [() => room.remove(people[0] as never, seq, 0)]);
    expect([edit, deletion]).toEqual([6, 5]);
  });

  test('one by a read mark', async () => {
    const { room, people } = await group(2);
    await room.post(people[0] as never, 'hello');
    const mark = () => room.mark(people[1] as never, { kind: 'read', upTo: null, user: null }, 0);
    expect(await flushes(room, [mark])).toEqual([1]);
  });
});
