// What the parts of a conversation share: its log, its people, its readers, the clock; and how a change is made.
import { refuseRead } from '../domain/access.ts';
import { type Refusal, Refused } from '../domain/errors.ts';
import type { UserNumber } from '../domain/ids.ts';
import type { Actor, Card, Member } from '../domain/model.ts';
import type { Fanout } from './fanout.ts';
import type { Shown } from './frames.ts';
import type { HookReader } from './hooks.ts';
import type { IndexReader } from './indexing.ts';
import type { Log } from './log.ts';
import type { Roster } from './roster.ts';
import type { Body, EntryRow } from './rows.ts';

export interface Core {
  storage: DurableObjectStorage;
  log: Log;
  roster: Roster;
  fanout: Fanout;
  index: IndexReader;
  hooks: HookReader;
  /** An attachment with an address that opens it. */
  shown: Shown;
  /** ms since 1970. */
  now(): number;
}

/** A person as a call names them, with what the directory knows of them. */
export interface Person {
  user: UserNumber;
  card: Card;
}

/** Throws the refusal, if there is one: inside a transaction it rolls everything back. */
export function demand(refusal: Refusal | null): void {
  if (refusal) throw new Refused(refusal);
}

/** The caller's own place, after checking that they may read. */
export function readerOf(core: Core, actor: Actor): Member | undefined {
  const me = core.roster.get(actor.user);
  demand(refuseRead(core.log.facts, actor, me));
  return me;
}

/** Appends an entry with the reader cursors known now. */
export function append(
  core: Core,
  entry: Body & { author: UserNumber | null },
  client?: { id: string; print: string },
): EntryRow {
  const { log, index, fanout, hooks, roster } = core;
  const head = entry.kind === 'message' && entry.author !== null ? roster.headOf(entry.author) : undefined;
  const cursors = { indexed: index.cursor, delivered: fanout.cursor };
  return log.append(entry, core.now(), cursors, client, head, hooks.behind(log.last.seq + 1));
}

/** Hands new rows to the readers; call after the transaction that wrote them. */
export function publish(core: Core, rows: readonly EntryRow[]): void {
  if (rows.length === 0) return;
  core.index.push(rows);
  core.fanout.push(rows);
  core.hooks.push(rows);
}

/** Rows in the log were rewritten in place: what waits for the readers is read from there again. */
export function reread({ index, fanout, hooks }: Core): void {
  index.reread();
  fanout.reread();
  hooks.reread();
}

/** One transaction. When it throws, what memory had taken from it goes too. */
export function atomically<T>(core: Core, work: () => T): T {
  const { seq } = core.log.last;
  const { rev } = core.roster;
  try {
    return core.storage.transactionSync(work);
  } catch (error) {
    if (core.log.last.seq !== seq || core.roster.rev !== rev || !(error instanceof Refused)) {
      core.log.load();
      core.roster.load();
    }
    throw error;
  }
}

/** Makes a change in one transaction and publishes its rows. Nothing of it stays when it throws. */
export function change<T>(core: Core, work: (rows: EntryRow[]) => T): T {
  const rows: EntryRow[] = [];
  const value = atomically(core, () => work(rows));
  publish(core, rows);
  return value;
}
