// The frame: its head, the conversation or the list below it, and what the page around it may ask.
import { letterOf } from './bubble.ts';
import { Client } from './client.ts';
import { Composer } from './composer.ts';
import { CONFIG, recall } from './config.ts';
import { el, iconButton } from './dom.ts';
import { List } from './list.ts';
import { type Message, NEW } from './model.ts';
import { type Page, pageAround } from './page.ts';
import { Thread } from './thread.ts';
import { say, speak } from './words.ts';

const BACK = 'M15 5l-7 7 7 7';
const CROSS = 'M6 6l12 12M18 6L6 18';

/** White or black, whichever is read better on it (WCAG 2.2, relative luminance). */
function inkOn(colour: string): string {
  const [r = 0, g = 0, b = 0] = [1, 3, 5].map((at) => {
    const part = Number.parseInt(colour.slice(at, at + 2), 16) / 255;
    return part <= 0.03928 ? part / 12.92 : ((part + 0.055) / 1.055) ** 2.4;
  });
  const light = 0.2126 * r + 0.7152 * g + 0.0722 * b;
  return 1.05 / (light + 0.05) >= (light + 0.05) / 0.05 ? '#ffffff' : '#000000';
}

function dress(theme: string | undefined): void {
  const { documentElement: root } = document;
  if (theme === 'light' || theme === 'dark') root.dataset.theme = theme;
  else delete root.dataset.theme;
  const { colour } = CONFIG;
  if (!colour) return;
  root.style.setProperty('--accent', colour);
  root.style.setProperty('--on-accent', inkOn(colour));
}

class Frame {
  #page: Page | null = null;
  readonly #client: Client;
  readonly #thread: Thread;
  readonly #list: List;
  readonly #composer: Composer;
  readonly #title = el('h1', { tabindex: '-1', dir: 'auto' });
  readonly #face = el('span', { class: 'face', 'aria-hidden': 'true' });
  readonly #back: HTMLButtonElement;
  readonly #state = el('p', { class: 'state', role: 'status', 'aria-live': 'polite' });
  #unread = -1;
  #view: string | null | undefined;
  #drawing = 0;

  constructor() {
    this.#client = new Client(async () => this.#page?.userToken(), {
      changed: () => this.#draw(),
      heard: (message) => this.#heard(message),
    });
    this.#thread = new Thread(this.#client);
    this.#list = new List(this.#client);
    this.#composer = new Composer(this.#client);
    this.#back = iconButton(say('back'), BACK, () => this.#client.show(null));
    this.#back.classList.add('back');
  }

  readonly verbs = {
    shown: (open: boolean) => {
      this.#client.look(open && document.visibilityState === 'visible');
      if (open) this.#focus();
    },
    send: (text: string) => {
      if (typeof text !== 'string' || text.trim() === '') throw new Error('send takes a text.');
      this.#client.say(text);
    },
    unread: () => this.#client.unread,
    identify: () => this.#client.restart(true),
    logout: async () => {
      await this.#client.restart(false);
      this.#page?.tell('known', false);
    },
    theme: (theme: string) => dress(theme),
  };

  begin(page: Page): void {
    this.#page = page;
    const alone = window.parent === window;
    document.body.append(
      el(
        'header',
        {},
        this.#back,
        this.#face,
        this.#title,
        !alone && iconButton(say('close'), CROSS, () => page.tell('close')),
      ),
      this.#state,
      el('main', {}, this.#list.element, this.#thread.element),
      this.#composer.element,
    );
    addEventListener('keydown', (event) => {
      if (event.key === 'Escape' && !event.isComposing) page.tell('close');
    });
    addEventListener('online', () => this.#client.live.hurry());
    addEventListener('offline', () => this.#client.live.lost());
    document.addEventListener('visibilitychange', () => {
      this.#client.look(document.visibilityState === 'visible' && document.hasFocus());
      this.#client.live.hurry();
    });
    addEventListener('focus', () => this.#client.look(true));
    addEventListener('dragover', (event) => event.preventDefault());
    addEventListener('drop', (event) => {
      event.preventDefault();
      this.#composer.add(event.dataTransfer?.files);
    });
    if (alone) this.#client.look(true);
    this.#draw();
    void page.userToken().then((token) => {
      if (token || this.#client.session.isKnown || recall('outbox')) this.#client.begin();
    });
    page.tell('ready');
  }

  #focus(): void {
    if (this.#client.current === null) this.#list.focus();
    else this.#composer.focus();
  }

  /** Once a turn, however much changed in it. */
  #draw(): void {
    if (this.#drawing !== 0) return;
    this.#drawing = setTimeout(() => {
      this.#drawing = 0;
      this.#drawNow();
    });
  }

  #drawNow(): void {
    const client = this.#client;
    const { current } = client;
    const talk = current === null ? null : client.talk(current);
    this.#list.element.hidden = talk !== null;
    this.#thread.element.hidden = talk === null;
    this.#composer.disabled = talk === null || talk.locked || talk.gone;
    // One conversation needs no list, and before the first there is none.
    this.#back.hidden = talk === null || client.listed.length < (CONFIG.several ? 1 : 2);
    const name = talk?.title || CONFIG.name;
    this.#title.textContent = talk === null ? say('conversations') : name;
    this.#face.textContent = letterOf(name);
    this.#face.hidden = talk === null;
    this.#state.textContent =
      client.session.isKnown && !client.live.isUp && !navigator.onLine ? say('offline') : '';
    if (talk) this.#thread.show(talk);
    else this.#list.show();
    if (this.#view !== undefined && this.#view !== current && !(this.#view === NEW && talk)) this.#focus();
    this.#view = current;
    const { unread } = client;
    if (unread !== this.#unread) this.#page?.tell('unread', unread);
    this.#unread = unread;
    if (client.listed.length > 0) this.#page?.tell('known', true);
  }

  #heard({ author, text, key }: Message): void {
    this.#thread.announce(`${author?.name ?? ''}: ${text}`);
    this.#page?.tell('message', { author: author?.name ?? null, text, key });
  }
}

const VERBS = ['shown', 'send', 'unread', 'identify', 'logout', 'theme'] as const;

async function main(): Promise<void> {
  // The page's wishes come with its channel; what it asks before the frame stands waits there.
  let stands: (frame: Frame) => void = () => undefined;
  const frame = new Promise<Frame>((resolve) => {
    stands = resolve;
  });
  const verbs = Object.fromEntries(
    VERBS.map((verb) => [
      verb,
      async (...args: never[]) => ((await frame).verbs[verb] as (...args: never[]) => unknown)(...args),
    ]),
  );
  const page = await pageAround(verbs);
  dress(page.theme);
  await speak([...(page.locale ? [page.locale] : []), ...navigator.languages]);
  document.title = CONFIG.name || say('title');
  const made = new Frame();
  made.begin(page);
  stands(made);
}

void main();
