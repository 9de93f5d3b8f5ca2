// The one script of a page that has the chat: a launcher in a shadow root, and the frame that it opens. What is said in the
// frame the page cannot see; the two talk over one channel, opened once with the frame's exact origin. Small on purpose: a
// test holds it to 3 KB.
import { style } from './style.ts';

type Verb = (...args: unknown[]) => unknown;
type Listener = (detail: unknown) => void;
interface Look {
  colour?: string;
  launcher?: string;
  greeting?: string;
  welcome?: string;
}

const script = document.currentScript as HTMLScriptElement;
const { origin } = new URL(script.src);
const data = { ...script.dataset };
const app = data.app ?? 'demo';
/** What the page called before this script had come. */
const early = (window as { Parlance?: { q?: ArrayLike<unknown>[] } }).Parlance?.q ?? [];
/** Under this name the page remembers that there is something to hear of: nothing is loaded for who only looks. */
const KNOWN = `parlance:${app}`;

const listeners = new Map<string, Set<Listener>>();
const waiting = new Map<number, { resolve: Verb; reject: Verb }>();
let asked = 0;
let frame: HTMLIFrameElement | null = null;
let channel: Promise<MessagePort> | null = null;
let userToken: unknown = data.token;
let isOpen = false;

const make = <Name extends keyof HTMLElementTagNameMap>(
  name: Name,
  attributes: Record<string, string>,
  ...children: Node[]
): HTMLElementTagNameMap[Name] => {
  const element = document.createElement(name);
  for (const key in attributes) element.setAttribute(key, attributes[key] as string);
  element.append(...children);
  return element;
};

function icon(path: string): SVGElement {
  const svg = document.createElementNS('http://www.w3.org/2000/svg', 'svg');
  const shape = document.createElementNS('http://www.w3.org/2000/svg', 'path');
  svg.setAttribute('viewBox', '0 0 24 24');
  svg.setAttribute('aria-hidden', 'true');
  shape.setAttribute('d', path);
  svg.append(shape);
  return svg;
}

const host = document.createElement('parlance-chat');
// Whatever the page's own styles say of every element.
for (const [name, value] of [
  ['all', 'initial'],
  ['position', 'fixed'],
  ['z-index', '2147483000'],
])
  host.style.setProperty(name as string, value as string, 'important');
const root = host.attachShadow({ mode: 'open' });
const sheet = new CSSStyleSheet();
sheet.replaceSync(style);
root.adoptedStyleSheets = [sheet];

const badge = make('span', { class: 'badge', hidden: '' });
const launcher = make(
  'button',
  { type: 'button', class: 'launcher', 'aria-label': data.label ?? 'Chat', 'aria-expanded': 'false' },
  icon(
    'M12 3C6.5 3 2 6.8 2 11.5c0 2.4 1.2 4.6 3.1 6.1L4 21.5l4.6-1.9c1.1.3 2.2.4 3.4.4 5.5 0 10-3.8 10-8.5S17.5 3 12 3z',
  ),
  icon('M6 6l12 12M18 6L6 18'),
  badge,
);
const panel = make('div', { class: 'panel', hidden: '' });
const box = make('div', { class: `box ${data.position === 'left' ? 'left' : ''}` }, panel, launcher);
if ('hidden' in data) launcher.hidden = true;
root.append(box);

/** The frame's page, and the channel to it. The frame answers when it is ready to be asked. */
function connect(): Promise<MessagePort> {
  channel ??= new Promise((resolve) => {
    frame = make('iframe', {
      title: data.label ?? 'Chat',
      src: `${origin}/widget/${encodeURIComponent(app)}`,
      sandbox: 'allow-scripts allow-forms allow-same-origin allow-popups allow-downloads',
      allow: 'clipboard-write',
      referrerpolicy: 'origin',
    });
    frame.onload = () => {
      const { port1, port2 } = new MessageChannel();
      port1.onmessage = ({ data: said }) => {
        if (said.event === 'ready') resolve(port1);
        hear(said, port1);
      };
      const { locale, theme } = data;
      frame?.contentWindow?.postMessage({ parlance: { locale, theme } }, origin, [port2]);
    };
    panel.append(frame);
  });
  return channel;
}

/** A word of the frame's: an answer, an event, or a question. */
function hear(
  said: { id?: number; error?: string; value?: unknown; event?: string; detail?: unknown },
  port: MessagePort,
) {
  const { id, event, detail } = said;
  if (event === undefined) {
    const call = waiting.get(id as number);
    waiting.delete(id as number);
    if (said.error) call?.reject(new Error(said.error));
    else call?.resolve(said.value);
    return;
  }
  if (event === 'token') {
    const token = typeof userToken === 'function' ? (userToken as Verb)() : userToken;
    Promise.resolve(token).then(
      (value) => port.postMessage({ id, value }),
      () => port.postMessage({ id }),
    );
    return;
  }
  if (event === 'close') verbs.close?.();
  if (event === 'known') remember(detail);
  if (event === 'unread') {
    badge.textContent = (detail as number) > 99 ? '99+' : String(detail);
    badge.hidden = !detail;
  }
  for (const listener of listeners.get(event) ?? []) listener(detail);
}

function remember(known: unknown): void {
  try {
    if (known) localStorage.setItem(KNOWN, '1');
    else localStorage.removeItem(KNOWN);
  } catch {
    // A page that may keep nothing hears of news when it is opened.
  }
}

async function ask(verb: string, ...args: unknown[]): Promise<unknown> {
  const port = await connect();
  return new Promise((resolve, reject) => {
    waiting.set(++asked, { resolve, reject });
    port.postMessage({ id: asked, verb, args });
  });
}

function show(open: boolean): Promise<unknown> {
  isOpen = open;
  panel.hidden = !open;
  box.classList.toggle('open', open);
  launcher.setAttribute('aria-expanded', String(open));
  hear({ event: open ? 'open' : 'closed' }, null as never);
  const told = ask('shown', open);
  if (open) frame?.focus();
  else if (!launcher.hidden) launcher.focus();
  return told;
}

const verbs: Record<string, Verb> = {
  open: () => show(true),
  close: () => (isOpen ? show(false) : undefined),
  toggle: () => show(!isOpen),
  show: () => {
    launcher.hidden = false;
  },
  hide: () => {
    launcher.hidden = true;
  },
  identify: (token) => {
    userToken = token;
    return ask('identify');
  },
  logout: () => {
    userToken = undefined;
    return ask('logout');
  },
  on: (event, listener) => {
    const known = listeners.get(event as string) ?? new Set();
    listeners.set(event as string, known.add(listener as Listener));
  },
  off: (event, listener) => {
    listeners.get(event as string)?.delete(listener as Listener);
  },
  destroy: () => host.remove(),
};

/** `Parlance('open')` and so on: docs/widget.md has the verbs. What needs the frame is asked of it. */
async function call(verb: string, ...args: unknown[]): Promise<unknown> {
  return Object.hasOwn(verbs, verb) ? (verbs[verb] as Verb)(...args) : ask(verb, ...args);
}

function dress({ colour, launcher: shape, greeting: when, welcome }: Look): void {
  if (colour) box.style.setProperty('--colour', colour);
  if (shape) box.classList.add(shape);
  if (!welcome || isOpen || !(when === 'ALWAYS' || (when === 'ONCE' && !known(`${KNOWN}:greeted`)))) return;
  const greeting = make('button', { type: 'button', class: 'greeting' });
  greeting.textContent = welcome;
  greeting.onclick = () => call('open');
  listeners.set(
    'open',
    (listeners.get('open') ?? new Set()).add(() => greeting.remove()),
  );
  box.append(greeting);
}

function known(name: string): boolean {
  try {
    const before = localStorage.getItem(name) !== null;
    if (name !== KNOWN) localStorage.setItem(name, '1');
    return before;
  } catch {
    return false;
  }
}

function begin(): void {
  document.body.append(host);
  launcher.onclick = () => call('toggle');
  fetch(`${origin}/widget/${encodeURIComponent(app)}/look`).then(
    async (answer) => dress((await answer.json()) as Look),
    () => undefined,
  );
  if (known(KNOWN) || userToken) connect();
  if ('open' in data) call('open');
  for (const [verb, ...args] of early as [string, ...unknown[]][]) call(verb, ...args);
}

Object.assign(window, { Parlance: call });
if (document.body) begin();
else document.addEventListener('DOMContentLoaded', begin);
