// An isolate's list of ended sessions, against real D1: cold, old, away, and how much of it is kept.
import { expect, test } from 'vitest';
import { insertRevocation, insertRevocationOnce } from '../../src/directory/revocations.ts';
import type { UserNumber } from '../../src/domain/ids.ts';
import { LONGEST_LIFETIME_MS, RevocationList } from '../../src/hub/revocations.ts';
import { gate } from '../conversation/faults.ts';
import { d1, fresh } from '../conversation/harness.ts';

const NOW = Date.now();
const user = 1 as UserNumber;

async function revoke(at = NOW): Promise<string> {
  const session = fresh('session');
  await insertRevocation(d1, { user, session, tokenVersion: null, at }, at - LONGEST_LIFETIME_MS);
  return session;
}

/** Real D1 whose first answers wait for a gate, or that fails. */
function directory(before: () => Promise<void>): D1Database {
  const held = (statement: D1PreparedStatement): D1PreparedStatement =>
    new Proxy(statement, {
      get(target, name) {
        const value = Reflect.get(target, name) as unknown;
        if (typeof value !== 'function') return value;
        return (...args: unknown[]) => {
          const run = () => (value as (...args: unknown[]) => unknown).apply(target, args);
          return name === 'bind' ? held(run() as D1PreparedStatement) : before().then(run);
        };
      },
    });
  return { prepare: (text: string) => held(d1.prepare(text)) } as unknown as D1Database;
}

const later: Promise<unknown>[] = [];
const defer = (work: Promise<unknown>) => {
  later.push(work);
};

test('nobody is answered from a list that was never loaded, nor while another loads it', async () => {
  const session = await revoke();
  const list = new RevocationList();
  // No answer comes before all of them have asked.
  let asked = 0;
  const { passed, open } = gate();
  const slow = directory(() => {
    if (++asked === 3) open();
    return passed;
  });
  const callers = Array.from({ length: 3 }, async () => {
    await list.refresh(slow, defer, NOW);
    return list.has(user, session, 1);
  });
  expect(await Promise.all(callers)).toEqual([true, true, true]);
});

test('what ended while the isolate slept is known to the first who come, and to those beside them', async () => {
  const list = new RevocationList();
  await list.refresh(d1, defer, NOW);
  const session = await revoke();
  const callers = Array.from({ length: 3 }, async () => {
    await list.refresh(d1, defer, NOW + 3_600_000);
    return list.has(user, session, 1);
  });
  expect(await Promise.all(callers)).toEqual([true, true, true]);
});

test('a directory that is away is waited for once; its return is noticed', async () => {
  const list = new RevocationList();
  let away = true;
  const broken = directory(async () => {
    if (away) throw new Error('away');
  });
  await list.refresh(broken, defer, NOW);
  const session = await revoke();
  const hung = directory(() => new Promise(() => undefined));
  const answered = await Promise.race([
    list.refresh(hung, () => undefined, NOW + 1_000).then(() => 'at once'),
    new Promise((resolve) => setTimeout(resolve, 150, 'late')),
  ]);
  expect(answered).toBe('at once');
  away = false;
  await list.refresh(broken, defer, NOW + 2_000);
  await Promise.allSettled(later);
  expect(list.has(user, session, 1)).toBe(true);
});

test('what outlived every token is neither loaded nor kept', async () => {
  const old = await revoke(NOW - LONGEST_LIFETIME_MS - 1);
  const list = new RevocationList();
  await list.refresh(d1, defer, NOW);
  expect(list.has(user, old, 1)).toBe(false);
  expect(list.size).toBeGreaterThan(0);
  await list.refresh(d1, defer, NOW + LONGEST_LIFETIME_MS + 3_600_000);
  expect(list.size).toBe(0);
});

test('of many who write the same session down at once, one was the first', async () => {
  const session = fresh('nonce');
  const all = await Promise.all(
    Array.from({ length: 8 }, () => insertRevocationOnce(d1, { user, session, at: NOW })),
  );
  expect(all.filter(Boolean)).toHaveLength(1);
  expect(await insertRevocationOnce(d1, { user, session: fresh('nonce'), at: NOW })).toBe(true);
});
