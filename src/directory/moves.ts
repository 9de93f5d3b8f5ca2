// What happened in a person's conversations since a time, beside new messages: how far others have read and received, and
// what was deleted. Read in questions that clients ask again and again, so all of it is bounded.
import {
  type AppNumber,
  BLOCK_SIZE,
  type ConversationNumber,
  type Seq,
  type UserNumber,
} from '../domain/ids.ts';

/** Conversations that are looked at, the newest ones, and people of one whose marks are told. */
const ROOMS = 50;
const PEOPLE = 100;
const MOVES = 500;
/** Newest entries of each of so many conversations that are looked through for deletions. */
const DELETION_ROOMS = 20;
const DELETION_LOOK = 20;

const NEWEST = `SELECT c.number, c.last_seq, c.blocks, c.recent, c.last_log_time FROM membership m CROSS JOIN conversation c ON c.number = m.conversation
  WHERE m.user = ?1 AND m.standing = 'active' AND c.app = ?2 AND c.member_count <= ${PEOPLE}
  ORDER BY c.last_at DESC`;

/** Somebody's marks in a conversation, and when they last moved (ms since 1970; 0: never). */
export interface Move {
  conversation: ConversationNumber;
  user: UserNumber;
  readAt: number;
  deliveredAt: number;
  /** The person who asks cleared the conversation when they last read it. */
  cleared: boolean;
}

/** Marks of others that moved after `since` (ms), by what they read or said, and one's own that did by clearing a conversation. */
export async function movesSince(
  d1: D1Database,
  app: AppNumber,
  user: UserNumber,
  since: number,
): Promise<Move[]> {
  const { results } = await d1
    .prepare(
      `WITH newest AS MATERIALIZED (${NEWEST} LIMIT ${ROOMS})
       SELECT o.conversation, o.user, o.read_at AS readAt, o.delivered_at AS deliveredAt,
         (o.user = ?1 AND o.cleared_seq > 0 AND o.cleared_seq = o.read_seq) AS cleared
       FROM newest c CROSS JOIN membership o ON o.conversation = c.number
       WHERE (o.read_at > ?3 OR o.delivered_at > ?3)
         AND (o.user <> ?1 OR (o.cleared_seq > 0 AND o.cleared_seq = o.read_seq))
       UNION ALL
       SELECT c.number, CAST(r.key AS INTEGER), e.at / 1000, e.at / 1000, 0
       FROM newest c CROSS JOIN json_each(c.recent) r CROSS JOIN entry e ON e.id = ${idOf("(r.value ->> '$[0]')")}
       WHERE c.last_log_time / 1000 > ?3 AND e.at / 1000 > ?3 AND CAST(r.key AS INTEGER) <> ?1
       LIMIT ${MOVES}`,
    )
    .bind(user, app, since)
    .all<Omit<Move, 'cleared'> & { cleared: number }>();
  const moves = new Map<string, Move>();
  for (const { cleared, ...move } of results) {
    const name = `${move.conversation} ${move.user}`;
    const { readAt = 0, deliveredAt = 0, cleared: known = false } = moves.get(name) ?? {};
    moves.set(name, {
      ...move,
      readAt: Math.max(move.readAt, readAt),
      deliveredAt: Math.max(move.deliveredAt, deliveredAt),
      cleared: cleared !== 0 || known,
    });
  }
  return [...moves.values()];
}

/** The number of an entry of `c` by its seq, as an expression. */
const idOf = (seq: string): string =>
  `coalesce(c.blocks ->> ('$[' || (${seq} / ${BLOCK_SIZE}) || ']'), c.number) * ${BLOCK_SIZE} + ${seq} % ${BLOCK_SIZE}`;

export interface Deletion {
  conversation: ConversationNumber;
  author: UserNumber | null;
  /** Log time, µs. */
  at: number;
  target: Seq;
  /** Everything up to the target went. */
  through: boolean;
}

/** Deletions after `since` (µs), as far as they are among the newest entries. */
export async function deletionsSince(
  d1: D1Database,
  app: AppNumber,
  user: UserNumber,
  since: number,
): Promise<Deletion[]> {
  const { results } = await d1
    .prepare(
      `SELECT c.number AS conversation, e.author, e.at, e.extra ->> '$.target' AS target, e.extra ->> '$.through' AS through
       FROM (${NEWEST} LIMIT ${DELETION_ROOMS}) c
       CROSS JOIN entry e ON e.id BETWEEN
         coalesce((c.blocks ->> '$[#-1]'), c.number) * ${BLOCK_SIZE} + max(0, c.last_seq % ${BLOCK_SIZE} - ${DELETION_LOOK})
         AND coalesce((c.blocks ->> '$[#-1]'), c.number) * ${BLOCK_SIZE} + ${BLOCK_SIZE - 1}
       WHERE e.kind = 2 AND e.at > ?3 LIMIT ${MOVES}`,
    )
    .bind(user, app, since)
    .all<Omit<Deletion, 'through'> & { through: number | null }>();
  return results.map((row) => ({ ...row, through: row.through !== null && row.through !== 0 }));
}

/** A person's conversations that something was said in after a log time (µs), a thousand of them at most. */
export async function spokenSince(
  d1: D1Database,
  app: AppNumber,
  user: UserNumber,
  since: number,
): Promise<ConversationNumber[]> {
  const { results } = await d1
    .prepare(
      `SELECT c.number FROM membership m CROSS JOIN conversation c ON c.number = m.conversation
       WHERE m.user = ?1 AND m.standing = 'active' AND c.app = ?2 AND c.message_count > 0
         AND max(c.last_log_time, c.last_at * 1000 + 999) > ?3 LIMIT 1000`,
    )
    .bind(user, app, since)
    .all<{ number: ConversationNumber }>();
  return results.map(({ number }) => number);
}
