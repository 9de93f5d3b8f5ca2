// When a delivery is tried again and when an endpoint is left alone (contracts/webhooks-bridges-widget.md W7 to W11).
import { describe, expect, test } from 'vitest';
import { type Answer, GIVE_UP_MS, judge, STANDARD_DELAYS_MS } from '../../src/endpoint/schedule.ts';

const NOW = 1_790_000_000_000;
const POLICY = { delaysMs: STANDARD_DELAYS_MS, final: [] as number[] };
const answer = (status: number | null, more: Partial<Answer> = {}) => ({
  ...{ status, reason: status === null ? 'no connection' : null, timedOut: false, retryAfter: null },
  ...more,
});
const at = (tries: number, more: object = {}) => ({
  ...{ tries, failingSince: null, now: NOW, random: () => 0.5, fixedMs: null },
  ...more,
});
/** Ms until the next attempt. */
const wait = (of: ReturnType<typeof answer>, tries = 1, more: object = {}): number | null => {
  const { outcome } = judge(POLICY, of, at(tries, more));
  return outcome.kind === 'again' ? outcome.at - NOW : null;
};

test.each([200, 201, 204, 299])('%i is a success', (status) => {
  expect(judge(POLICY, answer(status), at(1))).toEqual({
    outcome: { kind: 'delivered' },
    disable: null,
    slowUntil: null,
  });
});

test.each([null, 100, 199, 300, 301, 304, 400, 401, 500, 503])('%s is none, and is tried again', (status) => {
  expect(wait(answer(status))).toBe(5_000);
});

test('ten attempts over 75.6 hours, and no more', () => {
  const waits = Array.from({ length: 9 }, (_, i) => wait(answer(500), i + 1) as number);
  expect(waits.map((ms) => ms / 1000)).toEqual([5, 300, 1800, 7200, 18000, 36000, 50400, 72000, 86400]);
  expect(waits.reduce((sum, ms) => sum + ms, 0) / 3_600_000).toBeCloseTo(75.6, 1);
  expect(judge(POLICY, answer(500), at(10)).outcome).toEqual({
    kind: 'dead',
    reason: 'status 500 after the last attempt',
  });
});

test('chance moves each by a fifth at most', () => {
  expect(wait(answer(500), 2, { random: () => 0 })).toBe(240_000);
  expect(wait(answer(500), 2, { random: () => 1 })).toBe(360_000);
});

describe('Retry-After', () => {
  test.each([
    ['nothing', null, 300],
    ['less than is scheduled', '10', 300],
    ['more', '400', 400],
    ['more than twice as much', '100000', 600],
    ['a date', new Date(NOW + 450_000).toUTCString(), 450],
    ['a date that has passed', new Date(NOW - 450_000).toUTCString(), 300],
    ['no number', 'soon', 300],
    ['a negative number', '-5', 300],
    ['a fraction', '400.5', 300],
  ])('%s', (_, retryAfter, seconds) => {
    expect(wait(answer(503, { retryAfter }), 2)).toBe(seconds * 1000);
  });
});

test.each([
  ['429', answer(429)],
  ['502', answer(502)],
  ['504', answer(504)],
  ['a timeout', answer(null, { timedOut: true })],
])('%s gets a minute at least, and one call at a time meanwhile', (_, of) => {
  expect(wait(of)).toBe(60_000);
  expect(wait({ ...of, retryAfter: '90' })).toBe(90_000);
  expect(judge(POLICY, of, at(1)).slowUntil).toBe(NOW + 60_000);
  expect(wait(of, 3)).toBe(1_800_000);
});

test('410 disables at once, and what waits goes on waiting', () => {
  const { outcome, disable } = judge(POLICY, answer(410), at(1));
  expect([outcome.kind, disable]).toEqual(['again', 'it answered 410']);
});

test('404 disables after the last attempt alone', () => {
  expect(judge(POLICY, answer(404), at(9)).disable).toBeNull();
  expect(judge(POLICY, answer(404), at(10)).disable).toMatch(/404/);
});

test('nothing but failure for 120 hours disables; anything less never does', () => {
  const since = (ms: number) => judge(POLICY, answer(500), at(5, { failingSince: NOW - ms })).disable;
  expect(since(GIVE_UP_MS - 1)).toBeNull();
  expect(since(GIVE_UP_MS)).toMatch(/120 hours/);
});

test('what a format calls final is not tried again', () => {
  const policy = { delaysMs: [1, 2], final: [401] };
  expect(judge(policy, answer(401), at(1)).outcome).toEqual({ kind: 'dead', reason: 'status 401 is final' });
  expect(judge(policy, answer(402), at(1)).outcome.kind).toBe('again');
});

test('a fixed time replaces every schedule and floor', () => {
  for (const of of [answer(500), answer(429, { retryAfter: '100' }), answer(null, { timedOut: true })])
    expect(wait(of, 4, { fixedMs: 50 })).toBe(50);
  expect(judge(POLICY, answer(429), at(1, { fixedMs: 50 })).slowUntil).toBe(NOW + 50);
});
