// The cookie that holds a person's session: its name, and finding it in a request. Handing one out is the forum door's.
import type { AppNumber } from '../domain/ids.ts';

/** One cookie per app: forums on one host do not sign each other's people out. */
export const sessionCookieName = (app: AppNumber): string => `parlance_${app}`;

/** The session token that a request carries for this app, or null. */
export function sessionTokenIn(request: Pick<Request, 'headers'>, app: AppNumber): string | null {
  const wanted = sessionCookieName(app);
  for (const pair of (request.headers.get('cookie') ?? '').split(';')) {
    const at = pair.indexOf('=');
    if (at > 0 && pair.slice(0, at).trim() === wanted) return pair.slice(at + 1).trim() || null;
  }
  return null;
}
