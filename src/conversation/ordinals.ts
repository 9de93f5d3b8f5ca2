// Finding messages by their place among the messages: the n-th one, a page of them, the last one of somebody else.
// What a row means, and what a page shows, is elsewhere.
import type { Ranges } from '../domain/gone.ts';
import type { Ordinal, Seq, UserNumber } from '../domain/ids.ts';
import type { Log } from './log.ts';
import { type EntryRow, isDeleted } from './rows.ts';

/** The seq of the n-th message. Two rows read, however long the log is. */
export function seqOfOrdinal({ sql, last }: Log, n: Ordinal): Seq | null {
  if (n < 1 || n > last.n) return null;
  const event = sql
    .exec<{ seq: number; n: number }>(
      'SELECT seq, n FROM entry WHERE kind > 0 AND n < ? ORDER BY n DESC, seq DESC LIMIT 1',
      n,
    )
    .toArray()[0];
  return event ? event.seq + (n - event.n) : n;
}

/** Messages `from` to `to` by ordinal (1-based, both in), oldest first. Reads the page and a handful of rows. */
export function pageByOrdinal(log: Log, from: Ordinal, to: Ordinal): EntryRow[] {
  const [a, b] = [Math.max(1, from), Math.min(to, log.last.n)];
  return a > b ? [] : pageOfRanges(log, [[a, b]]);
}

/** Messages of these ordinals, rising and all there, oldest first. Reads the page and a handful of rows. */
export function pageOfRanges(log: Log, ranges: Ranges): EntryRow[] {
  const [first, last] = [ranges[0]?.[0] ?? 0, ranges.at(-1)?.[1] ?? 0];
  if (first === 0) return [];
  const low = seqOfOrdinal(log, first) as Seq;
  const high = seqOfOrdinal(log, last) as Seq;
  // Nothing but messages between them: every place is known.
  if (high - low === last - first)
    return ranges.flatMap(([a, b]) => log.rowsAfter(low + a - first - 1, b - a + 1));
  return ranges.flatMap(([a, b]) => walkBack(log, seqOfOrdinal(log, b) as Seq, b - a + 1));
}

/** `count` messages ending at the one at `seq`, oldest first, one row read each: events between are stepped over. */
function walkBack(log: Log, seq: Seq, count: number): EntryRow[] {
  const rows: EntryRow[] = [];
  for (let at = seq; at > 0 && rows.length < count; ) {
    const row = log.row(at);
    if (!row) break;
    rows.push(row);
    at = row.prev;
  }
  return rows.reverse();
}

/** The ordinal of the newest message at or before `seq` (0: none). */
export function ordinalAt(log: Log, seq: Seq): Ordinal {
  if (seq <= 0) return 0;
  if (seq >= log.last.seq) return log.last.n;
  return log.row(seq)?.n ?? 0;
}

/** The newest message of anybody but `user`, that is not deleted, looking at no more than `limit` of them. */
export function lastByOthers(log: Log, user: UserNumber, limit: number): EntryRow | null {
  let at = log.lastMessage.seq;
  for (let i = 0; at > 0 && i < limit; i++) {
    const row = log.row(at);
    if (!row) return null;
    if (row.author !== user && !isDeleted(row)) return row;
    at = row.prev;
  }
  return null;
}
