// What is to be said, in the order of writing, until the hub has it: over a lost connection, and over a reload. The client id
// of each makes saying it twice saying it once.
import type { Calls } from './calls.ts';
import { now } from './clock.ts';
import { keep, kept as keysKept, recall } from './config.ts';
import type { Live } from './live.ts';
import { draft, type Event, type Message, type Talk } from './model.ts';
import { Refusal } from './session.ts';
import { newKey } from './store.ts';

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
}

/** What the hub has. */
export interface Sent {
  c: string;
  text: string;
}

/** A file that goes up. */
export interface Uploading {
  name: string;
  bytes: number;
  mime: string;
  blob: Blob;
}

interface Upload {
  files: Uploading[];
  /** Of those that are there. */
  ids: string[];
  stop: AbortController;
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

  /** From now on it sends; answers what waits from before. */
  begin(): readonly Kept[] {
    this.#begun = true;
    const before = keysKept(NAME).flatMap((name) => recall<Kept>(name) ?? []);
    for (const kept of this.#kept) this.#save(kept);
    this.#kept = [...before, ...this.#kept].sort((a, b) => a.at - b.at);
    return before.sort((a, b) => a.at - b.at);
  }

  /** Nothing more is sent. */
  end(): void {
    this.#begun = false;
    for (const { stop } of this.#uploads.values()) stop.abort();
  }

  put(
    talk: Talk,
    text: string,
    { files = [], fresh = false, ...beside }: Beside & { files?: Uploading[]; fresh?: boolean },
  ): void {
    const key = newKey();
    const at = Math.max(Date.now(), (this.#kept.at(-1)?.at ?? 0) + 1);
    const shown = files.map(({ blob, ...file }) => ({ ...file, url: URL.createObjectURL(blob) }));
    const message = draft(key, text, null, { ...beside, files: shown });
    if (files.length > 0) {
      message.part = 0;
      this.#uploads.set(key, { files, ids: [], stop: new AbortController() });
    }
    talk.unsent.push(message);
    const c = talk.isNew ? null : talk.c;
    const kept = { key, at, c, text, ...beside, ...(c === null && fresh && { fresh }) };
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
    this.#uploads.get(key)?.stop.abort();
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
    this.#kept = this.#kept.filter((kept) => kept.key !== key);
    this.#uploads.delete(key);
    if (this.#begun) keep(NAME + key, null);
  }

  #save(kept: Kept): void {
    // Files are not kept: what is said beside them is nothing without them.
    if (this.#begun && !this.#uploads.has(kept.key)) keep(NAME + kept.key, kept);
  }

  /** False: not now, and nothing behind it either. */
  async #sendOne(kept: Kept): Promise<boolean> {
    const message = this.#find(kept.key) as Message;
    try {
      const files = await this.#uploaded(kept.key, message);
      if (kept.c === null && !kept.fresh) {
        const home = await this.#around.home();
        if (home) this.#belong(home, this.#around.moved);
      }
      if (kept.c === null) await this.#open(kept, files.length > 0);
      if (this.#find(kept.key)) await this.#send(kept, files);
      this.#drop(kept.key);
      return true;
    } catch (error) {
      // Somebody has given it up.
      if ((error as Error).name === 'AbortError') return true;
      if (error instanceof Refusal && !PASSING.has(error.code)) {
        const upload = this.#uploads.get(kept.key);
        const unfit = error.code === 'invalid' && upload && upload.ids.length < upload.files.length;
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

  /** Their ids, when all of them are there. */
  async #uploaded(key: string, message: Message): Promise<string[]> {
    const upload = this.#uploads.get(key);
    if (!upload) return [];
    const { files, ids, stop } = upload;
    const sizeOf = (some: readonly Uploading[]) => some.reduce((all, { bytes }) => all + bytes, 0);
    for (const { blob, name, bytes } of files.slice(ids.length)) {
      const done = sizeOf(files.slice(0, ids.length));
      const told = (part: number) =>
        this.#set(message, { part: (done + part * bytes) / (sizeOf(files) || 1) });
      ids.push((await this.#calls.upload(blob, name, told, stop.signal)).id);
    }
    this.#set(message, { part: null });
    return ids;
  }

  /**
   * A conversation for what was said before there was one; the first is the same one for all tabs. With files it is opened
   * empty: they come with a message.
   */
  async #open({ key, at: _, c: __, fresh, ...said }: Kept, empty: boolean): Promise<void> {
    const message = { clientId: key, ...said };
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

  async #send({ key, at: _, fresh: __, ...kept }: Kept, files: string[]): Promise<void> {
    const said = { ...kept, c: kept.c as string, clientId: key };
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
