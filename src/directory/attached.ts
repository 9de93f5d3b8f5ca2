// Messages that carry files, from the archive.
import { BLOCK_SIZE, type ConversationNumber, type MessageNumber } from '../domain/ids.ts';

/** Entries of one conversation that are looked through, the newest ones. */
const LOOK = 2_000;

/** The newest messages of a conversation with a file in them, newest first. Reads {@link LOOK} rows at most. */
export async function messagesWithFiles(
  d1: D1Database,
  conversation: ConversationNumber,
  limit: number,
): Promise<MessageNumber[]> {
  const { results } = await d1
    .prepare(
      `SELECT id FROM
         (SELECT e.id, e.kind, e.extra FROM json_each((SELECT blocks FROM conversation WHERE number = ?1)) b
          CROSS JOIN entry e ON e.id BETWEEN b.value * ${BLOCK_SIZE} AND b.value * ${BLOCK_SIZE} + ${BLOCK_SIZE - 1}
          ORDER BY b.key DESC, e.id DESC LIMIT ${LOOK})
       WHERE kind = 0 AND instr(extra, '"attachments":[{') > 0 LIMIT ?2`,
    )
    .bind(conversation, limit)
    .all<{ id: MessageNumber }>();
  return results.map(({ id }) => id);
}
