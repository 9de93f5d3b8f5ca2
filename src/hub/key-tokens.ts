// Tokens that the holder of a key signs: in place of the key's secret, or to let one of the app's people call from a
// browser that must not have it. Keys themselves are keys.ts; the hub's own tokens are sessions.ts.
import { type JWTPayload, jwtVerify } from 'jose';
import { Refused } from '../domain/errors.ts';
import type { IntegrationNumber, KeyNumber } from '../domain/ids.ts';
import { appByNumber } from './apps.ts';
import type { App, Hub } from './context.ts';
import { type KeyRecord, type KeyScope, NO_KEY, NOBODYS_SECRET, namedKey } from './keys.ts';

/** What the holder of a token may do: all that its key may, or what one person may. */
export type TokenScope = KeyScope | 'user';

/** Clocks of servers that sign may be so far ahead of ours. */
const CLOCK_SECONDS = 30;
/** Checked tokens that an isolate remembers. */
const TOKENS_KEPT = 2_000;

/** A token whose signature was found right, as long as the key keeps this secret. */
export interface CheckedToken {
  keyId: string;
  secret: string;
  scope: TokenScope;
  /** Whose calls they are, for scope `user`. */
  externalId: string | null;
  /** ms since 1970; infinite when the token says nothing. */
  expiresAt: number;
}

/**
 * What a JWT of a key lets its bearer do (contracts/sunshine.md 4): HS256, `kid` the key's id, `scope` the key's own
 * scope, or `user` with the `external_id` of a person, signed by a key of the app. Unauthorized for anything else: unsigned,
 * signed in another way or by another key, expired, of a key that ended.
 */
export async function verifyKeyToken(
  hub: Hub,
  door: string,
  token: string,
): Promise<{
  app: App | null;
  scope: TokenScope;
  externalId: string | null;
  key: KeyNumber;
  integration: IntegrationNumber | null;
}> {
  const checked = await checkedToken(hub, door, token);
  // Asked each time, from memory as a rule: a key that was rotated takes its tokens with it.
  const record = await namedKey(hub, door, checked.keyId);
  if (!record || record.secret !== checked.secret || checked.expiresAt <= Date.now())
    throw new Refused(NO_KEY);
  const app = record.app === null ? null : await appByNumber(hub, record.app);
  const { scope, externalId } = checked;
  return { app, scope, externalId, key: record.number, integration: record.integration };
}

async function checkedToken(hub: Hub, door: string, token: string): Promise<CheckedToken> {
  const { keyTokens } = hub.isolate;
  const name = `${door} ${token}`;
  const known = keyTokens.get(name);
  if (known) return known;
  const checked = await check(hub, door, token);
  if (keyTokens.size >= TOKENS_KEPT) keyTokens.clear();
  keyTokens.set(name, checked);
  return checked;
}

async function check(hub: Hub, door: string, token: string): Promise<CheckedToken> {
  let keyId = '';
  let record: KeyRecord | null = null;
  try {
    const { payload } = await jwtVerify(
      token,
      async ({ kid }) => {
        keyId = typeof kid === 'string' ? kid : '';
        record = await namedKey(hub, door, keyId);
        // Checked also where there is no key, so that the time tells nothing.
        return new TextEncoder().encode(record?.secret ?? NOBODYS_SECRET);
      },
      { algorithms: ['HS256'], clockTolerance: CLOCK_SECONDS },
    );
    const key = record as KeyRecord | null;
    if (!key) throw new Error('there is no such key');
    return { keyId, secret: key.secret, ...meaningOf(payload, key.scope) };
  } catch (error) {
    // A directory that is away is no reason to call a good token bad.
    if (error instanceof Refused && error.refusal.code !== 'unauthorized') throw error;
    throw new Refused({ ...NO_KEY, detail: String(error) });
  }
}

function meaningOf(payload: JWTPayload, keyScope: KeyScope): Omit<CheckedToken, 'keyId' | 'secret'> {
  const { scope, external_id: externalId, exp } = payload;
  const expiresAt = exp === undefined ? Number.POSITIVE_INFINITY : (exp + CLOCK_SECONDS) * 1000;
  if (scope === keyScope) return { scope: keyScope, externalId: null, expiresAt };
  // A key of one integration, or of every app, speaks for nobody in particular.
  if (scope !== 'user' || keyScope !== 'app') throw new Error('the scope is not the one of the key');
  if (typeof externalId !== 'string' || externalId === '') throw new Error('the token names nobody');
  return { scope: 'user', externalId, expiresAt };
}
