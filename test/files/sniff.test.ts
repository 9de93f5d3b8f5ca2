// What a file is, its bytes say: signatures, texts, and what the name may add.
import { expect, test } from 'vitest';
import { DEFAULT_FILE_TYPES, judge, mayShow, plainName } from '../../src/domain/file-types.ts';
import { sizeOf } from '../../src/files/picture.ts';
import { typeOf } from '../../src/files/sniff.ts';
import { png } from '../support/uploads.ts';

const bytes = (text: string, total = 64): Uint8Array => {
  const head = Buffer.from(text, 'latin1');
  return new Uint8Array(Buffer.concat([head, Buffer.alloc(Math.max(0, total - head.length), 1)]));
};
const mimeOf = (text: string, total?: number) => typeOf(bytes(text, total))?.mime ?? null;

test('files of every known kind are told by their first bytes', () => {
  expect(typeOf(png(1, 1))?.mime).toBe('image/png');
  expect(mimeOf('\xff\xd8\xff\xe0')).toBe('image/jpeg');
  expect(mimeOf('GIF89a')).toBe('image/gif');
  expect(mimeOf('RIFF\x10\0\0\0WEBPVP8 ')).toBe('image/webp');
  expect(mimeOf('RIFF\x10\0\0\0WAVEfmt ')).toBe('audio/wav');
  expect(mimeOf('BM\x46\0\0\0\0\0\0\0\x36\0\0\0\x28\0\0\0')).toBe('image/bmp');
  expect(mimeOf('\0\0\0\x18ftypheic')).toBe('image/heic');
  expect(mimeOf('\0\0\0\x1cftypavif')).toBe('image/avif');
  expect(mimeOf('\0\0\0\x18ftypmp42')).toBe('video/mp4');
  expect(mimeOf('%PDF-1.7\n')).toBe('application/pdf');
  expect(mimeOf('PK\x03\x04')).toBe('application/zip');
  expect(mimeOf('\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1')).toBe('application/x-ole-storage');
  expect(mimeOf('ID3\x04')).toBe('audio/mpeg');
  expect(mimeOf('\xff\xfb\x90\x64')).toBe('audio/mpeg');
  expect(mimeOf('OggS\0')).toBe('audio/ogg');
  expect(mimeOf('\x1aE\xdf\xa3')).toBe('video/webm');
  expect(mimeOf('MZ\x90\0\x03')).toBe('application/x-msdownload');
  expect(mimeOf('\x7fELF\x02')).toBe('application/x-executable');
  expect(mimeOf('\x00\x01\x02\x03')).toBe(null);
});

test('texts are told from pages and drawings', () => {
  const text = (words: string) => typeOf(new TextEncoder().encode(words))?.mime ?? null;
  expect(text('Grüße, 日本 😀\nBM is a word, and so is MZ')).toBe('text/plain');
  expect(text('BM')).toBe('text/plain');
  expect(text('a,b\n1,2\n')).toBe('text/plain');
  expect(text('\n <!-- x --> <!DOCTYPE html><p>')).toBe('text/html');
  expect(text('<script>alert(1)</script>')).toBe('text/html');
  expect(text('\ufeff<HTML>')).toBe('text/html');
  expect(text('<?xml version="1.0"?><svg xmlns="http://www.w3.org/2000/svg">')).toBe('image/svg+xml');
  expect(text('<svg onload="alert(1)"/>')).toBe('image/svg+xml');
  expect(text('<?xml version="1.0"?><rss/>')).toBe('application/xml');
  expect(text('1 < 2')).toBe('text/plain');
  expect(text('bell \u0007')).toBe(null);
  // Cut in the middle of a character.
  expect(typeOf(new TextEncoder().encode('é'.repeat(3_000)).subarray(0, 4_097))?.mime).toBe('text/plain');
});

test('a text of comments is looked at once', { timeout: 20_000 }, () => {
  const comments = '<!---->'.repeat(580);
  expect(typeOf(new TextEncoder().encode(`${comments}x`))?.mime).toBe('text/plain');
  expect(typeOf(new TextEncoder().encode(`${comments}<p>`))?.mime).toBe('text/html');
  expect(typeOf(new TextEncoder().encode('<!-- <html>'))?.mime).toBe('text/plain');
});

test('the bytes decide, and the name chooses among what they can be', () => {
  const as = (mime: string, name: string) => {
    const known = {
      'image/png': typeOf(png(1, 1)),
      zip: typeOf(bytes('PK\x03\x04')),
      text: typeOf(bytes('x', 1)),
    }[mime];
    return judge(known ?? null, name, DEFAULT_FILE_TYPES);
  };
  expect(as('image/png', 'a.png')).toEqual({ name: 'a.png', mime: 'image/png', ending: 'png' });
  expect(as('image/png', 'a.jpg')).toEqual({ name: 'a.png', mime: 'image/png', ending: 'png' });
  expect(as('image/png', 'picture')).toEqual({ name: 'picture.png', mime: 'image/png', ending: 'png' });
  expect(as('image/png', 'v1.2')).toEqual({ name: 'v1.2.png', mime: 'image/png', ending: 'png' });
  expect(as('zip', 'report.docx')?.mime).toMatch(/wordprocessingml/);
  expect(as('zip', 'a.pdf')).toMatchObject({ name: 'a.zip', mime: 'application/zip' });
  expect(as('zip', 'a.apk')).toBe(null);
  expect(as('text', 'a.csv')).toMatchObject({ mime: 'text/csv' });
  expect(as('text', 'a.js')).toBe(null);
  // Bytes of no known kind under the name of a known one, and under one that is not taken.
  expect(as('nothing', 'a.png')).toBe(null);
  expect(as('nothing', 'a.bin')).toBe(null);
  expect(judge(null, 'a.bin', ['bin'])).toEqual({
    name: 'a.bin',
    mime: 'application/octet-stream',
    ending: 'bin',
  });
  expect(judge(typeOf(bytes('\xff\xd8\xff')), 'a.jpeg', ['jpg'])).toMatchObject({ name: 'a.jpeg' });
});

test('nothing is taken by default that runs when it is opened, and no page or drawing is shown', () => {
  for (const ending of ['html', 'svg', 'js', 'exe', 'xml', 'apk', 'jar', 'com'])
    expect(DEFAULT_FILE_TYPES).not.toContain(ending);
  for (const mime of ['text/html', 'image/svg+xml', 'application/xml', 'application/pdf', 'text/plain', ''])
    expect([mime, mayShow(mime)]).toEqual([mime, false]);
  for (const mime of ['image/png', 'image/jpeg', 'audio/mpeg', 'video/mp4', 'audio/mp4'])
    expect([mime, mayShow(mime)]).toEqual([mime, true]);
});

test('names are one line, without a path and without tricks', () => {
  expect(plainName('C:\\Users\\me\\a.txt')).toBe('a.txt');
  expect(plainName('../../etc/passwd')).toBe('passwd');
  expect(plainName('a\r\nb\u0000.txt')).toBe('ab.txt');
  expect(plainName('cod\u202Egpj.exe')).toBe('codgpj.exe');
  expect(plainName('  ..hidden ')).toBe('hidden');
  expect(plainName('\u200b')).toBe('file');
  const long = plainName(`${'😀'.repeat(300)}.jpeg`);
  expect([...long]).toHaveLength(200);
  expect(long.endsWith('😀.jpeg')).toBe(true);
});

test('pictures have the size that their header says', () => {
  expect(sizeOf('image/png', png(640, 480))).toEqual({ width: 640, height: 480 });
  expect(sizeOf('image/gif', bytes('GIF89a\x40\x01\xf0\0'))).toEqual({ width: 320, height: 240 });
  const webp = (chunk: string) => sizeOf('image/webp', bytes(`RIFF\x10\0\0\0WEBP${chunk}`));
  expect(webp('VP8 \0\0\0\0\0\0\0\x9d\x01\x2a\x40\x41\xf0\xc0')).toEqual({ width: 320, height: 240 });
  expect(webp('VP8L\0\0\0\0\x2f\x3f\xc1\x3b\0')).toEqual({ width: 320, height: 240 });
  expect(webp('VP8X\x0a\0\0\0\0\0\0\0\x3f\x01\0\xef\0\0')).toEqual({ width: 320, height: 240 });
  const jpeg = (before: string) =>
    sizeOf('image/jpeg', bytes(`\xff\xd8${before}\xff\xc2\0\x11\x08\0\xf0\x01\x40\x03`));
  expect(jpeg('')).toEqual({ width: 320, height: 240 });
  expect(jpeg(`\xff\xe1\xff\xfd${'e'.repeat(0xfffb)}\xff\xff\xdb\0\x03\0\xff\xc4\0\x03\0`)).toEqual({
    width: 320,
    height: 240,
  });
  expect(
    sizeOf('image/bmp', bytes('BM\0\0\0\0\0\0\0\0\x36\0\0\0\x28\0\0\0\x40\x01\0\0\x10\xff\xff\xff')),
  ).toEqual({ width: 320, height: 240 });
});

test('a header that is broken, cut or not of a picture has no size', () => {
  expect(sizeOf('image/png', png(640, 480).subarray(0, 20))).toBe(null);
  expect(sizeOf('image/png', png(0, 480))).toBe(null);
  expect(sizeOf('image/jpeg', bytes('\xff\xd8\xff\xda\0\x0c'))).toBe(null);
  expect(sizeOf('image/jpeg', bytes('\xff\xd8\xff\xe0\xff\xff', 20))).toBe(null);
  expect(sizeOf('image/jpeg', bytes('\xff\xd8'.padEnd(40, '\0')))).toBe(null);
  expect(sizeOf('image/webp', bytes('RIFF\x10\0\0\0WEBPXXXX'))).toBe(null);
  for (const mime of ['image/png', 'image/jpeg', 'image/gif', 'image/webp', 'image/bmp'])
    expect(sizeOf(mime, new Uint8Array(3))).toBe(null);
  expect(sizeOf('application/pdf', bytes('%PDF-'))).toBe(null);
});
