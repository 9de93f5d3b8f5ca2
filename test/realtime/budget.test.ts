import { expect, test } from 'vitest';
import { BURST, Budget, COST, costOf, PER_SECOND } from '../../src/realtime/budget.ts';

test('a burst is granted, then so many each second, and a refusal says when to come again', () => {
  const budget = new Budget(0);
  for (let i = 0; i < BURST; i++) expect(budget.take(1, 0)).toBe(0);
  const wait = budget.take(1, 0);
  expect(wait).toBe(1000 / PER_SECOND);
  expect(budget.take(1, wait - 1)).toBeGreaterThan(0);
  expect(budget.take(1, wait)).toBe(0);
});

test('what is saved up never exceeds a burst', () => {
  const budget = new Budget(0);
  for (let i = 0; i < BURST; i++) expect(budget.take(1, 3_600_000)).toBe(0);
  expect(budget.take(1, 3_600_000)).toBeGreaterThan(0);
});

test('a clock that steps back grants nothing', () => {
  const budget = new Budget(1_000);
  expect(budget.take(BURST, 1_000)).toBe(0);
  expect(budget.take(1, 0)).toBeGreaterThan(0);
});

test('a client that comes back to a thousand conversations fits one burst', () => {
  expect(1_000 * COST.subscribe).toBeLessThanOrEqual(BURST);
});

test('large frames use a burst up before they fill the memory; small ones cost what their kind does', () => {
  const budget = new Budget(0);
  let chars = 0;
  while (budget.take(costOf('send', 64 * 1024), 0) === 0) chars += 64 * 1024;
  expect(chars).toBeGreaterThan(0);
  expect(chars).toBeLessThanOrEqual(2 * 1024 * 1024);
  for (const kind of Object.keys(COST) as (keyof typeof COST)[]) expect(costOf(kind, 4_095)).toBe(COST[kind]);
});
