// One message: read it, read all of its text, change it. The vendor has none of these (contracts/sunshine.md 3).
import * as v from 'valibot';
import { notFound, Refused } from '../../domain/errors.ts';
import type { ConversationNumber, Seq } from '../../domain/ids.ts';
import type { JsonObject, MessageEntry, Rewording } from '../../domain/model.ts';
import { json } from '../../http/respond.ts';
import { editMessage, type Picked, pickMessages } from '../../hub/messages.ts';
import { bodyOf, type Call, conversationOf } from './call.ts';
import { renderWholeText } from './content.ts';
import { contentBody } from './content-body.ts';
import { may, metadata, plainObject } from './fields.ts';
import { hereOf, missingMessage, seqOfId } from './message-ids.ts';
import { renderMessage } from './render.ts';
import { wordsOf } from './rewording.ts';

/** What is left out stays; a null takes custom data away. */
export const messageUpdateBody = v.pipe(
  plainObject,
  v.object({ content: may(contentBody), metadata: may(metadata('Message')) }),
);

export async function getMessage(call: Call): Promise<Response> {
  const conversation = conversationOf(call);
  return answerOf(call, conversation, await named(call, conversation));
}

/** However long it is: content.text is cut where clients refuse more. */
export async function getMessageText(call: Call): Promise<Response> {
  const { entry } = await named(call, conversationOf(call));
  return json(renderWholeText(entry.message, call.hub.addressOf));
}

/** By credentials of the app any message, by a person's token their own. */
export async function updateMessage(call: Call): Promise<Response> {
  const conversation = conversationOf(call);
  const body = await bodyOf(call, messageUpdateBody);
  const before = await named(call, conversation);
  const { seq, message } = before.entry;
  const to: Rewording = {
    ...(body.content && { words: await wordsOf(call, message, body.content) }),
    ...(body.metadata !== undefined && { metadata: body.metadata as JsonObject | null }),
  };
  // Nothing asked: nothing is written to the log.
  if (Object.keys(to).length === 0) return answerOf(call, conversation, before);
  await editMessage(call.hub, call.caller, conversation, seq, to);
  return answerOf(call, conversation, await found(call, conversation, seq));
}

interface Named {
  entry: MessageEntry;
  picked: Picked;
}

/** The message that the path names. Not found once it was deleted. */
async function named(call: Call, conversation: ConversationNumber): Promise<Named> {
  const seq = await seqOfId(call, conversation, call.params.messageId ?? '');
  return seq === null ? missingMessage(call, conversation) : found(call, conversation, seq);
}

async function found(call: Call, conversation: ConversationNumber, seq: Seq): Promise<Named> {
  const picked = await pickMessages(call.hub, call.caller, conversation, [{ seq }]);
  const [entry] = picked.messages;
  if (!entry || entry.message.deleted) throw new Refused(notFound('message'));
  return { entry, picked };
}

function answerOf(call: Call, conversation: ConversationNumber, { entry, picked }: Named): Response {
  const quoted = new Map(picked.quoted.map((each) => [each.seq, each]));
  const message = renderMessage(hereOf(call, conversation), entry, new Map(picked.cards), quoted);
  return json({ message });
}
