// When two texts say the same to a reader, and what the marks of our own calls tell.
import { expect, test } from 'vitest';
import { markerOf, readings, readMarker, sameWords, withoutNetwork } from '../../src/domain/bridges.ts';

test.each([
  ['**Hello**, there!', 'hello there'],
  ['a\u200bb c', 'ABC'],
  ['\\<x\\> & y', '<x> & y'],
  ['ﬁne', 'fine'],
])('%j says %j', (one, other) => {
  expect(sameWords(one)).toBe(sameWords(other));
});

test.each([
  ['one', 'two'],
  ['👍', '👎'],
  ['?', '!'],
  ['1 2', '13'],
])('%j does not say %j', (one, other) => {
  expect(sameWords(one)).not.toBe(sameWords(other));
});

test.each(['<Ann> hello', '[irc] <Ann> hello', '**Ann**: hello', '\\<Ann> <Ann> Ann: hello'])(
  '%j says hello',
  (text) => {
    expect(readings(text).at(-1)).toBe('hello');
    expect(readings(text)[0]).toBe(sameWords(text));
  },
);

test('however many names stand before it, looking behind them costs as much for each', () => {
  expect(readings('a: '.repeat(50_000)).length).toBeLessThanOrEqual(101);
});

test('a mark tells its hub alone where and how far a message has come', () => {
  expect(readMarker('5ca1ab1e', markerOf('5ca1ab1e', 7, 2))).toEqual({ conversation: 7, hops: 2 });
  for (const other of ['5ca1ab1f.7.2', '5ca1ab1e.7', '5ca1ab1e.7.2.9', '5ca1ab1e.x.2', '', '5ca1ab1e.-7.2'])
    expect(readMarker('5ca1ab1e', other)).toBeNull();
});

test.each([
  ['Ann [irc]', 'Ann'],
  ['Ann [a[b]', 'Ann'],
  ['Ann [a] [b]', 'Ann [a]'],
  ['[x]', ''],
  ['Ann', 'Ann'],
  ['Ann]', 'Ann]'],
  [']', ']'],
  ['Ann [irc] ', 'Ann [irc] '],
])('the name %j is %j without its network', (name, bare) => {
  expect(withoutNetwork(name)).toBe(bare);
});

test('a name of brackets is looked at once', { timeout: 20_000 }, () => {
  const brackets = '['.repeat(500_000);
  expect(withoutNetwork(brackets)).toBe(brackets);
});

test('of a long text fewer names are looked behind', () => {
  const lengthOf = (names: number) => readings(`${'Ann: '.repeat(names)}hello`).length;
  expect([0, 1, 20, 99].map(lengthOf)).toEqual([1, 2, 21, 100]);
  expect(lengthOf(20_000)).toBeLessThanOrEqual(11);
  expect(lengthOf(400_000)).toBe(2);
});
