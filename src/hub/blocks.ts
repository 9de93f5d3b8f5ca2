// Whom a person does not want to hear from. A block keeps somebody from beginning anything with them; what is said in
// conversations that both are in goes on, so nothing here stands on the path of a post.
import { blockUser as addBlocked, unblockUser as removeBlocked } from '../directory/blocks.ts';
import { forbidden, invalid, notFound, Refused } from '../domain/errors.ts';
import type { UserNumber } from '../domain/ids.ts';
import type { Caller, Hub, User } from './context.ts';
import { ask } from './directory.ts';
import { rememberUser, userByNumber } from './people.ts';

/** People that one person can block: the list travels with every look at their record. */
export const MOST_BLOCKED = 500;

/**
 * Puts `other` on the caller's block list, or takes them off it; twice is once. Not found: nobody of this app. Invalid:
 * oneself, or the list is full.
 */
export async function setBlocked(hub: Hub, caller: Caller, other: UserNumber, on: boolean): Promise<User> {
  const { app, user } = caller;
  if (!user) throw new Refused(forbidden('This call needs a person.'));
  if (user.number === other) throw new Refused(invalid('You cannot ignore yourself.'));
  // Who is gone may still be taken off the list.
  if (on) await userByNumber(hub, app, other);
  const changed = await ask(hub, app.number, (d1) =>
    on
      ? addBlocked(d1, app.number, user.number, other, MOST_BLOCKED)
      : removeBlocked(d1, app.number, user.number, other),
  );
  if (!changed) throw new Refused(notFound('user'));
  if (on && !changed.blocked.includes(other)) {
    throw new Refused(invalid(`At most ${MOST_BLOCKED} people can be ignored.`));
  }
  rememberUser(hub, changed);
  return changed;
}

/**
 * Whether the caller may begin something with this person. App credentials and the team reach everybody: they are who
 * answers for the app.
 */
export const reaches = ({ user, powers }: Caller, other: User): boolean =>
  !user || powers !== 'member' || !other.blocked.includes(user.number);

/** Refuses, by name, when one of `people` has blocked the caller. */
export function refuseBlocked(caller: Caller, people: readonly User[]): void {
  const names = people.filter((person) => !reaches(caller, person)).map(({ name }) => `“${name}”`);
  if (names.length === 0) return;
  const verb = names.length === 1 ? 'does' : 'do';
  throw new Refused(forbidden(`${names.join(', ')} ${verb} not take messages from you.`));
}
