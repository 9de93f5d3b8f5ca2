// Two people made one in D1: the decision, which is one statement, with everything of the account that follows from it; and
// how far the conversations have followed.
import type { AppNumber, ConversationNumber, EndpointNumber, UserNumber } from '../domain/ids.ts';
import type { JsonObject, Kind, Role } from '../domain/model.ts';
import type { User } from '../domain/user.ts';
import { newsOfMerge, toldIn } from './news.ts';

/** What a merge is made from. Texts as the rows have them: they are compared when it is decided. */
export interface MergeRow {
  number: UserNumber;
  externalId: string;
  name: string;
  avatar: string | null;
  locale: string | null;
  email: string | null;
  emailKey: string | null;
  role: Role;
  metadata: string;
  profile: string;
  blocked: string;
}

/** Those of these living people that there are. */
export async function mergeRows(
  d1: D1Database,
  app: AppNumber,
  users: readonly UserNumber[],
): Promise<MergeRow[]> {
  const found = await d1
    .prepare(
      `SELECT number, external_id AS externalId, name, avatar, locale, email, email_key AS emailKey, role, metadata, profile,
         blocked FROM user WHERE app = ?1 AND deleted_at IS NULL AND number IN (SELECT value FROM json_each(?2))`,
    )
    .bind(app, JSON.stringify(users))
    .all<MergeRow>();
  return found.results;
}

/** The survivor's row from now on. */
export interface MergeResult
  extends Pick<
    MergeRow,
    'name' | 'avatar' | 'locale' | 'email' | 'emailKey' | 'metadata' | 'profile' | 'blocked'
  > {
  nameKey: string;
  /** They look different from now on. */
  recard: boolean;
}

/**
 * Makes `gone` one with `survivor`, unless one of them is no more what `from` says: the account is empty and nobody can act
 * as it, its names are free, its devices and loose uploads move, others who ignore it ignore the survivor, and its default
 * conversation is the survivor's if that one has none. One batch, in which the first statement decides. Null: it was not done.
 * `telling`: what endpoints are told beside the survivor; `told` are those.
 */
export async function mergeAccounts(
  d1: D1Database,
  app: AppNumber,
  [gone, survivor]: readonly [MergeRow, MergeRow],
  into: MergeResult,
  now: number,
  telling: { discarded: User; lost: JsonObject } | null = null,
): Promise<{ tokenVersion: number; told: EndpointNumber[] } | null> {
  const [a, b] = [gone.number, survivor.number];
  const same = (row: string, first: number) =>
    `${row}.app = ?2 AND ${row}.deleted_at IS NULL AND ${row}.role IN ('visitor', 'member') AND ${row}.metadata = ?${first}
     AND ${row}.profile = ?${first + 1} AND ${row}.blocked = ?${first + 2}`;
  const done = '(SELECT 1 FROM user WHERE number = ?1 AND app = ?2 AND merged_into = ?3 AND deleted_at = ?4)';
  const bound = (sql: string, ...more: unknown[]) => d1.prepare(sql).bind(a, app, b, now, ...more);
  const results = await d1.batch<{ tokenVersion: number }>([
    bound(
      `UPDATE user SET external_id = NULL, email = NULL, email_key = NULL, username = '', username_key = NULL, name = '',
         name_key = '', avatar = NULL, locale = NULL, metadata = '{}', profile = '{}', password = NULL, blocked = '[]',
         create_key = NULL, create_print = NULL, recard_from = NULL, last_active_at = NULL,
         token_version = token_version + 1, deleted_at = ?4, merged_into = ?3, merge_from = 1, merge_at = ?4
       WHERE number = ?1 AND ?1 <> ?3 AND ${same('user', 5)}
         AND EXISTS (SELECT 1 FROM user s WHERE s.number = ?3 AND ${same('s', 8)})
       RETURNING token_version AS tokenVersion`,
      ...[gone.metadata, gone.profile, gone.blocked, survivor.metadata, survivor.profile, survivor.blocked],
    ),
    bound(
      `INSERT INTO revocation (user, session, token_version, at)
       SELECT number, NULL, token_version, ?4 FROM user WHERE number = ?1 AND ?3 > 0 AND EXISTS ${done}`,
    ),
    bound(
      `UPDATE user SET name = ?5, name_key = ?6, avatar = ?7, locale = ?8, email = ?9, email_key = ?10, metadata = ?11,
         profile = ?12, blocked = ?13, recard_from = iif(?14, 1, recard_from)
       WHERE number = ?3 AND EXISTS ${done}`,
      ...[into.name, into.nameKey, into.avatar, into.locale, into.email, into.emailKey, into.metadata],
      ...[into.profile, into.blocked, into.recard ? 1 : 0],
    ),
    bound(`UPDATE OR IGNORE device SET user = ?3 WHERE user = ?1 AND EXISTS ${done}`),
    bound(`DELETE FROM device WHERE user = ?1 AND EXISTS ${done}`),
    bound(
      `UPDATE file SET uploader = ?3 WHERE app = ?2 AND uploader = ?1 AND message IS NULL AND EXISTS ${done}`,
    ),
    // A number that D1 binds is REAL: in the list it must be whole.
    bound(
      `UPDATE user SET blocked = (SELECT json_group_array(DISTINCT iif(value = ?1, CAST(?3 AS INTEGER), value))
         FROM json_each(user.blocked))
       WHERE app = ?2 AND blocked <> '[]' AND EXISTS (SELECT 1 FROM json_each(user.blocked) WHERE value = ?1)
         AND EXISTS ${done}`,
    ),
    bound(`${CLAIM_DEFAULT} AND EXISTS ${done}`),
    // Whoever was merged into this one before is now the survivor too: their conversations hear of it.
    bound(
      `UPDATE user SET merge_from = 1, merge_at = max(?4, merge_at + 1) WHERE EXISTS ${done} AND number IN (
         WITH RECURSIVE earlier(number) AS (
           SELECT number FROM user INDEXED BY user_merged WHERE merged_into = ?1
           UNION SELECT u.number FROM earlier e JOIN user u INDEXED BY user_merged ON u.merged_into = e.number)
         SELECT number FROM earlier)`,
    ),
    ...(telling ? [newsOfMerge(d1, survivor.number, telling, now)] : []),
  ]);
  const decided = results[0]?.results[0];
  return decided ? { ...decided, told: telling ? toldIn(results.at(-1)) : [] } : null;
}

/** Exactly one default conversation: the survivor's (?3), else the one of whoever was merged into them (?1). */
const CLAIM_DEFAULT = `
  UPDATE conversation SET default_of = iif(EXISTS (
    SELECT 1 FROM conversation c WHERE c.app = ?2 AND c.default_of = ?3), NULL, ?3)
  WHERE app = ?2 AND default_of = ?1`;

/** One round through the conversations of somebody who was merged. */
export interface Merging {
  app: AppNumber;
  user: UserNumber;
  /** The number of the conversation to go on with. */
  from: number;
  /** Names the round; ms. */
  at: number;
  mergedAt: number;
  /** Who they are, over however many merges; whoever stands between is in `chain`, with themselves first. */
  chain: UserNumber[];
  survivor: { number: UserNumber; role: Role; isErased: boolean };
}

/** Merges one after the other that a person is followed through; a bound, for nobody is merged into somebody who is gone. */
const LONGEST_CHAIN = 100;

/** The round that is due for this person at `now` (ms); null: none. */
export async function mergingOf(d1: D1Database, user: UserNumber, now: number): Promise<Merging | null> {
  const { results } = await d1
    .prepare(
      `WITH RECURSIVE chain(number, depth) AS (
         SELECT number, 0 FROM user WHERE number = ?1 AND merge_from IS NOT NULL AND merge_at <= ?2
         UNION SELECT u.merged_into, depth + 1 FROM chain JOIN user u ON u.number = chain.number
         WHERE u.merged_into IS NOT NULL AND depth < ${LONGEST_CHAIN})
       SELECT u.number, app, role, deleted_at, merged_into, merge_from, merge_at FROM chain
       JOIN user u ON u.number = chain.number ORDER BY depth`,
    )
    .bind(user, now)
    .all<{
      number: UserNumber;
      app: AppNumber;
      role: Role;
      deleted_at: number | null;
      merged_into: number | null;
      merge_from: number;
      merge_at: number;
    }>();
  const [first] = results;
  const last = results.at(-1);
  if (!first || !last || last.merged_into !== null) return null;
  return {
    app: first.app,
    user,
    from: first.merge_from,
    at: first.merge_at,
    mergedAt: first.deleted_at ?? 0,
    chain: results.slice(0, -1).map(({ number }) => number),
    survivor: { number: last.number, role: last.role, isErased: last.deleted_at !== null },
  };
}

/** People whose conversations have yet to follow. */
export async function mergesDue(d1: D1Database, now: number, limit: number): Promise<UserNumber[]> {
  const found = await d1
    .prepare(
      `SELECT number FROM user INDEXED BY user_merging WHERE merge_from IS NOT NULL AND merge_at <= ?1
       ORDER BY merge_at LIMIT ?2`,
    )
    .bind(now, limit)
    .all<{ number: UserNumber }>();
  return found.results.map(({ number }) => number);
}

/** How far a round has got; nothing where another one has begun since. `next` null: to the end, and no other one follows. */
export async function moveMerge(
  d1: D1Database,
  { user, at }: Pick<Merging, 'user' | 'at'>,
  next: { from: number; at: number } | null,
): Promise<boolean> {
  const { meta } = await d1
    .prepare(
      'UPDATE user SET merge_from = ?3, merge_at = ?4 WHERE number = ?1 AND merge_at = ?2 AND merge_from IS NOT NULL',
    )
    .bind(user, at, next?.from ?? null, next?.at ?? at)
    .run();
  return meta.changes > 0;
}

/** A conversation that somebody who was merged is or was in, as D1 has it for the survivor. */
export interface MergedIn {
  number: ConversationNumber;
  kind: Kind;
  defaultOf: UserNumber | null;
}

/**
 * The next conversations of a round, rising, with what only one of them may be decided: whose default it is, who made it,
 * and of two direct conversations with the same person the survivor's stays the one of the pair, the other is a group; as
 * is the one that they had with each other. Again it decides the same.
 */
export async function mergedIn(
  d1: D1Database,
  { app, user, from, chain, survivor }: Merging,
  limit: number,
): Promise<MergedIn[]> {
  const into = survivor.number;
  const claims = chain.map((each) => d1.prepare(CLAIM_DEFAULT).bind(each, app, into));
  const listed = d1
    .prepare(
      `SELECT c.number, c.kind, c.pair FROM membership m CROSS JOIN conversation c ON c.number = m.conversation
       WHERE m.user = ?1 AND m.conversation >= ?2 AND c.app = ?3 AND c.deleted_at IS NULL
       ORDER BY m.conversation LIMIT ?4`,
    )
    .bind(user, from, app, limit);
  const found = (
    await d1.batch<{ number: number; kind: string; pair: string | null }>([...claims, listed])
  ).at(-1);
  const held = found?.results ?? [];
  if (held.length === 0) return [];
  const numbers = JSON.stringify(held.map(({ number }) => number));
  const merged = new Set<number>(chain);
  const pairs = held.flatMap(({ number, pair }) => {
    const both = pair?.split(':').map((each) => (merged.has(Number(each)) ? into : Number(each)));
    if (!both || !pair) return [];
    const to = both[0] === both[1] ? null : both.sort((x, y) => x - y).join(':');
    return to === pair ? [] : [movePair(d1, app, number, pair, to)];
  });
  const rows = await d1.batch<MergedIn>([
    ...pairs,
    d1
      .prepare(
        `UPDATE conversation SET creator = ?2 WHERE number IN (SELECT value FROM json_each(?1))
           AND creator IN (SELECT value FROM json_each(?3))`,
      )
      .bind(numbers, into, JSON.stringify(chain)),
    d1
      .prepare(
        `SELECT number, kind, default_of AS defaultOf FROM conversation
         WHERE number IN (SELECT value FROM json_each(?1)) ORDER BY number`,
      )
      .bind(numbers),
  ]);
  return rows.at(-1)?.results ?? [];
}

const movePair = (d1: D1Database, app: AppNumber, number: number, from: string, to: string | null) => {
  const free =
    '(?4 IS NOT NULL AND NOT EXISTS (SELECT 1 FROM conversation c WHERE c.app = ?2 AND c.pair = ?4))';
  return d1
    .prepare(
      `UPDATE conversation SET kind = iif(${free}, kind, 'group'), pair = iif(${free}, ?4, NULL)
       WHERE number = ?1 AND app = ?2 AND pair = ?3`,
    )
    .bind(number, app, from, to);
};
