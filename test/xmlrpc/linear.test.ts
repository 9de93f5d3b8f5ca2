// Counted, not timed: how many characters are looked at. Each of these families is made to tempt a reader into looking at
// the same ones again and again (contracts/tapatalk.md 5.3 and 5.5).
import { describe, expect, test } from 'vitest';
import { readCall } from '../../src/xmlrpc/decode.ts';
import { XmlRpcFault } from '../../src/xmlrpc/fault.ts';
import { type Limits, Scanner } from '../../src/xmlrpc/scan.ts';
import { call, document } from './corpus/case.ts';
import { countSteps } from './steps.ts';

const KIB = 1024;
const SIZES = [KIB, 4 * KIB, 16 * KIB, 64 * KIB, 256 * KIB];
/** No limits but on depth, which recursion needs: what is measured is the reader and not the guard before it. */
const WIDE: Limits = { bytes: Infinity, tokens: Infinity, depth: 500 };
const STEPS_PER_CHARACTER = 20; // the worst of them, base64 with a reference on every line, takes 17

const FAMILIES: readonly (readonly [name: string, (length: number) => string])[] = [
  ['one long string', fill('<value><string>', 'x', '</string></value>')],
  ['one long bare text', fill('<value>', 'x', '</value>')],
  ['references', fill('<value>', '&amp;', '</value>')],
  ['ampersands', fill('<value>', '&', '</value>')],
  ['ampersands, one semicolon at the end', fill('<value>', '&', ';</value>')],
  ['character references', fill('<value>', '&#65;', '</value>')],
  ['one character reference of many zeros', fill('<value>&#', '0', '65;</value>')],
  ['closing brackets', fill('<value>', ']]', '</value>')],
  ['carriage returns', fill('<value>', '\r', '</value>')],
  ['one long base64', fill('<value><base64>', 'AAAA', '</base64></value>')],
  ['base64 of white space', fill('<value><base64>', ' ', 'x</base64></value>')],
  ['base64 in short lines', fill('<value><base64>', 'AAAA\n', '</base64></value>')],
  ['base64 with references', fill('<value><base64>', 'AAAA&#10;', '</base64></value>')],
  ['base64 of padding', fill('<value><base64>', '=', '</base64></value>')],
  ['an int of zeros', fill('<value><int>', '0', '</int></value>')],
  ['an int of white space', fill('<value><int>', ' ', '5</int></value>')],
  ['a double of digits', fill('<value><double>', '1', 'x</double></value>')],
  ['an i8 of digits', fill('<value><i8>', '1', '</i8></value>')],
  ['a date of digits', fill('<value><dateTime.iso8601>', '2026', '</dateTime.iso8601></value>')],
  ['empty values', fill('<value><array><data>', '<value/>', '</data></array></value>')],
  ['ints', fill('<value><array><data>', '<value><int>1</int></value>', '</data></array></value>')],
  ['white space between values', fill('<value><array><data>', '   <value/>\n', '</data></array></value>')],
  ['only white space', fill('<value><array><data>', ' ', '</data></array></value>')],
  ['members of one name', fill('<value><struct>', member('a'), '</struct></value>')],
  ['a struct of empty names', fill('<value><struct>', member(''), '</struct></value>')],
  ['comments', fill('<value>', '<!---->', '</value>')],
  ['comments between values', fill('<value><array><data>', '<!-- - - -->', '</data></array></value>')],
  ['comments that never end', fill('<value>', '<!--', '</value>')],
  ['one comment of single dashes', fill('<value><!--', '- ', '--></value>')],
  ['comments in a string', fill('<value><string>', 'a<!--b-->', '</string></value>')],
  ['CDATA sections', fill('<value>', '<![CDATA[x]]>', '</value>')],
  ['one CDATA section of brackets', fill('<value><![CDATA[', ']', ']]></value>')],
  ['CDATA sections that never end', fill('<value>', '<![CDATA[', '</value>')],
  ['instructions', fill('<value>', '<?a?>', '</value>')],
  ['one instruction of question marks', fill('<value><?a ', '?', '?></value>')],
  ['instructions that never end', fill('<value>', '<?a', '</value>')],
  ['a tag of white space', fill('<value', ' ', '>1</value>')],
  ['a tag that never ends', fill('<value', 'a', '')],
  ['attributes', fill('<value', ' xmlns:a="b"', '>1</value>')],
  ['one long attribute', fill('<value xmlns:a="', 'b', '">1</value>')],
  ['one long attribute name', fill('<value xmlns:', 'a', '="b">1</value>')],
  ['an attribute that never ends', fill('<value xmlns:a="', 'b', '>1</value>')],
  ['opening brackets', fill('<value>', '<', '</value>')],
  ['arrays that never end', fill('', '<value><array><data>', '')],
  ['nested arrays beside each other', fill('<value><array><data>', nested(20), '</data></array></value>')],
  ['end tags that do not match', fill('<value>', '</x>', '</value>')],
  ['params', (length) => document(`<params>${'<param><value/></param>'.repeat(length / 23)}</params>`)],
  ['a method name', (length) => `<methodCall><methodName>${'m'.repeat(length)}</methodName></methodCall>`],
  ['an XML declaration', (length) => `<?xml ${' '.repeat(length)}?>${call('<value/>').slice(21)}`],
  ['white space in front', (length) => ' '.repeat(length) + call('<value/>').slice(21)],
  ['white space behind', (length) => call('<value/>') + ' '.repeat(length)],
];

describe('steps per character are bounded by one constant at every size', () => {
  test.each(FAMILIES)('%s', (_, make) => {
    for (const size of SIZES) {
      const text = make(size);
      expect(steps(text) / text.length).toBeLessThanOrEqual(STEPS_PER_CHARACTER);
    }
  });
});

test('the counter counts: a long text costs at least one step per character', () => {
  const text = call(`<value>${'x'.repeat(10_000)}</value>`);
  expect(steps(text)).toBeGreaterThanOrEqual(10_000);
});

/** Steps that reading a document takes, until it is read or refused. */
function steps(text: string): number {
  let thrown: unknown;
  const count = countSteps(() => {
    try {
      readCall(new Scanner(text, WIDE));
    } catch (error) {
      thrown = error;
    }
  });
  if (thrown !== undefined) expect(thrown).toBeInstanceOf(XmlRpcFault);
  return count;
}

/** Documents with about `length` characters of a repeated piece. */
function fill(before: string, piece: string, after: string): (length: number) => string {
  return (length) => call(before + piece.repeat(length / piece.length) + after);
}

function member(name: string): string {
  return `<member><name>${name}</name><value/></member>`;
}

function nested(levels: number): string {
  return `${'<value><array><data>'.repeat(levels)}${'</data></array></value>'.repeat(levels)}`;
}
