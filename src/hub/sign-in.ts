// Who somebody is by their name and password, for doors that sign people in. What they hold then: sessions.ts.
import { findForSignIn, foldName, type Known, replacePassword } from '../directory/people.ts';
import { Refused } from '../domain/errors.ts';
import { SERVICE_ROLES } from '../domain/model.ts';
import type { Attempt } from './attempts.ts';
import { askForum } from './auth-url.ts';
import type { App, Hub, User } from './context.ts';
import { ask } from './directory.ts';
import { isImported } from './imported-passwords.ts';
import { checkPassword, checkPlain, hashPassword, isOutdated, sha1Hex } from './passwords.ts';
import { refuseDeactivated } from './sessions.ts';

/**
 * The person with this name and password; unauthorized otherwise, with nothing said about which was wrong. An app's forum
 * may be who knows (auth-url.ts): then the passwords that the hub has are those of the team alone.
 */
export function signIn(hub: Hub, app: App, name: string, password: string): Promise<User> {
  return signInBy(hub, app, name, {
    sha1: sha1Hex(password),
    fits: (stored) => checkPlain(hub.settings, password, stored),
    askForum: () => askForum(hub, app, name, password),
  });
}

/**
 * The same for clients that send the SHA-1 of the password (PPMessage). Rate limited after many wrong ones (attempts.ts),
 * and while this isolate has as many to check as it can. Forbidden where only the password itself can be checked:
 * another system's hash, until its owner has signed in once at a door that sends it.
 */
export function signInSha1(hub: Hub, app: App, name: string, given: string): Promise<User> {
  const sha1 = given.toLowerCase();
  const fits = async (stored: string | null) => {
    if (stored !== null && isImported(stored)) throw new Refused(ELSEWHERE_FIRST);
    return checkPassword(hub.settings, sha1, stored);
  };
  const refuse = async () => {
    throw new Refused(FORUM_CHECKS);
  };
  return signInBy(hub, app, name, { sha1, fits, askForum: refuse });
}

/** Whether this is the SHA-1 of somebody's own password, whatever an app's forum may check; the same limits and refusals. */
export async function passwordFits(
  hub: Hub,
  app: App,
  { number, username }: Pick<User, 'number' | 'username'>,
  given: string,
): Promise<boolean> {
  const right = await rationed(hub, app, username, async () => {
    const known = await ask(hub, app.number, (d1) => findForSignIn(d1, app.number, username));
    const stored = known.find(({ user }) => user.number === number)?.password ?? null;
    if (stored !== null && isImported(stored)) throw new Refused(ELSEWHERE_FIRST);
    return (await checkPassword(hub.settings, given.toLowerCase(), stored)) ? true : null;
  });
  return right === true;
}

const FORUM_CHECKS = {
  code: 'forbidden',
  message:
    'The forum checks passwords here, and needs the password itself: sign in with a client that sends it (the forum app, for one).',
} as const;

const ELSEWHERE_FIRST = {
  code: 'forbidden',
  message:
    'This account was brought here from another system. Sign in once with a client that sends the password itself (the forum app, for one), then here.',
} as const;

/** A password as a door has it. */
interface Given {
  sha1: string;
  fits(stored: string | null): Promise<boolean>;
  /** Who it is by the app's forum, where that checks passwords; null: the password is wrong. */
  askForum(): Promise<User | null>;
}

async function signInBy(hub: Hub, app: App, name: string, given: Given): Promise<User> {
  const { sha1, fits } = given;
  const found = await rationed(hub, app, name, async () => {
    const known = await ask(hub, app.number, (d1) => findForSignIn(d1, app.number, name));
    const ours = known.filter(({ user }) => app.settings.authUrl === null || SERVICE_ROLES.has(user.role));
    if (app.settings.authUrl === null || ours.length > 0) return fitting(ours, fits);
    const user = await given.askForum();
    return user && { user, password: null };
  });
  if (!found) throw new Refused({ code: 'unauthorized', message: 'The user name or the password is wrong.' });
  refuseDeactivated(found.user);
  if (found.password !== null && isOutdated(hub.settings, found.password)) {
    const { password } = found;
    hub.defer(
      hashPassword(hub.settings, sha1).then((fresh) =>
        ask(hub, app.number, async (d1) => replacePassword(d1, found.user.number, password, fresh)),
      ),
    );
  }
  return found.user;
}

/**
 * Whose password it is. One's user name may be another's e-mail address or external id, and whoever signs themselves up chooses theirs:
 * nobody is kept out by what others are called.
 */
async function fitting(
  known: readonly Known[],
  fits: Given['fits'],
): Promise<{ user: User; password: string } | null> {
  let uncheckable: unknown = null;
  let checked = false;
  for (const { user, password } of known) {
    if (password === null) continue;
    try {
      if (await fits(password)) return { user, password };
      checked = true;
    } catch (error) {
      uncheckable = error;
    }
  }
  // A guess at one of them is a guess, whatever cannot be said of another.
  if (uncheckable !== null && !checked) throw uncheckable;
  // Checked also where there is nothing to check, so that the time tells nothing.
  if (!checked) await fits(null);
  return null;
}

/** Does the check if it may be done now; its null is a wrong guess at this account. */
async function rationed<T>(
  hub: Hub,
  app: App,
  name: string,
  check: () => Promise<T | null>,
): Promise<T | null> {
  const { settings, isolate } = hub;
  if (settings.limits === 'off') return check();
  const { attempts } = isolate;
  const account = `${app.number} ${foldName(name)}`;
  const attempt: Attempt = { account, address: hub.clientAddress() };
  if (app.settings.authUrl !== null) attempt.checker = `app ${app.number}`;
  const limits = {
    atAccount: settings.signInGuesses,
    atAccountByAll: settings.signInGuessesPerAccount,
    byAddress: settings.signInGuessesPerAddress,
  };
  const retryAfterMs = attempts.begin(attempt, limits, Date.now());
  if (retryAfterMs > 0) {
    throw new Refused({
      code: 'rate_limited',
      message: 'Too many attempts to sign in. Please try again in a few seconds.',
      retryAfterMs,
    });
  }
  let outcome: 'right' | 'wrong' | 'unchecked' = 'unchecked';
  try {
    const found = await check();
    outcome = found === null ? 'wrong' : 'right';
    return found;
  } finally {
    attempts.end(attempt, outcome);
  }
}
