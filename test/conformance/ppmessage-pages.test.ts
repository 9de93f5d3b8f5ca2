// PPMessage beside other doors, page by page, with service groups, and for programs of others (contracts/ppmessage.md 3, 6, 8).
import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { AppCredentials } from '../../src/standalone/demo.ts';
import type { MadeUser } from '../support/operator.ts';
import { startTestHub, type TestHub } from '../support/server.ts';
import type { Person } from '../support/two-apps.ts';
import type { Json } from './calls/answer.ts';
import { id, send, signIn as signInForum, text } from './calls/tapatalk.ts';
import { askToken, Client, personToken, sha1, textMessage, type Visitor, visit } from './ppmessage-client.ts';

let hub: TestHub;
let made: AppCredentials;
let agent: MadeUser;
let kefu: Client;

const newApp = async (settings: object = {}): Promise<AppCredentials> => {
  const app = await hub.createApp();
  await patch(app, { settings });
  return app;
};
const patch = async (app: AppCredentials, body: object) => {
  const response = await fetch(`${hub.url}/admin/apps/${app.app.slug}`, {
    method: 'PATCH',
    headers: { authorization: `Bearer ${hub.adminToken}`, 'content-type': 'application/json' },
    body: JSON.stringify(body),
  });
  expect(response.status).toBe(200);
};

beforeAll(async () => {
  hub = await startTestHub();
  made = await newApp();
  agent = await hub.createUser(made.app.slug, {
    username: 'jin',
    password: 'jin pass',
    displayName: 'Jin He',
    role: 'agent',
  });
  kefu = new Client(made, await personToken(made, 'jin', 'jin pass'));
});
afterAll(() => hub?.stop());

const first = async (visitor: Visitor): Promise<string> => {
  const opened = { user_uuid: visitor.uuid, device_uuid: visitor.device };
  return (await visitor.client.call('PPCOM_GET_DEFAULT_CONVERSATION', opened)).uuid;
};

describe('the other doors', () => {
  test("a forum member and a REST client take part in a visitor's conversation", async () => {
    const { sunshine } = made;
    const email = 'forum.member@example.org';
    const member = { username: 'forum-member', password: 'forum pass', email, displayName: 'Forum member' };
    const person = await hub.createUser(made.app.slug, member);
    const visitor = await visit(made);
    const c = await first(visitor);
    await visitor.client.call('PP_SEND_MESSAGE', textMessage(visitor.uuid, c, 'from the widget'));
    await kefu.call('PP_UPDATE_CONVERSATION_MEMBER', {
      conversation_uuid: c,
      action: 'ADD',
      member_list: [person.uuid],
    });
    const cookie = await signInForum({ made }, { ...member, ...person } as Person);
    const { body: boxes } = await send(made.tapatalk.url, cookie, 'get_conversations', []);
    const [talk] = boxes.list;
    const reply = [id(talk.conv_id), text('from the forum'), text('')];
    await send(made.tapatalk.url, cookie, 'reply_conversation', reply);
    const by = `Basic ${Buffer.from(`${sunshine.keyId}:${sunshine.secret}`).toString('base64')}`;
    const base = `${sunshine.basePath}/v2/apps/${sunshine.appId}/conversations`;
    const found = (await (
      await fetch(`${base}?filter[userExternalId]=forum-member`, { headers: { authorization: by } })
    ).json()) as Json;
    const posted = await fetch(`${base}/${found.conversations[0].id}/messages`, {
      method: 'POST',
      headers: { authorization: by },
      body: JSON.stringify({
        author: { type: 'business' },
        content: { type: 'text', text: 'from the back end' },
      }),
    });
    expect(posted.status).toBe(201);
    const { list } = await visitor.client.call('PP_PAGE_HISTORY_MESSAGE', { conversation_uuid: c });
    expect(list.map((row: Json) => [row.body, row.from_user.user_fullname])).toEqual([
      ['from the back end', `App ${made.app.slug}`],
      ['from the forum', 'Forum member'],
      ['from the widget', 'Unknown Area.User'],
    ]);
  });

  test('who speaks from elsewhere is shown to those whom they spoke to, and is nobody to open a conversation with', async () => {
    const visitor = await visit(made);
    const c = await first(visitor);
    await visitor.client.call('PP_SEND_MESSAGE', textMessage(visitor.uuid, c, 'Anybody?'));
    const { sunshine } = made;
    const by = `Basic ${Buffer.from(`${sunshine.keyId}:${sunshine.secret}`).toString('base64')}`;
    const base = `${sunshine.basePath}/v2/apps/${sunshine.appId}/conversations`;
    const listed = (await (await fetch(base, { headers: { authorization: by } })).json()) as Json;
    const [talk] = listed.conversations;
    const said = await fetch(`${base}/${talk.id}/messages`, {
      method: 'POST',
      headers: { authorization: by },
      body: JSON.stringify({ author: { type: 'business' }, content: { type: 'text', text: 'We are' } }),
    });
    expect(said.status).toBe(201);
    const hooked = await fetch(`${hub.url}/admin/apps/${made.app.slug}/hooks`, {
      method: 'POST',
      headers: { authorization: `Bearer ${hub.adminToken}`, 'content-type': 'application/json' },
      body: JSON.stringify({ shape: 'slack', conversation: Number.parseInt(talk.id.slice(8, 16), 16) }),
    });
    const hook = ((await hooked.json()) as Json).url;
    const told = await fetch(hook, { method: 'POST', body: '{"text": "I am", "username": "Rosa"}' });
    expect(told.status).toBe(200);
    const { list } = await visitor.client.call('PP_PAGE_HISTORY_MESSAGE', { conversation_uuid: c });
    const [rosa, shop] = list.map((row: Json) => row.from_uuid);
    const named = async (client: Client, uuid: string) => {
      const answer = await client.ask('GET_YVOBJECT_DETAIL', { uuid, type: 'DU' });
      return answer.error_code === 0 ? answer.fullname : answer.error_code;
    };
    // As far as the archive has them: it may be a moment behind.
    await expect.poll(() => named(visitor.client, rosa), { timeout: 20_000 }).toBe('Rosa [Slack]');
    const stranger = await visit(made);
    await first(stranger);
    for (const [client, ...names] of [
      [visitor.client, 'Rosa [Slack]', `App ${made.app.slug}`],
      [stranger.client, 18, `App ${made.app.slug}`],
      [kefu, 'Rosa [Slack]', `App ${made.app.slug}`],
    ] as const)
      expect([await named(client, rosa), await named(client, shop)]).toEqual(names);
    for (const voice of [rosa, shop]) {
      const opened = { user_uuid: agent.uuid, conversation_type: 'S2S', member_list: [voice] };
      expect((await kefu.ask('PP_CREATE_CONVERSATION', opened)).error_code).toBe(7);
      const added = { conversation_uuid: c, action: 'ADD', member_list: [voice] };
      expect((await kefu.ask('PP_UPDATE_CONVERSATION_MEMBER', added)).error_code).toBe(7);
    }
  });
});

describe('pages', () => {
  test('lose no row at their edges, by offset and from an anchor either way', async () => {
    const visitor = await visit(made);
    const c = await first(visitor);
    const all: string[] = [];
    for (let i = 0; i < 11; i++) {
      const message = textMessage(visitor.uuid, c, `message ${i}`);
      await visitor.client.call('PP_SEND_MESSAGE', message);
      all.unshift(message.uuid);
    }
    const page = async (more: Json): Promise<string[]> =>
      (
        await visitor.client.call('PP_PAGE_HISTORY_MESSAGE', { conversation_uuid: c, page_size: 4, ...more })
      ).list.map(({ uuid }: Json) => uuid);
    const byOffset = [0, 1, 2, 3].map((page_offset) => page({ page_offset }));
    expect((await Promise.all(byOffset)).flat()).toEqual(all);
    const older = await page({});
    while (older.length < all.length) older.push(...(await page({ max_uuid: older.at(-1) })));
    expect(older).toEqual(all);
    const newer = [all.at(-1) as string];
    while (newer.length < all.length) newer.push(...(await page({ min_uuid: newer.at(-1) })));
    expect(newer).toEqual(all.toReversed());
    expect(await page({ max_uuid: randomUUID() })).toEqual([]);
    const history = (more: Json) =>
      visitor.client.call('PP_GET_HISTORY_MESSAGE', { conversation_uuid: c, ...more });
    const since = await history({ page_offset: '0', since_id: all[7], max_id: all[2] });
    expect(since.list.map(({ uuid }: Json) => uuid)).toEqual(all.slice(2, 7));
    expect([since.total_count, since.max_id]).toEqual([11, all[0]]);
    expect((await history({ page_offset: -1 })).count).toBe(11);
  });

  test('of conversations too', async () => {
    const app = await newApp();
    const own = await hub.createUser(app.app.slug, { username: 'own', password: 'own pass', role: 'agent' });
    const client = new Client(app, await personToken(app, 'own', 'own pass'));
    const all: string[] = [];
    for (let i = 0; i < 7; i++) {
      const visitor = await visit(app);
      const opened = { user_uuid: visitor.uuid, device_uuid: visitor.device };
      const { uuid } = await visitor.client.call('PPCOM_GET_DEFAULT_CONVERSATION', opened);
      await visitor.client.call('PP_SEND_MESSAGE', textMessage(visitor.uuid, uuid, 'hi'));
      all.unshift(uuid);
    }
    const page = async (more: Json): Promise<string[]> =>
      (
        await client.call('PP_PAGE_USER_CONVERSATION', { user_uuid: own.uuid, page_size: 3, ...more })
      ).list.map(({ uuid }: Json) => uuid);
    expect((await Promise.all([0, 1, 2].map((page_offset) => page({ page_offset })))).flat()).toEqual(all);
    expect(await page({ max_uuid: all[2] })).toEqual(all.slice(3, 6));
    expect(await page({ min_uuid: all[4] })).toEqual(all.slice(1, 4));
  });
});

describe('devices and people', () => {
  test('a device of a visitor is online from when its client says so until it says otherwise', async () => {
    const back = await Client.ofKey(made, 'PPKEFU');
    const { client, uuid, device } = await visit(made);
    const isOnline = async () =>
      (await back.call('PP_VALIDATE_ONLINE_DEVICE', { user_uuid: uuid, device_uuid: device })).valid;
    expect(await isOnline()).toBe(false);
    await client.call('PP_UPDATE_DEVICE', { device_uuid: device, device_is_online: true });
    expect(await isOnline()).toBe(true);
    await client.call('PP_UPDATE_DEVICE', { device_uuid: device, device_is_online: false });
    expect(await isOnline()).toBe(false);
  });

  test('whoever has somebody as of a time is told what changed since', async () => {
    const about = { uuid: agent.uuid, type: 'DU' };
    const { timestamp, updated } = await kefu.call('GET_YVOBJECT_DETAIL', about);
    expect(updated).toBe(true);
    const again = { error_code: 0, error_string: 'success.', uri: '/GET_YVOBJECT_DETAIL', updated: false };
    expect(await kefu.call('GET_YVOBJECT_DETAIL', { ...about, timestamp })).toEqual(again);
    const before = { ...about, timestamp: String(timestamp - 1) };
    expect((await kefu.call('GET_YVOBJECT_DETAIL', before)).updated).toBe(true);
  });
});

describe('service groups', () => {
  test('a visitor who asks for one waits until somebody of it is ready, and is given to them', async () => {
    const app = await newApp({ routePolicy: 'GROUP' });
    const own = await hub.createUser(app.app.slug, { username: 'own', password: 'own pass', role: 'agent' });
    const back = await Client.ofKey(app, 'PPKEFU');
    const group = await back.call('PP_CREATE_ORG_GROUP', { group_name: 'Sales', group_desc: 'Who sell' });
    const visitor = await visit(app);
    const asking = { user_uuid: visitor.uuid, device_uuid: visitor.device, group_uuid: group.uuid };
    expect((await visitor.client.ask('PPCOM_CREATE_CONVERSATION', asking)).error_code).toBe(13);
    await back.call('PP_ADD_ORG_GROUP_USER', { group_uuid: group.uuid, user_list: [own.uuid] });
    const waiting = await visitor.client.call('PPCOM_CREATE_CONVERSATION', asking);
    expect(Object.keys(waiting).sort()).toEqual(['error_code', 'error_string', 'uri']);
    const queue = () => visitor.client.call('PP_GET_AMD_QUEUE_LENGTH', { user_uuid: visitor.uuid });
    expect(await queue()).toMatchObject({
      length: 1,
      position: 1,
      result: 'WAITING',
      conversation_uuid: null,
    });
    const agent = new Client(app, await personToken(app, 'own', 'own pass'));
    await agent.call('PPKEFU_LOGIN', {
      app_uuid: undefined,
      user_email: 'own',
      terminal: 't',
      ostype: 'MAC',
    });
    await expect.poll(queue).toMatchObject({ result: 'SUCCESS' });
    const { conversation_uuid } = await queue();
    const row = await visitor.client.call('PP_GET_CONVERSATION_INFO', {
      conversation_uuid,
      user_uuid: visitor.uuid,
    });
    expect([row.assigned_uuid, row.group_uuid]).toEqual([own.uuid, group.uuid]);
    expect((await visitor.client.call('PP_GET_ORG_GROUP_CONVERSATION', asking)).conversation_uuid).toBe(
      conversation_uuid,
    );
  });
});

describe('another program', () => {
  test('is let in on a page by somebody who signs in, once, at an address of the app', async () => {
    await patch(made, { origins: ['https://program.example.org'] });
    const { apiKey, apiSecret } = made.ppmessage.ppkefu;
    const asked = { client_id: apiKey, redirect_uri: 'https://program.example.org/back', state: 'a state' };
    const page = (more: object) =>
      fetch(`${hub.url}/ppauth/auth?${new URLSearchParams({ response_type: 'code', ...asked, ...more })}`);
    expect((await page({})).status).toBe(200);
    expect((await page({ redirect_uri: 'https://elsewhere.example.org/' })).status).toBe(400);
    const signIn = (user_password: string) =>
      fetch(`${hub.url}/ppauth/auth`, {
        method: 'POST',
        redirect: 'manual',
        body: new URLSearchParams({ ...asked, user_email: 'jin', user_password }),
      });
    expect((await signIn('wrong')).status).toBe(401);
    const back = new URL((await signIn('jin pass')).headers.get('location') as string);
    expect([back.origin, back.searchParams.get('state')]).toEqual(['https://program.example.org', 'a state']);
    const form = {
      grant_type: 'authorization_code',
      client_id: apiKey,
      client_secret: apiSecret,
      redirect_uri: asked.redirect_uri,
      code: back.searchParams.get('code') as string,
    };
    // Asked for at the same time, it is good once too.
    const answers = await Promise.all([1, 2, 3].map(() => askToken(made.ppmessage.baseUrl, form)));
    expect(answers.map(({ status }) => status).sort()).toEqual([200, 400, 400]);
    const granted = answers.find(({ status }) => status === 200) as (typeof answers)[number];
    expect(granted.body).toMatchObject({ token_type: 'Bearer', exipired_in: 86_400 });
    const program = new Client(made, granted.body.access_token);
    expect((await program.call('PP_GET_USER_INFO', { user_uuid: agent.uuid })).user_fullname).toBe('Jin He');
    expect((await askToken(made.ppmessage.baseUrl, form)).status).toBe(400);
  });
});

describe('keys', () => {
  test("that are made anew take their tokens with them, the third party's too", async () => {
    const app = await newApp();
    const owner = await hub.createUser(app.app.slug, { username: 'owner', role: 'owner' });
    const back = await Client.ofKey(app, 'PPKEFU');
    const { ppkefu, ppcom } = await back.call('PP_GET_API_INFO', { user_uuid: owner.uuid });
    const tokenFor = async ({ api_key, api_secret }: Json) =>
      (
        await askToken(app.ppmessage.baseUrl, {
          client_id: api_key,
          client_secret: api_secret,
          grant_type: 'client_credentials',
        })
      ).body;
    const third = new Client(app, (await tokenFor(ppkefu)).access_token);
    const widget = new Client(app, (await tokenFor(ppcom)).access_token);
    expect(await third.call('PP_GET_APP_INFO')).toMatchObject({ app_secret: null, user_uuid: owner.uuid });
    expect((await back.call('PP_GET_APP_INFO')).app_secret).toBe(ppcom.api_secret);
    // A third party makes nobody who may do more than it may, and changes nobody who does.
    const high = { user_email: 'high@example.org', user_fullname: 'High', user_status: 'ADMIN' };
    expect((await third.ask('PP_CREATE_USER', high)).error_code).toBe(20);
    const taken = { user_uuid: owner.uuid, new_password: sha1('taken over') };
    expect((await third.ask('PP_UPDATE_USER', taken)).error_code).toBe(20);
    await patch(app, { rotate: ['ppkefu'] });
    const codes = [back, third, widget].map(
      async (client) => (await client.ask('PP_GET_APP_INFO')).error_code,
    );
    expect(await Promise.all(codes)).toEqual([4, 4, 0]);
    expect(await tokenFor(ppkefu)).toEqual({ error: 'invalid_client' });
    expect(await tokenFor({ ...ppcom, api_secret: 'x' })).toEqual({ error: 'invalid_client' });
  });
});
