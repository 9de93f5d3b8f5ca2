// The rows of the table in contracts/tapatalk.md 5.5, where the npm packages go wrong, with what is right.
import { Double } from '../../../src/xmlrpc/value.ts';
import { bad, bytesOf, type Case, call, document, map, reads, refuses, utc, value } from './case.ts';

export const SHEET: readonly Case[] = [
  value('boolean 1 is true', '<value><boolean>1</boolean></value>', true),
  value('int is a number', '<value><int>-42</int></value>', -42),
  value('i4 is a number', '<value><i4>7</i4></value>', 7),
  value('double is a double', '<value><double>-1.5</double></value>', new Double(-1.5)),
  bad('12abc is no int', '<value><int>12abc</int></value>', -32602),
  value('i8 is not lost', '<value><i8>5</i8></value>', 5n),
  value('ex:i8 is not lost', '<value><ex:i8>5</ex:i8></value>', 5n),
  value('nil is null and not ""', '<value><nil/></value>', null),
  value('ex:nil is null and not ""', '<value><ex:nil/></value>', null),
  bad('an unknown type is not ""', '<value><foo>5</foo></value>', -32602),
  value('outer white space of a string is kept', '<value><string> a \n</string></value>', ' a \n'),
  value('CDATA is text', '<value><string><![CDATA[a<b]]></string></value>', 'a<b'),
  value('&#x41; is A', '<value><string>&#x41;</string></value>', 'A'),
  value('&#128512; is one emoji', '<value><string>&#128512;</string></value>', '😀'),
  bad('&foo; is no space', '<value><string>&foo;</string></value>', -32700),
  value('base64 of an emoji is exact', '<value><base64>aGkg8J+YgA==</base64></value>', bytesOf('hi 😀')),
  value(
    'base64 of an image is exact',
    '<value><base64>/9j/4AAQ</base64></value>',
    Uint8Array.of(0xff, 0xd8, 0xff, 0xe0, 0x00, 0x10),
  ),
  value('base64 without padding is read', '<value><base64>aGkg8J+YgA</base64></value>', bytesOf('hi 😀'), {
    python: 'refuses',
  }),
  value('a date without a zone', date('20260102T03:04:05'), utc('2026-01-02T03:04:05', false)),
  value('a date at +00:00', date('20260102T03:04:05+00:00'), utc('2026-01-02T03:04:05')),
  value(
    'a date at +05:30 is shifted, with no ms added',
    date('20260102T03:04:05+05:30'),
    utc('2026-01-01T21:34:05'),
  ),
  bad('a date of garbage', date('garbage'), -32602, { python: 'accepts' }),
  refuses(
    'AT&T does not swallow the next parameter',
    document(
      '<params><param><value><string>AT&T</string></value></param><param><value>c;</value></param></params>',
    ),
    -32700,
  ),
  value(
    'a member called __proto__ sets no prototype',
    '<value><struct><member><name>__proto__</name><value><string>x</string></value></member></struct></value>',
    new Map([['__proto__', 'x']]),
  ),
  bad('two types in one value', '<value><int>1</int><int>2</int></value>', -32600, { python: 'accepts' }),
  refuses('a wrong root', '<methodcall><methodName>m</methodName></methodcall>', -32600, {
    python: 'accepts',
  }),
  refuses(
    'a methodCall in a methodCall',
    `<methodCall>${call('<value>1</value>').slice(21)}</methodCall>`,
    -32600,
    { python: 'accepts' },
  ),
  reads('a byte order mark', `\ufeff${call('<value>1</value>').slice(21)}`, ['1']),
  bad('10,000 attributes on one tag', `<value ${attributes(10_000)}>1</value>`, -32600, {
    python: 'accepts',
  }),
  bad('4,000 namespaces', `<value ${attributes(4000, 'xmlns:')}>1</value>`, -32600, { python: 'accepts' }),
  bad('nesting of 5,000', '<value><array><data>'.repeat(5000), -32600),
  value(
    'an empty struct is a struct',
    '<value><struct><member><name>participants</name><value><struct></struct></value></member></struct></value>',
    map({ participants: map({}) }),
  ),
];

function date(text: string): string {
  return `<value><dateTime.iso8601>${text}</dateTime.iso8601></value>`;
}

function attributes(count: number, prefix = ''): string {
  return Array.from({ length: count }, (_, i) => `${prefix}a${i}="1"`).join(' ');
}
