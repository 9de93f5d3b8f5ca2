// Tables of conversations: what lists show, positions, and the archive. The search index (an FTS5 table) stands in a migration of
// its own: Drizzle does not know virtual tables.
import { sql } from 'drizzle-orm';
import { index, integer, primaryKey, sqliteTable, text, uniqueIndex } from 'drizzle-orm/sqlite-core';
import { flag, number } from './columns.ts';

/**
 * Half 1: a customer's open conversation in which somebody has spoken and that nobody is assigned to. A query says it to the
 * letter: SQLite knows an expression by its text.
 */
export const UNCLAIMED =
  "(kind = 'support' AND state = 'open' AND assignee IS NULL AND deleted_at IS NULL AND message_count > 0)";

/** What lists show. The object decides everything else; numbers and the unique columns are decided here. */
export const conversation = sqliteTable(
  'conversation',
  {
    number: number(),
    app: integer('app').notNull(),
    nonce: text('nonce').notNull(),
    kind: text('kind').notNull(),
    /** The conversation that outgrew its block of message numbers and took this number as its next one. */
    blockOf: integer('block_of'),
    creator: integer('creator'),
    door: text('door').notNull(),
    createdAt: integer('created_at').notNull(),
    uniqueId: text('unique_id'),
    pair: text('pair'),
    defaultOf: integer('default_of'),
    createKey: text('create_key'),
    /** What was asked for under the Idempotency-Key. */
    createPrint: text('create_print'),
    public: flag('public').notNull().default(false),
    title: text('title'),
    description: text('description'),
    icon: text('icon'),
    options: text('options'),
    metadata: text('metadata'),
    assignee: integer('assignee'),
    /** Which integration speaks for the business, as JSON; null: that was never decided. */
    control: text('control'),
    group: integer('group_number'),
    state: text('state').notNull().default('open'),
    locked: flag('locked').notNull().default(false),
    epoch: text('epoch').notNull().default(''),
    blocks: text('blocks').notNull().default('[]'),
    lastSeq: integer('last_seq').notNull().default(0),
    lastMessageSeq: integer('last_message_seq').notNull().default(0),
    lastAt: integer('last_at').notNull(),
    /** Log time of the last message (µs), by which some clients know it; 0: not told yet, or none. */
    lastLogTime: integer('last_log_time').notNull().default(0),
    messageCount: integer('message_count').notNull().default(0),
    lastAuthor: integer('last_author'),
    preview: text('preview').notNull().default(''),
    recent: text('recent').notNull().default('{}'),
    people: text('people').notNull().default('[]'),
    memberCount: integer('member_count').notNull().default(0),
    gone: text('gone').notNull().default('[]'),
    /** When somebody who answers for the app last read it (ms); 0: never. */
    businessReadAt: integer('business_read_at').notNull().default(0),
    deletedAt: integer('deleted_at'),
    /** The newest retelling of everything: an older one that D1 does late does nothing. */
    resetAt: integer('reset_at').notNull().default(0),
  },
  (t) => [
    // In two halves (by-time.ts).
    index('conversation_app').on(t.app, sql.raw(UNCLAIMED), t.lastAt),
    // By number: nothing that a message changes, so it costs a row when a conversation is made and none after.
    index('conversation_living').on(t.app).where(sql`deleted_at is null`),
    index('conversation_created').on(t.app, t.createdAt).where(sql`deleted_at is null`),
    uniqueIndex('conversation_unique_id').on(t.app, t.uniqueId).where(sql`unique_id is not null`),
    uniqueIndex('conversation_pair').on(t.app, t.pair).where(sql`pair is not null`),
    uniqueIndex('conversation_default').on(t.app, t.defaultOf).where(sql`default_of is not null`),
    uniqueIndex('conversation_create_key').on(t.app, t.createKey).where(sql`create_key is not null`),
  ],
);

/**
 * Conversations by the keys and values of their metadata. Kept by triggers on conversation, which do nothing where metadata
 * stays as it is. Values are texts, cut to 200 characters. WITHOUT ROWID.
 */
export const tag = sqliteTable(
  'conversation_tag',
  {
    app: integer('app').notNull(),
    key: text('key').notNull(),
    value: text('value').notNull(),
    conversation: integer('conversation').notNull(),
  },
  (t) => [primaryKey({ columns: [t.app, t.key, t.value, t.conversation] })],
);

/** WITHOUT ROWID (written into the migration by hand: Drizzle has no word for it). */
export const membership = sqliteTable(
  'membership',
  {
    user: integer('user').notNull(),
    conversation: integer('conversation').notNull(),
    rev: integer('rev').notNull(),
    standing: text('standing').notNull(),
    joinedAt: integer('joined_at').notNull(),
    readSeq: integer('read_seq').notNull(),
    readN: integer('read_n').notNull(),
    readAt: integer('read_at').notNull(),
    ownAfter: integer('own_after').notNull(),
    deliveredSeq: integer('delivered_seq').notNull(),
    deliveredAt: integer('delivered_at').notNull(),
    hiddenSeq: integer('hidden_seq').notNull(),
    clearedSeq: integer('cleared_seq').notNull(),
    progress: text('progress').notNull(),
    muted: flag('muted').notNull(),
    invitedBy: integer('invited_by'),
    removedBy: integer('removed_by'),
    /** Messages that they wrote here, unless the conversation's `recent` says more. */
    sent: integer('sent').notNull().default(0),
    concealed: text('concealed').notNull().default(''),
  },
  (t) => [
    primaryKey({ columns: [t.user, t.conversation] }),
    index('membership_conversation').on(t.conversation),
  ],
);

/** The archive: every entry of every log, by message number. A conversation is a range of ids. */
export const entry = sqliteTable('entry', {
  id: integer('id').primaryKey(),
  author: integer('author'),
  at: integer('at').notNull(),
  kind: integer('kind').notNull(),
  markup: text('markup'),
  text: text('text'),
  extra: text('extra').notNull(),
  clientId: text('client_id'),
  print: text('print'),
});

/** What the archive refused, reported instead of holding up the others. */
export const parked = sqliteTable('parked', {
  number: number(),
  conversation: integer('conversation').notNull(),
  seq: integer('seq').notNull(),
  reason: text('reason').notNull(),
  at: integer('at').notNull(),
});
