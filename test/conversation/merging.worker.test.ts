// Two people of one conversation become one: place, positions and messages, in the object and in the directory.
import { describe, expect, test } from 'vitest';
import type { Person } from '../../src/conversation/core.ts';
import type { Merging } from '../../src/conversation/merging.ts';
import { findApp } from '../../src/directory/apps.ts';
import { unwrap } from '../../src/domain/errors.ts';
import { type App, hubOf } from '../../src/hub/context.ts';
import { restoreConversation } from '../../src/hub/maintenance.ts';
import { expectSame } from '../directory/compare.ts';
import { bindings, draft, group, makePerson, type Room } from './harness.ts';

const OPTIONS = { waitMs: 10_000 };

const merge = async (room: Room, from: Person[], into: Person, more: Partial<Merging> = {}) =>
  unwrap(
    await room.stub.merge(
      room.as(null),
      { from: from.map(({ user }) => user), into, kind: 'group', defaultOf: null, ...more },
      OPTIONS,
    ),
  );
const authors = async (room: Room) =>
  (await room.pageBySeq(null, { limit: 50 })).messages.map(({ author, message }) => [author, message.text]);
const kinds = async (room: Room, since = 0) =>
  (await room.inside(({ core }) =>
    core?.log.rowsAfter(since, 100).map((row) => core.log.entryOf(row).kind),
  )) ?? [];

/** Every message knows its author's others, and the last one of anybody else (schema.ts). */
async function expectChained(room: Room): Promise<void> {
  const messages = (await room.rows()).filter(({ kind }) => kind === 0);
  for (const [i, { author, own, mine, other }] of messages.entries()) {
    const before = messages.slice(0, i);
    const theirs = before.filter((row) => row.author === author);
    expect([own, mine]).toEqual([theirs.length + 1, theirs.at(-1)?.seq ?? 0]);
    expect(other).toBe(before.findLast((row) => row.author !== author)?.seq ?? 0);
  }
}

describe('merging two people of a group', () => {
  test('the survivor comes in where the other was, and is the author of what they said', async () => {
    const { room, people } = await group(2);
    const [a, gone] = people as [Person, Person];
    const into = await makePerson(room.app);
    await room.post(a, 'one');
    await room.post(gone, draft('two', { clientId: 'c-1' }));
    await room.post(a, 'three');
    await room.post(gone, 'four');
    await room.post(a, 'five');
    const { lastSeq } = await room.view(null);
    await merge(room, [gone], into);
    expect(await kinds(room, lastSeq)).toEqual(['join', 'leave', 'merge']);
    expect(await authors(room)).toEqual([
      [a.user, 'one'],
      [into.user, 'two'],
      [a.user, 'three'],
      [into.user, 'four'],
      [a.user, 'five'],
    ]);
    const view = await room.view(into);
    expect(view.members.map(({ user, standing }) => [user, standing]).sort()).toEqual(
      [a, into].map(({ user }) => [user, 'active']).sort(),
    );
    // They have read what the other had: all up to their own last message.
    expect(view.unread).toBe(1);
    expect(await room.tryPost(gone, 'late')).toMatchObject({ ok: false, refusal: { code: 'not_found' } });
    await room.post(into, 'six');
    await expectSame(room);
    await expectChained(room);
  });

  test('twice is once, also after a wake; a late call of an older merge changes nothing', async () => {
    const { room, people } = await group(3);
    const [a, b, c] = people as [Person, Person, Person];
    for (const each of [a, b, a, c, b]) await room.post(each, 'said');
    await merge(room, [a], b);
    await room.post(b, 'more');
    await expectChained(room);
    const after = await room.rows();
    await merge(room, [a], b);
    await room.evict();
    await merge(room, [a], b);
    expect(await room.rows()).toEqual(after);
    await merge(room, [a, b], c);
    const last = await room.rows();
    await merge(room, [a], b);
    expect(await room.rows()).toEqual(last);
    expect((await authors(room)).map(([author]) => author)).toEqual(Array(6).fill(c.user));
    expect((await room.view(null)).members.map(({ user }) => user)).toEqual([c.user]);
    await expectSame(room);
  });

  test('two places become one: read as far as either, hidden only as both, nothing out of sight', async () => {
    const { room, people } = await group(3);
    const [a, b, c] = people as [Person, Person, Person];
    const first = await room.post(c, 'one');
    const second = await room.post(c, 'two');
    await room.post(c, 'three');
    await room.read(a, second.seq);
    await room.read(b, first.seq);
    await room.mark(a, { kind: 'hide' });
    expect(await room.unread(b)).toBe(2);
    const { lastSeq } = await room.view(null);
    await merge(room, [a], b);
    expect(await kinds(room, lastSeq)).toEqual(['leave', 'merge']);
    expect(await room.unread(b)).toBe(1);
    expect(await room.memberRow(b)).toMatchObject({
      read_seq: second.seq,
      hidden_seq: 0,
      standing: 'active',
    });
    await expectSame(room);
  });

  test('marked unread behind an own message stays unread', async () => {
    const { room, people } = await group(3);
    const [a, b, c] = people as [Person, Person, Person];
    await room.post(c, 'question');
    await room.post(a, 'answer');
    await room.mark(a, { kind: 'unread' });
    const unread = await room.unread(a);
    expect(unread).toBeGreaterThan(0);
    await merge(room, [a], b);
    expect(await room.unread(b)).toBe(unread);
  });

  test('others go on posting meanwhile: every message is there once, in one order', async () => {
    const { room, people } = await group(3);
    const [a, b, c] = people as [Person, Person, Person];
    const posts = Array.from({ length: 20 }, (_, i) => room.tryPost([a, b, c][i % 3] as Person, `m${i}`, 0));
    const merged = merge(room, [a], b);
    const answers = await Promise.all(posts);
    await merged;
    const said = await authors(room);
    expect(said.length).toBe(answers.filter(({ ok }) => ok).length);
    expect(said.some(([author]) => author === a.user)).toBe(false);
    await merge(room, [a], b);
    expect(await authors(room)).toEqual(said);
    await room.indexed();
    await expectSame(room);
  });

  test('an app that has not heard of it speaks for the survivor', async () => {
    const { room, people } = await group(2);
    const [a, b] = people as [Person, Person];
    await merge(room, [a], b);
    const author = { user: a.user, card: a.card };
    unwrap(await room.stub.post(room.as(null), draft('for a'), { author, ...OPTIONS }));
    expect(await authors(room)).toEqual([[b.user, 'for a']]);
  });

  test('only an app credential may', async () => {
    const { room, people } = await group(2);
    const [a, b] = people as [Person, Person];
    const merging: Merging = { from: [a.user], into: b, kind: 'group', defaultOf: null };
    const refused = await room.stub.merge(room.as(b), merging, OPTIONS);
    expect(refused).toMatchObject({ ok: false, refusal: { code: 'forbidden' } });
  });

  test('erasing the survivor erases what the other said, and a restore knows who is who', async () => {
    const { room, people } = await group(3);
    const [a, b, c] = people as [Person, Person, Person];
    await room.post(a, 'quagga one');
    await room.post(c, 'kept');
    await merge(room, [a], b);
    const hub = hubOf(bindings, 'https://hub.example', () => undefined);
    const app = (await findApp(bindings.DB, { number: room.app })) as unknown as App;
    await restoreConversation(hub, app, room.number);
    await merge(room, [a], b);
    expect((await room.view(null)).members.map(({ user }) => user).sort()).toEqual([b.user, c.user].sort());
    unwrap(await room.stub.redact(room.as(null), b.user, OPTIONS));
    await expectSame(room);
    const text = JSON.stringify([
      await room.rows(),
      await room.inside((_, { storage }) => storage.sql.exec('SELECT * FROM member').toArray()),
    ]);
    for (const trace of ['quagga', a.card.name, b.card.name]) expect(text).not.toContain(trace);
  });
});
