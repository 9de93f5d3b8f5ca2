// Ranges of deleted ordinals, against sets of single ones.
import fc from 'fast-check';
import { expect, test } from 'vitest';
import {
  firstOf,
  type Gone,
  goneAfter,
  lastOf,
  livingRanges,
  type Ranges,
  sizeOf,
  unreadCount,
  withGone,
} from '../../src/domain/gone.ts';

const TOP = 40;
const range = fc
  .tuple(fc.integer({ min: 1, max: TOP }), fc.nat(8))
  .map(([a, more]) => [a, a + more] as const);
const deletions = fc.array(range, { maxLength: 12 });

const build = (ranges: readonly (readonly [number, number])[]): Gone =>
  ranges.reduce<Gone>((gone, [a, b]) => withGone(gone, a, b), []);
const each = (ranges: Ranges): number[] =>
  ranges.flatMap(([a, b]) => Array.from({ length: b - a + 1 }, (_, i) => a + i));

test('hold what was deleted, rising and apart', () => {
  fc.assert(
    fc.property(deletions, (ranges) => {
      const gone = build(ranges);
      expect(each(gone)).toEqual([...new Set(each(ranges))].sort((a, b) => a - b));
      for (const [i, [a, b]] of gone.entries()) {
        expect(b).toBeGreaterThanOrEqual(a);
        if (i > 0) expect(a).toBeGreaterThan((gone[i - 1]?.[1] ?? 0) + 1);
      }
    }),
  );
});

test('count what is gone and what is unread after a mark', () => {
  fc.assert(
    fc.property(deletions, fc.nat(TOP), fc.nat(TOP), (ranges, mark, more) => {
      const gone = build(ranges);
      const after = each(gone).filter((n) => n > mark);
      expect(goneAfter(gone, mark)).toBe(after.length);
      const last = Math.max(mark + more, TOP + 8);
      const living = Array.from({ length: last - mark }, (_, i) => mark + 1 + i).filter(
        (n) => !after.includes(n),
      );
      expect(unreadCount(last, mark, gone)).toBe(living.length);
    }),
  );
});

test('leave the living ones, of which the first and the last are a page', () => {
  fc.assert(
    fc.property(deletions, fc.nat(TOP), fc.nat(TOP), fc.nat(10), (ranges, from, to, limit) => {
      const gone = new Set(each(build(ranges)));
      const living = Array.from({ length: Math.max(0, to - from + 1) }, (_, i) => from + i).filter(
        (n) => !gone.has(n),
      );
      const found = livingRanges(build(ranges), from, to);
      expect(each(found)).toEqual(living);
      expect(sizeOf(found)).toBe(living.length);
      expect(each(firstOf(found, limit))).toEqual(living.slice(0, limit));
      expect(each(lastOf(found, limit))).toEqual(living.slice(Math.max(0, living.length - limit)));
    }),
  );
});
