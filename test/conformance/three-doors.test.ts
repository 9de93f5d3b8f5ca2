// One conversation of three people through three doors at once, each driven by a client that this project did not
// write: Python's xmlrpc.client in the forum door, the vendor's npm client in the REST door, a `ws` socket in realtime.
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { requireClient } from '../support/clients.ts';
import type { MadeUser } from '../support/operator.ts';
import { RealtimeSocket } from '../support/realtime.ts';
import { startTestHub, type TestHub } from '../support/server.ts';
import { type Client, clientOf } from './sunshine-client.ts';
import { Device } from './tapatalk/bridge.ts';

const b64 = (text: string) => ({ b64: text });
interface Reply {
  results: { room: { id: number } };
}
/** Messages that a cut socket misses. */
const MISSED = 100;

describe.runIf(requireClient('python3'))('one conversation, three doors', () => {
  let hub: TestHub;
  let slug: string;
  let appId: string;
  let ann: MadeUser;
  let ben: MadeUser;
  let cat: MadeUser;
  let forum: Device;
  let rest: Client;
  let socket: RealtimeSocket;
  /** The conversation as each door names it. */
  let number: string;
  let restId: string;
  let forumUrl: string;
  let qiscus: { baseUrl: string; secret: string };

  beforeAll(async () => {
    hub = await startTestHub();
    const made = await hub.createApp();
    slug = made.app.slug;
    appId = made.sunshine.appId;
    qiscus = made.qiscus;
    forumUrl = made.tapatalk.url;
    ann = await hub.createUser(slug, { username: 'ann', password: 'ann pass', displayName: 'Ann' });
    ben = await hub.createUser(slug, { username: 'ben', displayName: 'Ben', externalId: 'ben@example.org' });
    cat = await hub.createUser(slug, { username: 'cat', password: 'cat pass', displayName: 'Cat' });
    forum = new Device('python3', made.tapatalk.url);
    await forum.done('login', b64('ann'), b64('ann pass'));
    rest = clientOf(made.sunshine);
    socket = await connect();
  });

  afterAll(async () => {
    forum?.end();
    await socket?.close();
    await hub?.stop();
  });

  async function connect(): Promise<RealtimeSocket> {
    const reply = await fetch(`${hub.url}/admin/apps/${slug}/users/cat/token`, {
      method: 'POST',
      headers: { authorization: `Bearer ${hub.adminToken}` },
    });
    const { token } = (await reply.json()) as { token: string };
    const opened = new RealtimeSocket(`${hub.url.replace('http', 'ws')}/realtime`, [
      'parlance.v1',
      `token.${token}`,
    ]);
    await opened.next('hello');
    return opened;
  }

  /** What each door shows of the conversation, as "author: text" lines in its own order. */
  const inForum = async (): Promise<string[]> => {
    const total = Number((await forum.call('get_conversation', number, 0, 0)).total_message_num);
    const lines: string[] = [];
    for (let start = 0; start < total; start += 50) {
      const page = await forum.call('get_conversation', number, start, start + 49);
      for (const each of page.list as { msg_author_id: string; msg_content: { b64: string } }[]) {
        lines.push(`${each.msg_author_id}: ${each.msg_content.b64}`);
      }
    }
    return lines;
  };
  const inRest = async (): Promise<string[]> => {
    const lines: string[] = [];
    for (let before: string | undefined; ; ) {
      const { body } = await rest.call('listMessages', appId, restId, before ? { page: { before } } : {});
      const people = new Map([ann, ben, cat].map((user) => [user.sunshineId, user.number]));
      lines.unshift(
        ...body.messages.map(
          (m: { author: { userId: string }; content: { text: string } }) =>
            `${people.get(m.author.userId)}: ${m.content.text}`,
        ),
      );
      if (!body.meta.hasMore) return lines;
      before = body.meta.beforeCursor;
    }
  };
  const inRealtime = (): string[] =>
    socket
      .events(number)
      .filter((event) => event.kind === 'message')
      .map((event) => `${event.author.id}: ${event.text}`);

  const postInRest = (text: string) =>
    rest.call('postMessage', appId, restId, {
      author: { type: 'user', userId: ben.sunshineId },
      content: { type: 'text', text },
    });

  /** Unread messages by every door that tells them. */
  const unread = async (user: MadeUser): Promise<number> => {
    const { body } = await rest.call('listParticipants', appId, restId, {});
    return body.participants.find((p: { userId: string }) => p.userId === user.sunshineId).unreadCount;
  };

  test('a forum app opens it; the REST list and the socket of the others have it', async () => {
    await socket.ask({ t: 'subscribe' });
    const opened = await forum.done(
      'new_conversation',
      [b64('ben'), b64('Cat')],
      b64('Trip'),
      b64('Who [b]comes[/b]?'),
    );
    number = String(opened.conv_id);
    await socket.event(number, 2);
    const { body } = await rest.call('listConversations', appId, { userId: ben.sunshineId }, {});
    expect(body.conversations).toHaveLength(1);
    restId = body.conversations[0].id;
    expect(body.conversations[0]).toMatchObject({ type: 'sdkGroup', displayName: 'Trip' });
  });

  test('each post of each door arrives at the other two once and in order', async () => {
    for (let round = 0; round < 5; round++) {
      await forum.done('reply_conversation', number, b64(`forum ${round}`));
      expect((await postInRest(`rest ${round}`)).status).toBe('ok');
      const ack = await socket.ask({
        t: 'send',
        c: number,
        clientId: `c-${round}`,
        text: `socket ${round}`,
        markup: 'plain',
      });
      expect(ack.t).toBe('ack');
    }
    await socket.event(number, 17);
    const expected = [`${ann.number}: Who comes?`];
    for (let round = 0; round < 5; round++) {
      expected.push(
        `${ann.number}: forum ${round}`,
        `${ben.number}: rest ${round}`,
        `${cat.number}: socket ${round}`,
      );
    }
    expect(await inForum()).toEqual(expected);
    expect(await inRest()).toEqual(expected);
    expect(inRealtime()).toEqual(expected.with(0, `${ann.number}: Who [b]comes[/b]?`));
    expect(socket.seqs(number)).toEqual(Array.from({ length: 17 }, (_, i) => i + 1));
  });

  test('posts of all doors at the same time have one order, the same for everybody', async () => {
    const before = socket.seqs(number).length;
    await Promise.all([
      (async () => {
        for (let i = 0; i < 20; i++) await forum.done('reply_conversation', number, b64(`f${i}`));
      })(),
      ...Array.from({ length: 20 }, (_, i) => postInRest(`r${i}`)),
      ...Array.from({ length: 20 }, (_, i) =>
        socket.ask({ t: 'send', c: number, clientId: `burst-${i}`, text: `s${i}`, markup: 'plain' }),
      ),
    ]);
    await socket.event(number, before + 60);
    const order = await inForum();
    expect(order).toHaveLength(76);
    expect(new Set(order).size).toBe(76);
    expect((await inRest()).slice(1)).toEqual(order.slice(1));
    expect(inRealtime().slice(1)).toEqual(order.slice(1));
  });

  test('unread counts agree, and fall with the read mark of any door', async () => {
    await inForum();
    expect(await unread(ann)).toBe(0);
    await postInRest('one more');
    await postInRest('and another');
    const row = ((await forum.call('get_conversations')).list as { unread_num: number }[])[0];
    expect(row?.unread_num).toBe(2);
    expect(await unread(ann)).toBe(2);
    await forum.done('mark_conversation_read', number);
    expect(await unread(ann)).toBe(0);
    expect(await forum.call('get_inbox_stat')).toMatchObject({ inbox_unread_count: 0 });
    const read = await socket.next('read', (frame) => frame.user === String(ann.number));
    expect(read).toMatchObject({ c: number });
    await forum.done('mark_conversation_unread', number);
    expect(await unread(ann)).toBe(1);
  });

  test('a hidden conversation comes back with the next message', async () => {
    await forum.done('delete_conversation', number, 1);
    expect(await forum.call('get_conversations')).toMatchObject({ conversation_count: 0, list: [] });
    await postInRest('are you there?');
    expect(await forum.call('get_conversations')).toMatchObject({ conversation_count: 1 });
  });

  test(`a socket that was cut for ${MISSED} messages resumes with none lost or doubled`, async () => {
    const epoch = socket.frames.find((frame) => frame.t === 'events' && frame.c === number)?.epoch as string;
    // Its own comes after all that was said before: nothing is on its way when it is cut.
    const mark = await socket.ask({ t: 'send', c: number, text: 'before the cut', markup: 'plain' });
    const missedFrom = mark.seq as number;
    await socket.event(number, missedFrom);
    socket.socket.terminate();
    await socket.end();
    for (let i = 0; i < MISSED; i++) await postInRest(`missed ${i}`);
    socket = await connect();
    socket.send({ t: 'subscribe', ref: 'again', c: number, since: missedFrom, epoch });
    await postInRest('live again');
    await socket.event(number, missedFrom + MISSED + 1);
    expect(socket.seqs(number)).toEqual(Array.from({ length: MISSED + 1 }, (_, i) => missedFrom + 1 + i));
    expect(inRealtime().at(-1)).toBe(`${ben.number}: live again`);
  });

  test('who leaves for ever is out of every door at once, and only the app brings them back', async () => {
    await forum.done('delete_conversation', number, 2);
    expect(await forum.call('get_conversation', number)).toMatchObject({ result: false });
    const listed = await rest.call('listConversations', appId, { userId: ann.sunshineId }, {});
    expect(listed.body.conversations).toEqual([]);
    const joined = await rest.call('joinConversation', appId, restId, {
      userId: ann.sunshineId,
      subscribeSDKClient: false,
    });
    expect(joined.status).toBe('ok');
    expect(await forum.call('get_conversation', number)).toMatchObject({ conv_id: number });
  });

  test('who is ignored in the forum is heard at no door in the conversation of the two, and in the group as before', async () => {
    const asked = new URLSearchParams([ann, cat].map(({ externalId }) => ['emails[]', externalId]));
    const { baseUrl, secret } = qiscus;
    const opened = await fetch(`${baseUrl}/api/v2/rest/get_or_create_room_with_target?${asked}`, {
      headers: { QISCUS_SDK_SECRET: secret },
    });
    const both = String(((await opened.json()) as Reply).results.room.id);
    const say = (c: string, text: string) => socket.ask({ t: 'send', c, text, markup: 'plain' });
    expect((await say(both, 'hello')).t).toBe('ack');
    await forum.done('ignore_user', String(cat.number), 1);
    const message = '“Ann” does not take messages from you.';
    expect(await say(both, 'hello?')).toMatchObject({ t: 'error', code: 'forbidden', message });
    const cats = new Device('python3', forumUrl);
    await cats.done('login', b64('cat'), b64('cat pass'));
    expect(await cats.call('reply_conversation', both, b64('hello??'))).toMatchObject({
      result: false,
      result_text: b64(message),
    });
    cats.end();
    expect((await say(number, 'to everybody')).t).toBe('ack');
    await forum.done('reply_conversation', both, b64('I still speak'));
    await forum.done('ignore_user', String(cat.number), 0);
    expect((await say(both, 'thank you')).t).toBe('ack');
    expect((await forum.call('get_conversation', both)).total_message_num).toBe(3);
  });
});
