// News of people for the endpoints that ask: the directory holds them with the change itself, and the endpoint takes them
// from there, told so behind the answer or by the sweep.
import { forgetNews, forgetOldNews, newsDue, newsFor } from '../directory/news.ts';
import { type UserChange, updateUser, updateUserTelling } from '../directory/people.ts';
import type { HookNotice, PersonNews } from '../domain/hooks.ts';
import type { EndpointNumber, UserNumber } from '../domain/ids.ts';
import type { App, Hub, User } from './context.ts';
import { ask } from './directory.ts';
import { callForNews } from './endpoint-calls.ts';

/** What is older was to be taken, and was not: whoever should have said so is gone. */
const LEFT_MS = 30_000;
/** As long as deliveries are kept at most. */
const KEPT_MS = 30 * 86_400_000;
/** News that one sweep looks at, and taken in one go. */
const SWEPT = 1_000;
const AT_ONCE = 100;

/** Whether a change of a person is written down for anybody: an app without endpoints pays nothing. */
export const hasListeners = ({ hooks }: App): boolean =>
  hooks.endpoints.some(({ only }) => only === undefined);

/** A person's record, with what endpoints are told of the change where there are any. Null: nobody of this number. */
export async function writePerson(
  hub: Hub,
  app: App,
  number: UserNumber,
  change: UserChange,
): Promise<{ user: User; told: EndpointNumber[] } | null> {
  if (hasListeners(app))
    return ask(hub, app.number, (d1) => updateUserTelling(d1, app.number, number, change, Date.now()));
  const user = await ask(hub, app.number, (d1) => updateUser(d1, app.number, number, change));
  return user && { user, told: [] };
}

/** Nobody waits for it; where it does not arrive, the sweep sees to it. */
export function tellOfPeople(hub: Hub, { hooks }: App, told: readonly EndpointNumber[]): void {
  if (told.length > 0)
    hub.defer(
      Promise.all(told.map((number) => callForNews(hub, number, hooks.version).catch(() => undefined))),
    );
}

/** Has endpoints take what was left; gives how many were told so. */
export async function sweepNews(hub: Hub, now: number): Promise<number> {
  const due = await ask(hub, null, (d1) => newsDue(d1, now - LEFT_MS, SWEPT));
  await ask(hub, null, (d1) => forgetOldNews(d1, now - KEPT_MS));
  for (const number of due) await callForNews(hub, number, 0).catch(() => undefined);
  return due.length;
}

/** For the endpoint itself, after `after`. */
export const newsOfPeople = (
  hub: Hub,
  number: EndpointNumber,
  after: number,
): Promise<Omit<HookNotice<PersonNews>, 'version'>[]> =>
  ask(hub, null, (d1) => newsFor(d1, number, after, AT_ONCE));

export const newsTaken = (hub: Hub, number: EndpointNumber, upTo: number | null): Promise<void> =>
  ask(hub, null, (d1) => forgetNews(d1, number, upTo));
