// The forum door in JSON and in forms (docs/forum-json.md), with plain HTTP: what each way of asking says, which pages may
// ask, and that a GET changes nothing. What the calls do is tapatalk.test.ts; refusals and isolation come from the tables.
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { METHODS } from '../../src/dialects/tapatalk/methods.ts';
import { checkCanonical } from '../support/canonical.ts';
import { startTestHub, type TestHub } from '../support/server.ts';
import type { Json } from './calls/answer.ts';
import { twinOf } from './calls/tapatalk.ts';

const PAGE = 'https://forum.example';
const DATE = expect.stringMatching(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\+00:00$/);

let hub: TestHub;
let xmlUrl: string;
let url: string;
let slug: string;
let alice: string;
let bob: string;

beforeAll(async () => {
  hub = await startTestHub();
  const made = await hub.createApp();
  slug = made.app.slug;
  xmlUrl = made.tapatalk.url;
  url = twinOf(xmlUrl);
  await fetch(`${hub.url}/admin/apps/${slug}`, {
    method: 'PATCH',
    headers: { authorization: `Bearer ${hub.adminToken}` },
    body: JSON.stringify({ origins: [PAGE] }),
  });
  [alice, bob] = [await signUp('alice'), await signUp('bob')];
});
afterAll(() => hub?.stop());

async function signUp(login: string): Promise<string> {
  await hub.createUser(slug, { username: login, password: `pw-${login}`, displayName: `${login} Ö.` });
  const response = await post('login', { login, password: `pw-${login}` });
  expect(response.headers.get('mobiquo_is_login')).toBe('true');
  expect(await response.json()).toMatchObject({ result: true, result_text: '', username: `${login} Ö.` });
  return (response.headers.getSetCookie()[0] as string).split(';')[0] as string;
}

const post = (method: string, fields: Json, cookie = '', headers: Record<string, string> = {}) =>
  fetch(`${url}?method_name=${method}`, {
    method: 'POST',
    headers: { 'content-type': 'application/json', cookie, ...headers },
    body: JSON.stringify(fields),
  });
const ask = async (method: string, fields: Json, cookie: string): Promise<Json> =>
  (await post(method, fields, cookie)).json();
const get = async (query: string, cookie: string): Promise<Json> =>
  (await fetch(`${url}?${query}`, { headers: { cookie } })).json();

const open = async (subject = 'Lunch', body = 'At [b]noon[/b]? & <so on> 🍜'): Promise<string> => {
  const made = await ask('new_conversation', { username: ['bob'], subject, body }, alice);
  expect(made).toEqual({ result: true, result_text: '', conv_id: expect.stringMatching(/^\d+$/) });
  return made.conv_id;
};
const unread = async (conversation: string): Promise<number> => {
  const { list } = await get('method_name=get_conversations&perPage=50', bob);
  return list.find(({ conv_id }: Json) => conv_id === conversation).unread_num;
};

describe('a call in JSON', () => {
  test('says what XML says, in plain texts, with dates that have separators', async () => {
    const conversation = await open();
    const page = await get(`method_name=get_conversation&conversationId=${conversation}&returnHtml=0`, bob);
    expect(page).toMatchObject({ conv_id: conversation, conv_title: 'Lunch', total_message_num: 1 });
    expect(Object.values(page.participants)).toContainEqual(
      expect.objectContaining({ username: 'alice Ö.' }),
    );
    expect(page.list[0]).toMatchObject({
      msg_content: 'At noon? & <so on> 🍜',
      post_time: DATE,
      timestamp: expect.stringMatching(/^\d{10}$/),
      is_unread: true,
    });
    const { list } = await get('method_name=get_conversations', bob);
    expect(list[0]).toMatchObject({ conv_id: conversation, reply_count: 0, last_conv_time: DATE });
  });
  test('gives HTML unless it is asked not to', async () => {
    const conversation = await open();
    const content = async (more: object) => {
      const { list } = await ask('get_conversation', { conversationId: conversation, ...more }, bob);
      return list[0].msg_content;
    };
    const html = 'At <b>noon</b>? &amp; &lt;so on&gt; 🍜';
    expect(await content({})).toBe(html);
    expect(await content({ returnHtml: true })).toBe(html);
    expect(await content({ returnHtml: false })).toBe('At noon? & <so on> 🍜');
  });
  test('pages from 1, without gaps, also where a page would be too long', async () => {
    const conversation = await open('Many', 'm0');
    for (let i = 1; i < 6; i++)
      await ask('reply_conversation', { conversationId: conversation, body: `m${i}` }, alice);
    const page = async (fields: object) => {
      const { list } = await ask('get_conversation', { conversationId: conversation, ...fields }, bob);
      return list.map(({ msg_content }: Json) => msg_content).join(' ');
    };
    expect(await page({ page: 1, perPage: 2 })).toBe('m0 m1');
    expect(await page({ page: 2, perPage: 2 })).toBe('m2 m3');
    expect(await page({ page: '3', perPage: '2' })).toBe('m4 m5');
    expect(await page({ page: 4, perPage: 2 })).toBe('');
    expect(await page({ perPage: 3 })).toBe('m0 m1 m2');
    expect(await page({ page: 0, perPage: 0 })).toBe('m0 m1 m2 m3 m4 m5');
    expect(await page({ page: 2, perPage: 100 })).toBe('');
    expect(await page({ page: null })).toBe('m0 m1 m2 m3 m4 m5');
  });
  test('may name its method in the body, and leave optional fields out or null', async () => {
    const body = {
      method_name: 'reply_conversation',
      conversationId: Number(await open()),
      body: 'x',
      subject: null,
    };
    const response = await fetch(url, {
      method: 'POST',
      headers: { 'content-type': 'application/json; charset=utf-8', cookie: alice },
      body: JSON.stringify(body),
    });
    expect(await response.json()).toMatchObject({ result: true, msg_id: expect.any(String) });
  });
  test('takes one name for a list of one', async () => {
    const fields = { username: 'bob', subject: 'S', body: 'x', attachmentIds: [], groupId: '' };
    expect(await ask('new_conversation', fields, alice)).toMatchObject({ result: true });
  });
  test('knows every method by name, and tells what each takes', async () => {
    const names = await get('method_name=system.listMethods', '');
    expect(names).toEqual([...METHODS.keys()]);
    for (const method of names) {
      const help = await get(`method_name=system.methodHelp&method=${method}`, '');
      expect(help).toMatch(/^[A-Z].*[.…]$/);
      const signatures = await get(`method_name=system.methodSignature&method=${method}`, '');
      for (const types of signatures) for (const type of types) expect(TYPES).toContain(type);
      const parameters = METHODS.get(method)?.parameters ?? [];
      expect(signatures.at(-1)).toHaveLength(parameters.length + 1);
      expect(signatures[0]).toHaveLength(parameters.filter(({ optional }) => !optional).length + 1);
    }
    expect(await get('method_name=system.methodHelp&method=reply_conversation', '')).toBe(
      'Posts a message in a conversation. Parameters: conversation_id, text_body, [subject], [attachment_id_array], [group_id].',
    );
    expect(await get('method_name=system.methodSignature&method=delete_conversation', '')).toEqual([
      ['struct', 'string', 'int'],
    ]);
    expect(await get('method_name=system.methodHelp&method=nothing', '')).toMatchObject({ result: false });
  });
});

const TYPES = ['base64', 'array', 'string', 'int', 'boolean', 'struct'];

describe('a form', () => {
  const fields = { subject: 'By form', body: 'naïve + 100% 🍜' };
  test('calls the twin, with a list as repeated fields or as name[]', async () => {
    for (const name of ['username', 'username[]']) {
      const body = new URLSearchParams({ method_name: 'new_conversation', ...fields });
      for (const each of ['bob', 'alice']) body.append(name, each);
      const response = await fetch(url, { method: 'POST', headers: { cookie: alice }, body });
      expect(await response.json()).toMatchObject({ result: true });
    }
    const { list } = await get('method_name=get_conversations', bob);
    expect(list[0]).toMatchObject({ conv_subject: 'By form', short_content: 'naïve + 100% 🍜' });
  });
  test('calls mobiquo.php too, multipart or not, and is answered in JSON or in the XML that it asks for', async () => {
    const multipart = new FormData();
    for (const [name, value] of Object.entries(fields)) multipart.set(name, value);
    multipart.set('method_name', 'new_conversation');
    multipart.append('username[]', 'bob');
    const made = await fetch(xmlUrl, { method: 'POST', headers: { cookie: alice }, body: multipart });
    expect(made.headers.get('content-type')).toBe('application/json; charset=utf-8');
    expect(made.headers.get('mobiquo_is_login')).toBe('true');
    expect(await made.json()).toMatchObject({ result: true });

    const asked = { method_name: 'get_conversations', perPage: '1', format: 'xmlrpc' };
    const listed = await fetch(xmlUrl, {
      method: 'POST',
      headers: { cookie: bob },
      body: new URLSearchParams(asked),
    });
    const xml = await listed.text();
    expect(listed.headers.get('content-type')).toBe('text/xml; charset=utf-8');
    expect(checkCanonical(xml)).toEqual([]);
    expect(xml).toContain('<name>conv_subject</name>');
  });
  test('that is XML in disguise is XML', async () => {
    const response = await fetch(xmlUrl, {
      method: 'POST',
      headers: { 'content-type': 'application/x-www-form-urlencoded' },
      body: '\ufeff\n<methodCall><methodName>get_config</methodName></methodCall>',
    });
    expect(await response.text()).toContain('<name>api_level</name>');
  });
});

describe('a GET', () => {
  test('marks nothing as read: a POST of the same call does', async () => {
    const conversation = await open();
    await get(`method_name=get_conversation&conversationId=${conversation}`, bob);
    expect(await unread(conversation)).toBe(1);
    await ask('get_conversation', { conversationId: conversation }, bob);
    expect(await unread(conversation)).toBe(0);
  });
  test('is refused where another site makes the browser send it', async () => {
    for (const [site, refused] of [
      ['cross-site', true],
      ['same-site', true],
      ['same-origin', false],
      ['none', false],
    ] as const) {
      const headers = { cookie: bob, 'sec-fetch-site': site };
      const answer = (await (await fetch(`${url}?method_name=get_inbox_stat`, { headers })).json()) as object;
      expect('error' in answer, site).toBe(refused);
    }
  });
});

describe('a page', () => {
  const from = (origin: string, method: string) =>
    fetch(`${url}?method_name=get_inbox_stat`, {
      method,
      headers: { origin, cookie: bob, ...(method === 'POST' && { 'content-type': 'application/json' }) },
      ...(method === 'POST' && { body: '{}' }),
    });
  test('of an origin that the app lists may call and read, with the cookie', async () => {
    const preflight = await from(PAGE, 'OPTIONS');
    expect(preflight.status).toBe(204);
    expect(Object.fromEntries(preflight.headers)).toMatchObject({
      'access-control-allow-origin': PAGE,
      'access-control-allow-credentials': 'true',
      'access-control-allow-methods': 'GET, POST',
      'access-control-allow-headers': 'Content-Type',
      vary: 'Origin',
    });
    for (const method of ['GET', 'POST']) {
      const answer = await from(PAGE, method);
      expect(answer.headers.get('access-control-allow-origin')).toBe(PAGE);
      expect(answer.headers.get('access-control-expose-headers')).toContain('Mobiquo_is_login');
      expect(await answer.json()).toHaveProperty('inbox_unread_count');
    }
    const failed = await post('no_such_method', {}, bob, { origin: PAGE });
    expect(failed.headers.get('access-control-allow-origin')).toBe(PAGE);
  });
  test.each(['https://evil.example', 'https://forum.example.evil', 'http://forum.example', 'null'])(
    'of %s may not, and nothing of its origin comes back',
    async (origin) => {
      for (const method of ['OPTIONS', 'GET', 'POST']) {
        const answer = await from(origin, method);
        expect(answer.headers.get('vary')).toBe('Origin');
        expect([...answer.headers.keys()].filter((name) => name.startsWith('access-control'))).toEqual([]);
        if (method !== 'OPTIONS') expect(await answer.json()).toMatchObject({ result: false, reason: 2 });
      }
    },
  );
  test('is told nothing of an app that is not there', async () => {
    const nowhere = `${hub.url}/forum/no-such-app/mobiquo/tapatalk.php?method_name=get_config`;
    const preflight = await fetch(nowhere, { method: 'OPTIONS', headers: { origin: PAGE } });
    expect(preflight.headers.get('access-control-allow-origin')).toBeNull();
    expect(await (await fetch(nowhere)).json()).toMatchObject({ result: false, reason: 0 });
  });
});

test('the answer to a HEAD or to anything else says what the address is', async () => {
  for (const method of ['HEAD', 'PUT', 'DELETE']) {
    const answer = await fetch(url, { method });
    expect(answer.status, method).toBe(200);
    expect(answer.headers.get('content-type')).toBe('text/plain; charset=utf-8');
  }
});
