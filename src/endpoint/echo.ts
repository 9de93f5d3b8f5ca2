// Whether an answer echoes what was asked (contracts/webhooks-bridges-widget.md W23).
import type { Attempt } from './api.ts';
import { succeeded } from './schedule.ts';

/** The word alone as text, or `{"challenge": word}` as JSON. */
export function echoOf(
  { status, reason, excerpt }: Pick<Attempt, 'status' | 'reason' | 'excerpt'>,
  word: string,
): { echoed: boolean; reason: string | null } {
  if (!succeeded(status))
    return { echoed: false, reason: status === null ? reason : `it answered ${status}` };
  const said = excerpt?.trim() ?? '';
  if (said === word || challengeIn(said) === word) return { echoed: true, reason: null };
  return { echoed: false, reason: 'it answered something else' };
}

function challengeIn(text: string): unknown {
  try {
    return (JSON.parse(text) as { challenge?: unknown } | null)?.challenge;
  } catch {
    return undefined;
  }
}
