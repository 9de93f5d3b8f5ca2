// The signature of Standard Webhooks with a shared secret, `v1` (its specification, "Signature scheme"): made for what is
// sent, checked on what comes. With the runtime's own hashes: the standard's package brings hashes written in JavaScript.
import { createHmac } from 'node:crypto';
import { sameSecret } from './secrets.ts';

/** How far a call's time may be from ours, either way. */
const TOLERANCE_SECONDS = 5 * 60;

/** The bytes of a secret as the standard writes it: base 64, behind `whsec_`. Throws where there are none. */
export function webhookKey(secret: string): Uint8Array {
  const key = Uint8Array.from(atob(secret.replace(/^whsec_/, '')), (c) => c.charCodeAt(0));
  if (key.byteLength === 0) throw new Error('a secret without bytes');
  return key;
}

/** `v1,…` over id, time and body. `timestamp`: seconds since 1970, as the header says it. */
export function standardSignature(
  key: Uint8Array,
  id: string,
  timestamp: number | string,
  body: string | Uint8Array,
): string {
  return `v1,${createHmac('sha256', key).update(`${id}.${timestamp}.`).update(body).digest('base64')}`;
}

/**
 * Whether these headers prove that who sent the body knows the key, within five minutes of `now` (ms since 1970). Throws an
 * Error that says why not.
 */
export function proveStandard(key: Uint8Array, headers: Headers, body: Uint8Array, now: number): void {
  const given = (name: string): string => headers.get(`webhook-${name}`) ?? '';
  const [id, timestamp, signatures] = [given('id'), given('timestamp'), given('signature')];
  if (!id || !timestamp || !signatures) throw new Error('a header is missing');
  // A dot separates what is signed: with one in it the id could end elsewhere.
  if (id.includes('.')) throw new Error('the id has a dot');
  if (!/^\d{1,12}$/.test(timestamp)) throw new Error('the time is no number of seconds');
  if (Math.abs(Math.floor(now / 1000) - Number(timestamp)) > TOLERANCE_SECONDS)
    throw new Error('the time is too far from now');
  const right = standardSignature(key, id, timestamp, body);
  // Where a secret is being changed there is one for each.
  if (!signatures.split(' ').some((signature) => sameSecret(signature, right)))
    throw new Error('no signature fits');
}
