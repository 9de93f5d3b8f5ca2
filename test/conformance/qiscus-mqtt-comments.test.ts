// Comments and marks on the realtime service of the Qiscus door, to and from every other door (contracts/qiscus.md 9). Who may
// listen, and the protocol itself, are in qiscus-mqtt.test.ts.
import { afterAll, afterEach, beforeAll, expect, test } from 'vitest';
import { MqttSocket } from '../support/mqtt.ts';
import type { MadeUser } from '../support/operator.ts';
import { startTestHub, type TestHub } from '../support/server.ts';
import { type Json, type QiscusClient, qiscusClient } from './qiscus-client.ts';
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

interface Listener {
  client: MqttSocket;
  id: string;
  token: string;
  /** The next one on a topic of their own. */
  news(topic: 'c' | 'n' | 'update', wanted?: (payload: string) => boolean): Promise<Json>;
  count(topic: 'c' | 'n' | 'update'): number;
}

async function connect(user: MadeUser): Promise<Listener> {
  const client = await MqttSocket.connect(`${hub.url.replace('http', 'ws')}/mqtt`);
  open.push(client);
  const { token } = (await qiscus.get('user_profile', { user_email: user.externalId })).user;
  expect(await client.subscribe(`${token}/c`, `${token}/n`, `${token}/update`)).toEqual([0, 0, 0]);
  return {
    client,
    id: user.externalId,
    token,
    news: async (topic, wanted) => JSON.parse(await client.message(`${token}/${topic}`, wanted)),
    count: (topic) => client.messages(`${token}/${topic}`).length,
  };
}

const sdk = async (by: Listener, method: string, name: string, values: Json = {}): Promise<Json> => {
  const response = await fetch(`${hub.url}/api/v2/sdk/${name}`, {
    method,
    headers: {
      'qiscus-sdk-app-id': world.app.app.slug,
      'qiscus-sdk-token': by.token,
      'content-type': 'application/json',
    },
    body: JSON.stringify(values),
  });
  expect([name, response.status]).toEqual([name, 200]);
  return ((await response.json()) as Json).results;
};

test('what any door says comes to all of the room in order, the author too, as the calls show it', async () => {
  const [ann, bob, eve] = [await world.person('ann'), await world.person('bob'), await world.person('eve')];
  const room = await world.group(ann, bob);
  const [a, b, e] = [await connect(ann), await connect(bob), await connect(eve)];
  const native = await world.connect(bob);
  const posted = await sdk(a, 'POST', 'post_comment', {
    topic_id: room,
    comment: 'by the SDK',
    type: 'text',
    unique_temp_id: 'of-the-client',
  });
  await native.ask({ t: 'send', c: room, text: 'by realtime', clientId: 'n1' });
  await world.post(room, bob, 'by Sunshine');
  const system = await qiscus.post('post_system_event_message', {
    system_event_type: 'custom',
    room_id: room,
    message: 'by the server',
    payload: { of: 'it' },
  });
  for (const listener of [a, b]) {
    const seen = [];
    for (let i = 0; i < 4; i++) seen.push(await listener.news('c'));
    expect(seen.map(({ message }) => message)).toEqual([
      'by the SDK',
      'by realtime',
      'by Sunshine',
      'by the server',
    ]);
    expect(seen[0]).toMatchObject({
      id: posted.comment.id,
      unique_temp_id: 'of-the-client',
      email: a.id,
      room_id: Number(room),
      type: 'text',
      comment_before_id: 0,
    });
    expect(seen[3]).toMatchObject({ id: system.comment.id, type: 'system_event' });
    expect(seen.slice(1).map(({ comment_before_id }) => comment_before_id)).toEqual(
      seen.slice(0, 3).map(({ id }) => id),
    );
    expect(listener.count('c')).toBe(4);
  }
  await e.client.settled();
  expect(e.count('c')).toBe(0);
});

test('who comes into a room later hears it from then on, who left hears no more', async () => {
  const [ann, bob] = [await world.person('ann'), await world.person('bob')];
  const { room_id: made } = await qiscus.post('create_room', {
    name: 'Late',
    creator: ann.externalId,
    participants: [ann.externalId],
  });
  const c = String(made);
  const [a, b] = [await connect(ann), await connect(bob)];
  await sdk(a, 'POST', 'post_comment', { topic_id: c, comment: 'before', type: 'text' });
  await qiscus.post('add_room_participants', { room_id: c, emails: [bob.externalId] });
  await sdk(a, 'POST', 'post_comment', { topic_id: c, comment: 'between', type: 'text' });
  expect(await b.news('c', (text) => text.includes('between'))).toMatchObject({ message: 'between' });
  await b.client.subscribe(`r/${c}/${c}/+/t`);
  await qiscus.post('remove_room_participants', { room_id: c, emails: [bob.externalId] });
  await sdk(a, 'POST', 'post_comment', { topic_id: c, comment: 'after', type: 'text' });
  await a.news('c', (text) => text.includes('after'));
  a.client.publish(`r/${c}/${c}/${a.id}/t`, '1');
  await a.client.settled();
  // Told last of all: whatever was on its way is here.
  const other = await world.group(ann, bob);
  await world.post(other, ann, 'elsewhere');
  await b.news('c', (text) => text.includes('elsewhere'));
  const heard = b.client.messages(`${b.token}/c`).join();
  expect(heard).not.toContain('"before"');
  expect(heard).not.toContain('"after"');
  expect(b.client.messages(`r/${c}/${c}/${a.id}/t`)).toEqual([]);
});

test('edits come as the comment is now, deletions as notifications', async () => {
  const [ann, bob] = [await world.person('ann'), await world.person('bob')];
  const room = await world.group(ann, bob);
  const b = await connect(bob);
  const native = await world.connect(ann);
  const sent = await native.ask({ t: 'send', c: room, text: 'first', clientId: 'n1' });
  const first = await b.news('c');
  await native.ask({ t: 'edit', c: room, id: sent.id, text: 'better' });
  expect(await b.news('update')).toMatchObject({
    id: first.id,
    unique_temp_id: first.unique_temp_id,
    message: 'better',
  });
  await native.ask({ t: 'delete', c: room, id: sent.id });
  const { action_topic, payload } = await b.news('n');
  expect(action_topic).toBe('delete_message');
  expect(payload.actor).toMatchObject({ email: ann.externalId, name: 'Ann' });
  expect(payload.data).toEqual({
    deleted_messages: [{ room_id: room, message_unique_ids: [first.unique_temp_id] }],
    is_hard_delete: true,
  });
});

test("who clears a room tells their own connections, and nobody else's", async () => {
  const [ann, bob] = [await world.person('ann'), await world.person('bob')];
  const room = await world.group(ann, bob);
  const [phone, page, b] = [await connect(ann), await connect(ann), await connect(bob)];
  const { comment } = await sdk(b, 'POST', 'post_comment', { topic_id: room, comment: 'hi', type: 'text' });
  await phone.news('c');
  await sdk(phone, 'DELETE', 'clear_room_messages', { room_channel_ids: [comment.room_id_str] });
  for (const mine of [phone, page]) {
    const { action_topic, payload } = await mine.news('n');
    expect([action_topic, payload.data.deleted_rooms[0].id]).toEqual(['clear_room', Number(room)]);
  }
  await b.client.settled();
  expect(b.count('n')).toBe(0);
});

test('marks go both ways: read and received by the id of a comment', async () => {
  const [ann, bob] = [await world.person('ann'), await world.person('bob')];
  const room = await world.group(ann, bob);
  const [a, b, native] = [await connect(ann), await connect(bob), await world.connect(ann)];
  await native.ask({ t: 'subscribe', c: room });
  await a.client.subscribe(`r/${room}/${room}/+/r`, `r/${room}/${room}/+/d`);
  await b.client.subscribe(`r/${room}/${room}/${a.id}/r`);
  for (const text of ['one', 'two']) await world.post(room, ann, text);
  const [one, two] = [await b.news('c'), await b.news('c')];
  const mark = ({ id, unique_temp_id }: Json) => `${id}:${unique_temp_id}`;
  b.client.publish(`r/${room}/${room}/${b.id}/d`, mark(two));
  expect(await a.client.message(`r/${room}/${room}/${b.id}/d`)).toBe(mark(two));
  b.client.publish(`r/${room}/${room}/${b.id}/r`, mark(one));
  expect(await a.client.message(`r/${room}/${room}/${b.id}/r`)).toBe(mark(one));
  expect(await native.next('read', ({ user }) => user === String(bob.number))).toMatchObject({ c: room });
  // Never back, never for another, never by what is no comment.
  b.client.publish(`r/${room}/${room}/${a.id}/r`, mark(two));
  b.client.publish(`r/${room}/${room}/${b.id}/r`, 'nonsense');
  b.client.publish(`r/${room}/${room}/${b.id}/r`, mark(two));
  expect(await a.client.message(`r/${room}/${room}/${b.id}/r`)).toBe(mark(two));
  // From a native client, who has something to read first.
  await world.post(room, bob, 'three');
  const three = await a.news('c', (text) => text.includes('three'));
  await native.ask({ t: 'read', c: room });
  expect(await b.client.message(`r/${room}/${room}/${a.id}/r`, (text) => text === mark(three))).toBeTruthy();
});

test("a channel's comments come on its own topic to those who are in it, and once", async () => {
  const [ann, bob, eve] = [await world.person('ann'), await world.person('bob'), await world.person('eve')];
  const { room } = await qiscus.post('get_or_create_channel', {
    unique_id: 'news of the day',
    participants: [ann.externalId, bob.externalId],
  });
  const topic = `${world.app.app.slug}/news of the day/c`;
  const [a, b, e] = [await connect(ann), await connect(bob), await connect(eve)];
  expect(await b.client.subscribe(topic)).toEqual([0]);
  expect(await e.client.subscribe(topic, 'another-app/news of the day/c')).toEqual([128, 128]);
  await sdk(a, 'POST', 'post_comment', { topic_id: room.id, comment: 'extra', type: 'text' });
  expect(JSON.parse(await b.client.message(topic))).toMatchObject({ message: 'extra' });
  expect(await a.news('c')).toMatchObject({ message: 'extra' });
  await b.client.settled();
  expect(b.count('c')).toBe(0);
});
