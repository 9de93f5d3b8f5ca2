// Sockets that attached to this conversation directly: they receive its events and signals, and send nothing but pings.
import type { ConversationNumber, Seq, UserNumber } from '../domain/ids.ts';
import type { Actor } from '../domain/model.ts';
import type { Replay } from './reading.ts';

/** Sockets served in one turn of the event loop: others' calls come in between (prototype-measurements 0.4). */
const ROUND_SOCKETS = 100;
/** Serialised events kept for sockets that are still to be served. */
interface Parcel {
  epoch: string;
  from: Seq;
  events: string[];
}

export class Attached {
  private readonly ctx: DurableObjectState;
  /** Last seq sent, by socket. Missing after hibernation: everything before it had been sent. */
  private readonly sent = new Map<WebSocket, Seq>();
  private parcels: Parcel[] = [];
  private running = false;
  private conversation = '';

  constructor(ctx: DurableObjectState) {
    this.ctx = ctx;
    ctx.setWebSocketAutoResponse(new WebSocketRequestResponsePair('ping', 'pong'));
    for (const socket of ctx.getWebSockets()) this.sent.set(socket, -1);
  }

  /** Answers the upgrade; what the log holds after the client's position comes first. */
  accept(actor: Actor, conversation: string, replay: Replay): Response {
    const { 0: client, 1: server } = new WebSocketPair();
    this.ctx.acceptWebSocket(server, [`u:${actor.user}`]);
    this.conversation = conversation;
    if ('resync' in replay) {
      server.send(JSON.stringify({ t: 'resync', c: conversation, epoch: replay.epoch, seq: replay.seq }));
      this.sent.set(server, replay.seq);
    } else {
      if (replay.events.length > 0) server.send(frame(conversation, replay.epoch, replay.events));
      this.sent.set(server, replay.lastSeq);
    }
    return new Response(null, {
      status: 101,
      webSocket: client,
      headers: { 'sec-websocket-protocol': 'parlance.v1' },
    });
  }

  events(
    c: ConversationNumber,
    epoch: string,
    from: Seq,
    events: string[],
    ended: readonly UserNumber[],
  ): void {
    if (this.sent.size === 0) return;
    this.conversation = String(c);
    this.parcels.push({ epoch, from, events });
    for (const user of ended)
      for (const socket of this.ctx.getWebSockets(`u:${user}`)) this.close(socket, 4403, 'left');
    if (this.running) return;
    this.running = true;
    this.round(0);
  }

  /** One turn: the next hundred sockets get everything they have not had. Ends when a whole pass found nothing new. */
  private round(start: number): void {
    const sockets = [...this.sent.keys()];
    const newest = this.parcels.at(-1);
    if (!newest || sockets.length === 0) {
      this.rest();
      return;
    }
    const last = newest.from + newest.events.length - 1;
    const frames = new Map<Seq, string>();
    for (const socket of sockets.slice(start, start + ROUND_SOCKETS)) {
      const had = this.sent.get(socket) ?? -1;
      const position = had < 0 ? (this.parcels[0] as Parcel).from - 1 : had;
      if (position >= last) continue;
      let text = frames.get(position);
      if (text === undefined) {
        text = frame(this.conversation, newest.epoch, this.after(position));
        frames.set(position, text);
      }
      this.sent.set(socket, last);
      send(socket, text);
    }
    const next = start + ROUND_SOCKETS;
    if (next < sockets.length) setTimeout(() => this.round(next), 0);
    else if (sockets.every((s) => (this.sent.get(s) ?? last) >= (this.lastSeq() ?? 0))) this.rest();
    else setTimeout(() => this.round(0), 0);
  }

  private lastSeq(): Seq | null {
    const newest = this.parcels.at(-1);
    return newest ? newest.from + newest.events.length - 1 : null;
  }

  private rest(): void {
    this.parcels = [];
    this.running = false;
  }

  private after(position: Seq): string[] {
    const events: string[] = [];
    for (const parcel of this.parcels) {
      const skip = Math.max(0, position + 1 - parcel.from);
      for (let i = skip; i < parcel.events.length; i++) events.push(parcel.events[i] as string);
    }
    return events;
  }

  signal(text: string, except?: UserNumber): void {
    if (this.sent.size === 0) return;
    const spared = new Set(except === undefined ? [] : this.ctx.getWebSockets(`u:${except}`));
    for (const socket of this.sent.keys()) if (!spared.has(socket)) send(socket, text);
  }

  /** Attached sockets only listen. */
  async received(socket: WebSocket, _message: string | ArrayBuffer, _of: unknown): Promise<void> {
    send(
      socket,
      JSON.stringify({
        t: 'error',
        code: 'invalid',
        message: 'This socket only listens. Send on /realtime.',
      }),
    );
  }

  /** Without the close call a client that leaves keeps a file descriptor (prototype-measurements 0.6). */
  closed(socket: WebSocket, code: number): void {
    this.close(socket, code === 1005 || code === 1006 ? 1000 : code, 'bye');
  }

  private close(socket: WebSocket, code: number, reason: string): void {
    this.sent.delete(socket);
    try {
      socket.close(code, reason);
    } catch {
      // Already closed by the other side.
    }
  }
}

const frame = (c: string, epoch: string, events: readonly string[]): string =>
  `{"t":"events","c":"${c}","epoch":${JSON.stringify(epoch)},"events":[${events.join(',')}]}`;

function send(socket: WebSocket, text: string): void {
  try {
    socket.send(text);
  } catch {
    // The close event follows and takes the socket out.
  }
}
