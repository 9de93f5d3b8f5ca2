// Answers to a client's frames, and the one place where a refusal becomes an error frame or a refused upgrade.
import { type Refusal, Refused } from '../domain/errors.ts';
import { json } from '../http/respond.ts';

/** What an ack may say besides the `ref` that it answers. */
export interface Ack {
  c?: string;
  epoch?: string;
  seq?: number;
  id?: string;
}

export const ackFrame = (ref: string, ack: Ack = {}): string => JSON.stringify({ t: 'ack', ref, ...ack });

/** Any failure as an error frame. What is no refusal is a fault of ours: the log has it, the client learns its id. */
export function errorFrame(
  error: unknown,
  ref: string | undefined,
  c: string | undefined,
  requestId: string,
): string {
  return JSON.stringify({ t: 'error', ref, c, ...describe(error, requestId) });
}

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

/** A refused upgrade or call, in JSON, with the fields of an error frame. */
export function refused(error: unknown, requestId: string): Response {
  const refusal = error instanceof Refused ? error.refusal : null;
  const status = refusal ? STATUS[refusal.code] : 500;
  const wait = refusal && 'retryAfterMs' in refusal ? refusal.retryAfterMs : undefined;
  return json({ error: describe(error, requestId) }, status, {
    ...(status === 401 && { 'www-authenticate': 'Bearer' }),
    ...(wait !== undefined && { 'retry-after': String(Math.ceil(wait / 1000)) }),
  });
}

function describe(error: unknown, requestId: string): object {
  if (!(error instanceof Refused)) {
    const detail = error instanceof Error ? (error.stack ?? String(error)) : String(error);
    console.error(JSON.stringify({ at: 'realtime', request: requestId, error: detail }));
    return { code: 'internal', message: 'Something went wrong on our side.', requestId };
  }
  const { refusal } = error;
  const { code, message } = refusal;
  switch (refusal.code) {
    case 'invalid':
      return { code, message, fields: refusal.fields };
    case 'not_found':
      return { code, message, subject: refusal.subject };
    case 'rate_limited':
    case 'unavailable':
      return { code, message, retryAfterMs: refusal.retryAfterMs };
    default:
      return { code, message };
  }
}
