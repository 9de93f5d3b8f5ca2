// The packets of MQTT 3.1.1 that a server of quality of service 0 needs, read from and written to bytes. What they mean
// is session.ts. Source: OASIS MQTT Version 3.1.1, section numbers in brackets.

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

const utf8 = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true });
const encoder = new TextEncoder();

/** Cuts a stream of bytes into packets, however they arrive: a frame of the socket is no boundary (6.0). */
export class PacketReader {
  private rest: Uint8Array = new Uint8Array(0);

  /** A packet has begun and not ended. */
  get busy(): boolean {
    return this.rest.byteLength > 0;
  }

  /** The packets that these bytes complete, in order. Throws Malformed. */
  *read(bytes: Uint8Array): Generator<ClientPacket> {
    let buffer = this.rest.byteLength === 0 ? bytes : joined(this.rest, bytes);
    for (;;) {
      const header = headerOf(buffer);
      if (!header || buffer.byteLength < header.end) break;
      // Kept first: whoever reads may stop at any packet.
      this.rest = buffer.slice(header.end);
      yield packetOf(buffer[0] as number, new Body(buffer.subarray(header.start, header.end)));
      buffer = this.rest;
    }
    this.rest = buffer.slice();
  }
}

function joined(a: Uint8Array, b: Uint8Array): Uint8Array {
  const all = new Uint8Array(a.byteLength + b.byteLength);
  all.set(a);
  all.set(b, a.byteLength);
  return all;
}

/** Where the first packet's body begins and ends (2.2.3); null: not enough bytes to tell. */
function headerOf(bytes: Uint8Array): { start: number; end: number } | null {
  let length = 0;
  for (let i = 1; i <= 4; i++) {
    const byte = bytes[i];
    if (byte === undefined) return null;
    length += (byte & 0x7f) * 128 ** (i - 1);
    if (byte < 0x80) {
      const end = i + 1 + length;
      if (end > MAX_PACKET_BYTES) throw new Malformed('the packet is too large');
      return { start: i + 1, end };
    }
  }
  throw new Malformed('a length of more than four bytes');
}

/** A packet's bytes behind its header, read from the front. */
class Body {
  private readonly bytes: Uint8Array;
  private at = 0;

  constructor(bytes: Uint8Array) {
    this.bytes = bytes;
  }

  get left(): number {
    return this.bytes.byteLength - this.at;
  }

  take(length: number): Uint8Array {
    if (length > this.left) throw new Malformed('the packet ends early');
    this.at += length;
    return this.bytes.slice(this.at - length, this.at);
  }

  byte(): number {
    return this.take(1)[0] as number;
  }

  word(): number {
    const [high, low] = this.take(2) as unknown as [number, number];
    return high * 256 + low;
  }

  bytesOfLength(): Uint8Array {
    return this.take(this.word());
  }

  /** 1.5.3: well-formed, and without the null character. */
  text(): string {
    let text: string;
    try {
      text = utf8.decode(this.bytesOfLength());
    } catch {
      throw new Malformed('text that is not UTF-8');
    }
    if (text.includes('\0')) throw new Malformed('text with a null character');
    return text;
  }

  packetId(): number {
    const id = this.word();
    if (id === 0) throw new Malformed('a packet identifier of 0');
    return id;
  }
}

function packetOf(first: number, body: Body): ClientPacket {
  const flags = first & 0x0f;
  const packet = bodyOf(first >> 4, flags, body);
  if (body.left > 0) throw new Malformed('bytes after the end of the packet');
  return packet;
}

function bodyOf(type: number, flags: number, body: Body): ClientPacket {
  if (type === 3) return publishOf(flags, body);
  // Reserved flags (2.2.2).
  if (flags !== (type === 8 || type === 10 ? 2 : 0)) throw new Malformed('reserved flags');
  switch (type) {
    case 1:
      return connectOf(body);
    case 4:
      body.packetId();
      return { type: 'puback' };
    case 8:
      return { type: 'subscribe', id: body.packetId(), filters: filtersOf(body, true) };
    case 10:
      return { type: 'unsubscribe', id: body.packetId(), filters: filtersOf(body, false) };
    case 12:
      return { type: 'pingreq' };
    case 14:
      return { type: 'disconnect' };
    default:
      throw new Malformed(`no packet for a server: ${type}`);
  }
}

function publishOf(flags: number, body: Body): ClientPacket {
  const qos = (flags >> 1) & 3;
  // Exactly once is not offered; at least once is answered.
  if (qos > 1) throw new Malformed('quality of service 2');
  const topic = body.text();
  if (topic === '' || /[+#]/.test(topic)) throw new Malformed('a topic with wildcards');
  const id = qos === 1 ? body.packetId() : null;
  return { type: 'publish', topic, id, retain: (flags & 1) === 1, payload: body.take(body.left) };
}

function connectOf(body: Body): ClientPacket {
  const name = body.text();
  const level = body.byte();
  if (name !== 'MQTT' || level !== 4)
    throw new Malformed('another protocol', { level: name === 'MQTT' || name === 'MQIsdp' });
  const flags = body.byte();
  const has = (flag: number): boolean => (flags & flag) !== 0;
  const qos = (flags >> 3) & 3;
  const hasWill = has(0x04);
  // 3.1.2.3 to 3.1.2.9.
  if (has(0x01) || qos === 3 || (!hasWill && (qos > 0 || has(0x20))) || (has(0x40) && !has(0x80)))
    throw new Malformed('impossible flags');
  const keepAlive = body.word();
  const clientId = body.text();
  const will = hasWill ? { topic: body.text(), payload: body.bytesOfLength() } : null;
  const username = has(0x80) ? body.text() : null;
  const password = has(0x40) ? body.bytesOfLength() : null;
  return { type: 'connect', clientId, clean: has(0x02), keepAlive, will, username, password };
}

function filtersOf(body: Body, withQos: boolean): string[] {
  const filters: string[] = [];
  while (body.left > 0) {
    const filter = body.text();
    if (filter === '') throw new Malformed('an empty topic');
    if (withQos && body.byte() > 2) throw new Malformed('no such quality of service');
    filters.push(filter);
  }
  if (filters.length === 0) throw new Malformed('no topic');
  return filters;
}

// ---- what a server sends ----

/** 3.2.2.3. */
export const CONNECTED = 0;
export const WRONG_LEVEL = 1;
export const WRONG_CLIENT_ID = 2;
export const WRONG_PASSWORD = 4;

/** A subscription that is not given (3.9.3). */
export const REFUSED = 0x80;

export const connack = (code: number): Uint8Array => Uint8Array.of(0x20, 2, 0, code);
export const pingresp = (): Uint8Array => Uint8Array.of(0xd0, 0);
export const puback = (id: number): Uint8Array => Uint8Array.of(0x40, 2, id >> 8, id & 0xff);
export const unsuback = (id: number): Uint8Array => Uint8Array.of(0xb0, 2, id >> 8, id & 0xff);
/** `codes`: one for each filter that was asked for, in order. */
export const suback = (id: number, codes: readonly number[]): Uint8Array =>
  packet(0x90, [Uint8Array.of(id >> 8, id & 0xff), Uint8Array.from(codes)]);

/** Quality of service 0. */
export function publish(topic: string, payload: string, { retain = false } = {}): Uint8Array {
  const name = encoder.encode(topic);
  const length = Uint8Array.of(name.byteLength >> 8, name.byteLength & 0xff);
  return packet(0x30 | (retain ? 1 : 0), [length, name, encoder.encode(payload)]);
}

function packet(first: number, parts: readonly Uint8Array[]): Uint8Array {
  const length = parts.reduce((sum, { byteLength }) => sum + byteLength, 0);
  const header = [first];
  for (let rest = length; ; rest = Math.floor(rest / 128)) {
    header.push((rest % 128) + (rest >= 128 ? 128 : 0));
    if (rest < 128) break;
  }
  const all = new Uint8Array(header.length + length);
  all.set(header);
  let at = header.length;
  for (const part of parts) {
    all.set(part, at);
    at += part.byteLength;
  }
  return all;
}
