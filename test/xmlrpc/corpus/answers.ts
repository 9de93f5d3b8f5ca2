// Answers, real and hostile, with what they are read as. Servers of the sheet write the real ones (contracts/tapatalk.md 3
// "Errors"); limits and refusals are those of calls, 5.3.
import type { MethodResponse } from '../../../src/xmlrpc/decode.ts';
import type { FaultCode } from '../../../src/xmlrpc/fault.ts';
import { bytesOf, map } from './case.ts';

export interface Answer {
  readonly name: string;
  readonly doc: Uint8Array;
  readonly want: MethodResponse | { readonly refused: FaultCode };
}

const HEAD = '<?xml version="1.0" encoding="UTF-8"?>';
const whole = (inside: string): string => `${HEAD}<methodResponse>${inside}</methodResponse>`;
const param = (xml: string): string => whole(`<params><param>${xml}</param></params>`);
const fault = (code: string, text: string): string =>
  whole(
    `<fault><value><struct><member><name>faultCode</name><value>${code}</value></member>` +
      `<member><name>faultString</name><value>${text}</value></member></struct></value></fault>`,
  );

const reads = (name: string, doc: string, want: MethodResponse): Answer => ({
  name,
  doc: bytesOf(doc),
  want,
});
const refuses = (name: string, doc: string, refused: FaultCode): Answer => ({
  name,
  doc: bytesOf(doc),
  want: { refused },
});

export const ANSWERS: readonly Answer[] = [
  reads('an empty struct', param('<value><struct/></value>'), { value: map({}) }),
  reads('bare text', param('<value>South Dakota</value>'), { value: 'South Dakota' }),
  reads('nothing at all', param('<value/>'), { value: '' }),
  reads('nil', param('<value><nil/></value>'), { value: null }),
  reads(
    'an error of a forum: no fault, a struct that says no',
    param(
      '<value><struct><member><name>result</name><value><boolean>0</boolean></value></member>' +
        '<member><name>result_text</name><value><base64>Tm8=</base64></value></member></struct></value>',
    ),
    { value: map({ result: false, result_text: bytesOf('No') }) },
  ),
  reads(
    'a declaration, comments and white space',
    `\ufeff${HEAD}\n<!-- a -->\n<methodResponse>\n <params>\n <param> <value><int>1</int></value>\n</param></params>\n</methodResponse>\n<!-- b -->\n`,
    {
      value: 1,
    },
  ),
  reads(
    'nil by Apache, the namespace on the root',
    `${HEAD}<methodResponse xmlns:ex="http://ws.apache.org/xmlrpc/namespaces/extensions"><params><param><value><ex:nil/></value></param></params></methodResponse>`,
    {
      value: null,
    },
  ),
  reads('a fault of phpxmlrpc', fault('<int>1</int>', '<string>Unknown method</string>'), {
    fault: { code: 1, text: 'Unknown method' },
  }),
  reads('a fault with i4 and bare text', fault('<i4>-32601</i4>', 'No such method'), {
    fault: { code: -32601, text: 'No such method' },
  }),
  reads('a fault without words', fault('<int>4</int>', ''), { fault: { code: 4, text: '' } }),
  reads(
    'a fault of Python, indented',
    fault('\n<int>1</int>\n', "\n<string>&lt;class 'KeyError'&gt;:'x'</string>\n"),
    {
      fault: { code: 1, text: "<class 'KeyError'>:'x'" },
    },
  ),
  reads(
    'a fault with more members',
    fault('<int>1</int></value></member><member><name>more</name><value>x', 'y'),
    { fault: { code: 1, text: 'y' } },
  ),
  refuses('a fault whose code is text', fault('<string>4</string>', 'x'), -32602),
  refuses('a fault whose code is a double', fault('<double>4</double>', 'x'), -32602),
  refuses('a fault whose text is base64', fault('<int>4</int>', '<base64>eA==</base64>'), -32602),
  refuses('a fault without members', whole('<fault><value><struct/></value></fault>'), -32602),
  refuses('a fault that is no struct', whole('<fault><value>x</value></fault>'), -32602),
  refuses('a fault without a value', whole('<fault></fault>'), -32600),
  refuses('a fault in a param', whole('<params><fault><value><struct/></value></fault></params>'), -32600),
  refuses('two faults', whole('<fault><value><struct/></value></fault>'.repeat(2)), -32602),
  refuses('two parameters', whole('<params><param><value/></param><param><value/></param></params>'), -32600),
  refuses('no parameter', whole('<params/>'), -32600),
  refuses('params without a param', whole('<params></params>'), -32600),
  refuses('neither', whole(''), -32600),
  refuses('both', whole('<params><param><value/></param></params><fault/>'), -32600),
  refuses('a method name', whole('<methodName>m</methodName>'), -32600),
  refuses('a call', '<methodCall><methodName>m</methodName></methodCall>', -32600),
  refuses('a root in other letters', '<MethodResponse></MethodResponse>', -32600),
  refuses('a page of HTML', '<!DOCTYPE html><html></html>', -32700),
  refuses('a warning of PHP in front', `Warning: x${param('<value>1</value>')}`, -32700),
  refuses('a warning of PHP behind', `${param('<value>1</value>')}\nWarning: x`, -32700),
  refuses('an answer cut off', param('<value>1</value>').slice(0, -5), -32700),
  refuses('two answers', param('<value>1</value>') + param('<value>1</value>').slice(HEAD.length), -32700),
  refuses('a billion laughs', `<!DOCTYPE m [<!ENTITY a "b">]>${param('<value>&a;</value>')}`, -32700),
  refuses(
    '33 values inside each other',
    param(`${'<value><array><data>'.repeat(32)}<value/>${'</data></array></value>'.repeat(32)}`),
    -32600,
  ),
  refuses('attributes', param('<value a="b">1</value>'), -32600),
  refuses('an int out of range', param('<value><int>2147483648</int></value>'), -32602),
];
