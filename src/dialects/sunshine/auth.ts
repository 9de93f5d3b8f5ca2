// Who calls: Basic credentials or a signed token (Bearer) of an app, an integration or an account, or a person's token; and
// the app that the path names.
import { notFound, Refused } from '../../domain/errors.ts';
import { appNumber, type IntegrationNumber } from '../../domain/ids.ts';
import { appByNumber, appCaller, integrationCaller, userCaller } from '../../hub/apps.ts';
import type { App, Caller, Hub } from '../../hub/context.ts';
import { type TokenScope, verifyKeyToken } from '../../hub/key-tokens.ts';
import { verifyKey } from '../../hub/keys.ts';
import { userByExternalId } from '../../hub/people.ts';
import { touch } from '../../hub/presence.ts';
import { refuseDeactivated } from '../../hub/sessions.ts';

/** What the caller's credentials are for (contracts/sunshine.md 4); `user` is this hub's addition. */
export type Scope = TokenScope;

export interface Access {
  app: App;
  caller: Caller;
  scope: Scope;
}

/**
 * The caller and the app of `appId`. Refuses missing and wrong credentials as unauthorized, before anything else;
 * an app that does not exist and one that the credentials do not reach get the same answer. Not found: the person of
 * a `user` token. Forbidden: they are deactivated.
 */
export async function authenticate(request: Request, hub: Hub, appId: string): Promise<Access> {
  const given = await credentials(hub, request.headers.get('authorization'));
  const n = hub.ids.parseHex('app', appId);
  if (n === null || (given.app !== null && given.app.number !== n)) throw new Refused(notFound('app'));
  const app = given.app ?? (await appByNumber(hub, appNumber(n)));
  const { scope, externalId, integration } = given;
  if (scope === 'integration') return { app, caller: integrationCaller(app, 'sunshine', integration), scope };
  if (externalId === null) return { app, caller: appCaller(app, 'sunshine'), scope };
  const caller = userCaller(app, await userByExternalId(hub, app, externalId), 'sunshine');
  if (caller.user) refuseDeactivated(caller.user);
  touch(hub, caller);
  return { app, caller, scope };
}

/** The app and the scope of credentials for a call that names no app. A person's token is for none of these. */
export async function authenticateAccount(
  request: Request,
  hub: Hub,
): Promise<{ app: App | null; scope: Scope }> {
  return credentials(hub, request.headers.get('authorization'));
}

async function credentials(
  hub: Hub,
  header: string | null,
): Promise<{
  app: App | null;
  scope: Scope;
  externalId: string | null;
  integration: IntegrationNumber | null;
}> {
  const token = /^bearer +([\w.-]+) *$/i.exec(header ?? '')?.[1];
  if (token) return verifyKeyToken(hub, 'sunshine', token);
  const basic = basicCredentials(header);
  if (!basic) throw unauthorized();
  return { ...(await verifyKey(hub, 'sunshine', basic.id, basic.secret)), externalId: null };
}

const unauthorized = () => new Refused({ code: 'unauthorized', message: 'Authorization is required' });

const utf8 = new TextDecoder('utf-8', { fatal: true, ignoreBOM: false });
const isAscii = (text: string): boolean => !/[^\x20-\x7e]/.test(text);

/** Key id and secret of a Basic header (RFC 7617), null for anything else. */
export function basicCredentials(header: string | null): { id: string; secret: string } | null {
  const encoded = /^basic +([a-z0-9+/]+={0,2}) *$/i.exec(header ?? '')?.[1];
  if (!encoded) return null;
  let pair: string;
  try {
    const bytes = atob(encoded);
    // Ours are ASCII; only somebody's guess is not, and need not be fast.
    pair = isAscii(bytes) ? bytes : utf8.decode(Uint8Array.from(bytes, (c) => c.charCodeAt(0)));
  } catch {
    return null;
  }
  // A secret may hold colons, an id may not.
  const colon = pair.indexOf(':');
  if (colon < 1 || colon === pair.length - 1) return null;
  return { id: pair.slice(0, colon), secret: pair.slice(colon + 1) };
}
