// Every form of a number leads back to it and to nothing else.

import { describe, expect, test } from 'vitest';
import {
  BLOCK_SIZE,
  blockOf,
  type ConversationNumber,
  createIds,
  isOurUuid,
  type MessageNumber,
  messageNumber,
  parseDecimal,
  seqOf,
  speck64,
  type UserNumber,
} from '../../src/domain/ids.ts';
import { fc } from '../fuzz/made-up.ts';

const key = (byte: number) => new Uint8Array(16).fill(byte);
const ids = createIds(key(7));
const number = fc.integer({ min: 1, max: Number.MAX_SAFE_INTEGER });
const KINDS = ['app', 'user', 'device', 'key', 'conversation', 'message', 'group', 'job', 'webhook'] as const;
const kind = fc.constantFrom(...KINDS);

test('the cipher is Speck64/128: the vector of its authors', () => {
  const k = Uint8Array.from([
    0x00, 0x01, 0x02, 0x03, 0x08, 0x09, 0x0a, 0x0b, 0x10, 0x11, 0x12, 0x13, 0x18, 0x19, 0x1a, 0x1b,
  ]);
  const cipher = speck64(k);
  expect(cipher.encrypt(0x3b726574, 0x7475432d)).toEqual([0x8c6fa548, 0x454e028b]);
  expect(cipher.decrypt(0x8c6fa548, 0x454e028b)).toEqual([0x3b726574, 0x7475432d]);
});

describe('24 hex digits and UUIDs', () => {
  test('lead back to the number, in either case of letters', () => {
    fc.assert(
      fc.property(kind, number, (k, n) => {
        const hex = ids.hex(k, n);
        const uuid = ids.uuid(k, n);
        expect(hex).toMatch(/^[0-9a-f]{24}$/);
        expect(uuid).toMatch(/^[0-9a-f]{8}-[0-9a-f]{4}-8[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/);
        expect(ids.parseHex(k, hex)).toBe(n);
        expect(ids.parseUuid(k, uuid)).toBe(n);
        expect(ids.parseUuid(k, uuid.toUpperCase())).toBe(n);
        expect(isOurUuid(uuid)).toBe(true);
      }),
    );
  });

  test('are of one kind and of one hub', () => {
    const other = createIds(key(8));
    fc.assert(
      fc.property(kind, kind, number, (k, wrong, n) => {
        fc.pre(k !== wrong);
        expect(ids.parseHex(wrong, ids.hex(k, n))).toBeNull();
        expect(ids.parseUuid(wrong, ids.uuid(k, n))).toBeNull();
        expect(other.parseHex(k, ids.hex(k, n))).toBeNull();
      }),
    );
  });

  test('cannot be made by changing a digit', () => {
    fc.assert(
      fc.property(kind, number, fc.nat(23), fc.integer({ min: 1, max: 15 }), (k, n, at, by) => {
        const hex = ids.hex(k, n);
        const digit = (Number.parseInt(hex[at] as string, 16) ^ by).toString(16);
        expect(ids.parseHex(k, hex.slice(0, at) + digit + hex.slice(at + 1))).toBeNull();
      }),
    );
  });

  test('of people do not count up; those of conversations and messages sort by number', () => {
    const users = Array.from({ length: 50 }, (_, i) => ids.hex('user', i + 1));
    expect(new Set(users.map((hex) => hex.slice(0, 6))).size).toBeGreaterThan(45);
    expect(users.toSorted()).not.toEqual(users);
    fc.assert(
      fc.property(number, number, (a, b) => {
        for (const k of ['conversation', 'message'] as const) {
          expect(ids.hex(k, a) < ids.hex(k, b)).toBe(a < b);
          expect(ids.uuid(k, a) < ids.uuid(k, b)).toBe(a < b);
        }
      }),
    );
  });

  test('of other layouts are not ours', () => {
    fc.assert(
      fc.property(fc.uuid(), (uuid) => {
        expect(ids.parseUuid('user', uuid)).toBeNull();
      }),
    );
    for (const text of ['', 'x', '0'.repeat(24), 'g'.repeat(24), '00000000-0000-0000-0000-000000000000'])
      for (const k of KINDS) expect([ids.parseHex(k, text), ids.parseUuid(k, text)]).toEqual([null, null]);
  });

  test('of a membership name the conversation and the person', () => {
    const small = fc.integer({ min: 1, max: 2 ** 31 });
    fc.assert(
      fc.property(small, small, (c, u) => {
        const hex = ids.membershipHex(c as ConversationNumber, u as UserNumber);
        expect(hex).toMatch(/^[0-9a-f]{24}$/);
        expect(ids.parseMembershipHex(hex)).toEqual({ conversation: c, user: u });
        expect(ids.parseHex('user', hex)).toBeNull();
      }),
    );
  });
});

describe('message numbers', () => {
  const blocks = fc.uniqueArray(fc.integer({ min: 1, max: 2 ** 32 - 1 }), { minLength: 1, maxLength: 4 });

  test('hold the block and the seq, and lead back to the seq', () => {
    fc.assert(
      fc.property(blocks, fc.nat(4 * BLOCK_SIZE), (held, at) => {
        const seq = 1 + (at % (held.length * BLOCK_SIZE - 1));
        const n = messageNumber(held, seq);
        expect(Number.isSafeInteger(n)).toBe(true);
        expect(blockOf(n)).toBe(held[Math.floor(seq / BLOCK_SIZE)]);
        expect(seqOf(held, n)).toBe(seq);
        const another = held.reduce((a, b) => a + b) + 1;
        expect(seqOf([another], n)).toBeNull();
      }),
    );
  });

  test('end at 2^53-1, and there is none outside the blocks', () => {
    expect(messageNumber([2 ** 32 - 1], BLOCK_SIZE - 1)).toBe(Number.MAX_SAFE_INTEGER);
    expect(() => messageNumber([1], BLOCK_SIZE)).toThrow(RangeError);
    expect(seqOf([1], BLOCK_SIZE as MessageNumber)).toBeNull();
  });
});

test('a push’s id says which message it brings to which device, and nothing else reads as one', () => {
  const push = fc.record({
    device: number as fc.Arbitrary<never>,
    conversation: fc.integer({ min: 1, max: 2 ** 32 - 1 }) as fc.Arbitrary<never>,
    seq: fc.integer({ min: 1, max: 2 ** 24 - 1 }),
  });
  fc.assert(
    fc.property(push, kind, number, (one, what, n) => {
      const text = ids.pushUuid(one);
      expect(text).toMatch(/^[0-9a-f]{8}-[0-9a-f]{4}-8[0-9a-f]{3}-8[0-9a-f]{3}-[0-9a-f]{12}$/);
      expect(ids.parsePushUuid(text)).toEqual(one);
      expect(ids.parseUuid(what, text)).toBeNull();
      // Another hub's, unless one in 256 of them means something by chance: then nobody's device here.
      const other = createIds(key(9)).parsePushUuid(text);
      expect(other).not.toEqual(one);
      expect(ids.parsePushUuid(ids.uuid(what, n))).not.toEqual(one);
    }),
  );
  for (const text of ['', 'x', '00000000-0000-8000-8000-000000000000'])
    expect(ids.parsePushUuid(text)).toBeNull();
});

test('decimal ids are digits without a sign, a leading zero or a loss', () => {
  fc.assert(
    fc.property(number, (n) => {
      expect(parseDecimal(String(n))).toBe(n);
    }),
  );
  for (const text of [
    '',
    '0',
    '01',
    '-1',
    '+1',
    '1.0',
    '1e3',
    ' 1',
    '1 ',
    '9007199254740992',
    '99999999999999999',
    '１',
  ])
    expect(parseDecimal(text)).toBeNull();
});
