import { describe, expect, test } from 'vitest';
import { decodeCall, decodeResponse, type MethodCall } from '../../src/xmlrpc/decode.ts';
import { XmlRpcFault } from '../../src/xmlrpc/fault.ts';
import { CORPUS } from './corpus/all.ts';
import { bytesOf, type Case, map } from './corpus/case.ts';

for (const [area, cases] of CORPUS) {
  describe(area, () => {
    for (const entry of cases) {
      test(`${entry.name}: ${'fault' in entry.want ? entry.want.fault : 'read'}`, () => {
        expect(outcome(entry)).toStrictEqual(entry.want);
      });
    }
  });
}

test('the corpus has at least 120 documents', () => {
  expect(CORPUS.flatMap(([, cases]) => cases).length).toBeGreaterThanOrEqual(120);
});

/** What decoding came to; anything thrown but the typed error fails the test. */
function outcome({ doc, charset }: Case): MethodCall | { fault: number } {
  try {
    return decodeCall(doc, charset);
  } catch (error) {
    if (!(error instanceof XmlRpcFault)) throw error;
    return { fault: error.code };
  }
}

test('a __proto__ member reaches no prototype, here or elsewhere', () => {
  const doc =
    '<methodCall><methodName>m</methodName><params><param><value><struct><member><name>__proto__</name><value>' +
    '<struct><member><name>isAdmin</name><value><boolean>1</boolean></value></member></struct></value></member></struct>' +
    '</value></param></params></methodCall>';
  const [value] = decodeCall(bytesOf(doc)).params;
  expect(value).toBeInstanceOf(Map);
  expect((value as unknown as { isAdmin?: boolean }).isAdmin).toBeUndefined();
  expect(({} as { isAdmin?: boolean }).isAdmin).toBeUndefined();
});

test('a fault text never repeats what the caller sent', () => {
  const secret = 'hunter2';
  for (const xml of [
    `<${secret}>`,
    `<a ${secret}="1">`,
    `&${secret};`,
    `<value><int>${secret}</int></value>`,
  ]) {
    const doc = bytesOf(`<methodCall><methodName>m</methodName><params><param>${xml}`);
    expect(() => decodeCall(doc)).toThrow(XmlRpcFault);
    expect(() => decodeCall(doc)).not.toThrow(secret);
  }
});

describe('responses', () => {
  const response = (inside: string) =>
    bytesOf(`<?xml version="1.0"?>\n<methodResponse>${inside}</methodResponse>`);
  const fault = (code: string, text: string) =>
    response(
      `<fault><value><struct><member><name>faultCode</name><value>${code}</value></member>` +
        `<member><name>faultString</name><value>${text}</value></member></struct></value></fault>`,
    );

  test('a value is given back', () => {
    const doc = response('<params><param><value><struct/></value></param></params>');
    expect(decodeResponse(doc)).toStrictEqual({ value: map({}) });
  });

  test('a fault is given back, not thrown', () => {
    const doc = fault('<int>4</int>', '<string>Too many parameters.</string>');
    expect(decodeResponse(doc)).toStrictEqual({ fault: { code: 4, text: 'Too many parameters.' } });
    expect(decodeResponse(fault('<i4>4</i4>', ''))).toStrictEqual({ fault: { code: 4, text: '' } });
  });

  test.each([
    ['a fault whose code is text', fault('<string>4</string>', 'x'), -32602],
    ['a fault without members', response('<fault><value><struct/></value></fault>'), -32602],
    ['a fault that is no struct', response('<fault><value>x</value></fault>'), -32602],
    ['two parameters', response('<params><param><value/></param><param><value/></param></params>'), -32600],
    ['no parameter', response('<params/>'), -32600],
    ['neither', response(''), -32600],
    ['both', response('<params><param><value/></param></params><fault/>'), -32600],
    ['a call', bytesOf('<methodCall><methodName>m</methodName></methodCall>'), -32600],
    ['a page of HTML', bytesOf('<!DOCTYPE html><html></html>'), -32700],
  ])('%s is refused', (_, doc, code) => {
    expect(() => decodeResponse(doc)).toThrow(expect.objectContaining({ code }));
  });
});
