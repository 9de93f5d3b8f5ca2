// The chat widget as a page and its visitor meet it: one script tag on a page of another origin, in Chromium.
import { createHash, randomUUID } from 'node:crypto';
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { SignJWT } from 'jose';
import type { Browser, BrowserContext, Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { EMOJI_ENGLISH } from '../../src/widget/emoji/words.ts';
import { ENGLISH } from '../../src/widget/frame/english.ts';
import { requireClient } from '../support/clients.ts';
import type { RealtimeSocket } from '../support/realtime.ts';
import type { TestHub } from '../support/server.ts';
import type { World } from './realtime-world.ts';
import { wicked } from './widget-wicked.ts';
import {
  closeChat,
  type Json,
  loseNetwork,
  openChat,
  startChromium,
  startWidgetWorld,
  type WidgetWorld,
  write,
} from './widget-world.ts';

let widget: WidgetWorld;
let hub: TestHub;
let world: World;
let slug: string;
let origin: string;
let agent: RealtimeSocket;

beforeAll(async () => {
  widget = await startWidgetWorld();
  ({ hub, world, slug, origin, agent } = widget);
});
afterAll(() => widget?.stop());

const session = async (body: object, { app = slug, headers = {} as Record<string, string> } = {}) => {
  const answer = await fetch(`${hub.url}/widget/${app}/session`, {
    method: 'POST',
    body: JSON.stringify(body),
    headers,
  });
  return { status: answer.status, body: (await answer.json()) as Json };
};

describe('what is loaded', () => {
  const gzipped = async (path: string) =>
    gzipSync(await (await fetch(hub.url + path)).text(), { level: 9 }).byteLength;

  test('is small: the script 3 KB, the frame with everything in it 25 KB', async () => {
    expect(await gzipped('/widget.js')).toBeLessThanOrEqual(3 * 1024);
    expect(await gzipped(`/widget/${slug}`)).toBeLessThanOrEqual(25 * 1024);
  });

  test('may be shown by the app’s own pages alone, and run nothing but itself', async () => {
    const { headers, status } = await fetch(`${hub.url}/widget/${slug}`);
    const policy = headers.get('content-security-policy') ?? '';
    expect(status).toBe(200);
    expect(policy).toContain(`frame-ancestors 'self' ${origin}`);
    expect(policy).toContain("default-src 'none'");
    expect(policy).toContain("require-trusted-types-for 'script'");
    expect(policy).not.toMatch(/unsafe|\*/);
    expect((await fetch(`${hub.url}/widget/nothing`)).status).toBe(404);
  });

  test('looks as the app’s owner says, in either API', async () => {
    const look = async () => (await fetch(`${hub.url}/widget/${slug}/look`)).json() as Promise<Json>;
    const welcome = 'Hello! How can we help you?';
    const style = expect.not.stringContaining('--colour:');
    expect(await look()).toEqual({ colour: null, style, launcher: null, greeting: null, welcome });
    const widget = { colour: '#7A1FA2', launcher: 'FLAT' };
    const { app } = (await (await world.operate('PATCH', '', { widget })).json()) as Json;
    expect(app.widget).toEqual({ colour: '#7a1fa2', launcher: 'FLAT', greeting: null });
    await world.operate('PATCH', '', { widget: { greeting: 'ONCE' } });
    const own = expect.stringMatching(/--colour:#7a1fa2;--ink:#ffffff.*radius:16px/);
    expect(await look()).toEqual({
      colour: '#7a1fa2',
      style: own,
      launcher: 'FLAT',
      greeting: 'ONCE',
      welcome,
    });
    for (const wrong of [{ colour: 'red' }, { launcher: 'ROUND' }, { size: 1 }])
      expect((await world.operate('PATCH', '', { widget: wrong })).status).toBe(400);
    await world.operate('PATCH', '', { widget: { colour: null, launcher: null, greeting: null } });
    expect(await look()).toMatchObject({ colour: null, greeting: null });
  });

  test('speaks ten languages, each with every word and every name in it', async () => {
    const english = { ...ENGLISH, ...EMOJI_ENGLISH };
    const folder = join(import.meta.dirname, '../../src/widget/locales');
    const files = readdirSync(folder);
    expect(files.length).toBeGreaterThanOrEqual(9);
    const names = (text: string) => [...text.matchAll(/\{\w+\}/g)].map(String).sort();
    for (const file of files) {
      const words = JSON.parse(readFileSync(join(folder, file), 'utf8')) as Record<string, string>;
      expect(Object.keys(words).sort(), file).toEqual(Object.keys(english).sort());
      for (const [word, said] of Object.entries(english))
        expect(names(words[word] as string), `${file} ${word}`).toEqual(names(said));
      const served = await fetch(`${hub.url}/widget/locales/${file.replace('.json', '')}`);
      expect(await served.json()).toEqual(words);
    }
    expect((await fetch(`${hub.url}/widget/locales/constructor`)).status).toBe(404);
  });
});

describe('who the visitor is', () => {
  test('somebody new, or who they were before; a token that is no good any more is passed over', async () => {
    const first = await session({});
    expect(first).toMatchObject({
      status: 200,
      body: { token: expect.any(String), user: { name: 'Visitor' } },
    });
    const again = await session({ visitor: first.body.visitor });
    expect(again.body.user.id).toBe(first.body.user.id);
    const wrong = await session({ visitor: `${first.body.visitor}x` });
    expect(wrong.status).toBe(200);
    expect(wrong.body.user.id).not.toBe(first.body.user.id);
    // A token for calls is none for visits.
    expect((await session({ visitor: first.body.token })).body.user.id).not.toBe(first.body.user.id);
  });

  test('the same for the same key, however many ask at once, until its tokens are taken back', async () => {
    const key = randomUUID();
    const all = await Promise.all(Array.from({ length: 5 }, () => session({ key })));
    expect(all.map(({ status }) => status)).toEqual([200, 200, 200, 200, 200]);
    const [id, ...others] = new Set(all.map(({ body }) => body.user.id));
    expect(others).toEqual([]);
    // A visitor of before is who they were, whatever the key says; one that is no good any more is passed over.
    const { visitor, user } = (await session({})).body;
    expect((await session({ visitor, key })).body.user.id).toBe(user.id);
    expect((await session({ visitor: `${visitor}x`, key })).body.user.id).toBe(id);
    expect((await session({ key: randomUUID() })).body.user.id).not.toBe(id);
    expect((await session({ key }, { app: (await hub.createApp()).app.slug })).body.user.id).not.toBe(id);
    for (const wrong of ['short', 'x'.repeat(101), 'has a space in it, this one'])
      expect(await session({ key: wrong })).toMatchObject({
        status: 400,
        body: { error: { code: 'invalid' } },
      });
    // Signed out everywhere: the key that they began with lets nobody in either.
    const print = createHash('sha256').update(`${world.app.app.number} ${key}`).digest('base64url');
    expect((await world.operate('DELETE', `/users/visitor:${print}/tokens`)).status).toBe(200);
    expect((await session({ key })).body.user.id).not.toBe(id);
  });

  test('nobody of another app by the same token', async () => {
    const { visitor, user } = (await session({})).body;
    const other = await hub.createApp();
    const there = await session({ visitor }, { app: other.app.slug });
    expect(there.status).toBe(200);
    expect(there.body.user.id).not.toBe(user.id);
  });

  test('whoever the page’s server signs for, made when they are new; nobody by any other token', async () => {
    const { keyId, secret } = world.app.sunshine;
    const sign = (claims: object, key = secret) =>
      new SignJWT({ ...claims })
        .setProtectedHeader({ alg: 'HS256', kid: keyId })
        .setExpirationTime('1h')
        .sign(new TextEncoder().encode(key));
    const claims = { scope: 'user', external_id: 'customer-1' };
    const [one, two] = [
      await session({ user: await sign(claims) }),
      await session({ user: await sign(claims) }),
    ];
    expect(one).toMatchObject({ status: 200, body: { visitor: null, user: { name: 'customer-1' } } });
    expect(two.body.user.id).toBe(one.body.user.id);
    for (const user of [await sign({ scope: 'app' }), await sign(claims, `${secret}x`), 'nonsense'])
      expect(await session({ user })).toMatchObject({
        status: 401,
        body: { error: { code: 'unauthorized' } },
      });
    const other = await hub.createApp();
    expect(await session({ user: await sign(claims) }, { app: other.app.slug })).toMatchObject({
      status: 401,
    });
  });

  test('is told to the chat itself alone', async () => {
    expect(await session({}, { headers: { origin } })).toMatchObject({ status: 403 });
    expect(await session({ who: 'me' })).toMatchObject({ status: 400 });
    expect(await session([] as object)).toMatchObject({ status: 400 });
    expect(await session({}, { app: 'nothing' })).toMatchObject({ status: 404 });
  });
});

describe.runIf(requireClient('chromium'))('in Chromium', () => {
  let browser: Browser;

  beforeAll(async () => {
    browser = await startChromium();
  });
  afterAll(() => browser?.close());

  const visit = (context: BrowserContext, query?: Record<string, string>) => widget.visit(context, query);
  const begun = (words: string) => widget.begun(words);

  test('what a visitor says the team reads, and the other way round, with marks, buttons and files', async () => {
    const context = await browser.newContext();
    const page = await visit(context);
    const frame = await openChat(page);
    await write(frame, 'Do you ship to Norway?');
    await frame.getByText('Sent', { exact: true }).waitFor();
    const c = await begun('Do you ship to Norway?');
    await agent.ask({ t: 'read', c });
    await frame.getByText('Read', { exact: true }).waitFor();
    agent.send({ t: 'typing', c, on: true });
    await frame.getByText('Somebody is writing…').waitFor();
    const payload = { actions: [{ type: 'reply', text: 'Oslo', payload: 'o' }] };
    await agent.ask({ t: 'send', c, text: '**Yes**, where to?', markup: 'markdown', payload });
    await frame.locator('strong', { hasText: 'Yes' }).waitFor();
    await frame.getByRole('button', { name: 'Oslo' }).click();
    await agent.next('events', ({ events }) => events.some(({ text }: Json) => text === 'Oslo'));
    await agent.ask({ t: 'send', c, text: '<p>Here is <em>HTML</em></p>', markup: 'html' });
    await frame.locator('em', { hasText: 'HTML' }).waitFor();
    await agent.ask({ t: 'send', c, text: 'Here is [b]BBCode[/b]', markup: 'bbcode' });
    await frame.locator('strong', { hasText: 'BBCode' }).waitFor();
    await frame
      .locator('input[type=file]')
      .setInputFiles({ name: 'note.txt', mimeType: 'text/plain', buffer: Buffer.from('words') });
    await frame.getByRole('button', { name: 'Send' }).click();
    const hasFile = ({ attachments }: Json) => attachments?.length === 1;
    const { events } = await agent.next('events', (each) => each.events.some(hasFile));
    expect(events.find(hasFile).attachments[0]).toMatchObject({ name: 'note.txt', bytes: 5 });
    await frame.getByRole('link', { name: /note\.txt/ }).waitFor();
    // Closed: news are counted.
    await closeChat(page);
    await agent.ask({ t: 'send', c, text: 'Still there?' });
    await page.locator('.badge', { hasText: '1' }).waitFor();
    await openChat(page);
    await page.locator('.badge').waitFor({ state: 'hidden' });
    await context.close();
  });

  test('what is written without a connection goes out when there is one, in order and once, over a reload too', async () => {
    const context = await browser.newContext();
    const page = await visit(context);
    const frame = await openChat(page);
    await write(frame, 'First of all');
    await frame.getByText('Sent', { exact: true }).waitFor();
    const c = await begun('First of all');
    await loseNetwork(context, frame);
    await write(frame, 'two');
    await write(frame, 'three');
    await frame.getByText('Waiting for a connection').first().waitFor();
    await context.setOffline(false);
    await page.reload();
    const fresh = await openChat(page);
    await agent.next(
      'events',
      (each) => each.c === c && each.events.some(({ text }: Json) => text === 'three'),
    );
    await fresh.getByText('Sent', { exact: true }).waitFor();
    const heard = agent.frames
      .filter((each) => each.t === 'events' && each.c === c)
      .flatMap(({ events }) => events as Json[])
      .filter(({ kind }) => kind === 'message');
    const once = [...new Map(heard.map((event) => [event.seq, event.text])).values()];
    expect(once).toEqual(['First of all', 'two', 'three']);
    await context.close();
  });

  test('what somebody says who comes back, before the chat knows of the conversation, is said in it', async () => {
    const context = await browser.newContext();
    const page = await visit(context);
    const frame = await openChat(page);
    await write(frame, 'I shall be back');
    await frame.getByText('Sent', { exact: true }).waitFor();
    const c = await begun('I shall be back');
    let answer = () => {};
    const written = new Promise<void>((resolve) => {
      answer = resolve;
    });
    await context.route('**/realtime/conversations?*', async (route) => {
      await written;
      await route.continue();
    });
    await page.reload();
    const again = await openChat(page);
    await write(again, 'Here I am');
    await again.getByText('Here I am').waitFor();
    answer();
    await again.getByText('I shall be back').waitFor();
    await agent.next(
      'events',
      (each) => each.c === c && each.events.some(({ text }: Json) => text === 'Here I am'),
    );
    await again.getByText('Sent', { exact: true }).waitFor();
    await context.close();
  });

  test('two tabs have one socket, and show the same', async () => {
    const context = await browser.newContext();
    let sockets = 0;
    const counted = (page: Page) => page.on('websocket', () => sockets++);
    const one = await visit(context);
    counted(one);
    const first = await openChat(one);
    await write(first, 'In two tabs');
    await first.getByText('Sent', { exact: true }).waitFor();
    const c = await begun('In two tabs');
    const two = await visit(context);
    counted(two);
    const second = await openChat(two);
    await second.getByText('In two tabs').waitFor();
    await agent.ask({ t: 'send', c, text: 'To both' });
    await first.getByText('To both', { exact: true }).waitFor();
    await second.getByText('To both', { exact: true }).waitFor();
    await write(second, 'From the second');
    await first.getByText('From the second').waitFor();
    expect(sockets).toBe(1);
    // The tab that has the socket goes: the other one takes over.
    await one.close();
    await agent.ask({ t: 'send', c, text: 'Afterwards' });
    await second.getByText('Afterwards', { exact: true }).waitFor();
    await context.close();
  });

  test('nothing that anybody says runs, or asks anybody', async () => {
    const context = await browser.newContext();
    const page = await visit(context);
    const frame = await openChat(page);
    await write(frame, 'Say something wicked');
    await frame.getByText('Sent', { exact: true }).waitFor();
    const c = await begun('Say something wicked');
    const sent = wicked();
    expect(sent.length).toBeGreaterThan(250);
    const answers = await Promise.all(sent.map((said) => agent.ask({ t: 'send', c, ...said })));
    expect(new Set(answers.map(({ t }) => t))).toEqual(new Set(['ack']));
    await agent.ask({ t: 'send', c, text: 'That was all' });
    await frame.getByText('That was all', { exact: true }).waitFor();
    await page.reload();
    const again = await openChat(page);
    await again.getByText('That was all', { exact: true }).waitFor();
    // All at one moment: a message that is drawn anew takes its links with it.
    const links = await again
      .locator('a')
      .evaluateAll((all: Json[]) => all.map((link) => String(link.getAttribute('href'))));
    for (const link of links) expect(link).toMatch(/^(https?:|mailto:|tel:|\/files\/)/);
    expect(await page.evaluate(() => (globalThis as { ran?: boolean }).ran)).toBeUndefined();
    await context.close();
  });

  test('all of that without an error, a breach of a policy or a call to anybody else', () => {
    expect(widget.wrong).toEqual([]);
  });
});
