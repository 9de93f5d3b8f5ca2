// Calls in the handwriting of the client libraries that people use, and the parameter lists of the forum door's calls.
// The quirks are those of contracts/tapatalk.md 5.2; the documents are ours.
import { bytesOf, type Case, latin1, map, reads, utc } from './case.ts';

const text = bytesOf;
const LONG_TEXT = 'a long subject that takes more than one line of base64 when Python writes it';

export const CLIENTS: readonly Case[] = [
  reads(
    'Python: apostrophes in the declaration, a newline in everything, base64 in lines',
    `<?xml version='1.0'?>
<methodCall>
<methodName>m</methodName>
<params>
<param>
<value><array><data>
<value><base64>
Ym9i
</base64></value>
</data></array></value>
</param>
<param>
<value><base64>
${btoa(LONG_TEXT).slice(0, 76)}
${btoa(LONG_TEXT).slice(76)}
</base64></value>
</param>
<param>
<value><boolean>1</boolean></value>
</param>
<param>
<value><nil/></value></param>
<param>
<value><dateTime.iso8601>20260102T03:04:05</dateTime.iso8601></value>
</param>
</params>
</methodCall>
`,
    [[text('bob')], text(LONG_TEXT), true, null, utc('2026-01-02T03:04:05', false)],
  ),
  reads(
    'PHP epi: iso-8859-1, indented, &#10; inside base64',
    latin1(`<?xml version="1.0" encoding="iso-8859-1"?>
<methodCall>
<methodName>m</methodName>
<params>
 <param>
  <value>
   <base64>YWxpY2U=&#10;</base64>
  </value>
 </param>
 <param>
  <value>
   <string>caf\xe9 &#233; &#60;b&#62;</string>
  </value>
 </param>
 <param>
  <value>
   <array>
    <data>
     <value>
      <int>7</int>
     </value>
    </data>
   </array>
  </value>
 </param>
 <param>
  <value>
   <struct>
    <member>
     <name>k</name>
     <value>
      <boolean>0</boolean>
     </value>
    </member>
   </struct>
  </value>
 </param>
</params>
</methodCall>
`),
    [text('alice'), 'café é <b>', [7], map({ k: false })],
  ),
  reads(
    'PHP epi without parameters',
    '<?xml version="1.0" encoding="iso-8859-1"?>\n<methodCall>\n<methodName>m</methodName>\n<params/>\n</methodCall>\n',
    [],
  ),
  reads(
    'Perl RPC::XML: us-ascii, everything on one line',
    '<?xml version="1.0" encoding="us-ascii"?><methodCall><methodName>m</methodName><params><param><value><int>0</int></value></param><param><value><int>19</int></value></param><param><value><string>caf&#233;</string></value></param></params></methodCall>',
    [0, 19, 'café'],
  ),
  reads(
    'Perl Frontier: bare declaration, tabs and newlines between tags',
    '<?xml version="1.0"?>\n<methodCall>\n<methodName>m</methodName>\n<params>\n<param><value><string>12</string></value></param>\n\t<param><value><base64>YQ==\n</base64></value></param>\n</params>\n</methodCall>\n',
    ['12', text('a')],
  ),
  reads(
    'aXMLRPC on Android: indented, base64 for text, no newline at the end',
    '<?xml version="1.0" encoding="UTF-8"?><methodCall>\n  <methodName>m</methodName>\n  <params>\n    <param>\n      <value>\n        <base64>YWxpY2U=</base64>\n      </value>\n    </param>\n    <param>\n      <value>\n        <i4>1</i4>\n      </value>\n    </param>\n  </params>\n</methodCall>',
    [text('alice'), 1],
  ),
  reads(
    'phpxmlrpc: newline after every element',
    '<?xml version="1.0" encoding="UTF-8" ?>\n<methodCall>\n<methodName>m</methodName>\n<params>\n<param>\n<value><string>311127</string></value>\n</param>\n<param>\n<value><struct>\n<member><name>a</name>\n<value><i8>1</i8></value>\n</member>\n</struct></value>\n</param>\n</params></methodCall>',
    ['311127', map({ a: 1n })],
  ),
  reads(
    'XML-RPC.NET: a space before every "/>"',
    '<?xml version="1.0"?>\r\n<methodCall>\r\n  <methodName>m</methodName>\r\n  <params>\r\n    <param>\r\n      <value>\r\n        <string />\r\n      </value>\r\n    </param>\r\n    <param>\r\n      <value>\r\n        <array>\r\n          <data />\r\n        </array>\r\n      </value>\r\n    </param>\r\n  </params>\r\n</methodCall>',
    ['', []],
  ),
  reads(
    'Apache: namespace on the root, ex:nil and ex:i8',
    '<?xml version="1.0" encoding="UTF-8"?><methodCall xmlns:ex="http://ws.apache.org/xmlrpc/namespaces/extensions"><methodName>m</methodName><params><param><value>plain</value></param><param><value><ex:nil/></value></param><param><value><ex:i8>1</ex:i8></value></param></params></methodCall>',
    ['plain', null, 1n],
  ),
  reads(
    'a TypeScript client: typed, no white space',
    '<?xml version="1.0" encoding="UTF-8"?><methodCall><methodName>m</methodName><params><param><value><base64></base64></value></param><param><value><string>42</string></value></param></params></methodCall>',
    [new Uint8Array(0), '42'],
  ),
  reads(
    'node xmlrpc: bare declaration, self-closed strings, CDATA for markup',
    '<?xml version="1.0"?><methodCall><methodName>m</methodName><params><param><value><string/></value></param><param><value><string><![CDATA[<b>x</b>]]></string></value></param></params></methodCall>',
    ['', '<b>x</b>'],
  ),

  reads('login: two texts', params(b64('alice'), b64('s3cret & <x>')), [text('alice'), text('s3cret & <x>')]),
  reads('login: four parameters', params(b64('a'), b64('b'), '<boolean>0</boolean>', '<string>1</string>'), [
    text('a'),
    text('b'),
    false,
    '1',
  ]),
  reads(
    'new_conversation with attachments and a group',
    params(
      list(b64('bob'), b64('Élodie')),
      b64('Weekend 😀'),
      b64('[b]hi[/b]'),
      list('<string></string>'),
      '<string></string>',
    ),
    [[text('bob'), text('Élodie')], text('Weekend 😀'), text('[b]hi[/b]'), [''], ''],
  ),
  reads('reply_conversation', params('<string>7</string>', b64('body'), b64('subject')), [
    '7',
    text('body'),
    text('subject'),
  ]),
  reads('invite_participant', params(list(b64('carol')), '<string>7</string>', b64('')), [
    [text('carol')],
    '7',
    new Uint8Array(0),
  ]),
  reads('get_conversations', params('<int>0</int>', '<int>19</int>'), [0, 19]),
  reads(
    'get_conversation',
    params('<string>7</string>', '<int>0</int>', '<int>9</int>', '<boolean>1</boolean>'),
    ['7', 0, 9, true],
  ),
  reads('mark_conversation_read', params('<string>7,8</string>'), ['7,8']),
  reads('delete_conversation', params('<string>7</string>', '<int>2</int>'), ['7', 2]),
  reads('get_user_info by id', params('<base64></base64>', '<string>3</string>'), [new Uint8Array(0), '3']),
];

function params(...values: string[]): string {
  const inside = values.map((xml) => `<param><value>${xml}</value></param>`).join('');
  return `<?xml version="1.0" encoding="UTF-8"?><methodCall><methodName>m</methodName><params>${inside}</params></methodCall>`;
}

function list(...values: string[]): string {
  return `<array><data>${values.map((xml) => `<value>${xml}</value>`).join('')}</data></array>`;
}

function b64(content: string): string {
  return `<base64>${btoa(String.fromCharCode(...bytesOf(content)))}</base64>`;
}
