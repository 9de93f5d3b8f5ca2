// People by the id that they have in Zendesk Support, which a Sunshine profile may name; unique in its app.
import type { AppNumber, UserNumber } from '../domain/ids.ts';
import type { User } from '../domain/user.ts';
import { findUsers } from './people.ts';

/** Living people of these ids, each with the id as a profile has it. */
export async function findByZendesk(
  d1: D1Database,
  app: AppNumber,
  ids: readonly string[],
): Promise<Map<string, User>> {
  const { results } = await d1
    .prepare(
      `SELECT number, profile ->> '$.zendeskId' AS id FROM user INDEXED BY user_zendesk
       WHERE app = ?1 AND profile ->> '$.zendeskId' IN (SELECT value FROM json_each(?2))
         AND profile ->> '$.zendeskId' IS NOT NULL AND deleted_at IS NULL`,
    )
    .bind(app, JSON.stringify(ids))
    .all<{ number: UserNumber; id: string }>();
  const users = await findUsers(
    d1,
    app,
    results.map(({ number }) => number),
  );
  const byNumber = new Map(users.map((user) => [user.number, user]));
  return new Map(
    results.flatMap(({ number, id }) => {
      const user = byNumber.get(number);
      return user ? [[id, user] as const] : [];
    }),
  );
}

/**
 * Gives whoever has the one id the other. False: nobody has it any more. Throws the database's own error where somebody has
 * the other one (see takenColumn).
 */
export async function relinkZendesk(
  d1: D1Database,
  app: AppNumber,
  user: UserNumber,
  from: string,
  to: string,
): Promise<boolean> {
  const { meta } = await d1
    .prepare(
      `UPDATE user SET profile = json_set(profile, '$.zendeskId', ?4)
       WHERE number = ?2 AND app = ?1 AND deleted_at IS NULL AND profile ->> '$.zendeskId' = ?3`,
    )
    .bind(app, user, from, to)
    .run();
  return meta.changes > 0;
}
