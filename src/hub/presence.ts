// Who is there: a live socket, or a call in the last minutes. Never stored, never in anybody's way.
import { shelfOf } from '../domain/delivery.ts';
import type { UserNumber } from '../domain/ids.ts';
import type { App, Caller, Hub } from './context.ts';
import { shelfStub } from './realtime.ts';
import { within } from './remembered.ts';

const PATIENCE_MS = 250;
/** Online lasts minutes: telling the Inbox more often would only cost a call each. */
const TOUCH_EVERY_MS = 60_000;
/** People whose last touch an isolate remembers. */
const TOUCHED_KEPT = 10_000;

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
