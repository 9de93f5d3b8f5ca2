// xmlrpc-parser 1.0.3 as a second opinion, on what contracts/tapatalk.md 5.5 found it to read right (subset.ts). The rest of
// 5.5 is corpus/sheet.ts, and thousands of documents more test/fuzz/differential.test.ts.

import { expect, test } from 'vitest';
import { XmlRpcResponse } from 'xmlrpc-parser';
import { decodeCall, decodeResponse } from '../../src/xmlrpc/decode.ts';
import { fc } from '../fuzz/made-up.ts';
import { bytesOf } from './corpus/case.ts';
import { anyAnswer, anyCall, anyText, escaped, untyped } from './subset.ts';

const theirs = (xml: string) => new XmlRpcResponse().parse(xml);

const RUNS = { numRuns: 150 }; // each waits for a timer of the other package

test('calls are read alike', async () => {
  await fc.assert(
    fc.asyncProperty(anyCall, async (xml) => {
      const { method, params } = decodeCall(bytesOf(xml));
      expect(await theirs(xml)).toMatchObject({ method, is_response: false, params: params.map(untyped) });
    }),
    RUNS,
  );
});

test('answers are read alike', async () => {
  await fc.assert(
    fc.asyncProperty(anyAnswer, async (xml) => {
      const ours = decodeResponse(bytesOf(xml));
      expect(ours.fault).toBeUndefined();
      const { params } = await theirs(xml);
      expect(params).toEqual([untyped(ours.fault ? null : ours.value)]);
    }),
    RUNS,
  );
});

test('faults are read alike', async () => {
  const fault = fc.record({ code: fc.integer({ min: -40_000, max: 40_000 }), reason: anyText });
  await fc.assert(
    fc.asyncProperty(fault, async ({ code, reason }) => {
      const xml =
        `<methodResponse><fault><value><struct><member><name>faultCode</name><value><int>${code}</int></value></member>` +
        `<member><name>faultString</name><value><string>${escaped(reason)}</string></value></member></struct></value>` +
        '</fault></methodResponse>';
      expect(decodeResponse(bytesOf(xml))).toEqual({ fault: { code, text: reason } });
      expect(await theirs(xml)).toMatchObject({
        is_fault: true,
        params: [{ faultCode: String(code), faultString: reason }],
      });
    }),
    RUNS,
  );
});

test('where it is known to go wrong it still does: the reasons for a codec of our own hold', async () => {
  const one = async (xml: string) =>
    (
      await theirs(
        `<methodCall><methodName>m</methodName><params><param>${xml}</param></params></methodCall>`,
      )
    ).params[0];
  expect(await one('<value><boolean>1</boolean></value>')).toBe(false);
  expect(await one('<value><int>12abc</int></value>')).toBe('12abc');
  expect(await one('<value><nil/></value>')).toBe('');
  expect(await one('<value><string><![CDATA[a<b]]></string></value>')).toBe('');
  expect(await one('<value><base64>aGkg8J+YgA==</base64></value>')).not.toBe('hi 😀');
});
