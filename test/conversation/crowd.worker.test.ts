// What a conversation of 10,000 people costs: to open, to post in, to look at, to list, to wake. Rows and bytes.
import { beforeAll, describe, expect, test } from 'vitest';
import type { Person } from '../../src/conversation/core.ts';
import { VIEW_PEOPLE } from '../../src/conversation/people.ts';
import { listByTime } from '../../src/directory/lists.ts';
import { findUsers } from '../../src/directory/people.ts';
import type { Delivery } from '../../src/domain/delivery.ts';
import type { AppNumber, UserNumber } from '../../src/domain/ids.ts';
import {
  allot,
  d1,
  draft,
  makeApp,
  makePeople,
  makePerson,
  openRoom,
  type Room,
  summary,
} from './harness.ts';
import { indexInto, meteredD1, meterRoom } from './meter.ts';

const CROWD = 10_000;

/** So many people, made by one statement. */
async function makeCrowd(app: AppNumber, count: number): Promise<Person[]> {
  const { results } = await d1
    .prepare(
      `WITH RECURSIVE up(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM up WHERE i < ?2)
       INSERT INTO user (app, external_id, username, username_key, name, name_key, role, metadata, profile, blocked,
         token_version, created_at)
       SELECT ?1, 'crowd-' || i || '@example.org', 'crowd' || i, 'crowd' || i, 'Person ' || i, 'person ' || i, 'member', '{}',
         '{}', '[]', 1, 1 FROM up RETURNING number, external_id, username, name`,
    )
    .bind(app, count)
    .all<{ number: UserNumber; external_id: string; username: string; name: string }>();
  return results.map(({ number: user, external_id: externalId, username, name }) => ({
    user,
    card: { externalId, username, name, avatar: null, role: 'member' },
  }));
}

const bytes = (value: unknown): number => JSON.stringify(value).length;

describe('a conversation of 10,000', () => {
  let room: Room;
  let crowd: Person[];
  let opening: { object: number; d1Written: number };

  beforeAll(async () => {
    const app = await makeApp();
    crowd = await makeCrowd(app, CROWD);
    room = await allot(app, { people: crowd });
    const { db, meter } = meteredD1();
    await indexInto(db);
    // One that rang before the directory has all of them would be set again.
    await room.byHand();
    const counted = await meterRoom(room);
    await room.open(crowd, null, 0);
    for (let told = false; !told; ) told = await room.indexed();
    await indexInto(undefined);
    opening = { object: counted.written, d1Written: meter.written };
  });

  const [first, second] = [() => crowd[0] as Person, () => crowd[1] as Person];

  test('costs a row for each of them to open, and three in D1: their place, its index, their count', () => {
    // Beside them: the join and its place among events, three facts, the tables with their versions, and the alarm.
    expect(opening.object - CROWD).toBeLessThanOrEqual(14);
    // Beside them: the join in the archive and the summary.
    expect(opening.d1Written - 3 * CROWD).toBeLessThanOrEqual(10);
  });

  test('costs a post what it costs among two', async () => {
    const { db, meter } = meteredD1();
    await indexInto(db);
    const counted = await meterRoom(room);
    await room.post(first(), 'hello everybody');
    await indexInto(undefined);
    expect(counted.written).toBe(1);
    expect(meter.written).toBeLessThanOrEqual(4);
    expect(meter.read).toBeLessThanOrEqual(12);
  });

  test('is seen as some 200 of them, and whom the call is about', async () => {
    const meter = await meterRoom(room);
    const view = await room.view(null);
    expect(meter.read).toBeLessThanOrEqual(2);
    expect(view.members).toHaveLength(VIEW_PEOPLE);
    expect(view.memberCount).toBe(CROWD);
    expect(bytes(view)).toBeLessThan(100_000);
    expect(Object.keys(view.unreadByUser ?? {})).toHaveLength(VIEW_PEOPLE);
    const last = crowd.at(-1) as Person;
    expect((await room.view(last)).members.map(({ user }) => user)).toContain(last.user);
    const agent = await makePerson(room.app, 'agent');
    const joined = await room.join(null, [agent]);
    expect(joined.members.map(({ user }) => user)).toContain(agent.user);
    // Who answers for the app is always among them.
    expect((await room.view(second())).members.map(({ user }) => user)).toContain(agent.user);
    await room.leave(null, agent, 'remove');
  });

  test('is seen whole page by page, both ways', async () => {
    const pageOf = async (window: { after?: UserNumber; before?: UserNumber }) => {
      const page = await room.stub.people(room.as(null), { ...window, limit: 5_000, activeOnly: true });
      if (!page.ok) throw new Error(page.refusal.message);
      expect(bytes(page.value)).toBeLessThan(500_000);
      expect(Object.keys(page.value.unreadByUser ?? {})).toHaveLength(page.value.members.length);
      return { users: page.value.members.map(({ user }) => user), hasMore: page.value.hasMore };
    };
    const all = crowd.map(({ user }) => user).sort((a, b) => a - b);
    const [up, down]: [UserNumber[], UserNumber[]] = [[], []];
    for (let more = true; more; ) {
      const page = await pageOf({ after: up.at(-1) ?? (0 as UserNumber) });
      up.push(...page.users);
      more = page.hasMore;
    }
    for (let more = true; more; ) {
      const page = await pageOf({ before: down[0] ?? ((2 ** 40) as UserNumber) });
      down.unshift(...page.users);
      more = page.hasMore;
    }
    expect(up).toEqual(all);
    expect(down).toEqual(all);
  });

  test('is a row of some kilobytes in lists', async () => {
    const { db, meter } = meteredD1();
    const { rows } = await listByTime(db, room.app, second().user, 0, 20);
    expect(rows[0]).toMatchObject({ memberCount: CROWD, unread: 1 });
    expect(meter.read).toBeLessThanOrEqual(3 + 1);
    expect(rows[0]?.people).toHaveLength(100);
    expect(bytes((await summary(room)).people)).toBeLessThan(20_000);
  });

  test('is woken by reading each of them once', async () => {
    await room.evict();
    const read = await room.inside((_, { storage }) => {
      const cursor = storage.sql.exec('SELECT * FROM member');
      cursor.toArray();
      return cursor.rowsRead;
    });
    expect(read).toBeLessThanOrEqual(CROWD + 1);
    expect((await room.view(first())).unread).toBe(0);
  });

  test('sends each Inbox the numbers of its people with a message, and no more of them', async () => {
    const sent: Delivery[] = [];
    await room.inside(async (object) => {
      const { fanout } = object.core as unknown as { fanout: { port: { deliver: unknown } } };
      fanout.port.deliver = async (_: number, delivery: Delivery) => void sent.push(delivery);
    });
    await room.post(first(), 'once more');
    await expect.poll(() => sent.length).toBe(1);
    expect(bytes(sent[0])).toBeLessThan(8 * CROWD + 1_000);
    await room.evict();
  });
});

test('people are looked up a thousand at a time, four rows each', async () => {
  const app = await makeApp();
  const crowd = await makeCrowd(app, 2_500);
  const { db, meter } = meteredD1();
  const found = await findUsers(
    db,
    app,
    crowd.map(({ user }) => user),
  );
  expect(found).toHaveLength(2_500);
  expect(meter.statements).toHaveLength(3);
  expect(meter.read).toBeLessThanOrEqual(4 * 2_500 + 3);
});

test('the participant of a support conversation is its customer; of a group everybody who is in it', async () => {
  const app = await makeApp();
  const [customer, gone] = (await makePeople(app, 2)) as [Person, Person];
  const agent = await makePerson(app, 'agent');
  const shown = async (kind: 'support' | 'group') => {
    const room = await openRoom(app, { people: [customer, agent, gone], kind, first: draft('hi') });
    await room.leave(null, gone, 'remove');
    const page = await room.stub.people(room.as(null), { limit: 10, activeOnly: true, withoutTeam: true });
    return page.ok ? page.value.members.map(({ user }) => user) : page.refusal;
  };
  expect(await shown('support')).toEqual([customer.user]);
  expect(await shown('group')).toEqual([customer.user, agent.user]);
});
