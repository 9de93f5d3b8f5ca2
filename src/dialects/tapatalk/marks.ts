// What changes only the caller's own view of conversations: delete, read and unread marks, the counters.
import type { ConversationNumber } from '../../domain/ids.ts';
import { viewConversation } from '../../hub/conversations.ts';
import { inboxCounts } from '../../hub/lists.ts';
import { hideConversation, leaveConversation, markAllRead, markRead, markUnread } from '../../hub/members.ts';
import { int, type OutStruct, struct } from '../../xmlrpc/value.ts';
import { refuse } from './errors.ts';
import { conversationOf } from './ids.ts';
import type { SignedCall } from './method.ts';
import { success } from './render.ts';

/** Conversations in one call: each costs a call to its object, and the platform counts those. */
const MAX_MARKED = 40;

/**
 * Mode 1 hides it until somebody writes again; mode 2 leaves for ever (contracts/tapatalk.md 4.1), which somebody of the team
 * cannot who is not in it.
 */
export async function deleteConversation(call: SignedCall, given: string, mode: number): Promise<OutStruct> {
  const { hub, caller } = call;
  if (mode !== 1 && mode !== 2) throw refuse('Unknown mode: 1 hides the conversation, 2 leaves it.');
  const conversation = conversationOf(given);
  if (mode === 1) await hideConversation(hub, caller, conversation);
  else await leaveConversation(hub, caller, conversation, caller.user.number, 'bar');
  return success();
}

/** Some conversations, or all that the caller is in where none is named. */
export async function markConversationRead(call: SignedCall, given = ''): Promise<OutStruct> {
  const conversations = await visible(call, given);
  if (conversations.length === 0) await markAllRead(call.hub, call.caller);
  await Promise.all(conversations.map((conversation) => markRead(call.hub, call.caller, conversation)));
  return success();
}

/** None named: nothing to do, as in the plugins (contracts/tapatalk.md 1.12). */
export async function markConversationUnread(call: SignedCall, given = ''): Promise<OutStruct> {
  const conversations = await visible(call, given);
  await Promise.all(conversations.map((conversation) => markUnread(call.hub, call.caller, conversation)));
  return success();
}

/** Counts conversations, not messages; whatever was sent along is passed over (contracts/tapatalk.md 1.4, 8). */
export async function getInboxStat(call: SignedCall): Promise<OutStruct> {
  const { unreadConversations } = await inboxCounts(call.hub, call.caller, { team: true });
  return struct({ inbox_unread_count: int(unreadConversations), subscribed_topic_unread_count: int(0) });
}

/** The conversations of "1,2,3". Several are looked at first: one that is not there must not leave the others marked. */
async function visible(call: SignedCall, given: string): Promise<ConversationNumber[]> {
  const texts = given.split(',').map((text) => text.trim());
  const conversations = [...new Set(texts.filter((text) => text !== '').map(conversationOf))];
  if (conversations.length > MAX_MARKED)
    throw refuse(`At most ${MAX_MARKED} conversations can be marked at once.`);
  if (conversations.length > 1) {
    await Promise.all(
      conversations.map((conversation) => viewConversation(call.hub, call.caller, conversation)),
    );
  }
  return conversations;
}
