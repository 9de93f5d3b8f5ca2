// The full-text index itself: which message numbers match. Whose they are, and what is shown, is search.ts.
// Bound numbers are REAL in D1 and the index wants integers: every bound is cast (contracts/prototype-measurements.md 0.8).
import { BLOCK_SIZE } from '../domain/ids.ts';

/** Message numbers from (in) and to (out). */
export type Range = readonly [from: number, to: number];

/** The numbers in a block, below `below` where that is given; null when none are left. */
export function rangeOf(block: number, below = Number.MAX_SAFE_INTEGER): Range | null {
  const from = block * BLOCK_SIZE;
  const to = Math.min(from + BLOCK_SIZE, below);
  return to > from ? [from, to] : null;
}

/** The highest numbers that match, at most `limit`. One row read for each. */
export async function newestMatches(d1: D1Database, match: string, limit: number): Promise<number[]> {
  const found = await d1
    .prepare('SELECT rowid AS id FROM entry_fts WHERE entry_fts MATCH ?1 ORDER BY rowid DESC LIMIT ?2')
    .bind(match, limit)
    .all<{ id: number }>();
  return found.results.map((row) => row.id);
}

/**
 * Each step looks for the next match below the last one of its range, or at the top of the next range. SQLite makes
 * the rows of a recursion one by one, so nothing is looked up past the limit.
 */
const WALK = `
  WITH RECURSIVE step(k, id) AS (
    SELECT -1, NULL
    UNION ALL
    SELECT iif(s.id IS NULL, s.k + 1, s.k), (
      SELECT f.rowid FROM entry_fts f
      WHERE entry_fts MATCH ?1
        AND f.rowid >= cast(?2 ->> ('$[' || iif(s.id IS NULL, s.k + 1, s.k) || '][0]') AS INTEGER)
        AND f.rowid < coalesce(s.id, cast(?2 ->> ('$[' || iif(s.id IS NULL, s.k + 1, s.k) || '][1]') AS INTEGER))
      ORDER BY f.rowid DESC LIMIT 1)
    FROM step s WHERE s.id IS NOT NULL OR s.k + 1 < json_array_length(?2))
  SELECT id FROM step WHERE id IS NOT NULL LIMIT ?3`;

/** What matches in the ranges, in their order, the highest number of each first. Two rows read per range and match. */
export async function matchesIn(
  d1: D1Database,
  match: string,
  ranges: readonly Range[],
  limit: number,
): Promise<number[]> {
  if (ranges.length === 0 || limit <= 0) return [];
  const found = await d1.prepare(WALK).bind(match, JSON.stringify(ranges), limit).all<{ id: number }>();
  return found.results.map((row) => row.id);
}
