// The callback address of an app, as servers written for the Qiscus API expect its calls (contracts/qiscus.md 8): set by the
// operator, signed, told of every comment of every door. The document as such is dialects/qiscus/events.test.ts.
import { createHmac } from 'node:crypto';
import { afterAll, beforeAll, expect, test } from 'vitest';
import type { AppCredentials } from '../../src/standalone/demo.ts';
import { type Received, type Receiver, startReceiver } from '../support/receiver.ts';
import { startTestHub, type TestHub } from '../support/server.ts';
import { type Json, type QiscusClient, qiscusClient } from './qiscus-client.ts';

let receiver: Receiver;
let hub: TestHub;
let app: AppCredentials;
let qiscus: QiscusClient;
let room: number;

const operate = async (
  method: string,
  path: string,
  body?: object,
): Promise<{ status: number; body: Json }> => {
  const reply = await fetch(`${hub.url}/admin/apps/${app.app.slug}/endpoints${path}`, {
    method,
    headers: { authorization: `Bearer ${hub.adminToken}` },
    ...(body && { body: JSON.stringify(body) }),
  });
  return { status: reply.status, body: await reply.json() };
};

beforeAll(async () => {
  receiver = await startReceiver();
  hub = await startTestHub({ env: { WEBHOOK_ALLOW_HOSTS: receiver.host, WEBHOOK_RETRY_SECONDS: '0.05' } });
  app = await hub.createApp();
  qiscus = qiscusClient(app);
  for (const name of ['ann', 'ben'])
    await qiscus.post('login_or_register', { email: name, username: name, password: 'x' });
  const made = await qiscus.post('create_room', {
    name: 'Talk',
    participants: ['ann', 'ben'],
    creator: 'ann',
  });
  room = made.room_id;
});
afterAll(async () => {
  await hub?.stop();
  receiver?.close();
});

const say = (message: string, more: object = {}): Promise<Json> =>
  qiscus.post('post_comment', { sender_email: 'ann', room_id: room, message, ...more });
/** What came, in order: a call that was cut off with its object and made again is one. */
const told = (): Received[] => {
  const seqs = receiver.calls.map(({ headers }) => headers['x-hub-seq']);
  return receiver.calls.filter((_, i) => seqs.indexOf(seqs[i]) === i);
};
const last = (): Json => JSON.parse(String(told().at(-1)?.body));

test('one address, signed with a secret that is shown when it is made', async () => {
  const url = `${receiver.url}/callback`;
  const made = await operate('POST', '', { url, format: 'qiscus' });
  expect(made).toMatchObject({ status: 201, body: { endpoint: { format: 'qiscus', url } } });
  const { comment } = await say('Hello', { unique_temp_id: 'hello-1' });
  await receiver.until(() => told().length === 1);
  const [call] = told();
  const sign = (secret: string) =>
    createHmac('sha256', secret)
      .update(call?.body as Buffer)
      .digest('hex');
  expect(call?.headers['qiscus-sdk-signature']).toBe(sign(made.body.secret));
  expect(last()).toMatchObject({
    type: 'post_comment_rest',
    payload: {
      from: { email: 'ann', name: 'ann' },
      room: { id: room, type: 'group', name: 'Talk', participants: [{ email: 'ann' }, { email: 'ben' }] },
      message: {
        type: 'text',
        text: 'Hello',
        id: comment.id,
        comment_before_id: 0,
        unique_temp_id: 'hello-1',
      },
    },
  });

  // A second one there is not; what it tells of is not to choose.
  expect((await operate('POST', '', { url, format: 'qiscus' })).status).toBe(400);
  const number = made.body.endpoint.number as number;
  expect(await operate('PATCH', `/${number}`, { events: ['message.created'] })).toMatchObject({
    status: 400,
  });

  const rotated = await operate('POST', `/${number}/rotate`, {});
  await say('Again', { type: 'reply', payload: { text: 'Again', replied_comment_id: comment.id } });
  await receiver.until(() => told().length === 2);
  const [, second] = told();
  const again = createHmac('sha256', rotated.body.secret)
    .update(second?.body as Buffer)
    .digest('hex');
  expect(second?.headers['qiscus-sdk-signature']).toBe(again);
  expect(last().payload.message).toMatchObject({
    type: 'reply',
    comment_before_id: comment.id,
    payload: { replied_comment_id: comment.id, replied_comment_message: 'Hello' },
  });
});

test("a client's comment is told as one, and nothing else is told", async () => {
  const before = told().length;
  const sdk = async (call: string, values: object, token?: string): Promise<Json> => {
    const reply = await fetch(`${app.qiscus.baseUrl}/api/v2/sdk/${call}`, {
      method: 'POST',
      headers: {
        'content-type': 'application/json',
        'qiscus-sdk-app-id': app.qiscus.appId,
        ...(token && { 'qiscus-sdk-token': token }),
      },
      body: JSON.stringify(values),
    });
    return ((await reply.json()) as Json).results;
  };
  const { user } = await sdk('login_or_register', { email: 'ben', password: 'x' });
  await qiscus.post('update_room', { user_email: 'ann', room_id: room, room_name: 'Renamed' });
  await sdk('post_comment', { topic_id: room, comment: 'Hi', unique_temp_id: 'hi-1' }, user.token);
  await receiver.until(() => told().length > before);
  expect(last()).toMatchObject({
    type: 'post_comment_mobile',
    payload: { from: { email: 'ben' }, room: { name: 'Renamed' }, message: { text: 'Hi' } },
  });
  expect(told()).toHaveLength(before + 1);
});
