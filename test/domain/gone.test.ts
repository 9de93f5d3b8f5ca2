// Ranges of deleted ordinals, as lists have them, against sets of single ones.

import { expect, test } from 'vitest';
import { goneAfter, type Ranges, sizeOf, unreadCount } from '../../src/domain/gone.ts';
import { fc } from '../fuzz/made-up.ts';

const TOP = 40;

/** Some ordinals up to TOP, and the same as ranges. */
const deletions = fc.uniqueArray(fc.integer({ min: 1, max: TOP })).map((some) => {
  const ordinals = some.sort((a, b) => a - b);
  const ranges: [number, number][] = [];
  for (const n of ordinals) {
    const last = ranges.at(-1);
    if (last && last[1] === n - 1) last[1] = n;
    else ranges.push([n, n]);
  }
  return { ordinals, ranges: ranges as Ranges };
});

test('count what is gone and what is unread after a mark', () => {
  fc.assert(
    fc.property(deletions, fc.nat(TOP), fc.nat(TOP), ({ ordinals, ranges }, mark, more) => {
      const after = ordinals.filter((n) => n > mark);
      expect(sizeOf(ranges)).toBe(ordinals.length);
      expect(goneAfter(ranges, mark)).toBe(after.length);
      const last = Math.max(mark + more, TOP);
      expect(unreadCount(last, mark, ranges)).toBe(last - mark - after.length);
    }),
  );
});
