// Tokens that come in pairs: one for calls, and one that makes a new pair when the first has expired. Tokens as such are
// sessions.ts.
import { Refused } from '../domain/errors.ts';
import { newSecret } from '../http/secrets.ts';
import type { App, Hub, User } from './context.ts';
import { userByNumber } from './people.ts';
import {
  type Claims,
  checkToken,
  endSession,
  hearOfRevocations,
  issueToken,
  verifyToken,
} from './sessions.ts';

/** Clients set a timer to the end of a token: longer ones than 2^31 ms would ring at once. */
const SECONDS = 14 * 86_400;

export interface TokenPair {
  token: string;
  /** ms since 1970. */
  expiresAt: number;
  renewal: string;
}

/** A pair for this person. `id`: of the pair that it takes the place of. */
export async function issuePair(hub: Hub, user: User, id: string = newSecret(12)): Promise<TokenPair> {
  const [call, renewal] = await Promise.all([
    issueToken(hub, user, 'qiscus', { seconds: SECONDS, renewal: id }),
    issueToken(hub, user, 'renewal', { session: id }),
  ]);
  return { ...call, renewal: renewal.token };
}

/** A new pair for the holder of the renewing token of one. Unauthorized: it has ended, or is none. */
export async function renew(hub: Hub, renewal: string): Promise<{ app: App; user: User; pair: TokenPair }> {
  const { caller, claims } = await verifyToken(hub, renewal, 'renewal');
  const known = await userByNumber(hub, caller.app, claims.user);
  // Remembered from before a sign-out, it would make a token that is over already.
  const user = { ...known, tokenVersion: Math.max(known.tokenVersion, claims.version) };
  return { app: caller.app, user, pair: await issuePair(hub, user, claims.session) };
}

/** Ends a call's token, and the one that would make new ones. */
export async function endPair(hub: Hub, claims: Claims): Promise<void> {
  if (claims.renewal !== undefined) await endSession(hub, { ...claims, session: claims.renewal });
  await endSession(hub, claims);
}

/** Whether a token that is refused was good once, and its holder may ask for a new one, or sign in again. */
export async function hasExpired(hub: Hub, token: string): Promise<boolean> {
  let claims: Claims;
  try {
    // Of a token that ended before its time only the pair's other half tells.
    claims = await checkToken(hub, token, 'qiscus', new Date(0));
  } catch (error) {
    if (error instanceof Refused) return false;
    throw error;
  }
  await hearOfRevocations(hub, claims.app);
  const { revocations } = hub.isolate;
  if (revocations.has(claims.user, claims.renewal ?? claims.session, claims.version)) return false;
  return claims.expiresAt * 1000 <= Date.now() || claims.renewal !== undefined;
}
