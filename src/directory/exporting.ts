// Everybody and every conversation of an app, page after page, for exports. Each page reads a bounded number of rows,
// whatever of it is wanted.
import type { AppNumber, ConversationNumber, UserNumber } from '../domain/ids.ts';
import { type ListedConversation, listed, type Row } from './conversations.ts';

export interface PersonListed {
  externalId: string;
  name: string;
  avatar: string | null;
  role: string;
  /** ms since 1970. */
  createdAt: number;
}

/** People behind this external id, in the order of those. Reads two rows for each. */
export async function peopleAfter(
  d1: D1Database,
  app: AppNumber,
  after: string,
  limit: number,
): Promise<PersonListed[]> {
  const { results } = await d1
    .prepare(
      `SELECT external_id AS externalId, name, avatar, role, created_at AS createdAt FROM user INDEXED BY user_external
       WHERE app = ?1 AND external_id > ?2 AND deleted_at IS NULL ORDER BY external_id LIMIT ?3`,
    )
    .bind(app, after, limit)
    .all<PersonListed>();
  return results;
}

/** Living conversations behind this number, rising, that the directory has heard of. Reads two rows for each. */
export async function conversationsAfter(
  d1: D1Database,
  app: AppNumber,
  after: number,
  limit: number,
): Promise<ListedConversation[]> {
  const { results } = await d1
    .prepare(
      `SELECT * FROM conversation INDEXED BY conversation_living
       WHERE app = ?1 AND number > ?2 AND deleted_at IS NULL AND last_seq > 0 ORDER BY number LIMIT ?3`,
    )
    .bind(app, after, limit)
    .all<Row>();
  return results.map(listed);
}

/** Who is in these conversations, by the time that they came in: external ids, and those of their creators. */
export async function peopleIn(
  d1: D1Database,
  conversations: readonly ConversationNumber[],
): Promise<Map<ConversationNumber, { user: UserNumber; externalId: string; name: string }[]>> {
  const { results } = await d1
    .prepare(
      `SELECT m.conversation, u.number AS user, u.external_id AS externalId, u.name
       FROM json_each(?1) j CROSS JOIN membership m ON m.conversation = j.value CROSS JOIN user u ON u.number = m.user
       WHERE m.standing = 'active' AND u.deleted_at IS NULL ORDER BY m.conversation, m.joined_at, m.user`,
    )
    .bind(JSON.stringify(conversations))
    .all<{ conversation: ConversationNumber; user: UserNumber; externalId: string; name: string }>();
  const found = new Map<ConversationNumber, { user: UserNumber; externalId: string; name: string }[]>();
  for (const { conversation, ...person } of results)
    found.set(conversation, [...(found.get(conversation) ?? []), person]);
  return found;
}

/** External ids of these people, those who are there. */
export async function externalIdsOf(
  d1: D1Database,
  app: AppNumber,
  users: readonly UserNumber[],
): Promise<Map<UserNumber, string>> {
  const { results } = await d1
    .prepare(
      `SELECT u.number, u.external_id AS externalId FROM json_each(?1) j CROSS JOIN user u ON u.number = j.value
       WHERE u.app = ?2 AND u.deleted_at IS NULL`,
    )
    .bind(JSON.stringify(users), app)
    .all<{ number: UserNumber; externalId: string }>();
  return new Map(results.map(({ number, externalId }) => [number, externalId]));
}

/** How much there is of it, for telling how far an export is. */
export async function countFor(
  d1: D1Database,
  app: AppNumber,
  what: 'people' | 'conversations' | 'messages',
): Promise<number> {
  const living = 'FROM conversation INDEXED BY conversation_living WHERE app = ?1 AND deleted_at IS NULL';
  const statement = {
    people:
      'SELECT count(*) AS n FROM user INDEXED BY user_external WHERE app = ?1 AND external_id IS NOT NULL',
    conversations: `SELECT count(*) AS n ${living}`,
    messages: `SELECT total(message_count) AS n ${living}`,
  }[what];
  return (await d1.prepare(statement).bind(app).first<number>('n')) ?? 0;
}
