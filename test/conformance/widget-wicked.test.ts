// What wicked people call themselves and their conversations, in every place that shows a name, a title, a label or a greeting:
// nothing of it runs or asks anybody. Texts in each markup, links and files: widget.test.ts.
import type { Browser, Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { requireClient } from '../support/clients.ts';
import { wickedTexts } from './widget-wicked.ts';
import { type Json, startChromium, startWidgetWorld, type WidgetWorld, write } from './widget-world.ts';

/** Among them what turns text round, hides it or draws it as a picture. */
const TEXTS = [
  ...wickedTexts('ran=1').map((text) => text.replace(/\n/g, ' ').slice(0, 100)),
  '\u202Egnp.exe\u2066<b onclick=ran=1>',
  '👩‍👩‍👧‍👦<img src=x onerror=ran=1>🏴󠁧󠁢󠁥󠁮󠁧󠁿',
  '\u200B\uFEFF\u00AD<svg/onload=ran=1>',
];

describe.runIf(requireClient('chromium'))('nothing runs of', () => {
  let widget: WidgetWorld;
  let browser: Browser;
  beforeAll(async () => {
    [widget, browser] = await Promise.all([startWidgetWorld(), startChromium()]);
  });
  afterAll(async () => {
    await browser?.close();
    await widget?.stop();
  });

  async function nothingRan(page: Page): Promise<void> {
    for (const frame of page.frames()) {
      expect(await frame.evaluate('typeof ran')).toBe('undefined');
      // What stands in a text is no element of the page.
      expect(
        await frame.evaluate(
          `document.querySelectorAll('[onclick],[onerror],[onload],[srcdoc],math,object').length`,
        ),
      ).toBe(0);
    }
    expect(widget.wrong).toEqual([]);
  }

  test('the names of an app and of its people, titles, greetings, labels, choices, buttons and quotes', async () => {
    const [name, welcome] = [TEXTS[1] as string, `${TEXTS[0]} ${TEXTS[3]}`];
    const settings = { welcomeMessage: welcome, multiConvo: true };
    const changed = await widget.world.operate('PATCH', '', {
      name,
      widget: { greeting: 'ALWAYS' },
      settings,
    });
    expect(changed.status).toBe(200);
    const page = await widget.visit(await browser.newContext(), {
      data: `data-label="${name.replaceAll('"', '&quot;')}"`,
    });
    await page.getByRole('button', { name: welcome }).click();
    const frame = page.frameLocator('iframe');
    await frame.getByText(welcome).waitFor();
    await write(frame, 'Say your names');
    await frame.getByText('Sent', { exact: true }).waitFor();
    const c = await widget.begun('Say your names');
    const { conversations } = await widget.rest('GET', '/conversations?page[size]=1');
    const [{ id }] = conversations;
    const { participants } = await widget.rest('GET', `/conversations/${id}/participants`);
    const say = (text: string, content: object) =>
      widget.rest('POST', `/conversations/${id}/messages`, {
        author: { type: 'business', displayName: text },
        content,
      });
    for (const text of TEXTS) {
      const actions = [
        { type: 'reply', text, payload: text },
        { type: 'link', text, uri: `https://ok.example/?${encodeURIComponent(text)}` },
      ];
      await say(text, { type: 'text', text, actions });
      const options = [{ name: 'a', label: text }];
      const fields = [
        { type: 'text', name: 'b', label: text, placeholder: text },
        { type: 'select', name: 'c', label: text, options },
      ];
      await say(text, { type: 'form', fields });
      await say(text, { type: 'file', mediaUrl: 'https://evil.example/x', altText: text });
      const { seq } = await widget.agent.ask({
        t: 'send',
        c,
        text,
        attachments: [{ url: 'https://evil.example/y', name: text }],
      });
      await widget.agent.ask({ t: 'send', c, text: 'As I said', replyTo: seq });
      await widget.rest('POST', '/conversations', {
        type: 'sdkGroup',
        displayName: text,
        participants: [{ userId: participants[0].userId, subscribeSDKClient: false }],
      });
    }
    await widget.rest('PATCH', `/conversations/${id}`, { displayName: TEXTS[0] });
    await widget.agent.ask({ t: 'send', c, text: 'Those were all' });
    await frame.getByText('Those were all', { exact: true }).waitFor();
    await frame.getByRole('heading', { name: TEXTS[0] as string }).waitFor();
    await nothingRan(page);
    await frame.getByRole('button', { name: 'All conversations' }).click();
    await expect.poll(() => frame.locator('.talks li').count()).toBe(TEXTS.length + 1);
    await nothingRan(page);
    await page.reload();
    await page.getByRole('button', { name: welcome }).click();
    await frame.getByText('Those were all', { exact: true }).waitFor();
    await nothingRan(page);
  });

  test('what is said in the conversation of the page at the door', async () => {
    const page = await (await browser.newContext({ viewport: { width: 1400, height: 900 } })).newPage();
    widget.watch(page);
    const begun = page.waitForResponse(/\/demo$/);
    await page.goto(widget.hub.url);
    const demo = (await (await begun).json()) as Json;
    const path = `${widget.hub.url}/v2/apps/${demo.rest.appId}/conversations/${demo.conversation.id}/messages`;
    for (const text of [...TEXTS, 'Those were all']) {
      const answer = await fetch(path, {
        method: 'POST',
        headers: { authorization: `Bearer ${demo.rest.token}`, 'content-type': 'application/json' },
        body: JSON.stringify({
          author: { type: 'user', userExternalId: demo.member.externalId },
          content: { type: 'text', text },
        }),
      });
      expect(answer.status).toBe(201);
    }
    await page.locator('#posts').getByText('Those were all', { exact: true }).waitFor();
    await page.locator('#frames').getByText('Those were all').first().waitFor();
    await page.frameLocator('iframe').getByText('Those were all', { exact: true }).waitFor();
    await nothingRan(page);
  });
});
