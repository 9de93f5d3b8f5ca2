// Reading files from /files, over the network: who may, in which parts, and what no browser may run. Uploading them:
// files.test.ts.
import { afterAll, beforeAll, expect, test } from 'vitest';
import { id, number } from '../model/forum.ts';
import { RealtimeSocket } from '../support/realtime.ts';
import { png } from '../support/uploads.ts';
import type { Json } from './calls/answer.ts';
import { FilesWorld, type Person } from './files-world.ts';

let world: FilesWorld;
beforeAll(async () => {
  world = await FilesWorld.start();
});
afterAll(() => world?.hub.stop());

/** The address without its signature. */
const plain = (address: string): string => address.replace(/\/\d+\.[\w-]{32}\//, '/');

const get = (address: string, headers: Record<string, string> = {}, method = 'GET') =>
  fetch(address, { method, headers });

test('by a signed address needs nothing else, and by a session membership', async () => {
  const { talk, address } = await world.posted(png(2, 2), 'a.png');
  expect((await get(address)).status).toBe(200);
  const by = async (person: Person | null) =>
    (await get(plain(address), person ? { cookie: person.cookie } : {})).status;
  expect([await by(world.ann), await by(world.ben), await by(world.cat), await by(null)]).toEqual([
    200, 200, 404, 404,
  ]);
  await world.ask(world.ben, 'delete_conversation', id(talk), number(2));
  expect(await by(world.ben)).toBe(404);
});

test('of what is not there, foreign, expired or tampered with is one answer', async () => {
  const { address } = await world.posted(png(2, 2), 'a.png');
  const other = await world.hub.createApp();
  const wrong = {
    'never was': plain(address).replace(/\/\d+\.[\w-]{22}\//, '/999999.AAAAAAAAAAAAAAAAAAAAAA/'),
    'not a member': plain(address),
    'another nonce': plain(address).replace(/\.[\w-]{22}\//, '.AAAAAAAAAAAAAAAAAAAAAA/'),
    'another app': plain(address).replace(/files\/\d+/, `files/${other.app.number}`),
    expired: address.replace(/\/\d+\.(?=[\w-]{32}\/)/, '/1000000000.'),
    tampered: address.replace(/[\w-]{4}(?=\/a\.png)/, 'AAAA'),
    'no address': `${world.hub.url}/files/x`,
  };
  for (const [what, path] of Object.entries(wrong)) {
    const answer = await get(path, { cookie: world.cat.cookie });
    expect([what, answer.status, await answer.json()]).toEqual([
      what,
      404,
      { error: { code: 'not_found', message: 'File not found' } },
    ]);
  }
  const write = await get(address, {}, 'DELETE');
  expect([write.status, write.headers.get('allow')]).toEqual([405, 'GET, HEAD']);
});

test('in part, and only what is new', async () => {
  const { address } = await world.posted('0123456789', 'a.txt');
  const part = async (range: string, more: Record<string, string> = {}) => {
    const answer = await get(address, { range, ...more });
    return [answer.status, answer.headers.get('content-range'), await answer.text()];
  };
  expect(await part('bytes=2-4')).toEqual([206, 'bytes 2-4/10', '234']);
  expect(await part('bytes=7-')).toEqual([206, 'bytes 7-9/10', '789']);
  expect(await part('bytes=7-99')).toEqual([206, 'bytes 7-9/10', '789']);
  expect(await part('bytes=-3')).toEqual([206, 'bytes 7-9/10', '789']);
  expect(await part('bytes=-99')).toEqual([206, 'bytes 0-9/10', '0123456789']);
  expect(await part('bytes=10-')).toEqual([416, 'bytes */10', '']);
  for (const other of ['bytes=0-1,3-4', 'bytes=4-2', 'bytes=-', 'lines=1-2'])
    expect(await part(other)).toEqual([200, null, '0123456789']);

  const whole = await get(address);
  const etag = whole.headers.get('etag') as string;
  const modified = whole.headers.get('last-modified') as string;
  expect(await part('bytes=0-0', { 'if-range': etag })).toEqual([206, 'bytes 0-0/10', '0']);
  expect(await part('bytes=0-0', { 'if-range': '"other"' })).toEqual([200, null, '0123456789']);
  expect((await get(address, { 'if-none-match': `"x", W/${etag}` })).status).toBe(304);
  expect((await get(address, { 'if-none-match': '"x"' })).status).toBe(200);
  expect((await get(address, { 'if-modified-since': modified })).status).toBe(304);
  expect((await get(address, { 'if-modified-since': 'Thu, 01 Jan 2026 00:00:00 GMT' })).status).toBe(200);
  const head = await get(address, {}, 'HEAD');
  expect([head.status, head.headers.get('content-length'), await head.text()]).toEqual([200, '10', '']);
});

test('runs nothing in the name of the hub, whatever an app allows', async () => {
  await world.patch({ fileTypes: ['html', 'svg', 'png', 'txt', 'pdf'] });
  const page = await world.posted('<!doctype html><script>alert(1)</script>', 'a.txt');
  const drawing = await world.posted(
    '<svg onload="alert(1)" xmlns="http://www.w3.org/2000/svg"/>',
    'a "b".svg',
  );
  const picture = await world.posted(png(1, 1), 'p.png');
  const shown = async ({ address }: { address: string }) => {
    const { headers } = await get(address);
    return ['content-type', 'content-disposition', 'x-content-type-options', 'content-security-policy'].map(
      (name) => headers.get(name),
    );
  };
  const safe = ['nosniff', "default-src 'none'; sandbox"];
  expect(await shown(page)).toEqual([
    'text/html; charset=utf-8',
    `attachment; filename="a.html"; filename*=UTF-8''a.html`,
    ...safe,
  ]);
  expect(await shown(drawing)).toEqual([
    'image/svg+xml',
    `attachment; filename="a _b_.svg"; filename*=UTF-8''a%20%22b%22.svg`,
    ...safe,
  ]);
  expect(await shown(picture)).toEqual([
    'image/png',
    `inline; filename="p.png"; filename*=UTF-8''p.png`,
    ...safe,
  ]);
});

test('through other doors: signed addresses there too', async () => {
  const { talk } = await world.posted(png(5, 4), 'a.png');
  const { basePath, appId, keyId, secret } = world.made.sunshine;
  const authorization = `Basic ${Buffer.from(`${keyId}:${secret}`).toString('base64')}`;
  const list = await fetch(
    `${basePath}/v2/apps/${appId}/conversations?filter[userId]=${world.ben.sunshineId}`,
    {
      headers: { authorization },
    },
  );
  const { conversations } = (await list.json()) as Json;
  const answer = await fetch(`${basePath}/v2/apps/${appId}/conversations/${conversations[0].id}/messages`, {
    headers: { authorization },
  });
  const { content } = ((await answer.json()) as Json).messages[0];
  expect(content).toMatchObject({ type: 'image', mediaType: 'image/png', altText: 'a.png' });
  expect((await get(content.mediaUrl)).status).toBe(200);

  const token = await fetch(`${world.hub.url}/admin/apps/${world.made.app.slug}/users/ben/token`, {
    method: 'POST',
    headers: { authorization: `Bearer ${world.hub.adminToken}` },
  });
  const socket = new RealtimeSocket(world.made.realtime.url, [
    'parlance.v1',
    `token.${((await token.json()) as Json).token}`,
  ]);
  await socket.next('hello');
  await socket.ask({ t: 'subscribe', c: talk, since: 0 });
  const event = await socket.event(Number(talk), 2);
  expect(event).toMatchObject({ clientId: null, attachments: [{ name: 'a.png', width: 5, height: 4 }] });
  expect((await get(`${world.hub.url}${(event as Json).attachments[0].url}`)).status).toBe(200);
  await socket.close();
});
