// Sessions that ended before their time, in D1.
import { and, desc, gt, inArray, lt } from 'drizzle-orm';
import { drizzle } from 'drizzle-orm/d1';
import type { UserNumber } from '../domain/ids.ts';
import * as schema from './schema.ts';

export interface Revocation {
  number: number;
  user: UserNumber;
  session: string | null;
  /** Tokens of an older version than this are dead. */
  tokenVersion: number | null;
  at: number;
}

/** At most so many at a time: who asks for all of them walks in steps. */
export const REVOCATIONS_PAGE = 2_000;

/**
 * What was revoked after the one numbered `after` and since `since` (ms), oldest first: a page of them, and one row
 * read when there is nothing new.
 */
export async function revocationsAfter(d1: D1Database, after: number, since = 0): Promise<Revocation[]> {
  const { revocation } = schema;
  const rows = await drizzle(d1)
    .select()
    .from(revocation)
    .where(and(gt(revocation.number, after), gt(revocation.at, since)))
    .orderBy(revocation.number)
    .limit(REVOCATIONS_PAGE);
  return rows as Revocation[];
}

/** Enough for what may end while nobody looks: sessions are checked every few seconds. */
const NEWEST = 200;

/** The newest ones after the one numbered `after`. */
export async function revocationsSince(d1: D1Database, after: number): Promise<Revocation[]> {
  const { revocation } = schema;
  const rows = await drizzle(d1)
    .select()
    .from(revocation)
    .where(gt(revocation.number, after))
    .orderBy(desc(revocation.number))
    .limit(NEWEST);
  return rows as Revocation[];
}

/** How many old ones are looked at when a new one comes: they go faster than they come. */
const FORGET_ROWS = 10;

/** Writes one down and forgets those that outlived every token. */
export async function insertRevocation(
  d1: D1Database,
  entry: Omit<Revocation, 'number'>,
  keepAfter: number,
): Promise<void> {
  const db = drizzle(d1);
  const { revocation } = schema;
  const oldest = db
    .select({ number: revocation.number })
    .from(revocation)
    .orderBy(revocation.number)
    .limit(FORGET_ROWS);
  await db.batch([
    db.insert(revocation).values(entry),
    db.delete(revocation).where(and(inArray(revocation.number, oldest), lt(revocation.at, keepAfter))),
  ]);
}

/** Ends every token of a person made before now. */
export async function raiseTokenVersion(d1: D1Database, user: UserNumber, now: number): Promise<number> {
  const results = await d1.batch<{ version: number }>([
    d1
      .prepare(
        'UPDATE user SET token_version = token_version + 1 WHERE number = ?1 RETURNING token_version AS version',
      )
      .bind(user),
    d1
      .prepare(
        'INSERT INTO revocation (user, session, token_version, at) SELECT number, NULL, token_version, ?2 FROM user WHERE number = ?1',
      )
      .bind(user, now),
  ]);
  return results[0]?.results[0]?.version ?? 0;
}
