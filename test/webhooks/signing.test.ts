// Who sent a webhook, and how a receiver knows: vectors.json, made by neither of the sides that it judges, against the
// published verifier, the library of the standard and what the hub itself signs.
import { Webhook } from 'standardwebhooks';
import { afterEach, describe, expect, test, vi } from 'vitest';
import { verifyWebhook, WebhookRefused } from '../../docs/verify-webhook.js';
import {
  type EndpointSecret,
  livingSecrets,
  newEndpointSecret,
  refuseSecret,
  revokeOldSecrets,
  rotateSecrets,
} from '../../src/domain/endpoint-secrets.ts';
import type { Signature } from '../../src/domain/hook-options.ts';
import { proveStandard, webhookKey } from '../../src/http/standard-webhooks.ts';
import { ed25519Pair, signatureHeaders } from '../../src/webhooks/signing.ts';
import file from './vectors.json' with { type: 'json' };

const vectors = file.vectors as unknown as {
  name: string;
  secrets: string[];
  headers: Record<string, string>;
  body: string;
  now: number;
  expect: string;
  package?: string;
}[];

afterEach(() => {
  vi.useRealTimers();
});

test('there are enough of them', () => {
  expect(new Set(vectors.map(({ name }) => name)).size).toBe(vectors.length);
  expect(vectors.length).toBeGreaterThanOrEqual(60);
});

test.each(vectors)('the verifier, $name: $expect', async (vector) => {
  const call = { ...vector, body: Buffer.from(vector.body, 'base64'), now: vector.now * 1000 };
  const said = await verifyWebhook(call).then(
    () => 'ok',
    (error) => (error instanceof WebhookRefused ? error.code : String(error)),
  );
  expect(said).toBe(vector.expect);
});

/** The same words for what the library of the standard says. */
function askPackage({ secrets, headers, body, now }: (typeof vectors)[number]): string {
  vi.useFakeTimers({ now: now * 1000, toFake: ['Date'] });
  try {
    new Webhook(secrets[0] as string).verify(Buffer.from(body, 'base64'), headers, { jsonParse: false });
    return 'ok';
  } catch (error) {
    const { message } = error as Error;
    if (/required/.test(message)) return 'missing_header';
    if (/too old/.test(message)) return 'too_old';
    if (/too new/.test(message)) return 'too_new';
    if (/Invalid/.test(message)) return 'bad_header';
    return /matching/.test(message) ? 'no_match' : 'no_key';
  }
}

test.each(vectors)('the library of the standard, $name', (vector) => {
  expect(askPackage(vector)).toBe(vector.package ?? vector.expect);
});

test.each(
  // Incoming hooks have secrets alone, no public keys; and no header comes over HTTP with a line break in it.
  vectors.filter(
    ({ secrets, headers }) =>
      !`${secrets}`.startsWith('whpk_') && !Object.values(headers).join('').includes('\n'),
  ),
)('what incoming hooks take, $name', ({ secrets, headers, body, now, expect: said }) => {
  const proves = (secret: string): boolean => {
    try {
      proveStandard(webhookKey(secret), new Headers(headers), Buffer.from(body, 'base64'), now * 1000);
      return true;
    } catch {
      return false;
    }
  };
  expect(secrets.some(proves)).toBe(said === 'ok');
});

describe('what the hub signs', () => {
  const secret = vectors[0]?.secrets[0] as string;
  const timestamp = vectors[0]?.now as number;
  const signed = { id: file.id, timestamp, body: file.body };

  test('is the first vector, byte by byte', async () => {
    const headers = await signatureHeaders('standard', { secrets: [secret], ed25519: [] }, signed);
    expect(headers).toEqual(vectors[0]?.headers);
  });

  test('verifies under every secret and key that is valid, the newest first', async () => {
    const other = newEndpointSecret();
    const { key, publicKey } = await ed25519Pair(Buffer.from(file.seed, 'base64'));
    expect(publicKey).toBe(file.publicKey);
    const headers = await signatureHeaders('standard', { secrets: [other, secret], ed25519: [key] }, signed);
    expect(headers['webhook-signature']).toMatch(/^v1,\S{44} v1,\S{44} v1a,\S{88}$/);
    for (const one of [other, secret, publicKey])
      await verifyWebhook({ secrets: [one], headers, body: file.body, now: timestamp * 1000 });
    const first = { ...headers, 'webhook-signature': headers['webhook-signature']?.split(' ')[0] as string };
    await verifyWebhook({ secrets: [other], headers: first, body: file.body, now: timestamp * 1000 });
    const stranger = verifyWebhook({
      secrets: [newEndpointSecret()],
      headers,
      body: file.body,
      now: timestamp * 1000,
    });
    await expect(stranger).rejects.toMatchObject({ code: 'no_match' });
  });

  test.each(Object.entries(file.schemes))(
    'for receivers of %s is what they know',
    async (scheme, expected) => {
      const keys = { secrets: [file.text, 'an older secret'], ed25519: [] };
      expect(await signatureHeaders(scheme as Signature, keys, signed)).toEqual({
        'webhook-id': file.id,
        'webhook-timestamp': String(timestamp),
        ...expected,
      });
    },
  );

  test('has no id with a dot, and no time with a fraction', async () => {
    const keys = { secrets: [secret], ed25519: [] };
    await expect(signatureHeaders('standard', keys, { ...signed, id: 'a.b' })).rejects.toThrow();
    await expect(signatureHeaders('standard', keys, { ...signed, timestamp: 1.5 })).rejects.toThrow();
  });
});

test('a secret that the hub makes is one that may be given, and no two are the same', () => {
  const made = Array.from({ length: 20 }, newEndpointSecret);
  expect(new Set(made).size).toBe(20);
  for (const text of made) expect([text.length, refuseSecret('standard', text)]).toEqual([50, null]);
});

test.each<[Signature, string, boolean]>([
  ['standard', `whsec_${Buffer.alloc(24).toString('base64')}`, true],
  ['standard', `whsec_${Buffer.alloc(64).toString('base64')}`, true],
  ['standard', `whsec_${Buffer.alloc(23).toString('base64')}`, false],
  ['standard', `whsec_${Buffer.alloc(65).toString('base64')}`, false],
  ['standard', Buffer.alloc(32).toString('base64'), false],
  ['standard', 'whsec_', false],
  ['standard', 'whsec_not base 64 at all, is it? No.', false],
  ['github', 'twelve chars', false],
  ['github', 'twelve-chars', true],
  ['token', 'short', false],
  ['slack', 'x'.repeat(257), false],
])('a secret for %s may be %s: %s', (signature, text, may) => {
  expect(refuseSecret(signature, text) === null).toBe(may);
});

describe('a rotation', () => {
  const HOUR = 3_600_000;
  const first: EndpointSecret[] = rotateSecrets([], 'one', 0, 0);
  const texts = (secrets: EndpointSecret[], now: number) =>
    livingSecrets(secrets, now).map(({ text }) => text);

  test('keeps the old secret for as long as it says, the newest first', () => {
    const both = rotateSecrets(first, 'two', HOUR, 24 * HOUR);
    expect(texts(both, HOUR)).toEqual(['two', 'one']);
    expect(texts(both, 25 * HOUR - 1)).toEqual(['two', 'one']);
    expect(texts(both, 25 * HOUR)).toEqual(['two']);
  });

  test('without an overlap ends the old one at once', () => {
    expect(texts(rotateSecrets(first, 'two', HOUR, 0), HOUR)).toEqual(['two']);
  });

  test('never lengthens what a rotation before has said', () => {
    const two = rotateSecrets(first, 'two', 0, HOUR);
    const three = rotateSecrets(two, 'three', 1, 24 * HOUR);
    expect(texts(three, HOUR)).toEqual(['three', 'two']);
  });

  test('keeps ten old ones, and their numbers are never given again', () => {
    let secrets = first;
    for (let i = 2; i <= 20; i++) secrets = rotateSecrets(secrets, `s${i}`, i, 24 * HOUR);
    expect(secrets.map(({ id }) => id)).toEqual([20, 19, 18, 17, 16, 15, 14, 13, 12, 11, 10]);
    expect(rotateSecrets(revokeOldSecrets(secrets), 'next', 21, 0)[0]?.id).toBe(21);
  });

  test('is over when the old ones are revoked', () => {
    expect(texts(revokeOldSecrets(rotateSecrets(first, 'two', 0, HOUR)), 0)).toEqual(['two']);
  });
});
