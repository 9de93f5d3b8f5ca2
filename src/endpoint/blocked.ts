// Conversations that wait behind their first event: when one has for half an hour, and which to tell of
// (contracts/webhooks-bridges-widget.md W12). Telling is notices.ts; trying again is sender.ts.
import type { Attempt } from './api.ts';
import { type Notices, RARELY_MS } from './notices.ts';
import { type DeliveryRow, LANES } from './queue.ts';
import { readMeta, writeMeta } from './schema.ts';

/** Since the first of a conversation was tried for the first time, while others of it wait. */
const BLOCKED_MS = 1_800_000;
/** Of those that wait for their next attempt, one look goes through so many: those whose attempt is farthest off. */
const LOOKED_AT = 200;
const KEY = 'blocked';

export interface BlockedDelivery {
  conversation: number;
  delivery: number;
}

type Waiting = Pick<DeliveryRow, 'id' | 'conversation' | 'log' | 'tries'> & Record<string, SqlStorageValue>;

export class Blocked {
  private readonly sql: SqlStorage;
  private at: number | null;

  constructor(sql: SqlStorage) {
    this.sql = sql;
    this.at = readMeta<number>(sql, KEY);
  }

  /** When the next look is due, ms since 1970; null: nothing waits for so long. */
  get lookAt(): number | null {
    return this.at;
  }

  /**
   * An attempt at what others wait behind failed, and the next one is at `next`. A row is written where the half hour ends
   * before that: once for each delivery, and only for what has failed a few times.
   */
  waits({ log, tries }: Pick<DeliveryRow, 'log' | 'tries'>, attempt: Attempt, next: number): void {
    const round = [...roundOf(log, tries), attempt];
    const end = endOf(round) as number;
    const before = round.at(-2)?.next ?? null;
    if (next > end && (before === null || before <= end)) this.lookNext(Math.min(this.at ?? end, end));
  }

  /** The one to tell of now: who has waited longest, and was not told of. `tells` false: the endpoint is left alone. */
  look(now: number, tells: boolean, notices: Pick<Notices, 'restsUntil' | 'told'>): BlockedDelivery | null {
    if (this.at === null || this.at > now) return null;
    const all = tells ? this.waiting(now) : [];
    const over = all
      .filter(({ end, id }) => end <= now && !notices.told(KEY, id, end))
      .sort((a, b) => a.end - b.end);
    const rests = notices.restsUntil(KEY);
    const first = now >= rests ? (over.shift() ?? null) : null;
    const later = all.filter(({ end, due }) => end > now && end < due).map(({ end }) => end);
    const again = over.length > 0 ? [first ? now + RARELY_MS : rests] : [];
    const next = Math.min(...later, ...again);
    this.lookNext(Number.isFinite(next) ? next : null);
    return first && { conversation: first.conversation, delivery: first.id };
  }

  /** First of their conversations, tried, with others behind them: when their half hour ends. */
  private waiting(now: number) {
    return LANES.flatMap((lane) =>
      this.sql
        .exec<Waiting & { due: number }>(
          `SELECT id, conversation, log, tries, due FROM delivery first
             WHERE lane = ?1 AND due > ?2 AND tries > 0 AND EXISTS (SELECT 1 FROM delivery other
               WHERE other.state = 0 AND other.lane = ?1 AND other.conversation = first.conversation AND other.id > first.id)
             ORDER BY due DESC LIMIT ?3`,
          lane,
          now,
          LOOKED_AT,
        )
        .toArray(),
    ).flatMap(({ log, tries, ...row }) => {
      const end = endOf(roundOf(log, tries));
      return end === null ? [] : [{ ...row, end }];
    });
  }

  private lookNext(at: number | null): void {
    if (at === this.at) return;
    this.at = at;
    if (at === null) this.sql.exec('DELETE FROM meta WHERE key = ?', KEY);
    else writeMeta(this.sql, KEY, at);
  }
}

/** Attempts since it was taken, or was asked for again. */
const roundOf = (log: string, tries: number): Attempt[] =>
  tries === 0 ? [] : (JSON.parse(log) as Attempt[]).slice(-tries);

const endOf = (round: readonly Attempt[]): number | null => (round[0] ? round[0].at + BLOCKED_MS : null);
