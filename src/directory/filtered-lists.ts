// Conversations by number that a filter lets through, of a whole app or of one person. What a page may read is bounded: it
// walks the list so far and no further, unless an index holds so few candidates that all of them can be looked at.
import type { AppNumber, ConversationNumber, UserNumber } from '../domain/ids.ts';
import type { Kind } from '../domain/model.ts';
import { byTime } from './by-time.ts';
import { type ListedConversation, listed, type Row } from './conversations.ts';
import type { NumberWindow } from './lists.ts';

/** Conversations that one look at the list takes, at most; two rows read for each, three of a person's list. */
export const LOOK = 1_000;
/** Looks that one page takes until it is full, at most: some tens of milliseconds of the directory. */
export const MOST_LOOKS = 10;
/** In one step: some of them carry 4 KB of metadata. */
const MOST_STEP = 250;
/** Characters of a value that the index of metadata holds. */
const TAG_CHARS = 200;

type Value = string | number | boolean;

/** What a conversation must be. Times in ms since 1970, without the given one itself. */
export interface ListFilter {
  createdAfter?: number;
  createdBefore?: number;
  /** Of the last message, else of the creation. */
  activeAfter?: number;
  activeBefore?: number;
  kinds?: readonly Kind[];
  state?: 'open' | 'closed';
  /** For each key, the values of which it must have one. */
  metadata?: ReadonlyMap<string, readonly Value[]>;
}

interface Light {
  number: number;
  kind: string;
  state: string;
  created_at: number;
  last_at: number;
  last_seq: number;
  metadata: string | null;
}
const LIGHT = 'c.number, c.kind, c.state, c.created_at, c.last_at, c.last_seq, c.metadata';

export interface FilteredPage {
  rows: ListedConversation[];
  hasMore: boolean;
  /** The last one that was looked at: where to go on, also from a page that shows less than it may. Null: nothing was. */
  reached: ConversationNumber | null;
}

interface Asked extends NumberWindow {
  app: AppNumber;
  /** Null: the whole app. */
  user: UserNumber | null;
  filter: ListFilter;
}

/**
 * A page, newest first, which is full wherever there is more within MOST_LOOKS looks: only behind so many that the filter
 * holds back it holds less than its size, and still has a next one.
 */
export async function listFiltered(d1: D1Database, asked: Asked): Promise<FilteredPage> {
  let page = await lookThrough(d1, asked);
  for (let looks = 1; page.hasMore && page.rows.length < asked.size && looks < MOST_LOOKS; looks += 1) {
    const { rows, reached } = page;
    const from =
      asked.before === undefined ? { after: reached ?? undefined } : { before: reached ?? undefined };
    const next = await lookThrough(d1, { ...asked, ...from, size: asked.size - rows.length });
    const both = asked.before === undefined ? [...rows, ...next.rows] : [...next.rows, ...rows];
    page = { rows: both, hasMore: next.hasMore, reached: next.reached ?? reached };
  }
  return page;
}

/**
 * One look. It may hold less than the page's size, or nothing, and still have a next one. Reads a row for each conversation
 * that is shown, and two for each that it looks at; three in a person's list.
 */
async function lookThrough(d1: D1Database, asked: Asked): Promise<FilteredPage> {
  const candidates = asked.user === null ? await candidatesOf(d1, asked) : null;
  const { numbers, hasMore, reached } = candidates
    ? pick(asked, await lightRows(d1, candidates, asked))
    : await walk(d1, asked);
  const page = asked.before === undefined ? numbers : numbers.toReversed();
  return { rows: await whole(d1, page), hasMore, reached };
}

interface Picked {
  /** In walking direction. */
  numbers: number[];
  hasMore: boolean;
  reached: ConversationNumber | null;
}

/** The first of all candidates, in walking direction, that the filter lets through. */
function pick({ filter, size }: Asked, rows: readonly Light[]): Picked {
  const found = rows.filter((row) => lets(filter, row)).map((row) => row.number);
  const numbers = found.slice(0, size);
  return {
    numbers,
    hasMore: found.length > size,
    reached: (numbers.at(-1) as ConversationNumber | undefined) ?? null,
  };
}

/** The list itself, step by step: steps grow, so that what is common is found cheaply. */
async function walk(d1: D1Database, asked: Asked): Promise<Picked> {
  const { filter, size } = asked;
  const numbers: number[] = [];
  let window: NumberWindow = asked;
  let reached: number | null = null;
  let step = size + 1;
  for (let left = LOOK; left > 0; ) {
    const limit = Math.min(step, left, MOST_STEP);
    const rows = await stepOf(d1, { ...asked, ...window }, limit);
    for (const row of rows) {
      if (lets(filter, row)) {
        if (numbers.length === size)
          return { numbers, hasMore: true, reached: reached as ConversationNumber };
        numbers.push(row.number);
      }
      reached = row.number;
    }
    if (rows.length < limit)
      return { numbers, hasMore: false, reached: reached as ConversationNumber | null };
    const at = reached as ConversationNumber;
    window = asked.before === undefined ? { after: at, size } : { before: at, after: undefined, size };
    left -= rows.length;
    step *= 2;
  }
  return { numbers, hasMore: true, reached: reached as ConversationNumber | null };
}

const directionOf = ({ after, before }: NumberWindow) => {
  const [side, order] = before === undefined ? ['<', 'DESC'] : ['>', 'ASC'];
  return { side, order, bound: before ?? after ?? Number.MAX_SAFE_INTEGER };
};

async function stepOf(d1: D1Database, asked: Asked, limit: number): Promise<Light[]> {
  const { app, user } = asked;
  const { side, order, bound } = directionOf(asked);
  const statement =
    user === null
      ? d1
          .prepare(
            `SELECT ${LIGHT} FROM conversation c INDEXED BY conversation_living
             WHERE c.app = ?1 AND c.number ${side} ?2 AND c.deleted_at IS NULL ORDER BY c.number ${order} LIMIT ?3`,
          )
          .bind(app, bound, limit)
      : d1
          .prepare(
            `SELECT ${LIGHT} FROM membership m CROSS JOIN conversation c ON c.number = m.conversation
             WHERE m.user = ?4 AND m.conversation ${side} ?2 AND m.standing = 'active' AND c.app = ?1
             ORDER BY m.conversation ${order} LIMIT ?3`,
          )
          .bind(app, bound, limit, user);
  return (await statement.all<Light>()).results;
}

/** All that an index has for one part of the filter, where that is few; null: the list must be walked. */
async function candidatesOf(d1: D1Database, { app, filter }: Asked): Promise<number[] | null> {
  for (const statement of indexesFor(d1, app, filter)) {
    const found = (await statement.all<{ number: number }>()).results;
    if (found.length <= LOOK) return found.map((row) => row.number);
  }
  return null;
}

/** Each reads a row for each one found, and one more than may be looked at. */
function* indexesFor(d1: D1Database, app: AppNumber, filter: ListFilter): Generator<D1PreparedStatement> {
  const { createdAfter, createdBefore, activeAfter, activeBefore } = filter;
  for (const [key, values] of filter.metadata ?? []) {
    const tags = new Set(values.map((value) => String(value).slice(0, TAG_CHARS)));
    // A fraction has more than one way to be written.
    if (tags.size !== 1 || values.some((value) => typeof value === 'number' && !Number.isSafeInteger(value)))
      continue;
    yield d1
      .prepare(
        'SELECT conversation AS number FROM conversation_tag WHERE app = ?1 AND key = ?2 AND value = ?3 LIMIT ?4',
      )
      .bind(app, key, [...tags][0], LOOK + 1);
    break;
  }
  if (activeAfter !== undefined)
    yield d1
      .prepare(byTime('number, last_at', { where: 'last_at > ?2 AND last_at < ?3', limit: '?4' }))
      .bind(app, activeAfter, activeBefore ?? Number.MAX_SAFE_INTEGER, LOOK + 1);
  if (createdAfter !== undefined || createdBefore !== undefined)
    yield d1
      .prepare(
        `SELECT number FROM conversation INDEXED BY conversation_created
         WHERE app = ?1 AND created_at > ?2 AND created_at < ?3 AND deleted_at IS NULL LIMIT ?4`,
      )
      .bind(app, createdAfter ?? -1, createdBefore ?? Number.MAX_SAFE_INTEGER, LOOK + 1);
}

/** Those of the candidates that lie in the window, in walking direction. One row read for each. */
async function lightRows(d1: D1Database, numbers: readonly number[], asked: Asked): Promise<Light[]> {
  const { side, bound } = directionOf(asked);
  const inside = numbers
    .filter((number) => (side === '<' ? number < bound : number > bound))
    .sort((a, b) => (side === '<' ? b - a : a - b));
  const found = await d1
    .prepare(
      `SELECT ${LIGHT} FROM json_each(?1) j CROSS JOIN conversation c ON c.number = j.value
       WHERE c.app = ?2 AND c.deleted_at IS NULL`,
    )
    .bind(JSON.stringify(inside), asked.app)
    .all<Light>();
  const rows = new Map(found.results.map((row) => [row.number, row]));
  return inside.flatMap((number) => rows.get(number) ?? []);
}

/** Whether the filter lets a conversation through. One that was never born is none. */
function lets(filter: ListFilter, row: Light): boolean {
  const { createdAfter = -1, createdBefore = Number.POSITIVE_INFINITY } = filter;
  const { activeAfter = -1, activeBefore = Number.POSITIVE_INFINITY } = filter;
  if (row.last_seq === 0) return false;
  if (row.created_at <= createdAfter || row.created_at >= createdBefore) return false;
  if (row.last_at <= activeAfter || row.last_at >= activeBefore) return false;
  if (filter.kinds && !filter.kinds.includes(row.kind as Kind)) return false;
  if (filter.state && filter.state !== row.state) return false;
  return filter.metadata === undefined || holds(row.metadata, filter.metadata);
}

function holds(metadata: string | null, wanted: NonNullable<ListFilter['metadata']>): boolean {
  const held = new Map(Object.entries(JSON.parse(metadata ?? '{}') as Record<string, Value>));
  return [...wanted].every(([key, values]) => values.some((value) => held.get(key) === value));
}

async function whole(d1: D1Database, numbers: readonly number[]): Promise<ListedConversation[]> {
  if (numbers.length === 0) return [];
  const found = await d1
    .prepare('SELECT c.* FROM json_each(?1) j CROSS JOIN conversation c ON c.number = j.value')
    .bind(JSON.stringify(numbers))
    .all<Row>();
  const rows = new Map(found.results.map((row) => [row.number, listed(row)]));
  return numbers.flatMap((number) => rows.get(number as ConversationNumber) ?? []);
}
