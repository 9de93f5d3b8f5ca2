// A plain client of PPMessage's socket for tests: the npm `ws` socket, every frame kept until a test takes it.
import { expect } from 'vitest';
import { WebSocket } from 'ws';

const WAIT_MS = 30_000;

// biome-ignore lint/suspicious/noExplicitAny: a test reads whatever field the frame has.
type Frame = any;

export class PcSocket {
  readonly frames: Frame[] = [];
  closed: number | null = null;
  private readonly socket: WebSocket;
  /** Whoever waits; several may at once. */
  private readonly wakers = new Set<() => void>();

  constructor(url: string) {
    this.socket = new WebSocket(`${url.replace(/^http/, 'ws')}/pcsocket/WS`);
    this.socket.on('message', (data) => {
      this.frames.push(JSON.parse(String(data)));
      this.wake();
    });
    this.socket.on('close', (code) => {
      this.closed = code;
      this.wake();
    });
    this.socket.on('error', () => undefined);
  }

  static async open(url: string): Promise<PcSocket> {
    const client = new PcSocket(url);
    await new Promise((resolve, reject) => {
      client.socket.once('open', resolve);
      client.socket.once('error', reject);
    });
    return client;
  }

  /** One that has said who it is, and was let in. */
  static async connect(url: string, auth: object): Promise<PcSocket> {
    const client = await PcSocket.open(url);
    client.say({ type: 'auth', ...auth });
    await client.next({ type: 'ACK', what: 'AUTH', code: 0 });
    return client;
  }

  say(frame: object): void {
    this.socket.send(JSON.stringify(frame));
  }

  sayBytes(bytes: Uint8Array): void {
    this.socket.send(bytes);
  }

  async end(): Promise<void> {
    this.socket.close();
    await this.until(() => (this.closed === null ? null : true));
  }

  /** The first frame like this, taken out; whatever came before it stays. */
  async next(like: object): Promise<Frame> {
    const isLike = (frame: Frame): boolean => {
      try {
        expect(frame).toMatchObject(like);
        return true;
      } catch {
        return false;
      }
    };
    const at = await this.until(() => {
      const found = this.frames.findIndex(isLike);
      return found < 0 ? null : found;
    }, like);
    return this.frames.splice(at, 1)[0];
  }

  private wake(): void {
    for (const waker of this.wakers) waker();
  }

  private async until<T>(look: () => T | null, what: object = {}): Promise<T> {
    for (;;) {
      const found = look();
      if (found !== null) return found;
      await new Promise<void>((resolve, reject) => {
        const seen = () => `no ${JSON.stringify(what)}, only ${JSON.stringify(this.frames)}`;
        const done = (finish: () => void): void => {
          clearTimeout(late);
          this.wakers.delete(woken);
          finish();
        };
        const woken = (): void => done(resolve);
        const late = setTimeout(() => done(() => reject(new Error(seen()))), WAIT_MS);
        this.wakers.add(woken);
      });
    }
  }
}
