// Messages: post, list, delete (contracts/sunshine.md 3). One message, read and changed, is one-message.ts; contents are
// content-body.ts and content.ts.
import * as v from 'valibot';
import { notFound, Refused } from '../../domain/errors.ts';
import type { ConversationNumber, UserNumber } from '../../domain/ids.ts';
import type { Draft, JsonObject, MessageEntry } from '../../domain/model.ts';
import { json } from '../../http/respond.ts';
import { viewConversation } from '../../hub/conversations.ts';
import { masked } from '../../hub/masking.ts';
import {
  type AuthorName,
  deleteAllMessages as deleteAllInHub,
  deleteMessage as deleteInHub,
  messageOf,
  messagesBySeq,
  pickMessages,
  post,
} from '../../hub/messages.ts';
import { bodyOf, type Call, conversationOf, done, selfOf, userNumberOf, userOf } from './call.ts';
import { draftOf, tamed } from './content.ts';
import { contentBody } from './content-body.ts';
import { refuse } from './errors.ts';
import { may, metadata, plainObject } from './fields.ts';
import { idempotencyKey, underKey } from './idempotency.ts';
import { type OwnMedia, ownMedia, refusingTaken, withOwnMedia } from './media.ts';
import { cursor, hereOf, messageNumber, missingMessage, seqOfId } from './message-ids.ts';
import { pageEnvelope, pageRequest, placeOf } from './query.ts';
import { type AuthorCard, cardsOf, renderMessage, typeOf } from './render.ts';
import { type AuthorBody, authorBody, ownAuthorBody } from './schemas.ts';

/** Messages of a page, always (contracts/sunshine.md 1). */
const PAGE_MESSAGES = 100;

/**
 * `override` (a payload for one vendor's channel) and `schema` are accepted and have no effect: no such channel is
 * here. `quotedMessage` is this hub's addition: the vendor shows quotes but takes none.
 */
const messageFields = {
  content: contentBody,
  destination: may(
    v.pipe(plainObject, v.object({ integrationId: may(v.string()), integrationType: may(v.string()) })),
  ),
  metadata: may(metadata('Message')),
  override: may(plainObject),
  schema: may(v.picklist(['whatsapp'])),
  quotedMessage: may(v.object({ type: v.literal('message'), message: v.object({ id: v.string() }) })),
};
export const messageBody = v.pipe(plainObject, v.object({ author: authorBody, ...messageFields }));
/** Posted with a token that says who writes. */
export const ownMessageBody = v.pipe(plainObject, v.object({ author: ownAuthorBody, ...messageFields }));
type MessageBody = v.InferOutput<typeof ownMessageBody>;

export async function postMessage(call: Call): Promise<Response> {
  const conversation = conversationOf(call);
  const body = await bodyOf(call, call.caller.user ? ownMessageBody : messageBody);
  const author = await authorOf(call, body.author);
  await checkDestination(call, conversation, body);
  const quote = await quoteOf(call, conversation, body);
  const own = await ownMedia(call, body.content);
  const draft = masked(call.app, toDraft(call, body, quote, own));
  const uploads = [...own.values()];
  const attaching = uploads.length > 0 ? { files: uploads.map(({ number }) => number) } : undefined;
  const posted = await refusingTaken(own, () =>
    underKey(draft.clientId, () => post(call.hub, call.caller, conversation, draft, { author, attaching })),
  );
  const attachments = [...(draft.attachments ?? []), ...uploads.map(({ attachment }) => attachment)];
  const entry: MessageEntry = {
    kind: 'message',
    seq: posted.seq,
    at: posted.at,
    n: posted.n,
    id: posted.id,
    author: posted.author?.user ?? null,
    message: { ...draft, attachments, clientId: draft.clientId ?? null },
  };
  const cards = new Map(quote ? quote.cards : []);
  if (posted.author?.card) cards.set(posted.author.user, posted.author.card);
  const quoted = new Map(quote ? [[quote.entry.seq, quote.entry] as const] : []);
  return json({ messages: [renderMessage(hereOf(call, conversation), entry, cards, quoted)] }, 201);
}

/** Who speaks. The hub looks people up, and the conversation knows its members while the directory is away. */
async function authorOf(call: Call, author: AuthorBody): Promise<AuthorName> {
  if (call.caller.user) return selfOf(call, call.caller.user, author);
  if (author.type === 'business') return call.app.businessUser;
  // No conversation knows brands.
  if (author.brandId && author.userExternalId) return (await userOf(call, author)).number;
  if (typeof author.userExternalId === 'string') return { externalId: author.userExternalId };
  return userNumberOf(call, author.userId ?? '');
}

/** There are no channels to aim at; a silent message (`none`) goes where every message goes: into the log. */
async function checkDestination(
  call: Call,
  conversation: ConversationNumber,
  body: MessageBody,
): Promise<void> {
  const { integrationId, integrationType } = body.destination ?? {};
  if (!integrationId && !integrationType) return;
  if (body.author.type !== 'business')
    throw refuse('destination is only supported for authors of type business');
  const { facts } = await viewConversation(call.hub, call.caller, conversation);
  if (typeOf(facts) !== 'personal') throw refuse('destination is only supported in personal conversations');
  if (integrationType === 'none' && !integrationId) return;
  throw refuse('The user has no client for the destination of the message');
}

interface Quote {
  entry: MessageEntry;
  cards: ReadonlyMap<UserNumber, AuthorCard>;
}

async function quoteOf(
  call: Call,
  conversation: ConversationNumber,
  body: MessageBody,
): Promise<Quote | null> {
  if (!body.quotedMessage) return null;
  const seq = await seqOfId(call, conversation, body.quotedMessage.message.id);
  if (seq === null) return missingMessage(call, conversation);
  const [entry, view] = await Promise.all([
    messageOf(call.hub, call.caller, conversation, seq),
    viewConversation(call.hub, call.caller, conversation),
  ]);
  if (entry.message.deleted) throw new Refused(notFound('message'));
  return { entry, cards: cardsOf(view) };
}

function toDraft(call: Call, body: MessageBody, quote: Quote | null, own: OwnMedia): Draft {
  const content = draftOf(withOwnMedia(call.caller.user ? tamed(body.content) : body.content, own));
  if (!content)
    throw refuse('content.markdownText should NOT be longer than 4096 characters when converted to HTML');
  const { displayName, avatarUrl } = body.author;
  const subtypes = body.author.type === 'business' ? body.author.subtypes : null;
  return {
    door: 'sunshine',
    ...content,
    replyTo: quote?.entry.seq ?? null,
    metadata: (body.metadata as JsonObject | null | undefined) ?? null,
    extras: subtypes?.length ? { subtypes } : null,
    override:
      displayName || avatarUrl
        ? { ...(displayName && { name: displayName }), ...(avatarUrl && { avatar: avatarUrl }) }
        : null,
    clientId: idempotencyKey(call.request),
  };
}

/** Of a missing conversation this call alone says "Resource not found" (contracts/sunshine.md 3). */
export async function listMessages(call: Call): Promise<Response> {
  try {
    return await pageOfMessages(call);
  } catch (error) {
    const missing = error instanceof Refused && error.refusal.code === 'not_found';
    throw missing ? new Refused(notFound('route')) : error;
  }
}

/** The last page unless a cursor says otherwise, ascending inside a page; deleted messages are left out. */
async function pageOfMessages(call: Call): Promise<Response> {
  const { hub, caller, url } = call;
  const conversation = conversationOf(call);
  const page = pageRequest(
    url.searchParams,
    (id) => (messageNumber(call, id) === null ? null : id),
    PAGE_MESSAGES,
  );
  const [after, before] = await Promise.all([
    cursor(call, conversation, page.after),
    cursor(call, conversation, page.before),
  ]);
  const { view, messages, hasMore } = await messagesBySeq(hub, caller, conversation, {
    after,
    before,
    limit: page.size,
  });
  const outside = await quotesOf(call, conversation, messages);
  const quoted = new Map([...outside.messages, ...messages].map((entry) => [entry.seq, entry]));
  const cards = new Map([...outside.cards, ...cardsOf(view)]);
  const here = hereOf(call, conversation);
  const [first, last] = [messages.at(0), messages.at(-1)];
  const ends =
    first && last ? { first: hub.ids.hex('message', first.id), last: hub.ids.hex('message', last.id) } : null;
  return json({
    messages: messages.map((entry) => renderMessage(here, entry, cards, quoted)),
    ...pageEnvelope(hub, url, placeOf(page, hasMore, ends, 'before')),
  });
}

/** The words go, for everybody; deleting twice is once. */
export async function deleteMessage(call: Call): Promise<Response> {
  const conversation = conversationOf(call);
  const seq = await seqOfId(call, conversation, call.params.messageId ?? '');
  if (seq === null) return missingMessage(call, conversation);
  await deleteInHub(call.hub, call.caller, conversation, seq);
  return done();
}

/** Every message so far; also in a default conversation, which itself stays. */
export async function deleteAllMessages(call: Call): Promise<Response> {
  await deleteAllInHub(call.hub, call.caller, conversationOf(call));
  return done();
}

/** What a page quotes from outside itself, in one call. A quoted one that is gone is left out. */
async function quotesOf(call: Call, conversation: ConversationNumber, messages: readonly MessageEntry[]) {
  const own = new Set(messages.map(({ seq }) => seq));
  const outside = new Set(
    messages.flatMap(({ message }) => message.replyTo ?? []).filter((seq) => !own.has(seq)),
  );
  if (outside.size === 0) return { messages: [], cards: [] };
  return pickMessages(
    call.hub,
    call.caller,
    conversation,
    [...outside].map((seq) => ({ seq })),
  );
}
