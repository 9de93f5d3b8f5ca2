// Finding messages by their words. What is found is filtered by membership here, at query time.
// The order is that of lists: the conversation with the newest message first, inside it the newest message first.
import {
  type AppNumber,
  BLOCK_SIZE,
  type ConversationNumber,
  type MessageNumber,
  type UserNumber,
} from '../domain/ids.ts';
import { matchExpression, scopeOf } from '../domain/words.ts';
import { byTime } from './by-time.ts';
import { matchesIn, newestMatches, type Range, rangeOf } from './matching.ts';

/** With so few conversations each is asked for the word. */
const FEW = 50;
/** Matches in the whole app up to which a word is rare: then its matches are filtered by membership. */
const RARE = 400;
/**
 * Up to here a common word is looked for in all of a person's conversations; beyond it the app's newest are walked. Four rows
 * for each, those of a rare word, and four for each of 50 that are found stay below 2,500.
 */
const JOIN_LIMIT = 450;
/** Rows that walking the app may read for one page, and for one conversation at most; conversations in the first step. */
const WALK_ROWS = 1_800;
const WALK_ROWS_EACH = 5;
const WALK_STEP = 100;

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

export interface SearchPage {
  rows: Found[];
  /** Null at the end. A page of a common word may hold less than its size, or nothing, and still have a next one. */
  cursor: string | null;
}

/** A conversation to look in, and a place in the order: messages of it below `below`, then what comes after it. */
interface Candidate {
  number: number;
  last_at: number;
  blocks: string;
}
interface Place {
  at: number;
  number: number;
  below: number;
}

const START: Place = {
  at: Number.MAX_SAFE_INTEGER,
  number: Number.MAX_SAFE_INTEGER,
  below: Number.MAX_SAFE_INTEGER,
};

/** A search: what is looked for, by whom, how many, from where. */
interface Search {
  d1: D1Database;
  app: AppNumber;
  /** Null: everything of the app. */
  user: UserNumber | null;
  match: string;
  size: number;
  from: Place;
}

/** `user` null: everything of the app. */
export async function searchEntries(
  d1: D1Database,
  app: AppNumber,
  user: UserNumber | null,
  window: SearchWindow,
): Promise<SearchPage> {
  const match = matchExpression(window.query, scopeOf(app));
  if (match === null) return { rows: [], cursor: null };
  const search: Search = { d1, app, user, match, size: window.size, from: placeOf(window.cursor) };
  if (window.conversation !== undefined) return lookIn(search, await oneOf(search, window.conversation));
  const held = user === null ? Number.POSITIVE_INFINITY : await heldBy(search, user);
  if (held <= FEW) return lookIn(search, await allOf(search));
  const ids = await newestMatches(d1, match, RARE + 1);
  if (ids.length <= RARE) return filter(search, ids);
  return held <= JOIN_LIMIT ? lookIn(search, await allOf(search)) : walkApp(search);
}

function placeOf(cursor: string | undefined): Place {
  if (!cursor) return START;
  const [at = 0, number = 0, below = 0] = cursor.split('.').map(Number);
  return { at, number, below };
}

const cursorOf = (c: { last_at: number; number: number }, below: number): string =>
  `${c.last_at}.${c.number}.${below}`;

async function heldBy({ d1 }: Search, user: UserNumber): Promise<number> {
  const row = await d1
    .prepare('SELECT conversations FROM user WHERE number = ?1')
    .bind(user)
    .first<{ conversations: number }>();
  return row?.conversations ?? 0;
}

/** The one conversation that the caller named, if they are in it. */
async function oneOf({ d1, app, user }: Search, conversation: ConversationNumber): Promise<Candidate[]> {
  const found = await d1
    .prepare(
      `SELECT c.number, 0 AS last_at, c.blocks, m.standing FROM conversation c
       LEFT JOIN membership m ON m.conversation = c.number AND m.user = ?3 WHERE c.number = ?1 AND c.app = ?2`,
    )
    .bind(conversation, app, user ?? 0)
    .all<Candidate & { standing: string | null }>();
  return found.results.filter((row) => user === null || row.standing === 'active');
}

/** Every conversation of the person, in order. Two rows read for each. */
async function allOf({ d1, user }: Search): Promise<Candidate[]> {
  const found = await d1
    .prepare(
      `SELECT c.number, c.last_at, c.blocks FROM membership m CROSS JOIN conversation c ON c.number = m.conversation
       WHERE m.user = ?1 AND m.standing = 'active'`,
    )
    .bind(user)
    .all<Candidate>();
  return found.results.sort((a, b) => b.last_at - a.last_at || b.number - a.number);
}

/** Looks for the word in these conversations, as far as the page goes. */
async function lookIn(search: Search, candidates: readonly Candidate[]): Promise<SearchPage> {
  const { ids, owners } = await look(search, candidates, search.size + 1);
  return pageOf(search, ids, owners);
}

async function look({ d1, match, from }: Search, candidates: readonly Candidate[], limit: number) {
  const owners = new Map<number, Candidate>();
  const ranges: Range[] = [];
  for (const candidate of candidates) {
    const { last_at: at, number, blocks } = candidate;
    if (at > from.at || (at === from.at && number > from.number)) continue;
    const below = number === from.number ? from.below : undefined;
    for (const block of (JSON.parse(blocks) as number[]).reverse()) {
      const range = rangeOf(block, below);
      if (range) ranges.push(range);
      owners.set(block, candidate);
    }
  }
  return { ids: await matchesIn(d1, match, ranges, limit), owners, looked: ranges.length };
}

/** The first `size` of what was found, with a cursor when there is more. */
async function pageOf(
  { d1, size }: Search,
  ids: readonly number[],
  owners: ReadonlyMap<number, Candidate>,
): Promise<SearchPage> {
  const page = ids.slice(0, size);
  const last = page.at(-1);
  const owner = last === undefined ? undefined : owners.get(Math.floor(last / BLOCK_SIZE));
  const cursor = ids.length > size && owner ? cursorOf(owner, last as number) : null;
  return { rows: await texts(d1, page), cursor };
}

/** A rare word: all its matches in the app, and of those the ones in the person's conversations, put in order. */
async function filter(search: Search, ids: readonly number[]): Promise<SearchPage> {
  const { d1, user, from } = search;
  const blocks = [...new Set(ids.map((id) => Math.floor(id / BLOCK_SIZE)))];
  const membership =
    user === null
      ? ''
      : "CROSS JOIN membership m ON m.user = ?2 AND m.conversation = c.number AND m.standing = 'active'";
  const statement = d1.prepare(
    `SELECT b.value AS block, c.number, c.last_at, c.blocks FROM json_each(?1) b
     CROSS JOIN conversation held ON held.number = b.value
     CROSS JOIN conversation c ON c.number = coalesce(held.block_of, held.number) ${membership}`,
  );
  const bound = user === null ? [JSON.stringify(blocks)] : [JSON.stringify(blocks), user];
  const found = await statement.bind(...bound).all<Candidate & { block: number }>();
  const owners = new Map(found.results.map((row) => [row.block, row]));
  const places = ids.flatMap((id) => {
    const owner = owners.get(Math.floor(id / BLOCK_SIZE));
    return owner ? [{ at: owner.last_at, number: owner.number, below: id }] : [];
  });
  const rest = places.filter((place) => compare(from, place) < 0).sort(compare);
  return pageOf(
    search,
    rest.map((place) => place.below),
    owners,
  );
}

const compare = (a: Place, b: Place): number => b.at - a.at || b.number - a.number || b.below - a.below;

/** A common word and very many conversations: the app's newest ones, step by step, as far as one page may read. */
async function walkApp(search: Search): Promise<SearchPage> {
  const { d1, size } = search;
  const ids: number[] = [];
  const owners = new Map<number, Candidate>();
  let from = search.from;
  let left = WALK_ROWS;
  // Steps grow, so that a word found soon costs little and one that is not costs few calls.
  for (let step = 1; left >= WALK_STEP * WALK_ROWS_EACH; step++) {
    const limit = Math.min(step * WALK_STEP, Math.floor(left / WALK_ROWS_EACH));
    const window = await newest({ ...search, from }, step === 1, limit);
    const mine = window.filter((c): c is Candidate => c.blocks !== null);
    const looked = await look({ ...search, from }, mine, size + 1 - ids.length);
    ids.push(...looked.ids);
    for (const [block, owner] of looked.owners) owners.set(block, owner);
    if (ids.length > size || window.length < limit) return pageOf(search, ids, owners);
    const last = window.at(-1) as Candidate;
    from = { at: last.last_at, number: last.number, below: 0 };
    left -= window.length + 2 * mine.length + 2 * (looked.looked + looked.ids.length);
  }
  return { rows: await texts(d1, ids), cursor: cursorOf({ last_at: from.at, number: from.number }, 0) };
}

/** The app's conversations from a place on; `blocks` null where the person is not in it. */
async function newest(
  { d1, app, user, from }: Search,
  inclusive: boolean,
  limit: number,
): Promise<(Omit<Candidate, 'blocks'> & { blocks: string | null })[]> {
  const mine =
    user === null
      ? 'LEFT JOIN conversation c ON c.number = w.number'
      : `LEFT JOIN membership m ON m.user = ?5 AND m.conversation = w.number AND m.standing = 'active'
         LEFT JOIN conversation c ON c.number = m.conversation`;
  const where = `(last_at, number) ${inclusive ? '<=' : '<'} (?2, ?3)`;
  const statement = d1.prepare(
    `SELECT w.number, w.last_at, c.blocks FROM (
       ${byTime('number, last_at', { where, order: 'last_at DESC, number DESC', limit: '?4' })}) w ${mine}`,
  );
  const bound = [app, from.at, from.number, limit];
  const found = await statement
    .bind(...(user === null ? bound : [...bound, user]))
    .all<Candidate & { blocks: string | null }>();
  return found.results;
}

/** The archived messages of these ids, in their order. */
async function texts(d1: D1Database, ids: readonly number[]): Promise<Found[]> {
  if (ids.length === 0) return [];
  const found = await d1
    .prepare(
      `SELECT e.id, e.author, e.at, e.text, e.markup, e.extra, coalesce(c.block_of, c.number) AS conversation
       FROM json_each(?1) j CROSS JOIN entry e ON e.id = j.value
       CROSS JOIN conversation c ON c.number = e.id / ${BLOCK_SIZE}`,
    )
    .bind(JSON.stringify(ids))
    .all<Found>();
  const byId = new Map(found.results.map((row) => [row.id as number, row]));
  return ids.flatMap((id) => byId.get(id) ?? []);
}
