// Secrets of a webhook endpoint over their life: one is current, older ones stay valid for a while after a rotation
// (contracts/webhooks-bridges-widget.md W4). How they sign is webhooks/signing.ts; how they are sealed, the hub's.

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
