import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import type { ConversationNumber } from '../../src/domain/ids.ts';
import { Connection, pack, type Subscription, unpack } from '../../src/inbox/connection.ts';
import type { Claims } from '../../src/sockets/socket.ts';
import { fc } from '../fuzz/made-up.ts';

/** A socket that remembers what was done to it. */
function fakeSocket() {
  const did = { frames: 0, closed: null as number | null, attachment: undefined as unknown };
  const socket = {
    send: () => {
      did.frames += 1;
    },
    close: (code: number) => {
      did.closed = code;
    },
    serializeAttachment: (value: unknown) => {
      did.attachment = structuredClone(value);
    },
    deserializeAttachment: () => did.attachment,
  };
  return { did, socket: socket as unknown as WebSocket };
}

const card = { externalId: 'a', username: 'ann', name: 'Ann', avatar: null, role: 'member' };
const claims = { user: 3, card } as Claims;

describe('subscriptions', () => {
  test('come out of the attachment as they went in', () => {
    const number = (max: number) => fc.integer({ min: 0, max });
    const rows = fc.uniqueArray(
      fc.tuple(
        fc.integer({ min: 1, max: 2 ** 32 - 1 }),
        number(Number.MAX_SAFE_INTEGER),
        number(2 ** 28 - 1),
      ),
      { selector: ([c]) => c },
    );
    fc.assert(
      fc.property(rows, (all) => {
        const before = new Map<ConversationNumber, Subscription>();
        for (const [c, position, epoch] of all) {
          before.set(c as ConversationNumber, { position, epoch, held: null, ending: false });
        }
        const after = new Map<ConversationNumber, Subscription>();
        unpack(pack(before), after);
        expect(after).toEqual(before);
      }),
    );
  });

  test('a thousand of them fit beside the longest claims', () => {
    const all = new Map<ConversationNumber, Subscription>();
    for (let i = 0; i < 1_000; i++) {
      const subscription = { position: 2 ** 28 - 1, epoch: 2 ** 28 - 1, held: null, ending: false };
      all.set((2 ** 32 - 1 - i) as ConversationNumber, subscription);
    }
    expect(pack(all).length).toBeLessThanOrEqual(13_000);
  });
});

describe('a client that does not read', () => {
  const MEGABYTE = 'x'.repeat(1024 * 1024);
  const START = Date.parse('2026-11-22T00:00:00Z');
  let pingedAt = 0;
  const setUp = () => {
    const { did, socket } = fakeSocket();
    const connection = new Connection(socket, claims, () => pingedAt);
    connection.heard(START);
    return { did, connection };
  };
  beforeEach(() => {
    pingedAt = 0;
    vi.useFakeTimers({ now: START });
  });
  afterEach(() => vi.useRealTimers());

  test('is closed once much was sent and nothing came back for long', () => {
    const { did, connection } = setUp();
    vi.setSystemTime(START + 91_000);
    for (let i = 0; i < 16; i++) connection.send(MEGABYTE);
    expect(did).toMatchObject({ frames: 16, closed: null });
    connection.send(MEGABYTE);
    expect(did).toMatchObject({ frames: 16, closed: 4408 });
    connection.send('x');
    expect(did.frames).toBe(16);
  });

  test('is any that is silent, not one that pings or that is only slow to be sent much', () => {
    const pings = setUp();
    const young = setUp();
    for (let i = 0; i < 100; i++) young.connection.send(MEGABYTE);
    expect(young.did).toMatchObject({ frames: 100, closed: null });
    vi.setSystemTime(START + 600_000);
    pingedAt = START + 570_000;
    for (let i = 0; i < 100; i++) pings.connection.send(MEGABYTE);
    expect(pings.did).toMatchObject({ frames: 100, closed: null });
  });
});

test('a closed socket that the platform still lists does not come back to life', () => {
  const { did, socket } = fakeSocket();
  const connection = new Connection(socket, claims, () => 0);
  connection.save();
  expect(Connection.of(socket, () => 0)?.claims).toEqual(claims);
  connection.close(4401, 'signed out');
  expect(did.closed).toBe(4401);
  expect(Connection.of(socket, () => 0)).toBe(null);
});

test('a socket whose attachment does not fit is sent back rather than forgotten', () => {
  const { did, socket } = fakeSocket();
  const refusing = Object.assign(socket, {
    serializeAttachment: () => {
      throw new Error('too large');
    },
  });
  const logged = vi.spyOn(console, 'error').mockImplementation(() => undefined);
  const connection = new Connection(refusing, claims, () => 0);
  connection.save();
  expect(did.closed).toBe(1012);
  expect(logged).toHaveBeenCalledOnce();
  logged.mockRestore();
});
