// What a browser asks beside its socket: its conversations, pages of the past, a new conversation, files.
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { CALLS } from '../../src/realtime/calls.ts';
import type { MadeUser } from '../support/operator.ts';
import { startTestHub, type TestHub } from '../support/server.ts';
import { png } from '../support/uploads.ts';
import { type World, worldOf } from './realtime-world.ts';

// biome-ignore lint/suspicious/noExplicitAny: a test reads whatever field the protocol documents.
type Json = any;
interface Answer {
  status: number;
  headers: Headers;
  body: Json;
}

let hub: TestHub;
let world: World;
let ann: MadeUser;
let ben: MadeUser;
let agent: MadeUser;

beforeAll(async () => {
  hub = await startTestHub();
  world = await worldOf(hub);
  ann = await world.person('ann');
  ben = await world.person('ben');
  agent = await world.person('agent', 'agent');
});
afterAll(async () => {
  await world?.hangUp();
  await hub?.stop();
});

interface Asking {
  body?: unknown;
  headers?: Record<string, string>;
  token?: string;
}

async function ask(who: MadeUser | null, method: string, path: string, asking: Asking = {}): Promise<Answer> {
  const token = asking.token ?? (who && (await world.token(who)));
  const raw = asking.body instanceof Uint8Array;
  const response = await fetch(`${hub.url}/realtime/${path}`, {
    method,
    headers: { ...(token && { authorization: `Bearer ${token}` }), ...asking.headers },
    body: raw
      ? (asking.body as BodyInit)
      : asking.body === undefined
        ? undefined
        : JSON.stringify(asking.body),
  });
  const text = await response.text();
  return { status: response.status, headers: response.headers, body: text === '' ? null : JSON.parse(text) };
}

const numbers = ({ body }: Answer): string[] => body.conversations.map(({ c }: Json) => c);
const error = (code: string, more: Json = {}) => ({
  error: { code, message: expect.stringMatching(/\S/), ...more },
});

describe('a new conversation', () => {
  test('is one with the team, begun with its first words, and told to the team', async () => {
    const cat = await world.person('cat');
    const socket = await world.connect(agent);
    const made = await ask(cat, 'POST', 'conversations', {
      body: { title: 'Help', metadata: { page: '/a' }, message: { text: 'Hello', clientId: 'one' } },
    });
    expect(made).toMatchObject({
      status: 201,
      body: {
        conversation: {
          kind: 'support',
          title: 'Help',
          metadata: { page: '/a' },
          state: 'open',
          locked: false,
        },
        message: { seq: expect.any(Number), id: expect.stringMatching(/^\d+$/) },
      },
    });
    const { c } = made.body.conversation;
    expect(await socket.ask({ t: 'subscribe', c, since: 0 })).toMatchObject({ t: 'ack' });
    const heard = await socket.next('events', (frame) => frame.c === c);
    expect(heard.events.find((event: Json) => event.kind === 'message')).toMatchObject({
      text: 'Hello',
      clientId: 'one',
      author: { id: String(cat.number) },
    });
  });

  test('is made once under one key, however often it is asked for', async () => {
    const body = { title: 'Once', message: { text: 'Hello' } };
    const headers = { 'idempotency-key': 'k-1' };
    const all = await Promise.all(
      Array.from({ length: 10 }, () => ask(ann, 'POST', 'conversations', { body, headers })),
    );
    expect(new Set(all.map((each) => each.body.conversation.c)).size).toBe(1);
    expect(all.map(({ status }) => status).sort()).toEqual([...Array(9).fill(200), 201]);
    const c = all[0]?.body.conversation.c;
    const page = await ask(ann, 'GET', `conversations/${c}/messages`);
    expect(page.body.events.map(({ text }: Json) => text)).toEqual(['Hello']);
    const other = await ask(ann, 'POST', 'conversations', { body: { title: 'Two' }, headers });
    expect([other.status, other.body]).toEqual([409, error('conflict')]);
    // Somebody else's key is another one.
    const bens = await ask(ben, 'POST', 'conversations', { body, headers });
    expect(bens.status).toBe(201);
    expect(bens.body.conversation.c).not.toBe(c);
  });

  test('is the one that they have with the team where they ask for that, however many ask at once', async () => {
    const eve = await world.person('eve');
    const say = (text: string, more: object = {}) =>
      ask(eve, 'POST', 'conversations', {
        body: { default: true, message: { text, clientId: text }, ...more },
      });
    const words = ['one', 'two', 'three', 'four', 'five'];
    const all = await Promise.all(words.map((text) => say(text)));
    expect(all.map(({ status }) => status).sort()).toEqual([200, 200, 200, 200, 201]);
    const [c, ...others] = new Set(all.map(({ body }) => body.conversation.c));
    expect(others).toEqual([]);
    // Said again it is found again: nothing is said twice, and each is told the place of their own.
    const again = await Promise.all(words.map((text) => say(text)));
    expect(again.map(({ body }) => body.message)).toEqual(all.map(({ body }) => body.message));
    const { events } = (await ask(eve, 'GET', `conversations/${c}/messages`)).body;
    const texts = events.flatMap(({ kind, text }: Json) => (kind === 'message' ? [text] : []));
    expect([...texts].sort()).toEqual([...words].sort());
    const empty = await ask(eve, 'POST', 'conversations', { body: { default: true } });
    expect(empty).toMatchObject({ status: 200, body: { conversation: { c }, message: null } });
    // Without asking for it it is another one.
    const other = await ask(eve, 'POST', 'conversations', { body: {} });
    expect(other.status).toBe(201);
    for (const [wrong, path] of [
      [{ kind: 'group' }, 'default'],
      [{ message: { text: 'no id' } }, 'message'],
      [{ default: 'yes' }, 'default'],
    ] as const) {
      const refused = await say('six', wrong);
      expect(refused.status).toBe(400);
      expect(refused.body.error.fields.map((field: Json) => field.path)).toEqual([path]);
    }
    const headers = { 'idempotency-key': 'k-2' };
    expect((await ask(eve, 'POST', 'conversations', { body: { default: true }, headers })).status).toBe(400);
    expect(numbers(await ask(eve, 'GET', 'conversations')).length).toBe(2);
  });

  test('may be one with people by their ids', async () => {
    const body = { kind: 'group', with: [String(ben.number)], title: 'Both' };
    const made = await ask(ann, 'POST', 'conversations', { body });
    expect(made).toMatchObject({ status: 201, body: { conversation: { kind: 'group' }, message: null } });
    expect(numbers(await ask(ben, 'GET', 'conversations'))).toContain(made.body.conversation.c);
    const nobody = await ask(ann, 'POST', 'conversations', { body: { ...body, with: ['900000001'] } });
    expect([nobody.status, nobody.body]).toEqual([404, error('not_found', { subject: 'user' })]);
  });
});

describe('the list', () => {
  test('is a person’s own, newest message first, with what is unread, page by page', async () => {
    const dan = await world.person('dan');
    const talks: string[] = [];
    for (const title of ['a', 'b', 'c']) {
      const made = await ask(dan, 'POST', 'conversations', { body: { title, message: { text: title } } });
      talks.unshift(made.body.conversation.c);
    }
    const [newest] = talks;
    const whole = await ask(dan, 'GET', 'conversations');
    expect(whole.body).toMatchObject({ total: 3 });
    expect([...numbers(whole)].sort()).toEqual([...talks].sort());
    expect(whole.body.conversations.find(({ c }: Json) => c === newest)).toEqual({
      c: newest,
      kind: 'support',
      title: 'c',
      icon: null,
      metadata: null,
      state: 'open',
      locked: false,
      createdAt: expect.stringMatching(/Z$/),
      seq: expect.any(Number),
      at: expect.stringMatching(/Z$/),
      preview: 'c',
      unread: 0,
      readSeq: expect.any(Number),
      muted: false,
      member: true,
      memberCount: 1,
      people: [{ id: String(dan.number), name: 'Dan', avatar: null }],
    });
    const pages = [
      ...numbers(await ask(dan, 'GET', 'conversations?limit=2')),
      ...numbers(await ask(dan, 'GET', 'conversations?start=2&limit=2')),
    ];
    expect(pages).toEqual(numbers(whole));
  });
});

describe('the past', () => {
  test('is read backwards to its beginning, no message twice or missing, and shows how far others are', async () => {
    const made = await ask(ann, 'POST', 'conversations', { body: { message: { text: '0' } } });
    const { c } = made.body.conversation;
    const socket = await world.connect(ann);
    const theirs = await world.connect(agent);
    for (let i = 1; i < 25; i++) await socket.ask({ t: 'send', c, text: String(i) });
    await theirs.ask({ t: 'read', c });
    const seen: string[] = [];
    let before = '';
    let pages = 0;
    for (;;) {
      const { status, body } = await ask(ann, 'GET', `conversations/${c}/messages?limit=10${before}`);
      expect(status).toBe(200);
      expect(body).toMatchObject({ c, epoch: expect.any(String), unread: 0 });
      expect(body.reads).toEqual([{ user: String(agent.number), seq: body.seq, business: true }]);
      seen.unshift(...body.events.map(({ text }: Json) => text));
      pages += 1;
      if (!body.hasMore) break;
      before = `&before=${body.events[0].seq}`;
    }
    expect(pages).toBe(3);
    expect(seen).toEqual(Array.from({ length: 25 }, (_, i) => String(i)));
  });

  test('has its words in the markup that is asked for, or as they were written', async () => {
    const message = { text: '[b]Hi[/b] <there>', markup: 'bbcode' };
    const made = await ask(ann, 'POST', 'conversations', { body: { message } });
    const shown = async (query: string) => {
      const { c } = made.body.conversation;
      const { body } = await ask(ann, 'GET', `conversations/${c}/messages${query}`);
      return [body.events[0].markup, body.events[0].text];
    };
    expect(await shown('')).toEqual(['bbcode', '[b]Hi[/b] <there>']);
    expect(await shown('?markup=html')).toEqual(['html', '<b>Hi</b> &lt;there&gt;']);
    expect(await shown('?markup=plain')).toEqual(['plain', 'Hi <there>']);
  });

  test('keeps the place of what was deleted', async () => {
    const made = await ask(ann, 'POST', 'conversations', { body: { message: { text: 'Gone' } } });
    const { c } = made.body.conversation;
    const socket = await world.connect(ann);
    await socket.ask({ t: 'delete', c, id: made.body.message.id });
    const { body } = await ask(ann, 'GET', `conversations/${c}/messages`);
    expect(body.events).toMatchObject([{ id: made.body.message.id, deleted: true, text: '' }]);
  });
});

describe('a file', () => {
  test('goes up as it is, into one message, and opens for who reads that', async () => {
    const made = await ask(ann, 'POST', 'conversations', { body: { message: { text: 'A picture:' } } });
    const { c } = made.body.conversation;
    const bytes = png(4, 3);
    const up = await ask(ann, 'POST', 'files?name=a%20b.png', { body: bytes });
    expect(up).toMatchObject({
      status: 201,
      body: { file: { name: 'a b.png', mime: 'image/png', bytes: bytes.byteLength, width: 4, height: 3 } },
    });
    const { id, url } = up.body.file;
    const socket = await world.connect(ann);
    const sent = { t: 'send', c, text: '', files: [id], clientId: 'p' };
    const first = await socket.ask(sent);
    expect(first).toMatchObject({ t: 'ack', c });
    expect(await socket.ask(sent), 'the same again').toMatchObject({ t: 'ack', seq: first.seq });
    expect(await socket.ask({ ...sent, clientId: 'q' }), 'in a second message').toMatchObject({
      t: 'error',
      code: 'not_found',
      subject: 'file',
    });
    const { body } = await ask(agent, 'GET', `conversations/${c}/messages?limit=1`);
    expect(body.events[0].attachments).toMatchObject([{ name: 'a b.png', mime: 'image/png', url }]);
    const read = await fetch(hub.url + url);
    expect(new Uint8Array(await read.arrayBuffer())).toEqual(new Uint8Array(bytes));
  });

  test('is taken back by its own sender alone', async () => {
    const up = await ask(ann, 'POST', 'files?name=a.txt', { body: new TextEncoder().encode('words') });
    const path = `files/${up.body.file.id}`;
    const missing = error('not_found', { subject: 'file' });
    for (const who of [ben, agent]) {
      const foreign = await ask(who, 'DELETE', path);
      expect([foreign.status, foreign.body]).toMatchObject([404, missing]);
    }
    expect((await ask(ann, 'DELETE', path)).status).toBe(200);
    expect((await ask(ann, 'DELETE', path)).status).toBe(404);
  });
});

describe('refused', () => {
  const sample: Record<string, string> = { c: '1', file: '1' };
  const calls = CALLS.map(({ method, path }) => ({
    method,
    path: path.replace('/realtime/', '').replace(/:(\w+)/g, (_, name: string) => sample[name] as string),
  }));

  test.each(calls)(
    '$method $path: without a token, with a wrong one, and from a foreign page',
    async (call) => {
      for (const token of ['', 'a.wrong.one']) {
        const { status, headers, body } = await ask(null, call.method, call.path, { token });
        expect([status, body]).toEqual([401, error('unauthorized')]);
        expect(headers.get('www-authenticate')).toBe('Bearer');
      }
      const headers = { origin: 'https://elsewhere.example.org' };
      const page = await ask(ann, call.method, call.path, { headers });
      expect([page.status, page.body]).toEqual([403, error('forbidden')]);
    },
  );

  test('pages of the app’s list may call', async () => {
    const origin = 'https://shop.example.org';
    expect((await world.operate('PATCH', '', { origins: [origin] })).status).toBe(200);
    const asked = await fetch(`${hub.url}/realtime/conversations`, {
      method: 'OPTIONS',
      headers: { origin },
    });
    expect(asked.status).toBe(204);
    expect(asked.headers.get('access-control-allow-headers')).toContain('authorization');
    const { status, headers } = await ask(ann, 'GET', 'conversations', { headers: { origin } });
    expect([status, headers.get('access-control-allow-origin')]).toEqual([200, origin]);
  });

  test.each([
    ['a list', 'POST', 'conversations', []],
    ['no such kind', 'POST', 'conversations', { kind: 'desk' }],
    ['people that are no list', 'POST', 'conversations', { with: '1' }],
    ['an id that is none', 'POST', 'conversations', { with: ['one'] }],
    ['a title that is none', 'POST', 'conversations', { title: 1 }],
    ['a message that says nothing', 'POST', 'conversations', { message: {} }],
    ['a message of no markup', 'POST', 'conversations', { message: { text: 'a', markup: 'rtf' } }],
    ['no number', 'GET', 'conversations?limit=all', undefined],
    ['neither yes nor no', 'GET', 'conversations?team=1', undefined],
    ['a page that is too large', 'GET', 'conversations?limit=51', undefined],
    ['no such markup', 'GET', 'conversations/1/messages?markup=rtf', undefined],
    ['a place before the first', 'GET', 'conversations/1/messages?before=-1', undefined],
  ])('%s: %s %s', async (_, method, path, body) => {
    // Their order is that of their messages, and what a socket said comes to lists a little later.
    const listed = async () => numbers(await ask(ann, 'GET', 'conversations')).sort();
    const before = await listed();
    const answer = await ask(ann, method, path, { body });
    expect([answer.status, answer.body.error.code]).toEqual([400, 'invalid']);
    expect(await listed()).toEqual(before);
  });

  test('a foreign conversation is like a missing one', async () => {
    const bens = await ask(ben, 'POST', 'conversations', { body: {} });
    const answers = await Promise.all(
      [bens.body.conversation.c, '900000001', 'x', '0'].map((c) =>
        ask(ann, 'GET', `conversations/${c}/messages`),
      ),
    );
    for (const { status, body } of answers)
      expect([status, body]).toEqual([404, error('not_found', { subject: 'conversation' })]);
  });
});
