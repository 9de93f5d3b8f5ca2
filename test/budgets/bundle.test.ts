import { gzipSync } from 'node:zlib';
import { expect, test } from 'vitest';
import { bundleWorker } from '../../src/standalone/build.ts';

/** DESIGN.md 10: what a cold start on Cloudflare has to load. */
const LIMIT_BYTES = 200 * 1024;

test('the worker is at most 200 KB, minified and gzipped', async () => {
  const { code } = await bundleWorker({ minify: true });
  expect(gzipSync(code, { level: 9 }).byteLength).toBeLessThanOrEqual(LIMIT_BYTES);
});

/** Texts beside it, which no start parses: the description of the REST door and its page. */
const TEXTS_LIMIT_BYTES = 40 * 1024;

test('the texts that it serves are at most 40 KB, gzipped', async () => {
  const { texts } = await bundleWorker();
  expect(texts.map(({ path }) => path).sort()).toEqual(['openapi.txt', 'page-policy.txt', 'page.html']);
  const sizes = texts.map(({ text }) => gzipSync(text, { level: 9 }).byteLength);
  expect(sizes.reduce((sum, size) => sum + size)).toBeLessThanOrEqual(TEXTS_LIMIT_BYTES);
});
