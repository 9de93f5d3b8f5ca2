// Comments of the Qiscus door: every type with its payload, what other doors make of it and it of theirs, client ids,
// pages, unread counts (contracts/qiscus.md 4, 5, 7).
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { AppCredentials } from '../../src/standalone/demo.ts';
import { base64, int, string } from '../../src/xmlrpc/value.ts';
import { startTestHub, type TestHub } from '../support/server.ts';
import { authorizationOf } from './calls/sunshine.ts';
import { send as forumSend, signIn } from './calls/tapatalk.ts';
import { type Json, okay, type QiscusClient, qiscusClient, refusal, type Values } from './qiscus-client.ts';

const ANN = 'ann@example.org';
const BEN = 'ben@example.org';
const CAT = 'cat@example.org';

let hub: TestHub;
let app: AppCredentials;
let qiscus: QiscusClient;
let cookie: string;

beforeAll(async () => {
  hub = await startTestHub();
  app = await hub.createApp();
  qiscus = qiscusClient(app);
  for (const email of [ANN, BEN, CAT]) {
    const username = email.replace(/@.*/, '').replace(/^./, (first) => first.toUpperCase());
    await qiscus.post('login_or_register', { email, username, password: 'open sesame' });
  }
  cookie = await signIn({ made: app }, { username: 'ann', password: 'open sesame' } as never);
});
afterAll(() => hub?.stop());

const newRoom = async (participants = [ANN, BEN]): Promise<number> =>
  (await qiscus.post('create_room', { name: 'Talk', participants, creator: ANN })).room_id;

const say = async (room_id: Json, message: string, sender_email = ANN, more: Values = {}): Promise<Json> =>
  (await qiscus.post('post_comment', { sender_email, room_id, message, ...more })).comment;

const loaded = async (room_id: Json, more: Values = {}): Promise<Json[]> =>
  (await qiscus.get('load_comments', { room_id, ...more })).comments;

/** The conversation of a room as Sunshine knows it: ids of conversations tell their numbers. */
async function sunshine(method: string, n: number, path: string, body?: object): Promise<Json> {
  const { basePath, appId } = app.sunshine;
  const by = { authorization: authorizationOf(app.sunshine) };
  const user = await (await fetch(`${basePath}/v2/apps/${appId}/users/${ANN}`, { headers: by })).json();
  const list = await fetch(
    `${basePath}/v2/apps/${appId}/conversations?filter[userId]=${(user as Json).user.id}&page[size]=100`,
    { headers: by },
  );
  const found = ((await list.json()) as Json).conversations.find(
    ({ id }: Json) => Number.parseInt(id.slice(8, 16), 16) === n,
  );
  const answer = await fetch(`${basePath}/v2/apps/${appId}/conversations/${found.id}/${path}`, {
    method,
    headers: by,
    ...(body && { body: JSON.stringify(body) }),
  });
  return answer.json();
}

const BUTTONS = [
  {
    label: 'button1',
    type: 'postback',
    payload: { url: 'http://somewhere.com/button1', method: 'get', payload: null },
  },
  { label: 'button2', type: 'link', payload: { url: 'http://somewhere.com/button2?id=123' } },
];
const ACTIONS = [
  { type: 'postback', text: 'button1', payload: 'button1' },
  { type: 'link', text: 'button2', uri: 'http://somewhere.com/button2?id=123' },
];
const CARD = {
  title: 'Atasan Blouse',
  description: 'Oleh sippnshop\nRp 49.000.00,-',
  url: 'http://url.com/baju?id=123',
};
const MAP = 'https://goo.gl/maps/nkY2DBF1quM2';

interface Kind {
  type: string;
  given: Values;
  /** `payload` of the answer where it is not the given one. */
  payload?: Json;
  message: string;
  /** What Sunshine shows. */
  content: Json;
}

/** A comment of every type (contracts/qiscus.md 5). */
const KINDS: Kind[] = [
  {
    type: 'text',
    given: { message: 'plain' },
    payload: {},
    message: 'plain',
    content: { type: 'text', text: 'plain' },
  },
  {
    type: 'account_linking',
    given: {
      payload: {
        text: 'silahkan login',
        url: 'http://google.com',
        redirect_url: 'http://google.com/redirect',
        params: { user_id: 1, button_text: 'ini button' },
      },
    },
    message: 'Account linking',
    content: { type: 'text', text: 'silahkan login\nhttp://google.com' },
  },
  {
    type: 'buttons',
    given: { payload: { text: 'silahkan pencet', buttons: BUTTONS } },
    message: 'silahkan pencet',
    content: { type: 'text', text: 'silahkan pencet', actions: ACTIONS },
  },
  {
    type: 'card',
    given: {
      payload: { text: 'Special deal', image_url: 'http://url.com/gambar.jpg', ...CARD, buttons: BUTTONS },
    },
    payload: {
      text: 'Special deal',
      image: 'http://url.com/gambar.jpg',
      ...CARD,
      buttons: BUTTONS.map((button) => ({ postback_text: '', ...button })),
    },
    message: 'Special deal',
    content: {
      type: 'carousel',
      items: [
        {
          title: CARD.title,
          description: CARD.description,
          mediaUrl: 'http://url.com/gambar.jpg',
          actions: ACTIONS,
        },
      ],
      text: `Special deal\n\n${CARD.title}\n${CARD.description}\n${CARD.url}\nbutton2: ${BUTTONS[1]?.payload.url}`,
    },
  },
  {
    type: 'carousel',
    given: {
      payload: {
        cards: [
          {
            image: 'http://url.com/1.jpg',
            title: 'One',
            description: 'The first',
            default_action: { type: 'postback', postback_text: 'x', payload: { url: CARD.url } },
            buttons: [],
          },
        ],
      },
    },
    message: '',
    content: {
      type: 'carousel',
      items: [
        {
          title: 'One',
          description: 'The first',
          mediaUrl: 'http://url.com/1.jpg',
          actions: [{ type: 'link', text: 'Open', uri: CARD.url }],
        },
      ],
      text: `One\nThe first\n${CARD.url}`,
    },
  },
  {
    type: 'custom',
    given: { payload: { type: 'promo', content: ['any', { thing: null }] } },
    message: '',
    content: { type: 'text', text: '[promo]' },
  },
  {
    type: 'location',
    given: {
      payload: { name: 'Mirota', address: 'Jalan C', latitude: '-7.77', longitude: 110.37, map_url: MAP },
    },
    payload: { name: 'Mirota', address: 'Jalan C', latitude: -7.77, longitude: 110.37, map_url: MAP },
    message: `Mirota - Jalan C\n${MAP}`,
    content: {
      type: 'location',
      coordinates: { lat: -7.77, long: 110.37 },
      location: { name: 'Mirota', address: 'Jalan C' },
      text: `Mirota - Jalan C\n${MAP}`,
    },
  },
  {
    type: 'contact_person',
    given: { payload: { name: 'Evan', value: 'e@qiscus.com' } },
    payload: { name: 'Evan', value: 'e@qiscus.com', type: 'phone' },
    message: 'Evan - e@qiscus.com',
    content: { type: 'text', text: 'Evan - e@qiscus.com' },
  },
  {
    type: 'file_attachment',
    given: { payload: { url: 'https://x.example/a.png', caption: 'Look', size: 12 } },
    message: '[file] https://x.example/a.png [/file] Look',
    content: {
      type: 'image',
      mediaUrl: 'https://x.example/a.png',
      mediaType: 'image/png',
      mediaSize: 12,
      altText: 'a.png',
      text: 'Look',
    },
  },
  {
    type: 'button_postback_response',
    given: { message: 'button1', payload: { any: 'thing' } },
    message: 'button1',
    content: { type: 'text', text: 'button1' },
  },
];

test.each(KINDS.map((kind) => [kind.type, kind] as const))('%s', async (type, kind) => {
  const n = await newRoom();
  const { given, message, content, payload = given.payload } = kind;
  const comment = await say(n, given.message, ANN, { ...given, type });
  expect(comment).toMatchObject({ type, message, email: ANN });
  expect(comment.payload).toEqual(payload);
  const [again] = await loaded(n);
  expect(again).toEqual({ ...comment, room_name: 'Talk' });
  const { messages } = await sunshine('GET', n, 'messages');
  expect(messages[0].content).toEqual(content);
  const page = await forumSend(app.tapatalk.url, cookie, 'get_conversation', [
    string(String(n)),
    int(0),
    int(19),
  ]);
  expect(JSON.stringify(page.body.list[0])).toContain(String(content.text).split('\n')[0]);
});

describe('replies', () => {
  test('show what they answer as it is now', async () => {
    const n = await newRoom();
    const first = await say(n, 'the first');
    const reply = await say(n, undefined as never, BEN, {
      type: 'reply',
      payload: { text: 'the answer', replied_comment_id: first.id },
    });
    const answered = {
      text: 'the answer',
      replied_comment_id: first.id,
      replied_comment_message: 'the first',
      replied_comment_sender_username: 'Ann',
      replied_comment_sender_email: ANN,
      replied_comment_type: 'text',
      replied_comment_payload: {},
    };
    expect(reply).toMatchObject({ type: 'reply', message: 'the answer', comment_before_id: first.id });
    expect(reply.payload).toEqual(answered);
    // The one that is answered lies outside this page.
    expect((await loaded(n, { limit: 1 }))[0].payload).toEqual(answered);

    const { messages } = await sunshine('GET', n, 'messages');
    expect(messages[1].quotedMessage.message.id).toBe(messages[0].id);
    await sunshine('DELETE', n, `messages/${messages[0].id}`);
    const [now, ...others] = await loaded(n);
    expect(others).toEqual([]);
    expect(now.payload).toEqual({
      ...answered,
      replied_comment_message: '',
      replied_comment_sender_username: '',
      replied_comment_sender_email: '',
    });
    // It was the first, and is none any more: nothing stands before the reply now.
    expect(now.comment_before_id).toBe(0);
    const gone = {
      sender_email: BEN,
      room_id: n,
      type: 'reply',
      payload: { text: 'x', replied_comment_id: first.id },
    };
    expect((await qiscus.call('POST', 'post_comment', gone)).body).toEqual(refusal(404, 'Comment not found'));
  });

  test('answer a comment of the same room alone', async () => {
    const other = await say(await newRoom(), 'elsewhere');
    const values = {
      sender_email: ANN,
      room_id: await newRoom(),
      type: 'reply',
      payload: { text: 'x', replied_comment_id: other.id },
    };
    expect((await qiscus.call('POST', 'post_comment', values)).body).toEqual(
      refusal(404, 'Comment not found'),
    );
  });
});

describe('client ids', () => {
  test('fifty posts at once make one comment, and so does one much later', async () => {
    const n = await newRoom();
    const values = { unique_temp_id: 'once', extras: { a: 1 } };
    const comments = await Promise.all(Array.from({ length: 50 }, () => say(n, 'once', ANN, values)));
    expect(new Set(comments.map((comment) => JSON.stringify(comment))).size).toBe(1);
    await say(n, 'twice');
    expect(await say(n, 'once', ANN, values)).toEqual(comments[0]);
    expect((await loaded(n)).map(({ message }) => message)).toEqual(['twice', 'once']);
  });

  test('of a reply too, also when what it answered is gone', async () => {
    const n = await newRoom();
    const first = await say(n, 'the first');
    const values = {
      type: 'reply',
      unique_temp_id: 'reply',
      payload: { text: 'yes', replied_comment_id: first.id },
    };
    const reply = await say(n, undefined as never, BEN, values);
    const { messages } = await sunshine('GET', n, 'messages');
    await sunshine('DELETE', n, `messages/${messages[0].id}`);
    expect((await say(n, undefined as never, BEN, values)).id).toBe(reply.id);
  });

  test.each([
    ['another sender', { sender_email: BEN }],
    ['other words', { message: 'other' }],
    ['another payload', { type: 'custom', payload: { type: 'x', content: 1 } }],
  ])('are refused to %s', async (_, change) => {
    const n = await newRoom();
    const values = { sender_email: ANN, room_id: n, message: 'mine', unique_temp_id: 'mine' };
    await qiscus.post('post_comment', values);
    const { status, body } = await qiscus.call('POST', 'post_comment', { ...values, ...change });
    expect({ status, body }).toEqual({
      status: 400,
      body: refusal(400, 'Validation error', 'Another message already has this client id.'),
    });
    expect(await loaded(n)).toHaveLength(1);
  });

  test('are made where there is none, each its own', async () => {
    const n = await newRoom();
    const ids = [await say(n, 'same'), await say(n, 'same', ANN, { unique_temp_id: '' })].map(
      ({ unique_temp_id }) => unique_temp_id,
    );
    expect(new Set(ids).size).toBe(2);
    expect((await loaded(n)).map(({ unique_temp_id }) => unique_temp_id)).toEqual([...ids].reverse());
  });
});

describe('pages', () => {
  test('hold every comment once, newest first, each with the one before it, whatever was deleted', async () => {
    const n = await newRoom();
    for (let i = 0; i < 25; i++) await say(n, `${i}`, i % 2 ? ANN : BEN);
    const { messages } = await sunshine('GET', n, 'messages');
    for (const i of [3, 4, 11, 24]) await sunshine('DELETE', n, `messages/${messages[i].id}`);
    const all: Json[] = [];
    for (let page = 1; page <= 5; page++) all.push(...(await loaded(n, { page, limit: 6 })));
    const left = Array.from({ length: 25 }, (_, i) => i).filter((i) => ![3, 4, 11, 24].includes(i));
    expect(all.map(({ message }) => Number(message))).toEqual([...left].reverse());
    expect(all.map(({ comment_before_id }) => comment_before_id)).toEqual([
      ...all.slice(1).map(({ id }) => id),
      0,
    ]);
    expect(await loaded(n)).toHaveLength(20);
    // The newest one is gone: what comes next follows the newest that is there.
    expect((await say(n, 'next')).comment_before_id).toBe(all[0].id);
  });
});

describe('rooms of a user', () => {
  test('come twenty to a page, newest comment first; all up to a hundred with no page', async () => {
    const email = 'busy@example.org';
    await qiscus.post('login_or_register', { email, username: 'Busy' });
    const rooms: number[] = [];
    for (let i = 0; i < 22; i++) rooms.push(await newRoom([email, ANN]));
    await say(rooms[0], 'hello');
    const target = await qiscus.get('get_or_create_room_with_target', { emails: [email, BEN] });
    await say(target.room.id, 'you', BEN);
    const newest = [target.room.id, rooms[0]];
    const page = (values: Values) => qiscus.get('get_user_rooms', { user_email: email, ...values });
    const one = await page({ page: 1 });
    const two = await page({ page: 2 });
    const ids = [...one.rooms_info, ...two.rooms_info].map(({ room_id }: Json) => room_id);
    expect(one.meta).toEqual({ current_page: 1, total_room: 23 });
    expect([one.rooms_info.length, two.rooms_info.length]).toEqual([20, 3]);
    expect(ids.slice(0, 2)).toEqual(newest);
    expect(new Set(ids)).toEqual(new Set([...rooms, target.room.id]));
    expect((await page({})).rooms_info).toHaveLength(23);
    // A room of two is called after the other one.
    const single = await page({ room_type: 'single' });
    expect(single.meta.total_room).toBe(1);
    expect(single.rooms_info).toMatchObject([{ room_type: 'single', room_name: 'Ben', unread_count: 1 }]);
    expect((await page({ type: 'group', page: 1 })).meta.total_room).toBe(22);
    const { user } = await qiscus.get('user_profile', { user_email: email });
    expect(user.last_comment_id).toBe(single.rooms_info[0].last_comment_id);
  });
});

test('unread counts: of others alone, until one speaks or reads', async () => {
  const n = await newRoom([ANN, CAT]);
  const unread = async (user_email: string): Promise<Json[]> => {
    const { rooms_info } = await qiscus.post('get_rooms_info', {
      user_email,
      room_id: [n],
      show_participants: true,
    });
    const { total_unread_count } = await qiscus.get('get_user_unread_count', { user_email });
    const me = rooms_info[0].participants.find(({ email }: Json) => email === user_email);
    return [rooms_info[0].unread_count, total_unread_count > 0, me.last_comment_read_id];
  };
  const one = await say(n, 'one');
  const two = await say(n, 'two');
  expect(await unread(CAT)).toEqual([2, true, 0]);
  expect((await unread(ANN))[2]).toBe(two.id);
  const three = await say(n, 'three', CAT);
  expect(await unread(CAT)).toEqual([0, false, three.id]);
  expect((await unread(ANN)).slice(0, 1)).toEqual([1]);
  expect(one.id).toBeLessThan(two.id);
});

describe('other doors', () => {
  test('the order is one, and what each says is a comment here', async () => {
    const n = await newRoom();
    await say(n, 'from Qiscus');
    const { messages } = await sunshine('GET', n, 'messages');
    const author = { type: 'user', userId: messages[0].author.userId };
    const contents = [
      { type: 'text', markdownText: 'from **Sunshine**' },
      { type: 'text', text: 'pick', actions: ACTIONS },
      { type: 'image', mediaUrl: 'https://x.example/a.png', text: 'look' },
      { type: 'location', coordinates: { lat: 1.5, long: 2 }, location: { name: 'Home' } },
      { type: 'carousel', items: [{ title: 'One', actions: [ACTIONS[1]] }] },
    ];
    for (const content of contents) await sunshine('POST', n, 'messages', { author, content });
    const forum = await forumSend(app.tapatalk.url, cookie, 'reply_conversation', [
      string(String(n)),
      base64('from the [b]forum[/b]'),
    ]);
    expect(forum.body.result).toBe(true);
    await say(n, 'and back', BEN);

    const shown = (await loaded(n))
      .reverse()
      .map(({ type, message, payload, email }) => ({ type, message, payload, email }));
    const by = (email: string, type: string, message: string, payload: Json = {}) => ({
      type,
      message,
      payload,
      email,
    });
    expect(shown).toEqual([
      by(ANN, 'text', 'from Qiscus'),
      by(ANN, 'text', 'from Sunshine'),
      by(ANN, 'buttons', 'pick', {
        text: 'pick',
        buttons: [
          {
            label: 'button1',
            type: 'postback',
            postback_text: 'button1',
            payload: { url: '', method: 'get', payload: 'button1' },
          },
          {
            label: 'button2',
            type: 'link',
            postback_text: '',
            payload: { url: BUTTONS[1]?.payload.url, method: 'get', payload: null },
          },
        ],
      }),
      by(ANN, 'file_attachment', '[file] https://x.example/a.png [/file] look', {
        url: 'https://x.example/a.png',
        caption: 'look',
        file_name: 'a.png',
        size: 0,
        pages: 1,
      }),
      by(ANN, 'location', 'Location shared:\nhttps://maps.google.com/maps?q=1.5,2', {
        name: 'Home',
        address: '',
        latitude: 1.5,
        longitude: 2,
        map_url: 'https://maps.google.com/maps?q=1.5,2',
      }),
      by(ANN, 'carousel', `1. One\nbutton2: ${BUTTONS[1]?.payload.url}`, {
        cards: [
          {
            image: '',
            title: 'One',
            description: '',
            default_action: {
              type: 'link',
              postback_text: '',
              payload: { url: BUTTONS[1]?.payload.url, method: 'get', payload: null },
            },
            buttons: [
              {
                label: 'button2',
                type: 'link',
                postback_text: '',
                payload: { url: BUTTONS[1]?.payload.url, method: 'get', payload: null },
              },
            ],
          },
        ],
      }),
      by(ANN, 'text', 'from the forum'),
      by(BEN, 'text', 'and back'),
    ]);
    const page = await forumSend(app.tapatalk.url, cookie, 'get_conversation', [
      string(String(n)),
      int(0),
      int(19),
    ]);
    expect(page.body.list).toHaveLength(shown.length);
    expect((await sunshine('GET', n, 'messages')).messages).toHaveLength(shown.length);
  });

  test('new words of another door are what a comment says', async () => {
    const n = await newRoom();
    await say(n, undefined as never, ANN, { type: 'buttons', payload: { text: 'old', buttons: BUTTONS } });
    const { messages } = await sunshine('GET', n, 'messages');
    const content = { type: 'text', text: 'new' };
    await sunshine('PATCH', n, `messages/${messages[0].id}`, { content });
    expect(await loaded(n)).toMatchObject([
      { type: 'buttons', message: 'new', payload: { text: 'new', buttons: BUTTONS } },
    ]);
    const search = (query: string) => qiscus.post('search_messages', { user_email: BEN, query, room_id: n });
    expect((await search('new')).comments).toMatchObject([{ message: 'new' }]);
    expect((await search('old')).comments).toEqual([]);
  });
});

describe('system events', () => {
  const EVENTS: [Values, string, Json][] = [
    [
      { system_event_type: 'create_room', updated_room_name: 'New' },
      "Ann created room 'New'",
      { room_name: 'New' },
    ],
    [
      { system_event_type: 'add_member', object_email: [BEN] },
      'Ann added Ben',
      { object_email: BEN, object_username: 'Ben' },
    ],
    [{ system_event_type: 'join_room' }, 'Ann joined room', {}],
    [
      { system_event_type: 'remove_member', object_email: BEN },
      'Ann removed Ben',
      { object_email: BEN, object_username: 'Ben' },
    ],
    [{ system_event_type: 'left_room' }, 'Ann left room', {}],
    [
      { system_event_type: 'change_room_name', updated_room_name: 'N' },
      "Ann changed room name to 'N'",
      { room_name: 'N' },
    ],
    [{ system_event_type: 'change_room_avatar' }, 'Ann changed room avatar', {}],
  ];
  test.each(EVENTS)('%o', async (values, message, payload) => {
    const n = await newRoom();
    const { comment } = await qiscus.post('post_system_event_message', {
      room_id: n,
      subject_email: ANN,
      ...values,
    });
    const plain = {
      object_email: '',
      object_username: '',
      room_name: 'Talk',
      subject_email: ANN,
      subject_username: 'Ann',
    };
    expect(comment).toMatchObject({ type: 'system_event', message, username: 'System' });
    expect(comment.payload).toEqual({ ...plain, type: values.system_event_type, ...payload });
    expect(await loaded(n)).toEqual([{ ...comment, room_name: 'Talk' }]);
  });

  test('a custom one is what its sender says', async () => {
    const n = await newRoom();
    const payload = { type: 'add_admin', admin_email: 'x@example.org' };
    const { comment } = await qiscus.post('post_system_event_message', {
      room_id: n,
      system_event_type: 'custom',
      message: 'Somebody is an admin',
      payload,
    });
    expect(comment).toMatchObject({ type: 'system_event', message: 'Somebody is an admin', payload });
  });

  test('one comment for each person, in order; the last is answered', async () => {
    const n = await newRoom();
    const { comment } = await qiscus.post('post_system_event_message', {
      system_event_type: 'add_member',
      room_id: n,
      subject_email: ANN,
      object_email: [BEN, CAT],
    });
    expect(comment.message).toBe('Ann added Cat');
    expect((await loaded(n)).map(({ message }) => message)).toEqual(['Ann added Cat', 'Ann added Ben']);
  });
});

test('a broadcast speaks in the room of each two, once', async () => {
  const { room } = await qiscus.post('get_or_create_room_with_target', { emails: [CAT, ANN] });
  const { comments } = await qiscus.post('broadcast', {
    sender_email: CAT,
    emails: [ANN, BEN],
    message: 'to all',
  });
  expect(comments.map(({ target_email }: Json) => target_email)).toEqual([ANN, BEN]);
  expect(comments[0].room_id).toBe(room.id);
  for (const { room_id, id } of comments)
    expect((await loaded(room_id))[0]).toMatchObject({ id, message: 'to all' });
});

test('a month holds what was said in it, deleted or not, in this app alone', async () => {
  const other = qiscusClient(await hub.createApp());
  for (const email of [ANN, BEN]) await other.post('login_or_register', { email });
  const { room_id } = await other.post('create_room', { name: 'R', participants: [ANN], creator: ANN });
  for (let i = 0; i < 3; i++) await other.post('post_comment', { sender_email: ANN, room_id, message: 'x' });
  const [year, month] = new Date().toISOString().split('-');
  expect(await other.post('get_total_comments_by_month', { date: `${year}-${month}` })).toEqual({
    date: `${month}-${year}`,
    total: 3,
  });
  expect((await other.post('get_total_comments_by_month', { date: '2001-01' })).total).toBe(0);
});

test('a room by its unique id is the same as by its number', async () => {
  const { room } = await qiscus.post('get_or_create_channel', {
    unique_id: 'the-channel',
    participants: [ANN],
  });
  const again = await qiscus.post('get_or_create_channel', {
    unique_id: 'the-channel',
    participants: [BEN, ANN],
  });
  expect(again.room).toMatchObject({ id: room.id, is_public_channel: true, unique_id: 'the-channel' });
  expect(again.room.participants.map(({ email }: Json) => email)).toEqual([ANN, BEN]);
  const comment = await say('the-channel', 'hello');
  expect(comment.room_id).toBe(room.id);
  expect(await loaded('the-channel')).toEqual(await loaded(room.id));
  const changed = await qiscus.call('POST', 'update_room', {
    user_email: ANN,
    room_id: 'the-channel',
    room_name: 'the-channel',
  });
  expect(changed.body).toMatchObject(okay({ changed: false }));
  // One that no client named goes by its number, also where unique ids are asked for.
  const n = await newRoom([ANN]);
  const asked = { user_email: ANN, room_unique_id: [String(n), 'the-channel', 'nothing'] };
  const { rooms_info } = await qiscus.post('get_rooms_info', asked);
  expect(rooms_info.map(({ room_id, unique_id }: Json) => [room_id, unique_id])).toEqual([
    [n, String(n)],
    [room.id, 'the-channel'],
  ]);
});
