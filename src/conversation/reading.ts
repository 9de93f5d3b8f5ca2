// What callers see of a conversation: its view, pages of messages, and the log after a position.
import type { Refusal } from '../domain/errors.ts';
import { notFound, Refused } from '../domain/errors.ts';
import type { MessageNumber, Ordinal, Seq, UserNumber } from '../domain/ids.ts';
import type {
  Actor,
  Card,
  ConversationFacts,
  ConversationView,
  Member,
  MessageEntry,
} from '../domain/model.ts';
import { type BoxPage, type BoxWindow, boxPage, seenBy } from './boxes.ts';
import { type Core, readerOf } from './core.ts';
import { eventOf } from './frames.ts';
import { markRead } from './membership.ts';
import { ordinalAt, pageOfRanges, pageByOrdinal as rowsByOrdinal } from './ordinals.ts';
import { peopleOf, unreadBy, unreadOf } from './people.ts';
import { type EntryRow, kindCode } from './rows.ts';

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
}

/** `about`: people whom the caller will look for in a large conversation. `page`: the view stands beside a page. */
export function viewOf(
  core: Core,
  actor: Actor,
  { about = [], page = false }: { about?: Iterable<UserNumber | null>; page?: boolean } = {},
): ConversationView {
  const me = readerOf(core, actor);
  const { log, roster } = core;
  const mine = me ? roster.mark(me.user) : { seq: 0, n: 0 };
  const newest = log.lastMessage.seq > 0 ? log.row(log.lastMessage.seq) : null;
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
    unread: me ? unreadBy(core, me.user) : 0,
    readSeq: mine.seq,
    ...(actor.powers === 'app' && !page ? { unreadByUser: unreadOf(core, members) } : {}),
  };
}

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
  if (mark && newest && view.me?.standing === 'active') markRead(core, actor, newest.seq, null);
  return { view, messages, readSeqBefore: view.readSeq, hasMore: high < core.log.last.n };
}

export interface SeqWindow {
  after?: Seq;
  before?: Seq;
  limit: number;
  /** Deleted messages keep their place in the page; else they are stepped over. */
  withDeleted?: boolean;
}

/** Messages by seq, oldest first; without a bound the last page. */
export function pageBySeq(core: Core, actor: Actor, window: SeqWindow): MessagePage {
  const me = readerOf(core, actor);
  const { log } = core;
  const { after = 0, before = Number.POSITIVE_INFINITY, limit } = window;
  const forward = window.after !== undefined;
  const floor = ordinalAt(log, Math.max(after, me?.clearedSeq ?? 0));
  // Which ordinals a page holds, and whether more lie beyond, is known without reading a row.
  const { ranges, hasMore } = log.gone.page([floor + 1, ordinalAt(log, before - 1)], {
    limit,
    forward,
    withDeleted: window.withDeleted ?? false,
  });
  const messages = pageOfRanges(log, ranges).map((row) => seenBy(core, me, row));
  const view = viewOf(core, actor, { about: authorsOf(messages), page: true });
  return { view, messages, readSeqBefore: view.readSeq, hasMore };
}

/** One message, deleted or not, by its seq or its number. One that the caller cleared is not there for them. */
export function messageAt(core: Core, actor: Actor, at: { seq: Seq } | { id: MessageNumber }): MessageEntry {
  const entry = find(core, readerOf(core, actor), at);
  if (!entry) throw new Refused(notFound('message') satisfies Refusal);
  return entry;
}

function find(
  core: Core,
  me: Member | undefined,
  at: { seq: Seq } | { id: MessageNumber },
): MessageEntry | null {
  const seq = 'seq' in at ? at.seq : core.log.seqOf(at.id);
  const row = seq === null ? null : core.log.row(seq);
  return row?.kind === MESSAGE && row.seq > (me?.clearedSeq ?? 0) ? seenBy(core, me, row) : null;
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
