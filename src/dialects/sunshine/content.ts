// Message contents on their way: the draft that a posted content becomes, and what an answer shows of any message.
// What may be posted is content-body.ts; authors, sources and quotes are render.ts.
import { FORM_RESPONSE, isAnswered } from '../../domain/forms.ts';
import type { Attachment, Draft, Json, JsonObject, Message } from '../../domain/model.ts';
import { actionsOf, itemsOf, placeOf, pressedIn } from '../../domain/rich.ts';
import { convert } from '../../text/convert.ts';
import type { ContentBody, Items, MediaBody } from './content-body.ts';
import { codePoints, TEXT_LENGTH } from './fields.ts';
import { attachmentOf } from './linked-file.ts';
import { isOwnPath } from './media.ts';
import { fittingPayload, withoutUnset } from './payloads.ts';

type AddressOf = (attachment: Attachment) => string;

/** What of a draft follows from the content. */
export type ContentDraft = Pick<Draft, 'type' | 'text' | 'markup' | 'payload' | 'attachments'>;

/**
 * A content as the log keeps it: a text that every other door can show, and the typed rest as payload. Uploads, which
 * `withOwnMedia` has named by path, become attachments when the message is posted; addresses elsewhere are one here.
 * Null: the markdown's HTML would be longer than any HTML text may be.
 */
export function draftOf(content: ContentBody): ContentDraft | null {
  switch (content.type) {
    case 'text':
    case 'image':
    case 'file':
      return richDraft(content);
    case 'carousel':
    case 'list':
      return {
        type: content.type,
        text: itemsAsText(content.items),
        markup: 'plain',
        payload: payloadOf(content),
      };
    case 'location':
      return {
        type: 'location',
        text: `Location shared:\nhttps://maps.google.com/maps?q=${content.coordinates.lat},${content.coordinates.long}`,
        markup: 'plain',
        payload: payloadOf(content),
      };
    case 'form': {
      const { text: intro, ...rest } = content;
      const given = { ...rest, submitted: false, ...(intro && { text: intro }) };
      const labels = content.fields.map((field) => field.label);
      return {
        type: 'form',
        text: [...(intro ? [intro] : []), ...labels].join('\n'),
        markup: 'plain',
        payload: payloadOf(given),
      };
    }
    case 'template': {
      const { name } = content.template as { name?: unknown };
      // A template goes to its channel as it is: nulls inside are its author's.
      const rest = payloadOf({ type: 'template', blockChatInput: content.blockChatInput });
      const payload = { ...rest, template: content.template as JsonObject };
      return {
        type: 'template',
        text: typeof name === 'string' ? `[${name}]` : '[template]',
        markup: 'plain',
        payload,
      };
    }
  }
}

function richDraft(content: Extract<ContentBody, { type: 'text' | 'image' | 'file' }>): ContentDraft | null {
  const { text: plain, htmlText, markdownText, ...rest } = content;
  const [body, markup] = htmlText
    ? ([htmlText, 'html'] as const)
    : markdownText
      ? ([markdownText, 'markdown'] as const)
      : ([plain ?? '', 'plain'] as const);
  if (markup === 'markdown' && codePoints(convert(body, 'markdown', 'html')) > TEXT_LENGTH) return null;
  // A plain text beside one with markup is its author's own wording and wins over a conversion.
  const given = markup !== 'plain' && plain ? { ...rest, text: plain } : rest;
  if (given.type === 'text') {
    return { type: 'text', text: body, markup, payload: payloadOf(given) };
  }
  if (isOwnPath((given as MediaBody).mediaUrl))
    return { type: given.type, text: body, markup, payload: payloadOf(given) };
  const attachment = attachmentOf(given as MediaBody);
  const payload = {
    ...payloadOf(given),
    altText: attachment.name,
    ...(attachment.mime && { mediaType: attachment.mime }),
  };
  return { type: given.type, text: body, markup, payload, attachments: [attachment] };
}

/** Everything but the type, which the draft names; null where nothing is left. */
function payloadOf({ type: _, ...rest }: { type: string; [field: string]: unknown }): JsonObject | null {
  const payload = withoutUnset(rest) as JsonObject;
  return Object.keys(payload).length > 0 ? payload : null;
}

/** Items as a text for whoever shows no cards: number and title, description, links (the vendor's own fallback). */
function itemsAsText(all: Items): string {
  return all
    .map((entry, index) => {
      const links = entry.actions.flatMap((action) =>
        'uri' in action ? [`${action.text}: ${action.uri}`] : [],
      );
      return [
        `${index + 1}. ${entry.title}`,
        ...(entry.description ? [entry.description] : []),
        ...links,
      ].join('\n');
    })
    .join('\n\n');
}

/** Contents whose `text` an answer computes: a fallback that nobody wrote. */
const TYPED: ReadonlySet<string> = new Set([
  'image',
  'file',
  'carousel',
  'list',
  'location',
  'form',
  'template',
]);

/**
 * The content of any message, whichever door it came through. `addressOf`: where a file can be read; `wholeAt`: where
 * the whole text can be, should it be too long here.
 * What this dialect has no form for is shown as text, for clients refuse a type that they do not know.
 */
export function renderContent(message: Message, addressOf: AddressOf, wholeAt?: string): JsonObject {
  // Nothing of the fields that a type needs is left: a picture without an address would be refused by clients.
  if (message.deleted) return { type: 'text', text: '' };
  const own = message.door === 'sunshine' ? fittingPayload(message, addressOf) : null;
  if (own && TYPED.has(message.type)) return renderTyped(message, own, wholeAt);
  const [first, ...others] = message.attachments ?? [];
  if (message.type === FORM_RESPONSE) return renderAnswer(message, wholeAt);
  // One message carries one file here: the rest are named in the text, so that nothing is out of reach.
  const addresses = others.map((attachment) => addressOf(attachment));
  const content = renderText(message, addresses, wholeAt);
  if (!first)
    return { ...(typedByOthers(message) ?? { type: 'text', ...buttonsOf(message, own) }), ...content };
  return {
    type: first.mime.startsWith('image/') ? 'image' : 'file',
    mediaUrl: addressOf(first),
    ...(first.name && { altText: [...first.name].slice(0, 128).join('') }),
    ...(first.mime && { mediaType: first.mime }),
    ...(first.bytes > 0 && { mediaSize: first.bytes }),
    ...(content.text ? content : {}),
  };
}

/** What somebody answered to a form: only the hub's own door takes that, and what it takes it has checked. */
const renderAnswer = (message: Message, wholeAt?: string): JsonObject => ({
  type: FORM_RESPONSE,
  fields: message.payload?.fields ?? [],
  textFallback: renderText(message, [], wholeAt).text as string,
});

/** Cards and places of another door, in the forms that every door reads. */
function typedByOthers(message: Message): JsonObject | null {
  const place = placeOf(message);
  if (place) return { type: 'location', ...place } as unknown as JsonObject;
  const items = itemsOf(message);
  return items.length > 0 ? ({ type: 'carousel', items } as unknown as JsonObject) : null;
}

/** Buttons and the like of a text; of one that came through another door those that every door knows. */
function buttonsOf(message: Message, own: JsonObject | null): JsonObject {
  if (message.door !== 'sunshine') {
    const actions = actionsOf(message);
    const pressed = pressedIn(message);
    return {
      ...(actions.length > 0 && ({ actions } as unknown as JsonObject)),
      ...(pressed !== null && { payload: pressed }),
    };
  }
  const { text: _, ...rest } = own ?? {};
  return rest;
}

function renderTyped(message: Message, shown: JsonObject, wholeAt?: string): JsonObject {
  const { text: intro, ...payload } = shown;
  switch (message.type) {
    case 'form':
      return {
        type: 'form',
        ...payload,
        submitted: isAnswered(message),
        ...(typeof intro === 'string' && { text: intro }),
      };
    case 'template':
      return { type: 'template', ...payload };
    default: {
      const rich = renderText(message, [], wholeAt);
      return { type: message.type, ...payload, ...(rich.text ? rich : {}) };
    }
  }
}

/**
 * The text of a message in the forms that this dialect has. A text beyond what clients decode is cut and marked, with
 * its length in `fullTextLength` and the way to all of it in `fullTextUrl`; its HTML, which cannot be cut, is left out.
 */
function renderText(message: Message, addresses: string[], wholeAt?: string): Record<string, Json> {
  const whole = plainText(message, addresses);
  const length = codePoints(whole);
  const html = htmlOf(message);
  const cut = length > TEXT_LENGTH;
  const htmlFits = html !== null && codePoints(html) <= TEXT_LENGTH;
  return {
    text: cut ? `${[...whole].slice(0, TEXT_LENGTH - 1).join('')}…` : whole,
    ...(cut && { fullTextLength: length }),
    ...((cut || (html !== null && !htmlFits)) && wholeAt !== undefined && { fullTextUrl: wholeAt }),
    ...(htmlFits && { htmlText: html }),
  };
}

/** The whole text of a message, however long: what readers see, what its author wrote, and as HTML where it has markup. */
export function renderWholeText(message: Message, addressOf: AddressOf): JsonObject {
  const isTyped = message.door === 'sunshine' && TYPED.has(message.type);
  const others = isTyped ? [] : (message.attachments ?? []).slice(1);
  const html = htmlOf(message);
  return {
    text: plainText(
      message,
      others.map((attachment) => addressOf(attachment)),
    ),
    markup: message.markup,
    source: message.text,
    ...(html !== null && { htmlText: html }),
  };
}

function plainText(message: Message, addresses: readonly string[]): string {
  const own = message.payload?.text;
  // An edit made elsewhere changes the text with markup only: the author's plain wording is out of date then.
  const isCurrent = !message.editedAt || message.editedThrough === 'sunshine';
  const plain =
    message.door === 'sunshine' && typeof own === 'string' && isCurrent
      ? own
      : convert(message.text, message.markup, 'plain');
  return [plain, ...addresses].filter(Boolean).join('\n');
}

/** Null where there is no markup, or nothing in it. */
const htmlOf = (message: Message): string | null =>
  message.markup === 'html' || message.markup === 'markdown' ? asHtml(message) || null : null;

/**
 * HTML of a text. What an app credential wrote comes back as written; HTML from any other door is made harmless, also where it
 * is an edit, because who reads it here may put it into a page. A person's own was made so when it came (`tamed`).
 */
function asHtml(message: Message): string {
  const { door, text, markup, editedAt, editedThrough } = message;
  if (markup !== 'html') return convert(text, markup, 'html');
  const isOurs = door === 'sunshine' && (!editedAt || editedThrough === 'sunshine');
  return isOurs ? text : harmless(text);
}

/** Through a markup without tags: what that cannot say is text. */
const harmless = (html: string): string => convert(convert(html, 'html', 'markdown'), 'markdown', 'html');

/** The content as somebody may post it whom a page of other people's must not trust. */
export const tamed = (content: ContentBody): ContentBody =>
  'htmlText' in content && content.htmlText ? { ...content, htmlText: harmless(content.htmlText) } : content;
