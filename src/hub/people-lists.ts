// Lists of an app's people as one of them sees it, page by page. Single people: people.ts.
import { foldName } from '../directory/people.ts';
import { findByName, findByStart } from '../directory/people-names.ts';
import { findableBy } from '../domain/access.ts';
import { forbidden, Refused } from '../domain/errors.ts';
import type { Caller, Hub, User } from './context.ts';
import { ask } from './directory.ts';
import { usersByNumbers } from './people.ts';

/**
 * A page of the people whom the caller finds by the beginning of their user name or display name, without case, by
 * display name. `total`: all that were found; of very many that is a part of them.
 */
export async function searchPeople(
  hub: Hub,
  caller: Caller,
  start: string,
  { start: from, count }: { start: number; count: number },
): Promise<{ total: number; people: User[] }> {
  const { app, user } = caller;
  if (!user) throw new Refused(forbidden('This call needs a person.'));
  const key = foldName(start);
  if (key === '') return { total: 0, people: [] };
  const found = await ask(hub, app.number, (d1) => findByStart(d1, app.number, key, findableBy(user.role)));
  const others = found.filter(({ number }) => number !== user.number);
  const page = others.slice(from, from + count).map(({ number }) => number);
  const users = await usersByNumbers(hub, app, page);
  return { total: others.length, people: page.flatMap((number) => users.get(number) ?? []) };
}

/** Everybody whom the caller finds, by display name; the caller is among them. `total`: of very many a part of them. */
export async function listPeople(
  hub: Hub,
  { app, user }: Caller,
  { start, count }: { start: number; count: number },
): Promise<{ total: number; people: User[] }> {
  if (!user) throw new Refused(forbidden('This call needs a person.'));
  const found = await ask(hub, app.number, (d1) => findByName(d1, app.number, findableBy(user.role)));
  const page = found.slice(start, start + count);
  const users = await usersByNumbers(hub, app, page);
  return { total: found.length, people: page.flatMap((number) => users.get(number) ?? []) };
}
