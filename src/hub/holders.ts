// Who holds a token: as this isolate remembers them, else as the token says. Nobody who posts waits for the directory.
import { directoryFor } from '../directory/door.ts';
import { findUser } from '../directory/people.ts';
import { Refused } from '../domain/errors.ts';
import type { UserNumber } from '../domain/ids.ts';
import { within } from '../domain/within.ts';
import type { App, Hub, User } from './context.ts';
import { foundNow, rememberUser } from './people.ts';
import type { Claims } from './sessions.ts';

/** A record that a posting path may use for this long without asking again. */
const CARD_FRESH_MS = 60_000;
/** What is told of somebody beside their card is not waited for longer. */
const PATIENCE_MS = 250;

/** A token's holder as this isolate remembers them, or as the token says; refreshed behind the caller's back. */
export async function rememberedUser(hub: Hub, app: App, claims: Claims): Promise<User> {
  const key = `${app.number} number ${claims.user}`;
  const known = hub.isolate.users.peek(key);
  if (known === null || (!known && claims.lacksAvatar)) return foundSince(hub, app, claims);
  if (!hub.isolate.users.isFresh(key, CARD_FRESH_MS)) {
    const load = () => findUser(directoryFor(hub.env, app.number), app.number, { number: claims.user });
    hub.defer(hub.isolate.users.get(key, load, CARD_FRESH_MS).catch(() => undefined));
  }
  return known ?? userOfClaims(app, claims);
}

/** E-mail addresses by person, as this isolate remembers them; without those whom a directory that is slow or away would tell of. */
export async function emailsOf(
  hub: Hub,
  app: App,
  users: readonly UserNumber[],
): Promise<ReadonlyMap<UserNumber, string>> {
  const found = new Map<UserNumber, string>();
  const look = async (number: UserNumber): Promise<void> => {
    const key = `${app.number} number ${number}`;
    const load = () => findUser(directoryFor(hub.env, app.number), app.number, { number });
    const asked = hub.isolate.users.get(key, load, CARD_FRESH_MS);
    const user = await within(PATIENCE_MS, asked).catch(() => hub.isolate.users.peek(key));
    if (user?.email) found.set(number, user.email);
  };
  await Promise.all([...new Set(users)].map(look));
  return found;
}

/**
 * A holder of whom the token does not say enough, or of whom this isolate remembers that there is nobody of their number:
 * somebody may have asked for it before they were. Unauthorized when they are gone; a directory that is away leaves it to the token.
 */
async function foundSince(hub: Hub, app: App, claims: Claims): Promise<User> {
  let user: User | null;
  try {
    user = await foundNow(hub, app, claims.user);
  } catch (error) {
    if (error instanceof Refused && error.refusal.code === 'unavailable') return userOfClaims(app, claims);
    throw error;
  }
  if (!user) throw new Refused({ code: 'unauthorized', message: 'This account is gone.' });
  rememberUser(hub, user);
  return user;
}

const userOfClaims = (app: App, { user, version, card }: Claims): User => ({
  ...card,
  number: user,
  app: app.number,
  email: null,
  locale: null,
  metadata: {},
  profile: {},
  hasPassword: true,
  blocked: [],
  tokenVersion: version,
  createdAt: 0,
  lastActiveAt: null,
  deletedAt: null,
  deactivatedAt: null,
});
