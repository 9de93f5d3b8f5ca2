// People who are signed up, by an app's own server or by themselves: made when they are not there, changed when they are.
import { findUser } from '../directory/people.ts';
import { Refused } from '../domain/errors.ts';
import type { App, Hub, User } from './context.ts';
import { ask } from './directory.ts';
import { createUser, type Newcomer, updateUser } from './people.ts';
import { signIn } from './sign-in.ts';

/**
 * The person of this external id, made or changed as `change` says; it gets who is there (null: nobody), and may refuse.
 * Called many times at once it makes one person.
 */
export async function registerUser(
  hub: Hub,
  app: App,
  externalId: string,
  change: (known: User | null) => Pick<Newcomer, 'avatar' | 'profile'> & { password?: string; name?: string },
): Promise<User> {
  const find = () => ask(hub, app.number, (d1) => findUser(d1, app.number, { externalId }));
  const known = await find();
  if (known) return updateUser(hub, app, known.number, change(known));
  const newcomer = change(null);
  try {
    return await createUser(hub, app, { ...newcomer, externalId });
  } catch (error) {
    if (!(error instanceof Refused) || error.refusal.code !== 'conflict') throw error;
    const other = await find();
    if (!other) throw error;
    return updateUser(hub, app, other.number, change(other));
  }
}

/** What somebody says of themselves when they sign up. */
export interface SignUp {
  externalId: string;
  password: string;
  name?: string;
  avatar?: string;
}

/** Accounts that one address makes at once, and how long each one after them takes to come back. */
const SIGN_UPS = 30;
const SIGN_UP_REFILL_MS = 60_000;
const NOBODY = { code: 'unauthorized', message: 'Unauthorized' } as const;

/**
 * The person of this external id, by their password; where there is nobody, and the app lets clients make accounts, a new
 * one. Unauthorized: the password is wrong, the account has none, or nobody makes accounts here. Rate limited.
 */
export async function signUp(hub: Hub, app: App, given: SignUp): Promise<{ user: User; isNew: boolean }> {
  const { externalId, password } = given;
  const find = () => ask(hub, app.number, (d1) => findUser(d1, app.number, { externalId }));
  const known = await find();
  // A user name is one person's; an external id may look like another's user name.
  if (known || app.settings.authUrl !== null) {
    const user = await signIn(hub, app, known?.username ?? externalId, password);
    if (known && user.number !== known.number) throw new Refused(NOBODY);
    return { user, isNew: false };
  }
  if (!app.settings.signUp || externalId.startsWith('parlance:')) throw new Refused(NOBODY);
  rationSignUp(hub);
  try {
    return { user: await createUser(hub, app, { ...given, self: true }), isNew: true };
  } catch (error) {
    const other = error instanceof Refused && error.refusal.code === 'conflict' ? await find() : null;
    if (!other) throw error;
    return { user: await signIn(hub, app, other.username, password), isNew: false };
  }
}

/** Visitors without a password that one address makes at once, and how long each one after them takes to come back. */
const VISITORS = 300;
const VISITOR_REFILL_MS = 2_000;

/** Somebody is about to be made with a credential that everybody has. Rate limited. */
export const rationVisitor = (hub: Hub): void => ration(hub, 'visitor ', VISITORS, VISITOR_REFILL_MS);
const rationSignUp = (hub: Hub): void => ration(hub, '', SIGN_UPS, SIGN_UP_REFILL_MS);

function ration(hub: Hub, what: string, most: number, refillMs: number): void {
  if (hub.settings.limits === 'off') return;
  const address = what + (hub.clientAddress() ?? '');
  const { signedUp } = hub.isolate;
  const now = Date.now();
  const retryAfterMs = signedUp.wait(address, refillMs, most * refillMs, now);
  if (retryAfterMs > 0) {
    const message = 'Too many accounts are being made. Please try again later.';
    throw new Refused({ code: 'rate_limited', message, retryAfterMs });
  }
  signedUp.take(address, refillMs, now);
}
