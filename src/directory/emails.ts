// People by e-mail address: the hub's own, unique in its app, and the one in a Sunshine profile, which several may have.
import type { AppNumber, UserNumber } from '../domain/ids.ts';
import type { User } from '../domain/user.ts';
import { findUsers, foldName } from './people.ts';

/** A part of the list, newest people first; at most one of the bounds. */
export interface EmailWindow {
  after?: UserNumber;
  before?: UserNumber;
  size: number;
  /** Of this brand alone, as Sunshine profiles have it; null: of any, or none. */
  brand: string | null;
}

/** Those of this address, the newest first; `hasMore` in the walking direction. Reads a row for each who has it. */
export async function findByEmail(
  d1: D1Database,
  app: AppNumber,
  email: string,
  { after, before, size, brand }: EmailWindow,
): Promise<{ users: User[]; hasMore: boolean }> {
  const backwards = before !== undefined;
  const bound = before ?? after ?? null;
  const { results } = await d1
    .prepare(
      `SELECT number FROM user INDEXED BY user_email WHERE app = ?1 AND email_key = ?2 AND deleted_at IS NULL
         AND (?3 IS NULL OR number ${backwards ? '>' : '<'} ?3) AND (?6 IS NULL OR profile ->> '$.brandId' = ?6)
       UNION
       SELECT number FROM user INDEXED BY user_profile_email
       WHERE app = ?1 AND lower(profile ->> '$.email') = lower(?4) AND profile ->> '$.email' IS NOT NULL
         AND deleted_at IS NULL AND (?3 IS NULL OR number ${backwards ? '>' : '<'} ?3)
         AND (?6 IS NULL OR profile ->> '$.brandId' = ?6)
       ORDER BY number ${backwards ? 'ASC' : 'DESC'} LIMIT ?5`,
    )
    .bind(app, foldName(email), bound, email, size + 1, brand)
    .all<{ number: UserNumber }>();
  const numbers = results.slice(0, size).map(({ number }) => number);
  const users = await findUsers(d1, app, numbers);
  return { users: users.sort((a, b) => b.number - a.number), hasMore: results.length > size };
}

/** The person of this address: whose own it is, else whose external id. Null: nobody. */
export async function findByAddress(d1: D1Database, app: AppNumber, email: string): Promise<User | null> {
  const row = await d1
    .prepare(
      `SELECT number, 0 AS place FROM user INDEXED BY user_email
       WHERE app = ?1 AND email_key = ?2 AND email_key IS NOT NULL AND deleted_at IS NULL
       UNION ALL
       SELECT number, 1 AS place FROM user INDEXED BY user_external
       WHERE app = ?1 AND external_id = ?3 AND external_id IS NOT NULL AND deleted_at IS NULL
       ORDER BY place LIMIT 1`,
    )
    .bind(app, foldName(email), email)
    .first<{ number: UserNumber }>();
  return row ? ((await findUsers(d1, app, [row.number]))[0] ?? null) : null;
}
