// Finding messages by their words.
import { type Found, type SearchWindow, searchEntries } from '../directory/search.ts';
import { forbidden, Refused } from '../domain/errors.ts';
import type { Caller, Hub } from './context.ts';
import { ask } from './directory.ts';

/**
 * Newest first, only what the caller may read now: everything of the app for its credentials. Forbidden where
 * the app keeps nothing to search in: nothing found would be a lie.
 */
export async function searchMessages(
  hub: Hub,
  caller: Caller,
  window: SearchWindow,
): Promise<{ rows: Found[]; cursor: string | null }> {
  if (!caller.app.settings.search) throw new Refused(forbidden('Search is switched off here.'));
  const user = caller.powers === 'app' ? null : (caller.user?.number ?? null);
  const { number } = caller.app;
  return ask(hub, number, (d1) => searchEntries(d1, number, user, window));
}
