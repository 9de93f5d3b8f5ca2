import { describe, expect, test } from 'vitest';
import { decodeResponse } from '../../src/xmlrpc/decode.ts';
import { encodeCall, encodeFault, encodeResponse } from '../../src/xmlrpc/encode.ts';
import { readText } from '../../src/xmlrpc/read.ts';
import {
  array,
  Base64,
  base64,
  bool,
  DateTime,
  dateTime,
  int,
  type OutValue,
  string,
  struct,
} from '../../src/xmlrpc/value.ts';
import { checkCanonical } from '../support/canonical.ts';
import { bytesOf } from './corpus/case.ts';

const HEAD = '<?xml version="1.0" encoding="UTF-8"?><methodResponse><params><param>';
const TAIL = '</param></params></methodResponse>';

/** What stands between `<value>` and `</value>` for a value on its own. */
function written(value: OutValue): string {
  const xml = encodeResponse(value);
  expect(checkCanonical(xml)).toEqual([]);
  return xml.slice(`${HEAD}<value>`.length, -`</value>${TAIL}`.length);
}

test('a whole answer, as it goes out', () => {
  const xml = encodeResponse(
    struct({
      result: bool(true),
      conv_id: string('7'),
      conv_title: base64('Hi 😀'),
      unread_num: int(0),
      post_time: dateTime(Date.UTC(2026, 0, 2, 3, 4, 5)),
      participants: struct({}),
      list: array([struct({ msg_id: string('14680064') })]),
      nothing: undefined,
    }),
  );
  expect(xml).toBe(
    `${HEAD}<value><struct>` +
      '<member><name>result</name><value><boolean>1</boolean></value></member>' +
      '<member><name>conv_id</name><value><string>7</string></value></member>' +
      '<member><name>conv_title</name><value><base64>SGkg8J+YgA==</base64></value></member>' +
      '<member><name>unread_num</name><value><int>0</int></value></member>' +
      '<member><name>post_time</name><value><dateTime.iso8601>20260102T03:04:05+00:00</dateTime.iso8601></value></member>' +
      '<member><name>participants</name><value><struct></struct></value></member>' +
      '<member><name>list</name><value><array><data><value><struct>' +
      '<member><name>msg_id</name><value><string>14680064</string></value></member>' +
      `</struct></value></data></array></value></member></struct></value>${TAIL}`,
  );
  expect(checkCanonical(xml)).toEqual([]);
});

test('a fault, as it goes out', () => {
  const xml = encodeFault(-32601, 'No method <x> & no y');
  expect(xml).toBe(
    '<?xml version="1.0" encoding="UTF-8"?><methodResponse><fault><value><struct>' +
      '<member><name>faultCode</name><value><int>-32601</int></value></member>' +
      '<member><name>faultString</name><value><string>No method &lt;x&gt; &amp; no y</string></value></member>' +
      '</struct></value></fault></methodResponse>',
  );
  expect(checkCanonical(xml)).toEqual([]);
});

test('a call, as a tool sends it', () => {
  expect(encodeCall('reply_conversation', [string('7'), base64('hi')])).toBe(
    '<?xml version="1.0" encoding="UTF-8"?><methodCall><methodName>reply_conversation</methodName><params>' +
      '<param><value><string>7</string></value></param><param><value><base64>aGk=</base64></value></param>' +
      '</params></methodCall>',
  );
});

describe('strings', () => {
  test.each([
    ['nothing to escape', 'plain "quotes" \'and\' [b]', 'plain "quotes" \'and\' [b]'],
    ['markup', '<b>&amp;</b>', '&lt;b&gt;&amp;amp;&lt;/b&gt;'],
    ['the end of CDATA', ']]>', ']]&gt;'],
    ['emoji stay as they are', 'hi 😀', 'hi 😀'],
    ['a lone high surrogate', 'a\ud83db', 'a\ufffdb'],
    ['a lone low surrogate', 'a\ude00', 'a\ufffd'],
    ['surrogates in the wrong order', '\ude00\ud83d', '\ufffd\ufffd'],
    ['control characters', 'a\0\x01\x08\x0b\x0c\x0e\x1fb', 'ab'],
    ['tab and line feed stay', 'a\tb\nc', 'a\tb\nc'],
    ['line ends become LF', 'a\r\nb\rc', 'a\nb\nc'],
    ['U+FFFE and U+FFFF', 'a\ufffe\uffffb', 'ab'],
    ['everything at once', '<\0😀\r\n\ud83d&', '&lt;😀\n\ufffd&amp;'],
    ['nothing', '', ''],
  ])('%s', (_, text, xml) => {
    expect(written(string(text))).toBe(`<string>${xml}</string>`);
  });

  test('member names are escaped like strings', () => {
    expect(written(struct({ 'a<&\0': int(1) }))).toContain('<name>a&lt;&amp;</name>');
  });
});

describe('base64', () => {
  test.each([0, 1, 2, 3, 56, 57, 58, 63, 64, 65, 1000, 21_844, 21_846, 70_000])(
    'a text of %i letters is padded and on one line',
    (length) => {
      const text = 'abc'.repeat(length).slice(0, length);
      expect(written(base64(text))).toBe(`<base64>${Buffer.from(text).toString('base64')}</base64>`);
    },
  );

  test('a text goes out as UTF-8', () => {
    expect(written(base64('é😀'))).toBe('<base64>w6nwn5iA</base64>');
    const long = 'é😀'.repeat(15_000);
    expect(written(base64(long))).toBe(`<base64>${Buffer.from(long).toString('base64')}</base64>`);
  });

  test('bytes go out as they are', () => {
    const bytes = Uint8Array.from({ length: 10_000 }, (_, i) => i * 7);
    expect(written(base64(bytes))).toBe(`<base64>${Buffer.from(bytes).toString('base64')}</base64>`);
  });

  test('a lone surrogate becomes U+FFFD, so that readers find valid UTF-8', () => {
    expect(written(base64('a\ud83d'))).toBe('<base64>Ye+/vQ==</base64>');
  });
});

describe('dates', () => {
  test.each([
    ['1970-01-01T00:00:00Z', '19700101T00:00:00'],
    ['1969-12-31T23:59:59Z', '19691231T23:59:59'],
    ['2026-01-02T03:04:05.999Z', '20260102T03:04:05'],
    ['2024-02-29T23:59:59Z', '20240229T23:59:59'],
    ['0000-01-01T00:00:00Z', '00000101T00:00:00'],
    ['9999-12-31T23:59:59.999Z', '99991231T23:59:59'],
  ])('%s', (iso, text) => {
    expect(written(dateTime(Date.parse(iso)))).toBe(`<dateTime.iso8601>${text}+00:00</dateTime.iso8601>`);
  });

  test('the day is never that of the date before', () => {
    const days = [0, 1, 0, 400, 1].map((day) => dateTime(day * 86_400_000));
    expect(written(array(days)).match(/\d{8}(?=T)/g)).toEqual([
      '19700101',
      '19700102',
      '19700101',
      '19710205',
      '19700102',
    ]);
  });

  test.each([Number.NaN, Infinity, -Infinity, 253_402_300_800_000, -62_167_219_200_001])(
    '%d ms is refused',
    (ms) => {
      expect(() => dateTime(ms)).toThrow(RangeError);
    },
  );
});

describe('what the profile cannot carry is refused where it is made', () => {
  test.each([2_147_483_648, -2_147_483_649, 1.5, Number.NaN, Infinity])('int %d', (value) => {
    expect(() => int(value)).toThrow(RangeError);
    // A cast past the builder does not get further.
    expect(() => encodeResponse(value as OutValue)).toThrow(RangeError);
  });

  test.each([[null], [undefined], [5n], [Symbol('x')], [() => 1]])('%s', (value) => {
    expect(() => encodeResponse(value as unknown as OutValue)).toThrow(TypeError);
    expect(() => encodeResponse(array([value as unknown as OutValue]))).toThrow(TypeError);
  });
});

test('a thousand names made of ids, and more that are not, are written right and in order', () => {
  const members: Record<string, OutValue> = {};
  for (let i = 0; i < 1000; i++) {
    members[String(i)] = int(i);
    members[`name-${i}`] = int(i);
  }
  for (let round = 0; round < 2; round++) {
    const answer = decodeResponse(bytesOf(encodeResponse(struct(members))));
    const value = answer.fault ? undefined : answer.value;
    expect(value).toEqual(new Map(Object.entries(members)));
  }
});

test('what was written as text is read as that text', () => {
  const text = 'Line one\nLine two 😀 <b>&amp;</b>';
  for (const value of [string(text), base64(text)]) {
    const answer = decodeResponse(bytesOf(encodeResponse(value)));
    expect(answer.fault).toBeUndefined();
    expect(readText(answer.fault ? undefined : answer.value, 0)).toBe(text);
  }
});

test('builders give values that say what they are', () => {
  expect(base64('x')).toBeInstanceOf(Base64);
  expect(dateTime(1500)).toStrictEqual(new DateTime(1000, true));
});
