// Finding messages by their words.
import { type Found, type SearchWindow, searchEntries } from '../directory/search.ts';
import type { Caller, Hub } from './context.ts';
import { ask } from './directory.ts';

/** Newest first, only what the caller may read now: everything of the app for its credentials. */
export async function searchMessages(
  hub: Hub,
  caller: Caller,
  window: SearchWindow,
): Promise<{ rows: Found[]; cursor: string | null }> {
  const user = caller.powers === 'app' ? null : (caller.user?.number ?? null);
  const { number } = caller.app;
  return ask(hub, number, (d1) => searchEntries(d1, number, user, window));
}
