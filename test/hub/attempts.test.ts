import { expect, test } from 'vitest';
import { Attempts } from '../../src/hub/attempts.ts';

/** One guess, to its end; what `begin` said. */
function guess(attempts: Attempts, name: string, nowMs: number, outcome: 'right' | 'wrong' | 'unchecked') {
  const wait = attempts.begin(name, nowMs);
  if (wait === 0) attempts.end(name, outcome);
  return wait;
}

test('ten wrong guesses at a name are checked, then one every six seconds', () => {
  const attempts = new Attempts();
  for (let i = 0; i < 10; i++) expect(guess(attempts, 'ann', 0, 'wrong')).toBe(0);
  expect(guess(attempts, 'ann', 0, 'wrong')).toBe(6_000);
  expect(guess(attempts, 'ann', 2_000, 'wrong')).toBe(4_000);
  expect(guess(attempts, 'ben', 2_000, 'wrong')).toBe(0);
  expect(guess(attempts, 'ann', 6_000, 'wrong')).toBe(0);
  expect(guess(attempts, 'ann', 6_000, 'wrong')).toBe(6_000);
});

test('however many guesses came, the right password is let in one delay later, and gives all guesses back', () => {
  const attempts = new Attempts();
  for (let now = 0; now < 3_600_000; now += 100) guess(attempts, 'ann', now, 'wrong');
  const wait = guess(attempts, 'ann', 3_600_000, 'right');
  expect(wait).toBeLessThanOrEqual(6_000);
  expect(guess(attempts, 'ann', 3_600_000 + wait, 'right')).toBe(0);
  for (let i = 0; i < 10; i++) expect(guess(attempts, 'ann', 3_600_000 + wait, 'wrong')).toBe(0);
});

test('a guess that could not be checked does not count', () => {
  const attempts = new Attempts();
  for (let i = 0; i < 100; i++) expect(guess(attempts, 'ann', 0, 'unchecked')).toBe(0);
});

test('at most eight are checked or wait at a time, whoever they are for; a refused one took nothing', () => {
  const attempts = new Attempts();
  for (let i = 0; i < 8; i++) expect(attempts.begin(`name ${i}`, 0)).toBe(0);
  expect(attempts.begin('ann', 0)).toBe(1_000);
  attempts.end('name 0', 'wrong');
  expect(attempts.begin('ann', 0)).toBe(0);
  attempts.end('ann', 'wrong');
  for (let i = 0; i < 9; i++) expect(guess(attempts, 'ann', 0, 'wrong')).toBe(0);
  expect(guess(attempts, 'ann', 0, 'wrong')).toBeGreaterThan(0);
});
