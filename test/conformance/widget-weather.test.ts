// The chat in rough weather: the hub goes away and comes back, lines die without a word, answers are lost, tabs are closed,
// browsers keep nothing, clocks are wrong. What was said arrives once and in order; nothing is missing.
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type Browser, type BrowserContext, chromium, type FrameLocator, type Page } from 'playwright-core';
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest';
import { ENGLISH } from '../../src/widget/frame/english.ts';
import { requireClient } from '../support/clients.ts';
import type { TestHub } from '../support/server.ts';
import { Line } from './widget-line.ts';
import {
  type Json,
  loseNetwork,
  openChat,
  pathOfChromium,
  startChromium,
  startWidgetWorld,
  type WidgetWorld,
  write,
} from './widget-world.ts';

const DAY_MS = 86_400_000;

const numbered = (words: string, most: number): string[] =>
  Array.from({ length: most }, (_, index) => `${words} ${index + 1}`);

/** How many messages' files the browser has kept; in the frame. */
const stored = `new Promise((resolve, reject) => {
  const opened = indexedDB.open('parlance');
  opened.onerror = reject;
  opened.onsuccess = () => {
    const asked = opened.result.transaction('kept').objectStore('kept').getAllKeys();
    asked.onsuccess = () => resolve(asked.result.filter((name) => name.includes(':outbox:')).length);
  };
})`;

interface Visitor {
  context: BrowserContext;
  page: Page;
  frame: FrameLocator;
}

describe.runIf(requireClient('chromium'))('in rough weather', () => {
  let hub: TestHub;
  let widget: WidgetWorld;
  let browser: Browser;
  let line: Line;
  beforeAll(async () => {
    const page = (tag: string, query: URLSearchParams) =>
      `<!doctype html><title>A shop</title>${tag.replace(hub.url, query.get('as') ?? line.url)}`;
    [widget, browser] = await Promise.all([startWidgetWorld(page), startChromium()]);
    hub = widget.hub;
    line = await Line.to(hub.url);
    widget.ours.push(line.url);
  });
  afterEach(async () => {
    for (const context of browser.contexts()) await context.close();
    // That a hub which is gone does not answer the browser says itself.
    expect(
      widget.wrong.splice(0).filter((each) => !/ERR_|WebSocket connection|50[23]|413|429/.test(each)),
    ).toEqual([]);
  });
  afterAll(async () => {
    await browser?.close();
    line?.close();
    await widget?.stop();
  });

  /** What was said in the conversation that begins so, oldest first. */
  async function said(words: string): Promise<string[]> {
    const { conversations } = await widget.rest('GET', '/conversations?page[size]=50');
    for (const { id } of conversations) {
      const { messages } = await widget.rest('GET', `/conversations/${id}/messages?page[size]=100`);
      const texts = messages.map(({ content }: Json) => content.text ?? content.type);
      if (texts[0] === words) return texts;
    }
    return [];
  }

  /** Somebody whose chat is open and has said this. */
  async function visitor(words: string, context?: BrowserContext, query = {}): Promise<Visitor> {
    const theirs = context ?? (await browser.newContext());
    const page = await widget.visit(theirs, query);
    const frame = await openChat(page);
    await write(frame, words);
    await allSent(frame);
    return { context: theirs, page, frame };
  }

  const allSent = async (frame: FrameLocator): Promise<void> => {
    await frame
      .locator('article.mine')
      .last()
      .getByText(/^(Sent|Delivered|Read)$/)
      .waitFor();
    expect(await frame.locator('article.waits, article.failed').count()).toBe(0);
  };

  const answer = async (words: string, text: string) =>
    expect(await widget.agent.ask({ t: 'send', c: await widget.begun(words), text })).toMatchObject({
      t: 'ack',
    });

  test('answers that are lost are asked for again, and nothing is said twice', async () => {
    const page = await widget.visit(await browser.newContext());
    const frame = await openChat(page);
    line.loseAnswer(/^POST .*conversations/);
    await write(frame, 'Lost 1');
    await allSent(frame);
    line.loseAnswer(/^GET .realtime /);
    await write(frame, 'Lost 2');
    await write(frame, 'Lost 3');
    await allSent(frame);
    expect(await said('Lost 1')).toEqual(numbered('Lost', 3));
    expect(await frame.locator('article').count()).toBe(3);
  });

  test('what a gateway could not pass on is sent again, and what it refuses is said to be', async () => {
    const context = await browser.newContext();
    let gone = 0;
    const page = '<!doctype html><title>Bad gateway</title>';
    const busy = { status: 502, contentType: 'text/html', body: page };
    for (const [path, status] of [
      ['**/realtime/conversations', 502],
      ['**/realtime/files?*', 429],
    ] as const)
      await context.route(path, (route) =>
        route.request().method() === 'POST' && gone++ % 2 === 0
          ? route.fulfill({ ...busy, status })
          : route.fallback(),
      );
    const { frame } = await visitor('Behind a gateway', context);
    expect(gone).toBe(2);
    const input = frame.locator('input[type=file]');
    const file = { name: 'notes.txt', mimeType: 'text/plain', buffer: Buffer.from('some notes') };
    await input.setInputFiles(file);
    await write(frame, 'With a file');
    await allSent(frame);
    expect(gone).toBe(4);
    await context.unroute('**/realtime/files?*');
    await context.route('**/realtime/files?*', (route) => route.fulfill({ ...busy, status: 413 }));
    await input.setInputFiles(file);
    await write(frame, 'Too large for it');
    await frame.locator('article.failed').getByText('Not sent.').waitFor();
    expect(await said('Behind a gateway')).toEqual(['Behind a gateway', 'With a file']);
  });

  test('a line that dies without a word is given up within 35 s, and what was said meanwhile comes', async () => {
    const context = await browser.newContext();
    await context.clock.install();
    const { page, frame } = await visitor('Is anybody there?', context);
    line.die(/^GET .realtime |^POST .*files/);
    await answer('Is anybody there?', 'Said into the void');
    await page.clock.fastForward(25_000);
    await page.clock.fastForward(10_000);
    await page.clock.fastForward(1_000);
    await frame.getByText('Said into the void', { exact: true }).waitFor();
    await write(frame, 'Now I hear you');
    await allSent(frame);
  });

  test('a file whose line dies on the way is sent again', async () => {
    const context = await browser.newContext();
    await context.clock.install();
    const { page, frame } = await visitor('A file', context);
    const dead = line.dieAt(/^POST .*files/);
    const file = { name: 'notes.txt', mimeType: 'text/plain', buffer: Buffer.alloc(4_000_000, 'a') };
    await frame.locator('input[type=file]').setInputFiles(file);
    await write(frame, 'Here it is');
    await dead;
    line.die(/^GET .realtime /);
    await write(frame, 'Have you got it?');
    const again = page.waitForRequest(/realtime\/files/);
    for (const ms of [20_000, 15_000, 10_000, 2_000]) await page.clock.fastForward(ms);
    await again;
    await allSent(frame);
    expect(await said('A file')).toEqual(['A file', 'Here it is', 'Have you got it?']);
    expect(await frame.getByRole('link', { name: /notes\.txt/ }).count()).toBe(1);
  });

  test('files that wait go out after a reload too, once, from whichever tab; given up in one they are in none', async () => {
    const { context, page, frame } = await visitor('Files that wait');
    await loseNetwork(context, frame);
    const input = frame.locator('input[type=file]');
    const file = (name: string) => ({ name, mimeType: 'text/plain', buffer: Buffer.alloc(100_000, 'a') });
    await input.setInputFiles([file('one.txt'), file('two.txt')]);
    await write(frame, 'With two files');
    await write(frame, 'And words');
    await input.setInputFiles(file('three.txt'));
    await write(frame, 'Given up');
    // Kept when they are: until then the page is all that has them.
    const kept = () =>
      frame
        .locator('body')
        .evaluate(() =>
          Object.keys((globalThis as Json).localStorage).filter((name) => name.includes(':outbox:')),
        );
    await expect.poll(async () => (await kept()).length).toBe(3);
    await frame.locator('article', { hasText: 'Given up' }).getByRole('button', { name: 'Cancel' }).click();
    await expect.poll(async () => (await kept()).length).toBe(2);
    await expect.poll(() => frame.locator('body').evaluate(stored)).toBe(1);
    await page.close();
    await context.setOffline(false);
    const pages = await Promise.all([widget.visit(context), widget.visit(context)]);
    const [again, other] = await Promise.all(pages.map(openChat));
    for (const each of [again, other] as FrameLocator[]) {
      await allSent(each);
      await each.getByRole('link', { name: /one\.txt/ }).waitFor();
      await each.getByRole('link', { name: /two\.txt/ }).waitFor();
      expect(await each.getByText('Given up').count()).toBe(0);
    }
    // The second file's address stands below the words for clients that know of one alone.
    const texts = (await said('Files that wait')).map((text) => text.split('\n')[0]);
    expect(texts).toEqual(['Files that wait', 'With two files', 'And words']);
    await expect.poll(() => (again as FrameLocator).locator('body').evaluate(stored)).toBe(0);
  });

  test.each([
    ['has no room for files', `IDBObjectStore.prototype.put = function () { this.transaction.abort(); }`],
    [
      'has no right to keep files',
      `Object.defineProperty(globalThis, 'indexedDB', { get() { throw new Error('of the page'); } })`,
    ],
  ])('a browser that %s says that the page is to stay open, and sends them', async (_, code) => {
    const context = await browser.newContext();
    await context.addInitScript(code);
    const { frame } = await visitor('Not kept', context);
    await loseNetwork(context, frame);
    const file = { name: 'one.txt', mimeType: 'text/plain', buffer: Buffer.from('words') };
    await frame.locator('input[type=file]').setInputFiles(file);
    await write(frame, 'With a file');
    await frame.getByText(ENGLISH.unkept).waitFor();
    await context.setOffline(false);
    await allSent(frame);
    await frame.getByRole('link', { name: /one\.txt/ }).waitFor();
    expect(await frame.getByText(ENGLISH.unkept).count()).toBe(0);
  });

  test('what two tabs say without a connection goes out once and in order, over a reload of both', async () => {
    const { context, page, frame } = await visitor('Two tabs');
    const second = await widget.visit(context);
    const other = await openChat(second);
    await other.getByText('Two tabs', { exact: true }).waitFor();
    // The tab that has the socket learns first that there is no network: the other one knows that there is no connection.
    const client = await context.newCDPSession(page);
    const lose = (offline: boolean) =>
      client.send('Network.emulateNetworkConditions', {
        offline,
        latency: 0,
        downloadThroughput: -1,
        uploadThroughput: -1,
      });
    await lose(true);
    await write(other, 'second 1');
    await other.getByText('Waiting for a connection').waitFor();
    await loseNetwork(context, frame, other);
    for (const n of [1, 2, 3]) {
      await write(frame, `first ${n}`);
      if (n > 1) await write(other, `second ${n}`);
    }
    await frame.locator('article.waits').nth(2).waitFor();
    // Where they are loaded from again there is a network; where they would send to there is none yet.
    await lose(false);
    await context.setOffline(false);
    await Promise.all([page.reload(), second.reload()]);
    const fresh = await openChat(page);
    await openChat(second);
    await fresh.getByText('second 3').waitFor();
    await allSent(fresh);
    const texts = await said('Two tabs');
    expect(texts.filter((text) => text.startsWith('first'))).toEqual(numbered('first', 3));
    expect(texts.filter((text) => text.startsWith('second'))).toEqual(numbered('second', 3));
    expect(texts.length).toBe(7);
  });

  test('tabs that begin at the same moment are one visitor with one conversation', async () => {
    const context = await browser.newContext();
    // Both have asked before either is answered.
    for (const path of ['**/session', '**/realtime/conversations']) {
      let [asked, bothHave] = [0, () => {}];
      const both = new Promise<void>((resolve) => {
        bothHave = resolve;
      });
      await context.route(path, async (route) => {
        if (route.request().method() === 'POST' && ++asked === 2) bothHave();
        await both;
        await route.continue();
      });
    }
    const words = numbered('Begun in tab', 2);
    const frames: FrameLocator[] = [];
    for (const _ of words) frames.push(await openChat(await widget.visit(context)));
    for (const [index, frame] of frames.entries()) {
      await write(frame, words[index] as string);
      // A browser may tell one tab late what another one keeps.
      await frame.locator('body').evaluate(() => {
        const kept = (globalThis as Json).localStorage;
        for (const name of Object.keys(kept)) if (name.includes(':outbox:')) kept.removeItem(name);
      });
    }
    for (const frame of frames) {
      await allSent(frame);
      for (const each of words) await frame.locator('article.mine', { hasText: each }).waitFor();
    }
    const { conversations } = await widget.rest('GET', '/conversations?page[size]=50');
    const begun: string[][] = [];
    for (const { id } of conversations) {
      const { messages } = await widget.rest('GET', `/conversations/${id}/messages`);
      begun.push(messages.map(({ content }: Json) => content.text));
    }
    const ours = begun.filter((texts) => texts.some((text) => words.includes(text)));
    expect(ours.map((texts) => [...texts].sort())).toEqual([words]);
  });

  test('what is said in one tab is no news in another that does not know yet whose tab it is', async () => {
    const { context, frame } = await visitor('Who am I here?');
    const c = await widget.begun('Who am I here?');
    let known = () => {};
    const held = new Promise<void>((resolve) => {
      known = resolve;
    });
    await context.route('**/session', async (route) => {
      await held;
      await route.continue();
    });
    // What waits from before makes the conversation known there before anything else does.
    const kept = { key: 'from-before', at: Date.now(), c, text: 'From before' };
    await frame.locator('body').evaluate(
      (_, { slug, kept }) => {
        const all = globalThis as Json;
        all.localStorage.setItem(`parlance:${slug}:outbox:from-before`, JSON.stringify(kept));
        const tabs = new all.BroadcastChannel(`parlance:${slug}:tabs`);
        all.asked = new Promise<void>((resolve) => {
          tabs.onmessage = ({ data }: Json) => 'who' in data && resolve();
        });
      },
      { slug: widget.slug, kept },
    );
    const second = await widget.visit(context);
    const other = await openChat(second);
    await second.evaluate(
      `window.heard = []; Parlance('on', 'message', ({ text }) => window.heard.push(text))`,
    );
    await frame.locator('body').evaluate('asked');
    // Heard there when the agent's mark is, which comes after it.
    const marked = other.locator('body').evaluate((_, slug) => {
      const all = globalThis as Json;
      const tabs = new all.BroadcastChannel(`parlance:${slug}:tabs`);
      return new Promise<void>((resolve) => {
        tabs.onmessage = ({ data }: Json) => data.heard?.t === 'read' && resolve();
      });
    }, widget.slug);
    await write(frame, 'Said by myself');
    await allSent(frame);
    await widget.agent.ask({ t: 'read', c });
    await marked;
    known();
    await other.getByText('Said by myself', { exact: true }).waitFor();
    await answer('Who am I here?', 'It is you');
    await expect.poll(() => second.evaluate('window.heard')).toEqual(['It is you']);
    await allSent(other);
    expect(await said('Who am I here?')).toContain('From before');
  });

  test('the tab that has the socket is closed while another one says something: that one takes over', async () => {
    const { context, page } = await visitor('Taken over');
    const other = await openChat(await widget.visit(context));
    await other.getByText('Taken over', { exact: true }).waitFor();
    for (const [index, words] of numbered('more', 10).entries()) {
      await write(other, words);
      if (index === 4) void page.close();
    }
    await allSent(other);
    expect(await said('Taken over')).toEqual(['Taken over', ...numbered('more', 10)]);
  });

  test.each([
    ['without locks or channels', 'delete Navigator.prototype.locks; delete globalThis.BroadcastChannel;'],
    [
      'that refuse frames a channel, as Firefox does where cookies are off,',
      `globalThis.BroadcastChannel = class { constructor() { throw new DOMException('', 'SecurityError') } };`,
    ],
  ])('browsers %s between tabs have a socket for each', async (how, script) => {
    const context = await browser.newContext();
    await context.addInitScript(script);
    const words = `Browsers ${how}`;
    const { frame } = await visitor(words, context);
    const other = await openChat(await widget.visit(context));
    await other.getByText(words, { exact: true }).waitFor();
    await write(other, 'In the second');
    await frame.getByText('In the second', { exact: true }).waitFor();
    await allSent(other);
    await context.close();
  });

  test('a browser that keeps nothing, and a hub without TLS, are good enough', async () => {
    const profile = mkdtempSync(join(tmpdir(), 'parlance-chromium-'));
    mkdirSync(join(profile, 'Default'));
    const settings = { profile: { default_content_setting_values: { cookies: 2 } } };
    writeFileSync(join(profile, 'Default', 'Preferences'), JSON.stringify(settings));
    const context = await chromium.launchPersistentContext(profile, {
      executablePath: pathOfChromium(),
      args: ['--no-sandbox', '--host-resolver-rules=MAP hub.test 127.0.0.1'],
    });
    try {
      const { page, frame } = await visitor('Keeps nothing', context);
      const kept = `(() => { try { return localStorage && 'something'; } catch { return 'nothing'; } })()`;
      expect(await page.evaluate(kept)).toBe('nothing');
      await answer('Keeps nothing', 'I hear you');
      await frame.getByText('I hear you', { exact: true }).waitFor();
      const port = new URL(hub.url).port;
      const insecure = `http://hub.test:${port}`;
      widget.ours.push(insecure);
      const plain = await visitor('Without TLS', context, { as: insecure });
      expect(await plain.page.frames()[1]?.evaluate('isSecureContext')).toBe(false);
    } finally {
      await context.close();
      rmSync(profile, { recursive: true, force: true });
    }
  });

  test.each([
    ['behind', -DAY_MS],
    ['ahead', DAY_MS],
  ])(
    'a clock that is a day %s puts nothing on the wrong day, and asks for no more than others',
    async (how, skew) => {
      // Where it is noon: what is said today is so until the end of the test.
      const hour = new Date().getUTCHours() - 12;
      const timezoneId = `Etc/GMT${hour < 0 ? '' : '+'}${hour}`;
      const context = await browser.newContext({ timezoneId });
      await context.clock.install({ time: Date.now() + skew });
      let sessions = 0;
      context.on('request', (request) => {
        if (request.url().endsWith('/session')) sessions += 1;
      });
      const { page, frame } = await visitor(`My clock is ${how}`, context);
      await answer(`My clock is ${how}`, 'Mine is right');
      await frame.getByText('Mine is right', { exact: true }).waitFor();
      await write(frame, 'Good');
      await allSent(frame);
      expect(await frame.locator('.day').allTextContents()).toEqual(['Today']);
      expect(await frame.locator('.words').allTextContents()).toEqual([
        `My clock is ${how}`,
        'Mine is right',
        'Good',
      ]);
      expect(sessions).toBe(1);
      widget.agent.send({ t: 'typing', c: await widget.begun(`My clock is ${how}`), on: true });
      await frame.getByText('Somebody is writing…').or(frame.getByText('Mia is writing…')).waitFor();
      await page.clock.fastForward(9_000);
      await frame.getByText('is writing…').waitFor({ state: 'hidden' });
    },
  );

  test('opened while there is no network it is not left open with nothing in it, and opens when there is one', async () => {
    const context = await browser.newContext();
    await context.clock.install();
    const page = await widget.visit(context);
    const launcher = page.getByRole('button', { name: 'Chat' });
    await launcher.waitFor();
    await context.setOffline(true);
    await page.evaluate(`void Parlance('open').catch((error) => { window.told = String(error) })`);
    const later = async () => {
      await page.clock.fastForward(11_000);
      return page.evaluate('window.told');
    };
    await expect.poll(later).toContain('does not answer');
    expect(await launcher.getAttribute('aria-expanded')).toBe('false');
    expect(await page.locator('iframe').count()).toBe(0);
    await context.setOffline(false);
    const frame = await openChat(page);
    await write(frame, 'Out of the tunnel');
    await allSent(frame);
  });

  test('a slow line brings the chat in one request', async () => {
    const context = await browser.newContext();
    const page = await widget.visit(context);
    const client = await context.newCDPSession(page);
    const slow = { offline: false, latency: 400, downloadThroughput: 50_000, uploadThroughput: 20_000 };
    await client.send('Network.emulateNetworkConditions', slow);
    const asked: string[] = [];
    page.on('request', (request) => asked.push(request.url()));
    const frame = await openChat(page);
    expect(asked).toEqual([`${line.url}/widget/${widget.slug}`]);
    await write(frame, 'Slowly');
    await allSent(frame);
  });

  test.each(['kill -9', 'SIGTERM'])(
    'a hub that ends by %s and comes back while somebody writes has all of it once, in order',
    async (how) => {
      const { frame } = await visitor(`${how} 0`);
      const file = { name: 'large.txt', mimeType: 'text/plain', buffer: Buffer.alloc(2_000_000, 'a') };
      let back: Promise<void> | undefined;
      for (const [index, words] of numbered(how, 20).entries()) {
        if (index === 5) await frame.locator('input[type=file]').setInputFiles(file);
        await write(frame, words);
        if (index === 6) back = how === 'SIGTERM' ? hub.pause() : hub.kill9();
        if (index === 13 && how === 'SIGTERM') back = back?.then(() => hub.resume());
      }
      await back;
      await allSent(frame);
      expect(await frame.locator('article.mine').count()).toBe(21);
      expect(await said(`${how} 0`)).toEqual([`${how} 0`, ...numbered(how, 20)]);
    },
  );
});
