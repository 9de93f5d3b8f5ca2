import { gzipSync } from 'node:zlib';
import { describe, expect, test } from 'vitest';
import {
  answer,
  bodyOf,
  charsetOf,
  endedCookie,
  refuseForeignPage,
  sessionCookie,
} from '../../../src/dialects/tapatalk/transport.ts';
import { sessionTokenIn } from '../../../src/http/cookies.ts';
import type { Hub } from '../../../src/hub/context.ts';
import { app } from './samples.ts';

const hub = (origin = 'http://127.0.0.1:8787') => ({ origin }) as Hub;
const post = (body: BodyInit, headers: Record<string, string> = {}) =>
  new Request('http://127.0.0.1:8787/mobiquo/mobiquo.php', { method: 'POST', body, headers });
const bytesOf = async (request: Request) => Buffer.from(await bodyOf(request)).toString('latin1');

describe('the body', () => {
  const call = '<?xml version="1.0"?><methodCall/>';

  test('is read whatever its Content-Type says', async () => {
    for (const type of [
      'text/xml',
      'application/x-www-form-urlencoded',
      'multipart/form-data',
      'image/png',
    ]) {
      expect(await bytesOf(post(Buffer.from(call), { 'content-type': type }))).toBe(call);
    }
  });
  test('is inflated when it is gzip, announced or not', async () => {
    expect(await bytesOf(post(gzipSync(call), { 'content-encoding': 'gzip' }))).toBe(call);
    expect(await bytesOf(post(gzipSync(call)))).toBe(call);
  });
  test('is taken as it is when it only claims to be gzip, or breaks off', async () => {
    expect(await bytesOf(post(Buffer.from(call), { 'content-encoding': 'gzip' }))).toBe(call);
    const broken = gzipSync(call).subarray(0, 20);
    expect(await bytesOf(post(broken))).toBe(broken.toString('latin1'));
  });
  test('is refused past 256 KiB, as sent and as inflated', async () => {
    const refused = expect.objectContaining({ refusal: expect.objectContaining({ code: 'too_large' }) });
    expect((await bytesOf(post(Buffer.alloc(262_144, 32)))).length).toBe(262_144);
    await expect(bytesOf(post(Buffer.alloc(262_145, 32)))).rejects.toEqual(refused);
    expect((await bytesOf(post(gzipSync(Buffer.alloc(262_144, 32))))).length).toBe(262_144);
    await expect(bytesOf(post(gzipSync(Buffer.alloc(50_000_000))))).rejects.toEqual(refused);
  });
});

test('the charset is read out of the Content-Type, however it is written', () => {
  const charset = (type?: string) => charsetOf(post('x', type === undefined ? {} : { 'content-type': type }));
  expect(charset('text/xml; charset=utf-8')).toBe('utf-8');
  expect(charset('text/xml;charset="ISO-8859-1"')).toBe('ISO-8859-1');
  expect(charset('text/xml; CHARSET = us-ascii; x=y')).toBe('us-ascii');
  expect(charset('text/xml')).toBeNull();
});

describe('the session cookie', () => {
  const soon = Date.now() + 3_600_500;

  test('is one that a client which splits at "=" can keep', () => {
    for (const cookie of [sessionCookie(app, hub(), 'abc.def-_', soon), endedCookie(app, hub())]) {
      const pair = cookie.split(';')[0] as string;
      expect(pair.split('=')).toHaveLength(2);
      expect(pair.split('=')[1]).not.toBe('');
    }
  });
  test('is kept from scripts, from other sites and, under TLS, from plain connections', () => {
    // However long this file has been running: the clock is real here.
    const timeless = (origin?: string) =>
      sessionCookie(app, hub(origin), 't', soon).replace(/Max-Age=3[56]\d\d;/, 'Max-Age=<an hour>;');
    const cookie = 'parlance_7=t; Path=/; Max-Age=<an hour>; HttpOnly; SameSite=Lax';
    expect(timeless()).toBe(cookie);
    expect(timeless('https://forum.example')).toBe(`${cookie}; Secure`);
  });
  test('is found among others, and one of another app is not taken for it', () => {
    const of = (cookie: string) => sessionTokenIn(post('x', { cookie }), app.number);
    expect(of('tapatalk = 1; parlance_7=abc; x=y')).toBe('abc');
    expect(of('tapatalk = 1;parlance_7 = abc')).toBe('abc');
    expect(of('parlance_77=abc; xparlance_7=d')).toBeNull();
    expect(of('parlance_7=')).toBeNull();
    expect(of('parlance_7')).toBeNull();
  });
});

describe('pages of other sites', () => {
  const from = (origin?: string) => () =>
    refuseForeignPage(post('x', origin === undefined ? {} : { origin }), hub(), app);

  test('may not call: a form there would post with the cookie of whoever looks at it', () => {
    for (const origin of [
      'https://evil.example',
      'null',
      'http://127.0.0.1:9999',
      'https://app.example.evil',
    ]) {
      expect(from(origin), origin).toThrow(/not have permission/);
    }
  });
  test('programs, the hub itself and the origins of the app may', () => {
    for (const origin of [undefined, 'http://127.0.0.1:8787', 'https://app.example']) {
      expect(from(origin), String(origin)).not.toThrow();
    }
  });
});

test('an answer has status 200, names the state of the session, and sets each cookie in a header of its own', () => {
  const response = answer('<x/>', {
    type: 'text/xml; charset=utf-8',
    signedIn: false,
    cookies: ['a=1', 'b=2'],
  });
  expect(response.status).toBe(200);
  expect(response.headers.get('content-type')).toBe('text/xml; charset=utf-8');
  expect(response.headers.get('mobiquo_is_login')).toBe('false');
  expect(response.headers.getSetCookie()).toEqual(['a=1', 'b=2']);
  expect(answer('<x/>', { type: 'text/xml', signedIn: true }).headers.get('mobiquo_is_login')).toBe('true');
});
