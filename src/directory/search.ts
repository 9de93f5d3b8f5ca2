// Finding messages by their words, in D1's full-text index. What is found is filtered by membership here, at query time.
import {
  type AppNumber,
  BLOCK_SIZE,
  type ConversationNumber,
  type MessageNumber,
  type UserNumber,
} from '../domain/ids.ts';
import { matchExpression, scopeOf } from '../domain/words.ts';

/** Matches counted before a word is common: then the person's conversations are walked instead. */
const RARE = 2_000;
/** Conversations walked in one step for a common word, and in one call. */
const STEP = 50;
const STEPS = 6;

export interface Found {
  id: MessageNumber;
  conversation: ConversationNumber;
  author: UserNumber | null;
  /** Log time, µs. */
  at: number;
  text: string;
  markup: string;
  extra: string;
}

export interface SearchWindow {
  query: string;
  /** Only in this one. */
  conversation?: ConversationNumber;
  size: number;
  /** Where the last page ended; opaque. */
  cursor?: string;
}

/** Newest first. `user` null: everything of the app. */
export async function searchEntries(
  d1: D1Database,
  app: AppNumber,
  user: UserNumber | null,
  window: SearchWindow,
): Promise<{ rows: Found[]; cursor: string | null }> {
  const match = matchExpression(window.query, scopeOf(app));
  if (match === null) return { rows: [], cursor: null };
  if (window.conversation !== undefined) return searchOne(d1, app, user, match, window.conversation, window);
  const [mode, position = ''] = (window.cursor ?? '').split('!');
  if (mode === 'w') return walk(d1, app, user as UserNumber, match, window.size, position);
  const before = position === '' ? Number.MAX_SAFE_INTEGER : Number(position);
  const ids = await matches(d1, match, 0, before, RARE + 1);
  if (ids.length > RARE && user !== null) return walk(d1, app, user, match, window.size, '');
  const allowed = await mine(d1, user, ids);
  const page = allowed.slice(0, window.size);
  const more = allowed.length > page.length || ids.length > RARE;
  const last = more ? (page.at(-1) ?? ids.at(-1)) : undefined;
  return { rows: await texts(d1, page), cursor: last === undefined ? null : `r!${last}` };
}

async function searchOne(
  d1: D1Database,
  app: AppNumber,
  user: UserNumber | null,
  match: string,
  conversation: ConversationNumber,
  window: SearchWindow,
): Promise<{ rows: Found[]; cursor: string | null }> {
  const row = await d1
    .prepare(
      `SELECT c.blocks, m.standing FROM conversation c LEFT JOIN membership m ON m.conversation = c.number AND m.user = ?3
       WHERE c.number = ?1 AND c.app = ?2`,
    )
    .bind(conversation, app, user ?? 0)
    .first<{ blocks: string; standing: string | null }>();
  if (!row || (user !== null && row.standing !== 'active')) return { rows: [], cursor: null };
  const before = window.cursor ? Number(window.cursor.split('!')[1]) : Number.MAX_SAFE_INTEGER;
  const ids: number[] = [];
  for (const block of (JSON.parse(row.blocks) as number[]).reverse()) {
    const to = Math.min(before - 1, (block + 1) * BLOCK_SIZE - 1);
    ids.push(...(await matches(d1, match, block * BLOCK_SIZE, to + 1, window.size + 1 - ids.length)));
    if (ids.length > window.size) break;
  }
  const page = ids.slice(0, window.size);
  return { rows: await texts(d1, page), cursor: ids.length > page.length ? `c!${page.at(-1)}` : null };
}

/** Ids that match, from (in) to (out), newest first. Bound numbers are REAL in D1: the index wants integers. */
async function matches(
  d1: D1Database,
  match: string,
  from: number,
  to: number,
  limit: number,
): Promise<number[]> {
  if (limit <= 0) return [];
  const found = await d1
    .prepare(
      `SELECT rowid AS id FROM entry_fts WHERE entry_fts MATCH ?1
       AND rowid >= cast(?2 AS integer) AND rowid < cast(?3 AS integer) ORDER BY rowid DESC LIMIT ?4`,
    )
    .bind(match, from, to, limit)
    .all<{ id: number }>();
  return found.results.map((r) => r.id);
}

/** Which of these messages lie in the person's conversations; a conversation may hold several blocks of numbers. */
async function mine(d1: D1Database, user: UserNumber | null, ids: readonly number[]): Promise<number[]> {
  if (user === null || ids.length === 0) return [...ids];
  const blocks = [...new Set(ids.map((id) => Math.floor(id / BLOCK_SIZE)))];
  const found = await d1
    .prepare(
      `SELECT b.value AS block FROM json_each(?2) b
       JOIN conversation c ON c.number = b.value
       JOIN membership m ON m.user = ?1 AND m.conversation = coalesce(c.block_of, c.number) AND m.standing = 'active'`,
    )
    .bind(user, JSON.stringify(blocks))
    .all<{ block: number }>();
  const allowed = new Set(found.results.map((r) => r.block));
  return ids.filter((id) => allowed.has(Math.floor(id / BLOCK_SIZE)));
}

/** A common word: the person's conversations, newest first, a range of numbers each, until the page is full. */
async function walk(
  d1: D1Database,
  app: AppNumber,
  user: UserNumber,
  match: string,
  size: number,
  position: string,
): Promise<{ rows: Found[]; cursor: string | null }> {
  let [at, number] =
    position === ''
      ? [Number.MAX_SAFE_INTEGER, Number.MAX_SAFE_INTEGER]
      : (position.split('.').map(Number) as [number, number]);
  const ids: number[] = [];
  for (let step = 0; step < STEPS && ids.length < size; step++) {
    const found = await d1
      .prepare(
        `SELECT c.number, c.last_at, c.blocks FROM conversation c INDEXED BY conversation_app
         CROSS JOIN membership m ON m.user = ?1 AND m.conversation = c.number AND m.standing = 'active'
         WHERE c.app = ?2 AND (c.last_at, c.number) < (?3, ?4) ORDER BY c.last_at DESC, c.number DESC LIMIT ?5`,
      )
      .bind(user, app, at, number, STEP)
      .all<{ number: number; last_at: number; blocks: string }>();
    for (const row of found.results) {
      for (const block of JSON.parse(row.blocks) as number[]) {
        ids.push(
          ...(await matches(d1, match, block * BLOCK_SIZE, (block + 1) * BLOCK_SIZE, size - ids.length)),
        );
      }
      [at, number] = [row.last_at, row.number];
      if (ids.length >= size) break;
    }
    if (found.results.length < STEP)
      return { rows: await texts(d1, ids), cursor: ids.length >= size ? `w!${at}.${number}` : null };
  }
  return { rows: await texts(d1, ids), cursor: `w!${at}.${number}` };
}

/** The archived messages of these ids, in their order. */
async function texts(d1: D1Database, ids: readonly number[]): Promise<Found[]> {
  if (ids.length === 0) return [];
  const found = await d1
    .prepare(
      `SELECT e.id, e.author, e.at, e.text, e.markup, e.extra, coalesce(c.block_of, c.number) AS conversation
       FROM json_each(?1) j JOIN entry e ON e.id = j.value JOIN conversation c ON c.number = e.id / ${BLOCK_SIZE}`,
    )
    .bind(JSON.stringify(ids))
    .all<Found>();
  const byId = new Map(found.results.map((row) => [row.id as number, row]));
  return ids.flatMap((id) => byId.get(id) ?? []);
}
