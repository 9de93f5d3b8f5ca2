// People in D1: found by number, external id or what they sign in with inside one app, made, changed. By their names:
// people-names.ts. By e-mail: emails.ts.
import { and, eq, isNull, or, sql } from 'drizzle-orm';
import { type DrizzleD1Database, drizzle } from 'drizzle-orm/d1';
import type { AppNumber, EndpointNumber, UserNumber } from '../domain/ids.ts';
import type { JsonObject, Role } from '../domain/model.ts';
import type { User } from '../domain/user.ts';
import { newsOfUpdate } from './news.ts';
import * as schema from './schema/people.ts';

/** Names are compared without case and in one Unicode form. */
export const foldName = (name: string): string => name.normalize('NFKC').trim().toLowerCase();

type Row = typeof schema.user.$inferSelect;

export const userOf = (row: Row): User => ({
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

/** Of this app, and not gone. */
export const living = (app: AppNumber) => and(eq(schema.user.app, app), isNull(schema.user.deletedAt));

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

/** Somebody who may sign in, with the password's hash. */
export interface Known {
  user: User;
  password: string | null;
}

/** Everybody who may call themselves `name` when they sign in: by user name first, then by e-mail, then by external id. */
export async function findForSignIn(d1: D1Database, app: AppNumber, name: string): Promise<Known[]> {
  const key = foldName(name);
  const { user } = schema;
  const rows = await drizzle(d1)
    .select()
    .from(user)
    .where(and(living(app), or(eq(user.usernameKey, key), eq(user.emailKey, key), eq(user.externalId, name))))
    .limit(3);
  const order = ({ usernameKey, emailKey }: Row): number =>
    usernameKey === key ? 0 : emailKey === key ? 1 : 2;
  return rows
    .sort((a, b) => order(a) - order(b))
    .map((row) => ({ user: userOf(row), password: row.password }));
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
  /** What the change was made of: nothing is written where it is something else by now. */
  from?: Pick<User, 'profile' | 'metadata'>;
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
  const { metadata, profile, email, name, from, ...plain } = change;
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
    .where(and(living(app), eq(schema.user.number, number), from && isStill(from)))
    .returning();
}

const isStill = ({ profile, metadata }: NonNullable<UserChange['from']>) =>
  sql`json(${schema.user.profile}) = json(${JSON.stringify(profile)})
    AND json(${schema.user.metadata}) = json(${JSON.stringify(metadata)})`;

/** Another hash of the same password, unless it was changed meanwhile. */
export const replacePassword = (d1: D1Database, number: UserNumber, from: string, to: string) =>
  drizzle(d1)
    .update(schema.user)
    .set({ password: to })
    .where(and(eq(schema.user.number, number), eq(schema.user.password, from)));
