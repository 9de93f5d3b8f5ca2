// Who is in a conversation with whom, and who has written there.
import { BLOCK_SIZE, type UserNumber } from '../domain/ids.ts';

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

/** Conversations and entries of each, the newest, that an author is looked for in. */
const HEARD_IN = 10;
const HEARD_OF = 200;

/**
 * Whether `author`, who need be no member, is among the latest voices of the reader's conversations, as far as the archive has
 * them. Reads at most 200 rows in each of ten conversations.
 */
export async function wroteTo(d1: D1Database, author: UserNumber, reader: UserNumber): Promise<boolean> {
  const found = await d1
    .prepare(
      `SELECT 1 AS wrote FROM (
         SELECT json_extract(c.blocks, '$[#-1]') * ${BLOCK_SIZE} + c.last_seq % ${BLOCK_SIZE} AS last
         FROM membership m CROSS JOIN conversation c ON c.number = m.conversation
         WHERE m.user = ?1 AND m.standing = 'active' ORDER BY m.conversation DESC LIMIT ${HEARD_IN}
       ) CROSS JOIN entry e ON e.id > last - ${HEARD_OF} AND e.id <= last WHERE e.author = ?2 LIMIT 1`,
    )
    .bind(reader, author)
    .first<{ wrote: number }>();
  return found !== null;
}
