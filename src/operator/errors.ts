// The operator API's error form, in one place.
import { BadLine, type Refusal, Refused } from '../domain/errors.ts';
import { json } from '../http/respond.ts';

const STATUS: Record<Refusal['code'], number> = {
  not_found: 404,
  unauthorized: 401,
  forbidden: 403,
  invalid: 400,
  conflict: 409,
  too_large: 413,
  locked: 423,
  rate_limited: 429,
  unavailable: 503,
};

/** `{"error": {"code", "message", "line"?, "fields"?}}`; anything unexpected is a 500 that says nothing. */
export function operatorError(error: unknown, requestId: string): Response {
  const { status, body, headers } = errorBody(error, requestId);
  return json(body, status, headers);
}

/** The same before it is an answer: a stream that has begun ends with its body. */
export function errorBody(
  error: unknown,
  requestId: string,
): { status: number; body: { error: object }; headers: Record<string, string> } {
  if (!(error instanceof Refused)) {
    console.error(JSON.stringify({ at: 'operator', request: requestId, error: String(error) }));
    const body = { error: { code: 'internal', message: 'Something went wrong.', requestId } };
    return { status: 500, body, headers: {} };
  }
  const { refusal } = error;
  const line = error instanceof BadLine ? { line: error.line } : {};
  const fields = 'fields' in refusal && refusal.fields ? { fields: refusal.fields } : {};
  const retry = 'retryAfterMs' in refusal ? refusal.retryAfterMs : undefined;
  return {
    status: STATUS[refusal.code],
    body: { error: { code: refusal.code, message: refusal.message, ...line, ...fields, requestId } },
    headers: retry === undefined ? {} : { 'retry-after': String(Math.ceil(retry / 1000)) },
  };
}
