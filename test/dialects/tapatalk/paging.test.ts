import { expect, test } from 'vitest';
import { windowOf } from '../../../src/dialects/tapatalk/paging.ts';

// contracts/tapatalk.md 4.2, line by line.
test.each<[string, number | undefined, number | undefined, { start: number; count: number }]>([
  ['neither: the first 20', undefined, undefined, { start: 0, count: 20 }],
  ['only a start: 20 from there', 40, undefined, { start: 40, count: 20 }],
  ['only an end: from the first to it', undefined, 4, { start: 0, count: 5 }],
  ['0,0: the first alone', 0, 0, { start: 0, count: 1 }],
  ['n,n: that one alone', 7, 7, { start: 7, count: 1 }],
  ['both ends count', 0, 9, { start: 0, count: 10 }],
  ['a start that no page begins at', 13, 22, { start: 13, count: 10 }],
  ['an end before the start: nothing', 5, 4, { start: 5, count: 0 }],
  ['the end 0 behind a start: nothing', 5, 0, { start: 5, count: 0 }],
  ['50 are 50', 0, 49, { start: 0, count: 50 }],
  ['51 are the first 50', 0, 50, { start: 0, count: 50 }],
  ['many are the first 50', 100, 2_147_483_647, { start: 100, count: 50 }],
  ['a negative start is the first', -3, 4, { start: 0, count: 5 }],
  ['a negative end: nothing', -3, -1, { start: 0, count: 0 }],
])('%s', (_, start, last, window) => {
  expect(windowOf(start, last)).toEqual(window);
});
