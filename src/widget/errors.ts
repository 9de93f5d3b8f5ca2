// The one place where a refusal becomes an answer of the widget's own addresses.
import { type Refusal, Refused } from '../domain/errors.ts';
import { json } from '../http/respond.ts';

const STATUS: Record<Refusal['code'], number> = {
  invalid: 400,
  unauthorized: 401,
  forbidden: 403,
  not_found: 404,
  conflict: 409,
  too_large: 413,
  locked: 423,
  rate_limited: 429,
  unavailable: 503,
};

/** In JSON: `{"error": {"code", "message"}}`. What is no refusal is a fault of ours: the log has it. */
export function refusedCall(error: unknown, requestId: string): Response {
  if (!(error instanceof Refused)) {
    const detail = error instanceof Error ? (error.stack ?? String(error)) : String(error);
    console.error(JSON.stringify({ at: 'widget', request: requestId, error: detail }));
    return json({ error: { code: 'internal', message: 'Something went wrong on our side.' } }, 500);
  }
  const { refusal } = error;
  const wait = 'retryAfterMs' in refusal ? refusal.retryAfterMs : undefined;
  return json({ error: { code: refusal.code, message: refusal.message } }, STATUS[refusal.code], {
    ...(wait !== undefined && { 'retry-after': String(Math.ceil(wait / 1000)) }),
  });
}
