// The Gate object: holds one connection whose protocol says who it is only after the upgrade, sleeps with it, and stands
// registered with that person's Inbox meanwhile. What is said on it is its protocol's, which dialects bring.
import { DurableObject } from 'cloudflare:workers';
import { shelfName, shelfOf } from '../domain/delivery.ts';
import type { GateApi, GateHost, GateLine, GateProtocol, Holder } from '../domain/gate.ts';
import type { UserNumber } from '../domain/ids.ts';
import type { Json } from '../domain/model.ts';
import { Evictor } from '../sockets/evictor.ts';
import { CLOSE, closeQuietly, sendQuietly, upgraded } from '../sockets/socket.ts';
import { passageOf } from './passage.ts';

/** The platform keeps 16,384 bytes with a socket; this many characters of ours leave room for what stands around them. */
const KEPT_CHARS = 10_000;
/** What a client sends before the last of it was answered; more is a flood. */
const WAITING = 1_000;

/** What the platform keeps with the socket while the object sleeps. */
interface Packed {
  v: 1;
  protocol: string;
  origin: string;
  holder: Holder | null;
  /** Name of the Inbox that this Gate is registered with. */
  inbox: string | null;
  state: Json;
  heardAt: number;
}

export abstract class GateObject<E = unknown> extends DurableObject<E> implements GateApi {
  private held: Held | null = null;
  private readonly evictor: Evictor;

  constructor(ctx: DurableObjectState, env: E) {
    super(ctx, env);
    const { EVICT_EVERY } = env as { EVICT_EVERY?: unknown };
    this.evictor = new Evictor(ctx.storage, Number(EVICT_EVERY ?? 0), () => this.sleep());
    this.wake();
  }

  /** The protocol of this name, with everything that it kept. */
  protected abstract protocolOf(name: string, origin: string, line: GateLine): GateProtocol;

  private wake(): void {
    this.held = null;
    for (const socket of this.ctx.getWebSockets()) {
      const packed = socket.deserializeAttachment() as Packed | null;
      if (packed?.v === 1) this.held = this.hold(socket, packed);
    }
  }

  private hold(socket: WebSocket, packed: Packed): Held {
    const held = new Held(socket, packed, this.ctx.id.name as string, (inbox) => this.host(inbox));
    held.protocol = this.protocolOf(packed.protocol, packed.origin, held);
    return held;
  }

  /** The upgrade, passed on by the worker (`withPassage`). One connection for each Gate. */
  override async fetch(request: Request): Promise<Response> {
    const passage = passageOf(request);
    if (!passage || this.held) return new Response(null, { status: 409 });
    const { protocol, subprotocol, origin } = passage;
    const { 0: client, 1: server } = new WebSocketPair();
    this.ctx.acceptWebSocket(server);
    const packed: Packed = {
      v: 1,
      protocol,
      origin,
      holder: null,
      inbox: null,
      state: null,
      heardAt: Date.now(),
    };
    server.serializeAttachment(packed);
    this.held = this.hold(server, packed);
    return upgraded(client, subprotocol);
  }

  override async webSocketMessage(socket: WebSocket, message: string | ArrayBuffer): Promise<void> {
    const { held } = this;
    if (held?.socket !== socket) {
      closeQuietly(socket, CLOSE.restart, 'unknown socket');
      return;
    }
    held.heard();
    await this.evictor.during(() => held.take(message));
  }

  override async webSocketClose(socket: WebSocket, code: number): Promise<void> {
    await this.gone(socket, code);
  }

  override async webSocketError(socket: WebSocket): Promise<void> {
    await this.gone(socket, CLOSE.normal);
  }

  private async gone(socket: WebSocket, code: number): Promise<void> {
    closeQuietly(socket, code);
    const { held } = this;
    if (held?.socket !== socket) return;
    this.held = null;
    held.open = false;
    await held.signOut();
  }

  // ---- what the Inbox says ----

  async receive(frames: string[]): Promise<boolean> {
    return this.evictor.during(async () => {
      const { held } = this;
      if (!held?.open) return false;
      if (held.isSilent()) {
        held.close(CLOSE.notReading, 'no sign of life');
        return false;
      }
      return held.pass(frames);
    });
  }

  async end(code: number, reason: string): Promise<void> {
    // It was the Inbox that let go.
    if (this.held) this.held.packed.inbox = null;
    this.held?.close(code, reason);
  }

  async alive(): Promise<boolean> {
    return this.held?.open === true && !this.held.isSilent();
  }

  private host(inbox: string): GateHost {
    return (this.env as { INBOX: DurableObjectNamespace }).INBOX.getByName(inbox) as unknown as GateHost;
  }

  /** Development only: loses its memory as in hibernation. */
  private sleep(): void {
    if (!this.held?.protocol.busy) this.wake();
  }
}

/** The connection and what is on its way to and from it. */
class Held implements GateLine {
  readonly socket: WebSocket;
  readonly packed: Packed;
  protocol!: GateProtocol;
  open = true;
  private readonly name: string;
  private readonly host: (inbox: string) => GateHost;
  private waiting = 0;
  private taking: Promise<void> = Promise.resolve();
  private passing: Promise<void> = Promise.resolve();

  constructor(socket: WebSocket, packed: Packed, name: string, host: (inbox: string) => GateHost) {
    this.socket = socket;
    this.packed = packed;
    this.name = name;
    this.host = host;
  }

  get holder(): Holder | null {
    return this.packed.holder;
  }

  get kept(): Json {
    return this.packed.state;
  }

  get heardAt(): number {
    return this.packed.heardAt;
  }

  heard(): void {
    this.packed.heardAt = Date.now();
    this.write();
  }

  isSilent(): boolean {
    const { patienceMs } = this.protocol;
    return patienceMs !== undefined && Date.now() - this.packed.heardAt > patienceMs;
  }

  /** One after the other, in the order of arrival. */
  async take(message: string | ArrayBuffer): Promise<void> {
    if (this.waiting >= WAITING) {
      this.close(CLOSE.policy, 'too much at once');
      return;
    }
    this.waiting += 1;
    const work = () =>
      typeof message === 'string'
        ? this.protocol.text?.(message)
        : this.protocol.binary?.(new Uint8Array(message));
    this.taking = this.taking.then(() => this.attempt(work));
    await this.taking;
    this.waiting -= 1;
  }

  /** What the Inbox sent; false when the connection is gone by then. */
  async pass(frames: readonly string[]): Promise<boolean> {
    this.passing = this.passing.then(() => this.attempt(() => this.protocol.frames(frames)));
    await this.passing;
    return this.open;
  }

  private async attempt(work: () => Promise<void> | undefined): Promise<void> {
    if (!this.open) return;
    try {
      const under = work();
      if (under) await under;
      else this.close(CLOSE.policy, 'not spoken here');
    } catch (error) {
      console.error(JSON.stringify({ at: 'gate', protocol: this.packed.protocol, error: String(error) }));
      this.close(CLOSE.restart, 'restart');
    }
  }

  send(data: string | Uint8Array): void {
    if (this.open) sendQuietly(this.socket, data);
  }

  close(code: number = CLOSE.normal, reason = ''): void {
    if (!this.open) return;
    this.open = false;
    this.write();
    closeQuietly(this.socket, code, reason);
    void this.signOut();
  }

  async signIn(holder: Holder, shelves: number): Promise<boolean> {
    const inbox = shelfName(holder.app, shelfOf(holder.user, shelves));
    if (this.packed.inbox !== null && this.packed.inbox !== inbox) await this.signOut();
    const said = await this.host(inbox).register(this.name, { ...holder, origin: this.packed.origin });
    if (said !== 'registered') return false;
    this.packed.holder = holder;
    this.packed.inbox = inbox;
    this.write();
    // Closed meanwhile: nobody else would take it back.
    if (!this.open) await this.signOut();
    return this.open;
  }

  async signOut(): Promise<void> {
    const { inbox } = this.packed;
    if (inbox === null) return;
    this.packed.inbox = null;
    this.packed.holder = null;
    this.write();
    await this.host(inbox)
      .unregister(this.name)
      .catch((error) => console.error(JSON.stringify({ at: 'gate.leave', error: String(error) })));
  }

  async watch(users: UserNumber[]): Promise<UserNumber[]> {
    const { inbox } = this.packed;
    return inbox === null ? [] : this.host(inbox).watch(this.name, users);
  }

  async attend(here: boolean): Promise<void> {
    const { inbox } = this.packed;
    if (inbox !== null) await this.host(inbox).attend(this.name, here);
  }

  keep(state: Json): boolean {
    if (JSON.stringify(state).length > KEPT_CHARS) return false;
    this.packed.state = state;
    this.write();
    return true;
  }

  private write(): void {
    try {
      // The platform may list a socket until its other side has closed too: it must not come back to life then.
      this.socket.serializeAttachment(this.open ? this.packed : null);
    } catch {
      // Gone already.
    }
  }
}
