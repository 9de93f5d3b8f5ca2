import { globSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { canonicalText, checkCanonical } from './canonical.ts';

const GOOD =
  '<?xml version="1.0" encoding="UTF-8"?><methodResponse><params><param><value><struct>' +
  '<member><name>conv_id</name><value><string>7</string></value></member>' +
  '<member><name>title</name><value><base64>aGk=</base64></value></member>' +
  '<member><name>count</name><value><int>-3</int></value></member>' +
  '<member><name>open</name><value><boolean>1</boolean></value></member>' +
  '<member><name>at</name><value><dateTime.iso8601>20260102T03:04:05+00:00</dateTime.iso8601></value></member>' +
  '<member><name>list</name><value><array><data><value><string>a &amp; b</string></value></data></array></value></member>' +
  '<member><name>none</name><value><struct></struct></value></member>' +
  '</struct></value></param></params></methodResponse>';

const FAULT =
  '<?xml version="1.0" encoding="UTF-8"?><methodResponse><fault><value><struct>' +
  '<member><name>faultCode</name><value><int>-32601</int></value></member>' +
  '<member><name>faultString</name><value><string>No</string></value></member>' +
  '</struct></value></fault></methodResponse>';

test('a canonical answer and a canonical fault have no breaches', () => {
  expect(checkCanonical(GOOD)).toEqual([]);
  expect(checkCanonical(FAULT)).toEqual([]);
});

describe('each rule is seen when it is broken', () => {
  test.each([
    [1, 'bare text', '<string>7</string>', '7'],
    [1, 'an empty value', '<string>7</string>', ''],
    [1, 'two types', '<int>-3</int>', '<int>-3</int><int>4</int>'],
    [1, 'text behind a type', '<int>-3</int>', '<int>-3</int>x'],
    [2, 'a self-closed struct', '<struct></struct>', '<struct/>'],
    [2, 'a self-closed string', '<string>7</string>', '<string />'],
    [2, 'a self-closed data', '<data><value><string>a &amp; b</string></value></data>', '<data/>'],
    [3, 'an attribute', '<int>-3', '<int a="b">-3'],
    [3, 'a namespace', '<methodResponse>', '<methodResponse xmlns:ex="x">'],
    [3, 'CDATA', 'a &amp; b', '<![CDATA[a & b]]>'],
    [3, 'a comment', '<params>', '<!-- x --><params>'],
    [3, 'an instruction', '<params>', '<?x y?><params>'],
    [3, 'a document type', '<methodResponse>', '<!DOCTYPE x><methodResponse>'],
    [3, 'no declaration', '<?xml version="1.0" encoding="UTF-8"?>', ''],
    [3, 'another encoding', 'encoding="UTF-8"', 'encoding="iso-8859-1"'],
    [4, 'i4', '<int>-3</int>', '<i4>-3</i4>'],
    [4, 'i8', '<int>-3</int>', '<i8>-3</i8>'],
    [4, 'double', '<int>-3</int>', '<double>-3.0</double>'],
    [4, 'an int past 32 bits', '<int>-3</int>', '<int>2147483648</int>'],
    [4, 'an int with a plus', '<int>-3</int>', '<int>+3</int>'],
    [5, 'true', '<boolean>1', '<boolean>true'],
    [6, 'nil', '<int>-3</int>', '<nil></nil>'],
    [7, 'a numeric reference', '&amp;', '&#38;'],
    [7, 'an entity of HTML', '&amp;', '&nbsp;'],
    [7, 'a bare ampersand', '&amp;', '&'],
    [7, 'a control character', 'a &amp; b', 'a\u0001b'],
    [7, 'half of an emoji', 'a &amp; b', 'a\ud83d'],
    [8, 'base64 in lines', 'aGk=', 'aG\nk='],
    [8, 'base64 without padding', 'aGk=', 'aGk'],
    [9, 'a date without a zone', '+00:00<', '<'],
    [9, 'a date with Z', '+00:00<', 'Z<'],
    [9, 'a date with dashes', '20260102T', '2026-01-02T'],
    [9, 'a date that is none', '20260102T', '20260230T'],
    [10, 'two params', '<param>', '<param><value><string>x</string></value></param><param>'],
    [10, 'something behind the end', '</methodResponse>', '</methodResponse>\n'],
    [11, 'an array without data', '<array><data>', '<array>'],
    [12, 'an id that is an int', '<string>7</string>', '<int>7</int>'],
    [12, 'uids that are an int', '<name>count</name>', '<name>ignored_uids</name>'],
    [12, 'an id that is a double', '<string>7</string>', '<double>7</double>'],
    [0, 'white space between tags', '<params><param>', '<params>\n<param>'],
    [0, 'an unknown type', '<int>-3</int>', '<long>-3</long>'],
    [0, 'a missing end tag', '</int>', ''],
    [0, 'a call', 'methodResponse', 'methodCall'],
    [0, 'two members of one name', '<name>count</name>', '<name>open</name>'],
  ])('rule %i: %s', (rule, _, from, to) => {
    expect(GOOD).toContain(from);
    const breaches = checkCanonical(GOOD.replace(from, to));
    expect(breaches.some((breach) => breach.startsWith(`rule ${rule}:`))).toBe(true);
  });

  test('a fault whose code is text', () => {
    const breaches = checkCanonical(FAULT.replace('<int>-32601</int>', '<string>1</string>'));
    expect(breaches).toEqual(['rule 0: a fault has an int faultCode and a string faultString']);
  });
});

test('rule 12 looks into arrays of ids', () => {
  const ids = (item: string) =>
    `<name>usergroup_id</name><value><array><data><value>${item}</value></data></array></value>`;
  const doc = (item: string) => GOOD.replace('<name>none</name><value><struct></struct></value>', ids(item));
  expect(checkCanonical(doc('<string>2</string>'))).toEqual([]);
  expect(checkCanonical(doc('<int>2</int>'))).toEqual(['rule 12: usergroup_id is <int>, not <string>']);
});

test('rule 12 can be left out', () => {
  const doc = GOOD.replace('<string>7</string>', '<int>7</int>');
  expect(checkCanonical(doc, { ids: false })).toEqual([]);
});

describe('an answer off the wire', () => {
  const utf8 = new TextEncoder();

  test('is handed on when it is canonical, and is an error when it is not', () => {
    expect(canonicalText(utf8.encode(GOOD))).toBe(GOOD);
    expect(canonicalText(FAULT)).toBe(FAULT);
    expect(() => canonicalText(utf8.encode(GOOD.replace('<int>-3', '<int>+3')))).toThrow('rule 4');
  });
  test('has neither a byte order mark nor bytes that are no UTF-8', () => {
    expect(() => canonicalText(utf8.encode(`\ufeff${GOOD}`))).toThrow('rule 3');
    expect(() => canonicalText(Buffer.from(GOOD.replace('a &amp; b', '\xff'), 'latin1'))).toThrow(TypeError);
  });
  test('is never read past this check in the tests that drive the hub', () => {
    const root = join(import.meta.dirname, '..');
    const sources = ['conformance', 'model', 'dialects', 'support'].flatMap((folder) =>
      globSync(`${folder}/**/*.ts`, { cwd: root, exclude: ['support/canonical*'] }),
    );
    const readers = sources.filter((file) =>
      /\b(?:decodeResponse|XmlRpcResponse)\(|spawn\(/.test(readFileSync(join(root, file), 'utf8')),
    );
    expect(readers.length).toBeGreaterThanOrEqual(4);
    for (const file of readers) {
      const source = readFileSync(join(root, file), 'utf8');
      if (/xml/i.test(source)) expect(source, file).toMatch(/\bcanonical(?:Text|Bytes)\(/);
    }
  });
});
