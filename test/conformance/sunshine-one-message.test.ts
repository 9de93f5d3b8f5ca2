// One message at the Sunshine door: read, read whole, and changed. The vendor has none of it; this hub adds it.
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { MadeUser } from '../support/operator.ts';
import { startTestHub, type TestHub } from '../support/server.ts';
import { png } from '../support/uploads.ts';
import { masked, refusal } from './sunshine-client.ts';
import { type SunshineWorld, sunshineWorldOf } from './sunshine-world.ts';

let hub: TestHub;
let world: SunshineWorld;
let ann: MadeUser;
let ben: MadeUser;
const MISSING = '029c31f25a21b47effd7be90';
const NO_MESSAGE = refusal(404, 'not_found', 'Resource not found');
const FORBIDDEN = refusal(403, 'forbidden', 'Forbidden');

beforeAll(async () => {
  hub = await startTestHub();
  world = await sunshineWorldOf(hub);
  ann = await world.person('ann');
  ben = await world.person('ben');
});
afterAll(async () => {
  await world?.hangUp();
  await hub?.stop();
});

const text = (words: string) => ({ type: 'text', text: words });
const at = (conversation: string, message: string) => `/conversations/${conversation}/messages/${message}`;
const listed = async (conversation: string) =>
  (await world.make('GET', `/conversations/${conversation}/messages`)).messages;

describe('one message', () => {
  test('is answered as lists show it, with its place and what it quotes', async () => {
    const c = await world.open('sdkGroup', [ann, ben]);
    const first = await world.say(c, 'first', ann);
    const { messages } = await world.make('POST', `/conversations/${c}/messages`, {
      author: { type: 'user', userId: ben.sunshineId },
      content: text('about that'),
      metadata: { mood: 'fine' },
      quotedMessage: { type: 'message', message: { id: first } },
    });
    const [, second] = await listed(c);
    expect(second).toEqual(messages[0]);
    for (const as of [undefined, ann, ben])
      expect(await world.call('GET', at(c, second.id), undefined, { as })).toMatchObject({
        status: 200,
        body: { message: second },
      });
    expect(second).toMatchObject({ seq: 3, quotedMessage: { message: { id: first, seq: 2 } } });
  });

  test('is not found for strangers, in another conversation, or once it was deleted', async () => {
    const [c, other] = [await world.open('sdkGroup', [ann]), await world.open('sdkGroup', [ann, ben])];
    const id = await world.say(c, 'mine', ann);
    const theirs = await world.say(other, 'ours', ben);
    await world.make('DELETE', at(other, theirs));
    for (const path of [at(c, MISSING), at(other, id), at(other, theirs), at(c, 'x')])
      for (const [method, body] of [['GET'], ['PATCH', { content: text('new') }]] as const)
        expect(await world.call(method, path, body)).toMatchObject(NO_MESSAGE);
    expect(await world.call('GET', `${at(other, theirs)}/text`)).toMatchObject(NO_MESSAGE);
    expect(await world.call('GET', at(c, id), undefined, { as: ben })).toMatchObject(
      refusal(404, 'conversation_not_found', 'Conversation not found'),
    );
  });
});

describe('a text that is longer here than clients take', () => {
  test('is cut, says so, and is whole at the address that it gives', async () => {
    const c = await world.open('sdkGroup', [ann, ben]);
    const socket = await world.connect(ann);
    const whole = `${'long words and short ones '.repeat(400)}the end`;
    const sent = await socket.ask({
      t: 'send',
      c: world.numberOf(c),
      text: `**${whole}**`,
      markup: 'markdown',
    });
    expect(sent.t).toBe('ack');
    const [message] = await listed(c);
    expect([...message.content.text]).toHaveLength(4096);
    expect(message.content).toEqual({
      type: 'text',
      text: expect.stringMatching(/…$/),
      fullTextLength: whole.length,
      fullTextUrl: `${hub.url}/v2/apps/${world.app.sunshine.appId}${at(c, message.id)}/text`,
    });
    for (const as of [undefined, ben]) {
      const path = new URL(message.content.fullTextUrl).pathname.split(world.app.sunshine.appId)[1] as string;
      expect(await world.call('GET', path, undefined, { as })).toMatchObject({
        status: 200,
        body: {
          text: whole,
          markup: 'markdown',
          source: `**${whole}**`,
          htmlText: `<b>${whole}</b>`,
        },
      });
    }
  });

  test('is there for short ones too', async () => {
    const c = await world.open('sdkGroup', [ann]);
    const id = await world.say(c, 'short');
    expect((await world.call('GET', `${at(c, id)}/text`)).body).toEqual({
      text: 'short',
      markup: 'plain',
      source: 'short',
    });
    expect((await listed(c))[0].content).toEqual(text('short'));
  });
});

describe('an edit', () => {
  test('changes words and custom data, says so, and is seen at once by sockets', async () => {
    const c = await world.open('sdkGroup', [ann, ben]);
    const socket = await world.connect(ben);
    await socket.ask({ t: 'subscribe', c: world.numberOf(c) });
    const id = await world.say(c, 'helo', ann);
    const content = { type: 'text', htmlText: '<b>hello</b>', text: 'HELLO' };
    const edited = await world.call('PATCH', at(c, id), { content, metadata: { fixed: true } });
    expect(masked(edited.body, { [c]: c })).toEqual({
      message: {
        id: 'id',
        seq: 2,
        received: 'time',
        author: { type: 'user', userId: 'id', displayName: 'Ann' },
        content: { type: 'text', text: 'HELLO', htmlText: '<b>hello</b>' },
        source: { type: 'api:conversations' },
        metadata: { fixed: true },
        edited: true,
        editedAt: 'time',
      },
    });
    expect(edited.status).toBe(200);
    expect(await listed(c)).toEqual([edited.body.message]);
    expect(await socket.event(world.numberOf(c), 3)).toMatchObject({
      kind: 'edit',
      target: 2,
      text: '<b>hello</b>',
      markup: 'html',
      metadata: { fixed: true },
    });
    // Words that another door gives it meanwhile are the ones that count.
    const own = await world.connect(ann);
    const number = String(Number.parseInt(c.slice(8, 16), 16) * 2 ** 21 + 2);
    await own.ask({ t: 'edit', c: world.numberOf(c), id: number, text: 'bye', markup: 'plain' });
    expect((await listed(c))[0].content.text).toBe('bye');
  });

  test('of custom data alone leaves no mark of an edit; of nothing changes nothing', async () => {
    const c = await world.open('sdkGroup', [ann]);
    const id = await world.say(c, 'same', ann);
    const { message: before } = await world.make('GET', at(c, id));
    expect((await world.call('PATCH', at(c, id), {})).body).toEqual({ message: before });
    const metadata = { a: 1 };
    expect((await world.call('PATCH', at(c, id), { metadata })).body).toEqual({
      message: { ...before, metadata },
    });
    expect((await world.call('PATCH', at(c, id), { metadata: null })).body).toEqual({ message: before });
  });

  test('is for the app and for the author', async () => {
    const c = await world.open('sdkGroup', [ann, ben]);
    const id = await world.say(c, 'mine', ann);
    const change = { content: text('changed') };
    expect(await world.call('PATCH', at(c, id), change, { as: ben })).toMatchObject(FORBIDDEN);
    expect(await world.call('PATCH', at(c, await world.say(c, 'ours')), change, { as: ben })).toMatchObject(
      FORBIDDEN,
    );
    expect(await world.call('PATCH', at(c, id), change, { as: ann })).toMatchObject({
      status: 200,
      body: { message: { content: text('changed'), edited: true } },
    });
  });

  test('keeps the type of a content, and is checked like a post', async () => {
    const c = await world.open('sdkGroup', [ann]);
    const id = await world.say(c, 'words', ann);
    const bad = async (content: object, title: string) =>
      expect(await world.call('PATCH', at(c, id), { content })).toMatchObject(
        refusal(400, 'bad_request', title),
      );
    await bad(
      { type: 'image', mediaUrl: 'https://a.example/b.png' },
      'content.type should be the type of the message',
    );
    await bad(
      { type: 'text', text: 'x'.repeat(4097) },
      'content.text should NOT be longer than 4096 characters',
    );
    await bad({ type: 'text' }, "content should have required property 'text'");
    const picture = { type: 'image', mediaUrl: 'https://a.example/b.png', altText: 'a cat' };
    const posted = await world.make('POST', `/conversations/${c}/messages`, {
      author: { type: 'business' },
      content: picture,
    });
    const better = { ...picture, mediaUrl: 'https://a.example/c.png', altText: 'a dog', text: 'Look!' };
    expect(
      (await world.call('PATCH', at(c, posted.messages[0].id), { content: better })).body.message.content,
    ).toEqual({
      ...better,
      mediaType: 'image/png',
    });
  });
});

test('an edit keeps the upload that a message has', async () => {
  const c = await world.open('sdkGroup', [ann]);
  const [mediaUrl, another] = [await world.upload(png(2, 1)), await world.upload(png(2, 1))];
  const posted = await world.make('POST', `/conversations/${c}/messages`, {
    author: { type: 'business' },
    content: { type: 'image', mediaUrl, altText: 'before' },
  });
  const edit = (content: object) => world.call('PATCH', at(c, posted.messages[0].id), { content });
  const { content } = posted.messages[0];
  const reworded = { type: 'image', mediaUrl: content.mediaUrl, altText: 'after', text: 'Look!' };
  expect((await edit(reworded)).body.message.content).toEqual({ ...content, ...reworded });
  for (const other of [another, 'https://a.example/b.png'])
    expect(await edit({ type: 'image', mediaUrl: other })).toMatchObject(
      refusal(400, 'bad_request', 'content.mediaUrl of an uploaded file cannot be changed'),
    );
});

test('everything that a page quotes from outside it is shown', async () => {
  const c = await world.open('sdkGroup', [ann]);
  const ids: string[] = [];
  for (let i = 0; i < 30; i++) ids.push(await world.say(c, `old ${i}`, ann));
  for (let i = 0; i < 100; i++) {
    await world.make('POST', `/conversations/${c}/messages`, {
      author: { type: 'business' },
      content: text(`new ${i}`),
      quotedMessage: { type: 'message', message: { id: ids[i % 30] } },
    });
  }
  const page = await listed(c);
  expect(page).toHaveLength(100);
  expect(
    page.map((each: { quotedMessage?: { message: { id: string } } }) => each.quotedMessage?.message.id),
  ).toEqual(page.map((_: unknown, i: number) => ids[i % 30]));
});

describe('who looks different', () => {
  test('is shown so in what they said before, and sockets are told', async () => {
    const dot = await world.person('dot');
    const c = await world.open('sdkGroup', [dot, ann]);
    const id = await world.say(c, 'hello', dot);
    const socket = await world.connect(ann);
    await socket.ask({ t: 'subscribe', c: world.numberOf(c) });
    await world.make('PATCH', `/users/${dot.sunshineId}`, {
      profile: { givenName: 'Dorothy', avatarUrl: 'https://a.example/dot.png' },
    });
    const shown = { displayName: 'Dorothy', avatarUrl: 'https://a.example/dot.png' };
    expect((await world.make('GET', at(c, id))).message.author).toMatchObject(shown);
    expect(await socket.event(world.numberOf(c), 3)).toMatchObject({
      kind: 'update',
      author: { name: 'Dorothy' },
      changes: {},
    });
    await world.make('DELETE', `/users/${dot.sunshineId}/personalinformation`);
    const { author } = (await world.make('GET', at(c, id))).message;
    expect(author).toEqual({ type: 'user', userId: dot.sunshineId, displayName: dot.externalId });
  });
});
