// A conversation from elsewhere becomes a log: who was in it, what was said when, who left, how far each has read. All of
// it in one transaction, told to the directory and to nobody else: what is old is no news.
import { notFound, Refused } from '../domain/errors.ts';
import type { Ordinal, Seq, UserNumber } from '../domain/ids.ts';
import type { Birth, Member } from '../domain/model.ts';
import type { ImportedLog, ImportedMember } from './api.ts';
import { newEpoch } from './lifetime.ts';
import { Log } from './log.ts';
import { readMeta } from './meta.ts';
import { Roster } from './roster.ts';
import { type Body, newMember } from './rows.ts';
import { isBorn, migrate } from './schema.ts';

/** 'made': the log is on disk now and must be woken. 'there': of this birth it was before, nothing changes. */
export function importLog(
  storage: DurableObjectStorage,
  imported: ImportedLog,
  blockEntries?: number,
): 'made' | 'there' {
  const { sql } = storage;
  const { birth } = imported;
  if (isBorn(sql)) {
    const known = readMeta<Birth>(sql, 'birth');
    if (known?.nonce !== birth.nonce || known.app !== birth.app) throw new Refused(notFound('conversation'));
    return 'there';
  }
  storage.transactionSync(() => {
    migrate(storage);
    const log = Log.begin(sql, birth, newEpoch(), blockEntries);
    if (imported.locked) log.change({ locked: true });
    if (imported.shelves !== 1) log.setMeta('shelves', imported.shelves);
    const said = writeEntries(log, imported);
    const roster = new Roster(sql);
    for (const member of imported.people) roster.put(memberOf(member, birth, said, log.last.seq));
    for (const { user, card } of imported.outside) roster.put(newMember(user, card, 'outside'));
  });
  return 'made';
}

/** Where each message lies, and what each person said last. */
interface Said {
  seqs: Seq[];
  last: Map<UserNumber, Ordinal>;
}

/** Everybody comes in first; each message at its own time, and before a later one whoever had left by then. */
function writeEntries(log: Log, { birth, people, messages }: ImportedLog): Said {
  // Delivered as they are written: nobody's socket or phone hears of them.
  const add = (entry: Body & { author: UserNumber | null }, ms: number) =>
    log.append(entry, ms, { indexed: 0, delivered: log.last.seq + 1 }).seq;
  add(
    { kind: 'join', author: birth.creator, body: { users: people.map(({ user }) => user) } },
    birth.createdAt,
  );
  const end = messages.at(-1)?.at ?? birth.createdAt;
  const leavers = people
    .filter(({ standing }) => standing !== 'active')
    .map((member) => ({ ...member, leftAt: member.leftAt ?? end }))
    .sort((a, b) => a.leftAt - b.leftAt);
  const letGo = (before: number) => {
    for (let next = leavers[0]; next && next.leftAt < before; next = leavers[0]) {
      leavers.shift();
      const barred = next.standing === 'barred' ? { barred: true } : {};
      add({ kind: 'leave', author: next.user, body: { users: [next.user], ...barred } }, next.leftAt);
    }
  };
  const said: Said = { seqs: [], last: new Map() };
  for (const { author, name, at, text, markup, title } of messages) {
    letGo(at);
    const body = {
      door: birth.door,
      text,
      markup,
      type: 'text',
      title,
      override: name === null ? null : { name },
    };
    said.seqs.push(add({ kind: 'message', author, body }, at));
    if (author !== null) said.last.set(author, said.seqs.length);
  }
  letGo(Number.POSITIVE_INFINITY);
  return said;
}

/** What one has said oneself counts as read (roster.ts): written here, for the log may be longer than is looked back. */
function memberOf(imported: ImportedMember, birth: Birth, said: Said, lastSeq: Seq): Member {
  const { user, card, standing } = imported;
  const readN = Math.max(imported.readN, said.last.get(user) ?? 0);
  return {
    ...newMember(user, card, standing),
    joinedSeq: 1,
    joinedAt: birth.createdAt,
    readN,
    readSeq: readN === 0 ? 1 : (said.seqs[readN - 1] as Seq),
    // Old messages are nothing that a device still has to be sent.
    deliveredSeq: lastSeq,
    progress: 'OPEN',
    invitedBy: user === birth.creator ? null : birth.creator,
  };
}
