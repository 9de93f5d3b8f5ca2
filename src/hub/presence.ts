// Who is there: a live socket, or a call in the last minutes. Never stored, never in anybody's way.
import { shelfOf } from '../domain/delivery.ts';
import type { UserNumber } from '../domain/ids.ts';
import type { App, Caller, Hub } from './context.ts';
import { shelfStub } from './realtime.ts';
import { within } from './remembered.ts';

const PATIENCE_MS = 250;

/** Those of `users` who are online; nobody when the Inboxes do not answer in time. */
export async function onlineUsers(
  hub: Hub,
  app: App,
  users: readonly UserNumber[],
): Promise<Set<UserNumber>> {
  const byShelf = new Map<number, UserNumber[]>();
  for (const user of new Set(users)) {
    const shelf = shelfOf(user, app.settings.inboxShards);
    byShelf.set(shelf, [...(byShelf.get(shelf) ?? []), user]);
  }
  const asked = [...byShelf].map(async ([shelf, some]) => {
    try {
      return await within(PATIENCE_MS, shelfStub(hub, app, shelf).online(some));
    } catch {
      return [];
    }
  });
  return new Set((await Promise.all(asked)).flat());
}

/** The caller was active; remembered after the answer. */
export function touch(hub: Hub, caller: Caller): void {
  const { user, app } = caller;
  if (user) hub.defer(shelfStub(hub, app, shelfOf(user.number, app.settings.inboxShards)).touch(user.number));
}
