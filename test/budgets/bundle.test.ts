import { gzipSync } from 'node:zlib';
import { expect, test } from 'vitest';
import { bundleWorker } from '../../src/standalone/build.ts';

/** DESIGN.md 10: what a cold start on Cloudflare has to load. */
const LIMIT_BYTES = 200 * 1024;

test('the worker is at most 200 KB, minified and gzipped', async () => {
  const { code } = await bundleWorker({ minify: true });
  expect(gzipSync(code, { level: 9 }).byteLength).toBeLessThanOrEqual(LIMIT_BYTES);
});
