// What an endpoint has still to be sent: taking it in once, the next one, what came of it. Reading it back for people is
// journal.ts.
import type { Feed } from '../domain/hooks.ts';
import type { Seq } from '../domain/ids.ts';
import type { Attempt } from './api.ts';

/** 0: what is new. 1: what is sent again because somebody asked. */
export type Lane = 0 | 1;
export const LANES: readonly Lane[] = [0, 1];

export const WAITING = 0;
export const DELIVERED = 1;
export const DEAD = 2;
export const DISCARDED = 3;

/** Characters of each older answer that are kept beside the newest one's. */
const OLDER_EXCERPT_CHARS = 1_024;
/** Attempts that are remembered of one delivery. */
const LOG_ATTEMPTS = 50;

export interface DeliveryRow {
  id: number;
  conversation: number;
  seq: number;
  event: string;
  type: string;
  author: number | null;
  taken_at: number;
  state: number;
  lane: Lane;
  due: number | null;
  tries: number;
  attempts: number;
  status: number | null;
  reason: string | null;
  ended_at: number | null;
  fed: string | null;
  body: string | null;
  log: string;
}
type Row = DeliveryRow & Record<string, SqlStorageValue>;

/** One event that is to be sent. */
export interface Planned {
  event: string;
  type: string;
  author: number | null;
  seq: Seq;
  /** The text that is sent, or what it is made of later, JSON. */
  body: string | null;
  fed: string | null;
}

export class Queue {
  private readonly sql: SqlStorage;

  constructor(sql: SqlStorage) {
    this.sql = sql;
  }

  /** The last seq that was taken of a feed's conversation; what comes before its entries where none was. */
  seen({ facts, epoch }: Pick<Feed, 'facts' | 'epoch'>): Seq {
    const row = this.sql
      .exec<{ epoch: string; seq: number }>(
        'SELECT epoch, seq FROM source WHERE conversation = ?',
        facts.number,
      )
      .toArray()[0];
    return row?.epoch === epoch ? row.seq : 0;
  }

  saw({ facts, epoch }: Pick<Feed, 'facts' | 'epoch'>, seq: Seq): void {
    this.sql.exec(
      'INSERT OR REPLACE INTO source (conversation, epoch, seq) VALUES (?, ?, ?)',
      facts.number,
      epoch,
      seq,
    );
  }

  add(conversation: number, planned: Planned, ordered: boolean, now: number): void {
    const due = ordered && this.hasWaiting(0, conversation) ? null : now;
    this.sql.exec(
      'INSERT INTO delivery (conversation, seq, event, type, author, taken_at, due, fed, body) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)',
      conversation,
      planned.seq,
      planned.event,
      planned.type,
      planned.author,
      now,
      due,
      planned.fed,
      planned.body,
    );
  }

  private hasWaiting(lane: Lane, conversation: number): boolean {
    return (
      this.sql
        .exec(
          'SELECT 1 FROM delivery WHERE state = 0 AND lane = ? AND conversation = ? LIMIT 1',
          lane,
          conversation,
        )
        .toArray().length > 0
    );
  }

  /** Due by now and not in flight: the one that has waited longest. */
  next(lane: Lane, now: number, inFlight: ReadonlySet<number>): DeliveryRow | null {
    const rows = this.sql.exec<{ id: number }>(
      'SELECT id FROM delivery WHERE lane = ? AND due <= ? ORDER BY due, id LIMIT ?',
      lane,
      now,
      inFlight.size + 1,
    );
    for (const { id } of rows.toArray()) if (!inFlight.has(id)) return this.row(id);
    return null;
  }

  /** When the next one is due that is not in flight, ms since 1970; null: nothing waits. */
  nextDue(inFlight: ReadonlySet<number>, lanes = LANES): number | null {
    let first: number | null = null;
    for (const lane of lanes) {
      const rows = this.sql.exec<{ id: number; due: number }>(
        'SELECT id, due FROM delivery WHERE lane = ? AND due IS NOT NULL ORDER BY due, id LIMIT ?',
        lane,
        inFlight.size + 1,
      );
      const free = rows.toArray().find(({ id }) => !inFlight.has(id));
      if (free && (first === null || free.due < first)) first = free.due;
    }
    return first;
  }

  /** Whether anything is kept. */
  any(): boolean {
    return this.sql.exec('SELECT 1 FROM delivery LIMIT 1').toArray().length > 0;
  }

  row(id: number): DeliveryRow | null {
    return this.sql.exec<Row>('SELECT * FROM delivery WHERE id = ?', id).toArray()[0] ?? null;
  }

  /** From now on the same bytes go out at every attempt (W2). */
  made(id: number, body: string): void {
    this.sql.exec('UPDATE delivery SET body = ?, fed = NULL WHERE id = ?', body, id);
  }

  /** Not now, and not because of the receiver. */
  postpone(id: number, at: number): void {
    this.sql.exec('UPDATE delivery SET due = ? WHERE id = ?', at, id);
  }

  /** It goes on at `at`; null: there is nothing to tell after all. */
  rest(id: number, at: number | null, now: number): void {
    const row = this.row(id);
    if (row?.state !== WAITING) return;
    if (at === null) this.end(row, DELIVERED, 'nothing to tell', now, null);
    else this.postpone(id, at);
  }

  /** An attempt failed; the next one is at `at`. */
  again(row: DeliveryRow, attempt: Attempt, at: number): void {
    this.sql.exec(
      'UPDATE delivery SET due = ?, tries = tries + 1, attempts = ?, status = ?, reason = ?, log = ? WHERE id = ?',
      at,
      attempt.attempt,
      attempt.status,
      attempt.reason,
      logWith(row.log, attempt),
      row.id,
    );
  }

  /** It has come to its end, and the next one of its conversation may go. */
  end(row: DeliveryRow, state: number, reason: string | null, now: number, attempt: Attempt | null): void {
    this.sql.exec(
      'UPDATE delivery SET state = ?, due = NULL, tries = tries + 1, attempts = ?, status = ?, reason = ?, ended_at = ?, log = ? WHERE id = ?',
      state,
      attempt?.attempt ?? row.attempts,
      attempt ? attempt.status : row.status,
      reason,
      now,
      attempt ? logWith(row.log, attempt) : row.log,
      row.id,
    );
    this.promote(row.lane, row.conversation, now);
  }

  /** Dead no longer: somebody has looked at it. */
  dismiss(id: number): void {
    this.sql.exec('UPDATE delivery SET state = ? WHERE id = ? AND state = ?', DISCARDED, id, DEAD);
  }

  private promote(lane: Lane, conversation: number, now: number): void {
    this.sql.exec(
      `UPDATE delivery SET due = ?1 WHERE due IS NULL AND id = (
         SELECT id FROM delivery WHERE state = 0 AND lane = ?2 AND conversation = ?3 ORDER BY id LIMIT 1)`,
      now,
      lane,
      conversation,
    );
  }

  /** Waits once more, behind what already waits in its lane. */
  repeat(row: DeliveryRow, ordered: boolean, now: number): void {
    if (row.state === WAITING) {
      // Already on its way: at once instead of later, if it is its turn.
      if (row.due !== null) this.postpone(row.id, now);
      return;
    }
    const due = ordered && this.hasWaiting(1, row.conversation) ? null : now;
    this.sql.exec(
      'UPDATE delivery SET state = 0, lane = 1, due = ?, tries = 0, reason = NULL, ended_at = NULL WHERE id = ?',
      due,
      row.id,
    );
  }

  /** Deliveries are ordered from now on, or no longer. */
  reorder(ordered: boolean, now: number): void {
    if (!ordered) {
      this.sql.exec('UPDATE delivery SET due = ? WHERE state = 0 AND due IS NULL', now);
      return;
    }
    this.sql.exec(
      `UPDATE delivery SET due = NULL WHERE state = 0 AND EXISTS (SELECT 1 FROM delivery first
         WHERE first.state = 0 AND first.lane = delivery.lane AND first.conversation = delivery.conversation
           AND first.id < delivery.id)`,
    );
    this.sql.exec(
      `UPDATE delivery SET due = ?1 WHERE state = 0 AND due IS NULL AND NOT EXISTS (SELECT 1 FROM delivery first
         WHERE first.state = 0 AND first.lane = delivery.lane AND first.conversation = delivery.conversation
           AND first.id < delivery.id)`,
      now,
    );
  }

  /** Everything that waits is due now, where it is its turn, as if it had never been tried. */
  hurry(now: number): void {
    this.sql.exec(
      'UPDATE delivery SET due = min(due, ?1), tries = 0 WHERE due IS NOT NULL AND (due > ?1 OR tries > 0)',
      now,
    );
  }

  /** What was said is erased where it was sent already; `author` null: of everybody in the conversation. */
  erase(conversation: number, author: number | null): void {
    this.sql.exec(
      `UPDATE delivery SET body = NULL, fed = NULL WHERE state > 0 AND conversation = ?1 AND (?2 IS NULL OR author = ?2)
         AND (body IS NOT NULL OR fed IS NOT NULL)`,
      conversation,
      author,
    );
  }

  /**
   * Forgets what was taken before `before`, and gives up what has waited since then; at most `limit`. `more`: there may be more;
   * `dropped`: how many of them had not been sent.
   */
  prune(before: number, now: number, limit: number): { more: boolean; dropped: number } {
    const old = this.oldest(limit).filter(({ taken_at }) => taken_at < before);
    return { more: old.length === limit, dropped: this.forget(old, now) };
  }

  /** Forgets the oldest where there are more than `most`: how many had not been sent, and what room is left. Ids have few gaps. */
  trim(most: number, now: number): { dropped: number; left: number } {
    const { low, high } = this.sql
      .exec<{ low: number | null; high: number | null }>(
        'SELECT (SELECT min(id) FROM delivery) AS low, (SELECT max(id) FROM delivery) AS high',
      )
      .one();
    const surplus = (high ?? 0) - (low ?? 1) + 1 - most;
    const dropped = surplus > 0 ? this.forget(this.oldest(surplus), now) : 0;
    return { dropped, left: Math.max(0, -surplus) };
  }

  private oldest(limit: number): Old[] {
    return this.sql
      .exec<Old>('SELECT id, conversation, lane, state, taken_at FROM delivery ORDER BY id LIMIT ?', limit)
      .toArray();
  }

  private forget(rows: readonly Old[], now: number): number {
    for (const { id } of rows) this.sql.exec('DELETE FROM delivery WHERE id = ?', id);
    const waited = rows.filter(({ state }) => state === WAITING);
    for (const { lane, conversation } of waited) this.promote(lane, conversation, now);
    return waited.length;
  }
}

type Old = Pick<DeliveryRow, 'id' | 'conversation' | 'lane' | 'state' | 'taken_at'> &
  Record<string, SqlStorageValue>;

function logWith(log: string, attempt: Attempt): string {
  const older = (JSON.parse(log) as Attempt[]).slice(1 - LOG_ATTEMPTS);
  const short = older.map((one) => ({ ...one, excerpt: one.excerpt?.slice(0, OLDER_EXCERPT_CHARS) ?? null }));
  return JSON.stringify([...short, attempt]);
}
