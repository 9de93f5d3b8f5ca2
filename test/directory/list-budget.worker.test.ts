// What lists may read from D1 (DESIGN.md 10), in an app of 20,000 conversations beside another of as many.
import { beforeAll, describe, expect, test } from 'vitest';
import { type ListFilter, LOOK, listFiltered, MOST_LOOKS } from '../../src/directory/filtered-lists.ts';
import { boxSources, listByNumber, listByTime } from '../../src/directory/lists.ts';
import type { ConversationNumber } from '../../src/domain/ids.ts';
import { d1 } from '../conversation/harness.ts';
import { meteredD1 } from '../conversation/meter.ts';
import { type Crowd, makeCrowd, memberOf } from './crowd.ts';

let crowd: Crowd;
const { db, meter } = meteredD1();

beforeAll(async () => {
  crowd = await makeCrowd(20_000);
});

describe("a page of a person's list", () => {
  for (const held of [1, 5, 10, 20, 21, 25, 40, 100, 500]) {
    test(`reads at most 3 rows per conversation + 1 with ${held}`, async () => {
      const user = await memberOf(crowd, held);
      for (const [start, count] of [
        [0, 20],
        [0, 0],
        [Math.max(0, held - 20), 20],
      ] as const) {
        meter.reset();
        const list = await listByTime(db, crowd.app, user, start, count);
        expect(list.total).toBe(held);
        expect(list.rows).toHaveLength(Math.min(count, held));
        expect(meter.read).toBeLessThanOrEqual(3 * held + 1);
      }
    });
  }

  test('as the sources of boxes costs the same', async () => {
    for (const [held, budget] of [
      [1, 3 + 1],
      [500, 3 * 500 + 1],
      [10_000, 500],
    ] as const) {
      const user = await memberOf(crowd, held);
      meter.reset();
      expect(await boxSources(db, crowd.app, user)).toHaveLength(Math.min(held, held > 500 ? 100 : held));
      expect(meter.read).toBeLessThanOrEqual(budget);
    }
  });

  test('reads at most 500 rows with 10,000', async () => {
    const user = await memberOf(crowd, 10_000);
    for (const count of [0, 20, 50]) {
      meter.reset();
      const list = await listByTime(db, crowd.app, user, 0, count);
      expect(list.total).toBe(10_000);
      expect(list.rows).toHaveLength(count);
      expect(list.unreadConversations).toBeGreaterThanOrEqual(100);
      expect(meter.read).toBeLessThanOrEqual(500);
    }
  });

  test('by number reads at most 3 rows per row shown', async () => {
    const user = await memberOf(crowd, 10_000);
    meter.reset();
    const { rows } = await listByNumber(db, crowd.app, user, { size: 20 });
    expect(rows).toHaveLength(20);
    expect(meter.read).toBeLessThanOrEqual(3 * 21);
  });
});

test("a page of the app's list reads at most 2 rows per row shown, in both directions, wherever it begins", async () => {
  const middle = (crowd.first + 20_001) as ConversationNumber;
  for (const window of [{}, { after: middle }, { before: middle }]) {
    meter.reset();
    const { rows, hasMore } = await listByNumber(db, crowd.app, null, { ...window, size: 20 });
    expect(rows).toHaveLength(20);
    expect(hasMore).toBe(true);
    expect(meter.read).toBeLessThanOrEqual(2 * 21);
  }
});

describe("a page of the app's list through a filter", () => {
  /** A conversation's place in its crowd. */
  const place = () => `((number - ${crowd.first}) / 2)`;
  /** The crowd's every 10th is closed, every 1,000th has a tag of its own, every 100th was active last. */
  beforeAll(async () => {
    await d1
      .prepare(
        `UPDATE conversation SET state = iif(${place()} % 10 = 0, 'closed', 'open'), created_at = number,
           last_at = iif(${place()} % 100 = 0, 3000000 + number, last_at),
           metadata = iif(${place()} % 1000 = 0, '{"tier":"gold","n":' || number || '}', '{"tier":"tin"}')
         WHERE app = ?1`,
      )
      .bind(crowd.app)
      .run();
  });

  const all = async (filter: ListFilter, size = 20, before = false) => {
    const found: number[] = [];
    let dearest = 0;
    let cursor = {};
    for (let page = 0; page < 200; page++) {
      meter.reset();
      const { rows, hasMore, reached } = await listFiltered(db, {
        app: crowd.app,
        user: null,
        filter,
        size,
        ...(before && page === 0 ? { before: 0 as ConversationNumber } : cursor),
      });
      found.push(...(before ? rows.toReversed() : rows).map((row) => row.facts.number));
      dearest = Math.max(dearest, meter.read);
      if (!hasMore) return { found: before ? found.toReversed() : found, dearest };
      cursor = before ? { before: reached } : { after: reached };
    }
    throw new Error('the pages do not end');
  };
  const expected = async (condition: string) =>
    (
      await d1
        .prepare(
          `SELECT number FROM conversation WHERE app = ?1 AND ${condition.replaceAll('place', place())} ORDER BY number DESC`,
        )
        .bind(crowd.app)
        .all<{ number: number }>()
    ).results.map((row) => row.number);

  const FILTERS: [string, ListFilter, number][] = [
    ["state = 'closed'", { state: 'closed' }, 2 * LOOK + 3 * 21],
    ['place % 1000 = 0', { metadata: new Map([['tier', ['gold']]]) }, 200],
    [
      'place % 10 = 0 AND place % 1000 > 0',
      { metadata: new Map([['tier', ['tin']]]), state: 'closed' },
      3 * LOOK + 64,
    ],
    ['last_at > 3000000', { activeAfter: 3_000_000 }, 2 * LOOK + 64],
  ];
  test.each(FILTERS)(
    'where %s holds each once in both directions, and reads no more than it may',
    async (condition, filter, budget) => {
      for (const before of [false, true]) {
        const { found, dearest } = await all(filter, 20, before);
        expect(found).toEqual(await expected(condition));
        expect(found.length).toBeGreaterThan(10);
        expect(dearest).toBeLessThanOrEqual(budget);
      }
    },
  );

  test('is full where it has a next one, in both directions, until it has looked at so many', async () => {
    // Every tenth one: more than one look holds, and only one look's rows are read beyond those.
    const filter: ListFilter = { metadata: new Map([['tier', ['tin']]]), state: 'closed' };
    const closed = await expected('place % 10 = 0 AND place % 1000 > 0');
    for (const [window, found] of [
      [{}, closed.slice(0, 100)],
      [{ before: 0 as ConversationNumber }, closed.slice(-100)],
    ] as const) {
      meter.reset();
      const page = await listFiltered(db, { app: crowd.app, user: null, filter, size: 100, ...window });
      expect(page.rows.map((row) => row.facts.number)).toEqual(found);
      expect(page.hasMore).toBe(true);
      expect(meter.read).toBeLessThanOrEqual(2 * 3 * LOOK + 200);
    }
    const oldest = { createdBefore: crowd.first + 2 * 1_500 };
    meter.reset();
    const page = await listFiltered(db, { app: crowd.app, user: null, filter: oldest, size: 20 });
    expect(page).toMatchObject({ rows: [], hasMore: true });
    expect(meter.read).toBeLessThanOrEqual(MOST_LOOKS * 3 * LOOK);
    const { found } = await all(oldest);
    expect(found).toEqual(await expected('place < 1500'));
  });

  test('of what is seldom is found by its index', async () => {
    const number = (await expected('place = 2000'))[0] as number;
    for (const filter of [
      { metadata: new Map([['n', [String(number), number]]]) },
      { createdAfter: number - 1, createdBefore: number + 1 },
      { activeAfter: 3_000_000 + number - 1, activeBefore: 3_000_000 + number + 1 },
    ]) {
      const { found, dearest } = await all(filter);
      expect(found).toEqual([number]);
      expect(dearest).toBeLessThanOrEqual(10);
    }
  });

  test("of a person's conversations holds theirs alone", async () => {
    const user = await memberOf(crowd, 200);
    meter.reset();
    const { rows } = await listFiltered(db, { app: crowd.app, user, filter: { createdAfter: 0 }, size: 20 });
    expect(rows).toHaveLength(20);
    expect(meter.read).toBeLessThanOrEqual(4 * 21);
  });
});
