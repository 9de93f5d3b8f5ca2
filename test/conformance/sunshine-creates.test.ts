// What creates at the Sunshine door promise beside the vendor's document: made once under one Idempotency-Key, and custom
// data up to its limit, in every operation that takes some.
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { MadeUser } from '../support/operator.ts';
import { startTestHub, type TestHub } from '../support/server.ts';
import { basic, type Credentials, refusal } from './sunshine-client.ts';
import { type SunshineWorld, sunshineWorldOf } from './sunshine-world.ts';

let hub: TestHub;
let world: SunshineWorld;
let ann: MadeUser;
let group: string;
/** An integration of the app. */
let bot: string;
const webhook = { target: 'https://example.org/hook', triggers: ['conversation:message'] };
const OTHER = { code: 'conflict', title: 'This Idempotency-Key was used for something else.' };

beforeAll(async () => {
  hub = await startTestHub();
  world = await sunshineWorldOf(hub);
  ann = await world.person('ann');
  group = await world.open('sdkGroup', [ann]);
  const made = { type: 'custom', webhooks: [webhook] };
  bot = (await world.make('POST', '/integrations', made)).integration.id;
});
afterAll(async () => {
  await world?.hangUp();
  await hub?.stop();
});

/** A create, another body for it, and what of the answer is the thing that was made. */
const CREATES: Record<string, { path: () => string; body: () => object; other: object; made: string }> = {
  createConversation: {
    path: () => '/conversations',
    body: () => ({ type: 'sdkGroup', participants: [{ userId: ann.sunshineId }], metadata: { a: 1, b: 2 } }),
    other: { displayName: 'another' },
    made: 'conversation',
  },
  'createConversation of the first personal one': {
    path: () => '/conversations',
    body: () => ({ type: 'personal', participants: [{ userId: ann.sunshineId }] }),
    other: { displayName: 'another' },
    made: 'conversation',
  },
  createUser: {
    path: () => '/users',
    body: () => ({ externalId: 'once', profile: { givenName: 'Once' } }),
    other: { externalId: 'twice' },
    made: 'user',
  },
  postMessage: {
    path: () => `/conversations/${group}/messages`,
    body: () => ({
      author: { type: 'business' },
      content: { type: 'text', text: 'once' },
      metadata: { a: 1 },
    }),
    other: { content: { type: 'text', text: 'twice' } },
    made: 'messages',
  },
  createIntegration: {
    path: () => '/integrations',
    body: () => ({ type: 'custom', webhooks: [webhook], displayName: 'Once' }),
    other: { displayName: 'Twice' },
    made: 'integration',
  },
  createWebhook: {
    path: () => `/integrations/${bot}/webhooks`,
    body: () => webhook,
    other: { triggers: ['conversation:read'] },
    made: 'webhook',
  },
  createCustomIntegrationKey: {
    path: () => `/integrations/${bot}/keys`,
    body: () => ({ displayName: 'Once' }),
    other: { displayName: 'Twice' },
    made: 'key',
  },
};

describe.each(Object.entries(CREATES))(
  '%s under one Idempotency-Key',
  (name, { path, body, other, made }) => {
    const send = (key: string, more: object = {}) =>
      world.call('POST', path(), { ...body(), ...more }, { headers: { 'idempotency-key': key } });

    test('is done once, however often and at whatever time it is asked for', async () => {
      const answers = await Promise.all(Array.from({ length: 8 }, () => send(name)));
      answers.push(await send(name, { nothing: null }));
      for (const { status, body: answer } of answers) {
        expect(status).toBe(201);
        expect(answer[made]).toEqual(answers[0]?.body[made]);
      }
    });

    test('is refused with another body, and another key is another one', async () => {
      expect(await send(name, other)).toMatchObject({ status: 409, body: { errors: [OTHER] } });
      expect(await send('x'.repeat(201))).toMatchObject(
        refusal(400, 'bad_request', 'Idempotency-Key should NOT be longer than 200 characters'),
      );
      const again = await send(`${name} again`);
      expect(again.status).toBe(name === 'createUser' ? 409 : 201);
      if (again.status === 201) expect(again.body[made]).not.toEqual((await send(name)).body[made]);
    });
  },
);

test('a switchboard, what it links, an app and its key are made once under one Idempotency-Key', async () => {
  const made = await fetch(`${hub.url}/admin/keys`, {
    method: 'POST',
    headers: { authorization: `Bearer ${hub.adminToken}` },
    body: JSON.stringify({ name: 'An account' }),
  });
  const account = basic(((await made.json()) as { sunshine: Credentials }).sunshine);
  const once = async (path: string, body?: object, by: string = basic(world.app.sunshine)) => {
    const ask = async () => {
      const headers = { authorization: by, 'content-type': 'application/json', 'idempotency-key': 'once' };
      const reply = await fetch(`${hub.url}/v2${path}`, {
        method: 'POST',
        headers,
        body: body && JSON.stringify(body),
      });
      return { status: reply.status, body: await reply.json() };
    };
    const [first, second] = await Promise.all([ask(), ask()]);
    expect([path, first?.status, second]).toEqual([path, 201, first]);
    // biome-ignore lint/suspicious/noExplicitAny: tests pick what they know to be there.
    return first?.body as any;
  };
  const app = `/apps/${world.app.sunshine.appId}`;
  const { switchboard } = await once(`${app}/switchboards`);
  const line = { name: 'bot', integrationId: bot };
  await once(`${app}/switchboards/${switchboard.id}/switchboardIntegrations`, line);
  await once(`${app}/keys`, { displayName: 'Website' }, account);
  await once('/apps', { displayName: 'A shop' }, account);
});

test('nobody is answered what was made for another integration under the same key', async () => {
  const keys = [];
  for (const displayName of ['one', 'two']) {
    const made = { type: 'custom', webhooks: [webhook], displayName };
    const { integration } = await world.make('POST', '/integrations', made);
    const { key } = await world.make('POST', `/integrations/${integration.id}/keys`, { displayName });
    keys.push(basic({ keyId: key.id, secret: key.secret }));
  }
  const made = await Promise.all(
    keys.map(async (authorization) => {
      const headers = { authorization, 'idempotency-key': 'mine' };
      return (await world.make('POST', '/integrations/me/webhooks', webhook, { headers })).webhook;
    }),
  );
  expect(made[0].secret).not.toBe(made[1].secret);
  expect(made[0].id).not.toBe(made[1].id);
});

test('a personal conversation that is asked for again is found also where the app allows one alone', async () => {
  const ben = await world.person('ben');
  await world.operate('PATCH', '', { settings: { multiConvo: false } });
  const body = { type: 'personal', participants: [{ userId: ben.sunshineId }] };
  const ask = (key: string) =>
    world.call('POST', '/conversations', body, { headers: { 'idempotency-key': key } });
  const [first, second] = [await ask('b'), await ask('b')];
  expect([first.status, second.status]).toEqual([201, 201]);
  expect(second.body).toEqual(first.body);
  await world.operate('PATCH', '', { settings: { multiConvo: true } });
});

/** Custom data whose JSON has so many bytes, most of them in letters of two. */
const metadata = (bytes: number) => {
  const rest = bytes - JSON.stringify({ k: '' }).length;
  return { k: `${'ü'.repeat(Math.floor(rest / 2))}${rest % 2 ? 'x' : ''}` };
};

let people = 0;
const TAKERS: Record<string, (data: object) => Promise<{ status: number | 'ok' }>> = {
  Conversation: (data) => world.call('POST', '/conversations', { type: 'sdkGroup', metadata: data }),
  'Conversation of an update': (data) => world.call('PATCH', `/conversations/${group}`, { metadata: data }),
  Message: (data) =>
    world.call('POST', `/conversations/${group}/messages`, {
      author: { type: 'business' },
      content: { type: 'text', text: 'x' },
      metadata: data,
    }),
  'Message of an edit': async (data) =>
    world.call('PATCH', `/conversations/${group}/messages/${await world.say(group, 'x')}`, {
      metadata: data,
    }),
  User: (data) => world.call('POST', '/users', { externalId: `data-${++people}`, metadata: data }),
  'User of an update': async (data) => {
    const { user } = await world.make('POST', '/users', { externalId: `data-${++people}` });
    return world.call('PATCH', `/users/${user.id}`, { metadata: data });
  },
  'App of an update': (data) => world.call('PATCH', '', { metadata: data }),
};
test.each(Object.entries(TAKERS))(
  'custom data of 4,096 bytes passes, of 4,097 not: %s',
  async (name, send) => {
    for (const bytes of [4_096, 4_095]) {
      const data = metadata(bytes);
      expect(Buffer.byteLength(JSON.stringify(data))).toBe(bytes);
      expect([bytes, (await send(data)).status]).toEqual([
        bytes,
        expect.toSatisfy((status) => status === 200 || status === 201),
      ]);
    }
    const title = `${name.split(' ')[0]} metadata is limited to 4096 bytes in size.`;
    expect(await send(metadata(4_097))).toMatchObject(refusal(400, 'bad_request', title));
  },
);
