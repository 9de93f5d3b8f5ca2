// Whose a conversation is: an entry of the log, a member, and a fact that the directory shows.
import { describe, expect, test } from 'vitest';
import type { Person } from '../../src/conversation/core.ts';
import { findApp } from '../../src/directory/apps.ts';
import { type App, hubOf } from '../../src/hub/context.ts';
import { restoreConversation } from '../../src/hub/maintenance.ts';
import { expectSame } from '../directory/compare.ts';
import {
  actorOf,
  bindings,
  d1,
  makeApp,
  makePeople,
  makePerson,
  openRoom,
  type Room,
  summary,
} from './harness.ts';

const OPTIONS = { waitMs: 10_000 };
/** As clients are told. */
async function eventsAfter(room: Room, seq: number): Promise<object[]> {
  const replay = await room.stub.replay(room.as(null), seq, null);
  return (replay as { value: { events: string[] } }).value.events.map((event) => JSON.parse(event));
}
const kinds = async (room: Room) => (await room.rows()).map(({ kind, body }) => [kind, JSON.parse(body)]);

async function support() {
  const app = await makeApp();
  const [customer] = (await makePeople(app, 1)) as [Person];
  const [agent, other] = [await makePerson(app, 'agent'), await makePerson(app, 'agent')];
  const room = await openRoom(app, { people: [customer], kind: 'support', by: actorOf(app, null) });
  const assign = (by: Person | null, to: Person | null, changes: object = {}) =>
    room.stub.update(by && by !== customer ? room.as(by, 'team') : room.as(by), changes, {
      ...OPTIONS,
      assign: to,
    });
  return { app, room, customer, agent, other, assign };
}

const refused = (code: string) => ({ ok: false, refusal: { code } });

describe('assigning', () => {
  test('brings the assignee in, says so in an entry, and shows in the directory', async () => {
    const { room, agent, assign } = await support();
    const assigned = await assign(null, agent);
    expect(assigned).toMatchObject({ ok: true, value: { facts: { assignee: agent.user }, memberCount: 2 } });
    expect((await kinds(room)).slice(1)).toEqual([
      [3, { users: [agent.user] }],
      [5, { assignee: agent.user }],
    ]);
    expect(await summary(room)).toMatchObject({ assignee: agent.user, member_count: 2 });
    expect(await eventsAfter(room, 2)).toMatchObject([
      { kind: 'assign', author: null, assignee: { id: String(agent.user), name: agent.card.name } },
    ]);
    await expectSame(room);
  });

  test('is no entry when it is so already; nobody is an assignee too', async () => {
    const { room, agent, assign } = await support();
    await assign(null, agent);
    await assign(null, agent);
    expect(await room.rows()).toHaveLength(3);
    expect(await assign(null, null)).toMatchObject({ ok: true, value: { facts: { assignee: null } } });
    await assign(null, null);
    const [event, ...rest] = await eventsAfter(room, 3);
    expect([event, rest]).toMatchObject([{ kind: 'assign', assignee: null }, []]);
    expect((await summary(room)).assignee).toBeNull();
    // Whoever had it goes on being a member.
    expect((await room.view(null)).memberCount).toBe(2);
  });

  test('is for the team and app credentials, and goes to the team', async () => {
    const { app, room, customer, agent, other, assign } = await support();
    expect(await assign(agent, agent)).toMatchObject({ ok: true });
    expect(await assign(agent, other)).toMatchObject({ ok: true });
    expect(await assign(customer, agent)).toMatchObject(refused('forbidden'));
    const [stranger] = (await makePeople(app, 1)) as [Person];
    const byStranger = room.stub.update(room.as(stranger), {}, { ...OPTIONS, assign: agent });
    expect(await byStranger).toMatchObject(refused('not_found'));
    expect(await assign(null, stranger)).toMatchObject(refused('invalid'));
    expect((await room.view(null)).facts.assignee).toBe(other.user);
  });

  test('leaves those out who left for ever, unless the app itself brings them back', async () => {
    const { room, agent, other, assign } = await support();
    await assign(null, other);
    await room.leave(other, other, 'bar');
    expect((await room.view(null)).facts.assignee).toBeNull();
    expect(await eventsAfter(room, 3)).toMatchObject([{ kind: 'leave' }, { kind: 'assign', assignee: null }]);
    expect(await assign(agent, other)).toMatchObject(refused('forbidden'));
    expect(await assign(null, other)).toMatchObject({ ok: true, value: { facts: { assignee: other.user } } });
  });

  test('in a conversation of two is refused', async () => {
    const { app, agent } = await support();
    const people = (await makePeople(app, 2)) as [Person, Person];
    const room = await openRoom(app, { people, kind: 'direct' });
    const tried = room.stub.update(room.as(null), { title: 'T' }, { ...OPTIONS, assign: agent });
    expect(await tried).toMatchObject(refused('forbidden'));
    expect((await room.view(null)).facts).toMatchObject({ assignee: null, title: null });
  });

  test('and a change of facts are both made or neither', async () => {
    const { room, customer, agent, assign } = await support();
    expect(await assign(null, customer, { title: 'T' })).toMatchObject(refused('invalid'));
    expect(await room.rows()).toHaveLength(1);
    expect(await assign(null, agent, { title: 'T' })).toMatchObject({
      ok: true,
      value: { facts: { assignee: agent.user, title: 'T' } },
    });
    expect((await kinds(room)).map(([kind]) => kind)).toEqual([3, 6, 3, 5]);
  });

  test('comes back with a restore', async () => {
    const { room, agent, assign } = await support();
    await assign(null, agent);
    const hub = hubOf(bindings, 'https://hub.example', () => undefined);
    await restoreConversation(hub, (await findApp(d1, { number: room.app })) as App, room.number);
    expect((await room.view(null)).facts.assignee).toBe(agent.user);
  });
});
