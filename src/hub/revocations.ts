// Which sessions ended before their time: polled, so that no token needs the directory to be verified.
import { type Revocation, revocationsAfter } from '../directory/revocations.ts';
import type { UserNumber } from '../domain/ids.ts';
import { within } from './remembered.ts';

/** The list is refreshed behind the caller's back after this long, and waited for after twice that: 5 s are promised. */
const REFRESH_MS = 2_000;
const PATIENCE_MS = 300;

export class RevocationList {
  private after = 0;
  private at = 0;
  private askedAt = 0;
  private readonly sessions = new Set<string>();
  private readonly versions = new Map<UserNumber, number>();

  /** Whether this session, or its version of the user's tokens, was revoked. */
  has(user: UserNumber, session: string, version: number): boolean {
    return this.sessions.has(session) || version < (this.versions.get(user) ?? 0);
  }

  add(entry: Pick<Revocation, 'user' | 'session' | 'tokenVersion'>): void {
    if (entry.session !== null) this.sessions.add(entry.session);
    if (entry.tokenVersion !== null) {
      this.versions.set(entry.user, Math.max(entry.tokenVersion, this.versions.get(entry.user) ?? 0));
    }
  }

  /** Brings the list up to date where it is old. A directory that is away is not waited for: the old list holds. */
  async refresh(d1: D1Database, defer: (work: Promise<unknown>) => void): Promise<void> {
    const now = Date.now();
    const age = now - this.at;
    if (age < REFRESH_MS || now - this.askedAt < PATIENCE_MS) return;
    this.askedAt = now;
    const loading = this.load(d1);
    defer(loading.catch(() => undefined));
    if (age >= 2 * REFRESH_MS) await within(PATIENCE_MS, loading).catch(() => undefined);
  }

  private async load(d1: D1Database): Promise<void> {
    const at = Date.now();
    for (const row of await revocationsAfter(d1, this.after)) {
      this.add(row);
      this.after = Math.max(this.after, row.number);
    }
    this.at = at;
  }
}
