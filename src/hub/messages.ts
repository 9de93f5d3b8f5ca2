// Posting, changing and reading messages.

import type { Author } from '../conversation/posting.ts';
import type { MessagePage, Named, Picked, SeqWindow } from '../conversation/reading.ts';
import { conversationOfBlock } from '../directory/conversations.ts';
import { notFound, Refused } from '../domain/errors.ts';
import {
  blockOf,
  type ConversationNumber,
  conversationNumber,
  type LogTime,
  type MessageNumber,
  type Ordinal,
  type Seq,
  type UserNumber,
} from '../domain/ids.ts';
import type { Draft, MessageEntry, Posted, Rewording } from '../domain/model.ts';
import { cardOf } from '../domain/user.ts';
import { type Attaching, claim, posting, withFiles } from './attaching.ts';
import { reach, waitOf } from './calls.ts';
import { actorOf, type Caller, type Hub } from './context.ts';
import { controllingOf } from './control.ts';
import { ask } from './directory.ts';
import { masked, maskedWords } from './masking.ts';
import { userByExternalId, userByNumber } from './people.ts';
import { isRationed, ration } from './rations.ts';

export type { MessagePage, Picked } from '../conversation/reading.ts';

/** A person by number, or by the id that the app's own system has for them. */
export type AuthorName = UserNumber | { externalId: string };

/**
 * One message. `author`: whose it is when an app credential speaks for somebody; ignored for people.
 * A draft with a client id may be posted again and again: it is one message. `attaching`: uploads that it is to have.
 * `replyAt`: the log time of the message that it answers, instead of the draft's `replyTo`. Not found: there is none.
 * Rate limited: too many of this person.
 */
export async function post(
  hub: Hub,
  caller: Caller,
  c: ConversationNumber,
  draft: Draft,
  options: { author?: AuthorName; attaching?: Attaching; replyAt?: LogTime } = {},
): Promise<Posted> {
  const author =
    caller.powers === 'app' && options.author !== undefined
      ? await authorOf(hub, caller, options.author)
      : null;
  rationPost(hub, caller, author);
  const control = await controllingOf(hub, caller);
  const wait = { author, waitMs: waitOf(hub, caller), replyAt: options.replyAt, control };
  const kept = masked(caller.app, draft);
  const send = (what: Draft, more: { before?: number } = {}) =>
    reach(
      hub,
      caller,
      c,
      (stub) => stub.post(actorOf(caller), what, { ...wait, ...more }),
      Boolean(what.clientId),
    );
  const claimed =
    options.attaching &&
    (await claim(hub, caller, options.attaching, kept, { conversation: c, author: author?.user }));
  if (!claimed) return send(kept);
  return posting(hub, caller, claimed, () => send(withFiles(kept, claimed), { before: claimed.until }));
}

/** A person's own messages count, and those that an app credential hands in for them. */
function rationPost(hub: Hub, { app, user }: Caller, author: Author | null): void {
  if (user) ration(hub, app, user.number);
  else if (author?.user && author.card && isRationed(author.card.role)) ration(hub, app, author.user);
}

/** The author with their card; while the directory is away, without: the conversation knows its members. */
async function authorOf(hub: Hub, caller: Caller, name: AuthorName): Promise<Author> {
  const byNumber = typeof name === 'number';
  try {
    const user = byNumber
      ? await userByNumber(hub, caller.app, name)
      : await userByExternalId(hub, caller.app, name.externalId);
    return { user: user.number, card: cardOf(user) };
  } catch (error) {
    if (!(error instanceof Refused) || error.refusal.code !== 'unavailable') throw error;
    return byNumber ? { user: name, card: null } : { user: null, externalId: name.externalId, card: null };
  }
}

/** New words or custom data for a message; everybody is told, so it counts like one. */
export async function editMessage(
  hub: Hub,
  caller: Caller,
  c: ConversationNumber,
  seq: Seq,
  to: Omit<Rewording, 'door'>,
): Promise<Posted> {
  rationPost(hub, caller, null);
  const words = to.words && maskedWords(caller.app, to.words);
  const kept = { ...to, ...(words && { words }), door: caller.door };
  const options = { waitMs: waitOf(hub, caller), control: await controllingOf(hub, caller) };
  return reach(hub, caller, c, (stub) => stub.edit(actorOf(caller), seq, kept, options));
}

/** The words go, the place stays. Twice is once. */
export async function deleteMessage(
  hub: Hub,
  caller: Caller,
  c: ConversationNumber,
  seq: Seq,
): Promise<void> {
  const options = { waitMs: waitOf(hub, caller), control: await controllingOf(hub, caller) };
  await reach(hub, caller, c, (stub) => stub.remove(actorOf(caller), seq, options));
}

/** App credentials only; an integration where it has control. */
export async function deleteAllMessages(hub: Hub, caller: Caller, c: ConversationNumber): Promise<void> {
  const options = { waitMs: waitOf(hub, caller), control: await controllingOf(hub, caller) };
  await reach(hub, caller, c, (stub) => stub.remove(actorOf(caller), 'all', options));
}

/**
 * Messages `from` to `to`, oldest first, counted from 1 at the first one that the caller has not cleared. `markRead`
 * raises the caller's mark to the newest shown.
 */
export const messagesByOrdinal = (
  hub: Hub,
  caller: Caller,
  c: ConversationNumber,
  from: Ordinal,
  to: Ordinal,
  options: { markRead?: boolean } = {},
): Promise<MessagePage> =>
  reach(hub, caller, c, (stub) =>
    stub.pageByOrdinal(actorOf(caller), from, to, {
      markRead: options.markRead ?? false,
      waitMs: waitOf(hub, caller),
    }),
  );

/** Messages by seq, oldest first; with no bound the last page. */
export const messagesBySeq = (
  hub: Hub,
  caller: Caller,
  c: ConversationNumber,
  window: SeqWindow,
): Promise<MessagePage> => reach(hub, caller, c, (stub) => stub.pageBySeq(actorOf(caller), window));

/** Those of these messages that the caller may see, in order of the log, as a timed page. */
export const messagesNamed = (
  hub: Hub,
  caller: Caller,
  c: ConversationNumber,
  at: readonly Named[],
  options: { withDeleted?: boolean } = {},
): Promise<MessagePage> => reach(hub, caller, c, (stub) => stub.pageOfNamed(actorOf(caller), at, options));

export const messageOf = (
  hub: Hub,
  caller: Caller,
  c: ConversationNumber,
  at: Seq | Exclude<Named, { seq: Seq }>,
): Promise<MessageEntry> =>
  reach(hub, caller, c, (stub) => stub.message(actorOf(caller), typeof at === 'number' ? { seq: at } : at));

/** Those of these messages that the caller may see, deleted ones too, with what they quote and who wrote them. */
export const pickMessages = (
  hub: Hub,
  caller: Caller,
  c: ConversationNumber,
  at: readonly ({ seq: Seq } | { id: MessageNumber })[],
): Promise<Picked> => reach(hub, caller, c, (stub) => stub.picked(actorOf(caller), at));

/** A message by its number alone. */
export async function findMessage(
  hub: Hub,
  caller: Caller,
  id: MessageNumber,
): Promise<{ conversation: ConversationNumber; entry: MessageEntry }> {
  // Nearly always the block is the conversation; one that outgrew its block holds others too.
  const block = blockOf(id);
  const own = conversationNumber(block);
  const entry = await messageIn(hub, caller, own, id);
  if (entry) return { conversation: own, entry };
  const holder = await ask(hub, caller.app.number, (d1) => conversationOfBlock(d1, block));
  const further = holder === null || holder === own ? null : await messageIn(hub, caller, holder, id);
  // Also where a conversation that the caller may not read holds it: that it outgrew its block is not theirs to know.
  if (holder === null || !further) throw new Refused(notFound('message'));
  return { conversation: holder, entry: further };
}

/** The message, or null where this conversation has none of that number for the caller. */
async function messageIn(
  hub: Hub,
  caller: Caller,
  c: ConversationNumber,
  id: MessageNumber,
): Promise<MessageEntry | null> {
  try {
    return await messageOf(hub, caller, c, { id });
  } catch (error) {
    if (error instanceof Refused && error.refusal.code === 'not_found') return null;
    throw error;
  }
}
