// How deep a caller's own data may lie: what is deeper is nobody's payload, and fails where SQLite or a call between objects
// has to read it.
import type { Json } from './model.ts';

/** Objects and lists inside one another. */
export const MOST_DEPTH = 32;

/** Looks no further down than it has to. */
export const isTooDeep = (value: Json, levels: number = MOST_DEPTH): boolean =>
  typeof value === 'object' &&
  value !== null &&
  (levels === 0 || Object.values(value).some((each) => isTooDeep(each, levels - 1)));
