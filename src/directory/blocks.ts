// Whom a person does not want to hear of: a list in their row.
import type { AppNumber, UserNumber } from '../domain/ids.ts';
import type { User } from '../domain/user.ts';
import { findUser } from './people.ts';

/** Adds one person to another's block list, unless it holds them or `most` already. The row as it is then; null: nobody. */
export async function blockUser(
  d1: D1Database,
  app: AppNumber,
  user: UserNumber,
  other: UserNumber,
  most: number,
): Promise<User | null> {
  // A number that D1 binds is REAL: in the list it must be whole.
  await d1
    .prepare(
      `UPDATE user SET blocked = json_insert(blocked, '$[#]', CAST(?3 AS INTEGER))
       WHERE number = ?2 AND app = ?1 AND deleted_at IS NULL AND json_array_length(blocked) < ?4
         AND NOT EXISTS (SELECT 1 FROM json_each(blocked) WHERE value = ?3)`,
    )
    .bind(app, user, other, most)
    .run();
  return findUser(d1, app, { number: user });
}

/** The other way round. */
export async function unblockUser(
  d1: D1Database,
  app: AppNumber,
  user: UserNumber,
  other: UserNumber,
): Promise<User | null> {
  await d1
    .prepare(
      `UPDATE user SET blocked = (SELECT json_group_array(value) FROM json_each(blocked) WHERE value <> ?3)
       WHERE number = ?2 AND app = ?1 AND deleted_at IS NULL
         AND EXISTS (SELECT 1 FROM json_each(blocked) WHERE value = ?3)`,
    )
    .bind(app, user, other)
    .run();
  return findUser(d1, app, { number: user });
}

/** Who has this person on their block list; at most `limit`. */
export async function blockersOf(
  d1: D1Database,
  app: AppNumber,
  user: UserNumber,
  limit: number,
): Promise<UserNumber[]> {
  const found = await d1
    .prepare(
      `SELECT number FROM user WHERE app = ?1 AND blocked <> '[]' AND deleted_at IS NULL
         AND EXISTS (SELECT 1 FROM json_each(user.blocked) WHERE value = ?2) LIMIT ?3`,
    )
    .bind(app, user, limit)
    .all<{ number: UserNumber }>();
  return found.results.map(({ number }) => number);
}
