// Packets of MQTT as they come, cut anywhere, and what is refused of them. The bytes are the codec's (the npm package mqtt-packet).

import mqtt, { type Packet } from 'mqtt-packet';
import { expect, test } from 'vitest';
import {
  type ClientPacket,
  connack,
  MAX_PACKET_BYTES,
  Malformed,
  PacketReader,
  pingresp,
  puback,
  publish,
  suback,
  unsuback,
} from '../../../src/dialects/qiscus/mqtt/packets.ts';
import { fc } from '../../fuzz/made-up.ts';

const read = (...chunks: Uint8Array[]): ClientPacket[] => {
  const reader = new PacketReader();
  return chunks.flatMap((chunk) => [...reader.read(chunk)]);
};

const bytes = (text: string): Uint8Array => new TextEncoder().encode(text);

const words = fc
  .string({ minLength: 1, maxLength: 40, unit: 'grapheme' })
  .filter((text) => !text.includes('\0'));
const topic = words.filter((text) => !/[+#]/.test(text));
const id = fc.integer({ min: 1, max: 65_535 });
const payload = fc.uint8Array({ maxLength: 400 });

/** A packet as a client writes it, and as it must be read. */
const sent: fc.Arbitrary<[Packet, ClientPacket]> = fc.oneof(
  fc
    .record({
      clientId: words,
      clean: fc.boolean(),
      keepalive: fc.integer({ min: 0, max: 65_535 }),
      will: fc.option(fc.record({ topic, payload, qos: fc.constantFrom(0, 1, 2), retain: fc.boolean() })),
      username: fc.option(words),
      password: payload,
    })
    .map(({ will, username, password, ...rest }): [Packet, ClientPacket] => [
      {
        cmd: 'connect',
        protocolId: 'MQTT',
        protocolVersion: 4,
        ...rest,
        will: will ? { ...will, payload: Buffer.from(will.payload) } : undefined,
        ...(username === null ? {} : { username, password: Buffer.from(password) }),
      } as Packet,
      {
        type: 'connect',
        clientId: rest.clientId,
        clean: rest.clean,
        keepAlive: rest.keepalive,
        will: will && { topic: will.topic, payload: will.payload },
        username,
        password: username === null ? null : password,
      },
    ]),
  fc
    .record({ topic, payload, qos: fc.constantFrom(0, 1), retain: fc.boolean(), messageId: id })
    .map(({ qos, messageId, ...rest }): [Packet, ClientPacket] => [
      {
        cmd: 'publish',
        dup: false,
        qos,
        ...rest,
        payload: Buffer.from(rest.payload),
        ...(qos > 0 && { messageId }),
      } as Packet,
      { type: 'publish', ...rest, id: qos > 0 ? messageId : null },
    ]),
  fc
    .record({ messageId: id, filters: fc.array(words, { minLength: 1, maxLength: 5 }) })
    .map(({ messageId, filters }): [Packet, ClientPacket] => [
      {
        cmd: 'subscribe',
        messageId,
        subscriptions: filters.map((name) => ({ topic: name, qos: 0 })),
      } as Packet,
      { type: 'subscribe', id: messageId, filters },
    ]),
  fc
    .record({ messageId: id, filters: fc.array(words, { minLength: 1, maxLength: 5 }) })
    .map(({ messageId, filters }): [Packet, ClientPacket] => [
      { cmd: 'unsubscribe', messageId, unsubscriptions: filters } as Packet,
      { type: 'unsubscribe', id: messageId, filters },
    ]),
  fc.constant<[Packet, ClientPacket]>([{ cmd: 'pingreq' }, { type: 'pingreq' }]),
  fc.constant<[Packet, ClientPacket]>([{ cmd: 'disconnect' } as Packet, { type: 'disconnect' }]),
);

test('reads packets however the stream is cut', () => {
  fc.assert(
    fc.property(
      fc.array(sent, { minLength: 1, maxLength: 4 }),
      fc.integer({ min: 1, max: 60 }),
      (packets, size) => {
        const all = Buffer.concat(packets.map(([packet]) => mqtt.generate(packet)));
        const chunks: Uint8Array[] = [];
        for (let at = 0; at < all.length; at += size)
          chunks.push(new Uint8Array(all.subarray(at, at + size)));
        expect(read(...chunks)).toEqual(packets.map(([, packet]) => packet));
      },
    ),
    { numRuns: 300 },
  );
});

test('writes what a client reads', () => {
  const seen: Packet[] = [];
  const parser = mqtt.parser({ protocolVersion: 4 });
  parser.on('packet', (packet) => seen.push(packet));
  const said = 'ä'.repeat(40_000);
  for (const packet of [
    connack(4),
    suback(258, [0, 0x80]),
    unsuback(65_535),
    puback(7),
    pingresp(),
    publish('r/1/1/ä@b/t', '1'),
    publish('u/x/s', said, { retain: true }),
  ])
    parser.parse(Buffer.from(packet));
  expect(seen).toMatchObject([
    { cmd: 'connack', returnCode: 4, sessionPresent: false },
    { cmd: 'suback', messageId: 258, granted: [0, 0x80] },
    { cmd: 'unsuback', messageId: 65_535 },
    { cmd: 'puback', messageId: 7 },
    { cmd: 'pingresp' },
    { cmd: 'publish', qos: 0, retain: false, topic: 'r/1/1/ä@b/t', payload: Buffer.from('1') },
    { cmd: 'publish', qos: 0, retain: true, topic: 'u/x/s', payload: Buffer.from(said) },
  ]);
});

const connectWith = (flags: number, rest: number[] = []): Uint8Array => {
  const body = [0, 4, ...bytes('MQTT'), 4, flags, 0, 60, 0, 1, 97, ...rest];
  return Uint8Array.of(0x10, body.length, ...body);
};

const REFUSED: Record<string, Uint8Array> = {
  'a reserved type': Uint8Array.of(0xf0, 0),
  "a server's packet": Uint8Array.of(0x20, 2, 0, 0),
  'reserved flags': Uint8Array.of(0xc1, 0),
  'a subscribe without its flags': Uint8Array.of(0x80, 6, 0, 1, 0, 1, 97, 0),
  'a length of five bytes': Uint8Array.of(0x30, 0xff, 0xff, 0xff, 0xff, 1),
  'more than 64 KB': Uint8Array.of(0x30, 0xff, 0xff, 0x03),
  'text that ends early': Uint8Array.of(0x30, 3, 0, 9, 97),
  'text that is not UTF-8': Uint8Array.of(0x30, 3, 0, 1, 0xff),
  'half a character': Uint8Array.of(0x30, 5, 0, 3, 0xed, 0xa0, 0x80),
  'a null character': Uint8Array.of(0x30, 3, 0, 1, 0),
  'a topic with wildcards': Uint8Array.of(0x30, 3, 0, 1, 0x2b),
  'an empty topic': Uint8Array.of(0x30, 2, 0, 0),
  'quality of service 2': Uint8Array.of(0x34, 5, 0, 1, 97, 0, 1),
  'a packet identifier of 0': Uint8Array.of(0x82, 6, 0, 0, 0, 1, 97, 0),
  'nothing to subscribe to': Uint8Array.of(0x82, 2, 0, 1),
  'bytes after the end': Uint8Array.of(0xc0, 1, 0),
  'a reserved connect flag': connectWith(0x03),
  'a will of no quality': connectWith(0x1e),
  'a retained will that is none': connectWith(0x22),
  'a password without a name': connectWith(0x42, [0, 1, 97]),
};

test.each(Object.entries(REFUSED))('refuses %s', (_what, packet) => {
  expect(() => read(packet)).toThrow(Malformed);
});

test('says when it is only the version that is another', () => {
  const older = Uint8Array.of(0x10, 15, 0, 6, ...bytes('MQIsdp'), 3, 2, 0, 60, 0, 1, 97);
  expect(() => read(older)).toThrow(expect.objectContaining({ level: true }));
  expect(() => read(Uint8Array.of(0x10, 6, 0, 3, ...bytes('FTP'), 1))).toThrow(
    expect.objectContaining({ level: false }),
  );
});

test('takes a packet of exactly the largest size', () => {
  const body = MAX_PACKET_BYTES - 4;
  const packet = mqtt.generate({
    cmd: 'publish',
    topic: 'a',
    qos: 0,
    dup: false,
    retain: false,
    payload: Buffer.alloc(body - 3),
  });
  expect(packet.length).toBe(MAX_PACKET_BYTES);
  expect(read(new Uint8Array(packet))).toHaveLength(1);
});
