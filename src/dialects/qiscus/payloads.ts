// What a comment of each type must bring along, and what the log keeps of it (contracts/qiscus.md 5, "Comment types and
// payload rules"). What answers show is content.ts.
import type { FieldProblem } from '../../domain/errors.ts';
import { invalid, Refused } from '../../domain/errors.ts';
import type { Draft, Json, JsonObject } from '../../domain/model.ts';
import { type Action, type Item, MOST_ITEM_ACTIONS, MOST_ITEMS, TITLE_LENGTH } from '../../domain/rich.ts';
import { type Button, buttonsIn, type Card, cardsIn, Reading } from './payload-reading.ts';

/** Types that may be posted; a system event has a call of its own. */
export const TYPES = [
  'text',
  'account_linking',
  'buttons',
  'button_postback_response',
  'card',
  'carousel',
  'contact_person',
  'custom',
  'file_attachment',
  'location',
  'reply',
] as const;
export type CommentType = (typeof TYPES)[number];

/** What this dialect keeps with a message of its own, in `extras`. */
export interface Kept {
  /** Absent: text. */
  type?: string;
  /** The payload as answers show it; absent: `{}`. */
  payload?: JsonObject;
  /** `message` of answers where it is not the text. */
  message?: string;
  extras?: JsonObject;
  disable_link_preview?: true;
  /** The app's own server posted it, not a client (contracts/qiscus.md 8). */
  rest?: true;
  /** Of a system event: the numbers of those whom it names. */
  about?: number[];
}

export interface Content {
  draft: Pick<Draft, 'type' | 'text' | 'markup' | 'payload' | 'attachments'>;
  kept: Kept;
  /** The comment that it answers. */
  replyAt?: number;
}

const plain = (text: string, more: Partial<Content['draft']> = {}): Content['draft'] => ({
  type: 'text',
  text,
  markup: 'plain',
  ...more,
});

/** The content of a comment. Refused invalid: something is missing in the payload, or the message. */
export function contentOf(type: CommentType, given: JsonObject | null, message: string | undefined): Content {
  const reading = new Reading(given ?? {});
  const content = MAKE[type](reading, message);
  if (reading.problems.length > 0) throw refusal(reading.problems);
  return content;
}

const refusal = (problems: FieldProblem[]): Refused => new Refused(invalid('Validation error', problems));

type Make = (reading: Reading, message: string | undefined) => Content;

const MAKE: Record<CommentType, Make> = {
  text: (_, message) => ({ draft: plain(required(message)), kept: {} }),

  account_linking: (from, message = 'Account linking') => {
    const payload = from.whole('text', 'url', 'redirect_url');
    const [text, url] = [from.text('text'), from.address('url')];
    from.address('redirect_url');
    return { draft: plain(`${text}\n${url}`), kept: { type: 'account_linking', payload, message } };
  },

  buttons: (from, message) => {
    const text = from.text('text');
    const buttons = buttonsIn(from, 'buttons', true);
    const payload = { ...from.whole('text', 'buttons'), buttons: buttons.map(({ shown }) => shown) };
    const draft = plain(text, { payload: { actions: buttons.map(actionOf) as unknown as Json[] } });
    return { draft, kept: { type: 'buttons', payload, message: message ?? text } };
  },

  button_postback_response: (from, message) => ({
    draft: plain(required(message)),
    kept: { type: 'button_postback_response', payload: from.whole() },
  }),

  card: (from, message) => {
    const [card] = cardsIn(from, [from.given], 'card');
    const text = from.text('text');
    return {
      draft: carousel([card as Card], text),
      kept: { type: 'card', payload: (card as Card).shown, message: message ?? text },
    };
  },

  carousel: (from, message = '') => {
    const cards = cardsIn(from, from.list('cards'), 'cards');
    return {
      draft: carousel(cards, message),
      kept: { type: 'carousel', payload: { cards: cards.map(({ shown }) => shown) }, message },
    };
  },

  contact_person: (from, message) => {
    const [name, value] = [from.text('name'), from.text('value')];
    const kind = from.given.type ?? '';
    if (kind !== '' && kind !== 'phone' && kind !== 'email') from.refuse('type', 'must be phone or email');
    const payload = { ...from.whole('name', 'value'), type: kind === '' ? 'phone' : kind };
    return { draft: plain(message ?? `${name} - ${value}`), kept: { type: 'contact_person', payload } };
  },

  custom: (from, message = '') => {
    const name = from.text('type');
    // One client writes it under another name, and reads it there again.
    if (from.given.content === undefined && from.given.payload === undefined)
      from.refuse('content', 'is required');
    // Other doors show that there is something, and what its author says of it.
    return {
      draft: plain(message || `[${name}]`),
      kept: { type: 'custom', payload: from.whole(), message },
    };
  },

  file_attachment: (from, message) => {
    const url = from.address('url');
    const [caption, name] = [from.given.caption, from.given.file_name];
    const size = Number(from.given.size ?? 0);
    const text = typeof caption === 'string' ? caption : '';
    const attachment = {
      file: null,
      url,
      name: typeof name === 'string' && name ? name : nameIn(url),
      mime: mimeOf(typeof name === 'string' && name ? name : url),
      bytes: Number.isSafeInteger(size) && size > 0 ? size : 0,
    };
    return {
      draft: { ...plain(text), type: 'file', attachments: [attachment] },
      kept: {
        type: 'file_attachment',
        payload: from.whole('url'),
        message: message ?? fileMessage(url, text),
      },
    };
  },

  location: (from, message) => {
    const [name, address, url] = [from.text('name'), from.text('address'), from.address('map_url')];
    const [lat, long] = [from.number('latitude'), from.number('longitude')];
    const payload = { ...from.whole(), latitude: lat, longitude: long };
    const text = message ?? `${name} - ${address}\n${url}`;
    return {
      draft: plain(text, {
        type: 'location',
        payload: { coordinates: { lat, long }, location: { name, address } },
      }),
      kept: { type: 'location', payload },
    };
  },

  reply: (from, message) => {
    // Clients that say it twice, or once in either place.
    const text = from.given.text === undefined && message !== undefined ? message : from.text('text');
    const replyAt = from.number('replied_comment_id');
    return {
      draft: plain(message ?? text),
      // What the comment that is answered says now is shown with it: a copy would outlive it.
      kept: { type: 'reply', payload: { text, replied_comment_id: replyAt } },
      replyAt,
    };
  },
};

/** A file's comment as clients of before files know it. */
export const fileMessage = (url: string, caption: string): string =>
  `[file] ${url} [/file]${caption && ` ${caption}`}`;

function required(message: string | undefined): string {
  if (message === undefined) throw refusal([{ path: 'message', message: 'is required' }]);
  return message;
}

const clipped = (text: string): string => [...text].slice(0, TITLE_LENGTH).join('');

function actionOf({ label, type, url, payload }: Button): Action {
  return type === 'link'
    ? { type: 'link', text: label, uri: url }
    : { type: 'postback', text: label, payload: payload === null ? label : asText(payload) };
}

const asText = (value: Json): string => (typeof value === 'string' ? value : JSON.stringify(value));

/** A card has a button everywhere else. */
const soleAction = (title: string, url: string): Action =>
  url ? { type: 'link', text: 'Open', uri: url } : { type: 'postback', text: 'OK', payload: title };

/** Cards as every door shows them; who shows none gets their words. */
function carousel(cards: readonly Card[], intro: string): Content['draft'] {
  const items = cards.slice(0, MOST_ITEMS).map(
    ({ title, description, image, url, buttons }): Item => ({
      title: clipped(title),
      ...(description && { description: clipped(description) }),
      ...(image && { mediaUrl: image }),
      actions:
        buttons.length > 0 ? buttons.slice(0, MOST_ITEM_ACTIONS).map(actionOf) : [soleAction(title, url)],
    }),
  );
  const words = cards.map(({ title, description, url, buttons }) =>
    [title, description, url, ...buttons.flatMap((b) => (b.type === 'link' ? [`${b.label}: ${b.url}`] : []))]
      .filter(Boolean)
      .join('\n'),
  );
  return {
    type: 'carousel',
    text: [intro, ...words].filter(Boolean).join('\n\n'),
    markup: 'plain',
    payload: { items: items as unknown as Json[] },
  };
}

/** Types of files that comments carry most, by the ending of a name: it says no more than what its sender calls it. */
const MIME_TYPES: Record<string, string> = {
  gif: 'image/gif',
  jpeg: 'image/jpeg',
  jpg: 'image/jpeg',
  mp3: 'audio/mpeg',
  mp4: 'video/mp4',
  pdf: 'application/pdf',
  png: 'image/png',
  txt: 'text/plain',
  webp: 'image/webp',
  zip: 'application/zip',
};

const mimeOf = (name: string): string =>
  MIME_TYPES[/\.([a-z0-9]{1,5})(?:$|[?#])/i.exec(name)?.[1]?.toLowerCase() ?? ''] ?? '';

function nameIn(address: string): string {
  if (!URL.canParse(address)) return '';
  const url = new URL(address);
  return clipped(url.pathname.split('/').filter(Boolean).at(-1) ?? url.hostname);
}
