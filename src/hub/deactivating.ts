// People who may not come in for a while: everything that they are and said stays, and an app credential goes on acting for
// them; they themselves can do nothing until they are let in again.
import { updateUser } from '../directory/people.ts';
import { notFound, Refused } from '../domain/errors.ts';
import type { App, Hub, User } from './context.ts';
import { ask } from './directory.ts';
import { revokeUser } from './ending.ts';
import { rememberUser } from './people.ts';

/**
 * Ends every token and socket that this person holds within 5 s, and gives them no new ones at any door; or, with `active`,
 * lets them sign in again. Twice is once. Not found: the person is gone.
 */
export async function setActive(hub: Hub, app: App, person: User, active: boolean): Promise<User> {
  const deactivatedAt = active ? null : (person.deactivatedAt ?? Date.now());
  const changed = await ask(hub, app.number, (d1) =>
    updateUser(d1, app.number, person.number, { deactivatedAt }),
  );
  if (!changed) throw new Refused(notFound('user'));
  rememberUser(hub, changed);
  // After the row says so: nobody gets a token in between that outlives this.
  if (!active) await revokeUser(hub, app, changed);
  return changed;
}
