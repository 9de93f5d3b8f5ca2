import { expect, test } from 'vitest';
import { Buckets } from '../../src/hub/buckets.ts';
import { fc } from '../fuzz/made-up.ts';

const ROOM_MS = 60_000;

test('whoever waits as long as they are told is let through, and not a millisecond earlier', () => {
  const cost = fc.integer({ min: 1, max: 80_000 });
  fc.assert(
    fc.property(fc.array(cost, { maxLength: 50 }), (costs) => {
      const buckets = new Buckets<string>(10);
      let now = 0;
      for (const costMs of costs) {
        const wait = buckets.wait('ann', costMs, ROOM_MS, now);
        if (wait > 0) expect(buckets.wait('ann', costMs, ROOM_MS, now + wait - 1)).toBe(1);
        now += wait;
        expect(buckets.wait('ann', costMs, ROOM_MS, now)).toBe(0);
        buckets.take('ann', Math.min(costMs, ROOM_MS), now);
      }
    }),
  );
});

test('in any minute at most the room and what comes back in it is let through', () => {
  const buckets = new Buckets<string>(10);
  const granted: number[] = [];
  for (let now = 0; now < 300_000; now += 50) {
    if (buckets.wait('ann', 200, ROOM_MS, now) > 0) continue;
    buckets.take('ann', 200, now);
    granted.push(now);
  }
  const inMinute = (from: number) => granted.filter((at) => at >= from && at < from + 60_000).length;
  // 300 at once and 300 a minute.
  expect(inMinute(0)).toBeLessThanOrEqual(600);
  expect(inMinute(120_000)).toBe(300);
});

test('keys do not count for each other, the least lately used are forgotten, and a clock that goes back gives nothing', () => {
  const buckets = new Buckets<number>(3);
  for (const key of [1, 2, 3]) buckets.take(key, ROOM_MS, 1_000);
  buckets.take(1, 0, 1_000);
  buckets.take(4, ROOM_MS, 1_000);
  const full = (key: number, now: number) => buckets.wait(key, 1, ROOM_MS, now) > 0;
  expect([1, 2, 3, 4].map((key) => full(key, 1_000))).toEqual([true, false, true, true]);
  expect(full(1, 0)).toBe(true);
});
