// Sign-in by an identity token: the app's own server says who somebody is, signed with a secret of the app, and answers to a
// nonce of ours. Tokens that the hub makes are sessions.ts.
import { createHmac } from 'node:crypto';
import { jwtVerify } from 'jose';
import { credentialsOf } from '../directory/credentials.ts';
import { Refused } from '../domain/errors.ts';
import { newSecret, sameSecret } from '../http/secrets.ts';
import { type App, derivedKey, type Hub, type User } from './context.ts';
import { ask } from './directory.ts';
import { keyRecordOf, secretNaming } from './keys.ts';
import { useUp } from './sessions.ts';

/** How long the app's server has to answer. */
const NONCE_MS = 10 * 60_000;
const CLOCK_SECONDS = 30;

export interface Identity {
  externalId: string;
  name: string | null;
  avatar: string | null;
  /** The nonce that it answers to, to be used up by {@link useNonce}. */
  nonce: string;
}

const INVALID = { code: 'unauthorized', message: 'Unauthorized' } as const;

/** A nonce for this app, signed, so that it need not be kept. `expiresAt`: ms since 1970. */
export function issueNonce(hub: Hub, app: App): { nonce: string; expiresAt: number } {
  const expiresAt = Date.now() + NONCE_MS;
  const said = `${expiresAt.toString(36)}.${newSecret(12)}`;
  return { nonce: `${said}.${signed(hub, app, said)}`, expiresAt };
}

const signed = (hub: Hub, app: App, said: string): string =>
  createHmac('sha256', derivedKey(hub.settings.hubSecret, 'nonces'))
    .update(`${app.number} ${said}`)
    .digest('base64url')
    .slice(0, 22);

function isOurs(hub: Hub, app: App, nonce: string): boolean {
  const [expires = '', random = '', signature = ''] = nonce.split('.');
  const right = sameSecret(signed(hub, app, `${expires}.${random}`), signature);
  return right && Number.parseInt(expires, 36) > Date.now();
}

/**
 * Who an identity token names: HS256 with one of the app's secrets of this door, `iss` the app's slug, `prn` the person,
 * `nonce` one of ours, with an end. Unauthorized for anything else.
 */
export async function readIdentity(hub: Hub, app: App, door: string, token: string): Promise<Identity> {
  for (const key of await ask(hub, app.number, (d1) => credentialsOf(d1, app.number))) {
    if (key.door !== door || key.scope !== 'app') continue;
    const secret = new TextEncoder().encode(secretNaming(hub, await keyRecordOf(hub, key)));
    const payload = await jwtVerify(token, secret, {
      algorithms: ['HS256'],
      issuer: app.slug,
      requiredClaims: ['exp', 'prn', 'nonce'],
      clockTolerance: CLOCK_SECONDS,
    }).then(
      (checked) => checked.payload,
      () => null,
    );
    if (!payload) continue;
    const { prn, nonce, name, avatar_url: avatar } = payload;
    if (typeof prn !== 'string' || typeof nonce !== 'string' || !isOurs(hub, app, nonce)) break;
    return {
      externalId: prn,
      name: typeof name === 'string' && name !== '' ? name : null,
      avatar: typeof avatar === 'string' && avatar !== '' ? avatar : null,
      nonce,
    };
  }
  throw new Refused(INVALID);
}

/** Uses up the nonce of an identity: once is all, whoever asks at the same time. Unauthorized: it was used before. */
export async function useNonce(hub: Hub, user: User, nonce: string): Promise<void> {
  if (!(await useUp(hub, user, `nonce ${nonce.split('.')[1]}`))) throw new Refused(INVALID);
}
