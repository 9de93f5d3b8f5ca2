// Arrays, structs and the document around them; tags and their attributes.
import { bad, type Case, call, document, map, reads, refuses, value } from './case.ts';

const EX = 'http://ws.apache.org/xmlrpc/namespaces/extensions';
const HEAD = '<methodCall><methodName>m</methodName>';

export const STRUCTURE: readonly Case[] = [
  value('array', '<value><array><data><value>a</value><value><int>1</int></value></data></array></value>', [
    'a',
    1,
  ]),
  value('empty array', '<value><array><data></data></array></value>', []),
  value('empty array, self-closed', '<value><array><data/></array></value>', []),
  value('array with an empty value', '<value><array><data><value/><value/></data></array></value>', ['', '']),
  value(
    'nested arrays, and values behind them',
    '<value><array><data><value><array><data><value>a</value></data></array></value><value>b</value></data></array></value>',
    [['a'], 'b'],
  ),
  bad('array without data', '<value><array></array></value>', -32600, { python: 'accepts' }),
  bad('array without data, self-closed', '<value><array/></value>', -32600, { python: 'accepts' }),
  bad('two datas', '<value><array><data></data><data></data></array></value>', -32600, { python: 'accepts' }),
  bad('array with a value outside data', '<value><array><value>1</value></array></value>', -32600, {
    python: 'accepts',
  }),
  bad('array with a type outside value', '<value><array><data><int>1</int></data></array></value>', -32600, {
    python: 'accepts',
  }),

  value(
    'struct',
    st(m('a', '<value><int>1</int></value>') + m('b', '<value>x</value>')),
    map({ a: 1, b: 'x' }),
  ),
  value('empty struct', '<value><struct></struct></value>', map({})),
  value('empty struct, self-closed', '<value><struct/></value>', map({})),
  value('struct in a struct', st(m('a', st(m('b', '<value/>')))), map({ a: map({ b: '' }) })),
  value(
    'struct with white space everywhere',
    `<value>\n <struct>\n  <member>\n   <name>a</name>\n   <value>\n    <i4>1</i4>\n   </value>\n  </member>\n </struct>\n</value>\n`,
    map({ a: 1 }),
  ),
  value(
    'of two members with one name the last wins',
    st(m('a', '<value>1</value>') + m('a', '<value>2</value>')),
    map({ a: '2' }),
  ),
  value(
    'a member called __proto__ is a member',
    st(m('__proto__', st(m('isAdmin', '<value><boolean>1</boolean></value>')))),
    new Map([['__proto__', map({ isAdmin: true })]]),
  ),
  value(
    'members called constructor and toString',
    st(m('constructor', '<value>1</value>') + m('toString', '<value>2</value>')),
    map({ constructor: '1', toString: '2' }),
  ),
  value(
    'members called like numbers keep their order',
    st(m('9', '<value>a</value>') + m('10', '<value>b</value>')),
    new Map([
      ['9', 'a'],
      ['10', 'b'],
    ]),
  ),
  value(
    'a name that is self-closed',
    '<value><struct><member><name/><value>1</value></member></struct></value>',
    map({ '': '1' }),
  ),
  bad(
    'a member with its value first',
    '<value><struct><member><value>1</value><name>a</name></member></struct></value>',
    -32600,
    { python: 'accepts' },
  ),
  bad('a member without a name', '<value><struct><member><value>1</value></member></struct></value>', -32600),
  bad('a member without a value', '<value><struct><member><name>a</name></member></struct></value>', -32600),
  bad('an empty member', '<value><struct><member/></struct></value>', -32600, { python: 'accepts' }),
  bad(
    'a member with two values',
    '<value><struct><member><name>a</name><value>1</value><value>2</value></member></struct></value>',
    -32600,
  ),
  bad(
    'a member with two names',
    '<value><struct><member><name>a</name><name>b</name><value>1</value></member></struct></value>',
    -32600,
  ),
  bad('a struct that holds a value', '<value><struct><value>1</value></struct></value>', -32600),

  bad('two types in one value', '<value><string>a</string><string>b</string></value>', -32600, {
    python: 'accepts',
  }),
  bad(
    'a string and an array in one value',
    '<value><string>a</string><array><data/></array></value>',
    -32600,
    { python: 'accepts' },
  ),
  bad('a value in a value', '<value><value>1</value></value>', -32602, { python: 'accepts' }),
  bad('a type without a value', '<string>a</string>', -32600, { python: 'accepts' }),
  bad('two values in one param', '<value>1</value><value>2</value>', -32600, { python: 'accepts' }),
  bad('an empty param', '', -32600, { python: 'accepts' }),

  reads(
    'two params',
    document('<params><param><value>1</value></param><param><value><int>2</int></value></param></params>'),
    ['1', 2],
  ),
  reads('no params', document(''), []),
  reads('empty params', document('<params></params>'), []),
  reads('empty params, self-closed', document('<params />'), []),
  reads('no XML declaration', call('<value>1</value>').slice(21), ['1']),
  reads('a method name in white space', '<methodCall><methodName>\n m \n</methodName></methodCall>', [], {
    python: 'differs',
  }),
  reads('a method name in CDATA', '<methodCall><methodName><![CDATA[m]]></methodName></methodCall>', []),
  refuses('a param without params', document('<param><value>1</value></param>'), -32600, {
    python: 'accepts',
  }),
  refuses('a value without a param', document('<params><value>1</value></params>'), -32600, {
    python: 'accepts',
  }),
  refuses('a self-closed param', document('<params><param/></params>'), -32600, { python: 'accepts' }),
  refuses('params twice', document('<params></params><params></params>'), -32600, { python: 'accepts' }),
  refuses('params before the name', '<methodCall><params/><methodName>m</methodName></methodCall>', -32600, {
    python: 'accepts',
  }),
  refuses('no method name', '<methodCall><params/></methodCall>', -32600, { python: 'accepts' }),
  refuses('an empty method name', '<methodCall><methodName></methodName></methodCall>', -32600, {
    python: 'accepts',
  }),
  refuses('a self-closed method name', '<methodCall><methodName/></methodCall>', -32600, {
    python: 'accepts',
  }),
  refuses(
    'a method name with odd letters',
    '<methodCall><methodName>get config\u00e9</methodName></methodCall>',
    -32600,
    { python: 'accepts' },
  ),
  refuses(
    'a method name without an end',
    `<methodCall><methodName>${'m'.repeat(129)}</methodName></methodCall>`,
    -32600,
    { python: 'accepts' },
  ),
  refuses(
    'a response where a call belongs',
    '<methodResponse><params><param><value>1</value></param></params></methodResponse>',
    -32600,
    { python: 'accepts' },
  ),
  refuses('only params', '<params><param><value>1</value></param></params>', -32600, { python: 'accepts' }),
  refuses('some other root', '<html><body>x</body></html>', -32600),
  refuses(
    'a SOAP envelope',
    `<soap:Envelope xmlns:soap="http://schemas.xmlsoap.org/soap/envelope/"><soap:Body/></soap:Envelope>`,
    -32600,
  ),
  refuses(
    'a call in a call',
    `${HEAD}<params><param><methodCall><methodName>x</methodName></methodCall></param></params></methodCall>`,
    -32600,
    { python: 'accepts' },
  ),
  refuses('two calls', call('<value>1</value>') + call('<value>1</value>').slice(21), -32700),
  refuses('text after the call', `${call('<value>1</value>')}x`, -32700),
  refuses('text before the call', `x${call('<value>1</value>').slice(21)}`, -32700),
  refuses('nothing', '', -32700),
  refuses('white space', ' \n', -32700),
  refuses('no XML at all', 'method_name=get_config', -32700),
  refuses('JSON', '{"method":"get_config"}', -32700),
  refuses('half a document', call('<value><int>1</int></value>').slice(0, 70), -32700),
  refuses('a document without its last character', call('<value>1</value>').slice(0, -1), -32700),
  refuses('an end tag first', '</methodCall>', -32700),
  refuses('a missing end tag', document('<params><param><value><int>1</value></param></params>'), -32700),
  refuses('crossed tags', document('<params><param><value><int>1</value></int></param></params>'), -32700),
  refuses('a missing start tag', document('<params><value>1</value></param></params>'), -32600),
  refuses('a root that is only opened', '<methodCall>', -32700),

  value('white space inside tags', '<value ><int\n>1</int\t></value >', 1),
  value('a namespace on the extension', `<value><ex:i8 xmlns:ex="${EX}">5</ex:i8></value>`, 5n),
  value('a namespace on a self-closed extension', `<value><ex:nil xmlns:ex='${EX}' /></value>`, null),
  value('">" in a namespace', '<value xmlns:a="x>y">1</value>', '1'),
  reads(
    'a namespace on the root, as Apache sends it',
    `<methodCall xmlns:ex="${EX}"><methodName>m</methodName></methodCall>`,
    [],
  ),
  bad('an attribute', '<value type="int">1</value>', -32600, { python: 'accepts' }),
  bad('an attribute without quotes', '<value xmlns=x>1</value>', -32700),
  bad('an attribute without a value', '<value xmlns>1</value>', -32700),
  bad('an attribute whose quote stays open', '<value xmlns="x>1</value>', -32700),
  bad('"<" in an attribute', '<value xmlns:a="<">1</value>', -32700),
  bad('an attribute twice', '<value xmlns:a="1" xmlns:a="1">1</value>', -32700),
  bad('attributes without a space', '<value xmlns:a="1"xmlns:b="2">1</value>', -32700),
  bad('an attribute on an end tag', '<value>1</value xmlns="x">', -32700),
  bad('a slash on an end tag', '<value>1</value/>', -32700),
  bad('a slash before the end of a tag', '<value/ >1</value>', -32700),
  bad('a space before the name of a tag', '< value>1</value>', -32700),
  bad('a tag without a name', '<>1</>', -32700),
  bad('a tag whose name is a number', '<1>1</1>', -32700),
  bad('a tag with a quote in its name', '<va"lue>1</value>', -32700),
  bad('a tag in capitals', '<VALUE>1</VALUE>', -32600, { python: 'accepts' }),
  bad('a start and an end in other letters', '<value><int>1</Int></value>', -32700),
];

function st(members: string): string {
  return `<value><struct>${members}</struct></value>`;
}

function m(name: string, xml: string): string {
  return `<member><name>${name}</name>${xml}</member>`;
}
