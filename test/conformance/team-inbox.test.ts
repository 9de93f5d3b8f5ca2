// A visitor of a page talks in the chat, and a moderator whom nobody has added answers from a forum app: the whole way, told
// through clients that this project did not write. What the list may cost: test/directory/team-lists.
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { AppCredentials } from '../../src/standalone/demo.ts';
import { requireClient } from '../support/clients.ts';
import { asApp } from '../support/desk.ts';
import { RealtimeSocket } from '../support/realtime.ts';
import { startTestHub, type TestHub } from '../support/server.ts';
import { textMessage, visit } from './ppmessage-client.ts';
import { Device, type ToldStruct, XML_RPC_CLIENTS, type XmlRpcClient } from './tapatalk/bridge.ts';

let hub: TestHub;
beforeAll(async () => {
  hub = await startTestHub();
});
afterAll(() => hub?.stop());

const b64 = (text: string) => ({ b64: text });
const listOf = (answer: ToldStruct) => answer.list as ToldStruct[];
const ONE = { conversation_count: 1, unread_count: 1 };
const NONE = { conversation_count: 0, unread_count: 0, list: [] };

// biome-ignore lint/suspicious/noExplicitAny: a test reads whatever field the page documents.
type Json = any;

/** Each person's app is written with another library, as far as they are here. */
const clients = XML_RPC_CLIENTS.filter(requireClient);

describe.runIf(clients.length > 0)('in this order', () => {
  interface Person {
    id: string;
    device: Device;
  }
  const devices: Device[] = [];
  let app: AppCredentials;
  let mod: Person;
  let colleague: Person;
  let plain: Person;
  /** Of another app's team. */
  let foreign: Person;
  let visitor: { token: string; id: string; socket: RealtimeSocket };
  /** The visitor's conversation. */
  let talk: string;

  beforeAll(async () => {
    app = await hub.createApp();
    mod = await person(app, 'mod', 'Mo', 'agent');
    colleague = await person(app, 'colleague', 'Cole', 'admin');
    plain = await person(app, 'plain', 'Pla', 'member');
    foreign = await person(await hub.createApp(), 'foreign', 'Fay', 'owner');
  });
  afterAll(async () => {
    for (const device of devices) device.end();
    await visitor?.socket.close();
  });

  const person = async (
    { app, tapatalk }: AppCredentials,
    username: string,
    displayName: string,
    role: string,
  ) => {
    const password = `pw-${username}`;
    const user = await hub.createUser(app.slug, { username, password, displayName, role });
    const device = new Device(clients[devices.length % clients.length] as XmlRpcClient, tapatalk.url);
    devices.push(device);
    await device.done('login', b64(username), b64(password));
    return { id: String(user.number), device };
  };
  const http = async (token: string, method: string, path: string, body?: object): Promise<Json> => {
    const answer = await fetch(`${hub.url}${path}`, {
      method,
      headers: { authorization: `Bearer ${token}`, 'content-type': 'application/json' },
      ...(body && { body: JSON.stringify(body) }),
    });
    return { status: answer.status, ...((await answer.json()) as object) };
  };
  const operate = (method: string, path: string, body?: object) =>
    http(hub.adminToken, method, `/admin/apps/${app.app.slug}${path}`, body);
  const inbox = (who: Person, ...window: number[]) => who.device.call('get_conversations', ...window);
  const call = (who: Person, method: string, ...params: (string | number | { b64: string })[]) =>
    who.device.call(method, ...params);
  const counted = async (who: Person) => (await call(who, 'get_inbox_stat')).inbox_unread_count;
  const rowOf = async (who: Person, c = talk) =>
    listOf(await inbox(who)).find(({ conv_id }) => conv_id === c);
  /** A socket's own `send` does not wait until lists have it. */
  const says = async (text: string) => {
    await visitor.socket.ask({ t: 'send', c: talk, text });
    await expect.poll(async () => (await rowOf(mod))?.short_content).toEqual(b64(text));
  };

  test('a visitor says something, and the whole team has it in the list, nobody else', async () => {
    const session = await http('', 'POST', `/widget/${app.app.slug}/session`, {});
    const socket = new RealtimeSocket(`${hub.url.replace('http', 'ws')}/realtime`, [
      'parlance.v1',
      `token.${session.token}`,
    ]);
    visitor = { token: session.token, id: session.user.id, socket };
    await socket.next('hello');
    await socket.ask({ t: 'subscribe' });
    expect(await inbox(mod)).toMatchObject(NONE);
    const opened = await http(visitor.token, 'POST', '/realtime/conversations', {});
    expect(await inbox(mod), 'before a word is said').toMatchObject(NONE);
    talk = opened.conversation.c;
    await says('Is the shop open?');
    for (const who of [mod, colleague]) {
      expect(await inbox(who)).toMatchObject({
        ...ONE,
        list: [
          {
            conv_id: talk,
            conv_title: b64('Visitor'),
            short_content: b64('Is the shop open?'),
            start_user_id: visitor.id,
            last_user_id: visitor.id,
            participant_count: 1,
            participants: { [visitor.id]: { username: b64('Visitor') } },
            total_message_num: 1,
            new_post: true,
            unread_num: 1,
            can_invite: true,
            can_close: false,
            can_upload: true,
            is_closed: false,
            delete_mode: 1,
          },
        ],
      });
      expect(await counted(who)).toBe(1);
    }
    for (const who of [plain, foreign]) {
      expect(await inbox(who)).toMatchObject(NONE);
      expect(await counted(who)).toBe(0);
      expect(await call(who, 'get_conversation', talk)).toMatchObject({ result: false, result_reason: 0 });
      expect(await call(who, 'reply_conversation', talk, b64('Me!'))).toMatchObject({ result: false });
    }
  });

  test('it is in the older boxes too', async () => {
    expect(listOf(await call(mod, 'get_box_info'))[0]).toMatchObject({ msg_count: 1, unread_count: 1 });
    for (const box of ['inbox', 'unread'])
      expect(await call(mod, 'get_box', box)).toMatchObject({
        total_message_count: 1,
        list: [{ short_content: b64('Is the shop open?'), msg_state: 1, msg_from_id: visitor.id }],
      });
    const [letter] = listOf(await call(mod, 'get_box', 'inbox'));
    const id = letter?.msg_id as string;
    expect(await call(mod, 'get_message', id, 'inbox')).toMatchObject({ result: true });
    expect(await call(mod, 'delete_message', id), 'who is not in it').toMatchObject({ result_reason: 2 });
    expect(listOf(await call(plain, 'get_box_info'))[0]).toMatchObject({ msg_count: 0 });
    expect(await call(plain, 'get_message', id, 'inbox')).toMatchObject({ result: false });
  });

  test('reading it tells the visitor, and leaves it new until somebody answers', async () => {
    const page = await call(mod, 'get_conversation', talk);
    expect(page).toMatchObject({
      participant_count: 1,
      total_message_num: 1,
      can_reply: true,
      delete_mode: 1,
    });
    expect(listOf(page)).toMatchObject([{ msg_content: b64('Is the shop open?'), is_unread: true }]);
    expect(await visitor.socket.next('read')).toMatchObject({ c: talk, user: mod.id, business: true });
    for (const [method, ...params] of [
      ['mark_conversation_read', talk],
      ['mark_conversation_read'],
      ['mark_conversation_unread', talk],
    ] as const) {
      expect(await call(mod, method, ...params)).toMatchObject({ result: true });
      expect(await rowOf(mod)).toMatchObject({ new_post: true, unread_num: 1 });
      expect(await counted(mod)).toBe(1);
    }
    expect(await call(mod, 'delete_conversation', talk, 2), 'who is not in it').toMatchObject({
      result: false,
      result_reason: 2,
    });
  });

  test('one of them puts it away until the visitor writes again; the others keep it', async () => {
    expect(await call(colleague, 'delete_conversation', talk, 1)).toMatchObject({ result: true });
    expect(await inbox(colleague)).toMatchObject(NONE);
    expect(await counted(colleague)).toBe(0);
    expect(await inbox(mod)).toMatchObject(ONE);
    await says('Hello?');
    expect(await rowOf(colleague)).toMatchObject({ unread_num: 2 });
  });

  test('a moderator answers, is in it from then on, and the visitor sees it at once', async () => {
    const { msg_id } = await mod.device.done('reply_conversation', talk, b64('It is [b]open[/b].'));
    const { events } = await visitor.socket.next('events', (frame) =>
      JSON.stringify(frame).includes('open[/b]'),
    );
    expect(events.at(-1)).toMatchObject({
      id: msg_id,
      door: 'tapatalk',
      author: { id: mod.id, name: 'Mo' },
    });
    expect(await rowOf(mod)).toMatchObject({ participant_count: 2, delete_mode: 3, new_post: false });
    expect(await rowOf(colleague)).toMatchObject({ delete_mode: 1, new_post: false, unread_num: 0 });
    expect(await inbox(colleague)).toMatchObject({ conversation_count: 1, unread_count: 0 });
    expect(await call(colleague, 'mark_conversation_unread', talk)).toMatchObject({ result_reason: 2 });
    expect(await rowOf(plain)).toBeUndefined();
  });

  test('what customers begin at other doors stands beside it, in order and page by page', async () => {
    const { user } = await asApp(app, 'POST', 'users', { externalId: 'cust' });
    const participants = [{ userExternalId: 'cust' }];
    const { conversation } = await asApp(app, 'POST', 'conversations', {
      type: 'personal',
      participants,
    });
    await asApp(app, 'POST', `conversations/${conversation.id}/messages`, {
      author: { type: 'user', userId: user.id },
      content: { type: 'text', text: 'By REST' },
    });
    const guest = await visit(app);
    const asked = { user_uuid: guest.uuid, device_uuid: guest.device };
    const { uuid } = await guest.client.call('PPCOM_GET_DEFAULT_CONVERSATION', asked);
    expect(await inbox(colleague), 'opened, and nothing said').toMatchObject({ conversation_count: 2 });
    await guest.client.call('PP_SEND_MESSAGE', textMessage(guest.uuid, uuid, 'By PPMessage'));
    await plain.device.done('report_pm', (await sentByPlain()) as string, b64('Rude'));
    const first = await inbox(colleague);
    expect(first).toMatchObject({ conversation_count: 4, unread_count: 3 });
    const ids = listOf(first).map(({ conv_id }) => conv_id);
    expect(ids.slice(2)).toEqual([String(Number.parseInt(conversation.id.slice(8, 16), 16)), talk]);
    expect(listOf(first)[1]).toMatchObject({
      short_content: b64('By PPMessage'),
      unread_num: 1,
      delete_mode: 1,
    });
    const pages = [await inbox(colleague, 0, 1), await inbox(colleague, 2, 3), await inbox(colleague, 4, 9)];
    expect(pages.map(({ conversation_count }) => conversation_count)).toEqual([4, 4, 4]);
    expect(pages.flatMap(listOf).map(({ conv_id }) => conv_id)).toEqual(ids);
    await says('Thank you!');
    expect((await rowOf(mod))?.unread_num).toBe(1);
    expect(listOf(await inbox(colleague))[0]).toMatchObject({ conv_id: talk, unread_num: 1 });
  });
  /** Somebody's message to a plain member, who reports it. */
  const sentByPlain = async () => {
    await mod.device.done('new_conversation', [b64('plain')], b64('Hi'), b64('Rude words'));
    const [letter] = listOf(await call(plain, 'get_box', 'inbox'));
    return letter?.msg_id;
  };

  test('closed it is gone, and back with the next message', async () => {
    expect(await operate('PATCH', `/conversations/${talk}`, { state: 'closed' })).toMatchObject({
      status: 200,
    });
    expect(await rowOf(colleague)).toBeUndefined();
    expect(await rowOf(mod), 'in it').toMatchObject({ conv_id: talk });
    await says('One more thing');
    expect(await rowOf(colleague)).toMatchObject({ conv_id: talk, unread_num: 2 });
  });

  test('a console asks for the same over realtime; a page’s chat does not get it', async () => {
    const tokenOf = async (name: string) => (await operate('POST', `/users/${name}/token`)).token as string;
    const token = await tokenOf('colleague');
    const both = await http(token, 'GET', '/realtime/conversations?team=true');
    const forum = await inbox(colleague);
    expect([both.total, both.unread]).toEqual([forum.conversation_count, forum.unread_count]);
    expect(both.conversations.map(({ c }: Json) => c)).toEqual(listOf(forum).map(({ conv_id }) => conv_id));
    expect(both.conversations[0]).toMatchObject({ c: talk, member: false, unread: 2 });
    const own = await http(token, 'GET', '/realtime/conversations');
    expect(own.conversations.map(({ member }: Json) => member)).not.toContain(false);
    expect(own.total).toBeLessThan(both.total);
    expect(await http(await tokenOf('plain'), 'GET', '/realtime/conversations?team=true')).toMatchObject({
      status: 403,
      error: { code: 'forbidden' },
    });
  });
});
