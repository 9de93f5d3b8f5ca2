// Who calls: tokens of the three levels, and whom each may act for (contracts/ppmessage.md 3 and 4, DESIGN.md 4). How a
// token is asked for is tokens.ts.
import { decodeJwt } from 'jose';
import { Refused } from '../../domain/errors.ts';
import type { UserNumber } from '../../domain/ids.ts';
import { type ApiToken, verifyApiToken } from '../../hub/api-tokens.ts';
import { userCaller } from '../../hub/apps.ts';
import type { App, Caller, Hub } from '../../hub/context.ts';
import { userByNumber } from '../../hub/people.ts';
import { type Audience, type Claims, verifyToken } from '../../hub/sessions.ts';
import { visitorCaller } from '../../hub/visitors.ts';
import { Failure } from './errors.ts';

export type Level = 'PPCOM' | 'PPKEFU' | 'THIRD_PARTY_KEFU';

/** Doors of keys, by the level of their tokens. Keys of PPCOM stand in web pages. */
export const KEY_DOORS: Record<Level, string> = {
  PPCOM: 'ppcom',
  PPKEFU: 'ppkefu',
  THIRD_PARTY_KEFU: 'thirdparty',
};
/** What tokens of people are for, by the level that they sign in at. */
export const AUDIENCES: Record<Exclude<Level, 'PPCOM'>, Audience> = {
  PPKEFU: 'ppkefu',
  THIRD_PARTY_KEFU: 'thirdparty',
};

/** A token that was found good. */
export interface Access {
  app: App;
  level: Level;
  /** Whose it is, where somebody signed in with their password; null: a key's. */
  person: { caller: Caller; claims: Claims } | null;
  /** What a key was exchanged for; null: a person's. */
  token: ApiToken | null;
}

/** Failure 4: it is no token of this door, has expired, or was ended. */
export async function accessOf(hub: Hub, token: string): Promise<Access> {
  const audience = audienceIn(token) as Audience;
  for (const level of ['PPKEFU', 'THIRD_PARTY_KEFU'] as const) {
    if (audience !== AUDIENCES[level]) continue;
    const person = await orNull(verifyToken(hub, token, audience));
    if (!person) throw new Failure('WRONG_ACCESS_TOKEN');
    return { app: person.caller.app, level, person, token: null };
  }
  const key = await orNull(verifyApiToken(hub, token));
  const level = (Object.keys(KEY_DOORS) as Level[]).find((each) => KEY_DOORS[each] === key?.door);
  if (!key || !level) throw new Failure('WRONG_ACCESS_TOKEN');
  return { app: key.app, level, person: null, token: key };
}

/** Which kind of token this says it is. */
function audienceIn(token: string): unknown {
  try {
    return decodeJwt(token).aud ?? null;
  } catch {
    return null;
  }
}

async function orNull<T>(work: Promise<T>): Promise<T | null> {
  try {
    return await work;
  } catch (error) {
    const code = error instanceof Refused ? error.refusal.code : null;
    // A directory that is away is no reason to call a good token bad.
    if (code === 'unauthorized' || code === 'not_found') return null;
    throw error;
  }
}

/**
 * Whoever this token acts for under the user id that the call names (null: that id is none of ours): with a person's token
 * themselves, with a key's of PPKEFU anybody of the app, with a visitor's those whom it made or proved. Failure 4 for
 * everybody else, the same whether they exist or not; 7 with a key of the app that may ask.
 */
export async function actingFor(hub: Hub, access: Access, user: UserNumber | null): Promise<Caller> {
  const { app, person, token, level } = access;
  if (person) {
    if (person.claims.user !== user) throw new Failure('WRONG_ACCESS_TOKEN');
    return person.caller;
  }
  if (level === 'PPCOM') return (await visitorOf(hub, access, user)).caller;
  if (!token || user === null) throw new Failure('NO_USER');
  return userCaller(app, await userByNumber(hub, app, user), 'ppmessage');
}

/**
 * The same for a connection, which stays: also the claims by which it ends when they do. A key of the app speaks for
 * nobody in particular: failure 4.
 */
export async function holderFor(
  hub: Hub,
  access: Access,
  user: UserNumber | null,
): Promise<{ caller: Caller; claims: Claims }> {
  const { person, level } = access;
  if (level === 'PPCOM') return visitorOf(hub, access, user);
  if (!person || person.claims.user !== user) throw new Failure('WRONG_ACCESS_TOKEN');
  return person;
}

async function visitorOf(hub: Hub, { token }: Access, user: UserNumber | null) {
  const found = token && user !== null ? await orNull(visitorCaller(hub, token, user, 'ppmessage')) : null;
  if (!found) throw new Failure('WRONG_ACCESS_TOKEN');
  return found;
}
