// What a page may ask of the chat (docs/widget.md), and whom it says that the visitor is: every call, and nothing of one person
// in the name of another.
import { randomUUID } from 'node:crypto';
import { SignJWT } from 'jose';
import type { Browser, FrameLocator, Page } from 'playwright-core';
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest';
import { requireClient } from '../support/clients.ts';
import {
  type Json,
  loseNetwork,
  openChat,
  startChromium,
  startWidgetWorld,
  type WidgetWorld,
  write,
} from './widget-world.ts';

/** As docs/widget.md has it, before the script has come. */
const EARLY = `<script>
  window.log = [];
  window.Parlance ??= (...call) => (window.Parlance.q ??= []).push(call);
  Parlance('on', 'open', () => { throw new Error('of the page') });
  for (const event of ['ready', 'open', 'closed', 'unread', 'message'])
    Parlance('on', event, (detail) => window.log.push([event, detail]));
</script>`;

describe.runIf(requireClient('chromium'))('a page', () => {
  let widget: WidgetWorld;
  let browser: Browser;
  beforeAll(async () => {
    [widget, browser] = await Promise.all([startWidgetWorld(), startChromium()]);
  });
  afterEach(async () => {
    for (const context of browser.contexts()) await context.close();
    expect(widget.wrong.splice(0).filter((each) => !/of the page|401|ERR_/.test(each))).toEqual([]);
  });
  afterAll(async () => {
    await browser?.close();
    await widget?.stop();
  });

  /** Calls Parlance; what it answers, or why not. */
  const call = (page: Page, ...args: unknown[]): Promise<Json> =>
    page.evaluate(`Parlance(...${JSON.stringify(args)}).catch(String)`);
  const inPage = (page: Page, code: string): Promise<Json> => page.evaluate(code);
  const sent = (frame: FrameLocator, words: string) =>
    frame
      .locator('article', { hasText: words })
      .getByText(/^(Sent|Delivered|Read)$/)
      .waitFor();

  const tokenOf = (who: string): Promise<string> => {
    const { keyId, secret } = widget.world.app.sunshine;
    return new SignJWT({ scope: 'user', external_id: who })
      .setProtectedHeader({ alg: 'HS256', kid: keyId })
      .setExpirationTime('1h')
      .sign(new TextEncoder().encode(secret));
  };

  /** All that this person has said. */
  async function saidBy(who: string): Promise<string[]> {
    const { conversations } = await widget.rest('GET', `/conversations?filter[userExternalId]=${who}`);
    const all: string[] = [];
    for (const { id } of conversations) {
      const { messages } = await widget.rest('GET', `/conversations/${id}/messages?page[size]=100`);
      for (const { content, author } of messages) if (author.displayName === who) all.push(content.text);
    }
    return all;
  }

  test('opens, closes, shows, hides, says, counts, dresses and hears', async () => {
    const page = await widget.visit(await browser.newContext(), { head: EARLY });
    const launcher = page.getByRole('button', { name: 'Chat' });
    const [panel, frame] = [page.locator('iframe'), page.frameLocator('iframe')];
    await launcher.waitFor();
    await call(page, 'open');
    await panel.waitFor();
    await call(page, 'send', 'Said by the page');
    await sent(frame, 'Said by the page');
    expect(await call(page, 'unread')).toBe(0);
    await call(page, 'toggle');
    await panel.waitFor({ state: 'hidden' });
    const c = await widget.begun('Said by the page');
    await widget.agent.ask({ t: 'send', c, text: 'Heard' });
    await page.locator('.badge', { hasText: '1' }).waitFor();
    expect(await call(page, 'unread')).toBe(1);
    await call(page, 'hide');
    await launcher.waitFor({ state: 'hidden' });
    await call(page, 'show');
    await launcher.waitFor();
    await call(page, 'theme', 'dark');
    expect(await frame.locator('html').getAttribute('data-theme')).toBe('dark');
    await inPage(
      page,
      `log.off = (n) => log.push(n); Parlance('on', 'open', log.off); Parlance('off', 'open', log.off);`,
    );
    await call(page, 'toggle');
    // The frame says what is read when it draws next; the page says at once that it closes.
    await page.locator('.badge').waitFor({ state: 'hidden' });
    await call(page, 'close');
    await panel.waitFor({ state: 'hidden' });
    await expect
      .poll(() => inPage(page, 'log'))
      .toEqual([
        ['open', undefined],
        ['ready', undefined],
        ['unread', 0],
        ['closed', undefined],
        ['message', { author: 'Mia', text: 'Heard', key: expect.any(String) }],
        ['unread', 1],
        ['open', undefined],
        ['unread', 0],
        ['closed', undefined],
      ]);
  });

  test('is told what it asks wrongly, and nothing happens', async () => {
    const page = await widget.visit(await browser.newContext());
    await page.getByRole('button', { name: 'Chat' }).waitFor();
    for (const [wrong, why] of [
      [['dance'], 'There is no "dance".'],
      [['__proto__'], 'There is no "__proto__".'],
      [['send'], 'send takes a text.'],
      [['send', ' '], 'send takes a text.'],
      [['send', { text: 'x' }], 'send takes a text.'],
      [['theme', 'purple'], 'theme takes light or dark.'],
      [['identify', 5], 'It takes a string or a function.'],
      [['identify'], 'It takes a string or a function.'],
      [['on', 'open', 'x'], 'It takes a function.'],
      [['on', 'open'], 'It takes a function.'],
      [['on', 'opened'], 'There is no "opened".'],
      [['on', 'known'], 'There is no "known".'],
      [['on', null], 'There is no "null".'],
      [['off', 'opened'], 'There is no "opened".'],
      [['off', 'open'], 'It takes a function.'],
      [['open', 'quietly'], 'It takes a boolean.'],
      [[], 'There is no "undefined".'],
    ] as const)
      expect(await call(page, ...wrong), String(wrong)).toContain(why);
    expect(await inPage(page, `Parlance('send', () => 1).catch(String)`)).toContain('could not be cloned');
    expect(await inPage(page, `Parlance('identify', 'nonsense').catch(String)`)).toContain('Authorization');
    expect(await page.locator('iframe').isVisible()).toBe(false);
  });

  test('takes it off without a trace, and has it again', async () => {
    const page = await widget.visit(await browser.newContext());
    const client = await page.context().newCDPSession(page);
    const heardOn = async (target: string): Promise<number> => {
      const { result } = await client.send('Runtime.evaluate', { expression: target });
      const { listeners } = await client.send('DOMDebugger.getEventListeners', {
        objectId: result.objectId as string,
      });
      return listeners.length;
    };
    const socket = page.waitForEvent('websocket');
    const frame = await openChat(page);
    await write(frame, 'Before');
    await sent(frame, 'Before');
    const port = await socket;
    await inPage(
      page,
      `window.old = Parlance; window.asked = Parlance('unread').then(() => Parlance('destroy'));`,
    );
    await page.locator('parlance-chat').waitFor({ state: 'detached' });
    await expect.poll(() => page.frames().length).toBe(1);
    expect(await inPage(page, 'typeof Parlance')).toBe('undefined');
    expect([await heardOn('window'), await heardOn('document')]).toEqual([0, 0]);
    await expect.poll(() => port.isClosed()).toBe(true);
    expect(await inPage(page, `old('open').catch(String)`)).toContain('not on the page');
    await inPage(
      page,
      `{ const [tag] = document.scripts, again = document.createElement('script');
         for (const { name, value } of tag.attributes) again.setAttribute(name, value);
         tag.replaceWith(again); }`,
    );
    await (await openChat(page)).getByText('Before', { exact: true }).waitFor();
  });

  test('says who looks: nothing of one is shown or said as another', async () => {
    const [anna, ben] = [`anna-${randomUUID()}`, `ben-${randomUUID()}`];
    const context = await browser.newContext();
    const page = await widget.visit(context);
    await call(page, 'identify', await tokenOf(anna));
    const frame = await openChat(page);
    await write(frame, 'I am Anna');
    await sent(frame, 'I am Anna');
    // The same person by another token: what is being written stays.
    await frame.getByRole('textbox').fill('Half a word of Anna');
    await call(page, 'identify', await tokenOf(anna));
    expect(await frame.getByRole('textbox').inputValue()).toBe('Half a word of Anna');
    await loseNetwork(context, frame);
    await write(frame, 'Waits for Anna');
    await frame.getByRole('textbox').fill('Half a word of Anna');
    await context.setOffline(false);
    // At once, while what waits is on its way.
    await inPage(
      page,
      `Parlance('identify', ${JSON.stringify(await tokenOf(ben))}); Parlance('send', 'I am Ben');`,
    );
    await sent(frame, 'I am Ben');
    expect(await frame.getByRole('textbox').inputValue()).toBe('');
    expect(await frame.locator('body').innerText()).not.toContain('Anna');
    await write(frame, 'Still Ben');
    await sent(frame, 'Still Ben');
    expect(await saidBy(ben)).toEqual(['I am Ben', 'Still Ben']);
    expect((await saidBy(anna)).filter((words) => !words.endsWith('Anna'))).toEqual([]);
    await frame.getByRole('textbox').fill('Half a word of Ben');
    await call(page, 'logout');
    await frame.getByText('I am Ben').waitFor({ state: 'detached' });
    expect(await frame.getByRole('textbox').inputValue()).toBe('');
    const kept = await page.frames()[1]?.evaluate('JSON.stringify(localStorage)');
    expect(kept).not.toMatch(/Anna|Ben|anna|ben/);
    await write(frame, 'I am nobody');
    await sent(frame, 'I am nobody');
    expect(await saidBy(ben)).toEqual(['I am Ben', 'Still Ben']);
  });

  test('with one person in this tab and another in that one has each say their own', async () => {
    const [anna, ben] = [`anna-${randomUUID()}`, `ben-${randomUUID()}`];
    const context = await browser.newContext();
    const frames: FrameLocator[] = [];
    for (const who of [anna, ben]) {
      const page = await widget.visit(context, { data: `data-token="${await tokenOf(who)}"` });
      const frame = await openChat(page);
      await write(frame, `I am ${who}`);
      await sent(frame, `I am ${who}`);
      frames.push(frame);
    }
    await write(frames[0] as FrameLocator, 'Still me');
    await sent(frames[0] as FrameLocator, 'Still me');
    expect(await saidBy(anna)).toEqual([`I am ${anna}`, 'Still me']);
    expect(await saidBy(ben)).toEqual([`I am ${ben}`]);
    expect(await frames[1]?.getByText('Still me').count()).toBe(0);
  });

  test('that cannot say now who looks is asked again: nobody is taken for a stranger meanwhile', async () => {
    const who = `anna-${randomUUID()}`;
    const context = await browser.newContext();
    await context.clock.install();
    const asked: Json[] = [];
    context.on('request', (request) => {
      if (request.url().endsWith('/session')) asked.push(request.postDataJSON());
    });
    const page = await widget.visit(context, {
      head: `<script>window.Parlance ??= (...call) => (window.Parlance.q ??= []).push(call);
        window.times = 0;
        Parlance('identify', () => { if (window.times++ === 0) throw new Error('of the page'); if (window.times === 2) return 5; return ${JSON.stringify(await tokenOf(who))}; });</script>`,
    });
    const frame = await openChat(page);
    await write(frame, 'Who am I?');
    await expect
      .poll(async () => {
        await page.clock.fastForward(5_000);
        return inPage(page, 'times');
      })
      .toBeGreaterThan(2);
    await sent(frame, 'Who am I?');
    // Of the one that it threw, and of what was no token.
    expect(widget.wrong.filter((each) => /identify: no token of the page/.test(each)).length).toBe(2);
    expect(asked.every(({ user }) => typeof user === 'string')).toBe(true);
    expect(await saidBy(who)).toEqual(['Who am I?']);
  });

  test('whose visitor is forgotten in one tab has forgotten them in the others', async () => {
    const context = await browser.newContext();
    const [one, two] = [await widget.visit(context), await widget.visit(context)];
    const first = await openChat(one);
    await write(first, 'Forget me');
    await sent(first, 'Forget me');
    await two.reload();
    const second = await openChat(two);
    await second.getByText('Forget me', { exact: true }).waitFor();
    await call(one, 'logout');
    await second.getByText('Forget me', { exact: true }).waitFor({ state: 'detached' });
    await first.getByText('Forget me', { exact: true }).waitFor({ state: 'detached' });
  });
});
