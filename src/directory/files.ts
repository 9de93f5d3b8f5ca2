// Files in D1: one row each, from the first byte to the last reader. The row's state says who may do what with it; the
// bytes are elsewhere.
import {
  type AppNumber,
  type ConversationNumber,
  type FileNumber,
  fileNumber,
  type MessageNumber,
  type UserNumber,
} from '../domain/ids.ts';

/**
 * new: bytes are arriving. ready: uploaded, in no message. claimed: a message is being posted with it. bound: in a message.
 * doomed: nobody gets it any more; its bytes go next.
 */
export type FileState = 'new' | 'ready' | 'claimed' | 'bound' | 'doomed';

export interface FileRow {
  number: FileNumber;
  app: AppNumber;
  /** Null: an app credential. */
  uploader: UserNumber | null;
  state: FileState;
  nonce: string;
  name: string;
  mime: string;
  bytes: number;
  width: number | null;
  height: number | null;
  /** Files that were uploaded for one message share it. */
  batch: string | null;
  /** ms since 1970. */
  createdAt: number;
  /** The conversation of the message that has, or is about to have it. */
  conversation: ConversationNumber | null;
  message: MessageNumber | null;
  /** Client id of the message that is being posted with it. */
  claim: string | null;
  /** Posts that were begun with this claim. */
  attempts: number;
  uploadId: string | null;
}

interface Row {
  number: number;
  app: number;
  uploader: number | null;
  state: string;
  nonce: string;
  name: string;
  mime: string;
  bytes: number;
  width: number | null;
  height: number | null;
  batch: string | null;
  created_at: number;
  conversation: number | null;
  message: number | null;
  claim: string | null;
  attempts: number;
  upload_id: string | null;
}

const fileOf = (row: Row): FileRow => ({
  number: fileNumber(row.number),
  app: row.app as AppNumber,
  uploader: row.uploader as UserNumber | null,
  state: row.state as FileState,
  nonce: row.nonce,
  name: row.name,
  mime: row.mime,
  bytes: row.bytes,
  width: row.width,
  height: row.height,
  batch: row.batch,
  createdAt: row.created_at,
  conversation: row.conversation as ConversationNumber | null,
  message: row.message as MessageNumber | null,
  claim: row.claim,
  attempts: row.attempts,
  uploadId: row.upload_id,
});

/** Of an app credential the uploader is null. */
interface Owner {
  app: AppNumber;
  uploader: UserNumber | null;
}

/**
 * A row for a file whose bytes will arrive, to be looked at by `dueAt` (ms) if nothing comes of it. Null: its uploader
 * has `most` files that are in no message.
 */
export async function insertFile(
  d1: D1Database,
  {
    app,
    uploader,
    nonce,
    name,
    createdAt,
    dueAt,
    most,
  }: Owner & {
    nonce: string;
    name: string;
    createdAt: number;
    dueAt: number;
    most: number;
  },
): Promise<FileNumber | null> {
  const row = await d1
    .prepare(
      `INSERT INTO file (app, uploader, state, nonce, name, created_at, due_at)
       SELECT ?1, ?2, 'new', ?3, ?4, ?5, ?6
       WHERE NOT EXISTS (SELECT 1 FROM file WHERE app = ?1 AND uploader IS ?2 AND message IS NULL
         AND state <> 'doomed' LIMIT 1 OFFSET ?7) RETURNING number`,
    )
    .bind(app, uploader, nonce, name, createdAt, dueAt, most - 1)
    .first<{ number: number }>();
  return row ? fileNumber(row.number) : null;
}

/** Remembers what a crash would leave in the store. */
export async function noteParts(d1: D1Database, file: FileNumber, uploadId: string): Promise<void> {
  await d1.prepare('UPDATE file SET upload_id = ?2 WHERE number = ?1').bind(file, uploadId).run();
}

/** The bytes are there: from now on it can be put into a message. Null: it was given up meanwhile. */
export async function finishFile(
  d1: D1Database,
  file: FileNumber,
  made: Pick<FileRow, 'name' | 'mime' | 'bytes' | 'width' | 'height' | 'batch'>,
): Promise<FileRow | null> {
  const row = await d1
    .prepare(
      `UPDATE file SET state = 'ready', name = ?2, mime = ?3, bytes = ?4, width = ?5, height = ?6, batch = ?7,
       upload_id = NULL WHERE number = ?1 AND state = 'new' RETURNING *`,
    )
    .bind(file, made.name, made.mime, made.bytes, made.width, made.height, made.batch)
    .first<Row>();
  return row ? fileOf(row) : null;
}

export async function findFile(d1: D1Database, app: AppNumber, file: FileNumber): Promise<FileRow | null> {
  const row = await d1
    .prepare("SELECT * FROM file WHERE number = ?1 AND app = ?2 AND state <> 'doomed'")
    .bind(file, app)
    .first<Row>();
  return row ? fileOf(row) : null;
}

/** Files of one batch of this uploader that are in no message, in order of upload; at most `limit`. */
export async function filesOfBatch(
  d1: D1Database,
  { app, uploader }: Owner,
  batch: string,
  limit: number,
): Promise<FileNumber[]> {
  const found = await d1
    .prepare(
      `SELECT number FROM file WHERE app = ?1 AND uploader IS ?2 AND message IS NULL AND batch = ?3 AND state = 'ready'
       ORDER BY number LIMIT ?4`,
    )
    .bind(app, uploader, batch, limit)
    .all<{ number: number }>();
  return found.results.map(({ number }) => fileNumber(number));
}

/** Gives up a file that is in no message, if it is this uploader's. False: it is not, or is no more. */
export async function giveUpFile(
  d1: D1Database,
  { app, uploader }: Owner,
  file: FileNumber,
  now: number,
): Promise<boolean> {
  const { meta } = await d1
    .prepare(
      `UPDATE file SET state = 'doomed', due_at = ?4
       WHERE number = ?1 AND app = ?2 AND uploader IS ?3 AND state IN ('new', 'ready')`,
    )
    .bind(file, app, uploader, now)
    .run();
  return meta.changes > 0;
}

/** Dooms a file of the app, whoever uploaded it, in a message or in none. False: it is gone, or is being posted. */
export async function dropFile(
  d1: D1Database,
  app: AppNumber,
  file: FileNumber,
  now: number,
): Promise<boolean> {
  const { meta } = await d1
    .prepare(
      `UPDATE file SET state = 'doomed', due_at = ?3 WHERE number = ?1 AND app = ?2 AND state IN ('ready', 'bound')`,
    )
    .bind(file, app, now)
    .run();
  return meta.changes > 0;
}

export interface Claiming extends Owner {
  files: readonly FileNumber[];
  claim: string;
  /** Null: it has no number yet. */
  conversation: ConversationNumber | null;
  /** ms since 1970: when the sweeper asks what became of it. */
  dueAt: number;
  /** Older files are not given any more. */
  since: number;
}

/**
 * Takes files for one message, all or none, in one statement: D1 decides which of two posts gets a file. Files that the
 * same claim has in the same conversation are its own. Null: one of them is not there, not theirs, too old, or taken.
 */
export async function claimFiles(d1: D1Database, claiming: Claiming): Promise<FileRow[] | null> {
  const { app, uploader, files, claim, conversation, dueAt, since } = claiming;
  const free = `app = ?2 AND uploader IS ?3 AND (
    (state = 'ready' AND created_at > ?4) OR
    (state IN ('claimed', 'bound') AND claim = ?5 AND conversation IS ?6))`;
  const { results } = await d1
    .prepare(
      `UPDATE file SET state = iif(state = 'bound', 'bound', 'claimed'), claim = ?5, conversation = ?6,
         attempts = attempts + 1, due_at = iif(state = 'bound', NULL, ?7)
       WHERE number IN (SELECT value FROM json_each(?1)) AND ${free}
         AND (SELECT count(*) FROM file WHERE number IN (SELECT value FROM json_each(?1)) AND ${free}) = ?8
       RETURNING *`,
    )
    .bind(JSON.stringify(files), app, uploader, since, claim, conversation, dueAt, files.length)
    .all<Row>();
  if (results.length !== files.length) return null;
  const rows = new Map(results.map((row) => [row.number, fileOf(row)]));
  return files.map((file) => rows.get(file) as FileRow);
}

/** Says into which conversation the claimed files go. False: the claim was given up meanwhile. */
export async function placeClaim(
  d1: D1Database,
  app: AppNumber,
  files: readonly FileNumber[],
  claim: string,
  conversation: ConversationNumber,
): Promise<boolean> {
  const { meta } = await d1
    .prepare(
      `UPDATE file SET conversation = ?4 WHERE number IN (SELECT value FROM json_each(?1)) AND app = ?2
       AND claim = ?3 AND state = 'claimed' AND conversation IS NULL`,
    )
    .bind(JSON.stringify(files), app, claim, conversation)
    .run();
  return meta.changes === files.length;
}

/**
 * Lets go of claimed files whose message certainly was not posted; `attempts`: only if no other post was begun with
 * this claim since. They have what was left of their time: until `lifetimeMs` after their upload.
 */
export async function releaseFiles(
  d1: D1Database,
  app: AppNumber,
  files: readonly FileNumber[],
  claim: string,
  attempts: number,
  lifetimeMs: number,
): Promise<void> {
  await d1
    .prepare(
      `UPDATE file SET state = 'ready', claim = NULL, conversation = NULL, attempts = 0, due_at = created_at + ?5
       WHERE number IN (SELECT value FROM json_each(?1)) AND app = ?2 AND claim = ?3 AND attempts = ?4
         AND state = 'claimed'`,
    )
    .bind(JSON.stringify(files), app, claim, attempts, lifetimeMs)
    .run();
}

/** A claimed file is in this message. */
export async function bindFile(
  d1: D1Database,
  { number, claim }: FileRow,
  message: MessageNumber,
): Promise<void> {
  await d1
    .prepare(
      `UPDATE file SET state = 'bound', message = ?3, due_at = NULL
       WHERE number = ?1 AND claim = ?2 AND state = 'claimed'`,
    )
    .bind(number, claim, message)
    .run();
}

/** What somebody must look at by now (ms), the longest waiting first. */
export async function dueFiles(d1: D1Database, now: number, limit: number): Promise<FileRow[]> {
  const { results } = await d1
    .prepare('SELECT * FROM file WHERE due_at <= ?1 ORDER BY due_at LIMIT ?2')
    .bind(now, limit)
    .all<Row>();
  return results.map(fileOf);
}

/** Dooms those of these files that are still in this state. */
export async function doomFiles(
  d1: D1Database,
  files: readonly FileNumber[],
  states: readonly FileState[],
  now: number,
): Promise<void> {
  await d1
    .prepare(
      `UPDATE file SET state = 'doomed', due_at = ?3
       WHERE number IN (SELECT value FROM json_each(?1)) AND state IN (SELECT value FROM json_each(?2)) AND due_at <= ?3`,
    )
    .bind(JSON.stringify(files), JSON.stringify(states), now)
    .run();
}

/** Looks at it again later. */
export async function postponeFile(d1: D1Database, file: FileNumber, dueAt: number): Promise<void> {
  await d1
    .prepare('UPDATE file SET due_at = ?2 WHERE number = ?1 AND due_at IS NOT NULL')
    .bind(file, dueAt)
    .run();
}

/** Their bytes are gone. */
export async function forgetFiles(d1: D1Database, files: readonly FileNumber[]): Promise<void> {
  await d1
    .prepare("DELETE FROM file WHERE number IN (SELECT value FROM json_each(?1)) AND state = 'doomed'")
    .bind(JSON.stringify(files))
    .run();
}
