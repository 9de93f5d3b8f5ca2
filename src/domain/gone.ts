// Which messages of a conversation were deleted, as ranges of ordinals: enough to count unread exactly.
import type { Ordinal } from './ids.ts';

/** Rising, disjoint, closed ranges [from, to] of ordinals. */
export type Ranges = readonly (readonly [Ordinal, Ordinal])[];
export type Gone = Ranges;

/** `gone` with every ordinal from `from` to `to` in it. */
export function withGone(gone: Gone, from: Ordinal, to: Ordinal): Gone {
  const out: [Ordinal, Ordinal][] = [];
  let [low, high] = [from, to];
  for (const [a, b] of gone) {
    if (b < low - 1 || a > high + 1) out.push([a, b]);
    else [low, high] = [Math.min(a, low), Math.max(b, high)];
  }
  out.push([low, high]);
  return out.sort((x, y) => x[0] - y[0]);
}

/** How many deleted messages lie after ordinal `mark`. */
export function goneAfter(gone: Gone, mark: Ordinal): number {
  let count = 0;
  for (let i = gone.length - 1; i >= 0; i--) {
    const [a, b] = gone[i] as readonly [Ordinal, Ordinal];
    if (b <= mark) break;
    count += b - Math.max(a, mark + 1) + 1;
  }
  return count;
}

/** Unread = messages after the mark that were not deleted (DESIGN.md 4). */
export const unreadCount = (messageCount: Ordinal, readN: Ordinal, gone: Gone): number =>
  Math.max(0, messageCount - readN - goneAfter(gone, readN));

/** What is left of `from` to `to` without the deleted ones. */
export function livingRanges(gone: Gone, from: Ordinal, to: Ordinal): Ranges {
  const living: [Ordinal, Ordinal][] = [];
  let at = from;
  for (const [a, b] of gone) {
    if (a > to) break;
    if (b < at) continue;
    if (a > at) living.push([at, a - 1]);
    at = b + 1;
  }
  if (at <= to) living.push([at, to]);
  return living;
}

export const sizeOf = (ranges: Ranges): number => ranges.reduce((sum, [a, b]) => sum + b - a + 1, 0);

/** The first `limit` ordinals of the ranges. */
export function firstOf(ranges: Ranges, limit: number): Ranges {
  const first: [Ordinal, Ordinal][] = [];
  let left = limit;
  for (const [a, b] of ranges) {
    if (left <= 0) break;
    first.push([a, Math.min(b, a + left - 1)]);
    left -= b - a + 1;
  }
  return first;
}

/** The last `limit` ordinals of the ranges, rising. */
export function lastOf(ranges: Ranges, limit: number): Ranges {
  const last: [Ordinal, Ordinal][] = [];
  let left = limit;
  for (const [a, b] of ranges.toReversed()) {
    if (left <= 0) break;
    last.unshift([Math.max(a, b - left + 1), b]);
    left -= b - a + 1;
  }
  return last;
}
