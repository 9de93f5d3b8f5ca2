// /openapi.json and /docs/api as a client and a browser meet them: the page is driven in Chromium, under its own policy.
import { execFileSync } from 'node:child_process';
import { type Browser, chromium, type Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { AppCredentials } from '../../src/standalone/demo.ts';
import { requireClient } from '../support/clients.ts';
import { DOCUMENT } from '../support/described.ts';
import { startTestHub, type TestHub } from '../support/server.ts';

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

describe.runIf(requireClient('chromium'))('/docs/api in Chromium', () => {
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
