// Sockets that attached to this conversation directly (docs/realtime.md): they receive its events and signals, and send
// nothing but pings. Who may attach was decided before; the turns in which they are served are sockets/rounds.ts.
import type { EndedAmong, HeldSession } from '../domain/held-session.ts';
import type { Seq, UserNumber } from '../domain/ids.ts';
import { EVENTS_SUFFIX, eventsPrefix, helloFrame, resyncFrame } from '../sockets/frames.ts';
import { type Feed, framesOf, Rounds } from '../sockets/rounds.ts';
import { CLOSE, type Claims, closeQuietly, sendQuietly, upgraded } from '../sockets/socket.ts';
import type { Log } from './log.ts';
import type { Replay } from './reading.ts';

/** A session that ended is out within 5 s (DESIGN.md 2): what is older than this is asked again before anything is sent. */
const CHECK_EVERY_MS = 4_000;

export interface AttachedPort {
  /** Which of these sessions have ended; asked at most every few seconds. */
  endedAmong(held: HeldSession[]): Promise<EndedAmong>;
  now(): number;
}

/** A check that takes longer goes on behind the events: a directory that is away holds nobody up. */
const PATIENCE_MS = 300;

const pause = (ms: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, ms));
const report = (error: unknown): void =>
  console.error(JSON.stringify({ at: 'attached', error: String(error) }));

interface Listener {
  claims: Claims;
  /** Last seq sent. Undefined after hibernation: everything before it had been sent. */
  position: Seq | undefined;
  /**
   * The newest revocation that its session was checked against. 0: none yet, for the worker that let it in may not have
   * heard, or the object slept since.
   */
  checked: number;
}

export class Attached {
  private readonly ctx: DurableObjectState;
  private readonly port: AttachedPort;
  private readonly listeners = new Map<WebSocket, Listener>();
  private readonly rounds = new Rounds<WebSocket>();
  private feed: { epoch: string; of: Feed<WebSocket> } | null = null;
  private checkedAt = 0;
  /** Sends in order, behind a check of the sessions when one is due. */
  private sending: Promise<void> = Promise.resolve();
  private checks = 0;

  constructor(ctx: DurableObjectState, port: AttachedPort) {
    this.ctx = ctx;
    this.port = port;
    ctx.setWebSocketAutoResponse(new WebSocketRequestResponsePair('ping', 'pong'));
    for (const socket of ctx.getWebSockets()) {
      const claims = socket.deserializeAttachment() as Claims | null;
      if (claims) this.listeners.set(socket, { claims, position: undefined, checked: 0 });
    }
  }

  /** Answers the upgrade; what the log holds after the client's position comes first. */
  accept(claims: Claims, log: Log, replay: Replay): Response {
    const { 0: client, 1: server } = new WebSocketPair();
    this.ctx.acceptWebSocket(server, [`u:${claims.user}`]);
    server.serializeAttachment(claims);
    const c = log.facts.number;
    sendQuietly(server, helloFrame(claims.user, claims.card.name));
    if ('resync' in replay) sendQuietly(server, resyncFrame(c, replay.epoch, replay.seq));
    else {
      const frames = framesOf(eventsPrefix(c, replay.epoch), replay.events, EVENTS_SUFFIX);
      for (const frame of frames) sendQuietly(server, frame);
    }
    const position = 'resync' in replay ? replay.seq : replay.lastSeq;
    this.listeners.set(server, { claims, position, checked: 0 });
    return upgraded(client);
  }

  events(log: Log, from: Seq, events: string[], ended: readonly UserNumber[]): void {
    if (this.listeners.size === 0) return;
    const { epoch } = log;
    this.send(() => {
      if (this.feed?.epoch !== epoch) this.feed = { epoch, of: this.feedOf(log) };
      this.feed.of.push(from, events, this.listeners.keys());
      for (const user of ended) this.dismiss(({ claims }) => claims.user === user, CLOSE.left, 'left');
    });
  }

  signal(frame: string, except?: UserNumber): void {
    if (this.listeners.size === 0) return;
    this.send(() => {
      const sockets = [...this.listeners].filter(([, { claims }]) => claims.user !== except);
      this.rounds.cast(
        frame,
        sockets.map(([socket]) => socket),
        sendQuietly,
      );
    });
  }

  /** Attached sockets only listen. */
  received(socket: WebSocket): void {
    const message = 'This socket only listens: send on /realtime.';
    sendQuietly(socket, JSON.stringify({ t: 'error', code: 'invalid', message }));
  }

  /** Closes our side too: else each client that leaves keeps a file descriptor. */
  closed(socket: WebSocket, code: number): void {
    this.listeners.delete(socket);
    this.feed?.of.forget(socket);
    closeQuietly(socket, code);
  }

  private feedOf(log: Log): Feed<WebSocket> {
    return this.rounds.feed({
      prefix: eventsPrefix(log.facts.number, log.epoch),
      suffix: EVENTS_SUFFIX,
      send: sendQuietly,
      positionOf: (socket) => this.listeners.get(socket)?.position,
      sent: (socket, upTo) => {
        const listener = this.listeners.get(socket);
        if (listener) listener.position = upTo;
      },
    });
  }

  /** At once while the last check is fresh; else behind the next one, in order. */
  private send(work: () => void): void {
    const now = this.port.now();
    if (now - this.checkedAt >= CHECK_EVERY_MS) {
      this.checkedAt = now;
      this.checks += 1;
      this.sending = this.sending
        .then(() => Promise.race([this.check(), pause(PATIENCE_MS)]))
        .finally(() => {
          this.checks -= 1;
        });
    }
    if (this.checks > 0) this.sending = this.sending.then(work).catch(report);
    else work();
  }

  /** Sends away whose session or token has ended. A directory that is away ends nobody. */
  private async check(): Promise<void> {
    const nowSeconds = this.port.now() / 1000;
    this.dismiss(({ claims }) => claims.expiresAt <= nowSeconds, CLOSE.unauthorized, 'token expired');
    const asked = [...this.listeners.values()];
    if (asked.length === 0) return;
    try {
      const held = asked.map(({ claims, checked }) => {
        const { user, session, version } = claims;
        return { user, session, version, after: checked };
      });
      const { ended, through } = await this.port.endedAmong(held);
      const over = new Set(ended.map((place) => asked[place]));
      for (const listener of asked) listener.checked = through;
      this.dismiss((listener) => over.has(listener), CLOSE.unauthorized, 'signed out');
    } catch (error) {
      report(error);
    }
  }

  /** Everybody comes back and starts anew: the log was rebuilt, or is gone. */
  dismissAll(reason: string): void {
    this.dismiss(() => true, CLOSE.restart, reason);
  }

  private dismiss(which: (listener: Listener) => boolean, code: number, reason: string): void {
    for (const [socket, listener] of [...this.listeners]) {
      if (!which(listener)) continue;
      this.feed?.of.flush(socket);
      this.listeners.delete(socket);
      closeQuietly(socket, code, reason);
    }
  }
}
