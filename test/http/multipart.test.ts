// Forms as they arrive, cut anywhere: the same parts, whatever the network makes of them.
import { expect, test } from 'vitest';
import type { Refused } from '../../src/domain/errors.ts';
import { boundaryOf, fieldText, readMultipart } from '../../src/http/multipart.ts';

const BOUNDARY = '------------------------d74496d66958873e';
const MAX = 1024 * 1024;

const bytesOf = (text: string) => Buffer.from(text, 'latin1');
const utf8 = (text: string) => Buffer.from(text).toString('latin1');

/** A form as curl writes it; each part its headers and its content. */
const form = (...parts: [headers: string, content: string][]): string =>
  [
    ...parts.map(([head, content]) => `--${BOUNDARY}\r\n${head}\r\n\r\n${content}\r\n`),
    `--${BOUNDARY}--\r\n`,
  ].join('');

/** The bytes, arriving in pieces that end at the cuts. */
function streamOf(bytes: Uint8Array, cuts: readonly number[]): ReadableStream<Uint8Array> {
  const ends = [...cuts, bytes.length].filter((end) => end > 0);
  let at = 0;
  return new ReadableStream({
    type: 'bytes',
    pull(controller) {
      const end = ends.shift();
      if (end === undefined) {
        controller.close();
        controller.byobRequest?.respond(0);
      } else {
        controller.enqueue(new Uint8Array(bytes.subarray(at, end)));
        at = end;
      }
    },
  });
}

type Read = [name: string, filename: string | null, content: string][];

async function read(body: string, cuts: readonly number[] = [], maxBytes = MAX): Promise<Read> {
  const parts: Read = [];
  for await (const part of readMultipart(streamOf(bytesOf(body), cuts), BOUNDARY, maxBytes)) {
    const chunks: Buffer[] = [];
    for await (const chunk of part.bytes) chunks.push(Buffer.from(new Uint8Array(chunk)));
    parts.push([part.name, part.filename, Buffer.concat(chunks).toString('latin1')]);
  }
  return parts;
}

/** Content that begins like a boundary again and again. */
const TRICKY = `\r\n-\r\n--\r\n--${BOUNDARY.slice(0, -1)}\r\r\n\n--${BOUNDARY.slice(1)}\r\n`;
const SAMPLE = form(
  ['Content-Disposition: form-data; name="method_name"', 'upload_attach'],
  [
    `content-disposition:form-data; name="content[]"; filename="${utf8('日本 "1".png').replaceAll('"', '\\"')}"\r\nContent-Type: image/png`,
    TRICKY,
  ],
  ['Content-Disposition: form-data; name=empty', ''],
);
const PARTS: Read = [
  ['method_name', null, 'upload_attach'],
  ['content[]', '日本 "1".png', TRICKY],
  ['empty', null, ''],
];

test('a form is its parts, in order', async () => {
  expect(await read(SAMPLE)).toEqual(PARTS);
});

test('wherever it is cut in two, and byte by byte', async () => {
  const { length } = bytesOf(SAMPLE);
  for (let cut = 1; cut < length; cut++) expect([cut, await read(SAMPLE, [cut])]).toEqual([cut, PARTS]);
  expect(
    await read(
      SAMPLE,
      Array.from({ length }, (_, i) => i),
    ),
  ).toEqual(PARTS);
});

test('what Node itself reads of a form, we read', async () => {
  const given = new FormData();
  given.set('a', 'one\r\ntwo');
  given.set('näme', 'ü');
  given.set('file', new File([new Uint8Array([0, 255, 13, 10, 45, 45])], 'a b"c%.bin'));
  const response = new Response(given);
  const boundary = boundaryOf(response.headers.get('content-type')) as string;
  const bytes = new Uint8Array(await response.clone().arrayBuffer());
  const theirs = await response.formData();
  const ours: [string, string | null, number[]][] = [];
  for await (const part of readMultipart(streamOf(bytes, []), boundary, MAX)) {
    const chunks: number[] = [];
    for await (const chunk of part.bytes) chunks.push(...chunk);
    ours.push([part.name, part.filename, chunks]);
  }
  const expected: typeof ours = [];
  for (const [name, value] of theirs) {
    const isFile = typeof value !== 'string';
    const content = isFile ? new Uint8Array(await value.arrayBuffer()) : new TextEncoder().encode(value);
    expected.push([name, isFile ? value.name : null, [...content]]);
  }
  expect(ours).toEqual(expected);
});

test('a part that nobody reads, or only begins to read, is stepped over', async () => {
  const names: string[] = [];
  for await (const part of readMultipart(streamOf(bytesOf(SAMPLE), [300]), BOUNDARY, MAX)) {
    names.push(part.name);
    if (part.filename !== null) await part.bytes[Symbol.asyncIterator]().next();
  }
  expect(names).toEqual(['method_name', 'content[]', 'empty']);
});

test('names in other forms', async () => {
  const filename = async (rest: string) => {
    const [part] = await read(form([`Content-Disposition: form-data; name="f"${rest}`, 'x']));
    return part?.[1];
  };
  expect(await filename(`; filename="${utf8('naïve.txt')}"`)).toBe('naïve.txt');
  expect(await filename(`; filename="old.txt"; filename*=UTF-8''na%C3%AFve%20%E2%82%AC.txt`)).toBe(
    'naïve €.txt',
  );
  expect(await filename(`; filename="kept.txt"; filename*=UTF-8''%ff%`)).toBe('kept.txt');
  expect(await filename('; filename="C:\\Documents\\a.txt"')).toBe('C:\\Documents\\a.txt');
  expect(await filename('; filename="a%22b.txt"')).toBe('a"b.txt');
  expect(await filename('; filename=plain.txt')).toBe('plain.txt');
  expect(await filename('; filename=""')).toBe('');
  expect(await filename('')).toBe(null);
});

test('a preamble and spaces behind a boundary mean nothing', async () => {
  const body = SAMPLE.replace(`--${BOUNDARY}\r\n`, `--${BOUNDARY} \t\r\n`);
  expect(await read(`This is a form.\r\n${body}and this is over`)).toEqual(PARTS);
});

test('what is no form is refused', async () => {
  const refused = async (body: string) =>
    read(body).then(
      () => null,
      (error) => error as Refused,
    );
  const bodies = {
    empty: '',
    'something else': '{"a":1}',
    'cut off': SAMPLE.slice(0, -8),
    'cut off in a header': SAMPLE.slice(0, 60),
    'without its end': form(['Content-Disposition: form-data; name="a"', 'b']).replace(/--\r\n$/, '\r\n'),
    'a boundary that goes on': SAMPLE.replace(`${BOUNDARY}\r\n`, `${BOUNDARY}x\r\n`),
    'a header without end': `--${BOUNDARY}\r\nContent-Disposition: ${'x'.repeat(20_000)}`,
    'headers without end': `--${BOUNDARY}\r\n${'a: b\r\n'.repeat(5_000)}`,
    'very many parts': form(...Array.from({ length: 65 }, (): [string, string] => ['a: b', ''])),
  };
  for (const [what, body] of Object.entries(bodies)) {
    expect([what, (await refused(body))?.refusal]).toEqual([
      what,
      { code: 'invalid', message: expect.stringMatching(/^The form cannot be read: /), fields: undefined },
    ]);
  }
});

test('a body over its cap is refused as soon as it is over', async () => {
  await expect(read(SAMPLE, [], 200)).rejects.toMatchObject({
    refusal: { code: 'too_large', limitBytes: 200 },
  });
  const [first] = [readMultipart(streamOf(bytesOf(SAMPLE), []), BOUNDARY, MAX)];
  const part = (await first.next()).value;
  if (!part) throw new Error('no part');
  await expect(fieldText(part, 5)).rejects.toThrow(
    'The form cannot be read: the field “method_name” is too long.',
  );
});

test('the boundary is found in the content type', () => {
  expect(boundaryOf('multipart/form-data; boundary=abc')).toBe('abc');
  expect(boundaryOf('Multipart/Form-Data; charset=utf-8; boundary="a b?c"')).toBe('a b?c');
  for (const other of [
    null,
    '',
    'multipart/form-data',
    'multipart/form-data; boundary=',
    'text/xml; boundary=abc',
  ])
    expect(boundaryOf(other)).toBe(null);
});
