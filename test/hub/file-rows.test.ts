// A file of rows is taken apart as JSON would be, and refused where it is none or too much.

import { expect, test } from 'vitest';
import { countRows, firstTwice, partsOf, rowsOf } from '../../src/hub/file-imports/rows.ts';
import { fc } from '../fuzz/made-up.ts';

test('the rows are those of the array, whatever they hold and however it is set', () => {
  const rows = fc.array(
    fc.oneof(fc.dictionary(fc.string(), fc.jsonValue({ maxDepth: 4 })), fc.jsonValue({ maxDepth: 3 })),
  );
  fc.assert(
    fc.property(
      rows,
      fc.constantFrom(0, 1, 2, '\t'),
      fc.constantFrom('', ' \n', '\ufeff'),
      (value, space, around) => {
        const text = `${around}${JSON.stringify(value, null, space)}${around === '\ufeff' ? '' : around}`;
        expect([...rowsOf(text)].map((row) => JSON.parse(row))).toEqual(JSON.parse(JSON.stringify(value)));
      },
    ),
  );
});

test.each(['', 'null', '{}', '[', '[1', '[1,', '["a]', '[{"a":1}] []', '[[[1]', 'x[1]'])(
  '%j is no file of rows',
  (text) => {
    expect(() => [...rowsOf(text)]).toThrow('The file is not a JSON array of rows');
  },
);

test('a row that is no JSON is found where it is read', () => {
  expect([...rowsOf('[1, , {a}, 2]')]).toEqual(['1', '', '{a}', '2']);
});

test('more rows, and longer ones, than one file may have are refused', () => {
  expect(countRows(`[${Array(25_000).fill('{}').join()}]`)).toBe(25_000);
  expect(() => countRows(`[${Array(25_001).fill('{}').join()}]`)).toThrow('more than 25000 rows');
  expect(() => countRows(`[{}, "${'x'.repeat(102_400)}"]`)).toThrow('Row 2 is longer than 100 KiB');
  expect(() => countRows('[]')).toThrow('no rows');
});

test('the first value that came before, and parts of a bounded size', () => {
  expect(firstTwice(['a', null, 'b', null, 'a', 'b'])).toBe(4);
  expect(firstTwice(['a', null, null])).toBe(-1);
  expect([...partsOf([1, 2, 3, 4, 5], 2)]).toEqual([[1, 2], [3, 4], [5]]);
  expect([...partsOf(['aaaa', 'bb', 'cc', 'dddddddddd'], 9, 10)]).toEqual([
    ['aaaa', 'bb'],
    ['cc'],
    ['dddddddddd'],
  ]);
});
