// Sessions that ended before their time, in D1.
import { and, gt, inArray, lt } from 'drizzle-orm';
import { drizzle } from 'drizzle-orm/d1';
import type { EndedAmong, HeldSession } from '../domain/held-session.ts';
import type { UserNumber } from '../domain/ids.ts';
import * as schema from './schema/people.ts';

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

/** Sessions in one statement: their JSON stays some 200 KB. */
const HELD_AT_ONCE = 2_000;

/** Which of these sessions have ended, and up to where the others are checked. Reads nothing of anybody else, however many sessions end. */
export async function endedAmong(d1: D1Database, held: readonly HeldSession[]): Promise<EndedAmong> {
  const newest = d1.prepare('SELECT coalesce(max(number), 0) AS n FROM revocation');
  const parts: D1PreparedStatement[] = [];
  for (let i = 0; i < held.length; i += HELD_AT_ONCE) {
    const rows = held.slice(i, i + HELD_AT_ONCE).map((h) => [h.user, h.session, h.version, h.after]);
    parts.push(
      d1
        .prepare(
          `SELECT j.key + ?2 AS n FROM json_each(?1) j
           WHERE EXISTS (SELECT 1 FROM revocation r WHERE r.user = j.value->>0 AND r.number > j.value->>3
             AND (r.session = j.value->>1 OR r.token_version > j.value->>2))`,
        )
        .bind(JSON.stringify(rows), i),
    );
  }
  const [top, ...found] = await d1.batch<{ n: number }>([newest, ...parts]);
  return {
    ended: found.flatMap(({ results }) => results.map(({ n }) => n)),
    through: top?.results[0]?.n ?? 0,
  };
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

/** Writes one of a session down where it is the first of it. False: another was there. */
export async function insertRevocationOnce(
  d1: D1Database,
  { user, session, at }: Pick<Revocation, 'user' | 'session' | 'at'>,
): Promise<boolean> {
  const { meta } = await d1
    .prepare(
      `INSERT INTO revocation (user, session, token_version, at) SELECT ?1, ?2, NULL, ?3
       WHERE NOT EXISTS (SELECT 1 FROM revocation WHERE user = ?1 AND session = ?2)`,
    )
    .bind(user, session, at)
    .run();
  return meta.changes > 0;
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
