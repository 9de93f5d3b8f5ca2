// The hub as matterbridge's api: what its clients say and hear (docs/bridges-matterbridge.md).
import { once } from 'node:events';
import { beforeAll, describe, expect, test } from 'vitest';
import { WebSocket } from 'ws';
import { eventually, sidesOf, type Talk } from './bridges-sides.ts';
import type { Bridges, Json } from './bridges-world.ts';

/** Gives what a stream tells, a line of JSON at a time: lines may come together. */
function linesOf({ body }: Response): () => Promise<Json> {
  const reader = body?.pipeThrough(new TextDecoderStream()).getReader();
  let rest = '';
  return async () => {
    while (!rest.includes('\n')) rest += (await reader?.read())?.value ?? '\n';
    const line = rest.slice(0, rest.indexOf('\n'));
    rest = rest.slice(line.length + 1);
    return JSON.parse(line);
  };
}

/** Whether it is not what was said just before. */
const isNews = (one: unknown, i: number, all: unknown[]): boolean =>
  JSON.stringify(one) !== JSON.stringify(all[i - 1]);

export function servedApi(bridges: () => Bridges): void {
  const { messagesOf, textsOf, reword, remove } = sidesOf(bridges);
  describe('the api that others come to', () => {
    const TOKEN = 'a-token-of-our-own-side';
    let talk: Talk;
    let base: string;
    let number: number;
    beforeAll(async () => {
      talk = await bridges().talk('x-ann', 'x-ben');
      const made = await bridges().make({
        network: 'matterbridge',
        conversation: talk.number,
        credentials: { token: TOKEN },
        place: { gateway: 'gate', role: 'server' },
      });
      if (made.status !== 201) throw new Error(JSON.stringify(made));
      number = made.body.bridge.number;
      base = `${bridges().world.hub.url}/hooks/matterbridge/${number}/api`;
    });
    const ask = async (method: string, path: string, body?: unknown, token: string | null = TOKEN) => {
      const headers: Record<string, string> = token === null ? {} : { authorization: `Bearer ${token}` };
      const init = body === undefined ? {} : { body: typeof body === 'string' ? body : JSON.stringify(body) };
      const answer = await fetch(`${base}${path}`, { method, headers, ...init });
      const text = await answer.text();
      return {
        status: answer.status,
        body: text.startsWith('{') || text.startsWith('[') ? JSON.parse(text) : text,
      };
    };

    /** What is kept that says so, once it is. */
    const fetched = async (words: string): Promise<Json> => {
      let found: Json;
      await eventually(async () => {
        found = (await ask('GET', '/messages')).body.find(({ text }: Json) => text === words);
        expect(found).toBeDefined();
      });
      return found;
    };

    test.each<[string, string, unknown, string | null, number]>([
      ['no token', '/messages', undefined, null, 400],
      ['a wrong one', '/messages', undefined, 'x'.repeat(23), 401],
      ['a path that is none', '/nothing', undefined, TOKEN, 404],
      ['another method', '/message', undefined, TOKEN, 405],
      ['no upgrade', '/websocket', undefined, TOKEN, 426],
    ])('refuses %s', async (_, path, body, token, status) => {
      expect((await ask('GET', path, body, token)).status).toBe(status);
    });
    test('refuses what is no message, and takes nothing of it', async () => {
      for (const body of ['', '[]', '{}', '{"text":7}', '{"text":"a","Extra":{"file":[{"Name":1}]}}'])
        expect((await ask('POST', '/message', body)).status).toBe(400);
      const strayed = await ask('POST', '/message', { text: 'Hi', username: 'eve', gateway: 'another' });
      expect(strayed).toEqual({
        status: 400,
        body: { message: 'the gateway is not the one of this bridge' },
      });
      expect(await messagesOf(talk)).toEqual([]);
      expect(await ask('GET', '/health')).toEqual({ status: 200, body: 'OK' });
    });

    test('takes what is said, changed and deleted', async () => {
      const said = await ask('POST', '/message', { text: 'Hi', username: 'eve', gateway: 'gate' });
      expect(said).toMatchObject({ status: 200, body: { text: 'Hi', channel: 'api', protocol: 'api' } });
      expect(await textsOf(talk)).toEqual(['eve: Hi']);
      const { id } = said.body;
      await ask('POST', '/message', { text: 'Hello', username: 'eve', id });
      expect(await textsOf(talk)).toEqual(['eve: Hello']);
      // What becomes of it here is told under its id, and is no news when it is told back.
      const [{ id: here }] = await messagesOf(talk);
      await reword(talk, here, 'Hello here');
      const told = await fetched('Hello here');
      expect(told).toMatchObject({ id, username: 'eve', event: '' });
      await ask('POST', '/message', told);
      expect(await textsOf(talk)).toEqual(['eve: Hello here']);
      await ask('POST', '/message', { event: 'msg_delete', id });
      expect(await textsOf(talk)).toEqual([]);
    });

    test('takes what is changed of what was said here, under the id that it was told', async () => {
      await bridges().world.post(talk.id, 'Said here', 'x-ann');
      const told = await fetched('Said here');
      expect(told).toMatchObject({ username: 'ANN', event: '' });
      await ask('POST', '/message', { ...told, username: '' });
      expect(await textsOf(talk)).toEqual(['ANN: Said here']);
      await ask('POST', '/message', { text: 'Said **otherwise** there', username: 'eve', id: told.id });
      expect(await textsOf(talk)).toEqual(['ANN: Said otherwise there']);
      await ask('POST', '/message', { event: 'msg_delete', id: told.id });
      expect(await textsOf(talk)).toEqual([]);
      // Nothing of it is told to who said it.
      await bridges().settled(number, ({ status }) => status.waiting === 0);
      if (process.env.EVICT_EVERY) await ask('GET', '/messages');
      expect((await ask('GET', '/messages')).body).toEqual([]);
    });

    test('keeps what is said here until it is fetched', async () => {
      const id = await bridges().world.post(talk.id, 'One', 'x-ann');
      await reword(talk, id, 'Two');
      await remove(talk, id);
      const kept: Json[] = [];
      await eventually(async () => {
        kept.push(...(await ask('GET', '/messages')).body);
        expect(kept.some(({ event }) => event === 'msg_delete')).toBe(true);
      });
      const said = kept.map(({ text, event }) => [text, event]);
      // An object that is let go before it has noted that it was kept has it kept again.
      expect(process.env.EVICT_EVERY ? said.filter(isNews) : said).toEqual([
        ['One', ''],
        ['Two', ''],
        ['', 'msg_delete'],
      ]);
      expect(new Set(kept.map((one) => one.id)).size).toBe(1);
      await bridges().settled(number, ({ status }) => status.waiting === 0);
      if (process.env.EVICT_EVERY) await ask('GET', '/messages');
      expect((await ask('GET', '/messages')).body).toEqual([]);
    });

    test('tells who listens, on a socket and in a stream, and takes what a socket says', async () => {
      const socket = new WebSocket(`${base.replace('http', 'ws')}/websocket`, {
        headers: { authorization: `Bearer ${TOKEN}` },
      });
      const heard: Json[] = [];
      socket.on('message', (data) => heard.push(JSON.parse(String(data))));
      await once(socket, 'open');
      await eventually(async () => expect(heard[0]?.event).toBe('api_connected'));
      const stop = new AbortController();
      const stream = await fetch(`${base}/stream`, {
        headers: { authorization: `Bearer ${TOKEN}` },
        signal: stop.signal,
      });
      const next = linesOf(stream);
      expect(await next()).toMatchObject({ event: 'api_connected' });
      await bridges().world.post(talk.id, 'To all', 'x-ann');
      await eventually(async () => expect(heard.at(-1)?.text).toBe('To all'));
      expect(await next()).toMatchObject({ text: 'To all', username: 'ANN' });
      stop.abort();
      const before = await textsOf(talk);
      for (const gateway of ['another', 'gate'])
        socket.send(JSON.stringify({ text: `From a socket: ${gateway}`, username: 'eve', gateway }));
      await eventually(async () =>
        expect((await textsOf(talk)).slice(before.length)).toEqual(['eve: From a socket: gate']),
      );
      // A change of the bridge asks whoever listens to come again.
      const closed = once(socket, 'close');
      await bridges().operate('PATCH', number, '', { credentials: { token: `${TOKEN}-now` } });
      expect((await closed)[0]).toBe(1012);
      expect((await ask('GET', '/messages')).status).toBe(401);
      expect((await ask('GET', '/messages', undefined, `${TOKEN}-now`)).status).toBe(200);
      await bridges().operate('DELETE', number);
      expect((await ask('GET', '/messages', undefined, `${TOKEN}-now`)).status).toBe(401);
    });
  });
}
