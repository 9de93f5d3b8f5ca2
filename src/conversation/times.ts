// Messages by their log time, by which some clients know them (DESIGN.md 3): finding one, the time of the one before it,
// the time up to which somebody has read. What a row means, and who may read it, is elsewhere.
import type { LogTime, Ordinal, Seq, UserNumber } from '../domain/ids.ts';
import type { Member, TimeMarks } from '../domain/model.ts';
import type { Core } from './core.ts';
import type { Log } from './log.ts';
import { seqOfOrdinal } from './ordinals.ts';
import { type EntryRow, isDeleted, kindCode } from './rows.ts';

const MESSAGE = kindCode('message');

/** The seq of the newest entry at or before a log time (0: none). Log time rises with seq: some log2(n) rows read. */
export function seqAtTime(log: Log, time: LogTime): Seq {
  if (time >= log.last.at) return log.last.seq;
  let [low, high] = [0, log.last.seq];
  while (high - low > 1) {
    const middle = Math.floor((low + high) / 2);
    const row = log.row(middle);
    if (row && row.at <= time) low = middle;
    else high = middle;
  }
  return low;
}

/** The message of exactly this log time, deleted or not; null: there is none. */
export function messageAtTime(log: Log, time: LogTime): EntryRow | null {
  const row = time === log.lastMessage.logTime ? log.row(log.lastMessage.seq) : log.row(seqAtTime(log, time));
  return row?.kind === MESSAGE && row.at === time ? row : null;
}

/** A message's place: its ordinal, and the seq of the message before it. */
type Place = Pick<EntryRow, 'n' | 'prev'>;

/** The log time of the newest message before this one that was not deleted; 0: none. One row read as a rule. */
export function timeBefore(log: Log, { n, prev }: Place): LogTime {
  const before = livingBefore(log, n);
  if (before === 0) return 0;
  if (before === log.last.n) return log.lastMessage.logTime;
  const seq = before === n - 1 ? prev : seqOfOrdinal(log, before);
  return (seq !== null && log.row(seq)?.at) || 0;
}

/** The same for a message that comes next: nothing is read while the last one is there. */
export const timeOfLast = (log: Log): LogTime =>
  timeBefore(log, { n: log.last.n + 1, prev: log.lastMessage.seq });

function livingBefore({ gone }: Log, n: Ordinal): Ordinal {
  if (n <= 1) return 0;
  // Looking for it means walking, which one that is there need not wait for.
  if (gone.living(n - 1, n - 1) === 1) return n - 1;
  const { ranges } = gone.page([1, n - 1], { limit: 1, forward: false, withDeleted: false });
  return ranges.at(-1)?.[1] ?? 0;
}

/** The same for each of these messages, which rise: read are those alone that stand outside. */
export function timesBefore(log: Log, rows: readonly EntryRow[]): LogTime[] {
  return rows.map((row, i) => {
    const previous = rows[i - 1];
    const follows = previous && log.gone.living(previous.n, row.n - 1) === 1 && !isDeleted(previous);
    return follows ? previous.at : timeBefore(log, row);
  });
}

/** How far each of these people has read and received, as log times of messages. A row or two for each place. */
export function timeMarksOf(
  { log, roster }: Core,
  members: readonly Member[],
): Record<UserNumber, TimeMarks> {
  const known = new Map<Seq, LogTime>();
  const timeOf = (seq: Seq): LogTime => {
    if (seq <= 0) return 0;
    if (seq >= log.lastMessage.seq) return log.lastMessage.logTime;
    const found = known.get(seq) ?? timeOfMessageAt(log, seq);
    known.set(seq, found);
    return found;
  };
  return Object.fromEntries(
    members.map(({ user, deliveredSeq }) => {
      const { seq } = roster.mark(user);
      return [user, { read: timeOf(seq), received: timeOf(Math.max(seq, deliveredSeq)) }];
    }),
  );
}

/** The log time of the newest message at or before `seq`. */
function timeOfMessageAt(log: Log, seq: Seq): LogTime {
  const row = log.row(seq);
  if (!row) return 0;
  return row.kind === MESSAGE ? row.at : (log.row(row.prev)?.at ?? 0);
}
