// Coming and going: all or nothing, for ever or until invited, and the same in the directory.
import { describe, expect, test } from 'vitest';
import type { Person } from '../../src/conversation/core.ts';
import { draft, group, makeApp, makePeople, makePerson, openRoom, position, type Room } from './harness.ts';

const standings = async (room: Room) =>
  Object.fromEntries((await room.view(null)).members.map((m) => [m.user, m.standing]));
const tryJoin = (room: Room, by: Person | null, people: Person[], reason: string | null = null) =>
  room.stub.join(room.as(by), people, reason === null ? null : draft(reason), { waitMs: 5_000 });
const tryLeave = (room: Room, by: Person | null, person: Person, mode: 'leave' | 'bar' | 'remove') =>
  room.stub.leave(room.as(by), person.user, mode, { waitMs: 5_000 });

test('several join together or not at all, with one entry and the reason as the next message', async () => {
  const { room, people } = await group(2);
  const [a, b] = people as [Person, Person];
  const [c, d] = (await makePeople(room.app, 2)) as [Person, Person];
  await room.leave(b, b, 'bar');
  const before = await room.rows();
  expect(await tryJoin(room, a, [c, b, d], 'welcome')).toMatchObject({
    refusal: {
      code: 'forbidden',
      message: `${b.card.name} has left this conversation and cannot be invited again.`,
    },
  });
  expect(await room.rows()).toEqual(before);
  expect(await standings(room)).toEqual({ [a.user]: 'active', [b.user]: 'barred' });
  await room.join(a, [c, a, d], draft('welcome'));
  expect((await room.rows()).slice(before.length)).toMatchObject([
    { kind: 3, body: JSON.stringify({ users: [c.user, d.user] }) },
    { kind: 0, author: a.user },
  ]);
});

test('a refused reason keeps everybody out', async () => {
  const { room, people } = await group(1);
  const [c] = (await makePeople(room.app, 1)) as [Person];
  await room.update({ locked: true });
  expect(await tryJoin(room, people[0] as Person, [c], 'welcome')).toMatchObject({
    refusal: { code: 'locked' },
  });
  expect(await standings(room)).toEqual({ [(people[0] as Person).user]: 'active' });
});

describe('whoever', () => {
  test('leaves is out at once, here and in the directory, and may be invited again', async () => {
    const { room, people } = await group(2);
    const [a, b] = people as [Person, Person];
    await room.leave(b, b);
    expect(await room.tryPost(b, 'still here?')).toMatchObject({ refusal: { code: 'not_found' } });
    expect(await room.stub.view(room.as(b))).toMatchObject({ refusal: { code: 'not_found' } });
    expect(await position(room, b.user)).toMatchObject({ standing: 'left' });
    expect(await tryLeave(room, null, b, 'leave')).toMatchObject({
      refusal: { code: 'not_found', subject: 'member' },
    });
    await room.join(a, [b]);
    expect(await position(room, b.user)).toMatchObject({ standing: 'active', invited_by: a.user });
    expect((await room.tryPost(b, 'back')).ok).toBe(true);
  });

  test('leaves for ever comes back by themselves or by the app alone, also after an eviction', async () => {
    const { room, people } = await group(3);
    const [a, b, c] = people as [Person, Person, Person];
    await room.leave(b, b, 'bar');
    await room.leave(c, c, 'bar');
    await room.evict();
    expect(await position(room, b.user)).toMatchObject({ standing: 'barred' });
    expect(await tryJoin(room, a, [b])).toMatchObject({ refusal: { code: 'forbidden' } });
    await room.join(b, [b]);
    await room.join(null, [c]);
    expect(await standings(room)).toEqual({ [a.user]: 'active', [b.user]: 'active', [c.user]: 'active' });
    expect(await position(room, b.user)).toMatchObject({ standing: 'active', removed_by: null });
  });

  test('is taken out is taken out by the app, or by the team in support: never by another member', async () => {
    const { room, people } = await group(2);
    const [a, b] = people as [Person, Person];
    expect(await tryLeave(room, a, b, 'remove')).toMatchObject({ refusal: { code: 'forbidden' } });
    expect(await tryLeave(room, a, b, 'leave')).toMatchObject({ refusal: { code: 'forbidden' } });
    expect(await tryLeave(room, null, b, 'remove')).toMatchObject({ ok: true });
    expect(await standings(room)).toMatchObject({ [b.user]: 'left' });
    const agent = await makePerson(room.app, 'agent');
    const support = await openRoom(room.app, { kind: 'support', people: [a] });
    const byTeam = await support.stub.leave(support.as(agent, 'team'), a.user, 'remove', { waitMs: 5_000 });
    expect(byTeam).toMatchObject({ ok: true });
    expect(await position(support, a.user)).toMatchObject({ standing: 'left', removed_by: agent.user });
    expect(await tryJoin(support, a, [a])).toMatchObject({ refusal: { code: 'not_found' } });
  });
});

test('nobody joins a conversation of two, and nobody is removed from it', async () => {
  const app = await makeApp();
  const people = await makePeople(app, 3);
  const [a, b, c] = people as [Person, Person, Person];
  const room = await openRoom(app, { kind: 'direct', people: [a, b] });
  for (const by of [a, null]) {
    expect(await tryJoin(room, by, [c])).toMatchObject({ refusal: { code: 'forbidden' } });
    expect(await tryLeave(room, by, b, 'remove')).toMatchObject({ refusal: { code: 'forbidden' } });
  }
  expect(await standings(room)).toEqual({ [a.user]: 'active', [b.user]: 'active' });
});

test('the team answers a support conversation without an invitation: the first answer makes a member', async () => {
  const app = await makeApp();
  const [customer] = (await makePeople(app, 1)) as [Person];
  const agent = await makePerson(app, 'agent');
  const room = await openRoom(app, { kind: 'support', people: [customer], first: draft('help') });
  const actor = room.as(agent, 'team');
  expect(await room.stub.view(actor)).toMatchObject({ ok: true, value: { me: null } });
  expect(await standings(room)).toEqual({ [customer.user]: 'active' });
  expect((await room.stub.post(actor, draft('hello'), { author: null, waitMs: 5_000 })).ok).toBe(true);
  expect(await standings(room)).toEqual({ [customer.user]: 'active', [agent.user]: 'active' });
  expect((await room.rows()).map((row) => row.kind)).toEqual([3, 0, 3, 0]);
  const other = await openRoom(app, { people: [customer] });
  expect(await other.stub.view(other.as(agent, 'team'))).toMatchObject({ refusal: { code: 'not_found' } });
});
