// How many messages a person may send: an app's `postsPerMinute` at once, and so many each minute after. Counted in the
// memory of the isolate that the call came to, whichever door it came through: no row, no call, nothing to wait for.
// Exact on one machine, where one isolate does everything; on Cloudflare each isolate counts for itself (docs/settings.md).
import { Refused } from '../domain/errors.ts';
import type { UserNumber } from '../domain/ids.ts';
import { type Role, SERVICE_ROLES } from '../domain/model.ts';
import type { App, Hub } from './context.ts';

const MINUTE_MS = 60_000;

/**
 * Takes `posts` messages out of what this person may send. Rate limited, with nothing taken, when there is not so much
 * left. An app that set no limit, and LIMITS=off, let everything through.
 */
export function ration(hub: Hub, app: App, user: UserNumber, posts = 1): void {
  const { postsPerMinute } = app.settings;
  if (postsPerMinute === 0 || hub.settings.limits === 'off') return;
  const now = Date.now();
  const { posted } = hub.isolate;
  const costMs = (posts * MINUTE_MS) / postsPerMinute;
  const retryAfterMs = posted.wait(user, costMs, MINUTE_MS, now);
  if (retryAfterMs > 0) {
    const seconds = Math.ceil(retryAfterMs / 1000);
    throw new Refused({
      code: 'rate_limited',
      message: `You are sending too many messages. Please try again in ${seconds} second${seconds === 1 ? '' : 's'}.`,
      retryAfterMs,
    });
  }
  posted.take(user, Math.min(costMs, MINUTE_MS), now);
}

/** Whether an app credential that speaks for this role is counted: the business writes to everybody, and bridges carry whole rooms. */
export const isRationed = (role: Role): boolean => !SERVICE_ROLES.has(role) && role !== 'ghost';
