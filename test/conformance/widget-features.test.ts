// What the chat can do beyond words: forms, hours, emoji, sound, files. In Chromium, on a page of another origin.
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Browser, FrameLocator } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { ENGLISH } from '../../src/widget/frame/english.ts';
import { requireClient } from '../support/clients.ts';
import {
  closeChat,
  type Json,
  openChat,
  startChromium,
  startWidgetWorld,
  type WidgetWorld,
  write,
} from './widget-world.ts';

let widget: WidgetWorld;
let browser: Browser;

describe.runIf(requireClient('chromium'))('in Chromium', () => {
  beforeAll(async () => {
    [widget, browser] = await Promise.all([startWidgetWorld(), startChromium()]);
  });
  afterAll(async () => {
    await browser?.close();
    await widget?.stop();
  });

  /** A conversation that the visitor of the frame begins with these words; `path`: where the app's API has its messages. */
  async function begin(frame: FrameLocator, words: string): Promise<{ c: string; path: string }> {
    await write(frame, words);
    await frame.getByText('Sent', { exact: true }).waitFor();
    const c = await widget.begun(words);
    const { conversations } = await widget.rest('GET', '/conversations?page[size]=5');
    const { id } = conversations.find(
      (each: Json) => Number.parseInt(each.id.slice(8, 16), 16) === Number(c),
    );
    return { c, path: `/conversations/${id}/messages` };
  }

  const business = { type: 'business' };

  test('a form is filled in where it stands, once, and its answer is what the app’s API calls one', async () => {
    const context = await browser.newContext();
    const page = await widget.visit(context);
    const frame = await openChat(page);
    const { path, c } = await begin(frame, 'I would like a tent');
    const fields = [
      { type: 'text', name: 'name', label: 'Your name', minSize: 2, placeholder: 'As on your passport' },
      { type: 'email', name: 'mail', label: 'Your e-mail' },
      {
        type: 'select',
        name: 'size',
        label: 'Which one',
        options: [
          { name: 's', label: 'Small' },
          { name: 'l', label: 'Large' },
        ],
      },
    ];
    const form = { type: 'form', text: 'Who are you?', fields, blockChatInput: true };
    await widget.rest('POST', path, { author: business, content: form });
    const [name, mail, size] = ['Your name', 'Your e-mail', 'Which one'].map((label) =>
      frame.getByLabel(label),
    );
    if (!name || !mail || !size) throw new Error('unreachable');
    await name.waitFor();
    // Nothing else can be said until it is answered.
    await frame.getByRole('status').filter({ hasText: 'Please answer above first.' }).waitFor();
    expect(await frame.locator('.composer').isVisible()).toBe(false);

    const send = frame.locator('article').getByRole('button', { name: 'Send' });
    await send.click();
    expect(await hasFocus(name)).toBe(true);
    for (const field of [name, mail, size]) {
      expect(await field.getAttribute('aria-invalid')).toBe('true');
      expect(await described(field)).toBe('Please fill this in.');
    }
    await name.fill('A');
    await mail.fill('nobody');
    await size.selectOption('Large');
    await send.click();
    expect(await described(name)).toBe('At least 2 characters, please.');
    expect(await described(mail)).toBe('Please give an e-mail address.');
    expect([await size.getAttribute('aria-invalid'), await described(size)]).toEqual(['false', '']);

    // Another tab has it too; what was typed here outlives whatever is said meanwhile, and where somebody types they stay.
    const other = await widget.visit(context);
    await other.getByRole('button', { name: 'Chat' }).click();
    const there = other.frameLocator('iframe');
    await there.getByLabel('Your name').waitFor();
    await name.fill('Ann');
    await widget.agent.ask({ t: 'send', c, text: 'Take your time' });
    await frame.getByText('Take your time', { exact: true }).waitFor();
    expect(await name.inputValue()).toBe('Ann');
    expect(await hasFocus(name)).toBe(true);
    await frame.getByRole('textbox', { name: 'Write a message' }).waitFor();
    await mail.fill('ann@example.org');
    await mail.press('Enter');
    for (const each of [frame, there]) {
      await each.getByText('Sent. Thank you!').waitFor();
      await each.getByText('Which one: Large').waitFor();
      expect(await each.locator('input:visible, select').count()).toBe(0);
      expect(await each.getByText('edited').count()).toBe(0);
    }

    const { messages } = await widget.rest('GET', path);
    const answer = messages.at(-1);
    expect(answer).toMatchObject({
      author: { type: 'user' },
      content: {
        type: 'formResponse',
        fields: [
          { type: 'text', name: 'name', label: 'Your name', text: 'Ann' },
          { type: 'email', name: 'mail', label: 'Your e-mail', email: 'ann@example.org' },
          { type: 'select', name: 'size', label: 'Which one', select: [{ name: 'l', label: 'Large' }] },
        ],
        textFallback: 'Your name: Ann\nYour e-mail: ann@example.org\nWhich one: Large',
      },
      quotedMessage: { type: 'message', message: { content: { ...form, submitted: true } } },
    });
    expect(answer.quotedMessage.message.id).toBe(messages.at(-3).id);
    expect(messages.at(-3)).not.toHaveProperty('edited');

    await page.reload();
    const again = await openChat(page);
    await again.getByText('Sent. Thank you!').waitFor();
    expect(await again.locator('input:visible').count()).toBe(0);
    await context.close();
  });

  test('buttons say which they were, and those that this chat cannot keep are left out', async () => {
    const context = await browser.newContext();
    const frame = await openChat(await widget.visit(context));
    const { path } = await begin(frame, 'Which one?');
    const actions = [
      { type: 'reply', text: 'The red one', payload: 'RED' },
      { type: 'postback', text: 'Tell me more', payload: 'MORE' },
      { type: 'link', text: 'Our shop', uri: 'https://shop.example.org/' },
      {
        type: 'webview',
        text: 'A closer look',
        uri: 'https://shop.example.org/3d',
        fallback: 'https://shop.example.org/',
      },
      { type: 'buy', text: 'Buy it', amount: 100 },
      { type: 'locationRequest', text: 'Where are you?' },
    ];
    const content = { type: 'text', text: 'Have a look', actions, blockChatInput: true };
    await widget.rest('POST', path, { author: business, content });
    const replies = frame.locator('.replies');
    await replies.waitFor();
    expect(await replies.locator('button, a').allInnerTexts()).toEqual([
      'The red one',
      'Tell me more',
      'Our shop',
      'A closer look',
    ]);
    expect(await frame.locator('.composer').isVisible()).toBe(false);
    await replies.getByRole('button', { name: 'The red one' }).click();
    await frame.locator('.composer').waitFor();
    await frame.getByText('Sent', { exact: true }).waitFor();
    const { messages } = await widget.rest('GET', path);
    expect(messages.at(-1).content).toEqual({ type: 'text', text: 'The red one', payload: 'RED' });
    await context.close();
  });

  test('what a link leads to is a page like any other: it may ask before it does something', async () => {
    const context = await browser.newContext();
    context.on('dialog', (dialog) => dialog.accept());
    const frame = await openChat(await widget.visit(context));
    const { path } = await begin(frame, 'Where is it?');
    const asking = `<script>document.title = confirm('Really?')</script>`;
    const uri = `${widget.origin}/?${new URLSearchParams({ head: asking })}`;
    const actions = [{ type: 'link', text: 'Over there', uri }];
    await widget.rest('POST', path, { author: business, content: { type: 'text', text: 'Here', actions } });
    const [opened] = await Promise.all([
      context.waitForEvent('page', { timeout: 60_000 }),
      frame.getByRole('link', { name: 'Over there' }).click(),
    ]);
    await expect.poll(() => opened.title()).toBe('true');
    await context.close();
  });

  test('while nobody of the team is there the chat says so, and since when again, and changes by itself', async () => {
    const HOUR_MS = 3_600_000;
    const opens = Math.ceil(Date.now() / HOUR_MS + 1) * HOUR_MS;
    const clock = (moment: number) => new Date(moment).toISOString().slice(11, 16);
    const span = `${clock(opens)}-${clock(opens + HOUR_MS)}`;
    const week = Object.fromEntries(
      ['mon', 'tue', 'wed', 'thu', 'fri', 'sat', 'sun'].map((day) => [day, [span]]),
    );
    const offlineMessage = 'We sleep. Leave us a line!';
    const set = (settings: object) => widget.world.operate('PATCH', '', { settings });
    expect((await set({ hours: { zone: 'UTC', week }, offlineMessage })).status).toBe(200);
    for (const wrong of [
      { zone: 'Mars/Base' },
      { zone: 'UTC', week: { mon: ['9-17'] } },
      { zone: 'UTC', week: { mon: ['09:00-09:00'] } },
      { zone: 'UTC', week: { someday: [] } },
      { zone: 'UTC', dates: { '2026-02-30': [] } },
    ]) {
      const refused = await set({ hours: wrong });
      expect(refused.status).toBe(400);
      expect(((await refused.json()) as Json).error.fields[0].path).toMatch(/^settings\.hours\./);
    }
    const kept = (await (await widget.world.operate('GET', '')).json()) as Json;
    expect(kept.app.settings.hours).toEqual({ zone: 'UTC', week, dates: {} });
    const look = await (await fetch(`${widget.hub.url}/widget/${widget.slug}/look`)).json();
    expect(look).toMatchObject({ welcome: offlineMessage });

    // Somebody in another zone, whose clock is wrong besides.
    const context = await browser.newContext({ timezoneId: 'America/New_York' });
    await context.clock.install({ time: Date.now() - 5 * HOUR_MS });
    const frame = await openChat(await widget.visit(context));
    const time = new Intl.DateTimeFormat('en', {
      hour: 'numeric',
      minute: '2-digit',
      timeZone: 'America/New_York',
    });
    const back = frame.getByText(`, ${time.format(opens)}`);
    await frame.getByText(offlineMessage).waitFor();
    expect(await back.innerText()).toMatch(/^Back: /);
    expect(await frame.getByRole('textbox').isEnabled()).toBe(true);
    await context.clock.fastForward(opens - Date.now() + 1_000);
    await frame.getByText(offlineMessage).waitFor({ state: 'detached' });
    await context.clock.fastForward(HOUR_MS);
    await back.waitFor();
    await context.close();

    // A page that stays open: it hears of what has changed since, and says nothing that it cannot know.
    const DAY_MS = 24 * HOUR_MS;
    const days = ['mon', 'tue', 'wed', 'thu', 'fri', 'sat', 'sun'];
    const late = await browser.newContext();
    await late.clock.install();
    const open = await openChat(await widget.visit(late));
    const sleeps = open.getByText(offlineMessage);
    await sleeps.waitFor();
    const always = Object.fromEntries(days.map((day) => [day, ['00:00-12:00', '12:00-00:00']]));
    expect((await set({ hours: { zone: 'UTC', week: always } })).status).toBe(200);
    await late.clock.fastForward(DAY_MS + HOUR_MS);
    await sleeps.waitFor({ state: 'detached' });
    const never = { zone: 'UTC', week: {}, dates: {} };
    expect((await set({ hours: never })).status).toBe(200);
    await late.clock.fastForward(DAY_MS + HOUR_MS);
    await sleeps.waitFor();
    await late.setOffline(true);
    await late.clock.fastForward(8 * DAY_MS);
    await sleeps.waitFor({ state: 'detached' });
    await late.setOffline(false);
    await late.clock.fastForward(HOUR_MS);
    await sleeps.waitFor();
    await late.close();
    expect((await set({ hours: null })).status).toBe(200);
    expect(await (await fetch(`${widget.hub.url}/widget/${widget.slug}/hours`)).json()).toBe(null);
  });

  test('emoji are chosen by keys alone, from a picker that is loaded when it is opened', async () => {
    const context = await browser.newContext();
    const page = await widget.visit(context);
    const asked: string[] = [];
    page.on('request', (request) => asked.push(new URL(request.url()).pathname));
    const frame = await openChat(page);
    const field = frame.getByRole('textbox', { name: 'Write a message' });
    await field.fill('Hello  you');
    await field.evaluate((element: Json) => element.setSelectionRange(6, 6));
    const open = frame.getByRole('button', { name: 'Emoji', exact: true });
    expect(asked).not.toContain('/widget/emoji.js');
    await open.focus();
    await open.press('Enter');
    const search = frame.getByRole('searchbox');
    await search.waitFor();
    expect(asked).toContain('/widget/emoji.js');
    expect(await hasFocus(search)).toBe(true);
    expect(await frame.locator('.grid button').count()).toBeGreaterThan(300);
    // Escape closes the picker, and not the chat.
    await search.press('Escape');
    await search.waitFor({ state: 'detached' });
    expect(await hasFocus(field)).toBe(true);
    expect(await page.locator('iframe').isVisible()).toBe(true);

    await open.press('Enter');
    await search.fill('waving');
    await search.press('Enter');
    await search.waitFor({ state: 'detached' });
    expect(await field.inputValue()).toBe('Hello 👋 you');

    // What was used lately comes first; arrows walk.
    await open.press('Enter');
    const focused = () =>
      frame
        .locator('.grid')
        .evaluate((grid: Json) => grid.ownerDocument.activeElement.getAttribute('aria-label'));
    await search.press('ArrowDown');
    expect(await focused()).toBe('waving hand');
    await frame.locator(':focus').press('ArrowRight');
    expect(await focused()).toBe('grinning');
    await frame.locator(':focus').press('ArrowDown');
    const below = await focused();
    expect(below).not.toMatch(/grinning|big smile/);
    await frame.locator(':focus').press('ArrowUp');
    expect(await focused()).toBe('grinning');
    await frame.locator(':focus').press('Enter');
    expect(await field.inputValue()).toBe('Hello 👋😀 you');

    await open.click();
    // It comes in a moment: who presses twice before opens it once.
    await search.waitFor();
    await open.click();
    await search.waitFor({ state: 'detached' });
    await context.close();
  });

  test('one tab sounds for what is said while nobody looks, unless the visitor has turned that off', async () => {
    const context = await browser.newContext();
    // How late a tab is on a busy machine is chance: the pauses of the sound (src/widget/sound/main.ts) end when the test says so.
    await context.addInitScript(() => {
      const all = globalThis as Json;
      const { setTimeout, OscillatorNode } = all;
      const { start } = OscillatorNode.prototype;
      Object.assign(all, { notes: 0, pauses: [] });
      OscillatorNode.prototype.start = function (...when: unknown[]) {
        all.notes += 1;
        return start.apply(this, when);
      };
      all.setTimeout = (work: () => void, ms: number) =>
        ms === 150 || ms === 1_500 ? all.pauses.push(work) : setTimeout(work, ms);
    });
    const one = await widget.visit(context);
    const first = await openChat(one);
    const { c } = await begin(first, 'Ring me');
    const two = await widget.visit(context);
    const second = await openChat(two);
    await second.getByText('Ring me').waitFor();
    await two.evaluate(`Parlance('unread')`);
    const inFrame = (frame: FrameLocator, code: string) =>
      frame.locator('body').evaluate(code) as Promise<Json>;
    /** In each of these tabs one pause has begun. */
    const pausing = async (...frames: FrameLocator[]) => {
      for (const frame of frames) await expect.poll(() => inFrame(frame, 'pauses.length')).toBe(1);
    };
    const goOn = async (...frames: FrameLocator[]) => {
      for (const frame of frames) await inFrame(frame, 'pauses.splice(0).forEach((work) => work())');
    };
    /** Sounds of two notes each, so far: of a tab that has asked for the lock before the answer to this is here, too. */
    const sounds = async () => {
      for (const frame of [first, second]) await inFrame(frame, 'navigator.locks.query().then(() => 0)');
      return ((await inFrame(first, 'notes')) + (await inFrame(second, 'notes'))) / 2;
    };
    const nobodyHolds = () => {
      const held = `navigator.locks.query().then(({ held }) => held.some(({ name }) => name.endsWith(':sound')))`;
      return expect.poll(() => inFrame(second, held)).toBe(false);
    };
    const hear = async (text: string) => {
      await widget.agent.ask({ t: 'send', c, text });
      for (const page of [one, two]) await page.locator('.badge', { hasText: '1' }).waitFor();
    };
    /** What was read in the second tab is no news in the first one any more. */
    const wasRead = () => one.locator('.badge').waitFor({ state: 'hidden' });
    const bell = second.getByRole('button', { name: 'Sound' });
    const isOn = () => bell.getAttribute('aria-pressed');
    /** Turned on or off in the second tab; the first one knows it: what a browser keeps another process learns later. */
    const turn = async (on: boolean) => {
      await bell.click();
      expect(await isOn()).toBe(String(on));
      const stored = `localStorage.getItem('parlance:${widget.slug}:sound')`;
      await expect.poll(() => inFrame(first, stored)).toBe(String(on));
    };
    expect(await isOn()).toBe('true');
    // Who looks needs no sound, nor does the other tab make one for them.
    await closeChat(one);
    await widget.agent.ask({ t: 'send', c, text: 'You see this' });
    await second.getByText('You see this', { exact: true }).waitFor();
    await pausing(first, second);
    await goOn(first);
    expect(await sounds()).toBe(0);
    await goOn(second);
    await nobodyHolds();
    await wasRead();
    await turn(false);
    await closeChat(two);
    await hear('Quietly');
    expect(await sounds()).toBe(0);
    for (const frame of [first, second]) expect(await inFrame(frame, 'pauses.length')).toBe(0);
    await two.getByRole('button', { name: 'Chat' }).click();
    // Turned on, it lets itself be heard.
    await turn(true);
    await expect.poll(sounds).toBe(1);
    await wasRead();
    await closeChat(two);
    await hear('Loudly');
    await pausing(first, second);
    await goOn(first, second);
    expect(await sounds()).toBe(2);
    await goOn(first, second);
    await two.getByRole('button', { name: 'Chat' }).click();
    await turn(false);
    await two.reload();
    await openChat(two);
    await expect.poll(isOn).toBe('false');
    await context.close();

    const calm = await browser.newContext({ reducedMotion: 'reduce' });
    const still = await openChat(await widget.visit(calm));
    await expect
      .poll(() => still.getByRole('button', { name: 'Sound' }).getAttribute('aria-pressed'))
      .toBe('false');
    await calm.close();
  });

  test('the page’s title says how many messages wait while nobody sees the page, and what the page says then stays', async () => {
    const context = await browser.newContext();
    const page = await widget.visit(context);
    const { c } = await begin(await openChat(page), 'I am elsewhere now');
    const title = (wanted: string) => expect.poll(() => page.title()).toBe(wanted);
    /** As the browser does it to a tab that is left, or come back to. */
    const turn = (hidden: boolean) =>
      page.evaluate(`Object.defineProperty(document, 'hidden', { get: () => ${hidden}, configurable: true });
        document.dispatchEvent(new Event('visibilitychange', { bubbles: true }))`);
    await closeChat(page);
    await widget.agent.ask({ t: 'send', c, text: 'One' });
    await page.locator('.badge', { hasText: '1' }).waitFor();
    await title('A shop');
    await turn(true);
    await title('(1) A shop');
    await widget.agent.ask({ t: 'send', c, text: 'Two' });
    await title('(2) A shop');
    // The page goes on without knowing of it.
    await page.evaluate(`document.title = 'The till'`);
    await widget.agent.ask({ t: 'send', c, text: 'Three' });
    await title('(3) The till');
    await turn(false);
    await title('The till');
    await context.close();
  });

  test('what was read elsewhere is no news here, and what came after it is', async () => {
    const context = await browser.newContext();
    const page = await widget.visit(context);
    const frame = await openChat(page);
    const { c } = await begin(frame, 'I read elsewhere');
    await closeChat(page);
    const [one] = [
      await widget.agent.ask({ t: 'send', c, text: 'One' }),
      await widget.agent.ask({ t: 'send', c, text: 'Two' }),
    ];
    await page.locator('.badge', { hasText: '2' }).waitFor();
    const visitor = JSON.parse(
      (await frame
        .locator('body')
        .evaluate(`localStorage.getItem('parlance:${widget.slug}:visitor')`)) as string,
    );
    const answer = await fetch(`${widget.hub.url}/widget/${widget.slug}/session`, {
      method: 'POST',
      body: JSON.stringify({ visitor }),
    });
    const { token } = (await answer.json()) as Json;
    const elsewhere = widget.world.open('/realtime', ['parlance.v1', `token.${token}`]);
    await elsewhere.next('hello');
    elsewhere.send({ t: 'read', c, seq: one?.seq });
    await page.locator('.badge', { hasText: '1' }).waitFor();
    await context.close();
  });

  test('what is written first goes into the field, and a letter that is still put together is not sent', async () => {
    const context = await browser.newContext();
    const page = await widget.visit(context);
    const frame = await openChat(page);
    const field = frame.getByRole('textbox');
    // As Safari leaves it, which gives a frame that nobody has touched no focus for its fields.
    await field.evaluate('document.activeElement.blur()');
    await page.keyboard.type('Hi');
    expect(await field.inputValue()).toBe('Hi');
    // As Safari tells of the key that takes a letter from an input method.
    const composed = (key: string) => {
      const init = `{ key: '${key}', keyCode: 229, bubbles: true, cancelable: true }`;
      return field.evaluate(`document.activeElement.dispatchEvent(new KeyboardEvent('keydown', ${init}))`);
    };
    expect(await composed('Enter')).toBe(true);
    await composed('Escape');
    await page.evaluate(`Parlance('unread')`);
    expect(await field.inputValue()).toBe('Hi');
    expect(await field.isVisible()).toBe(true);
    expect(await frame.locator('article').count()).toBe(0);
    await context.close();
  });

  test('more files than a message may have are told of, and left out', async () => {
    const context = await browser.newContext();
    const frame = await openChat(await widget.visit(context));
    const some = Array.from({ length: 11 }, (_, i) => ({
      name: `${i}.txt`,
      mimeType: 'text/plain',
      buffer: Buffer.from('words'),
    }));
    await frame.locator('input[type=file]').setInputFiles(some);
    await frame.getByRole('alert').filter({ hasText: 'At most 10 files.' }).waitFor();
    expect(await frame.locator('.chips li').count()).toBe(10);
    await context.close();
  });

  test('a file that cannot be taken is said to be why, be it empty, of another kind or gone', async () => {
    const folder = mkdtempSync(join(tmpdir(), 'parlance-files-'));
    const changed = join(folder, 'changed.txt');
    writeFileSync(changed, 'words');
    const context = await browser.newContext();
    const frame = await openChat(await widget.visit(context));
    const file = (name: string, bytes: string) => ({
      name,
      mimeType: 'text/plain',
      buffer: Buffer.from(bytes, 'latin1'),
    });
    for (const chosen of [file('empty.txt', ''), file('program.bin', '\x7fELF\x02\x01\x01\0'), changed]) {
      await frame.locator('input[type=file]').setInputFiles(chosen);
      await frame.locator('.chips li').waitFor();
      if (chosen === changed) rmSync(changed);
      await frame.locator('.composer').getByRole('button', { name: 'Send' }).click();
      await frame.getByText(ENGLISH.unfit).waitFor();
      await frame.getByRole('button', { name: 'Discard' }).click();
      await frame.getByText(ENGLISH.unfit).waitFor({ state: 'detached' });
    }
    rmSync(folder, { recursive: true });
    await write(frame, 'Without files then');
    await frame.getByText('Sent', { exact: true }).waitFor();
    await context.close();
  });

  test('words are dropped where one writes, files anywhere; the page of the chat stays whatever is dropped', async () => {
    const context = await browser.newContext();
    const frame = await openChat(await widget.visit(context));
    /** Whether the browser is kept from doing what it would with it. */
    const dropped = (selector: string, what: string) =>
      frame.locator(selector).evaluate((element: Json, what) => {
        const all = globalThis as Json;
        const dataTransfer = new all.DataTransfer();
        if (what === 'file') dataTransfer.items.add(new all.File(['words'], 'dropped.txt'));
        else dataTransfer.setData('text/plain', 'words');
        const init = { dataTransfer, bubbles: true, cancelable: true };
        return ['dragover', 'drop'].map((type) => {
          const event = new all.DragEvent(type, init);
          element.dispatchEvent(event);
          return event.defaultPrevented;
        });
      }, what);
    expect(await dropped('textarea', 'words')).toEqual([false, false]);
    expect(await dropped('.thread', 'words')).toEqual([true, true]);
    expect(await dropped('textarea', 'file')).toEqual([true, true]);
    expect(await dropped('.thread', 'file')).toEqual([true, true]);
    await frame.locator('.chips li', { hasText: 'dropped.txt' }).first().waitFor();
    await context.close();
  });

  test('all of that without an error, a breach of a policy or a call to anybody else', () => {
    expect(widget.wrong).toEqual([]);
  });
});

type Field = ReturnType<FrameLocator['locator']>;
const hasFocus = (field: Field): Promise<boolean> =>
  field.evaluate((element: Json) => element.ownerDocument.activeElement === element);
/** What a field is described by, for those who cannot see it. */
const described = (field: Field): Promise<string> =>
  field.evaluate(
    (element: Json) =>
      element.ownerDocument.getElementById(element.getAttribute('aria-describedby')).textContent,
  );
