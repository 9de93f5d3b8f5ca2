// Messages that one member put out of their own sight: of the others' (their inbox) and of their own (their sent ones), as
// ranges of ordinals. A range also covers the messages of the other kind between two that it hides, so that it does not
// break up in a dialogue; whether a message is hidden is asked of the set of its own kind.
import type { Ranges } from './gone.ts';
import type { Ordinal } from './ids.ts';

export type Box = 'inbox' | 'sent';

export interface Side {
  /** Rising, disjoint, not touching. */
  readonly ranges: Ranges;
  /** Messages of this side that are hidden. */
  readonly count: number;
}

export type Concealed = Readonly<Record<Box, Side>>;

const NONE: Side = { ranges: [], count: 0 };
const NOTHING: Concealed = { inbox: NONE, sent: NONE };

/** Gaps between hidden messages of one side: more would make the member's row a burden to every read mark. */
export const MOST_RANGES = 1_000;

/** One more hidden message, the newest ordinal of `range`; the range begins behind the message of its side before it. */
export function conceal(known: Concealed | null, box: Box, range: readonly [Ordinal, Ordinal]): Concealed {
  const before = known ?? NOTHING;
  const { ranges, count } = before[box];
  return { ...before, [box]: { ranges: withRange(ranges, range), count: count + 1 } };
}

function withRange(ranges: Ranges, [from, to]: readonly [Ordinal, Ordinal]): Ranges {
  const out: [Ordinal, Ordinal][] = [];
  let [low, high] = [from, to];
  for (const [a, b] of ranges) {
    if (b < low - 1 || a > high + 1) out.push([a, b]);
    else [low, high] = [Math.min(a, low), Math.max(b, high)];
  }
  out.push([low, high]);
  return out.sort((x, y) => x[0] - y[0]);
}

/** The range that holds the ordinal, or null. */
export function rangeAround(ranges: Ranges, n: Ordinal): readonly [Ordinal, Ordinal] | null {
  let [low, high] = [0, ranges.length - 1];
  while (low <= high) {
    const middle = (low + high) >> 1;
    const range = ranges[middle] as readonly [Ordinal, Ordinal];
    if (n < range[0]) high = middle - 1;
    else if (n > range[1]) low = middle + 1;
    else return range;
  }
  return null;
}

export const isConcealed = (known: Concealed | null, box: Box, n: Ordinal): boolean =>
  known !== null && rangeAround(known[box].ranges, n) !== null;

export const concealedCount = (known: Concealed | null, box: Box): number => known?.[box].count ?? 0;

/** What of the others' messages after `mark` is hidden: it is not unread. */
export const concealedAfter = (known: Concealed | null, mark: Ordinal): Ranges =>
  (known?.inbox.ranges ?? []).flatMap(([a, b]) => (b > mark ? [[Math.max(a, mark + 1), b] as const] : []));

type Written = [inbox: Ranges, inboxCount: number, sent: Ranges, sentCount: number];

/** As rows hold it: empty for nothing. */
export function writeConcealed(known: Concealed | null): string {
  if (!known) return '';
  const { inbox, sent } = known;
  return JSON.stringify([inbox.ranges, inbox.count, sent.ranges, sent.count] satisfies Written);
}

export function readConcealed(text: string): Concealed | null {
  if (text === '') return null;
  const [inbox, inboxCount, sent, sentCount] = JSON.parse(text) as Written;
  return { inbox: { ranges: inbox, count: inboxCount }, sent: { ranges: sent, count: sentCount } };
}
