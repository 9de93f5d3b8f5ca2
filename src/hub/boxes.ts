// A person's messages as mail: what they received and what they sent, over all their conversations, newest first; to the
// team, what is in the conversations that wait for anybody of it is received too. Which conversations is asked of the
// directory, the messages of the conversations themselves.
import type { BoxPage as Stretch } from '../conversation/boxes.ts';
import { type BoxSource, boxSources } from '../directory/lists.ts';
import { boxSourcesWithTeam } from '../directory/team-lists.ts';
import type { Box } from '../domain/concealed.ts';
import { forbidden, notFound, Refused } from '../domain/errors.ts';
import type { ConversationNumber, MessageNumber, Seq } from '../domain/ids.ts';
import type { ConversationView, MessageEntry } from '../domain/model.ts';
import { reach, waitOf } from './calls.ts';
import { actorOf, type Caller, type Hub } from './context.ts';
import { ask } from './directory.ts';
import { isTeam, unaskedOf } from './lists.ts';
import { findMessage } from './messages.ts';

/**
 * How far a box goes back: like the quota of a mailbox, it bounds what a page can cost, for each conversation costs a call
 * to its object. What is older is in the conversations.
 */
export const BOX_CONVERSATIONS = 100;
export const BOX_MESSAGES = 1_000;

/** Objects asked at a time, and messages asked of each at first; twice as many each time after. */
const AT_ONCE = 8;
const FIRST_ASKED = 10;
const MOST_ASKED = 160;

export interface BoxMessage {
  entry: MessageEntry;
  /** Of its conversation, with its author among the members. */
  view: ConversationView;
  /** The reader's own last message there. */
  lastOwn: Seq;
}

export interface BoxPage {
  /** As far as the box goes back. */
  total: number;
  /** Received and not read. */
  unread: number;
  messages: BoxMessage[];
}

export interface BoxCounts {
  inbox: number;
  sent: number;
  unread: number;
}

/** How much is in the boxes, from the directory alone. */
export async function boxCounts(hub: Hub, caller: Caller): Promise<BoxCounts> {
  const sources = await sourcesOf(hub, caller);
  const sum = (of: (source: BoxSource) => number): number =>
    Math.min(
      BOX_MESSAGES,
      drawn(sources, of).reduce((total, source) => total + of(source), 0),
    );
  return {
    inbox: sum(({ inbox }) => inbox),
    sent: sum(({ sent }) => sent),
    unread: sum(({ unread }) => unread),
  };
}

/** Messages `start` (from 0) to `start + count`, newest first. `unread`: only what was not read, of the inbox. */
export async function boxPage(
  hub: Hub,
  caller: Caller,
  box: Box | 'unread',
  { start, count }: { start: number; count: number },
): Promise<BoxPage> {
  const sources = await sourcesOf(hub, caller);
  const inBox = (source: BoxSource): number => source[box];
  const chosen = drawn(sources, inBox);
  const total = chosen.reduce((sum, source) => sum + inBox(source), 0);
  const unread = drawn(sources, (source) => source.unread).reduce((sum, source) => sum + source.unread, 0);
  const wanted = Math.min(start + count, BOX_MESSAGES, total);
  const merged = count > 0 && wanted > start ? await merge(hub, caller, box, chosen, wanted) : [];
  return {
    total: Math.min(total, BOX_MESSAGES),
    unread: box === 'sent' ? 0 : Math.min(unread, BOX_MESSAGES),
    messages: merged.slice(start, wanted),
  };
}

function sourcesOf(hub: Hub, caller: Caller): Promise<BoxSource[]> {
  const { app, user } = caller;
  if (!user) throw new Refused(forbidden('This call needs a person.'));
  return ask(hub, app.number, (d1) =>
    isTeam(caller)
      ? boxSourcesWithTeam(d1, app.number, user.number, unaskedOf(app))
      : boxSources(d1, app.number, user.number),
  );
}

/** The newest conversations that have something in a box. */
const drawn = (sources: readonly BoxSource[], inBox: (source: BoxSource) => number): BoxSource[] =>
  sources.filter((source) => inBox(source) > 0).slice(0, BOX_CONVERSATIONS);

/** One conversation on its way through the merge. */
interface Stream {
  conversation: ConversationNumber;
  before: Seq | null;
  asked: number;
  /** No message that is still to come is newer; µs. */
  bound: number;
}

/** The newest `wanted` messages of these conversations. Asks those only that may still hold one of them. */
async function merge(
  hub: Hub,
  caller: Caller,
  box: Box | 'unread',
  sources: readonly BoxSource[],
  wanted: number,
): Promise<BoxMessage[]> {
  let streams = sources.map(({ number, lastAt }): Stream => {
    return { conversation: number, before: null, asked: FIRST_ASKED, bound: lastAt * 1000 + 999 };
  });
  const found: BoxMessage[] = [];
  for (;;) {
    const oldest = found[wanted - 1]?.entry.at ?? Number.NEGATIVE_INFINITY;
    streams = streams.filter(({ bound }) => bound > oldest).sort((a, b) => b.bound - a.bound);
    const next = streams.slice(0, AT_ONCE);
    if (next.length === 0) return found.slice(0, wanted);
    for (const messages of await Promise.all(next.map((stream) => go(hub, caller, box, stream)))) {
      found.push(...messages);
    }
    found.sort((a, b) => b.entry.at - a.entry.at || b.entry.id - a.entry.id);
  }
}

/** Asks for the stream's next messages and moves it on; its bound falls below everything at its end. */
async function go(hub: Hub, caller: Caller, box: Box | 'unread', stream: Stream): Promise<BoxMessage[]> {
  const { conversation, before, asked } = stream;
  const stretch = await stretchOf(
    hub,
    caller,
    conversation,
    box === 'sent' ? 'sent' : 'inbox',
    before,
    asked,
  );
  const { view, messages, lastOwn } = stretch ?? { view: null, messages: [], lastOwn: 0 };
  const last = messages.at(-1);
  const read = box === 'unread' ? (view?.readSeq ?? 0) : 0;
  const ended = !last || messages.length < asked || last.seq <= read;
  stream.bound = ended ? Number.NEGATIVE_INFINITY : last.at;
  stream.before = last?.seq ?? null;
  stream.asked = Math.min(MOST_ASKED, asked * 2);
  const shown =
    box === 'unread' ? messages.filter(({ seq, message }) => seq > read && !message.deleted) : messages;
  return view ? shown.map((entry) => ({ entry, view, lastOwn })) : [];
}

/** Null: the caller is not in it any more; the directory has not heard yet. */
async function stretchOf(
  hub: Hub,
  caller: Caller,
  c: ConversationNumber,
  box: Box,
  before: Seq | null,
  limit: number,
): Promise<Stretch | null> {
  try {
    return await reach(hub, caller, c, (stub) => stub.box(actorOf(caller), { box, before, limit }));
  } catch (error) {
    if (error instanceof Refused && error.refusal.code === 'not_found') return null;
    throw error;
  }
}

/**
 * Puts a message out of the caller's own sight, in every door. `box`: where it must be; null: in either. Not found: it is
 * not there, or not any more.
 */
export async function concealMessage(
  hub: Hub,
  caller: Caller,
  id: MessageNumber,
  box: Box | null,
): Promise<void> {
  const { conversation, entry } = await findMessage(hub, caller, id);
  if (entry.message.concealed) throw new Refused(notFound('message'));
  const mark = { kind: 'conceal', message: id, box } as const;
  await reach(
    hub,
    caller,
    conversation,
    (stub) => stub.mark(actorOf(caller), mark, { waitMs: waitOf(hub, caller) }),
    false,
  );
}
