// The visitor's side of the conversations: what is shown stands in `talks`. What is to be said is outbox.ts. Knows no page:
// views ask, and are told that something changed.
import { Calls, type Row } from './calls.ts';
import { type Frame, Live } from './live.ts';
import { draft, type Event, type Message, NEW, type Person, Talk } from './model.ts';
import { type Beside, Outbox, type Sent } from './outbox.ts';
import { Refusal, Session } from './session.ts';
import type { Chosen } from './store.ts';
import { isToCome } from './text.ts';

const TYPING_EVERY_MS = 3_000;
const TYPING_FADES_MS = 8_000;
const AGAIN_MS = 2_000;

export class Client {
  readonly talks = new Map<string, Talk>();
  /** The conversation that is looked at; null: the list. */
  current: string | null = NEW;
  readonly session: Session;
  readonly live: Live;
  readonly outbox: Outbox;
  readonly #calls: Calls;
  readonly #changed: () => void;
  readonly #heard: (message: Message, talk: Talk) => void;
  #typedAt = 0;
  /** Whether the frame is before somebody's eyes. */
  looking = false;
  #started = false;
  readonly #known: Promise<void>;

  /** `known`: from then on it is known whom things are kept for. */
  constructor(
    known: Promise<void>,
    userToken: () => Promise<string | undefined>,
    told: { changed(): void; heard(message: Message, talk: Talk): void },
  ) {
    this.#known = known;
    this.#changed = told.changed;
    this.#heard = told.heard;
    this.session = new Session(userToken);
    this.#calls = new Calls(this.session);
    this.live = new Live(
      this.session,
      (frame) => this.#got(frame),
      (up) => this.#turned(up),
    );
    this.outbox = new Outbox(this.#calls, this.live, {
      talks: () => this.talks.values(),
      changed: told.changed,
      home: () => this.#home(),
      isEmpty: () => this.listed.length === 0,
      moved: (c) => this.#moved(c),
      opened: (c, epoch) => this.#opened(c, epoch),
      sent: (what, event) => this.#sent(what, event),
      catchUp: (c) => this.#catchUp(c),
    });
  }

  /** Whoever looks is known, or becomes so now. */
  begin(): void {
    if (this.#started) return;
    this.#started = true;
    void this.#known.then(() => {
      for (const { c, message } of this.outbox.begin()) this.talk(c ?? NEW).unsent.push(message);
      this.live.start();
      void this.outbox.flush();
    });
  }

  /** Somebody else looks from now on: whatever is under way for this one goes no further. */
  end(): void {
    this.#started = false;
    this.session.end();
    this.outbox.end();
    this.live.stop();
  }

  get unread(): number {
    let sum = 0;
    for (const { unread } of this.talks.values()) sum += unread;
    return sum;
  }

  get listed(): Talk[] {
    return [...this.talks.values()].filter(({ c, gone }) => c !== NEW && !gone).sort((a, b) => b.at - a.at);
  }

  talk(c: string): Talk {
    const known = this.talks.get(c);
    if (known) return known;
    const talk = new Talk(c);
    if (c === NEW) talk.loaded = true;
    this.talks.set(c, talk);
    return talk;
  }

  // ---- looking ----

  /** Shows a conversation, or the list (null). */
  show(c: string | null): void {
    this.current = c;
    if (c !== null && c !== NEW) void this.#load(c);
    this.#changed();
  }

  /** Whether the frame is before somebody's eyes. */
  look(looking: boolean): void {
    this.looking = looking;
    if (looking) this.seen();
  }

  /** The newest message of the conversation that is looked at was seen. */
  seen(): void {
    const talk = this.current === null ? undefined : this.talks.get(this.current);
    // Without a connection nobody would hear of it: it is said when there is one.
    if (
      !this.looking ||
      !this.live.isUp ||
      !talk ||
      talk.c === NEW ||
      !talk.loaded ||
      talk.readSeq >= talk.seq
    )
      return;
    talk.readSeq = talk.seq;
    talk.unread = 0;
    this.live.say({ t: 'read', c: talk.c, seq: talk.seq });
    this.#changed();
  }

  async earlier(c: string): Promise<void> {
    const talk = this.talks.get(c);
    if (!talk?.hasMore || talk.oldest === null) return;
    const page = await this.#calls.page(c, talk.oldest).catch(() => null);
    if (!page) return;
    for (const event of page.events) talk.take(event, this.session.me?.id ?? null);
    talk.hasMore = page.hasMore;
    this.#changed();
  }

  async #load(c: string): Promise<void> {
    const talk = this.talk(c);
    if (talk.loaded) {
      this.seen();
      return;
    }
    const page = await this.#calls.page(c, null).catch((error: unknown) => {
      if (error instanceof Refusal && error.code === 'not_found') talk.gone = true;
      return null;
    });
    if (!page) {
      if (!talk.gone) this.#again(() => this.current === c && this.#load(c));
      return this.#changed();
    }
    for (const event of page.events) talk.take(event, this.session.me?.id ?? null);
    Object.assign(talk, {
      epoch: page.epoch,
      seq: page.seq,
      readSeq: page.readSeq,
      hasMore: page.hasMore,
      loaded: true,
      newFrom: page.unread > 0 ? (page.events.find(({ seq }) => seq > page.readSeq)?.seq ?? 0) : 0,
    });
    for (const { user, seq } of page.reads) talk.reads.set(user, seq);
    this.#follow(talk);
    this.seen();
    this.#changed();
  }

  /** What did not come, while there is a connection: whoever brings one back asks anyway. */
  #again(work: () => unknown): void {
    setTimeout(() => this.live.isUp && work(), AGAIN_MS);
  }

  #follow({ c, seq, epoch }: Talk): void {
    this.live.say({ t: 'subscribe', c, since: seq, epoch });
  }

  // ---- saying ----

  /** Says it in the conversation that is looked at. */
  say(text: string, more: Beside & { files?: Chosen[] } = {}): void {
    this.outbox.put(this.talk(this.current ?? NEW), text, { ...more, fresh: this.startedNew });
    this.typed(false);
    this.begin();
    void this.outbox.flush();
  }

  typed(on = true): void {
    const { current } = this;
    if (current === null || current === NEW) return;
    const now = Date.now();
    if (on ? now - this.#typedAt < TYPING_EVERY_MS : this.#typedAt === 0) return;
    this.#typedAt = on ? now : 0;
    this.live.say({ t: 'typing', c: current, on });
  }

  /** The conversation that somebody comes back to. Somebody new has none. */
  async #home(): Promise<string | null> {
    if (!this.#isListed) await this.#list();
    return this.listed.find(({ locked }) => !locked)?.c ?? null;
  }

  #moved(c: string): void {
    const { unsent } = this.talk(NEW);
    this.talks.delete(NEW);
    this.talk(c).unsent.push(...unsent);
    if (this.current === NEW) this.show(c);
  }

  /** What was said before there was a conversation is in this one. */
  #opened(c: string, epoch: string): void {
    Object.assign(this.talk(c), { epoch, loaded: true, at: Date.now() });
    this.#moved(c);
    this.live.say({ t: 'subscribe', c, since: 0, epoch });
  }

  /** The hub has it at this place, whether or not its event has come. */
  #sent({ c, text }: Sent, event: Event): void {
    const talk = this.talk(c);
    talk.take({ ...event, author: this.session.me }, this.session.me?.id ?? null);
    talk.at = Date.now();
    talk.preview = text;
    this.#changed();
  }

  // ---- hearing ----

  #turned(up: boolean): void {
    this.#changed();
    if (!up) return;
    for (const talk of this.talks.values()) if (talk.loaded && talk.c !== NEW) this.#follow(talk);
    this.live.say({ t: 'subscribe' });
    void this.#refresh().then(() => this.outbox.flush());
  }

  async #refresh(): Promise<void> {
    const isThere = await this.#list().then(
      () => true,
      () => false,
    );
    if (!isThere) {
      this.#again(() => this.#refresh());
      return;
    }
    const [first] = this.listed;
    // Whoever comes back comes back to where they were.
    if (this.current === NEW && first && this.talk(NEW).unsent.length === 0 && !this.startedNew)
      this.show(first.c);
    else if (this.current) await this.#load(this.current);
    this.#changed();
  }

  #isListed = false;
  #listing: Promise<void> | null = null;
  /** Asks once, however many want to know. */
  #list(): Promise<void> {
    this.#listing ??= this.#calls
      .list()
      .then(({ conversations }) => {
        for (const row of conversations) this.#listedAs(row);
        this.#isListed = true;
      })
      .finally(() => {
        this.#listing = null;
      });
    return this.#listing;
  }

  /** Somebody wants a new conversation although there are others. */
  startedNew = false;

  #listedAs(row: Row): void {
    const talk = this.talk(row.c);
    Object.assign(talk, {
      title: row.title,
      locked: row.locked,
      closed: row.state === 'closed',
      people: row.people as Person[],
      gone: false,
    });
    // A list that was asked for before the news came knows nothing of them.
    if (talk.loaded && row.seq < talk.seq) return;
    talk.unread = row.c === this.current && this.looking ? 0 : row.unread;
    talk.preview = row.preview;
    talk.at = Date.parse(row.at);
  }

  #got(frame: Frame): void {
    // Another tab may hear before it is known here whose words they are: what is asked for then has them.
    if (!this.session.me) return;
    const talk = frame.c === undefined ? undefined : this.talks.get(frame.c);
    switch (frame.t) {
      case 'events':
        this.#events(frame, talk);
        break;
      case 'read':
      case 'delivered': {
        if (!talk) return;
        if (frame.user === this.session.me?.id) {
          // Read in another tab; more may have come since.
          if (frame.t === 'read' && (talk.loaded || frame.seq >= talk.seq))
            talk.unread = Math.min(talk.unread, talk.after(frame.seq));
          talk.readSeq = Math.max(talk.readSeq, frame.t === 'read' ? frame.seq : 0);
          break;
        }
        const marks = frame.t === 'read' ? talk.reads : talk.received;
        marks.set(frame.user, Math.max(marks.get(frame.user) ?? 0, frame.seq));
        break;
      }
      case 'typing':
        if (!talk || frame.user === this.session.me?.id) return;
        if (frame.on) {
          talk.typing.set(frame.user, Date.now() + TYPING_FADES_MS);
          setTimeout(() => this.#changed(), TYPING_FADES_MS + 50);
        } else talk.typing.delete(frame.user);
        break;
      case 'resync':
      case 'cleared':
        if (!talk) return;
        talk.reset();
        void this.#load(frame.c);
        break;
      case 'deleted':
        if (talk) talk.gone = true;
        break;
      default:
        return;
    }
    this.#changed();
  }

  #events({ epoch, events }: Frame, talk: Talk | undefined): void {
    if (!talk || (talk.epoch === undefined && !talk.loaded)) {
      // One that began elsewhere, or was not looked at yet: the list says how it stands.
      if (
        talk &&
        events.some(({ kind, author }: Event) => kind === 'message' && author?.id !== this.session.me?.id)
      ) {
        talk.unread += 1;
        const last = events.at(-1) as Event;
        this.#heard(draft('', last.text ?? '', last.author), talk);
      }
      void this.#relist();
      return;
    }
    talk.epoch = epoch;
    for (const event of events as Event[]) {
      if (event.seq <= talk.seq && talk.find(event.seq)) continue;
      if (event.seq > talk.seq + 1) return this.#follow(talk);
      this.#take(talk, event);
      talk.seq = Math.max(talk.seq, event.seq);
    }
    this.seen();
  }

  /** The newest page, where events may not have come yet. */
  async #catchUp(c: string): Promise<void> {
    const talk = this.talk(c);
    const page = await this.#calls.page(c, null);
    for (const event of page.events) this.#take(talk, event);
    talk.seq = Math.max(talk.seq, page.seq);
    this.#changed();
  }

  /** What is asked for in another markup is not shown before. */
  async #inBbcode(talk: Talk, seq: number): Promise<void> {
    const page = await this.#calls.page(talk.c, seq + 1, 1).catch(() => null);
    if (!page && this.#started) setTimeout(() => this.#inBbcode(talk, seq), AGAIN_MS);
    for (const event of page?.events ?? []) this.#take(talk, event);
    this.#changed();
  }

  #take(talk: Talk, event: Event): void {
    const me = this.session.me?.id ?? null;
    const isNews = talk.take(event, me);
    const inBbcode = isToCome(event.markup, event.text) && this.#inBbcode(talk, event.target ?? event.seq);
    if (event.kind !== 'message') return;
    talk.at = Date.parse(event.at);
    talk.preview = event.text ?? '';
    if (!isNews) return;
    const isSeen = this.looking && this.current === talk.c;
    if (!isSeen) {
      talk.unread += 1;
      if (talk.newFrom <= talk.readSeq) talk.newFrom = event.seq;
    }
    const tell = () => this.#heard(talk.find(event.seq) as Message, talk);
    if (inBbcode) void inBbcode.then(tell);
    else tell();
  }

  #relisting: ReturnType<typeof setTimeout> | undefined;
  #relist(): void {
    clearTimeout(this.#relisting);
    this.#relisting = setTimeout(async () => {
      // What is asked already may be from before the news.
      await this.#listing?.catch(() => undefined);
      await this.#list().catch(() => undefined);
      this.#changed();
    }, 100);
  }
}
