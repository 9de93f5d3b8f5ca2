// The operator API's error form, in one place.
import { type Refusal, Refused } from '../domain/errors.ts';
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

/** `{"error": {"code", "message", "fields"?}}`; anything unexpected is a 500 that says nothing. */
export function operatorError(error: unknown, requestId: string): Response {
  if (!(error instanceof Refused)) {
    console.error(JSON.stringify({ at: 'operator', request: requestId, error: String(error) }));
    return json({ error: { code: 'internal', message: 'Something went wrong.', requestId } }, 500);
  }
  const { refusal } = error;
  const fields = refusal.code === 'invalid' ? refusal.fields : undefined;
  const retry = 'retryAfterMs' in refusal ? refusal.retryAfterMs : undefined;
  return json(
    { error: { code: refusal.code, message: refusal.message, ...(fields ? { fields } : {}), requestId } },
    STATUS[refusal.code],
    retry === undefined ? {} : { 'retry-after': String(Math.ceil(retry / 1000)) },
  );
}
