// Switchboards and their lines in D1. That an app has one, and how many lines a switchboard may have, is decided in the
// statements themselves.
import type { AppNumber, IntegrationNumber, LineNumber, SwitchboardNumber } from '../domain/ids.ts';

/** An integration's place in a switchboard. */
export interface Line {
  line: LineNumber;
  integration: IntegrationNumber;
  /** The integration's. */
  type: string;
  name: string;
  /** Told also of what happens while another line has control. */
  standby: boolean;
  /** The line that control goes to from here. */
  next: LineNumber | null;
  /** Earlier messages that it is shown when it is given control; null: none. */
  history: number | null;
}

export interface Switchboard {
  number: SwitchboardNumber;
  enabled: boolean;
  /** Where new conversations begin. Never null while it is enabled. */
  defaultLine: LineNumber | null;
  /** Oldest first. */
  lines: Line[];
}

interface SwitchboardRow {
  number: number;
  enabled: number;
  default_line: number | null;
}

interface LineRow {
  number: number;
  integration: number;
  type: string;
  name: string;
  standby: number;
  next: number | null;
  history: number | null;
}

const lineOf = (row: LineRow): Line => ({
  line: row.number as LineNumber,
  integration: row.integration as IntegrationNumber,
  type: row.type,
  name: row.name,
  standby: row.standby !== 0,
  next: row.next as LineNumber | null,
  history: row.history,
});

/** The app's living switchboard with its lines; null: it has none. */
export async function findSwitchboard(d1: D1Database, app: AppNumber): Promise<Switchboard | null> {
  const [boards, lines] = await d1.batch([
    d1.prepare('SELECT * FROM switchboard WHERE app = ?1 AND deleted_at IS NULL').bind(app),
    d1
      .prepare(
        `SELECT line.*, integration.type FROM switchboard s
         CROSS JOIN line ON line.switchboard = s.number AND line.deleted_at IS NULL
         CROSS JOIN integration ON integration.number = line.integration
         WHERE s.app = ?1 AND s.deleted_at IS NULL ORDER BY line.number`,
      )
      .bind(app),
  ]);
  const row = boards?.results[0] as SwitchboardRow | undefined;
  if (!row) return null;
  return {
    number: row.number as SwitchboardNumber,
    enabled: row.enabled !== 0,
    defaultLine: row.default_line as LineNumber | null,
    lines: ((lines?.results ?? []) as LineRow[]).map(lineOf),
  };
}

/** False: the app has one. */
export async function insertSwitchboard(d1: D1Database, app: AppNumber, now: number): Promise<boolean> {
  const [made] = await d1.batch([
    d1
      .prepare(
        'INSERT INTO switchboard (app, created_at) VALUES (?1, ?2) ON CONFLICT DO NOTHING RETURNING number',
      )
      .bind(app, now),
    d1
      .prepare(
        `UPDATE app SET switchboard = s.number FROM switchboard s
         WHERE app.number = ?1 AND s.app = ?1 AND s.deleted_at IS NULL AND app.switchboard IS NOT s.number`,
      )
      .bind(app),
  ]);
  return (made?.results.length ?? 0) > 0;
}

/** The switchboard with its lines: their integrations stay. */
export async function endSwitchboard(
  d1: D1Database,
  app: AppNumber,
  number: SwitchboardNumber,
  now: number,
): Promise<void> {
  await d1.batch([
    d1
      .prepare('UPDATE switchboard SET deleted_at = ?2 WHERE number = ?1 AND deleted_at IS NULL')
      .bind(number, now),
    d1
      .prepare('UPDATE line SET deleted_at = ?2 WHERE switchboard = ?1 AND deleted_at IS NULL')
      .bind(number, now),
    d1.prepare('UPDATE app SET switchboard = NULL WHERE number = ?2 AND switchboard = ?1').bind(number, app),
  ]);
}

/** An integration of the switchboard's own app. */
const LIVING_INTEGRATION = (integration: string) =>
  `EXISTS (SELECT 1 FROM integration WHERE number = ${integration} AND deleted_at IS NULL
     AND app = (SELECT app FROM switchboard WHERE number = ?1))`;
const LIVING_LINE = (line: string) =>
  `EXISTS (SELECT 1 FROM line WHERE number = ${line} AND switchboard = ?1 AND deleted_at IS NULL)`;

export interface SwitchboardChange {
  enabled: boolean;
  defaultLine: LineNumber | null;
}

/** False, and nothing is changed: the line is none of this switchboard, or an enabled one would have none. */
export async function changeSwitchboard(
  d1: D1Database,
  number: SwitchboardNumber,
  { enabled, defaultLine }: SwitchboardChange,
): Promise<boolean> {
  const { meta } = await d1
    .prepare(
      `UPDATE switchboard SET enabled = ?2, default_line = ?3
       WHERE number = ?1 AND deleted_at IS NULL AND ((?3 IS NULL AND ?2 = 0) OR ${LIVING_LINE('?3')})`,
    )
    .bind(number, enabled ? 1 : 0, defaultLine)
    .run();
  return meta.changes > 0;
}

export type NewLine = Pick<Line, 'integration' | 'name' | 'standby' | 'next' | 'history'>;

/** The number; null: there are `most`, or the integration or the next line has ended. Throws for a taken name or integration. */
export async function insertLine(
  d1: D1Database,
  switchboard: SwitchboardNumber,
  line: NewLine,
  most: number,
  now: number,
): Promise<LineNumber | null> {
  const row = await d1
    .prepare(
      `INSERT INTO line (switchboard, integration, name, standby, next, history, created_at)
       SELECT ?1, ?2, ?3, ?4, ?5, ?6, ?7
       WHERE (SELECT count(*) FROM line WHERE switchboard = ?1 AND deleted_at IS NULL) < ?8
         AND EXISTS (SELECT 1 FROM switchboard WHERE number = ?1 AND deleted_at IS NULL)
         AND ${LIVING_INTEGRATION('?2')}
         AND (?5 IS NULL OR ${LIVING_LINE('?5')})
       RETURNING number`,
    )
    .bind(switchboard, line.integration, line.name, line.standby ? 1 : 0, line.next, line.history, now, most)
    .first<{ number: number }>();
  return row ? (row.number as LineNumber) : null;
}

/** False as above, or the line itself has ended. Throws for a taken name or integration. */
export async function changeLine(
  d1: D1Database,
  switchboard: SwitchboardNumber,
  number: LineNumber,
  line: NewLine,
): Promise<boolean> {
  const { meta } = await d1
    .prepare(
      `UPDATE line SET integration = ?3, name = ?4, standby = ?5, next = ?6, history = ?7
       WHERE number = ?2 AND switchboard = ?1 AND deleted_at IS NULL
         AND ${LIVING_INTEGRATION('?3')}
         AND (?6 IS NULL OR ${LIVING_LINE('?6')})`,
    )
    .bind(switchboard, number, line.integration, line.name, line.standby ? 1 : 0, line.next, line.history)
    .run();
  return meta.changes > 0;
}

/** False, and nothing is changed, while it is the default line or another one's next. */
export async function endLine(
  d1: D1Database,
  switchboard: SwitchboardNumber,
  number: LineNumber,
  now: number,
): Promise<boolean> {
  const { meta } = await d1
    .prepare(
      `UPDATE line SET deleted_at = ?3 WHERE number = ?2 AND switchboard = ?1 AND deleted_at IS NULL
         AND NOT EXISTS (SELECT 1 FROM switchboard WHERE number = ?1 AND default_line = ?2)
         AND NOT EXISTS (SELECT 1 FROM line other WHERE other.switchboard = ?1 AND other.next = ?2
           AND other.number <> ?2 AND other.deleted_at IS NULL)`,
    )
    .bind(switchboard, number, now)
    .run();
  return meta.changes > 0;
}
