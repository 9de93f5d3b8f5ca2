// People of an app: made, found and changed, by every name that a dialect has for them. Lists of them: people-lists.ts;
// who holds a token: holders.ts.

import { directoryFor, takenColumn } from '../directory/door.ts';
import { type EmailWindow, findByAddress, findByEmail } from '../directory/emails.ts';
import {
  findByCreateKey,
  findForSignIn,
  findUser,
  findUserOfAnyApp,
  findUsers,
  foldName,
  insertUser,
  type UserChange,
} from '../directory/people.ts';
import { findByNames } from '../directory/people-names.ts';
import { invalid, notFound, Refused, unavailable } from '../domain/errors.ts';
import { parseUser, type UserNumber } from '../domain/ids.ts';
import type { JsonObject, Role } from '../domain/model.ts';
import { type Once, refuseOther } from '../domain/once.ts';
import { cardOf, sameCard } from '../domain/user.ts';
import type { App, Hub, User } from './context.ts';
import { ask } from './directory.ts';
import { revokeUser } from './ending.ts';
import { tellOfPeople, writePerson } from './news.ts';
import { hashPassword, sha1Hex } from './passwords.ts';
import { recard } from './recarding.ts';

export interface Newcomer {
  externalId?: string | null;
  username?: string | null;
  email?: string | null;
  password?: string | null;
  /** The password of a client that sends its SHA-1, in lower-case hex. */
  sha1?: string | null;
  name?: string | null;
  avatar?: string | null;
  locale?: string | null;
  role?: Role;
  metadata?: JsonObject;
  profile?: JsonObject;
  /** Made once, however often it is asked for. */
  once?: Once;
  /** They said themselves what they are called: the user name that is made of it leads to nobody else. */
  self?: boolean;
}

const TAKEN: Record<string, string> = {
  user_external: 'external id',
  external_id: 'external id',
  user_email: 'e-mail address',
  email_key: 'e-mail address',
  user_username: 'user name',
  username_key: 'user name',
  user_zendesk: 'Zendesk id',
};

/** Doors say of names that the user is there already; of a link that it is another's. */
const takenBy = (what: string): Refused =>
  new Refused({
    code: 'conflict',
    ...(what !== TAKEN.user_zendesk && { subject: 'user' as const }),
    message: `This ${what} is already taken.`,
  });

/**
 * A new person, or the one who was made under the same key. Conflict where a name is taken, or the key was used for
 * another; what is missing is derived from what is there.
 */
export async function createUser(hub: Hub, app: App, given: Newcomer): Promise<User> {
  const { once } = given;
  const externalId = given.externalId || given.username || given.email || crypto.randomUUID();
  const derived = given.username ? null : usernameFrom(externalId);
  const sha1 = given.password ? sha1Hex(given.password) : (given.sha1 ?? null);
  const password = sha1 === null ? null : await hashPassword(hub.settings, sha1);
  const row = {
    externalId,
    email: given.email ?? null,
    username: given.username ?? (derived as string),
    name: given.name || given.username || given.email || externalId,
    avatar: given.avatar ?? null,
    locale: given.locale ?? null,
    role: given.role ?? ('member' as Role),
    metadata: given.metadata ?? {},
    profile: given.profile ?? {},
    password,
    createKey: once?.key ?? null,
    createPrint: once?.print ?? null,
  };
  if (given.self && derived !== null && (await leadsToOthers(hub, app, derived, externalId)))
    row.username = asideOf(derived);
  if (foldName(row.username) === '') throw new Refused(invalid('A user name must not be empty.'));
  for (let attempt = 0; ; attempt++) {
    try {
      const user = await ask(hub, app.number, (d1) => insertUser(d1, app.number, row, Date.now()));
      rememberUser(hub, user);
      return user;
    } catch (error) {
      const first = once && takenColumn(error) !== null ? await madeUnder(hub, app, once) : null;
      if (first) return first;
      const what = TAKEN[takenColumn(error) ?? ''];
      if (!what) throw error;
      // A derived user name steps aside; a chosen one is refused.
      if (what !== 'user name' || derived === null || attempt >= 5) {
        throw takenBy(what);
      }
      row.username = asideOf(derived);
    }
  }
}

/** A derived user name that steps aside. */
const asideOf = (derived: string): string => `${derived.slice(0, 40)}-${crypto.randomUUID().slice(0, 8)}`;

/** Whether a user name would be taken for somebody's number, or is what somebody else is found by. */
async function leadsToOthers(hub: Hub, app: App, derived: string, externalId: string): Promise<boolean> {
  if (/^\d+$/.test(foldName(derived))) return true;
  if (derived === externalId && !foldName(derived).includes('@')) return false;
  return (await ask(hub, app.number, (d1) => findForSignIn(d1, app.number, derived))).length > 0;
}

async function madeUnder(hub: Hub, app: App, { key, print }: Once): Promise<User | null> {
  const found = await ask(hub, app.number, (d1) => findByCreateKey(d1, app.number, key));
  const refusal = found && refuseOther(found.print, print);
  if (refusal) throw new Refused(refusal);
  return found?.user ?? null;
}

/** Under both names, also where this isolate believed that nobody had them. */
export function rememberUser(hub: Hub, user: User): void {
  hub.isolate.users.put(`${user.app} number ${user.number}`, user);
  hub.isolate.users.put(`${user.app} external ${user.externalId}`, user);
}

/** The user name that somebody gets who has none. */
export const usernameFrom = (externalId: string): string =>
  (externalId.split('@')[0] || externalId).slice(0, 64);

async function remembered(
  hub: Hub,
  app: App,
  key: string,
  by: Parameters<typeof findUser>[2],
): Promise<User> {
  const user = await hub.isolate.users.get(key, () =>
    findUser(directoryFor(hub.env, app.number), app.number, by),
  );
  if (!user || user.app !== app.number) throw new Refused(notFound('user'));
  return user;
}

/** Missing and foreign answer alike. */
export const userByNumber = (hub: Hub, app: App, number: UserNumber): Promise<User> =>
  remembered(hub, app, `${app.number} number ${number}`, { number });

/** Of whatever app; null: nobody. For what a client sends before it has said which app it means. */
export const anyUserByNumber = (hub: Hub, number: UserNumber): Promise<User | null> =>
  ask(hub, null, (d1) => findUserOfAnyApp(d1, number));

export const userByExternalId = (hub: Hub, app: App, externalId: string): Promise<User> =>
  remembered(hub, app, `${app.number} external ${externalId}`, { externalId });

/** Those that exist in this app. */
export async function usersByNumbers(
  hub: Hub,
  app: App,
  numbers: readonly UserNumber[],
): Promise<Map<UserNumber, User>> {
  const users = await ask(hub, app.number, (d1) => findUsers(d1, app.number, [...new Set(numbers)]));
  return new Map(users.map((user) => [user.number, user]));
}

/** By user name, else by a display name that only one person has, without case; one answer for each name, in order. */
export async function usersByNames(hub: Hub, app: App, names: readonly string[]): Promise<(User | null)[]> {
  const keys = names.map(foldName);
  const found = await ask(hub, app.number, (d1) => findByNames(d1, app.number, [...new Set(keys)]));
  // Nobody is meant by the name of somebody elsewhere, who may call themselves what they like.
  const users = found.filter(({ role }) => role !== 'ghost');
  return keys.map((key) => {
    const named = users.find((user) => foldName(user.username) === key);
    if (named) return named;
    const shown = users.filter((user) => foldName(user.name) === key);
    // Two people with one display name: a private message must not reach the wrong one.
    return shown.length === 1 ? (shown[0] as User) : null;
  });
}

/** People of an e-mail address, their own or in their profile, the newest first. */
export const usersByEmail = (
  hub: Hub,
  app: App,
  email: string,
  window: EmailWindow,
): Promise<{ users: User[]; hasMore: boolean }> =>
  ask(hub, app.number, (d1) => findByEmail(d1, app.number, email, window));

/** The person whose own address this is, else whose external id; null: nobody. */
export const userByAddress = (hub: Hub, app: App, email: string): Promise<User | null> =>
  ask(hub, app.number, (d1) => findByAddress(d1, app.number, email));

export type PersonChange = Omit<UserChange, 'password' | 'recardFrom'> & Pick<Newcomer, 'password' | 'sha1'>;

/**
 * What the dialect made of the change: whole new profile and metadata, merged by its own rules. Another role ends the
 * person's tokens and sockets: they carry the powers of the old one. A new name, picture or role is shown in their
 * conversations before this resolves, behind it in those beyond the first 50 (recarding.ts).
 */
export async function updateUser(
  hub: Hub,
  app: App,
  number: UserNumber,
  change: PersonChange,
): Promise<User> {
  const user = await write(hub, app, number, change);
  if (!user) throw new Refused(notFound('user'));
  return user;
}

/** Somebody else's change comes between so often, and no more, unless a crowd is at one person. */
const MOST_TRIES = 40;
/** A pause between two tries is shorter than this, in ms. */
const PAUSE_MS = 25;

/**
 * `updateUser` with a change that is made of the person as they are: where profile or metadata changed meanwhile, it is made
 * anew, so that nobody's part of them is lost. Unavailable: that went on and on.
 */
export async function changeUser(
  hub: Hub,
  app: App,
  number: UserNumber,
  changeOf: (user: User) => PersonChange,
): Promise<User> {
  for (let tries = 0; tries < MOST_TRIES; tries += 1) {
    const before = await foundNow(hub, app, number);
    if (!before) throw new Refused(notFound('user'));
    const user = await write(hub, app, number, { ...changeOf(before), from: before });
    if (user) return user;
    await new Promise((resolve) => setTimeout(resolve, Math.random() * PAUSE_MS));
  }
  throw new Refused(unavailable('one person is changed by too many at once'));
}

/** Null: there is nobody, or somebody else than the change was made of. */
async function write(hub: Hub, app: App, number: UserNumber, change: PersonChange): Promise<User | null> {
  const { password, sha1 = null, ...plain } = change;
  const print = password ? sha1Hex(password) : sha1;
  const hashed = print === null ? {} : { password: await hashPassword(hub.settings, print) };
  const shows = change.role !== undefined || change.name !== undefined || change.avatar !== undefined;
  const before = shows ? await foundNow(hub, app, number) : null;
  const looksNew = before !== null && !sameCard(cardOf(before), cardOf({ ...before, ...given(plain) }));
  const written = { ...plain, ...hashed, ...(looksNew && { recardFrom: 1 }) };
  try {
    const done = await writePerson(hub, app, number, written);
    if (!done) return null;
    let { user } = done;
    if (before && before.role !== user.role) {
      user = { ...user, tokenVersion: await revokeUser(hub, app, user) };
    }
    rememberUser(hub, user);
    tellOfPeople(hub, app, done.told);
    if (looksNew) await recard(hub, app, number);
    return user;
  } catch (error) {
    const what = TAKEN[takenColumn(error) ?? ''];
    if (!what) throw error;
    throw takenBy(what);
  }
}

/** What is given, without what is left out. */
const given = <Fields extends object>(fields: Fields): Partial<Fields> =>
  Object.fromEntries(Object.entries(fields).filter(([, value]) => value !== undefined)) as Partial<Fields>;

/** As the directory has them now; null: nobody, or gone. */
export const foundNow = (hub: Hub, app: App, number: UserNumber): Promise<User | null> =>
  ask(hub, app.number, (d1) => findUser(d1, app.number, { number }));

/**
 * A person by whatever an operator calls them: user name, external id or number. Where that is one's user name and another's
 * external id it is the external id that counts: user names are also made of what people say of themselves.
 */
export async function userByAnyName(hub: Hub, app: App, name: string): Promise<User> {
  const [byName] = await usersByNames(hub, app, [name]);
  const named = byName && foldName(byName.username) === foldName(name) ? byName : null;
  if (named?.externalId === name) return named;
  const number = parseUser(name);
  if (!named && number !== null) return userByNumber(hub, app, number);
  try {
    return await userByExternalId(hub, app, name);
  } catch (error) {
    if (!named || !(error instanceof Refused) || error.refusal.code !== 'not_found') throw error;
    return named;
  }
}
