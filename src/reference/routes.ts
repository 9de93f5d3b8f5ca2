// /openapi.json, the description of the REST door, /docs/api, the page to read it and try it, and the schemas of what webhooks
// are told. What they hold is made beforehand (build.ts) from openapi/ and page/.
import { json } from '../http/respond.ts';
import { conditional, onlyRead, PAGE_HEADERS } from '../http/texts.ts';
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

/** GET and HEAD of them, with conditions. */
export async function handleReference(request: Request, hub: Hub): Promise<Response> {
  const { pathname } = new URL(request.url);
  const isDocument = pathname === '/openapi.json';
  const isSchema = pathname.startsWith('/webhooks/');
  if ((isDocument || isSchema) && request.method === 'OPTIONS') {
    const allow = { 'access-control-allow-methods': 'GET, HEAD', 'access-control-allow-headers': '*' };
    return new Response(null, { status: 204, headers: { ...OPEN, ...allow } });
  }
  const refused = onlyRead(request);
  if (refused) return refused;
  if (isSchema) return schema(request, hub, pathname);
  if (isDocument) return document(request, hub);
  return conditional(request, pageHtml, { ...PAGE_HEADERS, 'content-security-policy': pagePolicy });
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
  return conditional(request, JSON.stringify(found).replaceAll(ORIGIN, hub.origin), {
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
  return conditional(request, documentText.replace(ORIGIN, hub.origin), {
    ...OPEN,
    'content-type': 'application/json; charset=utf-8',
    'cache-control': `public, max-age=${FRESH_SECONDS}`,
  });
}
