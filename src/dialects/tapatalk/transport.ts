// What surrounds a call: the body's bytes, the session cookie, the headers of every answer, whose page may call. No XML.
import { Refused } from '../../domain/errors.ts';
import { gunzip, readBody } from '../../http/body.ts';
import type { App, Hub } from '../../hub/context.ts';
import { NOT_SIGNED_IN } from './errors.ts';

/** XML of one call, as sent and as inflated (contracts/tapatalk.md 5.3). Files do not travel in XML. */
const MAX_BODY_BYTES = 256 * 1024;

/**
 * The bytes of a call. Whether they are gzip is read from the bytes alone: clients announce it over plain bodies, and a
 * body that does not inflate is taken as it came (contracts/tapatalk.md 3, "Compression"). Throws Refused too_large.
 */
export async function bodyOf(request: Request): Promise<Uint8Array> {
  const bytes = await readBody(request, MAX_BODY_BYTES);
  if (bytes[0] !== 0x1f || bytes[1] !== 0x8b) return bytes;
  return (await gunzip(bytes, MAX_BODY_BYTES)) ?? bytes;
}

/** The charset parameter of the request's Content-Type, if it has one. */
export function charsetOf(request: Pick<Request, 'headers'>): string | null {
  return /;\s*charset\s*=\s*("?)([^";\s]+)\1/i.exec(request.headers.get('content-type') ?? '')?.[2] ?? null;
}

/**
 * Refuses a call that a foreign page makes its visitor's browser send: any form can post here, and the cookie would
 * travel along (contracts/tapatalk.md 3, "CSRF"). Programs send no Origin.
 */
export function refuseForeignPage(request: Pick<Request, 'headers'>, hub: Hub, app: App): void {
  const origin = request.headers.get('origin');
  if (origin === null || origin === hub.origin || app.origins.includes(origin)) return;
  throw new Refused({ code: 'forbidden', message: NOT_SIGNED_IN, detail: `foreign origin ${origin}` });
}

/** One cookie per app: forums on one host do not sign each other's people out. */
export const cookieName = (app: App): string => `parlance_${app.number}`;

/** The session token that a request carries for this app, or null. */
export function sessionTokenOf(request: Pick<Request, 'headers'>, app: App): string | null {
  const wanted = cookieName(app);
  for (const pair of (request.headers.get('cookie') ?? '').split(';')) {
    const at = pair.indexOf('=');
    if (at > 0 && pair.slice(0, at).trim() === wanted) return pair.slice(at + 1).trim() || null;
  }
  return null;
}

/** The Set-Cookie value that hands a session out. `expiresAt` in ms since 1970. */
export function sessionCookie(app: App, hub: Hub, token: string, expiresAt: number): string {
  return cookie(app, hub, token, Math.max(0, Math.floor((expiresAt - Date.now()) / 1000)));
}

/** The Set-Cookie value that ends one. Not an empty value: clients that split at "=" would fail on it. */
export const endedCookie = (app: App, hub: Hub): string => cookie(app, hub, 'deleted', 0);

function cookie(app: App, hub: Hub, value: string, maxAgeSeconds: number): string {
  const secure = hub.origin.startsWith('https:') ? '; Secure' : '';
  return `${cookieName(app)}=${value}; Path=/; Max-Age=${maxAgeSeconds}; HttpOnly; SameSite=Lax${secure}`;
}

/**
 * The answer around a document: always 200, because clients give up on anything else, and always with the state of the
 * session, because one that misses it drops the body and signs in again (contracts/tapatalk.md 3).
 */
export function answer(
  document: string,
  about: { signedIn: boolean; cookies?: readonly string[] },
): Response {
  const headers = new Headers({
    'Content-Type': 'text/xml; charset=utf-8',
    'Cache-Control': 'no-store',
    Mobiquo_is_login: String(about.signedIn),
  });
  for (const cookie of about.cookies ?? []) headers.append('Set-Cookie', cookie);
  return new Response(document, { headers });
}

const PAGE =
  'This address speaks the mobiquo conversation dialect: XML-RPC calls, by POST.\nOne conversation, every dialect: Parlance.\n';

/** What somebody sees who opens the address in a browser. */
export const aboutPage = (): Response => plainPage(PAGE, 200);

/** A file of the folder that there is not. */
export const notThere = (): Response => plainPage('Not found\n', 404);

const plainPage = (text: string, status: number): Response =>
  new Response(text, {
    status,
    headers: { 'Content-Type': 'text/plain; charset=utf-8', Mobiquo_is_login: 'false' },
  });
