// Verifies a webhook of Parlance (Standard Webhooks 1.0). Copy this file: it needs nothing but WebCrypto, so it runs in
// Node, Deno, Bun, browsers and Workers. How to use it: docs/webhooks.md.

/** What is wrong with a call; `code` says it to a program. */
export class WebhookRefused extends Error {
  constructor(code, message) {
    super(message);
    this.name = 'WebhookRefused';
    this.code = code;
  }
}

/**
 * Resolves when the call is genuine and new; rejects with a WebhookRefused otherwise.
 *
 * secrets: what the hub showed, `whsec_…`, or the endpoint's public keys, `whpk_…`; any one of them may have signed.
 * headers: of the request: a Headers object, or names with values. body: the bytes as they came, before any parsing.
 * now: ms since 1970. toleranceSeconds: how far the call's time may be from it.
 */
export async function verifyWebhook({ secrets, headers, body, now = Date.now(), toleranceSeconds = 300 }) {
  const id = header(headers, 'webhook-id');
  const timestamp = header(headers, 'webhook-timestamp');
  const signatures = header(headers, 'webhook-signature');
  if (!id || !timestamp || !signatures)
    throw new WebhookRefused('missing_header', 'A header of the signature is missing.');
  if (!/^[\x21-\x2d\x2f-\x7e]{1,256}$/.test(id) || !/^[0-9]{1,12}$/.test(timestamp))
    throw new WebhookRefused('bad_header', 'A header of the signature is malformed.');
  const age = Math.floor(now / 1000) - Number(timestamp);
  if (age > toleranceSeconds) throw new WebhookRefused('too_old', 'The call is too old.');
  if (age < -toleranceSeconds) throw new WebhookRefused('too_new', 'The call is from the future.');
  const bytes = typeof body === 'string' ? new TextEncoder().encode(body) : body;
  const content = joined(new TextEncoder().encode(`${id}.${timestamp}.`), bytes);
  for (const one of signatures.split(' ')) {
    const [version, encoded, ...more] = one.split(',');
    const signature = more.length === 0 ? decoded(encoded ?? '') : null;
    if (!signature) continue;
    for (const secret of secrets) if (await signedBy(secret, version, signature, content)) return;
  }
  throw new WebhookRefused('no_match', 'No signature fits.');
}

/** WebCrypto compares in constant time. */
async function signedBy(secret, version, signature, content) {
  const [, kind, encoded] = /^(whsec|whpk)_(.+)$/.exec(secret) ?? [];
  const raw = kind ? decoded(encoded) : null;
  if (!raw) throw new TypeError('A secret is whsec_ or whpk_ and base 64.');
  if (kind === 'whsec' && version === 'v1') {
    const key = await crypto.subtle.importKey('raw', raw, { name: 'HMAC', hash: 'SHA-256' }, false, [
      'verify',
    ]);
    return crypto.subtle.verify('HMAC', key, signature, content);
  }
  if (kind === 'whpk' && version === 'v1a') {
    const key = await crypto.subtle.importKey('raw', raw, 'Ed25519', false, ['verify']);
    return crypto.subtle.verify('Ed25519', key, signature, content);
  }
  return false;
}

function header(headers, name) {
  if (typeof headers.get === 'function') return headers.get(name);
  const key = Object.keys(headers).find((known) => known.toLowerCase() === name);
  return key === undefined ? null : headers[key];
}

function decoded(base64) {
  if (!/^[A-Za-z0-9+/]+={0,2}$/.test(base64) || base64.length % 4 !== 0) return null;
  return Uint8Array.from(atob(base64), (char) => char.charCodeAt(0));
}

function joined(a, b) {
  const whole = new Uint8Array(a.byteLength + b.byteLength);
  whole.set(a);
  whole.set(b, a.byteLength);
  return whole;
}
