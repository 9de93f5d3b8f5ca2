// Pages of other origins: which may use this door, and what lets a browser show them the answers.
import { Refused } from '../domain/errors.ts';
import type { App, Hub } from '../hub/context.ts';

const PREFLIGHT_SECONDS = '600';

/** A browser names the page that asks; programs name none. Foreign pages must be on the app's list. */
export function refuseForeignPage(request: Request, hub: Hub, app: App): void {
  const origin = request.headers.get('origin');
  if (origin === null || origin === new URL(request.url).origin || origin === hub.origin) return;
  if (app.origins.includes(origin)) return;
  throw new Refused({
    code: 'forbidden',
    message: `Pages of ${origin.slice(0, 200)} may not use this app.`,
  });
}

/** The answer, readable for the page that asked: who may not ask was refused, and no cookie is read. */
export function shownTo(request: Request, answer: Response): Response {
  const origin = request.headers.get('origin');
  if (origin === null) return answer;
  const { headers } = answer;
  headers.set('access-control-allow-origin', origin);
  headers.append('vary', 'origin');
  if (request.method === 'OPTIONS') {
    headers.set('access-control-allow-methods', 'GET, POST, DELETE');
    headers.set('access-control-allow-headers', 'authorization, content-type, idempotency-key');
    headers.set('access-control-max-age', PREFLIGHT_SECONDS);
  } else headers.set('access-control-expose-headers', 'retry-after, x-request-id');
  return answer;
}
