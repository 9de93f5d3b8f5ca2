// What waits for D1 is bounded: a conversation whose news is not taken keeps it, and comes back by itself.
import { runInDurableObject } from 'cloudflare:test';
import { afterEach, expect, test } from 'vitest';
import type { Person } from '../../src/conversation/core.ts';
import { doored, gate, quiet } from '../conversation/faults.ts';
import { bindings, makeApp, makePeople, openRoom, type Room } from '../conversation/harness.ts';
import { indexInto } from '../conversation/meter.ts';
import { expectSame } from './compare.ts';

quiet();

interface Inside {
  queueChars: number;
  queued: number;
  health(): Promise<{ waiting: number; waitingChars: number }>;
}
const indexer = <T>(work: (instance: Inside) => T | Promise<T>): Promise<T> =>
  runInDurableObject(bindings.INDEXER.getByName('d1'), (instance) => work(instance as unknown as Inside));

const CAP = 100_000;
const TEXT = 'word '.repeat(4_000);

afterEach(async () => {
  await indexInto(undefined);
  await indexer((instance) => {
    instance.queueChars = 16_000_000;
  });
});

test('news beyond the cap is left to its conversation, which is acknowledged, has an alarm, and loses nothing', async () => {
  const app = await makeApp();
  const people = await makePeople(app, 1);
  const [a] = people as [Person];
  const rooms: Room[] = [];
  for (let i = 0; i < 12; i++) rooms.push(await openRoom(app, { people }));
  // While one rings there is none, and those that wait for the directory would ring on.
  for (const room of rooms) await room.byHand();
  const { passed, open } = gate();
  const door = doored();
  door.door = async (through) => {
    await passed;
    return through();
  };
  await indexInto(door.db);
  await indexer((instance) => {
    instance.queueChars = CAP;
  });
  await Promise.all(rooms.map((room) => room.post(a, TEXT, 0)));
  const alarmOf = (room: Room) => room.inside((_, { storage }) => storage.getAlarm());
  await expect
    .poll(async () => (await Promise.all(rooms.map(alarmOf))).every((at) => at !== null))
    .toBe(true);
  const health = () => indexer((instance) => instance.health());
  await expect.poll(async () => (await health()).waitingChars).toBeGreaterThan(CAP / 2);
  const { waiting, waitingChars } = await health();
  expect(waitingChars).toBeLessThanOrEqual(CAP);
  expect(waiting).toBeLessThan(rooms.length);
  open();
  for (const room of rooms) {
    for (let rings = 0; !(await room.indexed()); rings++) {
      if (rings > 20) throw new Error('never told');
      await room.alarm(120_000);
    }
    // The comparison knows short previews alone.
    await room.post(a, 'last');
    await expectSame(room);
  }
  expect(await indexer((instance) => instance.queued)).toBe(0);
});

test('what weighs more than the cap alone is taken when nothing else waits', async () => {
  const app = await makeApp();
  const people = await makePeople(app, 1);
  const room = await openRoom(app, { people });
  await indexer((instance) => {
    instance.queueChars = 10;
  });
  await room.post(people[0] as Person, TEXT);
  expect(await room.indexed()).toBe(true);
  await room.post(people[0] as Person, 'last');
  await expectSame(room);
});
