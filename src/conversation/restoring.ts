// Rebuilding a log from the archive, step by step: begin, its entries in order, its people, end.
import { notFound, Refused } from '../domain/errors.ts';
import { type Gone, withGone } from '../domain/gone.ts';
import type { Seq, UserNumber } from '../domain/ids.ts';
import type { Member } from '../domain/model.ts';
import type { RestoreStep } from './api.ts';
import { newEpoch } from './lifetime.ts';
import { Log } from './log.ts';
import { Roster } from './roster.ts';
import { isDeleted, kindCode, newMember } from './rows.ts';
import { isBorn, migrate } from './schema.ts';

const MESSAGE = kindCode('message');
const JOIN = kindCode('join');

/** Runs one step. 'done' after the last one: the conversation may be woken. */
export function restoreStep(
  storage: DurableObjectStorage,
  step: RestoreStep,
  blockEntries?: number,
): 'more' | 'done' {
  return storage.transactionSync(() => {
    switch (step.step) {
      case 'begin':
        return start(storage, step);
      case 'entries':
        return addEntries(storage, step, blockEntries);
      case 'people':
        return addPeople(storage, step);
      case 'end':
        storage.sql.exec("DELETE FROM meta WHERE key = 'restoring'");
        return 'done';
    }
  });
}

function start(storage: DurableObjectStorage, step: Extract<RestoreStep, { step: 'begin' }>): 'more' {
  const { sql } = storage;
  if (isBorn(sql)) {
    const { last } = sql.exec<{ last: number }>('SELECT coalesce(max(seq), 0) AS last FROM entry').one();
    if (last > step.entries) {
      throw new Refused({
        code: 'conflict',
        message: 'The conversation holds more than the archive has of it.',
      });
    }
    sql.exec('DELETE FROM entry');
    sql.exec('DELETE FROM member');
    sql.exec('DELETE FROM meta');
  }
  migrate(storage);
  const log = Log.begin(sql, step.birth, newEpoch());
  log.change(step.facts);
  log.setMeta('blocks', step.blocks);
  log.setMeta('restoring', true);
  return 'more';
}

/** Entries as the archive has them; ordinals, links and deleted ranges are worked out again. */
function addEntries(
  storage: DurableObjectStorage,
  step: Extract<RestoreStep, { step: 'entries' }>,
  blockEntries?: number,
): 'more' {
  const log = open(storage, blockEntries);
  let { seq, n } = log.last;
  let prev = log.lastMessage.seq;
  let gone: Gone = log.gone;
  for (const entry of step.entries) {
    if (log.seqOf(entry.id) !== seq + 1) {
      throw new Refused({
        code: 'invalid',
        message: `The archive misses entry ${seq + 1} of this conversation.`,
      });
    }
    const isMessage = entry.kind === MESSAGE;
    seq += 1;
    n += isMessage ? 1 : 0;
    const body = isMessage ? restoredBody(entry) : entry.extra;
    log.insert({ ...rowOf(entry, seq), n, prev, body });
    if (isMessage) {
      prev = seq;
      if (isDeleted({ body })) gone = withGone(gone, n, n);
    }
  }
  log.setMeta('gone', gone);
  return 'more';
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

function rowOf(entry: Extract<RestoreStep, { step: 'entries' }>['entries'][number], seq: Seq) {
  return {
    seq,
    at: entry.at,
    kind: entry.kind,
    author: entry.author,
    client_id: entry.clientId,
    print: entry.print,
    // The directory has what it gave; sockets start anew with the new epoch.
    indexed: seq,
    delivered: seq,
  };
}

function addPeople(storage: DurableObjectStorage, step: Extract<RestoreStep, { step: 'people' }>): 'more' {
  open(storage);
  const roster = new Roster(storage.sql);
  for (const { user, card } of step.outside)
    if (!roster.get(user)) roster.put(newMember(user, card, 'outside'));
  const joined = joins(storage);
  for (const { rev, ...person } of step.people) {
    roster.rev = Math.max(roster.rev, rev);
    const joinedSeq = joined.get(person.user) ?? 0;
    roster.put({
      ...newMember(person.user, person.card, person.standing),
      ...person,
      joinedSeq,
    } satisfies Member);
  }
  return 'more';
}

/** The entry that each person last came in by: the directory does not hold it, the log does. */
function joins(storage: DurableObjectStorage): Map<UserNumber, Seq> {
  const joined = new Map<UserNumber, Seq>();
  const entries = storage.sql.exec<{ seq: number; body: string }>(
    'SELECT seq, body FROM entry WHERE kind = ? ORDER BY seq',
    JOIN,
  );
  for (const { seq, body } of entries)
    for (const user of (JSON.parse(body) as { users: UserNumber[] }).users) joined.set(user, seq);
  return joined;
}

function open(storage: DurableObjectStorage, blockEntries?: number): Log {
  const { sql } = storage;
  const row = sql.exec<{ value: string }>("SELECT value FROM meta WHERE key = 'birth'").one();
  const log = new Log(sql, JSON.parse(row.value), blockEntries);
  // A living log takes entries from its callers only.
  if (!log.getMeta('restoring')) throw new Refused(notFound('conversation'));
  return log;
}
