// An app's conversations by the time of their last message, as their index has them: in two halves, those of customers that
// wait for anybody of the team, and all others. A message costs one row of the index, whichever half it is in.
import { UNCLAIMED } from './schema/conversations.ts';

const half = (which: 0 | 1, columns: string, where: string): string =>
  `SELECT ${columns} FROM conversation INDEXED BY conversation_app WHERE app = ?1 AND ${UNCLAIMED} = ${which}${
    where === '' ? '' : ` AND ${where}`
  }`;

/**
 * A statement for those of the app (?1): both halves, of which SQLite takes whichever comes next, so that it reads a row or
 * two for each one that is asked for. `order`: by last_at first, and of `columns`.
 */
export const byTime = (
  columns: string,
  { where = '', order = 'last_at DESC', limit }: { where?: string; order?: string; limit: string | number },
): string =>
  `${half(0, columns, where)} UNION ALL ${half(1, columns, where)} ORDER BY ${order} LIMIT ${limit}`;

/** Those of half 1 alone, the newest message first. */
export const unclaimedByTime = (columns: string, limit: string | number): string =>
  `${half(1, columns, '')} ORDER BY last_at DESC, number DESC LIMIT ${limit}`;
