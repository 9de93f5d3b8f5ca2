import { describe, expect, test } from 'vitest';
import { encodeFault, encodeResponse } from '../../src/xmlrpc/encode.ts';
import { array, base64, bool, dateTime, int, string, struct } from '../../src/xmlrpc/value.ts';
import { requireClient } from '../support/clients.ts';
import { CORPUS } from './corpus/all.ts';
import { bytesOf } from './corpus/case.ts';
import { comparable, pythonLoads, tagged } from './python.ts';

const here = requireClient('python3');
if (!here) console.log('not here: python3; its reader was not compared with ours');

describe.runIf(here)("Python's xmlrpc.client", () => {
  test('takes every document of the corpus as we do, but where the corpus says otherwise', () => {
    const cases = CORPUS.flatMap(([, entries]) => entries);
    const outcomes = pythonLoads(cases.map((entry) => entry.doc));
    const verdicts = cases.map((entry, i) => {
      const theirs = outcomes[i];
      const accepted = theirs !== undefined && 'value' in theirs;
      let verdict = 'same';
      if ('fault' in entry.want) {
        if (accepted) verdict = 'accepts';
      } else if (!accepted) {
        verdict = 'refuses';
      } else {
        const ours = { method: entry.want.method, value: tagged(entry.want.params) };
        const same = JSON.stringify(ours) === JSON.stringify({ ...theirs, value: comparable(theirs.value) });
        if (!same) verdict = 'differs';
      }
      return `${entry.name}: ${verdict}`;
    });
    expect(verdicts).toEqual(cases.map((entry) => `${entry.name}: ${entry.python}`));
  });

  test('reads what we write: every type, every escape', () => {
    const answer = struct({
      text: string('<b> & "quotes" \'and\' ]]> é 日本 😀'),
      human: base64('hi 😀\r\n'),
      bytes: base64(Uint8Array.of(0, 255, 1)),
      count: int(-2_147_483_648),
      yes: bool(true),
      no: bool(false),
      when: dateTime(Date.UTC(2026, 0, 2, 3, 4, 5)),
      empty: struct({}),
      list: array([array([]), string(''), base64('')]),
      left_out: undefined,
    });
    expect(pythonLoads([bytesOf(encodeResponse(answer))])).toEqual([
      {
        method: null,
        value: [
          'array',
          [
            [
              'struct',
              [
                ['text', ['string', '<b> & "quotes" \'and\' ]]> é 日本 😀']],
                ['human', ['base64', Buffer.from('hi 😀\r\n').toString('base64')]],
                ['bytes', ['base64', 'AP8B']],
                ['count', ['int', '-2147483648']],
                ['yes', ['boolean', true]],
                ['no', ['boolean', false]],
                ['when', ['date', '20260102T03:04:05+00:00']],
                ['empty', ['struct', []]],
                [
                  'list',
                  [
                    'array',
                    [
                      ['array', []],
                      ['string', ''],
                      ['base64', ''],
                    ],
                  ],
                ],
              ],
            ],
          ],
        ],
      },
    ]);
  });

  test('raises the faults we write', () => {
    const doc = bytesOf(encodeFault(-32601, 'No such method: <x>'));
    expect(pythonLoads([doc])).toEqual([{ fault: [-32601, 'No such method: <x>'] }]);
  });
});
