// Coming, going, read marks and typing.
import type { LeaveMode } from '../conversation/membership.ts';
import type { PeoplePage, PeopleWindow } from '../conversation/people.ts';
import { notFound, Refused } from '../domain/errors.ts';
import type { ConversationNumber, LogTime, Seq, UserNumber } from '../domain/ids.ts';
import type { ConversationView, Draft } from '../domain/model.ts';
import { cardOf } from '../domain/user.ts';
import { refuseBlocked } from './blocks.ts';
import { reach, waitOf } from './calls.ts';
import { actorOf, type Caller, type Hub, type User } from './context.ts';
import { unreadConversations } from './lists.ts';
import { masked } from './masking.ts';
import { usersByNumbers } from './people.ts';
import { ration } from './rations.ts';

/** Conversations that one "mark everything" works on at a time. */
const MARK_AT_ONCE = 6;

/**
 * Adds people, all or nothing; those who are in already stay. The reason becomes the inviter's next message. Forbidden:
 * somebody named has blocked the caller, or left for ever. Rate limited: each counts as a message.
 */
export async function joinConversation(
  hub: Hub,
  caller: Caller,
  c: ConversationNumber,
  users: UserNumber[],
  options: { reason?: Draft } = {},
): Promise<ConversationView> {
  const found = await usersByNumbers(hub, caller.app, users);
  const invited = users.map((number) => {
    const user = found.get(number);
    if (!user) throw new Refused(notFound('user'));
    return user;
  });
  refuseBlocked(caller, invited);
  if (caller.user) ration(hub, caller.app, caller.user.number, invited.length);
  const people = invited.map((user) => ({ user: user.number, card: cardOf(user) }));
  const wait = { waitMs: hub.settings.indexWaitJoinMs };
  const repeatable = options.reason === undefined;
  return reach(
    hub,
    caller,
    c,
    (stub) => stub.join(actorOf(caller), people, masked(caller.app, options.reason) ?? null, wait),
    repeatable,
  );
}

/** leave: may come back by invitation. bar: for ever. remove: taken out by somebody else. Not found: no member. */
export async function leaveConversation(
  hub: Hub,
  caller: Caller,
  c: ConversationNumber,
  user: UserNumber,
  mode: LeaveMode,
): Promise<void> {
  await reach(hub, caller, c, (stub) =>
    stub.leave(actorOf(caller), user, mode, { waitMs: hub.settings.indexWaitJoinMs }),
  );
}

/** Out of the caller's lists until a later message. */
export async function hideConversation(hub: Hub, caller: Caller, c: ConversationNumber): Promise<void> {
  await reach(hub, caller, c, (stub) =>
    stub.mark(actorOf(caller), { kind: 'hide' }, { waitMs: waitOf(hub, caller) }),
  );
}

/**
 * Closes the conversation for the caller alone, or opens it again: in it, or of the team in a support conversation. A closed
 * one is out of their lists until a later message.
 */
export async function setProgress(
  hub: Hub,
  caller: Caller,
  c: ConversationNumber,
  to: 'OPEN' | 'CLOSE',
): Promise<void> {
  await reach(hub, caller, c, (stub) =>
    stub.mark(actorOf(caller), { kind: 'progress', to }, { waitMs: waitOf(hub, caller) }),
  );
}

/**
 * Read up to `upTo` (absent: everything), or a log time; the mark only rises. By app credentials: `user`, for whom; `voice`,
 * that the app itself read, whether its voice is in there or not.
 */
export async function markRead(
  hub: Hub,
  caller: Caller,
  c: ConversationNumber,
  upTo?: Seq,
  { user, voice, time }: { user?: UserNumber; voice?: User; time?: LogTime } = {},
): Promise<void> {
  const whose = voice ? { user: voice.number, card: cardOf(voice) } : { user: user ?? null };
  const mark = { kind: 'read', upTo: upTo ?? null, time, ...whose } as const;
  await reach(hub, caller, c, (stub) => stub.mark(actorOf(caller), mark, { waitMs: waitOf(hub, caller) }));
}

/** Everything so far is gone for the caller, in every door, and read; for others nothing changes. */
export async function clearConversation(hub: Hub, caller: Caller, c: ConversationNumber): Promise<void> {
  await reach(hub, caller, c, (stub) =>
    stub.mark(actorOf(caller), { kind: 'clear' }, { waitMs: waitOf(hub, caller) }),
  );
}

/** Received up to `upTo` (absent: nothing), or a log time, by one of the user's devices. */
export async function markDelivered(
  hub: Hub,
  caller: Caller,
  c: ConversationNumber,
  upTo?: Seq,
  options: { user?: UserNumber; time?: LogTime } = {},
): Promise<void> {
  const { user = null, time } = options;
  const mark = { kind: 'delivered', upTo: upTo ?? 0, user, time } as const;
  await reach(hub, caller, c, (stub) => stub.mark(actorOf(caller), mark, { waitMs: waitOf(hub, caller) }));
}

/** Before the message at `from`; absent: before the last one of somebody else. */
export async function markUnread(
  hub: Hub,
  caller: Caller,
  c: ConversationNumber,
  from: Seq | null = null,
): Promise<void> {
  await reach(hub, caller, c, (stub) =>
    stub.mark(actorOf(caller), { kind: 'unread', from }, { waitMs: waitOf(hub, caller) }),
  );
}

/** Every conversation of the caller that has something unread. */
export async function markAllRead(hub: Hub, caller: Caller): Promise<void> {
  const unread = await unreadConversations(hub, caller);
  for (let i = 0; i < unread.length; i += MARK_AT_ONCE) {
    await Promise.all(unread.slice(i, i + MARK_AT_ONCE).map((c) => markRead(hub, caller, c)));
  }
}

/** Shown to the others who are there; never stored. */
export async function setTyping(hub: Hub, caller: Caller, c: ConversationNumber, on: boolean): Promise<void> {
  await reach(hub, caller, c, (stub) => stub.typing(actorOf(caller), on));
}

/** From the caller's client to those of everybody who is there, which know what `name` and `data` mean; never stored. */
export async function tellClients(
  hub: Hub,
  caller: Caller,
  c: ConversationNumber,
  name: string,
  data: string,
): Promise<void> {
  await reach(hub, caller, c, (stub) => stub.notice(actorOf(caller), name, data));
}

/** Everybody who is or was a member, and every author, page by page and by user number. */
export const peopleOfConversation = (
  hub: Hub,
  caller: Caller,
  c: ConversationNumber,
  window: PeopleWindow,
): Promise<PeoplePage> => reach(hub, caller, c, (stub) => stub.people(actorOf(caller), window));
