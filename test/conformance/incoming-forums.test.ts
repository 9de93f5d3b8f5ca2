// Hooks whose senders prove themselves in each call: Discourse, XenForo, Mattermost, Rocket.Chat and the hub's own events
// (contracts/webhooks-bridges-widget.md C4 to C7), and what an operator does with any of them.
import { createHmac } from 'node:crypto';
import { Webhook } from 'standardwebhooks';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { type Receiver, says, startReceiver } from '../support/receiver.ts';
import { startTestHub } from '../support/server.ts';
import { png } from '../support/uploads.ts';
import { call, type IncomingHook, type IncomingWorld, type Json, startIncoming } from './incoming-world.ts';
import { worldOf } from './realtime-world.ts';

let world: IncomingWorld;
let files: Receiver;
beforeAll(async () => {
  files = await startReceiver();
  world = await startIncoming({ WEBHOOK_ALLOW_HOSTS: files.host });
});
afterAll(async () => {
  files?.close();
  await world?.realtime.hangUp();
  await world?.hub.stop();
});

/** Asks again until it is so: what happens behind an answer takes its time. */
async function until(done: () => Promise<boolean>): Promise<void> {
  await expect.poll(done).toBe(true);
}

/** Texts of a conversation, oldest first. */
const texts = async (hook: IncomingHook, c?: string): Promise<string[]> =>
  (await hook.seen(c)).map(({ text }) => text);

describe('Discourse', () => {
  const SECRET = 'a-secret-of-the-forum';
  const post = (more: object = {}): Json => ({
    id: 501,
    topic_id: 9,
    post_number: 1,
    post_type: 1,
    username: 'alice',
    user_id: 7,
    name: 'Alice',
    avatar_template: '/user_avatar/forum.test/alice/{size}/3_2.png',
    created_at: '2026-01-31T12:00:00.000Z',
    updated_at: '2026-01-31T12:00:00.000Z',
    raw: 'hi',
    topic_title: 'Nine',
    topic_archetype: 'regular',
    ...more,
  });
  const tell = (hook: IncomingHook, event: string, body: object, headers: Record<string, string> = {}) => {
    const text = JSON.stringify(body);
    const signature = createHmac('sha256', hook.secret).update(text).digest('hex');
    return hook.send(text, {
      'content-type': 'application/json',
      'x-discourse-instance': 'https://forum.test',
      'x-discourse-event-type': event.split('_')[0] as string,
      'x-discourse-event': event,
      'x-discourse-event-id': '1',
      'x-discourse-event-signature': `sha256=${signature}`,
      ...headers,
    });
  };

  test('a call byte for byte as Discourse makes it, signed by another program', async () => {
    const hook = await world.hook('discourse', { secret: SECRET });
    const body =
      '{"post":{"id":501,"topic_id":9,"post_number":1,"post_type":1,"username":"alice","user_id":7,"name":"Alice","avatar_template":"/user_avatar/forum.test/alice/{size}/3_2.png","created_at":"2026-01-31T12:00:00.000Z","updated_at":"2026-01-31T12:00:00.000Z","raw":"**hi**\\n[quote=\\"bob, post:1, topic:2\\"]\\nwas\\n[/quote]","cooked":"<p>hi</p>","topic_title":"Nine","topic_archetype":"regular"}}';
    const sent = () =>
      hook.send(body, {
        accept: '*/*',
        'user-agent': 'Discourse/2026.1.0',
        'content-type': 'application/json',
        'x-discourse-instance': 'https://forum.test',
        'x-discourse-event-id': '77',
        'x-discourse-event-type': 'post',
        'x-discourse-event': 'post_created',
        'x-discourse-event-signature':
          'sha256=9a7fef0b052a54932889ba9a5c641a52501b9f99035e9608c640e66a4a3f6f84',
      });
    expect(await sent()).toMatchObject({ status: 200, body: { result: 'posted' } });
    // Its signature has no time: whoever saw the call may make it again.
    expect(await sent()).toMatchObject({ status: 200, body: { result: 'known' } });
    const [said, ...more] = await hook.seen();
    expect(more).toEqual([]);
    expect(said).toMatchObject({
      by: 'Alice [Discourse]',
      author: { avatar: 'https://forum.test/user_avatar/forum.test/alice/240/3_2.png' },
      title: 'Nine',
      door: 'bridge',
    });
    expect(said?.text).toContain('**hi**');
    expect(said?.text).toContain('> was');
  });

  test('answers, edits in any order, deletions, and what is brought back', async () => {
    const hook = await world.hook('discourse');
    await tell(hook, 'post_created', { post: post() });
    await tell(hook, 'post_created', {
      post: post({ post_number: 2, raw: 'answer', reply_to_post_number: 1 }),
    });
    const [first, second] = await hook.seen();
    expect(second?.replyTo).toBe(first?.seq);
    const edited = (raw: string, updated_at: string) =>
      tell(hook, 'post_edited', { post: post({ raw, updated_at }) });
    expect((await edited('third', '2026-01-31T12:03:00.000Z')).body.result).toBe('edited');
    expect((await edited('second', '2026-01-31T12:02:00.000Z')).body.result).toBe('known');
    expect(await texts(hook)).toEqual(['third', 'answer']);
    expect((await tell(hook, 'post_destroyed', { post: post() })).body.result).toBe('deleted');
    expect((await tell(hook, 'post_destroyed', { post: post() })).body.result).toBe('known');
    expect(await texts(hook)).toEqual(['answer']);
    const back = { post: post({ raw: 'third', updated_at: '2026-01-31T12:03:00.000Z' }) };
    expect((await tell(hook, 'post_recovered', back)).body.result).toBe('posted');
    expect((await tell(hook, 'post_recovered', back)).body.result).toBe('known');
    expect(await texts(hook)).toEqual(['answer', 'third']);
  });

  test('a topic is a conversation that is called and closed as the topic is', async () => {
    const hook = await world.hook('discourse', {
      open: { title: 'Forum: {title}', members: [world.ann.username] },
    });
    const topic = (more: object = {}) => ({
      topic: { id: 9, title: 'Nine', archetype: 'regular', closed: false, ...more },
    });
    await tell(hook, 'topic_created', topic());
    const c = (await world.titles()).get('Forum: Nine');
    await tell(hook, 'post_created', { post: post() });
    expect(await texts(hook, c)).toEqual(['hi']);
    await tell(hook, 'topic_edited', topic({ title: 'Ten' }));
    expect((await world.titles()).get('Forum: Ten')).toBe(c);
    await tell(hook, 'topic_closed_status_updated', topic({ title: 'Ten', closed: true }));
    expect(await tell(hook, 'post_created', { post: post({ post_number: 2 }) })).toMatchObject({
      status: 423,
    });
    await tell(hook, 'topic_closed_status_updated', topic({ title: 'Ten' }));
    await tell(hook, 'post_created', { post: post({ post_number: 2, raw: 'again' }) });
    expect(await texts(hook, c)).toEqual(['hi', 'again']);
  });

  test('pings are answered; notes of the forum, whispers, private messages and other events are left out', async () => {
    const hook = await world.hook('discourse', { options: { ignore: ['System', '99'] } });
    const body = '{"ping":"OK"}';
    const proof = createHmac('sha256', hook.secret).update(body).digest('hex');
    const ping = await hook.send(body, { 'x-discourse-event-signature': `sha256=${proof}` });
    expect(ping.body).toEqual({ result: 'pong' });
    for (const [event, about] of [
      ['post_created', { post: post({ post_type: 3 }) }],
      ['post_created', { post: post({ post_type: 4 }) }],
      ['post_created', { post: post({ topic_archetype: 'private_message' }) }],
      ['post_created', { post: post({ username: 'system', name: 'system' }) }],
      ['post_created', { post: post({ user_id: 99 }) }],
      ['user_created', { user: { id: 1 } }],
    ] as const)
      expect(await tell(hook, event, about)).toMatchObject({ status: 200, body: { result: 'ignored' } });
    expect(await texts(hook)).toEqual([]);
    await world.operate('PATCH', `/hooks/${hook.number}`, { options: { privateMessages: true } });
    await tell(hook, 'post_created', { post: post({ topic_archetype: 'private_message', raw: 'for few' }) });
    expect(await texts(hook)).toEqual(['for few']);
  });

  test.each<[what: string, headers: Record<string, string>]>([
    ['no signature', { 'x-discourse-event-signature': '' }],
    ['a wrong signature', { 'x-discourse-event-signature': `sha256=${'0'.repeat(64)}` }],
    ['half of one', { 'x-discourse-event-signature': 'sha256=' }],
  ])('%s is as good as no hook', async (_, headers) => {
    const hook = await world.hook('discourse');
    const missing = await call(hook.url.replace(/\/\d+\//, '/999999/'), { body: '{}' });
    const refused = await tell(hook, 'post_created', { post: post() }, headers);
    expect([refused.status, refused.body]).toEqual([missing.status, missing.body]);
    expect(missing.status).toBe(404);
    // Counts are written down behind the answer.
    await expect.poll(() => hook.about()).toMatchObject({ refused: 1, arrived: 0 });
  });

  test.each<[what: string, event: string, body: object, path: string]>([
    ['a post without a topic', 'post_created', { post: { ...post(), topic_id: null } }, 'post.topic_id'],
    [
      'a post without a number',
      'post_created',
      { post: { ...post(), post_number: 'x' } },
      'post.post_number',
    ],
    ['no post', 'post_created', {}, 'post'],
    ['no topic', 'topic_created', { topic: 7 }, 'topic'],
  ])('%s is refused with its field', async (_, event, body, path) => {
    const hook = await world.hook('discourse');
    const refused = await tell(hook, event, body);
    expect(refused).toMatchObject({ status: 400, body: { error: { code: 'invalid', fields: [{ path }] } } });
  });
});

test('an option that another shape has is refused, in a new hook and in one that stands', async () => {
  const { number } = await world.hook('discourse');
  for (const [method, path, body, options] of [
    ['POST', '/hooks', { shape: 'slack', open: {} }, { privateMessages: true }],
    ['POST', '/hooks', { shape: 'discord', open: {} }, { channels: true }],
    ['PATCH', `/hooks/${number}`, {}, { markup: 'markdown' }],
  ] as const) {
    const refused = await world.operate(method, path, { ...body, options });
    const fields = [{ path: `options.${Object.keys(options)[0]}` }];
    expect(refused).toMatchObject({ status: 400, body: { error: { code: 'invalid', fields } } });
  }
});

describe('XenForo', () => {
  const tell = (hook: IncomingHook, event: string, data: object, type = 'post', id = 12) =>
    hook.json(
      { content_type: type, event, content_id: id, data },
      {
        'xf-content-type': type,
        'xf-webhook-event': event,
        'xf-webhook-id': '1',
        'xf-webhook-secret': hook.secret,
      },
    );
  const post = (more: object = {}) => ({
    post_id: 12,
    thread_id: 3,
    user_id: 5,
    username: 'Xena',
    post_date: 1_769_860_800,
    message: '[b]hi[/b] [user=2]Bo[/user]',
    message_state: 'visible',
    last_edit_date: 0,
    User: { avatar_urls: { l: 'https://xf.test/l.jpg', s: null } },
    Thread: { title: 'Three' },
    ...more,
  });

  test('posts, edits in any order, deletions, moderation and threads', async () => {
    const hook = await world.hook('xenforo', { open: { members: [world.ann.username] } });
    expect((await tell(hook, 'insert', post())).body).toEqual({ result: 'posted' });
    expect((await tell(hook, 'insert', post())).body).toEqual({ result: 'known' });
    const c = (await world.titles()).get('Three') as string;
    expect(await hook.last(c)).toMatchObject({
      by: 'Xena [XenForo]',
      markup: 'bbcode',
      author: { avatar: 'https://xf.test/l.jpg' },
    });
    await tell(hook, 'update', post({ message: 'later', last_edit_date: 1_769_860_900 }));
    await tell(hook, 'update', post({ message: 'sooner', last_edit_date: 1_769_860_850 }));
    expect(await texts(hook, c)).toEqual(['later']);
    // Waits for a moderator: not shown, and later it is.
    await tell(hook, 'insert', post({ message_state: 'moderated', message: 'new' }), 'post', 13);
    await tell(hook, 'update', post({ message_state: 'moderated', message: 'new' }), 'post', 13);
    expect(await texts(hook, c)).toEqual(['later']);
    await tell(hook, 'update', post({ message: 'new' }), 'post', 13);
    expect(await texts(hook, c)).toEqual(['later', 'new']);
    await tell(hook, 'update', post({ message_state: 'deleted' }));
    await tell(hook, 'delete', post(), 'post', 13);
    expect(await texts(hook, c)).toEqual([]);
    await tell(hook, 'update', { title: 'Renamed', discussion_open: false }, 'thread', 3);
    expect((await world.titles()).get('Renamed')).toBe(c);
    expect((await tell(hook, 'insert', post(), 'post', 14)).status).toBe(423);
    expect((await tell(hook, 'insert', {}, 'user', 1)).body).toEqual({ result: 'ignored' });
  });

  test('a wrong secret is as good as no hook', async () => {
    const hook = await world.hook('xenforo');
    const wrong = { ...hook, secret: `${hook.secret.slice(0, -1)}~` };
    expect((await tell(Object.assign(Object.create(hook), wrong), 'insert', post())).status).toBe(404);
    expect(await texts(hook)).toEqual([]);
  });
});

describe('Mattermost', () => {
  const TOKEN = 'zzzzzzzzzzzzzzzzzzzzzzzzzz';
  const said = (more: object = {}) => ({
    token: TOKEN,
    team_id: 't1',
    team_domain: 'team',
    channel_id: 'c1',
    channel_name: 'town-square',
    timestamp: 1_769_860_800_123,
    user_id: 'u1',
    user_name: 'mattie',
    post_id: 'p1',
    text: '**hi** ~~there~~',
    trigger_word: '',
    file_ids: '',
    ...more,
  });

  test('what is said comes as JSON and as a form, once, and is answered with nothing', async () => {
    const hook = await world.hook('mattermost', { secret: TOKEN });
    const form = new URLSearchParams(
      Object.entries(said({ post_id: 'p2', timestamp: 1_769_860_800, file_ids: 'a,b', text: 'form' })).map(
        ([key, value]) => [key, String(value)],
      ),
    );
    for (const _ of [1, 2]) {
      expect(await hook.json(said())).toMatchObject({ status: 200, text: '' });
      const headers = { 'content-type': 'application/x-www-form-urlencoded' };
      expect(await hook.send(form.toString(), headers)).toMatchObject({ status: 200, text: '' });
    }
    expect(await hook.seen()).toMatchObject([
      { by: 'mattie [Mattermost]', text: '**hi** ~~there~~', title: 'town-square' },
      { text: 'form\n\n*(2 files at Mattermost)*' },
    ]);
  });

  test('each channel is a conversation where the hook opens them', async () => {
    const hook = await world.hook('mattermost', { secret: TOKEN, open: { members: [world.ann.username] } });
    for (const [post_id, channel_id, channel_name] of [
      ['o1', 'c-one', 'mm-one'],
      ['o2', 'c-two', 'mm-two'],
      ['o3', 'c-one', 'mm-one'],
    ])
      await hook.json(said({ post_id, channel_id, channel_name, text: post_id }));
    const titles = await world.titles();
    expect([
      await texts(hook, titles.get('mm-one') as string),
      await texts(hook, titles.get('mm-two') as string),
    ]).toEqual([['o1', 'o3'], ['o2']]);
  });

  test('a wrong token in the body is as good as no hook', async () => {
    const hook = await world.hook('mattermost', { secret: TOKEN });
    for (const token of ['', 'x', `${TOKEN}z`, undefined])
      expect((await hook.json(said({ token }))).status).toBe(404);
    expect((await hook.json(said({ user_id: [] }))).status).toBe(400);
    expect(await texts(hook)).toEqual([]);
  });
});

describe('Rocket.Chat', () => {
  const said = (more: object = {}) => ({
    token: 'rc-token-of-it',
    bot: false,
    channel_id: 'r1',
    channel_name: 'general',
    message_id: 'm1',
    timestamp: '2026-01-31T12:00:00.000Z',
    user_id: 'u1',
    user_name: 'rocky',
    text: '*bold* _i_ [l](https://rc.test/) `*c*`',
    siteUrl: 'https://rc.test',
    ...more,
  });

  test('messages, edits and answers in threads; what programs wrote is left out', async () => {
    const hook = await world.hook('rocketchat', { secret: 'rc-token-of-it' });
    for (const _ of [1, 2]) expect(await hook.json(said())).toMatchObject({ status: 200, body: {} });
    await hook.json(said({ message_id: 'm2', text: 'in the thread', tmid: 'm1', alias: 'Rocky B' }));
    await hook.json(said({ message_id: 'm3', text: 'loop', bot: true }));
    await hook.json(said({ message_id: undefined, text: undefined }));
    expect(await hook.seen()).toMatchObject([
      { by: 'Rocky B [Rocket.Chat]', text: '**bold** _i_ [l](https://rc.test/) `*c*`' },
      { by: 'Rocky B [Rocket.Chat]', text: 'in the thread', replyTo: expect.any(Number) },
    ]);
    await hook.json(said({ text: 'edited', isEdited: true }));
    expect((await texts(hook))[0]).toBe('edited');
    const wrong = await hook.json(said({ token: 'other', message_id: 'm4' }));
    expect(wrong).toMatchObject({ status: 404, body: { success: false } });
  });

  test('each channel is a conversation where the hook opens them', async () => {
    const hook = await world.hook('rocketchat', {
      secret: 'rc-token-open',
      open: { members: [world.ann.username] },
    });
    for (const [message_id, channel_id, channel_name] of [
      ['o1', 'c-one', 'rc-one'],
      ['o2', 'c-two', 'rc-two'],
      ['o3', 'c-one', 'rc-one'],
    ])
      await hook.json(
        said({ token: 'rc-token-open', message_id, channel_id, channel_name, text: message_id }),
      );
    const titles = await world.titles();
    expect([
      await texts(hook, titles.get('rc-one') as string),
      await texts(hook, titles.get('rc-two') as string),
    ]).toEqual([['o1', 'o3'], ['o2']]);
  });

  test('its incoming form says what is said here', async () => {
    const hook = await world.hook('rocketchat', { name: 'Pager' });
    expect(await hook.json({ text: 'hello', alias: 'Nagios', avatar: 'https://n.test/a.png' })).toMatchObject(
      {
        status: 200,
        body: { success: true },
      },
    );
    await hook.send(`payload=${encodeURIComponent('{"attachments":[{"title":"T","text":"*x*"}]}')}`, {
      'content-type': 'application/x-www-form-urlencoded',
    });
    expect(await hook.seen()).toMatchObject([
      { by: 'Nagios [Rocket.Chat]', text: 'hello', author: { avatar: 'https://n.test/a.png' } },
      { by: 'Pager [Rocket.Chat]', text: '> **T**\n> **x**' },
    ]);
    expect(await hook.json({ alias: 'x' })).toMatchObject({ status: 400, body: { success: false } });
    expect(await call(`${hook.url}x`, { body: '{}' })).toMatchObject({
      status: 404,
      body: { success: false, error: 'Invalid integration id or token provided.' },
    });
  });
});

describe('the hub’s own events', () => {
  const event = (type: string, data: object, timestamp = '2026-01-31T12:00:00.000Z') => ({
    type,
    timestamp,
    data,
  });
  const message = (more: object = {}) => ({
    conversation: { id: '7', title: 'Seven' },
    author: { id: '4', name: 'Bob', avatar: null },
    message: { id: '100', text: '[b]hi[/b]', markup: 'bbcode', ...more },
  });
  const tell = (hook: IncomingHook, body: object, { secret = hook.secret, at = new Date() } = {}) => {
    const text = JSON.stringify(body);
    return hook.send(text, {
      'webhook-id': 'msg_1',
      'webhook-timestamp': String(Math.floor(at.getTime() / 1000)),
      'webhook-signature': new Webhook(secret).sign('msg_1', at, text),
    });
  };

  test('said, edited, deleted and brought back', async () => {
    const hook = await world.hook('parlance', { options: { label: '' } });
    const posted = await tell(hook, event('message.created', message()));
    expect(posted).toMatchObject({ status: 200, body: { result: 'posted', conversation: hook.c } });
    expect((await tell(hook, event('message.created', message()))).body).toEqual({
      ...posted.body,
      result: 'known',
    });
    expect(await hook.last()).toMatchObject({ by: 'Bob', text: '[b]hi[/b]', markup: 'bbcode' });
    const edit = (text: string, at: string) =>
      tell(
        hook,
        event('message.edited', { ...message({ text }), messageAuthor: { id: '4', name: 'Bob' } }, at),
      );
    await edit('late', '2026-01-31T12:05:00.000Z');
    await edit('early', '2026-01-31T12:04:00.000Z');
    expect(await texts(hook)).toEqual(['late']);
    await tell(hook, event('message.deleted', { message: { id: '100' }, conversation: { id: '7' } }));
    expect(await texts(hook)).toEqual([]);
    await tell(hook, event('message.restored', message({ text: 'back' })));
    expect(await texts(hook)).toEqual(['back']);
    expect((await tell(hook, event('signal.typing', {}))).body).toEqual({ result: 'ignored' });
    // It came to that hub over a bridge, perhaps from here.
    const echo = event('message.created', message({ id: '101', door: 'bridge' }));
    expect((await tell(hook, echo)).body).toEqual({ result: 'dropped', reason: 'hops' });
  });

  test('another hub’s endpoint sends here as it is: said, edited and deleted there is so here', async () => {
    const other = await startTestHub({ env: { WEBHOOK_ALLOW_HOSTS: new URL(world.hub.url).host } });
    const there = await worldOf(other);
    try {
      const hook = await world.hook('parlance');
      const made = await there.operate('POST', '/endpoints', { url: hook.url, secret: hook.secret });
      expect(made.status).toBe(201);
      const bob = await there.person('bob');
      const c = await there.group(bob);
      const socket = await there.connect(bob);
      const { id } = await socket.ask({ t: 'send', c, clientId: 'x', text: '**hi**', markup: 'markdown' });
      await until(async () => (await hook.seen()).length === 1);
      expect(await hook.last()).toMatchObject({ by: 'Bob [Parlance]', text: '**hi**', markup: 'markdown' });
      await socket.ask({ t: 'edit', c, id, text: 'ho', markup: 'plain' });
      await until(async () => (await hook.last()).text === 'ho');
      await socket.ask({ t: 'delete', c, id });
      await until(async () => (await hook.seen()).length === 0);
    } finally {
      await there.hangUp();
      await other.stop();
    }
  });

  test('conversations follow those of another hub', async () => {
    const hook = await world.hook('parlance', {
      open: { title: 'There: {title}', members: [world.ann.username] },
    });
    await tell(
      hook,
      event('message.created', message({ attachments: [{ name: 'a.txt', url: 'https://h.test/a' }] })),
    );
    const c = (await world.titles()).get('There: Seven') as string;
    expect(await texts(hook, c)).toEqual(['[b]hi[/b]\n[url=https://h.test/a]a.txt[/url]']);
    await tell(
      hook,
      event('conversation.updated', { conversation: { id: '7', title: 'Eight', locked: true } }),
    );
    expect((await world.titles()).get('There: Eight')).toBe(c);
    expect((await tell(hook, event('message.created', message({ id: '102' })))).status).toBe(423);
  });

  describe('files that are elsewhere', () => {
    const with_ = (id: string, ...urls: string[]) =>
      event(
        'message.created',
        message({
          id,
          text: 'see',
          markup: 'markdown',
          attachments: urls.map((url) => ({ url, name: url.split('/').at(-1) })),
        }),
      );
    /** Each call is answered with a picture once `ready` has come. */
    const picture = (ready = Promise.resolve()) => {
      files.answer = async (_, response) => {
        const bytes = png(4, 2);
        await ready;
        response.writeHead(200, { 'content-type': 'text/html', 'content-length': bytes.length });
        response.end(bytes);
      };
    };

    test('are copied, told by their bytes, and open here', async () => {
      const hook = await world.hook('parlance');
      picture();
      await tell(hook, with_('1', `${files.url}/a.png`));
      // At once where that is quick, which is not a busy machine's promise.
      await until(async () => (await hook.last()).attachments?.length === 1);
      const { text, attachments } = await hook.last();
      expect([text, attachments]).toMatchObject(['see', [{ name: 'a.png', mime: 'image/png', width: 4 }]]);
      expect(attachments[0].url).not.toContain(files.host);
      expect((await fetch(new URL(attachments[0].url, world.hub.url))).status).toBe(200);
      const fetched = files.calls.length;
      await tell(hook, with_('1', `${files.url}/a.png`));
      expect([files.calls.length, (await hook.seen()).length]).toEqual([fetched, 1]);
    });

    test('that take long are shown by their address, until they are here', async () => {
      const hook = await world.hook('parlance');
      const { promise, resolve } = Promise.withResolvers<void>();
      picture(promise);
      await tell(hook, with_('1', `${files.url}/slow.png`));
      expect(await hook.last()).toMatchObject({ text: `see\n\n[slow.png](${files.url}/slow.png)` });
      resolve();
      await until(async () => (await hook.last()).attachments?.length === 1);
      expect(await hook.last()).toMatchObject({ text: 'see', attachments: [{ name: 'slow.png' }] });
    });

    test.each<[what: string, answer: Receiver['answer'] | string]>([
      ['that are not there', says(404)],
      ['that are somewhere else again', says(302, '', { location: '/other' })],
      ['that are too large', says(200, 'x', { 'content-length': String(26 * 1024 * 1024) })],
      ['of no kind that is taken', says(200, '<html></html>')],
      ['at a private address', 'https://127.0.0.1/a.png'],
      ['inside the network', 'https://printer.local/a.png'],
      ['behind no https', 'http://files.example.org/a.png'],
      ['at this hub', 'own'],
    ])('%s are shown by their address', async (_, answer) => {
      const hook = await world.hook('parlance');
      if (typeof answer !== 'string') files.answer = answer;
      const url =
        typeof answer !== 'string'
          ? `${files.url}/a.png`
          : answer === 'own'
            ? `${world.hub.url}/health/a.png`
            : answer;
      await tell(hook, with_('1', url));
      const { text, attachments } = await hook.last();
      expect([text, attachments]).toEqual([`see\n\n[a.png](${url})`, undefined]);
    });
  });

  test('nothing is believed that is not signed over these bytes, in these five minutes', async () => {
    const hook = await world.hook('parlance');
    const body = event('message.created', message());
    const now = Date.now();
    for (const options of [
      { secret: `whsec_${Buffer.alloc(32, 1).toString('base64')}` },
      { at: new Date(now - 310_000) },
      { at: new Date(now + 310_000) },
    ])
      expect((await tell(hook, body, options)).status).toBe(404);
    expect((await hook.json(body)).status).toBe(404);
    // The same JSON, and other bytes.
    const [text, at] = [JSON.stringify(body), new Date()];
    const headers = {
      'webhook-id': 'msg_1',
      'webhook-timestamp': String(Math.floor(at.getTime() / 1000)),
      'webhook-signature': new Webhook(hook.secret).sign('msg_1', at, text),
    };
    expect((await hook.send(`${text} `, headers)).status).toBe(404);
    expect(await texts(hook)).toEqual([]);
    await expect.poll(() => hook.about()).toMatchObject({ refused: 5 });
    expect((await tell(hook, body)).status).toBe(200);
  });

  test('what is wrong is named', async () => {
    const hook = await world.hook('parlance');
    expect((await tell(hook, event('message.created', message({ markup: 'rtf' })))).body).toMatchObject({
      error: { code: 'invalid', fields: [{ path: 'data.message.markup' }] },
    });
    expect((await tell(hook, event('message.created', message({ text: '  ' })))).body).toEqual({
      result: 'dropped',
      reason: 'empty',
    });
    expect((await call(hook.url, { method: 'GET' })).status).toBe(405);
  });
});

describe('the operator', () => {
  const made = (body: object) => world.operate('POST', '/hooks', body);

  test('sees the address and the secret once, and never again', async () => {
    const { body } = await made({ shape: 'discourse', open: { members: [world.ann.username] }, name: 'F' });
    const { hook, url, secret } = body;
    expect(url).toMatch(/^http:\/\/[^/]+\/hooks\/discourse\/\d+\/[\w-]{43}$/);
    const [token] = url.split('/').slice(-1);
    const shown = await world.operate('GET', `/hooks/${hook.number}`);
    const listed = await world.operate('GET', '/hooks');
    for (const { text } of [shown, listed]) {
      expect(text).not.toContain(token);
      expect(text).not.toContain(secret);
    }
    expect(shown.body.hook).toEqual(hook);
    expect(hook).toMatchObject({ open: { title: '{title}', members: [world.ann.number] }, hasSecret: true });
  });

  test('turns it off, gives it another address or secret, and ends it', async () => {
    const hook = await world.hook('slack');
    const say = async () => (await hook.json({ text: 'x' })).text;
    const change = (body: object) => world.operate('PATCH', `/hooks/${hook.number}`, body);
    expect(await say()).toBe('ok');
    await change({ state: 'disabled' });
    expect(await say()).toBe('no_service');
    await change({ state: 'active' });
    expect(await say()).toBe('ok');
    const rotated = await world.operate('POST', `/hooks/${hook.number}/rotate`, {});
    expect(await say()).toBe('no_service');
    hook.url = rotated.body.url;
    expect(await say()).toBe('ok');
    await expect.poll(() => hook.about()).toMatchObject({ arrived: 3, lastArrivedAt: expect.any(String) });
    const elsewhere = await world.realtime.group(world.ann);
    await change({ conversation: Number(elsewhere), options: { label: 'CI' } });
    expect(await say()).toBe('ok');
    expect(await hook.last(elsewhere)).toMatchObject({ by: 'Slack [CI]' });
    await world.operate('DELETE', `/hooks/${hook.number}`);
    expect(await say()).toBe('no_service');
    expect((await world.operate('GET', `/hooks/${hook.number}`)).status).toBe(404);
    const forum = await world.hook('discourse');
    const again = await world.operate('POST', `/hooks/${forum.number}/rotate`, { secret: true });
    expect(again.body).toMatchObject({ url: null, secret: expect.stringMatching(/^[\w-]{43}$/) });
    expect(again.body.secret).not.toBe(forum.secret);
  });

  test.each<[what: string, body: object | (() => Promise<object>), path: string]>([
    ['nowhere to go', { shape: 'slack' }, 'conversation'],
    [
      'two places to go',
      async () => ({ shape: 'slack', conversation: Number(await world.realtime.group(world.ann)), open: {} }),
      'open',
    ],
    ['no such conversation', { shape: 'slack', conversation: 900_000_003 }, 'conversation'],
    [
      'another app’s conversation',
      async () => ({ shape: 'slack', conversation: await foreign() }),
      'conversation',
    ],
    ['nobody of this name', { shape: 'slack', open: { members: ['nobody-at-all'] } }, 'open.members.0'],
    ['a secret that nothing asks for', { shape: 'slack', open: {}, secret: 'a-long-secret' }, 'secret'],
    ['a secret that is none', { shape: 'parlance', open: {}, secret: 'whsec_short' }, 'secret'],
  ])('%s is refused with its field', async (_, body, path) => {
    const refused = await made(typeof body === 'function' ? await body() : body);
    expect(refused).toMatchObject({ status: 400, body: { error: { fields: [{ path }] } } });
  });

  const foreign = async (): Promise<number> => {
    const other = await world.hub.createApp();
    const { basePath, appId, keyId, secret } = other.sunshine;
    const { body } = await call(`${basePath}/v2/apps/${appId}/conversations`, {
      headers: { authorization: `Basic ${btoa(`${keyId}:${secret}`)}` },
      body: JSON.stringify({ type: 'sdkGroup', participants: [], displayName: 'Theirs' }),
    });
    return Number.parseInt(body.conversation.id.slice(8, 16), 16);
  };

  test('a hook of one app leads into that app alone', async () => {
    const hook = await world.hook('slack');
    const other = await world.hub.createApp();
    const reply = await call(`${world.hub.url}/admin/apps/${other.app.slug}/hooks/${hook.number}`, {
      method: 'GET',
      headers: { authorization: `Bearer ${world.hub.adminToken}` },
    });
    expect(reply.status).toBe(404);
  });
});

test('whatever is below /hooks/ and is none says so', async () => {
  for (const path of ['/hooks/', '/hooks/slack', '/hooks/nothing/1/x', '/hooks/slack/x/y', '/hooks/%00/1/x'])
    expect((await call(world.hub.url + path, { body: '{}' })).status).toBe(404);
});
