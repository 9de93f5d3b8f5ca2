// A set of ordinals in chunks, against sets of single ones; ranges cross the edges of chunks.

import { expect, test } from 'vitest';
import type { Ranges } from '../../src/domain/gone.ts';
import { CHUNK_ORDINALS, OrdinalSet } from '../../src/domain/ordinal-set.ts';
import { fc } from '../fuzz/made-up.ts';

const TOP = 3 * CHUNK_ORDINALS;

/** Anywhere, but mostly about the edges, where a mistake would be. */
const ordinal = fc.oneof(
  fc.integer({ min: 1, max: TOP }),
  fc
    .tuple(fc.constantFrom(0, CHUNK_ORDINALS, 2 * CHUNK_ORDINALS, TOP), fc.integer({ min: -9, max: 9 }))
    .map(([edge, by]) => Math.min(TOP, Math.max(1, edge + by))),
);
const range = fc.tuple(ordinal, ordinal).map(([a, b]) => [Math.min(a, b), Math.max(a, b)] as const);
/** Short ones, and now and then a long one that fills chunks. */
const additions = fc.array(
  fc.oneof(
    {
      weight: 6,
      arbitrary: fc.tuple(ordinal, fc.nat(12)).map(([a, more]) => [a, Math.min(TOP, a + more)] as const),
    },
    { weight: 1, arbitrary: range },
  ),
  { maxLength: 10 },
);

const each = (ranges: Ranges): number[] =>
  ranges.flatMap(([a, b]) => Array.from({ length: b - a + 1 }, (_, i) => a + i));

function build(added: readonly (readonly [number, number])[]) {
  const set = new OrdinalSet();
  const members = new Set<number>();
  for (const [a, b] of added) {
    const before = members.size;
    for (const n of each([[a, b]])) members.add(n);
    expect(set.add(a, b).length > 0).toBe(members.size > before);
  }
  return { set, members };
}

const apart = (ranges: Ranges): void => {
  for (const [i, [a, b]] of ranges.entries()) {
    expect(b).toBeGreaterThanOrEqual(a);
    if (i > 0) expect(a).toBeGreaterThan((ranges[i - 1]?.[1] ?? 0) + 1);
  }
};

test('count what is in them, and give the first and the last that are not', () => {
  fc.assert(
    fc.property(additions, range, fc.nat(30), (added, [from, to], limit) => {
      const { set, members } = build(added);
      const out = each([[from, to]]).filter((n) => !members.has(n));
      expect(set.count(from, to)).toBe(to - from + 1 - out.length);
      const first = set.firstOut(from, to, limit);
      const last = set.lastOut(from, to, limit);
      expect(each(first)).toEqual(out.slice(0, limit));
      expect(each(last)).toEqual(out.slice(Math.max(0, out.length - limit)));
      for (const ranges of [first, last]) apart(ranges);
    }),
  );
});

test('give their newest ranges whole', () => {
  fc.assert(
    fc.property(additions, fc.integer({ min: 1, max: 4 }), (added, limit) => {
      const { set, members } = build(added);
      const newest = set.newest(TOP, limit);
      apart(newest);
      expect(newest.length).toBeLessThanOrEqual(limit);
      const low = newest.length < limit ? 1 : (newest[0]?.[0] ?? 1);
      expect(each(newest)).toEqual([...members].filter((n) => n >= low).sort((a, b) => a - b));
      if (newest[0]) expect(members.has(newest[0][0] - 1)).toBe(false);
    }),
  );
});

test('are the same again from their chunks, each of one size however many gaps it has', () => {
  fc.assert(
    fc.property(additions, (added) => {
      const { set, members } = build(added);
      const copy = new OrdinalSet();
      for (let chunk = 0; chunk < 3; chunk++) {
        const bits = set.bitsOf(chunk);
        expect(bits).toHaveLength(CHUNK_ORDINALS / 8);
        copy.put(chunk, bits.slice());
      }
      expect(copy.count(1, TOP)).toBe(members.size);
      expect(copy.newest(TOP, 1_000)).toEqual(set.newest(TOP, 1_000));
    }),
  );
});
