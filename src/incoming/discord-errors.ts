// Refusals as Discord has them: `{message, code}` (discord-api-docs, topics/opcodes-and-status-codes), and the headers that tell
// how much may be sent.
import type { Refusal } from '../domain/errors.ts';
import { Refused } from '../domain/errors.ts';
import { json } from '../http/respond.ts';
import type { Ration } from '../hub/incoming-calls.ts';
import { retryOf } from './answers.ts';

/** Codes of Discord's own that the hub's refusals do not tell apart. */
const CODES = {
  unknownWebhook: [404, 10015, 'Unknown Webhook'],
  unknownChannel: [404, 10003, 'Unknown Channel'],
  unknownMessage: [404, 10008, 'Unknown Message'],
  empty: [400, 50006, 'Cannot send an empty message'],
  badForm: [400, 50035, 'Invalid Form Body'],
  badJson: [400, 50109, 'The request body contains invalid JSON.'],
  archived: [400, 50083, 'Thread is archived'],
  missingAccess: [403, 50001, 'Missing Access'],
  tooLarge: [413, 40005, 'Request entity too large'],
  busy: [503, 130000, 'API resource is currently overloaded. Try again a little later'],
  needsThread: [400, 220001, 'Webhooks posted to forum channels must have a thread_name or thread_id'],
  noThreads: [400, 220003, 'Webhooks can only create threads in forum channels'],
  twoThreads: [400, 220002, 'Webhooks posted to forum channels cannot have both a thread_name and thread_id'],
} as const;
export type DiscordError = keyof typeof CODES;

/** A refusal that becomes this error of Discord's. */
export const discordRefused = (what: DiscordError): Refused =>
  new Refused({ code: 'invalid', message: CODES[what][2], detail: what });

const answerOf = (what: DiscordError, more: object = {}, headers: Record<string, string> = {}): Response => {
  const [status, code, message] = CODES[what];
  return json({ message, code, ...more }, status, headers);
};

export function discordRefusal(refusal: Refusal): Response {
  switch (refusal.code) {
    case 'not_found':
      if (refusal.subject === 'hook') return answerOf('unknownWebhook');
      return answerOf(refusal.subject === 'message' ? 'unknownMessage' : 'unknownChannel');
    case 'unauthorized':
      return answerOf('unknownWebhook');
    case 'locked':
      return answerOf('archived');
    case 'too_large':
      return answerOf('tooLarge');
    case 'rate_limited': {
      const retry_after = Math.ceil(refusal.retryAfterMs) / 1000;
      const body = { message: 'You are being rate limited.', retry_after, global: false };
      return json(body, 429, retryOf(refusal));
    }
    case 'unavailable':
      return answerOf('busy', {}, retryOf(refusal));
    case 'invalid': {
      const known = refusal.detail as DiscordError | undefined;
      if (known !== undefined && known in CODES) return answerOf(known);
      return answerOf('badForm', { errors: errorsOf(refusal) });
    }
    default:
      return answerOf('missingAccess');
  }
}

/** `{"embeds": {"0": {"title": {"_errors": [{"code", "message"}]}}}}` */
function errorsOf(refusal: Refusal & { code: 'invalid' }): object {
  const fields = refusal.fields ?? [{ path: '', message: refusal.message }];
  const errors: Record<string, unknown> = Object.create(null);
  for (const { path, message } of fields) {
    let at: Record<string, unknown> = errors;
    for (const name of path === '' ? [] : path.split('.')) {
      at[name] ??= Object.create(null);
      at = at[name] as Record<string, unknown>;
    }
    at._errors = [...((at._errors as object[] | undefined) ?? []), { code: 'BASE_TYPE_BAD', message }];
  }
  return errors;
}

/** The answer with what is left of the hook's calls. */
export function rationed(response: Response, hook: number, ration: Ration): Response {
  const { headers } = response;
  headers.set('x-ratelimit-limit', String(ration.limit));
  headers.set('x-ratelimit-remaining', String(ration.remaining));
  headers.set('x-ratelimit-reset', ((Date.now() + ration.resetMs) / 1000).toFixed(3));
  headers.set('x-ratelimit-reset-after', (ration.resetMs / 1000).toFixed(3));
  headers.set('x-ratelimit-bucket', `hook-${hook}`);
  return response;
}
