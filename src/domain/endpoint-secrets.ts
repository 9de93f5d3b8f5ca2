// Secrets of a webhook endpoint over their life: one is current, older ones stay valid for a while after a rotation
// (contracts/webhooks-bridges-widget.md W4). How they sign is webhooks/signing.ts; how they are sealed, the hub's.

import type { Signature } from './hook-options.ts';

export interface EndpointSecret {
  /** 1, 2, 3… in one endpoint; names its Ed25519 key too. */
  id: number;
  /** As its owner has it: `whsec_…` or, where the receiver's scheme knows only text, that. */
  text: string;
  /** ms since 1970. */
  madeAt: number;
  /** ms since 1970: no longer valid from then on; null: it is the current one. */
  until: number | null;
}

export const DEFAULT_OVERLAP_SECONDS = 86_400;
export const MOST_OVERLAP_SECONDS = 7 * 86_400;
/** Older secrets that are kept: who rotates more often than receivers follow has no use for more. */
const MOST_OLD = 10;

/** What signs now, the newest first. */
export const livingSecrets = (secrets: readonly EndpointSecret[], now: number): EndpointSecret[] =>
  secrets.filter(({ until }) => until === null || until > now).sort((a, b) => b.id - a.id);

/** A new current secret; what was valid before stays so for `overlapMs` at most. */
export function rotateSecrets(
  secrets: readonly EndpointSecret[],
  text: string,
  now: number,
  overlapMs: number,
): EndpointSecret[] {
  const id = Math.max(0, ...secrets.map((secret) => secret.id)) + 1;
  const end = now + overlapMs;
  const old = livingSecrets(secrets, now)
    .map((secret) => ({ ...secret, until: Math.min(secret.until ?? end, end) }))
    .filter(({ until }) => until > now)
    .slice(0, MOST_OLD);
  return [{ id, text, madeAt: now, until: null }, ...old];
}

/** Only the current one is left: what leaked is worth nothing from now on. */
export const revokeOldSecrets = (secrets: readonly EndpointSecret[]): EndpointSecret[] =>
  secrets.filter(({ until }) => until === null);

/** A secret that the hub makes: 32 random bytes, as the standard writes them. */
export const newEndpointSecret = (): string =>
  `whsec_${btoa(String.fromCharCode(...crypto.getRandomValues(new Uint8Array(32))))}`;

/** Why a secret that somebody brings cannot sign so; null: it can. */
export function refuseSecret(signature: Signature, text: string): string | null {
  if (signature !== 'standard')
    return /^[\x21-\x7e]{12,256}$/.test(text) ? null : 'must be 12 to 256 visible ASCII characters';
  const encoded = /^whsec_([A-Za-z0-9+/]+={0,2})$/.exec(text)?.[1] ?? '';
  const bytes = encoded.length % 4 === 0 ? (encoded.length / 4) * 3 - (encoded.match(/=/g)?.length ?? 0) : 0;
  return bytes >= 24 && bytes <= 64 ? null : 'must be whsec_ and 24 to 64 bytes in base 64';
}
