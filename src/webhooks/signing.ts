// Headers that prove to a receiver who sent a webhook: Standard Webhooks, and the schemes of receivers that exist already
// (contracts/webhooks-bridges-widget.md W1 to W6). Which secrets sign is decided elsewhere.
import { createHmac } from 'node:crypto';
import type { Signature } from '../domain/hook-options.ts';
import { standardSignature, webhookKey } from '../http/standard-webhooks.ts';

export interface Signed {
  /** The same over all attempts; without a dot, which separates the parts that are signed. */
  id: string;
  /** Seconds since 1970 of this attempt. */
  timestamp: number;
  /** The very text that is sent, as UTF-8. */
  body: string;
}

/** The newest first. Schemes with room for one signature get the newest secret's. */
export interface SigningKeys {
  secrets: readonly string[];
  /** Ed25519, beside the secrets' signatures where the scheme is `standard`. */
  ed25519: readonly CryptoKey[];
}

/** The headers that say who sent this. Throws where an id holds a dot, which would let its parts be read otherwise. */
export async function signatureHeaders(
  signature: Signature,
  keys: SigningKeys,
  signed: Signed,
): Promise<Record<string, string>> {
  const { id, timestamp, body } = signed;
  if (id.includes('.') || !Number.isInteger(timestamp)) throw new Error('nothing to be signed');
  const named = { 'webhook-id': id, 'webhook-timestamp': String(timestamp) };
  const secret = keys.secrets[0] ?? '';
  switch (signature) {
    case 'standard':
      return { ...named, 'webhook-signature': await standardSignatures(keys, signed) };
    case 'github':
      return { ...named, 'x-hub-signature-256': `sha256=${hmac(secret, body)}` };
    case 'slack': {
      const proof = `v0=${hmac(secret, `v0:${timestamp}:${body}`)}`;
      return { ...named, 'x-slack-request-timestamp': String(timestamp), 'x-slack-signature': proof };
    }
    case 'discourse':
      return { ...named, 'x-discourse-event-signature': `sha256=${hmac(secret, body)}` };
    case 'token':
      return { ...named, 'x-hub-token': secret };
    case 'sunshine':
      return { ...named, 'x-api-key': secret };
    case 'qiscus':
      return { ...named, 'qiscus-sdk-signature': hmac(secret, body) };
    case 'none':
      return named;
  }
}

/** Headers whose value is the secret itself. */
export const SECRET_HEADERS: ReadonlySet<string> = new Set(['x-hub-token', 'x-api-key']);

/** One signature for each secret and each key, separated by blanks: a receiver takes the one that it knows (W4). */
async function standardSignatures(
  { secrets, ed25519 }: SigningKeys,
  { id, timestamp, body }: Signed,
): Promise<string> {
  const v1 = secrets.map((secret) => standardSignature(webhookKey(secret), id, timestamp, body));
  const content = new TextEncoder().encode(`${id}.${timestamp}.${body}`);
  const v1a = await Promise.all(
    ed25519.map(async (key) => `v1a,${base64(await crypto.subtle.sign('Ed25519', key, content))}`),
  );
  return [...v1, ...v1a].join(' ');
}

const hmac = (secret: string, content: string): string =>
  createHmac('sha256', secret).update(content).digest('hex');

const base64 = (bytes: ArrayBuffer | Uint8Array): string =>
  btoa(String.fromCharCode(...new Uint8Array(bytes)));

/** What stands before the 32 bytes of a private Ed25519 key in PKCS #8 (RFC 8410 7). */
const PKCS8 = [
  0x30, 0x2e, 0x02, 0x01, 0x00, 0x30, 0x05, 0x06, 0x03, 0x2b, 0x65, 0x70, 0x04, 0x22, 0x04, 0x20,
];

/** A key pair of 32 secret bytes: the same bytes give the same pair. `publicKey` as receivers take it, `whpk_…`. */
export async function ed25519Pair(seed: Uint8Array): Promise<{ key: CryptoKey; publicKey: string }> {
  const pkcs8 = new Uint8Array([...PKCS8, ...seed]);
  const exported = await crypto.subtle.importKey('pkcs8', pkcs8, 'Ed25519', true, ['sign']);
  const { x = '' } = (await crypto.subtle.exportKey('jwk', exported)) as JsonWebKey;
  const key = await crypto.subtle.importKey('pkcs8', pkcs8, 'Ed25519', false, ['sign']);
  const publicBytes = Uint8Array.from(atob(x.replaceAll('-', '+').replaceAll('_', '/')), (c) =>
    c.charCodeAt(0),
  );
  return { key, publicKey: `whpk_${base64(publicBytes)}` };
}
