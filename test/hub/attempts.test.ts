import { describe, expect, test } from 'vitest';
import { Attempts } from '../../src/hub/attempts.ts';

const LIMITS = { atAccount: 10, atAccountByAll: 100, byAddress: 50 };
const HOUR_MS = 3_600_000;

type Outcome = 'right' | 'wrong' | 'unchecked';

/** One guess, to its end; what `begin` said. */
function guess(attempts: Attempts, account: string, nowMs: number, outcome: Outcome, address?: string) {
  const attempt = { account, address: address ?? null };
  const wait = attempts.begin(attempt, LIMITS, nowMs);
  if (wait === 0) attempts.end(attempt, outcome);
  return wait;
}

describe('where nobody knows the address', () => {
  test('ten wrong guesses at an account are checked, then one every six seconds', () => {
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
    for (let now = 0; now < HOUR_MS; now += 100) guess(attempts, 'ann', now, 'wrong');
    const wait = guess(attempts, 'ann', HOUR_MS, 'right');
    expect(wait).toBeLessThanOrEqual(6_000);
    expect(guess(attempts, 'ann', HOUR_MS + wait, 'right')).toBe(0);
    for (let i = 0; i < 10; i++) expect(guess(attempts, 'ann', HOUR_MS + wait, 'wrong')).toBe(0);
  });
});

describe('where the address is known', () => {
  test('guesses from elsewhere, however many and however long, do not keep the owner out', () => {
    const attempts = new Attempts();
    for (let now = 0; now < HOUR_MS; now += 100) {
      guess(attempts, 'ann', now, 'wrong', `10.0.${(now / 100) % 200}.1`);
    }
    // Somewhere new, mistyping twice; then at once, as often as she likes.
    expect(guess(attempts, 'ann', HOUR_MS, 'wrong', '192.0.2.1')).toBe(0);
    expect(guess(attempts, 'ann', HOUR_MS, 'wrong', '192.0.2.1')).toBe(0);
    expect(guess(attempts, 'ann', HOUR_MS, 'right', '192.0.2.1')).toBe(0);
    for (let i = 0; i < 9; i++) expect(guess(attempts, 'ann', HOUR_MS, 'wrong', '192.0.2.1')).toBe(0);
    expect(guess(attempts, 'ann', HOUR_MS, 'right', '192.0.2.1')).toBe(0);
  });

  test('one address guesses ten times at one account, then once every six seconds', () => {
    const attempts = new Attempts();
    for (let i = 0; i < 10; i++) expect(guess(attempts, 'ann', 0, 'wrong', '10.0.0.1')).toBe(0);
    expect(guess(attempts, 'ann', 0, 'wrong', '10.0.0.1')).toBe(6_000);
    expect(guess(attempts, 'ann', 0, 'wrong', '10.0.0.2')).toBe(0);
  });

  test('many addresses together guess a hundred times at one account, and then a few times each', () => {
    const attempts = new Attempts();
    const checked = (round: number) =>
      Array.from({ length: 100 }, (_, i) => guess(attempts, 'ann', 0, 'wrong', `10.0.${round}.${i}`)).filter(
        (wait) => wait === 0,
      ).length;
    // Three from each are those of somebody new; with them the hundred are used up.
    expect([0, 0, 0, 0, 0].map(checked)).toEqual([100, 100, 100, 0, 0]);
    expect([1, 1, 1, 1].map(checked)).toEqual([100, 100, 100, 0]);
  });

  test('one address guesses fifty times at all accounts together; who got in from there before still does', () => {
    const attempts = new Attempts();
    expect(guess(attempts, 'owner', 0, 'right', '10.0.0.1')).toBe(0);
    for (let i = 0; i < 50; i++) expect(guess(attempts, `name ${i}`, 0, 'wrong', '10.0.0.1')).toBe(0);
    expect(guess(attempts, 'name 50', 0, 'wrong', '10.0.0.1')).toBe(6_000);
    expect(guess(attempts, 'name 50', 0, 'wrong', '10.0.0.2')).toBe(0);
    expect(guess(attempts, 'owner', 0, 'wrong', '10.0.0.1')).toBe(0);
    expect(guess(attempts, 'owner', 0, 'right', '10.0.0.1')).toBe(0);
  });

  test('signing in as oneself gives no guesses at others back', () => {
    const attempts = new Attempts();
    for (let i = 0; i < 50; i++) {
      expect(guess(attempts, `name ${i}`, 0, 'wrong', '10.0.0.1')).toBe(0);
      expect(guess(attempts, 'eve', 0, 'right', '10.0.0.1')).toBe(0);
    }
    expect(guess(attempts, 'name 50', 0, 'wrong', '10.0.0.1')).toBeGreaterThan(0);
  });

  test('four are checked at a time for one address, so that it does not take all places', () => {
    const attempts = new Attempts();
    const from = (address: string, i: number) => attempts.begin({ account: `name ${i}`, address }, LIMITS, 0);
    for (let i = 0; i < 4; i++) expect(from('10.0.0.1', i)).toBe(0);
    expect(from('10.0.0.1', 4)).toBe(1_000);
    expect(from('10.0.0.2', 5)).toBe(0);
    attempts.end({ account: 'name 0', address: '10.0.0.1' }, 'wrong');
    expect(from('10.0.0.1', 4)).toBe(0);
  });
});

test.each([undefined, '10.0.0.1'])(
  'a guess that could not be checked does not count (address %s)',
  (address) => {
    const attempts = new Attempts();
    for (let i = 0; i < 200; i++) expect(guess(attempts, 'ann', 0, 'unchecked', address)).toBe(0);
  },
);

test('at most eight are checked or wait at a time, whoever they are for; a refused one took nothing', () => {
  const attempts = new Attempts();
  const at = (account: string) => ({ account, address: null });
  for (let i = 0; i < 8; i++) expect(attempts.begin(at(`name ${i}`), LIMITS, 0)).toBe(0);
  expect(attempts.begin(at('ann'), LIMITS, 0)).toBe(1_000);
  attempts.end(at('name 0'), 'wrong');
  expect(attempts.begin(at('ann'), LIMITS, 0)).toBe(0);
  attempts.end(at('ann'), 'wrong');
  for (let i = 0; i < 9; i++) expect(guess(attempts, 'ann', 0, 'wrong')).toBe(0);
  expect(guess(attempts, 'ann', 0, 'wrong')).toBeGreaterThan(0);
});

test('a forum that is asked and does not answer takes the places of its own app alone', () => {
  const attempts = new Attempts();
  const at = (account: string, checker?: string) => ({ account, address: null, ...(checker && { checker }) });
  for (let i = 0; i < 32; i++) expect(attempts.begin(at(`name ${i}`, 'app 1'), LIMITS, 0)).toBe(0);
  expect(attempts.begin(at('ann', 'app 1'), LIMITS, 0)).toBe(1_000);
  expect(attempts.begin(at('ann', 'app 2'), LIMITS, 0)).toBe(0);
  expect(attempts.begin(at('ben'), LIMITS, 0)).toBe(0);
  attempts.end(at('name 0', 'app 1'), 'unchecked');
  expect(attempts.begin(at('ann', 'app 1'), LIMITS, 0)).toBe(0);
});
