// Refusals as most networks read them: by their status alone.
import type { Refusal } from '../domain/errors.ts';
import { json } from '../http/respond.ts';

export const STATUS: Readonly<Record<Refusal['code'], number>> = {
  not_found: 404,
  unauthorized: 404,
  forbidden: 403,
  invalid: 400,
  conflict: 409,
  too_large: 413,
  locked: 423,
  rate_limited: 429,
  unavailable: 503,
};

/** `Retry-After`, in seconds, where it is worth another try. */
export function retryOf(refusal: Refusal): Record<string, string> {
  const ms = 'retryAfterMs' in refusal ? refusal.retryAfterMs : undefined;
  return ms === undefined ? {} : { 'retry-after': String(Math.ceil(ms / 1000)) };
}

/** `{"error": {"code", "message", "fields"?}}`, as in the operator API. */
export function refusalOf(refusal: Refusal): Response {
  const { code, message } = refusal;
  const fields = 'fields' in refusal && refusal.fields ? { fields: refusal.fields } : {};
  return json({ error: { code, message, ...fields } }, STATUS[code], retryOf(refusal));
}

export const onlyPost = (): Response =>
  json({ error: { code: 'invalid', message: 'Only POST is taken here.' } }, 405, { allow: 'POST' });
