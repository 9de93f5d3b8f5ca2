// How much one person may send, counted over all doors and told in each door's own form; and how often a password may be
// guessed, by account and by address. The measures themselves: test/hub/attempts.test.ts and buckets.test.ts.
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { base64, string } from '../../src/xmlrpc/value.ts';
import type { MadeUser } from '../support/operator.ts';
import type { RealtimeSocket } from '../support/realtime.ts';
import { startTestHub, type TestHub } from '../support/server.ts';
import type { Answer, Json } from './calls/answer.ts';
import { send } from './calls/tapatalk.ts';
import { type World, worldOf } from './realtime-world.ts';

/** So many before a test's app makes its people wait; one comes back every fifteen seconds. */
const POSTS = 4;

let hub: TestHub;
beforeAll(async () => {
  hub = await startTestHub({
    env: { LIMITS: 'on', CLIENT_ADDRESS_HEADER: 'X-Real-IP', SIGN_IN_GUESSES: '3' },
  });
});
afterAll(() => hub?.stop());

/** A call of the forum door by whoever has the cookie. */
const forum = (there: World, cookie: string | null, method: string, ...params: Parameters<typeof send>[3]) =>
  send(there.app.tapatalk.url, cookie, method, params);

async function member(there: World, username: string): Promise<MadeUser & { cookie: string }> {
  const made = await hub.createUser(there.app.app.slug, { username, password: 'right' });
  const { headers } = await forum(there, null, 'login', base64(username), base64('right'));
  return { ...made, cookie: headers['set-cookie']?.split(';')[0] as string };
}

describe('messages', () => {
  let there: World;
  let ann: Awaited<ReturnType<typeof member>>;
  let ben: typeof ann;
  let socket: RealtimeSocket;
  /** The conversation as each door names it. */
  let c: string;
  let restId: string;
  /** Before the first message; ms since 1970. */
  let began: number;
  /** What was let through since there was no more room: one message comes back each fifteen seconds, also to a slow machine. */
  let more = 0;
  const isTaken = (answer: Json): boolean =>
    answer.t === 'ack' || answer.status === 201 || answer.body?.result === true;
  /** The first answer that does not take it. */
  const refused = async <T>(say: () => Promise<T>): Promise<T> => {
    for (;;) {
      const answer = await say();
      if (!isTaken(answer)) return answer;
      more += 1;
      expect(more).toBeLessThanOrEqual(((Date.now() - began) * POSTS) / 60_000);
    }
  };

  const reply = (by: typeof ann) =>
    forum(there, by.cookie, 'reply_conversation', string(c), base64('from the forum'));
  const rest = (author: object) => {
    const { basePath, appId, keyId, secret } = there.app.sunshine;
    return fetch(`${basePath}/v2/apps/${appId}/conversations/${restId}/messages`, {
      method: 'POST',
      headers: { authorization: `Basic ${btoa(`${keyId}:${secret}`)}`, 'content-type': 'application/json' },
      body: JSON.stringify({ author, content: { type: 'text', text: 'from a back end' } }),
    });
  };
  const total = async () =>
    (await forum(there, ben.cookie, 'get_conversation', string(c))).body.total_message_num as number;

  beforeAll(async () => {
    there = await worldOf(hub);
    await there.operate('PATCH', '', { settings: { postsPerMinute: POSTS } });
    [ann, ben] = [await member(there, 'ann'), await member(there, 'ben')];
    const cat = await member(there, 'cat');
    socket = await there.connect(ann);
    // Two people named are two messages.
    const names = [base64('ben'), base64('cat')];
    began = Date.now();
    const opened = await forum(there, ann.cookie, 'new_conversation', names, base64('S'), base64('one'));
    expect(opened.body).toMatchObject({ result: true });
    c = opened.body.conv_id;
    const { basePath, appId, keyId, secret } = there.app.sunshine;
    const listed = await fetch(
      `${basePath}/v2/apps/${appId}/conversations?filter[userId]=${cat.sunshineId}`,
      { headers: { authorization: `Basic ${btoa(`${keyId}:${secret}`)}` } },
    );
    const { conversations } = (await listed.json()) as { conversations: [{ id: string }] };
    restId = conversations[0].id;
  });
  afterAll(() => there?.hangUp());

  test('of one person count over all doors together, and each door says so in its own form', async () => {
    expect(await socket.ask({ t: 'send', c, text: 'from a socket' })).toMatchObject({ t: 'ack' });
    expect((await rest({ type: 'user', userId: ann.sunshineId })).status).toBe(201);

    expect(await refused(() => reply(ann))).toMatchObject({
      status: 200,
      headers: { mobiquo_is_login: 'true' },
      body: {
        result: false,
        result_text: expect.stringMatching(
          /^You are sending too many messages\. Please try again in \d+ seconds?\.$/,
        ),
        result_reason: -1,
      },
    });
    expect(await refused(() => socket.ask({ t: 'send', c, text: 'from a socket' }))).toMatchObject({
      t: 'error',
      code: 'rate_limited',
      retryAfterMs: expect.toSatisfy((ms: number) => ms > 0 && ms <= 60_000 / POSTS),
    });
    const answer = await refused(() => rest({ type: 'user', userId: ann.sunshineId }));
    expect(answer.status).toBe(429);
    expect(answer.headers.get('retry-after')).toMatch(/^[1-9]\d*$/);
    expect(await answer.json()).toEqual({
      errors: [{ code: 'too_many_requests', title: 'Too many requests' }],
    });
    expect(await total()).toBe(3 + more);
  });

  test('cannot be sent as new conversations, invitations or other words for old ones either', async () => {
    const words = [base64('S'), base64('x')];
    const opened = await refused(() =>
      forum(there, ann.cookie, 'new_conversation', [base64('ben')], ...words),
    );
    expect(opened.body).toMatchObject({ result: false, result_text: expect.stringContaining('too many') });
    const invited = await refused(() =>
      forum(there, ann.cookie, 'invite_participant', [base64('ben')], string(c)),
    );
    expect(invited.body).toMatchObject({ result: false, result_text: expect.stringContaining('too many') });
    const id = String(Number(c) * 2 ** 21 + 2);
    expect(await refused(() => socket.ask({ t: 'edit', c, id, text: 'x' }))).toMatchObject({
      code: 'rate_limited',
    });
  });

  test('of others go on, and of the business without end', async () => {
    const before = await total();
    expect((await reply(ben)).body).toMatchObject({ result: true });
    for (let i = 0; i < 2 * POSTS; i++) expect((await rest({ type: 'business' })).status).toBe(201);
    expect(await total()).toBe(before + 1 + 2 * POSTS);
  });

  test('are not limited where the app says so', async () => {
    await there.operate('PATCH', '', { settings: { postsPerMinute: 0 } });
    for (let i = 0; i < 2 * POSTS; i++) expect((await reply(ann)).body).toMatchObject({ result: true });
  });
});

test('nobody who types meets the limit that an app has by default', async () => {
  const there = await worldOf(hub);
  const ann = await member(there, 'ann');
  await member(there, 'ben');
  const names = [base64('ben')];
  const { body } = await forum(there, ann.cookie, 'new_conversation', names, base64('S'), base64('one'));
  for (let i = 0; i < 60; i++) {
    const said = await forum(there, ann.cookie, 'reply_conversation', string(body.conv_id), base64(`${i}`));
    expect(said.body).toMatchObject({ result: true });
  }
});

describe('guesses at a password', () => {
  const guess = (there: World, password: string, headers: Record<string, string>): Promise<Answer> =>
    send(there.app.tapatalk.url, null, 'login', [base64('ann'), base64(password)], headers);
  const REFUSED = {
    status: 200,
    headers: { mobiquo_is_login: 'false' },
    body: {
      result: false,
      result_text: 'Too many attempts to sign in. Please try again in a few seconds.',
      result_reason: -1,
    },
  };
  const WRONG = { body: { result: false, result_text: 'The user name or the password is wrong.' } };
  /** So long after one guess there is another one. */
  const REFILL_MS = 6_000;
  /** Three wrong guesses, and the right password as the fourth: again with somebody else where that took until there is a fourth. */
  const guessTooOften = async (
    of: TestHub,
    headers: (i: number) => Record<string, string>,
  ): Promise<World> => {
    for (;;) {
      const there = await worldOf(of);
      await of.createUser(there.app.app.slug, { username: 'ann', password: 'right' });
      const began = Date.now();
      for (let i = 0; i < 3; i++) expect(await guess(there, 'wrong', headers(i))).toMatchObject(WRONG);
      const fourth = await guess(there, 'right', headers(4));
      if (Date.now() - began >= REFILL_MS) continue;
      expect(fourth).toMatchObject(REFUSED);
      return there;
    }
  };

  test('count for the address that the proxy in front tells, and do not keep the owner out elsewhere', async () => {
    // The client's own word stands before what the proxy appends.
    const from = (address: string, i = 0) => ({ 'x-real-ip': `10.9.9.${i}, ${address}` });
    const there = await guessTooOften(hub, (i) => from('192.0.2.1', i));
    expect(await guess(there, 'right', from('192.0.2.2'))).toMatchObject({ body: { result: true } });
  });

  test('count for the account where nothing tells the address: headers of Cloudflare are anybody’s word here', async () => {
    const plain = await startTestHub({ env: { LIMITS: 'on', SIGN_IN_GUESSES: '3' } });
    try {
      await guessTooOften(plain, (i) => ({
        'cf-connecting-ip': `192.0.2.${i}`,
        'x-forwarded-for': `192.0.2.${i}`,
      }));
    } finally {
      await plain.stop();
    }
  });
});
