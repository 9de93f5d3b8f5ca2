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
