// Boxes over many conversations: in the order of time wherever a page begins, as far as a box goes back, and which
// conversations are asked for a page.

import { beforeAll, describe, expect, test } from 'vitest';
import type { Person } from '../../src/conversation/core.ts';
import { userNumber } from '../../src/domain/ids.ts';
import { appByNumber, userCaller } from '../../src/hub/apps.ts';
import { BOX_CONVERSATIONS, boxCounts, boxPage } from '../../src/hub/boxes.ts';
import { type Caller, type Hub, hubOf } from '../../src/hub/context.ts';
import { userByNumber } from '../../src/hub/people.ts';
import { bindings, makeApp, makePeople, openRoom, type Room } from '../conversation/harness.ts';
import { fc } from '../fuzz/made-up.ts';

const hub = hubOf(bindings, 'http://hub.test', () => {});

async function callerOf(room: Room, person: Person): Promise<Caller> {
  const app = await appByNumber(hub, room.app);
  return userCaller(app, await userByNumber(hub, app, userNumber(person.user)), 'tapatalk');
}

/** The same hub, which counts the calls that boxes make to conversations. */
function counted(): { hub: Hub; calls: () => number } {
  let calls = 0;
  const { CONVERSATION } = bindings;
  const counting = {
    getByName: (name: string) => {
      const stub = CONVERSATION.getByName(name) as unknown as { box(...args: unknown[]): unknown };
      return {
        box: (...args: unknown[]) => {
          calls += 1;
          return stub.box(...args);
        },
      };
    },
  };
  const env = { ...bindings, CONVERSATION: counting } as unknown as typeof bindings;
  return { hub: { ...hub, env }, calls: () => calls };
}

test('any page of any box is that part of all messages by time', async () => {
  const post = fc.tuple(fc.nat(4), fc.nat(1));
  await fc.assert(
    fc.asyncProperty(
      fc.array(post, { minLength: 5, maxLength: 40 }),
      fc.nat(12),
      fc.nat(12),
      async (posts, start, count) => {
        const app = await makeApp();
        const people = (await makePeople(app, 2)) as [Person, Person];
        const rooms = await Promise.all(Array.from({ length: 5 }, () => openRoom(app, { people })));
        const said: { id: number; author: number; at: number }[] = [];
        for (const [room, by] of posts) {
          const person = people[by] as Person;
          const { id, at } = await (rooms[room] as Room).post(person, 'm', 0);
          said.push({ id, author: person.user, at });
        }
        // Within a millisecond the log times of two conversations are in the order of their numbers.
        said.sort((a, b) => b.at - a.at);
        for (const room of rooms) expect(await room.indexed()).toBe(true);
        const [me] = people;
        const caller = await callerOf(rooms[0] as Room, me);
        const inbox = said.filter(({ author }) => author !== me.user).map(({ id }) => id);
        const sent = said.filter(({ author }) => author === me.user).map(({ id }) => id);
        for (const [box, ids] of [
          ['inbox', inbox],
          ['sent', sent],
        ] as const) {
          const page = await boxPage(hub, caller, box, { start, count });
          expect(page.total).toBe(ids.length);
          expect(page.messages.map(({ entry }) => entry.id)).toEqual(ids.slice(start, start + count));
        }
        const counts = await boxCounts(hub, caller);
        expect(counts).toMatchObject({ inbox: inbox.length, sent: sent.length });
        const unread = await boxPage(hub, caller, 'unread', { start: 0, count: 50 });
        expect(unread.messages).toHaveLength(counts.unread);
        expect(unread.total).toBe(counts.unread);
      },
    ),
    { numRuns: 12 },
  );
});

test('more conversations than are asked at once, each longer than one asking, are merged at every depth', async () => {
  const app = await makeApp();
  const people = (await makePeople(app, 2)) as [Person, Person];
  const rooms = await Promise.all(Array.from({ length: 12 }, () => openRoom(app, { people })));
  const said: { id: number; at: number }[] = [];
  for (let turn = 0; turn < 12; turn++) {
    for (const room of rooms) said.push(await room.post(people[1], `${turn}`, 0));
  }
  const ids = said.sort((a, b) => b.at - a.at).map(({ id }) => id);
  for (const room of rooms) expect(await room.indexed()).toBe(true);
  const caller = await callerOf(rooms[0] as Room, people[0]);
  for (const [start, count] of [
    [0, 1],
    [0, 10],
    [7, 20],
    [60, 20],
    [130, 50],
    [0, 144],
  ] as const) {
    const { messages } = await boxPage(hub, caller, 'inbox', { start, count });
    expect(messages.map(({ entry }) => entry.id)).toEqual(ids.slice(start, start + count));
  }
});

describe('a person in very many conversations', () => {
  let rooms: Room[];
  let me: Person;
  let caller: Caller;

  beforeAll(async () => {
    const app = await makeApp();
    const people = (await makePeople(app, 2)) as [Person, Person];
    me = people[0];
    rooms = [];
    for (let i = 0; i < BOX_CONVERSATIONS + 20; i++) {
      const room = await openRoom(app, { people });
      rooms.push(room);
      await room.post(people[1], `${i}`, 0);
    }
    for (const room of rooms) expect(await room.indexed()).toBe(true);
    caller = await callerOf(rooms[0] as Room, me);
  });

  test('finds the newest of them, and no more than a box holds', async () => {
    const { messages, total, unread } = await boxPage(hub, caller, 'inbox', { start: 95, count: 20 });
    expect([total, unread]).toEqual([BOX_CONVERSATIONS, BOX_CONVERSATIONS]);
    expect(messages.map(({ entry }) => entry.message.text)).toEqual(['24', '23', '22', '21', '20']);
  });

  test('has as many conversations asked for the first page as it shows, and a few', async () => {
    const { hub: watched, calls } = counted();
    const { messages } = await boxPage(watched, caller, 'inbox', { start: 0, count: 20 });
    expect(messages).toHaveLength(20);
    expect(calls()).toBeLessThanOrEqual(24 + 8);
    const before = calls();
    await boxPage(watched, caller, 'inbox', { start: 0, count: 0 });
    await boxPage(watched, caller, 'sent', { start: 0, count: 20 });
    await boxPage(watched, caller, 'inbox', { start: 500, count: 20 });
    expect(calls()).toBe(before);
  });

  test('who left one of them sees nothing of it at once, whatever the directory says', async () => {
    const newest = rooms.at(-1) as Room;
    await newest.inside(({ core }) => {
      const member = core?.roster.get(me.user);
      if (core && member) core.roster.members.set(me.user, { ...member, standing: 'left' });
    });
    const { messages } = await boxPage(hub, caller, 'inbox', { start: 0, count: 1 });
    expect(messages[0]?.view.facts.number).toBe((rooms.at(-2) as Room).number);
  });
});
