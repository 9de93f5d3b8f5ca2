// The frame: its head, the conversation or the list below it, and what the page around it may ask.
import { isAnswered } from '../../domain/forms.ts';
import { letterOf, spoken } from './bubble.ts';
import { Client } from './client.ts';
import { Composer } from './composer.ts';
import { CONFIG, isKeptFor, keepFor, kept, nameOf } from './config.ts';
import { el, iconButton, isComposing, isWriting } from './dom.ts';
import { onHours } from './hours.ts';
import { List } from './list.ts';
import { type Message, NEW } from './model.ts';
import { type Page, pageAround } from './page.ts';
import { isSounding, ring, setSounding } from './sound.ts';
import { forget } from './store.ts';
import { Thread } from './thread.ts';
import { tellNews, voice } from './voice.ts';
import { say, speak } from './words.ts';

const BACK = 'M15 5l-7 7 7 7';
const BELL = 'M5 17h14l-1.5-2.5V11a5.5 5.5 0 0 0-11 0v3.5zM10 20.5h4';
const CROSS = 'M6 6l12 12M18 6L6 18';

function dress(theme: string | undefined): void {
  const { documentElement: root } = document;
  if (theme === 'light' || theme === 'dark') root.dataset.theme = theme;
  else delete root.dataset.theme;
  const { colour, ink } = CONFIG;
  if (!colour) return;
  root.style.setProperty('--accent', colour);
  root.style.setProperty('--on-accent', ink);
}

/** So long after a page could not say who looks it is asked again. */
const ASK_AGAIN_MS = 5_000;

class Frame {
  readonly #page: Page;
  readonly #ended = new AbortController();
  readonly known: Promise<void>;
  readonly #client: Client;
  readonly #thread: Thread;
  readonly #list: List;
  readonly #composer: Composer;
  readonly #title = el('h1', { tabindex: '-1', dir: 'auto' });
  readonly #face = el('span', { class: 'face', 'aria-hidden': 'true' });
  readonly #back: HTMLButtonElement;
  readonly #bell = iconButton(say('sound'), BELL, () => {
    setSounding(!isSounding());
    this.#tune();
  });
  readonly #state = el('p', { class: 'state', role: 'status' });
  #unread = -1;
  #view: string | null | undefined;
  #drawing = 0;

  /** `other`: somebody else looks than whom this one is for. */
  constructor(page: Page, other: () => void) {
    this.#page = page;
    this.known = this.#whoLooks();
    const userToken = async () => {
      const token = await page.userToken();
      if (!isKeptFor(token)) other();
      return token;
    };
    this.#client = new Client(this.known, userToken, {
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
    shown: (open: boolean, quietly = false) => {
      this.#client.look(open && document.visibilityState === 'visible');
      if (open && !quietly) this.#focus();
    },
    send: async (text: string) => {
      if (typeof text !== 'string' || text.trim() === '') throw new Error('send takes a text.');
      await this.known;
      this.#client.say(text);
    },
    unread: () => this.#client.unread,
    theme: (theme: string) => {
      if (theme !== 'light' && theme !== 'dark') throw new Error('theme takes light or dark.');
      dress(theme);
    },
  };

  /** With a new token of the page's; the hub's refusal, if it is no good. */
  async enter(): Promise<void> {
    this.#client.session.drop();
    this.#client.begin();
    await this.#client.session.token();
  }

  /** Nothing of it is heard or said any more. */
  end(): void {
    this.#ended.abort();
    this.#client.end();
    clearTimeout(this.#drawing);
    this.#drawing = -1;
    document.body.replaceChildren();
  }

  async #whoLooks(): Promise<void> {
    for (;;) {
      try {
        keepFor(await this.#page.userToken());
        return;
      } catch {
        await new Promise((resolve) => setTimeout(resolve, ASK_AGAIN_MS));
      }
    }
  }

  /** `shown`: the page shows it already. */
  begin(shown: boolean): void {
    const page = this.#page;
    const { signal } = this.#ended;
    const on = (event: string, work: (event: never) => unknown) =>
      addEventListener(event, work as EventListener, { signal });
    const alone = window.parent === window;
    document.body.append(
      el(
        'header',
        {},
        this.#back,
        this.#face,
        this.#title,
        this.#bell,
        !alone && iconButton(say('close'), CROSS, () => page.tell('close')),
      ),
      this.#state,
      el('main', {}, this.#list.element, this.#thread.element),
      this.#composer.element,
      voice,
    );
    on('keydown', (event: KeyboardEvent) => {
      if (event.key === 'Escape' && !isComposing(event)) page.tell('close');
      // Safari gives no field of a frame the focus before somebody has done something in it: to write is enough.
      if (isWriting(event) && document.activeElement === document.body) this.#composer.focus();
    });
    on('online', () => this.#client.live.hurry());
    on('offline', () => {
      this.#client.live.lost();
      // The connection may have been lost before, by another tab or this one; that there is no network is news.
      this.#draw();
    });
    on('visibilitychange', () => {
      this.#client.look(document.visibilityState === 'visible' && document.hasFocus());
      this.#client.live.hurry();
      // What was to happen while nobody looked may not have.
      this.#draw();
    });
    on('focus', () => this.#client.look(true));
    const dragged = (event: DragEvent) => {
      const { dataTransfer, target } = event;
      // Words may be dropped where one writes, files anywhere.
      if (!dataTransfer?.types.includes('Files') && (target as Element).matches?.('textarea,input')) return;
      event.preventDefault();
      this.#composer.add(dataTransfer?.files);
    };
    on('dragover', dragged);
    on('drop', dragged);
    onHours(() => this.#draw());
    if (alone || shown) this.#client.look(true);
    this.#draw();
    void this.known.then(() => {
      this.#composer.restore();
      this.#tune();
      if (!isKeptFor(undefined) || this.#client.session.isKnown || kept('outbox:').length > 0)
        this.#client.begin();
    });
  }

  /** The switch of the sound shows how it is. */
  #tune(): void {
    this.#bell.ariaPressed = String(isSounding());
    this.#bell.querySelector('path')?.setAttribute('d', isSounding() ? BELL : `${BELL}M4 4l16 16`);
  }

  #focus(): void {
    if (this.#client.current === null) this.#list.focus();
    else if (this.#composer.disabled) this.#thread.focus();
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
    const held = document.activeElement !== document.body;
    const talk = current === null ? null : client.talk(current);
    this.#list.element.hidden = talk !== null;
    this.#thread.element.hidden = talk === null;
    // Something is to be pressed or filled in first.
    const last = talk?.messages.findLast(({ kind }) => kind === 'message');
    const waits = !last?.mine && last?.payload?.blockChatInput === true && !isAnswered(last);
    this.#composer.disabled = talk === null || talk.locked || talk.gone || waits;
    // One conversation needs no list, and before the first there is none.
    this.#back.hidden = talk === null || client.listed.length < (CONFIG.several ? 1 : 2);
    const name = talk?.title || CONFIG.name;
    this.#title.textContent = talk === null ? say('conversations') : name;
    this.#face.textContent = letterOf(name);
    this.#face.hidden = talk === null;
    this.#state.textContent =
      client.session.isKnown && !client.live.isUp && !navigator.onLine
        ? say('offline')
        : waits && !talk?.locked
          ? say('first')
          : '';
    if (talk) this.#thread.show(talk);
    else this.#list.show();
    const moved = this.#view !== undefined && this.#view !== current && !(this.#view === NEW && talk);
    // What had the focus may be gone: the field of a conversation that was locked, or asks for something first.
    const lost = held && !document.activeElement?.matches('body *:not([hidden] *)');
    if (document.hasFocus() && (moved || lost)) this.#focus();
    this.#view = current;
    const { unread } = client;
    if (unread !== this.#unread) this.#page.tell('unread', unread);
    this.#unread = unread;
    if (client.listed.length > 0) this.#page.tell('known', true);
  }

  #heard(message: Message): void {
    const { author, text, key } = message;
    tellNews(spoken(message));
    ring(this.#client.looking);
    this.#page.tell('message', { author: author?.name ?? null, text, key });
  }
}

const VERBS = ['shown', 'send', 'unread', 'theme'] as const;

async function main(): Promise<void> {
  let frame: Frame;
  let shown = false;
  /** What the page says in a name waits until that name is known. */
  let named: Promise<unknown> = Promise.resolve();
  const anew = (): void => {
    frame?.end();
    frame = new Frame(page, other);
    frame.begin(shown);
  };
  /** What was kept for whoever looked is not for who looks now. */
  const other = (): void => {
    forget();
    page.tell('known', false);
    anew();
  };
  // The page asks when the frame has said that it is ready.
  const verbs = Object.fromEntries(
    VERBS.map((verb) => [
      verb,
      async (...args: never[]) => {
        if (verb === 'shown') shown = args[0] as unknown as boolean;
        else await named;
        return (frame.verbs[verb] as (...args: never[]) => unknown)(...args);
      },
    ]),
  );
  const identify = async () => {
    await frame.known;
    if (!isKeptFor(await page.userToken())) other();
    await frame.enter();
  };
  const page = await pageAround({
    ...verbs,
    identify: () => {
      const identified = identify();
      named = identified.catch(() => undefined);
      return identified;
    },
    logout: () => {
      forget();
      keepFor(undefined);
      other();
    },
  });
  dress(page.theme);
  await speak([...(page.locale ? [page.locale] : []), ...navigator.languages]);
  document.title = CONFIG.name || say('title');
  // In another tab the visitor was forgotten.
  addEventListener('storage', ({ key, newValue }) => {
    if (key === nameOf('visitor') && newValue === null) other();
  });
  anew();
  page.tell('ready');
}

void main();
