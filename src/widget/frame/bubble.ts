// One message as it is shown: words, files, cards, places, buttons, and how it stands with it.
import { formOf, isAnswered } from '../../domain/forms.ts';
import type { Client } from './client.ts';
import { el, type Item, icon } from './dom.ts';
import { asking, isPending } from './form.ts';
import type { Attached, Message, Talk } from './model.ts';
import { anchor, isSafe, plainOf, wordsOf } from './text.ts';
import { say, sizeOf, timeOf } from './words.ts';

interface Action {
  type: string;
  text: string;
  uri?: string;
  payload?: string;
  iconUrl?: string;
}
interface Card {
  title: string;
  description?: string;
  mediaUrl?: string;
  actions?: Action[];
}

const PAGE = 'M13 3H6v18h12V8zv5h5';

/** Pictures that the hub has, or that are on their way to it; from elsewhere nothing is loaded. */
const isOurs = (url: string): boolean =>
  /^(\/files\/|blob:)/.test(url) || url.startsWith(`${location.origin}/files/`);

export interface Shown {
  /** The first of several of the same person's. */
  first: boolean;
  /** The last of them. */
  last: boolean;
  /** The newest of all, whose buttons can be pressed. */
  newest: boolean;
  /** Below it stands how far it has come: sent, delivered, read. */
  mark: string | null;
}

export function bubbleItem(client: Client, talk: Talk, message: Message, shown: Shown): Item {
  const { key, version, state, part } = message;
  return {
    key,
    sign: [
      version,
      state,
      part === null,
      ...Object.values(shown),
      isPending(talk, message),
      talk.locked,
    ].join(),
    make: () => bubble(client, talk, message, shown),
    // Not anew for each part of a file: whoever is about to press "cancel" presses it.
    renew: (node) => {
      if (part !== null) node.querySelector('progress')?.setAttribute('value', String(part));
    },
  };
}

function bubble(client: Client, talk: Talk, message: Message, shown: Shown): HTMLElement {
  const { first, last, newest, mark } = shown;
  const { mine, author, at, deleted, edited } = message;
  const name = author?.name ?? '';
  const body = deleted
    ? [el('p', { class: 'faint' }, say('deleted'))]
    : [quoted(talk, message), ...typed(client, talk, message), ...message.files.map(file)];
  const below = [
    edited && !deleted && el('span', {}, say('edited')),
    last && el('time', { datetime: new Date(at).toISOString() }, timeOf(at)),
    mark !== null && el('span', { class: 'mark' }, mark),
  ];
  return el(
    'article',
    { class: `message ${mine ? 'mine' : 'theirs'}${first ? ' first' : ''} ${message.state}` },
    !mine && first && face(name, author?.avatar ?? null),
    el(
      'div',
      { class: 'column' },
      el('span', { class: mine || !first ? 'unseen' : 'name', dir: 'auto' }, mine ? say('you') : name),
      el('div', { class: `bubble ${message.type}` }, ...body),
      message.part !== null && progress(client, message),
      message.unkept && el('span', { class: 'meta' }, say('unkept')),
      below.some(Boolean) && el('span', { class: 'meta' }, ...below),
      message.state === 'failed' && failure(client, message),
      newest && !deleted && replies(client, message),
    ),
  );
}

/** A message in words alone, as it is read out. */
export function spoken(message: Message): string {
  const { author, payload, files } = message;
  const items = (payload?.items ?? payload?.actions ?? []) as Partial<Card & Action>[];
  const parts = [
    plainOf(message),
    ...(Array.isArray(items) ? items : []).map(({ title, text }) => title ?? text),
    ...files.map(({ name, bytes }) => say('file', { name, size: sizeOf(bytes) })),
  ];
  return `${author?.name ?? ''}: ${parts.filter(Boolean).join(', ')}`;
}

/** A picture of the hub's, else the first letter. */
export function face(name: string, avatar: string | null): HTMLElement {
  if (avatar && isOurs(avatar)) return el('img', { class: 'face', src: avatar, alt: '' });
  return el('span', { class: 'face', 'aria-hidden': 'true' }, letterOf(name));
}

export const letterOf = (name: string): string => [...name.trim()][0]?.toLocaleUpperCase() ?? '·';

function quoted(talk: Talk, { replyTo, type }: Message): HTMLElement | null {
  const target = replyTo === null || type === 'formResponse' ? undefined : talk.find(replyTo);
  if (!target || target.deleted) return null;
  const read = wordsOf(target);
  for (const each of read.querySelectorAll('br,li,blockquote,pre')) each.append(' ');
  const words = read.textContent.replace(/\s+/g, ' ').slice(0, 120);
  return el(
    'blockquote',
    {},
    el('cite', {}, say('quoted', { name: target.author?.name ?? '' })),
    el('span', { dir: 'auto' }, words),
  );
}

function typed(client: Client, talk: Talk, message: Message): (HTMLElement | null)[] {
  const { type, payload } = message;
  const fields = formOf(message);
  if (fields?.length && !message.mine) {
    const intro = isAnswered(message) ? message.text : payload?.text;
    return [
      intro ? el('div', { class: 'words', dir: 'auto' }, String(intro)) : null,
      asking(client, talk, message, fields),
    ];
  }
  if (type === 'carousel' || type === 'list') {
    const items = Array.isArray(payload?.items) ? (payload.items as Card[]) : [];
    if (items.length > 0)
      return [
        el('ul', { class: `cards ${type}` }, ...items.map((card) => el('li', {}, ...cardOf(client, card)))),
      ];
  }
  if (type === 'location') {
    const place = payload?.coordinates as { lat?: number; long?: number } | undefined;
    const named = payload?.location as { name?: string; address?: string } | undefined;
    if (typeof place?.lat === 'number' && typeof place.long === 'number') {
      const { lat, long } = place;
      const url = `https://www.openstreetmap.org/?mlat=${lat}&mlon=${long}#map=16/${lat}/${long}`;
      return [
        named?.name ? el('strong', { dir: 'auto' }, named.name) : null,
        named?.address ? el('span', { dir: 'auto' }, named.address) : null,
        anchor(url, say('place')),
      ];
    }
  }
  return [message.text === '' ? null : wordsOf(message)];
}

function cardOf(
  client: Client,
  { title, description, mediaUrl, actions = [] }: Card,
): (HTMLElement | null)[] {
  return [
    mediaUrl && isOurs(mediaUrl) ? el('img', { src: mediaUrl, alt: '', loading: 'lazy' }) : null,
    el('strong', { dir: 'auto' }, title),
    description ? el('span', { dir: 'auto' }, description) : null,
    ...actions.map((action) => button(client, action)),
  ];
}

/** Null: it leads nowhere, or does what this chat cannot (docs/widget.md, "Buttons"). */
function button(client: Client, { type, text, uri, payload, iconUrl }: Action): HTMLElement | null {
  if (type === 'link' || type === 'webview') return uri && isSafe(uri) ? anchor(uri, text) : null;
  if (type !== 'postback' && type !== 'reply') return null;
  // What is pressed is said: everybody in the conversation sees it, and the app learns which it was.
  const pressed = { pressed: { type, ...(payload !== undefined && { payload }) } };
  return el(
    'button',
    { type: 'button', onclick: () => client.say(text, { payload: pressed }) },
    iconUrl && isOurs(iconUrl) && el('img', { src: iconUrl, alt: '', width: '20', height: '20' }),
    text,
  );
}

/** Buttons below the newest message; pressed or passed over, they are gone. */
function replies(client: Client, { payload, mine }: Message): HTMLElement | null {
  const actions = !mine && Array.isArray(payload?.actions) ? (payload.actions as Action[]) : [];
  const shown = actions.flatMap((action) => button(client, action) ?? []);
  return shown.length > 0 ? el('div', { class: 'replies' }, ...shown) : null;
}

function file({ url, name, mime, bytes, width, height }: Attached): HTMLElement {
  if (mime.startsWith('image/') && isOurs(url)) {
    const size = width && height ? { width: String(width), height: String(height) } : {};
    const picture = el('img', { src: url, alt: say('picture', { name }), ...size });
    // What is here only until it is there opens nowhere.
    return url.startsWith('blob:')
      ? picture
      : el('a', { class: 'picture', href: url, target: '_blank', rel: 'noopener' }, picture);
  }
  const shown = [
    icon(PAGE),
    el('span', {}, el('strong', { dir: 'auto' }, name), el('span', { class: 'faint' }, sizeOf(bytes))),
  ];
  if (!isOurs(url) && !isSafe(url)) return el('span', { class: 'file' }, ...shown);
  return el('a', { class: 'file', href: url, target: '_blank', rel: 'noopener noreferrer' }, ...shown);
}

function progress(client: Client, { key }: Message): HTMLElement {
  const label = say('sending');
  return el(
    'span',
    { class: 'progress' },
    el('progress', { max: '1', 'aria-label': label }),
    el(
      'button',
      { type: 'button', class: 'plain', onclick: () => client.outbox.discard(key) },
      say('cancel'),
    ),
  );
}

/** Said at once, and once: drawn again for another reason it is no alert any more. */
function failure(client: Client, message: Message): HTMLElement {
  const { key, version, alerted, unfit } = message;
  message.alerted = version;
  return el(
    'span',
    { class: 'failure' },
    el('span', { role: alerted === version ? undefined : 'alert' }, say(unfit ? 'unfit' : 'failed')),
    el('button', { type: 'button', class: 'plain', onclick: () => client.outbox.retry(key) }, say('retry')),
    el(
      'button',
      { type: 'button', class: 'plain', onclick: () => client.outbox.discard(key) },
      say('discard'),
    ),
  );
}
