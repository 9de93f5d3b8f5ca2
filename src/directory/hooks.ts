// Endpoints in D1 as those need them who deliver and who look after them; as an integration's webhooks they are
// integrations.ts. Secrets arrive sealed.
import type { HookDelivery } from '../domain/hook-options.ts';
import type { HookRef } from '../domain/hooks.ts';
import type { AppNumber, ConversationNumber, EndpointNumber, IntegrationNumber } from '../domain/ids.ts';
import type { Endpoint, EndpointFormat } from './integrations.ts';

export type { EndpointFormat } from './integrations.ts';

/** Everything that the directory holds of an endpoint. */
export interface Hook extends Endpoint {
  name: string | null;
  secretId: number;
  /** Sealed. */
  olderSecrets: string | null;
  delivery: HookDelivery;
  /** Sealed. */
  headers: string | null;
  origin: string | null;
  /** Why it is disabled. */
  reason: string | null;
}

/** With what belongs to its app. */
export interface HookOfApp extends Hook {
  slug: string;
  /** The app's `hooks`. */
  version: number;
}

interface Row {
  number: number;
  app: number;
  integration: number | null;
  format: string;
  url: string;
  events: string;
  options: string;
  secret: string;
  secret_id: number;
  older_secrets: string | null;
  name: string | null;
  delivery: string;
  headers: string | null;
  origin: string | null;
  state: string;
  reason: string | null;
  created_at: number;
  updated_at: number;
}

const hookOf = (row: Row): Hook => ({
  number: row.number as EndpointNumber,
  app: row.app as AppNumber,
  integration: row.integration as IntegrationNumber | null,
  format: row.format as EndpointFormat,
  url: row.url,
  events: JSON.parse(row.events) as string[],
  options: JSON.parse(row.options) as Record<string, boolean>,
  secret: row.secret,
  secretId: row.secret_id,
  olderSecrets: row.older_secrets,
  name: row.name,
  delivery: JSON.parse(row.delivery) as HookDelivery,
  headers: row.headers,
  origin: row.origin,
  state: row.state as Hook['state'],
  reason: row.reason,
  createdAt: row.created_at,
  updatedAt: row.updated_at,
});

/** Names of events that are no entries, in the words of each format. */
const SIGNALS = /"(conversation:(read|typing)|signal\.(read|typing|\*))"/;

/** The endpoints of an app as conversations know them: what is told to nobody costs them nothing. */
export function refOf(row: {
  number: number;
  events: string;
  delivery: string;
  only: number | null;
}): HookRef {
  const { keepDays } = JSON.parse(row.delivery) as HookDelivery;
  return {
    number: row.number as EndpointNumber,
    signals: SIGNALS.test(row.events),
    ...(row.only !== null && { only: row.only as ConversationNumber }),
    ...(keepDays !== undefined && { keepDays }),
  };
}

export type NewHook = Pick<
  Hook,
  | 'format'
  | 'url'
  | 'events'
  | 'options'
  | 'secret'
  | 'name'
  | 'delivery'
  | 'headers'
  | 'origin'
  | 'state'
  | 'reason'
>;

/** Null where the app has as many of this format as it may. */
export async function insertHook(
  d1: D1Database,
  app: AppNumber,
  hook: NewHook,
  most: number,
  now: number,
): Promise<Hook | null> {
  const row = await d1
    .prepare(
      `INSERT INTO endpoint (app, format, url, events, options, secret, name, delivery, headers, origin, created_at, updated_at, state, reason)
       SELECT ?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?11, ?13, ?14
       WHERE (SELECT count(*) FROM endpoint WHERE app = ?1 AND format = ?2 AND deleted_at IS NULL) < ?12
       RETURNING *`,
    )
    .bind(
      app,
      hook.format,
      hook.url,
      JSON.stringify(hook.events),
      JSON.stringify(hook.options),
      hook.secret,
      hook.name,
      JSON.stringify(hook.delivery),
      hook.headers,
      hook.origin,
      now,
      most,
      hook.state,
      hook.reason,
    )
    .first<Row>();
  return row && hookOf(row);
}

/** All living ones of an app, also those of integrations, oldest first. */
export async function hooksOf(d1: D1Database, app: AppNumber): Promise<Hook[]> {
  const { results } = await d1
    .prepare('SELECT * FROM endpoint WHERE app = ?1 AND deleted_at IS NULL ORDER BY number')
    .bind(app)
    .all<Row>();
  return results.map(hookOf);
}

/** Null: ended, or never made. */
export async function findHook(d1: D1Database, number: EndpointNumber): Promise<HookOfApp | null> {
  const row = await d1
    .prepare(
      `SELECT e.*, a.slug, a.hooks FROM endpoint e JOIN app a ON a.number = e.app
       WHERE e.number = ?1 AND e.deleted_at IS NULL AND a.deleted_at IS NULL`,
    )
    .bind(number)
    .first<Row & { slug: string; hooks: number }>();
  return row && { ...hookOf(row), slug: row.slug, version: row.hooks };
}

export type HookChange = Partial<
  Pick<
    Hook,
    | 'url'
    | 'events'
    | 'options'
    | 'name'
    | 'delivery'
    | 'headers'
    | 'origin'
    | 'state'
    | 'reason'
    | 'secret'
    | 'secretId'
    | 'olderSecrets'
  >
>;

const COLUMNS: Record<keyof HookChange, string> = {
  url: 'url',
  events: 'events',
  options: 'options',
  name: 'name',
  delivery: 'delivery',
  headers: 'headers',
  origin: 'origin',
  state: 'state',
  reason: 'reason',
  secret: 'secret',
  secretId: 'secret_id',
  olderSecrets: 'older_secrets',
};

/** What is left out stays. `secretId` where it is to be: another rotation came in between otherwise. Null: no such row. */
export async function updateHook(
  d1: D1Database,
  number: EndpointNumber,
  changes: HookChange,
  now: number,
  secretId: number | null = null,
): Promise<Hook | null> {
  const given = (Object.keys(COLUMNS) as (keyof HookChange)[]).filter((key) => changes[key] !== undefined);
  const sets = given.map((key, i) => `${COLUMNS[key]} = ?${i + 4}`);
  const row = await d1
    .prepare(
      `UPDATE endpoint SET updated_at = ?2${sets.map((set) => `, ${set}`).join('')}
       WHERE number = ?1 AND deleted_at IS NULL AND (?3 IS NULL OR secret_id = ?3) RETURNING *`,
    )
    .bind(number, now, secretId, ...given.map((key) => bound(changes[key])))
    .first<Row>();
  return row && hookOf(row);
}

const bound = (value: unknown): string | number | null =>
  typeof value === 'object' && value !== null ? JSON.stringify(value) : (value as string | number | null);

/** False: there is none any more. */
export async function endHook(d1: D1Database, number: EndpointNumber, now: number): Promise<boolean> {
  const { meta } = await d1
    .prepare('UPDATE endpoint SET deleted_at = ?2 WHERE number = ?1 AND deleted_at IS NULL')
    .bind(number, now)
    .run();
  return meta.changes > 0;
}
