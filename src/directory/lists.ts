// A person's conversations, by last message or by number, and their counters. Row budgets: DESIGN.md 10.
import { concealedCount, isConcealed, readConcealed } from '../domain/concealed.ts';
import { unreadCount } from '../domain/gone.ts';
import type { AppNumber, ConversationNumber, Seq, UserNumber } from '../domain/ids.ts';
import { byTime } from './by-time.ts';
import { highestNumber, type ListedConversation, listed, type Row } from './conversations.ts';

/** Up to here a list joins all of a person's conversations; beyond it may walk the app's by time instead. */
export const JOIN_LIMIT = 500;
/** Conversations of a heavy user that are looked at for unread ones. */
export const HEAVY_LOOK = 100;

export interface ListedForUser extends ListedConversation {
  unread: number;
  readSeq: Seq;
  muted: boolean;
  /** False: it is theirs as one of the team, without being in it. */
  member: boolean;
}

export interface Position {
  number: number;
  last_at: number;
  message_count: number;
  recent: string;
  gone: string;
  read_seq: number;
  read_n: number;
  own_after: number;
  muted: number;
  cleared_seq: number;
  last_message_seq: number;
  sent: number;
  concealed: string;
  last_author: number | null;
  /** They see it without being in it. */
  watched?: true;
}

export const LIGHT =
  'c.number, c.last_at, c.last_message_seq, c.message_count, c.last_author, c.recent, c.gone, m.read_seq, m.read_n, ' +
  'm.own_after, m.muted, m.cleared_seq, m.sent, m.concealed';
const WHOLE = 'c.*, m.read_seq, m.read_n, m.own_after, m.muted, m.cleared_seq, m.sent, m.concealed';
export const SHOWN = "m.standing = 'active' AND (m.hidden_seq = 0 OR c.last_message_seq > m.hidden_seq)";

/** How far the person has read: their row, or their own last message where that is further. */
function markOf(user: UserNumber, p: Position): { seq: Seq; n: number } {
  const own = recentOf(user, p);
  return own && own[0] > Math.max(p.read_seq, p.own_after)
    ? { seq: own[0], n: own[1] }
    : { seq: p.read_seq, n: p.read_n };
}

const recentOf = (user: UserNumber, p: Position) =>
  (JSON.parse(p.recent) as Record<string, [Seq, number, number]>)[user];

export const unreadOf = (user: UserNumber, p: Position): number =>
  unreadCount(
    p.message_count,
    markOf(user, p).n,
    JSON.parse(p.gone) as [number, number][],
    readConcealed(p.concealed)?.inbox.ranges,
  );

export interface UserList {
  total: number;
  unreadConversations: number;
  unreadMessages: number;
  rows: ListedForUser[];
}

/**
 * A page of a person's conversations, newest message first, with the totals. `direct`: only those of two people, or only
 * the others; then all of them are looked through, however many there are.
 */
export async function listByTime(
  d1: D1Database,
  app: AppNumber,
  user: UserNumber,
  start: number,
  count: number,
  direct?: boolean,
): Promise<UserList> {
  const held = await d1
    .prepare('SELECT conversations FROM user WHERE number = ?1')
    .bind(user)
    .first<{ conversations: number }>();
  const total = held?.conversations ?? 0;
  if (total > JOIN_LIMIT && direct === undefined) {
    const found = await heavyPositions(d1, app, user, Math.max(start + count, HEAVY_LOOK), total);
    if (found)
      return {
        total,
        ...unreadTotals(user, found.slice(0, HEAVY_LOOK)),
        rows: await fill(d1, user, found.slice(start, start + count)),
      };
  }
  // A whole row again for each one shown costs two more rows: with few conversations every row is taken whole.
  const whole = total <= 2 * count;
  const found = await d1
    .prepare(
      `SELECT ${whole ? WHOLE : LIGHT} FROM membership m CROSS JOIN conversation c ON c.number = m.conversation
       WHERE m.user = ?1 AND ${SHOWN} AND (?2 IS NULL OR (c.kind = 'direct') = ?2)`,
    )
    .bind(user, direct === undefined ? null : Number(direct))
    .all<Position | (Position & Row)>();
  const all = found.results.sort(newestFirst);
  const page = all.slice(start, start + count);
  return {
    total: all.length,
    ...unreadTotals(user, all),
    rows: whole ? page.map((p) => withPosition(user, p as Position & Row, p)) : await fill(d1, user, page),
  };
}

export const newestFirst = (a: Position, b: Position): number => b.last_at - a.last_at || b.number - a.number;

/**
 * The newest `wanted` of a person in very many conversations (`total`): the app's newest ones are walked. Null when a walk as
 * long as their own list does not find so many: theirs are old ones, and a join costs less than going on.
 */
export async function heavyPositions(
  d1: D1Database,
  app: AppNumber,
  user: UserNumber,
  wanted: number,
  total: number,
): Promise<Position[] | null> {
  if (2 * wanted * (await highestNumber(d1)) >= 3 * total * total) return null;
  const found = await walked(d1, app, user, wanted, total);
  return found.length < wanted ? null : found;
}

/** The first `wanted` of a person's conversations among the newest `depth` of the app. */
export async function walked(
  d1: D1Database,
  app: AppNumber,
  user: UserNumber,
  wanted: number,
  depth: number,
): Promise<Position[]> {
  const found = await d1
    .prepare(
      `SELECT ${LIGHT} FROM (${byTime('*', { limit: '?4' })}) c
       CROSS JOIN membership m ON m.user = ?2 AND m.conversation = c.number
       WHERE ${SHOWN} ORDER BY c.last_at DESC LIMIT ?3`,
    )
    .bind(app, user, wanted, depth)
    .all<Position>();
  return found.results;
}

/** Every conversation of the person with something unread, however many they are in. */
export async function unreadNumbers(d1: D1Database, user: UserNumber): Promise<ConversationNumber[]> {
  const found = await d1
    .prepare(
      `SELECT ${LIGHT} FROM membership m CROSS JOIN conversation c ON c.number = m.conversation
       WHERE m.user = ?1 AND ${SHOWN}`,
    )
    .bind(user)
    .all<Position>();
  return found.results.filter((p) => unreadOf(user, p) > 0).map((p) => p.number as ConversationNumber);
}

export function unreadTotals(user: UserNumber, positions: readonly Position[]) {
  let [unreadConversations, unreadMessages] = [0, 0];
  for (const position of positions) {
    const unread = unreadOf(user, position);
    if (unread > 0) unreadConversations += 1;
    unreadMessages += unread;
  }
  return { unreadConversations, unreadMessages };
}

/** Whole rows for a page of positions, in its order. */
export async function fill(
  d1: D1Database,
  user: UserNumber,
  page: readonly Position[],
): Promise<ListedForUser[]> {
  if (page.length === 0) return [];
  const found = await d1
    .prepare('SELECT c.* FROM json_each(?1) j CROSS JOIN conversation c ON c.number = j.value')
    .bind(JSON.stringify(page.map((p) => p.number)))
    .all<Row>();
  const rows = new Map(found.results.map((row) => [row.number, row]));
  return page.flatMap((p) => {
    const row = rows.get(p.number);
    return row ? [withPosition(user, row, p)] : [];
  });
}

const withPosition = (user: UserNumber, row: Row, p: Position): ListedForUser => ({
  ...listed(row),
  ...(lastIsConcealed(user, p) && { preview: '' }),
  unread: unreadOf(user, p),
  readSeq: markOf(user, p).seq,
  muted: p.muted !== 0,
  member: !p.watched,
});

const lastIsConcealed = (user: UserNumber, p: Position): boolean =>
  (p.cleared_seq > 0 && p.cleared_seq >= p.last_message_seq) ||
  isConcealed(readConcealed(p.concealed), p.last_author === user ? 'sent' : 'inbox', p.message_count);

/** One conversation as a source of a person's two boxes. */
export interface BoxSource {
  number: ConversationNumber;
  /** ms of its last message. */
  lastAt: number;
  /** Messages in each box. */
  inbox: number;
  sent: number;
  unread: number;
}

/**
 * The person's conversations with the newest messages, newest first: all up to {@link JOIN_LIMIT}, else the newest
 * {@link HEAVY_LOOK}. Reads what their list reads.
 */
export async function boxSources(d1: D1Database, app: AppNumber, user: UserNumber): Promise<BoxSource[]> {
  const positions = await positionsOf(d1, app, user);
  return positions.map((p) => boxSourceOf(user, p));
}

export function boxSourceOf(user: UserNumber, p: Position): BoxSource {
  const concealed = readConcealed(p.concealed);
  const wrote = recentOf(user, p)?.[2] ?? p.sent;
  return {
    number: p.number as ConversationNumber,
    lastAt: p.last_at,
    inbox: Math.max(0, p.message_count - wrote - concealedCount(concealed, 'inbox')),
    sent: Math.max(0, wrote - concealedCount(concealed, 'sent')),
    unread: unreadOf(user, p),
  };
}

async function positionsOf(d1: D1Database, app: AppNumber, user: UserNumber): Promise<Position[]> {
  const { results } = await d1
    .prepare('SELECT conversations FROM user WHERE number = ?1')
    .bind(user)
    .all<{ conversations: number }>();
  const total = results[0]?.conversations ?? 0;
  if (total > JOIN_LIMIT) {
    const found = await walked(d1, app, user, HEAVY_LOOK, total);
    if (found.length === HEAVY_LOOK) return found;
  }
  const found = await d1
    .prepare(
      `SELECT ${LIGHT} FROM membership m CROSS JOIN conversation c ON c.number = m.conversation
       WHERE m.user = ?1 AND ${SHOWN}`,
    )
    .bind(user)
    .all<Position>();
  return found.results.sort(newestFirst);
}

export interface NumberWindow {
  /** Older than this one. */
  after?: ConversationNumber;
  /** Newer than this one. */
  before?: ConversationNumber;
  size: number;
}

/** A page by number, newest first; `user` null: the whole app. */
export async function listByNumber(
  d1: D1Database,
  app: AppNumber,
  user: UserNumber | null,
  window: NumberWindow,
): Promise<{ rows: ListedForUser[]; hasMore: boolean }> {
  const backwards = window.before !== undefined;
  const [side, order] = backwards ? ['>', 'ASC'] : ['<', 'DESC'];
  const bound = window.before ?? window.after ?? Number.MAX_SAFE_INTEGER;
  const statement =
    user === null
      ? d1
          .prepare(
            `SELECT c.*, 0 AS read_seq, 0 AS read_n, 0 AS own_after, 0 AS muted, 0 AS cleared_seq, 0 AS sent, '' AS concealed
             FROM conversation c INDEXED BY conversation_living
             WHERE c.app = ?1 AND c.number ${side} ?2 AND c.deleted_at IS NULL AND c.last_seq > 0
             ORDER BY c.number ${order} LIMIT ?3`,
          )
          .bind(app, bound, window.size + 1)
      : d1
          .prepare(
            `SELECT ${WHOLE} FROM membership m CROSS JOIN conversation c ON c.number = m.conversation
             WHERE m.user = ?1 AND m.conversation ${side} ?2 AND m.standing = 'active' AND c.app = ?4
             ORDER BY m.conversation ${order} LIMIT ?3`,
          )
          .bind(user, bound, window.size + 1, app);
  const found = await statement.all<Row & Position>();
  const page = found.results.slice(0, window.size);
  if (backwards) page.reverse();
  const who = user ?? (0 as UserNumber);
  return {
    rows: page.map((row) => withPosition(who, row, row)),
    hasMore: found.results.length > window.size,
  };
}
