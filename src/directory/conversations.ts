// Conversations in D1: their numbers and unique claims, and the rows that lists show.
import type { Control } from '../domain/control.ts';
import {
  type AppNumber,
  BLOCK_SIZE,
  type ConversationNumber,
  type MessageNumber,
  type Seq,
  type UserNumber,
} from '../domain/ids.ts';
import type { Birth, Card, ConversationFacts, Door, JsonObject, Kind, Standing } from '../domain/model.ts';

/** What must be the only one of its app; D1's unique indexes decide in the insert itself. */
export interface Claims {
  uniqueId?: string | null;
  /** Both numbers of a direct conversation, the smaller first: "3:7". */
  pair?: string | null;
  /** This user's default conversation, if they have none yet. */
  defaultOf?: UserNumber | null;
  /** Idempotency-Key of the create. */
  createKey?: string | null;
  /** What was asked for under it. */
  createPrint?: string | null;
}

/** The key of the create first: who asks again means that conversation, whatever else it holds. */
const CLAIM_COLUMNS = {
  createKey: 'create_key',
  uniqueId: 'unique_id',
  pair: 'pair',
  defaultOf: 'default_of',
} as const;
type Claim = keyof typeof CLAIM_COLUMNS;

export interface Allotted {
  birth: Birth;
  won: boolean;
  /** The directory has heard of its log. */
  told: boolean;
  /** The claim that another conversation holds; null: none does. */
  by: Claim | null;
  /** What was asked for under the key of that one's create. */
  print: string | null;
}

/**
 * A number for a new conversation, or the row that holds one of its claims already (`won: false`). One statement
 * when nothing is claimed. The same birth comes back to winner and losers, so that both may open it.
 */
export async function allotConversation(
  d1: D1Database,
  birth: Omit<Birth, 'number' | 'uniqueId' | 'defaultOf'>,
  claims: Claims,
): Promise<Allotted> {
  const insert = d1
    .prepare(
      `INSERT INTO conversation (app, nonce, kind, creator, door, created_at, last_at, public, title, description, icon,
         options, metadata, unique_id, pair, default_of, create_key, create_print)
       VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13, ?14, ?15, ?16, ?17)
       ON CONFLICT DO NOTHING RETURNING number`,
    )
    .bind(
      birth.app,
      birth.nonce,
      birth.kind,
      birth.creator,
      birth.door,
      birth.createdAt,
      birth.public ? 1 : 0,
      birth.title ?? null,
      birth.description ?? null,
      birth.icon ?? null,
      birth.options ?? null,
      birth.metadata ? JSON.stringify(birth.metadata) : null,
      claims.uniqueId ?? null,
      claims.pair ?? null,
      claims.defaultOf ?? null,
      claims.createKey ?? null,
      claims.createPrint ?? null,
    );
  const row = await insert.first<{ number: number }>();
  const own = { ...birth, uniqueId: claims.uniqueId ?? null, defaultOf: claims.defaultOf ?? null };
  if (row)
    return {
      birth: { ...own, number: row.number as ConversationNumber },
      won: true,
      told: false,
      by: null,
      print: null,
    };
  for (const [name, column] of Object.entries(CLAIM_COLUMNS)) {
    const claim = name as Claim;
    const value = claims[claim];
    if (value === null || value === undefined) continue;
    const holder = await d1
      .prepare(`SELECT * FROM conversation WHERE app = ?1 AND ${column} = ?2`)
      .bind(birth.app, value)
      .first<Row>();
    if (!holder) continue;
    const { last_seq, create_print: print } = holder;
    return { birth: birthOf(holder), won: false, told: last_seq > 0, by: claim, print };
  }
  throw new Error('a conversation was refused although nobody holds its claims');
}

/** How the pair of a direct conversation is written. */
export const pairOf = (...pair: readonly [UserNumber, UserNumber]): string =>
  [...pair].sort((a, b) => a - b).join(':');

/** The direct conversations of these pairs, those that there are. */
export async function directsOf(
  d1: D1Database,
  app: AppNumber,
  pairs: readonly string[],
): Promise<{ number: ConversationNumber; pair: string }[]> {
  const found = await d1
    .prepare(
      'SELECT number, pair FROM conversation WHERE app = ?1 AND pair IN (SELECT value FROM json_each(?2))',
    )
    .bind(app, JSON.stringify(pairs))
    .all<{ number: ConversationNumber; pair: string }>();
  return found.results;
}

/** Gives back the default conversation of a person where the number that holds it was never told of. */
export async function releaseDefault(d1: D1Database, { app, number, nonce }: Birth): Promise<void> {
  await d1
    .prepare(
      'UPDATE conversation SET default_of = NULL WHERE number = ?1 AND app = ?2 AND nonce = ?3 AND last_seq = 0',
    )
    .bind(number, app, nonce)
    .run();
}

/** The log's life after a restore: the log itself tells of it with its next entry only. */
export async function setEpoch(d1: D1Database, { app, number, nonce }: Birth, epoch: string): Promise<void> {
  await d1
    .prepare('UPDATE conversation SET epoch = ?4 WHERE number = ?1 AND app = ?2 AND nonce = ?3')
    .bind(number, app, nonce, epoch)
    .run();
}

/** The conversation that a claim belongs to, or null. */
export async function findByClaim(
  d1: D1Database,
  app: AppNumber,
  claim: Claim,
  value: string | number,
): Promise<Birth | null> {
  const row = await d1
    .prepare(`SELECT * FROM conversation WHERE app = ?1 AND ${CLAIM_COLUMNS[claim]} = ?2`)
    .bind(app, value)
    .first<Row>();
  return row ? birthOf(row) : null;
}

export async function findConversation(
  d1: D1Database,
  app: AppNumber,
  number: ConversationNumber,
): Promise<{ row: ListedConversation; birth: Birth } | null> {
  const row = await d1
    .prepare('SELECT * FROM conversation WHERE number = ?1 AND app = ?2 AND deleted_at IS NULL')
    .bind(number, app)
    .first<Row>();
  return row ? { row: listed(row), birth: birthOf(row) } : null;
}

/** The conversation whose block of message numbers this is: usually the block's own number. */
export async function conversationOfBlock(d1: D1Database, block: number): Promise<ConversationNumber | null> {
  const row = await d1
    .prepare('SELECT coalesce(block_of, number) AS number FROM conversation WHERE number = ?1')
    .bind(block)
    .first<{ number: number }>();
  return (row?.number as ConversationNumber | undefined) ?? null;
}

/** Highest number given so far. */
export async function highestNumber(d1: D1Database): Promise<number> {
  const row = await d1
    .prepare("SELECT seq FROM sqlite_sequence WHERE name = 'conversation'")
    .first<{ seq: number }>();
  return row?.seq ?? 0;
}

/** One conversation as the directory shows it. */
export interface ListedConversation {
  facts: ConversationFacts;
  lastSeq: Seq;
  lastMessageSeq: Seq;
  /** ms of the last message, or of the creation. */
  lastAt: number;
  /** Log time of the last message, µs; 0: none. */
  lastLogTime: number;
  messageCount: number;
  lastAuthor: UserNumber | null;
  preview: string;
  /** user -> [seq, n] of what recent authors said last. */
  recent: Record<string, [Seq, number]>;
  people: { user: UserNumber; standing: Standing; card: Card }[];
  memberCount: number;
  gone: [number, number][];
  /** ms since 1970 of the last time that somebody who answers for the app read it; 0: never. */
  businessReadAt: number;
}

/** A conversation's row as D1 gives it. */
export interface Row {
  number: number;
  app: number;
  nonce: string;
  kind: string;
  creator: number | null;
  door: string;
  created_at: number;
  unique_id: string | null;
  default_of: number | null;
  public: number;
  title: string | null;
  description: string | null;
  icon: string | null;
  options: string | null;
  metadata: string | null;
  assignee: number | null;
  control: string | null;
  group_number: number | null;
  state: string;
  locked: number;
  epoch: string;
  blocks: string;
  last_seq: number;
  last_message_seq: number;
  last_at: number;
  last_log_time: number;
  message_count: number;
  last_author: number | null;
  preview: string;
  recent: string;
  people: string;
  member_count: number;
  gone: string;
  business_read_at: number;
  create_print: string | null;
}

/** What a row says of its conversation's beginning, and its facts say too. */
const beginningOf = (row: Row) => ({
  app: row.app as AppNumber,
  number: row.number as ConversationNumber,
  kind: row.kind as Kind,
  creator: row.creator as UserNumber | null,
  door: row.door as Door,
  createdAt: row.created_at,
  uniqueId: row.unique_id,
  public: row.public !== 0,
  defaultOf: row.default_of as UserNumber | null,
  title: row.title,
  description: row.description,
  icon: row.icon,
  options: row.options,
  metadata: row.metadata ? (JSON.parse(row.metadata) as JsonObject) : null,
});

export const birthOf = (row: Row): Birth => ({ ...beginningOf(row), nonce: row.nonce });

/** Rows of an older version do not have it: there it is what it is as a rule (DESIGN.md 3). */
const logTimeOf = (row: Row): number =>
  row.last_log_time || (row.message_count > 0 ? row.last_at * 1000 + (row.number % 1000) : 0);

export const listed = (row: Row): ListedConversation => ({
  facts: {
    ...beginningOf(row),
    assignee: row.assignee as UserNumber | null,
    control: row.control ? (JSON.parse(row.control) as Control) : null,
    group: row.group_number,
    state: row.state as 'open' | 'closed',
    locked: row.locked !== 0,
  },
  lastSeq: row.last_seq,
  lastMessageSeq: row.last_message_seq,
  lastAt: row.last_at,
  lastLogTime: logTimeOf(row),
  messageCount: row.message_count,
  lastAuthor: row.last_author as UserNumber | null,
  preview: row.preview,
  recent: JSON.parse(row.recent) as Record<string, [Seq, number]>,
  people: (JSON.parse(row.people) as [UserNumber, Standing, Card][]).map(([user, standing, card]) => ({
    user,
    standing,
    card,
  })),
  memberCount: row.member_count,
  gone: JSON.parse(row.gone) as [number, number][],
  businessReadAt: row.business_read_at,
});

/** What restore needs beyond the row: where each member stands. */
export async function positionsOf(d1: D1Database, conversation: ConversationNumber) {
  const found = await d1
    .prepare('SELECT * FROM membership WHERE conversation = ?1')
    .bind(conversation)
    .all<Record<string, number | string | null>>();
  return found.results;
}

export interface ArchiveRow {
  id: MessageNumber;
  author: number | null;
  at: number;
  kind: number;
  markup: string | null;
  text: string | null;
  extra: string;
  client_id: string | null;
  print: string | null;
}

/** Archived entries of one block of numbers, in order. */
export async function archivedEntries(
  d1: D1Database,
  from: number,
  to: number,
  limit: number,
): Promise<ArchiveRow[]> {
  const found = await d1
    .prepare('SELECT * FROM entry WHERE id BETWEEN ?1 AND ?2 ORDER BY id LIMIT ?3')
    .bind(from, to, limit)
    .all<ArchiveRow>();
  return found.results;
}

/** How many entries the archive holds in these blocks of numbers. */
export async function countArchived(d1: D1Database, blocks: readonly number[]): Promise<number> {
  const row = await d1
    .prepare(
      `SELECT count(*) AS n FROM json_each(?1) b
       JOIN entry e ON e.id BETWEEN b.value * ${BLOCK_SIZE} AND b.value * ${BLOCK_SIZE} + ${BLOCK_SIZE - 1}`,
    )
    .bind(JSON.stringify(blocks))
    .first<{ n: number }>();
  return row?.n ?? 0;
}

export async function blocksOf(d1: D1Database, conversation: ConversationNumber): Promise<number[]> {
  const row = await d1
    .prepare('SELECT blocks FROM conversation WHERE number = ?1')
    .bind(conversation)
    .first<{ blocks: string }>();
  const blocks = JSON.parse(row?.blocks ?? '[]') as number[];
  return blocks.length > 0 ? blocks : [conversation];
}
