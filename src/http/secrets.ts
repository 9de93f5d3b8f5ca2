// Comparing and making secrets.
import { timingSafeEqual } from 'node:crypto';

const encoder = new TextEncoder();

/** Whether two secrets are the same, in a time that tells nothing about where they differ (their lengths are no secret). */
export function sameSecret(a: string, b: string): boolean {
  const [x, y] = [encoder.encode(a), encoder.encode(b)];
  return x.byteLength === y.byteLength && timingSafeEqual(x, y);
}

/** Random text of `bytes` random bytes, base64url without padding. */
export function newSecret(bytes = 32): string {
  const raw = crypto.getRandomValues(new Uint8Array(bytes));
  return btoa(String.fromCharCode(...raw))
    .replaceAll('+', '-')
    .replaceAll('/', '_')
    .replaceAll('=', '');
}
