// Integrations and endpoints in D1. How many there may be is decided in the insert itself; secrets arrive sealed.
import type { AppNumber, EndpointNumber, IntegrationNumber } from '../domain/ids.ts';

/** `custom`: a system of the app's owner. This hub has no channels of its own to other networks. */
export type IntegrationType = 'custom';
export type IntegrationStatus = 'active' | 'inactive' | 'error';

export interface Integration {
  number: IntegrationNumber;
  app: AppNumber;
  type: IntegrationType;
  name: string | null;
  status: IntegrationStatus;
  /** ms since 1970. */
  createdAt: number;
}

/** How an endpoint is told: the shape of bodies and signatures. */
export type EndpointFormat =
  | 'sunshine'
  | 'parlance'
  | 'qiscus'
  | 'slack'
  | 'discord'
  | 'mattermost'
  /** A bridge's: what else there is of it is bridges.ts. */
  | 'bridge';

/** An address that is told what happens in an app. */
export interface Endpoint {
  number: EndpointNumber;
  app: AppNumber;
  /** null: the app's own. */
  integration: IntegrationNumber | null;
  format: EndpointFormat;
  url: string;
  /** What it is told of, in the words of its format. */
  events: string[];
  /** What the format lets its owner choose. */
  options: Record<string, boolean>;
  /** Sealed. */
  secret: string;
  /** `disabled`: it refused for too long, or its owner said so. */
  state: 'active' | 'disabled';
  createdAt: number;
  updatedAt: number;
}

export type NewEndpoint = Pick<Endpoint, 'format' | 'url' | 'events' | 'options' | 'secret'> & {
  /** Of the hub, as whoever made it reached it. */
  origin: string;
};

interface IntegrationRow {
  number: number;
  app: number;
  type: string;
  name: string | null;
  status: string;
  created_at: number;
}

interface EndpointRow {
  number: number;
  app: number;
  integration: number | null;
  format: string;
  url: string;
  events: string;
  options: string;
  secret: string;
  state: string;
  created_at: number;
  updated_at: number;
}

const integrationOf = (row: IntegrationRow): Integration => ({
  number: row.number as IntegrationNumber,
  app: row.app as AppNumber,
  type: row.type as IntegrationType,
  name: row.name,
  status: row.status as IntegrationStatus,
  createdAt: row.created_at,
});

const endpointOf = (row: EndpointRow): Endpoint => ({
  number: row.number as EndpointNumber,
  app: row.app as AppNumber,
  integration: row.integration as IntegrationNumber | null,
  format: row.format as EndpointFormat,
  url: row.url,
  events: JSON.parse(row.events) as string[],
  options: JSON.parse(row.options) as Record<string, boolean>,
  secret: row.secret,
  state: row.state as Endpoint['state'],
  createdAt: row.created_at,
  updatedAt: row.updated_at,
});

const LIVING_INTEGRATIONS = '(SELECT count(*) FROM integration WHERE app = ?1 AND deleted_at IS NULL)';
const livingEndpoints = (format: string) =>
  `(SELECT count(*) FROM endpoint WHERE app = ?1 AND format = ${format} AND deleted_at IS NULL)`;

/** An integration with its first endpoint, both or neither: null where the app has as many of one as it may. */
export async function insertIntegration(
  d1: D1Database,
  app: AppNumber,
  { type, name }: Pick<Integration, 'type' | 'name'>,
  endpoint: NewEndpoint,
  most: { integrations: number; endpoints: number },
  now: number,
): Promise<Integration | null> {
  const [made] = await d1.batch<IntegrationRow>([
    d1
      .prepare(
        `INSERT INTO integration (app, type, name, created_at)
         SELECT ?1, ?2, ?3, ?4 WHERE ${LIVING_INTEGRATIONS} < ?6 AND ${livingEndpoints('?5')} < ?7
         RETURNING number, app, type, name, status, created_at`,
      )
      .bind(app, type, name, now, endpoint.format, most.integrations, most.endpoints),
    d1
      .prepare(
        `INSERT INTO endpoint (app, integration, format, url, events, options, secret, origin, created_at, updated_at)
         SELECT ?1, last_insert_rowid(), ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?8 WHERE changes() = 1`,
      )
      .bind(app, ...endpointValues(endpoint), now),
  ]);
  const row = made?.results[0];
  return row ? integrationOf(row) : null;
}

const endpointValues = (endpoint: NewEndpoint) => [
  endpoint.format,
  endpoint.url,
  JSON.stringify(endpoint.events),
  JSON.stringify(endpoint.options),
  endpoint.secret,
  endpoint.origin,
];

export async function findIntegration(
  d1: D1Database,
  app: AppNumber,
  number: IntegrationNumber,
): Promise<Integration | null> {
  const row = await d1
    .prepare('SELECT * FROM integration WHERE number = ?1 AND app = ?2 AND deleted_at IS NULL')
    .bind(number, app)
    .first<IntegrationRow>();
  return row && integrationOf(row);
}

/** All of an app, the newest first: there are few. */
export async function integrationsOf(d1: D1Database, app: AppNumber): Promise<Integration[]> {
  const { results } = await d1
    .prepare('SELECT * FROM integration WHERE app = ?1 AND deleted_at IS NULL ORDER BY number DESC')
    .bind(app)
    .all<IntegrationRow>();
  return results.map(integrationOf);
}

export async function renameIntegration(
  d1: D1Database,
  number: IntegrationNumber,
  name: string | null,
): Promise<void> {
  await d1.prepare('UPDATE integration SET name = ?2 WHERE number = ?1').bind(number, name).run();
}

/** The integration with its keys and endpoints. False, and nothing is changed, while a switchboard has it. */
export async function endIntegration(
  d1: D1Database,
  number: IntegrationNumber,
  now: number,
): Promise<boolean> {
  const ended = '(SELECT deleted_at FROM integration WHERE number = ?1) IS NOT NULL';
  const [first] = await d1.batch([
    d1
      .prepare(
        `UPDATE integration SET deleted_at = ?2 WHERE number = ?1 AND deleted_at IS NULL
         AND NOT EXISTS (SELECT 1 FROM line WHERE integration = ?1 AND deleted_at IS NULL)`,
      )
      .bind(number, now),
    d1
      .prepare(
        `UPDATE credential SET revoked_at = ?2
         WHERE app = (SELECT app FROM integration WHERE number = ?1) AND integration = ?1 AND revoked_at IS NULL AND ${ended}`,
      )
      .bind(number, now),
    d1
      .prepare(
        `UPDATE endpoint SET deleted_at = ?2
         WHERE app = (SELECT app FROM integration WHERE number = ?1) AND deleted_at IS NULL AND integration = ?1 AND ${ended}`,
      )
      .bind(number, now),
  ]);
  return (first?.meta.changes ?? 0) > 0;
}

/** Null where the app has as many of this format as it may, or the integration has ended. */
export async function insertEndpoint(
  d1: D1Database,
  app: AppNumber,
  integration: IntegrationNumber,
  endpoint: NewEndpoint,
  most: number,
  now: number,
): Promise<Endpoint | null> {
  const row = await d1
    .prepare(
      `INSERT INTO endpoint (app, format, url, events, options, secret, origin, integration, created_at, updated_at)
       SELECT ?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?9 WHERE ${livingEndpoints('?2')} < ?10
         AND EXISTS (SELECT 1 FROM integration WHERE number = ?8 AND app = ?1 AND deleted_at IS NULL)
       RETURNING *`,
    )
    .bind(app, ...endpointValues(endpoint), integration, now, most)
    .first<EndpointRow>();
  return row && endpointOf(row);
}

/** All living ones of an app, oldest first. */
export async function endpointsOf(d1: D1Database, app: AppNumber): Promise<Endpoint[]> {
  const { results } = await d1
    .prepare('SELECT * FROM endpoint WHERE app = ?1 AND deleted_at IS NULL ORDER BY number')
    .bind(app)
    .all<EndpointRow>();
  return results.map(endpointOf);
}

export async function findEndpoint(
  d1: D1Database,
  integration: IntegrationNumber,
  number: EndpointNumber,
): Promise<Endpoint | null> {
  const row = await d1
    .prepare('SELECT * FROM endpoint WHERE number = ?1 AND integration = ?2 AND deleted_at IS NULL')
    .bind(number, integration)
    .first<EndpointRow>();
  return row && endpointOf(row);
}

export type EndpointChange = Partial<Pick<Endpoint, 'url' | 'events' | 'options'>>;

/** What is left out stays; of the options, key by key. Null: there is none any more. */
export async function changeEndpoint(
  d1: D1Database,
  number: EndpointNumber,
  { url, events, options }: EndpointChange,
  now: number,
): Promise<Endpoint | null> {
  const row = await d1
    .prepare(
      `UPDATE endpoint SET url = coalesce(?2, url), events = coalesce(?3, events),
         options = json_patch(options, ?4), updated_at = ?5
       WHERE number = ?1 AND deleted_at IS NULL RETURNING *`,
    )
    .bind(number, url ?? null, events ? JSON.stringify(events) : null, JSON.stringify(options ?? {}), now)
    .first<EndpointRow>();
  return row && endpointOf(row);
}

/** False: there is none any more. */
export async function endEndpoint(d1: D1Database, number: EndpointNumber, now: number): Promise<boolean> {
  const { meta } = await d1
    .prepare('UPDATE endpoint SET deleted_at = ?2 WHERE number = ?1 AND deleted_at IS NULL')
    .bind(number, now)
    .run();
  return meta.changes > 0;
}
