// What answers show of any message, whichever door it came through: type, payload and text of a comment
// (contracts/qiscus.md 5). What may be posted is payloads.ts.
import type { Attachment, JsonObject, Message, MessageEntry } from '../../domain/model.ts';
import { type Action, actionsOf, type Item, itemsOf, placeOf } from '../../domain/rich.ts';
import { convert } from '../../text/convert.ts';
import { fileMessage, type Kept } from './payloads.ts';

type AddressOf = (attachment: Attachment) => string;

export interface Shown {
  type: string;
  payload: JsonObject;
  message: string;
}

/** A comment that another answers, with who wrote it. */
export interface Quote {
  entry: MessageEntry;
  name: string;
  email: string;
}

/** Clients need a text in every comment, and a payload that fits its type. */
export function contentOf(message: Message, addressOf: AddressOf, quote: Quote | null): Shown {
  const shown =
    message.door === 'qiscus'
      ? withAddresses(ownContent(message), message, addressOf)
      : contentOfOthers(message, addressOf);
  if (message.replyTo && (shown.type === 'text' || shown.type === 'reply')) {
    return { ...shown, type: 'reply', payload: replyPayload(shown, addressOf, quote) };
  }
  return shown;
}

export const keptOf = (message: Message): Kept =>
  message.door === 'qiscus' ? ((message.extras ?? {}) as Kept) : {};

const wordsOf = ({ text, markup }: Message): string => convert(text, markup, 'plain');

function ownContent(message: Message): Shown {
  const { type = 'text', payload = {}, message: own } = keptOf(message);
  const words = wordsOf(message);
  const isOwn = message.editedAt === undefined || message.editedThrough === 'qiscus';
  if (isOwn) return { type, payload, message: own ?? words };
  // New words through another door are what it says now.
  return { type, payload: 'text' in payload ? { ...payload, text: words } : payload, message: words };
}

/** Files of the hub stand in a comment by their paths, which open to nobody: shown are addresses that do. */
function withAddresses(shown: Shown, { attachments = [] }: Message, addressOf: AddressOf): Shown {
  let { message, payload } = shown;
  for (const attachment of attachments) {
    if (attachment.file === null) continue;
    const address = addressOf(attachment);
    message = message.replaceAll(attachment.url, address);
    if (payload.url === attachment.url) payload = { ...payload, url: address };
  }
  return { ...shown, message, payload };
}

function contentOfOthers(message: Message, addressOf: AddressOf): Shown {
  const text = [message.title, wordsOf(message)].filter(Boolean).join('\n');
  const [first, ...others] = message.attachments ?? [];
  if (first) return fileContent(text, addressOf(first), first, others.map(addressOf));
  const place = placeOf(message);
  if (place) {
    const { coordinates, location = {} } = place;
    const { name = '', address = '' } = location;
    const map_url = `https://maps.google.com/maps?q=${coordinates.lat},${coordinates.long}`;
    const payload = { name, address, latitude: coordinates.lat, longitude: coordinates.long, map_url };
    return { type: 'location', payload, message: text };
  }
  const items = itemsOf(message);
  if (items.length > 0) return { type: 'carousel', payload: { cards: items.map(cardOf) }, message: text };
  const actions = actionsOf(message);
  if (actions.length > 0)
    return { type: 'buttons', payload: { text, buttons: actions.map(buttonOf) }, message: text };
  return { type: 'text', payload: {}, message: text };
}

function fileContent(text: string, url: string, file: Attachment, others: readonly string[]): Shown {
  const payload = { url, caption: text, file_name: file.name, size: file.bytes, pages: 1 };
  const message = [fileMessage(url, text), ...others.map((other) => fileMessage(other, ''))].join('\n');
  return { type: 'file_attachment', payload, message };
}

const cardOf = ({ title, description = '', mediaUrl = '', actions }: Item): JsonObject => ({
  image: mediaUrl,
  title,
  description,
  default_action: defaultAction(actions),
  buttons: actions.map(buttonOf),
});

function defaultAction(actions: readonly Action[]): JsonObject {
  const url = actions.find(({ uri }) => uri)?.uri ?? '';
  return {
    type: url ? 'link' : 'postback',
    postback_text: '',
    payload: { url, method: 'get', payload: null },
  };
}

const buttonOf = ({ text, uri, payload }: Action): JsonObject => ({
  label: text,
  type: uri ? 'link' : 'postback',
  postback_text: uri ? '' : text,
  payload: { url: uri ?? '', method: 'get', payload: payload ?? null },
});

/** What is answered as it is now; a comment that is gone has no words. */
function replyPayload({ payload, message }: Shown, addressOf: AddressOf, quote: Quote | null): JsonObject {
  const gone = !quote || quote.entry.message.deleted;
  const answered = gone ? null : contentOf(quote.entry.message, addressOf, null);
  return {
    text: typeof payload.text === 'string' ? payload.text : message,
    replied_comment_id: quote?.entry.at ?? payload.replied_comment_id ?? 0,
    replied_comment_message: answered?.message ?? '',
    replied_comment_sender_username: gone ? '' : quote.name,
    replied_comment_sender_email: gone ? '' : quote.email,
    replied_comment_type: answered?.type ?? 'text',
    replied_comment_payload: answered?.payload ?? {},
  };
}
