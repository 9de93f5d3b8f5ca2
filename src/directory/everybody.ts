// Everybody of an app, for reports of its own server: page by page, and who has something unread. People by their names are
// people.ts.
import type { AppNumber, UserNumber } from '../domain/ids.ts';
import { byTime } from './by-time.ts';
import { LIGHT, type Position, SHOWN, unreadOf } from './lists.ts';

/** Voices and people of other networks are nobody's users. */
const PEOPLE = "role NOT IN ('system', 'business', 'ghost')";

export interface EverybodyWindow {
  by: 'number' | 'name';
  descending: boolean;
  start: number;
  count: number;
  withDeactivated: boolean;
}

/** A page of the app's people by number, and how many there are. Reads all of them: for reports, not for pages that people see. */
export async function listEverybody(
  d1: D1Database,
  app: AppNumber,
  { by, descending, start, count, withDeactivated }: EverybodyWindow,
): Promise<{ total: number; numbers: UserNumber[] }> {
  const which = `app = ?1 AND deleted_at IS NULL AND ${PEOPLE}${withDeactivated ? '' : ' AND deactivated_at IS NULL'}`;
  const way = descending ? 'DESC' : 'ASC';
  const order = by === 'name' ? `name_key ${way}, number ${way}` : `number ${way}`;
  const [total, page] = await d1.batch<{ n: number }>([
    d1.prepare(`SELECT count(*) AS n FROM user WHERE ${which}`).bind(app),
    d1
      .prepare(`SELECT number AS n FROM user WHERE ${which} ORDER BY ${order} LIMIT ?2 OFFSET ?3`)
      .bind(app, count, start),
  ]);
  return { total: total?.results[0]?.n ?? 0, numbers: page?.results.map(({ n }) => n as UserNumber) ?? [] };
}

/** When conversations were last spoken in; ms since 1970, from the one up to before the other. */
export interface Spoken {
  from: number;
  to: number;
}

/** Unread messages of one person, in those of their conversations. */
export async function unreadOfPerson(
  d1: D1Database,
  user: UserNumber,
  { from, to }: Spoken,
): Promise<number> {
  const { results } = await d1
    .prepare(
      `SELECT ${LIGHT} FROM membership m CROSS JOIN conversation c ON c.number = m.conversation
       WHERE m.user = ?1 AND ${SHOWN} AND c.last_at >= ?2 AND c.last_at < ?3`,
    )
    .bind(user, from, to)
    .all<Position>();
  return results.reduce((sum, position) => sum + unreadOf(user, position), 0);
}

/** Members that one walk looks at, in the conversations that were spoken in last. */
const LOOK = 20_000;

/** Who has something unread in conversations of the app, whose conversation was spoken in last first. */
export async function peopleWithUnread(
  d1: D1Database,
  app: AppNumber,
  { from, to }: Spoken,
): Promise<UserNumber[]> {
  const { results } = await d1
    .prepare(
      `SELECT m.user, ${LIGHT} FROM
         (${byTime('*', { where: 'last_at >= ?2 AND last_at < ?3 AND deleted_at IS NULL', limit: -1 })}) c
       CROSS JOIN membership m INDEXED BY membership_conversation ON m.conversation = c.number
       CROSS JOIN user u ON u.number = m.user AND u.deleted_at IS NULL AND u.${PEOPLE}
       WHERE ${SHOWN} ORDER BY c.last_at DESC LIMIT ${LOOK}`,
    )
    .bind(app, from, to)
    .all<Position & { user: UserNumber }>();
  return [...new Set(results.filter((row) => unreadOf(row.user, row) > 0).map(({ user }) => user))];
}
