// How many connections one address may open before anybody signs in on them.
import { expect, test } from 'vitest';
import type { Refused } from '../../src/domain/errors.ts';
import { Buckets } from '../../src/hub/buckets.ts';
import { rationOpening } from '../../src/hub/gates.ts';

/** Of `count` openings at once from this address, how many are let in. */
function opened(count: number, from: string | null, limits: 'on' | 'off', buckets = new Buckets<string>(10)) {
  let letIn = 0;
  for (let i = 0; i < count; i++) {
    try {
      rationOpening({ settings: { limits }, isolate: { opened: buckets }, clientAddress: () => from });
      letIn += 1;
    } catch (error) {
      expect((error as Refused).refusal).toMatchObject({ code: 'rate_limited' });
    }
  }
  return letIn;
}

test('an address has a burst of them, another one its own; without addresses, and without limits, all are let in', () => {
  const buckets = new Buckets<string>(10);
  const burst = opened(1_000, '192.0.2.1', 'on', buckets);
  // The loop takes some time, in which some come back.
  expect(burst).toBeGreaterThanOrEqual(200);
  expect(burst).toBeLessThan(300);
  expect(opened(200, '192.0.2.2', 'on', buckets)).toBe(200);
  expect(opened(1_000, null, 'on')).toBe(1_000);
  expect(opened(1_000, '192.0.2.1', 'off')).toBe(1_000);
});
