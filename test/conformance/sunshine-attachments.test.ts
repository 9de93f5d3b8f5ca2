// Attachments of Sunshine Conversations v2, driven by the vendor's own client: uploaded, shown in messages of both doors,
// removed. What must be refused is in refusals/; how files pass through memory and faults is in files-*.test.ts.
import { createReadStream, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { SignJWT } from 'jose';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { string } from '../../src/xmlrpc/value.ts';
import { startTestHub, type TestHub } from '../support/server.ts';
import { forumCookie, png } from '../support/uploads.ts';
import { send } from './calls/tapatalk.ts';
import { type Client, type Credentials, clientOf, masked, type Outcome, refusal } from './sunshine-client.ts';

let hub: TestHub;
let client: Client;
let other: Client;
let keys: Credentials;
let forum: string;
let app: string;
let theirs: string;
let conversation: string;
let ann: string;
let directory: string;

const call = (operation: string, ...args: unknown[]) => client.call(operation, app, ...args);
const ok = (body: unknown): Outcome => ({ status: 'ok', body });
const NOT_FOUND = refusal(404, 'not_found', 'Attachment not found');

const fileNamed = (name: string, bytes: Uint8Array) => {
  const path = join(directory, name);
  writeFileSync(path, bytes);
  return createReadStream(path);
};
const picture = () => fileNamed('Ä picture.png', png(3, 2));
async function upload(stream = picture()): Promise<string> {
  const { body, status } = await call('uploadAttachment', 'public', stream, { _for: 'message' });
  expect(status).toBe('ok');
  return body.attachment.mediaUrl;
}
const post = (content: object, more: object = {}) =>
  call('postMessage', conversation, { author: { type: 'business' }, content, ...more });
const statusOf = async (address: string) => (await fetch(address)).status;

beforeAll(async () => {
  directory = mkdtempSync(join(tmpdir(), 'parlance-attachments-'));
  hub = await startTestHub();
  const made = await hub.createApp('ours');
  keys = made.sunshine;
  forum = made.tapatalk.url;
  client = clientOf(keys);
  app = keys.appId;
  const foreign = (await hub.createApp('theirs')).sunshine;
  other = clientOf(foreign);
  theirs = foreign.appId;
  ann = (await hub.createUser('ours', { username: 'ann', password: 'a password', externalId: 'x-ann' }))
    .sunshineId;
  const { body } = await call('createConversation', {
    type: 'sdkGroup',
    participants: [{ userId: ann, subscribeSDKClient: false }],
  });
  conversation = body.conversation.id;
});
afterAll(async () => {
  await hub?.stop();
  rmSync(directory, { recursive: true, force: true });
});

test('an upload is answered with an address that anybody can read, and its type', async () => {
  const options = { _for: 'message', conversationId: conversation };
  const { status, body } = await call('uploadAttachment', 'public', picture(), options);
  expect(status).toBe('ok');
  expect(body).toEqual({ attachment: { mediaUrl: expect.any(String), mediaType: 'image/png' } });
  const read = await fetch(body.attachment.mediaUrl);
  expect(read.headers.get('content-type')).toBe('image/png');
  expect(new Uint8Array(await read.arrayBuffer())).toEqual(png(3, 2));
});

test('a message with the address has the file, as every door shows it', async () => {
  const mediaUrl = await upload();
  const posted = await post({ type: 'image', mediaUrl, text: 'Look' });
  expect(posted.status).toBe('ok');
  const [message] = posted.body.messages;
  expect(message.content).toEqual({
    type: 'image',
    mediaUrl,
    mediaType: 'image/png',
    mediaSize: png(3, 2).length,
    altText: 'Ä picture.png',
    text: 'Look',
  });
  const { body } = await call('listMessages', conversation);
  expect(body.messages.at(-1)).toEqual(message);

  const cookie = await forumCookie(forum, { username: 'ann', password: 'a password' });
  const number = String(Number.parseInt(conversation.slice(8, 16), 16));
  const read = await send(forum, cookie, 'get_conversation', [string(number)]);
  expect(read.body.list.at(-1).attachments).toMatchObject([
    { filename: 'Ä picture.png', url: mediaUrl, content_type: 'image' },
  ]);
});

test('the same post again is the same message; another one with the file is refused', async () => {
  const mediaUrl = await upload();
  const content = { type: 'file', mediaUrl, altText: 'Once' };
  const [first, second] = [await post(content), await post(content)];
  expect(second.body).toEqual(first.body);
  expect(await post({ ...content, text: 'Twice' })).toEqual(
    refusal(
      400,
      'bad_request',
      'The attachment of content.mediaUrl is in another message, or was uploaded by somebody else: upload it again',
    ),
  );
});

test('cards of a carousel show uploads, and addresses elsewhere stay as they are', async () => {
  const [mine, elsewhere] = [await upload(), 'https://pictures.example/b.png'];
  const card = (mediaUrl: string) => ({
    title: 'A card',
    mediaUrl,
    actions: [{ type: 'postback', text: 'Buy', payload: 'buy' }],
  });
  const { body } = await post({ type: 'carousel', items: [card(mine), card(elsewhere)] });
  const shown = body.messages[0].content.items;
  expect(shown.map((item: { mediaUrl: string }) => item.mediaUrl)).toEqual([mine, elsewhere]);
  expect(await statusOf(mine)).toBe(200);
});

test('what is elsewhere is not fetched', async () => {
  const mediaUrl = 'https://pictures.example/a.png';
  const { body } = await post({ type: 'image', mediaUrl });
  expect(body.messages[0].content).toEqual({
    type: 'image',
    mediaUrl,
    mediaType: 'image/png',
    altText: 'a.png',
  });
});

test('removing an upload takes it away, also out of its message; twice is not found', async () => {
  const [loose, posted] = [await upload(), await upload()];
  await post({ type: 'image', mediaUrl: posted });
  for (const mediaUrl of [loose, posted]) {
    expect(await statusOf(mediaUrl)).toBe(200);
    expect(await other.call('deleteAttachment', theirs, { mediaUrl })).toEqual(NOT_FOUND);
    expect(await statusOf(mediaUrl)).toBe(200);
    expect(await call('deleteAttachment', { mediaUrl })).toEqual(ok('{}'));
    expect(await statusOf(mediaUrl)).toBe(404);
    expect(await call('deleteAttachment', { mediaUrl })).toEqual(NOT_FOUND);
  }
});

test('another app can neither post nor remove it', async () => {
  const mediaUrl = await upload();
  const { body } = await other.call('createConversation', theirs, { type: 'sdkGroup' });
  const author = { type: 'business' };
  expect(
    await other.call('postMessage', theirs, body.conversation.id, {
      author,
      content: { type: 'image', mediaUrl },
    }),
  ).toEqual(NOT_FOUND);
});

test('the file goes with its message, and with its conversation', async () => {
  const [first, second] = [await upload(), await upload()];
  const { body } = await post({ type: 'image', mediaUrl: first });
  await call('deleteMessage', conversation, body.messages[0].id);
  const made = await call('createConversation', { type: 'sdkGroup' });
  const doomed = made.body.conversation.id;
  await call('postMessage', doomed, {
    author: { type: 'business' },
    content: { type: 'file', mediaUrl: second },
  });
  await call('deleteConversation', doomed);
  await hub.tick(new Date(Date.now() + 60_000));
  expect([await statusOf(first), await statusOf(second)]).toEqual([404, 404]);
});

test('a person uploads with a token of their own, and nobody else posts or takes back what is theirs', async () => {
  const token = await new SignJWT({ scope: 'user', external_id: 'x-ann' })
    .setProtectedHeader({ alg: 'HS256', typ: 'JWT', kid: keys.keyId })
    .setExpirationTime('1h')
    .sign(new TextEncoder().encode(keys.secret));
  const asAnn = clientOf({ ...keys, keyId: '', secret: '' });
  asAnn.raw.authentications.bearerAuth.accessToken = token;
  const ownUpload = async () =>
    (await asAnn.call('uploadAttachment', app, 'public', picture())).body.attachment.mediaUrl;
  const mediaUrl = await ownUpload();
  const appUpload = await upload();
  const forbidden = refusal(403, 'forbidden', 'Forbidden');
  expect(await asAnn.call('deleteAttachment', app, { mediaUrl: appUpload })).toEqual(NOT_FOUND);
  const own = { author: { type: 'user' }, content: { type: 'image', mediaUrl: appUpload } };
  expect((await asAnn.call('postMessage', app, conversation, own)).status).toBe(400);
  const said = await asAnn.call('postMessage', app, conversation, {
    author: { type: 'user' },
    content: { type: 'image', mediaUrl },
  });
  expect(masked(said.body).messages[0].content.mediaType).toBe('image/png');
  expect(await asAnn.call('deleteAttachment', app, { mediaUrl })).toEqual(forbidden);
  expect(await asAnn.call('deleteAttachment', app, { mediaUrl: await ownUpload() })).toEqual(ok('{}'));
});

test('a file over the limit of the app is refused, read to its end', async () => {
  await patchApp({ settings: { fileBytes: 1_000_000 } });
  const large = fileNamed('large.txt', new Uint8Array(6_000_000).fill(0x61));
  expect(await call('uploadAttachment', 'public', large)).toEqual(
    refusal(413, 'payload_too_large', 'Request entity too large'),
  );
  const anonymous = clientOf({ ...keys, secret: 'a-wrong-secret' });
  const again = createReadStream(join(directory, 'large.txt'));
  expect((await anonymous.call('uploadAttachment', app, 'public', again)).status).toBe(401);
  await patchApp({ settings: { fileBytes: 52_428_800 } });
});

async function patchApp(change: object): Promise<void> {
  const reply = await fetch(`${hub.url}/admin/apps/ours`, {
    method: 'PATCH',
    headers: { authorization: `Bearer ${hub.adminToken}` },
    body: JSON.stringify(change),
  });
  expect(reply.status).toBe(200);
}
