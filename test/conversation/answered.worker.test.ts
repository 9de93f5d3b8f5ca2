// What a customer's conversation is to somebody of the team who is not in it: new until somebody answers, the same in the list
// as in the conversation, and nothing of it is theirs alone but that they put it away.

import { describe, expect, test } from 'vitest';
import type { Person } from '../../src/conversation/core.ts';
import { listWithTeam } from '../../src/directory/team-lists.ts';
import { NOBODY_THERE } from '../../src/domain/answers.ts';
import { type Result, unwrap } from '../../src/domain/errors.ts';
import { fc } from '../fuzz/made-up.ts';
import { d1, draft, makeApp, makePerson, openRoom, type Room } from './harness.ts';

const WAIT = { waitMs: 10_000 };
const UNASKED = 'Nobody is here.';

interface Scene {
  room: Room;
  customer: Person;
  agent: Person;
  voice: Person;
  ghost: Person;
  /** Of the team, and in nothing. */
  watcher: Person;
}

async function scene(): Promise<Scene> {
  const app = await makeApp();
  const roles = ['visitor', 'agent', 'business', 'ghost', 'admin'] as const;
  const [customer, agent, voice, ghost, watcher] = (await Promise.all(
    roles.map((role) => makePerson(app, role)),
  )) as [Person, Person, Person, Person, Person];
  const room = await openRoom(app, { kind: 'support', people: [customer, ghost] });
  return { room, customer, agent, voice, ghost, watcher };
}

/** As their list has it. */
async function listed({ room, watcher }: Scene) {
  expect(await room.indexed()).toBe(true);
  const { total, rows } = await listWithTeam(d1, room.app, watcher.user, { start: 0, count: 5 }, UNASKED);
  return { total, unread: rows[0]?.unread, readSeq: rows[0]?.readSeq, member: rows[0]?.member };
}

const view = async ({ room, watcher }: Scene) => unwrap(await room.stub.view(room.as(watcher, 'team')));
const mark = ({ room, watcher }: Scene, kind: 'hide' | 'unread' | 'read'): Promise<Result<null>> =>
  room.stub.mark(
    room.as(watcher, 'team'),
    kind === 'read' ? { kind, upTo: null, user: null } : kind === 'unread' ? { kind, from: null } : { kind },
    WAIT,
  );

/** What happens, by who does it. */
const ACTS: ((scene: Scene, i: number) => Promise<unknown>)[] = [
  ({ room, customer }, i) => room.post(customer, `question ${i}`, 0),
  ({ room, agent }, i) =>
    room.stub.post(room.as(agent, 'team'), draft(`answer ${i}`), { author: null, waitMs: 0 }),
  ({ room, voice }, i) => room.stub.post(room.as(null), draft(`business ${i}`), { author: voice, waitMs: 0 }),
  ({ room, voice }, i) =>
    room.stub.post(room.as(null), draft(UNASKED, { clientId: `${NOBODY_THERE}${i}` }), {
      author: voice,
      waitMs: 0,
    }),
  ({ room, ghost }, i) => room.post(ghost, `from elsewhere ${i}`, 0),
  async (it) => unwrap(await mark(it, 'read')),
  async ({ room }) => {
    const { lastMessage } = await room.view(null);
    if (lastMessage) await room.remove(null, lastMessage.seq, 0);
  },
];

test('the list and the conversation agree on what is new, whatever was said', async () => {
  await fc.assert(
    fc.asyncProperty(fc.array(fc.nat(ACTS.length - 1), { minLength: 1, maxLength: 12 }), async (acts) => {
      const it = await scene();
      await it.room.post(it.customer, 'Hello', 0);
      for (const [i, act] of acts.entries()) {
        const done = await (ACTS[act] as (typeof ACTS)[number])(it, i);
        expect(done).not.toMatchObject({ ok: false });
      }
      const { unread, readSeq, me } = await view(it);
      expect(me?.standing ?? 'outside').toBe('outside');
      expect(await listed(it)).toEqual({ total: 1, unread, readSeq, member: false });
    }),
    { numRuns: 15, examples: [[[3]], [[3, 0]], [[3, 6]], [[1, 3, 6]], [[3, 6, 6]]] },
  );
});

describe('to who is not in it', () => {
  test('reading and marking leave it new; once it was answered it cannot be marked so', async () => {
    const it = await scene();
    await it.room.post(it.customer, 'Hello', 0);
    for (const kind of ['read', 'unread'] as const) {
      expect((await mark(it, kind)).ok).toBe(true);
      expect(await listed(it)).toMatchObject({ unread: 1, readSeq: 0 });
    }
    const page = await it.room.stub.pageByOrdinal(it.room.as(it.watcher, 'team'), 1, 5, {
      markRead: true,
      ...WAIT,
    });
    expect(unwrap(page)).toMatchObject({ readSeqBefore: 0, view: { unread: 1 } });
    await ACTS[1]?.(it, 1);
    expect(await listed(it)).toMatchObject({ unread: 0 });
    expect(await mark(it, 'unread')).toMatchObject({ refusal: { code: 'forbidden' } });
  });

  test('it is away until the next message, and nothing else is theirs to do with it', async () => {
    const it = await scene();
    const { room, watcher } = it;
    const { id } = await room.post(it.customer, 'Hello', 0);
    const as = room.as(watcher, 'team');
    expect(await room.stub.leave(as, watcher.user, 'bar', WAIT)).toMatchObject({
      refusal: { code: 'forbidden' },
    });
    expect(await room.stub.mark(as, { kind: 'conceal', message: id, box: null }, WAIT)).toMatchObject({
      refusal: { code: 'forbidden' },
    });
    const box = unwrap(await room.stub.box(as, { box: 'inbox', before: null, limit: 5 }));
    expect(box).toMatchObject({ messages: [{ id }], lastOwn: 0, view: { me: null } });
    unwrap(await mark(it, 'hide'));
    expect(await listed(it)).toMatchObject({ total: 0 });
    await room.post(it.customer, 'Anybody?', 0);
    expect(await listed(it)).toMatchObject({ total: 1, unread: 2 });
    // A plain member has no such place.
    const plain = await makePerson(room.app);
    for (const answer of [
      await room.stub.box(room.as(plain), { box: 'inbox', before: null, limit: 5 }),
      await room.stub.mark(room.as(plain), { kind: 'hide' }, WAIT),
      await room.stub.mark(room.as(plain), { kind: 'unread', from: null }, WAIT),
    ])
      expect(answer).toMatchObject({ refusal: { code: 'not_found' } });
  });
});
