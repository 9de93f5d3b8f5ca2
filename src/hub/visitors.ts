// Public credentials and the people behind them: a token that anybody can get acts only for those whom it was shown to be
// (DESIGN.md 4, "Public credentials"). How a door lets somebody show it is the door's.
import { findGrant, insertGrant, provedBy } from '../directory/visitor-grants.ts';
import { Refused } from '../domain/errors.ts';
import type { UserNumber } from '../domain/ids.ts';
import type { Door } from '../domain/model.ts';
import { cardOf } from '../domain/user.ts';
import type { ApiToken } from './api-tokens.ts';
import type { Caller, Hub, User } from './context.ts';
import { ask } from './directory.ts';
import { rememberedUser } from './holders.ts';
import { type Claims, hearOfRevocations, refuseDeactivated, SIGNED_OUT } from './sessions.ts';

/** Grants that an isolate remembers. */
const GRANTS_KEPT = 10_000;
/** People of one token that its lists are about. */
const MOST_PEOPLE = 100;

const nameOf = ({ session }: ApiToken, user: UserNumber): string => `${session} ${user}`;

/** From now on this token acts for the person: the door has made them, or seen proof. Forbidden: they are deactivated. */
export async function grantVisitor(hub: Hub, token: ApiToken, user: User): Promise<void> {
  refuseDeactivated(user);
  const name = nameOf(token, user.number);
  if (hub.isolate.grants.get(name)?.version === user.tokenVersion) return;
  await write(hub, token, user, true);
  remember(hub, name, claimsOf(token, user));
}

/** The token has named this person and shown nothing: they may yet prove it. */
export const noteNamed = (hub: Hub, token: ApiToken, user: User): Promise<void> =>
  write(hub, token, user, false);

async function write(hub: Hub, token: ApiToken, user: User, proved: boolean): Promise<void> {
  const { session, expiresAt } = token;
  const grant = { session, user: user.number, proved, tokenVersion: user.tokenVersion, expiresAt };
  await ask(hub, token.app.number, (d1) => insertGrant(d1, grant, Date.now()));
}

const claimsOf = ({ session, expiresAt }: ApiToken, user: User): Claims => ({
  app: user.app,
  user: user.number,
  session,
  version: user.tokenVersion,
  expiresAt,
  card: cardOf(user),
});

function remember(hub: Hub, name: string, claims: Claims): void {
  const { grants } = hub.isolate;
  if (grants.size >= GRANTS_KEPT) grants.clear();
  grants.set(name, claims);
}

/**
 * The person, for calls that this token makes for them; never more than a member, whatever their role is. Unauthorized: it
 * was not shown to be theirs, or that has ended; the same for nobody at all.
 */
export async function visitorCaller(
  hub: Hub,
  token: ApiToken,
  number: UserNumber,
  door: Door,
): Promise<{ caller: Caller; claims: Claims }> {
  const claims = await grantOf(hub, token, number);
  await hearOfRevocations(hub, token.app.number);
  if (!claims || hub.isolate.revocations.has(claims.user, claims.session, claims.version))
    throw new Refused(SIGNED_OUT);
  const user = await rememberedUser(hub, token.app, claims);
  return { caller: { app: token.app, user, powers: 'member', door }, claims };
}

async function grantOf(hub: Hub, token: ApiToken, number: UserNumber): Promise<Claims | null> {
  const name = nameOf(token, number);
  const known = hub.isolate.grants.get(name);
  if (known) return known;
  const { number: app } = token.app;
  const grant = await ask(hub, app, (d1) => findGrant(d1, token.session, number));
  if (!grant?.proved) return null;
  const card = { externalId: '', username: '', name: '', avatar: null, role: 'visitor' } as const;
  const { session, tokenVersion: version, expiresAt } = grant;
  // The card is asked for: it is not kept with the grant.
  const bare: Claims = { app, user: number, session, version, expiresAt, card, lacksAvatar: true };
  const user = await rememberedUser(hub, token.app, bare);
  const claims = { ...bare, card: cardOf(user), lacksAvatar: false };
  remember(hub, name, claims);
  return claims;
}

/** Whether the token has named or proved this person. */
export async function hasNamed(hub: Hub, token: ApiToken, number: UserNumber): Promise<boolean> {
  if (hub.isolate.grants.has(nameOf(token, number))) return true;
  return (await ask(hub, token.app.number, (d1) => findGrant(d1, token.session, number))) !== null;
}

/** Everybody whom this token acts for. */
export const visitorsOf = (hub: Hub, token: ApiToken): Promise<UserNumber[]> =>
  ask(hub, token.app.number, (d1) => provedBy(d1, token.session, MOST_PEOPLE));
