// Everybody of an app, for its own server: page by page, and who has something unread. What a person finds is people.ts.
import {
  type EverybodyWindow,
  listEverybody,
  peopleWithUnread,
  type Spoken,
  unreadOfPerson,
} from '../directory/everybody.ts';
import type { App, Hub, User } from './context.ts';
import { ask } from './directory.ts';
import { usersByNumbers } from './people.ts';

export type { EverybodyWindow, Spoken } from '../directory/everybody.ts';

/** A page of the app's people, and how many they are. */
export async function everybodyOf(
  hub: Hub,
  app: App,
  window: EverybodyWindow,
): Promise<{ total: number; people: User[] }> {
  const { total, numbers } = await ask(hub, app.number, (d1) => listEverybody(d1, app.number, window));
  const users = await usersByNumbers(hub, app, numbers);
  return { total, people: numbers.flatMap((number) => users.get(number) ?? []) };
}

/** Unread messages of somebody in conversations that were spoken in then. */
export const unreadCountOf = (hub: Hub, app: App, user: User, when: Spoken): Promise<number> =>
  ask(hub, app.number, (d1) => unreadOfPerson(d1, user.number, when));

/** A page of those who have something unread there. */
export async function unreadPeople(
  hub: Hub,
  app: App,
  when: Spoken,
  { start, count }: { start: number; count: number },
): Promise<User[]> {
  const numbers = await ask(hub, app.number, (d1) => peopleWithUnread(d1, app.number, when));
  const page = numbers.slice(start, start + count);
  const users = await usersByNumbers(hub, app, page);
  return page.flatMap((number) => users.get(number) ?? []);
}
