// Tokens that people brought along from another server: kept as keyed hashes, good until their person's tokens are reset.
import { createHmac } from 'node:crypto';
import { holderOf } from '../directory/file-imports.ts';
import { findUser } from '../directory/people.ts';
import { Refused } from '../domain/errors.ts';
import type { AppNumber } from '../domain/ids.ts';
import { type App, type Caller, derivedKey, type Hub } from './context.ts';
import { ask } from './directory.ts';
import {
  type Audience,
  type Claims,
  callerFromClaims,
  DOORS,
  rememberToken,
  verifyToken,
} from './sessions.ts';

/** What is kept of a token. Another app's person may have brought the same one. */
export const hashOfToken = (hub: Hub, app: AppNumber, token: string): string =>
  createHmac('sha256', derivedKey(hub.settings.hubSecret, 'brought tokens'))
    .update(`${app} ${token}`)
    .digest('base64url');

/** What is known of one is believed for so long before it is looked up again, also while the directory is away. */
const KNOWN_MS = 15 * 60_000;

/**
 * Who calls with this token at a door. Null: nobody's of this app, or one that was reset since. Asks D1 once: from then on
 * it is remembered and checked like the hub's own (sessions.ts), of this app alone.
 */
export async function verifyBroughtToken(
  hub: Hub,
  app: App,
  token: string,
  audience: Audience,
): Promise<{ caller: Caller; claims: Claims } | null> {
  // No token of the hub reads so: either this app's own is remembered, or nothing is.
  const known = `${app.number} ${token}`;
  try {
    return await verifyToken(hub, known, audience);
  } catch (error) {
    if (!(error instanceof Refused) || error.refusal.code !== 'unauthorized') throw error;
  }
  const hash = hashOfToken(hub, app.number, token);
  const number = await ask(hub, app.number, (d1) => holderOf(d1, app.number, hash));
  if (number === null) return null;
  // Not from memory: the version must be the one of the row that was found.
  const found = await ask(hub, app.number, (d1) => findUser(d1, app.number, { number }));
  if (!found) return null;
  const { externalId, username, name, avatar, role } = found;
  const claims: Claims = {
    app: app.number,
    user: number,
    session: `brought ${hash.slice(0, 16)}`,
    version: found.tokenVersion,
    expiresAt: Math.floor((Date.now() + KNOWN_MS) / 1000),
    card: { externalId, username, name, avatar, role },
  };
  const caller = await callerFromClaims(hub, claims, DOORS[audience]);
  rememberToken(hub, known, audience, claims);
  return { caller, claims };
}
