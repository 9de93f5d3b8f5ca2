// Many people at once: made or changed by external id, one D1 batch of a few statements for hundreds of them.
// What a row does not say stays as it is; what is so already costs no row written.
import type { AppNumber, UserNumber } from '../domain/ids.ts';
import type { Role } from '../domain/model.ts';

/** A person as a file says it: what is absent stays, null unsets. Keys are folded names (foldName). */
export interface PersonRow {
  externalId: string;
  username?: string;
  usernameKey?: string;
  email?: string | null;
  emailKey?: string | null;
  name?: string;
  nameKey?: string;
  avatar?: string | null;
  locale?: string | null;
  role?: Role;
  /** JSON. */
  metadata?: string;
  password?: string | null;
  /** ms since 1970. */
  createdAt?: number;
}

export interface Upserted {
  created: UserNumber[];
  updated: UserNumber[];
  /** People with another role than before: every token they hold is dead, below this version. */
  ended: { user: UserNumber; tokenVersion: number }[];
}

/** Columns by the fields that say them. Derived ones change with the column that they derive from. */
const COLUMNS = {
  username: 'username',
  email: 'email',
  name: 'name',
  avatar: 'avatar',
  locale: 'locale',
  role: 'role',
  metadata: 'metadata',
  password: 'password',
  createdAt: 'created_at',
} as const;
const DERIVED = { usernameKey: 'username_key', emailKey: 'email_key', nameKey: 'name_key' } as const;

const given = (field: string) => `j.value->>'$.${field}'`;
const says = (field: string) => `json_type(j.value, '$.${field}') IS NOT NULL`;
const differs = ([field, column]: readonly string[]) =>
  `(${says(field as string)} AND user.${column} IS NOT ${given(field as string)})`;

const CHANGED_ROLE = `user.role <> ${given('role')}`;
/** The index holds external ids that are there, and the term says so: each line finds its person by it. */
const ITS_PERSON = `user.app = ?2 AND user.external_id = ${given('externalId')} AND user.deleted_at IS NULL`;

const END_TOKENS = `
  INSERT INTO revocation (user, session, token_version, at)
  SELECT user.number, NULL, user.token_version + 1, ?3 FROM json_each(?1) j CROSS JOIN user
  WHERE ${ITS_PERSON} AND ${CHANGED_ROLE} RETURNING user, token_version AS tokenVersion`;

/** Each line with its person's number first: left to itself SQLite walks everybody for every line. */
const UPDATE = `
  WITH j AS MATERIALIZED (
    SELECT user.number, j.value FROM json_each(?1) j CROSS JOIN user WHERE ${ITS_PERSON})
  UPDATE user SET ${[...Object.entries(COLUMNS), ...Object.entries(DERIVED)]
    .map(([field, column]) => `${column} = iif(${says(field)}, ${given(field)}, user.${column})`)
    .join(', ')},
    token_version = user.token_version + iif(${CHANGED_ROLE}, 1, 0)
  FROM j WHERE user.number = j.number AND (${Object.entries(COLUMNS).map(differs).join(' OR ')})
  RETURNING number`;

const INSERT = `
  INSERT INTO user (app, external_id, username, username_key, email, email_key, name, name_key, avatar, locale, role,
    metadata, profile, password, blocked, token_version, created_at)
  SELECT ?2, ${given('externalId')}, ${given('username')}, ${given('usernameKey')}, ${given('email')},
    ${given('emailKey')}, coalesce(${given('name')}, ${given('username')}),
    coalesce(${given('nameKey')}, ${given('usernameKey')}), ${given('avatar')}, ${given('locale')},
    coalesce(${given('role')}, 'member'), coalesce(${given('metadata')}, '{}'), '{}', ${given('password')}, '[]', 1,
    coalesce(${given('createdAt')}, ?3)
  FROM json_each(?1) j
  WHERE NOT EXISTS (SELECT 1 FROM user WHERE ${ITS_PERSON}) RETURNING number`;

/**
 * Writes the rows, all or none: at most one for each external id, and a user name in each that makes somebody new. Throws
 * the database's own error where a name is taken (see takenColumn). Two statements, three where a row says a role.
 */
export async function upsertPeople(
  d1: D1Database,
  app: AppNumber,
  rows: readonly PersonRow[],
  now: number,
): Promise<Upserted> {
  const value = JSON.stringify(rows);
  const roles = rows.some(({ role }) => role !== undefined);
  const results = await d1.batch<Record<string, number>>([
    // Before the update, which takes the old roles away.
    ...(roles ? [d1.prepare(END_TOKENS).bind(value, app, now)] : []),
    d1.prepare(UPDATE).bind(value, app),
    d1.prepare(INSERT).bind(value, app, now),
  ]);
  const [created = [], updated = [], ended = []] = results.map((result) => result.results).reverse();
  const numbers = (found: readonly Record<string, number>[]) => found.map((row) => row.number as UserNumber);
  return {
    created: numbers(created),
    updated: numbers(updated),
    ended: ended as unknown as Upserted['ended'],
  };
}

/** Those of the external ids that somebody has. */
export async function knownExternalIds(
  d1: D1Database,
  app: AppNumber,
  externalIds: readonly string[],
): Promise<Set<string>> {
  const found = await d1
    .prepare(
      `SELECT user.external_id AS id FROM json_each(?1) j CROSS JOIN user
       WHERE user.app = ?2 AND user.external_id = j.value AND user.deleted_at IS NULL`,
    )
    .bind(JSON.stringify(externalIds), app)
    .all<{ id: string }>();
  return new Set(found.results.map((row) => row.id));
}
