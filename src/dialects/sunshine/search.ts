// Messages by their words, of the whole app or of a person's conversations: this hub's own, the vendor has no search.
import * as v from 'valibot';
import { notFound, Refused } from '../../domain/errors.ts';
import { type ConversationNumber, conversationNumber, type UserNumber } from '../../domain/ids.ts';
import { json } from '../../http/respond.ts';
import { viewConversation } from '../../hub/conversations.ts';
import { type FoundMessage, findMessages } from '../../hub/search.ts';
import { type Call, userOf } from './call.ts';
import { refuse } from './errors.ts';
import { codePoints, type OneUser, plainObject } from './fields.ts';
import { hereOf } from './message-ids.ts';
import { deepParam, pageEnvelope, pageRequest } from './query.ts';
import { renderMessage } from './render.ts';

/** Code points of what is looked for. */
const QUERY_LENGTH = 256;

/** Messages of a page at most: more would read more of the index than a page may (DESIGN.md 10). */
const MOST_FOUND = 50;

/** Where a page ended: the order is not that of ids, so the cursor is none. */
const CURSOR = /^\d{1,16}\.\d{1,16}\.\d{1,16}$/;

const id = v.nullish(v.pipe(v.string(), v.nonEmpty()));
const searchFilter = v.pipe(
  plainObject,
  v.strictObject({ userId: id, userExternalId: id, conversationId: id }),
  v.check(({ userId, userExternalId }) => !userId || !userExternalId),
);

/** Every word of `q` must be in a message. Newest first: the conversation with the newest message, then in it. */
export async function searchMessages(call: Call): Promise<Response> {
  const { hub, caller, url } = call;
  const query = url.searchParams.get('q')?.trim() ?? '';
  if (query === '' || codePoints(query) > QUERY_LENGTH) throw refuse('Invalid query parameters');
  const { of, conversation } = await scopeOf(call);
  const page = pageRequest(url.searchParams, (cursor) => (CURSOR.test(cursor) ? cursor : null));
  if (page.before !== undefined || page.size > MOST_FOUND) throw refuse('Invalid page query parameters');
  const window = { query, conversation, size: page.size, cursor: page.after };
  const { messages, cursor } = await findMessages(hub, caller, window, of);
  const place = { hasMore: cursor !== null, ...(cursor !== null && { afterCursor: cursor }) };
  return json({
    messages: messages.map((found) => render(call, found)),
    ...pageEnvelope(hub, url, place),
  });
}

function render(call: Call, { conversation, entry, picked }: FoundMessage) {
  const quoted = new Map([...picked.messages, ...picked.quoted].map((each) => [each.seq, each]));
  return {
    conversationId: call.hub.ids.hex('conversation', conversation),
    ...renderMessage(hereOf(call, conversation), entry, new Map(picked.cards), quoted),
  };
}

/** Whose conversations, and which of them. A person's token stays with their own. */
async function scopeOf(call: Call): Promise<{ of?: UserNumber; conversation?: ConversationNumber }> {
  const { success, output } = v.safeParse(searchFilter, deepParam(call.url.searchParams, 'filter'));
  if (!success) throw refuse('Invalid query parameters');
  const { userId, userExternalId, conversationId } = output;
  const of = userId || userExternalId ? await personOf(call, { userId, userExternalId }) : undefined;
  return { of, conversation: conversationId ? await knownConversation(call, conversationId) : undefined };
}

async function personOf(call: Call, user: OneUser): Promise<UserNumber> {
  const self = call.caller.user;
  if (!self) return (await userOf(call, user)).number;
  const isOwn = user.userId
    ? call.hub.ids.parseHex('user', user.userId) === self.number
    : user.userExternalId === self.externalId;
  if (!isOwn) throw new Refused(notFound('user'));
  return self.number;
}

async function knownConversation(call: Call, conversationId: string): Promise<ConversationNumber> {
  const n = call.hub.ids.parseHex('conversation', conversationId);
  if (n === null) throw new Refused(notFound('conversation'));
  await viewConversation(call.hub, call.caller, conversationNumber(n));
  return conversationNumber(n);
}
