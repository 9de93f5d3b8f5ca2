// The directory away, slow, or answering wrongly: posting goes on, and the index catches up with nothing lost or doubled.
import { afterEach, describe, expect, test } from 'vitest';
import type { Person } from '../../src/conversation/core.ts';
import { type Doored, doored, gate, quiet } from '../conversation/faults.ts';
import { draft, group, makePerson, type Room } from '../conversation/harness.ts';
import { indexInto } from '../conversation/meter.ts';
import { expectSame } from './compare.ts';

quiet();
afterEach(() => indexInto(undefined));

async function brokenBy(door: Doored['door']): Promise<Doored> {
  const broken = doored();
  broken.door = door;
  await indexInto(broken.db);
  return broken;
}

const down = async (): Promise<never> => {
  throw new Error('D1_ERROR: Network connection lost.');
};

/** One of everything that a conversation writes, none of it waited for. */
async function everything(room: Room, [a, b]: Person[], newcomer: Person): Promise<void> {
  const [alice, bob] = [a as Person, b as Person];
  const { seq } = await room.post(alice, draft('apple', { clientId: `c${room.number}` }), 0);
  await room.post(bob, 'banana', 0);
  await room.edit(alice, seq, 'apricot', 0);
  await room.post(bob, 'blueberry', 0);
  await room.remove(bob, seq + 1, 0);
  await room.edit(alice, seq, 'avocado', 0);
  await room.mark(alice, { kind: 'read', upTo: null, user: null }, 0);
  await room.stub.join(room.as(alice), [newcomer], draft('welcome'), { waitMs: 0 });
  await room.stub.update(room.as(null), { title: 'Fruit' }, { waitMs: 0 });
  await room.stub.leave(room.as(bob), bob.user, 'bar', { waitMs: 0 });
  await room.post(alice, 'almond', 0);
}

/** Rings the alarm until there is none. */
async function drain(room: Room): Promise<void> {
  await room.caughtUp();
  for (let rings = 0; await room.alarm(); rings++)
    if (rings === 20) throw new Error('the alarm rings for ever');
  expect(await room.indexed()).toBe(true);
}

async function cast() {
  const { room, people } = await group(2);
  return { room, people, newcomer: await makePerson(room.app) };
}

describe('a directory', () => {
  test('that is down hinders no post, and has everything once it is back', async () => {
    const { room, people, newcomer } = await cast();
    const broken = await brokenBy(down);
    await everything(room, people, newcomer);
    expect(await room.indexed()).toBe(false);
    expect(broken.batches).toBeGreaterThan(0);
    expect((await room.pageBySeq(null, { limit: 9 })).messages).toHaveLength(4);
    await room.evict();
    await everything(room, [newcomer, newcomer], newcomer).catch(() => undefined);
    broken.door = undefined;
    await drain(room);
    await expectSame(room);
  });

  test.each([1, 2, 3, 5])(
    'that loses its answer, each %i. time, is told again and holds everything once',
    async (nth) => {
      const { room, people, newcomer } = await cast();
      let count = 0;
      const broken = await brokenBy(async (through) => {
        const results = await through();
        if (++count % nth === 0) throw new Error('D1_ERROR: Network connection lost.');
        return results;
      });
      const [a, b] = people as [Person, Person];
      const { seq } = await room.post(a, 'apple', 50);
      await room.edit(a, seq, 'apricot', 50);
      await everything(room, people, newcomer);
      await room.evict();
      await room.edit(a, seq, 'avocado', 50);
      await room.edit(a, seq, 'artichoke', 0);
      expect((await room.tryPost(b, 'out')).ok).toBe(false);
      broken.door = undefined;
      await drain(room);
      await expectSame(room);
    },
  );

  test('that hangs costs one wait: then nobody waits until a flush has succeeded', async () => {
    const { room, people } = await group(2);
    const [a] = people as [Person];
    const { passed, open } = gate();
    const broken = await brokenBy(async (through) => {
      await passed;
      return through();
    });
    // While one rings there is none.
    await room.byHand();
    await room.post(a, 'waits', 20);
    // These would be waited for until the test ends.
    await room.post(a, 'does not wait', 3_600_000);
    await Promise.all(Array.from({ length: 5 }, () => room.post(a, 'nor this', 3_600_000)));
    expect(broken.batches).toBe(1);
    expect(await room.inside((_, { storage }) => storage.getAlarm())).not.toBeNull();
    open();
    await drain(room);
    await expectSame(room);
    const { seq } = await room.post(a, 'waits again');
    expect(await room.stub.lag()).toMatchObject({ indexed: seq });
    await expectSame(room);
  });

  test('that answers late is not told twice what it already wrote', async () => {
    const { room, people } = await group(2);
    const [a] = people as [Person];
    const { passed, open } = gate();
    const late: Promise<unknown>[] = [];
    const broken = await brokenBy((through) => {
      late.push(passed.then(through));
      return down();
    });
    const { seq } = await room.post(a, 'first', 50);
    await room.edit(a, seq, 'first, better', 50);
    broken.door = undefined;
    await drain(room);
    await room.post(a, 'second');
    await room.edit(a, seq, 'first, best');
    open();
    await Promise.all(late);
    await expectSame(room);
  });
});
