// Documents that xmlrpc-parser 1.0.3 reads right, by contracts/tapatalk.md 5.5: strings without outer white space, CDATA or
// numeric references; numbers, which it leaves as text; booleans in words; padded base64 of text without emoji; dates at
// +00:00; arrays, and structs without __proto__.

import { readText } from '../../src/xmlrpc/read.ts';
import { DateTime, Double, type InValue } from '../../src/xmlrpc/value.ts';
import { fc } from '../fuzz/made-up.ts';

/** Our value as the other package would put it, which drops the types of numbers and bytes. */
export function untyped(value: InValue): unknown {
  if (typeof value === 'number') return String(value);
  if (value instanceof Double) return String(value.value);
  if (value instanceof DateTime) return new Date(value.epochMs);
  if (value instanceof Uint8Array) return readText(value, 0);
  if (value instanceof Map)
    return Object.fromEntries([...value].map(([name, member]) => [name, untyped(member)]));
  return Array.isArray(value) ? value.map(untyped) : value;
}

export const anyText = fc
  .string({ unit: fc.constantFrom(...'abcXYZ 0189_-.,:;/?!()[]{}"\'=+*#@éßЖ日本語<>&'), maxLength: 30 })
  .map((content) => content.trim());
const name = anyText.filter((content) => content !== '__proto__');
/** White space where it means nothing. */
const gap = fc.constantFrom('', '', '\n', '  ', '\n\t');

/** Text as it may stand in an element. */
export function escaped(content: string): string {
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
  element('string', anyText.map(escaped)),
  element('int', fc.integer({ min: -(2 ** 31), max: 2 ** 31 - 1 }).map(String)),
  element('i4', fc.nat().map(String)),
  element(
    'double',
    fc.double({ noNaN: true, noDefaultInfinity: true }).map((n) => String(n + 0)),
  ),
  element('boolean', fc.constantFrom('true', 'false', '0')),
  element(
    'base64',
    anyText.filter((content) => content !== '').map((content) => Buffer.from(content).toString('base64')),
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
    { weight: 1, arbitrary: element('value', anyText.map(escaped)) },
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

/** A methodCall. */
export const anyCall: fc.Arbitrary<string> = joined(element('param', value)).map(
  (params) =>
    `<?xml version="1.0"?><methodCall><methodName>m</methodName><params>${params}</params></methodCall>`,
);

/** A methodResponse with a value. */
export const anyAnswer: fc.Arbitrary<string> = value.map(
  (inside) => `<methodResponse><params><param>${inside}</param></params></methodResponse>`,
);
