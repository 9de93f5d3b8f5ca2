// Finding messages by their words.
import { directoryFor } from '../directory/door.ts';
import { type Found, type SearchWindow, searchEntries } from '../directory/search.ts';
import { Refused, unavailable } from '../domain/errors.ts';
import type { Caller, Hub } from './context.ts';

/** Newest first, only what the caller may read now: everything of the app for its credentials. */
export async function searchMessages(
  hub: Hub,
  caller: Caller,
  window: SearchWindow,
): Promise<{ rows: Found[]; cursor: string | null }> {
  const user = caller.powers === 'app' ? null : (caller.user?.number ?? null);
  const { number } = caller.app;
  try {
    return await searchEntries(directoryFor(hub.env, number), number, user, window);
  } catch (error) {
    throw new Refused(unavailable(String(error)));
  }
}
