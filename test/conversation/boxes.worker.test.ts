// A member's two boxes, and what they put out of their sight: in the object, in the directory, over evictions; and what a
// stretch of a box reads, however long the log is.

import { describe, expect, test } from 'vitest';
import type { Person } from '../../src/conversation/core.ts';
import { chainEntries, MIGRATIONS, migrate } from '../../src/conversation/schema.ts';
import { boxSources, listByTime } from '../../src/directory/lists.ts';
import { type Box, conceal, MOST_RANGES } from '../../src/domain/concealed.ts';
import { unwrap } from '../../src/domain/errors.ts';
import type { MessageNumber, Seq } from '../../src/domain/ids.ts';
import type { MessageEntry } from '../../src/domain/model.ts';
import { fc } from '../fuzz/made-up.ts';
import { again, all, allot, d1, draft, group, makeApp, makePeople, openRoom, type Room } from './harness.ts';
import { meterRoom } from './meter.ts';

const stretch = async (room: Room, by: Person, box: Box, before: Seq | null, limit: number) =>
  unwrap(await room.stub.box(room.as(by), { box, before, limit })).messages;

/** The whole box, by stretches of `step`. */
async function whole(room: Room, by: Person, box: Box, step = 3): Promise<Seq[]> {
  const seqs: Seq[] = [];
  for (let before: Seq | null = null; ; ) {
    const part: MessageEntry[] = await stretch(room, by, box, before, step);
    seqs.push(...part.map(({ seq }) => seq));
    if (part.length < step) return seqs;
    before = seqs.at(-1) as Seq;
  }
}

const putAway = (room: Room, by: Person, id: MessageNumber, waitMs = 0) =>
  room.mark(by, { kind: 'conceal', message: id, box: null }, waitMs);

const sourceOf = async (room: Room, person: Person) =>
  (await boxSources(d1, room.app, person.user)).find(({ number }) => number === room.number);

test('boxes hold what single messages say, in both orders of asking, at every step, and the directory counts them', async () => {
  const who = fc.nat(2);
  const at = fc.nat(40);
  const step = fc.oneof(
    { weight: 6, arbitrary: fc.tuple(fc.constantFrom('post', 'post', 'voice'), who, at) },
    { weight: 4, arbitrary: fc.tuple(fc.constant('conceal'), who, at) },
    {
      weight: 1,
      arbitrary: fc.tuple(fc.constantFrom('event', 'evict', 'delete', 'read', 'reindex'), who, at),
    },
  );
  await fc.assert(
    fc.asyncProperty(fc.array(step, { minLength: 6, maxLength: 30 }), async (steps) => {
      const { room, people } = await group(3);
      const said: { seq: Seq; id: MessageNumber; author: number | null; deleted: boolean }[] = [];
      const hidden = new Set<string>();
      const read = new Map(people.map(({ user }) => [user, 1]));
      for (const [what, which, place] of steps) {
        const person = people[which] as Person;
        const target = said[place % Math.max(1, said.length)];
        if (what === 'post' || what === 'voice') {
          const author = what === 'voice' ? null : person.user;
          const { seq, id } = await room.post(author === null ? null : person, 'm', 0);
          said.push({ seq, id, author, deleted: false });
          if (author !== null) read.set(author, seq);
        }
        if (what === 'conceal' && target) {
          const key = `${person.user} ${target.seq}`;
          const result = await room.stub.mark(
            room.as(person),
            { kind: 'conceal', message: target.id, box: null },
            { waitMs: 0 },
          );
          expect(result.ok).toBe(!hidden.has(key));
          hidden.add(key);
        }
        if (what === 'delete' && target) {
          await room.remove(null, target.seq, 0);
          target.deleted = true;
        }
        if (what === 'read') {
          await room.read(person);
          read.set(person.user, (await room.view(null)).lastSeq);
        }
        if (what === 'event') await room.update({ title: `t${place}` });
        if (what === 'reindex') unwrap(await room.stub.reindex(room.app));
        if (what === 'evict') await room.evict();
      }
      expect(await room.indexed()).toBe(true);
      for (const person of people) {
        const inSight = said.filter(({ seq }) => !hidden.has(`${person.user} ${seq}`)).reverse();
        const inbox = inSight.filter(({ author }) => author !== person.user).map(({ seq }) => seq);
        const sent = inSight.filter(({ author }) => author === person.user).map(({ seq }) => seq);
        expect(await whole(room, person, 'inbox')).toEqual(inbox);
        expect(await whole(room, person, 'sent', 1)).toEqual(sent);
        const unread = inSight.filter(
          ({ seq, deleted }) => !deleted && seq > (read.get(person.user) as number),
        ).length;
        expect(await room.unread(person)).toBe(unread);
        const source = { inbox: inbox.length, sent: sent.length, unread };
        expect(await sourceOf(room, person)).toMatchObject(source);
        const page = await room.pageByOrdinal(person, 1, 100);
        const gone = page.messages.filter(({ message }) => message.deleted).map(({ seq }) => seq);
        expect(gone).toEqual(
          said
            .filter(({ seq, deleted }) => deleted || hidden.has(`${person.user} ${seq}`))
            .map(({ seq }) => seq),
        );
      }
    }),
    { numRuns: 20 },
  );
});

describe('a message out of sight', () => {
  test('is one row written, keeps its words from its reader in every way of reading, and from nobody else', async () => {
    const { room, people } = await group(2);
    const [a, b] = people as [Person, Person];
    const { id, seq } = await room.post(a, 'words');
    const meter = await meterRoom(room);
    await putAway(room, b, id, 10_000);
    expect(meter.written).toBe(1);
    await room.evict();
    const reads = async (by: Person) => [
      (await room.pageByOrdinal(by, 1, 1)).messages[0]?.message.text,
      (await room.pageBySeq(by, { limit: 1, withDeleted: true })).messages[0]?.message.text,
      unwrap(await room.stub.message(room.as(by), { seq })).message.text,
      unwrap(await room.stub.message(room.as(by), { id })).message.text,
      (await room.view(by)).lastMessage?.message.text,
      (await listByTime(d1, room.app, by.user, 0, 5)).rows[0]?.preview,
    ];
    expect(await reads(b)).toEqual(['', '', '', '', '', '']);
    expect(await reads(a)).toEqual(Array.from({ length: 6 }, () => 'words'));
    const replayed = unwrap(await room.stub.replay(room.as(b), 1, null));
    expect(JSON.stringify(replayed)).not.toContain('words');
    expect((await room.view(a)).members.find(({ user }) => user === b.user)?.concealed).toBeNull();
  });

  test('cannot be in a box of the other kind, another conversation, or no message', async () => {
    const { room, people } = await group(2);
    const [a, b] = people as [Person, Person];
    const { id } = await room.post(a, 'words');
    for (const [message, box] of [
      [id, 'sent'],
      [(id - 1) as MessageNumber, null],
      [(id + 1) as MessageNumber, null],
      [1 as MessageNumber, null],
    ] as const) {
      const result = await room.stub.mark(room.as(b), { kind: 'conceal', message, box }, { waitMs: 0 });
      expect(result).toMatchObject({ refusal: { code: 'not_found' } });
    }
    expect(await whole(room, b, 'inbox')).toHaveLength(1);
  });

  test('beside very many others that do not touch is refused, and nothing changes', async () => {
    const { room, people } = await group(2);
    const [a, b] = people as [Person, Person];
    const ids: MessageNumber[] = [];
    for (let i = 0; i < 3; i++) ids.push((await room.post(a, `${i}`)).id);
    await room.inside(({ core }) => {
      const member = core?.roster.get(b.user);
      if (!core || !member) throw new Error('no member');
      let concealed = conceal(null, 'inbox', [1, 1]);
      for (let n = 10; n < 10 + 2 * (MOST_RANGES - 1); n += 2)
        concealed = conceal(concealed, 'inbox', [n, n]);
      core.roster.put({ ...member, concealed });
    });
    const result = await room.stub.mark(
      room.as(b),
      { kind: 'conceal', message: ids[2] as MessageNumber, box: null },
      { waitMs: 0 },
    );
    expect(result).toMatchObject({ refusal: { code: 'invalid' } });
    expect(await whole(room, b, 'inbox')).toHaveLength(2);
  });
});

describe('rows read by a stretch of a box', () => {
  const PAGE = 20;

  /** A dialogue by one statement: each writes runs of 1 to `run` messages in turn, an update among them every 10 entries. */
  async function fill(room: Room, [a, b]: readonly Person[], entries: number, run: number): Promise<void> {
    await room.inside((object, { storage }) => {
      const { last } = object.core?.log ?? (undefined as never);
      storage.sql.exec(
        `WITH RECURSIVE up(i) AS (SELECT cast(?1 AS INTEGER) + 1 UNION ALL SELECT i + 1 FROM up WHERE i < ?2)
         INSERT INTO entry (seq, at, kind, n, prev, author, indexed, delivered, body)
         SELECT i, ?3 + i, iif(i % 10 = 0, 6, 0), (i - ?1) - i / 10, iif((i - 1) % 10 = 0, i - 2, i - 1),
           iif((i / ?4) % 2 = 0, ?5, ?6), i, i,
           iif(i % 10 = 0, '{"changes":{"title":"t"}}', '{"door":"tapatalk","text":"m","markup":"plain","type":"text"}')
         FROM up`,
        last.seq,
        entries,
        last.at,
        run,
        a?.user ?? 0,
        b?.user ?? 0,
      );
      storage.sql.exec(`UPDATE entry SET prev = 0 WHERE seq = ${last.seq + 1}`);
      storage.sql.exec(chainEntries());
      storage.sql.exec('UPDATE member SET sent = -1');
    });
    await room.evict();
    await stretch(room, a as Person, 'sent', null, 1);
  }

  test.each([
    [1_000, 1],
    [200_000, 1],
    [200_000, 3],
    [200_000, 90_000],
  ])(
    'is at most three for each message in a log of %i with runs of %i, and no more where others are put away',
    async (entries, run) => {
      const { room, people } = await group(2);
      await fill(room, people, entries, run);
      const [a] = people as [Person];
      const meter = await meterRoom(room);
      for (const box of ['inbox', 'sent'] as const) {
        for (const before of [null, Math.floor(entries / 2)]) {
          const from = before === null ? null : (await stretch(room, a, box, before - 4, 1))[0]?.seq;
          meter.reset();
          const messages = await stretch(room, a, box, from ?? null, PAGE);
          expect(messages).toHaveLength(PAGE);
          expect(meter.read).toBeLessThanOrEqual(3 * PAGE + 5);
        }
      }
      // A whole cleaning up, the newest first: what lies in between is not walked again.
      for (let i = 0; i < 60; i++) {
        const [newest] = await stretch(room, a, 'inbox', null, 1);
        await putAway(room, a, newest?.id as MessageNumber);
      }
      meter.reset();
      expect(await stretch(room, a, 'inbox', null, PAGE)).toHaveLength(PAGE);
      expect(meter.read).toBeLessThanOrEqual(3 * PAGE + 5);
      const row = await room.memberRow(a);
      expect(JSON.parse(row?.concealed ?? '')[0]).toHaveLength(1);
    },
  );
});

test('a log of the first version is brought up with who wrote what', async () => {
  const { room, people } = await group(3);
  const [a, b] = people as [Person, Person];
  for (const by of [a, a, b, null, a, null, null, b, b]) await room.post(by, 'm');
  await room.update({ title: 't' });
  const chains = (storage: DurableObjectStorage) =>
    all<{ own: number }>(storage, 'SELECT seq, own, mine, other FROM entry ORDER BY seq');
  const written = await room.inside((_, { storage }) => chains(storage));
  expect(written.some(({ own }) => own === 3)).toBe(true);

  const old = await allot(await makeApp());
  const rows = await room.rows();
  const brought = await old.inside((_, { storage }) => {
    migrate(storage, MIGRATIONS.slice(0, 1));
    for (const { seq, at, kind, n, prev, author, body } of rows) {
      storage.sql.exec(
        'INSERT INTO entry (seq, at, kind, n, prev, author, indexed, delivered, body) VALUES (?, ?, ?, ?, ?, ?, 0, 0, ?)',
        ...[seq, at, kind, n, prev, author, body],
      );
    }
    migrate(storage);
    return chains(storage);
  });
  expect(brought).toEqual(written);
});

test('who wrote before they were a member has that in their sent box', async () => {
  const app = await makeApp();
  const [a, b] = (await makePeople(app, 2)) as [Person, Person];
  const room = await openRoom(app, { people: [a, b], first: draft('one') });
  await room.leave(a, a);
  await room.post(b, 'two');
  await room.join(null, [a]);
  await room.post(a, 'three');
  expect(await whole(room, a, 'sent')).toHaveLength(2);
  expect(await sourceOf(room, a)).toMatchObject({ inbox: 1, sent: 2 });
});

test('a log from elsewhere, longer than is looked back on a wake, has everybody their boxes', async () => {
  const app = await makeApp();
  const [a, b] = (await makePeople(app, 2)) as [Person, Person];
  const room = await allot(app);
  const member = { standing: 'active' as const, leftAt: null, readN: 0 };
  const messages = Array.from({ length: 300 }, (_, i) => ({
    author: i < 3 ? a.user : b.user,
    name: null,
    at: 1_700_000_000_000 + i,
    text: `${i}`,
    markup: 'plain' as const,
    title: null,
  }));
  unwrap(
    await room.stub.takeIn(
      {
        birth: room.birth,
        locked: false,
        people: [
          { ...a, ...member },
          { ...b, ...member },
        ],
        outside: [],
        messages,
        shelves: 1,
      },
      { waitMs: 10_000 },
    ),
  );
  expect(await sourceOf(room, a)).toMatchObject({ inbox: 297, sent: 3 });
  expect(await sourceOf(room, b)).toMatchObject({ inbox: 3, sent: 297 });
  expect(await again(() => whole(room, a, 'sent'))).toHaveLength(3);
  await again(() => room.post(a, draft('news', { clientId: 'n-1' })));
  expect(await again(() => whole(room, a, 'sent'))).toHaveLength(4);
  expect(await again(() => whole(room, b, 'inbox', 50))).toHaveLength(4);
});
