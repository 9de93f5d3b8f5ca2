// How far each member has read, hidden conversations, and recent authors: in the object, in the directory, over evictions.

import { describe, expect, test } from 'vitest';
import type { Person } from '../../src/conversation/core.ts';
import { RECENT_AUTHORS, RECENT_MESSAGES } from '../../src/conversation/roster.ts';
import { listByTime } from '../../src/directory/lists.ts';
import { unwrap } from '../../src/domain/errors.ts';
import { progressOf } from '../../src/domain/progress.ts';
import { fc } from '../fuzz/made-up.ts';
import { d1, draft, group, makePeople, openRoom, type Room } from './harness.ts';

/** The conversation in the person's list, or undefined. */
const inList = async (room: Room, person: Person) =>
  (await listByTime(d1, room.app, person.user, 0, 500)).rows.find((row) => row.facts.number === room.number);

/** Counted one message at a time, from nothing but what was done. */
class Model {
  readonly messages: { seq: number; author: number; deleted: boolean }[] = [];
  private readonly marks = new Map<number, { read: number; own: number; marked: boolean }>();

  joined(user: number, seq: number): void {
    this.marks.set(user, { read: seq, own: 0, marked: false });
  }

  left(user: number): void {
    this.marks.delete(user);
  }

  posted(author: number, seq: number): void {
    this.messages.push({ seq, author, deleted: false });
    const mark = this.marks.get(author);
    if (mark) Object.assign(mark, { read: seq, own: seq, marked: false });
  }

  read(user: number, upTo: number): void {
    const mark = this.marks.get(user);
    if (!mark || upTo <= mark.read) return;
    // What lies behind the last message of somebody else is one's own.
    mark.read = mark.marked ? Math.max(upTo, mark.own) : upTo;
    mark.marked = false;
  }

  markUnread(user: number): void {
    const mark = this.marks.get(user);
    const target = this.messages.findLast((m) => m.author !== user && !m.deleted);
    if (mark && target && mark.read >= target.seq)
      Object.assign(mark, { read: target.seq - 1, marked: true });
  }

  unread(): Record<number, number> {
    const counts: Record<number, number> = {};
    for (const [user, { read }] of this.marks)
      counts[user] = this.messages.filter((m) => !m.deleted && m.seq > read).length;
    return counts;
  }
}

test('unread is what a count of single messages gives, at every step, after evictions, and in lists', async () => {
  const who = fc.nat(2);
  const at = fc.nat(30);
  const step = fc.oneof(
    { weight: 4, arbitrary: fc.tuple(fc.constant('post'), who, at) },
    { weight: 2, arbitrary: fc.tuple(fc.constantFrom('read', 'unread', 'delete'), who, at) },
    { weight: 1, arbitrary: fc.tuple(fc.constantFrom('leave', 'join', 'evict', 'event', 'clear'), who, at) },
  );
  await fc.assert(
    fc.asyncProperty(fc.array(step, { minLength: 4, maxLength: 25 }), async (steps) => {
      const { room, people } = await group(3);
      const model = new Model();
      const inside = new Set(people);
      for (const person of people) model.joined(person.user, 1);
      for (const [what, which, place] of steps) {
        const person = people[which] as Person;
        const target = model.messages[place % Math.max(1, model.messages.length)];
        const isIn = inside.has(person);
        if (what === 'post' && isIn) model.posted(person.user, (await room.post(person, 'm', 0)).seq);
        if (what === 'read' && isIn) {
          await room.mark(person, { kind: 'read', upTo: place, user: null }, 0);
          model.read(person.user, Math.min(place, (await room.view(null)).lastSeq));
        }
        if (what === 'unread' && isIn) {
          await room.mark(person, { kind: 'unread' }, 0);
          model.markUnread(person.user);
        }
        if (what === 'delete' && target) {
          await room.remove(null, target.seq, 0);
          target.deleted = true;
        }
        if (what === 'clear') {
          await room.remove(null, 'all', 0);
          for (const message of model.messages) message.deleted = true;
        }
        if (what === 'leave' && isIn) {
          await room.leave(person, person);
          model.left(person.user);
          inside.delete(person);
        }
        if (what === 'join' && !isIn) {
          model.joined(person.user, (await room.join(null, [person])).lastSeq);
          inside.add(person);
        }
        if (what === 'event') await room.update({ title: `t${place}` });
        if (what === 'evict') await room.evict();
        expect((await room.view(null)).unreadByUser).toEqual(model.unread());
      }
      expect(await room.indexed()).toBe(true);
      for (const person of inside) {
        const { unread, readSeq } = await room.view(person);
        expect(await inList(room, person)).toMatchObject({ unread, readSeq });
      }
      await room.evict();
      expect((await room.view(null)).unreadByUser).toEqual(model.unread());
    }),
    { numRuns: 15 },
  );
});

describe('a read mark', () => {
  test('only rises, and never passes the end', async () => {
    const { room, people } = await group(2);
    const [a, b] = people as [Person, Person];
    for (let i = 0; i < 4; i++) await room.post(a, `${i}`);
    await room.read(b, 3);
    await room.read(b, 2);
    expect(await room.view(b)).toMatchObject({ readSeq: 3, unread: 2 });
    await room.read(b, 1_000);
    expect(await room.view(b)).toMatchObject({ readSeq: 5, unread: 0 });
    await room.post(a, 'more');
    expect(await room.unread(b)).toBe(1);
  });

  test('rises to the newest message that a page showed, and no further', async () => {
    const { room, people } = await group(2);
    const [a, b] = people as [Person, Person];
    for (let i = 0; i < 4; i++) await room.post(a, `${i}`);
    const page = await room.pageByOrdinal(b, 1, 2, true);
    expect(page).toMatchObject({ readSeqBefore: 1, view: { unread: 4 } });
    expect(await room.view(b)).toMatchObject({ readSeq: 3, unread: 2 });
    await room.pageByOrdinal(b, 1, 1, true);
    expect(await room.unread(b)).toBe(2);
  });

  test('of a newcomer stands at their join, and what was said before is there to read', async () => {
    const { room, people } = await group(1);
    const [a] = people as [Person];
    await room.post(a, 'before');
    const [b] = (await makePeople(room.app, 1)) as [Person];
    await room.join(a, [b]);
    expect(await room.unread(b)).toBe(0);
    expect((await room.pageBySeq(b, { limit: 5 })).messages).toHaveLength(1);
    await room.post(a, 'after');
    expect(await room.unread(b)).toBe(1);
  });

  test('put before the last message of somebody else stays there over an eviction, until something is read', async () => {
    const { room, people } = await group(2);
    const [a, b] = people as [Person, Person];
    const { seq } = await room.post(a, 'question');
    await room.post(b, 'answer');
    await room.mark(b, { kind: 'unread' });
    for (const again of [false, true]) {
      if (again) await room.evict();
      expect(await room.view(b)).toMatchObject({ unread: 2, readSeq: seq - 1, me: { ownAfter: seq + 1 } });
      expect(await inList(room, b)).toMatchObject({ unread: 2, readSeq: seq - 1 });
    }
    await room.read(b);
    expect(await room.unread(b)).toBe(0);
    await room.mark(b, { kind: 'unread' });
    await room.post(b, 'another answer');
    expect(await room.unread(b)).toBe(0);
  });

  test('cannot be put back where nobody else has spoken', async () => {
    const { room, people } = await group(2);
    const [a] = people as [Person];
    await room.post(a, 'alone');
    await room.mark(a, { kind: 'unread' });
    expect(await room.unread(a)).toBe(0);
  });
});

describe('a hidden conversation', () => {
  test('is out of the list until a later message, with no write when it returns', async () => {
    const { room, people } = await group(2);
    const [a, b] = people as [Person, Person];
    await room.post(a, 'hello');
    await room.mark(b, { kind: 'hide' });
    expect([await inList(room, b), (await inList(room, a))?.unread]).toEqual([undefined, 0]);
    await room.evict();
    await room.update({ title: 'no message' });
    expect(await inList(room, b)).toBeUndefined();
    const row = await room.memberRow(b);
    await room.post(a, 'come back');
    expect(await inList(room, b)).toMatchObject({ unread: 2 });
    expect(await room.memberRow(b)).toEqual(row);
  });

  test('without a single message hides as well', async () => {
    const { room, people } = await group(2);
    const [a, b] = people as [Person, Person];
    await room.mark(b, { kind: 'hide' });
    expect(await inList(room, b)).toBeUndefined();
    await room.post(a, 'first');
    expect(await inList(room, b)).toMatchObject({ unread: 1 });
  });
});

describe('a closed conversation', () => {
  const stateOf = async (room: Room, person: Person) => {
    const { me, lastMessage } = await room.view(person);
    return progressOf(me, lastMessage?.seq ?? 0);
  };

  test('is out of one list until a later message, which opens it at no row for any member', async () => {
    const { room, people } = await group(2);
    const [a, b] = people as [Person, Person];
    expect([await stateOf(room, a), await stateOf(room, b)]).toEqual(['NEW', 'NEW']);
    await room.post(a, 'hello');
    for (const person of [a, b]) await room.mark(person, { kind: 'progress', to: 'CLOSE' });
    await room.evict();
    expect([await stateOf(room, a), await stateOf(room, b), await inList(room, b)]).toEqual([
      'CLOSE',
      'CLOSE',
      undefined,
    ]);
    await room.mark(a, { kind: 'progress', to: 'OPEN' });
    expect([await stateOf(room, a), await stateOf(room, b)]).toEqual(['OPEN', 'CLOSE']);
    const row = await room.memberRow(b);
    await room.post(a, 'come back');
    expect([await stateOf(room, a), await stateOf(room, b)]).toEqual(['OPEN', 'OPEN']);
    expect(await inList(room, b)).toMatchObject({ unread: 2 });
    expect(await room.memberRow(b)).toEqual(row);
  });
});

describe("an author's own mark", () => {
  test('outlives any number of events, and any number of messages of others', async () => {
    const { room, people } = await group(3);
    const [a, b, c] = people as [Person, Person, Person];
    const { seq } = await room.post(a, 'mine');
    await room.post(b, 'theirs');
    const titles = Array.from({ length: RECENT_MESSAGES + 5 }, (_, i) => ({ title: `t${i}` }));
    await Promise.all(titles.map((changes) => room.stub.update(room.as(null), changes, { waitMs: 0 })));
    await room.evict();
    expect(await room.view(a)).toMatchObject({ unread: 1, readSeq: seq });
    const posts = Array.from({ length: RECENT_MESSAGES }, (_, i) => room.post(c, `${i}`, 0));
    await Promise.all(posts);
    expect(await room.view(a)).toMatchObject({ unread: 1 + RECENT_MESSAGES, readSeq: seq });
    await room.evict();
    expect(await room.view(a)).toMatchObject({ unread: 1 + RECENT_MESSAGES, readSeq: seq });
    expect(await room.memberRow(a)).toMatchObject({ read_seq: seq });
    await room.indexed();
    expect(await inList(room, a)).toMatchObject({ unread: 1 + RECENT_MESSAGES, readSeq: seq });
  });

  test('is written when more authors take turns than are remembered', async () => {
    const { people: crowd, room: first } = await group(RECENT_AUTHORS + 3);
    const room = await openRoom(first.app, { people: crowd });
    // By one stub, whose calls arrive in the order in which they were made.
    const { stub } = room;
    const posts = crowd.map((person) =>
      stub.post(room.as(person), draft('turn'), { author: null, waitMs: 0 }),
    );
    const posted = (await Promise.all(posts)).map(unwrap);
    const expected = Object.fromEntries(crowd.map(({ user }, i) => [user, crowd.length - 1 - i]));
    const written = await Promise.all(crowd.map((person) => room.memberRow(person)));
    expect(written.map((row) => (row?.read_seq ?? 0) > 1)).toEqual(crowd.map((_, i) => i < 3));
    expect(posted.map((p) => p.n)).toEqual(crowd.map((_, i) => i + 1));
    for (const again of [false, true]) {
      if (again) await room.evict();
      expect((await room.view(null)).unreadByUser).toEqual(expected);
    }
    await room.indexed();
    for (const person of [crowd[0], crowd[2], crowd[3], crowd.at(-1)] as Person[])
      expect((await inList(room, person))?.unread).toBe(expected[person.user]);
  });
});
