import { expect, test } from 'vitest';
import { bundleWorker } from '../../src/standalone/build.ts';
import { traceMapper } from '../../src/standalone/trace.ts';

test('a stack points into the sources, not into the bundle', async () => {
  const { code, map } = await bundleWorker({ entry: `${import.meta.dirname}/throws.ts`, minify: true });
  const row = code.split('\n').findIndex((line) => line.includes('kaboom')) + 1;
  const column = (code.split('\n')[row - 1] ?? '').indexOf('new Error') + 1;
  const print = traceMapper(map);
  expect(print(`    at fetch (file:///index.js:${row}:${column})`)).toBe('    at fetch (throws.ts:5:11)');
  expect(print('a line without a position')).toBe('a line without a position');
});

test('what cannot be bundled is told with file and line', async () => {
  const entry = `${import.meta.dirname}/imports-nothing.ts`;
  await expect(bundleWorker({ entry })).rejects.toThrow(
    'imports-nothing.ts could not be bundled:\nimports-nothing.ts:3: Could not resolve "./no-such-file.ts"',
  );
});
