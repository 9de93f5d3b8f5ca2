// The one place where a refusal becomes the envelope of this API (contracts/qiscus.md 2). Which call refuses what is
// decided elsewhere.
import { type Refusal, Refused, type Subject } from '../../domain/errors.ts';
import { json } from '../../http/respond.ts';

/** What this API does not know of is just not found. */
const MISSING: Partial<Record<Subject, string>> = {
  app: 'App not found',
  user: 'User not found',
  conversation: 'Room not found',
  member: 'Participant not found',
  message: 'Comment not found',
  file: 'File not found',
  job: 'Backup not found',
  device: 'Device not found',
};

/** Texts that clients know; others would tell a guesser what was wrong. */
const KNOWN = /^(Unauthorized\b|refresh token invalid$)/;

/** More sentences than this help nobody, and would echo a hostile call at length. */
const MOST_SENTENCES = 20;

/**
 * Any failure of a call as this API's answer. What is not a refusal is a fault of ours: it goes to the log under the
 * request's id, and the caller learns nothing of it but that it happened.
 */
export function renderError(error: unknown, requestId: string): Response {
  if (error instanceof Refused) return renderRefusal(error.refusal);
  const detail = error instanceof Error ? (error.stack ?? error.message) : String(error);
  console.error(JSON.stringify({ at: 'qiscus', requestId, detail }));
  return answer(500, 'Internal server error');
}

function renderRefusal(refusal: Refusal): Response {
  switch (refusal.code) {
    case 'invalid':
    // A client id that another comment has, a taken name: this API knows no 409.
    case 'conflict':
      return answer(400, 'Validation error', sentencesOf(refusal));
    case 'unauthorized':
      return answer(401, KNOWN.test(refusal.message) ? refusal.message : 'Unauthorized');
    case 'forbidden':
      return answer(403, refusal.message);
    case 'locked':
      return answer(403, 'This room is closed. Nobody can post in it.');
    case 'not_found':
      return answer(
        404,
        MISSING[refusal.subject] ?? 'Not found',
        refusal.detail ? [refusal.detail] : undefined,
      );
    case 'too_large':
      return answer(413, 'Request entity too large');
    case 'rate_limited':
      return answer(429, 'Too many requests', [refusal.message], {
        'retry-after': seconds(refusal.retryAfterMs),
      });
    case 'unavailable':
      return answer(503, 'Service unavailable', [refusal.message], {
        'retry-after': seconds(refusal.retryAfterMs ?? 1000),
      });
  }
}

const seconds = (ms: number): string => String(Math.max(1, Math.ceil(ms / 1000)));

function sentencesOf(refusal: Extract<Refusal, { code: 'invalid' | 'conflict' }>): string[] {
  const { fields, message } = refusal;
  if (!fields?.length) return [message];
  return fields.slice(0, MOST_SENTENCES).map(({ path, message: what }) => `${path} ${what}`);
}

/** Clients show the sentences where there are any, else the message: so there always are. */
const answer = (
  status: number,
  message: string,
  sentences: readonly string[] = [message],
  headers?: Record<string, string>,
): Response => json({ error: { message, detailed_messages: sentences }, status }, status, headers);
