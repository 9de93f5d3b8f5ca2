// The realtime service of the Qiscus door: MQTT over WebSocket at /mqtt (contracts/qiscus.md 9; docs/qiscus.md).
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest';
import { MqttSocket } from '../support/mqtt.ts';
import type { MadeUser } from '../support/operator.ts';
import { startTestHub, type TestHub } from '../support/server.ts';
import { type QiscusClient, qiscusClient } from './qiscus-client.ts';
import { type World, worldOf } from './realtime-world.ts';

let hub: TestHub;
let world: World;
let qiscus: QiscusClient;
const open: MqttSocket[] = [];

beforeAll(async () => {
  hub = await startTestHub();
  world = await worldOf(hub);
  qiscus = qiscusClient(world.app);
});
afterAll(() => hub?.stop());
afterEach(async () => {
  await world.hangUp();
  for (const { socket } of open.splice(0)) socket.terminate();
});

const address = () => `${hub.url.replace('http', 'ws')}/mqtt`;

const tokenOf = async ({ externalId }: MadeUser): Promise<string> =>
  (await qiscus.get('user_profile', { user_email: externalId })).user.token;

/** A connection without a name, as the SDK makes it before anybody signs in. */
async function anonymous(): Promise<MqttSocket> {
  const client = await MqttSocket.connect(address());
  open.push(client);
  return client;
}

/** One that listens for its own. */
async function connect(user: MadeUser): Promise<{ client: MqttSocket; token: string; id: string }> {
  const client = await anonymous();
  const token = await tokenOf(user);
  expect(await client.subscribe(`${token}/c`, `${token}/n`, `${token}/update`)).toEqual([0, 0, 0]);
  return { client, token, id: user.externalId };
}

describe('who may listen to what', () => {
  test('a token opens its own topics; without one, or with a wrong one, nothing opens', async () => {
    const ann = await world.person('ann');
    const client = await anonymous();
    const room = await world.group(ann);
    const wrong = `${await tokenOf(ann)}x`;
    expect(await client.subscribe(`${wrong}/c`, `r/${room}/${room}/+/t`, `u/${ann.externalId}/s`)).toEqual([
      128, 128, 128,
    ]);
    expect(await client.subscribe(`${await tokenOf(ann)}/c`, `r/${room}/${room}/+/t`)).toEqual([0, 0]);
  });

  test('rooms of others, people of no common room, other topics and wildcards are refused', async () => {
    const [ann, bob, eve] = [await world.person('ann'), await world.person('bob'), await world.person('eve')];
    const room = await world.group(ann, bob);
    await world.group(eve);
    const { client } = await connect(eve);
    const asked = [
      `r/${room}/${room}/+/t`,
      `r/${room}/${room}/${ann.externalId}/r`,
      `r/${room}/${room}/e`,
      `r/${room}/typing`,
      'r/999999/999999/+/t',
      `u/${ann.externalId}/s`,
      'u/nobody/s',
      '#',
      '+/c',
      'r/#',
      'r/+/+/+/t',
      'r/1/2/+/t',
      '$SYS/uptime',
    ];
    expect(await client.subscribe(...asked)).toEqual(asked.map(() => 128));
    expect(await client.subscribe(`u/${eve.externalId}/s`)).toEqual([0]);
  });

  test('a password may be a token; another password ends the connection', async () => {
    const ann = await world.person('ann');
    const room = await world.group(ann);
    const client = await MqttSocket.connect(address(), {
      username: 'ann',
      password: Buffer.from(await tokenOf(ann)),
    });
    open.push(client);
    expect(await client.subscribe(`r/${room}/${room}/+/t`)).toEqual([0]);
    const refused = await MqttSocket.connect(address(), { username: 'ann', password: Buffer.from('guess') });
    await refused.end();
    expect(refused.packets[0]).toMatchObject({ cmd: 'connack', returnCode: 4 });
  });

  test('a session that was ended ends its connection', async () => {
    const ann = await world.person('ann');
    const { client } = await connect(ann);
    await qiscus.post('reset_user_token', { user_email: ann.externalId });
    await client.end();
  });
});

describe('what travels between doors', () => {
  test('typing is told to the others of the room, both ways, and to nobody else', async () => {
    const [ann, bob] = [await world.person('ann'), await world.person('bob')];
    const room = await world.group(ann, bob);
    const [a, b, native] = [await connect(ann), await connect(bob), await world.connect(bob)];
    await native.ask({ t: 'subscribe', c: room });
    const other = await world.group(ann);
    for (const { client } of [a, b]) await client.subscribe(`r/${room}/${room}/+/t`);
    a.client.publish(`r/${room}/${room}/${a.id}/t`, '1');
    expect(await b.client.message(`r/${room}/${room}/${a.id}/t`)).toBe('1');
    expect(await native.next('typing')).toMatchObject({ c: room, user: String(ann.number), on: true });
    await native.ask({ t: 'typing', c: room, on: true });
    expect(await a.client.message(`r/${room}/${room}/${b.id}/t`)).toBe('1');
    // Neither for somebody else, nor into a room of others.
    b.client.publish(`r/${room}/${room}/${a.id}/t`, '1');
    b.client.publish(`r/${other}/${other}/${b.id}/t`, '1');
    b.client.publish(`r/${room}/${room}/${b.id}/t`, '0');
    expect(await a.client.message(`r/${room}/${room}/${b.id}/t`)).toBe('0');
    expect(a.client.messages(`r/${room}/${room}/${a.id}/t`)).toEqual([]);
  });

  test("clients' own events reach those of the room who listen, as they were said", async () => {
    const [ann, bob] = [await world.person('ann'), await world.person('bob')];
    const room = await world.group(ann, bob);
    const [a, b] = [await connect(ann), await connect(bob)];
    for (const { client } of [a, b]) await client.subscribe(`r/${room}/${room}/e`);
    const said = JSON.stringify({ sender: a.id, data: { at: 'Überlingen' } });
    a.client.publish(`r/${room}/${room}/e`, said);
    expect(await b.client.message(`r/${room}/${room}/e`)).toBe(said);
    expect(await a.client.message(`r/${room}/${room}/e`)).toBe(said);
  });

  test('people of a common room see each other come, be away, and go', async () => {
    const [ann, bob] = [await world.person('ann'), await world.person('bob')];
    await world.group(ann, bob);
    const a = await connect(ann);
    const topic = `u/${bob.externalId}/s`;
    expect(await a.client.subscribe(topic)).toEqual([0]);
    expect(await a.client.message(topic)).toMatch(/^0:\d{13}$/);
    const b = await connect(bob);
    expect(await a.client.message(topic)).toMatch(/^1:\d{13}$/);
    b.client.publish(topic, '1');
    b.client.publish(topic, '0');
    expect(await a.client.message(topic)).toMatch(/^0:\d{13}$/);
    b.client.publish(topic, '1');
    expect(await a.client.message(topic)).toMatch(/^1:\d{13}$/);
    b.client.socket.terminate();
    expect(await a.client.message(topic)).toMatch(/^0:\d{13}$/);
    const native = await world.connect(bob);
    expect(await a.client.message(topic)).toMatch(/^1:\d{13}$/);
    await native.close();
    expect(await a.client.message(topic)).toMatch(/^0:\d{13}$/);
    expect(a.client.messages(topic)).toHaveLength(7);
  });

  test('who unsubscribes is told no more; who unsubscribes from all of their own has signed out', async () => {
    const [ann, bob] = [await world.person('ann'), await world.person('bob')];
    const room = await world.group(ann, bob);
    const [a, b] = [await connect(ann), await connect(bob)];
    const topic = `r/${room}/${room}/${b.id}/t`;
    await a.client.subscribe(`r/${room}/${room}/+/t`, `r/${room}/${room}/e`);
    await a.client.unsubscribe(`r/${room}/${room}/+/t`);
    b.client.publish(topic, '1');
    b.client.publish(`r/${room}/${room}/e`, '{}');
    await a.client.message(`r/${room}/${room}/e`);
    expect(a.client.messages(topic)).toEqual([]);
    await a.client.unsubscribe(`${a.token}/c`, `${a.token}/n`, `${a.token}/update`);
    expect(await a.client.subscribe(`r/${room}/${room}/+/t`)).toEqual([128]);
  });
});

describe('the protocol', () => {
  test('a ping is answered, a disconnect ends it', async () => {
    const client = await anonymous();
    await client.settled();
    client.send({ cmd: 'disconnect' } as never);
    expect((await client.end()).code).toBe(1000);
  });

  const BROKEN: Record<string, Uint8Array> = {
    'bytes that are no packet': Uint8Array.of(0xff, 0xff, 0xff, 0xff, 0xff, 0xff),
    'a second connect': Uint8Array.of(0x10, 13, 0, 4, 77, 81, 84, 84, 4, 2, 0, 60, 0, 1, 97),
    'a packet of more than 64 KB': Uint8Array.of(0x30, 0xff, 0xff, 0x7f),
  };
  test.each(Object.entries(BROKEN))('%s end it', async (_what, bytes) => {
    const client = await anonymous();
    client.send(bytes);
    expect((await client.end()).code).toBe(1002);
  });

  test('what comes before the connect, and text frames, end it', async () => {
    const early = new MqttSocket(address());
    await early.opened();
    early.send({ cmd: 'pingreq' });
    expect((await early.end()).code).toBe(1002);
    const texts = await anonymous();
    texts.socket.send('hello');
    expect((await texts.end()).code).toBe(1008);
  });

  test('another version, and a session without a name, are refused as the protocol says', async () => {
    const older = new MqttSocket(address());
    await older.opened();
    older.send({
      cmd: 'connect',
      protocolId: 'MQIsdp',
      protocolVersion: 3,
      clientId: 'x',
      clean: true,
      keepalive: 0,
    });
    expect(await older.next('connack')).toMatchObject({ returnCode: 1 });
    const nameless = new MqttSocket(address());
    await nameless.opened();
    nameless.send(Uint8Array.of(0x10, 12, 0, 4, 77, 81, 84, 84, 4, 0, 0, 60, 0, 0));
    expect(await nameless.next('connack')).toMatchObject({ returnCode: 2 });
  });

  test('an upgrade needs its subprotocol, and the address takes nothing but upgrades', async () => {
    expect(await new MqttSocket(address(), ['other']).refusal()).toBe(400);
    expect((await fetch(`${hub.url}/mqtt`)).status).toBe(400);
    expect((await fetch(`${hub.url}/mqtt/other`)).status).toBe(404);
    expect((await anonymous()).socket.protocol).toBe('mqtt');
  });
});
