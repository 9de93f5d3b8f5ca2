// Apps, their keys and their settings at the Sunshine door (contracts/sunshine.md 3), by the vendor's own client: what an
// account provisions, what an app says of itself, and what its settings do.
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { ACCOUNT_ROUTES } from '../../src/dialects/sunshine/routes.ts';
import { ForumClient, id, text } from '../model/forum.ts';
import { type Operator, operatorOf } from '../support/operator.ts';
import { startTestHub, type TestHub } from '../support/server.ts';
import { basic, type Client, type Credentials, clientOf, masked, refusal } from './sunshine-client.ts';

let server: TestHub;
let operator: Operator;
let account: Client;
let accountKey: { keyId: string; secret: string };

const UNAUTHORIZED = refusal(401, 'unauthorized', 'Authorization is required');
const FORBIDDEN = refusal(403, 'forbidden', 'Forbidden');
const NO_APP = refusal(404, 'app_not_found', 'App not found');
const NO_KEY = refusal(404, 'not_found', 'Resource not found');
const MISSING = '029c31f25a21b47effd7be90';

const admin = (method: string, path: string, body?: object) =>
  fetch(`${server.url}/admin${path}`, {
    method,
    headers: { authorization: `Bearer ${server.adminToken}`, 'content-type': 'application/json' },
    ...(body && { body: JSON.stringify(body) }),
  });

/** Any call over plain HTTP. */
async function send(method: string, path: string, by: { keyId: string; secret: string }, body?: object) {
  const reply = await fetch(`${server.url}${path}`, {
    method,
    headers: { authorization: basic(by) },
    ...(body && { body: JSON.stringify(body) }),
  });
  return { status: reply.status, body: await reply.json() };
}

beforeAll(async () => {
  server = await startTestHub({ env: { LIMITS: 'on' } });
  operator = operatorOf(server.url, server.adminToken);
  const made = await admin('POST', '/keys', { name: 'Our account' });
  accountKey = ((await made.json()) as { sunshine: Credentials }).sunshine;
  account = clientOf({ basePath: server.url, appId: '', ...accountKey });
});
afterAll(() => server?.stop());

describe('an account', () => {
  test('makes, lists, changes and deletes apps', async () => {
    const made = await account.call('createApp', { displayName: 'A shop', metadata: { tier: 'gold' } });
    expect(masked(made.body)).toEqual({
      app: {
        id: 'id',
        displayName: 'A shop',
        settings: {
          conversationRetentionSeconds: 0,
          maskCreditCardNumbers: false,
          useAnimalNames: false,
          echoPostback: false,
          ignoreAutoConversationStart: false,
          multiConvoEnabled: true,
          appLocalizationEnabled: false,
        },
        metadata: { tier: 'gold' },
      },
    });
    const { id } = made.body.app;
    const { body } = await account.call('listApps', {});
    expect(body.apps[0]).toEqual(made.body.app);
    const changed = await account.call('updateApp', id, {
      displayName: 'A larger shop',
      settings: { maskCreditCardNumbers: true },
      metadata: { tier: 'platinum' },
    });
    expect(changed.body.app).toMatchObject({
      displayName: 'A larger shop',
      settings: { maskCreditCardNumbers: true, multiConvoEnabled: true },
      metadata: { tier: 'platinum' },
    });
    expect((await account.call('getApp', id)).body).toEqual(changed.body);
    expect(await account.call('deleteApp', id)).toMatchObject({ status: 'ok' });
    expect(await account.call('getApp', id)).toEqual(NO_APP);
  });

  test('lists apps in pages, the newest first', async () => {
    const names = ['one', 'two', 'three'];
    for (const displayName of names) await account.call('createApp', { displayName });
    const seen: string[] = [];
    let next = '/v2/apps?page[size]=2';
    for (let pages = 0; next && pages < 20; pages++) {
      const { body } = await send('GET', next, accountKey);
      const page = body as {
        apps: { displayName: string }[];
        meta: { hasMore: boolean };
        links: { next?: string };
      };
      expect(page.apps.length).toBeLessThanOrEqual(2);
      seen.push(...page.apps.map(({ displayName }) => displayName));
      next = page.meta.hasMore ? (page.links.next as string).slice(server.url.length) : '';
    }
    expect(seen.slice(0, 3)).toEqual(['three', 'two', 'one']);
    expect(new Set(seen).size).toBeGreaterThanOrEqual(3);
  });

  test('makes keys that work, shows each secret once, and ends them', async () => {
    const app = (await operator.createApp()).sunshine;
    const made = await account.call('createAppKey', app.appId, { displayName: 'Website' });
    const { id, displayName, secret } = made.body.key;
    expect(id).toMatch(/^app_[0-9a-f]{24}$/);
    expect(displayName).toBe('Website');
    const shown = { id, displayName };
    expect((await account.call('getAppKey', app.appId, id)).body).toEqual({ key: shown });
    const listed = (await account.call('listAppKeys', app.appId)).body.keys;
    expect(listed.map((key: { id: string }) => key.id)).toEqual([app.keyId, id]);
    expect(JSON.stringify(listed)).not.toContain('secret');
    const website = clientOf({ ...app, keyId: id, secret });
    expect(await website.call('createUser', app.appId, { externalId: 'a' })).toMatchObject({ status: 'ok' });
    expect(await account.call('deleteAppKey', app.appId, id)).toMatchObject({ status: 'ok' });
    expect(await website.call('getUser', app.appId, 'a')).toEqual(UNAUTHORIZED);
    expect(await account.call('deleteAppKey', app.appId, id)).toEqual(NO_KEY);
  });

  test('finds no key in another app than its own', async () => {
    const [ours, theirs] = [await operator.createApp(), await operator.createApp()];
    for (const keyId of [theirs.sunshine.keyId, accountKey.keyId, `app_${MISSING}`, MISSING, 'x']) {
      expect(await account.call('getAppKey', ours.sunshine.appId, keyId)).toEqual(NO_KEY);
      expect(await account.call('deleteAppKey', ours.sunshine.appId, keyId)).toEqual(NO_KEY);
    }
    expect(await clientOf(theirs.sunshine).call('getUser', theirs.sunshine.appId, 'x')).toMatchObject({
      status: 404,
    });
  });

  test('may make ten keys of an app', async () => {
    const { appId } = (await operator.createApp()).sunshine;
    for (let i = 1; i < 10; i++) {
      const made = await account.call('createAppKey', appId, { displayName: `Key ${i}` });
      expect(made.status).toBe('ok');
    }
    expect(await account.call('createAppKey', appId, { displayName: 'One more' })).toMatchObject({
      status: 400,
    });
  });

  test('reaches every app', async () => {
    const { appId } = (await operator.createApp()).sunshine;
    expect(await account.call('createUser', appId, { externalId: 'anybody' })).toMatchObject({
      status: 'ok',
    });
  });

  test('ends with its key', async () => {
    const made = (await (await admin('POST', '/keys', { name: 'For a while' })).json()) as {
      key: { id: string };
      sunshine: Credentials;
    };
    expect(await send('GET', '/v2/apps', made.sunshine)).toMatchObject({ status: 200 });
    expect((await admin('DELETE', `/keys/${made.key.id}`)).status).toBe(200);
    expect(await send('GET', '/v2/apps', made.sunshine)).toEqual(UNAUTHORIZED);
    const { keys } = (await (await admin('GET', '/keys')).json()) as { keys: { name: string }[] };
    expect(keys.map(({ name }) => name)).not.toContain('For a while');
  });
});

describe('an app', () => {
  test('gets and changes its own record, and provisions nothing', async () => {
    const app = (await operator.createApp()).sunshine;
    const other = (await operator.createApp()).sunshine;
    const own = clientOf(app);
    expect((await own.call('getApp', app.appId)).body.app.id).toBe(app.appId);
    expect(await own.call('updateApp', app.appId, { displayName: 'Ours' })).toMatchObject({ status: 'ok' });
    expect(await own.call('getApp', other.appId)).toEqual(NO_APP);
    expect(await own.call('updateApp', other.appId, { displayName: 'Ours too' })).toEqual(NO_APP);
    for (const { method, path } of ACCOUNT_ROUTES.filter(({ operation }) => operation !== 'tokenInfo')) {
      const target = path.replace(':appId', app.appId).replace(':keyId', app.keyId);
      expect([path, await send(method, target, app, method === 'POST' ? {} : undefined)]).toEqual([
        path,
        FORBIDDEN,
      ]);
    }
    expect((await account.call('listAppKeys', app.appId)).body.keys).toHaveLength(1);
  });

  test('is what its credentials tell', async () => {
    const { app, sunshine } = await operator.createApp();
    expect(await send('GET', '/v2/tokenInfo', sunshine)).toMatchObject({
      status: 200,
      body: { app: { id: sunshine.appId, subdomain: app.slug } },
    });
    expect(await send('GET', '/v2/tokenInfo', accountKey)).toEqual(NO_APP);
    expect(await send('GET', '/v2/tokenInfo', { ...sunshine, secret: 'wrong' })).toEqual(UNAUTHORIZED);
  });

  test('keeps every setting that is changed, also when several are changed at once', async () => {
    const { appId, ...key } = (await operator.createApp()).sunshine;
    const own = clientOf({ ...key, appId });
    for (const round of [1, 2, 3, 4]) {
      const changes = [
        { displayName: `Round ${round}` },
        { metadata: { round } },
        { settings: { maskCreditCardNumbers: round % 2 === 1 } },
        { settings: { conversationRetentionSeconds: 86_400 + round } },
      ];
      const done = await Promise.all(changes.map((change) => own.call('updateApp', appId, change)));
      expect(done.map(({ status }) => status)).toEqual(changes.map(() => 'ok'));
      expect((await own.call('getApp', appId)).body.app).toMatchObject({
        displayName: `Round ${round}`,
        metadata: { round },
        settings: {
          maskCreditCardNumbers: round % 2 === 1,
          conversationRetentionSeconds: 86_400 + round,
        },
      });
    }
  });

  test('refuses settings that it cannot keep, and changes nothing with them', async () => {
    const { appId, ...key } = (await operator.createApp()).sunshine;
    const own = clientOf({ ...key, appId });
    const before = (await own.call('getApp', appId)).body;
    for (const settings of [
      { useAnimalNames: true },
      { echoPostback: true },
      { endSessionEnabled: true },
      { disableConversationReopen: true },
      { multiConvoEnabled: false },
      { conversationRetentionSeconds: -1 },
      { conversationRetentionSeconds: 1.5 },
      { maskCreditCardNumbers: 'yes' },
    ]) {
      const answer = await own.call('updateApp', appId, { displayName: 'Changed', settings });
      expect([settings, answer]).toMatchObject([settings, { status: 400 }]);
    }
    expect((await own.call('getApp', appId)).body).toEqual(before);
    expect(await own.call('updateApp', appId, { settings: { useAnimalNames: false } })).toMatchObject({
      status: 'ok',
    });
  });

  test('masks the numbers of cards, through every door, before they are stored', async () => {
    const { app, sunshine, tapatalk } = await operator.createApp();
    const own = clientOf(sunshine);
    await own.call('updateApp', sunshine.appId, { settings: { maskCreditCardNumbers: true } });
    const [ann, ben] = await Promise.all(
      ['ann', 'ben'].map((username) => operator.createUser(app.slug, { username, password: 'secret words' })),
    );
    const made = await own.call('createConversation', sunshine.appId, {
      type: 'sdkGroup',
      participants: [ann, ben].map((user) => ({ userId: user?.sunshineId })),
    });
    const conversation = made.body.conversation.id;
    const posted = await own.call('postMessage', sunshine.appId, conversation, {
      author: { type: 'user', userId: ann?.sunshineId },
      content: { type: 'text', text: 'It is 4111 1111 1111 1111', payload: '5500005555555559' },
    });
    expect(posted.body.messages[0].content).toEqual({
      type: 'text',
      text: 'It is **** **** **** 1111',
      payload: '************5559',
    });
    const forum = new ForumClient(tapatalk.url);
    await forum.login('ben', 'secret words');
    const number = Number.parseInt(conversation.slice(8, 16), 16);
    expect(
      await forum.call('reply_conversation', id(String(number)), text('Mine is 378282246310005.')),
    ).toMatchObject({ result: true });
    const { body } = await own.call('listMessages', sunshine.appId, conversation);
    expect(body.messages.map((each: { content: { text: string } }) => each.content.text)).toEqual([
      'It is **** **** **** 1111',
      'Mine is ***********0005.',
    ]);
  });

  test('that allows one conversation per person gets one, however many are asked for at once', async () => {
    const { app, sunshine } = await operator.createApp();
    await admin('PATCH', `/apps/${app.slug}`, { settings: { multiConvo: false } });
    const own = clientOf(sunshine);
    expect((await own.call('getApp', sunshine.appId)).body.app.settings.multiConvoEnabled).toBe(false);
    const { body } = await own.call('createUser', sunshine.appId, { externalId: 'once' });
    const personal = { type: 'personal', participants: [{ userId: body.user.id }] };
    const made = await Promise.all(
      Array.from({ length: 5 }, () => own.call('createConversation', sunshine.appId, personal)),
    );
    expect(made.map(({ status }) => status).sort()).toEqual([409, 409, 409, 409, 'ok']);
    const listed = await own.call('listConversations', sunshine.appId, { userId: body.user.id });
    expect(listed.body.conversations).toHaveLength(1);
    await own.call('updateApp', sunshine.appId, { settings: { multiConvoEnabled: true } });
    expect(await own.call('createConversation', sunshine.appId, personal)).toMatchObject({ status: 'ok' });
  });
});
