// Which sessions ended before their time: polled, so that no token needs the directory to be verified.
import { REVOCATIONS_PAGE, type Revocation, revocationsAfter } from '../directory/revocations.ts';
import type { UserNumber } from '../domain/ids.ts';
import { within } from '../domain/within.ts';

/** The list is refreshed behind the caller's back after this long, and waited for after twice that: 5 s are promised. */
const REFRESH_MS = 2_000;
/** How long a caller waits for a list that is a little too old. */
const PATIENCE_MS = 300;
/** A list that was never loaded, or slept so long, says nothing: it is worth a longer wait. */
const COLD_MS = 60_000;
const COLD_PATIENCE_MS = 2_000;
/** A directory that did not answer is tried again so often, and not waited for until it has answered. */
const RETRY_MS = 500;
/** No token lives longer (hub/sessions.ts); what ended before that is forgotten, here and in the directory. */
export const LONGEST_LIFETIME_MS = 31 * 86_400_000;
const SWEEP_EVERY_MS = 3_600_000;

export class RevocationList {
  private after = 0;
  /** When the list was last known to be whole; ms since 1970, 0: never. */
  private at = 0;
  private askedAt = 0;
  private away = false;
  private sweptAt = 0;
  /** Each with the time of its end; ms since 1970. */
  private readonly sessions = new Map<string, number>();
  private readonly versions = new Map<UserNumber, { version: number; at: number }>();

  /** Whether this session, or its version of the user's tokens, was revoked. */
  has(user: UserNumber, session: string, version: number): boolean {
    return this.sessions.has(session) || version < (this.versions.get(user)?.version ?? 0);
  }

  add({
    user,
    session,
    tokenVersion,
    at,
  }: Pick<Revocation, 'user' | 'session' | 'tokenVersion' | 'at'>): void {
    if (session !== null) this.sessions.set(session, at);
    if (tokenVersion !== null) {
      const version = Math.max(tokenVersion, this.versions.get(user)?.version ?? 0);
      this.versions.set(user, { version, at });
    }
  }

  /** How many sessions and people are remembered. */
  get size(): number {
    return this.sessions.size + this.versions.size;
  }

  /**
   * Brings the list up to date where it is old. Every caller who finds it too old loads and waits for themselves (work
   * cannot be shared between requests); a directory that is away is waited for once, and then the old list holds.
   */
  async refresh(
    d1: D1Database,
    defer: (work: Promise<unknown>) => void,
    now: number = Date.now(),
  ): Promise<void> {
    const age = now - this.at;
    if (age < REFRESH_MS) return;
    const must = age >= 2 * REFRESH_MS && !this.away;
    if (!must && now - this.askedAt < RETRY_MS) return;
    this.askedAt = now;
    const loading = this.load(d1, now);
    defer(loading.catch(() => undefined));
    if (!must) return;
    try {
      await within(age >= COLD_MS ? COLD_PATIENCE_MS : PATIENCE_MS, loading);
    } catch {
      this.away = this.at + REFRESH_MS <= now;
    }
  }

  private async load(d1: D1Database, now: number): Promise<void> {
    const since = now - LONGEST_LIFETIME_MS;
    for (let full = true; full; ) {
      const rows = await revocationsAfter(d1, this.after, since);
      for (const row of rows) {
        this.add(row);
        this.after = Math.max(this.after, row.number);
      }
      full = rows.length === REVOCATIONS_PAGE;
    }
    this.at = Math.max(this.at, now);
    this.away = false;
    this.sweep(now, since);
  }

  private sweep(now: number, since: number): void {
    if (now - this.sweptAt < SWEEP_EVERY_MS) return;
    this.sweptAt = now;
    for (const [session, at] of this.sessions) if (at < since) this.sessions.delete(session);
    for (const [user, { at }] of this.versions) if (at < since) this.versions.delete(user);
  }
}
