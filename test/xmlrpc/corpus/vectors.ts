// Documents after the ideas of the suites that contracts/tapatalk.md 5.1 names; every one of them is ours. What is read
// follows 5.2 and 5.3: strict XML, lenient white space, types that never change silently.
import { Double } from '../../../src/xmlrpc/value.ts';
import { bad, bytesOf, type Case, call, calls, document, map, reads, refuses, utc, value } from './case.ts';

const v = (xml: string): string => `<value>${xml}</value>`;
const list = (...items: string[]): string => v(`<array><data>${items.join('')}</data></array>`);
const member = (name: string, xml: string): string => `<member><name>${name}</name>${xml}</member>`;
const st = (...members: string[]): string => v(`<struct>${members.join('')}</struct>`);
const date = (text: string): string => v(`<dateTime.iso8601>${text}</dateTime.iso8601>`);
const named = (method: string, ...params: string[]): string =>
  `<?xml version="1.0"?><methodCall><methodName>${method}</methodName><params>${params.map((xml) => `<param>${xml}</param>`).join('')}</params></methodCall>`;

/** The eight calls of the old validator, in the names that servers still answer to. */
const VALIDATOR: readonly Case[] = [
  calls(
    'validator: an array of structs',
    named(
      'validator1.arrayOfStructsTest',
      list(st(member('moe', v('<i4>1</i4>')), member('curly', v('<i4>-5</i4>')))),
    ),
    'validator1.arrayOfStructsTest',
    [[map({ moe: 1, curly: -5 })]],
  ),
  calls(
    'validator: entities to count',
    named('validator1.countTheEntities', v('<string>&lt;&lt;&gt;&amp;\'"&quot;</string>')),
    'validator1.countTheEntities',
    ['<<>&\'""'],
  ),
  calls(
    'validator: an easy struct',
    named(
      'validator1.easyStructTest',
      st(...['moe', 'larry', 'curly'].map((name, at) => member(name, v(`<int>${at}</int>`)))),
    ),
    'validator1.easyStructTest',
    [map({ moe: 0, larry: 1, curly: 2 })],
  ),
  calls(
    'validator: a struct to echo',
    named(
      'validator1.echoStructTest',
      st(member('bob', v('5')), member('a', st(member('b', v('<i4>1</i4>'))))),
    ),
    'validator1.echoStructTest',
    [map({ bob: '5', a: map({ b: 1 }) })],
  ),
  calls(
    'validator: many types',
    named(
      'validator1.manyTypesTest',
      v('<i4>7</i4>'),
      v('<boolean>0</boolean>'),
      v('a string'),
      v('<double>-2.25</double>'),
      date('20040731T12:00:00'),
      v('<base64>AAEC</base64>'),
    ),
    'validator1.manyTypesTest',
    [7, false, 'a string', new Double(-2.25), utc('2004-07-31T12:00:00', false), Uint8Array.of(0, 1, 2)],
  ),
  calls(
    'validator: an array of moderate size',
    named(
      'validator1.moderateSizeArrayCheck',
      list(...Array.from({ length: 150 }, (_, at) => v(`<string>${at}</string>`))),
    ),
    'validator1.moderateSizeArrayCheck',
    [Array.from({ length: 150 }, (_, at) => String(at))],
  ),
  calls(
    'validator: structs of years, months and days',
    named(
      'validator1.nestedStructTest',
      st(member('2000', st(member('04', st(member('01', st(member('moe', v('<i4>9</i4>'))))))))),
    ),
    'validator1.nestedStructTest',
    [map({ 2000: map({ '04': map({ '01': map({ moe: 9 }) }) }) })],
  ),
  calls(
    'validator: a number',
    named('validator1.simpleStructReturnTest', v('<i4>2</i4>')),
    'validator1.simpleStructReturnTest',
    [2],
  ),
];

/** After gggeek/phpxmlrpc's tests of its parser. */
const PHPXMLRPC: readonly Case[] = [
  value('phpxmlrpc: an int with zeros and a minus', v('<int>-0001</int>'), -1),
  value('phpxmlrpc: a plus in front of nothing but zeros', v('<i4>+000</i4>'), 0),
  value('phpxmlrpc: a double that is a whole number', v('<double>1</double>'), new Double(1)),
  value('phpxmlrpc: a small double with an exponent', v('<double>-1.10E-2</double>'), new Double(-0.011)),
  value('phpxmlrpc: a plus in the exponent', v('<double>+.5e+1</double>'), new Double(5)),
  value('phpxmlrpc: zero with a minus is a double of its own', v('<double>-0.0</double>'), new Double(-0)),
  bad('phpxmlrpc: a double that is a point', v('<double>.</double>'), -32602),
  bad('phpxmlrpc: a double that is an exponent', v('<double>e5</double>'), -32602),
  bad('phpxmlrpc: a double with a space inside', v('<double>1. 0</double>'), -32602),
  bad('phpxmlrpc: a hexadecimal double', v('<double>0x1p3</double>'), -32602),
  bad('phpxmlrpc: an int with two signs', v('<int>--1</int>'), -32602),
  bad('phpxmlrpc: an int with a sign behind', v('<int>1-</int>'), -32602),
  bad('phpxmlrpc: an int with thousands apart', v('<int>1 000</int>'), -32602),
  bad('phpxmlrpc: a boolean in capitals', v('<boolean>TRUE</boolean>'), -32602),
  bad('phpxmlrpc: a boolean that is -1', v('<boolean>-1</boolean>'), -32602),
  bad('phpxmlrpc: a boolean with zeros', v('<boolean>01</boolean>'), -32602),
  bad('phpxmlrpc: a boolean that is on', v('<boolean>on</boolean>'), -32602),
  value(
    'phpxmlrpc: a struct with white space everywhere',
    '\n<value>\n <struct>\n\t<member>\n<name>a</name>\r\n <value>\n<int> 1 </int>\n</value> </member>\n\n</struct>\n</value>\n',
    map({ a: 1 }),
  ),
  value('phpxmlrpc: a name that is a number', st(member('0', v('a'))), map({ 0: 'a' })),
  value('phpxmlrpc: a name of white space', st(member('  ', v('a'))), map({ '  ': 'a' })),
  bad('phpxmlrpc: two datas', v('<array><data></data><data></data></array>'), -32600, { python: 'accepts' }),
  bad('phpxmlrpc: a value behind the data', v('<array><data></data><value>1</value></array>'), -32600, {
    python: 'accepts',
  }),
  bad('phpxmlrpc: data without an array', v('<data><value>1</value></data>'), -32602),
  bad('phpxmlrpc: a name outside a member', v('<struct><name>a</name><value>1</value></struct>'), -32600, {
    python: 'accepts',
  }),
  refuses('phpxmlrpc: an end tag of another name', '<methodCall><methodName>m</method></methodCall>', -32700),
  refuses('phpxmlrpc: a method without a call', '<methodName>m</methodName>', -32600, { python: 'accepts' }),
  refuses('phpxmlrpc: a param next to params', document('<params></params><param></param>'), -32600, {
    python: 'accepts',
  }),
  refuses('phpxmlrpc: a fault in a call', document('<fault><value>x</value></fault>'), -32600),
  refuses('phpxmlrpc: the method name twice', document('<methodName>n</methodName>'), -32600, {
    python: 'accepts',
  }),
  refuses(
    'phpxmlrpc: many calls in one, as a document',
    `<methodCalls>${call(v('1')).slice(21)}</methodCalls>`,
    -32600,
    { python: 'accepts' },
  ),
  bad('phpxmlrpc: an entity of another name', v('<string>&auml;</string>'), -32700),
  bad('phpxmlrpc: a file as an entity, undeclared', v('<string>&passwd;</string>'), -32700),
];

/** After baalexander/node-xmlrpc's good and bad food. */
const NODE: readonly Case[] = [
  reads(
    'node: a little of everything',
    `<?xml version="1.0"?>\n${named(
      'm',
      st(
        member(
          'list',
          list(v('<int>1</int>'), list(v('<double>2.5</double>')), st(member('<![CDATA[k]]>', v('<nil/>')))),
        ),
        member('text', v('a &amp; <![CDATA[b & c]]>')),
        member('when', date('20120608T11:35:10')),
        member('bytes', v('<base64>\n  QUJD\n  REVG\n</base64>')),
      ),
    ).slice(21)}`,
    [
      map({
        list: [1, [new Double(2.5)], map({ k: null })],
        text: 'a & b & c',
        when: utc('2012-06-08T11:35:10', false),
        bytes: bytesOf('ABCDEF'),
      }),
    ],
  ),
  value('node: a text of only emoji', v('<string>🍜🍜</string>'), '🍜🍜'),
  value('node: an i8 beyond what a double holds', v('<i8>-9007199254740993</i8>'), -9_007_199_254_740_993n),
  value('node: CDATA in CDATA, cut in two', v('<![CDATA[a<![CDATA[b]]]]><![CDATA[>c]]>'), 'a<![CDATA[b]]>c'),
  value('node: an empty array in an empty array', list(list()), [[]]),
  value('node: an empty struct in an array', list(v('<struct></struct>')), [map({})]),
  value('node: white space and nothing else in a string', v('<string> \n </string>'), ' \n '),
  bad('node: a tag cut off', v('<string>a</strin'), -32700),
  bad('node: a value cut off', '<value><array><data><value><int>1', -32700),
  refuses('node: only a declaration', '<?xml version="1.0"?>', -32700),
  refuses('node: an error page', '<html><head><title>502</title></head></html>', -32600),
  refuses('node: a broken error page', '<html><br></html>', -32600, {}),
  refuses('node: plain words', 'Service Unavailable', -32700),
];

/** After evolvedbinary/apache-xmlrpc, with its extensions (5.2). */
const EX = 'xmlns:ex="http://ws.apache.org/xmlrpc/namespaces/extensions"';
const APACHE: readonly Case[] = [
  value('Apache: nil in a struct', st(member('a', v('<ex:nil/>'))), map({ a: null })),
  value('Apache: nil in an array, the namespace on it', list(v(`<ex:nil ${EX}></ex:nil>`)), [null]),
  value('Apache: the smallest ex:i8', v('<ex:i8>-9223372036854775808</ex:i8>'), -(2n ** 63n)),
  bad('Apache: an ex:i8 out of range', v('<ex:i8>9223372036854775808</ex:i8>'), -32602, {
    python: 'accepts',
  }),
  bad('Apache: nil by another prefix', v('<x:nil/>'), -32602, { python: 'accepts' }),
  bad('Apache: int with the prefix', v('<ex:int>1</ex:int>'), -32602, { python: 'accepts' }),
  bad(
    'Apache: a serialized object in base64',
    v('<ex:serializable>rO0ABXNyABFqYXZhLnV0aWw=</ex:serializable>'),
    -32602,
  ),
  bad('Apache: a DOM tree with attributes', v('<ex:dom><a b="c"/></ex:dom>'), -32602),
  bad('Apache: ex:dateTime with a zone', v('<ex:dateTime>20260102T03:04:05.000+00:00</ex:dateTime>'), -32602),
  value('Apache: letters of Latin-1 as references', v('&#228;&#246;&#252;&#xdf;'), 'äöüß'),
  value('Apache: a comment around the type', v('<!-- a --><int>1</int><!-- b -->'), 1),
  reads(
    'Apache: a call without params, and white space',
    '\n<methodCall>\n<methodName>m</methodName>\n</methodCall>\n',
    [],
  ),
];

/** After CPython's test_xmlrpc. */
const CPYTHON: readonly Case[] = [
  value(
    'CPython: a struct of a struct of lists',
    st(member('a', st(member('b', list(v('<int>1</int>'), v('x')))))),
    map({ a: map({ b: [1, 'x'] }) }),
  ),
  value('CPython: a date of a year below 1000', date('00010210T11:41:23'), utc('0001-02-10T11:41:23', false)),
  value('CPython: the last second of a year', date('20051231T23:59:59'), utc('2005-12-31T23:59:59', false)),
  value('CPython: a date with a zone in hours', date('20050210T11:41:23+02'), utc('2005-02-10T09:41:23')),
  bad('CPython: a leap second', date('20161231T23:59:60'), -32602, { python: 'accepts' }),
  bad('CPython: a date of six digits', date('050210T11:41:23'), -32602, { python: 'accepts' }),
  bad('CPython: a date with a space for the T', date('20050210 11:41:23'), -32602, { python: 'accepts' }),
  bad('CPython: a date with a small t', date('20050210t11:41:23'), -32602, { python: 'accepts' }),
  bad('CPython: a day of zero', date('20050200T11:41:23'), -32602, { python: 'accepts' }),
  bad('CPython: a month of zero', date('20050010T11:41:23'), -32602, { python: 'accepts' }),
  bad('CPython: a date before the year 0', date('-00010101T00:00:00'), -32602, { python: 'accepts' }),
  bad('CPython: a zone that leaves the year 0', date('00000101T00:00:00+05:00'), -32602, {
    python: 'accepts',
  }),
  bad('CPython: a zone that leaves the year 9999', date('99991231T23:59:59-05:00'), -32602, {
    python: 'accepts',
  }),
  value('CPython: the first second of the year 0', date('00000101T00:00:00Z'), utc('0000-01-01T00:00:00')),
  value('CPython: the last second of the year 9999', date('99991231T23:59:59Z'), utc('9999-12-31T23:59:59')),
  value(
    'CPython: base64 in three lines',
    v('<base64>\nAAEC\nAwQF\nBgc=\n</base64>'),
    Uint8Array.of(0, 1, 2, 3, 4, 5, 6, 7),
  ),
  value('CPython: names that need escapes', st(member('&lt;a&gt; &amp; b', v('1'))), map({ '<a> & b': '1' })),
  bad('CPython: a bigdecimal', v('<bigdecimal>1.5</bigdecimal>'), -32602, { python: 'accepts' }),
  bad('CPython: a biginteger', v('<biginteger>5</biginteger>'), -32602, { python: 'accepts' }),
  bad('CPython: i1 and i2', list(v('<i1>5</i1>'), v('<i2>5</i2>')), -32602, { python: 'accepts' }),
  bad('CPython: a float', v('<float>5.0</float>'), -32602, { python: 'accepts' }),
  bad('CPython: half of a surrogate, as a reference', v('&#xdc00;'), -32700),
];

/** The clients of phones, in their own handwriting (3: SII posts under any type, LAC and N9 write compact documents). */
const PHONES: readonly Case[] = [
  calls(
    'iOS: a declaration, then everything typed on one line',
    '<?xml version="1.0" encoding="utf-8"?>\n<methodCall><methodName>get_conversations</methodName><params><param><value><int>0</int></value></param><param><value><int>49</int></value></param></params></methodCall>',
    'get_conversations',
    [0, 49],
  ),
  calls(
    'iOS: i4 for numbers, empty base64 for nobody',
    named('get_user_info', v('<base64></base64>'), v('<string>3</string>')),
    'get_user_info',
    [new Uint8Array(0), '3'],
  ),
  calls(
    "Android, kXML: apostrophes and 'yes' in the declaration",
    "<?xml version='1.0' encoding='UTF-8' standalone='yes' ?><methodCall><methodName>get_inbox_stat</methodName><params /></methodCall>",
    'get_inbox_stat',
    [],
  ),
  calls(
    'Android, kXML: i4, and base64 with a line break behind it',
    "<?xml version='1.0' ?><methodCall><methodName>get_conversation</methodName><params><param><value><string>7</string></value></param><param><value><i4>0</i4></value></param><param><value><i4>9</i4></value></param><param><value><boolean>1</boolean></value></param></params></methodCall>",
    'get_conversation',
    ['7', 0, 9, true],
  ),
  calls(
    'Android: text as base64 in lines of 76 and CR LF',
    named(
      'reply_conversation',
      v('<string>7</string>'),
      v(`<base64>${btoa('x'.repeat(57))}\r\n${btoa('y'.repeat(30))}\r\n</base64>`),
    ),
    'reply_conversation',
    ['7', bytesOf('x'.repeat(57) + 'y'.repeat(30))],
  ),
  calls(
    'a hand-written client: words for booleans, bare text',
    named('login', v('alice'), v('secret'), v('<boolean>false</boolean>')),
    'login',
    ['alice', 'secret', false],
  ),
];

export const VECTORS: readonly Case[] = [
  ...VALIDATOR,
  ...PHPXMLRPC,
  ...NODE,
  ...APACHE,
  ...CPYTHON,
  ...PHONES.map((entry) =>
    entry.name.includes('words for') ? { ...entry, python: 'refuses' as const } : entry,
  ),
];
