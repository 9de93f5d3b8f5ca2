// Messages from elsewhere, put into a conversation that is there: with their own times, once whatever happens, told to the
// directory and to nobody else; and while they are, nobody else writes.
import { expect, test } from 'vitest';
import type { TakenMessage, TakingStep } from '../../src/conversation/api.ts';
import type { Person } from '../../src/conversation/core.ts';
import { LET_GO } from '../../src/conversation/evictor.ts';
import { unwrap } from '../../src/domain/errors.ts';
import { appByNumber } from '../../src/hub/apps.ts';
import { hubOf } from '../../src/hub/context.ts';
import { restoreConversation } from '../../src/hub/maintenance.ts';
import { expectSame } from '../directory/compare.ts';
import { bindings, draft, group, makePerson, position, type Room, summary } from './harness.ts';

const T = Date.UTC(2017, 4, 11);
const JOB = 'job';

const take = async (room: Room, step: TakingStep) =>
  unwrap(await room.stub.take(room.app, step, { waitMs: 10_000 }));
const reserve = (room: Room, ids: string[] = [], parents: string[] = [], job = JOB) => {
  const named = (id: string) => ({ id, number: null });
  return take(room, { step: 'reserve', job, ids: ids.map(named), parents: parents.map(named) });
};
const add = (room: Room, messages: TakenMessage[]) => take(room, { step: 'add', job: JOB, messages });
/** The object lets go of its memory after that: what comes in just then was never begun. */
async function release(room: Room, settle = true, job = JOB): Promise<void> {
  // One stub for both: a later one would meet the object that came after, if it is let go at once.
  const { stub } = room;
  unwrap(await stub.take(room.app, { step: 'release', job, settle }, { waitMs: 10_000 }));
  const answer = () =>
    stub.lag().then(
      () => 'it stays in memory',
      (error: unknown) => String(error),
    );
  await expect.poll(answer, { interval: 1 }).toContain(LET_GO);
}
const said = (author: Person, clientId: string, at: number, parent: string | null = null): TakenMessage => ({
  author,
  at,
  clientId,
  draft: draft(`says ${clientId}`),
  parent: parent === null ? null : { id: parent, number: null },
});
const codeOf = (error: { refusal?: { code: string } }) => error.refusal?.code;

test('they have their own times, in order, and are read', async () => {
  const { room, people } = await group(2);
  const [ann, ben] = people as [Person, Person];
  const stranger = await makePerson(room.app);
  expect(await reserve(room, ['a', 'b'], ['none'])).toEqual({ taken: [], said: {}, lastAt: null });
  await add(room, [said(ann, 'a', T), said(ben, 'b', T, 'a'), said(stranger, 'c', T + 1_000)]);
  await room.evict();
  await add(room, [said(stranger, 'c', T + 1_000), said(ann, 'd', T + 2_000)]);
  await release(room);
  const { messages } = await room.pageBySeq(ann, { limit: 10 });
  expect(messages.map(({ at, message }) => [Math.floor(at / 1_000), message.text])).toEqual([
    [T, 'says a'],
    [T, 'says b'],
    [T + 1_000, 'says c'],
    [T + 2_000, 'says d'],
  ]);
  expect(messages[1]?.message.replyTo).toBe(messages[0]?.seq);
  const rows = await room.rows();
  for (const [i, { at, seq }] of rows.entries()) {
    expect(seq).toBe(i + 1);
    expect(at).toBeGreaterThan(rows[i - 1]?.at ?? 0);
  }
  expect([await room.unread(ann), await room.unread(ben)]).toEqual([0, 0]);
  expect((await summary(room)).last_at).toBe(T + 2_000);
  expect((await position(room, ben.user))?.read_n).toBe(4);
  await expectSame(room);
});

test('nobody hears of them, and everybody of what is said after', async () => {
  const { room, people } = await group(2);
  const heard: number[] = [];
  const listen = () =>
    room.inside(({ core }) => {
      if (!core) return;
      const port = (
        core.fanout as unknown as {
          port: { deliver: (shelf: number, of: { from: number }) => Promise<void> };
        }
      ).port;
      port.deliver = async (_, { from }) => void heard.push(from);
    });
  const [ann] = people as [Person, Person];
  await listen();
  await reserve(room);
  await add(room, [said(ann, 'a', T), said(ann, 'b', T)]);
  await room.join(ann, [await makePerson(room.app)]);
  expect(heard).toEqual([4]);
  await release(room);
  await listen();
  await room.post(ann, 'new');
  expect(heard).toEqual([4, 5]);
});

test('meanwhile nobody posts; people who come in then came before them by the clock of the log', async () => {
  const { room, people } = await group(2);
  const [ann, ben] = people as [Person, Person];
  await reserve(room);
  const refused = await room.tryPost(ann, 'now');
  expect(refused).toMatchObject({ ok: false, refusal: { code: 'unavailable', retryAfterMs: 2_000 } });
  await add(room, [said(ann, 'a', T)]);
  const late = await makePerson(room.app);
  await room.join(ann, [late]);
  await room.evict();
  expect(await room.tryPost(ben, 'now')).toMatchObject({ ok: false });
  await add(room, [said(ann, 'b', T + 5_000)]);
  await release(room);
  await room.post(late, 'now');
  const rows = await room.rows();
  expect(rows.map(({ at }) => at)).toEqual([...rows.map(({ at }) => at)].sort((a, b) => a - b));
  expect(rows.filter(({ kind }) => kind === 0).map(({ at }) => at < T * 1_000 + 10_000_000)).toEqual([
    true,
    true,
    false,
  ]);
  await expectSame(room);
});

test('they survive a restore from the archive', async () => {
  const { room, people } = await group(2);
  const [ann] = people as [Person, Person];
  await reserve(room);
  await add(room, [said(ann, 'a', T), said(ann, 'b', T + 1)]);
  await release(room);
  const before = (await room.rows()).map(({ seq, at, kind, client_id }) => ({ seq, at, kind, client_id }));
  const hub = hubOf(bindings, 'http://hub.test', () => {});
  await restoreConversation(hub, await appByNumber(hub, room.app), room.number);
  const after = (await room.rows()).map(({ seq, at, kind, client_id }) => ({ seq, at, kind, client_id }));
  expect(after).toEqual(before);
});

test('where people have written, and where another is at it, nothing is taken', async () => {
  const { room, people } = await group(2);
  const [ann] = people as [Person, Person];
  await reserve(room);
  await expect(reserve(room, [], [], 'another')).rejects.toSatisfy(
    (error) => codeOf(error as never) === 'conflict',
  );
  await release(room, true, 'another');
  expect(await room.tryPost(ann, 'now')).toMatchObject({ ok: false });
  await release(room, false);
  await expect(add(room, [said(ann, 'a', T)])).rejects.toSatisfy(
    (error) => codeOf(error as never) === 'conflict',
  );
  await room.post(ann, 'live');
  await expect(reserve(room)).rejects.toSatisfy((error) => codeOf(error as never) === 'conflict');
});

test('another file goes on where one ended, and is told what is there', async () => {
  const { room, people } = await group(2);
  const [ann] = people as [Person, Person];
  await reserve(room);
  await add(room, [said(ann, 'a', T)]);
  await release(room);
  expect(await reserve(room, ['a', 'b'], ['a', 'x'])).toEqual({ taken: ['a'], said: { a: T }, lastAt: T });
  await add(room, [said(ann, 'b', T, 'a')]);
  await release(room);
  expect((await room.pageBySeq(ann, { limit: 5 })).messages).toHaveLength(2);
});

test('a client that posts again what was brought along finds it', async () => {
  const { room, people } = await group(2);
  const [ann, ben] = people as [Person, Person];
  await reserve(room);
  await add(room, [said(ann, 'a', T)]);
  await release(room);
  const again = draft('says a', { clientId: 'a' });
  expect(await room.post(ann, again)).toMatchObject({ seq: 2, duplicate: true });
  expect(await room.tryPost(ben, again)).toMatchObject({ ok: false, refusal: { code: 'conflict' } });
});
