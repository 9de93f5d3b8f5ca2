// What endpoints had not taken when a conversation was deleted: they get it, in order, and until then nobody else does; then
// nothing is left of it. The endpoints are real, and one of them does not get at its row in the directory for a while.
import { beforeEach, describe, expect, test } from 'vitest';
import { erasedAmong } from '../../src/directory/erasing.ts';
import { endHook } from '../../src/directory/hooks.ts';
import { unwrap } from '../../src/domain/errors.ts';
import type { HookRef } from '../../src/domain/hooks.ts';
import type { AppNumber } from '../../src/domain/ids.ts';
import type { Actor } from '../../src/domain/model.ts';
import { appByNumber } from '../../src/hub/apps.ts';
import { hubOf } from '../../src/hub/context.ts';
import { erasePerson } from '../../src/hub/erasing.ts';
import { ANSWER, endpoint, forget, type Made, rows, within } from '../endpoint/harness.ts';
import { doored, quiet } from './faults.ts';
import {
  again,
  all,
  bindings,
  d1,
  draft,
  makeApp,
  makePeople,
  makePerson,
  openRoom,
  type Room,
  summary,
} from './harness.ts';
import { indexInto, meterRoom } from './meter.ts';

quiet();

const NOT_FOUND = { ok: false, refusal: { code: 'not_found' } };
const DAY_MS = 86_400_000;
const SECRET = 'quagga';
const waitMs = 10_000;

/** Whether the slow endpoint of a test takes nothing. */
let down = true;
beforeEach(() => {
  down = true;
});

/** A new endpoint; a slow one cannot read its row while it is down, and knows nothing of it. */
async function receiver(app: AppNumber, version: number, slow: boolean): Promise<Made> {
  const made = await endpoint(app, version);
  await within(made, (object) => {
    const port = object.port.bind(object);
    object.port = () => {
      const real = port();
      const read = async () => {
        if (slow && down) throw new Error('D1_ERROR: Network connection lost.');
        return real.read();
      };
      return { ...real, read, send: async () => ANSWER };
    };
    forget(object);
  });
  return made;
}

const refOf = ({ number }: Made, more: Partial<HookRef> = {}): HookRef => ({
  number,
  signals: false,
  ...more,
});

/** What an endpoint has taken, in its order. */
const told = (made: Made) => rows(made, 'conversation, seq, type, body') as Promise<Told[]>;
type Told = { conversation: number; seq: number; type: string; body: string } & Record<string, never>;
const order = async (made: Made) => (await told(made)).map(({ seq, type }) => `${seq} ${type}`);

/** A conversation of two, in which endpoints that are slow, or well, are told what happens. */
async function hooked({ keepDays, people: count = 2 }: { keepDays?: number; people?: number } = {}) {
  const app = await makeApp();
  const people = await makePeople(app, count);
  const slow = await receiver(app, 1, true);
  const well = await receiver(app, 2, false);
  const room = await openRoom(app, { people, first: draft('before there were any') });
  await room.byHand();
  const hooks = { version: 2, endpoints: [refOf(slow, { keepDays }), refOf(well)] };
  const by = (person: Parameters<typeof room.as>[0]): Actor => ({ ...room.as(person), hooks });
  const say = async (i: number, text: string, more: object = {}) =>
    unwrap(await room.stub.post(by(people[i] as never), draft(text, more), { author: null, waitMs: 0 }));
  const end = async () => unwrap(await room.stub.destroy(by(null), { waitMs }));
  return { app, room, people, slow, well, by, say, end };
}

/** The object goes, as in a crash; its alarm rings by hand from then on too. */
async function lose(room: Room): Promise<void> {
  await room
    .inside((object, state) => {
      Reflect.set(object, 'old', true);
      state.abort('test');
    })
    .catch(() => undefined);
  await again(async () => {
    expect(await room.inside((object) => Reflect.has(object, 'old'))).toBe(false);
  });
  await room.byHand();
}

/** What lies in the object. */
const left = (room: Room) =>
  room.inside(async (_, { storage }) => ({
    entries: all<{ seq: number; body: string }>(storage, 'SELECT seq, body FROM entry ORDER BY seq'),
    members: all<{ user: number; card: string }>(storage, 'SELECT user, card FROM member ORDER BY user'),
    meta: all<{ key: string; value: string }>(storage, 'SELECT key, value FROM meta ORDER BY key'),
    alarm: await storage.getAlarm(),
  }));

/** Its number stays taken, and that is all. */
async function expectNothing(room: Room): Promise<void> {
  await expect.poll(async () => (await room.alarm()) || (await left(room)).alarm).toBeNull();
  const { entries, members, meta } = await left(room);
  expect({ entries, members }).toEqual({ entries: [], members: [] });
  expect(meta.map(({ key }) => key)).toEqual(['birth', 'deleted', 'timers']);
  expect(JSON.parse(meta[1]?.value ?? '')).toEqual({ burial: expect.anything(), rest: null });
  expect(JSON.parse(meta[2]?.value ?? '')).toEqual({});
}

/** Rings the alarm until the endpoint was told of the end. */
const untilTold = (room: Room, made: Made) =>
  expect
    .poll(async () => {
      await room.alarm();
      return (await order(made)).at(-1);
    })
    .toContain('conversation.deleted');

test('what an endpoint had not taken arrives later, in order, whatever becomes of memory; then nothing is left', async () => {
  const { room, people, slow, well, say, end } = await hooked({ people: 4 });
  const first = await say(0, 'one');
  await say(1, 'two', { replyTo: first.seq });
  unwrap(
    await room.stub.edit(
      room.as(people[0] as never),
      first.seq,
      { words: { text: 'One', markup: 'plain' } },
      { waitMs: 0 },
    ),
  );
  await end();
  expect(await order(well)).toEqual([
    '3 message.created',
    '4 message.created',
    '5 message.edited',
    '6 conversation.deleted',
  ]);
  expect(await told(slow)).toEqual([]);
  for (const lost of [false, true]) {
    if (lost) await lose(room);
    expect(await room.stub.view(room.as(people[0] as never))).toMatchObject(NOT_FOUND);
    expect(await room.stub.pageBySeq(room.as(null), { limit: 10 } as never)).toMatchObject(NOT_FOUND);
    expect(await room.stub.replay(room.as(people[0] as never), 0, null)).toMatchObject(NOT_FOUND);
  }
  // What is told, and whom that names: no more of the log, and of nobody else.
  const kept = await left(room);
  expect(kept.entries.map(({ seq }) => seq)).toEqual([3, 4, 5]);
  expect(kept.members.map(({ user }) => user)).toEqual(people.slice(0, 2).map(({ user }) => user));
  // A round that fails asks for another one, later and later, and keeps everything.
  expect(await room.alarm(DAY_MS)).toBe(true);
  await lose(room);
  expect(await left(room)).toMatchObject({ entries: kept.entries, alarm: expect.any(Number) });
  down = false;
  await untilTold(room, slow);
  expect(await order(slow)).toEqual(await order(well));
  expect((await told(slow)).map(({ body }) => JSON.parse(body).data.message?.text)).toEqual([
    ...['One', 'two', 'One', undefined],
  ]);
  await expectNothing(room);
});

test('more than one call carries goes in several, also where the object is thrown out in between', async () => {
  const { room, slow, say, end } = await hooked();
  const many = 230;
  await Promise.all(Array.from({ length: many }, (_, i) => say(i % 2, `${i}`)));
  await end();
  await lose(room);
  down = false;
  await untilTold(room, slow);
  const seqs = (await told(slow)).map(({ seq }) => seq);
  expect(seqs).toEqual(Array.from({ length: many + 1 }, (_, i) => i + 3));
  await expectNothing(room);
});

test('while the directory is away it is told of the deletion as well as the endpoints, each until it has heard', async () => {
  const { room, slow, well, say, end } = await hooked();
  await say(0, 'one');
  const door = doored();
  door.door = () => Promise.reject(new Error('D1_ERROR: Network connection lost.'));
  await indexInto(door.db);
  try {
    await end();
    expect(await order(well)).toEqual(['3 message.created', '4 conversation.deleted']);
    expect((await summary(room)).deleted_at).toBeNull();
  } finally {
    await indexInto(undefined);
  }
  await room.alarm();
  expect((await summary(room)).deleted_at).not.toBeNull();
  expect(await order(slow)).toEqual([]);
  down = false;
  await untilTold(room, slow);
  await expectNothing(room);
});

describe('what is kept for an endpoint goes', () => {
  test('when it has ended', async () => {
    const { room, slow, say, end } = await hooked();
    await say(0, 'one');
    await end();
    expect((await left(room)).entries).toHaveLength(1);
    await endHook(d1, slow.number, 1);
    down = false;
    await expectNothing(room);
    expect(await told(slow)).toEqual([]);
  });

  test.each([
    ['as many days as it keeps deliveries', 1, 1],
    ['30 days where nothing was chosen', undefined, 30],
  ])('after %s', async (_, keepDays, days) => {
    const { room, say, end } = await hooked({ keepDays });
    await say(0, 'one');
    await end();
    expect(await room.alarm((days - 0.5) * DAY_MS)).toBe(true);
    expect((await left(room)).entries).toHaveLength(1);
    await room.alarm(days * DAY_MS);
    await expectNothing(room);
  });
});

describe('of an erased person', () => {
  const hub = hubOf(bindings, 'https://hub.example', () => {});

  test('nothing is kept where the conversation goes with them: events come without words', async () => {
    const app = await makeApp();
    const [customer, agent] = [await makePerson(app), await makePerson(app, 'agent')];
    const slow = await receiver(app, 1, true);
    const room = await openRoom(app, { kind: 'support', people: [customer] });
    const known = await appByNumber(hub, app);
    expect(known.hooks.endpoints).toEqual([refOf(slow)]);
    for (const person of [customer, agent]) {
      const by = { ...room.as(person, person === agent ? 'team' : 'member'), hooks: known.hooks };
      unwrap(await room.stub.post(by as Actor, draft(`${SECRET} ${person.user}`), { author: null, waitMs }));
    }
    const erased = await erasePerson(hub, known, customer.user, { conversations: 'delete' });
    expect(erased).toMatchObject({ deleted: 1, failed: [] });
    const kept = await left(room);
    expect(kept.entries).toHaveLength(3);
    const { externalId, username, name } = customer.card;
    for (const word of [SECRET, externalId, username, name]) expect(JSON.stringify(kept)).not.toContain(word);
    down = false;
    await untilTold(room, slow);
    const said = await told(slow);
    expect(said.map(({ type }) => type)).toEqual([
      ...['message.created', 'member.joined', 'message.created', 'conversation.deleted'],
    ]);
    for (const word of [SECRET, externalId, username, name]) expect(JSON.stringify(said)).not.toContain(word);
    await expectNothing(room);
  });

  test('nothing is told where they were erased after it was deleted; what others said is', async () => {
    const { room, people, slow, say, end } = await hooked();
    await say(0, `${SECRET} mine`);
    await say(1, 'theirs');
    await end();
    await d1.prepare('UPDATE user SET deleted_at = 1 WHERE number = ?1').bind(people[0]?.user).run();
    down = false;
    await untilTold(room, slow);
    const said = await told(slow);
    expect(said.map(({ body }) => JSON.parse(body).data.message?.text)).toEqual(['', 'theirs', undefined]);
    const { username } = (people[0] as never as { card: { username: string } }).card;
    for (const word of [SECRET, username]) expect(JSON.stringify(said)).not.toContain(word);
    await expectNothing(room);
  });
});

test('erased is also who had become one with somebody who was; who is one with somebody who is there is not', async () => {
  const [a, b, c, d, e] = (await makePeople(await makeApp(), 5)).map(({ user }) => user);
  const end = d1.prepare('UPDATE user SET deleted_at = 1, merged_into = ?2 WHERE number = ?1');
  await d1.batch([end.bind(a, null), end.bind(b, c), end.bind(c, a), end.bind(d, e)]);
  const found = await erasedAmong(d1, [a, b, d, e] as never);
  expect(found.sort()).toEqual([a, b].sort());
});

test('nothing brings it back: no birth, no restore, no reindex, no second deletion; who takes its name is another', async () => {
  const { app, room, people, slow, well, by, say, end } = await hooked();
  const claims = { uniqueId: 'the lobby' };
  const old = await openRoom(app, { people, claims, by: by(people[0] as never) });
  await say(0, 'one');
  await end();
  unwrap(await old.stub.destroy(by(null), { waitMs }));
  for (const lost of [false, true]) {
    if (lost) await lose(room);
    expect(await room.stub.destroy(by(null), { waitMs })).toMatchObject(NOT_FOUND);
    const opening = { actor: room.opener, birth: room.birth, people, first: draft('again'), waitMs };
    expect(await room.stub.open(opening)).toMatchObject(NOT_FOUND);
    const begin = {
      step: 'begin',
      birth: room.birth,
      facts: {},
      blocks: [room.number],
      entries: 1,
      epoch: 'e',
    };
    expect(await room.stub.restore(begin as never)).toMatchObject(NOT_FOUND);
    expect(await room.stub.reindex(app)).toMatchObject(NOT_FOUND);
    expect((await summary(room)).deleted_at).not.toBeNull();
  }
  const anew = await openRoom(app, { people, claims, by: by(people[0] as never) });
  expect(anew.number).not.toBe(old.number);
  down = false;
  for (const each of [room, old]) {
    await expect
      .poll(async () => {
        await each.alarm();
        return (await told(slow)).filter(({ conversation }) => conversation === each.number).at(-1)?.type;
      })
      .toBe('conversation.deleted');
    await expectNothing(each);
  }
  await expect
    .poll(async () => (await anew.alarm()) || (await told(slow)).length)
    .toBe((await told(well)).length);
  const of = async (made: Made, { number }: Room) =>
    (await told(made)).filter(({ conversation }) => conversation === number).map(({ seq }) => seq);
  for (const each of [room, old, anew]) expect(await of(slow, each)).toEqual(await of(well, each));
  expect((await anew.view(people[0] as never)).facts.uniqueId).toBe('the lobby');
});

test('a farewell of an older version is told, and goes', async () => {
  const { room, slow, by, say, end } = await hooked();
  await say(0, 'one');
  await end();
  await room.inside((_, { storage }) => {
    // As it was written down before: the deletion by itself, and the last word for those who had everything else.
    const { burial, rest } = JSON.parse(
      all<{ value: string }>(storage, "SELECT value FROM meta WHERE key = 'deleted'")[0]?.value ?? '',
    );
    storage.sql.exec('DELETE FROM entry');
    storage.sql.exec("UPDATE meta SET value = ? WHERE key = 'deleted'", JSON.stringify(burial));
    const feed = { ...rest.about, entries: [], end: rest.end };
    const farewell = { endpoints: by(null).hooks.endpoints.map(({ number }) => number), feed };
    storage.sql.exec("INSERT INTO meta VALUES ('farewell', ?)", JSON.stringify(farewell));
  });
  down = false;
  await untilTold(room, slow);
  await expectNothing(room);
});

describe('rows written by a deletion', () => {
  /** Without those of the log and of its people, which differ. */
  const written = async (endpoints: HookRef[], app: AppNumber) => {
    const room = await openRoom(app, { people: await makePeople(app, 2), first: draft('hello') });
    await room.byHand();
    const by = { ...room.as(null), hooks: { version: 9, endpoints } };
    // The endpoints are known, and have taken everything.
    unwrap(await room.stub.update(by, { title: 'T' }, { waitMs }));
    const meter = await meterRoom(room);
    unwrap(await room.stub.destroy(by, { waitMs }));
    return meter.written;
  };

  test('are as many as ever where nothing is outstanding', async () => {
    down = false;
    const app = await makeApp();
    expect(await written([], app)).toBe(12);
    expect(await written([refOf(await receiver(app, 1, true))], app)).toBe(13);
  });
});
