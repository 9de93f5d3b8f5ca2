// Who calls: Basic credentials of an app, an integration or an account, and the app that the path names.
// Signed tokens (Bearer) are not read yet; end users have no access to this API (contracts/sunshine.md 4).
import { notFound, Refused } from '../../domain/errors.ts';
import { appNumber } from '../../domain/ids.ts';
import { appByNumber, appCaller } from '../../hub/apps.ts';
import type { App, Caller, Hub } from '../../hub/context.ts';
import { verifyKey } from '../../hub/keys.ts';

/**
 * The caller and the app of `appId`. Refuses missing and wrong credentials as unauthorized, before anything else;
 * an app that does not exist and one that the key does not reach get the same answer.
 * An integration's key reaches what an app's does here: conversations, their messages and people, and users.
 */
export async function authenticate(
  request: Request,
  hub: Hub,
  appId: string,
): Promise<{ app: App; caller: Caller }> {
  const credentials = basicCredentials(request.headers.get('authorization'));
  if (!credentials) throw unauthorized();
  const key = await verifyKey(hub, 'sunshine', credentials.id, credentials.secret);
  const n = hub.ids.parseHex('app', appId);
  if (n === null || (key.app !== null && key.app.number !== n)) throw new Refused(notFound('app'));
  const app = key.app ?? (await appByNumber(hub, appNumber(n)));
  return { app, caller: appCaller(app, 'sunshine') };
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
