// What lists may read from D1 (DESIGN.md 10), in an app of 20,000 conversations beside another of as many.
import { beforeAll, describe, expect, test } from 'vitest';
import { boxSources, listByNumber, listByTime } from '../../src/directory/lists.ts';
import type { ConversationNumber } from '../../src/domain/ids.ts';
import { meteredD1 } from '../conversation/meter.ts';
import { type Crowd, makeCrowd, memberOf } from './crowd.ts';

let crowd: Crowd;
const { db, meter } = meteredD1();

beforeAll(async () => {
  crowd = await makeCrowd(20_000);
}, 60_000);

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
