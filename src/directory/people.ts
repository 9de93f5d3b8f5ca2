// People in D1: found by number, external id, name or e-mail inside one app, made, changed, ended.
import { and, eq, inArray, isNull, or, sql } from 'drizzle-orm';
import { type DrizzleD1Database, drizzle } from 'drizzle-orm/d1';
import type { AppNumber, EndpointNumber, UserNumber } from '../domain/ids.ts';
import type { JsonObject, Role } from '../domain/model.ts';
import type { User } from '../domain/user.ts';
import { newsOfUpdate } from './news.ts';
import * as schema from './schema.ts';

/** Names are compared without case and in one Unicode form. */
export const foldName = (name: string): string => name.normalize('NFKC').trim().toLowerCase();

type Row = typeof schema.user.$inferSelect;

const userOf = (row: Row): User => ({
  number: row.number as UserNumber,
  app: row.app as AppNumber,
  externalId: row.externalId ?? '',
  email: row.email,
  username: row.username,
  name: row.name,
  avatar: row.avatar,
  locale: row.locale,
  role: row.role as Role,
  metadata: JSON.parse(row.metadata) as JsonObject,
  profile: JSON.parse(row.profile) as JsonObject,
  hasPassword: row.password !== null,
  blocked: JSON.parse(row.blocked) as UserNumber[],
  tokenVersion: row.tokenVersion,
  createdAt: row.createdAt,
  lastActiveAt: row.lastActiveAt,
  deletedAt: row.deletedAt,
  deactivatedAt: row.deactivatedAt,
});

const living = (app: AppNumber) => and(eq(schema.user.app, app), isNull(schema.user.deletedAt));

export async function findUser(
  d1: D1Database,
  app: AppNumber,
  by: { number: UserNumber } | { externalId: string },
): Promise<User | null> {
  const which =
    'number' in by ? eq(schema.user.number, by.number) : eq(schema.user.externalId, by.externalId);
  const rows = await drizzle(d1)
    .select()
    .from(schema.user)
    .where(and(living(app), which))
    .limit(1);
  return rows[0] ? userOf(rows[0]) : null;
}

/** A living person of whatever app. */
export async function findUserOfAnyApp(d1: D1Database, number: UserNumber): Promise<User | null> {
  const rows = await drizzle(d1)
    .select()
    .from(schema.user)
    .where(and(eq(schema.user.number, number), isNull(schema.user.deletedAt)))
    .limit(1);
  return rows[0] ? userOf(rows[0]) : null;
}

/** People in one statement: what comes back stays some 500 KB. */
const USERS_AT_ONCE = 1_000;

export async function findUsers(
  d1: D1Database,
  app: AppNumber,
  numbers: readonly UserNumber[],
): Promise<User[]> {
  const users: User[] = [];
  // D1 binds at most 100 values in one statement: the numbers are one of them.
  for (let i = 0; i < numbers.length; i += USERS_AT_ONCE) {
    const part = JSON.stringify(numbers.slice(i, i + USERS_AT_ONCE));
    const rows = await drizzle(d1)
      .select()
      .from(schema.user)
      .where(and(living(app), sql`${schema.user.number} IN (SELECT value FROM json_each(${part}))`));
    users.push(...rows.map(userOf));
  }
  return users;
}

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

/** Who answers for the app, the first `limit`. */
export async function findTeam(d1: D1Database, app: AppNumber, limit: number): Promise<User[]> {
  const rows = await drizzle(d1)
    .select()
    .from(schema.user)
    .where(and(living(app), sql`role in ('agent', 'admin', 'owner')`))
    .orderBy(schema.user.number)
    .limit(limit);
  return rows.map(userOf);
}

/** The person who signs in as `name`: user name first, then e-mail, then external id. With the password's hash. */
export async function findForSignIn(
  d1: D1Database,
  app: AppNumber,
  name: string,
): Promise<{ user: User; password: string | null } | null> {
  const key = foldName(name);
  const { user } = schema;
  const rows = await drizzle(d1)
    .select()
    .from(user)
    .where(and(living(app), or(eq(user.usernameKey, key), eq(user.emailKey, key), eq(user.externalId, name))))
    .limit(3);
  const row =
    rows.find((r) => r.usernameKey === key) ??
    rows.find((r) => r.emailKey === key) ??
    rows.find((r) => r.externalId === name);
  return row ? { user: userOf(row), password: row.password } : null;
}

export interface NewUser {
  externalId: string;
  email: string | null;
  username: string;
  name: string;
  avatar: string | null;
  locale: string | null;
  role: Role;
  metadata: JsonObject;
  profile: JsonObject;
  password: string | null;
  /** Of the create, and what was asked for under it. */
  createKey?: string | null;
  createPrint?: string | null;
}

/** Who was made under a key, and what was asked for then. */
export async function findByCreateKey(
  d1: D1Database,
  app: AppNumber,
  key: string,
): Promise<{ user: User; print: string | null } | null> {
  const rows = await drizzle(d1)
    .select()
    .from(schema.user)
    .where(and(living(app), eq(schema.user.createKey, key)))
    .limit(1);
  return rows[0] ? { user: userOf(rows[0]), print: rows[0].createPrint } : null;
}

/** Throws the database's own error where a name is taken (see takenColumn). */
export async function insertUser(d1: D1Database, app: AppNumber, user: NewUser, now: number): Promise<User> {
  const rows = await drizzle(d1)
    .insert(schema.user)
    .values({
      app,
      ...user,
      emailKey: user.email === null ? null : foldName(user.email),
      usernameKey: foldName(user.username),
      nameKey: foldName(user.name),
      metadata: JSON.stringify(user.metadata),
      profile: JSON.stringify(user.profile),
      blocked: '[]',
      tokenVersion: 1,
      createdAt: now,
    })
    .returning();
  return userOf(rows[0] as Row);
}

export type UserChange = Partial<Omit<NewUser, 'externalId' | 'username' | 'createKey' | 'createPrint'>> & {
  deactivatedAt?: number | null;
  /** They look different from now on: the first conversation that must be told. */
  recardFrom?: number;
};

export async function updateUser(
  d1: D1Database,
  app: AppNumber,
  number: UserNumber,
  change: UserChange,
): Promise<User | null> {
  const [row] = await changing(drizzle(d1), app, number, change);
  return row ? userOf(row) : null;
}

/** The same, with the endpoints that are to hear of it: what they are told is written in the same batch. */
export async function updateUserTelling(
  d1: D1Database,
  app: AppNumber,
  number: UserNumber,
  change: UserChange,
  now: number,
): Promise<{ user: User; told: EndpointNumber[] } | null> {
  const db = drizzle(d1);
  const [rows, told] = await db.batch([
    changing(db, app, number, change),
    newsOfUpdate(db, app, number, now),
  ]);
  return rows[0]
    ? { user: userOf(rows[0]), told: told.map(({ endpoint }) => endpoint as EndpointNumber) }
    : null;
}

function changing(db: DrizzleD1Database, app: AppNumber, number: UserNumber, change: UserChange) {
  const { metadata, profile, email, name, ...plain } = change;
  return db
    .update(schema.user)
    .set({
      ...plain,
      ...(metadata ? { metadata: JSON.stringify(metadata) } : {}),
      ...(profile ? { profile: JSON.stringify(profile) } : {}),
      ...(email !== undefined ? { email, emailKey: email === null ? null : foldName(email) } : {}),
      ...(name !== undefined ? { name, nameKey: foldName(name) } : {}),
      // Drizzle refuses an empty SET; the number is itself.
      app,
    })
    .where(and(living(app), eq(schema.user.number, number)))
    .returning();
}

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

/** Another hash of the same password, unless it was changed meanwhile. */
export const replacePassword = (d1: D1Database, number: UserNumber, from: string, to: string) =>
  drizzle(d1)
    .update(schema.user)
    .set({ password: to })
    .where(and(eq(schema.user.number, number), eq(schema.user.password, from)));

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
