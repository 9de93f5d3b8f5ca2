// The signed tokens that carry a session: verified without the directory, revocable within 5 s. How somebody signs in:
// sign-in.ts.
import { jwtVerify, SignJWT } from 'jose';
import { directoryFor } from '../directory/door.ts';
import { insertRevocation, insertRevocationOnce } from '../directory/revocations.ts';
import { forbidden, Refused } from '../domain/errors.ts';
import { type AppNumber, appNumber, userNumber } from '../domain/ids.ts';
import type { Door, Role } from '../domain/model.ts';
import { newSecret } from '../http/secrets.ts';
import { appByNumber, userCaller } from './apps.ts';
import { type Caller, derivedKey, type Hub, type User } from './context.ts';
import { ask } from './directory.ts';
import { rememberedUser } from './holders.ts';
import { endSockets } from './realtime.ts';
import { LONGEST_LIFETIME_MS } from './revocations.ts';

/**
 * session: a forum app's cookie. realtime: a browser's socket and a user's own calls. qiscus: a chat SDK's calls. renewal: for
 * new tokens of these (renewing.ts). visitor: the same browser's next visit (visits.ts). ppkefu, thirdparty: PPMessage clients
 * of the two levels that sign people in.
 */
export type Audience = 'session' | 'realtime' | 'qiscus' | 'renewal' | 'visitor' | 'ppkefu' | 'thirdparty';

const LIFETIME_SECONDS: Record<Audience, number> = {
  session: 30 * 86_400,
  realtime: 86_400,
  qiscus: 30 * 86_400,
  renewal: 30 * 86_400,
  visitor: 30 * 86_400,
  ppkefu: 30 * 86_400,
  thirdparty: 30 * 86_400,
};
/** Doors that each kind of token is for. */
export const DOORS: Record<Audience, Door> = {
  session: 'tapatalk',
  realtime: 'realtime',
  qiscus: 'qiscus',
  renewal: 'qiscus',
  visitor: 'realtime',
  ppkefu: 'ppmessage',
  thirdparty: 'ppmessage',
};
const ISSUER = 'parlance';
/** Checked tokens that an isolate remembers: some kilobytes each at most. */
const TOKENS_KEPT = 5_000;

/** Characters of an avatar's address in a token: clients keep cookies up to 4,096 bytes (RFC 6265, 6.1). */
const LONGEST_AVATAR = 1_000;

/** What a token says of its holder: enough to act for them while the directory is away. */
export interface Claims {
  app: AppNumber;
  user: User['number'];
  session: string;
  version: number;
  /** s since 1970. */
  expiresAt: number;
  card: { externalId: string; username: string; name: string; avatar: string | null; role: Role };
  /** The avatar's address was too long to be carried along: the directory has it. */
  lacksAvatar?: boolean;
  /** Session of the token that makes new ones in place of this one. */
  renewal?: string;
}

const signingKey = (hub: Hub): Uint8Array => derivedKey(hub.settings.hubSecret, 'tokens');

/** Nobody gets in, by whatever they prove who they are; and nobody ever as a person of another network. */
export function refuseDeactivated({ deactivatedAt, role }: Pick<User, 'deactivatedAt' | 'role'>): void {
  if (role === 'ghost') throw new Refused(forbidden('Nobody can sign in as a person of another network.'));
  if (deactivatedAt !== null) throw new Refused(forbidden('This account is deactivated.'));
}

/**
 * A compact JWT for this person: no '=' in it, as forum apps need of a cookie. `expiresAt` in ms since 1970. Forbidden: the
 * person is deactivated.
 */
export async function issueToken(
  hub: Hub,
  user: User,
  audience: Audience,
  options: { seconds?: number; session?: string; renewal?: string } = {},
): Promise<{ token: string; expiresAt: number }> {
  refuseDeactivated(user);
  const expires = Math.floor(Date.now() / 1000) + (options.seconds ?? LIFETIME_SECONDS[audience]);
  const lacksAvatar = (user.avatar?.length ?? 0) > LONGEST_AVATAR;
  const token = await new SignJWT({
    app: user.app,
    ver: user.tokenVersion,
    card: [user.externalId, user.username, user.name, lacksAvatar ? null : user.avatar, user.role],
    ...(lacksAvatar ? { lacks: 'avatar' } : {}),
    ...(options.renewal !== undefined && { rnw: options.renewal }),
  })
    .setProtectedHeader({ alg: 'HS256', typ: 'JWT' })
    .setIssuer(ISSUER)
    .setAudience(audience)
    .setSubject(String(user.number))
    .setJti(options.session ?? newSecret(12))
    .setExpirationTime(expires)
    .sign(signingKey(hub));
  return { token, expiresAt: expires * 1000 };
}

/** What the holder of an ended, expired or unreadable token is told. */
export const SIGNED_OUT = {
  code: 'unauthorized',
  message: 'You are not signed in, or your session has ended.',
} as const;

/** Who holds this token. Unauthorized when it is wrong, for another purpose, expired or revoked. */
export async function verifyToken(
  hub: Hub,
  token: string,
  audience: Audience,
): Promise<{ caller: Caller; session: string; claims: Claims }> {
  const claims = await readToken(hub, token, audience);
  await hearOfRevocations(hub, claims.app);
  const caller = await callerFromClaims(hub, claims, DOORS[audience]);
  return { caller, session: claims.session, claims };
}

/** Brings what this isolate knows of ended sessions up to date. Never refuses: a directory that is away is not waited for. */
export const hearOfRevocations = (hub: Hub, app: AppNumber): Promise<void> =>
  hub.isolate.revocations.refresh(directoryFor(hub.env, app), hub.defer);

/** A token's claims. Its text is remembered once the signature was found right: nobody can make another like it. */
async function readToken(hub: Hub, token: string, audience: Audience): Promise<Claims> {
  const { tokens } = hub.isolate;
  const key = `${audience} ${token}`;
  const known = tokens.get(key);
  if (known) return known;
  const claims = await checkToken(hub, token, audience);
  rememberToken(hub, token, audience, claims);
  return claims;
}

/** What this isolate believes of a token from now on, as long as it holds and is not revoked. */
export function rememberToken(hub: Hub, token: string, audience: Audience, claims: Claims): void {
  const { tokens } = hub.isolate;
  if (tokens.size >= TOKENS_KEPT) tokens.clear();
  tokens.set(`${audience} ${token}`, claims);
}

/** `at`: when it must be good, also one that has expired since; absent: now. Unauthorized: it never was. */
export async function checkToken(hub: Hub, token: string, audience: Audience, at?: Date): Promise<Claims> {
  try {
    const { payload } = await jwtVerify(token, signingKey(hub), {
      algorithms: ['HS256'],
      issuer: ISSUER,
      audience,
      currentDate: at,
    });
    const [externalId, username, name, avatar, role] = payload.card as [
      string,
      string,
      string,
      string | null,
      Role,
    ];
    return {
      app: appNumber(payload.app as number),
      user: userNumber(Number(payload.sub)),
      session: payload.jti as string,
      version: payload.ver as number,
      expiresAt: payload.exp as number,
      card: { externalId, username, name, avatar, role },
      lacksAvatar: payload.lacks === 'avatar',
      renewal: payload.rnw as string | undefined,
    };
  } catch (error) {
    throw new Refused({ ...SIGNED_OUT, detail: String(error) });
  }
}

/** The holder of a verified token, also while the directory is away. Unauthorized once it was revoked. */
export async function callerFromClaims(hub: Hub, claims: Claims, door: Door): Promise<Caller> {
  if (
    claims.expiresAt * 1000 <= Date.now() ||
    hub.isolate.revocations.has(claims.user, claims.session, claims.version)
  ) {
    throw new Refused(SIGNED_OUT);
  }
  const app = await appByNumber(hub, claims.app);
  return userCaller(app, await rememberedUser(hub, app, claims), door);
}

/** Ends this one session everywhere within 5 s. A token that is no token is over already. */
export async function revokeToken(hub: Hub, token: string, audience: Audience = 'session'): Promise<void> {
  const claims = await readToken(hub, token, audience).catch(() => null);
  if (claims) await endSession(hub, claims);
}

/** Ends one session everywhere within 5 s. */
export async function endSession(hub: Hub, claims: Pick<Claims, 'app' | 'user' | 'session'>): Promise<void> {
  const now = Date.now();
  const entry = { user: claims.user, session: claims.session, tokenVersion: null, at: now };
  hub.isolate.revocations.add(entry);
  await ask(hub, claims.app, (d1) => insertRevocation(d1, entry, now - LONGEST_LIFETIME_MS));
  await endSockets(hub, await appByNumber(hub, claims.app), claims.user, { session: claims.session });
}

/** Uses up what somebody may show once. False: it was used before; of those who show it at the same time one is the first. */
export const useUp = (hub: Hub, { app, number }: User, session: string): Promise<boolean> =>
  ask(hub, app, (d1) => insertRevocationOnce(d1, { user: number, session, at: Date.now() }));
