// The packets of MQTT 3.1.1 that a server of quality of service 0 needs, read from and written to bytes by mqtt-packet. What
// they mean is session.ts. Source: OASIS MQTT Version 3.1.1, section numbers in brackets.
import { Buffer } from 'node:buffer';
import mqtt, { type IConnectPacket, type IPublishPacket, type Packet } from 'mqtt-packet';

/** Largest packet that is read, in bytes, its header included. */
export const MAX_PACKET_BYTES = 64 * 1024;

/** What a client may send. */
export type ClientPacket =
  | {
      type: 'connect';
      clientId: string;
      clean: boolean;
      /** Seconds; 0: none. */
      keepAlive: number;
      will: { topic: string; payload: Uint8Array } | null;
      username: string | null;
      password: Uint8Array | null;
    }
  | { type: 'publish'; topic: string; payload: Uint8Array; retain: boolean; id: number | null }
  | { type: 'subscribe'; id: number; filters: string[] }
  | { type: 'unsubscribe'; id: number; filters: string[] }
  | { type: 'puback' | 'pingreq' | 'disconnect' };

/** Bytes that are no packet of this protocol: the connection ends (4.8). `level`: a version that is not spoken here. */
export class Malformed extends Error {
  readonly level: boolean;
  constructor(message: string, { level = false } = {}) {
    super(message);
    this.level = level;
  }
}

/** Cuts a stream of bytes into packets, however they arrive: a frame of the socket is no boundary (6.0). */
export class PacketReader {
  private rest: Uint8Array = new Uint8Array(0);

  /** A packet has begun and not ended. */
  get busy(): boolean {
    return this.rest.byteLength > 0;
  }

  /** The packets that these bytes complete, in order. Throws Malformed. */
  *read(bytes: Uint8Array): Generator<ClientPacket> {
    let buffer = this.rest.byteLength === 0 ? bytes : Buffer.concat([this.rest, bytes]);
    for (;;) {
      const end = endOf(buffer);
      if (end === null || buffer.byteLength < end) break;
      // Kept first: whoever reads may stop at any packet.
      this.rest = buffer.slice(end);
      yield packetOf(buffer.slice(0, end));
      buffer = this.rest;
    }
    this.rest = buffer.slice();
  }
}

/** Where the first packet ends (2.2.3); null: not enough bytes to tell. Ours, because the codec would gather any length. */
function endOf(bytes: Uint8Array): number | null {
  let length = 0;
  for (let i = 1; i <= 4; i++) {
    const byte = bytes[i];
    if (byte === undefined) return null;
    length += (byte & 0x7f) * 128 ** (i - 1);
    if (byte < 0x80) {
      const end = i + 1 + length;
      if (end > MAX_PACKET_BYTES) throw new Malformed('the packet is too large');
      return end;
    }
  }
  throw new Malformed('a length of more than four bytes');
}

/** One whole packet, as the codec reads it, and as strict as the standard where the codec is not. */
function packetOf(bytes: Uint8Array): ClientPacket {
  const read = parsed(bytes);
  switch (read.cmd) {
    case 'connect':
      return connectOf(read);
    case 'publish':
      return publishOf(read);
    case 'subscribe':
      return {
        type: 'subscribe',
        id: idOf(read),
        filters: filtersOf(read.subscriptions.map(({ topic }) => topic)),
      };
    case 'unsubscribe':
      return { type: 'unsubscribe', id: idOf(read), filters: filtersOf(read.unsubscriptions) };
    case 'puback':
      idOf(read);
      return { type: 'puback' };
    case 'pingreq':
    case 'disconnect':
      if (bytes.byteLength > 2) throw new Malformed('bytes after the end of the packet');
      return { type: read.cmd };
    default:
      throw new Malformed(`no packet for a server: ${read.cmd}`);
  }
}

function parsed(bytes: Uint8Array): Packet {
  const parser = mqtt.parser({ protocolVersion: 4 });
  let packet: Packet | null = null;
  let wrong: Error | null = null;
  parser.on('packet', (read) => {
    packet = read;
  });
  parser.on('error', (error: Error) => {
    wrong = error;
  });
  const left = parser.parse(Buffer.from(bytes));
  if (wrong || !packet || left > 0)
    throw new Malformed((wrong as Error | null)?.message ?? 'the packet ends early');
  return packet;
}

/** 1.5.3: the codec puts U+FFFD where bytes are no UTF-8. */
function words(text: string): string {
  if (/[\0\ufffd]/.test(text)) throw new Malformed('text that is not UTF-8, or with a null character');
  return text;
}

function idOf({ messageId = 0 }: Packet): number {
  if (messageId === 0) throw new Malformed('a packet identifier of 0');
  return messageId;
}

function publishOf(read: IPublishPacket): ClientPacket {
  // Exactly once is not offered; at least once is answered.
  if (read.qos > 1) throw new Malformed('quality of service 2');
  const topic = words(read.topic);
  if (topic === '' || /[+#]/.test(topic)) throw new Malformed('a topic with wildcards');
  const id = read.qos === 1 ? idOf(read) : null;
  return { type: 'publish', topic, id, retain: read.retain, payload: bytesOf(read.payload) };
}

function connectOf(read: IConnectPacket): ClientPacket {
  if (read.protocolId !== 'MQTT' || read.protocolVersion !== 4)
    throw new Malformed('another version', { level: true });
  const { will, username, password } = read;
  // 3.1.2.6, 3.1.2.9.
  if ((will?.qos ?? 0) > 2 || (password && username === undefined)) throw new Malformed('impossible flags');
  return {
    type: 'connect',
    clientId: words(read.clientId),
    clean: read.clean === true,
    keepAlive: read.keepalive ?? 0,
    will: will ? { topic: words(will.topic), payload: bytesOf(will.payload) } : null,
    username: username === undefined ? null : words(username),
    password: password === undefined || password === null ? null : bytesOf(password),
  };
}

function filtersOf(filters: readonly string[]): string[] {
  if (filters.length === 0) throw new Malformed('no topic');
  if (filters.includes('')) throw new Malformed('an empty topic');
  return filters.map(words);
}

const bytesOf = (payload: string | Uint8Array): Uint8Array =>
  typeof payload === 'string' ? new TextEncoder().encode(payload) : Uint8Array.from(payload);

// ---- what a server sends ----

/** 3.2.2.3. */
export const CONNECTED = 0;
export const WRONG_LEVEL = 1;
export const WRONG_CLIENT_ID = 2;
export const WRONG_PASSWORD = 4;

/** A subscription that is not given (3.9.3). */
export const REFUSED = 0x80;

const written = (packet: Packet): Uint8Array =>
  Uint8Array.from(mqtt.generate(packet, { protocolVersion: 4 }));

export const connack = (returnCode: number): Uint8Array =>
  written({ cmd: 'connack', returnCode, sessionPresent: false });
export const pingresp = (): Uint8Array => written({ cmd: 'pingresp' });
export const puback = (messageId: number): Uint8Array => written({ cmd: 'puback', messageId });
export const unsuback = (messageId: number): Uint8Array =>
  written({ cmd: 'unsuback', messageId, granted: [] });
/** `granted`: one code for each filter that was asked for, in order. */
export const suback = (messageId: number, granted: readonly number[]): Uint8Array =>
  written({ cmd: 'suback', messageId, granted: [...granted] });

/** Quality of service 0. */
export const publish = (topic: string, payload: string, { retain = false } = {}): Uint8Array =>
  written({ cmd: 'publish', topic, payload, retain, qos: 0, dup: false });
