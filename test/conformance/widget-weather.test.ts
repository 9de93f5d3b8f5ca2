// The chat in rough weather: the hub goes away and comes back, lines die without a word, answers are lost, tabs are closed, clocks
// are wrong. What was said arrives once and in order; nothing is missing.

import type { AddressInfo } from 'node:net';
import { createConnection, createServer, type Server, type Socket } from 'node:net';
import type { Browser, BrowserContext, FrameLocator, Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { requireClient } from '../support/clients.ts';
import { startServer, type TestServer } from '../support/server.ts';
import {
  type Json,
  openChat,
  startChromium,
  startWidgetWorld,
  type WidgetWorld,
  write,
} from './widget-world.ts';

/** The line between the browser and the hub. */
class Line {
  /** Nothing goes through, and nobody is told. */
  dead = false;
  /** What is asked arrives; answers do not, and the line is cut. */
  deaf = false;
  readonly #sockets = new Set<Socket>();
  readonly #server: Server;

  private constructor(port: number) {
    this.#server = createServer((from) => {
      const to = createConnection(port, '127.0.0.1');
      for (const [one, other, answers] of [
        [from, to, false],
        [to, from, true],
      ] as const) {
        this.#sockets.add(one);
        one.on('error', () => other.destroy());
        one.on('close', () => {
          this.#sockets.delete(one);
          if (!this.dead) other.destroy();
        });
        one.on('data', (bytes) => {
          if (this.dead) return;
          if (answers && this.deaf) other.destroy();
          else other.write(bytes);
        });
      }
    });
  }

  static async to(port: number): Promise<Line> {
    const line = new Line(port);
    await new Promise<void>((resolve) => line.#server.listen(0, '127.0.0.1', resolve));
    return line;
  }

  get url(): string {
    return `http://127.0.0.1:${(this.#server.address() as AddressInfo).port}`;
  }

  cut(): void {
    for (const socket of this.#sockets) socket.destroy();
  }

  close(): void {
    this.cut();
    this.#server.close();
  }
}

const numbered = (words: string, most: number): string[] =>
  Array.from({ length: most }, (_, index) => `${words} ${index + 1}`);

describe.runIf(requireClient('chromium'))('the chat, while', () => {
  let server: TestServer;
  let widget: WidgetWorld;
  let browser: Browser;
  let line: Line;
  beforeAll(async () => {
    server = await startServer({ env: { LIMITS: 'off' } });
    line = await Line.to(Number(new URL(server.url).port));
    const page = (tag: string, query: URLSearchParams) =>
      `<!doctype html><title>A shop</title>${query.has('straight') ? tag : tag.replace(server.url, line.url)}`;
    const hub = { ...server, tick: async () => undefined, stop: () => server.remove() };
    [widget, browser] = await Promise.all([startWidgetWorld(page, hub), startChromium()]);
    widget.ours.push(line.url);
  });
  afterAll(async () => {
    await browser?.close();
    line?.close();
    await widget?.stop();
  });

  /** What was said in the conversation that begins so, oldest first. */
  async function said(words: string): Promise<string[]> {
    const { conversations } = await widget.rest('GET', '/conversations?page[size]=20');
    for (const { id } of conversations) {
      const { messages } = await widget.rest('GET', `/conversations/${id}/messages?page[size]=100`);
      const texts = messages.map(({ content }: Json) => content.text ?? content.type);
      if (texts[0] === words) return texts;
    }
    return [];
  }

  /** A visitor whose chat is open and has said something. */
  async function visitor(
    words: string,
    query?: Record<string, string>,
  ): Promise<{ context: BrowserContext; page: Page; frame: FrameLocator }> {
    const context = await browser.newContext();
    const page = await widget.visit(context, query);
    const frame = await openChat(page);
    await write(frame, words);
    await allSent(frame);
    return { context, page, frame };
  }

  /** Until nothing waits any more. */
  async function allSent(frame: FrameLocator): Promise<void> {
    await frame
      .locator('article')
      .last()
      .getByText(/^(Sent|Delivered|Read)$/)
      .waitFor();
    expect(await frame.locator('article.waits, article.failed').count()).toBe(0);
  }

  test.each(['kill -9', 'SIGTERM'] as const)(
    'its hub ends by %s and comes back: all is said once, in order',
    async (how) => {
      const { context, frame } = await visitor(`${how} 0`);
      const file = { name: 'large.txt', mimeType: 'text/plain', buffer: Buffer.alloc(2_000_000, 'a') };
      let back: Promise<void> | undefined;
      for (const [index, words] of numbered(how, 20).entries()) {
        if (index === 5) await frame.locator('input[type=file]').setInputFiles(file);
        await write(frame, words);
        if (index === 7) {
          const gone = how === 'SIGTERM' ? server.stop() : server.kill9();
          back = Promise.resolve(gone).then(() => server.restart());
        }
      }
      await back;
      await allSent(frame);
      expect(await frame.locator('article.mine').count()).toBe(21);
      expect(await said(`${how} 0`)).toEqual([`${how} 0`, ...numbered(how, 20)]);
      await context.close();
    },
  );
});
