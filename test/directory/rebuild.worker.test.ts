// The log rebuilds the directory, and the archive rebuilds a log.
import { applyD1Migrations, type D1Migration, reset } from 'cloudflare:test';
import { afterEach, describe, expect, test } from 'vitest';
import type { Person } from '../../src/conversation/core.ts';
import type { EntryRow } from '../../src/conversation/rows.ts';
import { findApp } from '../../src/directory/apps.ts';
import { findByClaim } from '../../src/directory/conversations.ts';
import { type App, type Hub, hubOf } from '../../src/hub/context.ts';
import { type Reindexed, reindexApp, restoreConversation } from '../../src/hub/maintenance.ts';
import {
  all,
  allot,
  bindings,
  d1,
  draft,
  makeApp,
  makePeople,
  openRoom,
  type Room,
} from '../conversation/harness.ts';
import { expectSame } from './compare.ts';

const hub = (): Hub => hubOf(bindings, 'https://hub.example', () => undefined);
const appOf = async (room: Room) => (await findApp(d1, { number: room.app })) as App;

/** Nothing of one test is left for the next: these wipe tables. */
afterEach(async () => {
  bindings.BLOCK_ENTRIES = undefined;
  await reset();
  await applyD1Migrations(d1, bindings.TEST_MIGRATIONS as D1Migration[]);
});

/** A conversation in which everything has happened. */
async function lived(app: Room['app'], people: Person[]): Promise<Room> {
  const [a, b, c] = people as [Person, Person, Person];
  const room = await openRoom(app, { people: [a, b], claims: { uniqueId: `u${a.user}` } });
  const insist = (by: Person, said: ReturnType<typeof draft>) => room.insist(by, said);
  const first = await insist(a, draft('first apple', { title: 'Heading', metadata: { k: [1] } }));
  const second = await insist(b, draft('second', { clientId: 'c-1', replyTo: first.seq }));
  await room.edit(a, first.seq, 'edited apple');
  await room.remove(b, second.seq);
  await room.join(a, [c], draft('welcome'));
  await room.leave(b, b, 'bar');
  await room.update({ title: 'Title', description: 'D', metadata: { a: 1 } });
  await insist(c, draft('from the newcomer', { payload: { p: { q: 1 } }, attachments: [] }));
  await room.mark(a, { kind: 'unread' });
  await room.mark(c, { kind: 'hide' });
  // The next block of numbers is asked for behind the caller's back; what is said after it came tells the directory.
  const roomLeft = () => room.inside(({ core }) => core?.log.room ?? 0);
  for (let i = 0; i < 20 && (await roomLeft()) < 8; i++) await insist(a, draft(`more ${i}`));
  await insist(a, draft('last words'));
  expect(await room.indexed()).toBe(true);
  return room;
}

/** Everything in D1 that comes of logs, as text; `but` leaves columns out. */
async function directory(but: string[] = []) {
  const tables = ['entry', 'membership', 'conversation'].map(async (table) => {
    const { results } = await d1
      .prepare(`SELECT * FROM ${table} ORDER BY 1, 2`)
      .all<Record<string, unknown>>();
    // When it was last told anew is the directory's own.
    for (const row of results) for (const column of [...but, 'reset_at']) delete row[column];
    return results;
  });
  const words = d1.prepare('SELECT rowid FROM entry_fts ORDER BY rowid').all<Record<string, unknown>>();
  const users = d1.prepare('SELECT number, conversations FROM user ORDER BY number');
  const counts = users.all<Record<string, unknown>>();
  return [...(await Promise.all(tables)), (await words).results, (await counts).results];
}

const isOf = (room: Room, row: Record<string, unknown>) => row.number === room.number && 'nonce' in row;

const wipe = () =>
  d1.batch([
    d1.prepare('DELETE FROM entry'),
    d1.prepare('DELETE FROM membership'),
    d1.prepare("INSERT INTO entry_fts (entry_fts) VALUES ('delete-all')"),
    d1.prepare('DELETE FROM conversation'),
    d1.prepare("DELETE FROM sqlite_sequence WHERE name = 'conversation'"),
  ]);

describe('reindexing', () => {
  /** Of the whole app it looks at a hundred numbers past the last one, each an object: slow here, so done once. */
  const everything = async (rooms: Room[], wholeApp: boolean): Promise<void> => {
    const [first] = rooms as [Room];
    if (wholeApp) {
      // In small steps, as an operator goes on from where the last call came to.
      const steps: Reindexed[] = [];
      const wholeOf = await appOf(first);
      for (let from: number | null = 1; from !== null; from = steps.at(-1)?.next ?? null)
        steps.push(await reindexApp(hub(), wholeOf, { from, limit: 3 }));
      expect(steps.map(({ next }) => next)).toEqual([8, null]);
      expect(steps.flatMap(({ failed }) => failed)).toEqual([]);
      expect(steps.reduce((sum, { conversations }) => sum + conversations, 0)).toBe(rooms.length);
    } else for (const room of rooms) expect(await room.stub.reindex(room.app)).toMatchObject({ ok: true });
  };

  test.each([
    [undefined, true],
    ['8', false],
  ])('brings the same rows back after all were lost (blocks of %s)', async (blocks, wholeApp) => {
    bindings.BLOCK_ENTRIES = blocks;
    const app = await makeApp();
    const people = await makePeople(app, 3);
    const rooms = [await lived(app, people)];
    const [a, b] = people as [Person, Person];
    rooms.push(
      await openRoom(app, { kind: 'direct', people: [b, a], claims: { pair: `${a.user}:${b.user}` } }),
    );
    const support = await openRoom(app, {
      kind: 'support',
      people: [a],
      claims: { defaultOf: a.user },
      first: draft('?'),
    });
    rooms.push(support, await openRoom(app, { people: [a] }));
    const deleted = await openRoom(app, { people: [a], first: draft('deleted') });
    await deleted.stub.destroy(deleted.as(null), { waitMs: 5_000 });
    const before = await directory(['created_at', 'create_key', 'deleted_at', 'last_at']);
    await wipe();
    if (!wholeApp) await deleted.stub.reindex(app);
    await everything(rooms, wholeApp);
    for (const room of rooms) await expectSame(room);
    expect(await directory(['created_at', 'create_key', 'deleted_at', 'last_at'])).toEqual(
      before.map((rows) => rows.map((row) => (isOf(deleted, row) ? expect.objectContaining({ app }) : row))),
    );
    expect((await allot(app)).number).toBeGreaterThan(deleted.number);
    expect(await findByClaim(d1, app, 'uniqueId', `u${a.user}`)).toMatchObject({
      number: rooms[0]?.number,
    });
    expect(await findByClaim(d1, app, 'pair', `${a.user}:${b.user}`)).toMatchObject({
      number: rooms[1]?.number,
    });
    expect(await findByClaim(d1, app, 'defaultOf', a.user)).toMatchObject({ nonce: support.birth.nonce });
  });

  test('changes nothing where nothing was lost, and leaves other apps alone', async () => {
    const app = await makeApp();
    const room = await lived(app, await makePeople(app, 3));
    const other = await makeApp();
    const foreign = await lived(other, await makePeople(other, 3));
    await d1
      .prepare('UPDATE conversation SET preview = ?1 WHERE number = ?2')
      .bind('theirs', foreign.number)
      .run();
    const before = await directory();
    expect(await room.stub.reindex(other)).toMatchObject({ refusal: { code: 'not_found' } });
    await everything([room], false);
    expect(await foreign.stub.reindex(app)).toMatchObject({ refusal: { code: 'not_found' } });
    expect(await directory()).toEqual(before);
  });

  test('goes on while people post', async () => {
    const app = await makeApp();
    const people = await makePeople(app, 3);
    const room = await lived(app, people);
    const [, , c] = people as [Person, Person, Person];
    const running = everything([room], false);
    for (let i = 0; i < 20; i++) await room.post(c, `meanwhile ${i}`, 0);
    await running;
    expect(await room.indexed()).toBe(true);
    await expectSame(room);
  });
});

/** The log and its people, as far as a restore gives them back. */
const state = (room: Room) =>
  room.inside(({ core }, { storage }) => {
    const rows = all<EntryRow>(storage, 'SELECT * FROM entry ORDER BY seq').map(
      ({ indexed: _, delivered: __, body, ...row }) => ({ ...row, body: JSON.parse(body) }),
    );
    const members = [...(core?.roster.members.values() ?? [])].sort((x, y) => x.user - y.user);
    const recent = [...(core?.roster.recent ?? [])];
    const { facts, gone, blocks, last } = core?.log ?? (undefined as never);
    const deleted = gone.newest(last.n, 1_000);
    return { rows, members, recent, facts, deleted, blocks, last: { seq: last.seq, n: last.n, at: last.at } };
  });
const epochOf = (room: Room) => room.inside(({ core }) => core?.log.epoch);

describe('a restore from the archive', () => {
  test.each([undefined, '8'])(
    'gives the same log, people and marks under a new epoch (blocks of %s)',
    async (blocks) => {
      bindings.BLOCK_ENTRIES = blocks;
      const app = await makeApp();
      const people = await makePeople(app, 3);
      const room = await lived(app, people);
      const [before, epoch, view] = [await state(room), await epochOf(room), await room.view(null)];
      expect(before.blocks.length > 1).toBe(blocks !== undefined);
      for (const lost of [false, true]) {
        if (lost) {
          await room.inside((_, { storage }) => storage.deleteAll());
          await room.evict();
          expect(await room.stub.view(room.as(null))).toMatchObject({ refusal: { code: 'not_found' } });
        }
        expect(await restoreConversation(hub(), await appOf(room), room.number)).toEqual({
          entries: before.rows.length,
        });
        expect(await state(room)).toEqual(before);
        expect((await room.view(null)).unreadByUser).toEqual(view.unreadByUser);
        expect(await epochOf(room)).not.toBe(epoch);
      }
      const [, , c] = people as [Person, Person, Person];
      expect(await room.post(c, 'goes on')).toMatchObject({ seq: before.last.seq + 1, n: before.last.n + 1 });
      expect(await room.stub.replay(room.as(c), before.last.seq, epoch as string)).toMatchObject({
        value: { resync: true },
      });
      await room.evict();
      expect(await room.indexed()).toBe(true);
      await expectSame(room);
    },
  );

  test('keeps client ids taken, by their authors and words', async () => {
    const app = await makeApp();
    const people = await makePeople(app, 1);
    const [a] = people as [Person];
    const room = await openRoom(app, { people });
    const said = draft('once', { clientId: 'c-1' });
    const first = await room.post(a, said);
    await restoreConversation(hub(), await appOf(room), room.number);
    expect(await room.post(a, said)).toEqual({ ...first, duplicate: true });
    expect(await room.tryPost(a, { ...said, text: 'other' })).toMatchObject({
      refusal: { code: 'conflict' },
    });
  });

  test('does not touch a log when the archive has a gap, and keeps what the log has beyond it', async () => {
    const app = await makeApp();
    const people = await makePeople(app, 1);
    const room = await openRoom(app, { people });
    const posted = [];
    for (let i = 0; i < 4; i++) posted.push(await room.post(people[0] as Person, `${i}`));
    const before = await room.rows();
    await d1.prepare('DELETE FROM entry WHERE id = ?1').bind(posted[1]?.id).run();
    const restore = async () =>
      restoreConversation(hub(), await appOf(room), room.number).catch((error) => error.refusal);
    expect(await restore()).toMatchObject({ code: 'invalid' });
    expect(await room.rows()).toEqual(before);
    expect(await room.stub.reindex(app)).toMatchObject({ ok: true });
    await d1.batch([
      d1.prepare('DELETE FROM entry WHERE id = ?1').bind(posted[3]?.id),
      d1.prepare('UPDATE conversation SET last_seq = last_seq - 1 WHERE number = ?1').bind(room.number),
    ]);
    expect(await restore()).toEqual({ entries: before.length - 1 });
    expect((await room.rows()).map(({ seq, at, body }) => [seq, at, JSON.parse(body)])).toEqual(
      before.map(({ seq, at, body }) => [seq, at, JSON.parse(body)]),
    );
    expect((await room.tryPost(people[0] as Person, 'alive')).ok).toBe(true);
  });

  test('comes to its end while people go on posting, and loses none of it', async () => {
    const app = await makeApp();
    const people = await makePeople(app, 3);
    const [a, b] = people as [Person, Person];
    const room = await openRoom(app, { people });
    for (let i = 0; i < 30; i++) await room.post(a, `before ${i}`);
    const acknowledged: number[] = [];
    let over = false;
    const posting = [a, b].map(async (person) => {
      for (let i = 0; !over; i++) {
        const posted = await room.post(person, `meanwhile ${i}`, 0);
        acknowledged.push(posted.seq);
        if (i % 5 === 0) await room.edit(person, posted.seq, `edited ${i}`, 0);
      }
    });
    const epochs = new Set([await epochOf(room)]);
    for (let i = 0; i < 5; i++) {
      await restoreConversation(hub(), await appOf(room), room.number);
      epochs.add(await epochOf(room));
    }
    over = true;
    await Promise.all(posting);
    expect(epochs.size).toBe(6);
    const rows = await room.rows();
    expect(rows.map(({ seq }) => seq)).toEqual(rows.map((_, i) => i + 1));
    for (const seq of acknowledged) expect(rows[seq - 1]).toMatchObject({ seq, kind: 0 });
    expect(await room.indexed()).toBe(true);
    await expectSame(room);
  });

  test('of a conversation that lives takes no step without its beginning', async () => {
    const app = await makeApp();
    const room = await openRoom(app, { people: await makePeople(app, 1) });
    const before = await room.rows();
    for (const step of [
      { step: 'entries' as const, entries: [] },
      { step: 'people' as const, people: [], outside: [] },
    ])
      expect(await room.stub.restore(step)).toMatchObject({ refusal: { code: 'not_found' } });
    expect(await room.rows()).toEqual(before);
    expect((await allot(app)).number).toBeGreaterThan(room.number);
  });
});
