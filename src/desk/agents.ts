// Who of the team takes visitors, and whose turn it is. Whether they are there is devices.ts.
import type { RoutePolicy, ServiceGroup } from '../domain/desk.ts';
import type { UserNumber } from '../domain/ids.ts';

interface AgentRow extends Record<string, SqlStorageValue> {
  user: number;
  groups: string;
}

const ONLINE = 'EXISTS (SELECT 1 FROM device d WHERE d.user = a.user AND d.service = 1 AND d.online = 1)';

export class Agents {
  private readonly sql: SqlStorage;

  constructor(sql: SqlStorage) {
    this.sql = sql;
  }

  /** Takes visitors of these groups from now on; null: of none any more. */
  set(user: UserNumber, groups: readonly number[] | null, now: number): void {
    this.sql.exec(
      `INSERT INTO agent (user, ready_at, groups) VALUES (?1, ?2, ?3)
       ON CONFLICT (user) DO UPDATE SET ready_at = ?2, groups = ?3`,
      user,
      groups === null ? null : now,
      JSON.stringify(groups ?? []),
    );
  }

  isReady(user: UserNumber): boolean {
    return (
      this.sql.exec(`SELECT 1 FROM agent WHERE user = ? AND ready_at IS NOT NULL`, user).toArray().length > 0
    );
  }

  /** Those who are ready are of this group if it says so, and of no other one that it does not. */
  regroup({ number, members }: ServiceGroup): void {
    const wanted = new Set<number>(members);
    const ready = this.sql
      .exec<AgentRow>('SELECT user, groups FROM agent WHERE ready_at IS NOT NULL')
      .toArray();
    for (const { user, groups } of ready) {
      const known = JSON.parse(groups) as number[];
      if (known.includes(number) === wanted.has(user)) continue;
      const now = wanted.has(user) ? [...known, number] : known.filter((each) => each !== number);
      this.sql.exec('UPDATE agent SET groups = ? WHERE user = ?', JSON.stringify(now), user);
    }
  }

  /** Whose turn it is; `present`: who is online without a device that says so. Of those whom the policy lets have the visitor, the one who was given the last one longest ago. */
  next(policy: RoutePolicy, group: number, present: readonly UserNumber[]): UserNumber | null {
    return (policy === 'SMART' ? this.online(present) : null) ?? (group === 0 ? null : this.readyOf(group));
  }

  took(user: UserNumber, turn: number): void {
    this.sql.exec(
      `INSERT INTO agent (user, turn) VALUES (?1, ?2) ON CONFLICT (user) DO UPDATE SET turn = ?2`,
      user,
      turn,
    );
  }

  forget(user: UserNumber): void {
    this.sql.exec('DELETE FROM agent WHERE user = ?', user);
  }

  private online(present: readonly UserNumber[]): UserNumber | null {
    const row = this.sql
      .exec<{ user: number }>(
        `SELECT p.user FROM
           (SELECT user FROM device WHERE service = 1 AND online = 1 UNION SELECT value FROM json_each(?)) p
         LEFT JOIN agent a ON a.user = p.user ORDER BY coalesce(a.turn, 0), p.user LIMIT 1`,
        JSON.stringify(present),
      )
      .toArray()[0];
    return (row?.user as UserNumber | undefined) ?? null;
  }

  private readyOf(group: number): UserNumber | null {
    const row = this.sql
      .exec<{ user: number }>(
        `SELECT a.user FROM agent a WHERE a.ready_at IS NOT NULL AND ${ONLINE}
           AND EXISTS (SELECT 1 FROM json_each(a.groups) WHERE value = ?)
         ORDER BY a.turn, a.user LIMIT 1`,
        group,
      )
      .toArray()[0];
    return (row?.user as UserNumber | undefined) ?? null;
  }
}
