// Conversations from elsewhere, many at once: whom their lines name, and a number for each of their keys.
import type { AppNumber, ConversationNumber, UserNumber } from '../domain/ids.ts';
import type { Birth, Card, Role } from '../domain/model.ts';
import { birthOf, type Row } from './conversations.ts';

/** Imports share the column of idempotency keys; theirs say so, and stay taken when the conversation is deleted. */
const PREFIX = 'import:';
export const createKeyOf = (importKey: string): string => PREFIX + importKey;
/** SQL: whether a row's create_key is an import's. */
export const IMPORTED = `coalesce(substr(create_key, 1, ${PREFIX.length}) = '${PREFIX}', 0)`;

export interface Found {
  user: UserNumber;
  card: Card;
}

/** Names asked for in one statement. */
const NAMES = 2_000;

interface PersonRow {
  number: UserNumber;
  external_id: string;
  username: string;
  username_key: string;
  name: string;
  avatar: string | null;
  role: Role;
}

/** People by external id or by folded user name (foldName), those that there are. One statement for 2,000 names. */
export async function findPeople(
  d1: D1Database,
  app: AppNumber,
  column: 'external_id' | 'username_key',
  names: readonly string[],
): Promise<Map<string, Found>> {
  const people = new Map<string, Found>();
  for (let from = 0; from < names.length; from += NAMES) {
    const found = await d1
      .prepare(
        `SELECT user.number, user.external_id, user.username, user.username_key, user.name, user.avatar, user.role
         FROM json_each(?1) j CROSS JOIN user
         WHERE user.app = ?2 AND user.${column} = j.value AND user.deleted_at IS NULL`,
      )
      .bind(JSON.stringify(names.slice(from, from + NAMES)), app)
      .all<PersonRow>();
    for (const row of found.results) {
      const { name, username, avatar, role } = row;
      const card = { externalId: row.external_id, username, name, avatar, role };
      people.set(row[column], { user: row.number, card });
    }
  }
  return people;
}

/** A conversation that is to have a number. */
export interface Claimed {
  importKey: string;
  nonce: string;
  creator: UserNumber | null;
  /** ms since 1970. */
  createdAt: number;
  title: string | null;
}

export interface Allotted {
  birth: Birth;
  /** The directory has heard of its log, or it was deleted: nothing more is to be done. */
  done: boolean;
}

const ALLOT = `
  INSERT INTO conversation (app, nonce, kind, creator, door, created_at, last_at, title, create_key)
  SELECT ?2, j.value->>'$.nonce', 'group', j.value->>'$.creator', 'operator', j.value->>'$.createdAt',
    j.value->>'$.createdAt', j.value->>'$.title', '${PREFIX}' || (j.value->>'$.importKey')
  FROM json_each(?1) j WHERE true ON CONFLICT DO NOTHING`;

const FIND = `
  SELECT c.* FROM json_each(?1) j CROSS JOIN conversation c
  WHERE c.app = ?2 AND c.create_key = '${PREFIX}' || (j.value->>'$.importKey')`;

/** A number for each key, the same ones again for those that were here before. One batch of two statements. */
export async function allotImported(
  d1: D1Database,
  app: AppNumber,
  claimed: readonly Claimed[],
): Promise<Map<string, Allotted>> {
  const value = JSON.stringify(claimed);
  const [, found] = await d1.batch<FoundRow>([
    d1.prepare(ALLOT).bind(value, app),
    d1.prepare(FIND).bind(value, app),
  ]);
  return allottedOf(found?.results ?? []);
}

/** The conversations that have these keys. */
export async function findImported(
  d1: D1Database,
  app: AppNumber,
  importKeys: readonly string[],
): Promise<Map<string, Allotted>> {
  const value = JSON.stringify(importKeys.map((importKey) => ({ importKey })));
  return allottedOf((await d1.prepare(FIND).bind(value, app).all<FoundRow>()).results);
}

type FoundRow = Row & { create_key: string; deleted_at: number | null };

const allottedOf = (rows: readonly FoundRow[]): Map<string, Allotted> =>
  new Map(
    rows.map((row) => {
      const importKey = row.create_key.slice(PREFIX.length);
      const birth = { ...birthOf(row), number: row.number as ConversationNumber, importKey };
      return [importKey, { birth, done: row.last_seq > 0 || row.deleted_at !== null }];
    }),
  );
