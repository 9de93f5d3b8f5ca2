// Answers in JSON.

/** A JSON answer. Clients drop answers of any other content type, so even an empty one is an object. */
export function json(value: unknown, status = 200, headers: Record<string, string> = {}): Response {
  return new Response(JSON.stringify(value), {
    status,
    headers: { 'content-type': 'application/json; charset=utf-8', ...headers },
  });
}
