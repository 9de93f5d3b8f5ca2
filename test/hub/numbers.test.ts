import { expect, test } from 'vitest';
import { GivenNumbers } from '../../src/hub/numbers.ts';

const later: Promise<unknown>[] = [];
const defer = (work: Promise<unknown>) => {
  later.push(work);
};

/** A directory of which `highest` conversations were made, that counts how often it is asked. */
function directory(highest: number) {
  const state = { highest, asks: 0, away: false };
  const ask = async () => {
    state.asks += 1;
    if (state.away) throw new Error('away');
    return state.highest;
  };
  return { state, ask };
}

test('numbers up to the highest one known cost no question', async () => {
  const { state, ask } = directory(40);
  const given = new GivenNumbers();
  expect(await given.mayExist(7, ask, defer)).toBe(true);
  for (let n = 1; n <= 40; n++) expect(await given.mayExist(n, ask, defer)).toBe(true);
  expect(state.asks).toBe(1);
  given.saw(60);
  expect(await given.mayExist(60, ask, defer)).toBe(true);
  expect(state.asks).toBe(1);
});

test('a thousand made-up numbers at once are refused with a handful of questions', async () => {
  const { state, ask } = directory(40);
  const given = new GivenNumbers();
  const answers = await Promise.all(
    Array.from({ length: 1_000 }, (_, i) => given.mayExist(1_000_000 + i, ask, defer)),
  );
  expect(new Set(answers)).toEqual(new Set([false]));
  expect(state.asks).toBeLessThan(5);
});

test('a number that was given a moment ago elsewhere is never refused', async () => {
  const { state, ask } = directory(40);
  const given = new GivenNumbers();
  expect(await given.mayExist(41, ask, defer)).toBe(false);
  state.highest = 41;
  expect(await given.mayExist(41, ask, defer)).toBe(true);
});

test('a question that began before the call does not answer it', async () => {
  const given = new GivenNumbers();
  const answers: ((highest: number) => void)[] = [];
  const ask = () => new Promise<number>((resolve) => answers.push(resolve));
  const first = given.mayExist(41, ask, defer);
  const second = given.mayExist(41, ask, defer);
  answers[0]?.(40);
  expect(await first).toBe(false);
  for (let i = 0; i < 1_000 && answers.length < 2; i++)
    await new Promise((resolve) => setTimeout(resolve, 10));
  answers[1]?.(41);
  expect(await second).toBe(true);
});

test('while the directory is away every number passes, at once after the first, and its return is noticed', async () => {
  const { state, ask } = directory(40);
  const given = new GivenNumbers();
  state.away = true;
  expect(await given.mayExist(41, ask, defer)).toBe(true);
  expect(await given.mayExist(42, ask, defer)).toBe(true);
  state.away = false;
  const asks = state.asks;
  for (let i = 0; i < 1_000 && state.asks === asks; i++) {
    await given.mayExist(42, ask, defer);
    await new Promise((resolve) => setTimeout(resolve, 10));
  }
  await Promise.all(later);
  expect(await given.mayExist(42, ask, defer)).toBe(false);
});
