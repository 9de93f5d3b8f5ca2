// Tokens that a key of an app is exchanged for, where clients send the key once and a token from then on. A key that was
// rotated takes its tokens with it. Tokens of people are sessions.ts, tokens that clients sign themselves key-tokens.ts.
import { jwtVerify, SignJWT } from 'jose';
import { Refused } from '../domain/errors.ts';
import { type AppNumber, type KeyNumber, keyNumber } from '../domain/ids.ts';
import { newSecret } from '../http/secrets.ts';
import { appByNumber } from './apps.ts';
import { type App, derivedKey, type Hub } from './context.ts';
import { keyIdOf, NO_KEY, namedKey, verifyKey } from './keys.ts';

/** As long as a person's token lives (sessions.ts). */
const LIFETIME_SECONDS = 30 * 86_400;

/** Who holds a token: an app's credential of a door, for nobody in particular. */
export interface ApiToken {
  app: App;
  door: string;
  key: KeyNumber;
  /** The token's own id. */
  session: string;
  /** s since 1970. */
  expiresAt: number;
}

/** What a token says, its signature found right. */
export interface ReadToken {
  app: AppNumber;
  door: string;
  key: KeyNumber;
  session: string;
  expiresAt: number;
}

/** Read tokens that an isolate remembers. */
const TOKENS_KEPT = 5_000;

const signingKey = (hub: Hub): Uint8Array => derivedKey(hub.settings.hubSecret, 'api tokens');

/** The key of an app at one of these doors, checked; null: its secret is not asked for. Unauthorized: there is none. */
export async function keyAt(
  hub: Hub,
  doors: readonly string[],
  number: KeyNumber,
  secret: string | null,
): Promise<{ app: App; door: string }> {
  const id = keyIdOf(hub, 'app', number);
  for (const door of doors) {
    const record = await namedKey(hub, door, id);
    if (!record || record.app === null) continue;
    if (secret !== null) await verifyKey(hub, door, id, secret);
    return { app: await appByNumber(hub, record.app), door };
  }
  throw new Refused(NO_KEY);
}

/** A token for the holder of this key. */
export async function issueApiToken(
  hub: Hub,
  { app, door, key }: { app: App; door: string; key: KeyNumber },
): Promise<string> {
  return new SignJWT({ app: app.number, door })
    .setProtectedHeader({ alg: 'HS256', typ: 'JWT' })
    .setSubject(String(key))
    .setJti(newSecret(12))
    .setExpirationTime(Math.floor(Date.now() / 1000) + LIFETIME_SECONDS)
    .sign(signingKey(hub));
}

/** Who holds this token. Unauthorized: it is none, has expired, or its key has ended. */
export async function verifyApiToken(hub: Hub, token: string): Promise<ApiToken> {
  const { app, door, key, session, expiresAt } = await read(hub, token);
  // From memory as a rule.
  const record = await namedKey(hub, door, keyIdOf(hub, 'app', key));
  if (!record || record.app !== app) throw new Refused(NO_KEY);
  return { app: await appByNumber(hub, app), door, key, session, expiresAt };
}

async function read(hub: Hub, token: string): Promise<ReadToken> {
  const { apiTokens } = hub.isolate;
  const known = apiTokens.get(token);
  if (known && known.expiresAt * 1000 > Date.now()) return known;
  try {
    const { payload } = await jwtVerify(token, signingKey(hub), { algorithms: ['HS256'] });
    const found = {
      app: payload.app as AppNumber,
      door: payload.door as string,
      key: keyNumber(Number(payload.sub)),
      session: payload.jti as string,
      expiresAt: payload.exp as number,
    };
    if (apiTokens.size >= TOKENS_KEPT) apiTokens.clear();
    apiTokens.set(token, found);
    return found;
  } catch (error) {
    throw new Refused({ ...NO_KEY, detail: String(error) });
  }
}
