// The chat for everybody: WCAG 2.2 AA, in each state that people meet, in both themes; by keyboard alone; by ear; enlarged, in
// little room, in other colours and from right to left.
import type { Browser, BrowserContext, BrowserContextOptions, Frame, Locator, Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { ENGLISH } from '../../src/widget/frame/english.ts';
import { requireClient } from '../support/clients.ts';
import { ask, axeFinds, Keys, liveRegions, partsOf, watched } from './widget-access.ts';
import { prepareStates, STATES } from './widget-states.ts';
import {
  closeChat,
  type Json,
  openChat,
  settled,
  startChromium,
  startWidgetWorld,
  type WidgetWorld,
  write,
} from './widget-world.ts';

/** 1280 px at 400 %: what somebody sees who enlarges that much (WCAG 2.2, 1.4.10). */
const ENLARGED = { width: 320, height: 256 };

describe.runIf(requireClient('chromium'))('in Chromium', () => {
  let widget: WidgetWorld;
  let browser: Browser;

  beforeAll(async () => {
    const page = (script: string, query: URLSearchParams) =>
      `<!doctype html><html lang="en"><meta name="viewport" content="width=device-width"><title>A shop</title>
        <style>:root { color-scheme: light dark } body { background: Canvas; color: CanvasText } a { color: LinkText } :focus-visible { outline: 2px solid } a { display: inline-block; padding: 4px }</style>
        <main><h1>A shop</h1><a href="#shelf">To the shelf</a></main>${script}${query.get('head') ?? ''}`;
    [widget, browser] = await Promise.all([startWidgetWorld(page), startChromium()]);
    await prepareStates(widget);
  });
  afterAll(async () => {
    await browser?.close();
    await widget?.stop();
  });

  const newContext = async (options: BrowserContextOptions = {}) =>
    watched(
      await browser.newContext({
        viewport: { width: 1280, height: 800 },
        reducedMotion: 'reduce',
        ...options,
      }),
    );

  /** What is wrong in the page and its frame, by any of these checks. */
  async function wrongBy(page: Page, ...checks: string[]): Promise<string[]> {
    const found = await Promise.all(
      partsOf(page).map(async (part) => [
        ...(checks.includes('axe') || checks.includes('colours')
          ? await axeFinds(part, checks.includes('colours'))
          : []),
        ...(await ask(part, `all(${JSON.stringify(checks)})`)),
      ]),
    );
    return found.flat();
  }

  /** The browser's answer does not say that the page has its new size already. */
  async function resize(page: Page, size: { width: number; height: number }): Promise<void> {
    await page.setViewportSize(size);
    await expect.poll(() => page.evaluate('[innerWidth, innerHeight]')).toEqual([size.width, size.height]);
    await settled(page);
  }

  test.each(STATES)('$name: $shows', async ({ reach }) => {
    const context = await newContext();
    const page = await reach({ widget, context });
    const wrong: Record<string, string[]> = {};
    wrong.light = await wrongBy(page, 'axe', 'paleWords', 'paleParts');
    await page.emulateMedia({ colorScheme: 'dark' });
    wrong.dark = await wrongBy(page, 'axe', 'paleWords', 'paleParts');
    await page.emulateMedia({ colorScheme: 'light', forcedColors: 'active' });
    wrong['forced colours'] = await wrongBy(page, 'paleWords', 'paleParts', 'edgeless');
    await page.emulateMedia({ forcedColors: 'none' });
    wrong['at rest'] = await wrongBy(page, 'moving', 'tooSmall');
    await resize(page, { width: 320, height: 700 });
    wrong['320 px'] = await wrongBy(page, 'tooWide', 'cutWords');
    await resize(page, ENLARGED);
    wrong['400 %'] = await wrongBy(page, 'tooWide', 'cutWords', 'tooSmall', 'cramped');
    await resize(page, { width: 1280, height: 800 });
    await wrongBy(page, 'spread');
    wrong.spread = await wrongBy(page, 'tooWide', 'cutWords');
    await wrongBy(page, 'spread', 'enlarge');
    wrong['words of 200 %'] = await wrongBy(page, 'tooWide', 'cutWords');
    expect(wrong).toEqual(Object.fromEntries(Object.keys(wrong).map((name) => [name, []])));
    await context.close();
  });

  /** A visitor's own page with the chat open, and the conversation that their first words began. */
  async function talking(words: string, query: Record<string, string> = {}, context?: BrowserContext) {
    const page = await widget.visit(context ?? (await newContext()), query);
    await page.getByRole('button', { name: 'Chat' }).click();
    const chat = page.frameLocator('iframe');
    await write(chat, words);
    await chat.locator('.mine.sent').waitFor();
    const c = await widget.begun(words);
    const says = async (text: string, more: object = {}) => {
      const answer = await widget.agent.ask({ t: 'send', c, text, markup: 'markdown', ...more });
      expect(answer).toMatchObject({ t: 'ack' });
      return answer.id as string;
    };
    return { page, chat, c, says, keys: new Keys(page), frame: partsOf(page)[1] as Frame };
  }

  /** Until these words are on the page, which stand before what is loaded. */
  const scrolledTo = async (page: Page, words: string): Promise<void> =>
    expect
      .poll(async () => {
        await page.keyboard.press('Home');
        return page.frameLocator('iframe').getByText(words).count();
      })
      .toBe(1);

  test.each(['#ffe600', '#111111', '#777777'])(
    'in the colour %s everything is told apart',
    async (colour) => {
      await widget.world.operate('PATCH', '', { widget: { colour } });
      const { page, chat, says, keys } = await talking(`What is mine, in ${colour}`);
      await says('What is *theirs*', {
        payload: { actions: [{ type: 'reply', text: 'Yes', payload: 'y' }] },
      });
      await chat.getByRole('button', { name: 'Yes' }).waitFor();
      for (const colorScheme of ['light', 'dark'] as const) {
        await page.emulateMedia({ colorScheme });
        expect(await wrongBy(page, 'colours', 'paleWords', 'paleParts')).toEqual([]);
        await keys.to(/launcher/);
        await keys.to(/To the shelf/, 'Shift+Tab');
        // For who asks for more contrast nothing is faint.
        await page.emulateMedia({ contrast: 'more' });
        const parts = ['.meta', 'body'].map((part) => colourOf(chat.locator(part).first()));
        expect(new Set(await Promise.all(parts)).size).toBe(1);
        await page.emulateMedia({ contrast: 'no-preference' });
      }
      await widget.world.operate('PATCH', '', { widget: { colour: null } });
      await page.context().close();
    },
  );

  test('everything is done by keyboard alone', async () => {
    const page = await widget.visit(await newContext());
    const chat = page.frameLocator('iframe');
    const keys = new Keys(page);
    await page.locator('.greeting').waitFor();
    await keys.to(/shelf/);
    await keys.to(/launcher/);
    await keys.press('Enter', /textarea/);
    await page.keyboard.type('Hello by keys');
    await keys.press('Enter', /textarea/);
    await chat.getByText('Sent', { exact: true }).waitFor();
    const c = await widget.begun('Hello by keys');
    const says = (text: string, more: object = {}) => widget.agent.ask({ t: 'send', c, text, ...more });
    const attach = async (name: string) => {
      const chooser = page.waitForEvent('filechooser');
      await keys.to(/Attach a file/, 'Shift+Tab');
      await page.keyboard.press('Enter');
      await (await chooser).setFiles({ name, mimeType: 'text/plain', buffer: Buffer.from('words') });
      await keys.is(/textarea/);
    };

    // A file: chosen, taken away again, sent.
    await attach('one.txt');
    await keys.to(/Remove one/, 'Shift+Tab');
    await keys.press('Enter', /textarea/);
    expect(await chat.getByText('one.txt').count()).toBe(0);
    await attach('two.txt');
    await keys.to(/"Send"/);
    await keys.press('Enter', /textarea/);
    await chat.getByRole('link', { name: /two\.txt/ }).waitFor();
    const nothingWaits = () => chat.locator('.mine.waits').waitFor({ state: 'detached' });
    await nothingWaits();

    // One that is refused: tried again, and another given up.
    const refused = { status: 422, json: { error: { code: 'invalid', message: 'No.' } } };
    for (const [name, times] of [
      ['Try again', 1],
      ['Discard', 1],
    ] as const) {
      await page.route('**/realtime/files?*', (route) => route.fulfill(refused), { times });
      await attach(`${times} ${name}.txt`);
      await page.keyboard.press('Enter');
      await chat.getByRole('button', { name }).waitFor();
      await keys.to(new RegExp(name), 'Shift+Tab');
      await keys.press('Enter', /thread/);
      await chat.getByRole('button', { name }).waitFor({ state: 'detached' });
      // The next one is to be refused, not this one again.
      await nothingWaits();
      await keys.to(/textarea/);
    }
    await chat.getByText('Sent', { exact: true }).waitFor();

    // What the team offers to press.
    const action = (text: string) => ({ type: 'reply', text, payload: text });
    await says('Where to?', { payload: { actions: [action('Oslo'), action('Bergen')] } });
    await chat.getByRole('button', { name: 'Bergen' }).waitFor();
    await keys.to(/Bergen/, 'Shift+Tab');
    await keys.press('Enter', /thread/);
    await chat.getByText('Bergen', { exact: true }).waitFor();
    const items = ['Ridge', 'Fjell'].map((title) => ({ title, actions: [action(`Take ${title}`)] }));
    await says('', { type: 'carousel', payload: { items } });
    await chat.getByRole('button', { name: 'Take Fjell' }).waitFor();
    await keys.to(/Take Fjell/);
    await keys.press('Enter', /Take Fjell/);

    // Back in time, and to the newest again.
    await Promise.all(Array.from({ length: 44 }, (_, n) => says(`Number ${n}`)));
    // The app's API answers when the list of conversations knows of it, too.
    await widget.say(c, { type: 'text', text: 'Number 44' });
    await page.reload();
    await keys.to(/launcher/);
    await keys.press('Space', /textarea/);
    await chat.getByText('Number 44', { exact: true }).waitFor();
    // Whoever comes near to the beginning gets there, and the button goes.
    await keys.to(/earlier messages|thread/, 'Shift+Tab');
    await keys.press('Enter', /thread/);
    await scrolledTo(page, 'Hello by keys');
    await keys.is(/thread/);
    const top = () => chat.locator('.thread').evaluate(({ scrollTop }) => scrollTop);
    await page.keyboard.press('Home');
    await expect.poll(top).toBe(0);
    await page.keyboard.press('PageDown');
    // The browser glides there: what gets the focus meanwhile is passed by.
    let before = 0;
    const glides = async () => {
      const last = before;
      before = await top();
      return before < 100 || before !== last;
    };
    await expect.poll(glides).toBe(false);
    await keys.to(/newest message/);
    await keys.press('Enter', /thread/);
    await chat.getByRole('button', { name: /newest/ }).waitFor({ state: 'hidden' });

    // From one conversation to the other.
    await keys.to(/All conversations/, 'Shift+Tab');
    await keys.press('Enter', /Number 44/);
    await keys.to(/New conversation/);
    await keys.press('Enter', /textarea/);
    await page.keyboard.type('Another one');
    await keys.press('Enter', /textarea/);
    await chat.getByText('Sent', { exact: true }).waitFor();
    await keys.to(/All conversations/, 'Shift+Tab');
    await keys.press('Enter', /Another one/);
    await keys.to(/Number 44/);
    await keys.press('Enter', /textarea/);

    // Out of the frame on both sides, and closed from within.
    await keys.to(/To the shelf/, 'Shift+Tab');
    await keys.to(/launcher/);
    await keys.to(/textarea/, 'Shift+Tab');
    await keys.press('Escape', /launcher/);
    await keys.press('Space', /textarea/);
    // Where the chat covers the page, nobody is lost behind it.
    await resize(page, { width: 320, height: 600 });
    await page.getByRole('link', { name: 'To the shelf' }).focus();
    await keys.press('Escape', /To the shelf/);
    await page.locator('iframe').waitFor({ state: 'hidden' });
    await page.context().close();
  });

  test('by ear: each message of others once, what somebody does themselves, and nothing else', async () => {
    const context = await newContext();
    const { page, chat, c, says, frame } = await talking('Hello by ear', {}, context);
    const { agent } = widget;
    /** What was heard since the last time is this. */
    const hears = async (...lines: string[]) => {
      const heard: string[] = [];
      await expect
        .poll(async () => heard.push(...(await ask(frame, 'heard()'))))
        .toBeGreaterThanOrEqual(lines.length);
      expect(heard).toEqual(lines);
    };
    const shown = (words: string) =>
      chat.locator('.log, .typing').getByText(words, { exact: true }).waitFor();
    await chat.getByText('Sent', { exact: true }).waitFor();
    await hears('polite: Sent.');
    // The conversation itself is none of them.
    expect(await liveRegions(page)).toEqual([
      'alert assertive, whole',
      'generic polite',
      'status polite',
      'status polite, whole',
      'status polite, whole',
    ]);

    for (const on of [true, false, true]) {
      agent.send({ t: 'typing', c, on });
      await chat.getByText(/is writing/).waitFor({ state: on ? 'visible' : 'detached' });
    }
    await hears('polite: Somebody is writing…');

    const id = await says('**One** of [these](https://example.org)');
    await shown('One');
    await says('<p>In <em>HTML</em></p>', { markup: 'html' });
    await shown('HTML');
    await Promise.all([says('Two'), says('Two')]);
    await chat.locator('.log').getByText('Two', { exact: true }).nth(1).waitFor();
    await says('', { type: 'list', payload: { items: [{ title: 'Ridge' }, { title: 'Fjell' }] } });
    await shown('Fjell');
    await hears(
      'polite: Mia: One of these',
      'polite: Mia: In HTML',
      'polite: Mia: Two',
      'polite: Mia: Two',
      'polite: Mia: Ridge, Fjell',
    );

    // Changes and marks are not news.
    await agent.ask({ t: 'edit', c, id, text: 'First' });
    await shown('First');
    await write(chat, 'Mine');
    await chat.getByText('Sent', { exact: true }).waitFor();
    await agent.ask({ t: 'read', c });
    await chat.getByText('Read', { exact: true }).waitFor();
    await hears('polite: Sent.');

    const refused = { status: 422, json: { error: { code: 'invalid', message: 'No.' } } };
    await page.route('**/realtime/files?*', (route) => route.fulfill(refused));
    await chat
      .locator('input[type=file]')
      .setInputFiles({ name: 'a.txt', mimeType: 'text/plain', buffer: Buffer.from('a') });
    await write(chat, 'With a file');
    for (let time = 0; time < 2; time++) {
      await hears(`assertive: ${ENGLISH.unfit}`);
      await chat.getByRole('button', { name: 'Try again' }).click();
    }
    await hears(`assertive: ${ENGLISH.unfit}`);
    await chat.getByRole('button', { name: 'Discard' }).click();
    await context.setOffline(true);
    await chat.locator('.state', { hasText: 'No connection' }).waitFor();
    await context.setOffline(false);
    await chat.locator('.state', { hasText: 'No connection' }).waitFor({ state: 'hidden' });
    await hears('polite: No connection. Messages are sent as soon as there is one.');

    // A past that is loaded is not read out, neither at once nor with what was before it.
    await Promise.all(Array.from({ length: 45 }, (_, n) => says(`Number ${n}`)));
    await shown('Number 44');
    await hears(...Array.from({ length: 45 }, (_, n) => `polite: Mia: Number ${n}`));
    await page.reload();
    await openChat(page);
    await shown('Number 44');
    // Opening gives the field the focus, which is done when the frame answers.
    await page.evaluate(`Parlance('unread')`);
    await chat.locator('.thread').focus();
    await scrolledTo(page, 'Hello by ear');
    const again = partsOf(page)[1] as Frame;
    expect(await ask(again, 'heard()')).toEqual([]);

    // Closed, the page says how many wait.
    await closeChat(page);
    await says('Are you there?');
    await expect.poll(() => page.locator('parlance-chat [role=status]').textContent()).toBe('Chat: 1');
    expect(await page.getByRole('button', { name: 'Chat: 1' }).count()).toBe(1);
    expect(await ask(again, 'heard()')).toEqual([]);
    await context.close();
  });

  test('from right to left, and each line by its own first letter', async () => {
    const { page, chat, says } = await talking('سؤال عن خيمة', { locale: 'ar' });
    await says('سعر Fjell Light 2 هو 349 €\nand this line is English');
    await chat.locator('.theirs').getByText('this line is English').waitFor();
    const looks = await (partsOf(page)[1] as Frame).evaluate('checks.direction()');
    expect(looks).toEqual({
      lang: 'ar',
      dir: 'rtl',
      mine: 'left',
      theirs: 'right',
      send: 'mirrored',
      lines: ['right', 'left'],
    });
    // What invites to write runs as the language does, what is written by its own first letter.
    const field = chat.getByRole('textbox');
    const runs = () => field.evaluate('getComputedStyle(document.activeElement).direction');
    await field.focus();
    expect(await runs()).toBe('rtl');
    await field.fill('English');
    expect(await runs()).toBe('ltr');
    await field.fill('');
    await page.goto(`${widget.origin}/?locale=de`);
    await page.getByRole('button', { name: 'Chat' }).click();
    await page.frameLocator('iframe').getByRole('textbox', { name: 'Nachricht schreiben…' }).waitFor();
    await chat.locator('.mine').waitFor();
    await chat.locator('.theirs').getByText('this line is English').waitFor();
    expect(await (partsOf(page)[1] as Frame).evaluate('checks.direction()')).toMatchObject({
      lang: 'de',
      dir: 'ltr',
      mine: 'right',
      theirs: 'left',
      send: 'plain',
    });
    await page.context().close();
  });

  test.each([1360, 360])('the page at / with a width of %d px', async (width) => {
    const page = await (await newContext({ viewport: { width, height: 800 } })).newPage();
    await page.goto(`${widget.hub.url}/`);
    await page.locator('#posts li').first().waitFor();
    await page.getByRole('button', { name: 'Make this call' }).click();
    await page.locator('#frames').getByText('By REST').first().waitFor();
    await page.locator('#posts').getByText('By REST, number 1', { exact: true }).waitFor();
    if (width > 1100)
      await page.frameLocator('iframe').getByText('By REST, number 1', { exact: true }).waitFor();
    expect(await wrongBy(page, 'axe', 'paleWords', 'paleParts', 'tooSmall', 'tooWide', 'cutWords')).toEqual(
      [],
    );
    await page.emulateMedia({ colorScheme: 'dark' });
    expect(await wrongBy(page, 'colours', 'paleWords', 'paleParts')).toEqual([]);
    await page.context().close();
  });
});

const colourOf = (part: Locator): Promise<string> =>
  part.evaluate((element: Json) => element.ownerDocument.defaultView.getComputedStyle(element).color);
