// Texts that are asked for again and again: conditions, HEAD, and how pages for people are sent. What they hold is their
// owners'.
import { json } from './respond.ts';

/** Of every page for people, besides what it may do: nobody's frame, nobody's guess at its type. */
export const PAGE_HEADERS = {
  'content-type': 'text/html; charset=utf-8',
  'cross-origin-opener-policy': 'same-origin',
  'referrer-policy': 'no-referrer',
  'x-content-type-options': 'nosniff',
  'cache-control': 'no-cache',
};

const etags = new Map<string, Promise<string>>();

/** What refuses a request that would do more than read; null where it does not. */
export function onlyRead({ method }: Request): Response | null {
  if (method === 'GET' || method === 'HEAD') return null;
  const message = 'This can only be read.';
  return json({ error: { code: 'invalid', message } }, 405, { allow: 'GET, HEAD' });
}

/** The text, or to who has it 304 (RFC 9110 13). */
export async function conditional(
  request: Request,
  text: string,
  headers: Record<string, string>,
): Promise<Response> {
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
