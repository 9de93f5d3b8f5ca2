// The Workers runtime's own Ed25519, on which v1a stands.
import { expect, test } from 'vitest';
import { verifyWebhook } from '../../docs/verify-webhook.js';
import { ed25519Pair, signatureHeaders } from '../../src/webhooks/signing.ts';
import file from './vectors.json' with { type: 'json' };

test('a key pair and its signatures are the same in the Workers runtime', async () => {
  const seed = Uint8Array.from(atob(file.seed), (char) => char.charCodeAt(0));
  const { key, publicKey } = await ed25519Pair(seed);
  expect(publicKey).toBe(file.publicKey);
  const signed = { id: file.id, timestamp: 1_790_000_000, body: file.body };
  const headers = await signatureHeaders('standard', { secrets: [], ed25519: [key] }, signed);
  await verifyWebhook({ secrets: [publicKey], headers, body: file.body, now: 1_790_000_000_000 });
});
