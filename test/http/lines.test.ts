import { expect, test } from 'vitest';
import { BadLine } from '../../src/domain/errors.ts';
import { linesOf } from '../../src/http/lines.ts';

/** A stream of these pieces, as a network cuts them. */
const streamOf = (...pieces: (string | Uint8Array)[]): ReadableStream<Uint8Array> =>
  new ReadableStream({
    start(controller) {
      for (const piece of pieces)
        controller.enqueue(typeof piece === 'string' ? new TextEncoder().encode(piece) : piece);
      controller.close();
    },
  });

const read = async (body: ReadableStream<Uint8Array>, maxBytes = 100) => {
  const lines: [number, string][] = [];
  for await (const { number, text } of linesOf(body, maxBytes)) lines.push([number, text]);
  return lines;
};

test('a line is a line wherever the network cuts it, the last one without an end too', async () => {
  const text = '\ufeff{"a":1}\r\n\n  \n{"ä":"☃"}\n{"b":2}';
  const expected = [
    [1, '{"a":1}\r'],
    [4, '{"ä":"☃"}'],
    [5, '{"b":2}'],
  ];
  const bytes = new TextEncoder().encode(text);
  for (let size = 1; size <= bytes.length; size++) {
    const pieces = [];
    for (let at = 0; at < bytes.length; at += size) pieces.push(bytes.slice(at, at + size));
    expect(await read(streamOf(...pieces))).toEqual(expected);
  }
});

test('nothing, and a body of empty lines, have no line', async () => {
  expect(await read(streamOf())).toEqual([]);
  expect(await read(streamOf('\n\r\n\n'))).toEqual([]);
});

const refusal = (work: Promise<unknown>): Promise<unknown> =>
  work.then(
    () => null,
    (error) => (error instanceof BadLine ? [error.line, error.refusal.code] : error),
  );

test('a line over the cap is refused by its number, before the rest of it has come', async () => {
  expect(await refusal(read(streamOf('{}\n', 'x'.repeat(60), 'x'.repeat(60))))).toEqual([2, 'too_large']);
  expect(await read(streamOf('x'.repeat(100), '\n', 'y'.repeat(100)))).toHaveLength(2);
  let pulled = 0;
  const endless = new ReadableStream<Uint8Array>({
    pull(controller) {
      pulled += 1;
      controller.enqueue(new Uint8Array(50).fill(120));
    },
  });
  expect(await refusal(read(endless))).toEqual([1, 'too_large']);
  expect(pulled).toBeLessThan(6);
});

test('bytes that are no UTF-8 are refused by the number of their line', async () => {
  expect(await refusal(read(streamOf('{}\n\n', new Uint8Array([0x22, 0xff, 0x22]), '\n{}')))).toEqual([
    3,
    'invalid',
  ]);
});
