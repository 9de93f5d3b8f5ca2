import { expect, test } from 'vitest';
import { Remembered } from '../../src/hub/remembered.ts';

const loaded = (value: string | null) => async () => value;

test('names that nobody has push nothing out that is there', async () => {
  const records = new Remembered<string | null>(10);
  for (let i = 0; i < 10; i++) await records.get(`app ${i}`, loaded('here'));
  for (let i = 0; i < 5_000; i++) await records.get(`made up ${i}`, loaded(null));
  for (let i = 0; i < 10; i++) expect(records.peek(`app ${i}`)).toBe('here');
});

test('what there is not is remembered too, in bounds, until it is put', async () => {
  const records = new Remembered<string | null>(10);
  for (let i = 0; i < 5_000; i++) await records.get(`made up ${i}`, loaded(null));
  expect(records.peek('made up 4999')).toBe(null);
  expect(records.peek('made up 0')).toBe(undefined);
  records.put('made up 4999', 'born');
  expect(records.peek('made up 4999')).toBe('born');
  records.put('made up 4999', null);
  expect(records.peek('made up 4999')).toBe(null);
});

test('of too many, the one that was used longest ago goes', async () => {
  const records = new Remembered<string | null>(3);
  for (const key of ['a', 'b', 'c']) records.put(key, key);
  await records.get('a', loaded('a'));
  records.put('d', 'd');
  expect(['a', 'b', 'c', 'd'].map((key) => records.peek(key))).toEqual(['a', undefined, 'c', 'd']);
});

test.each(['forgotten', 'put'])('what was looked up before it was %s does not come back', async (how) => {
  const records = new Remembered<string | null>(3);
  let answer: (value: string) => void = () => undefined;
  const slow = records.get('app', () => new Promise<string>((resolve) => (answer = resolve)));
  if (how === 'put') records.put('app', 'new');
  else records.forget('app');
  answer('old');
  expect(await slow).toBe('old');
  expect(await records.get('app', loaded('new'))).toBe('new');
});
