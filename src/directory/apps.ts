// Apps and their host names in D1. Their credentials: credentials.ts.
import { and, eq, isNull, type SQL, sql } from 'drizzle-orm';
import { type DrizzleD1Database, drizzle } from 'drizzle-orm/d1';
import type { RoutePolicy } from '../domain/desk.ts';
import { DEFAULT_FILE_TYPES } from '../domain/file-types.ts';
import type { HookRef, Hooks } from '../domain/hooks.ts';
import type { Hours } from '../domain/hours.ts';
import type { AppNumber, SwitchboardNumber, UserNumber } from '../domain/ids.ts';
import type { JsonObject } from '../domain/model.ts';
import { refOf } from './hooks.ts';
import { app as appTable, host } from './schema/apps.ts';
import { bridge, endpoint } from './schema/integrations.ts';

/** What an app may set; each has a default, so a row holds only what differs. */
export interface AppSettings {
  /** Inbox objects that the app's people are spread over: 1 up to about 500 sockets. */
  inboxShards: number;
  /** Message bodies are kept in D1 too. */
  archive: boolean;
  search: boolean;
  /** Sunshine: several conversations per user. */
  multiConvo: boolean;
  /** A conversation goes so long after its last message; 0: never. */
  retentionSeconds: number;
  /** Numbers of payment cards are masked before a message is stored. */
  maskCards: boolean;
  /** Tapatalk: counts as strings, for apps of 2014. */
  legacyStrings: boolean;
  /** Tapatalk: get_config says that guests may look. */
  guestOkay: boolean;
  /** Qiscus: a client SDK may make accounts. Nobody can where a forum checks passwords. */
  signUp: boolean;
  /** Who checks passwords of people who are not of the team: an address of the app's forum; null: the hub. */
  authUrl: string | null;
  /** Messages that one person may send at once, and in each minute after; 0: as many as they like. */
  postsPerMinute: number;
  /** Bytes of one uploaded file at most. */
  fileBytes: number;
  /** Files that one message may carry. 0: nobody can upload. */
  filesPerMessage: number;
  /** Kinds of files that are taken, by the ending of their names; what a file is, its bytes say. */
  fileTypes: string[];
  /** Who gets a new visitor (hub/desk.ts): the whole team, somebody online, or somebody ready of a group. */
  routePolicy: RoutePolicy;
  /** What a visitor is greeted with; empty: nothing. */
  welcomeMessage: string;
  /** What a visitor who writes is told while nobody of the team is there; said only where the next one is true. */
  offlineMessage: string;
  returnOfflineMessage: boolean;
  /** When the team is there, for the chat to say; null: it says nothing of that. */
  hours: Hours | null;
}

export const DEFAULT_APP_SETTINGS: AppSettings = {
  inboxShards: 1,
  archive: true,
  search: true,
  multiConvo: true,
  retentionSeconds: 0,
  maskCards: false,
  legacyStrings: false,
  guestOkay: false,
  signUp: true,
  authUrl: null,
  // What one socket may send too (realtime/budget.ts): this stops floods, and nobody who types.
  postsPerMinute: 2_400,
  // What Sunshine's clients may send (contracts/sunshine.md 1), and half of what Cloudflare lets through.
  fileBytes: 50 * 1024 * 1024,
  filesPerMessage: 10,
  fileTypes: DEFAULT_FILE_TYPES,
  routePolicy: 'ALL',
  welcomeMessage: 'Hello! How can we help you?',
  offlineMessage: 'Nobody is here right now. Leave a message, and we will answer as soon as we are back.',
  returnOfflineMessage: false,
  hours: null,
};

export interface App {
  number: AppNumber;
  slug: string;
  name: string;
  settings: AppSettings;
  hosts: string[];
  /** Web origins whose pages may call with a person's cookie or open sockets. */
  origins: string[];
  systemUser: UserNumber;
  businessUser: UserNumber;
  metadata: JsonObject;
  /** Its switchboard, if it has one: who needs to know more asks for it. */
  switchboard: SwitchboardNumber | null;
  /** Who is told what happens in it. */
  hooks: Hooks;
  /** How the widget of PPMessage clients looks, in their words. */
  widget: JsonObject;
  createdAt: number;
  /** ms since 1970 of the last change. */
  updatedAt: number;
}

type Row = typeof appTable.$inferSelect;

/** What a row says, with the defaults. Search finds what the archive holds: without one there is none. */
export function settingsOf(text: string): AppSettings {
  const settings = { ...DEFAULT_APP_SETTINGS, ...(JSON.parse(text) as Partial<AppSettings>) };
  return { ...settings, search: settings.search && settings.archive };
}

const appOf = (row: Row, hosts: string[], endpoints: HookRef[]): App => ({
  number: row.number as AppNumber,
  slug: row.slug,
  name: row.name,
  settings: settingsOf(row.settings),
  hosts,
  origins: JSON.parse(row.origins) as string[],
  systemUser: row.systemUser as UserNumber,
  businessUser: row.businessUser as UserNumber,
  metadata: JSON.parse(row.metadata) as JsonObject,
  switchboard: row.switchboard as SwitchboardNumber | null,
  hooks: { version: row.hooks, endpoints },
  widget: JSON.parse(row.widget) as JsonObject,
  createdAt: row.createdAt,
  updatedAt: row.updatedAt ?? row.createdAt,
});

/** An app by one of its names; null when there is none, or it was deleted. */
export async function findApp(
  d1: D1Database,
  by: { slug: string } | { number: AppNumber } | { host: string },
): Promise<App | null> {
  const db = drizzle(d1);
  const which =
    'slug' in by
      ? eq(appTable.slug, by.slug)
      : 'number' in by
        ? eq(appTable.number, by.number)
        : eq(appTable.number, sql`(SELECT app FROM host WHERE name = ${by.host})`);
  const rows = await db
    .select()
    .from(appTable)
    .where(and(which, isNull(appTable.deletedAt)))
    .limit(1);
  const row = rows[0];
  if (!row) return null;
  const hosts = db.select().from(host).where(eq(host.app, row.number));
  // After the row: endpoints that are newer than its count are heard of again, older ones never.
  const [names, endpoints] =
    row.hooks === 0
      ? ([await hosts, []] as const)
      : await db.batch([hosts, livingEndpoints(db, eq(endpoint.app, row.number))]);
  return appOf(
    row,
    names.map((h) => h.name),
    endpoints.map(refOf),
  );
}

const livingEndpoints = (db: DrizzleD1Database, which?: SQL) =>
  db
    .select({
      number: endpoint.number,
      app: endpoint.app,
      events: endpoint.events,
      delivery: endpoint.delivery,
      only: bridge.conversation,
    })
    .from(endpoint)
    .leftJoin(bridge, eq(bridge.number, endpoint.number))
    .where(and(which, isNull(endpoint.deletedAt)))
    .orderBy(endpoint.number);

export async function listApps(d1: D1Database): Promise<App[]> {
  const db = drizzle(d1);
  const [rows, hosts, endpoints] = await db.batch([
    db.select().from(appTable).where(isNull(appTable.deletedAt)).orderBy(appTable.number),
    db.select().from(host),
    livingEndpoints(db),
  ]);
  return rows.map((row) =>
    appOf(
      row,
      hosts.filter((h) => h.app === row.number).map((h) => h.name),
      endpoints.filter((e) => e.app === row.number).map(refOf),
    ),
  );
}

/** Throws the database's own error where the slug is taken (see takenColumn). */
export async function insertApp(d1: D1Database, slug: string, name: string, now: number): Promise<AppNumber> {
  const rows = await drizzle(d1)
    .insert(appTable)
    .values({ slug, name, settings: '{}', origins: '[]', createdAt: now })
    .returning({ number: appTable.number });
  return rows[0]?.number as AppNumber;
}

export interface AppChange {
  name?: string;
  settings?: Partial<AppSettings>;
  hosts?: string[];
  origins?: string[];
  metadata?: JsonObject;
  widget?: JsonObject;
}

/** One batch; throws the database's own error where a host belongs to another app. */
export async function updateApp(d1: D1Database, app: App, change: AppChange): Promise<void> {
  const statements: D1PreparedStatement[] = [];
  const set = (sqlText: string, value: string) =>
    statements.push(d1.prepare(sqlText).bind(value, app.number));
  if (change.name !== undefined) set('UPDATE app SET name = ?1 WHERE number = ?2', change.name);
  if (change.origins) set('UPDATE app SET origins = ?1 WHERE number = ?2', JSON.stringify(change.origins));
  if (change.metadata) set('UPDATE app SET metadata = ?1 WHERE number = ?2', JSON.stringify(change.metadata));
  if (change.widget) set('UPDATE app SET widget = ?1 WHERE number = ?2', JSON.stringify(change.widget));
  // Only what is given: another call's part, or what this isolate has not heard of yet, must stay.
  for (const [name, value] of Object.entries(change.settings ?? {})) {
    if (value === undefined) continue;
    const into = d1.prepare('UPDATE app SET settings = json_set(settings, ?3, json(?1)) WHERE number = ?2');
    statements.push(into.bind(JSON.stringify(value), app.number, `$.${name}`));
  }
  if (change.hosts) {
    statements.push(d1.prepare('DELETE FROM host WHERE app = ?1').bind(app.number));
    for (const name of change.hosts) {
      statements.push(d1.prepare('INSERT INTO host (name, app) VALUES (?1, ?2)').bind(name, app.number));
    }
  }
  if (statements.length === 0) return;
  const changed = d1.prepare('UPDATE app SET updated_at = ?2 WHERE number = ?1').bind(app.number, Date.now());
  await d1.batch([...statements, changed]);
}

export const setVoices = (d1: D1Database, app: AppNumber, system: UserNumber, business: UserNumber) =>
  drizzle(d1)
    .update(appTable)
    .set({ systemUser: system, businessUser: business })
    .where(eq(appTable.number, app));

/** The number and the slug stay taken; credentials and endpoints end. */
export async function deleteApp(d1: D1Database, app: AppNumber, now: number): Promise<void> {
  await d1.batch([
    d1.prepare('UPDATE app SET deleted_at = ?2 WHERE number = ?1').bind(app, now),
    d1.prepare('UPDATE credential SET revoked_at = ?2 WHERE app = ?1 AND revoked_at IS NULL').bind(app, now),
    d1.prepare('UPDATE endpoint SET deleted_at = ?2 WHERE app = ?1 AND deleted_at IS NULL').bind(app, now),
    d1.prepare('DELETE FROM host WHERE app = ?1').bind(app),
  ]);
}
