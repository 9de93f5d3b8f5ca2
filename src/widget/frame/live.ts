// The one socket that all of a visitor's tabs share: the tab that holds the lock has it, the others hear and speak through a
// channel between them. What frames mean is client.ts.
import { nameOf } from './config.ts';
import { Refusal, type Session } from './session.ts';

/** A frame of the hub's, or of a tab's. */
export interface Frame {
  t: string;
  // biome-ignore lint/suspicious/noExplicitAny: what each kind holds is docs/realtime.md.
  [field: string]: any;
}

type Note = { from: string } & ({ say: Frame } | { heard: Frame } | { up: boolean } | { who: true });

const FIRST_WAIT_MS = 500;
const LONGEST_WAIT_MS = 30_000;
/** An answer that takes longer is not to come: the connection is gone, whatever the browser says. */
const ANSWER_MS = 15_000;
/** After a ping something comes within this time, or nothing will. */
const PONG_MS = 10_000;

export class Live {
  /** Whether what is said now is heard. */
  isUp = false;
  #socket: WebSocket | null = null;
  #leads = false;
  #stopped = false;
  #wait = FIRST_WAIT_MS;
  #timer: ReturnType<typeof setTimeout> | undefined;
  #pings: ReturnType<typeof setInterval> | undefined;
  #silence: ReturnType<typeof setTimeout> | undefined;
  #refs = 0;
  readonly #tab = Math.random().toString(36).slice(2);
  readonly #asked = new Map<string, { resolve(frame: Frame): void; reject(error: unknown): void }>();
  #tabs: BroadcastChannel | null = null;
  readonly #session: Session;
  readonly #onFrame: (frame: Frame) => void;
  readonly #onChange: (up: boolean) => void;
  #release: (() => void) | undefined;

  constructor(session: Session, onFrame: (frame: Frame) => void, onChange: (up: boolean) => void) {
    this.#session = session;
    this.#onFrame = onFrame;
    this.#onChange = onChange;
  }

  /** Connects, now or as soon as the tab that is connected goes; stays so until `stop`. */
  start(): void {
    const name = nameOf('tabs');
    try {
      if (!navigator.locks) return this.#lead();
      this.#tabs = new BroadcastChannel(name);
    } catch {
      // In Firefox frames that may keep nothing have no channels either.
      return this.#lead();
    }
    this.#tabs.onmessage = ({ data }) => this.#noted(data as Note);
    const leading = () => {
      if (this.#stopped) return undefined;
      this.#lead();
      return new Promise<void>((resolve) => {
        this.#release = resolve;
      });
    };
    // A browser that keeps nothing for frames has no locks for them either: each tab has a socket of its own then.
    navigator.locks.request(name, leading).catch(leading);
    this.#note({ who: true });
  }

  stop(): void {
    this.#stopped = true;
    this.#leads = false;
    clearTimeout(this.#timer);
    this.#cut();
    this.#release?.();
    this.#turn(false);
    this.#tabs?.close();
    this.#tabs = null;
  }

  /** There is no network: what the socket would be told it would not hear. */
  lost(): void {
    this.#cut();
    this.#turn(false);
  }

  /** There may be a network again, or none any more: no use in waiting any longer. */
  hurry(): void {
    if (this.#socket) this.#ping();
    if (!this.#leads || this.#socket) return;
    clearTimeout(this.#timer);
    this.#wait = FIRST_WAIT_MS;
    void this.#connect();
  }

  /** The answer to a frame. Refusal: the hub's; TypeError: there is no connection. */
  ask(frame: Frame): Promise<Frame> {
    if (!this.isUp) return Promise.reject(new TypeError('no connection'));
    const ref = `${this.#tab}-${++this.#refs}`;
    return new Promise<Frame>((resolve, reject) => {
      const late = setTimeout(() => {
        this.#asked.delete(ref);
        reject(new TypeError('no answer'));
        this.#cut();
      }, ANSWER_MS);
      const before =
        <Value>(work: (value: Value) => void) =>
        (value: Value) => {
          clearTimeout(late);
          work(value);
        };
      this.#asked.set(ref, { resolve: before(resolve), reject: before(reject) });
      this.say({ ...frame, ref });
    });
  }

  /** Nobody waits for an answer. */
  say(frame: Frame): void {
    if (this.#leads) {
      if (this.#socket?.readyState === WebSocket.OPEN) this.#socket.send(JSON.stringify(frame));
    } else this.#note({ say: frame });
  }

  #lead(): void {
    this.#leads = true;
    // What was asked through a tab that is gone nobody answers.
    this.#turn(false);
    void this.#connect();
  }

  async #connect(): Promise<void> {
    let token: string;
    try {
      token = await this.#session.token();
    } catch (error) {
      if (error instanceof Refusal && error.code === 'unauthorized') this.#session.drop();
      this.#later();
      return;
    }
    if (!this.#leads || this.#socket) return;
    const socket = new WebSocket(`${location.origin.replace(/^http/, 'ws')}/realtime`, [
      'parlance.v1',
      `token.${token}`,
    ]);
    this.#socket = socket;
    this.#listen(ANSWER_MS);
    socket.onmessage = ({ data }) => {
      this.#listen(0);
      if (data !== 'pong') this.#got(JSON.parse(data as string) as Frame);
    };
    socket.onclose = ({ code }) => {
      clearInterval(this.#pings);
      this.#listen(0);
      this.#socket = null;
      // A browser does not tell why it was not let in: the token may be no good any more.
      if (code === 4401 || !this.isUp) this.#session.drop();
      this.#turn(false);
      this.#later();
    };
  }

  /** Whether or not the browser knows, nothing more comes from this socket. To close properly takes a minute on a dead line. */
  #cut(): void {
    const socket = this.#socket;
    if (!socket) return;
    const ended = socket.onclose;
    socket.onmessage = socket.onclose = null;
    socket.close();
    ended?.call(socket, new CloseEvent('close'));
  }

  /** Something comes within this time, or the line is dead. 0: it need not. */
  #listen(ms: number): void {
    clearTimeout(this.#silence);
    if (ms) this.#silence = setTimeout(() => this.#cut(), ms);
  }

  #ping(): void {
    if (this.#socket?.readyState !== WebSocket.OPEN) return;
    this.#socket.send('ping');
    this.#listen(PONG_MS);
  }

  #got(frame: Frame): void {
    if (frame.t === 'hello') {
      this.#wait = FIRST_WAIT_MS;
      this.#pings = setInterval(() => this.#ping(), frame.ping * 1000);
      this.#turn(true);
      this.#ping();
    }
    if (frame.t === 'bye') this.#wait = frame.retryAfterMs;
    this.#note({ heard: frame });
    this.#hear(frame);
  }

  #hear(frame: Frame): void {
    const { ref } = frame;
    if (ref === undefined || frame.t === 'events') {
      this.#onFrame(frame);
      return;
    }
    const call = this.#asked.get(ref);
    this.#asked.delete(ref);
    if (frame.t === 'error') call?.reject(new Refusal(frame.code, frame.message, frame.retryAfterMs));
    else call?.resolve(frame);
  }

  /** Later, and later each time; a part of it by chance, so that not all come back at once. */
  #later(): void {
    if (this.#stopped || !this.#leads) return;
    this.#timer = setTimeout(() => void this.#connect(), this.#wait * (0.5 + Math.random()));
    this.#wait = Math.min(LONGEST_WAIT_MS, this.#wait * 2);
  }

  #turn(up: boolean): void {
    if (this.#leads) this.#note({ up });
    if (!up) {
      for (const { reject } of this.#asked.values()) reject(new TypeError('no connection'));
      this.#asked.clear();
    }
    if (up !== this.isUp || up) {
      this.isUp = up;
      this.#onChange(up);
    }
  }

  #note(note: { say: Frame } | { heard: Frame } | { up: boolean } | { who: true }): void {
    this.#tabs?.postMessage({ from: this.#tab, ...note });
  }

  #noted(note: Note): void {
    if ('say' in note) {
      if (this.#leads) this.say(note.say);
    } else if ('who' in note) {
      if (this.#leads) this.#note({ up: this.isUp });
    } else if (this.#leads) {
      // What the others hear, this one heard first.
    } else if ('up' in note) this.#turn(note.up);
    else this.#hear(note.heard);
  }
}
