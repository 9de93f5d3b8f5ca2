// Alarms come late, twice, or not at all: whatever was still to be told reaches the directory.
import { afterEach, expect, test } from 'vitest';
import { expectSame } from '../directory/compare.ts';
import { doored, quiet } from './faults.ts';
import { group, type Room } from './harness.ts';
import { indexInto } from './meter.ts';

quiet();
afterEach(() => indexInto(undefined));

const down = () => Promise.reject(new Error('D1_ERROR: Network connection lost.'));

/** A conversation that has something to tell a directory that is down; `recover` brings it back. */
async function behind() {
  const { room, people } = await group(2);
  const door = doored();
  door.door = down;
  await indexInto(door.db);
  // The first try again comes after a second, which a busy machine may need for less: time stands still.
  await room.byHand();
  await room.inside((object) => {
    const now = Date.now();
    object.now = () => now;
  });
  await room.post(people[0] as never, 'unheard', 0);
  await room.mark(people[1] as never, { kind: 'read', upTo: null, user: null }, 0);
  expect(await alarmOf(room)).not.toBeNull();
  return {
    room,
    door,
    recover: () => {
      door.door = undefined;
    },
  };
}

const alarmOf = (room: Room) => room.inside((_, { storage }) => storage.getAlarm());

/** Rings the alarm in the turn in which it is due: a timer of the object's that found it due before would be a try of its own. */
const ringDue = (room: Room): Promise<void> =>
  room.inside(async (object, { storage }) => {
    const due = (await storage.getAlarm()) as number;
    await storage.deleteAlarm();
    object.now = () => due;
    await (object as unknown as { alarm(): Promise<void> }).alarm();
  });

async function rest(room: Room): Promise<void> {
  for (let rings = 0; await room.alarm(); rings++) {
    if (rings === 10) throw new Error('the alarm rings for ever');
    await room.indexed();
  }
}

test('an alarm that was lost is set again when the object wakes, while the directory is still down', async () => {
  const { room, recover } = await behind();
  await room.inside((_, { storage }) => storage.deleteAlarm());
  await room.evict();
  await room.view(null);
  expect(await room.indexed()).toBe(false);
  expect(await alarmOf(room)).not.toBeNull();
  recover();
  await rest(room);
  await expectSame(room);
});

test('an object that lost its alarm and its memory tells everything when it wakes', async () => {
  const { room, recover } = await behind();
  await room.inside((_, { storage }) => storage.deleteAlarm());
  recover();
  await room.evict();
  await room.view(null);
  expect(await room.indexed()).toBe(true);
  await expectSame(room);
});

test('an alarm that rings twice at once, or again, changes nothing', async () => {
  const { room, recover } = await behind();
  recover();
  await room.inside(async (object) => {
    const { alarm } = object as unknown as { alarm(): Promise<void> };
    object.now = () => Date.now() + 60_000;
    await Promise.all([alarm.call(object), alarm.call(object)]);
    await object.core?.index.wait(30_000);
    await alarm.call(object);
    Reflect.deleteProperty(object, 'now');
  });
  await expectSame(room);
  await rest(room);
  await expectSame(room);
  expect(await alarmOf(room)).toBeNull();
});

test('an alarm that rings a day late finds the object as it left it', async () => {
  const { room, recover } = await behind();
  await room.evict();
  recover();
  expect(await room.alarm(86_400_000)).toBe(true);
  await rest(room);
  await expectSame(room);
  expect(await alarmOf(room)).toBeNull();
});

test('an alarm that rings too early is set again', async () => {
  const { room, recover } = await behind();
  recover();
  await room.inside(async (object, { storage }) => {
    await storage.deleteAlarm();
    object.now = () => 1;
    await (object as unknown as { alarm(): Promise<void> }).alarm();
    Reflect.deleteProperty(object, 'now');
    expect(await storage.getAlarm()).not.toBeNull();
  });
  await rest(room);
  await expectSame(room);
});

test('tries come ever more seldom while the directory is down, and each post costs none of them', async () => {
  const { room, door, recover } = await behind();
  // What nobody waits for is gathered for a moment before it is tried.
  await expect.poll(() => door.batches).toBeGreaterThan(0);
  const tries = door.batches;
  for (let i = 0; i < 5; i++) await room.post(null, `${i}`, 0);
  expect(door.batches).toBe(tries);
  const pauses: number[] = [];
  for (let i = 0; i < 8; i++) {
    const rings = (await alarmOf(room)) as number;
    await ringDue(room);
    pauses.push(((await alarmOf(room)) as number) - rings);
  }
  expect(door.batches).toBe(tries + 8);
  expect(pauses).toEqual(pauses.toSorted((a, b) => a - b));
  expect(pauses.at(-1)).toBeGreaterThan(pauses[0] as number);
  await room.inside((object) => Reflect.deleteProperty(object, 'now'));
  recover();
  await rest(room);
  await expectSame(room);
});
