import { gzipSync } from 'node:zlib';
import { expect, test } from 'vitest';
import { bundleWorker } from '../../src/standalone/build.ts';

/**
 * What a cold start on Cloudflare has to load. DESIGN.md 10 says 200 KB, which held for two doors; five of them with
 * webhooks, jobs, incoming hooks of seven networks and bridges do not fit, and the start is not what suffers (docs/architecture.md, "The start").
 */
const LIMIT_BYTES = 384 * 1024;

test('the worker is at most 384 KB, minified and gzipped', async () => {
  const { code } = await bundleWorker({ minify: true });
  expect(gzipSync(code, { level: 9 }).byteLength).toBeLessThanOrEqual(LIMIT_BYTES);
});

/**
 * Texts beside it, which no start parses: the description of the REST door, its page, what webhooks are told, the chat with
 * its emoji and its sound (93 KB together); and the documents of docs/, which are read where the hub runs (85 KB, nearly all of it their own words).
 */
const TEXTS_LIMIT_BYTES = 188 * 1024;

test('the texts that it serves are at most 188 KB, gzipped', async () => {
  const { texts } = await bundleWorker();
  expect(texts.map(({ path }) => path).sort()).toEqual([
    'demo-policy.txt',
    'demo.html',
    'document-policy.txt',
    'document.html',
    'documents.txt',
    'emoji.txt',
    'events.txt',
    'frame-policy.txt',
    'frame.html',
    'loader.txt',
    'locales.txt',
    'openapi.txt',
    'page-policy.txt',
    'page.html',
    'sound.txt',
  ]);
  const sizes = texts.map(({ text }) => gzipSync(text, { level: 9 }).byteLength);
  expect(sizes.reduce((sum, size) => sum + size)).toBeLessThanOrEqual(TEXTS_LIMIT_BYTES);
});
