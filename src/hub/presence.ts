// Who is there: a live socket, or a call in the last minutes. Never stored, never in anybody's way.

import { findableBy } from '../domain/access.ts';
import { shelfOf } from '../domain/delivery.ts';
import { forbidden, Refused } from '../domain/errors.ts';
import type { UserNumber } from '../domain/ids.ts';
import { within } from '../domain/within.ts';
import type { App, Caller, Hub, User } from './context.ts';
import { usersByNumbers } from './people.ts';
import { shelfStub } from './realtime.ts';

const PATIENCE_MS = 250;
/** Online lasts minutes: telling the Inbox more often would only cost a call each. */
const TOUCH_EVERY_MS = 60_000;
/** People whose last touch an isolate remembers. */
const TOUCHED_KEPT = 10_000;

/**
 * Those of `users` who are online; nobody when the Inboxes do not answer in time. `live`: those who are connected, not those
 * who called lately.
 */
export async function onlineUsers(
  hub: Hub,
  app: App,
  users: readonly UserNumber[],
  { live = false } = {},
): Promise<Set<UserNumber>> {
  const byShelf = new Map<number, UserNumber[]>();
  for (const user of new Set(users)) {
    const shelf = shelfOf(user, app.settings.inboxShards);
    byShelf.set(shelf, [...(byShelf.get(shelf) ?? []), user]);
  }
  const asked = [...byShelf].map(async ([shelf, some]) => {
    try {
      return await within(PATIENCE_MS, shelfStub(hub, app, shelf).online(some, live));
    } catch {
      return [];
    }
  });
  return new Set((await Promise.all(asked)).flat());
}

/** People whom a list of those present looks at, over all Inboxes of the app. */
const PRESENT_MOST = 500;

/**
 * Those present whom the caller may see, by name, the caller among them; and how many visitors there are. Of a larger
 * company the first {@link PRESENT_MOST}; an Inbox that does not answer in time has nobody.
 */
export async function presentPeople(hub: Hub, caller: Caller): Promise<{ people: User[]; visitors: number }> {
  const { app, user } = caller;
  if (!user) throw new Refused(forbidden('This call needs a person.'));
  const shelves = Array.from({ length: app.settings.inboxShards }, (_, shelf) => shelf);
  const asked = shelves.map((shelf) =>
    within(PATIENCE_MS, shelfStub(hub, app, shelf).present(PRESENT_MOST)).catch(() => []),
  );
  const there = [...new Set([user.number, ...(await Promise.all(asked)).flat()])].slice(0, PRESENT_MOST);
  const found = [...(await usersByNumbers(hub, app, there)).values()];
  const finds = findableBy(user.role);
  return {
    people: found
      .filter((each) => each.number === user.number || finds.has(each.role))
      .sort((a, b) => a.name.localeCompare(b.name) || a.number - b.number),
    visitors: found.filter((each) => each.role === 'visitor' && each.number !== user.number).length,
  };
}

/** The caller was active; told to their Inbox after the answer, once in a while. */
export function touch(hub: Hub, { user, app }: Caller): void {
  if (!user) return;
  const { touched } = hub.isolate;
  const now = Date.now();
  if (now - (touched.get(user.number) ?? 0) < TOUCH_EVERY_MS) return;
  if (touched.size >= TOUCHED_KEPT) touched.clear();
  touched.set(user.number, now);
  hub.defer(shelfStub(hub, app, shelfOf(user.number, app.settings.inboxShards)).touch(user.number));
}
