// A person's account and their conversations in D1, for taking them out. What their conversations hold is erased there.
import type { AppNumber, ConversationNumber, EndpointNumber, UserNumber } from '../domain/ids.ts';
import type { Kind, Role } from '../domain/model.ts';
import type { User } from '../domain/user.ts';
import { newsOfErasure, toldIn } from './news.ts';

/**
 * Takes everything that tells who this was from the account, and ends every token. The number stays taken, the names are
 * free. `before`: as endpoints are told who it was; `told` are those. Null: nobody of this number is left to erase.
 */
export async function eraseAccount(
  d1: D1Database,
  app: AppNumber,
  user: UserNumber,
  now: number,
  before: User | null = null,
): Promise<{ tokenVersion: number; told: EndpointNumber[] } | null> {
  const news = before && newsOfErasure(d1, before, now);
  const results = await d1.batch<{ tokenVersion: number }>([
    d1
      .prepare(
        `UPDATE user SET external_id = NULL, email = NULL, email_key = NULL, username = '', username_key = NULL, name = '',
           name_key = '', avatar = NULL, locale = NULL, metadata = '{}', profile = '{}', password = NULL, blocked = '[]',
           create_key = NULL, create_print = NULL, recard_from = NULL, last_active_at = NULL, token_version = token_version + 1, deleted_at = ?3
         WHERE number = ?1 AND app = ?2 AND deleted_at IS NULL RETURNING token_version AS tokenVersion`,
      )
      .bind(user, app, now),
    d1
      .prepare(
        `INSERT INTO revocation (user, session, token_version, at)
         SELECT number, NULL, token_version, ?3 FROM user WHERE number = ?1 AND app = ?2 AND deleted_at = ?3`,
      )
      .bind(user, app, now),
    d1
      .prepare(
        `DELETE FROM device WHERE user IN
           (SELECT number FROM user WHERE number = ?1 AND app = ?2 AND deleted_at = ?3)`,
      )
      .bind(user, app, now),
    ...(news ? [news] : []),
  ]);
  const erased = results[0]?.results[0];
  return erased ? { ...erased, told: news ? toldIn(results.at(-1)) : [] } : null;
}

/** Somebody whose account was erased. */
export async function findErased(
  d1: D1Database,
  app: AppNumber,
  user: UserNumber,
): Promise<{ number: UserNumber; role: Role } | null> {
  return d1
    .prepare('SELECT number, role FROM user WHERE number = ?1 AND app = ?2 AND deleted_at IS NOT NULL')
    .bind(user, app)
    .first<{ number: UserNumber; role: Role }>();
}

/** Of these people, whatever app they are of, those who were erased; also who had become one with somebody who was. */
export async function erasedAmong(d1: D1Database, users: readonly UserNumber[]): Promise<UserNumber[]> {
  const { results } = await d1
    .prepare(
      `WITH RECURSIVE chain(first, number) AS (
         SELECT value, value FROM json_each(?1)
         UNION SELECT c.first, u.merged_into FROM chain c JOIN user u ON u.number = c.number
         WHERE u.merged_into IS NOT NULL)
       SELECT DISTINCT c.first AS number FROM chain c JOIN user u ON u.number = c.number
       WHERE u.deleted_at IS NOT NULL AND u.merged_into IS NULL`,
    )
    .bind(JSON.stringify(users))
    .all<{ number: UserNumber }>();
  return results.map(({ number }) => number);
}

export interface Held {
  number: ConversationNumber;
  kind: Kind;
}

/** Living conversations that the person is or was in (`user` null: all of the app), from number `from` on, rising. */
export async function conversationsFrom(
  d1: D1Database,
  app: AppNumber,
  user: UserNumber | null,
  from: number,
  limit: number,
): Promise<Held[]> {
  const statement =
    user === null
      ? d1
          .prepare(
            `SELECT number, kind FROM conversation INDEXED BY conversation_living
             WHERE app = ?1 AND number >= ?2 AND deleted_at IS NULL ORDER BY number LIMIT ?3`,
          )
          .bind(app, from, limit)
      : d1
          .prepare(
            `SELECT c.number, c.kind FROM membership m CROSS JOIN conversation c ON c.number = m.conversation
             WHERE m.user = ?4 AND m.conversation >= ?2 AND c.app = ?1 AND c.deleted_at IS NULL
             ORDER BY m.conversation LIMIT ?3`,
          )
          .bind(app, from, limit, user);
  return (await statement.all<Held>()).results;
}
