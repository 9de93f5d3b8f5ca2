// What tests of the chat widget stand in: a hub, an app with an agent, pages of another origin that have the script, and Chromium.
import { execFileSync } from 'node:child_process';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { type Browser, type BrowserContext, chromium, type FrameLocator, type Page } from 'playwright-core';
import type { MadeUser } from '../support/operator.ts';
import type { RealtimeSocket } from '../support/realtime.ts';
import { startTestHub, type TestHub } from '../support/server.ts';
import { type World, worldOf } from './realtime-world.ts';

// biome-ignore lint/suspicious/noExplicitAny: a test reads whatever field the protocol documents.
export type Json = any;

/** Debian's Chromium. */
export function startChromium(): Promise<Browser> {
  return chromium.launch({ executablePath: pathOfChromium(), args: ['--no-sandbox'] });
}

export function pathOfChromium(): string {
  return execFileSync('sh', ['-c', 'command -v chromium'], { encoding: 'utf8' }).trim();
}
export class WidgetWorld {
  readonly hub: TestHub;
  readonly world: World;
  /** Of the team. */
  readonly mia: MadeUser;
  /** Mia's. */
  readonly agent: RealtimeSocket;
  /** Where the pages are that have the script. */
  readonly origin: string;
  /** What went wrong in any page: errors, breaches of a policy, calls to anybody else. */
  readonly wrong: string[] = [];
  /** Where pages may ask. */
  readonly ours: string[];
  private readonly site: Server;

  constructor(hub: TestHub, world: World, mia: MadeUser, agent: RealtimeSocket, site: Server) {
    this.hub = hub;
    this.world = world;
    this.mia = mia;
    this.agent = agent;
    this.site = site;
    this.origin = originOf(site);
    this.ours = [hub.url, this.origin];
  }

  get slug(): string {
    return this.world.app.app.slug;
  }

  /** A page in this context that has the script; `query`: what it has besides (`siteOf`). */
  async visit(context: BrowserContext, query: Record<string, string> = {}): Promise<Page> {
    const page = await context.newPage();
    this.watch(page);
    await page.goto(`${this.origin}/?${new URLSearchParams(query)}`);
    return page;
  }

  /** Whatever goes wrong in the page is kept in `wrong`. */
  watch(page: Page): void {
    const { wrong, ours } = this;
    // For what must merely happen: Chromium, a hub and two other files share the machine.
    page.setDefaultTimeout(60_000);
    page.on('pageerror', (error) => wrong.push(String(error)));
    page.on('dialog', (dialog) => wrong.push(`says ${dialog.message()}`));
    page.on('console', (message) => {
      // A refused file is one that a test wanted refused.
      const expected = /favicon|ERR_INTERNET_DISCONNECTED|realtime\/files/;
      if (message.type() === 'error' && !expected.test(message.text() + message.location().url))
        wrong.push(message.text());
    });
    page.on('request', (request) => {
      const mine = ours.some((origin) => request.url().startsWith(`${origin}/`));
      if (!mine && !/^(blob|data):/.test(request.url())) wrong.push(`asks ${request.url()}`);
    });
  }

  /** What the app's Sunshine API answers to its own key. */
  async rest(method: string, path: string, body?: object): Promise<Json> {
    const { basePath, appId, keyId, secret } = this.world.app.sunshine;
    const answer = await fetch(`${basePath}/v2/apps/${appId}${path}`, {
      method,
      headers: { authorization: `Basic ${btoa(`${keyId}:${secret}`)}`, 'content-type': 'application/json' },
      body: body && JSON.stringify(body),
    });
    if (!answer.ok) throw new Error(`${method} ${path}: ${answer.status} ${await answer.text()}`);
    return answer.json();
  }

  /** The conversation that begins with these words; the agent's socket is told of it from now on. */
  async begun(words: string): Promise<string> {
    const { conversations } = await this.rest('GET', '/conversations?page[size]=5');
    for (const { id } of conversations) {
      const c = String(Number.parseInt(id.slice(8, 16), 16));
      await this.agent.ask({ t: 'subscribe', c, since: 0 });
      if (this.agent.events(c).some(({ text }) => text === words)) return c;
    }
    throw new Error(`nobody has said "${words}"`);
  }

  /** A business says it by the app's API. */
  async say(c: string, content: object): Promise<void> {
    const { conversations } = await this.rest('GET', '/conversations?page[size]=10');
    const found = conversations.find(({ id }: Json) => Number.parseInt(id.slice(8, 16), 16) === Number(c));
    await this.rest('POST', `/conversations/${found.id}/messages`, {
      author: { type: 'business', displayName: 'Mia' },
      content,
    });
  }

  async stop(): Promise<void> {
    await this.world.hangUp();
    this.site.close();
    await this.hub.stop();
  }
}

/** `page`: makes the page around the script, when another than the plain one is wanted. */
export async function startWidgetWorld(
  page: (script: string, query: URLSearchParams) => string = plainPage,
): Promise<WidgetWorld> {
  const hub = await startTestHub();
  const world = await worldOf(hub);
  const site = await siteOf(hub, world.app.app.slug, page);
  const answer = await world.operate('PATCH', '', { origins: [originOf(site)] });
  if (!answer.ok) throw new Error(await answer.text());
  const mia = await world.person('mia', 'agent');
  return new WidgetWorld(hub, world, mia, await world.connect(mia), site);
}

/**
 * Pages of an origin of their own: `policy`, `isolated` (a COEP), `head`, `locale` and `data` (attributes of the script) of the
 * query say what is in them.
 */
async function siteOf(
  hub: TestHub,
  slug: string,
  page: (script: string, query: URLSearchParams) => string,
): Promise<Server> {
  const site = createServer((request, response) => {
    const { searchParams } = new URL(request.url ?? '/', 'http://page');
    const policy = searchParams.get('policy');
    response.setHeader('content-type', 'text/html; charset=utf-8');
    if (policy) response.setHeader('content-security-policy', policy.replaceAll('HUB', hub.url));
    const isolated = searchParams.get('isolated');
    if (isolated) {
      response.setHeader('cross-origin-embedder-policy', isolated);
      response.setHeader('cross-origin-opener-policy', 'same-origin');
    }
    const script = `<script async src="${hub.url}/widget.js" data-app="${slug}" data-locale="${searchParams.get('locale') ?? 'en'}" ${searchParams.get('data') ?? ''}></script>`;
    response.end(page(script, searchParams));
  });
  await new Promise<void>((resolve) => site.listen(0, '127.0.0.1', resolve));
  return site;
}

const originOf = (site: Server): string => `http://127.0.0.1:${(site.address() as AddressInfo).port}`;

const plainPage = (script: string, query: URLSearchParams): string =>
  `<!doctype html><html lang="en"><title>A shop</title>${query.get('head') ?? ''}<h1>A shop</h1>${script}`;

/** Opens the chat by its launcher. */
export async function openChat(page: Page): Promise<FrameLocator> {
  await page.getByRole('button', { name: 'Chat' }).click();
  const frame = page.frameLocator('iframe');
  await frame.getByRole('textbox').waitFor();
  return frame;
}

/** Closes it from within; the frame knows it: what the page told it before is done when it answers. */
export async function closeChat(page: Page): Promise<void> {
  await page.frameLocator('iframe').getByRole('textbox').press('Escape');
  await page.locator('iframe').waitFor({ state: 'hidden' });
  await page.evaluate(`Parlance('unread')`);
}

/** Says something; from then on it stands in the chat, and how far it has come below it and no longer below another one. */
export async function write(frame: FrameLocator, text: string): Promise<void> {
  await frame.getByRole('textbox').fill(text);
  await frame.getByRole('textbox').press('Enter');
  // The frame draws in a timer, which was set before this one.
  await frame.locator('body').evaluate('new Promise((drawn) => setTimeout(drawn))');
}

/** Until a page, and what it shows in frames, has been laid out and drawn as it is now. */
export const settled = (part: Page | FrameLocator): Promise<unknown> => {
  const frames = 'new Promise((done) => requestAnimationFrame(() => requestAnimationFrame(done)))';
  return 'url' in part ? part.evaluate(frames) : part.locator('body').evaluate(frames);
};

/** Takes the network from these chats of a context; from then on they know it and have no socket. */
export async function loseNetwork(context: BrowserContext, ...frames: FrameLocator[]): Promise<void> {
  await context.setOffline(true);
  for (const frame of frames) await frame.locator('.state', { hasText: 'No connection' }).waitFor();
}
