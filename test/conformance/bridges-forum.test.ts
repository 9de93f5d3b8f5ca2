// Bridges to a Discourse and to matterbridges, driven from both sides (docs/bridges.md): what is said, changed and deleted on
// either side, and that nothing goes in circles.
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { type Api, type Forum, KEY } from './bridges-peers.ts';
import { servedApi } from './bridges-served.ts';
import { eventually, sidesOf, type Talk } from './bridges-sides.ts';
import { type Bridges, startBridges, unlessGone } from './bridges-world.ts';

let bridges: Bridges;
beforeAll(async () => {
  bridges = await startBridges();
});
afterAll(() => bridges?.world.stop());

const { messagesOf, textsOf, reword, remove, forumOf, apiOf } = sidesOf(() => bridges);

describe('a Discourse', () => {
  let talk: Talk;
  let forum: Forum;
  let number: number;
  beforeAll(async () => {
    talk = await bridges.talk('x-ann', 'x-ben');
    ({ forum, number } = await forumOf(talk));
  });

  test('is told, and hears of what was changed and deleted; its echo is no message', async () => {
    const id = await bridges.world.post(talk.id, 'Hello @all, *you*', 'x-ann');
    await forum.until(({ raws }) => raws.length === 1);
    expect(forum.raws).toEqual(['**ANN:**\nHello @\u200ball, \\*you\\*']);
    const [call] = forum.calls;
    expect(call?.headers).toMatchObject({ 'api-key': KEY, 'api-username': 'hubbot' });
    await reword(talk, id, 'Hello again');
    await forum.until(({ raws }) => raws[0] === '**ANN:**\nHello again');
    await remove(talk, id);
    await forum.until(({ raws }) => raws.length === 0);
    expect(await textsOf(talk)).toEqual([]);
  });

  test('tells what is said, changed and deleted there, and takes the hub’s changes of it', async () => {
    const post = forum.say('carol', 'A *question*');
    await forum.tell('post_created', post);
    await forum.tell('post_created', post);
    expect(await textsOf(talk)).toEqual(['CAROL [Forum]: A question']);
    post.raw = 'A better one';
    post.revised = 2;
    await forum.tell('post_edited', post);
    expect(await textsOf(talk)).toEqual(['CAROL [Forum]: A better one']);
    // An object that is let go before it has noted an answer asks again.
    await bridges.settled(number, ({ status }) => status.waiting === 0);
    const calls = forum.calls.length;
    const [said] = await messagesOf(talk);
    await reword(talk, said.id, 'A mended one');
    await forum.until(() => post.raw === 'A mended one');
    const paths = forum.calls.slice(calls).map(({ path }) => path.slice(forum.path.length));
    expect([...new Set(paths)]).toEqual([
      `/posts/by_number/9/${post.post_number}.json`,
      `/posts/${post.id}.json`,
    ]);
    await forum.tell('post_destroyed', post);
    await eventually(async () => expect(await textsOf(talk)).toEqual([]));
  });

  test('answers are answers on both sides', async () => {
    const asked = forum.say('carol', 'Who is there?');
    await forum.tell('post_created', asked);
    const [question] = (await messagesOf(talk)).slice(-1);
    await bridges.world
      .sunshine('POST', `/conversations/${talk.id}/messages`, {
        author: { type: 'user', userExternalId: 'x-ben' },
        content: { type: 'text', text: 'I am' },
        quotedMessage: { messageId: question.id },
      })
      .catch(() => bridges.world.post(talk.id, 'I am', 'x-ben'));
    await forum.until(({ raws }) => raws.some((raw) => raw.includes('I am')));
    const mine = forum.posts.at(-1);
    await forum.tell('post_created', forum.say('carol', 'Good', mine?.post_number));
    await eventually(async () => expect((await textsOf(talk)).at(-1)).toBe('CAROL [Forum]: Good'));
  });

  test('what a moderator rewords there is reworded here, without the name before it; what is deleted is deleted', async () => {
    const id = await bridges.world.post(talk.id, 'Something that a moderator changes', 'x-ann');
    await forum.until(({ raws }) => raws.some((raw) => raw.includes('a moderator changes')));
    const post = forum.posts.at(-1);
    if (!post) throw new Error('no post');
    await bridges.settled(number, ({ status }) => status.waiting === 0);
    const calls = forum.calls.length;
    const rewords = async (raw: string) => {
      Object.assign(post, { raw, revised: post.revised + 1 });
      await forum.tell('post_edited', post);
    };
    // As it is: a moderator moved it, or the forum fetched its pictures.
    await rewords(post.raw);
    for (const words of ['Nothing that a moderator changes', 'NOTHING that a moderator changes?']) {
      await rewords(`**ANN:**\n${words}`);
      await forum.tell('post_edited', post);
      expect((await textsOf(talk)).at(-1)).toBe(`ANN: ${words}`);
    }
    await bridges.settled(number, ({ status }) => status.waiting === 0);
    if (!process.env.EVICT_EVERY) expect(forum.calls.slice(calls)).toEqual([]);
    await reword(talk, id, 'Now the author');
    await forum.until(() => post.raw === '**ANN:**\nNow the author');
    await bridges.settled(number, ({ status }) => status.waiting === 0);
    await rewords('Its own way, without a name');
    await eventually(async () =>
      expect((await textsOf(talk)).at(-1)).toBe('ANN: Its own way, without a name'),
    );
    await forum.tell('post_destroyed', Object.assign(post, { deleted: true }));
    await eventually(async () => expect((await messagesOf(talk)).map((one) => one.id)).not.toContain(id));
  });

  test.each([
    ['before', 'Mine now'],
    ['after', 'Theirs now'],
  ])(
    'a moderator who rewords it %s our own change lands, both under way: both sides say the same',
    async (when, last) => {
      const id = await bridges.world.post(talk.id, 'In two hands', 'x-ann');
      await forum.until(({ raws }) => raws.at(-1) === '**ANN:**\nIn two hands');
      const post = forum.posts.at(-1);
      if (!post) throw new Error('no post');
      await bridges.settled(number, ({ status }) => status.waiting === 0);
      const says = (raw: string) => ({ ...Object.assign(post, { raw, revised: post.revised + 1 }) });
      let done = false;
      let told = false;
      forum.meddle = (call, response) => {
        if (call.method !== 'PUT' || done) return false;
        done = true;
        const ours: string = JSON.parse(call.body.toString()).post.raw;
        const theirs = '**ANN:**\nTheirs now';
        const [first, second] = (when === 'before' ? [theirs, ours] : [ours, theirs]).map(says);
        // Theirs is told first, and ours answered when it is in.
        const [soon, late] = when === 'before' ? [first, second] : [second, first];
        if (!soon || !late) return false;
        forum
          .tell('post_edited', soon)
          .then(() => response.writeHead(200, { 'content-type': 'application/json' }).end('{}'))
          .then(() => forum.tell('post_edited', late))
          .then(() => {
            told = true;
          })
          .catch(unlessGone(bridges.world, response));
        return true;
      };
      await reword(talk, id, 'Mine now');
      await eventually(async () => {
        const said = (await textsOf(talk)).at(-1);
        expect([told, post.raw]).toEqual([true, said?.replace('ANN: ', '**ANN:**\n')]);
        expect(said).not.toContain('In two hands');
        // A call that was cut off is made again, and what is written last stands.
        if (!process.env.EVICT_EVERY) expect(said).toBe(`ANN: ${last}`);
      });
      forum.meddle = () => false;
    },
  );

  test('other topics are none of its conversation', async () => {
    const before = (await messagesOf(talk)).length;
    await forum.tell('post_created', forum.say('carol', 'Elsewhere', null, 10));
    expect(await messagesOf(talk)).toHaveLength(before);
  });

  test('is left alone for as long as it asks', async () => {
    let refused = 0;
    forum.meddle = (call, response) => {
      if (call.method !== 'POST' || refused++ > 0) return false;
      response.writeHead(429, { 'content-type': 'application/json' });
      response.end(
        JSON.stringify({ errors: ['slow'], error_type: 'rate_limit', extras: { wait_seconds: 1 } }),
      );
      return true;
    };
    const began = Date.now();
    await bridges.world.post(talk.id, 'After a while', 'x-ann');
    await forum.until(({ raws }) => raws.some((raw) => raw.includes('After a while')));
    expect(refused).toBeGreaterThanOrEqual(1);
    // How long it asked is memory, which goes with the object.
    if (!process.env.EVICT_EVERY) expect(Date.now() - began).toBeGreaterThanOrEqual(950);
    forum.meddle = () => false;
    await bridges.operate('DELETE', number);
  });

  test('a topic of its own is begun once, a private message too', async () => {
    const one = await bridges.talk('x-ann', 'x-ben');
    const { forum: its } = await forumOf(
      one,
      { title: 'Our chat', recipients: 'carol,dave' },
      { privateMessages: true },
    );
    await bridges.world.post(one.id, 'First', 'x-ann');
    await bridges.world.post(one.id, 'Second', 'x-ben');
    await its.until(({ raws }) => raws.length === 2);
    expect(its.topics).toEqual([
      expect.objectContaining({ title: 'Our chat', archetype: 'private_message' }),
    ]);
    expect(its.posts.map(({ topic_id }) => topic_id)).toEqual([100, 100]);
  });
});

describe('a matterbridge that is listened to', () => {
  let talk: Talk;
  let api: Api;
  let number: number;
  beforeAll(async () => {
    talk = await bridges.talk('x-ann', 'x-ben');
    ({ api, number } = await apiOf(talk));
  });

  test('is told, and hears of what was changed and deleted', async () => {
    const id = await bridges.world.post(talk.id, 'Hello @all', 'x-ann');
    await bridges.world.receiver.until(() => api.said.length === 1);
    expect(api.said[0]).toMatchObject({
      text: 'Hello @\u200ball',
      username: 'ANN',
      gateway: 'gate',
      event: '',
    });
    await reword(talk, id, 'Hello again');
    await bridges.world.receiver.until(() => api.said.length === 2);
    await remove(talk, id);
    await bridges.world.receiver.until(() => api.said.length === 3);
    expect(api.said.map(({ text, id: its, event }) => [text, its === api.said[0].id, event])).toEqual([
      ['Hello @\u200ball', true, ''],
      ['Hello again', true, ''],
      ['', true, 'msg_delete'],
    ]);
  });

  test('tells what is said there, changed and deleted, with its files', async () => {
    const file = { Name: 'a.txt', Data: Buffer.from('some bytes').toString('base64'), Comment: '', URL: '' };
    api.say({ text: '**Hi** there', username: 'dora', userid: 'd1', id: 'm1', Extra: { file: [file] } });
    await eventually(async () => expect(await textsOf(talk)).toEqual(['dora: Hi there']));
    api.say({ text: 'Hi again', username: 'dora', userid: 'd1', id: 'm1' });
    await eventually(async () => expect(await textsOf(talk)).toEqual(['dora: Hi again']));
    api.say({ text: '', username: 'dora', id: 'm1', event: 'msg_delete' });
    await eventually(async () => expect(await textsOf(talk)).toEqual([]));
    api.say({ text: 'joins', username: 'dora', event: 'join_leave' });
    api.say({ text: 'of another gateway of that api', username: 'dora', gateway: 'another' });
    api.say({ text: 'waves', username: 'dora', event: 'user_action' });
    await eventually(async () => expect(await textsOf(talk)).toEqual(['dora: waves']));
  });

  test('what it kept while nobody listened arrives once the connection is back, and once only', async () => {
    const before = (await textsOf(talk)).length;
    api.say({ text: 'heard', username: 'dora' });
    await eventually(async () => expect(await textsOf(talk)).toHaveLength(before + 1));
    api.cut();
    for (let i = 0; i < 5; i++) api.say({ text: `missed ${i}`, username: 'dora' });
    await api.connected(1);
    await eventually(async () =>
      expect((await textsOf(talk)).slice(before)).toEqual([
        'dora: heard',
        ...[0, 1, 2, 3, 4].map((i) => `dora: missed ${i}`),
      ]),
    );
    // Each is in the conversation before the relay has noted that it is.
    const { status } = await bridges.settled(number, (now) => now.status.relay.waiting === 0);
    expect(status.relay.connected).toBe(true);
    await bridges.operate('DELETE', number);
    await eventually(async () => expect(api.sockets.size).toBe(0));
  });

  test('what it hands back to who said it is no message', async () => {
    const one = await bridges.talk('x-ann', 'x-ben');
    const { api: echo } = await apiOf(one, (its) => {
      its.echoes = true;
      its.forgetsIds = true;
    });
    for (let i = 0; i < 5; i++) await bridges.world.post(one.id, `one of five, number ${i}`, 'x-ann');
    await bridges.world.receiver.until(() => echo.said.length === 5);
    echo.say({ text: 'the end', username: 'dora' });
    await eventually(async () => expect((await textsOf(one)).at(-1)).toBe('dora: the end'));
    expect(await messagesOf(one)).toHaveLength(6);
    expect(echo.said).toHaveLength(5);
  });
});

servedApi(() => bridges);

test('a Discourse and a matterbridge on one conversation: each hears of the other once, and nothing comes round', async () => {
  const talk = await bridges.talk('x-ann', 'x-ben');
  const { forum } = await forumOf(talk);
  const { api } = await apiOf(talk);
  api.say({ text: 'said on the chat', username: 'dora', id: 'c1' });
  await forum.until(({ raws }) => raws.length === 1);
  expect(forum.raws).toEqual(['**dora:**\nsaid on the chat']);
  const post = forum.say('carol', 'said at the forum');
  await forum.tell('post_created', post);
  await bridges.world.receiver.until(() => api.said.length === 1);
  expect(api.said[0]).toMatchObject({ text: 'said at the forum', username: 'CAROL [Forum]' });
  await bridges.world.post(talk.id, 'said here', 'x-ann');
  await forum.until(({ raws }) => raws.length === 3);
  await bridges.world.receiver.until(() => api.said.length === 2);
  api.say({ text: 'changed on the chat', username: 'dora', id: 'c1' });
  await forum.until(({ raws }) => raws.includes('**dora:**\nchanged on the chat'));
  await forum.tell('post_destroyed', Object.assign(post, { deleted: true }));
  await bridges.world.receiver.until(() => api.said.length === 3);
  expect(api.said[2]).toMatchObject({ event: 'msg_delete', id: api.said[0].id });
  expect(await textsOf(talk)).toEqual(['dora: changed on the chat', 'ANN: said here']);
  expect(forum.raws).toEqual(['**dora:**\nchanged on the chat', '**ANN:**\nsaid here']);
});
