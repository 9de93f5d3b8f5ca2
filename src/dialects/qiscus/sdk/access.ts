// Who calls from a client SDK: a person, by their token; before they have one, whoever knows the app's id
// (contracts/qiscus.md 1, 2). The app's own server is auth.ts.
import { forbidden, Refused } from '../../../domain/errors.ts';
import { verifyBroughtToken } from '../../../hub/brought-tokens.ts';
import type { App, Caller, Hub } from '../../../hub/context.ts';
import { touch } from '../../../hub/presence.ts';
import { hasExpired } from '../../../hub/renewing.ts';
import { type Claims, verifyToken } from '../../../hub/sessions.ts';
import { appNamed, headerOf, unauthorized } from '../auth.ts';
import type { Raw } from '../params.ts';
import { tokenOf } from '../tokens.ts';

export interface PersonAccess {
  app: App;
  caller: Caller;
  session: Claims;
  token: string;
}

/** What tells clients to ask for a new token and come again. */
const EXPIRED = 'Unauthorized. Token is expired';

/** The app that is named, by header or host. Unauthorized: none is. */
export async function appAccess(request: Request, hub: Hub, url: URL): Promise<App> {
  const app = await appNamed(request, hub, url);
  if (!app) throw unauthorized();
  return app;
}

/** The token as a header, or as a parameter of the call. */
export const tokenGiven = (request: Request, raw: Raw): string | null => {
  const [first] = raw.get('token') ?? [];
  return headerOf(request, 'qiscus-sdk-token') ?? (typeof first === 'string' && first !== '' ? first : null);
};

/**
 * Who holds this token: one of the hub's, or one that its person brought along from another server, which only `app` can tell
 * (null: unknown). Unauthorized: nobody.
 */
export async function holderOfToken(
  hub: Hub,
  app: App | null,
  given: string,
): Promise<{ caller: Caller; claims: Claims }> {
  const token = tokenOf(given);
  if (token.split('.').length === 3 || !app) return verifyToken(hub, token, 'qiscus');
  const brought = await verifyBroughtToken(hub, app, given, 'qiscus');
  if (!brought) throw unauthorized();
  return brought;
}

/** The person whose token it is. Unauthorized: it is no good here; forbidden: it was good once. */
export async function personAccess(
  request: Request,
  hub: Hub,
  url: URL,
  given: string | null,
): Promise<PersonAccess> {
  if (given === null) throw unauthorized();
  const named = await appNamed(request, hub, url);
  try {
    const { caller, claims } = await holderOfToken(hub, named, given);
    if (named && named.number !== caller.app.number) throw unauthorized();
    touch(hub, caller);
    return { app: caller.app, caller, session: claims, token: given };
  } catch (error) {
    if (!(error instanceof Refused) || error.refusal.code !== 'unauthorized') throw error;
    throw (await hasExpired(hub, tokenOf(given))) ? new Refused(forbidden(EXPIRED)) : unauthorized();
  }
}
