import { expect, test } from 'vitest';
import { decodeCall, decodeResponse } from '../../src/xmlrpc/decode.ts';
import { encodeCall, encodeFault, encodeResponse } from '../../src/xmlrpc/encode.ts';
import { XmlRpcFault } from '../../src/xmlrpc/fault.ts';
import type { InValue } from '../../src/xmlrpc/value.ts';
import { fc } from '../fuzz/made-up.ts';
import { checkCanonical } from '../support/canonical.ts';
import { anySample, anyText, carried } from './arbitrary.ts';
import { CORPUS } from './corpus/all.ts';
import { bytesOf } from './corpus/case.ts';

/** Structs whose names look like numbers come back in another order, as JavaScript objects keep them: sort both. */
function sorted(value: InValue): unknown {
  if (value instanceof Map) {
    return new Map(
      [...value]
        .map(([name, member]) => [name, sorted(member)] as const)
        .sort(([a], [b]) => (a < b ? -1 : 1)),
    );
  }
  return Array.isArray(value) ? value.map(sorted) : value;
}

test('an answer that was written is read as what it was', () => {
  fc.assert(
    fc.property(anySample, ({ out, want }) => {
      const answer = decodeResponse(bytesOf(encodeResponse(out)));
      expect(answer.fault).toBeUndefined();
      expect(sorted(answer.fault ? null : answer.value)).toStrictEqual(sorted(want));
    }),
    { numRuns: 500 },
  );
});

test('a call that was written is read as what it was', () => {
  fc.assert(
    fc.property(fc.array(anySample, { maxLength: 4 }), (samples) => {
      const call = decodeCall(
        bytesOf(
          encodeCall(
            'm',
            samples.map(({ out }) => out),
          ),
        ),
      );
      expect(call.method).toBe('m');
      expect(call.params.map(sorted)).toStrictEqual(samples.map(({ want }) => sorted(want)));
    }),
    { numRuns: 200 },
  );
});

test('a fault that was written is read as what it was', () => {
  fc.assert(
    fc.property(anyText, (text) => {
      const xml = encodeFault(-32500, text);
      expect(checkCanonical(xml)).toEqual([]);
      expect(decodeResponse(bytesOf(xml))).toStrictEqual({ fault: { code: -32500, text: carried(text) } });
    }),
  );
});

test('every answer is canonical', () => {
  fc.assert(
    fc.property(anySample, ({ out }) => {
      expect(checkCanonical(encodeResponse(out), { ids: false })).toEqual([]);
    }),
    { numRuns: 500 },
  );
});

/** Fails on anything thrown but the typed error. */
function onlyTypedErrors(doc: Uint8Array, charset?: string): void {
  for (const decode of [decodeCall, decodeResponse]) {
    try {
      decode(doc, charset);
    } catch (error) {
      expect(error).toBeInstanceOf(XmlRpcFault);
    }
  }
}

const anyCharset = fc.option(fc.constantFrom('utf-8', 'us-ascii', 'iso-8859-1', 'utf-16', '', '"'), {
  nil: undefined,
});

test('random bytes throw nothing but the typed error', () => {
  fc.assert(fc.property(fc.uint8Array({ maxLength: 200 }), anyCharset, onlyTypedErrors), { numRuns: 1000 });
});

test('random runs of markup throw nothing but the typed error', () => {
  const piece = fc.constantFrom(
    ...[
      '<methodCall>',
      '<methodName>',
      'm',
      '</methodName>',
      '<params>',
      '<param>',
      '<value>',
      '</value>',
      '</param>',
    ],
    ...[
      '<int>',
      '5',
      '</int>',
      '<string/>',
      '<base64>',
      'aGk=',
      '</base64>',
      '<array>',
      '<data>',
      '</data>',
      '</array>',
    ],
    ...[
      '<struct>',
      '<member>',
      '<name>',
      'a',
      '</name>',
      '</member>',
      '</struct>',
      '<nil/>',
      '<![CDATA[',
      ']]>',
      '<!--',
    ],
    ...[
      '-->',
      '<?',
      '?>',
      '<!DOCTYPE',
      '<',
      '>',
      '/',
      '&',
      '&#',
      ';',
      '&amp;',
      ' ',
      '\n',
      '"',
      "'",
      '=',
      ' xmlns:x="y"',
    ],
    ...[
      '<?xml version="1.0"?>',
      '<value ',
      '<i8>',
      '</methodCall>',
      '</params>',
      '<methodResponse>',
      '<fault>',
      '\0',
      '😀',
    ],
  );
  const run = fc.array(piece, { maxLength: 40 }).map((pieces) => bytesOf(pieces.join('')));
  fc.assert(fc.property(run, anyCharset, onlyTypedErrors), { numRuns: 3000 });
});

test('documents of the corpus with a bite taken out or put in throw nothing but the typed error', () => {
  const small = CORPUS.flatMap(([, cases]) => cases).filter(({ doc }) => doc.length < 2000);
  const bitten = fc
    .tuple(fc.constantFrom(...small), fc.nat(2000), fc.nat(20), fc.uint8Array({ maxLength: 5 }))
    .map(([{ doc }, at, length, put]) => {
      const from = at % doc.length;
      return Uint8Array.from([...doc.subarray(0, from), ...put, ...doc.subarray(from + length)]);
    });
  fc.assert(fc.property(bitten, anyCharset, onlyTypedErrors), { numRuns: 3000 });
});
