// People whom an app's own server signs up: made when they are not there, changed when they are.
import { findUser } from '../directory/people.ts';
import { Refused } from '../domain/errors.ts';
import type { App, Hub, User } from './context.ts';
import { ask } from './directory.ts';
import { createUser, type Newcomer, updateUser } from './people.ts';

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
