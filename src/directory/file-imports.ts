// What a file of people or rooms asks of D1: which of its names are taken, and putting all of it in, in one batch that goes
// in whole, once, or not at all.
import type { AppNumber, ConversationNumber, JobNumber, UserNumber } from '../domain/ids.ts';
import { createKeyOf } from './import-conversations.ts';

/** Those of the values that the statement finds: one in each row, as `value`. */
async function found(
  d1: D1Database,
  sql: string,
  values: readonly string[],
  ...rest: unknown[]
): Promise<Set<string>> {
  if (values.length === 0) return new Set();
  const { results } = await d1
    .prepare(sql)
    .bind(JSON.stringify(values), ...rest)
    .all<{ value: string }>();
  return new Set(results.map(({ value }) => value));
}

/** Those of the folded user names that somebody has. */
export const takenUsernames = (
  d1: D1Database,
  app: AppNumber,
  keys: readonly string[],
): Promise<Set<string>> =>
  found(
    d1,
    `SELECT u.username_key AS value FROM json_each(?1) j CROSS JOIN user u
     WHERE u.app = ?2 AND u.username_key = j.value`,
    keys,
    app,
  );

/** Those of the hashes whose token is good. */
export const takenTokens = (d1: D1Database, hashes: readonly string[]): Promise<Set<string>> =>
  found(
    d1,
    `SELECT t.hash AS value FROM json_each(?1) j CROSS JOIN brought_token t ON t.hash = j.value
     CROSS JOIN user u ON u.number = t.user
     WHERE u.deleted_at IS NULL AND u.token_version = t.token_version`,
    hashes,
  );

/** Whose token this is, if it is good. */
export async function holderOf(d1: D1Database, app: AppNumber, hash: string): Promise<UserNumber | null> {
  return d1
    .prepare(
      `SELECT u.number FROM brought_token t CROSS JOIN user u ON u.number = t.user
       WHERE t.hash = ?1 AND t.app = ?2 AND u.deleted_at IS NULL AND u.token_version = t.token_version`,
    )
    .bind(hash, app)
    .first<UserNumber>('number');
}

/** A person of a file, as the directory takes one. Keys are folded names. */
export interface FilePerson {
  externalId: string;
  username: string;
  usernameKey: string;
  name: string;
  nameKey: string;
  avatar: string | null;
  password: string | null;
  /** Hash of their token. */
  token: string | null;
  /** ms since 1970. */
  createdAt: number;
}

/** While the job is started: the batch that puts everything in ends it, so that it does so once. */
const STILL = "EXISTS (SELECT 1 FROM job WHERE number = ?3 AND app = ?2 AND state = 'started')";
const given = (field: string) => `j.value->>'$.${field}'`;

const INSERT_PEOPLE = `
  INSERT INTO user (app, external_id, username, username_key, name, name_key, avatar, role, metadata, profile, password,
    blocked, token_version, created_at)
  SELECT ?2, ${given('externalId')}, ${given('username')}, ${given('usernameKey')}, ${given('name')}, ${given('nameKey')},
    ${given('avatar')}, 'member', '{}', '{}', ${given('password')}, '[]', 1, ${given('createdAt')}
  FROM json_each(?1) j WHERE ${STILL}`;

const INSERT_TOKENS = `
  INSERT INTO brought_token (hash, app, user, token_version)
  SELECT ${given('token')}, ?2, u.number, u.token_version FROM json_each(?1) j
  CROSS JOIN user u ON u.app = ?2 AND u.external_id = ${given('externalId')} AND u.deleted_at IS NULL
  WHERE ${given('token')} IS NOT NULL AND ${STILL}
  ON CONFLICT (hash) DO UPDATE SET app = excluded.app, user = excluded.user, token_version = excluded.token_version`;

/**
 * Makes all of these people and ends the job, or none of it; again changes nothing. Throws the database's own error where
 * a name was taken since (see takenColumn).
 */
export async function insertPeople(
  d1: D1Database,
  app: AppNumber,
  job: JobNumber,
  parts: readonly (readonly FilePerson[])[],
  now: number,
): Promise<void> {
  const values = parts.map((part) => JSON.stringify(part));
  const rows = parts.reduce((sum, part) => sum + part.length, 0);
  await d1.batch([
    ...values.map((value) => d1.prepare(INSERT_PEOPLE).bind(value, app, job)),
    ...values.map((value) => d1.prepare(INSERT_TOKENS).bind(value, app, job)),
    d1
      .prepare(
        `UPDATE job SET state = 'finished', percentage = 100, rows = ?3, changed_at = ?4
         WHERE number = ?1 AND app = ?2 AND state = 'started'`,
      )
      .bind(job, app, rows, now),
  ]);
}

/** Those of the unique ids that a conversation has. */
export const takenUniqueIds = (
  d1: D1Database,
  app: AppNumber,
  ids: readonly string[],
): Promise<Set<string>> =>
  found(
    d1,
    `SELECT c.unique_id AS value FROM json_each(?1) j CROSS JOIN conversation c
     WHERE c.app = ?2 AND c.unique_id = j.value`,
    ids,
    app,
  );

/** Those of the pairs of people that have a conversation of two. */
export const takenPairs = (d1: D1Database, app: AppNumber, pairs: readonly string[]): Promise<Set<string>> =>
  found(
    d1,
    `SELECT c.pair AS value FROM json_each(?1) j CROSS JOIN conversation c WHERE c.app = ?2 AND c.pair = j.value`,
    pairs,
    app,
  );

/** Living conversations by their unique ids. */
export async function conversationsByUniqueId(
  d1: D1Database,
  app: AppNumber,
  ids: readonly string[],
): Promise<Map<string, ConversationNumber>> {
  if (ids.length === 0) return new Map();
  const { results } = await d1
    .prepare(
      `SELECT c.unique_id AS id, c.number FROM json_each(?1) j CROSS JOIN conversation c
       WHERE c.app = ?2 AND c.unique_id = j.value AND c.deleted_at IS NULL`,
    )
    .bind(JSON.stringify(ids), app)
    .all<{ id: string; number: ConversationNumber }>();
  return new Map(results.map(({ id, number }) => [id, number]));
}

/** Those of the numbers that living conversations have who were never given a unique id. */
export async function unnamedConversations(
  d1: D1Database,
  app: AppNumber,
  numbers: readonly ConversationNumber[],
): Promise<Set<ConversationNumber>> {
  if (numbers.length === 0) return new Set();
  const { results } = await d1
    .prepare(
      `SELECT c.number FROM json_each(?1) j CROSS JOIN conversation c ON c.number = j.value
       WHERE c.app = ?2 AND c.unique_id IS NULL AND c.deleted_at IS NULL AND c.last_seq > 0`,
    )
    .bind(JSON.stringify(numbers), app)
    .all<{ number: ConversationNumber }>();
  return new Set(results.map(({ number }) => number));
}

/** A room of a file, as the directory takes one. */
export interface FileRoom {
  /** Names it among imports, for ever. */
  importKey: string;
  nonce: string;
  kind: 'direct' | 'group';
  creator: UserNumber;
  door: string;
  /** ms since 1970. */
  createdAt: number;
  public: 0 | 1;
  title: string | null;
  icon: string | null;
  options: string | null;
  uniqueId: string;
  pair: string | null;
}

const INSERT_ROOMS = `
  INSERT INTO conversation (app, nonce, kind, creator, door, created_at, last_at, public, title, icon, options, unique_id,
    pair, create_key)
  SELECT ?2, ${given('nonce')}, ${given('kind')}, ${given('creator')}, ${given('door')}, ${given('createdAt')},
    ${given('createdAt')}, ${given('public')}, ${given('title')}, ${given('icon')}, ${given('options')},
    ${given('uniqueId')}, ${given('pair')}, '${createKeyOf('')}' || (${given('importKey')})
  FROM json_each(?1) j WHERE NOT EXISTS (SELECT 1 FROM conversation WHERE app = ?2 AND create_key = ?3)`;

/**
 * Numbers for all of these rooms, or for none; again changes nothing, told by the last one. Throws the database's own
 * error where a unique id or a pair was taken since (see takenColumn).
 */
export async function insertRooms(
  d1: D1Database,
  app: AppNumber,
  parts: readonly (readonly FileRoom[])[],
): Promise<void> {
  const last = createKeyOf(parts.at(-1)?.at(-1)?.importKey ?? '');
  await d1.batch(parts.map((part) => d1.prepare(INSERT_ROOMS).bind(JSON.stringify(part), app, last)));
}
