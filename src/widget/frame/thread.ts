// One conversation: its messages by day, who writes, and the way back in time. What one message looks like is bubble.ts.
import { bubbleItem, face } from './bubble.ts';
import type { Client } from './client.ts';
import { CONFIG } from './config.ts';
import { el, type Item, iconButton, Rows } from './dom.ts';
import { away } from './hours.ts';
import { type Message, NEW, type Talk } from './model.ts';
import { tellStatus } from './voice.ts';
import { dayOf, say, startOfDay } from './words.ts';

const DOWN = 'M12 5v14M5 12l7 7 7-7';
/** So near to the end somebody reads the newest. */
const NEAR_PX = 60;
/** Messages of one person that stand together. */
const TOGETHER_MS = 5 * 60_000;
/** At the end of a conversation so many of its messages stand on the page at most, and so many are left of more. */
const MOST = 300;
const KEPT = 200;
/** Whoever has not written for so long begins anew. */
const SPELL_MS = 60_000;

export class Thread {
  readonly element: HTMLElement;
  readonly #list = el('div', { class: 'log' });
  readonly #rows = new Rows(this.#list);
  readonly #news: HTMLElement;
  readonly #typing = el('p', { class: 'typing', role: 'status', dir: 'auto' });
  readonly #client: Client;
  #shown: string | null = null;
  #atEnd = true;
  #loading = false;
  /** What waited to be sent when it was drawn last. */
  #waited: string | undefined;
  /** After which message somebody was said to write, and when they wrote last. */
  #spell = { after: '', at: 0 };

  constructor(client: Client) {
    this.#client = client;
    this.#news = iconButton(say('newest'), DOWN, () => {
      this.toEnd();
      this.element.focus();
    });
    this.#news.classList.add('news');
    this.#news.hidden = true;
    // Not live: voice.ts says what is new in it.
    this.element = el(
      'div',
      { class: 'thread', role: 'log', 'aria-live': 'off', tabindex: '0', 'aria-label': say('title') },
      this.#list,
      this.#typing,
      this.#news,
    );
    this.element.addEventListener('scroll', () => this.#scrolled(), { passive: true });
    const resized = new ResizeObserver(() => this.#atEnd && this.toEnd());
    resized.observe(this.element);
    resized.observe(this.#list);
  }

  /** Where nothing can be written there may be something to fill in or to press. */
  focus(): void {
    const asked = this.#list.lastElementChild?.querySelector<HTMLElement>('input,select,button');
    (asked ?? this.element).focus();
  }

  show(talk: Talk): void {
    if (this.#shown !== talk.c) {
      // A conversation that has just got its number is the one that was begun here.
      if (!(this.#shown === NEW && talk.messages.length > 0)) this.#atEnd = true;
      this.#shown = talk.c;
    }
    const { element } = this;
    const held = document.hasFocus() && element.contains(document.activeElement);
    // Whoever has just gone to something further up is not taken away from it.
    if (held) this.#atEnd &&= this.#isNear();
    if (this.#atEnd && talk.messages.length > MOST) talk.trim(KEPT);
    // Nearer to the end less changes by what comes above: names, days.
    const { bottom } = element.getBoundingClientRect();
    const top = (child?: Element) => child?.getBoundingClientRect().top ?? 0;
    const looked = this.#atEnd
      ? undefined
      : [...this.#list.children].findLast((child) => top(child) < bottom);
    const before = top(looked);
    this.#rows.show(this.#items(talk));
    // What was pressed is gone, as replies are: whoever works by keyboard stays in the conversation.
    if (held && !element.contains(document.activeElement)) element.focus({ preventScroll: true });
    this.#showTyping(talk);
    this.#tellSent(talk);
    element.setAttribute('aria-busy', String(!talk.loaded));
    if (this.#atEnd) this.toEnd();
    else if (looked?.isConnected) element.scrollTop += top(looked) - before;
  }

  toEnd(): void {
    this.element.scrollTop = this.element.scrollHeight;
    this.#atEnd = true;
    this.#news.hidden = true;
    this.#client.seen();
  }

  #isNear(): boolean {
    const { scrollHeight, scrollTop, clientHeight } = this.element;
    return scrollHeight - scrollTop - clientHeight < NEAR_PX;
  }

  #scrolled(): void {
    const { element } = this;
    this.#atEnd = this.#isNear();
    this.#news.hidden = this.#atEnd;
    if (this.#atEnd) this.#client.seen();
    if (element.scrollTop < NEAR_PX) this.#earlier();
  }

  #earlier(): void {
    const talk = this.#shown === null ? undefined : this.#client.talks.get(this.#shown);
    if (this.#loading || !talk?.hasMore) return;
    this.#loading = true;
    void this.#client.earlier(talk.c).finally(() => {
      this.#loading = false;
    });
  }

  #items(talk: Talk): Item[] {
    const items: Item[] = [];
    const line = (key: string, words: string, kind = 'line') =>
      items.push({ key, sign: words, make: () => el('div', { class: kind, dir: 'auto' }, words) });
    const { messages } = talk;
    if (talk.hasMore) {
      items.push({
        key: 'earlier',
        sign: '',
        make: () =>
          el(
            'button',
            { type: 'button', class: 'earlier', onclick: () => this.#pressedEarlier() },
            say('earlier'),
          ),
      });
    } else if (CONFIG.welcome && (talk.c === NEW || talk.loaded)) {
      items.push({ key: 'welcome', sign: '', make: () => welcome() });
    }
    if (!talk.loaded && !talk.gone) line('loading', say('loading'));
    const lastMine = messages.findLast(({ mine, kind }) => mine && kind === 'message');
    messages.forEach((message, index) => {
      const [before, after] = [messages[index - 1], messages[index + 1]];
      if (!before || startOfDay(before.at) !== startOfDay(message.at))
        line(`day ${message.key}`, dayOf(message.at), 'day');
      if (talk.newFrom > 0 && message.seq === talk.newFrom) line('new', say('unread'), 'new');
      if (message.kind !== 'message') {
        line(message.key, say(message.kind, { name: message.author?.name ?? '' }));
        return;
      }
      const first = !isTogether(before, message);
      const last = !isTogether(message, after);
      const mark = message === lastMine ? this.#markOf(talk, message) : null;
      items.push(bubbleItem(this.#client, talk, message, { first, last, newest: !after, mark }));
    });
    if (talk.gone) line('gone', say('gone'));
    else if (talk.locked) line('locked', say('locked'));
    else if (talk.closed) line('closed', say('closed'));
    const absent = talk.gone || talk.locked ? null : away();
    if (absent) items.push({ key: 'away', sign: String(absent), make: () => notice(absent) });
    return items;
  }

  /** What comes stands above; the way there is read with the arrow keys. */
  #pressedEarlier(): void {
    this.element.focus({ preventScroll: true });
    this.#earlier();
  }

  /** Read out once for each message that somebody writes, however often they stop to think. */
  #showTyping(talk: Talk): void {
    const writer = [...talk.typing].find(([, until]) => until > Date.now())?.[0];
    const name = writer && talk.nameOf(writer);
    const words = writer ? (name ? say('typing', { name }) : say('typingTeam')) : '';
    const after = `${talk.c} ${talk.messages.at(-1)?.key}`;
    const now = Date.now();
    if (words !== this.#typing.textContent) {
      const isSaid = words !== '' && this.#spell.after === after && now - this.#spell.at < SPELL_MS;
      this.#typing.ariaLive = isSaid ? 'off' : 'polite';
      this.#typing.textContent = words;
    }
    if (writer) this.#spell = { after, at: now };
  }

  /** Once, when nothing waits any more. What was refused says so itself (bubble.ts). */
  #tellSent({ messages }: Talk): void {
    const waits = messages.findLast(({ state }) => state === 'waits')?.key;
    const was = this.#waited;
    this.#waited = waits;
    if (was !== undefined && !waits && messages.some(({ key, state }) => key === was && state === 'sent'))
      tellStatus(`${say('sent')}.`);
  }

  #markOf(talk: Talk, { seq, state }: Message): string | null {
    if (state === 'failed') return null;
    if (seq === null) return this.#client.live.isUp ? say('sending') : say('waiting');
    if (Math.max(0, ...talk.reads.values()) >= seq) return say('read');
    return Math.max(0, ...talk.received.values()) >= seq ? say('delivered') : say('sent');
  }
}

/** Of the same person, one soon after the other. */
const isTogether = (one: Message | undefined, other: Message | undefined): boolean =>
  one?.kind === 'message' &&
  other?.kind === 'message' &&
  one.mine === other.mine &&
  (one.mine || one.author?.id === other.author?.id) &&
  other.at - one.at <= TOGETHER_MS;

const notice = (lines: string[]): HTMLElement =>
  el('div', { class: 'away' }, ...lines.map((line) => line !== '' && el('p', { dir: 'auto' }, line)));

const welcome = (): HTMLElement =>
  el(
    'div',
    { class: 'welcome' },
    face(CONFIG.name, null),
    el('strong', { dir: 'auto' }, CONFIG.name),
    el('p', { dir: 'auto' }, CONFIG.welcome),
  );
