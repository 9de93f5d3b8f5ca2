import { expect, test } from 'vitest';
import { Lane } from '../../src/realtime/lane.ts';

/** A lane whose jobs the test finishes by hand. */
function setUp() {
  const lane = new Lane();
  const begun: string[] = [];
  const finish = new Map<string, () => void>();
  const push = (name: string, key: string | null): boolean =>
    lane.push({
      key,
      run: () => {
        begun.push(name);
        return new Promise((resolve) => finish.set(name, resolve));
      },
    });
  const end = async (name: string): Promise<void> => {
    finish.get(name)?.();
    await new Promise((resolve) => setImmediate(resolve));
  };
  return { push, begun, end };
}

test('a job begins when the one before it has ended', async () => {
  const { push, begun, end } = setUp();
  for (const name of ['a', 'b', 'c']) push(name, null);
  expect(begun).toEqual(['a']);
  await end('a');
  expect(begun).toEqual(['a', 'b']);
  await end('b');
  expect(begun).toEqual(['a', 'b', 'c']);
});

test('jobs with different keys overlap, eight at most, and nothing overtakes them', async () => {
  const { push, begun, end } = setUp();
  for (let i = 0; i < 10; i++) push(`k${i}`, `${i}`);
  push('send', null);
  push('late', 'x');
  expect(begun).toEqual(['k0', 'k1', 'k2', 'k3', 'k4', 'k5', 'k6', 'k7']);
  await end('k3');
  expect(begun.at(-1)).toBe('k8');
  for (const i of [0, 1, 2, 4, 5, 6, 7, 8]) await end(`k${i}`);
  expect(begun.at(-1)).toBe('k9');
  await end('k9');
  expect(begun.at(-1)).toBe('send');
  await end('send');
  expect(begun.at(-1)).toBe('late');
});

test('jobs with the same key keep their order', async () => {
  const { push, begun, end } = setUp();
  push('first', '7');
  push('second', '7');
  expect(begun).toEqual(['first']);
  await end('first');
  expect(begun).toEqual(['first', 'second']);
});

test('a lane that is full takes no more', () => {
  const { push } = setUp();
  for (let i = 0; i < 2_001; i++) expect(push(`${i}`, null)).toBe(true);
  expect(push('more', null)).toBe(false);
});
