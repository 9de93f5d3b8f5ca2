// The platform may throw an object away at any moment: the same call made again has been made once, and the directory
// comes to say what the log says.
import { runInDurableObject } from 'cloudflare:test';
import { afterEach, describe, expect, test } from 'vitest';
import type { Projection } from '../../src/domain/projection.ts';
import { expectSame } from '../directory/compare.ts';
import { doored, quiet } from './faults.ts';
import {
  allot,
  bindings,
  draft,
  group,
  type Inside,
  makeApp,
  makePeople,
  makePerson,
  type Room,
} from './harness.ts';
import { indexInto } from './meter.ts';

quiet();
afterEach(() => indexInto(undefined));

/** Sets a trap that throws one object away; then tells whether that has happened. */
type Trap = (room: Room) => Promise<() => Promise<boolean>>;

const realIndexer = () =>
  bindings.INDEXER.getByName('d1') as unknown as { put(p: Projection): Promise<unknown> };

/** A trap in the conversation. */
const trap =
  (set: (object: Inside, storage: DurableObjectStorage, abort: () => void) => void): Trap =>
  async (room) => {
    await room.inside((object, state) => {
      let sprung = false;
      Reflect.set(object, 'old', true);
      set(object, state.storage, () => {
        if (sprung) return;
        sprung = true;
        state.abort('test');
      });
    });
    return () => room.inside((object) => !Reflect.has(object, 'old'));
  };

const onPut = (put: (projection: Projection, abort: () => void) => Promise<unknown>) =>
  trap((object, _, abort) => {
    const indexer = { put: (projection: Projection) => put(projection, abort) };
    object.env = { ...object.env, INDEXER: { getByName: () => indexer } as never };
  });

/** The Indexer goes, `after` its batch or before it. */
const indexerGoes =
  (after: boolean): Trap =>
  async () => {
    const door = doored();
    const abort = () =>
      runInDurableObject(bindings.INDEXER.getByName('d1'), (_, state) => state.abort('test')).catch(
        () => undefined,
      );
    door.door = async (through) => {
      door.door = undefined;
      const results = after ? await through() : [];
      await abort();
      return results;
    };
    await indexInto(door.db);
    const replaced = (instance: object) => Object.hasOwn(instance, 'db');
    return async () => !(await runInDurableObject(bindings.INDEXER.getByName('d1'), replaced));
  };

const TRAPS: Record<string, Trap> = {
  'before the transaction': trap((_, storage, abort) => {
    const real = storage.transactionSync.bind(storage);
    storage.transactionSync = (work) => {
      abort();
      return real(work);
    };
  }),
  'inside the transaction': trap((_, storage, abort) => {
    const { sql } = storage;
    const real = sql.exec.bind(sql);
    sql.exec = ((text: string, ...values: SqlStorageValue[]) => {
      const cursor = real(text, ...values);
      if (text.includes('INSERT INTO entry')) abort();
      return cursor;
    }) as typeof sql.exec;
  }),
  'after the transaction': trap((_, storage, abort) => {
    const real = storage.transactionSync.bind(storage);
    storage.transactionSync = (work) => {
      const value = real(work);
      abort();
      return value;
    };
  }),
  'once it is durable': trap((_, storage, abort) => {
    const real = storage.transactionSync.bind(storage);
    storage.transactionSync = (work) => {
      const value = real(work);
      void storage.sync().then(abort);
      return value;
    };
  }),
  'when the directory is about to be told': onPut((projection, abort) => {
    abort();
    return realIndexer().put(projection);
  }),
  'when the directory has been told': onPut(async (projection, abort) => {
    const result = await realIndexer().put(projection);
    abort();
    return result;
  }),
  'when the Indexer goes before its batch': indexerGoes(false),
  'when the Indexer goes after its batch': indexerGoes(true),
};

/** Calls until it succeeds, as a client or the hub would: an object that was thrown away fails with an error. */
async function insist<T>(call: () => Promise<T>): Promise<T> {
  for (let attempt = 1; ; attempt++) {
    try {
      return await call();
    } catch (error) {
      if (attempt === 4) throw error;
    }
  }
}

async function settle(room: Room): Promise<void> {
  await room.caughtUp();
  await expectSame(room);
}

describe.each(Object.keys(TRAPS))('an object thrown away %s', (where) => {
  const set = TRAPS[where] as Trap;

  test('has the post once', async () => {
    const { room, people } = await group(2);
    const [a, b] = people as [never, never];
    await room.post(b, 'before');
    const gone = await set(room);
    const said = draft('exactly once', { clientId: 'c-1' });
    await room.tryPost(a, said, 500).catch(() => undefined);
    const posted = await insist(() => room.post(a, said, 500));
    expect(posted).toMatchObject({ seq: 3, n: 2 });
    expect((await room.rows()).map((row) => row.kind)).toEqual([3, 0, 0]);
    expect(await gone()).toBe(true);
    await settle(room);
  });

  test('is born once, with its people and its first message', async () => {
    const app = await makeApp();
    const people = await makePeople(app, 2);
    const room = await allot(app, { people });
    const gone = await set(room);
    const first = draft('hello', { clientId: 'first' });
    await room.open(people, first, 500).catch(() => undefined);
    const opened = await insist(() => room.open(people, first, 500));
    expect(opened).toMatchObject({ posted: { seq: 2 }, view: { memberCount: 2, messageCount: 1 } });
    expect((await room.rows()).map((row) => row.kind)).toEqual([3, 0]);
    expect(await gone()).toBe(true);
    await settle(room);
  });

  test('has the newcomer once', async () => {
    const { room, people } = await group(1);
    const [a] = people as [never];
    const newcomer = await makePerson(room.app);
    const gone = await set(room);
    const join = () => room.stub.join(room.as(a), [newcomer], null, { waitMs: 500 });
    await join().catch(() => undefined);
    expect(await insist(join)).toMatchObject({ ok: true, value: { memberCount: 2 } });
    expect((await room.rows()).map((row) => row.kind)).toEqual([3, 3]);
    expect(await gone()).toBe(true);
    await settle(room);
  });
});
