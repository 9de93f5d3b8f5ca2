// Messages from elsewhere go into a log that has none of its own: with their own times, in order, told to the directory and
// to nobody else. In three steps, so that a file for many conversations goes in whole or not at all: reserve, add, release.
import { type Refusal, Refused, unavailable } from '../domain/errors.ts';
import type { MessageNumber, Seq } from '../domain/ids.ts';
import { type Message, OWN_CLIENT_ID } from '../domain/model.ts';
import type { TakenMessage, TakingStep, TakingView } from './api.ts';
import { atomically, type Core } from './core.ts';
import { fingerprint } from './fingerprint.ts';
import { type EntryRow, kindCode } from './rows.ts';

const MESSAGE = kindCode('message');

/** Who is taking messages in. While it does, nobody else posts. */
export interface Taking {
  job: string;
  /** Entries were given earlier times: the directory must hear all of it again. */
  retell: boolean;
}

type Step<Name extends TakingStep['step']> = Extract<TakingStep, { step: Name }>;

/** What a post is told meanwhile. Clients come back with it by themselves. */
export const BEING_FILLED: Refusal = {
  code: 'unavailable',
  detail: 'messages are being imported',
  message: 'Older messages are being brought into this conversation. Please try again in a moment.',
  retryAfterMs: 2_000,
};

/**
 * Nobody posts here until the release. Refused (conflict) where people have written, or another job is at it. Tells which
 * of the client ids are taken, when the messages were said that answers name, and when the last message was.
 */
export function reserve({ log, storage }: Core, { job, ids, parents }: Step<'reserve'>): TakingView {
  if (log.taking && log.taking.job !== job)
    throw new Refused({ code: 'conflict', message: 'Another import is putting comments into it.' });
  if (log.last.n !== imported(log))
    throw new Refused({ code: 'conflict', message: 'People have written in it already.' });
  if (!log.taking) storage.transactionSync(() => log.take({ job, retell: false }));
  const rowOf = ({ id, number }: { id: string; number: MessageNumber | null }): EntryRow | null =>
    log.byClientId(id) ?? (number === null ? null : messageRow(log, number));
  const said: TakingView['said'] = {};
  for (const parent of parents) {
    const row = rowOf(parent);
    if (row) said[parent.id] = Math.floor(row.at / 1000);
  }
  const taken = ids.flatMap((id) => (rowOf(id) ? id.id : []));
  return { taken, said, lastAt: log.lastMessage.seq > 0 ? log.lastMessage.at : null };
}

const imported = (log: Core['log']): number => log.getMeta<number>('imported') ?? 0;

/** The message of this number, where no client named it: only those go by names of the hub's making. */
function messageRow(log: Core['log'], number: MessageNumber): EntryRow | null {
  const seq = log.seqOf(number);
  const row = seq === null ? null : log.row(seq);
  const named = row?.client_id && !row.client_id.startsWith(OWN_CLIENT_ID);
  return row?.kind === MESSAGE && !named ? row : null;
}

/**
 * Adds messages, in the order of their times, after those that were added before; what was added by a step whose answer
 * was lost is passed over. Gives the rows, for the directory.
 */
export function add(core: Core, { job, messages }: Step<'add'>): EntryRow[] {
  const { log, roster, index, fanout, hooks } = core;
  if (log.taking?.job !== job) throw new Refused({ code: 'conflict', message: 'It was not reserved.' });
  const rows: EntryRow[] = [];
  const fresh = messages.filter(({ clientId }) => !log.byClientId(clientId));
  const [first] = fresh;
  if (!first) return rows;
  if (log.room < fresh.length + 3) throw new Refused(unavailable('the next block of numbers is awaited'));
  const before = log.last.seq;
  const told = fanout.cursor === before;
  const hooked = !hooks.pending;
  atomically(core, () => {
    predate(core, first.at);
    for (const message of fresh) {
      const { author, at, clientId } = message;
      roster.meet(author.user, author.card);
      const body = bodyOf(core, message);
      const row = log.append(
        { kind: 'message', author: author.user, body },
        at,
        // Delivered as they are written: no socket, phone or endpoint hears of them.
        { indexed: index.cursor, delivered: told ? log.last.seq + 1 : fanout.cursor },
        { id: clientId, print: fingerprint(author.user, body) },
        roster.headOf(author.user),
        hooked ? 0 : hooks.behind(log.last.seq + 1),
      );
      roster.spoke(author.user, row);
      rows.push(row);
    }
    log.setMeta('imported', log.last.n);
  });
  if (told) fanout.cursor = log.last.seq;
  if (hooked) hooks.passOver();
  return rows;
}

function bodyOf({ log }: Core, { draft, parent }: TakenMessage): Omit<Message, 'clientId'> {
  const { clientId: _, ...body } = draft;
  if (!parent) return body;
  const target =
    log.byClientId(parent.id) ?? (parent.number === null ? null : messageRow(log, parent.number));
  return target ? { ...body, replyTo: target.seq } : body;
}

/**
 * Log times rise. People who came after the last message, before these were brought in, came before them by the clock of
 * the log: what is told again to the directory at the release.
 */
function predate({ log }: Core, firstMs: number): void {
  if (log.last.at < firstMs * 1000) return;
  const events = log.rowsAfter(log.lastMessage.seq, log.last.seq - log.lastMessage.seq);
  let at = log.lastMessage.seq > 0 ? (log.row(log.lastMessage.seq)?.at ?? 0) : 0;
  for (const [i, { seq, at: was }] of events.entries()) {
    at = Math.max(at + 1, Math.min(was, firstMs * 1000 - (events.length - i)));
    log.retime(seq, at);
  }
  if (events.length > 0 && log.taking) log.take({ ...log.taking, retell: true });
}

/**
 * People may post again. `settle`: what was added is read by everybody who is in, for it is no news. True: the directory
 * must hear everything again.
 */
export function release(core: Core, { job, settle }: Step<'release'>): boolean {
  const { log, roster } = core;
  const { taking } = log;
  if (taking?.job !== job) return false;
  atomically(core, () => {
    if (settle) for (const user of roster.active()) markAllRead(core, user, log.lastMessage.seq);
    log.take(null);
  });
  return taking.retell;
}

function markAllRead({ log, roster }: Core, user: number, newest: Seq): void {
  const member = roster.get(user as never);
  if (!member || (member.readSeq >= newest && member.deliveredSeq >= newest)) return;
  roster.put({
    ...member,
    readSeq: Math.max(member.readSeq, newest),
    readN: log.last.n,
    deliveredSeq: Math.max(member.deliveredSeq, newest),
  });
}
