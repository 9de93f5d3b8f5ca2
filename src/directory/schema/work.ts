// Tables of files, of long work, and of answers that are given once.
import { sql } from 'drizzle-orm';
import { index, integer, sqliteTable, text } from 'drizzle-orm/sqlite-core';
import { number } from './columns.ts';

/** Uploaded files; what their states mean is directory/files.ts. */
export const file = sqliteTable(
  'file',
  {
    number: number(),
    app: integer('app').notNull(),
    /** Null: an app credential. */
    uploader: integer('uploader'),
    state: text('state').notNull(),
    nonce: text('nonce').notNull(),
    name: text('name').notNull(),
    mime: text('mime').notNull().default(''),
    bytes: integer('bytes').notNull().default(0),
    width: integer('width'),
    height: integer('height'),
    batch: text('batch'),
    createdAt: integer('created_at').notNull(),
    /** When the sweeper has to look at it (ms); null: it is where it stays. */
    dueAt: integer('due_at'),
    claim: text('claim'),
    attempts: integer('attempts').notNull().default(0),
    conversation: integer('conversation'),
    message: integer('message'),
    uploadId: text('upload_id'),
  },
  (t) => [
    index('file_unbound').on(t.app, t.uploader).where(sql`message is null`),
    index('file_message').on(t.message).where(sql`message is not null`),
    index('file_due').on(t.dueAt).where(sql`due_at is not null`),
  ],
);

/** Long work of an app (an export, an import): what lists show of it. How far it is, its object knows. */
export const job = sqliteTable(
  'job',
  {
    number: number(),
    app: integer('app').notNull(),
    /** The door that it was asked for at, and what it is there: 'qiscus', 'export', 'users'. */
    door: text('door').notNull(),
    kind: text('kind').notNull(),
    subject: text('subject').notNull(),
    /** started, finished, failed; ended: nobody sees it any more, and its object has to clear up. */
    state: text('state').notNull(),
    /** What a finished one made, or a begun one was given, is called. */
    name: text('name').notNull(),
    /** Where that lies in the file store; null: nowhere. */
    file: text('file'),
    bytes: integer('bytes').notNull().default(0),
    rows: integer('rows').notNull().default(0),
    percentage: integer('percentage').notNull().default(0),
    error: text('error'),
    /** JSON: what the error is about. */
    errorData: text('error_data'),
    createdAt: integer('created_at').notNull(),
    changedAt: integer('changed_at').notNull(),
  },
  (t) => [
    index('job_app').on(t.app, t.door, t.kind).where(sql`state <> 'ended'`),
    index('job_open').on(t.app).where(sql`state in ('started', 'ended')`),
  ],
);

/** What an operator asked for under an Idempotency-Key, so that asking again is no second time. */
export const once = sqliteTable(
  'once',
  {
    key: text('key').primaryKey(),
    /** What was asked for. */
    print: text('print').notNull(),
    /** ms since 1970: whoever asked first is at it since then. */
    startedAt: integer('started_at').notNull(),
    /** What was answered, sealed; null: nothing yet. */
    answer: text('answer'),
  },
  (t) => [index('once_started').on(t.startedAt)],
);
