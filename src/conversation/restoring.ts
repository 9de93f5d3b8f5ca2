// Rebuilding a log from the archive, step by step: begin, its entries in order, its people, end. Everything gathers in
// tables beside the log, which goes on serving; the last step swaps them in, whole or not at all. What was told meanwhile
// is overtaking.ts.
import { invalid, notFound, Refused } from '../domain/errors.ts';
import { type Seq, seqOf, type UserNumber } from '../domain/ids.ts';
import type { Birth, ConversationFacts, Member } from '../domain/model.ts';
import type { RestoredMember, RestoreStep } from './api.ts';
import { Gone } from './gone.ts';
import { Log } from './log.ts';
import { readMeta, writeMeta } from './meta.ts';
import { copyRewritten, copyTail, factsAfter, isOneStory, lastLiving } from './overtaking.ts';
import { Roster } from './roster.ts';
import { DELETED_END, kindCode, newMember } from './rows.ts';
import { chainEntries, isBorn, migrate } from './schema.ts';

const MESSAGE = kindCode('message');
const JOIN = kindCode('join');
const MERGE = kindCode('merge');

type Step<Name extends RestoreStep['step']> = Extract<RestoreStep, { step: Name }>;

/** How far a restore has come. */
interface Progress {
  begun: Step<'begin'>;
  seq: Seq;
  n: number;
  prev: Seq;
}

const TABLES = `
  CREATE TABLE restored_entry (
    seq INTEGER PRIMARY KEY, at INTEGER NOT NULL, kind INTEGER NOT NULL, n INTEGER NOT NULL, prev INTEGER NOT NULL,
    author INTEGER, client_id TEXT, print TEXT, body TEXT NOT NULL
  ) STRICT;
  CREATE TABLE restored_member (user INTEGER PRIMARY KEY, outside INTEGER NOT NULL, person TEXT NOT NULL) STRICT;
  CREATE TABLE restored (progress TEXT NOT NULL) STRICT;`;

/**
 * Runs one step; every step may come again. 'swapped': the log on disk is another one now and must be woken. Refused
 * as invalid, with nothing changed, when the archive has gaps, less than the directory, or another story than the log.
 */
export function restoreStep(
  storage: DurableObjectStorage,
  step: RestoreStep,
  blockEntries?: number,
): 'more' | 'swapped' {
  const { sql } = storage;
  return storage.transactionSync(() => {
    if (step.step === 'begin') return start(sql, step);
    const progress = progressOf(sql);
    if (step.step === 'end' && !progress && isBorn(sql) && readMeta(sql, 'epoch') === step.epoch)
      return 'more';
    if (!progress) throw new Refused(notFound('conversation'));
    switch (step.step) {
      case 'entries':
        return addEntries(sql, progress, step, blockEntries);
      case 'people':
        return addPeople(sql, step);
      case 'end':
        return swap(storage, progress, step, blockEntries);
    }
  });
}

/** Drops what a restore has gathered, if there is one. */
export function forgetRestore(sql: SqlStorage): void {
  for (const table of ['restored_entry', 'restored_member', 'restored'])
    sql.exec(`DROP TABLE IF EXISTS ${table}`);
}

function progressOf(sql: SqlStorage): Progress | null {
  const there = sql.exec("SELECT 1 FROM sqlite_master WHERE type = 'table' AND name = 'restored'").toArray();
  if (there.length === 0) return null;
  return JSON.parse(sql.exec<{ progress: string }>('SELECT progress FROM restored').one().progress);
}

function keep(sql: SqlStorage, progress: Progress): 'more' {
  sql.exec('UPDATE restored SET progress = ?', JSON.stringify(progress));
  return 'more';
}

function start(sql: SqlStorage, step: Step<'begin'>): 'more' {
  sameLife(sql, step.birth);
  if (progressOf(sql)?.begun.epoch === step.epoch) return 'more';
  // Left by a restore that did not come to its end.
  forgetRestore(sql);
  sql.exec(TABLES);
  const progress: Progress = { begun: step, seq: 0, n: 0, prev: 0 };
  sql.exec('INSERT INTO restored VALUES (?)', JSON.stringify(progress));
  return 'more';
}

/** A number whose row is of another life restores nothing here; a deleted conversation stays deleted. */
function sameLife(sql: SqlStorage, { app, nonce }: Birth): void {
  if (!isBorn(sql)) return;
  const birth = readMeta<Birth>(sql, 'birth');
  const other = birth && (birth.app !== app || birth.nonce !== nonce);
  if (other || readMeta(sql, 'deleted')) throw new Refused(notFound('conversation'));
}

/**
 * Brings the copy up to what was told while it was gathered: people go on posting. A log that has more than the archive,
 * and other entries before that, is not given up for it.
 */
function catchUp(sql: SqlStorage, { begun, ...end }: Progress): void {
  const last = lastLiving(sql);
  if (last === 0) return;
  const oneStory = isOneStory(sql, end.seq);
  if (last > end.seq && !oneStory)
    throw new Refused(invalid('The conversation holds more than the archive has of it.'));
  if (!oneStory) return;
  copyTail(sql, end);
  // What the directory had not heard of at the beginning, it may have rewritten behind the copy.
  copyRewritten(sql, begun.entries);
}

/** Entries as the archive has them; ordinals, links and deleted ranges are worked out again. */
function addEntries(
  sql: SqlStorage,
  progress: Progress,
  step: Step<'entries'>,
  blockEntries?: number,
): 'more' {
  let { seq, n, prev } = progress;
  for (const entry of step.entries) {
    const at = seqOf(progress.begun.blocks, entry.id, blockEntries);
    if (at !== null && at <= seq) continue; // the step came again
    if (at !== seq + 1)
      throw new Refused(invalid(`The archive misses entry ${seq + 1} of this conversation.`));
    const isMessage = entry.kind === MESSAGE;
    seq += 1;
    n += isMessage ? 1 : 0;
    const body = isMessage ? restoredBody(entry) : entry.extra;
    sql.exec(
      'INSERT INTO restored_entry VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)',
      ...[seq, entry.at, entry.kind, n, prev, entry.author, entry.clientId, entry.print, body],
    );
    if (isMessage) prev = seq;
  }
  return keep(sql, { ...progress, seq, n, prev });
}

/** Key order matters: a deleted message is told by how its body ends. */
function restoredBody(entry: { text: string | null; markup: string | null; extra: string }): string {
  const extra = JSON.parse(entry.extra) as Record<string, unknown>;
  const { deleted, ...rest } = extra;
  return JSON.stringify({
    ...rest,
    text: entry.text ?? '',
    markup: entry.markup ?? 'plain',
    ...(deleted ? { deleted: true } : {}),
  });
}

function addPeople(sql: SqlStorage, { people, outside }: Step<'people'>): 'more' {
  const insert = (user: UserNumber, person: object, isOutside: 0 | 1) =>
    sql.exec(
      'INSERT OR IGNORE INTO restored_member VALUES (?, ?, ?)',
      user,
      isOutside,
      JSON.stringify(person),
    );
  for (const person of people) insert(person.user, person, 0);
  for (const { user, card, readAt = 0 } of outside)
    insert(user, { ...newMember(user, card, 'outside'), readAt, rev: 0 }, 1);
  return 'more';
}

/** Puts what was gathered in the log's place. The directory has the archive's entries; sockets start anew with the epoch. */
function swap(
  storage: DurableObjectStorage,
  progress: Progress,
  { epoch }: Step<'end'>,
  blockEntries?: number,
): 'swapped' {
  const { sql } = storage;
  const { begun, seq } = progress;
  if (begun.epoch !== epoch) throw new Refused(invalid('Another restore of this conversation has begun.'));
  sameLife(sql, begun.birth);
  const { rows } = sql.exec<{ rows: number }>('SELECT count(*) AS rows FROM restored_entry').one();
  if (seq < begun.entries || seq === 0 || rows !== seq)
    throw new Refused(invalid(`The archive misses entry ${seq + 1} of this conversation.`));
  migrate(storage);
  catchUp(sql, progress);
  const living = new Roster(sql);
  const blocks = readMeta<number[]>(sql, 'blocks') ?? [];
  sql.exec('DELETE FROM entry');
  sql.exec('DELETE FROM member');
  sql.exec(
    `INSERT INTO entry (seq, at, kind, n, prev, author, client_id, print, body, indexed, delivered)
     SELECT seq, at, kind, n, prev, author, client_id, print, body, min(seq, ?1), min(seq, ?1) FROM restored_entry`,
    seq,
  );
  sql.exec(chainEntries());
  for (const key of ['facts', 'readers', 'hooks', 'restoring'])
    sql.exec('DELETE FROM meta WHERE key = ?', key);
  const log = Log.begin(sql, begun.birth, epoch, blockEntries);
  for (const { user, into } of merges(sql)) log.alias(user, into);
  log.change(factsAfter(sql, begun.facts as Partial<ConversationFacts>, begun.entries));
  Gone.rewrite(sql, deletedOrdinals(sql));
  // The log may have been given a block that the directory has not heard of.
  const extended = begun.blocks.every((block, i) => blocks[i] === block);
  writeMeta(sql, 'blocks', extended ? blocks : begun.blocks);
  settle(sql, living);
  forgetRestore(sql);
  return 'swapped';
}

/** Of the messages in the log, those that were deleted. */
function* deletedOrdinals(sql: SqlStorage): Generator<number> {
  const found = sql.exec<{ n: number }>(
    `SELECT n FROM entry WHERE kind = 0 AND substr(body, -${DELETED_END.length}) = ?`,
    DELETED_END,
  );
  for (const { n } of found) yield n;
}

/** People and where they stand: as the directory has them, or as the log that went had them, if that was newer. */
function settle(sql: SqlStorage, living: Roster): void {
  const restored = sql
    .exec<{ person: string }>('SELECT person FROM restored_member ORDER BY outside, user')
    .toArray()
    .map(({ person }) => JSON.parse(person) as RestoredMember);
  const joined = joins(sql);
  const roster = new Roster(sql);
  // The directory takes only what is newer than it has.
  roster.rev = restored.reduce((rev, person) => Math.max(rev, person.rev), living.rev);
  for (const { rev, ...person } of restored) {
    const known = living.get(person.user);
    const newer = known && living.revOf(person.user) > rev;
    const joinedSeq = joined.get(person.user) ?? 0;
    const member = { ...newMember(person.user, person.card, person.standing), ...person, joinedSeq };
    roster.put(newer ? known : (member satisfies Member));
  }
  // Who wrote from outside, and who came after the directory was asked.
  for (const [user, member] of living.members) if (!roster.get(user)) roster.put(member);
}

/** People who turned out to be others. */
function merges(sql: SqlStorage): { user: UserNumber; into: UserNumber }[] {
  const found = sql.exec<{ body: string }>('SELECT body FROM entry WHERE kind = ? ORDER BY seq', MERGE);
  return Array.from(found, ({ body }) => JSON.parse(body) as { user: UserNumber; into: UserNumber });
}

/** The entry that each person last came in by: the directory does not hold it, the log does. */
function joins(sql: SqlStorage): Map<UserNumber, Seq> {
  const joined = new Map<UserNumber, Seq>();
  const entries = sql.exec<{ seq: number; body: string }>(
    'SELECT seq, body FROM entry WHERE kind = ? ORDER BY seq',
    JOIN,
  );
  for (const { seq, body } of entries)
    for (const user of (JSON.parse(body) as { users: UserNumber[] }).users) joined.set(user, seq);
  return joined;
}
