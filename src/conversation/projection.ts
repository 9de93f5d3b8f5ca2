// Renders what the directory must hear of this conversation: summary, archive rows, member positions.
import { writeConcealed } from '../domain/concealed.ts';
import type { MessageNumber, UserNumber } from '../domain/ids.ts';
import type { Member, Message } from '../domain/model.ts';
import {
  type ArchivedEntry,
  GONE_SHOWN,
  type MemberPosition,
  PEOPLE_SHOWN,
  type Projection,
  type RewrittenEntry,
  type Summary,
} from '../domain/projection.ts';
import { businessRead, isService } from '../domain/reads.ts';
import { numberOf } from '../files/address.ts';
import { convert } from '../text/convert.ts';
import { shortContent } from '../text/forum.ts';
import type { Gone } from './gone.ts';
import type { Log } from './log.ts';
import type { Roster } from './roster.ts';
import { type EntryRow, filesIn, kindCode } from './rows.ts';

const MESSAGE = kindCode('message');
const EDIT = kindCode('edit');
const DELETE = kindCode('delete');
const REDACT = kindCode('redact');
const MERGE = kindCode('merge');

type StoredMessage = Omit<Message, 'clientId'>;

/** Text of a message for search: what a reader sees, without markup. */
const wordsOf = (m: StoredMessage): string | null => {
  if (m.deleted) return null;
  const words = [m.title ?? '', convert(m.text ?? '', m.markup ?? 'plain', 'plain')].join(' ').trim();
  return words === '' ? null : words;
};

function archived(log: Log, row: EntryRow): ArchivedEntry {
  const base = {
    seq: row.seq,
    id: log.idOf(row.seq),
    author: row.author,
    at: row.at,
    kind: row.kind,
    clientId: row.client_id,
    print: row.print,
  };
  if (row.kind !== MESSAGE) return { ...base, markup: null, text: null, extra: row.body, words: null };
  const { text, markup, ...extra } = JSON.parse(row.body) as StoredMessage;
  const message = { text, markup, ...extra };
  return {
    ...base,
    markup: markup ?? null,
    text: text ?? '',
    extra: JSON.stringify(extra),
    words: wordsOf(message),
  };
}

function rewritten(log: Log, by: number, target: EntryRow): RewrittenEntry {
  const { id, markup, text, extra, words } = archived(log, target);
  return { by, id, markup, text, extra, words };
}

/** Builds projections; keeps what is costly and seldom changes between them. */
export class Projector {
  private readonly log: Log;
  private readonly roster: Roster;
  private people: { version: number; lastAuthor: number | null; json: string } = {
    version: -1,
    lastAuthor: null,
    json: '[]',
  };
  private gone: { of: Gone | null; version: number; json: string } = { of: null, version: -1, json: '[]' };

  constructor(log: Log, roster: Roster) {
    this.log = log;
    this.roster = roster;
  }

  /** `rows`: the log after the cursor, in order; `members`: whose row changed; `reset`: everything is told anew. */
  project(rows: readonly EntryRow[], members: Iterable<UserNumber>, reset: boolean): Projection {
    const { log, roster } = this;
    const projection: Projection = {
      app: log.facts.app,
      conversation: log.facts.number,
      nonce: log.birth.nonce,
      from: reset ? 0 : (rows[0]?.seq ?? 1) - 1,
      entries: rows.map((row) => archived(log, row)),
      rewritten: [],
      cleared: [],
      members: [],
      summary: rows.length > 0 || reset ? this.summary(rows) : null,
      ...(reset ? { reset, claims: this.claims() } : {}),
    };
    const bound = rows.flatMap((row) =>
      row.kind === MESSAGE
        ? filesIn(row).map((key) => ({ file: numberOf(key), message: log.idOf(row.seq) }))
        : [],
    );
    if (bound.length > 0) projection.bound = bound;
    // Also where the target is among `rows`: a flush whose answer was lost may have brought its older words.
    const targets = new Map<number, number>();
    for (const row of rows) {
      if (row.kind === REDACT || row.kind === DELETE) free(projection, row);
      if (row.kind === REDACT) this.redact(projection, row);
      if (row.kind === MERGE) this.merge(projection, row);
      if (row.kind !== EDIT && row.kind !== DELETE) continue;
      const { target, through } = JSON.parse(row.body) as { target: number; through?: boolean };
      if (through) this.clear(projection, row.seq, target);
      else targets.set(target, row.seq);
    }
    for (const [target, by] of targets) {
      const now = log.row(target);
      if (now) projection.rewritten.push(rewritten(log, by, now));
    }
    for (const user of members) {
      const member = roster.get(user);
      if (member && isTold(member)) projection.members.push(positionOf(roster, user));
      // Beside the summary too: after a wake that one may tell again of entries that the directory has, and is passed over.
      if (member && isService(member)) projection.businessReadAt = this.businessReadAt();
    }
    return projection;
  }

  private clear(projection: Projection, by: number, through: number): void {
    for (const range of this.idsUpTo(through)) projection.cleared.push({ by, ...range });
  }

  private redact(projection: Projection, { seq, body }: EntryRow): void {
    const { user } = JSON.parse(body) as { user: UserNumber };
    projection.redacted ??= [];
    // The directory may not have heard yet that what others had said is theirs.
    for (const author of [user, ...this.log.aliasesOf(user)])
      for (const range of this.idsUpTo(seq)) projection.redacted.push({ by: seq, ...range, user: author });
  }

  private merge(projection: Projection, { seq, body }: EntryRow): void {
    const { user, into } = JSON.parse(body) as { user: UserNumber; into: UserNumber };
    projection.merged ??= [];
    for (const range of this.idsUpTo(seq)) projection.merged.push({ by: seq, ...range, user, into });
  }

  /** The archive ids of entries up to `through`: one range per block of message numbers. */
  private *idsUpTo(through: number): Generator<{ from: MessageNumber; to: MessageNumber }> {
    const { log } = this;
    for (let from = 1; from <= through; ) {
      const to = Math.min(through, from + log.blockEntries - (from % log.blockEntries) - 1);
      yield { from: log.idOf(from), to: log.idOf(to) };
      from = to + 1;
    }
  }

  private summary(rows: readonly EntryRow[]): Summary {
    const { log, roster } = this;
    const { facts } = log;
    const newest = this.newestMessage(rows);
    const message = newest ? (JSON.parse(newest.body) as StoredMessage) : null;
    return {
      kind: facts.kind,
      creator: facts.creator,
      door: facts.door,
      createdAt: facts.createdAt,
      title: facts.title,
      description: facts.description,
      icon: facts.icon,
      options: facts.options,
      metadata: facts.metadata ? JSON.stringify(facts.metadata) : null,
      assignee: facts.assignee,
      control: facts.control ? JSON.stringify(facts.control) : null,
      group: facts.group,
      state: facts.state,
      locked: facts.locked,
      public: facts.public,
      lastSeq: log.last.seq,
      lastMessageSeq: log.lastMessage.seq,
      lastAt: log.lastMessage.at,
      lastLogTime: log.lastMessage.logTime,
      messageCount: log.last.n,
      lastAuthor: newest?.author ?? null,
      preview: message && !message.deleted ? shortContent(message.text ?? '', message.markup ?? 'plain') : '',
      recent: JSON.stringify(
        Object.fromEntries(
          [...roster.recent].map(([user, m]) => [user, [m.seq, m.n, roster.headOf(user).own]]),
        ),
      ),
      people: this.peopleJson(newest?.author ?? null),
      memberCount: roster.active().length,
      gone: this.goneJson(),
      businessReadAt: this.businessReadAt(),
      memberRev: roster.rev,
      epoch: log.epoch,
      blocks: JSON.stringify(log.blocks),
    };
  }

  private claims(): Projection['claims'] {
    const { kind, uniqueId, defaultOf } = this.log.facts;
    const importKey = this.log.birth.importKey ?? null;
    return { uniqueId, defaultOf, importKey, pair: kind === 'direct' ? pairOf(this.roster, this.log) : null };
  }

  private businessReadAt(): number {
    const { roster } = this;
    return businessRead(roster.service().flatMap((user) => roster.get(user) ?? []));
  }

  private newestMessage(rows: readonly EntryRow[]): EntryRow | null {
    const { seq } = this.log.lastMessage;
    if (seq === 0) return null;
    for (let i = rows.length - 1; i >= 0; i--) if (rows[i]?.seq === seq) return rows[i] as EntryRow;
    return this.log.row(seq);
  }

  private goneJson(): string {
    const { gone, last } = this.log;
    if (this.gone.of !== gone || this.gone.version !== gone.version) {
      const json = JSON.stringify(gone.newest(last.n, GONE_SHOWN));
      this.gone = { of: gone, version: gone.version, json };
    }
    return this.gone.json;
  }

  /** Active members first, then whoever left or wrote from outside; the last poster is always among them. */
  private peopleJson(lastAuthor: number | null): string {
    const { roster } = this;
    if (this.people.version === roster.version && this.people.lastAuthor === lastAuthor)
      return this.people.json;
    const all = [...roster.members.values()].filter(({ user }) => !this.log.merged.has(user));
    const rank = (user: number, standing: string) =>
      user === lastAuthor ? 0 : standing === 'active' ? 1 : 2;
    const shown = all
      .map((m) => ({ m, rank: rank(m.user, m.standing) }))
      .sort((a, b) => a.rank - b.rank)
      .slice(0, PEOPLE_SHOWN)
      .map(({ m }) => [m.user, m.standing, m.card]);
    this.people = { version: roster.version, lastAuthor, json: JSON.stringify(shown) };
    return this.people.json;
  }
}

/** Members, and those of the team who have opened, closed or put it away without being in it. */
const isTold = ({ standing, progress, hiddenSeq }: Member): boolean =>
  standing !== 'outside' || progress !== 'NEW' || hiddenSeq > 0;

/** Both numbers of a conversation of two, the smaller first: its members never change (DESIGN.md 4). */
const pairOf = (roster: Roster, { merged }: Log): string =>
  [...roster.members.values()]
    .filter((member) => member.standing !== 'outside' && !merged.has(member.user))
    .map((member) => member.user as number)
    .sort((a, b) => a - b)
    .join(':');

function positionOf(roster: Roster, user: UserNumber): MemberPosition {
  const member = roster.get(user);
  if (!member) throw new Error('no such member');
  return {
    user,
    rev: roster.revOf(user),
    standing: member.standing,
    joinedAt: member.joinedAt,
    readSeq: member.readSeq,
    readN: member.readN,
    readAt: member.readAt,
    ownAfter: member.ownAfter,
    deliveredSeq: member.deliveredSeq,
    deliveredAt: member.deliveredAt,
    hiddenSeq: member.hiddenSeq,
    clearedSeq: member.clearedSeq,
    progress: member.progress,
    muted: member.muted,
    invitedBy: member.invitedBy,
    removedBy: member.removedBy,
    sent: roster.writtenBy(user),
    concealed: writeConcealed(member.concealed),
  };
}

/** The files that a deletion or an erasure took from their messages. */
function free(projection: Projection, { body }: EntryRow): void {
  const { files = [] } = JSON.parse(body) as { files?: string[] };
  if (files.length > 0) projection.freed = [...(projection.freed ?? []), ...files.map(numberOf)];
}
