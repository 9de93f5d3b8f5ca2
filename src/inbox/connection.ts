// One live socket: who it is for, what it follows and how far it got; packed to survive hibernation.
import type { ConversationNumber, Seq, UserNumber } from '../domain/ids.ts';
import { CLOSE, type Claims, closeQuietly, sendQuietly } from '../sockets/socket.ts';

/** An explicit subscription to one conversation. */
export interface Subscription {
  /** The last event that the client was sent, or the one that it said it has. */
  position: Seq;
  /** Mark of the epoch that the position belongs to. */
  epoch: number;
  /** While the past is being fetched, what happens meanwhile waits here. */
  held: Segment[] | null;
  /** The client's user is out of the conversation: the subscription ends when nothing is held any more. */
  ending: boolean;
}

/** Events of one delivery that somebody still has to get. */
export interface Segment {
  epoch: string;
  from: Seq;
  events: readonly string[];
}

/** Explicit subscriptions of one socket; 1,000 of them fit the platform's 16 KiB of attachment. */
export const MAX_SUBSCRIPTIONS = 1_000;

/**
 * The platform shows no send queue, so a client that stopped reading would fill the object's memory. Having been sent
 * this much, it must have given a sign of life not longer ago than that, or it is closed.
 */
const UNHEARD_CHARS = 16 * 1024 * 1024;
const SILENT_MS = 90_000;

/** Longer avatar addresses are left out of the attachment: frames of a client are rendered from the directory. */
const MAX_AVATAR_CHARS = 500;

/** What the platform keeps of a socket while the object sleeps. */
interface Packed {
  v: 1;
  claims: Claims;
  all: number;
  subscriptions: Uint8Array;
  watching?: UserNumber[];
  away?: boolean;
}

/** Where frames go: a socket that ends here, or a Gate's (remote.ts). */
export type Sink = Pick<WebSocket, 'send' | 'close' | 'serializeAttachment' | 'deserializeAttachment'>;

/** When the platform last answered a socket's `ping` (ms since 1970), or 0. */
type PingedAt = (socket: Sink) => number;

export class Connection {
  readonly socket: Sink;
  claims: Claims;
  /** ms since 1970 since when all conversations of the user are followed; 0: not. */
  all = 0;
  readonly subscriptions = new Map<ConversationNumber, Subscription>();
  /** People whose coming and going it is told of. */
  watching: UserNumber[] = [];
  /** Connected, and not to be counted as present. */
  away = false;
  open = true;
  /** The attachment is older than what is here. */
  dirty = true;
  private unheard = 0;
  private heardAt = 0;
  private readonly pingedAt: PingedAt;

  constructor(socket: Sink, claims: Claims, pingedAt: PingedAt) {
    this.socket = socket;
    this.claims = claims;
    this.pingedAt = pingedAt;
  }

  /** The connection of a socket that slept, or null when it was attached to something else. */
  static of(socket: Sink, pingedAt: PingedAt): Connection | null {
    const packed = socket.deserializeAttachment() as Packed | null;
    if (packed?.v !== 1) return null;
    const connection = new Connection(socket, packed.claims, pingedAt);
    connection.all = packed.all;
    connection.watching = packed.watching ?? [];
    connection.away = packed.away ?? false;
    unpack(packed.subscriptions, connection.subscriptions);
    connection.dirty = false;
    return connection;
  }

  /** Hands everything that must survive hibernation to the platform. */
  save(): void {
    if (!this.dirty || !this.open) return;
    const { card } = this.claims;
    const avatar = card.avatar && card.avatar.length > MAX_AVATAR_CHARS ? null : card.avatar;
    const packed: Packed = {
      v: 1,
      claims: { ...this.claims, card: { ...card, avatar } },
      all: this.all,
      subscriptions: pack(this.subscriptions),
      ...(this.watching.length > 0 && { watching: this.watching }),
      ...(this.away && { away: true }),
    };
    this.dirty = false;
    try {
      this.socket.serializeAttachment(packed);
    } catch (error) {
      // Rather a client that comes back with its positions than a socket that wakes without any.
      console.error(JSON.stringify({ at: 'inbox.attachment', user: this.claims.user, error: String(error) }));
      this.close(CLOSE.restart, 'restart');
    }
  }

  send(frame: string): void {
    if (!this.open) return;
    this.unheard += frame.length;
    if (this.unheard > UNHEARD_CHARS && !this.reads()) this.close(CLOSE.notReading, 'not reading');
    else sendQuietly(this.socket, frame);
  }

  /** The client gave a sign of life. */
  heard(nowMs: number): void {
    this.heardAt = nowMs;
    this.unheard = 0;
  }

  private reads(): boolean {
    this.unheard = 0;
    return Date.now() - Math.max(this.heardAt, this.pingedAt(this.socket)) <= SILENT_MS;
  }

  close(code: number, reason: string): void {
    this.open = false;
    // The platform may list the socket until the other side has closed too: it must not come back to life then.
    forget(this.socket);
    closeQuietly(this.socket, code, reason);
  }

  /** ms since 1970. */
  get endsAt(): number {
    return this.claims.expiresAt * 1000;
  }

  follows(c: ConversationNumber): boolean {
    return this.all > 0 || this.subscriptions.has(c);
  }
}

function forget(socket: Sink): void {
  try {
    socket.serializeAttachment(null);
  } catch {
    // Gone already.
  }
}

/** FNV-1a cut to 28 bits, four bytes packed: enough to notice another epoch, and a thousand fit the attachment. */
export function epochMark(epoch: string): number {
  let hash = 0x811c9dc5;
  for (let i = 0; i < epoch.length; i++) hash = Math.imul(hash ^ epoch.charCodeAt(i), 0x01000193);
  return hash & 0xfffffff;
}

/** Three LEB128 numbers for each subscription: conversation, position, epoch mark. At most 13 bytes each. */
export function pack(subscriptions: ReadonlyMap<ConversationNumber, Subscription>): Uint8Array {
  const bytes: number[] = [];
  const put = (n: number): void => {
    let rest = n;
    // Not shifts: a number here may have more than 32 bits.
    for (; rest >= 128; rest = Math.floor(rest / 128)) bytes.push((rest % 128) + 128);
    bytes.push(rest);
  };
  for (const [c, { position, epoch }] of subscriptions) {
    put(c);
    put(position);
    put(epoch);
  }
  return new Uint8Array(bytes);
}

export function unpack(bytes: Uint8Array, into: Map<ConversationNumber, Subscription>): void {
  let at = 0;
  const take = (): number => {
    let value = 0;
    for (let scale = 1; ; scale *= 128) {
      const byte = bytes[at++] ?? 0;
      value += (byte % 128) * scale;
      if (byte < 128) return value;
    }
  };
  while (at < bytes.length) {
    const c = take() as ConversationNumber;
    into.set(c, { position: take(), epoch: take(), held: null, ending: false });
  }
}
