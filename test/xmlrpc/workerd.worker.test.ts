// The codec where it runs in production: workerd has base64 and UTF-8 coders of its own, so the parts that rest on the
// runtime are held to the same documents there.

import { expect, test } from 'vitest';
import { decodeCall, decodeResponse } from '../../src/xmlrpc/decode.ts';
import { encodeResponse } from '../../src/xmlrpc/encode.ts';
import { XmlRpcFault } from '../../src/xmlrpc/fault.ts';
import { base64 } from '../../src/xmlrpc/value.ts';
import { fc } from '../fuzz/made-up.ts';
import { anyText } from './arbitrary.ts';
import { CORPUS } from './corpus/all.ts';
import { bytesOf, type Case } from './corpus/case.ts';

for (const [area, cases] of CORPUS) {
  test(`${area}: every document is read as in Node`, () => {
    for (const entry of cases) expect(outcome(entry), entry.name).toStrictEqual(entry.want);
  });
}

function outcome({ doc, charset }: Case): unknown {
  try {
    return decodeCall(doc, charset);
  } catch (error) {
    if (!(error instanceof XmlRpcFault)) throw error;
    return { fault: error.code };
  }
}

/** The text of an answer that is one base64, its bytes read as UTF-8. */
function textThrough(text: string): string {
  const answer = decodeResponse(bytesOf(encodeResponse(base64(text))));
  return answer.fault
    ? ''
    : new TextDecoder('utf-8', { ignoreBOM: true, fatal: true }).decode(answer.value as Uint8Array);
}

test('base64 of any text comes back as that text', () => {
  const texts = fc.oneof(
    anyText,
    anyText.map((text) => text.repeat(40)),
  );
  fc.assert(
    fc.property(texts, (text) => {
      expect(textThrough(text)).toBe(text.toWellFormed());
    }),
    { numRuns: 300 },
  );
});

test.each([['é😀'.repeat(15_000)], ['x'.repeat(70_000)]])(
  'a text longer than the scratch buffer comes back',
  (text) => {
    expect(textThrough(text) === text).toBe(true);
  },
);

test('base64 of any bytes comes back', () => {
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 2000 }), (bytes) => {
      const answer = decodeResponse(bytesOf(encodeResponse(base64(bytes))));
      expect(answer).toEqual({ value: bytes });
    }),
    { numRuns: 100 },
  );
});
