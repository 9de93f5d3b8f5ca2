// The one script of a page that has the chat: a launcher in a shadow root, and the frame that it opens. What is said in the
// frame the page cannot see; the two talk over one channel, opened once with the frame's exact origin. Small on purpose: a
// test holds it to 3 KB.
import { style } from './style.ts';

type Verb = (...args: unknown[]) => unknown;
type Listener = (detail: unknown) => void;
/** All of it is always there: a page may have given every object an `event` or an `error`. */
interface Said {
  id?: number;
  error?: string;
  value?: unknown;
  event?: string;
  detail?: unknown;
}
/** A frame that was loaded says something within this time, or never: the browser has refused it. */
const READY_MS = 10_000;
interface Look {
  style: string;
  greeting?: string;
  welcome?: string;
}

const page = window as { Parlance?: { q?: ArrayLike<unknown>[]; host?: Node } };
// A module has no current script, and a second tag is one too many.
const script = (document.currentScript ??
  document.querySelector('script[src*="/widget.js"]')) as HTMLScriptElement;
const { origin } = new URL(script.src);
/** With nothing in it that the page may have given to every object. */
const data: DOMStringMap = Object.assign(Object.create(null), script.dataset);
const app = data.app ?? 'demo';
const label = data.label ?? 'Chat';
/** Under this name the page remembers that there is something to hear of: nothing is loaded for who only looks. */
const KNOWN = `parlance:${app}`;

const GONE = 'The chat is not on the page.';
/** Ends with the chat. */
const life = new AbortController();
const listen = (event: string, work: (event: KeyboardEvent) => void): void =>
  addEventListener(event, work as EventListener, life);

/** By event: there are no others. */
const listeners = new Map(
  ['ready', 'open', 'closed', 'unread', 'message'].map((event) => [event, new Set<Listener>()]),
);
/** What the frame was asked and has not answered. */
const waiting = new Map<number, { said: unknown; resolve: Verb; reject: Verb }>();
let asked = 0;
let frame: HTMLIFrameElement | undefined;
/** To the frame, from when it is ready. */
let channel: MessagePort | undefined;
let userToken: unknown = data.token;
let isOpen = false;
let isDressed = false;
/** What had the focus when the chat was opened. */
let opener: Element | null = null;

const make = <Name extends keyof HTMLElementTagNameMap>(
  name: Name,
  attributes: Record<string, string>,
  ...children: Node[]
): HTMLElementTagNameMap[Name] => {
  const element = document.createElement(name);
  for (const [key, value] of Object.entries(attributes)) element.setAttribute(key, value);
  element.append(...children);
  return element;
};

function icon(path: string): SVGElement {
  const svg = document.createElementNS('http://www.w3.org/2000/svg', 'svg');
  const shape = document.createElementNS('http://www.w3.org/2000/svg', 'path');
  svg.setAttribute('viewBox', '0 0 24 24');
  shape.setAttribute('d', path);
  svg.append(shape);
  return svg;
}

const host = document.createElement('parlance-chat');
const root = host.attachShadow({ mode: 'open' });
const sheet = new CSSStyleSheet();
sheet.replaceSync(style);
root.adoptedStyleSheets = [sheet];

const badge = make('span', { class: 'badge', hidden: '' });
const launcher = make(
  'button',
  { type: 'button', class: 'launcher', 'aria-label': label, 'aria-expanded': 'false' },
  icon(
    'M12 3C6.5 3 2 6.8 2 11.5c0 2.4 1 4.6 3 6L4 21.5l4.6-2c1 .4 2.2.5 3.4.5 5.5 0 10-3.8 10-8.5S17.5 3 12 3z',
  ),
  icon('M6 6l12 12M18 6L6 18'),
  badge,
);
const panel = make('div', { class: 'panel', hidden: '' });
/** Says aloud what the badge shows; while the chat is open the frame does. */
const news = make('span', { class: 'news', role: 'status' });
const box = make('section', { class: `box ${data.position}`, 'aria-label': label }, panel, launcher, news);
if ('hidden' in data) launcher.hidden = true;
root.append(box);

/** The frame's page, and a channel to it. It says when it is ready to be asked; after each time that it was loaded anew, too. */
function connect(): void {
  if (frame) return;
  isDressed || look();
  frame = make('iframe', {
    title: label,
    src: `${origin}/widget/${encodeURIComponent(app)}`,
    sandbox:
      'allow-scripts allow-forms allow-popups allow-downloads allow-same-origin allow-popups-to-escape-sandbox',
    allow: 'clipboard-write',
    referrerpolicy: 'origin',
  });
  frame.onload = () => {
    const { port1, port2 } = new MessageChannel();
    channel = undefined;
    port1.onmessage = ({ data: said }) => hear(said, port1);
    const { locale, theme } = data;
    frame?.contentWindow?.postMessage({ parlance: { locale, theme } }, origin, [port2]);
    setTimeout(() => channel ?? giveUp('The chat does not answer. May it be shown on this page?'), READY_MS);
  };
  panel.append(frame);
}

/** Nobody is left before a frame that shows nothing, on a small screen without a way out: it goes, and comes anew when it is asked. */
function giveUp(reason: string): void {
  if (isOpen) show(false).catch(() => 0);
  for (const { reject } of waiting.values()) reject(new Error(reason));
  waiting.clear();
  panel.replaceChildren();
  frame = undefined;
}

/** A word of the frame's: an answer, an event, or a question. */
function hear({ id, error, value, event, detail }: Said, port: MessagePort): void {
  if (!event) {
    const call = waiting.get(id as number);
    waiting.delete(id as number);
    if (error) call?.reject(new Error(error));
    else call?.resolve(value);
    return;
  }
  if (event === 'token') {
    new Promise((resolve) => resolve(typeof userToken === 'function' ? userToken() : userToken)).then(
      (token) => port.postMessage({ id, value: token }),
      () => port.postMessage({ id, error: true }),
    );
    return;
  }
  if (event === 'ready') {
    channel = port;
    for (const { said } of waiting.values()) port.postMessage(said);
    if (isOpen) ask('shown', true, true);
  }
  if (event === 'close') verbs.close?.();
  if (event === 'known') kept(KNOWN, detail);
  if (event === 'unread') {
    const count = (detail as number) > 99 ? '99+' : String(detail);
    const named = detail ? `${label}: ${count}` : label;
    badge.textContent = count;
    badge.hidden = !detail;
    launcher.setAttribute('aria-label', named);
    news.textContent = detail && !isOpen ? named : '';
    entitle();
  }
  // An error of the page's own is the page's.
  for (const listener of listeners.get(event) ?? []) queueMicrotask(() => listener(detail));
}

/** How many messages wait, before the page's title while nobody sees the page. */
let mark = '';
function entitle(): void {
  const own = document.title.replace(mark, '');
  mark = document.hidden && !badge.hidden ? `(${badge.textContent}) ` : '';
  document.title = mark + own;
}

function ask(verb: string, ...args: unknown[]): Promise<unknown> {
  return new Promise((resolve, reject) => {
    if (!host.isConnected) throw new Error(GONE);
    const said = structuredClone({ id: ++asked, verb, args });
    waiting.set(asked, { said, resolve, reject });
    channel?.postMessage(said);
    connect();
  });
}

/** `quietly`: whoever reads the page goes on reading. */
function show(open: boolean, quietly?: unknown): Promise<unknown> {
  const inside = root.activeElement;
  if (open) opener = document.activeElement;
  isOpen = open;
  panel.hidden = !open;
  box.classList.toggle('open', open);
  launcher.setAttribute('aria-expanded', String(open));
  hear({ event: open ? 'open' : 'closed' } as Said, null as never);
  const told = ask('shown', open, quietly);
  if (open) quietly || frame?.focus();
  else if (inside) ((launcher.hidden ? opener : launcher) as HTMLElement).focus();
  return told;
}

const verbs: Record<string, Verb> = {
  open: (quietly = false) => show(true, need(quietly, /boolean/)),
  close: () => (isOpen ? show(false) : undefined),
  toggle: () => show(!isOpen),
  show: () => {
    launcher.hidden = false;
  },
  hide: () => {
    launcher.hidden = true;
  },
  identify: (token) => {
    userToken = need(token, /string|function/);
    return ask('identify');
  },
  logout: () => {
    userToken = undefined;
    return ask('logout');
  },
  on: (event, listener) => {
    heardBy(event, listener).add(listener as Listener);
  },
  off: (event, listener) => {
    heardBy(event, listener).delete(listener as Listener);
  },
  destroy: () => {
    host.replaceWith();
    channel?.close();
    giveUp(GONE);
    delete page.Parlance;
    life.abort();
    badge.hidden = true;
    entitle();
  },
};

function need(value: unknown, kind: RegExp): unknown {
  if (kind.test(typeof value)) return value;
  throw new TypeError(`It takes a ${kind.source.replace('|', ' or a ')}.`);
}

function heardBy(event: unknown, listener: unknown): Set<Listener> {
  const known = listeners.get(event as string);
  if (!known) throw new TypeError(`There is no "${event}".`);
  need(listener, /function/);
  return known;
}

/** `Parlance('open')` and so on: docs/widget.md has the verbs. What needs the frame is asked of it. */
async function call(verb: string, ...args: unknown[]): Promise<unknown> {
  return Object.hasOwn(verbs, verb) ? (verbs[verb] as Verb)(...args) : ask(`${verb}`, ...args);
}

/** Asked again with the frame, where nobody has answered: a page may be there before its network. */
async function look(): Promise<void> {
  try {
    isDressed = true;
    dress(await (await fetch(`${origin}/widget/${encodeURIComponent(app)}/look`)).json());
  } catch {
    isDressed = false;
  }
}

function dress({ style: own, greeting: when, welcome }: Look): void {
  sheet.replaceSync(style + own);
  if (!welcome || isOpen || !(when === 'ALWAYS' || (when === 'ONCE' && !kept(`${KNOWN}:greeted`, true))))
    return;
  const greeting = make('button', { type: 'button', class: 'greeting' });
  greeting.textContent = welcome;
  greeting.onclick = () => call('open');
  verbs.on?.('open', () => {
    greeting.hidden = true;
  });
  launcher.before(greeting);
}

/** Whether the page's browser has kept this, which it keeps from now on, or not; without `keep` as it is. */
function kept(name: string, keep?: unknown): boolean {
  try {
    const before = localStorage.getItem(name) !== null;
    if (keep) localStorage.setItem(name, '1');
    else if (keep === false) localStorage.removeItem(name);
    return before;
  } catch {
    // A page that may keep nothing hears of news when it is opened.
    return false;
  }
}

/** Beside the body: pages put another in its place, and styles that move or blur the body leave it alone. */
const place = (): void => document.documentElement.append(host);

function begin(): void {
  const early = page.Parlance?.q ?? [];
  page.Parlance = Object.assign(call, { host });
  place();
  if (!document.body) listen('DOMContentLoaded', place);
  listen('visibilitychange', entitle);
  launcher.onclick = () => call('toggle');
  // Where the chat covers the page, whoever has gone on into the page sees it again.
  listen('keydown', ({ key }) => {
    if (key === 'Escape' && isOpen && !launcher.offsetWidth) call('close');
  });
  look();
  if (kept(KNOWN) || userToken) connect();
  if ('open' in data) call('open', true);
  for (const [verb, ...args] of early as [string, ...unknown[]][]) call(verb, ...args);
}

if (!page.Parlance?.host?.isConnected) begin();
