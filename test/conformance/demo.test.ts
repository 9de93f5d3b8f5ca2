// The page at `/` on a fresh start: one conversation in the chat, in the forum's words, by REST and as events.
import { execFileSync } from 'node:child_process';
import { request } from 'node:http';
import { type Browser, chromium } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { requireClient } from '../support/clients.ts';
import { startTestHub, type TestHub } from '../support/server.ts';

let hub: TestHub;

beforeAll(async () => {
  hub = await startTestHub();
});
afterAll(() => hub?.stop());

describe('what there is at the door', () => {
  test('programs are told where to look, browsers get the page', async () => {
    const brief = await fetch(`${hub.url}/`);
    expect(await brief.json()).toMatchObject({ name: 'Parlance', docs: `${hub.url}/docs` });
    const page = await fetch(`${hub.url}/`, { headers: { accept: 'text/html' } });
    expect(page.headers.get('content-type')).toBe('text/html; charset=utf-8');
    const policy = page.headers.get('content-security-policy') ?? '';
    expect(policy).toContain("default-src 'none'");
    expect(policy).not.toMatch(/unsafe|\*/);
  });

  test('only the page itself is let in without a password', async () => {
    const begin = (headers: Record<string, string>, method = 'POST') =>
      fetch(`${hub.url}/demo`, { method, headers }).then(({ status }) => status);
    expect(await begin({ origin: hub.url })).toBe(200);
    expect(await begin({ origin: 'https://elsewhere.example.org' })).toBe(404);
    expect(await begin({})).toBe(404);
    expect(await begin({ origin: hub.url }, 'GET')).toBe(404);
  });

  test('neither is there for whom a proxy let through, or who came by another name', async () => {
    const { host } = new URL(hub.url);
    const ask = (method: string, path: string, headers: Record<string, string>) =>
      new Promise<string>((resolve, reject) => {
        request(`${hub.url}${path}`, { method, headers }, (answer) => {
          answer.resume();
          answer.on('end', () => resolve(`${answer.statusCode} ${answer.headers['content-type']}`));
        })
          .on('error', reject)
          .end();
      });
    const begin = (as: string, more = {}) =>
      ask('POST', '/demo', { host: as, origin: `http://${as}`, ...more });
    const page = (as: string, more = {}) => ask('GET', '/', { host: as, accept: 'text/html', ...more });
    const [found, none] = ['200 application/json; charset=utf-8', '404 application/json; charset=utf-8'];
    expect([await begin(host), await page(host)]).toEqual([found, '200 text/html; charset=utf-8']);
    expect(await begin('chat.example.org')).toBe(none);
    expect(await page('chat.example.org')).toBe(found);
    for (const name of ['x-forwarded-for', 'x-real-ip', 'forwarded', 'via']) {
      expect(await begin(host, { [name]: '192.0.2.1' }), name).toBe(none);
      expect(await page(host, { [name]: '192.0.2.1' }), name).toBe(found);
    }
  });

  test('the same browser comes back to the same conversation', async () => {
    // biome-ignore lint/suspicious/noExplicitAny: what the page is given.
    const begin = async (visitor?: string): Promise<any> =>
      (
        await fetch(`${hub.url}/demo`, {
          method: 'POST',
          headers: { origin: hub.url },
          body: JSON.stringify({ visitor }),
        })
      ).json();
    const first = await begin();
    expect((await begin(first.visitor)).conversation).toEqual(first.conversation);
    expect((await begin()).conversation).not.toEqual(first.conversation);
  });
});

describe.runIf(requireClient('chromium'))('in Chromium', () => {
  let browser: Browser;

  beforeAll(async () => {
    const executablePath = execFileSync('sh', ['-c', 'command -v chromium'], { encoding: 'utf8' }).trim();
    browser = await chromium.launch({ executablePath, args: ['--no-sandbox'] });
  });
  afterAll(() => browser?.close());

  test('what is said in any of them is seen in all of them', async () => {
    const wrong: string[] = [];
    const page = await browser.newPage({ viewport: { width: 1360, height: 900 } });
    page.setDefaultTimeout(60_000);
    page.on('pageerror', (error) => wrong.push(String(error)));
    page.on('console', (message) => message.type() === 'error' && wrong.push(message.text()));
    page.on('request', (request) => {
      if (!/^(blob|data):/.test(request.url()) && !request.url().startsWith(`${hub.url}/`))
        wrong.push(request.url());
    });
    await page.goto(`${hub.url}/`);
    const chat = page.frameLocator('iframe');
    const [forum, events] = [page.locator('#posts'), page.locator('#frames')];
    const everywhere = async (words: string) => {
      await forum.getByText(words, { exact: true }).waitFor();
      await chat.getByText(words, { exact: true }).waitFor();
      await events.locator('.text', { hasText: words }).waitFor();
    };
    await forum.getByText('Alice reads in the forum').waitFor();
    await chat.getByRole('textbox').fill('From the chat');
    await chat.getByRole('textbox').press('Enter');
    await everywhere('From the chat');
    await page.getByLabel('Alice answers').fill('From the forum');
    await page.getByRole('button', { name: 'Post' }).click();
    await everywhere('From the forum');
    await page.getByRole('button', { name: 'Make this call' }).click();
    await page.getByText('201 Created').waitFor();
    await everywhere('By REST, number 1');
    expect(wrong).toEqual([]);
    // The call that is shown is whole: whoever copies it makes it.
    const call = (await page.locator('#call').textContent()) ?? '';
    const [, url = '', authorization = '', body = ''] =
      /^curl (\S+) .*'Authorization: (Bearer [^']+)'.* -d '([^']+)'$/s.exec(call) ?? [];
    const headers = { authorization, 'content-type': 'application/json' };
    expect((await fetch(url, { method: 'POST', headers, body })).status).toBe(201);
    await everywhere('By REST, number 2');
    // Another conversation, begun in the chat: all of the page goes there at once, and back to where something is said.
    await chat.getByRole('button', { name: 'All conversations' }).click();
    await chat.getByRole('button', { name: 'New conversation' }).click();
    await chat.getByRole('textbox').fill('Something else');
    await chat.getByRole('textbox').press('Enter');
    await everywhere('Something else');
    await forum.getByText('From the chat', { exact: true }).waitFor({ state: 'detached' });
    await page.getByLabel('Alice answers').fill('What else?');
    await page.getByRole('button', { name: 'Post' }).click();
    await everywhere('What else?');
    await page.getByRole('button', { name: 'Make this call' }).click();
    await forum.getByText('By REST, number 2', { exact: true }).waitFor();
    expect(await forum.locator('li').count()).toBe(3);
    await chat.getByRole('button', { name: 'All conversations' }).click();
    await chat.locator('.talks button').filter({ hasText: 'A first conversation' }).click();
    await chat.getByText('From the chat', { exact: true }).waitFor();
    await chat.getByRole('textbox').fill('Once more here');
    await chat.getByRole('textbox').press('Enter');
    await everywhere('Once more here');
    await everywhere('From the forum');
    expect(wrong).toEqual([]);
    await page.close();
  });

  test('a hub that is gone for a while: what was to be posted stays, and what was told is not told again', async () => {
    const page = await browser.newPage({ viewport: { width: 1360, height: 900 } });
    page.setDefaultTimeout(20_000);
    await page.goto(`${hub.url}/`);
    await page.locator('#frames .text', { hasText: 'Alice reads in the forum' }).waitFor();
    const [field, post] = [page.getByLabel('Alice answers'), page.getByRole('button', { name: 'Post' })];
    await hub.pause();
    await field.fill('Is anybody there?');
    await post.click();
    await page.getByText('The hub does not answer.').waitFor();
    expect(await field.inputValue()).toBe('Is anybody there?');
    await hub.resume();
    await post.click();
    await page.locator('#posts').getByText('Is anybody there?').waitFor();
    await page.locator('#frames .text', { hasText: 'Is anybody there?' }).waitFor();
    expect(await page.locator('#frames .text', { hasText: 'Alice reads in the forum' }).count()).toBe(1);
    await page.getByText('The hub does not answer.').waitFor({ state: 'detached' });
    expect(await page.locator('#xml').textContent()).toContain('reply_conversation');
    await page.close();
  });
});
