// What the Qiscus door promises of calls that are made again, of files that comments name, and of names in events when a
// person is erased (docs/qiscus.md).
import { afterAll, beforeAll, expect, test } from 'vitest';
import type { AppCredentials } from '../../src/standalone/demo.ts';
import { startTestHub, type TestHub } from '../support/server.ts';
import { type Json, type QiscusClient, qiscusClient } from './qiscus-client.ts';

let hub: TestHub;
let app: AppCredentials;
let qiscus: QiscusClient;
let room: number;

beforeAll(async () => {
  hub = await startTestHub();
  app = await hub.createApp();
  qiscus = qiscusClient(app);
  for (const email of ['ann', 'ben', 'cat'])
    await qiscus.post('login_or_register', { email, username: email, password: 'x' });
  const made = await qiscus.post('create_room', {
    name: 'Talk',
    participants: ['ann', 'ben', 'cat'],
    creator: 'ann',
  });
  room = made.room_id;
});
afterAll(() => hub?.stop());

const texts = async (room_id: number): Promise<string[]> =>
  (await qiscus.get('load_comments', { room_id, limit: 100 })).comments.map(({ message }: Json) => message);

test('an event about several people is written once for each, however often the call is made', async () => {
  const event = {
    system_event_type: 'add_member',
    room_id: room,
    subject_email: 'ann',
    object_email: ['ben', 'cat'],
  };
  const again = () => qiscus.post('post_system_event_message', { ...event, unique_temp_id: 'added' });
  const [first, second] = [await again(), await again()];
  expect(second.comment.id).toBe(first.comment.id);
  expect(await texts(room)).toEqual(['ann added cat', 'ann added ben']);
  // Without an id the same may happen twice.
  const { comment } = await qiscus.post('post_system_event_message', event);
  expect(comment.unique_temp_id).toMatch(/^parlance-\d+$/);
  expect(await texts(room)).toHaveLength(4);
});

test('a broadcast is heard once by each, however often the call is made', async () => {
  const send = async (): Promise<number[]> =>
    (
      await qiscus.post('broadcast', {
        sender_email: 'ann',
        emails: ['ben', 'cat'],
        message: 'To all',
        unique_temp_id: 'b-1',
      })
    ).comments.map(({ id }: Json) => id);
  expect(await send()).toEqual(await send());
  const { room: pair } = await qiscus.get('get_or_create_room_with_target', { emails: ['ann', 'ben'] });
  expect(await texts(pair.id)).toEqual(['To all']);
});

test("a file of the hub's own becomes the comment's", async () => {
  const { user } = await qiscus.post('login_or_register', { email: 'ann', password: 'x' });
  const form = new FormData();
  form.append('file', new Blob(['hello'], { type: 'text/plain' }), 'note.txt');
  const sent = await fetch(`${app.qiscus.baseUrl}/api/v2/sdk/upload`, {
    method: 'POST',
    headers: { 'qiscus-sdk-app-id': app.qiscus.appId, 'qiscus-sdk-token': user.token },
    body: form,
  });
  const { url } = ((await sent.json()) as Json).results.file;
  const post = () =>
    qiscus.call('POST', 'post_comment', {
      sender_email: 'ann',
      room_id: room,
      type: 'file_attachment',
      payload: { url, caption: 'A note' },
    });
  const payload = (await post()).body.results.comment.payload;
  expect(payload).toMatchObject({ caption: 'A note', url: expect.stringContaining('/files/') });
  expect(await (await fetch(payload.url)).text()).toBe('hello');
  const [newest] = (await qiscus.get('load_comments', { room_id: room })).comments;
  expect(newest).toMatchObject({ type: 'file_attachment', payload: { caption: 'A note' } });
  // One that is in a comment already is passed on by its address.
  expect((await post()).body.results.comment.payload.url).toBe(url);
  const wide = { sender_email: 'ann', emails: ['ben'], type: 'file_attachment', payload: { url } };
  expect(await qiscus.call('POST', 'broadcast', wide)).toMatchObject({ status: 400 });
});

test('events that name somebody go when they are erased', async () => {
  expect((await texts(room)).filter((text) => text.includes('cat'))).toHaveLength(2);
  const erased = await fetch(`${hub.url}/admin/apps/${app.app.slug}/users/cat`, {
    method: 'DELETE',
    headers: { authorization: `Bearer ${hub.adminToken}` },
  });
  expect(erased.status).toBe(200);
  const left = await texts(room);
  expect(left.filter((text) => text.includes('cat'))).toEqual([]);
  expect(left.filter((text) => text === 'ann added ben')).toHaveLength(2);
});
