// The forum door byte by byte: headers, encodings, addresses, faults and the form of documents, with plain HTTP. What
// the calls do is tapatalk.test.ts.
import { request } from 'node:http';
import { gzipSync } from 'node:zlib';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { encodeCall } from '../../src/xmlrpc/encode.ts';
import { base64, bool, int, type OutValue, string } from '../../src/xmlrpc/value.ts';
import { b64, type PlainAnswer, type PlainStruct, readAnswer } from '../dialects/tapatalk/plain.ts';
import { canonicalText } from '../support/canonical.ts';
import { type Operator, operatorOf } from '../support/operator.ts';
import { startTestHub, type TestHub } from '../support/server.ts';

const NOT_SIGNED_IN = 'You are not logged in or you do not have permission to do this action.';

let server: TestHub;
let operator: Operator;
let app: Awaited<ReturnType<Operator['createApp']>>;
let alice: { cookie: string; id: string };
let bob: typeof alice;

interface Reply {
  status: number;
  headers: Headers;
  xml: string;
  answer: PlainAnswer;
}

/** One POST. Every answer, whatever it says, has the form that all clients read. */
async function post(
  body: BodyInit,
  headers: Record<string, string> = {},
  url = app.tapatalk.url,
): Promise<Reply> {
  const response = await fetch(url, { method: 'POST', body, headers, redirect: 'manual' });
  const xml = canonicalText(new Uint8Array(await response.arrayBuffer()));
  expect(response.status).toBe(200);
  expect(response.headers.get('content-type')).toBe('text/xml; charset=utf-8');
  expect(response.headers.get('mobiquo_is_login')).toMatch(/^(true|false)$/);
  expect(response.headers.get('x-request-id')).toMatch(/./);
  return { status: response.status, headers: response.headers, xml, answer: readAnswer(xml) };
}

const call = (method: string, params: OutValue[] = [], cookie = '', url = app.tapatalk.url) =>
  post(encodeCall(method, params), { 'content-type': 'text/xml', ...(cookie ? { cookie } : {}) }, url);

const value = ({ answer }: Reply): PlainStruct => {
  if ('fault' in answer) throw new Error(JSON.stringify(answer));
  return answer.value;
};
const fault = ({ answer }: Reply) => ('fault' in answer ? answer.fault.code : answer);
const signedIn = (reply: Reply) => reply.headers.get('mobiquo_is_login');

async function signUp(username: string, of = app): Promise<typeof alice> {
  const user = await operator.createUser(of.app.slug, { username, password: `pw-${username}` });
  const reply = await call('login', [base64(username), base64(`pw-${username}`)], '', of.tapatalk.url);
  const [cookie] = reply.headers.getSetCookie();
  return { cookie: (cookie as string).split(';')[0] as string, id: String(user.number) };
}

/** A call of the operator API that the shared helper does not have. */
const patch = async (path: string, body: object) => {
  const response = await fetch(`${server.url}/admin/apps/${app.app.slug}${path}`, {
    method: 'PATCH',
    headers: { authorization: `Bearer ${server.adminToken}`, 'content-type': 'application/json' },
    body: JSON.stringify(body),
  });
  if (response.status !== 200) throw new Error(await response.text());
};

const open = async (subject = 'Lunch') => {
  const params = [[base64('bob')], base64(subject), base64('At noon?')];
  return value(await call('new_conversation', params, alice.cookie)).conv_id as string;
};

beforeAll(async () => {
  server = await startTestHub({ env: { LIMITS: 'on' } });
  operator = operatorOf(server.url, server.adminToken);
  app = await operator.createApp();
  [alice, bob] = [await signUp('alice'), await signUp('bob')];
});
afterAll(() => server.stop());

test('every method answers in the form that all clients read, signed in and not', async () => {
  const conversation = await open('<Lunch> & "more" 🍜');
  const list = value(await call('get_conversation', [string(conversation)], alice.cookie)).list;
  const message = (list as PlainStruct[])[0]?.msg_id as string;
  const calls: [string, OutValue[]][] = [
    ['get_config', []],
    ['get_inbox_stat', []],
    ['new_conversation', [[base64('alice')], base64('S'), base64('x')]],
    ['reply_conversation', [string(conversation), base64('x')]],
    ['invite_participant', [[base64('alice')], string(conversation)]],
    ['get_conversations', []],
    ['get_conversation', [string(conversation), int(0), int(9), bool(true)]],
    ['get_quote_conversation', [string(conversation), string(message)]],
    ['mark_conversation_unread', [string(conversation)]],
    ['mark_conversation_read', []],
    ['delete_conversation', [string(conversation), int(1)]],
    ['login', [base64('bob'), base64('pw-bob')]],
    ['logout_user', []],
    ['system.listMethods', []],
  ];
  for (const [method, params] of calls) {
    // post() checks the form; a device of its own, because the last call signs out.
    await call(method, params);
    await call(method, params, bob.cookie);
  }
  expect(signedIn(await call('get_inbox_stat', [], bob.cookie))).toBe('false');
  const again = await call('login', [base64('bob'), base64('pw-bob')]);
  bob.cookie = (again.headers.getSetCookie()[0] as string).split(';')[0] as string;
});

describe('the session', () => {
  test('is one cookie, out of reach of scripts and other sites, that clients which split at "=" can keep', async () => {
    const { headers } = await call('login', [base64('alice'), base64('pw-alice')]);
    const cookies = headers.getSetCookie();
    expect(cookies).toHaveLength(1);
    expect(cookies[0]).toMatch(/^[^=;, ]+=[^=;, ]+; Path=\/; Max-Age=\d+; HttpOnly; SameSite=Lax$/);
  });
  test('is told on every answer, also on faults and on calls that nobody understands', async () => {
    for (const [cookie, state] of [
      [alice.cookie, 'true'],
      [`tapatalk = 1; ${alice.cookie}`, 'true'],
      [`${alice.cookie}x`, 'false'],
      ['', 'false'],
    ] as const) {
      expect(signedIn(await call('get_config', [], cookie))).toBe(state);
      expect(signedIn(await call('no_such_method', [], cookie))).toBe(state);
      expect(signedIn(await post('<', cookie ? { cookie } : {}))).toBe(state);
    }
  });
  test('counts for its own app alone', async () => {
    const other = await operator.createApp();
    const carol = await signUp('carol', other);
    const renamed = carol.cookie.replace(/^[^=]+/, alice.cookie.split('=')[0] as string);
    for (const cookie of [carol.cookie, renamed]) {
      const reply = await call('get_inbox_stat', [], cookie);
      expect(signedIn(reply)).toBe('false');
      expect(value(reply).result_text).toEqual(b64(NOT_SIGNED_IN));
    }
    const both = `${carol.cookie}; ${alice.cookie}`;
    expect(signedIn(await call('get_inbox_stat', [], both))).toBe('true');
    expect(signedIn(await call('get_inbox_stat', [], both, other.tapatalk.url))).toBe('true');
  });
  test('ends for good when its owner signs out, and no other of theirs with it', async () => {
    const reply = await call('login', [base64('alice'), base64('pw-alice')]);
    const cookie = (reply.headers.getSetCookie()[0] as string).split(';')[0] as string;
    const out = await call('logout_user', [], cookie);
    expect(out.headers.getSetCookie()[0]).toMatch(/^[^=;]+=deleted; Path=\/; Max-Age=0;/);
    expect(signedIn(await call('get_inbox_stat', [], cookie))).toBe('false');
    expect(signedIn(await call('get_inbox_stat', [], alice.cookie))).toBe('true');
  });
});

describe('the body', () => {
  const config = encodeCall('get_config', []);
  const understood = async (reply: Promise<Reply>) => value(await reply).is_open;

  test('is read under any Content-Type and none', async () => {
    for (const type of [
      'text/xml',
      'application/xml',
      'application/x-www-form-urlencoded',
      'text/plain',
      'x/y',
    ]) {
      expect(await understood(post(config, { 'content-type': type })), type).toBe(true);
    }
    expect(await understood(post(Buffer.from(config)))).toBe(true);
  });
  test('may be gzip, announced or not, or plain although it is announced', async () => {
    expect(await understood(post(gzipSync(config), { 'content-encoding': 'gzip' }))).toBe(true);
    expect(await understood(post(gzipSync(config)))).toBe(true);
    expect(await understood(post(config, { 'content-encoding': 'gzip' }))).toBe(true);
  });
  test('may be declared in the encodings that clients use', async () => {
    const latin = (xml: string) => Buffer.from(xml.replace('UTF-8', 'iso-8859-1'), 'latin1');
    await operator.createUser(app.app.slug, { username: 'jörg', password: 'pw' });
    const xml = encodeCall('login', [string('jörg'), string('pw')]);
    const declared = { 'content-type': 'text/xml; charset=iso-8859-1' };
    expect(value(await post(latin(xml))).result).toBe(true);
    expect(value(await post(Buffer.from(xml, 'latin1'), declared)).result).toBe(true);
    expect(await understood(post(Buffer.from(`\uFEFF${config}`)))).toBe(true);
    const ascii = (xml: string) => Buffer.from(xml.replace('UTF-8', 'us-ascii'));
    expect(await understood(post(ascii(config)))).toBe(true);
    const spelled = encodeCall('login', [string('j\u00f6rg'), string('pw')]).replace('\u00f6', '&#xf6;');
    expect(value(await post(ascii(spelled))).result).toBe(true);
    // Declared as one thing and written as another, and encodings that nobody here reads.
    for (const body of [
      ascii(xml),
      Buffer.from(xml, 'latin1'),
      Buffer.from(config.replace('UTF-8', 'koi8-r')),
      Buffer.from(config.replace('UTF-8', 'windows-1252')),
      Buffer.from(`\uFEFF${config}`, 'utf16le'),
    ]) {
      expect(fault(await post(body))).toBe(-32700);
    }
    const foreign = { 'content-type': 'text/xml; charset=shift_jis' };
    expect(fault(await post(config, foreign))).toBe(-32700);
  });
  test('is refused past 256 KiB, as sent and as inflated, and nothing of it is done', async () => {
    const conversation = await open();
    const long = encodeCall('reply_conversation', [string(conversation), base64('x'.repeat(200_000))]);
    expect(long.length).toBeGreaterThan(262_144);
    for (const body of [long, gzipSync(long)]) {
      const refused = value(await post(body, { cookie: alice.cookie }));
      expect(refused).toMatchObject({
        result: false,
        result_text: { b64: expect.stringContaining('256 KiB') },
      });
    }
    const page = value(await call('get_conversation', [string(conversation)], alice.cookie));
    expect(page.total_message_num).toBe(1);
  });
});

test('a bomb of gzip is refused when it has grown past the cap, not when it is whole', async () => {
  const bomb = gzipSync(Buffer.alloc(150 * 1024 * 1024));
  expect(bomb.length).toBeLessThan(256 * 1024);
  const refused = value(await post(bomb, { cookie: alice.cookie, 'content-encoding': 'gzip' }));
  expect(refused.result_text).toEqual(b64('The request is larger than 256 KiB.'));
});

describe('a fault', () => {
  test.each([
    ['nothing at all', '', -32700],
    ['no XML', 'method_name=login', -32700],
    ['broken XML', '<methodCall><methodName>get_config', -32700],
    [
      'a DOCTYPE',
      '<!DOCTYPE x [<!ENTITY a "b">]><methodCall><methodName>get_config</methodName></methodCall>',
      -32700,
    ],
    ['an answer', '<methodResponse></methodResponse>', -32600],
    ['a call without a name', '<methodCall><params></params></methodCall>', -32600],
    ['an unknown method', '<methodCall><methodName>get_thread</methodName></methodCall>', -32601],
    [
      'a built-in of other servers',
      '<methodCall><methodName>system.multicall</methodName></methodCall>',
      -32601,
    ],
    ['a parameter too many', encodeCall('get_config', [int(1)]), -32602],
    ['a parameter too few', encodeCall('login', []), -32602],
  ])('answers %s', async (_, body, code) => {
    expect(fault(await post(body))).toBe(code);
  });
  test('answers a parameter of the wrong type', async () => {
    expect(fault(await call('login', [int(1), base64('x')]))).toBe(-32602);
    expect(
      fault(await call('new_conversation', [base64('bob'), base64('S'), base64('x')], alice.cookie)),
    ).toBe(-32602);
  });
});

describe('the address', () => {
  test('names the app by its slug, or by the host name, or means the default app', async () => {
    const bare = `${server.url}/mobiquo/mobiquo.php`;
    const params = [base64('alice'), base64('pw-alice')];
    expect(value(await call('login', params, '', bare)).result).toBe(false);
    await patch('', { hosts: ['forum.test'] });
    for (const host of ['forum.test', 'FORUM.Test', 'forum.test:8787']) {
      const answer = await postTo(host, '/mobiquo/mobiquo.php', encodeCall('login', params));
      expect(answer, host).toMatchObject({ value: { result: true, user_id: alice.id } });
    }
    expect(value(await call('get_config', [], '', bare)).is_open).toBe(true);
  });
  test('may have slashes too many, and is answered where it is: nothing redirects', async () => {
    const params = [base64('alice'), base64('pw-alice')];
    for (const path of [
      `//forum/${app.app.slug}/mobiquo/mobiquo.php`,
      `/forum/${app.app.slug}//mobiquo/mobiquo.php`,
      `/forum//${app.app.slug}/mobiquo//mobiquo.php`,
      `/forum/${app.app.slug}/mobiquo/mobiquo.php/`,
      `/forum/${app.app.slug}/mobiquo/mobiquo.php?slug=demo`,
    ]) {
      expect(value(await call('login', params, '', server.url + path)).result, path).toBe(true);
    }
    for (const path of ['//mobiquo/mobiquo.php', '/mobiquo//mobiquo.php/']) {
      expect(value(await call('get_config', [], '', server.url + path)).is_open, path).toBe(true);
    }
  });
  test('of an app that is not there answers in the same form', async () => {
    const reply = await call('get_config', [], '', `${server.url}/forum/no-such-app/mobiquo/mobiquo.php`);
    expect(value(reply)).toMatchObject({ result: false, result_reason: 0 });
  });
  test('says what it is to whoever opens it in a browser', async () => {
    for (const method of ['GET', 'HEAD']) {
      const page = await fetch(app.tapatalk.url, { method, redirect: 'manual' });
      expect(page.status).toBe(200);
      expect(page.headers.get('content-type')).toBe('text/plain; charset=utf-8');
      expect(page.headers.get('mobiquo_is_login')).toBe('false');
      expect(await page.text()).toContain(method === 'GET' ? 'XML-RPC' : '');
    }
  });
  test('leads nowhere else: files that are not there are not found, and nothing redirects', async () => {
    const folder = app.tapatalk.url.replace('mobiquo.php', '');
    for (const file of ['avatar.php?user_id=1', '', 'Mobiquo.php']) {
      for (const method of ['GET', 'POST']) {
        const answer = await fetch(folder + file, { method, redirect: 'manual' });
        expect(answer.status, `${method} ${file}`).toBe(404);
        expect(answer.headers.get('mobiquo_is_login')).toBe('false');
      }
    }
  });
});

test('a page of another site cannot call, even with the cookie of its visitor', async () => {
  const body = encodeCall('new_conversation', [[base64('bob')], base64('Spam'), base64('Spam')]);
  const from = (origin: string) =>
    post(body, { origin, cookie: alice.cookie, 'content-type': 'application/x-www-form-urlencoded' });
  for (const origin of ['https://evil.example', 'null']) {
    expect(value(await from(origin)), origin).toMatchObject({
      result: false,
      result_text: b64(NOT_SIGNED_IN),
    });
  }
  expect(value(await from(server.url)).result).toBe(true);
  await patch('', { origins: ['https://forum.example'] });
  expect(value(await from('https://forum.example')).result).toBe(true);
});

test('a locked conversation says so, can be read, and takes no message', async () => {
  const conversation = await open();
  await patch(`/conversations/${conversation}`, { locked: true });
  const reply = value(await call('reply_conversation', [string(conversation), base64('x')], bob.cookie));
  expect(reply).toMatchObject({ result: false, result_text: { b64: expect.stringContaining('closed') } });
  const page = value(await call('get_conversation', [string(conversation)], bob.cookie));
  expect(page).toMatchObject({ is_closed: true, can_reply: false, total_message_num: 1 });
  const { list } = value(await call('get_conversations', [], bob.cookie));
  const item = (list as PlainStruct[]).find(({ conv_id }) => conv_id === conversation);
  expect(item).toMatchObject({ is_closed: true });
});

test('an app of 2014 gets the count of replies as text, where its operator asked for that', async () => {
  await open();
  const count = async () => {
    const { list } = value(await call('get_conversations', [], alice.cookie));
    return (list as PlainStruct[])[0]?.reply_count;
  };
  expect(await count()).toBe(0);
  await patch('', { settings: { legacyStrings: true } });
  expect(await count()).toBe('0');
  await patch('', { settings: { legacyStrings: false } });
});

test('a conversation of another door has a title and a name for everybody in it', async () => {
  const { basePath, appId, keyId, secret } = app.sunshine;
  const sunshine = async (path: string, body: object) => {
    const response = await fetch(`${basePath}/v2/apps/${appId}/conversations${path}`, {
      method: 'POST',
      headers: {
        authorization: `Basic ${Buffer.from(`${keyId}:${secret}`).toString('base64')}`,
        'content-type': 'application/json',
      },
      body: JSON.stringify(body),
    });
    expect(response.status).toBe(201);
    return (await response.json()) as { conversation: { id: string } };
  };
  const participants = ['alice', 'bob'].map((userExternalId) => ({ userExternalId }));
  const { conversation } = await sunshine('', { type: 'sdkGroup', participants });
  await sunshine(`/${conversation.id}/messages`, {
    author: { type: 'business' },
    content: { type: 'text', text: 'Hello from [b]us[/b]' },
  });
  const { list } = value(await call('get_conversations', [int(0), int(0)], alice.cookie));
  const item = (list as PlainStruct[])[0] as PlainStruct;
  expect(item).toMatchObject({ conv_title: b64('bob'), participant_count: 2, new_post: true });
  const page = value(
    await call(
      'get_conversation',
      [item.conv_id].map((id) => string(String(id))),
      alice.cookie,
    ),
  );
  const [message] = page.list as PlainStruct[];
  for (const [people, speakers] of [
    [item.participants, [item.start_user_id, item.last_user_id]],
    [page.participants, [message?.msg_author_id]],
  ] as const) {
    expect(Object.keys(people as PlainStruct)).toEqual(expect.arrayContaining([alice.id, bob.id]));
    for (const id of speakers) {
      const person = (people as PlainStruct)[String(id)];
      expect(person).toMatchObject({ username: { b64: expect.stringMatching(/./) } });
    }
  }
});

/** A POST with a host name of its own, which fetch does not allow. */
function postTo(host: string, path: string, body: string): Promise<PlainAnswer> {
  return new Promise((resolve, reject) => {
    const { hostname, port } = new URL(server.url);
    const sending = request({ hostname, port, path, method: 'POST', headers: { host } }, (response) => {
      const chunks: Buffer[] = [];
      response.on('data', (chunk: Buffer) => chunks.push(chunk));
      response.on('end', () => resolve(readAnswer(Buffer.concat(chunks))));
    });
    sending.on('error', reject);
    sending.end(body);
  });
}
