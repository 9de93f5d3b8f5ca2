// Calls from browser pages, which ask before every one of them (contracts/qiscus.md 1). Credentials travel in headers that
// only the page itself can set and no cookie is read, so a page of any origin may call: it gains nothing by it.

const PREFLIGHT_SECONDS = 600;
/** What clients send, where a browser does not say what it is going to. */
const HEADERS =
  'content-type, qiscus-sdk-app-id, qiscus-sdk-user-id, qiscus-sdk-token, qiscus-sdk-version, qiscus-sdk-platform';

/** The answer to a browser that asks whether a page may call. */
export function preflight(request: Pick<Request, 'headers'>): Response {
  const asked = request.headers.get('access-control-request-headers');
  return shown(
    new Response(null, {
      status: 204,
      headers: {
        'access-control-allow-methods': 'GET, POST, PATCH, PUT, DELETE',
        // As they were asked for: clients of other versions have other names for them.
        'access-control-allow-headers': asked && /^[\w\-, ]{1,1000}$/.test(asked) ? asked : HEADERS,
        'access-control-max-age': String(PREFLIGHT_SECONDS),
        vary: 'access-control-request-headers',
      },
    }),
  );
}

/**
 * The answer, readable for a page, and for its caller alone: a cache on the way does not know the headers and parameters that say
 * who that is for credentials.
 */
export function shown(response: Response): Response {
  response.headers.set('cache-control', 'no-store');
  response.headers.set('access-control-allow-origin', '*');
  response.headers.set('access-control-expose-headers', 'retry-after, x-request-id');
  return response;
}
