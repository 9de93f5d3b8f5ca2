// `Idempotency-Key` in the operator API (docs/operator-api.md): a POST that is repeated under it is done once.
import { invalid, Refused } from '../domain/errors.ts';
import { readBody } from '../http/body.ts';
import type { Hub } from '../hub/context.ts';
import { once } from '../hub/once.ts';
import { BODY_BYTES } from './asked.ts';

const MOST_KEY_CHARS = 200;
/** Answers of imports are streams, and may be sent again as they are anyway. */
const STREAMED = /\/import$/;

/** What `answer` gives, or gave to the same call before; then with `idempotent-replayed: true`. */
export async function repeatable(
  request: Request,
  hub: Hub,
  answer: (request: Request) => Promise<Response>,
): Promise<Response> {
  const key = request.headers.get('idempotency-key');
  const { pathname, search } = new URL(request.url);
  if (key === null || request.method !== 'POST' || STREAMED.test(pathname)) return answer(request);
  if (key.trim() === '' || key.length > MOST_KEY_CHARS) {
    const message = `must have 1 to ${MOST_KEY_CHARS} characters`;
    throw new Refused(invalid('Some fields are wrong.', [{ path: 'Idempotency-Key', message }]));
  }
  const body = (await readBody(request, BODY_BYTES)) as Uint8Array<ArrayBuffer>;
  const { headers, method } = request;
  const work = () => answer(new Request(request.url, { method, headers, body }));
  const asked = `${pathname}${search}\n${new TextDecoder().decode(body)}`;
  const { done, again } = await once(hub, { key, asked }, work, {
    kept: async (response) =>
      response.ok ? JSON.stringify([response.status, await response.clone().text()]) : null,
    shown: (text) => {
      const [status, said] = JSON.parse(text) as [number, string];
      return new Response(said, { status, headers: { 'content-type': 'application/json; charset=utf-8' } });
    },
  });
  if (again) done.headers.set('idempotent-replayed', 'true');
  return done;
}
