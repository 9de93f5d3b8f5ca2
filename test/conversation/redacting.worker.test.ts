// Erasing a person from a conversation: no trace of what they said or who they were, here or in the directory.
import { describe, expect, test } from 'vitest';
import type { Person } from '../../src/conversation/core.ts';
import { findApp } from '../../src/directory/apps.ts';
import { searchEntries } from '../../src/directory/search.ts';
import { type App, hubOf } from '../../src/hub/context.ts';
import { restoreConversation } from '../../src/hub/maintenance.ts';
import { expectSame } from '../directory/compare.ts';
import { doored, gate, quiet } from './faults.ts';
import { all, bindings, d1, draft, group, makePerson, type Room, summary } from './harness.ts';
import { indexInto, meterRoom } from './meter.ts';

const OPTIONS = { waitMs: 10_000 };
const SECRET = 'quagga';

const redact = (room: Room, { user }: Person, by: Person | null = null) =>
  room.stub.redact(room.as(by), user, OPTIONS);

/** Everything in the object's tables, and all that D1 has of the conversation, as text. */
async function everything(room: Room): Promise<string> {
  const tables = "SELECT name FROM sqlite_master WHERE type = 'table' AND name NOT LIKE '\\_cf%' ESCAPE '\\'";
  const inside = await room.inside((_, { storage }) =>
    all<{ name: string }>(storage, tables).map(({ name }) => all(storage, `SELECT * FROM "${name}"`)),
  );
  await d1.prepare('CREATE VIRTUAL TABLE IF NOT EXISTS vocab USING fts5vocab(entry_fts, instance)').run();
  const [from, to] = [room.number * 2 ** 21, room.number * 2 ** 21 + 2 ** 21 - 1];
  const held = [
    `SELECT * FROM entry WHERE id BETWEEN ${from} AND ${to}`,
    `SELECT * FROM vocab WHERE doc BETWEEN ${from} AND ${to}`,
    `SELECT * FROM conversation WHERE number = ${room.number}`,
    `SELECT * FROM membership WHERE conversation = ${room.number}`,
    `SELECT * FROM parked WHERE conversation = ${room.number}`,
  ];
  const outside = held.map(async (statement) => (await d1.prepare(statement).all()).results);
  return JSON.stringify([inside, await Promise.all(outside)]);
}

/** A group in which b has said, edited, deleted, quoted and titled things, last of all. */
async function lived() {
  const { room, people } = await group(3);
  const [a, b, c] = people as [Person, Person, Person];
  await room.post(a, 'a begins');
  const said = await room.post(
    b,
    draft(`${SECRET} one`, { title: SECRET, clientId: 'c-1', metadata: { SECRET } }),
  );
  const edited = await room.post(b, `${SECRET} two`);
  await room.edit(b, edited.seq, `${SECRET} three`);
  const deleted = await room.post(b, `${SECRET} four`);
  await room.remove(b, deleted.seq);
  await room.post(c, draft('c answers', { replyTo: said.seq }));
  await room.post(b, draft(`${SECRET} last`, { override: { name: SECRET } }));
  return { room, a, b, c, said };
}

describe('erasing a person from a group', () => {
  test('leaves no trace of their words, names and cards in the object and in the directory', async () => {
    const { room, a, b } = await lived();
    const before = await everything(room);
    for (const trace of [SECRET, b.card.name, b.card.externalId]) expect(before).toContain(trace);
    expect(await redact(room, b)).toMatchObject({ ok: true });
    const after = await everything(room);
    for (const trace of [SECRET, b.card.name, b.card.username, b.card.externalId])
      expect(after).not.toContain(trace);
    await expectSame(room);
    const found = await searchEntries(d1, room.app, null, { query: SECRET, size: 10 });
    expect(found.rows).toEqual([]);
    expect(await summary(room)).toMatchObject({ preview: '', last_author: null, member_count: 2 });
    expect(JSON.parse((await summary(room)).recent as string)).not.toHaveProperty(String(b.user));
    // What others said stays, and so do the places of what went.
    const { messages } = await room.pageBySeq(a, { limit: 10, withDeleted: true });
    expect(messages.map(({ author, message }) => [author === null, message.text])).toEqual([
      [false, 'a begins'],
      ...Array(3).fill([true, '']),
      [false, 'c answers'],
      [true, ''],
    ]);
    expect(await room.unread(a)).toBe(1);
  });

  test('tells clients: they left, and what they said is erased', async () => {
    const { room, b } = await lived();
    const { lastSeq } = await room.view(null);
    await redact(room, b);
    const replay = await room.stub.replay(room.as(null), lastSeq, null);
    const { events } = (replay as { value: { events: string[] } }).value;
    expect(events.map((event) => JSON.parse(event))).toMatchObject([
      { seq: lastSeq + 1, kind: 'leave', users: [{ id: String(b.user), name: '' }] },
      { seq: lastSeq + 2, kind: 'redact', user: String(b.user) },
    ]);
  });

  test('keeps their client ids taken, for good', async () => {
    const { room, b, said } = await lived();
    await redact(room, b);
    const [a] = (await room.view(null)).members;
    const again = await room.tryPost(
      { user: a?.user, card: a?.card } as Person,
      draft('x', { clientId: 'c-1' }),
    );
    expect(again).toMatchObject({ ok: false, refusal: { code: 'conflict' } });
    expect((await room.rows())[said.seq - 1]).toMatchObject({ client_id: 'c-1', print: null, author: null });
  });

  test('twice is once, and of a stranger nothing', async () => {
    const { room, b } = await lived();
    await redact(room, b);
    const rows = await room.rows();
    await room.evict();
    expect(await redact(room, b)).toMatchObject({ ok: true });
    expect(await redact(room, await makePerson(room.app))).toMatchObject({ ok: true });
    expect(await room.rows()).toEqual(rows);
  });

  test('is for the app alone', async () => {
    const { room, a, b } = await lived();
    const before = await room.rows();
    expect(await redact(room, b, a)).toMatchObject({ ok: false, refusal: { code: 'forbidden' } });
    expect(await redact(room, b, b)).toMatchObject({ ok: false, refusal: { code: 'forbidden' } });
    expect(await room.rows()).toEqual(before);
  });

  test('gives back what they were assigned', async () => {
    const { room } = await lived();
    const agent = await makePerson(room.app, 'agent');
    await room.stub.update(room.as(null), {}, { ...OPTIONS, assign: agent });
    await redact(room, agent);
    expect(await summary(room)).toMatchObject({ assignee: null });
    expect((await room.view(null)).members.find(({ user }) => user === agent.user)).toMatchObject({
      standing: 'left',
      card: { name: '', role: 'agent' },
    });
  });

  test('reaches those who left before, and who wrote without being in', async () => {
    const { room, b } = await lived();
    const agent = await makePerson(room.app, 'agent');
    const author = { user: agent.user, card: agent.card };
    await room.stub.post(room.as(null), draft(`${SECRET} of an agent`), { ...OPTIONS, author });
    await room.leave(b, b, 'bar');
    for (const person of [b, agent]) await redact(room, person);
    const after = await everything(room);
    for (const trace of [SECRET, b.card.name, agent.card.name]) expect(after).not.toContain(trace);
    await expectSame(room);
  });

  test('costs a row for each of their messages and six more', async () => {
    const { room, people } = await group(2);
    const [a, b] = people as [Person, Person];
    for (let i = 0; i < 20; i++) await room.post(i % 2 ? a : b, `${i}`);
    const meter = await meterRoom(room);
    await redact(room, b);
    expect(meter.written).toBe(10 + 6);
  });

  test('survives a reindex and a restore', async () => {
    const { room, b } = await lived();
    await redact(room, b);
    const rows = await room.rows();
    expect(await room.stub.reindex(room.app)).toMatchObject({ ok: true });
    await expectSame(room);
    const hub = hubOf(bindings, 'https://hub.example', () => undefined);
    await d1.prepare('UPDATE user SET deleted_at = 1 WHERE number = ?1').bind(b.user).run();
    await restoreConversation(hub, (await findApp(d1, { number: room.app })) as App, room.number);
    expect((await room.rows()).map(({ seq, author }) => [seq, author])).toEqual(
      rows.map(({ seq, author }) => [seq, author]),
    );
    const after = await everything(room);
    for (const trace of [SECRET, b.card.name]) expect(after).not.toContain(trace);
  });
});

describe('while the directory is behind', () => {
  quiet();

  test('what it has not heard yet reaches it without the words', async () => {
    const { room, people } = await group(2);
    const [a, b] = people as [Person, Person];
    const slow = doored();
    await indexInto(slow.db);
    const shut = gate();
    slow.door = async (through) => {
      await shut.passed;
      return through();
    };
    try {
      // The first is in the flush that hangs, the second waits behind it.
      await room.post(b, `${SECRET} in flight`, 0);
      await room.post(a, 'from a', 0);
      await expect.poll(() => slow.batches).toBeGreaterThan(0);
      await room.post(b, `${SECRET} waiting`, 0);
      await room.stub.redact(room.as(null), b.user, { waitMs: 0 });
      slow.door = undefined;
      shut.open();
      expect(await room.indexed()).toBe(true);
    } finally {
      await indexInto(undefined);
    }
    expect(await everything(room)).not.toContain(SECRET);
    await expectSame(room);
  });

  test('an edit that storage refused is not told', async () => {
    const { room, people } = await group(1);
    const [a] = people as [Person];
    const slow = doored();
    await indexInto(slow.db);
    slow.door = () => Promise.reject(new Error('away'));
    try {
      const { seq } = await room.post(a, 'as it was', 0);
      await room.inside(async (object, { storage }) => {
        const { sql } = storage;
        const real = sql.exec.bind(sql);
        sql.exec = ((text: string, ...values: SqlStorageValue[]) => {
          if (text.includes('INSERT INTO entry')) throw new Error('disk I/O error');
          return real(text, ...values);
        }) as typeof sql.exec;
        const stub = object as unknown as Room['stub'];
        const edited = await stub.edit(
          room.as(a),
          seq,
          { words: { text: 'never said', markup: 'plain' } },
          { waitMs: 0 },
        );
        Reflect.deleteProperty(sql, 'exec');
        expect(edited.ok).toBe(false);
      });
      slow.door = undefined;
      await room.alarm(120_000);
      expect(await room.indexed()).toBe(true);
    } finally {
      await indexInto(undefined);
    }
    expect(await summary(room)).toMatchObject({ preview: 'as it was' });
    await expectSame(room);
  });
});
