// Messages by the ids that calls name them with, and where answers say that they can be read.
import { notFound, Refused } from '../../domain/errors.ts';
import {
  blockOf,
  type ConversationNumber,
  conversationNumber,
  type MessageNumber,
  type Seq,
  seqOf,
} from '../../domain/ids.ts';
import { viewConversation } from '../../hub/conversations.ts';
import { findMessage } from '../../hub/messages.ts';
import type { Call } from './call.ts';
import { refuse } from './errors.ts';
import type { Here } from './render.ts';

/** What messages of one conversation are rendered with: addresses are absolute, on this hub. */
export function hereOf({ hub, app }: Pick<Call, 'hub' | 'app'>, conversation: ConversationNumber): Here {
  const { ids, addressOf, origin } = hub;
  const path = `/v2/apps/${ids.hex('app', app.number)}/conversations/${ids.hex('conversation', conversation)}`;
  return { ids, addressOf, textAt: (id) => `${origin}${path}/messages/${ids.hex('message', id)}/text` };
}

export const messageNumber = (call: Call, id: string): MessageNumber | null =>
  call.hub.ids.parseHex('message', id) as MessageNumber | null;

/** A cursor's place in the log; ids of other conversations are no cursors here. */
export async function cursor(
  call: Call,
  conversation: ConversationNumber,
  id: string | undefined,
): Promise<Seq | undefined> {
  if (id === undefined) return undefined;
  const seq = await seqOfId(call, conversation, id);
  if (seq === null) throw refuse('Invalid page query parameters');
  return seq;
}

/**
 * The seq of a message id in this conversation, null for any other. Within the conversation's first block it is in
 * the number itself, so that a cursor whose message was deleted meanwhile still pages.
 */
export async function seqOfId(call: Call, conversation: ConversationNumber, id: string): Promise<Seq | null> {
  const n = messageNumber(call, id);
  if (n === null) return null;
  if (conversationNumber(blockOf(n)) === conversation) return seqOf([conversation], n);
  try {
    const found = await findMessage(call.hub, call.caller, n);
    return found.conversation === conversation ? found.entry.seq : null;
  } catch (error) {
    if (error instanceof Refused && error.refusal.code === 'not_found') return null;
    throw error;
  }
}

/** A missing conversation is what the answer is about before a missing message. */
export async function missingMessage(call: Call, conversation: ConversationNumber): Promise<never> {
  await viewConversation(call.hub, call.caller, conversation);
  throw new Refused(notFound('message'));
}
