// The ordered log: seq without gaps, a time that never falls, ordinals and links, entries of every kind.

import { describe, expect, test } from 'vitest';
import type { EntryRow } from '../../src/conversation/rows.ts';
import { fc } from '../fuzz/made-up.ts';
import { draft, group, type Room } from './harness.ts';

const MESSAGE = 0;

/** What holds of every log, whatever happened to it. */
function expectSound(rows: readonly EntryRow[]): void {
  let [seq, at, n, prev] = [0, 0, 0, 0];
  for (const row of rows) {
    expect(row.seq).toBe(seq + 1);
    expect(row.at).toBeGreaterThan(at);
    expect(row.n).toBe(row.kind === MESSAGE ? n + 1 : n);
    expect(row.prev).toBe(prev);
    ({ seq, at, n } = row);
    if (row.kind === MESSAGE) prev = seq;
  }
}

const setClock = (room: Room, now: number) =>
  room.inside((object) => {
    object.now = () => now;
  });

test('is sound after any series of calls, while the clock jumps and the object is evicted', async () => {
  const { room, people } = await group(3);
  const [a, b, c] = people as [never, never, never];
  const ignore = () => undefined;
  const anyMessage = async (at: number) => {
    const messages = (await room.rows()).filter((row) => row.kind === MESSAGE);
    return messages[at % Math.max(1, messages.length)]?.seq ?? 1;
  };
  const calls: ((at: number) => Promise<unknown>)[] = [
    () => room.post(a, 'plain', 0),
    (at) => room.post(b, draft('once', { clientId: `c${at}` }), 0),
    async (at) => room.edit(null, await anyMessage(at), 'changed', 0),
    async (at) => room.remove(null, await anyMessage(at), 0),
    () => room.remove(null, 'all', 0),
    () => room.leave(c, c),
    () => room.join(null, [c]),
    (at) => room.update({ title: `t${at}`, state: at % 2 ? 'closed' : 'open' }),
    () => Promise.all([room.post(a, '1', 0), room.post(b, draft('2', { replyTo: 999 }), 0).catch(ignore)]),
    () => room.evict(),
    (at) => setClock(room, Date.now() + (at - 500) * 10_000),
    (at) => setClock(room, at),
  ];
  const step = fc.tuple(fc.nat(calls.length - 1), fc.nat(1_000));
  await fc.assert(
    fc.asyncProperty(fc.array(step, { minLength: 5, maxLength: 20 }), async (steps) => {
      for (const [which, at] of steps) await calls[which]?.(at).catch(ignore);
      const rows = await room.rows();
      expectSound(rows);
      const view = await room.view(null);
      expect(view).toMatchObject({ lastSeq: rows.length, messageCount: rows.at(-1)?.n });
    }),
    { numRuns: 15 },
  );
});

test('log time is the clock plus the conversation, and goes on from the last when the clock falls', async () => {
  const { room, people } = await group(1);
  const [a] = people as [never];
  const future = Date.now() + 86_400_000;
  await setClock(room, future);
  const first = await room.post(a, 'tomorrow');
  expect(first.at).toBe(future * 1000 + (room.number % 1000));
  await setClock(room, Date.now());
  const second = await room.post(a, 'today');
  expect(second.at).toBe(first.at + 1);
  await room.evict();
  expect((await room.post(a, 'again')).at).toBe(first.at + 2);
});

describe('entries', () => {
  const kindsOf = async (room: Room, since: number) => {
    const replay = await room.stub.replay(room.as(null), since, null);
    if (!replay.ok || 'resync' in replay.value) throw new Error('no replay');
    return replay.value.events.map((event) => JSON.parse(event));
  };

  test('of every kind say what happened, who did it, and are the same after an eviction', async () => {
    const { room, people } = await group(2);
    const [a, b] = people as [(typeof people)[0], (typeof people)[0]];
    const { seq } = await room.post(a, draft('first', { title: 'T', metadata: { k: 1 }, extras: { e: 2 } }));
    await room.post(b, draft('reply', { replyTo: seq, clientId: 'u-1' }));
    await room.edit(a, seq, 'edited');
    await room.remove(b, seq + 1);
    await room.leave(b, b);
    await room.join(a, [b], draft('come back'));
    await room.update({ title: 'New', locked: false });
    await room.update({ state: 'closed' });
    await room.post(a, 'reopens');
    await room.remove(null, 'all');
    const events = await kindsOf(room, 0);
    const by = (person: { user: number }) => expect.objectContaining({ id: String(person.user) });
    expect(events).toMatchObject([
      { seq: 1, kind: 'join', users: [by(a), by(b)] },
      { seq: 2, kind: 'message', deleted: true, text: '', author: by(a) },
      { seq: 3, kind: 'message', deleted: true, text: '', clientId: 'u-1', author: by(b) },
      { seq: 4, kind: 'edit', target: 2, author: by(a) },
      { seq: 5, kind: 'delete', target: 3, author: by(b) },
      { seq: 6, kind: 'leave', users: [by(b)] },
      { seq: 7, kind: 'join', users: [by(b)], author: by(a) },
      { seq: 8, kind: 'message', deleted: true },
      { seq: 9, kind: 'update', changes: { title: 'New' }, author: null },
      { seq: 10, kind: 'update', changes: { state: 'closed' } },
      { seq: 11, kind: 'update', changes: { state: 'open' }, author: by(a) },
      { seq: 12, kind: 'message', deleted: true },
      { seq: 13, kind: 'delete', target: 12, through: true, author: null },
    ]);
    expect(JSON.stringify(events)).not.toMatch(/first|edited|reply|come back|reopens/);
    await room.evict();
    expect(await kindsOf(room, 0)).toEqual(events);
  });

  test('that change nothing are not written', async () => {
    const { room, people } = await group(1);
    const [a] = people as [never];
    const { seq } = await room.post(a, 'one');
    await room.remove(a, seq);
    const before = await room.rows();
    await room.remove(a, seq);
    await room.join(null, people);
    await room.update({ state: 'open', title: null });
    expect(await room.rows()).toEqual(before);
  });

  test('an edit keeps what it does not name, and a deletion keeps the place and nothing else', async () => {
    const { room, people } = await group(1);
    const [a] = people as [never];
    const said = draft('one', { payload: { p: 1 }, metadata: { m: 1 }, title: 'T', clientId: 'c' });
    const { seq, id } = await room.post(a, said);
    await room.edit(a, seq, 'two');
    const [edited] = (await room.pageByOrdinal(a, 1, 1)).messages;
    expect(edited?.message).toMatchObject({ ...said, text: 'two', editedAt: expect.any(Number) });
    await room.remove(a, seq);
    const [deleted] = (await room.pageByOrdinal(a, 1, 1)).messages;
    expect(deleted).toMatchObject({ seq, id, n: 1 });
    expect(deleted?.message).toEqual({
      door: 'tapatalk',
      type: 'text',
      text: '',
      markup: 'plain',
      deleted: true,
      clientId: 'c',
    });
  });
});
