// What keeps an Inbox alive: its parts put together, its sockets taken in and let go, and its rest. What conversations
// and the hub ask of it is object.ts.
import { DurableObject } from 'cloudflare:workers';
import type { GateApi, GateHost } from '../domain/gate.ts';
import type { AppNumber, ConversationNumber, Seq, UserNumber } from '../domain/ids.ts';
import { Evictor } from '../sockets/evictor.ts';
import { byeFrame, helloFrame } from '../sockets/frames.ts';
import { Rounds } from '../sockets/rounds.ts';
import { CLOSE, type Claims, claimsOf, closeQuietly, upgraded } from '../sockets/socket.ts';
import { Connection, type Sink } from './connection.ts';
import { Presence, type SavedTouches, Touches } from './presence.ts';
import { Remote, type RemoteHost } from './remote.ts';
import { Revoked, type SavedRevoked } from './revoked.ts';
import { type SavedSeen, Seen } from './seen.ts';
import { type Replay, Streams } from './streams.ts';
import { Table } from './table.ts';

/**
 * After so long without anything new, what must survive hibernation is written down: one row, and what the platform
 * keeps with each socket. It puts nobody to sleep sooner than after 10 s, nor while a timer is set.
 */
const REST_AFTER_MS = 5_000;

/** The platform's own limit for one object is 32,768; memory ends earlier (contracts/platform.md 2.2). */
const MAX_SOCKETS = 30_000;

/** One person's phones, pages and programs. More are a client that leaks them, or one that wants our memory. */
const MAX_SOCKETS_OF_ONE = 20;
/** Who lost their place to a newer socket of their own does better not to take it back at once. */
const CROWDED_OUT_MS = 60_000;

/** Clients told to come back spread over so long, so that they do not all come at once. */
const EXPIRED_SPREAD_MS = 1_000;

/** The one row: what the memory held when it last came to rest. */
const REST = 'rest';
interface Rest {
  seen: SavedSeen;
  touches: SavedTouches;
}
/** Beside it: who must not come back. Written at once and without the marks, which may run ahead of the sockets. */
export const REVOKED = 'revoked';

export abstract class InboxSockets<E = unknown> extends DurableObject<E> {
  protected rounds!: Rounds<Connection>;
  protected table!: Table;
  protected presence!: Presence;
  private seen!: Seen;
  protected touches!: Touches;
  protected revoked!: Revoked;
  protected streams!: Streams;
  protected readonly evictor: Evictor;
  protected restAfterMs = REST_AFTER_MS;
  protected readonly remotes = new Map<string, Remote>();
  private busyAt = 0;
  private resting = true;

  constructor(ctx: DurableObjectState, env: E) {
    super(ctx, env);
    ctx.setWebSocketAutoResponse(new WebSocketRequestResponsePair('ping', 'pong'));
    const { EVICT_EVERY } = env as { EVICT_EVERY?: unknown };
    this.evictor = new Evictor(ctx.storage, Number(EVICT_EVERY ?? 0), () => this.sleep());
    this.wake();
  }

  /** Memory as the platform's sockets and the two rows say it was. */
  protected wake(): void {
    const { ctx } = this;
    this.rounds = new Rounds();
    this.table = new Table();
    this.presence = new Presence(this.table, this.rounds);
    this.remotes.clear();
    for (const remote of Remote.kept(this.remoteHost)) this.remotes.set(remote.name, remote);
    for (const sink of [...ctx.getWebSockets(), ...this.remotes.values()]) {
      const connection = Connection.of(sink, this.pingedAt);
      if (!connection) continue;
      this.table.add(connection);
      if (connection.watching.length > 0) this.presence.watch(connection, connection.watching);
    }
    const rest = ctx.storage.kv.get<Rest>(REST);
    // Without sockets there was nobody to hand anything to since: old marks would only look like gaps.
    this.seen = new Seen(this.table.size > 0 ? rest?.seen : []);
    this.touches = new Touches(rest?.touches);
    this.revoked = new Revoked(ctx.storage.kv.get<SavedRevoked>(REVOKED));
    this.streams = new Streams({
      rounds: this.rounds,
      seen: this.seen,
      table: this.table,
      refetch: (c, since, epoch) => this.refetch(this.app(), c, since, epoch),
    });
  }

  /** A text frame of a client. Must not throw; must keep the order of the frames of one socket. */
  protected abstract received(connection: Connection, text: string): void;

  /** A frame that is not text. */
  protected abstract receivedBinary(connection: Connection): void;

  /** What conversation `c` holds after `since`, asked by the hub itself: a delivery was lost on its way here. */
  protected abstract refetch(
    app: AppNumber,
    c: ConversationNumber,
    since: Seq,
    epoch: string,
  ): Promise<Replay>;

  /** The upgrade, passed on by the worker with the claims that it has verified. Asks nobody. */
  override async fetch(request: Request): Promise<Response> {
    const claims = claimsOf(request);
    if (!claims) return new Response(null, { status: 403 });
    if (this.revoked.has(claims, this.now())) return new Response(null, { status: 401 });
    if (this.table.size >= MAX_SOCKETS)
      return new Response(null, { status: 503, headers: { 'retry-after': '5' } });
    const { 0: client, 1: server } = new WebSocketPair();
    this.accept(server, claims);
    return upgraded(client);
  }

  private accept(socket: WebSocket, claims: Claims): void {
    this.ctx.acceptWebSocket(socket, [`u:${claims.user}`]);
    const connection = new Connection(socket, claims, this.pingedAt);
    connection.heard(this.now());
    connection.save();
    this.add(connection);
    connection.send(helloFrame(claims.user, claims.card.name));
    this.crowdOut(claims.user);
  }

  private add(connection: Connection): void {
    const { user } = connection.claims;
    const before = this.table.isHere(user);
    this.table.add(connection);
    this.presence.turned(user, before);
  }

  /** Takes the connection that ends in a Gate: it follows everything of its person. */
  async register(gate: string, claims: Claims): ReturnType<GateHost['register']> {
    return this.evictor.during(async () => {
      if (this.revoked.has(claims, this.now())) return 'ended';
      const known = this.connectionOf(gate);
      if (known?.claims.user === claims.user) {
        known.claims = claims;
        known.dirty = true;
        known.save();
        return 'registered';
      }
      if (known) this.remove(known);
      if (this.table.size >= MAX_SOCKETS) return 'full';
      const remote = new Remote(gate, this.remoteHost);
      remote.seen = true;
      this.remotes.set(gate, remote);
      const connection = new Connection(remote, claims, this.pingedAt);
      connection.heard(this.now());
      connection.all = this.now();
      connection.save();
      this.add(connection);
      this.crowdOut(claims.user);
      return 'registered';
    });
  }

  async unregister(gate: string): Promise<void> {
    return this.evictor.during(async () => {
      const connection = this.connectionOf(gate);
      if (connection) this.remove(connection);
    });
  }

  protected connectionOf(gate: string): Connection | undefined {
    const remote = this.remotes.get(gate);
    return remote && this.table.of(remote);
  }

  private readonly remoteHost: RemoteHost = {
    kv: this.ctx.storage.kv,
    gate: (name) => (this.env as { GATE: DurableObjectNamespace }).GATE.getByName(name) as unknown as GateApi,
    took: (remote) => this.table.of(remote)?.heard(this.now()),
    lost: (remote) => {
      const connection = this.table.of(remote);
      if (connection) this.remove(connection);
    },
  };

  /** The newest stay: they are the ones that somebody looks at. */
  private crowdOut(user: UserNumber): void {
    const own = this.table.ofUser(user);
    for (const oldest of [...own].slice(0, Math.max(0, own.size - MAX_SOCKETS_OF_ONE))) {
      oldest.send(byeFrame(CROWDED_OUT_MS));
      this.dismiss(oldest, CLOSE.tooMany, 'too many sockets');
    }
  }

  override webSocketMessage(socket: WebSocket, message: string | ArrayBuffer): void {
    const connection = this.table.of(socket);
    if (!connection) {
      closeQuietly(socket, CLOSE.restart, 'unknown socket');
      return;
    }
    const now = this.now();
    connection.heard(now);
    if (this.entitled([connection]).length === 0) return;
    if (typeof message === 'string') this.received(connection, message);
    else this.receivedBinary(connection);
  }

  override webSocketClose(socket: WebSocket, code: number): void {
    this.gone(socket, code);
  }

  override webSocketError(socket: WebSocket): void {
    this.gone(socket, CLOSE.normal);
  }

  private gone(socket: WebSocket, code: number): void {
    const connection = this.table.of(socket);
    closeQuietly(socket, code);
    if (connection) this.remove(connection);
  }

  /** Closes from our side; the close event of the socket may come much later, or never. */
  protected dismiss(connection: Connection, code: number, reason: string): void {
    connection.close(code, reason);
    this.remove(connection);
  }

  protected remove(connection: Connection): void {
    connection.open = false;
    const { user } = connection.claims;
    const before = this.table.isHere(user);
    if (!this.table.remove(connection)) return;
    const { socket } = connection;
    if (socket instanceof Remote) {
      socket.serializeAttachment(null);
      this.remotes.delete(socket.name);
    }
    this.presence.unwatch(connection);
    this.presence.left(connection);
    this.presence.turned(user, before);
  }

  /** Without those whose token has ended, who are sent away. */
  protected entitled(connections: Connection[]): Connection[] {
    const now = this.now();
    if (connections.every((connection) => connection.endsAt > now && connection.open)) return connections;
    return connections.filter((connection) => {
      if (!connection.open) this.remove(connection);
      else if (connection.endsAt <= now) {
        connection.send(byeFrame(Math.floor(Math.random() * EXPIRED_SPREAD_MS)));
        this.dismiss(connection, CLOSE.unauthorized, 'token expired');
      } else return true;
      return false;
    });
  }

  protected now(): number {
    return Date.now();
  }

  private app(): AppNumber {
    return Number(this.ctx.id.name?.split(':')[0]) as AppNumber;
  }

  private readonly pingedAt = (socket: Sink): number =>
    socket instanceof Remote
      ? 0
      : (this.ctx.getWebSocketAutoResponseTimestamp(socket as WebSocket)?.getTime() ?? 0);

  /** Something happened: one timer, not one for each, and none while nothing happens. */
  protected busy(): void {
    this.busyAt = this.now();
    if (!this.resting) return;
    this.resting = false;
    setTimeout(() => this.rest(), this.restAfterMs);
  }

  private rest(): void {
    const quietFor = this.now() - this.busyAt;
    if (quietFor < this.restAfterMs || !this.idle) {
      setTimeout(() => this.rest(), Math.max(50, this.restAfterMs - quietFor));
      return;
    }
    this.resting = true;
    this.streams.tidy();
    this.writeDown();
  }

  /** Nothing is on its way to anybody. */
  private get idle(): boolean {
    if (!this.rounds.idle || !this.streams.idle) return false;
    for (const remote of this.remotes.values()) if (!remote.idle) return false;
    return true;
  }

  /** What must survive hibernation. */
  private writeDown(): void {
    for (const connection of this.table.all()) connection.save();
    this.ctx.storage.kv.put<Rest>(REST, { seen: this.seen.save(), touches: this.touches.save(this.now()) });
  }

  /** Development only: comes to rest now, and loses its memory as in hibernation. Not while anything is on its way. */
  private sleep(): void {
    if (!this.idle) return;
    this.writeDown();
    this.wake();
  }
}
