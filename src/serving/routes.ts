// /files/*: uploaded files over HTTP, whole or in part, safe to open from the hub's own address. Who may read which is
// the hub's to say (hub/file-access.ts).
import { Refused } from '../domain/errors.ts';
import { mayShow } from '../domain/file-types.ts';
import { sessionTokenIn } from '../http/cookies.ts';
import { json } from '../http/respond.ts';
import type { App, Caller, Hub } from '../hub/context.ts';
import { fileAt, lookAtFile, readFile, type StoredFile, type Stretch } from '../hub/file-access.ts';
import { verifyToken } from '../hub/sessions.ts';

/**
 * Nothing that a file holds may run in the name of the hub: no type but the one that its bytes have, nothing embedded,
 * no script, no origin.
 */
const SAFE = {
  'X-Content-Type-Options': 'nosniff',
  'Content-Security-Policy': "default-src 'none'; sandbox",
  'Referrer-Policy': 'no-referrer',
  // Forum pages and widgets of other origins show the pictures.
  'Cross-Origin-Resource-Policy': 'cross-origin',
};

/** GET and HEAD of a file, with ranges and conditions (RFC 9110 13 and 14). */
export async function handleFiles(request: Request, hub: Hub): Promise<Response> {
  if (request.method !== 'GET' && request.method !== 'HEAD') {
    return json({ error: { code: 'invalid', message: 'Files can only be read here.' } }, 405, {
      allow: 'GET, HEAD',
    });
  }
  try {
    const { key, expires } = await fileAt(hub, new URL(request.url).pathname, (app) =>
      readerOf(request, hub, app),
    );
    return await answer(request, hub, key, cacheFor(expires));
  } catch (error) {
    return refusal(error, hub);
  }
}

/** Who asks, as their session's cookie proves it. */
async function readerOf(request: Request, hub: Hub, app: App): Promise<Caller | null> {
  const token = sessionTokenIn(request, app.number);
  return token === null ? null : (await verifyToken(hub, token, 'session')).caller;
}

/** A signed address is itself the right to read for as long as it holds; a session may end. */
const cacheFor = (expires: number | null): string =>
  expires === null
    ? 'private, no-cache'
    : `private, max-age=${Math.max(0, expires - Math.floor(Date.now() / 1000))}, immutable`;

async function answer(request: Request, hub: Hub, key: string, cache: string): Promise<Response> {
  const { headers, method } = request;
  const range = method === 'GET' ? headers.get('range') : null;
  const conditional = headers.has('if-none-match') || headers.has('if-modified-since');
  if (method === 'GET' && range === null && !conditional) {
    const { body, ...file } = await readFile(hub, key);
    return new Response(body, { headers: headersOf(file, cache) });
  }
  const file = await lookAtFile(hub, key);
  const shown = headersOf(file, cache);
  if (unchanged(headers, file)) {
    shown.delete('content-length');
    return new Response(null, { status: 304, headers: shown });
  }
  if (method === 'HEAD') return new Response(null, { headers: shown });
  const stretch = range === null || !sameAsBefore(headers, file) ? null : stretchOf(range, file.bytes);
  if (stretch === 'outside') {
    return new Response(null, {
      status: 416,
      headers: { ...SAFE, 'Content-Range': `bytes */${file.bytes}` },
    });
  }
  const { body } = await readFile(hub, key, stretch ?? undefined);
  if (!stretch) return new Response(body, { headers: shown });
  const { offset, length } = stretch;
  shown.set('content-length', String(length));
  shown.set('content-range', `bytes ${offset}-${offset + length - 1}/${file.bytes}`);
  return new Response(body, { status: 206, headers: shown });
}

function headersOf({ name, mime, bytes, etag, storedAt }: StoredFile, cache: string): Headers {
  // Quotes, backslashes and what is not ASCII stand in the second form alone (RFC 6266).
  const plain = name.replace(/[^\x20-\x7e]|["\\%]/g, '_');
  const words = encodeURIComponent(name).replace(
    /['()*]/g,
    (c) => `%${c.charCodeAt(0).toString(16).toUpperCase()}`,
  );
  const disposition = mayShow(mime) ? 'inline' : 'attachment';
  return new Headers({
    ...SAFE,
    'Content-Type': mime.startsWith('text/') ? `${mime}; charset=utf-8` : mime,
    'Content-Length': String(bytes),
    'Content-Disposition': `${disposition}; filename="${plain}"; filename*=UTF-8''${words}`,
    'Accept-Ranges': 'bytes',
    'Cache-Control': cache,
    ETag: etag,
    'Last-Modified': storedAt.toUTCString(),
  });
}

const seconds = (date: Date): number => Math.floor(date.getTime() / 1000);

/** Whether the client has this file already. */
function unchanged(headers: Headers, { etag, storedAt }: StoredFile): boolean {
  const known = headers.get('if-none-match');
  if (known !== null) {
    return known.split(',').some((tag) => tag.trim() === '*' || tag.trim().replace(/^W\//, '') === etag);
  }
  const since = Date.parse(headers.get('if-modified-since') ?? '');
  return Number.isFinite(since) && seconds(storedAt) <= since / 1000;
}

/** Whether a client that has a part of the file may add to it. */
function sameAsBefore(headers: Headers, { etag, storedAt }: StoredFile): boolean {
  const known = headers.get('if-range');
  if (known === null || known === etag) return true;
  return seconds(storedAt) === Date.parse(known) / 1000;
}

/** The one stretch that a Range header asks for; null: it asks for something else, and gets the whole. */
function stretchOf(range: string, bytes: number): Stretch | 'outside' | null {
  const [, first, last] = /^bytes=(\d*)-(\d*)$/i.exec(range.trim()) ?? [];
  if (first === undefined || last === undefined || (first === '' && last === '')) return null;
  if (first === '') {
    const length = Math.min(Number(last), bytes);
    return length === 0 ? 'outside' : { offset: bytes - length, length };
  }
  const offset = Number(first);
  const end = last === '' ? bytes - 1 : Math.min(Number(last), bytes - 1);
  if (last !== '' && Number(last) < offset) return null;
  return offset >= bytes ? 'outside' : { offset, length: end - offset + 1 };
}

/** The same answer for what is not there and for what is not theirs. */
function refusal(error: unknown, hub: Hub): Response {
  const code = error instanceof Refused ? error.refusal.code : 'internal';
  if (code === 'not_found') return json({ error: { code, message: 'File not found' } }, 404, SAFE);
  const detail = error instanceof Refused ? error.refusal.detail : String(error);
  console.error(JSON.stringify({ at: 'serving', request: hub.requestId, code, error: detail }));
  if (code === 'unavailable') {
    const message = 'The service is busy. Please try again in a moment.';
    return json({ error: { code, message } }, 503, { ...SAFE, 'retry-after': '1' });
  }
  return json({ error: { code: 'internal', message: 'Something went wrong.' } }, 500, SAFE);
}
