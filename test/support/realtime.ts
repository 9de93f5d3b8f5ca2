// A plain client of the realtime protocol for tests: the npm `ws` socket, every frame kept, none lost between two waits.
import { WebSocket } from 'ws';

/** A server's frame, parsed. Tests pick the fields that they mean. */
export interface Frame {
  t: string;
  // biome-ignore lint/suspicious/noExplicitAny: a test reads whatever field the protocol documents.
  [field: string]: any;
}

/** Hundreds of frames of one socket are done one after the other: seconds of work, of which a busy machine makes half a minute. */
const WAIT_MS = 60_000;

export class RealtimeSocket {
  readonly socket: WebSocket;
  /** Every frame since the socket opened. */
  readonly frames: Frame[] = [];
  closed: { code: number; reason: string } | null = null;
  /** HTTP status of a refused upgrade. */
  refused: number | null = null;
  private readonly taken = new Set<Frame>();
  private readonly wakers = new Set<() => void>();

  constructor(url: string, protocols: string[], headers: Record<string, string> = {}) {
    this.socket = new WebSocket(url, protocols, { headers });
    this.socket.on('message', (data) => {
      const text = String(data);
      this.frames.push(text === 'pong' ? { t: 'pong' } : (JSON.parse(text) as Frame));
      this.wake();
    });
    this.socket.on('unexpected-response', (_request, response) => {
      this.refused = response.statusCode ?? 0;
      response.resume();
      this.wake();
    });
    this.socket.on('close', (code, reason) => {
      this.closed = { code, reason: String(reason) };
      this.wake();
    });
    this.socket.on('error', () => this.wake());
  }

  send(frame: object | string | Uint8Array): void {
    const raw = typeof frame === 'string' || frame instanceof Uint8Array;
    this.socket.send(raw ? frame : JSON.stringify(frame));
  }

  /** The next frame of this kind that no earlier call took, and that `wanted` accepts. */
  next(t: string, wanted: (frame: Frame) => boolean = () => true): Promise<Frame> {
    return this.until(`a frame "${t}"`, () => {
      const frame = this.frames.find((each) => each.t === t && !this.taken.has(each) && wanted(each));
      if (frame) this.taken.add(frame);
      return frame;
    });
  }

  /** Sends a frame with a `ref` and gives the answer to it: an ack or an error. */
  private refs = 0;
  ask(frame: object): Promise<Frame> {
    const ref = `r${++this.refs}`;
    this.send({ ...frame, ref });
    return this.until(`an answer to ${JSON.stringify(frame)}`, () =>
      this.frames.find((each) => each.ref === ref),
    );
  }

  /** Seqs of every event of a conversation so far, in the order of arrival. */
  seqs(c: number | string): number[] {
    return this.events(c).map((event) => event.seq as number);
  }

  /** Every event of a conversation so far, in the order of arrival. */
  events(c: number | string): Frame[] {
    return this.frames
      .filter((frame) => frame.t === 'events' && frame.c === String(c))
      .flatMap((frame) => frame.events as Frame[]);
  }

  /** Until the event with this seq is here. */
  async event(c: number | string, seq: number): Promise<Frame> {
    return this.until(`event ${seq} of ${c}`, () => this.events(c).find((event) => event.seq === seq));
  }

  /** Until everything that the server sent before now has arrived: frames keep their order. */
  async settled(): Promise<void> {
    const before = this.frames.filter((frame) => frame.t === 'pong').length;
    this.send('ping');
    await this.until(
      'a pong',
      () => this.frames.filter((frame) => frame.t === 'pong').length > before || undefined,
    );
  }

  close(): Promise<{ code: number; reason: string }> {
    this.socket.close();
    return this.end();
  }

  /** Until the socket is closed, by whomever. */
  end(): Promise<{ code: number; reason: string }> {
    return this.until('the close', () => this.closed ?? undefined);
  }

  /** The status that the upgrade was refused with. */
  refusal(): Promise<number> {
    return this.until('a refusal', () => this.refused ?? undefined);
  }

  private wake(): void {
    for (const waker of this.wakers) waker();
  }

  private until<T>(what: string, look: () => T | undefined): Promise<T> {
    return new Promise((resolve, reject) => {
      const done = (finish: () => void): void => {
        clearTimeout(timer);
        this.wakers.delete(check);
        finish();
      };
      const check = (): void => {
        const found = look();
        if (found !== undefined) done(() => resolve(found));
        else if (this.closed && what !== 'the close') {
          done(() =>
            reject(new Error(`closed (${this.closed?.code} ${this.closed?.reason}) before ${what}`)),
          );
        }
      };
      const timer = setTimeout(
        () =>
          done(() =>
            reject(
              new Error(`no ${what} within ${WAIT_MS} ms; got ${JSON.stringify(this.frames.slice(-5))}`),
            ),
          ),
        WAIT_MS,
      );
      this.wakers.add(check);
      check();
    });
  }
}
