// The chat after much use: what it holds of memory, nodes and listeners is bounded, and a long conversation is read without its
// messages moving under the reader's eyes.
import type { Browser, CDPSession, FrameLocator, Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { requireClient } from '../support/clients.ts';
import {
  openChat,
  settled,
  startChromium,
  startWidgetWorld,
  type WidgetWorld,
  write,
} from './widget-world.ts';

const MESSAGES = 600;
/** That stand on the page at most while somebody reads the end (src/widget/frame/thread.ts), and their days and lines. */
const MOST = 300;

interface Held {
  nodes: number;
  listeners: number;
  documents: number;
  heapBytes: number;
}

describe.runIf(requireClient('chromium'))('after much use', () => {
  let widget: WidgetWorld;
  let browser: Browser;
  let page: Page;
  let frame: FrameLocator;
  let client: CDPSession;
  let c: string;
  beforeAll(async () => {
    [widget, browser] = await Promise.all([startWidgetWorld(), startChromium()]);
    const context = await browser.newContext();
    page = await widget.visit(context);
    client = await context.newCDPSession(page);
    await client.send('Performance.enable');
    frame = await openChat(page);
    await write(frame, 'The very first');
    await frame.getByText('Sent', { exact: true }).waitFor();
    c = await widget.begun('The very first');
  });
  afterAll(async () => {
    await browser?.close();
    await widget?.stop();
  });

  async function held(): Promise<Held> {
    // What is let go in one collection may hold what the next one finds.
    for (let round = 0; round < 3; round += 1) await client.send('HeapProfiler.collectGarbage');
    const { metrics } = await client.send('Performance.getMetrics');
    const of = (name: string): number => metrics.find((each) => each.name === name)?.value ?? Number.NaN;
    return {
      nodes: of('Nodes'),
      listeners: of('JSEventListeners'),
      documents: of('Documents'),
      heapBytes: of('JSHeapUsedSize'),
    };
  }

  const cycles = (most: number) =>
    page.evaluate(`(async () => { for (let n = 0; n < ${2 * most}; n += 1) await Parlance('toggle'); })()`);

  test('200 times opened and closed it holds what it held before', async () => {
    await cycles(10);
    const before = await held();
    await cycles(200);
    // What is held for good is held however often one looks; what is about to be let go is not.
    const more = async () => {
      const { listeners, documents, nodes, heapBytes } = await held();
      return {
        listeners: listeners - before.listeners,
        documents: documents - before.documents,
        nodes: nodes - before.nodes < 20,
        heapBytes: heapBytes - before.heapBytes < 1_000_000,
      };
    };
    await expect.poll(more).toEqual({ listeners: 0, documents: 0, nodes: true, heapBytes: true });
  });

  test(`with ${MESSAGES} messages come it holds the newest of them`, async () => {
    const say = async (from: number, to: number) => {
      const asked = Array.from({ length: to - from }, (_, n) =>
        widget.agent.ask({ t: 'send', c, text: `Message ${from + n}` }),
      );
      for (const answer of await Promise.all(asked)) expect(answer.t).toBe('ack');
      await frame.getByText(`Message ${to - 1}`, { exact: true }).waitFor();
    };
    const perMessage = async () => {
      await settled(frame);
      const [count, { nodes, heapBytes }] = [await frame.locator('article').count(), await held()];
      // What is read out of a message stands there for ten seconds: how many do is how fast the machine is.
      const lines = await frame.locator('.unseen [aria-live] p').count();
      return { count, nodes: (nodes - 2 * lines) / count, heapBytes };
    };
    await say(0, MOST);
    const before = await perMessage();
    for (let from = MOST; from < MESSAGES; from += 100) await say(from, Math.min(MESSAGES, from + 100));
    const after = await perMessage();
    expect(after.count).toBeLessThanOrEqual(MOST);
    // The conversation alone is scrolled, not the page around it.
    const page = 'document.scrollingElement';
    expect(await frame.locator('body').evaluate(`${page}.scrollHeight - ${page}.clientHeight`)).toBe(0);
    expect(after.nodes).toBeLessThan(before.nodes * 1.1);
    expect(after.heapBytes - before.heapBytes).toBeLessThan(2_000_000);
  });

  test('what is before them comes as one scrolls, and the message that one looks at stays where it is', async () => {
    const thread = frame.locator('.thread');
    const placeOf = async (words: string): Promise<number> =>
      (await frame.getByText(words, { exact: true }).boundingBox())?.y ?? Number.NaN;
    // What is asked for waits until the wheel has come to rest and the place of the oldest message is known.
    let asked: (() => void) | undefined;
    await page.route(/before=/, async (route) => {
      await new Promise<void>((resolve) => {
        asked = resolve;
      });
      await route.continue();
    });
    await thread.hover();
    for (let times = 0; times < 5; times += 1) {
      const count = await frame.locator('article').count();
      // The oldest closes up to those of the same person that come above it.
      const top = await frame.locator('article .words').nth(1).innerText();
      await expect
        .poll(async () => {
          await page.mouse.wheel(0, -100_000);
          return thread.evaluate((element) => element.scrollTop);
        })
        .toBe(0);
      await settled(frame);
      await expect.poll(() => asked).toBeDefined();
      const before = await placeOf(top);
      asked?.();
      asked = undefined;
      await expect.poll(() => frame.locator('article').count()).toBe(count + 40);
      expect(Math.abs((await placeOf(top)) - before)).toBeLessThanOrEqual(2);
    }
    await page.unroute(/before=/);
    // Somebody else speaks meanwhile: nothing moves, once the wheel has come to rest.
    await settled(frame);
    await thread.evaluate((element) => {
      const rest = new Promise((done) => element.addEventListener('scrollend', done, { once: true }));
      Object.assign(element, { rest });
    });
    await page.mouse.wheel(0, 2_000);
    await thread.evaluate(async (element) => void (await (element as unknown as { rest: unknown }).rest));
    const seen = await thread.evaluate((element) => {
      const { top, height } = element.getBoundingClientRect();
      const inside = [...element.querySelectorAll('.words')].find(
        (words) => words.getBoundingClientRect().top > top + height / 3,
      );
      return inside?.textContent ?? '';
    });
    const before = await placeOf(seen);
    await widget.agent.ask({ t: 'send', c, text: 'Meanwhile' });
    await frame.getByText('Meanwhile', { exact: true }).waitFor({ state: 'attached' });
    expect(await placeOf(seen)).toBe(before);
    await frame.getByRole('button', { name: 'To the newest message' }).click();
    await widget.agent.ask({ t: 'send', c, text: 'The very last' });
    await frame.getByText('The very last', { exact: true }).waitFor();
    expect(await frame.locator('article').count()).toBeLessThanOrEqual(MOST);
    expect(widget.wrong).toEqual([]);
  });
});
