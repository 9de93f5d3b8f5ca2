// Bridges to chat networks, driven as their operator and their people do (docs/bridges.md): every call that a network gets is
// looked at, byte for byte where its form matters.
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { type Bridges, type Json, startBridges } from './bridges-world.ts';

let bridges: Bridges;
let talk: { id: string; number: number };

beforeAll(async () => {
  bridges = await startBridges();
  talk = await bridges.talk('x-ann', 'x-ben');
});
afterAll(() => bridges?.world.stop());

const LONG = Array.from({ length: 520 }, (_, i) => `word${i}`).join(' ');
const reword = (id: string, text: string): Promise<Json> =>
  bridges.world.sunshine('PATCH', `/conversations/${talk.id}/messages/${id}`, {
    content: { type: 'text', text },
  });

describe('what networks are told', () => {
  test('Slack', async () => {
    const { peer, number } = await bridges.bridge('slack', talk.number, {
      place: { thread: '1700000000.000100' },
    });
    await bridges.world.post(talk.id, 'a <b> & c @channel', 'x-ann');
    const [post] = await peer.until(({ posts }) => posts.length === 1);
    expect(post?.body).toEqual({
      text: 'a &lt;b&gt; &amp; c @channel',
      username: 'ANN',
      thread_ts: '1700000000.000100',
      metadata: {
        event_type: 'parlance_message',
        event_payload: { marker: expect.stringMatching(/^[0-9a-f]{12}\.\d+\.0$/) },
      },
    });
    expect(peer.calls[0]?.headers).toMatchObject({
      'content-type': 'application/json',
      'user-agent': expect.stringMatching(/^Parlance\//),
    });
    expect(peer.calls[0]?.headers['webhook-id']).toBeUndefined();
    await bridges.operate('DELETE', number);
  });

  test('Mattermost', async () => {
    const { peer, number } = await bridges.bridge('mattermost', talk.number, {
      place: { channel: 'town-square' },
    });
    await bridges.world.post(talk.id, 'Hello', 'x-ben');
    const [post] = await peer.until(({ posts }) => posts.length === 1);
    expect(post?.body).toEqual({
      text: 'Hello',
      username: 'BEN',
      channel: 'town-square',
      props: { parlance: { marker: expect.stringMatching(/^[0-9a-f]{12}\.\d+\.0$/) } },
    });
    await bridges.operate('DELETE', number);
  });

  test('Discord: in parts where it is long, and what becomes of the message', async () => {
    const { peer, number } = await bridges.bridge('discord', talk.number, { perSecond: 50 });
    const id = await bridges.world.post(talk.id, 'One', 'x-ann');
    await peer.until(({ posts }) => posts.length === 1);
    expect(peer.posts[0]?.body).toEqual({ content: 'One', username: 'ANN', allowed_mentions: { parse: [] } });
    await reword(id, LONG);
    await peer.until(({ posts }) => posts.length === 3);
    for (const text of peer.texts) expect(text.length).toBeLessThanOrEqual(1_950);
    expect(peer.texts.join(' ').replace(/\s+/g, ' ')).toBe(LONG);
    await reword(id, 'Short now');
    await peer.until(({ texts }) => texts.filter((text) => text === '(removed by edit)').length === 2);
    expect(peer.texts).toEqual(['Short now', '(removed by edit)', '(removed by edit)']);
    await bridges.world.sunshine('DELETE', `/conversations/${talk.id}/messages/${id}`);
    await peer.until(({ posts }) => posts.length === 0);
    const [first, second, third] = ['0001', '0002', '0003'].map((at) => `/messages/11010101010101${at}`);
    const calls = peer.calls.map(({ method, path }) => [method, path.replace(peer.path, '')].join(' '));
    const once = process.env.EVICT_EVERY ? calls.filter((call, i) => call !== calls[i - 1]) : calls;
    const posted = process.env.EVICT_EVERY ? ['POST ?wait=true'] : ['POST ?wait=true', 'POST ?wait=true'];
    expect(once).toEqual([
      'POST ?wait=true',
      `PATCH ${first}`,
      ...posted,
      ...[first, second, third].map((at) => `PATCH ${at}`),
      ...[first, second, third].map((at) => `DELETE ${at}`),
    ]);
    const { status } = await bridges.settled(number, ({ status: now }) => now.waiting === 0);
    expect(status.counts).toMatchObject({ sent: 1, edited: 2, removed: 1 });
    await bridges.operate('DELETE', number);
  });
});

describe('what an operator says of a bridge', () => {
  const url = 'https://hooks.slack.com/services/T0/B0/secret';

  test('is shown without its secrets, changed, and refused where it will not do', async () => {
    const made = await bridges.make({ network: 'slack', conversation: talk.number, url, name: 'General' });
    expect(made).toMatchObject({
      status: 201,
      body: { bridge: { url: 'https://hooks.slack.com/', state: 'active' } },
    });
    const { number } = made.body.bridge;
    expect(JSON.stringify(await bridges.operate('GET', number))).not.toContain('B0');
    // One place is linked once with a conversation.
    expect(await bridges.make({ network: 'slack', conversation: talk.number, url })).toMatchObject({
      status: 409,
    });
    expect(
      await bridges.operate('PATCH', number, '', { name: null, options: { announceEdits: true } }),
    ).toMatchObject({
      body: { bridge: { name: null, options: { announceEdits: true }, url: 'https://hooks.slack.com/' } },
    });
    // An endpoint that is a bridge is no endpoint of the operator's.
    expect(await bridges.world.operate('GET', `/endpoints/${number}`)).toMatchObject({ status: 404 });
    expect((await bridges.world.operate('GET', `/endpoints/${number}/deliveries`)).body).toMatchObject({
      deliveries: [],
    });
    await bridges.operate('DELETE', number);
    expect(await bridges.operate('GET', number)).toMatchObject({ status: 404 });
  });

  test.each([
    ['a conversation of nobody', 'conversation', { conversation: 900_000_003 }],
    ['an incoming hook of nobody', 'incoming', { incoming: 900_000_003 }],
    ['an address inside', 'url', { url: 'https://127.0.0.1/x' }],
    ['no webhook of Discord', 'url', { network: 'discord' }],
    ['a place that Slack does not know', 'place.channel', { place: { channel: 'x' } }],
    ['a thread that is none', 'place.thread', { place: { thread: 'x' } }],
    ['a key that Slack does not have', 'credentials.token', { credentials: { token: 'x' } }],
  ])('%s', async (_, path, more) => {
    const { status, body } = await bridges.make({
      network: 'slack',
      conversation: talk.number,
      url,
      ...more,
    });
    expect([status, body.error.fields.map((field: Json) => field.path)]).toEqual([400, [path]]);
  });

  test('an edit is told once where nothing can be changed, if that is wanted', async () => {
    const { peer, number } = await bridges.bridge('slack', talk.number, {
      ...{ options: { announceEdits: true }, perSecond: 50 },
    });
    const id = await bridges.world.post(talk.id, 'first', 'x-ann');
    await reword(id, 'second');
    await reword(id, 'third');
    await peer.until(({ posts }) => posts.length === 2);
    await bridges.settled(number, ({ status }) => status.waiting === 0);
    expect(peer.texts).toEqual(['first', '_edited:_ second']);
    expect((await bridges.operate('POST', number, '/test')).body.attempt).toMatchObject({
      status: 200,
      excerpt: 'ok',
    });
    expect(peer.posts.at(-1)?.body).toMatchObject({ text: 'A test of hooked', username: 'Parlance' });
    await bridges.operate('DELETE', number);
  });

  test('files go along where the network takes them, else as a link', async () => {
    const discord = await bridges.bridge('discord', talk.number);
    const slack = await bridges.bridge('slack', talk.number);
    const form = new FormData();
    form.append('source', new Blob(['some words'], { type: 'text/plain' }), 'notes.txt');
    const { basePath, appId, keyId, secret } = bridges.world.app.sunshine;
    const authorization = `Basic ${Buffer.from(`${keyId}:${secret}`).toString('base64')}`;
    const uploaded = await fetch(`${basePath}/v2/apps/${appId}/attachments?access=public&for=message`, {
      ...{ method: 'POST', headers: { authorization }, body: form },
    });
    const { attachment } = (await uploaded.json()) as Json;
    await bridges.world.sunshine('POST', `/conversations/${talk.id}/messages`, {
      author: { type: 'user', userExternalId: 'x-ann' },
      content: { type: 'file', mediaUrl: attachment.mediaUrl },
    });
    // At least: a form that is sent again has other boundaries, and is not known to be the same.
    const [there] = await discord.peer.until(({ posts }) => posts.length >= 1);
    expect(there?.files).toEqual(['files[0] notes.txt text/plain some words']);
    const [named] = await slack.peer.until(({ posts }) => posts.length === 1);
    expect(named?.body.text).toMatch(/^<http:\/\/[^|>]*\/files\/[^|>]*\|notes\.txt>$/);
    const address = /<([^|]*)\|/.exec(named?.body.text)?.[1] ?? '';
    expect(await (await fetch(address)).text()).toBe('some words');
    for (const { number } of [discord, slack]) await bridges.operate('DELETE', number);
  });
});
