// What surrounds a call: the body's bytes, the session cookie, the headers of every answer, whose page may call. No XML.
import { Refused } from '../../domain/errors.ts';
import { gunzip, readBody } from '../../http/body.ts';
import { sessionCookieName } from '../../http/cookies.ts';
import type { App, Hub } from '../../hub/context.ts';
import { NOT_SIGNED_IN } from './errors.ts';

/** XML of one call, as sent and as inflated (contracts/tapatalk.md 5.3). Files do not travel in XML. */
const MAX_BODY_BYTES = 256 * 1024;

/**
 * The bytes of a call. Whether they are gzip is read from the bytes alone: clients announce it over plain bodies, and a
 * body that does not inflate is taken as it came (contracts/tapatalk.md 3, "Compression"). Throws Refused too_large.
 */
export async function bodyOf(request: Request, maxBytes = MAX_BODY_BYTES): Promise<Uint8Array> {
  const bytes = await readBody(request, maxBytes);
  if (bytes[0] !== 0x1f || bytes[1] !== 0x8b) return bytes;
  return (await gunzip(bytes, maxBytes)) ?? bytes;
}

/** The charset parameter of the request's Content-Type, if it has one. */
export function charsetOf(request: Pick<Request, 'headers'>): string | null {
  return /;\s*charset\s*=\s*("?)([^";\s]+)\1/i.exec(request.headers.get('content-type') ?? '')?.[2] ?? null;
}

/** Whether a page of this origin is the hub's own, or one that the app lists. */
const isKnown = (origin: string, hub: Hub, app: App): boolean =>
  origin === hub.origin || app.origins.includes(origin);

/** What browsers say of a request that another site's page made them send, if it is one that carries no Origin. */
const FOREIGN_SITES: ReadonlySet<string | null> = new Set(['cross-site', 'same-site']);

/**
 * Refuses a call that a foreign page makes its visitor's browser send: any form can post here, any link can ask, and the
 * cookie may travel along (contracts/tapatalk.md 3, "CSRF"). Programs send no Origin.
 */
export function refuseForeignPage(request: Pick<Request, 'headers'>, hub: Hub, app: App): void {
  const origin = request.headers.get('origin');
  const site = request.headers.get('sec-fetch-site');
  if (origin === null ? !FOREIGN_SITES.has(site) : isKnown(origin, hub, app)) return;
  const from = origin === null ? `a ${site} page` : `foreign origin ${origin}`;
  throw new Refused({ code: 'forbidden', message: NOT_SIGNED_IN, detail: from });
}

/** What lets a page that the app lists read an answer, cookie or not. Another origin gets none of it, and nothing is reflected. */
export function pageHeaders(
  request: Pick<Request, 'headers'>,
  hub: Hub,
  app: App | null,
): Record<string, string> {
  const origin = request.headers.get('origin');
  if (origin === null || !app || !isKnown(origin, hub, app)) return { Vary: 'Origin' };
  return {
    Vary: 'Origin',
    'Access-Control-Allow-Origin': origin,
    'Access-Control-Allow-Credentials': 'true',
    'Access-Control-Expose-Headers': 'Mobiquo_is_login, X-Request-Id',
  };
}

/** The answer to a browser that asks, before it sends a page's call, whether it may. */
export function preflightAnswer(request: Pick<Request, 'headers'>, hub: Hub, app: App | null): Response {
  const headers = new Headers(pageHeaders(request, hub, app));
  if (headers.has('Access-Control-Allow-Origin')) {
    headers.set('Access-Control-Allow-Methods', 'GET, POST');
    headers.set('Access-Control-Allow-Headers', 'Content-Type');
    headers.set('Access-Control-Max-Age', '600');
  }
  return new Response(null, { status: 204, headers });
}

/** The Set-Cookie value that hands a session out. `expiresAt` in ms since 1970. */
export function sessionCookie(app: App, hub: Hub, token: string, expiresAt: number): string {
  return cookie(app, hub, token, Math.max(0, Math.floor((expiresAt - Date.now()) / 1000)));
}

/** The Set-Cookie value that ends one. Not an empty value: clients that split at "=" would fail on it. */
export const endedCookie = (app: App, hub: Hub): string => cookie(app, hub, 'deleted', 0);

function cookie(app: App, hub: Hub, value: string, maxAgeSeconds: number): string {
  const secure = hub.origin.startsWith('https:') ? '; Secure' : '';
  return `${sessionCookieName(app.number)}=${value}; Path=/; Max-Age=${maxAgeSeconds}; HttpOnly; SameSite=Lax${secure}`;
}

export interface Around {
  /** The document's Content-Type. */
  readonly type: string;
  readonly signedIn: boolean;
  readonly cookies?: readonly string[];
  readonly headers?: Readonly<Record<string, string>>;
}

/**
 * The answer around a document: always 200, because clients give up on anything else, and always with the state of the
 * session, because one that misses it drops the body and signs in again (contracts/tapatalk.md 3).
 */
export function answer(document: string, { type, signedIn, cookies = [], headers = {} }: Around): Response {
  const all = new Headers({
    ...headers,
    'Content-Type': type,
    'Cache-Control': 'no-store',
    Mobiquo_is_login: String(signedIn),
  });
  for (const cookie of cookies) all.append('Set-Cookie', cookie);
  return new Response(document, { headers: all });
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
