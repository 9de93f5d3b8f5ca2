// What is new to a person since they last asked, for clients that ask instead of listening.
import * as moves from '../directory/moves.ts';
import { forbidden, Refused } from '../domain/errors.ts';
import type { ConversationNumber, LogTime, Seq } from '../domain/ids.ts';
import type { Caller, Hub } from './context.ts';
import { ask } from './directory.ts';
import { markDelivered } from './members.ts';
import { type MessagePage, messagesBySeq } from './messages.ts';

export type { Deletion, Move } from '../directory/moves.ts';

/** Clocks of conversations differ by less: a message may be said later than another, and have an earlier log time. */
const SKEW_US = 60_000_000;
/** Conversations that are asked at a time. */
const AT_ONCE = 6;
/** Late ones of one conversation. */
const LATE = 20;

function personOf({ user }: Caller) {
  if (!user) throw new Refused(forbidden('This call needs a person.'));
  return user;
}

/** Messages of one conversation that are new to somebody. */
export interface News {
  conversation: ConversationNumber;
  /** After the time that was asked for. */
  page: MessagePage;
  /** Before it, and never received by any of the person's devices. */
  late: MessagePage | null;
}

/**
 * Messages after a log time in all conversations of the caller, at most `limit` of each, oldest first; and those that a clock
 * behind the others dated before it (DESIGN.md 3). Conversations with nothing new are left out.
 */
export async function newsSince(hub: Hub, caller: Caller, after: LogTime, limit: number): Promise<News[]> {
  const { number } = personOf(caller);
  const since = Math.max(0, after - SKEW_US);
  const spoken = await ask(hub, caller.app.number, (d1) =>
    moves.spokenSince(d1, caller.app.number, number, since),
  );
  const news: News[] = [];
  for (let i = 0; i < spoken.length; i += AT_ONCE) {
    const some = spoken.slice(i, i + AT_ONCE).map((c) => newsOf(hub, caller, c, after, limit));
    news.push(...(await Promise.all(some)).flatMap((each) => each ?? []));
  }
  return news;
}

async function newsOf(
  hub: Hub,
  caller: Caller,
  c: ConversationNumber,
  after: LogTime,
  limit: number,
): Promise<News | null> {
  try {
    const page = await messagesBySeq(hub, caller, c, { afterTime: after, limit, timed: true, marks: true });
    const late = await lateIn(hub, caller, c, after, page);
    return page.messages.length > 0 || late ? { conversation: c, page, late } : null;
  } catch (error) {
    // Left since: the directory has not heard yet.
    if (error instanceof Refused && error.refusal.code === 'not_found') return null;
    throw error;
  }
}

async function lateIn(
  hub: Hub,
  caller: Caller,
  c: ConversationNumber,
  after: LogTime,
  { view, messages, timed }: MessagePage,
): Promise<MessagePage | null> {
  const { me, lastMessage, readSeq } = view;
  if (me?.standing !== 'active') return null;
  const mark: Seq = Math.max(me.deliveredSeq, readSeq, me.clearedSeq);
  const [first] = messages;
  const newest = first ? (timed?.before[0] ?? 0) : (lastMessage?.at ?? 0);
  const seq = first ? first.seq - 1 : (lastMessage?.seq ?? 0);
  if (newest <= after - SKEW_US || seq <= mark) return null;
  const window = { afterTime: after - SKEW_US, beforeTime: after + 1, limit: LATE, timed: true, marks: true };
  const page = await messagesBySeq(hub, caller, c, window);
  const kept = page.messages.map((entry) => entry.seq > mark && entry.author !== me.user);
  const late = {
    ...page,
    messages: page.messages.filter((_, i) => kept[i]),
    timed: page.timed && { ...page.timed, before: page.timed.before.filter((_, i) => kept[i]) },
  };
  return late.messages.length > 0 ? late : null;
}

/**
 * The messages of these log times were handed to a device of the caller: they count as received, where others wrote them. So
 * who never says what they received is not told of it as late ones again.
 */
export async function handedOver(
  hub: Hub,
  caller: Caller,
  news: readonly News[],
  times: ReadonlySet<LogTime>,
): Promise<void> {
  const { number } = personOf(caller);
  const upTo = news.flatMap(({ conversation, page, late }) => {
    const entries = [...(late?.messages ?? []), ...page.messages];
    const last = entries.filter(({ at, author }) => times.has(at) && author !== number).at(-1);
    return last ? [{ conversation, seq: last.seq }] : [];
  });
  for (let i = 0; i < upTo.length; i += AT_ONCE) {
    const some = upTo.slice(i, i + AT_ONCE);
    await Promise.all(some.map(({ conversation, seq }) => markDelivered(hub, caller, conversation, seq)));
  }
}

/** Others' marks that moved after `since` (ms since 1970) in the caller's newest conversations; see `Move`. */
export const movesSince = (hub: Hub, caller: Caller, since: number): Promise<moves.Move[]> => {
  const { number } = personOf(caller);
  return ask(hub, caller.app.number, (d1) => moves.movesSince(d1, caller.app.number, number, since));
};

/** Deletions after `since` (µs) in the caller's newest conversations; none where the app keeps no archive. */
export const deletionsSince = async (hub: Hub, caller: Caller, since: LogTime): Promise<moves.Deletion[]> => {
  const { number } = personOf(caller);
  if (!caller.app.settings.archive) return [];
  return ask(hub, caller.app.number, (d1) => moves.deletionsSince(d1, caller.app.number, number, since));
};
