// The client SDKs of Qiscus, unmodified, in processes of their own, against the running hub (contracts/qiscus.md 9): with the
// realtime service, and by asking alone.
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, onTestFinished, test } from 'vitest';
import type { AppCredentials } from '../../src/standalone/demo.ts';
import { type Given, SdkClient } from '../support/qiscus-sdk/client.ts';
import { startTestHub, type TestHub } from '../support/server.ts';

let hub: TestHub;
let app: AppCredentials;
let folder: string;

beforeAll(async () => {
  hub = await startTestHub();
  app = await hub.createApp();
  folder = mkdtempSync(join(tmpdir(), 'parlance-sdk-'));
});
afterAll(async () => {
  rmSync(folder, { recursive: true, force: true });
  await hub?.stop();
});

/** Nobody listens there. */
const NOWHERE = 'ws://127.0.0.1:9/mqtt';

async function start(kind: 'core' | 'javascript'): Promise<SdkClient> {
  const client = await SdkClient.start(kind);
  onTestFinished(() => client.stop());
  return client;
}

/** qiscus-sdk-core, signed in. `live`: with the realtime service, as the hub's own configuration says. */
async function core(name: string, live: boolean): Promise<SdkClient> {
  const client = await start('core');
  const { slug: AppId } = app.app;
  if (live) await client.ask('init', { AppId, baseURL: hub.url });
  else {
    // What the configuration says too, but for how often it asks.
    const quick = { AppId, baseURL: hub.url, withConfig: false, syncInterval: 150, mqttURL: NOWHERE };
    await client.ask('init', quick, { enableSyncEvent: true });
  }
  await client.call('setUser', `${name}@example.org`, `password of ${name}`, name);
  if (live) await client.eventually('isConnected', (connected) => connected === true);
  return client;
}

const unique = () => `of-a-test-${Math.random().toString(36).slice(2)}`;

/** The first message in which something holds. */
const message = async (client: SdkClient, wanted: (comment: Given) => boolean): Promise<Given> => {
  const [comments] = await client.next('newMessagesCallback', (all: Given[]) => all.some(wanted));
  return comments.find(wanted);
};

describe.each([
  ['with the realtime service', true],
  ['by asking alone', false],
] as const)('qiscus-sdk-core %s', (_how, live) => {
  /** People of this round. */
  const named = (name: string): string => `${name}-${live ? 'live' : 'asking'}`;
  const emailOf = (name: string): string => `${named(name)}@example.org`;
  const sdk = (name: string): Promise<SdkClient> => core(named(name), live);

  test('two people talk: text, reply, custom, file, in the newest and in the oldest room', async () => {
    const [ann, bob] = await Promise.all([sdk('ann'), sdk('bob')]);
    const oldest = await ann.call('chatTarget', emailOf('bob'));
    expect(oldest).toMatchObject({ name: named('bob'), room_type: 'single', comments: [] });
    const newest = await ann.call('createGroupRoom', 'Picnic', [emailOf('bob')], { color: 'red' });
    expect(newest).toMatchObject({ name: 'Picnic', participants: [expect.anything(), expect.anything()] });
    const rooms = await bob.call('loadRoomList', { show_empty: true });
    expect(rooms.map(({ name }: Given) => name).sort()).toEqual(['Picnic', named('ann')]);

    // The newest room speaks first, then the oldest: one cursor for both.
    await ann.call('sendComment', newest.id, 'to all', unique());
    expect(await message(bob, ({ message }) => message === 'to all')).toMatchObject({ room_id: newest.id });
    const id = unique();
    const sent = await ann.call('sendComment', oldest.id, 'hello <b>Bob</b>', id);
    expect(sent).toMatchObject({ unique_temp_id: id, status: 'sent', room_id: oldest.id });
    const got = await message(bob, ({ unique_temp_id }) => unique_temp_id === id);
    expect(got).toMatchObject({
      id: sent.id,
      room_id: oldest.id,
      email: emailOf('ann'),
      username: named('ann'),
    });

    const opened = await bob.call('chatTarget', emailOf('ann'));
    expect(opened.comments.map(({ message: words }: Given) => words)).toEqual([got.message]);
    const reply = JSON.stringify({
      text: 'hello back',
      replied_comment_id: got.id,
      replied_comment_message: '',
    });
    await bob.call('sendComment', oldest.id, 'hello back', unique(), 'reply', reply);
    const answer = await message(ann, ({ type }) => type === 'reply');
    expect(answer).toMatchObject({
      message: 'hello back',
      payload: { replied_comment_id: sent.id, replied_comment_sender_email: emailOf('ann') },
    });

    const custom = JSON.stringify({ type: 'promo', content: { percent: 20, tags: ['a'] } });
    await ann.call('sendComment', oldest.id, 'a promotion', unique(), 'custom', custom);
    expect(await message(bob, ({ type }) => type === 'custom')).toMatchObject({
      message: 'a promotion',
      payload: { type: 'promo', content: { percent: 20, tags: ['a'] } },
    });

    const path = join(folder, 'notes.txt');
    writeFileSync(path, 'what is in the file');
    const url = await ann.ask('upload', path);
    await ann.call('sendComment', newest.id, `[file] ${url} [/file]`, unique());
    const file = await message(bob, ({ message: words }) => words.startsWith('[file]'));
    const [, address] = /\[file\] (\S+) \[\/file\]/.exec(file.message) ?? [];
    expect(await (await fetch(address as string)).text()).toBe('what is in the file');
    const files = await bob.call('getFileList', {
      roomIds: [newest.id],
      userId: emailOf('ann'),
      sender: null,
    });
    expect(files.results.comments).toHaveLength(1);
  });

  test('read marks reach the one who wrote', async () => {
    const [ann, bob] = await Promise.all([sdk('cat'), sdk('dan')]);
    const room = await ann.call('chatTarget', emailOf('dan'));
    const id = unique();
    await ann.call('sendComment', room.id, 'read me', id);
    await message(bob, ({ unique_temp_id }) => unique_temp_id === id);
    await bob.call('getRoomById', room.id);
    const [{ comment, userId }] = await ann.next('commentReadCallback');
    expect([comment.unique_id, userId]).toEqual([id, emailOf('dan')]);
  });

  test('what was missed comes with the next sign-in; search finds it; it can be deleted; sign-out ends it', async () => {
    const ann = await sdk('eve');
    const bob = await sdk('fay');
    const room = await ann.call('chatTarget', emailOf('fay'));
    const first = unique();
    await ann.call('sendComment', room.id, 'before the gap', first);
    await message(bob, ({ unique_temp_id }) => unique_temp_id === first);
    bob.stop();
    const [second, third] = [unique(), unique()];
    await ann.call('sendComment', room.id, 'marmalade in the gap', second);
    await ann.call('sendComment', room.id, 'still in the gap', third);
    const again = await sdk('fay');
    const opened = await again.call('getRoomById', room.id);
    expect(opened.comments.map(({ unique_id }: Given) => unique_id)).toEqual([first, second, third]);
    const found = await again.call('searchMessage', { query: 'marmalade' });
    expect(found.results.comments.map(({ message: words }: Given) => words)).toEqual([
      'marmalade in the gap',
    ]);
    expect(await again.call('getTotalUnreadCount')).toBe(0);
    await ann.call('deleteComment', room.id, [second], true, true);
    const [gone] = await again.next('commentDeletedCallback');
    expect(gone).toMatchObject({ commentUniqueIds: [second] });
    const { token } = await again.ask('user');
    await again.call('logout');
    const answer = await fetch(`${hub.url}/api/v2/sdk/my_profile`, {
      headers: { 'qiscus-sdk-token': token },
    });
    expect(answer.status).toBe(401);
  });
});

describe.each([
  ['with the realtime service', true],
  ['by asking alone', false],
] as const)('qiscus-sdk-javascript %s', (_how, live) => {
  const named = (name: string): string => `${name}-3-${live ? 'live' : 'asking'}`;

  async function javascript(name: string): Promise<SdkClient> {
    const client = await start('javascript');
    await client.ask('setup', app.app.slug, hub.url, `${hub.url}/api/v2/sdk/upload`);
    await client.call('setUser', named(name), `password of ${name}`, name);
    await client.ask('listen');
    if (live) await client.eventually('isConnected', (connected) => connected === true);
    else {
      await client.call('closeRealtimeConnection');
      await client.ask('interval', 200);
    }
    return client;
  }

  test('two people of it talk: text, reply, custom, file, marks, search, sign-out', async () => {
    const [ann, bob] = await Promise.all([javascript('ann'), javascript('bob')]);
    const room = await ann.call('chatUser', named('bob'), {});
    expect(room).toMatchObject({ type: 'single', name: 'bob', totalParticipants: 2 });
    if (live) for (const client of [ann, bob]) await client.call('subscribeChatRoom', room);
    const received = (text: string) => bob.next('onMessageReceived', (message) => message.text === text);

    const hello = await ann.call('generateMessage', {
      roomId: room.id,
      text: 'hello',
      extras: { mood: 'fine' },
    });
    const sent = await ann.call('sendMessage', hello);
    expect(sent).toMatchObject({ text: 'hello', uniqueId: hello.uniqueId, extras: { mood: 'fine' } });
    const [got] = await received('hello');
    expect(got).toMatchObject({
      id: sent.id,
      chatRoomId: room.id,
      sender: { id: named('ann'), name: 'ann' },
    });

    const repliedMessage = got;
    const reply = await bob.call('generateReplyMessage', {
      roomId: room.id,
      text: 'hello back',
      repliedMessage,
    });
    await bob.call('sendMessage', reply);
    const [answer] = await ann.next('onMessageReceived', ({ type }) => type === 'reply');
    expect(answer).toMatchObject({ text: 'hello back', payload: { replied_comment_id: sent.id } });

    const payload = { percent: 20 };
    const promo = { roomId: room.id, text: 'a promotion', type: 'promo', payload };
    await ann.call('sendMessage', await ann.call('generateCustomMessage', promo));
    const [custom] = await received('a promotion');
    expect(custom).toMatchObject({ type: 'custom', payload: { type: 'promo', payload } });

    const path = join(folder, `picture of ${named('ann')}.txt`);
    writeFileSync(path, 'a file');
    const url = await ann.ask('upload', path);
    const file = {
      roomId: room.id,
      url,
      caption: 'Look',
      text: 'File attachment',
      filename: 'a.txt',
      size: 6,
    };
    await ann.call('sendMessage', await ann.call('generateFileAttachmentMessage', file));
    const [shown] = await received('File attachment');
    expect(await (await fetch(shown.payload.url)).text()).toBe('a file');

    await bob.call('markAsRead', room.id, shown.id);
    await ann.next('onMessageRead', ({ uniqueId }) => uniqueId === shown.uniqueId);
    if (live) {
      await bob.call('publishTyping', room.id, true);
      await ann.next('onUserTyping', (user, c, on) => user === named('bob') && c === room.id && on === true);
    }

    const [opened, messages] = await bob.call('getChatRoomWithMessages', room.id);
    expect([opened.name, opened.unreadCount, messages.length]).toEqual(['ann', 0, 3]);
    const found = await bob.call('searchMessage', { query: 'promotion' });
    expect(found.map(({ text }: Given) => text)).toEqual(['a promotion']);
    await ann.call('deleteMessages', [hello.uniqueId]);
    await bob.next('onMessageDeleted', ({ uniqueId }) => uniqueId === hello.uniqueId);
    expect((await bob.call('getAllChatRooms', true, false, true, 1, 10)).length).toBe(1);
    expect(ann.events.filter(({ event }) => event === 'uncaught' || event === 'unhandled')).toEqual([]);
  });
});
