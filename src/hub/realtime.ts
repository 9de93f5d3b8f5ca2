// The hub's side of live sockets: where they end, how a client catches up, how they are ended.

import type { Replay } from '../conversation/reading.ts';
import { shelfName, shelfOf } from '../domain/delivery.ts';
import type { ConversationNumber, Seq, UserNumber } from '../domain/ids.ts';
import { reach, refuseUngiven } from './calls.ts';
import { type App, actorOf, type Caller, type Hub } from './context.ts';

/** What the hub asks of an Inbox; deliveries come from conversations. */
interface InboxApi {
  online(users: UserNumber[]): Promise<UserNumber[]>;
  touch(user: UserNumber): Promise<void>;
  revoke(user: UserNumber, what: { session?: string; tokenVersion?: number }): Promise<void>;
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
