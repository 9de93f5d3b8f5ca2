// Service groups in D1: made, changed, filled, found. What a group is for is the hub's to say (hub/groups.ts).
import type { AppNumber, UserNumber } from '../domain/ids.ts';

export interface GroupRow {
  number: number;
  app: AppNumber;
  name: string;
  description: string;
  icon: string | null;
  distributor: boolean;
  /** ms since 1970. */
  createdAt: number;
  updatedAt: number;
  /** In the order of their numbers. */
  members: UserNumber[];
}

interface Row {
  number: number;
  app: number;
  name: string;
  description: string;
  icon: string | null;
  distributor: number;
  created_at: number;
  updated_at: number;
  members: string;
}

/** Members who are people still, and of the team. */
const SELECT = `SELECT g.*, (SELECT json_group_array(w.user) FROM (SELECT m.user FROM service_group_member m
    CROSS JOIN user u ON u.number = m.user AND u.deleted_at IS NULL AND u.role IN ('agent', 'admin', 'owner')
    WHERE m.group_number = g.number ORDER BY m.user) w) AS members
  FROM service_group g`;

const groupOf = (row: Row): GroupRow => ({
  number: row.number,
  app: row.app as AppNumber,
  name: row.name,
  description: row.description,
  icon: row.icon,
  distributor: row.distributor !== 0,
  createdAt: row.created_at,
  updatedAt: row.updated_at,
  members: JSON.parse(row.members) as UserNumber[],
});

/** All groups of an app, the oldest first. */
export async function groupsOf(d1: D1Database, app: AppNumber): Promise<GroupRow[]> {
  const { results } = await d1
    .prepare(`${SELECT} WHERE g.app = ?1 AND g.deleted_at IS NULL ORDER BY g.number`)
    .bind(app)
    .all<Row>();
  return results.map(groupOf);
}

/** Null: none of this app, or gone. */
export async function findGroup(d1: D1Database, app: AppNumber, number: number): Promise<GroupRow | null> {
  const row = await d1
    .prepare(`${SELECT} WHERE g.number = ?2 AND g.app = ?1 AND g.deleted_at IS NULL`)
    .bind(app, number)
    .first<Row>();
  return row ? groupOf(row) : null;
}

export interface GroupCard {
  name: string;
  description: string;
  icon: string | null;
  distributor: boolean;
}

/** Only one group of an app is the one for visitors who ask for none. */
const others = (d1: D1Database, app: AppNumber, now: number) =>
  d1
    .prepare(
      'UPDATE service_group SET distributor = 0, updated_at = ?2 WHERE app = ?1 AND deleted_at IS NULL AND distributor = 1',
    )
    .bind(app, now);

/** Null: there are `most` already. */
export async function insertGroup(
  d1: D1Database,
  app: AppNumber,
  { name, description, icon, distributor }: GroupCard,
  now: number,
  most: number,
): Promise<number | null> {
  const insert = d1
    .prepare(
      `INSERT INTO service_group (app, name, description, icon, distributor, created_at, updated_at)
       SELECT ?1, ?2, ?3, ?4, ?5, ?6, ?6
       WHERE ?7 > (SELECT count(*) FROM service_group WHERE app = ?1 AND deleted_at IS NULL) RETURNING number`,
    )
    .bind(app, name, description, icon, Number(distributor), now, most);
  const results = await d1.batch<{ number: number }>(distributor ? [others(d1, app, now), insert] : [insert]);
  return results.at(-1)?.results[0]?.number ?? null;
}

/** What is left out stays. False: there is no such group. */
export async function updateGroup(
  d1: D1Database,
  app: AppNumber,
  number: number,
  change: Partial<GroupCard>,
  now: number,
): Promise<boolean> {
  const { name = null, description = null, icon = null, distributor } = change;
  const update = d1
    .prepare(
      `UPDATE service_group SET name = coalesce(?3, name), description = coalesce(?4, description),
         icon = coalesce(?5, icon), distributor = coalesce(?6, distributor), updated_at = ?7
       WHERE number = ?2 AND app = ?1 AND deleted_at IS NULL`,
    )
    .bind(app, number, name, description, icon, distributor === undefined ? null : Number(distributor), now);
  const isThere = (await findGroup(d1, app, number)) !== null;
  if (!isThere) return false;
  await d1.batch(distributor ? [others(d1, app, now), update] : [update]);
  return true;
}

/** Its people are in no group then. False: there was none. */
export async function deleteGroup(
  d1: D1Database,
  app: AppNumber,
  number: number,
  now: number,
): Promise<boolean> {
  const [ended] = await d1.batch([
    d1
      .prepare(
        `UPDATE service_group SET deleted_at = ?3, distributor = 0
         WHERE number = ?2 AND app = ?1 AND deleted_at IS NULL`,
      )
      .bind(app, number, now),
    d1
      .prepare(
        `DELETE FROM service_group_member WHERE group_number = ?1
           AND EXISTS (SELECT 1 FROM service_group WHERE number = ?1 AND app = ?2)`,
      )
      .bind(number, app),
  ]);
  return (ended?.meta.changes ?? 0) > 0;
}

/** Whoever was in another group is in this one then. */
export async function addToGroup(
  d1: D1Database,
  number: number,
  users: readonly UserNumber[],
): Promise<void> {
  await d1
    .prepare(
      `INSERT INTO service_group_member (user, group_number) SELECT CAST(value AS INTEGER), ?1 FROM json_each(?2) WHERE true
       ON CONFLICT (user) DO UPDATE SET group_number = excluded.group_number`,
    )
    .bind(number, JSON.stringify(users))
    .run();
}

/** Who is not in it stays where they are. */
export async function takeFromGroup(
  d1: D1Database,
  number: number,
  users: readonly UserNumber[],
): Promise<void> {
  await d1
    .prepare(
      `DELETE FROM service_group_member
       WHERE group_number = ?1 AND user IN (SELECT value FROM json_each(?2))`,
    )
    .bind(number, JSON.stringify(users))
    .run();
}
