// Calls from browser pages: what lets a page of an origin that the app lists ask, with a person's own token, and read the
// answer (the Fetch standard's CORS protocol). Credentials travel in a header that only the page itself can set, so a
// foreign page gains nothing by asking; it is just not shown the answer.
import { appNumber } from '../../domain/ids.ts';
import { appByNumber } from '../../hub/apps.ts';
import type { Hub } from '../../hub/context.ts';

const APP_PATH = /^\/+v2\/apps\/([0-9a-f]{24})(?:\/|$)/;
const PREFLIGHT_SECONDS = 600;

/** The origin of the page that asks, if it is the hub's own or the app of the path lists it; null for any other caller. */
export async function pageOrigin(request: Request, hub: Hub, path: string): Promise<string | null> {
  const origin = request.headers.get('origin');
  if (origin === null) return null;
  if (origin === hub.origin) return origin;
  const n = hub.ids.parseHex('app', APP_PATH.exec(path)?.[1] ?? '');
  if (n === null) return null;
  const app = await appByNumber(hub, appNumber(n)).catch(() => null);
  return app?.origins.includes(origin) ? origin : null;
}

/** The answer to a browser that asks whether a page may call. */
export const preflight = (origin: string): Response =>
  shown(
    new Response(null, {
      status: 204,
      headers: {
        'access-control-allow-methods': 'GET, POST, PATCH, DELETE',
        'access-control-allow-headers': 'authorization, content-type, idempotency-key',
        'access-control-max-age': String(PREFLIGHT_SECONDS),
      },
    }),
    origin,
  );

/** The answer, readable for a page of this origin. */
export function shown(response: Response, origin: string): Response {
  response.headers.set('access-control-allow-origin', origin);
  response.headers.set('access-control-expose-headers', 'retry-after, x-request-id');
  response.headers.append('vary', 'origin');
  return response;
}
