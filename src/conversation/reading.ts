// What callers see of a conversation: its view, pages of messages, and the log after a position.
import type { Refusal } from '../domain/errors.ts';
import { notFound, Refused } from '../domain/errors.ts';
import type { LogTime, MessageNumber, Ordinal, Seq, UserNumber } from '../domain/ids.ts';
import type {
  Actor,
  Card,
  ConversationFacts,
  ConversationView,
  Member,
  MessageEntry,
} from '../domain/model.ts';
import { answeredMark, watches } from './answered.ts';
import { type BoxPage, type BoxWindow, boxPage, seenBy } from './boxes.ts';
import { type Core, readerOf } from './core.ts';
import { eventOf } from './frames.ts';
import type { Log } from './log.ts';
import { markRead } from './membership.ts';
import { ordinalAt, pageOfRanges, pageByOrdinal as rowsByOrdinal } from './ordinals.ts';
import { peopleOf, readOf, unreadBy, unreadOf } from './people.ts';
import { type EntryRow, isDeleted, kindCode } from './rows.ts';
import { messageAtTime, seqAtTime, timeMarksOf, timesBefore } from './times.ts';

const MESSAGE = kindCode('message');
/** Entries replayed to a client that comes back; older positions start anew (DESIGN.md 9). */
export const REPLAY_ENTRIES = 500;
/** Characters in them: one call between objects carries 32 MiB, and a client should not wait for that. */
const REPLAY_CHARS = 2_000_000;

export interface MessagePage {
  view: ConversationView;
  /** Oldest first. */
  messages: MessageEntry[];
  /** How far the caller had read before this call. */
  readSeqBefore: Seq;
  /** More lies further in the walking direction. */
  hasMore: boolean;
  timed?: Timed;
}

/** What a page holds for clients that know messages by their log time. */
export interface Timed {
  /** For each message the log time of the one before it, in the whole conversation; 0: it is the first. */
  before: LogTime[];
  /** The messages that those of the page quote. */
  quoted: MessageEntry[];
}

export interface ViewOptions {
  /** People whom the caller will look for in a large conversation. */
  about?: Iterable<UserNumber | null>;
  /** The view stands beside a page. */
  page?: boolean;
  /** With how far everybody has read: a row or two for each place that they are at. */
  marks?: boolean;
}

export function viewOf(
  core: Core,
  actor: Actor,
  { about = [], page = false, marks = false }: ViewOptions = {},
): ConversationView {
  const me = readerOf(core, actor);
  const { log, roster } = core;
  const newest = log.lastMessage.seq > 0 ? log.row(log.lastMessage.seq) : null;
  const answered = watches(core, actor, me) ? answeredMark(core, newest) : null;
  const mine = answered ?? (me ? roster.mark(me.user) : { seq: 0, n: 0 });
  const members = peopleOf(core, me, about);
  return {
    facts: log.facts,
    epoch: log.epoch,
    lastSeq: log.last.seq,
    lastAt: log.lastMessage.at,
    messageCount: log.last.n,
    lastMessage: newest ? seenBy(core, me, newest) : null,
    // What others put out of their sight is theirs to know.
    members: members.map((member) =>
      member.concealed && member !== me ? { ...member, concealed: null } : member,
    ),
    memberCount: roster.active().length,
    me: me ?? null,
    clearedN: clearedN(core, me),
    unread: answered ? log.livingAfter(answered.n) : me ? unreadBy(core, me.user) : 0,
    readSeq: mine.seq,
    ...(marks && { marks: timeMarksOf(core, members) }),
    ...(actor.powers === 'app' && !page
      ? { unreadByUser: unreadOf(core, members), readByUser: readOf(core, named(members, about)) }
      : {}),
  };
}

const named = (members: readonly Member[], users: Iterable<UserNumber | null>): Member[] => {
  const wanted = new Set(users);
  return members.filter(({ user }) => wanted.has(user));
};

/** Messages up to where the member cleared history. Reads a row only for somebody who did. */
const clearedN = ({ log }: Core, me: Member | undefined): Ordinal => ordinalAt(log, me?.clearedSeq ?? 0);

const authorsOf = (messages: readonly MessageEntry[]) => messages.map(({ author }) => author);

/**
 * Messages `from` to `to`, counted from 1 at the first one that the caller has not cleared. `mark`: the caller's mark
 * rises to the newest one shown, never further.
 */
export function pageByOrdinal(
  core: Core,
  actor: Actor,
  from: Ordinal,
  to: Ordinal,
  mark: boolean,
): MessagePage {
  const me = readerOf(core, actor);
  const cleared = clearedN(core, me);
  const [low, high] = [cleared + Math.max(1, from), cleared + to];
  const messages = rowsByOrdinal(core.log, low, high).map((row) => seenBy(core, me, row));
  const view = viewOf(core, actor, { about: authorsOf(messages), page: true });
  const newest = messages.at(-1);
  // The team's reading of a customer's conversation counts without being in it.
  const counts = view.me?.standing === 'active' || (actor.powers === 'team' && view.facts.kind === 'support');
  if (mark && newest && counts) markRead(core, actor, newest.seq, null);
  return { view, messages, readSeqBefore: view.readSeq, hasMore: high < core.log.last.n };
}

export interface SeqWindow {
  after?: Seq;
  before?: Seq;
  limit: number;
  /** Deleted messages keep their place in the page; else they are stepped over. */
  withDeleted?: boolean;
  /** So many of the newest messages are passed over first; only where no `after` says where to begin. */
  skip?: number;
  /** Bounds by log time instead: messages after it, or before it. */
  afterTime?: LogTime;
  beforeTime?: LogTime;
  /** With what clients need that know messages by their log time. */
  timed?: boolean;
  /** See ViewOptions. */
  marks?: boolean;
}

/** Messages by seq, oldest first; without a bound the last page. */
export function pageBySeq(core: Core, actor: Actor, window: SeqWindow): MessagePage {
  const me = readerOf(core, actor);
  const { log } = core;
  const { limit, withDeleted = false } = window;
  const { after, before } = boundsOf(log, window);
  const forward = after !== undefined;
  const floor = ordinalAt(log, Math.max(after ?? 0, me?.clearedSeq ?? 0));
  const ceiling = ordinalAt(log, before - 1);
  // Which ordinals a page holds, and whether more lie beyond, is known without reading a row.
  const passed = window.skip
    ? log.gone.page([floor + 1, ceiling], { limit: window.skip, forward: false, withDeleted })
    : null;
  const newest = passed ? (passed.ranges[0]?.[0] ?? floor + 1) - 1 : ceiling;
  const { ranges, hasMore } = log.gone.page([floor + 1, newest], { limit, forward, withDeleted });
  return shownPage(core, actor, pageOfRanges(log, ranges), {
    hasMore,
    timed: window.timed,
    marks: window.marks,
  });
}

function boundsOf(log: Log, window: SeqWindow): { after: Seq | undefined; before: Seq } {
  const { afterTime, beforeTime } = window;
  return {
    after: afterTime === undefined ? window.after : seqAtTime(log, afterTime),
    before:
      beforeTime === undefined
        ? (window.before ?? Number.POSITIVE_INFINITY)
        : seqAtTime(log, beforeTime - 1) + 1,
  };
}

/**
 * Those of these messages that the caller may see and that are still there (`withDeleted`: or not), in order of the log, as
 * a timed page.
 */
export function pageOfNamed(
  core: Core,
  actor: Actor,
  at: readonly Named[],
  { withDeleted = false }: { withDeleted?: boolean } = {},
): MessagePage {
  const me = readerOf(core, actor);
  const rows = at
    .flatMap((one) => findRow(core, me, one) ?? [])
    .filter((row) => withDeleted || !isDeleted(row))
    .sort((a, b) => a.seq - b.seq);
  return shownPage(core, actor, rows, { hasMore: false, timed: true });
}

function shownPage(
  core: Core,
  actor: Actor,
  rows: readonly EntryRow[],
  { hasMore, timed = false, marks }: { hasMore: boolean; timed?: boolean; marks?: boolean },
): MessagePage {
  const me = core.roster.get(actor.user);
  const messages = rows.map((row) => seenBy(core, me, row));
  const quoted = timed ? quotedBy(core, me, messages) : [];
  const view = viewOf(core, actor, { about: authorsOf([...messages, ...quoted]), page: true, marks });
  return {
    view,
    messages,
    readSeqBefore: view.readSeq,
    hasMore,
    ...(timed && { timed: { before: timesBefore(core.log, rows), quoted } }),
  };
}

/** What these messages quote: those of the page itself are not read again. */
function quotedBy(core: Core, me: Member | undefined, messages: readonly MessageEntry[]): MessageEntry[] {
  const here = new Map(messages.map((entry) => [entry.seq, entry]));
  const wanted = new Set(messages.flatMap(({ message }) => message.replyTo ?? []));
  return [...wanted].flatMap((seq) => here.get(seq) ?? find(core, me, { seq }) ?? []);
}

/** How a message is named; `client`: by the id that its client gave it. */
export type Named = { seq: Seq } | { id: MessageNumber } | { time: LogTime } | { client: string };

/** One message, deleted or not, by its seq or its number. One that the caller cleared is not there for them. */
export function messageAt(core: Core, actor: Actor, at: Named): MessageEntry {
  const entry = find(core, readerOf(core, actor), at);
  if (!entry) throw new Refused(notFound('message') satisfies Refusal);
  return entry;
}

function find(core: Core, me: Member | undefined, at: Named): MessageEntry | null {
  const row = findRow(core, me, at);
  return row && seenBy(core, me, row);
}

function findRow({ log }: Core, me: Member | undefined, at: Named): EntryRow | null {
  const row = rowNamed(log, at);
  return row?.kind === MESSAGE && row.seq > (me?.clearedSeq ?? 0) ? row : null;
}

function rowNamed(log: Log, at: Named): EntryRow | null {
  if ('time' in at) return messageAtTime(log, at.time);
  if ('client' in at) return log.byClientId(at.client);
  const seq = 'seq' in at ? at.seq : log.seqOf(at.id);
  return seq === null ? null : log.row(seq);
}

/** Messages that somebody named, and what it takes to show them. */
export interface Picked {
  facts: ConversationFacts;
  /** Deleted ones too; without those that are not there. */
  messages: MessageEntry[];
  /** The messages that they quote. */
  quoted: MessageEntry[];
  /** Of everybody who wrote one of them. */
  cards: [UserNumber, Card][];
}

/** A row read for each message, and one for each that they quote. */
export function picked(
  core: Core,
  actor: Actor,
  at: readonly ({ seq: Seq } | { id: MessageNumber })[],
): Picked {
  const me = readerOf(core, actor);
  const messages = at.flatMap((one) => find(core, me, one) ?? []);
  const known = new Set(messages.map(({ seq }) => seq));
  const outside = new Set(messages.flatMap(({ message }) => message.replyTo ?? []));
  const quoted = [...outside].flatMap((seq) => (known.has(seq) ? [] : (find(core, me, { seq }) ?? [])));
  const authors = new Set([...messages, ...quoted].flatMap(({ author }) => author ?? []));
  const cards = [...authors].flatMap((user) => {
    const member = core.roster.get(user);
    return member ? [[user, member.card] satisfies [UserNumber, Card]] : [];
  });
  return { facts: core.log.facts, messages, quoted, cards };
}

/** A stretch of one of the caller's boxes, with the people who are in it. */
export const pageOfBox = (core: Core, actor: Actor, window: BoxWindow): BoxPage =>
  boxPage(core, actor, window, (shown) => viewOf(core, actor, { about: authorsOf(shown), page: true }));

export type Replay =
  | { epoch: string; from: Seq; events: string[]; lastSeq: Seq; memberCount: number; member: boolean }
  /** The position is too old, or of another life of this log: start anew from `seq`. */
  | { resync: true; epoch: string; seq: Seq; memberCount: number; member: boolean };

/** The log after `since`, rendered as native events; at most REPLAY_ENTRIES, else a resync. */
export function replay(core: Core, actor: Actor, since: Seq | null, epoch: string | null): Replay {
  const me = readerOf(core, actor);
  const { log, roster } = core;
  const base = { epoch: log.epoch, memberCount: roster.active().length, member: me?.standing === 'active' };
  const from = since ?? log.last.seq;
  const lost =
    (epoch !== null && epoch !== log.epoch) || from > log.last.seq || log.last.seq - from > REPLAY_ENTRIES;
  if (lost) return { ...base, resync: true, seq: log.last.seq };
  const cardOf = (user: number) => roster.members.get(user as never)?.card;
  const rows = log.rowsAfter(from, REPLAY_ENTRIES);
  const size = rows.reduce((sum, row) => sum + row.body.length, 0);
  if (size > REPLAY_CHARS) return { ...base, resync: true, seq: log.last.seq };
  const entryOf = (row: EntryRow) => (row.kind === MESSAGE ? seenBy(core, me, row) : log.entryOf(row));
  const events = rows.map((row) => JSON.stringify(eventOf(entryOf(row), cardOf, core.shown)));
  return { ...base, from: from + 1, events, lastSeq: log.last.seq };
}
