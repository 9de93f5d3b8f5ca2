// What a log was told while a copy of it was being gathered (restoring.ts): its newest entries, older ones that were
// rewritten, changed facts. All of it is in the living log, and goes into the copy in the step that swaps them.
import type { Control } from '../domain/control.ts';
import type { Seq, UserNumber } from '../domain/ids.ts';
import type { ConversationFacts, FactsChange } from '../domain/model.ts';
import { type EntryRow, kindCode } from './rows.ts';

const MESSAGE = kindCode('message');
const EDIT = kindCode('edit');
const DELETE = kindCode('delete');
const UPDATE = kindCode('update');
const ASSIGN = kindCode('assign');
const REDACT = kindCode('redact');
const CONTROL = kindCode('control');
const MERGE = kindCode('merge');

type CopiedRow = Omit<EntryRow, 'indexed' | 'delivered'> & Record<string, SqlStorageValue>;

/** The last seq of the living log; 0 where there is none. */
export const lastLiving = (sql: SqlStorage): Seq =>
  sql.exec<{ last: number }>('SELECT coalesce(max(seq), 0) AS last FROM entry').one().last;

/** Whether the living log and the copy tell one story: no two entries of a conversation have the same time. */
export function isOneStory(sql: SqlStorage, upTo: Seq): boolean {
  const seq = Math.min(lastLiving(sql), upTo);
  const found = sql.exec(
    'SELECT 1 FROM entry e JOIN restored_entry r ON r.seq = e.seq WHERE e.seq = ? AND r.at = e.at AND r.kind = e.kind',
    seq,
  );
  return found.toArray().length > 0;
}

/** Copies the entries past the copy's end, with ordinals and links as they are there. Gives how many. */
export function copyTail(sql: SqlStorage, end: { seq: Seq; n: number; prev: Seq }): number {
  let { n, prev } = end;
  const rows = sql.exec<CopiedRow>('SELECT * FROM entry WHERE seq > ? ORDER BY seq', end.seq).toArray();
  for (const { seq, at, kind, author, client_id, print, body } of rows) {
    n += kind === MESSAGE ? 1 : 0;
    sql.exec(
      'INSERT INTO restored_entry VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)',
      ...[seq, at, kind, n, prev, author, client_id, print, body],
    );
    if (kind === MESSAGE) prev = seq;
  }
  return rows.length;
}

/** Messages that were rewritten after `since`: the copy of them may be older than that. */
export function copyRewritten(sql: SqlStorage, since: Seq): void {
  const copy = (which: string, ...values: number[]) =>
    sql.exec(
      `UPDATE restored_entry SET author = e.author, print = e.print, body = e.body FROM entry e
       WHERE e.seq = restored_entry.seq AND e.kind = ${MESSAGE} AND ${which}`,
      ...values,
    );
  const told = sql.exec<{ kind: number; body: string }>(
    `SELECT kind, body FROM entry WHERE seq > ? AND kind IN (${EDIT}, ${DELETE}, ${REDACT}, ${MERGE})`,
    since,
  );
  for (const { kind, body } of told.toArray()) {
    const { target, through, user } = JSON.parse(body) as {
      target: Seq;
      through?: boolean;
      user: UserNumber;
    };
    if (kind === REDACT || kind === MERGE) copy('restored_entry.author = ?', user);
    else if (through) copy('e.seq <= ?', target);
    else copy('e.seq = ?', target);
  }
}

/** The facts as the copy's entries after `since` have changed them. */
export function factsAfter<F extends Partial<ConversationFacts>>(sql: SqlStorage, facts: F, since: Seq): F {
  let now = facts;
  const told = sql.exec<{ kind: number; body: string }>(
    `SELECT kind, body FROM restored_entry WHERE seq > ? AND kind IN (${UPDATE}, ${ASSIGN}, ${CONTROL}) ORDER BY seq`,
    since,
  );
  for (const { kind, body } of told) {
    const {
      changes,
      assignee = null,
      active = null,
      pending = null,
    } = JSON.parse(body) as {
      changes: FactsChange;
      assignee?: UserNumber | null;
    } & Partial<Control>;
    const changed =
      kind === ASSIGN ? { assignee } : kind === CONTROL ? { control: { active, pending } } : changes;
    now = { ...now, ...changed };
  }
  return now;
}
