// Conversations by the log times of their messages. How a message of one is found is the conversation's.
import type { ConversationNumber, LogTime, UserNumber } from '../domain/ids.ts';

/** A log time ends in its conversation's number (DESIGN.md 3), or a little above it where many messages came at once. */
const AHEAD = 100;

/**
 * A person's conversations that may have a message of this log time by its last three digits, the likeliest first. Reads a row
 * for each of their conversations, and one more for each that may.
 */
export async function conversationsOfTime(
  d1: D1Database,
  user: UserNumber,
  time: LogTime,
  limit: number,
): Promise<ConversationNumber[]> {
  const { results } = await d1
    .prepare(
      `SELECT m.conversation AS number FROM membership m CROSS JOIN conversation c ON c.number = m.conversation
       WHERE m.user = ?1 AND m.standing = 'active' AND (CAST(?2 AS INTEGER) + 1000 - m.conversation % 1000) % 1000 < ${AHEAD}
         AND c.deleted_at IS NULL AND c.last_at >= ?3
       ORDER BY (CAST(?2 AS INTEGER) + 1000 - m.conversation % 1000) % 1000 LIMIT ?4`,
    )
    // Numbers are bound as REAL, of which there is no remainder.
    .bind(user, time % 1000, Math.floor(time / 1000), limit)
    .all<{ number: ConversationNumber }>();
  return results.map(({ number }) => number);
}
