// What telling endpoints costs, counted row by row: nothing where an app has none (docs/webhooks.md, "What it costs").
import { expect, test } from 'vitest';
import { unwrap } from '../../src/domain/errors.ts';
import type { Hooks } from '../../src/domain/hooks.ts';
import { all, draft, group, type Room } from '../conversation/harness.ts';
import { meterRoom } from '../conversation/meter.ts';
import { ANSWER, endpoint } from './harness.ts';

const post = async (room: Room, person: never, text: string, hooks: Hooks) =>
  unwrap(await room.stub.post({ ...room.as(person), hooks }, draft(text), { author: null, waitMs: 5_000 }));

test('an app without endpoints pays nothing for them: no row, no call, no timer', async () => {
  const { room, people } = await group(2);
  const asked: string[] = [];
  await room.inside((object) => {
    const counting = { getByName: (name: string) => asked.push(name) };
    object.env = { ...object.env, ENDPOINT: counting as never };
  });
  const meter = await meterRoom(room);
  for (let i = 0; i < 5; i++) await room.post(people[0] as never, `${i}`);
  expect([meter.written, asked]).toEqual([5, []]);
  const statements = [...meter.statements];
  expect(statements.filter((text) => /hooks|behind =/.test(text))).toEqual([]);
  expect(await room.inside((_, { storage }) => storage.getAlarm())).toBeNull();
});

test('with endpoints a post is still one row of its conversation; a row more when they change', async () => {
  const { room, people } = await group(2);
  const { hooks, answering } = await endpoint(room.app, 1);
  await answering(async () => ANSWER);
  const meter = await meterRoom(room);
  await post(room, people[0] as never, 'first', hooks);
  expect(meter.written).toBe(2);
  for (let i = 0; i < 5; i++) await post(room, people[0] as never, `${i}`, hooks);
  expect(meter.written).toBe(7);
});

test('a delivery that succeeds at once costs its endpoint five rows', async () => {
  const { room, people } = await group(2);
  const { hooks, inside, answering } = await endpoint(room.app, 1);
  const gates: (() => void)[] = [];
  await answering(
    () =>
      new Promise((resolve) => {
        gates.push(() => resolve(ANSWER));
      }),
  );
  await post(room, people[0] as never, 'knows its row and has its alarm', hooks);
  const count = await inside((_, { sql }) => {
    const cursors: SqlStorageCursor<Record<string, SqlStorageValue>>[] = [];
    const exec = sql.exec.bind(sql);
    sql.exec = ((text: string, ...values: SqlStorageValue[]) => {
      const cursor = exec(text, ...values);
      cursors.push(cursor);
      return cursor;
    }) as typeof sql.exec;
    return () => cursors.splice(0).reduce((sum, cursor) => sum + cursor.rowsWritten, 0);
  });
  await inside(() => gates.shift()?.());
  await inside(() => count());
  await post(room, people[0] as never, 'counted', hooks);
  const taken = await inside(() => count());
  await inside(() => gates.shift()?.());
  const ended = await inside(() => count());
  expect([taken, ended]).toEqual([4, 1]);
});

test('what was taken once is passed over, in whatever pieces it comes again', async () => {
  const { room, people } = await group(2);
  const { number, hooks, inside, answering } = await endpoint(room.app, 1);
  await answering(async () => ANSWER);
  for (let i = 0; i < 3; i++) await post(room, people[0] as never, `${i}`, hooks);
  const taken = () =>
    inside((_, storage) =>
      all<{ seq: number }>(storage, 'SELECT seq FROM delivery ORDER BY id').map((r) => r.seq),
    );
  const before = await taken();
  expect(before).toEqual([...before].sort((a, b) => a - b));
  // The reader of the log begins again from what it has written down.
  await room.evict();
  await room.view(people[0] as never);
  await post(room, people[0] as never, 'after', hooks);
  expect(await taken()).toEqual([...before, (before.at(-1) as number) + 1]);
  expect(number).toBeGreaterThan(0);
});

test('an endpoint that takes nothing holds up no other, and gets everything when it does', async () => {
  const { room, people } = await group(2);
  const broken = await endpoint(room.app, 1);
  const well = await endpoint(room.app, 2);
  await broken.answering(async () => ANSWER);
  await well.answering(async () => ANSWER);
  const hooks: Hooks = { version: 2, endpoints: [...broken.hooks.endpoints, ...well.hooks.endpoints] };
  let away = true;
  await room.inside((object) => {
    const { ENDPOINT } = object.env;
    const getByName = (name: string) =>
      away && name === String(broken.number)
        ? { take: () => Promise.reject(new Error('away')) }
        : ENDPOINT.getByName(name);
    object.env = { ...object.env, ENDPOINT: { getByName } as never };
  });
  const seqs = (one: typeof well) =>
    one.inside((_, storage) =>
      all<{ seq: number }>(storage, 'SELECT seq FROM delivery ORDER BY id').map((r) => r.seq),
    );
  for (let i = 0; i < 3; i++)
    unwrap(
      await room.stub.post({ ...room.as(people[0] as never), hooks }, draft(`${i}`), {
        author: null,
        waitMs: 50,
      }),
    );
  await expect.poll(async () => (await seqs(well)).length).toBe(3);
  expect(await seqs(broken)).toEqual([]);
  away = false;
  expect(await room.alarm()).toBe(true);
  const all3 = await seqs(well);
  await expect.poll(() => seqs(broken)).toEqual(all3);
});
