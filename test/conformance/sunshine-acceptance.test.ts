// What a back end that moves here counts on, in one place: the vendor's client performs all of its calls, first
// conversations are one default, doors share conversations. Errors and limits are sunshine-catalogue.test.ts. What each call does in detail is in the
// other files of this name.
import { createReadStream, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { startTestHub, type TestHub } from '../support/server.ts';
import { forumCookie, png } from '../support/uploads.ts';
import { sendNamed } from './calls/tapatalk.ts';
import { hello, MISSING, member, type SunshineApp, sunshineAppOf } from './sunshine-app.ts';
import { type Client, type Credentials, clientOf, refusal } from './sunshine-client.ts';

let hub: TestHub;
let app: SunshineApp;
/** With a key of the operator's account. */
let account: Client;
let folder: string;

beforeAll(async () => {
  hub = await startTestHub();
  app = await sunshineAppOf(hub);
  const made = (await app.operate('POST', '/keys', { name: 'acceptance' })) as { sunshine: Credentials };
  account = clientOf({ ...made.sunshine, appId: '' });
  folder = mkdtempSync(join(tmpdir(), 'parlance-acceptance-'));
  writeFileSync(join(folder, 'picture.png'), png(3, 2));
});
afterAll(async () => {
  await hub?.stop();
  rmSync(folder, { recursive: true, force: true });
});

const picture = () => createReadStream(join(folder, 'picture.png'));
const webhook = { target: 'https://example.org/hook', triggers: ['conversation:message'] };

const smsClient = (conversationId: string) => ({
  matchCriteria: { type: 'twilio', phoneNumber: '+15145550100', integrationId: MISSING },
  confirmation: { type: 'immediate' },
  target: { conversationId },
});

/** Calls that are not made below, and why. */
const ELSEWHERE: Record<string, string> = {
  authorize: 'OAuth grants access to another company’s account: an operator here makes keys instead',
  getToken: 'OAuth, as above',
  revokeAccess: 'OAuth, as above',
  downloadMessageRef: 'needs a peer that plays Apple’s gateway: sunshine-download.test.ts',
};
test('the vendor’s client performs every one of its calls', async () => {
  const { client, id: appId, call, newUser } = app;
  const called = new Set<string>();
  /** Throws where the call fails; the client's reading of the answer. */
  const does = async (by: Client, operation: string, ...args: unknown[]) => {
    called.add(operation);
    const { status, body } = await by.call(operation, ...args);
    expect([operation, status, status === 'ok' ? null : body]).toEqual([operation, 'ok', null]);
    return body;
  };
  const done = async (operation: string, ...args: unknown[]) =>
    expect([operation, await does(client, operation, appId, ...args)]).toEqual([operation, '{}']);

  const ours = (await does(account, 'createApp', { displayName: 'Made by an account' })).app.id;
  expect((await does(account, 'listApps')).apps[0].id).toBe(ours);
  const { id: keyId } = (await does(account, 'createAppKey', ours, { displayName: 'One' })).key;
  expect((await does(account, 'listAppKeys', ours)).keys).toContainEqual({ id: keyId, displayName: 'One' });
  expect((await does(account, 'getAppKey', ours, keyId)).key.id).toBe(keyId);
  expect(await does(account, 'deleteAppKey', ours, keyId)).toBe('{}');
  expect(await does(account, 'deleteApp', ours)).toBe('{}');
  expect((await does(client, 'getApp', appId)).app.id).toBe(appId);
  const renamed = { displayName: 'Renamed' };
  expect((await does(client, 'updateApp', appId, renamed)).app.displayName).toBe('Renamed');

  const { id: ann } = (await does(client, 'createUser', appId, { externalId: 'a/n n' })).user;
  expect((await does(client, 'getUser', appId, 'a/n n')).user.id).toBe(ann);
  const named = { profile: { givenName: 'Ann' } };
  expect((await does(client, 'updateUser', appId, ann, named)).user.profile.givenName).toBe('Ann');

  const group = { type: 'sdkGroup', participants: [member(ann)] };
  const { id: talk } = (await does(client, 'createConversation', appId, group)).conversation;
  expect((await does(client, 'listConversations', appId, { userId: ann })).conversations).toHaveLength(1);
  expect((await does(client, 'getConversation', appId, talk)).conversation.id).toBe(talk);
  expect((await does(client, 'updateConversation', appId, talk, renamed)).conversation.displayName).toBe(
    'Renamed',
  );
  const ben = await newUser();
  expect((await does(client, 'joinConversation', appId, talk, member(ben))).participant.userId).toBe(ben);
  expect((await does(client, 'listParticipants', appId, talk)).participants).toHaveLength(2);

  const [said] = (await does(client, 'postMessage', appId, talk, hello)).messages;
  const upload = await does(client, 'uploadAttachment', appId, 'public', picture(), { _for: 'message' });
  expect((await does(client, 'listMessages', appId, talk)).messages).toHaveLength(1);
  await done('postActivity', talk, { author: { type: 'user', userId: ann }, type: 'conversation:read' });
  // Coming in at the forum is what makes a device.
  const { sunshineId: dan } = await hub.createUser(app.slug, { username: 'dan', password: 'a password' });
  await forumCookie(app.forum, { username: 'dan', password: 'a password' });
  await expect.poll(async () => (await does(client, 'listDevices', appId, dan)).devices.length).toBe(1);
  const { id: device } = (await does(client, 'listClients', appId, dan)).clients[0];
  expect((await does(client, 'getDevice', appId, dan, device)).device.clientId).toBe(device);
  // These two are for channels to other networks: here each is refused with the reason.
  called.add('createClient').add('removeClient');
  expect(await call('createClient', dan, smsClient(talk))).toEqual(
    refusal(
      400,
      'bad_request',
      "There is no integration of type 'twilio' that a client could be created for",
    ),
  );
  expect(await call('removeClient', dan, device)).toEqual(
    refusal(400, 'bad_request', "Cannot remove a client of type 'sdk'"),
  );
  await done('deleteMessage', talk, said.id);
  await done('deleteAllMessages', talk);
  await done('deleteAttachment', { mediaUrl: upload.attachment.mediaUrl });

  const custom = { type: 'custom', displayName: 'Bot', webhooks: [webhook] };
  const { integration } = await does(client, 'createIntegration', appId, custom);
  expect((await does(client, 'listIntegrations', appId)).integrations).toHaveLength(1);
  expect((await does(client, 'getIntegration', appId, integration.id)).integration.id).toBe(integration.id);
  expect(
    (await does(client, 'updateIntegration', appId, integration.id, renamed)).integration.displayName,
  ).toBe('Renamed');
  const made = (
    await does(client, 'createCustomIntegrationKey', appId, integration.id, { displayName: 'Key' })
  ).key;
  expect((await does(client, 'listCustomIntegrationKeys', appId, integration.id)).keys).toHaveLength(1);
  expect((await does(client, 'getCustomIntegrationKey', appId, integration.id, made.id)).key.id).toBe(
    made.id,
  );
  const bot = clientOf({ ...app.keys, keyId: made.id, secret: made.secret });
  const hook = (await does(bot, 'createWebhook', appId, 'me', webhook)).webhook;
  expect((await does(bot, 'listWebhooks', appId, 'me')).webhooks).toHaveLength(2);
  expect((await does(bot, 'getWebhook', appId, 'me', hook.id)).webhook.secret).toBe(hook.secret);
  const louder = { includeFullUser: true };
  expect((await does(bot, 'updateWebhook', appId, 'me', hook.id, louder)).webhook.includeFullUser).toBe(true);
  expect(await does(bot, 'deleteWebhook', appId, 'me', hook.id)).toBe('{}');
  const { id: board } = (await does(client, 'createSwitchboard', appId)).switchboard;
  expect((await does(client, 'listSwitchboards', appId)).switchboards).toHaveLength(1);
  const asked = { name: 'bot', integrationId: integration.id };
  const linked = await does(client, 'createSwitchboardIntegration', appId, board, asked);
  const { id: line } = linked.switchboardIntegration;
  const lines = await does(client, 'listSwitchboardIntegrations', appId, board);
  expect(lines.switchboardIntegrations).toHaveLength(1);
  await does(client, 'updateSwitchboardIntegration', appId, board, line, { messageHistoryCount: 5 });
  const on = { enabled: true, defaultSwitchboardIntegrationId: line };
  expect((await does(client, 'updateSwitchboard', appId, board, on)).switchboard.enabled).toBe(true);
  const desk = (await call('createIntegration', { ...custom, displayName: 'Desk' })).body.integration.id;
  await call('createSwitchboardIntegration', board, { name: 'desk', integrationId: desk });
  await done('offerControl', talk, { switchboardIntegration: 'desk' });
  await done('acceptControl', talk, {});
  await done('passControl', talk, { switchboardIntegration: line });
  await done('releaseControl', talk);
  const off = { enabled: false, defaultSwitchboardIntegrationId: null };
  await does(client, 'updateSwitchboard', appId, board, off);
  await done('deleteSwitchboardIntegration', board, line);
  await done('deleteSwitchboard', board);
  await done('deleteCustomIntegrationKey', integration.id, made.id);
  await done('deleteIntegration', integration.id);

  await done('leaveConversation', talk, { userId: ben });
  await done('deleteConversation', talk);
  expect(
    (await does(client, 'deleteUserPersonalInformation', appId, ann)).user.profile.givenName,
  ).toBeUndefined();
  await done('deleteUser', ann);

  const here = client.operations.filter((name) => !(name in ELSEWHERE));
  expect([...called].sort()).toEqual(here.sort());
});

test('two writers begin 100 first conversations of a user, all at once: 100 there are, and one default', async () => {
  const ann = await app.newUser();
  const body = { type: 'personal', participants: [member(ann)] };
  const writers = [clientOf(app.keys), clientOf(app.keys)];
  const calls = writers.flatMap((writer) => Array<Client>(50).fill(writer));
  const made = await Promise.all(calls.map((writer) => writer.call('createConversation', app.id, body)));
  expect(made.filter(({ status }) => status !== 'ok')).toEqual([]);
  const listed = await app.raw('GET', `/conversations?filter[userId]=${ann}&page[size]=100`);
  expect(listed.body.meta).toEqual({ hasMore: false });
  expect(new Set(listed.body.conversations.map(({ id }: { id: string }) => id)).size).toBe(100);
  for (const all of [listed.body.conversations, made.map((each) => each.body.conversation)]) {
    expect(all.filter(({ isDefault }: { isDefault: boolean }) => isDefault)).toHaveLength(1);
  }
});

describe('a conversation that began at one door is listed, read and answered at the other', () => {
  let cookie: string;
  let ann: string;
  let ben: string;
  beforeAll(async () => {
    const ask = { username: 'fay', password: 'a password' };
    ann = (await hub.createUser(app.slug, ask)).sunshineId;
    ben = (await hub.createUser(app.slug, { username: 'gil' })).sunshineId;
    cookie = await forumCookie(app.forum, ask);
  });
  const named = async (method: string, fields: object) =>
    (await sendNamed(app.forum, cookie, method, fields)).body;
  const texts = async (id: string): Promise<string[]> =>
    (await app.call('listMessages', id)).body.messages.map(
      (each: { content: { text: string } }) => each.content.text,
    );

  test('from a forum app to here', async () => {
    const words = { username: ['gil'], subject: 'Trip', body: 'Who [b]comes[/b]?' };
    const { conv_id: number } = await named('new_conversation', words);
    const { conversations } = (await app.call('listConversations', { userId: ben })).body;
    expect(conversations).toMatchObject([{ type: 'sdkGroup', displayName: 'Trip', isDefault: false }]);
    const { id } = conversations[0];
    expect(await texts(id)).toEqual(['Who comes?']);
    const answer = { author: { type: 'user', userId: ben }, content: { type: 'text', text: 'I do' } };
    expect((await app.call('postMessage', id, answer)).status).toBe('ok');
    const { list } = await named('get_conversation', { conversationId: number });
    expect(list.map((each: { msg_content: string }) => each.msg_content)).toEqual([
      expect.stringContaining('comes'),
      'I do',
    ]);
  });

  test('from here to a forum app', async () => {
    const { id } = (
      await app.call('createConversation', {
        type: 'sdkGroup',
        displayName: 'Lunch',
        participants: [member(ann), member(ben)],
      })
    ).body.conversation;
    await app.call('postMessage', id, { ...hello, author: { type: 'user', userId: ben } });
    const { list } = await named('get_conversations', {});
    const row = list.find(({ conv_subject }: { conv_subject: string }) => conv_subject === 'Lunch');
    expect(row).toMatchObject({ unread_num: 1 });
    const { conv_id: conversationId } = row;
    expect((await named('get_conversation', { conversationId })).list).toMatchObject([
      { msg_content: 'Hello' },
    ]);
    expect(await named('reply_conversation', { conversationId, body: 'Hungry' })).toMatchObject({
      result: true,
    });
    expect(await texts(id)).toEqual(['Hello', 'Hungry']);
  });
});

test('what a deleted message leaves in those that quote it is an empty text, whatever it was', async () => {
  const talk = await app.open('sdkGroup');
  const link = { type: 'link', text: 'Look', uri: 'https://example.org/' };
  const contents = [
    { type: 'image', mediaUrl: 'https://example.org/a.png' },
    { type: 'carousel', items: [{ title: 'One', actions: [link] }] },
    { type: 'location', coordinates: { lat: 1, long: 2 } },
    { type: 'form', fields: [{ type: 'text', name: 'a', label: 'A' }] },
    { type: 'template', template: { name: 'a' } },
  ];
  for (const content of contents) {
    const { id } = (await app.call('postMessage', talk, { ...hello, content })).body.messages[0];
    const quotedMessage = { type: 'message', message: { id } };
    const quoting = await app.call('postMessage', talk, { ...hello, quotedMessage });
    expect(quoting.body.messages[0].quotedMessage.message.content.type).toBe(content.type);
    await app.call('deleteMessage', talk, id);
  }
  const { messages } = (await app.raw('GET', `/conversations/${talk}/messages`)).body;
  expect(messages).toHaveLength(contents.length);
  for (const { quotedMessage } of messages) {
    expect(quotedMessage.message).toMatchObject({ deleted: true, content: { type: 'text', text: '' } });
  }
});

test('both encodings of queries that Python clients send mean the same', async () => {
  const ann = await app.newUser();
  const made: string[] = [];
  for (let i = 0; i < 3; i++) made.unshift(await app.open('sdkGroup', ann));
  // As recorded: 14.1.0 sends deepObject and page[size] always, 17.0.1 one JSON value for each.
  const encodings = [
    `filter%5BuserId%5D=${ann}&page%5Bafter%5D=${made[0]}&page%5Bsize%5D=25`,
    `filter=${encodeURIComponent(JSON.stringify({ userId: ann }))}&page=${encodeURIComponent(
      JSON.stringify({ after: made[0], size: 25 }),
    )}`,
  ];
  for (const query of encodings) {
    const { status, body } = await app.raw('GET', `/conversations?${query}`, undefined, {
      'content-type': 'application/json',
    });
    expect(status).toBe(200);
    expect(body.conversations.map(({ id }: { id: string }) => id)).toEqual(made.slice(1));
  }
});
