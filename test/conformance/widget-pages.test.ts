// The chat on pages that make it hard: strict policies, hostile styles, prototypes that are not what they were, scripts that
// come twice or late, bodies that are replaced. What it does for its visitor is widget.test.ts.
import type { Browser, BrowserContext, Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { requireClient } from '../support/clients.ts';
import { openChat, startChromium, startWidgetWorld, type WidgetWorld, write } from './widget-world.ts';

const SHOP = '<!doctype html><title>A shop</title><h1>A shop</h1>SCRIPT';
const withHead = (head: string): string => SHOP.replace('<h1>', `${head}<h1>`);
const script = (code: string): string => withHead(`<script>${code}</script>`);

/** Pages by what is odd about them; SCRIPT is the tag. */
const PAGES: Record<string, { page?: string; policy?: string; isolated?: string }> = {
  'a strict policy': { policy: `default-src 'none'; script-src HUB; frame-src HUB; connect-src HUB` },
  'Trusted Types': {
    policy: `default-src 'none'; script-src HUB; frame-src HUB; connect-src HUB; require-trusted-types-for 'script'; trusted-types 'none'`,
  },
  isolation: { isolated: 'require-corp' },
  'isolation without credentials': { isolated: 'credentialless' },
  'styles that unset everything': {
    page: withHead(
      '<style>*,*::before{all:unset!important;display:none!important;animation:none!important}html,body{display:block!important}</style>',
    ),
  },
  'styles against the chat itself': {
    page: withHead(
      `<style>@layer x{parlance-chat{display:none!important;position:static!important;z-index:-1!important;opacity:0!important}}
      parlance-chat,iframe,button{visibility:hidden!important;width:0!important;transform:scale(0)!important;pointer-events:none!important}</style>`,
    ),
  },
  'a body that is moved, blurred, clipped and below all': {
    page: withHead(
      `<style>body{position:relative;z-index:-1;transform:rotate(9deg)translateX(-2000px);filter:blur(9px);opacity:.1;overflow:hidden;
      height:1px;contain:strict;clip-path:inset(50%);content-visibility:hidden}</style>`,
    ),
  },
  'a covering layer': {
    page: withHead('<div style="position:fixed;inset:0;z-index:999999;background:#fff8"></div>'),
  },
  'properties in every object': {
    page: script(
      `for (const name of ['id','event','error','value','detail','open','hidden','app','label','locale','theme','welcome','style','a b'])
        Object.prototype[name] = () => { throw new Error(name) };
      Object.prototype.onclick = 'alert(1)'; Array.prototype.more = 2;`,
    ),
  },
  'setters in every object': {
    page: script(
      `for (const name of ['title','src','sandbox','said','resolve','verb','args'])
        Object.defineProperty(Object.prototype, name, { configurable: true, get() {}, set() { throw new Error(name) } });`,
    ),
  },
  'Prototype.js’s ways': {
    page: script(
      `Array.prototype.toJSON = String.prototype.toJSON = Object.prototype.toJSON = function () { return 'x' };
      Function.prototype.bind = Array.from = Element.prototype.remove = () => { throw new Error('replaced') };
      Array.prototype.map = Array.prototype.find = Array.prototype.entries = () => null;
      window.$ = window.jQuery = () => null;`,
    ),
  },
  'patched globals': {
    page: script(
      `const [real, parse] = [window.fetch, JSON.parse];
      window.fetch = function () { throw new Error('no') }; JSON.parse = JSON.stringify = () => ({});
      window.Promise = class Wrapped extends Promise {};`,
    ),
  },
  'something else by the name of Parlance': {
    page: withHead('<form id="Parlance"></form><script>window.Parlance = { version: 1 }</script>'),
  },
  'the tag twice': { page: `${SHOP}SCRIPT` },
  'the tag as a module': { page: SHOP.replace('SCRIPT', 'MODULE') },
  'the tag before there is a body': {
    page: '<!doctype html><head>BLOCKING</head><title>A shop</title><h1>A shop</h1>',
  },
  'the tag written by a script, late': {
    page: SHOP.replace(
      'SCRIPT',
      `<template>SCRIPT</template><script>addEventListener('load', () => {
        const tag = document.createElement('script');
        for (const { name, value } of document.querySelector('template').content.firstChild.attributes) tag.setAttribute(name, value);
        document.head.append(tag);
      })</script>`,
    ),
  },
  'another base': { page: withHead('<base href="https://elsewhere.example/x/" target="_top">') },
  'quirks, from right to left': {
    page: '<html dir="rtl"><title>A shop</title><h1>A shop</h1>SCRIPT',
  },
};

describe.runIf(requireClient('chromium'))('the chat works on a page with', () => {
  let widget: WidgetWorld;
  let browser: Browser;
  let context: BrowserContext;
  beforeAll(async () => {
    const around = (tag: string, query: URLSearchParams) =>
      (query.get('page') ?? SHOP)
        .replaceAll('SCRIPT', tag)
        .replace('MODULE', tag.replace('async', 'type="module"'))
        .replace('BLOCKING', tag.replace('async', ''));
    [widget, browser] = await Promise.all([startWidgetWorld(around), startChromium()]);
    context = await browser.newContext({ viewport: { width: 1000, height: 800 } });
  });
  afterAll(async () => {
    await browser?.close();
    await widget?.stop();
  });

  /** Says something in the chat, which stands at the lower right of the window. */
  async function works(page: Page, words: string): Promise<void> {
    const frame = await openChat(page);
    await write(frame, words);
    await frame.locator('article', { hasText: words }).getByText('Sent', { exact: true }).waitFor();
    expect(await page.locator('iframe').count()).toBe(1);
    const at = (await page.locator('iframe').boundingBox()) as { x: number; y: number; width: number };
    expect(at.width).toBe(384);
    expect(at.x + at.width).toBeCloseTo(980, -1);
    const launcher = await page.getByRole('button', { name: 'Chat' }).boundingBox();
    expect(launcher?.y).toBeGreaterThan(700);
    await page.close();
  }

  test.each(Object.keys(PAGES))('%s', async (name) => {
    const page = await widget.visit(context, PAGES[name] as Record<string, string>);
    await works(page, `Hello from ${name}`);
    expect(widget.wrong.splice(0)).toEqual([]);
  });

  test('a body that is put in the place of another: it goes on as it was', async () => {
    const page = await widget.visit(context);
    const frame = await openChat(page);
    await frame.getByRole('textbox').fill('Half a sent');
    await page.evaluate(`
      const body = document.createElement('body');
      body.innerHTML = '<h1>Another page</h1>';
      document.body.replaceWith(body);
      history.pushState({}, '', '/another');
    `);
    await page.getByRole('heading', { name: 'Another page' }).waitFor();
    await frame.getByRole('textbox').press('End');
    await frame.getByRole('textbox').pressSequentially('ence');
    await frame.getByRole('textbox').press('Enter');
    await frame
      .locator('article', { hasText: 'Half a sentence' })
      .getByText('Sent', { exact: true })
      .waitFor();
    await page.close();
    expect(widget.wrong.splice(0)).toEqual([]);
  });

  test('a document that is written anew, the tag in it: there is one chat again', async () => {
    const page = await widget.visit(context);
    await openChat(page);
    await page.evaluate(`(async () => {
      const html = await (await fetch(location.href)).text();
      document.open();
      document.write(html);
      document.close();
    })()`);
    await page.locator('parlance-chat').waitFor({ state: 'attached' });
    await works(page, 'Written anew');
    expect(widget.wrong.splice(0)).toEqual([]);
  });

  test('a way back to it: what came meanwhile is there', async () => {
    const page = await widget.visit(context);
    const frame = await openChat(page);
    await write(frame, 'Back in a moment');
    await frame.getByText('Back in a moment').waitFor();
    const c = await widget.begun('Hello from a strict policy');
    await page.goto(`${widget.origin}/elsewhere?page=Elsewhere`);
    await widget.agent.ask({ t: 'send', c, text: 'Said while you were away' });
    await page.goBack();
    const again = page.frameLocator('iframe');
    if (!(await again.getByRole('textbox').isVisible())) await openChat(page);
    await again.getByText('Said while you were away').waitFor();
    await write(again, 'And I am back');
    await again.locator('article', { hasText: 'And I am back' }).getByText('Sent', { exact: true }).waitFor();
    await page.close();
    expect(widget.wrong.splice(0)).toEqual([]);
  });

  test('paper: it is not printed', async () => {
    const page = await widget.visit(context);
    await page.getByRole('button', { name: 'Chat' }).waitFor();
    await page.emulateMedia({ media: 'print' });
    await page.getByRole('button', { name: 'Chat' }).waitFor({ state: 'hidden' });
    await page.close();
  });

  test('a page around it, which may show it too; no page of anybody else around any of them', async () => {
    const inner = `<iframe src="${widget.origin}/" style="width:900px;height:760px"></iframe>`;
    const page = await widget.visit(context, { page: inner });
    const shop = page.frameLocator('iframe');
    await shop.getByRole('button', { name: 'Chat' }).click();
    await shop.frameLocator('iframe').getByText('And I am back').waitFor();
    expect(widget.wrong.splice(0)).toEqual([]);
    // The same server by another name is another origin, which the app does not have.
    const elsewhere = widget.origin.replace('127.0.0.1', 'localhost');
    const refused: string[] = [];
    const stranger = await context.newPage();
    stranger.on('console', (message) => refused.push(message.text()));
    await stranger.goto(`${elsewhere}/?${new URLSearchParams({ page: inner })}`);
    await stranger.frameLocator('iframe').getByRole('button', { name: 'Chat' }).click();
    await expect.poll(() => refused.join()).toContain('frame-ancestors');
    await stranger.close();
  });

  test('an origin that the app does not have: nothing stays open, and whoever asks is told', async () => {
    const page = await context.newPage();
    await page.setViewportSize({ width: 360, height: 640 });
    await page.clock.install();
    await page.goto(widget.origin.replace('127.0.0.1', 'localhost'));
    await page.getByRole('button', { name: 'Chat' }).waitFor();
    let told = '';
    void page
      .evaluate(() =>
        (globalThis as unknown as { Parlance(verb: string): Promise<void> }).Parlance('open').catch(String),
      )
      .then((answer) => {
        told = String(answer);
      });
    await page.waitForEvent('console', (message) => message.text().includes('frame-ancestors'));
    const later = async () => {
      await page.clock.fastForward(11_000);
      return told;
    };
    await expect.poll(later).toContain('May it be shown on this page?');
    // Where the chat would cover the page, the page is there again.
    await page.getByRole('button', { name: 'Chat', expanded: false }).waitFor();
    expect(await page.locator('iframe').count()).toBe(0);
    await page.close();
  });
});
