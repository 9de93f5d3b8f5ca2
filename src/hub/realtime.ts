// The hub's side of live sockets: where they end, how a client catches up, how they are ended.

import { eventOf } from '../conversation/frames.ts';
import type { Replay } from '../conversation/reading.ts';
import { shelfName, shelfOf } from '../domain/delivery.ts';
import type { ConversationNumber, Seq, UserNumber } from '../domain/ids.ts';
import {
  type Attachment,
  type Card,
  type Markup,
  type MessageEntry,
  SERVICE_ROLES,
} from '../domain/model.ts';
import { convert } from '../text/convert.ts';
import { reach, refuseUngiven } from './calls.ts';
import { type App, actorOf, type Caller, type Hub } from './context.ts';
import { messagesBySeq } from './messages.ts';

/** What the hub asks of an Inbox; deliveries come from conversations. */
interface InboxApi {
  online(users: UserNumber[], live?: boolean): Promise<UserNumber[]>;
  present(limit: number): Promise<UserNumber[]>;
  touch(user: UserNumber): Promise<void>;
  revoke(user: UserNumber, what: { session?: string; tokenVersion?: number }): Promise<void>;
  drain(spreadMs: number, shelves: number): Promise<number>;
  fetch(request: Request): Promise<Response>;
}

/** The Inbox that this person's sockets end in. */
export const inboxStub = (hub: Hub, app: App, user: UserNumber): InboxApi =>
  shelfStub(hub, app, shelfOf(user, app.settings.inboxShards));

export const shelfStub = (hub: Hub, app: App, shelf: number): InboxApi =>
  hub.env.INBOX.getByName(shelfName(app.number, shelf)) as unknown as InboxApi;

/** The log after a position, rendered as native events; or a resync. Throws Refused. */
export const replay = (
  hub: Hub,
  caller: Caller,
  c: ConversationNumber,
  position: { since: Seq | null; epoch?: string | null },
): Promise<Replay> =>
  reach(hub, caller, c, (stub) => stub.replay(actorOf(caller), position.since, position.epoch ?? null));

/** Messages before a place, as events; with what a client needs to go on from there. */
export interface History {
  c: string;
  epoch: string;
  /** The end of the log. */
  seq: Seq;
  /** The caller's own place. */
  readSeq: Seq;
  unread: number;
  /** How far others have read. */
  reads: { user: string; seq: Seq; business?: true }[];
  /** Oldest first, as replayed messages are. */
  events: object[];
  hasMore: boolean;
}

/** The page of messages before this place; without one the last page. `markup`: that the words are to be in. Throws Refused. */
export async function history(
  hub: Hub,
  caller: Caller,
  c: ConversationNumber,
  { markup, ...window }: { before?: Seq; limit: number; markup?: Markup },
): Promise<History> {
  const { view, messages, hasMore } = await messagesBySeq(hub, caller, c, { ...window, withDeleted: true });
  const { facts, epoch, lastSeq, readSeq, unread, members } = view;
  const cards = new Map<number, Card>(members.map(({ user, card }) => [user, card]));
  const now = Date.now();
  const signed = (attachment: Attachment) => hub.isolate.addresses.signed(attachment, now);
  const others = members.filter(({ user, readSeq }) => user !== caller.user?.number && readSeq > 0);
  return {
    c: String(c),
    epoch,
    seq: lastSeq,
    readSeq,
    unread,
    reads: others.map(({ user, readSeq, card }) => ({
      user: String(user),
      seq: readSeq,
      ...(facts.kind === 'support' && SERVICE_ROLES.has(card.role) && { business: true as const }),
    })),
    events: messages.map((entry) => eventOf(inMarkup(entry, markup), (user) => cards.get(user), signed)),
    hasMore,
  };
}

/** The message with its words in this markup; absent: as its author wrote them. */
function inMarkup(entry: MessageEntry, markup: Markup | undefined): MessageEntry {
  const { message } = entry;
  if (markup === undefined || message.markup === markup) return entry;
  return { ...entry, message: { ...message, text: convert(message.text, message.markup, markup), markup } };
}

/** Hands a verified upgrade, its claims in it, on to the conversation itself (direct attach). */
export async function conversationFetch(
  hub: Hub,
  caller: Caller,
  c: ConversationNumber,
  request: Request,
): Promise<Response> {
  await refuseUngiven(hub, caller, c);
  return (await hub.env.CONVERSATION.getByName(String(c)).fetch(request)) as unknown as Response;
}

/** Closes the sockets of an ended session, wherever this person's Inbox is. An unreachable Inbox has none. */
export async function endSockets(
  hub: Hub,
  app: App,
  user: UserNumber,
  what: { session?: string; tokenVersion?: number },
): Promise<void> {
  await inboxStub(hub, app, user)
    .revoke(user, what)
    .catch((error) => console.error(JSON.stringify({ at: 'revoke', error: String(error) })));
}

/** What an isolate remembers of an app may be so old: until then somebody may still be sent to an old shelf. */
const APP_KNOWN_MS = 6_000;
const COME_BACK_WITHIN_MS = 5_000;

/**
 * After an app's people were spread over another number of shelves: sends those away whom deliveries look for elsewhere
 * now, to come back spread over some seconds. Once more a little later, in the background, for those whom a worker that
 * had not heard of the change sent back. An unreachable Inbox has nobody.
 */
export async function moveSockets(
  hub: Hub,
  app: App,
  fromShelves: number,
  againAfterMs = APP_KNOWN_MS,
): Promise<void> {
  const old = Array.from({ length: fromShelves }, (_, shelf) => shelf);
  const { inboxShards } = app.settings;
  const drain = async (): Promise<void> => {
    await Promise.allSettled(
      old.map((shelf) => shelfStub(hub, app, shelf).drain(COME_BACK_WITHIN_MS, inboxShards)),
    );
  };
  await drain();
  hub.defer(new Promise((resolve) => setTimeout(resolve, againAfterMs)).then(drain));
}
