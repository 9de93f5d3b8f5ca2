// What is to be said, in the order of writing, until the hub has it: over a lost connection, and over a reload. The client id
// of each makes saying it twice saying it once.
import type { Calls } from './calls.ts';
import { now } from './clock.ts';
import { keep, kept as keysKept, nameOf, recall } from './config.ts';
import type { Live } from './live.ts';
import { type Attached, draft, type Event, type Message, type Talk } from './model.ts';
import { Refusal } from './session.ts';
import { alone, type Chosen, dropFiles, keptFiles, newKey } from './store.ts';
import { keepUpload, send, type Upload, uploadOf } from './uploads.ts';

/** What is said beside the words. */
export interface Beside {
  payload?: Record<string, unknown>;
  type?: string;
  replyTo?: number;
}

/** As it is kept over a reload. `c` null: it begins a conversation. */
interface Kept extends Beside {
  key: string;
  /** When it was written, ms since 1970: its place in the order. */
  at: number;
  c: string | null;
  /** It begins one although there are others. */
  fresh?: boolean;
  text: string;
  /** Of those that come with it (uploads.ts). */
  files?: Attached[];
}

/** What the hub has. */
export interface Sent {
  c: string;
  text: string;
}

/** The conversations that it is said in. */
interface Around {
  talks(): Iterable<Talk>;
  changed(): void;
  /** The conversation of whoever comes back, which what was said before it was known belongs to; null: there is none. */
  home(): Promise<string | null>;
  /** Whether there is none at all, as far as this tab knows. */
  isEmpty(): boolean;
  moved(c: string): void;
  /** What had no conversation has this one. */
  opened(c: string, epoch: string): void;
  sent(what: Sent, event: Event): void;
  catchUp(c: string): Promise<void>;
}

/** Errors that pass by themselves: it is tried again. */
const PASSING = new Set(['rate_limited', 'unavailable', 'internal', 'unauthorized']);
const AGAIN_MS = 2_000;
/** Each is kept under a name of its own: other tabs keep theirs beside it. */
const NAME = 'outbox:';

export class Outbox {
  #kept: Kept[] = [];
  readonly #uploads = new Map<string, Upload>();
  readonly #calls: Calls;
  readonly #live: Live;
  readonly #around: Around;
  #begun = false;
  #flushing = false;

  constructor(calls: Calls, live: Live, around: Around) {
    this.#calls = calls;
    this.#live = live;
    this.#around = around;
  }

  /** From now on it sends; answers what waits from before, for the conversations that it is said in. */
  begin(): { c: string | null; message: Message }[] {
    this.#begun = true;
    const before = keysKept(NAME).flatMap((name) => recall<Kept>(name) ?? []);
    for (const kept of this.#kept) this.#save(kept);
    this.#kept = [...before, ...this.#kept].sort((a, b) => a.at - b.at);
    return before.sort((a, b) => a.at - b.at).map((kept) => ({ c: kept.c, message: this.#restored(kept) }));
  }

  #restored({ key, at: _, c: __, fresh: ___, text, files, ...beside }: Kept): Message {
    if (files) this.#uploads.set(key, uploadOf(keptFiles(nameOf(NAME + key)), Promise.resolve(true)));
    return draft(key, text, null, { ...beside, ...(files && { files, part: 0 }) });
  }

  /** Nothing more is sent. */
  end(): void {
    this.#begun = false;
    for (const { stop } of this.#uploads.values()) stop.abort();
  }

  put(
    talk: Talk,
    text: string,
    { files = [], fresh = false, ...beside }: Beside & { files?: Chosen[]; fresh?: boolean },
  ): void {
    const key = newKey();
    const at = Math.max(Date.now(), (this.#kept.at(-1)?.at ?? 0) + 1);
    const c = talk.isNew ? null : talk.c;
    const kept: Kept = { key, at, c, text, ...beside, ...(c === null && fresh && { fresh }) };
    const shown = files.map(({ blob, ...file }) => ({ ...file, url: URL.createObjectURL(blob) }));
    const message = draft(key, text, null, { ...beside, files: shown });
    if (files.length > 0) {
      message.part = 0;
      this.#uploads.set(key, uploadOf(Promise.resolve(files)));
      kept.files = shown.map((file) => ({ ...file, url: '' }));
    }
    talk.unsent.push(message);
    this.#kept.push(kept);
    this.#save(kept);
    this.#around.changed();
  }

  /** Once more what was refused. */
  retry(key: string): void {
    const message = this.#find(key);
    if (!message) return;
    this.#set(message, { state: 'waits' });
    void this.flush();
  }

  discard(key: string): void {
    for (const { unsent } of this.#around.talks()) {
      const index = unsent.findIndex((message) => message.key === key);
      if (index >= 0) unsent.splice(index, 1);
    }
    this.#drop(key);
    this.#around.changed();
  }

  /** Sends what waits, one after the other. */
  async flush(): Promise<void> {
    if (this.#flushing || !this.#begun) return;
    this.#flushing = true;
    try {
      for (;;) {
        // What the hub has told of it has.
        for (const { key } of this.#kept) if (!this.#find(key)) this.#drop(key);
        const next = this.#kept.find(({ key }) => this.#find(key)?.state === 'waits');
        if (!next || !this.#begun || !(await this.#sendOne(next))) break;
      }
    } finally {
      this.#flushing = false;
    }
  }

  #find(key: string): Message | undefined {
    for (const { unsent } of this.#around.talks()) {
      const message = unsent.find((each) => each.key === key);
      if (message) return message;
    }
    return undefined;
  }

  #set(message: Message, change: Partial<Message>): void {
    Object.assign(message, change);
    message.version += 1;
    this.#around.changed();
  }

  #drop(key: string): void {
    const dropped = this.#kept.find((kept) => kept.key === key);
    this.#kept = this.#kept.filter((kept) => kept !== dropped);
    this.#uploads.get(key)?.stop.abort();
    this.#uploads.delete(key);
    if (!this.#begun) return;
    keep(NAME + key, null);
    if (dropped?.files) dropFiles(nameOf(NAME + key));
  }

  #save(kept: Kept): void {
    if (!this.#begun) return;
    const { key } = kept;
    const upload = this.#uploads.get(key);
    if (!upload) return keep(NAME + key, kept);
    // What is said beside files is nothing without them.
    void keepUpload(nameOf(NAME + key), upload).then((isKept) => {
      if (!this.#begun || !this.#kept.includes(kept)) return;
      if (isKept) keep(NAME + key, kept);
      else this.#set(this.#find(key) as Message, { unkept: true });
    });
  }

  /** False: not now, and nothing behind it either. */
  #sendOne(kept: Kept): Promise<boolean> {
    // Files go up from one tab.
    return kept.files ? alone(nameOf(NAME + kept.key), () => this.#try(kept)) : this.#try(kept);
  }

  async #try(kept: Kept): Promise<boolean> {
    const { key } = kept;
    const message = this.#find(key);
    if (!message || !this.#begun) return true;
    const upload = this.#uploads.get(key);
    const ids = upload?.ids ?? [];
    try {
      if (kept.c === null && !kept.fresh) {
        const home = await this.#around.home();
        if (home) this.#belong(home, this.#around.moved);
      }
      // Another tab has sent it with its files, or given it up: of what is kept for all of them nothing is left.
      if ((await upload?.kept) && recall(NAME + key) === null) {
        this.discard(key);
        return true;
      }
      if (upload) {
        await send(this.#calls, upload, (part) => this.#set(message, { part }));
        this.#set(message, { part: null });
      }
      if (kept.c === null) await this.#open(kept, ids.length > 0);
      if (this.#find(key)) await this.#send(kept, ids);
      this.#drop(key);
      return true;
    } catch (error) {
      // Somebody has given it up.
      if ((error as Error).name === 'AbortError') return true;
      if (error instanceof Refusal && !PASSING.has(error.code)) {
        const unfit = error.code === 'invalid' && ids.length < (kept.files?.length ?? 0);
        this.#set(message, { state: 'failed', part: null, unfit });
        return true;
      }
      // Where there is no connection, whoever brings it back flushes.
      const wait = error instanceof Refusal ? error.retryAfterMs : 0;
      if (error instanceof Refusal || this.#live.isUp)
        setTimeout(() => void this.flush(), Math.max(AGAIN_MS, wait));
      return false;
    }
  }

  /**
   * A conversation for what was said before there was one; the first is the same one for all tabs. With files it is opened
   * empty: they come with a message.
   */
  async #open(kept: Kept, empty: boolean): Promise<void> {
    const { key, fresh } = kept;
    const message = saidIn(kept);
    const first = !fresh && this.#around.isEmpty();
    const body = { ...(first && { default: true }), ...(!empty && { message }) };
    const { c, epoch } = (await this.#calls.open(body, first ? undefined : key)).conversation;
    this.#belong(c, () => this.#around.opened(c, epoch));
    // The subscription tells of it; where that does not come the page does.
    if (!empty) await this.#around.catchUp(c);
  }

  /** What had no conversation has this one. */
  #belong(c: string, told: (c: string) => void): void {
    for (const waiting of this.#kept) {
      waiting.c ??= c;
      this.#save(waiting);
    }
    told(c);
  }

  async #send(kept: Kept, files: string[]): Promise<void> {
    const { key } = kept;
    const said = { ...saidIn(kept), c: kept.c as string };
    const { seq, id } = await this.#live.ask({ t: 'send', ...said, ...(files.length > 0 && { files }) });
    const attachments = this.#find(key)?.files;
    // The event comes before or after the answer; whichever is first says that it is sent.
    if (!attachments) return;
    const at = new Date(now()).toISOString();
    this.#around.sent(said, {
      seq,
      id,
      kind: 'message',
      at,
      author: null,
      markup: 'plain',
      attachments,
      ...said,
    });
  }
}

/** What the hub is told of it. */
const saidIn = ({ key, at: _, c: __, fresh: ___, files: ____, ...said }: Kept) => ({
  clientId: key,
  ...said,
});
