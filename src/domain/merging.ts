// What becomes of two people's custom data when they turn out to be one. Pure.
import type { JsonObject } from './model.ts';

/** Bytes of a person's metadata as JSON, which a merge fills up and does not exceed (contracts/sunshine.md 1). */
export const METADATA_BYTES = 4096;

/**
 * What the survivor has wins; what only the other one has is added, key by key in their order, as long as the whole fits.
 * `discarded`: what did not fit.
 */
export function mergeMetadata(
  survivor: JsonObject,
  other: JsonObject,
): { metadata: JsonObject; discarded: JsonObject } {
  const metadata = { ...survivor };
  const discarded: JsonObject = {};
  for (const [key, value] of Object.entries(other)) {
    if (Object.hasOwn(survivor, key)) continue;
    const fits = bytesOf({ ...metadata, [key]: value }) <= METADATA_BYTES;
    (fits ? metadata : discarded)[key] = value;
  }
  return { metadata, discarded };
}

const bytesOf = (value: JsonObject): number => new TextEncoder().encode(JSON.stringify(value)).length;
