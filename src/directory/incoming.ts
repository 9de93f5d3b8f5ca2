// Incoming hooks in D1: whose they are, where what arrives goes, how much did. Secrets arrive sealed, tokens as hashes.
import type { AppNumber, IncomingHookNumber } from '../domain/ids.ts';
import type { HookOptions, HookShape, HookTarget } from '../domain/incoming.ts';

export interface IncomingHook {
  number: IncomingHookNumber;
  app: AppNumber;
  shape: HookShape;
  name: string | null;
  /** Hash of the token in its address. */
  token: string;
  /** Sealed. */
  secret: string | null;
  target: HookTarget;
  options: HookOptions;
  state: 'active' | 'disabled';
  arrived: number;
  refused: number;
  /** ms since 1970. */
  lastArrivedAt: number | null;
  lastRefusedAt: number | null;
  createdAt: number;
  updatedAt: number;
}

interface Row {
  number: number;
  app: number;
  shape: string;
  name: string | null;
  token: string;
  secret: string | null;
  target: string;
  options: string;
  state: string;
  arrived: number;
  refused: number;
  last_arrived_at: number | null;
  last_refused_at: number | null;
  created_at: number;
  updated_at: number;
}

const hookOf = (row: Row): IncomingHook => ({
  number: row.number as IncomingHookNumber,
  app: row.app as AppNumber,
  shape: row.shape as HookShape,
  name: row.name,
  token: row.token,
  secret: row.secret,
  target: JSON.parse(row.target) as HookTarget,
  options: JSON.parse(row.options) as HookOptions,
  state: row.state as IncomingHook['state'],
  arrived: row.arrived,
  refused: row.refused,
  lastArrivedAt: row.last_arrived_at,
  lastRefusedAt: row.last_refused_at,
  createdAt: row.created_at,
  updatedAt: row.updated_at,
});

export type NewIncoming = Pick<IncomingHook, 'shape' | 'name' | 'token' | 'secret' | 'target' | 'options'>;

/** Null where the app has `most` already. */
export async function insertIncoming(
  d1: D1Database,
  app: AppNumber,
  hook: NewIncoming,
  most: number,
  now: number,
): Promise<IncomingHook | null> {
  const row = await d1
    .prepare(
      `INSERT INTO incoming_hook (app, shape, name, token, secret, target, options, created_at, updated_at)
       SELECT ?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?8
       WHERE (SELECT count(*) FROM incoming_hook WHERE app = ?1 AND deleted_at IS NULL) < ?9 RETURNING *`,
    )
    .bind(
      app,
      hook.shape,
      hook.name,
      hook.token,
      hook.secret,
      JSON.stringify(hook.target),
      JSON.stringify(hook.options),
      now,
      most,
    )
    .first<Row>();
  return row && hookOf(row);
}

/** All of an app, oldest first. */
export async function incomingOfApp(d1: D1Database, app: AppNumber): Promise<IncomingHook[]> {
  const { results } = await d1
    .prepare('SELECT * FROM incoming_hook WHERE app = ?1 AND deleted_at IS NULL ORDER BY number')
    .bind(app)
    .all<Row>();
  return results.map(hookOf);
}

/** Null: ended, or never made. */
export async function findIncoming(d1: D1Database, number: IncomingHookNumber): Promise<IncomingHook | null> {
  const row = await d1
    .prepare('SELECT * FROM incoming_hook WHERE number = ?1 AND deleted_at IS NULL')
    .bind(number)
    .first<Row>();
  return row && hookOf(row);
}

export type IncomingChange = Partial<
  Pick<IncomingHook, 'name' | 'token' | 'secret' | 'target' | 'options' | 'state'>
>;

/** What is left out stays. Null: there is none any more. */
export async function updateIncoming(
  d1: D1Database,
  number: IncomingHookNumber,
  change: IncomingChange,
  now: number,
): Promise<IncomingHook | null> {
  const given = (['name', 'token', 'secret', 'target', 'options', 'state'] as const).filter(
    (key) => change[key] !== undefined,
  );
  const values = given.map((key) => {
    const value = change[key] ?? null;
    return typeof value === 'object' && value !== null ? JSON.stringify(value) : value;
  });
  const row = await d1
    .prepare(
      `UPDATE incoming_hook SET updated_at = ?2${given.map((key, i) => `, ${key} = ?${i + 3}`).join('')}
       WHERE number = ?1 AND deleted_at IS NULL RETURNING *`,
    )
    .bind(number, now, ...values)
    .first<Row>();
  return row && hookOf(row);
}

/** Calls that came since they were last counted. */
export async function countKnocks(
  d1: D1Database,
  number: IncomingHookNumber,
  knocks: Pick<IncomingHook, 'arrived' | 'refused' | 'lastArrivedAt' | 'lastRefusedAt'>,
): Promise<void> {
  await d1
    .prepare(
      `UPDATE incoming_hook SET arrived = arrived + ?2, refused = refused + ?3,
         last_arrived_at = coalesce(?4, last_arrived_at), last_refused_at = coalesce(?5, last_refused_at)
       WHERE number = ?1`,
    )
    .bind(number, knocks.arrived, knocks.refused, knocks.lastArrivedAt, knocks.lastRefusedAt)
    .run();
}

/** False: there is none any more. */
export async function endIncoming(d1: D1Database, number: IncomingHookNumber, now: number): Promise<boolean> {
  const { meta } = await d1
    .prepare('UPDATE incoming_hook SET deleted_at = ?2 WHERE number = ?1 AND deleted_at IS NULL')
    .bind(number, now)
    .run();
  return meta.changes > 0;
}
