// Posting: client ids, groups of posts in one transaction, and what a failure in the middle leaves behind.
import { describe, expect, test } from 'vitest';
import { quiet } from './faults.ts';
import {
  all,
  allot,
  draft,
  group,
  type Inside,
  makeApp,
  makePeople,
  makePerson,
  type Room,
} from './harness.ts';

const texts = async (room: Room) =>
  (await room.pageBySeq(null, { limit: 100 })).messages.map(({ message }) => message.text);

describe('a client id', () => {
  test('is one message for ever: the same again is the first, other words or another author conflict', async () => {
    const { room, people } = await group(2);
    const [a, b] = people as [never, never];
    const said = draft('once', { clientId: 'u-1', payload: { p: 1 } });
    const first = await room.post(a, said);
    const again = { ...first, duplicate: true };
    expect(await room.post(a, said)).toEqual(again);
    expect(await room.tryPost(a, { ...said, text: 'twice' })).toMatchObject({
      refusal: { code: 'conflict' },
    });
    expect(await room.tryPost(a, { ...said, payload: { p: 2 } })).toMatchObject({
      refusal: { code: 'conflict' },
    });
    expect(await room.tryPost(b, said)).toMatchObject({ refusal: { code: 'conflict', subject: 'message' } });
    await room.evict();
    expect(await room.post(a, said)).toEqual(again);
    await room.edit(a, first.seq, 'edited');
    expect(await room.post(a, said)).toEqual(again);
    expect(await texts(room)).toEqual(['edited']);
    await room.remove(a, first.seq);
    expect(await room.post(a, said)).toEqual(again);
    await room.evict();
    expect(await room.tryPost(b, said)).toMatchObject({ refusal: { code: 'conflict' } });
    await room.remove(null, 'all');
    expect(await room.post(a, said)).toEqual(again);
    expect(await texts(room)).toEqual([]);
  });

  test('is one message also among posts that go in together', async () => {
    const { room, people } = await group(2);
    const [a, b] = people as [never, never];
    const said = draft('once', { clientId: 'u-1' });
    const results = await room.inside((object) => {
      const post = (by: never, text: string) =>
        (object as unknown as Room['stub']).post(room.as(by), { ...said, text }, { author: null, waitMs: 0 });
      return Promise.all([post(a, 'before'), post(a, 'before'), post(a, 'other'), post(b, 'before')]);
    });
    expect(results).toMatchObject([
      { ok: true, value: { seq: 2, duplicate: false } },
      { ok: true, value: { seq: 2, duplicate: true } },
      { ok: false, refusal: { code: 'conflict' } },
      { ok: false, refusal: { code: 'conflict' } },
    ]);
    expect(await texts(room)).toEqual(['before']);
  });

  test('belongs to its conversation alone, and messages without one are never the same', async () => {
    const { room, people } = await group(1);
    const other = await group(1);
    const said = draft('once', { clientId: 'u-1' });
    await room.post(people[0] as never, said);
    expect(await other.room.post(other.people[0] as never, said)).toMatchObject({ duplicate: false });
    await room.post(people[0] as never, 'x');
    await room.post(people[0] as never, 'x');
    expect(await texts(room)).toEqual(['once', 'x', 'x']);
  });
});

/** Posts from inside, so that all arrive in the same turn; and how many transactions they took. */
async function together(room: Room, posts: [by: never, what: ReturnType<typeof draft>][]) {
  return room.inside(async (object, { storage }) => {
    let transactions = 0;
    const real = storage.transactionSync.bind(storage);
    storage.transactionSync = (work) => {
      transactions += 1;
      return real(work);
    };
    const stub = object as unknown as Room['stub'];
    const results = await Promise.all(
      posts.map(([by, what]) => stub.post(room.as(by), what, { author: null, waitMs: 0 })),
    );
    Reflect.deleteProperty(storage, 'transactionSync');
    return { results, transactions };
  });
}

describe('posts that arrive together', () => {
  test('get their numbers in order of arrival, the first at once, the others in one transaction', async () => {
    const { room, people } = await group(2);
    const posts = Array.from({ length: 100 }, (_, i) => [people[i % 2], draft(`${i}`)] as [never, never]);
    const { results, transactions } = await together(room, posts);
    expect(results.map((r) => r.ok && r.value.seq)).toEqual(posts.map((_, i) => i + 2));
    expect(transactions).toBe(2);
    expect(await texts(room)).toEqual(posts.map((_, i) => `${i}`));
  });

  test('are not hindered by one that is refused, which leaves no trace', async () => {
    const { room, people } = await group(2);
    const stranger = await makePerson(room.app);
    const [a] = people as [never];
    const { results } = await together(room, [
      [a, draft('1', { clientId: 'c' })],
      [a, draft('2')],
      [stranger as never, draft('no member')],
      [a, draft('other words', { clientId: 'c' })],
      [a, draft('no such message', { replyTo: 99 })],
      [a, draft('3')],
    ]);
    expect(results.map((r) => (r.ok ? r.value.seq : r.refusal.code))).toEqual([
      2,
      3,
      'not_found',
      'conflict',
      'not_found',
      4,
    ]);
    expect(await texts(room)).toEqual(['1', '2', '3']);
    expect((await room.view(null)).members.map((m) => m.user)).toEqual(people.map((p) => p.user));
  });
});

/** All that the object remembers of its log and people. */
const memory = ({ core }: Inside) => {
  if (!core) throw new Error('not born');
  const { facts, epoch, blocks, gone, last, lastMessage } = core.log;
  const { members, recent, changed, rev } = core.roster;
  const of = (map: Iterable<unknown>) => JSON.stringify([...map]);
  return {
    log: JSON.stringify({ facts, epoch, blocks, gone, last, lastMessage }),
    roster: [of(members), of(recent), of(changed), rev],
  };
};
const disk = (storage: DurableObjectStorage) =>
  ['entry', 'member', 'meta'].map((table) => JSON.stringify(all(storage, `SELECT * FROM ${table}`)));

describe('a storage failure', () => {
  quiet();

  /** Makes the n-th write from now fail, and tells whether it came to that. */
  const failAt = (storage: DurableObjectStorage, nth: number) => {
    const { sql } = storage;
    const real = sql.exec.bind(sql);
    let writes = 0;
    sql.exec = ((text: string, ...values: SqlStorageValue[]) => {
      if (!/^\s*(SELECT|WITH)/.test(text) && ++writes === nth) throw new Error('disk I/O error');
      return real(text, ...values);
    }) as typeof sql.exec;
    return () => {
      Reflect.deleteProperty(sql, 'exec');
      return writes >= nth;
    };
  };

  /** Runs the call with every one of its writes failing in turn: nothing of it may stay, and then it must succeed. */
  async function survives(room: Room, call: (object: Room['stub']) => Promise<{ ok: boolean }[]>) {
    await room.indexed();
    await room.inside(async (object, { storage }) => {
      let failures = 0;
      for (let nth = 1; ; nth++) {
        const before = { memory: memory(object), disk: disk(storage) };
        const stop = failAt(storage, nth);
        const results = await call(object as unknown as Room['stub']);
        if (!stop()) break;
        failures += 1;
        expect(results.every((result) => !result.ok)).toBe(true);
        expect({ memory: memory(object), disk: disk(storage) }).toEqual(before);
      }
      expect(failures).toBeGreaterThan(1);
    });
  }

  const options = { author: null, waitMs: 10_000 };

  test('in the middle of a group leaves memory and storage as before, for all of the group', async () => {
    const { room, people } = await group(3, { kind: 'support' });
    const [a, b] = people as [never, never];
    const agent = await makePerson(room.app, 'agent');
    await room.post(a, 'before');
    await room.update({ state: 'closed' });
    const renamed = { ...(b as { card: object }), card: { ...people[1]?.card, name: 'Renamed' } } as never;
    await survives(room, async (object) => {
      // The first goes in alone: it is refused, so that the others are the group.
      const alone = object.post(room.as(a), draft('x', { replyTo: 99 }), options);
      const results = await Promise.all([
        object.post(room.as(a), draft('reopens', { clientId: 'c1' }), options),
        object.post(room.as(renamed), draft('with a new card'), options),
        object.post(room.as(agent, 'team'), draft('joins first'), options),
        object.post(room.as(a), draft('last'), options),
      ]);
      await alone;
      return results;
    });
    expect(await texts(room)).toEqual(['before', 'reopens', 'with a new card', 'joins first', 'last']);
  });

  test.each<
    [string, (room: Room, people: { user: number }[]) => (object: Room['stub']) => Promise<{ ok: boolean }>]
  >([
    [
      'an edit',
      (room, [a]) =>
        (o) =>
          o.edit(room.as(a as never), 2, { words: { text: 'x', markup: 'plain' } }, options),
    ],
    [
      'a deletion',
      (room, [a]) =>
        (o) =>
          o.remove(room.as(a as never), 2, options),
    ],
    ['deleting all', (room) => (o) => o.remove(room.as(null), 'all', options)],
    [
      'a join',
      (room, [, , c]) =>
        (o) =>
          o.join(room.as(null), [c as never], draft('hi'), options),
    ],
    [
      'a leave',
      (room, [a]) =>
        (o) =>
          o.leave(room.as(a as never), (a as never as { user: never }).user, 'bar', options),
    ],
    [
      'an assignment',
      (room, [, , agent]) =>
        (o) =>
          o.update(room.as(null), {}, { waitMs: 10_000, assign: agent as never }),
    ],
    ['an update', (room) => (o) => o.update(room.as(null), { title: 'T', state: 'closed' }, options)],
  ])('during %s leaves memory and storage as before', async (_, callOf) => {
    const { room, people } = await group(2);
    const newcomer = await makePerson(room.app, 'agent');
    await room.post(people[0] as never, 'one');
    const call = callOf(room, [...people, newcomer]);
    await survives(room, async (object) => [await call(object)]);
  });

  test('during the birth leaves an object that was never born', async () => {
    const app = await makeApp();
    const people = await makePeople(app, 2);
    const room = await allot(app, { people });
    const opening = { actor: room.opener, birth: room.birth, people, first: draft('hello'), waitMs: 10_000 };
    await room.inside(async (object, { storage }) => {
      const tables = () => all(storage, 'SELECT name FROM sqlite_master');
      let failures = 0;
      for (let nth = 1; ; nth++) {
        const stop = failAt(storage, nth);
        const opened = await (object as unknown as Room['stub']).open(opening);
        if (!stop()) break;
        failures += 1;
        expect(opened).toMatchObject({ ok: false, refusal: { code: 'unavailable' } });
        expect([object.core, tables()]).toEqual([null, []]);
      }
      expect(failures).toBeGreaterThan(5);
    });
    expect(await texts(room)).toEqual(['hello']);
    expect((await room.rows()).map((row) => row.seq)).toEqual([1, 2]);
  });
});
