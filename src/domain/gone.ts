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

/** All that is in one of them or in both. */
export function union(a: Ranges, b: Ranges): Ranges {
  if (a.length === 0 || b.length === 0) return a.length === 0 ? b : a;
  const out: [Ordinal, Ordinal][] = [];
  for (const [from, to] of [...a, ...b].sort((x, y) => x[0] - y[0])) {
    const last = out.at(-1);
    if (last && from <= last[1] + 1) last[1] = Math.max(last[1], to);
    else out.push([from, to]);
  }
  return out;
}

/** Unread = messages after the mark that were neither deleted (DESIGN.md 4) nor hidden by who reads. */
export const unreadCount = (
  messageCount: Ordinal,
  readN: Ordinal,
  gone: Ranges,
  hidden: Ranges = [],
): number => Math.max(0, messageCount - readN - goneAfter(union(gone, hidden), readN));

export const sizeOf = (ranges: Ranges): number => ranges.reduce((sum, [a, b]) => sum + b - a + 1, 0);
