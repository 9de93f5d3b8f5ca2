// Who is in a conversation with whom.
import type { UserNumber } from '../domain/ids.ts';

/** Conversations of either that are looked through: one of the two is rarely in more. */
const LOOK = 2_000;

/** Whether both are members of one conversation now. Reads two rows for each conversation of whoever is in fewer. */
export async function shareConversation(d1: D1Database, a: UserNumber, b: UserNumber): Promise<boolean> {
  const { results } = await d1
    .prepare('SELECT number FROM user WHERE number IN (?1, ?2) ORDER BY conversations LIMIT 2')
    .bind(a, b)
    .all<{ number: UserNumber }>();
  const [fewer = a, more = b] = results.map(({ number }) => number);
  const found = await d1
    .prepare(
      `SELECT 1 AS shared FROM (SELECT conversation FROM membership WHERE user = ?1 AND standing = 'active' LIMIT ${LOOK}) m
       CROSS JOIN membership o ON o.user = ?2 AND o.conversation = m.conversation AND o.standing = 'active' LIMIT 1`,
    )
    .bind(fewer, more)
    .first<{ shared: number }>();
  return found !== null;
}
