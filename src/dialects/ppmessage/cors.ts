// Calls from browser pages (contracts/ppmessage.md 1). Tokens travel in a header that only the page itself can set and no
// cookie is read, so a page of any origin may call: it gains nothing by it.

/** The answer to a browser that asks whether a page may call. */
export const preflight = (): Response => shown(new Response(null, { status: 204 }));

/** The answer, readable for a page. */
export function shown(response: Response): Response {
  response.headers.set('access-control-allow-origin', '*');
  response.headers.set('access-control-allow-methods', 'POST, GET, OPTIONS');
  response.headers.set('access-control-allow-headers', 'Content-Type, Authorization');
  response.headers.set('access-control-max-age', '1728000');
  return response;
}
