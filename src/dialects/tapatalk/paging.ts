// Which items a start_num/last_num pair asks for. Pure; what the items are is the caller's.

/** `start` counts from 0; `count` 0 asks for no item, only for the totals. */
export interface Window {
  readonly start: number;
  readonly count: number;
}

/** Items when the caller names no end: what apps show on one screen. */
const DEFAULT_COUNT = 20;
/** A longer span gives its first 50 (contracts/tapatalk.md 4.2). */
const MAX_COUNT = 50;

/** The window of a page counted from 1. Absent or less than 1: the first one, of {@link DEFAULT_COUNT} items. */
export function pageWindow(page = 1, size = DEFAULT_COUNT): Window {
  // Cut before the page is placed: else its items and those of the next would not meet.
  const count = size < 1 ? DEFAULT_COUNT : Math.min(size, MAX_COUNT);
  return { start: (Math.max(1, page) - 1) * count, count };
}

/**
 * The window of a pair of inclusive, 0-based positions. Both, or only the last, may be absent; a negative start is 0;
 * an end before the start asks for nothing, and 0,0 for the first item alone (contracts/tapatalk.md 4.2).
 */
export function windowOf(start: number | undefined, last: number | undefined): Window {
  const from = Math.max(0, start ?? 0);
  const to = last ?? from + DEFAULT_COUNT - 1;
  return { start: from, count: Math.max(0, Math.min(MAX_COUNT, to - from + 1)) };
}
