// /openapi.json, /docs and /docs/api as a client and a browser meet them: the pages are driven in Chromium, under their own
// policies. What the documents hold is test/docs.
import { execFileSync } from 'node:child_process';
import { type Browser, chromium, type Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { AppCredentials } from '../../src/standalone/demo.ts';
import { requireClient } from '../support/clients.ts';
import { DOCUMENT } from '../support/described.ts';
import { startTestHub, type TestHub } from '../support/server.ts';
import { axeFinds } from './widget-access.ts';

let hub: TestHub;
let made: AppCredentials;

beforeAll(async () => {
  hub = await startTestHub();
  made = await hub.createApp('paged');
});
afterAll(() => hub?.stop());

describe('/openapi.json', () => {
  const get = (headers: Record<string, string> = {}, method = 'GET') =>
    fetch(`${hub.url}/openapi.json`, { method, headers });

  test('is the description, with the server that was asked', async () => {
    const answer = await get({ origin: 'https://anywhere.example' });
    expect(answer.status).toBe(200);
    expect(Object.fromEntries(answer.headers)).toMatchObject({
      'content-type': 'application/json; charset=utf-8',
      'access-control-allow-origin': '*',
      'cache-control': 'public, max-age=300',
    });
    expect(await answer.json()).toEqual({ ...DOCUMENT, servers: [{ url: hub.url }] });
  });

  test('is not sent again to who has it', async () => {
    const etag = (await get()).headers.get('etag') as string;
    for (const known of [etag, `W/${etag}`, `"other", ${etag}`, '*']) {
      const answer = await get({ 'if-none-match': known });
      expect([answer.status, await answer.text()]).toEqual([304, '']);
    }
    expect((await get({ 'if-none-match': '"other"' })).status).toBe(200);
  });

  test('can be looked for, asked about from any page, and not written', async () => {
    const head = await get({}, 'HEAD');
    expect([head.status, await head.text()]).toEqual([200, '']);
    const preflight = await get({ origin: 'https://anywhere.example' }, 'OPTIONS');
    expect([preflight.status, preflight.headers.get('access-control-allow-headers')]).toEqual([204, '*']);
    const post = await get({}, 'POST');
    expect([post.status, post.headers.get('allow')]).toEqual([405, 'GET, HEAD']);
  });
});

describe('/docs', () => {
  const get = (path: string, init: RequestInit = {}) => fetch(`${hub.url}${path}`, init);

  test('is sent as pages that may do nothing, and not again to who has one', async () => {
    const answer = await get('/docs');
    const headers = Object.fromEntries(answer.headers);
    expect([answer.status, headers]).toMatchObject([
      200,
      {
        'content-type': 'text/html; charset=utf-8',
        'x-content-type-options': 'nosniff',
        'referrer-policy': 'no-referrer',
        'cache-control': 'no-cache',
      },
    ]);
    expect(headers['content-security-policy']).toMatch(
      /^default-src 'none'; style-src 'sha256-[^ ']+'; img-src 'self' data:; frame-ancestors 'none'; /,
    );
    const again = await get('/docs/', { headers: { 'if-none-match': headers.etag as string } });
    expect([again.status, await again.text()]).toEqual([304, '']);
    const head = await get('/docs/forum', { method: 'HEAD' });
    expect([head.status, await head.text()]).toEqual([200, '']);
  });

  test('leads from the index to every page, whose calls name this hub', async () => {
    const links = (await (await get('/docs')).text()).matchAll(/href="(\/docs\/[^"#]+)/g);
    const paths = [...new Set(Array.from(links, ([, path = '']) => path))];
    const pages = await Promise.all(paths.map(async (path) => [path, (await get(path)).status]));
    expect(pages).toEqual(paths.map((path) => [path, 200]));
    expect(paths.length).toBeGreaterThan(20);
    const first = await (await get('/docs/first-conversation')).text();
    expect(first).toContain(`APP=${hub.url}/v2/apps/APP_ID`);
    expect(first).not.toContain('127.0.0.1:8787');
    expect(first).toContain('<a href="/docs/first-conversation" aria-current="page">');
  });

  test('has the files that documents lead to, as what they are', async () => {
    const types = await Promise.all(
      ['architecture.svg', 'verify-webhook.js', 'verify-webhook.d.ts'].map(async (name) => {
        const { headers } = await get(`/docs/${name}`);
        expect(headers.get('content-security-policy')).toMatch(/^default-src 'none'; /);
        return headers.get('content-type');
      }),
    );
    expect(types).toEqual(['image/svg+xml', 'text/javascript; charset=utf-8', 'text/plain; charset=utf-8']);
  });

  test('says of what is not there that it is not, and cannot be written', async () => {
    for (const path of ['/docs/nothing', '/docs/forum.md', '/docs/__proto__', '/docs/forum/more', '/docsx']) {
      const answer = await get(path);
      const refusal = { error: { code: 'not_found', message: 'Not found' } };
      expect([path, answer.status, await answer.json()]).toEqual([path, 404, refusal]);
    }
    const post = await get('/docs/forum', { method: 'POST' });
    expect([post.status, post.headers.get('allow')]).toEqual([405, 'GET, HEAD']);
  });
});

describe.runIf(requireClient('chromium'))('in Chromium', () => {
  let browser: Browser;
  let page: Page;
  /** What went wrong in the page: errors, breaches of its policy, calls to anybody else. */
  const wrong: string[] = [];

  beforeAll(async () => {
    const executablePath = execFileSync('sh', ['-c', 'command -v chromium'], { encoding: 'utf8' }).trim();
    browser = await chromium.launch({ executablePath, args: ['--no-sandbox'] });
    page = await browser.newPage();
    page.on('pageerror', (error) => wrong.push(String(error)));
    page.on('console', (message) => {
      if (message.type() === 'error') wrong.push(message.text());
    });
    page.on('request', (request) => {
      if (!request.url().startsWith(`${hub.url}/`) && !request.url().startsWith('data:')) {
        wrong.push(`asks ${request.url()}`);
      }
    });
    await page.goto(`${hub.url}/docs/api`);
    await page.getByRole('heading', { name: 'Parlance API' }).waitFor();
  });
  afterAll(() => browser?.close());

  test('every document fits a narrow screen, in the reader’s light, without a script', async () => {
    const context = await browser.newContext({ viewport: { width: 360, height: 740 } });
    const reading = await context.newPage();
    const complaints: string[] = [];
    reading.on('console', (message) => complaints.push(`${reading.url()}: ${message.text()}`));
    reading.on('requestfailed', (request) => complaints.push(request.url()));
    await reading.goto(`${hub.url}/docs`);
    const paths = await reading.evaluate<string[]>(
      `[...document.querySelectorAll('.documents a')].map(({ href }) => href)`,
    );
    const wide: string[] = [];
    for (const path of [`${hub.url}/docs`, ...paths]) {
      await reading.goto(path);
      if (await reading.evaluate('document.documentElement.scrollWidth > 360')) wide.push(path);
      expect(await reading.evaluate('document.scripts.length')).toBe(0);
    }
    expect(wide).toEqual([]);
    const grounds = [];
    for (const colorScheme of ['light', 'dark'] as const) {
      await reading.emulateMedia({ colorScheme });
      grounds.push(await reading.evaluate('getComputedStyle(document.documentElement).backgroundColor'));
    }
    expect(new Set(grounds).size).toBe(2);
    expect(await axeFinds(reading)).toEqual([]);
    expect(complaints).toEqual([]);
    await context.close();
  });

  test('a document is read by its contents: from a line there to its chapter', async () => {
    const context = await browser.newContext({ viewport: { width: 1360, height: 740 } });
    const reading = await context.newPage();
    await reading.goto(`${hub.url}/docs`);
    expect(await axeFinds(reading)).toEqual([]);
    await reading.keyboard.press('Tab');
    await reading.keyboard.press('Enter');
    // A jump is made when the page is drawn next.
    await expect.poll(() => reading.evaluate('document.activeElement.id')).toBe('text');
    await reading.getByRole('link', { name: 'Webhooks', exact: true }).click();
    await reading.waitForURL(`${hub.url}/docs/webhooks`);
    expect(await axeFinds(reading)).toEqual([]);
    const contents = reading.getByRole('navigation', { name: 'On this page' });
    await contents.getByRole('link', { name: 'Where it may call' }).click();
    await reading.waitForURL(`${hub.url}/docs/webhooks#where-it-may-call`);
    await expect.poll(() => reading.evaluate('scrollY')).toBeGreaterThan(1000);
    await context.close();
  });

  /** Every operation of the document: its id, method and path. */
  const operations = Object.entries<Record<string, { operationId?: string }>>(DOCUMENT.paths).flatMap(
    ([path, item]) =>
      Object.entries(item).flatMap(([method, { operationId }]) =>
        operationId ? [[operationId, method.toUpperCase(), path] as const] : [],
      ),
  );

  test('lists every operation, in the contents and in the text', async () => {
    for (const [id, method, path] of operations) {
      expect(await page.locator(`nav a[href="#${id}"]`).count()).toBe(1);
      expect(await page.locator(`details#${id} > summary`).textContent()).toContain(method);
      expect(await page.locator(`details#${id} > summary .path`).textContent()).toBe(path);
    }
    expect(await page.locator('section > details').count()).toBe(operations.length);
  });

  test('opens an operation from the keyboard, and by its address', async () => {
    const summary = page.locator('details#getUser > summary');
    await summary.focus();
    await page.keyboard.press('Enter');
    await page.locator('details#getUser form').waitFor();
    await page.locator('nav a[href="#listApps"]').click();
    await page.locator('details#listApps form').waitFor();
    expect(await axeFinds(page)).toEqual([]);
  });

  test('tries a call with what was typed, and shows it for a shell without the secret', async () => {
    const { appId, keyId, secret } = made.sunshine;
    await page.getByLabel('Key id').fill(keyId);
    await page.getByLabel('Secret').fill(secret);
    await page.locator('details#createUser > summary').click();
    const form = page.getByRole('form', { name: 'Try createUser' });
    await form.getByLabel('appId (required)').fill(appId);
    await form
      .getByLabel('Body (JSON)')
      .fill(JSON.stringify({ externalId: "o'hara", profile: { givenName: '<b>O</b>' } }));
    await form.getByRole('button', { name: 'Send' }).click();
    const status = form.getByRole('status');
    await expect.poll(() => status.textContent()).toContain('201');
    const shown = (await status.textContent()) as string;
    expect(shown).toContain(`-u '${keyId}:SECRET'`);
    expect(shown).toContain(`'${hub.url}/v2/apps/${appId}/users'`);
    expect(shown).toContain(String.raw`o'\''hara`);
    expect(shown).toContain('"givenName": "<b>O</b>"');
    expect(shown).not.toContain(secret);
    expect(await page.locator('body').textContent()).not.toContain(secret);
  });

  test('shows a refusal as it came', async () => {
    await page.getByLabel('Secret').fill('wrong');
    const form = page.getByRole('form', { name: 'Try getUser' });
    await form.getByLabel('appId (required)').fill(made.sunshine.appId);
    await form.getByLabel('userIdOrExternalId (required)').fill('nobody/at all');
    await form.getByRole('button', { name: 'Send' }).click();
    await expect.poll(() => form.getByRole('status').textContent()).toContain('Authorization is required');
    expect(await form.getByRole('status').textContent()).toContain('/users/nobody%2Fat%20all');
    // Chromium reports every answer of refusal as an error of its own.
    expect(wrong.splice(0)).toEqual([expect.stringContaining('401')]);
  });

  test('names every field, and fits a narrow screen with everything open', async () => {
    await page.setViewportSize({ width: 320, height: 640 });
    // Parts are made when they are opened: as often as there is something new to open.
    for (let round = 0; round < 12; round++) {
      const opened = await page.evaluate(`(() => {
        const closed = [...document.querySelectorAll('details:not([open])')].slice(0, 400);
        for (const each of closed) each.open = true;
        return closed.length;
      })()`);
      await page.evaluate('new Promise((resolve) => setTimeout(resolve))');
      if (opened === 0 || round === 3) break;
    }
    expect(await page.evaluate('document.documentElement.scrollWidth')).toBeLessThanOrEqual(320);
    expect(
      await page.evaluate(`[...document.querySelectorAll('input, textarea, select')]
        .filter((field) => !field.labels || field.labels.length === 0).map((field) => field.outerHTML)`),
    ).toEqual([]);
    expect(
      await page.evaluate(`(() => {
      const ids = [...document.querySelectorAll('[id]')].map(({ id }) => id);
      return ids.filter((id, index) => ids.indexOf(id) !== index);
    })()`),
    ).toEqual([]);
  });

  test('follows the reader’s choice of light or dark', async () => {
    const ground = () => page.evaluate('getComputedStyle(document.documentElement).backgroundColor');
    await page.emulateMedia({ colorScheme: 'light' });
    const light = await ground();
    await page.emulateMedia({ colorScheme: 'dark' });
    expect(await ground()).not.toBe(light);
  });

  test('makes HTML of no text, runs no script but its own, and breaks no rule of its policy', async () => {
    expect(wrong).toEqual([]);
    const attempt = (code: string) =>
      page.evaluate(`(() => { try { ${code}; return 'done'; } catch (error) { return error.name; } })()`);
    expect(await attempt(`document.body.innerHTML = '<b>x</b>'`)).toBe('TypeError');
    await attempt(
      `const s = document.createElement('script'); s.append('window.ran = 1'); document.body.append(s)`,
    );
    expect(await page.evaluate('window.ran')).toBeUndefined();
    const breach = `new Promise((resolve) => {
      addEventListener('securitypolicyviolation', (event) => resolve(event.effectiveDirective), { once: true });
      fetch('http://127.0.0.1:9/').catch(() => {});
    })`;
    expect(await page.evaluate(breach)).toBe('connect-src');
  });
});
