import { describe, expect, test } from 'vitest';
import { decodeCall, decodeResponse, type MethodCall } from '../../src/xmlrpc/decode.ts';
import { XmlRpcFault } from '../../src/xmlrpc/fault.ts';
import { CORPUS } from './corpus/all.ts';
import { ANSWERS } from './corpus/answers.ts';
import { bytesOf, type Case } from './corpus/case.ts';

for (const [area, cases] of CORPUS) {
  describe(area, () => {
    for (const entry of cases) {
      test(`${entry.name}: ${'fault' in entry.want ? entry.want.fault : 'read'}`, () => {
        expect(outcome(entry)).toStrictEqual(entry.want);
      });
    }
  });
}

test('the corpus has at least 500 documents, no two of them the same by name or by bytes', () => {
  const cases = CORPUS.flatMap(([area, entries]) => entries.map((entry) => ({ ...entry, area })));
  expect(cases.length).toBeGreaterThanOrEqual(500);
  const names = cases.map(({ area, name }) => `${area}: ${name}`);
  expect(names.filter((name, at) => names.indexOf(name) < at)).toEqual([]);
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

describe('answers (3 "Errors"; 5.3)', () => {
  test.each(ANSWERS)('$name', ({ doc, want }) => {
    if ('refused' in want)
      expect(() => decodeResponse(doc)).toThrow(expect.objectContaining({ code: want.refused }));
    else expect(decodeResponse(doc)).toStrictEqual(want);
  });
});
