// What becomes of people, for the endpoints that ask: rows that are written in the batch of the change itself, so that none
// of it is lost, and go when the endpoint has taken them. What is told of conversations is in their logs.
import { sql } from 'drizzle-orm';
import type { DrizzleD1Database } from 'drizzle-orm/d1';
import type { HookNotice, PersonNews } from '../domain/hooks.ts';
import type { AppNumber, EndpointNumber, UserNumber } from '../domain/ids.ts';
import type { JsonObject } from '../domain/model.ts';
import type { User } from '../domain/user.ts';
import * as schema from './schema/integrations.ts';

/** In the words of each format; `user.*` is all of them. */
const ASKED: Record<PersonNews['kind'], readonly [string, string]> = {
  'user updated': ['user.updated', 'user:update'],
  'user removed': ['user.removed', 'user:remove'],
  'users merged': ['user.merged', 'user:merge'],
};

/** A person's fields in the order in which they are written down, and what D1 makes of its row `u` for each. */
const FIELDS = {
  number: 'u.number',
  app: 'u.app',
  externalId: "ifnull(u.external_id, '')",
  email: 'u.email',
  username: 'u.username',
  name: 'u.name',
  avatar: 'u.avatar',
  locale: 'u.locale',
  role: 'u.role',
  metadata: 'json(u.metadata)',
  profile: 'json(u.profile)',
  hasPassword: "json(iif(u.password IS NULL, 'false', 'true'))",
  blocked: 'json(u.blocked)',
  tokenVersion: 'u.token_version',
  createdAt: 'u.created_at',
  lastActiveAt: 'u.last_active_at',
  deletedAt: 'u.deleted_at',
  deactivatedAt: 'u.deactivated_at',
} as const satisfies Record<keyof User, string>;

const NAMES = Object.keys(FIELDS) as (keyof User)[];
/** A list and no object: D1 gives a function at most 32 arguments. */
const PERSON = `json_array(${Object.values(FIELDS).join(', ')})`;
const ASKING = 'EXISTS (SELECT 1 FROM json_each(e.events) WHERE value IN ';

/** A statement that gives the endpoints which are to hear of a change that comes before it in its batch. */
export const newsOfUpdate = (db: DrizzleD1Database, app: AppNumber, user: UserNumber, now: number) => {
  const [own, sunshine] = ASKED['user updated'];
  const rows = sql`SELECT NULL, e.number, ${now}, 'user updated', ${sql.raw(PERSON)}, '{}'
    FROM endpoint e JOIN user u ON u.number = ${user} AND u.app = ${app} AND u.deleted_at IS NULL
    WHERE changes() > 0 AND e.app = ${app} AND e.deleted_at IS NULL AND ${sql.raw(ASKING)} (${own}, ${sunshine}, 'user.*'))`;
  return db.insert(schema.news).select(rows).returning({ endpoint: schema.news.endpoint });
};

/** The same of who was erased, as they were `before`. */
export const newsOfErasure = (d1: D1Database, before: User, now: number): D1PreparedStatement =>
  d1
    .prepare(
      `INSERT INTO news (endpoint, at, kind, person, more)
       SELECT e.number, ?3, 'user removed', ?4, '{}' FROM endpoint e
       WHERE e.app = ?2 AND e.deleted_at IS NULL AND ${ASKING} (?5, ?6, 'user.*'))
         AND EXISTS (SELECT 1 FROM user WHERE number = ?1 AND app = ?2 AND deleted_at = ?3)
       RETURNING endpoint`,
    )
    .bind(
      before.number,
      before.app,
      now,
      JSON.stringify(NAMES.map((name) => before[name])),
      ...ASKED['user removed'],
    );

/** The same of two who are one: the survivor as they are after it. */
export const newsOfMerge = (
  d1: D1Database,
  survivor: UserNumber,
  { discarded, lost }: { discarded: User; lost: JsonObject },
  now: number,
): D1PreparedStatement =>
  d1
    .prepare(
      `INSERT INTO news (endpoint, at, kind, person, more)
       SELECT e.number, ?3, 'users merged', ${PERSON}, ?4 FROM endpoint e JOIN user u ON u.number = ?7
       WHERE e.app = ?2 AND e.deleted_at IS NULL AND ${ASKING} (?5, ?6, 'user.*'))
         AND EXISTS (SELECT 1 FROM user WHERE number = ?1 AND app = ?2 AND merged_into = ?7 AND deleted_at = ?3)
       RETURNING endpoint`,
    )
    .bind(
      ...[discarded.number, discarded.app, now, JSON.stringify({ discarded, lost })],
      ...[...ASKED['users merged'], survivor],
    );

/** Of the last statement in a batch: whom its news are for. */
export const toldIn = (result: D1Result | undefined): EndpointNumber[] =>
  (result?.results ?? []).map((row) => (row as { endpoint: EndpointNumber }).endpoint);

interface Row {
  number: number;
  at: number;
  kind: string;
  person: string;
  more: string;
}

/** What an endpoint is to hear, in order, after `after`; at most `limit`. */
export async function newsFor(
  d1: D1Database,
  endpoint: EndpointNumber,
  after: number,
  limit: number,
): Promise<Omit<HookNotice<PersonNews>, 'version'>[]> {
  const { results } = await d1
    .prepare(
      'SELECT number, at, kind, person, more FROM news WHERE endpoint = ?1 AND number > ?2 ORDER BY number LIMIT ?3',
    )
    .bind(endpoint, after, limit)
    .all<Row>();
  return results.map(({ number, at, kind, person, more }) => ({
    ...{ number, at },
    notice: { kind, user: personOf(person), ...JSON.parse(more) } as PersonNews,
  }));
}

function personOf(text: string): User {
  const values = JSON.parse(text) as unknown[];
  return Object.fromEntries(NAMES.map((name, i) => [name, values[i]])) as unknown as User;
}

/** The endpoint has it; `upTo` null: nobody takes it any more. */
export async function forgetNews(
  d1: D1Database,
  endpoint: EndpointNumber,
  upTo: number | null,
): Promise<void> {
  await d1
    .prepare('DELETE FROM news WHERE endpoint = ?1 AND (?2 IS NULL OR number <= ?2)')
    .bind(endpoint, upTo)
    .run();
}

/** What nobody has taken since `before` (ms since 1970) is no news any more. */
export async function forgetOldNews(d1: D1Database, before: number): Promise<void> {
  await d1.prepare('DELETE FROM news WHERE at < ?1').bind(before).run();
}

/** Endpoints for which there is something from before `before` (ms since 1970). */
export async function newsDue(d1: D1Database, before: number, limit: number): Promise<EndpointNumber[]> {
  const { results } = await d1
    .prepare(
      'SELECT endpoint FROM (SELECT * FROM news ORDER BY number LIMIT ?2) WHERE at < ?1 GROUP BY endpoint',
    )
    .bind(before, limit)
    .all<{ endpoint: EndpointNumber }>();
  return results.map(({ endpoint }) => endpoint);
}
