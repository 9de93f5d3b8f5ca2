// Numbers of the hub and every form that a dialect gives them, both ways, with no look-up table.
// What an id may do is decided elsewhere: an id is never a permission.

declare const brand: unique symbol;
type Branded<T, Name extends string> = T & { readonly [brand]: Name };

export type AppNumber = Branded<number, 'app'>;
export type UserNumber = Branded<number, 'user'>;
export type ConversationNumber = Branded<number, 'conversation'>;
export type KeyNumber = Branded<number, 'key'>;
export type DeviceNumber = Branded<number, 'device'>;
export type FileNumber = Branded<number, 'file'>;
export type IntegrationNumber = Branded<number, 'integration'>;
export type EndpointNumber = Branded<number, 'endpoint'>;
export type IncomingHookNumber = Branded<number, 'incoming hook'>;
export type SwitchboardNumber = Branded<number, 'switchboard'>;
/** An integration's place in a switchboard. */
export type LineNumber = Branded<number, 'line'>;
export type JobNumber = Branded<number, 'job'>;
/** conversation block · 2^21 + seq mod 2^21; at most 2^53-1 (DESIGN.md 3). */
export type MessageNumber = Branded<number, 'message'>;
/** Position of an entry in its conversation's log: 1, 2, 3… without gaps. */
export type Seq = number;
/** Count of messages up to and with this one: 1, 2, 3… without gaps; forum paging is by ordinal. */
export type Ordinal = number;
/** Log time in µs since 1970; strictly rising in one conversation. */
export type LogTime = number;

export const appNumber = (n: number) => n as AppNumber;
export const userNumber = (n: number) => n as UserNumber;
export const conversationNumber = (n: number) => n as ConversationNumber;
export const keyNumber = (n: number) => n as KeyNumber;
export const deviceNumber = (n: number) => n as DeviceNumber;
export const fileNumber = (n: number) => n as FileNumber;
export const integrationNumber = (n: number) => n as IntegrationNumber;
export const endpointNumber = (n: number) => n as EndpointNumber;
export const incomingHookNumber = (n: number) => n as IncomingHookNumber;
export const switchboardNumber = (n: number) => n as SwitchboardNumber;
export const lineNumber = (n: number) => n as LineNumber;
export const jobNumber = (n: number) => n as JobNumber;

/** Entries in one block of message numbers. 2^21, so that 2^32 blocks fit below 2^53 (DESIGN.md 3). */
export const BLOCK_SIZE = 2 ** 21;

/** The message number of `seq`, given the blocks that its conversation holds (its own number first). */
export function messageNumber(blocks: readonly number[], seq: Seq, blockSize = BLOCK_SIZE): MessageNumber {
  const block = blocks[Math.floor(seq / blockSize)];
  if (block === undefined) throw new RangeError(`no block for seq ${seq}`);
  return (block * BLOCK_SIZE + (seq % blockSize)) as MessageNumber;
}

/** The block that a message number lies in: the conversation's number unless the conversation outgrew its first block. */
export const blockOf = (message: MessageNumber): number => Math.floor(message / BLOCK_SIZE);

/** The seq of a message number, or null where the number is not of this conversation's blocks. */
export function seqOf(blocks: readonly number[], message: MessageNumber, blockSize = BLOCK_SIZE): Seq | null {
  const index = blocks.indexOf(blockOf(message));
  const offset = message % BLOCK_SIZE;
  if (index < 0 || offset >= blockSize) return null;
  const seq = index * blockSize + offset;
  return seq > 0 ? seq : null;
}

/** A decimal id as a dialect sends it: digits only, no sign, no leading zero, 1 to 2^53-1; else null. */
export function parseDecimal(text: string): number | null {
  if (!/^[1-9][0-9]{0,15}$/.test(text)) return null;
  const n = Number(text);
  return Number.isSafeInteger(n) ? n : null;
}

export const parseUser = (text: string) => parseDecimal(text) as UserNumber | null;
export const parseConversation = (text: string) => parseDecimal(text) as ConversationNumber | null;
export const parseFile = (text: string) => parseDecimal(text) as FileNumber | null;
export const parseMessage = (text: string) => parseDecimal(text) as MessageNumber | null;

/** What a 24-hex id or a UUID names. The value is its tag on the wire: never renumber. */
const TAGS = {
  app: 1,
  user: 2,
  device: 3,
  key: 4,
  conversation: 5,
  message: 6,
  membership: 7,
  group: 8,
  job: 9,
  webhook: 10,
  integration: 11,
  switchboard: 12,
  line: 13,
} as const;
export type IdKind = keyof typeof TAGS;
/** Kinds whose ids sort by time, so their number stays big-endian and readable. */
const ORDERED: ReadonlySet<IdKind> = new Set(['conversation', 'message']);

const HEX24 = /^[0-9a-f]{24}$/;
const UUID = /^[0-9a-f]{8}-[0-9a-f]{4}-8[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/i;

/** Renders numbers as the 24-hex and UUID v8 ids of the dialects and reads them back. */
export interface Ids {
  /** 24 lower-case hex digits (Sunshine; contracts/sunshine.md 1). */
  hex(kind: Exclude<IdKind, 'membership'>, n: number): string;
  /** The number of a 24-hex id of this kind, or null when it is anything else. */
  parseHex(kind: Exclude<IdKind, 'membership'>, text: string): number | null;
  /** The 24-hex id of one person's membership of one conversation. */
  membershipHex(conversation: ConversationNumber, user: UserNumber): string;
  parseMembershipHex(text: string): { conversation: ConversationNumber; user: UserNumber } | null;
  /** The same as a UUID. */
  membershipUuid(conversation: ConversationNumber, user: UserNumber): string;
  /** UUID version 8 (PPMessage; RFC 9562 5.8). */
  uuid(kind: Exclude<IdKind, 'membership'>, n: number): string;
  parseUuid(kind: Exclude<IdKind, 'membership'>, text: string): number | null;
  /** One message's delivery to one device (PPMessage's `pid`): a UUID of a layout of its own. */
  pushUuid(push: PushId): string;
  parsePushUuid(text: string): PushId | null;
}

export interface PushId {
  device: DeviceNumber;
  conversation: ConversationNumber;
  seq: Seq;
}

/**
 * Ids of one hub. `key`: 16 secret bytes; with another key all ids of people, apps and devices change.
 * Speck64/128 (Beaulieu et al., "The SIMON and SPECK Families", 2013) mixes the number: invertible, no table,
 * and nobody without the key can count through ids or make one that reads.
 */
export function createIds(key: Uint8Array): Ids {
  const cipher = speck64(key);

  /** 64 bits: tag above, 53 bits of number below; a wrong guess decrypts to a wrong tag. */
  const block = (kind: IdKind, n: number): [number, number] => {
    const high = Math.floor(n / 2 ** 32);
    return [((TAGS[kind] << 24) | high) >>> 0, n >>> 0];
  };
  const unblock = (kind: IdKind, high: number, low: number): number | null => {
    if (high >>> 24 !== TAGS[kind] || (high & 0xffffff) > 0x1fffff) return null;
    const n = (high & 0x1fffff) * 2 ** 32 + low;
    return n > 0 ? n : null;
  };
  const check = (kind: IdKind, n: number): number => {
    const [high, low] = block(kind, n);
    return cipher.encrypt(high ^ 0xa5a5a5a5, low)[1];
  };

  const hex = (kind: IdKind, n: number): string => {
    const [high, low] = block(kind, n);
    const [x, y] = ORDERED.has(kind) ? [high, low] : cipher.encrypt(high, low);
    return hex32(x) + hex32(y) + hex32(check(kind, n));
  };
  const parseHex = (kind: IdKind, text: string): number | null => {
    if (!HEX24.test(text)) return null;
    return read(kind, word(text, 0), word(text, 8), word(text, 16), 0xffffffff);
  };
  const read = (kind: IdKind, x: number, y: number, sum: number, mask: number): number | null => {
    const [high, low] = ORDERED.has(kind) ? [x, y] : cipher.decrypt(x, y);
    const n = unblock(kind, high, low);
    return n !== null && (check(kind, n) & mask) >>> 0 === sum ? n : null;
  };

  const membershipHex = (conversation: ConversationNumber, user: UserNumber): string => {
    const [x, y] = cipher.encrypt(...block('membership', user));
    return hex32(conversation) + hex32((x ^ conversation) >>> 0) + hex32(y);
  };

  return {
    hex,
    parseHex,
    membershipHex,
    parseMembershipHex(text) {
      if (!HEX24.test(text)) return null;
      const conversation = word(text, 0);
      const [high, low] = cipher.decrypt((word(text, 8) ^ conversation) >>> 0, word(text, 16));
      const user = unblock('membership', high, low);
      return user === null || conversation === 0
        ? null
        : { conversation: conversation as ConversationNumber, user: user as UserNumber };
    },
    membershipUuid: (conversation, user) => uuidOf(membershipHex(conversation, user)),
    uuid(kind, n) {
      const [high, low] = block(kind, n);
      const [x, y] = ORDERED.has(kind) ? [high, low] : cipher.encrypt(high, low);
      return uuidOf(hex32(x) + hex32(y) + hex32(check(kind, n)));
    },
    parseUuid(kind, text) {
      if (!isOurUuid(text)) return null;
      const t = text.toLowerCase();
      return parseHex(
        kind,
        t.slice(0, 8) + t.slice(9, 13) + t.slice(15, 18) + t.slice(20, 23) + t.slice(24, 30),
      );
    },
    pushUuid({ device, conversation, seq }) {
      // Mixed with where it lies, so that ids of one device are not alike; 24 bits are entries enough for 13 blocks.
      const [x, y] = cipher.encrypt(...block('device', device));
      const place = hex32(conversation) + (seq % 2 ** 24).toString(16).padStart(6, '0');
      const all = place + hex32(x ^ conversation ^ (seq % 2 ** 24)) + hex32(y);
      return `${all.slice(0, 8)}-${all.slice(8, 12)}-8${all.slice(12, 15)}-8${all.slice(15, 18)}-${all.slice(18)}`;
    },
    parsePushUuid(text) {
      if (!UUID.test(text) || text[19] !== '8') return null;
      const t = text.toLowerCase();
      const all = t.slice(0, 8) + t.slice(9, 13) + t.slice(15, 18) + t.slice(20, 23) + t.slice(24);
      const [conversation, seq] = [word(all, 0), Number.parseInt(all.slice(8, 14), 16)];
      const [high, low] = cipher.decrypt((word(all, 14) ^ conversation ^ seq) >>> 0, word(all, 22));
      const device = unblock('device', high, low);
      if (device === null || conversation === 0 || seq === 0) return null;
      return { device: device as DeviceNumber, conversation: conversation as ConversationNumber, seq };
    },
  };
}

/** Last six digits of every UUID that the hub makes: a client's own UUID in this layout is refused (DESIGN.md 3). */
const UUID_MARK = '70726c';
export const isOurUuid = (text: string): boolean =>
  UUID.test(text) && text[19] === '8' && text.slice(30).toLowerCase() === UUID_MARK;

/** 24 digits spread around the version (8) and variant (8) digits; the rest is a fixed mark of our layout. */
const uuidOf = (all: string): string =>
  `${all.slice(0, 8)}-${all.slice(8, 12)}-8${all.slice(12, 15)}-8${all.slice(15, 18)}-${all.slice(18, 24)}${UUID_MARK}`;

const hex32 = (n: number): string => (n >>> 0).toString(16).padStart(8, '0');
const word = (text: string, at: number): number => Number.parseInt(text.slice(at, at + 8), 16);

/** Speck64/128: two 32-bit words, four key words, 27 rounds. Words are unsigned 32-bit numbers. */
export function speck64(key: Uint8Array) {
  if (key.length !== 16) throw new RangeError('the id key must be 16 bytes');
  const view = new DataView(key.buffer, key.byteOffset, 16);
  const rotr = (x: number, r: number) => (x >>> r) | (x << (32 - r));
  const rotl = (x: number, r: number) => (x << r) | (x >>> (32 - r));
  const rounds = new Uint32Array(27);
  const l = [view.getUint32(4, true), view.getUint32(8, true), view.getUint32(12, true)];
  rounds[0] = view.getUint32(0, true);
  for (let i = 0; i < 26; i++) {
    const k = rounds[i] as number;
    l[i + 3] = ((k + rotr(l[i] as number, 8)) ^ i) >>> 0;
    rounds[i + 1] = (rotl(k, 3) ^ (l[i + 3] as number)) >>> 0;
  }
  return {
    encrypt(x: number, y: number): [number, number] {
      for (let i = 0; i < 27; i++) {
        x = (rotr(x, 8) + y) ^ (rounds[i] as number);
        y = rotl(y, 3) ^ x;
      }
      return [x >>> 0, y >>> 0];
    },
    decrypt(x: number, y: number): [number, number] {
      for (let i = 26; i >= 0; i--) {
        y = rotr(x ^ y, 3);
        x = rotl((x ^ (rounds[i] as number)) - y, 8);
      }
      return [x >>> 0, y >>> 0];
    },
  };
}
