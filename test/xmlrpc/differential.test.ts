// xmlrpc-parser 1.0.3 as a second opinion, on what contracts/tapatalk.md 5.5 found it to read right: strings without outer
// white space, CDATA or numeric references; numbers, which it leaves as text; booleans in words; padded base64 of text
// without emoji; dates at +00:00; arrays, and structs without __proto__. The rest of 5.5 is corpus/sheet.ts.
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { XmlRpcResponse } from 'xmlrpc-parser';
import { decodeCall, decodeResponse } from '../../src/xmlrpc/decode.ts';
import { readText } from '../../src/xmlrpc/read.ts';
import { DateTime, Double, type InValue } from '../../src/xmlrpc/value.ts';
import { bytesOf } from './corpus/case.ts';

const theirs = (xml: string) => new XmlRpcResponse().parse(xml);

/** Our value as the other package would put it, which drops the types of numbers and bytes. */
function untyped(value: InValue): unknown {
  if (typeof value === 'number') return String(value);
  if (value instanceof Double) return String(value.value);
  if (value instanceof DateTime) return new Date(value.epochMs);
  if (value instanceof Uint8Array) return readText(value, 0);
  if (value instanceof Map)
    return Object.fromEntries([...value].map(([name, member]) => [name, untyped(member)]));
  return Array.isArray(value) ? value.map(untyped) : value;
}

const text = fc
  .string({ unit: fc.constantFrom(...'abcXYZ 0189_-.,:;/?!()[]{}"\'=+*#@éßЖ日本語<>&'), maxLength: 30 })
  .map((content) => content.trim());
const name = text.filter((content) => content !== '__proto__');
/** White space where it means nothing. */
const gap = fc.constantFrom('', '', '\n', '  ', '\n\t');

function escaped(content: string): string {
  return content
    .replaceAll('&', '&amp;')
    .replaceAll('<', '&lt;')
    .replaceAll('>', '&gt;')
    .replaceAll('"', '&quot;');
}

function element(tag: string, content: fc.Arbitrary<string>): fc.Arbitrary<string> {
  return fc.tuple(gap, content).map(([space, inside]) => `<${tag}>${inside}</${tag}>${space}`);
}

const scalar = fc.oneof(
  element('string', text.map(escaped)),
  element('int', fc.integer({ min: -(2 ** 31), max: 2 ** 31 - 1 }).map(String)),
  element('i4', fc.nat().map(String)),
  element(
    'double',
    fc.double({ noNaN: true, noDefaultInfinity: true }).map((n) => String(n + 0)),
  ),
  element('boolean', fc.constantFrom('true', 'false', '0')),
  element(
    'base64',
    text.filter((content) => content !== '').map((content) => Buffer.from(content).toString('base64')),
  ),
  element(
    'dateTime.iso8601',
    fc
      .date({
        min: new Date('1970-01-01T00:00:00Z'),
        max: new Date('2099-12-31T23:59:59Z'),
        noInvalidDate: true,
      })
      .map((date) => `${date.toISOString().slice(0, 19).replaceAll('-', '')}+00:00`),
  ),
);

const { value } = fc.letrec<{ value: string; typed: string }>((tie) => ({
  value: fc.oneof(
    { weight: 9, arbitrary: element('value', tie('typed')) },
    { weight: 1, arbitrary: element('value', text.map(escaped)) },
  ),
  typed: fc.oneof(
    { maxDepth: 4 },
    { weight: 3, arbitrary: scalar },
    { weight: 1, arbitrary: element('array', element('data', joined(tie('value')))) },
    {
      weight: 1,
      arbitrary: element(
        'struct',
        joined(element('member', pair(element('name', name.map(escaped)), tie('value')))),
      ),
    },
  ),
}));

function joined(piece: fc.Arbitrary<string>): fc.Arbitrary<string> {
  return fc.array(piece, { maxLength: 4 }).map((pieces) => pieces.join(''));
}

function pair(first: fc.Arbitrary<string>, second: fc.Arbitrary<string>): fc.Arbitrary<string> {
  return fc.tuple(first, second).map((both) => both.join(''));
}

const RUNS = { numRuns: 150 }; // each waits for a timer of the other package

test('calls are read alike', async () => {
  const call = joined(element('param', value)).map(
    (params) =>
      `<?xml version="1.0"?><methodCall><methodName>m</methodName><params>${params}</params></methodCall>`,
  );
  await fc.assert(
    fc.asyncProperty(call, async (xml) => {
      const { method, params } = decodeCall(bytesOf(xml));
      expect(await theirs(xml)).toMatchObject({ method, is_response: false, params: params.map(untyped) });
    }),
    RUNS,
  );
});

test('answers are read alike', async () => {
  const answer = value.map(
    (inside) => `<methodResponse><params><param>${inside}</param></params></methodResponse>`,
  );
  await fc.assert(
    fc.asyncProperty(answer, async (xml) => {
      const ours = decodeResponse(bytesOf(xml));
      expect(ours.fault).toBeUndefined();
      const { params } = await theirs(xml);
      expect(params).toEqual([untyped(ours.fault ? null : ours.value)]);
    }),
    RUNS,
  );
});

test('faults are read alike', async () => {
  const fault = fc.record({ code: fc.integer({ min: -40_000, max: 40_000 }), reason: text });
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
