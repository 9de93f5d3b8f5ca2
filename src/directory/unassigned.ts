// Support conversations that are nobody's, which the whole team looks after.
import type { AppNumber, ConversationNumber, Seq } from '../domain/ids.ts';
import { byTime } from './by-time.ts';

/** The app's newest conversations that are looked through: bounds what is read, whatever the app holds. */
const LOOK = 200;

/** Those in which something happened since (ms since 1970), the newest first. */
export async function newestUnassigned(
  d1: D1Database,
  app: AppNumber,
  since: number,
  limit: number,
): Promise<{ number: ConversationNumber; lastSeq: Seq }[]> {
  const { results } = await d1
    .prepare(
      `SELECT number, last_seq AS lastSeq FROM (${byTime(
        'number, last_seq, last_at, kind, assignee, deleted_at',
        { where: 'last_at >= ?2', limit: LOOK },
      )})
       WHERE kind = 'support' AND assignee IS NULL AND deleted_at IS NULL LIMIT ?3`,
    )
    .bind(app, since, limit)
    .all<{ number: ConversationNumber; lastSeq: Seq }>();
  return results;
}
