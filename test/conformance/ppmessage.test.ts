// PPMessage over HTTP: visitors and the team in one conversation, what each may do and see, and the other doors in it
// (contracts/ppmessage.md 3, 6 and 7; DESIGN.md 4).
import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { AppCredentials } from '../../src/standalone/demo.ts';
import type { MadeUser } from '../support/operator.ts';
import { startTestHub, type TestHub } from '../support/server.ts';
import { png } from '../support/uploads.ts';
import type { Json } from './calls/answer.ts';
import { askToken, Client, personToken, sha1, textMessage, type Visitor, visit } from './ppmessage-client.ts';

let hub: TestHub;
let made: AppCredentials;
let agent: MadeUser;
let kefu: Client;
let server: Client;

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
    email: 'jin@example.org',
    displayName: 'Jin He',
    role: 'agent',
  });
  kefu = new Client(made, await personToken(made, 'jin@example.org', 'jin pass'));
  server = await Client.ofKey(made, 'PPKEFU');
});
afterAll(() => hub?.stop());

const first = async (visitor: Visitor): Promise<string> =>
  (
    await visitor.client.call('PPCOM_GET_DEFAULT_CONVERSATION', {
      user_uuid: visitor.uuid,
      device_uuid: visitor.device,
    })
  ).uuid;

describe('a visitor and the team', () => {
  test('speak in one conversation, which the visitor finds again in a new page', async () => {
    const visitor = await visit(made);
    const c = await first(visitor);
    await visitor.client.call('PP_SEND_MESSAGE', textMessage(visitor.uuid, c, 'Is anybody there?'));
    const list = await kefu.call('PP_PAGE_USER_CONVERSATION', {
      user_uuid: agent.uuid,
      page_offset: 0,
      page_size: 15,
    });
    const row = list.list.find(({ uuid }: { uuid: string }) => uuid === c);
    expect(row.latest_message.body).toBe('Is anybody there?');
    expect(row.conversation_data.conversation_name).toBe('Unknown Area.User');
    await kefu.call('PP_SEND_MESSAGE', textMessage(agent.uuid, c, 'Yes.'));
    const again = await visit(made, visitor.trace);
    expect(again.uuid).toBe(visitor.uuid);
    expect(again.device).toBe(visitor.device);
    expect(await first(again)).toBe(c);
    const page = await again.client.call('PP_PAGE_HISTORY_MESSAGE', {
      app_uuid: undefined,
      conversation_uuid: c,
    });
    expect(
      page.list.map(({ body, from_uuid, from_user }: Json) => [body, from_uuid, from_user.user_email]),
    ).toEqual([
      ['Yes.', agent.uuid, 'jin@example.org'],
      ['Is anybody there?', visitor.uuid, expect.stringMatching(/^\w{6}@\w{6}$/)],
    ]);
  });

  test('an e-mail address finds its visitor again, and acts for them by the trace of their browser alone', async () => {
    const email = `${randomUUID()}@example.org`;
    const trace = randomUUID();
    const device = { device_ostype: 'MAB', ppcom_trace_uuid: trace };
    const one = await Client.ofKey(made, 'PPCOM');
    const { user_uuid } = await one.call('PP_GET_USER_UUID', { user_email: email, user_fullname: 'Ada' });
    await one.call('PP_UPDATE_USER', { user_uuid, user_fullname: 'Ada L.' });
    const { device_uuid } = await one.call('PP_CREATE_DEVICE', { user_uuid, ...device });
    const other = await Client.ofKey(made, 'PPCOM');
    expect((await other.call('PP_GET_USER_UUID', { user_email: email })).user_uuid).toBe(user_uuid);
    const card = await other.call('GET_YVOBJECT_DETAIL', {
      app_uuid: undefined,
      uuid: user_uuid,
      type: 'DU',
    });
    expect(card).toMatchObject({ uuid: user_uuid, email, fullname: null, icon: null, updated: true });
    for (const [name, body] of [
      ['PP_UPDATE_USER', { user_fullname: 'Mallory' }],
      ['PP_GET_USER_CONVERSATION_LIST', {}],
      ['PPCOM_GET_DEFAULT_CONVERSATION', { device_uuid }],
      ['PP_CREATE_DEVICE', { ...device, ppcom_trace_uuid: randomUUID() }],
      ['PP_CREATE_DEVICE', { device_ostype: 'MAB', device_id: trace }],
    ] as const)
      expect([name, (await other.ask(name, { user_uuid, ...body })).error_code]).toEqual([name, 4]);
    expect(await other.ask('PP_CREATE_DEVICE', { user_uuid, ...device })).toMatchObject({
      error_code: 25,
      device_uuid,
    });
    expect((await other.call('PP_GET_USER_INFO', { user_uuid })).user_fullname).toBe('Ada L.');
  });

  test('an address that many ask for at once is one visitor, for whom one of them acts', async () => {
    const about = { user_email: `${randomUUID()}@example.org`, user_icon: '' };
    const clients = await Promise.all(Array.from({ length: 5 }, () => Client.ofKey(made, 'PPCOM')));
    const named = await Promise.all(clients.map((client) => client.call('PP_GET_USER_UUID', about)));
    const [{ user_uuid }] = named;
    expect(named.map((each) => each.user_uuid)).toEqual(clients.map(() => user_uuid));
    const lists = clients.map((client) => client.ask('PP_GET_USER_CONVERSATION_LIST', { user_uuid }));
    const codes = (await Promise.all(lists)).map(({ error_code }) => error_code);
    expect(codes.sort()).toEqual([0, 4, 4, 4, 4]);
  });

  test('a conversation is NEW, OPEN or CLOSE for each of them, and the next message opens it for both', async () => {
    const visitor = await visit(made);
    const c = await first(visitor);
    const state = async (client: Client, user_uuid: string) =>
      (await client.call('PP_GET_CONVERSATION_INFO', { conversation_uuid: c, user_uuid })).conversation_data
        .conversation_status;
    const isListed = async (client: Client, user_uuid: string) =>
      (await client.call('PP_GET_USER_CONVERSATION_LIST', { user_uuid })).list.some(
        ({ uuid }: { uuid: string }) => uuid === c,
      );
    const both = [
      [visitor.client, visitor.uuid],
      [kefu, agent.uuid],
    ] as const;
    for (const [client, user] of both)
      expect([await state(client, user), await isListed(client, user)]).toEqual(['NEW', false]);
    await visitor.client.call('PP_SEND_MESSAGE', textMessage(visitor.uuid, c, 'hi'));
    for (const [client, user] of both)
      expect([await state(client, user), await isListed(client, user)]).toEqual(['OPEN', true]);
    for (const [client, user_uuid] of both) {
      await client.call('PP_CLOSE_CONVERSATION', { conversation_uuid: c, user_uuid });
      expect([
        user_uuid === agent.uuid,
        await state(client, user_uuid),
        await isListed(client, user_uuid),
      ]).toEqual([user_uuid === agent.uuid, 'CLOSE', false]);
    }
    await kefu.call('PP_OPEN_CONVERSATION', { conversation_uuid: c, user_uuid: agent.uuid });
    expect([await state(kefu, agent.uuid), await state(visitor.client, visitor.uuid)]).toEqual([
      'OPEN',
      'CLOSE',
    ]);
    await kefu.call('PP_CLOSE_CONVERSATION', { conversation_uuid: c, user_uuid: agent.uuid });
    await kefu.call('PP_SEND_MESSAGE', textMessage(agent.uuid, c, 'still there?'));
    for (const [client, user] of both)
      expect([await state(client, user), await isListed(client, user)]).toEqual(['OPEN', true]);
  });
});

describe('passwords', () => {
  const forumLogin = async (name: string, password: string): Promise<boolean> => {
    const b64 = (text: string) =>
      `<param><value><base64>${Buffer.from(text).toString('base64')}</base64></value></param>`;
    const response = await fetch(made.tapatalk.url, {
      method: 'POST',
      headers: { 'content-type': 'text/xml' },
      body: `<?xml version="1.0"?><methodCall><methodName>login</methodName><params>${b64(name)}${b64(password)}</params></methodCall>`,
    });
    return (await response.text()).includes('<name>result</name><value><boolean>1</boolean>');
  };

  test('set here sign in at the forum, and set there sign in here', async () => {
    const email = 'dancer@example.org';
    const created = await server.call('PP_CREATE_USER', {
      user_email: email,
      user_fullname: 'Dancer',
      user_password: sha1('a dance'),
      user_status: 'SERVICE',
    });
    expect(created.user_password).toBeNull();
    expect(await forumLogin(email, 'a dance')).toBe(true);
    const own = new Client(made, await personToken(made, email, 'a dance'));
    const change = { user_uuid: created.uuid, new_password: sha1('another') };
    expect((await own.ask('PP_UPDATE_USER', { ...change, old_password: sha1('wrong') })).error_code).toBe(10);
    await own.call('PP_UPDATE_USER', { ...change, old_password: sha1('a dance') });
    expect([await forumLogin(email, 'a dance'), await forumLogin(email, 'another')]).toEqual([false, true]);
    expect(await forumLogin('jin', 'jin pass')).toBe(true);
  });

  test('a key of the app is no agent, and a wrong password is -1', async () => {
    const about = {
      app_uuid: undefined,
      user_email: 'jin@example.org',
      terminal: 'a telephone',
      ostype: 'IOS',
    };
    expect((await server.ask('PPKEFU_LOGIN', about)).error_code).toBe(4);
    expect((await kefu.call('PPKEFU_LOGIN', about)).service_user_status).toBe('READY');
    const { apiKey } = made.ppmessage.ppkefu;
    const form = {
      client_id: apiKey,
      grant_type: 'password',
      user_email: 'jin',
      user_password: sha1('wrong'),
    };
    expect(await askToken(made.ppmessage.baseUrl, form)).toEqual({ status: 200, body: { error_code: -1 } });
  });
});

describe('files', () => {
  const sendForm = async (
    path: string,
    form: FormData,
    token?: string,
  ): Promise<{ status: number; body: Json }> => {
    const headers: Record<string, string> = token ? { authorization: `OAuth ${token}` } : {};
    const response = await fetch(`${hub.url}${path}`, { method: 'POST', body: form, headers });
    return { status: response.status, body: await response.json() };
  };
  const formOf = (fields: Record<string, string>, file?: Uint8Array): FormData => {
    const form = new FormData();
    if (file) form.append('file', new Blob([file as Uint8Array<ArrayBuffer>]), 'dot.png');
    for (const [name, value] of Object.entries(fields)) form.append(name, value);
    return form;
  };

  test('a picture is sent as the web client sends it, seen by the agent, and posted by its uploader alone', async () => {
    const [visitor, other] = [await visit(made), await visit(made)];
    const c = await first(visitor);
    const upload = await sendForm('/upload/upload/', formOf({ user_uuid: visitor.uuid }, png(4, 3)));
    expect(upload.status).toBe(200);
    const picture = (who: Visitor, conversation: string) =>
      textMessage(who.uuid, conversation, JSON.stringify({ fid: upload.body.fuuid, mime: 'image/png' }), {
        message_subtype: 'IMAGE',
      });
    expect((await other.client.ask('PP_SEND_MESSAGE', picture(other, await first(other)))).error_code).toBe(
      14,
    );
    await visitor.client.call('PP_SEND_MESSAGE', picture(visitor, c));
    const { list } = await kefu.call('PP_PAGE_HISTORY_MESSAGE', { conversation_uuid: c });
    expect(list[0]).toMatchObject({ message_subtype: 'IMAGE', from_uuid: visitor.uuid });
    const body = JSON.parse(list[0].body);
    expect(body).toMatchObject({ mime: 'image/png', orig_width: 4, orig_height: 3 });
    const bytes = await fetch(`${hub.url}/download/download/${body.orig}`);
    expect([bytes.status, bytes.headers.get('content-type')]).toEqual([200, 'image/png']);
    expect(new Uint8Array(await bytes.arrayBuffer())).toEqual(new Uint8Array(png(4, 3)));
    expect((await fetch(`${hub.url}/download/download/${randomUUID()}`)).status).toBe(404);
  });

  test('a long text is its words for everybody, whether its sender was known or not', async () => {
    const visitor = await visit(made);
    const c = await first(visitor);
    const text = 'A long text. '.repeat(900);
    for (const [fields, token] of [
      [{ content_txt: text, upload_type: 'content_txt' }],
      [{ content_txt: text, upload_type: 'content_txt', user_uuid: visitor.uuid }, visitor.client.token],
    ] as const) {
      const { body } = await sendForm('/ppkefu/upload/', formOf(fields), token);
      const more = { message_subtype: 'TXT' };
      await visitor.client.call(
        'PP_SEND_MESSAGE',
        textMessage(visitor.uuid, c, JSON.stringify({ fid: body.fid }), more),
      );
    }
    const { list } = await kefu.call('PP_PAGE_HISTORY_MESSAGE', { conversation_uuid: c });
    expect(
      list.map((row: { body: string; message_subtype: string }) => [row.message_subtype, row.body.trim()]),
    ).toEqual([
      ['TEXT', text.trim()],
      ['TEXT', text.trim()],
    ]);
  });

  test('who has no picture has one that is drawn, the same each time', async () => {
    const visitor = await visit(made);
    const { user_icon } = await visitor.client.call('PP_GET_USER_INFO', { user_uuid: visitor.uuid });
    const [one, two] = await Promise.all([fetch(user_icon), fetch(user_icon)]);
    expect(one.headers.get('content-type')).toBe('image/png');
    const bytes = Buffer.from(await one.arrayBuffer());
    expect(bytes.subarray(1, 4).toString()).toBe('PNG');
    expect(Buffer.from(await two.arrayBuffer()).equals(bytes)).toBe(true);
  });
});
