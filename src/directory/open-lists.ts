// Conversations in which somebody has spoken and that a member has not put away: numbers in order, for lists that ask the
// conversations themselves for the rest.
import type { AppNumber, ConversationNumber, UserNumber } from '../domain/ids.ts';
import { byTime } from './by-time.ts';
import { SHOWN, walked } from './lists.ts';

/** Up to here all of a person's conversations are joined; beyond it the app's newest are walked (lists.ts). */
const JOIN_LIMIT = 500;
/** Of a heavy user as many are listed at first; of the app's newest as many are looked at for the team's. */
const HEAVY_MOST = 500;
const TEAM_LOOK = 1_000;

export interface OpenConversation {
  number: ConversationNumber;
  /** ms of its last message. */
  lastAt: number;
}

const order = (a: OpenConversation, b: OpenConversation): number =>
  b.lastAt - a.lastAt || b.number - a.number;

/** Somebody's open conversations, newest message first, without a gap from the newest one on. */
export interface OpenList {
  rows: OpenConversation[];
  /** False: there are older ones, and `total` counts also those that they have put away. */
  whole: boolean;
  total: number;
}

/**
 * A person's: all of them up to {@link JOIN_LIMIT} memberships, or where `all` says so; else the newest. `watches`: also the
 * app's support conversations that nobody is assigned to and that they neither left nor put away.
 */
export async function openOf(
  d1: D1Database,
  app: AppNumber,
  user: UserNumber,
  { watches, all }: { watches: boolean; all: boolean },
): Promise<OpenList> {
  const [own, team] = await Promise.all([
    ownOf(d1, app, user, all),
    watches ? unassigned(d1, app, user) : [],
  ]);
  const { whole, since } = own;
  const rows = [...own.rows, ...team].filter(({ lastAt }) => lastAt > since).sort(order);
  return { rows, whole, total: whole ? rows.length : own.total + team.length };
}

/** `since`: of what is as old, or older, not all are known. */
async function ownOf(
  d1: D1Database,
  app: AppNumber,
  user: UserNumber,
  all: boolean,
): Promise<OpenList & { since: number }> {
  const held = await d1
    .prepare('SELECT conversations FROM user WHERE number = ?1')
    .bind(user)
    .first<{ conversations: number }>();
  const total = held?.conversations ?? 0;
  if (total > JOIN_LIMIT && !all) {
    const found = await walked(d1, app, user, HEAVY_MOST, total);
    const since = found.at(-1)?.last_at ?? 0;
    // Of those of one moment all or none: which of them come first is said by their numbers.
    const newest = found.filter((row) => row.last_at > since);
    if (found.length === HEAVY_MOST && newest.length > 0) {
      const rows = newest.flatMap((row) => (row.message_count > 0 ? [openOfRow(row)] : []));
      return { rows, whole: false, total, since };
    }
  }
  const { results } = await d1
    .prepare(
      `SELECT c.number, c.last_at FROM membership m CROSS JOIN conversation c ON c.number = m.conversation
       WHERE m.user = ?1 AND ${SHOWN} AND c.message_count > 0 AND c.deleted_at IS NULL`,
    )
    .bind(user)
    .all<{ number: number; last_at: number }>();
  const rows = results.map(openOfRow);
  return { rows, whole: true, total: rows.length, since: -1 };
}

const openOfRow = ({ number, last_at }: { number: number; last_at: number }): OpenConversation => ({
  number: number as ConversationNumber,
  lastAt: last_at,
});

async function unassigned(d1: D1Database, app: AppNumber, user: UserNumber): Promise<OpenConversation[]> {
  const { results } = await d1
    .prepare(
      `SELECT c.number, c.last_at FROM (${byTime('*', { limit: TEAM_LOOK })}) c
       LEFT JOIN membership m ON m.user = ?2 AND m.conversation = c.number
       WHERE c.kind = 'support' AND c.assignee IS NULL AND c.message_count > 0 AND c.deleted_at IS NULL
         AND (m.standing IS NULL OR (m.standing = 'outside' AND (m.hidden_seq = 0 OR c.last_message_seq > m.hidden_seq)))`,
    )
    .bind(app, user)
    .all<{ number: number; last_at: number }>();
  return results.map(openOfRow);
}

/**
 * An app's, newest message first, at most `limit`: those that one member at least has not put away. `supportOnly`: no
 * conversations among people.
 */
export async function openOfApp(
  d1: D1Database,
  app: AppNumber,
  { supportOnly, limit }: { supportOnly: boolean; limit: number },
): Promise<OpenConversation[]> {
  const { results } = await d1
    .prepare(
      `SELECT c.number, c.last_at FROM (${byTime('*', { limit: TEAM_LOOK })}) c
       WHERE c.message_count > 0 AND c.deleted_at IS NULL AND (?2 = 0 OR c.kind = 'support')
         AND EXISTS (SELECT 1 FROM membership m INDEXED BY membership_conversation
           WHERE m.conversation = c.number AND ${SHOWN})
       ORDER BY c.last_at DESC, c.number DESC LIMIT ?3`,
    )
    .bind(app, Number(supportOnly), limit)
    .all<{ number: number; last_at: number }>();
  return results.map(openOfRow);
}

export interface HeldConversation {
  number: ConversationNumber;
  kind: string;
  assignee: UserNumber | null;
  group: number | null;
  /** Made at this door. */
  door: string;
  memberCount: number;
}

/** Conversations that a person is in and that are of this kind, the newest first; closed and unspoken ones too. */
export async function heldOf(
  d1: D1Database,
  user: UserNumber,
  kind: 'support' | 'group',
  limit: number,
): Promise<HeldConversation[]> {
  const { results } = await d1
    .prepare(
      `SELECT c.number, c.kind, c.assignee, c.group_number, c.door, c.member_count
       FROM membership m CROSS JOIN conversation c ON c.number = m.conversation
       WHERE m.user = ?1 AND m.standing = 'active' AND c.kind = ?2 AND c.deleted_at IS NULL
       ORDER BY c.last_at DESC, c.number DESC LIMIT ?3`,
    )
    .bind(user, kind, limit)
    .all<{
      number: number;
      kind: string;
      assignee: number | null;
      group_number: number | null;
      door: string;
      member_count: number;
    }>();
  return results.map((row) => ({
    number: row.number as ConversationNumber,
    kind: row.kind,
    assignee: row.assignee as UserNumber | null,
    group: row.group_number,
    door: row.door,
    memberCount: row.member_count,
  }));
}
