// Whom tokens of public credentials may act for, in D1. What a grant lets them do is the hub's to say (hub/visitors.ts).
import type { UserNumber } from '../domain/ids.ts';

export interface VisitorGrant {
  session: string;
  user: UserNumber;
  proved: boolean;
  tokenVersion: number;
  /** s since 1970. */
  expiresAt: number;
}

/** How many old ones are looked at when a new one comes: they go faster than they come. */
const FORGET_ROWS = 5;

/** Writes one down, or makes what was only named a proved one; forgets some whose tokens have ended. */
export async function insertGrant(d1: D1Database, grant: VisitorGrant, now: number): Promise<void> {
  await d1.batch([
    d1
      .prepare(
        `INSERT INTO visitor_grant (session, user, proved, token_version, expires_at) VALUES (?1, ?2, ?3, ?4, ?5)
         ON CONFLICT (session, user) DO UPDATE SET proved = 1, token_version = excluded.token_version
         WHERE excluded.proved = 1`,
      )
      .bind(grant.session, grant.user, Number(grant.proved), grant.tokenVersion, grant.expiresAt),
    d1
      .prepare(
        `DELETE FROM visitor_grant WHERE (session, user) IN (SELECT session, user FROM visitor_grant
           INDEXED BY visitor_grant_expires WHERE expires_at < ?1 LIMIT ${FORGET_ROWS})`,
      )
      .bind(Math.floor(now / 1000)),
  ]);
}

/** Null: this token was never shown to be this person's. One row read. */
export async function findGrant(
  d1: D1Database,
  session: string,
  user: UserNumber,
): Promise<VisitorGrant | null> {
  const row = await d1
    .prepare('SELECT * FROM visitor_grant WHERE session = ?1 AND user = ?2')
    .bind(session, user)
    .first<{ proved: number; token_version: number; expires_at: number }>();
  if (!row) return null;
  const { proved, token_version: tokenVersion, expires_at: expiresAt } = row;
  return { session, user, proved: proved !== 0, tokenVersion, expiresAt };
}

/** Everybody whom this token was proved to be, the newest number last; at most `limit`. */
export async function provedBy(d1: D1Database, session: string, limit: number): Promise<UserNumber[]> {
  const { results } = await d1
    .prepare('SELECT user FROM visitor_grant WHERE session = ?1 AND proved = 1 ORDER BY user LIMIT ?2')
    .bind(session, limit)
    .all<{ user: UserNumber }>();
  return results.map(({ user }) => user);
}
