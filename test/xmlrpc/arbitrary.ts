// Random values that may be written, each with what a reader must make of it.

import type { InValue } from '../../src/xmlrpc/value.ts';
import { array, base64, bool, dateTime, int, type OutValue, string, struct } from '../../src/xmlrpc/value.ts';
import { fc } from '../fuzz/made-up.ts';

export interface Sample {
  readonly out: OutValue;
  readonly want: InValue;
}

const UTF8 = new TextEncoder();

/** Any text, half surrogates and control characters included, with markup more often than chance would have it. */
export const anyText: fc.Arbitrary<string> = fc.oneof(
  fc.string({ unit: 'binary', maxLength: 80 }),
  fc.string({ unit: fc.constantFrom(...'<>&"\'];[\r\n\0\x1b \ud83d\ude00\ufffe😀aé日'), maxLength: 40 }),
  fc.constantFrom(
    '',
    ']]>',
    '<![CDATA[',
    '&amp;amp;',
    '</string>',
    '<!DOCTYPE x>',
    '__proto__',
    'a'.repeat(70),
  ),
);

/** What XML carries of a text: contracts/tapatalk.md 3.1 rule 7 and XML 1.0 2.2, 2.11. */
export function carried(text: string): string {
  return (
    text
      .toWellFormed()
      .replace(/\r\n?/g, '\n')
      // biome-ignore lint/suspicious/noControlCharactersInRegex: these characters are the subject
      .replace(/[\0-\x08\x0b\x0c\x0e-\x1f\ufffe\uffff]/g, '')
  );
}

const scalar: fc.Arbitrary<Sample> = fc.oneof(
  anyText.map((text) => ({ out: string(text), want: carried(text) })),
  anyText.map((text) => ({ out: base64(text), want: UTF8.encode(text) })),
  fc.uint8Array({ maxLength: 300 }).map((bytes) => ({ out: base64(bytes), want: bytes })),
  fc.integer({ min: -(2 ** 31), max: 2 ** 31 - 1 }).map((n) => ({ out: int(n), want: n })),
  fc.boolean().map((yes) => ({ out: bool(yes), want: yes })),
  fc
    .date({
      min: new Date('0000-01-01T00:00:00Z'),
      max: new Date('9999-12-31T23:59:59Z'),
      noInvalidDate: true,
    })
    .map((date) => ({ out: dateTime(date.getTime()), want: dateTime(date.getTime()) })),
);

const tree = fc.letrec<{ any: Sample }>((tie) => ({
  any: fc.oneof(
    { maxDepth: 5, depthIdentifier: 'value' },
    { weight: 4, arbitrary: scalar },
    {
      weight: 1,
      arbitrary: fc
        .array(tie('any'), { maxLength: 6, depthIdentifier: 'value' })
        .map((items) => ({ out: array(items.map(({ out }) => out)), want: items.map(({ want }) => want) })),
    },
    {
      weight: 2,
      arbitrary: fc
        .uniqueArray(fc.tuple(anyText, fc.option(tie('any'))), {
          maxLength: 6,
          depthIdentifier: 'value',
          selector: ([name]) => carried(name),
        })
        .map(structSample),
    },
  ),
}));

/** Members that are null here are left undefined in the struct: they must not be written. */
function structSample(members: [string, Sample | null][]): Sample {
  const present = members.filter((member): member is [string, Sample] => member[1] !== null);
  return {
    out: struct(Object.fromEntries(members.map(([name, sample]) => [name, sample?.out]))),
    want: new Map(present.map(([name, { want }]) => [carried(name), want])),
  };
}

export const anySample: fc.Arbitrary<Sample> = tree.any;
