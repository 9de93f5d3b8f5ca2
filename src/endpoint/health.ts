// How an endpoint has been answering: failures in a row, since when, and how fast it may be called now.
import type { Attempt } from './api.ts';
import { succeeded, type Verdict, WARN_AT } from './schedule.ts';
import { readMeta, writeMeta } from './schema.ts';

interface Kept {
  failingSince: number | null;
  failures: number;
  /** One call at a time until then; ms since 1970. */
  slowUntil?: number;
}
const WELL: Kept = { failingSince: null, failures: 0 };

/** Something to say: failures that are worth a warning, or the first success after such. */
export type Turn = { what: 'failing' | 'recovered'; failures: number };

export class Health {
  private readonly sql: SqlStorage;
  private kept: Kept;

  constructor(sql: SqlStorage) {
    this.sql = sql;
    this.kept = readMeta<Kept>(sql, 'health') ?? WELL;
  }

  get failingSince(): number | null {
    return this.kept.failingSince;
  }

  get failures(): number {
    return this.kept.failures;
  }

  get slowUntil(): number {
    return this.kept.slowUntil ?? 0;
  }

  /** When it began to fail, with this attempt: what is judged by. */
  since({ status, at }: Pick<Attempt, 'status' | 'at'>): number | null {
    return succeeded(status) ? null : (this.kept.failingSince ?? at);
  }

  /** One row written for a failure and for the first success after one, none otherwise. */
  heard(
    { status, at }: Pick<Attempt, 'status' | 'at'>,
    { slowUntil }: Pick<Verdict, 'slowUntil'>,
  ): Turn | null {
    const before = this.kept.failures;
    if (succeeded(status)) {
      if (before > 0) this.keep(WELL);
      return before >= (WARN_AT[0] as number) ? { what: 'recovered', failures: before } : null;
    }
    const failures = before + 1;
    const slow = Math.max(this.slowUntil, slowUntil ?? 0);
    const failingSince = this.kept.failingSince ?? at;
    this.keep({ failingSince, failures, ...(slow > 0 && { slowUntil: slow }) });
    return WARN_AT.includes(failures) ? { what: 'failing', failures } : null;
  }

  /** Whoever switches it on again wants it to be judged anew. */
  forget(): void {
    if (this.kept.failures > 0) this.keep(WELL);
  }

  private keep(kept: Kept): void {
    this.kept = kept;
    writeMeta(this.sql, 'health', kept);
  }
}

/** So many calls in a second, a second's worth of them at once. Forgotten when the object sleeps: it was idle then. */
export class Bucket {
  private tokens: number | null = null;
  private at = 0;

  /** Takes one call's worth: 0, or ms until there is one (nothing is taken then). */
  take(perSecond: number, now: number): number {
    const most = Math.max(1, perSecond);
    const earned = ((now - this.at) / 1_000) * perSecond;
    const tokens = this.tokens === null ? most : Math.min(most, this.tokens + Math.max(0, earned));
    this.at = now;
    this.tokens = tokens;
    if (tokens < 1) return Math.ceil(((1 - tokens) / perSecond) * 1_000);
    this.tokens = tokens - 1;
    return 0;
  }

  /** It was not needed after all. */
  giveBack(): void {
    if (this.tokens !== null) this.tokens += 1;
  }
}
