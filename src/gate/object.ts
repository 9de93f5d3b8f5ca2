// The Gate object: holds one connection whose protocol says who it is only after the upgrade, sleeps with it, and stands
// registered with that person's Inbox meanwhile. What is said on it is its protocol's, which dialects bring.
import { DurableObject } from 'cloudflare:workers';
import type { GateApi, GateHost, GateLine, GateProtocol } from '../domain/gate.ts';
import { Evictor } from '../sockets/evictor.ts';
import { CLOSE, closeQuietly, upgraded } from '../sockets/socket.ts';
import { ALONE_MS } from './alone.ts';
import { Held, type Packed } from './held.ts';
import { passageOf } from './passage.ts';

export abstract class GateObject<E = unknown> extends DurableObject<E> implements GateApi {
  private held: Held | null = null;
  private readonly evictor: Evictor;
  /** See alone.ts. */
  protected aloneMs = ALONE_MS;

  constructor(ctx: DurableObjectState, env: E) {
    super(ctx, env);
    const { EVICT_EVERY } = env as { EVICT_EVERY?: unknown };
    this.evictor = new Evictor(ctx.storage, Number(EVICT_EVERY ?? 0), () => this.sleep());
    this.wake();
  }

  /** The protocol of this name, with everything that it kept. */
  protected abstract protocolOf(name: string, origin: string, line: GateLine): GateProtocol;

  private wake(): void {
    this.held?.alone.end();
    this.held = null;
    for (const socket of this.ctx.getWebSockets()) {
      const packed = socket.deserializeAttachment() as Packed | null;
      if (packed?.v === 1) this.held = this.hold(socket, packed);
    }
  }

  private hold(socket: WebSocket, packed: Packed): Held {
    const around = { host: (inbox: string) => this.host(inbox), aloneMs: () => this.aloneMs };
    const held = new Held(socket, packed, this.ctx.id.name as string, around);
    held.protocol = this.protocolOf(packed.protocol, packed.origin, held);
    held.waitForSomebody();
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
      aloneSince: Date.now(),
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
    held.alone.end();
    await held.over();
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
