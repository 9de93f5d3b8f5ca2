// /openapi.json, the description of the REST door, /docs/api, the page to read it and try it, and the schemas of what webhooks
// are told. What they hold is made beforehand (build.ts) from openapi/ and page/.
import { json } from '../http/respond.ts';
import type { Hub } from '../hub/context.ts';
import { ORIGIN, SCHEMAS_PATH } from '../openapi/origin.ts';
import eventsText from './built/events.txt';
import documentText from './built/openapi.txt';
import pageHtml from './built/page.html';
import pagePolicy from './built/page-policy.txt';

/** As long as a client need not ask again whether the description has changed. */
const FRESH_SECONDS = 300;

/** Anybody's page may read the description: it holds no secret, and no credential is asked. */
const OPEN = {
  'access-control-allow-origin': '*',
  'access-control-expose-headers': 'etag, x-request-id',
};

/** Of the page's own, besides what it may do: nobody's frame, nobody's guess at its type. */
const PAGE_HEADERS = {
  'content-type': 'text/html; charset=utf-8',
  'content-security-policy': pagePolicy,
  'cross-origin-opener-policy': 'same-origin',
  'referrer-policy': 'no-referrer',
  'x-content-type-options': 'nosniff',
  'cache-control': 'no-cache',
};

const etags = new Map<string, Promise<string>>();

/** GET and HEAD of them, with conditions (RFC 9110 13). */
export async function handleReference(request: Request, hub: Hub): Promise<Response> {
  const { pathname } = new URL(request.url);
  const isDocument = pathname === '/openapi.json';
  const isSchema = pathname.startsWith('/webhooks/');
  if ((isDocument || isSchema) && request.method === 'OPTIONS') {
    const allow = { 'access-control-allow-methods': 'GET, HEAD', 'access-control-allow-headers': '*' };
    return new Response(null, { status: 204, headers: { ...OPEN, ...allow } });
  }
  if (request.method !== 'GET' && request.method !== 'HEAD') {
    const message = 'This can only be read.';
    return json({ error: { code: 'invalid', message } }, 405, { allow: 'GET, HEAD' });
  }
  if (isSchema) return schema(request, hub, pathname);
  return isDocument ? document(request, hub) : answer(request, pageHtml, PAGE_HEADERS);
}

let schemas: Record<string, object> | undefined;

/** One schema, or the addresses of all. */
async function schema(request: Request, hub: Hub, pathname: string): Promise<Response> {
  const [, type = null] = /^\/([a-z.]{1,40})\.json$/.exec(pathname.slice(SCHEMAS_PATH.length)) ?? [];
  schemas ??= JSON.parse(eventsText) as Record<string, object>;
  const isList = pathname === SCHEMAS_PATH || pathname === `${SCHEMAS_PATH}/`;
  const known = type !== null && Object.hasOwn(schemas, type) ? schemas[type] : null;
  const found = isList ? listed(Object.keys(schemas)) : known;
  if (!found) return json({ error: { code: 'not_found', message: 'Not found' } }, 404);
  return answer(request, JSON.stringify(found).replaceAll(ORIGIN, hub.origin), {
    ...OPEN,
    'content-type': isList ? 'application/json; charset=utf-8' : 'application/schema+json; charset=utf-8',
    'cache-control': `public, max-age=${FRESH_SECONDS}`,
  });
}

const listed = (types: readonly string[]) => ({
  schemas: types.map((type) => `${ORIGIN}${SCHEMAS_PATH}/${type}.json`),
});

/** The document, whose server is the one that was asked. */
function document(request: Request, hub: Hub): Promise<Response> {
  return answer(request, documentText.replace(ORIGIN, hub.origin), {
    ...OPEN,
    'content-type': 'application/json; charset=utf-8',
    'cache-control': `public, max-age=${FRESH_SECONDS}`,
  });
}

async function answer(request: Request, text: string, headers: Record<string, string>): Promise<Response> {
  const etag = await etagOf(text);
  const known = request.headers.get('if-none-match');
  const isKnown = known
    ?.split(',')
    .some((tag) => tag.trim() === '*' || tag.trim().replace(/^W\//, '') === etag);
  if (isKnown) {
    const { 'content-type': _, ...rest } = headers;
    return new Response(null, { status: 304, headers: { ...rest, etag } });
  }
  return new Response(request.method === 'HEAD' ? null : text, { headers: { ...headers, etag } });
}

/** Few texts, asked for again and again: each is hashed once in an isolate. */
function etagOf(text: string): Promise<string> {
  let etag = etags.get(text);
  if (!etag) {
    // A hub that answers to every name that it is asked by would remember each.
    if (etags.size > 8) etags.clear();
    etag = hashOf(text);
    etags.set(text, etag);
  }
  return etag;
}

async function hashOf(text: string): Promise<string> {
  const digest = new Uint8Array(await crypto.subtle.digest('SHA-256', new TextEncoder().encode(text)));
  return `"${Array.from(digest.subarray(0, 16), (byte) => byte.toString(16).padStart(2, '0')).join('')}"`;
}
