// The list of somebody of the team: what it holds beside their own, its totals, and what it may read from D1, in an app where
// 10,000 customers wait beside as many conversations of others.
import { beforeAll, describe, expect, test } from 'vitest';
import { listByTime } from '../../src/directory/lists.ts';
import { boxSourcesWithTeam, listWithTeam, type Unasked } from '../../src/directory/team-lists.ts';
import type { AppNumber, UserNumber } from '../../src/domain/ids.ts';
import { d1, makePerson } from '../conversation/harness.ts';
import { meteredD1 } from '../conversation/meter.ts';
import { type Crowd, makeCrowd, memberOf } from './crowd.ts';

const { db, meter } = meteredD1();
const MUTE: Unasked = null;

/** Every `step`-th conversation of the crowd's app is a customer's from now on, whose last message was the customer's. */
async function customers(crowd: Crowd, step: number): Promise<void> {
  await d1
    .prepare(
      `UPDATE conversation SET kind = 'support', recent = '{"7":[5,5,3],"8":[2,2,2]}',
         people = '[[7,"active",{"role":"visitor"}],[8,"outside",{"role":"agent"}]]'
       WHERE app = ?1 AND (number - ?2) / 2 % ?3 = 0`,
    )
    .bind(crowd.app, crowd.first, step)
    .run();
}

const waiting = async (app: AppNumber, more = ''): Promise<number[]> =>
  (
    await d1
      .prepare(
        `SELECT number FROM conversation WHERE app = ?1 AND kind = 'support' AND state = 'open' AND assignee IS NULL
           AND deleted_at IS NULL AND message_count > 0 ${more} ORDER BY last_at DESC, number DESC`,
      )
      .bind(app)
      .all<{ number: number }>()
  ).results.map(({ number }) => number);

const counter = async (app: AppNumber): Promise<number | undefined> =>
  (await d1.prepare('SELECT unclaimed FROM app WHERE number = ?1').bind(app).first<{ unclaimed: number }>())
    ?.unclaimed;

const page = async (crowd: Crowd, user: UserNumber, start: number, count: number) => {
  const list = await listWithTeam(db, crowd.app, user, { start, count }, MUTE);
  return { ...list, numbers: list.rows.map(({ facts }) => facts.number as number) };
};

describe('10,000 customers who wait among 20,000 conversations', () => {
  let crowd: Crowd;
  let all: number[];

  beforeAll(async () => {
    crowd = await makeCrowd(20_000);
    await customers(crowd, 2);
    all = await waiting(crowd.app);
  });

  test('are counted as they come, and each page reads what it shows and what unread ones are counted among', async () => {
    expect(all).toHaveLength(10_000);
    expect(await counter(crowd.app)).toBe(10_000);
    const { user } = await makePerson(crowd.app, 'agent');
    for (const [start, count] of [
      [0, 20],
      [0, 0],
      [20, 20],
      [80, 50],
    ] as const) {
      meter.reset();
      const list = await page(crowd, user, start, count);
      expect(list).toMatchObject({ total: 10_000, unreadConversations: 100, unreadMessages: 300 });
      expect(list.numbers).toEqual(all.slice(start, start + count));
      expect(list.rows.every(({ member, unread, readSeq }) => !member && unread === 3 && readSeq === 2)).toBe(
        true,
      );
      expect(meter.read).toBeLessThanOrEqual(2 * Math.max(100, start + count) + count + 5);
    }
    const late = await page(crowd, user, 9_990, 20);
    expect(late.numbers).toEqual(all.slice(9_990));
    meter.reset();
    expect(await boxSourcesWithTeam(db, crowd.app, user, MUTE)).toHaveLength(100);
    expect(meter.read).toBeLessThanOrEqual(205);
  });

  test.each([1, 100, 500])(
    'are merged with the %i of somebody who is in some of them, each once',
    async (held) => {
      const user = await memberOf(crowd, held);
      const mine = new Set(
        (await listByTime(d1, crowd.app, user, 0, 600)).rows.map(({ facts }) => facts.number),
      );
      const both = (await waiting(crowd.app)).filter((number) => !mine.has(number as never)).length;
      let before = Number.POSITIVE_INFINITY;
      const seen = new Set<number>();
      for (const start of [0, 50, 100]) {
        meter.reset();
        const list = await page(crowd, user, start, 50);
        expect(list.total).toBe(held + both);
        expect(meter.read).toBeLessThanOrEqual(2 * held + 2 * (Math.max(100, start + 50) + held) + 50 + 5);
        for (const { lastAt, facts, member } of list.rows) {
          expect(lastAt).toBeLessThanOrEqual(before);
          before = lastAt;
          expect(member).toBe(mine.has(facts.number));
          seen.add(facts.number);
        }
      }
      expect(seen.size).toBe(150);
    },
  );

  test('are beside the newest of somebody who is in 6,000, half of them customers’', async () => {
    const user = await memberOf(crowd, 6_000);
    const before = await listByTime(d1, crowd.app, user, 0, 50);
    const free = new Set(
      await waiting(
        crowd.app,
        `AND NOT EXISTS (SELECT 1 FROM membership m WHERE m.user = ${user} AND m.conversation = conversation.number)`,
      ),
    );
    meter.reset();
    const list = await page(crowd, user, 0, 50);
    expect(meter.read).toBeLessThanOrEqual(1_200);
    const own = before.rows.map(({ facts }) => facts.number as number);
    const team = list.rows.filter(({ member }) => !member).map(({ facts }) => facts.number as number);
    expect(team.length).toBeGreaterThan(10);
    expect(team).toEqual([...free].slice(0, team.length));
    expect(list.numbers.filter((number) => !team.includes(number))).toEqual(own.slice(0, 50 - team.length));
    // An estimate, from the newest hundred.
    expect(list.total).toBeGreaterThan(0.85 * (6_000 + free.size));
    expect(list.total).toBeLessThan(1.15 * (6_000 + free.size));
    expect((await page(crowd, user, 20, 20)).total).toBe(list.total);
  });
});

describe('400 customers who wait', () => {
  let crowd: Crowd;
  beforeAll(async () => {
    crowd = await makeCrowd(4_000);
    await customers(crowd, 10);
  });

  const set = (number: number, change: string) =>
    d1.prepare(`UPDATE conversation SET ${change} WHERE number = ?1`).bind(number).run();

  test('are all looked at, and who is beside them in many is told exactly how many there are', async () => {
    const { user } = await makePerson(crowd.app, 'agent');
    meter.reset();
    expect(await page(crowd, user, 0, 20)).toMatchObject({ total: 400, unreadConversations: 400 });
    expect(meter.read).toBeLessThanOrEqual(2 * 400 + 20 + 5);
    const heavy = await memberOf(crowd, 2_000);
    expect(await page(crowd, heavy, 0, 20)).toMatchObject({ total: 2_000 });
    const odd = await memberOf({ ...crowd, first: crowd.first + 2 }, 1_999);
    meter.reset();
    expect(await page(crowd, odd, 0, 20)).toMatchObject({ total: 2_399 });
    expect(meter.read).toBeLessThanOrEqual(1_500);
  });

  test('are there from their first message until they are closed, given to somebody or deleted, and again', async () => {
    const { user } = await makePerson(crowd.app, 'agent');
    const [first = 0] = await waiting(crowd.app);
    for (const [away, back] of [
      ["state = 'closed'", "state = 'open'"],
      ['assignee = 3', 'assignee = NULL'],
      ['deleted_at = 5', 'deleted_at = NULL'],
      ['message_count = 0', 'message_count = 5'],
      ["kind = 'group'", "kind = 'support'"],
    ] as const) {
      await set(first, away);
      expect(await counter(crowd.app)).toBe(399);
      expect(await page(crowd, user, 0, 20)).toMatchObject({ total: 399 });
      await set(first, back);
      expect((await page(crowd, user, 0, 20)).numbers[0]).toBe(first);
    }
    expect(await counter(crowd.app)).toBe(400);
  });

  test('are not shown to who left, or put one away until it is spoken in again', async () => {
    const { user } = await makePerson(crowd.app, 'agent');
    const all = await waiting(crowd.app);
    const place = (number: number | undefined, standing: string, hidden: number) =>
      d1
        .prepare(
          `INSERT INTO membership (user, conversation, rev, standing, joined_at, read_seq, read_n, read_at, own_after,
             delivered_seq, delivered_at, hidden_seq, cleared_seq, progress, muted)
           VALUES (?1, ?2, 1, ?3, 1, 0, 0, 1, 0, 0, 1, ?4, 0, 'NEW', 0)`,
        )
        .bind(user, number, standing, hidden)
        .run();
    await place(all[0], 'left', 0);
    await place(all[1], 'barred', 0);
    await place(all[2], 'outside', 5);
    await place(all[3], 'outside', 4);
    await place(all[4], 'outside', 0);
    const list = await page(crowd, user, 0, 5);
    expect(list).toMatchObject({ total: 397, unreadConversations: 397 });
    expect(list.numbers).toEqual(all.slice(3, 8));
  });

  test('are new until the team has answered, or anybody else who does not ask', async () => {
    const { user } = await makePerson(crowd.app, 'agent');
    const [first = 0] = await waiting(crowd.app);
    const told = async (recent: object, more = 'preview = preview', unasked: Unasked = MUTE) => {
      await set(first, `recent = '${JSON.stringify(recent)}', ${more}`);
      const { rows } = await listWithTeam(db, crowd.app, user, { start: 0, count: 1 }, unasked);
      return [rows[0]?.unread, rows[0]?.readSeq];
    };
    await set(
      first,
      `people = '[[7,"active",{"role":"visitor"}],[8,"outside",{"role":"agent"}],[9,"outside",{"role":"business"}]]'`,
    );
    expect(await told({})).toEqual([5, 0]);
    expect(await told({ 7: [5, 5, 5] })).toEqual([5, 0]);
    expect(await told({ 7: [5, 5, 3], 8: [4, 4, 2] })).toEqual([1, 4]);
    expect(await told({ 7: [4, 4, 3], 8: [5, 5, 2] })).toEqual([0, 5]);
    expect(await told({ 7: [4, 4, 3], 9: [5, 5, 2] }, "last_author = 9, preview = 'Hello'")).toEqual([0, 5]);
    expect(
      await told(
        { 7: [4, 4, 3], 9: [5, 5, 2] },
        "last_author = 9, preview = 'Nobody is here.'",
        'Nobody is here.',
      ),
    ).toEqual([5, 0]);
    expect(await told({ 8: [5, 5, 5] }, 'default_of = 8')).toEqual([5, 0]);
  });
});
