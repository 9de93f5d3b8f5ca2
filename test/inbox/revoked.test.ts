import { expect, test } from 'vitest';
import type { UserNumber } from '../../src/domain/ids.ts';
import { KEPT_MS, Revoked } from '../../src/inbox/revoked.ts';

const [ann, bob] = [1 as UserNumber, 2 as UserNumber];
const claims = (user: UserNumber, session = 's', version = 1) => ({ user, session, version });

test('what ended is refused for a minute, of that person, session and version alone', () => {
  const revoked = new Revoked();
  revoked.add(ann, { session: 's' }, 0);
  revoked.add(bob, { tokenVersion: 2 }, 0);
  expect(revoked.has(claims(ann), KEPT_MS - 1)).toBe(true);
  expect(revoked.has(claims(ann, 'other'), 1)).toBe(false);
  expect(revoked.has(claims(bob), KEPT_MS - 1)).toBe(true);
  expect(revoked.has(claims(bob, 's', 2), 1)).toBe(false);
  expect(revoked.has(claims(ann), KEPT_MS)).toBe(false);
  expect(KEPT_MS).toBeGreaterThanOrEqual(60_000);
});

test('what is written down reads back, and is nothing once a minute has passed', () => {
  const revoked = new Revoked();
  revoked.add(ann, { session: 's' }, 0);
  expect(new Revoked(revoked.save(1)).has(claims(ann), 2)).toBe(true);
  expect(revoked.save(KEPT_MS)).toEqual([]);
});

test('closing all of a person refuses nobody who comes later', () => {
  const revoked = new Revoked();
  revoked.add(ann, {}, 0);
  expect(revoked.has(claims(ann), 1)).toBe(false);
});

test('a flood of sign-outs keeps the newest, and not more than fit one row', () => {
  const revoked = new Revoked();
  for (let i = 0; i < 5_000; i++) revoked.add(ann, { session: `session-of-16-chars-${i}` }, i % 100);
  const saved = revoked.save(100);
  expect(JSON.stringify(saved).length).toBeLessThan(100_000);
  expect(revoked.has(claims(ann, 'session-of-16-chars-4999'), 100)).toBe(true);
});
