// Whose conversations have yet to show them as they are (hub/recarding.ts does it).
import type { AppNumber, UserNumber } from '../domain/ids.ts';

/** How far a person's conversations show them as they are; false where somebody else has moved it since. */
export async function moveRecard(
  d1: D1Database,
  number: UserNumber,
  from: number,
  to: number | null,
): Promise<boolean> {
  const { meta } = await d1
    .prepare('UPDATE user SET recard_from = ?3 WHERE number = ?1 AND recard_from = ?2')
    .bind(number, from, to)
    .run();
  return meta.changes > 0;
}

/** People whom some of their conversations still show as they were. */
export async function recardsDue(
  d1: D1Database,
  limit: number,
): Promise<{ app: AppNumber; user: UserNumber; from: number }[]> {
  const found = await d1
    .prepare(
      `SELECT app, number AS user, recard_from AS "from" FROM user INDEXED BY user_recard
       WHERE recard_from IS NOT NULL AND deleted_at IS NULL LIMIT ?1`,
    )
    .bind(limit)
    .all<{ app: AppNumber; user: UserNumber; from: number }>();
  return found.results;
}
