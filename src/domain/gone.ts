// Deleted messages as ranges of ordinals, the form that lists have them in: enough to count unread exactly.
import type { Ordinal } from './ids.ts';

/** Rising, disjoint, closed ranges [from, to] of ordinals. */
export type Ranges = readonly (readonly [Ordinal, Ordinal])[];

/** How many deleted messages lie after ordinal `mark`. */
export function goneAfter(gone: Ranges, mark: Ordinal): number {
  let count = 0;
  for (let i = gone.length - 1; i >= 0; i--) {
    const [a, b] = gone[i] as readonly [Ordinal, Ordinal];
    if (b <= mark) break;
    count += b - Math.max(a, mark + 1) + 1;
  }
  return count;
}

/** Unread = messages after the mark that were not deleted (DESIGN.md 4). */
export const unreadCount = (messageCount: Ordinal, readN: Ordinal, gone: Ranges): number =>
  Math.max(0, messageCount - readN - goneAfter(gone, readN));

export const sizeOf = (ranges: Ranges): number => ranges.reduce((sum, [a, b]) => sum + b - a + 1, 0);
