// Before an object is born nothing is written; once it is, it accepts one birth, one app, and only schemas it knows.
import { describe, expect, test } from 'vitest';
import { MIGRATIONS, migrate } from '../../src/conversation/schema.ts';
import { unwrap } from '../../src/domain/errors.ts';
import type { Feed, Hooks } from '../../src/domain/hooks.ts';
import type { EndpointNumber } from '../../src/domain/ids.ts';
import { all, allot, draft, group, makeApp, makePeople, type Room } from './harness.ts';

const tables = (room: Room) =>
  room.inside((_, { storage }) => all<{ name: string }>(storage, 'SELECT name FROM sqlite_master'));

/** Every call that a conversation answers, of an app credential. */
const CALLS: Record<string, (room: Room) => Promise<unknown>> = {
  post: (room) => room.tryPost(null, 'hi'),
  edit: (room) => room.stub.edit(room.as(null), 1, { words: { text: 'x', markup: 'plain' } }, { waitMs: 10 }),
  remove: (room) => room.stub.remove(room.as(null), 1, { waitMs: 10 }),
  'remove all': (room) => room.stub.remove(room.as(null), 'all', { waitMs: 10 }),
  join: (room) => room.stub.join(room.as(null), [], null, { waitMs: 10 }),
  leave: (room) => room.stub.leave(room.as(null), 1 as never, 'leave', { waitMs: 10 }),
  update: (room) => room.stub.update(room.as(null), { title: 'T' }, { waitMs: 10 }),
  mark: (room) =>
    room.stub.mark(room.as(null), { kind: 'read', upTo: null, user: 1 as never }, { waitMs: 10 }),
  typing: (room) => room.stub.typing(room.as(null), true),
  view: (room) => room.stub.view(room.as(null)),
  pageByOrdinal: (room) => room.stub.pageByOrdinal(room.as(null), 1, 9, { markRead: true, waitMs: 10 }),
  pageBySeq: (room) => room.stub.pageBySeq(room.as(null), { limit: 9 }),
  message: (room) => room.stub.message(room.as(null), { seq: 1 }),
  replay: (room) => room.stub.replay(room.as(null), null, null),
  destroy: (room) => room.stub.destroy(room.as(null), { waitMs: 10 }),
  reindex: (room) => room.stub.reindex(room.app),
};

const NOT_FOUND = { ok: false, refusal: { code: 'not_found', subject: 'conversation' } };

describe('an object that was never born', () => {
  test('answers every call with not found and writes nothing at all', async () => {
    const room = await allot(await makeApp());
    for (const call of Object.values(CALLS)) expect(await call(room)).toMatchObject(NOT_FOUND);
    const step = { step: 'entries' as const, entries: [] };
    expect(await room.stub.restore(step)).toMatchObject({ ok: false });
    expect(await room.stub.lag()).toMatchObject({ born: false });
    expect((await room.stub.fetch('https://conversation/')).status).toBe(404);
    expect(await room.alarm()).toBe(false);
    await room.evict();
    expect(await room.stub.view(room.as(null))).toMatchObject(NOT_FOUND);
    expect(await tables(room)).toEqual([]);
  });
});

describe('a conversation', () => {
  test('of another app is not found, whatever is called', async () => {
    const { room, people } = await group(2, { first: draft('secret') });
    const before = await room.rows();
    const foreign = Object.create(room, { app: { value: await makeApp() } }) as Room;
    for (const [name, call] of Object.entries(CALLS)) {
      expect([name, await call(foreign)]).toMatchObject([name, NOT_FOUND]);
    }
    expect(await room.rows()).toEqual(before);
    expect((await room.view(people[0] as never)).messageCount).toBe(1);
  });

  test('opened again by the same birth stays as it is; another birth is not found', async () => {
    const { room, people } = await group(2, { first: draft('first') });
    const before = await room.rows();
    const again = await room.open([], draft('second'));
    expect(again).toMatchObject({ posted: { seq: 2, duplicate: true }, view: { messageCount: 1 } });
    const other = { ...room.birth, nonce: 'another' };
    const opening = { actor: room.opener, birth: other, people, first: null, waitMs: 10 };
    expect(await room.stub.open(opening)).toMatchObject(NOT_FOUND);
    expect(await room.rows()).toEqual(before);
  });

  test('opened by many at once is born once', async () => {
    const app = await makeApp();
    const people = await makePeople(app, 2);
    const room = await allot(app, { people });
    const opened = await Promise.all(Array.from({ length: 8 }, () => room.open(people, draft('hello'))));
    expect(opened.filter((o) => o.posted?.duplicate === false)).toHaveLength(1);
    expect((await room.rows()).map((row) => row.kind)).toEqual([3, 0]);
  });

  test('that was deleted stays deleted: no call and no birth brings it back', async () => {
    const { room, people } = await group(2, { first: draft('gone') });
    expect(await room.stub.destroy(room.as(people[0] as never), { waitMs: 10 })).toMatchObject({
      refusal: { code: 'forbidden' },
    });
    expect(await room.stub.destroy(room.as(null), { waitMs: 5_000 })).toMatchObject({ ok: true });
    for (const evicted of [false, true]) {
      if (evicted) await room.evict();
      const opening = { actor: room.opener, birth: room.birth, people, first: draft('again'), waitMs: 10 };
      expect(await room.stub.open(opening)).toMatchObject(NOT_FOUND);
      for (const call of Object.values(CALLS)) expect(await call(room)).toMatchObject(NOT_FOUND);
    }
    expect(await room.rows()).toEqual([]);
  });

  test('that ends has endpoints told of the last word first, though they had not taken it', async () => {
    const { room, people } = await group(2);
    const told: string[] = [];
    const take = async ({ entries, end }: Feed) => {
      // What nobody waited for is still on its way when the end comes.
      if (!end) await new Promise((resolve) => setTimeout(resolve, 50));
      told.push(...entries.map(({ entry }) => entry.kind), ...(end ? ['end'] : []));
    };
    await room.inside((object) => {
      object.env = { ...object.env, ENDPOINT: { getByName: () => ({ take }) } as never };
    });
    const hooks: Hooks = { version: 1, endpoints: [{ number: 7 as EndpointNumber, signals: false }] };
    const by = { ...room.as(people[0] as never), hooks };
    unwrap(await room.stub.post(by, draft('the last word'), { author: null, waitMs: 0 }));
    unwrap(await room.stub.destroy(room.as(null), { waitMs: 5_000 }));
    expect(told).toEqual(['message', 'end']);
  });
});

describe('the schema', () => {
  const step = (id: number, sql: string) => ({ id, name: `step ${id}`, sql });
  const released = MIGRATIONS.map(({ id }) => ({ id }));
  const next = MIGRATIONS.length + 1;

  /** Storage of an object that nobody uses. */
  const inStorage = async <T>(work: (storage: DurableObjectStorage) => T): Promise<T> => {
    const room = await allot(await makeApp());
    return room.inside((_, { storage }) => work(storage));
  };

  test('is brought up from any older version, each step once', () =>
    inStorage((storage) => {
      const two = step(next, 'ALTER TABLE entry ADD COLUMN later TEXT');
      const three = step(next + 1, 'CREATE TABLE third (x INTEGER)');
      migrate(storage);
      migrate(storage, [...MIGRATIONS, two]);
      migrate(storage, [...MIGRATIONS, two, three]);
      migrate(storage, [...MIGRATIONS, two, three]);
      expect(all(storage, 'SELECT id FROM migration')).toEqual([...released, { id: next }, { id: next + 1 }]);
      expect(all(storage, 'SELECT later FROM entry')).toEqual([]);
    }));

  test('is as before when a step fails', () =>
    inStorage((storage) => {
      migrate(storage);
      const bad = step(next, 'CREATE TABLE half (x); CREATE TABLE entry (x)');
      expect(() => migrate(storage, [...MIGRATIONS, bad])).toThrow(/already exists/);
      expect(all(storage, 'SELECT id FROM migration')).toEqual(released);
      expect(all(storage, "SELECT name FROM sqlite_master WHERE name = 'half'")).toEqual([]);
    }));

  test('that a newer version wrote is refused, as is one whose steps have another name or order', () =>
    inStorage((storage) => {
      migrate(storage, [...MIGRATIONS, step(next, 'CREATE TABLE newer (x)')]);
      expect(() => migrate(storage)).toThrow(`holds migration ${next} "step ${next}"`);
      expect(() => migrate(storage, [...MIGRATIONS, { ...step(next, ''), name: 'other' }])).toThrow(
        /does not know/,
      );
      expect(() => migrate(storage, [step(next, ''), ...MIGRATIONS])).toThrow(/does not know/);
    }));

  test('that the code does not know keeps the object from answering, and its log as it is', async () => {
    const { room, people } = await group(1, { first: draft('kept') });
    const before = await room.rows();
    await room.inside((_, { storage }) => {
      storage.sql.exec("INSERT INTO migration (id, name) VALUES (99, 'from the future')");
    });
    await room.evict();
    const refused = await room.stub.view(room.as(people[0] as never)).then(
      () => null,
      (error) => String(error),
    );
    expect(refused).toMatch(/from the future/);
    expect(before).toHaveLength(2);
  });

  test('is append-only: the released steps never change', async () => {
    const digests = await Promise.all(
      MIGRATIONS.map(async ({ sql }) => {
        const hash = await crypto.subtle.digest('SHA-256', new TextEncoder().encode(sql));
        return new Uint8Array(hash).toHex().slice(0, 16);
      }),
    );
    expect(MIGRATIONS.map((m) => m.id)).toEqual(MIGRATIONS.map((_, i) => i + 1));
    expect(digests).toMatchInlineSnapshot(`
      [
        "98bcdf9d95726878",
        "0c0582ea80a47654",
        "b9c82a45f3e1eb48",
      ]
    `);
  });
});
