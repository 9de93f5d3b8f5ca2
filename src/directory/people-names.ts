// People in D1 by their names, whole or begun, and in the order of their names. By anything else: people.ts.
import { and, inArray, or } from 'drizzle-orm';
import { drizzle } from 'drizzle-orm/d1';
import type { AppNumber, UserNumber } from '../domain/ids.ts';
import type { Role } from '../domain/model.ts';
import type { User } from '../domain/user.ts';
import { living, userOf } from './people.ts';
import * as schema from './schema/people.ts';

/** Everybody with one of these names, folded: as user name, or as display name. */
export async function findByNames(d1: D1Database, app: AppNumber, names: readonly string[]): Promise<User[]> {
  const users: User[] = [];
  for (let i = 0; i < names.length; i += 45) {
    const part = names.slice(i, i + 45);
    const named = or(inArray(schema.user.usernameKey, part), inArray(schema.user.nameKey, part));
    const rows = await drizzle(d1)
      .select()
      .from(schema.user)
      .where(and(living(app), named))
      .orderBy(schema.user.number)
      .limit(500);
    users.push(...rows.map(userOf));
  }
  return users;
}

/** People that a list of everybody looks at. */
const LIST_LOOK = 1_000;

/** The first {@link LIST_LOOK} people of an app by display name, those of these roles. Two rows for each that it looks at. */
export async function findByName(
  d1: D1Database,
  app: AppNumber,
  roles: ReadonlySet<Role>,
): Promise<UserNumber[]> {
  const found = await d1
    .prepare(
      `SELECT number FROM (SELECT number, role, deleted_at FROM user INDEXED BY user_name
         WHERE app = ?1 ORDER BY name_key LIMIT ${LIST_LOOK})
       WHERE deleted_at IS NULL AND role IN (SELECT value FROM json_each(?2))`,
    )
    .bind(app, JSON.stringify([...roles]))
    .all<{ number: UserNumber }>();
  return found.results.map(({ number }) => number);
}

/** People of one name that a search looks at, on each of the two kinds of names: what it costs is bounded by them. */
const SEARCH_LOOK = 200;

/** Whoever a name search found: enough to order and count them. */
export interface FoundName {
  number: UserNumber;
  name_key: string;
}

/**
 * Those of these roles whose user name or display name begins with `start` (folded), by display name. Of very many the
 * first {@link SEARCH_LOOK} of each kind, other roles counted; reads four rows for each at most.
 */
export async function findByStart(
  d1: D1Database,
  app: AppNumber,
  start: string,
  roles: ReadonlySet<Role>,
): Promise<FoundName[]> {
  const arm = (column: string, index: string) =>
    `SELECT number FROM (SELECT number FROM user INDEXED BY ${index}
       WHERE app = ?1 AND ${column} >= ?2 AND ${column} < ?2 || char(1114111) ORDER BY ${column} LIMIT ${SEARCH_LOOK})`;
  const found = await d1
    .prepare(
      `SELECT u.number, u.name_key FROM
         (${arm('username_key', 'user_username')} UNION ${arm('name_key', 'user_name')}) f
       CROSS JOIN user u ON u.number = f.number
       WHERE u.deleted_at IS NULL AND u.role IN (SELECT value FROM json_each(?3))
       ORDER BY u.name_key, u.number`,
    )
    .bind(app, start, JSON.stringify([...roles]))
    .all<FoundName>();
  return found.results;
}
