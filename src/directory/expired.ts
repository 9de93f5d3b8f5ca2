// Conversations that an app keeps no longer: found by the time of their last message.
import type { AppNumber, ConversationNumber } from '../domain/ids.ts';
import { byTime } from './by-time.ts';

/** Apps that keep conversations for a time only, and for how many seconds. */
export async function appsThatForget(d1: D1Database): Promise<{ number: AppNumber; seconds: number }[]> {
  const { results } = await d1
    .prepare(
      `SELECT number, settings ->> '$.retentionSeconds' AS seconds FROM app
       WHERE deleted_at IS NULL AND settings ->> '$.retentionSeconds' > 0 ORDER BY number`,
    )
    .all<{ number: AppNumber; seconds: number }>();
  return results;
}

/** Where a walk over them goes on. */
export interface Expired {
  number: ConversationNumber;
  /** ms since 1970. */
  lastAt: number;
}

/**
 * Living conversations of the app without a message since `before` (ms since 1970), the oldest first, behind `after`.
 * Reads about a row for each: deleted ones lie below all of them.
 */
export async function findExpired(
  d1: D1Database,
  app: AppNumber,
  before: number,
  after: Expired | null,
  limit: number,
): Promise<Expired[]> {
  const { results } = await d1
    .prepare(
      `SELECT number, last_at AS lastAt FROM (${byTime('number, last_at', {
        where: 'last_at < ?2 AND (last_at, number) > (?3, ?4) AND deleted_at IS NULL',
        order: 'last_at, number',
        limit: '?5',
      })})`,
    )
    // From 1 on: the index is entered by the time alone.
    .bind(app, before, after?.lastAt ?? 1, after?.number ?? 0, limit)
    .all<Expired>();
  return results;
}
