// The Relay: one Durable Object for each bridge to a server that hands messages on. It keeps what is said until somebody
// fetches it, tells those who listen on a WebSocket or in an answer that does not end, and holds the connection to a server
// that it listens to itself. What the messages say is the network's; whether one may come in is asked through its port.
import { DurableObject } from 'cloudflare:workers';
import { Evictor } from '../sockets/evictor.ts';
import { CLOSE, closeQuietly, sendQuietly, upgraded } from '../sockets/socket.ts';
import { LISTEN_PATH, type RelayApi, type RelayPort, type RelayStatus } from './api.ts';
import { Shelves } from './schema.ts';

/** The connection is looked at, and what the other side has kept is fetched, this often. */
const LOOK_MS = 60_000;
/** Until the first new try after a failure; each one more doubles it. */
const FIRST_PAUSE_MS = 1_000;
const LONGEST_PAUSE_MS = 60_000;
/** What could not arrive is tried again after it. */
const AGAIN_MS = 5_000;
/** Messages that are known not to be new, whichever way they come. */
const RECENT = 500;
/** A listener that reads nothing is let go when so much waits for it. */
const WAITING_MESSAGES = 1_000;
/** What one client may send before the hub has it. */
const INBOX = 5_000;
const LONGEST_MESSAGE = 1024 * 1024;

type Listener = ReadableStreamDefaultController<Uint8Array>;

export abstract class RelayObject<E = unknown> extends DurableObject<E> implements RelayApi {
  private readonly shelves: Shelves;
  private readonly evictor: Evictor;
  private readonly streams = new Set<Listener>();
  /** The connection that is kept; null: there is none now. */
  private line: WebSocket | null = null;
  private pumping: Promise<void> | null = null;
  private connecting: Promise<void> | null = null;
  private recent = new Set<string>();

  constructor(ctx: DurableObjectState, env: E) {
    super(ctx, env);
    this.shelves = new Shelves(ctx.storage.sql);
    const { EVICT_EVERY } = env as { EVICT_EVERY?: unknown };
    // An abort would cut off whoever listens: what it knows of messages that came goes.
    this.evictor = new Evictor(ctx.storage, Number(EVICT_EVERY ?? 0), () => this.recent.clear());
  }

  /** What this object does to the world. */
  protected abstract port(): RelayPort;

  // ---- what is said here ----

  async publish(message: string): Promise<void> {
    return this.evictor.during(async () => {
      for (const socket of this.ctx.getWebSockets()) sendQuietly(socket, message);
      // A stream takes messages out of the ring, as does whoever asks for them.
      if (!this.tellStreams([message])) this.shelves.push(message);
    });
  }

  async drain(): Promise<string[]> {
    return this.evictor.during(async () => this.shelves.drain());
  }

  async status(): Promise<RelayStatus> {
    return this.evictor.during(async () => {
      const { problem } = this.shelves.failures;
      const keeps = this.line !== null || problem !== null || (await this.ctx.storage.getAlarm()) !== null;
      return {
        listening: this.ctx.getWebSockets().length + this.streams.size,
        connected: keeps ? this.line !== null : null,
        problem,
        kept: this.shelves.count('ring'),
        waiting: this.shelves.count('inbox'),
      };
    });
  }

  /** Whoever listens, let in by the worker. */
  override async fetch(request: Request): Promise<Response> {
    const { pathname, searchParams } = new URL(request.url);
    if (pathname === LISTEN_PATH.websocket) {
      const { 0: client, 1: server } = new WebSocketPair();
      this.ctx.acceptWebSocket(server);
      server.serializeAttachment(searchParams.get('place') ?? '');
      sendQuietly(server, this.port().greeting());
      return upgraded(client, null);
    }
    return pathname === LISTEN_PATH.stream ? this.stream() : new Response(null, { status: 404 });
  }

  private stream(): Response {
    let listener: Listener | null = null;
    const body = new ReadableStream<Uint8Array>(
      {
        start: (controller) => {
          listener = controller;
          this.streams.add(controller);
          this.tell(controller, this.port().greeting());
          for (const message of this.shelves.drain()) this.tell(controller, message);
        },
        cancel: () => {
          if (listener) this.streams.delete(listener);
        },
      },
      { highWaterMark: WAITING_MESSAGES },
    );
    return new Response(body, {
      headers: { 'content-type': 'application/json', 'cache-control': 'no-store' },
    });
  }

  /** False: nobody heard them. */
  private tellStreams(messages: readonly string[]): boolean {
    for (const listener of this.streams) for (const message of messages) this.tell(listener, message);
    return this.streams.size > 0;
  }

  private tell(listener: Listener, message: string): void {
    try {
      if ((listener.desiredSize ?? 0) <= 0) throw new Error('nobody reads it');
      listener.enqueue(new TextEncoder().encode(`${message}\n`));
    } catch {
      this.streams.delete(listener);
      // Whoever listens again finds the rest in the ring.
      this.shelves.push(message);
      try {
        listener.close();
      } catch {
        // It was over.
      }
    }
  }

  // ---- what comes in ----

  override async webSocketMessage(socket: WebSocket, message: string | ArrayBuffer): Promise<void> {
    return this.evictor.during(async () => {
      if (typeof message !== 'string' || message.length > LONGEST_MESSAGE)
        return closeQuietly(socket, CLOSE.tooLarge, 'not a message');
      if (this.shelves.count('inbox') >= INBOX) return closeQuietly(socket, CLOSE.policy, 'too much at once');
      const shown = this.port().echoed(message, String(socket.deserializeAttachment() ?? ''));
      if (shown === null) return;
      for (const other of this.ctx.getWebSockets()) if (other !== socket) sendQuietly(other, shown);
      this.shelves.take(message);
      await this.pump();
    });
  }

  override async webSocketClose(socket: WebSocket, code: number): Promise<void> {
    closeQuietly(socket, code);
  }

  override async webSocketError(socket: WebSocket): Promise<void> {
    closeQuietly(socket, CLOSE.normal);
  }

  /** What came over the connection that is kept, or was kept for us: each once. */
  private came(message: string): void {
    if (message.length > LONGEST_MESSAGE || this.recent.has(message)) return;
    const [oldest] = this.recent;
    if (oldest !== undefined && this.recent.size >= RECENT) this.recent.delete(oldest);
    this.recent.add(message);
    this.shelves.take(message);
  }

  /** Brings what came in to the hub, one after the other; what does not arrive stays the next. */
  private pump(): Promise<void> {
    this.pumping ??= this.bring().finally(() => {
      this.pumping = null;
    });
    return this.pumping;
  }

  private async bring(): Promise<void> {
    for (let next = this.shelves.next(); next !== null; next = this.shelves.next()) {
      const arrived = await this.port()
        .arrived(next.message)
        .catch((error: unknown) => {
          console.error(JSON.stringify({ at: 'relay', relay: this.ctx.id.name, error: String(error) }));
          return false;
        });
      if (!arrived) return this.wakeIn(AGAIN_MS);
      this.shelves.done(next.id);
    }
  }

  // ---- the connection that is kept ----

  async changed(): Promise<void> {
    return this.evictor.during(async () => {
      this.shelves.failures = { times: 0, problem: null };
      this.letGo();
      // Whoever listens comes back if they still may.
      for (const socket of this.ctx.getWebSockets()) closeQuietly(socket, CLOSE.restart, 'restart');
      for (const listener of this.streams) listener.close();
      this.streams.clear();
      if (await this.port().ended()) {
        this.shelves.forget();
        await this.ctx.storage.deleteAlarm();
      } else await this.look();
    });
  }

  override async alarm(): Promise<void> {
    return this.evictor.during(async () => {
      await this.pump();
      await this.look();
    });
  }

  private look(): Promise<void> {
    this.connecting ??= this.keepConnected().finally(() => {
      this.connecting = null;
    });
    return this.connecting;
  }

  /** Connects where it should be and is not, and fetches what came meanwhile: first one, then the other, so that nothing slips through. */
  private async keepConnected(): Promise<void> {
    try {
      if (this.line === null) {
        const socket = await this.port().connect();
        if (socket === null) return;
        this.hold(socket);
      }
      for (const message of await this.port().missed()) this.came(message);
      this.shelves.failures = { times: 0, problem: null };
      await this.wakeIn(LOOK_MS);
    } catch (error) {
      const { times } = this.shelves.failures;
      this.letGo();
      this.shelves.failures = { times: times + 1, problem: (error as Error).message };
      await this.wakeIn(pauseAfter(times));
    }
    await this.pump();
  }

  private hold(socket: WebSocket): void {
    socket.accept();
    this.line = socket;
    socket.addEventListener('message', ({ data }) => {
      if (this.line !== socket || typeof data !== 'string') return;
      this.came(data);
      this.ctx.waitUntil(this.pump());
    });
    const gone = () => {
      closeQuietly(socket, CLOSE.normal);
      if (this.line !== socket) return;
      this.line = null;
      this.ctx.waitUntil(this.wakeIn(FIRST_PAUSE_MS));
    };
    socket.addEventListener('close', gone);
    socket.addEventListener('error', gone);
  }

  private letGo(): void {
    const { line } = this;
    this.line = null;
    if (line) closeQuietly(line, CLOSE.normal);
  }

  /** At least so soon. */
  private async wakeIn(ms: number): Promise<void> {
    const at = Date.now() + ms;
    const set = await this.ctx.storage.getAlarm();
    if (set === null || set > at) await this.ctx.storage.setAlarm(at);
  }
}

/** Doubled with each failure, and never the same for many at once. */
const pauseAfter = (failures: number): number => {
  const pause = Math.min(LONGEST_PAUSE_MS, FIRST_PAUSE_MS * 2 ** Math.min(failures, 10));
  return pause / 2 + Math.random() * (pause / 2);
};
