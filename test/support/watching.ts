// Every answer of the doors that the OpenAPI description has is held against it in every test, whoever asked: plain `fetch` is
// wrapped here, other clients hand over what they heard. A test fails on the first that is not as described, even when
// it looks at something else. watched.ts sets it up for every test that drives a server.
import { type Exchange, undescribed } from './described.ts';

const problems: string[] = [];
const pending = new Set<Promise<void>>();

/** The Sunshine door, the operator's API, and /health. */
const OURS = /^\/+v2\/|^\/admin(\/|$)|^\/health$/;
const isOurs = (url: string): boolean => OURS.test(new URL(url).pathname);

/** An exchange that another client than `fetch` made. */
export function heard(exchange: Exchange): void {
  if (isOurs(exchange.url)) problems.push(...undescribed(exchange));
}

const plain = globalThis.fetch;
globalThis.fetch = async (input, init) => {
  const response = await plain(input, init);
  const url = input instanceof Request ? input.url : String(input);
  if (isOurs(url)) listen(url, init ?? {}, response);
  return response;
};

function listen(url: string, { method = 'GET', body }: RequestInit, response: Response): void {
  const copy = response.clone();
  const exchange = async () => {
    const text = await copy.text().catch(() => null);
    // The server was stopped in the middle: there is no answer.
    if (text === null) return;
    heard({
      method: method.toUpperCase(),
      url,
      sent: typeof body === 'string' ? body : undefined,
      status: response.status,
      header: (name) => response.headers.get(name),
      body: text,
    });
  };
  const work = exchange().finally(() => pending.delete(work));
  pending.add(work);
}

/** Fails with all that was found since the last time. */
export async function settle(): Promise<void> {
  await Promise.all(pending);
  const found = problems.splice(0);
  if (found.length > 0) {
    const shown = [...new Set(found)].slice(0, 5).join('\n\n');
    throw new Error(`${found.length} answers or requests are not as described:\n${shown}`);
  }
}
