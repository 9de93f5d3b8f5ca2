// How an endpoint has been answering: failures in a row, since when, and how fast it may be called now.
import type { Attempt } from './api.ts';
import { succeeded, WARN_AT } from './schedule.ts';
import { readMeta, writeMeta } from './schema.ts';

interface Kept {
  failingSince: number | null;
  failures: number;
}
const WELL: Kept = { failingSince: null, failures: 0 };

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

  /** One row written for a failure and for the first success after one, none otherwise. Gives a count worth a warning. */
  heard({ status, at }: Pick<Attempt, 'status' | 'at'>): number | null {
    if (succeeded(status)) {
      if (this.kept.failures > 0) this.keep(WELL);
      return null;
    }
    const failures = this.kept.failures + 1;
    this.keep({ failingSince: this.kept.failingSince ?? at, failures });
    return WARN_AT.includes(failures) ? failures : null;
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
