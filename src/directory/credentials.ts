// Keys of doors in D1: an app's, an integration's, and those of the hub that are for every app.
import { and, eq, isNull } from 'drizzle-orm';
import { drizzle } from 'drizzle-orm/d1';
import type { AppNumber, IntegrationNumber, KeyNumber } from '../domain/ids.ts';
import * as schema from './schema/apps.ts';

export interface Credential {
  number: KeyNumber;
  app: AppNumber | null;
  door: string;
  scope: string;
  integration: IntegrationNumber | null;
  name: string | null;
  /** Sealed. */
  secret: string;
  revokedAt: number | null;
}

/** Null where there are `most` living ones of the same door, scope and owner, or the integration has ended. */
export async function insertCredential(
  d1: D1Database,
  key: {
    app: AppNumber | null;
    door: string;
    scope: string;
    integration?: IntegrationNumber;
    name?: string | null;
    /** Sealed. */
    secret: string;
    most?: number;
  },
  now: number,
): Promise<KeyNumber | null> {
  const row = await d1
    .prepare(
      `INSERT INTO credential (app, door, scope, integration, name, secret, created_at)
       SELECT ?1, ?2, ?3, ?4, ?5, ?6, ?7
       WHERE (?8 IS NULL OR ?8 > (SELECT count(*) FROM credential
           WHERE app IS ?1 AND door = ?2 AND scope = ?3 AND integration IS ?4 AND revoked_at IS NULL))
         AND (?4 IS NULL OR EXISTS (SELECT 1 FROM integration WHERE number = ?4 AND app IS ?1 AND deleted_at IS NULL))
       RETURNING number`,
    )
    .bind(
      key.app,
      key.door,
      key.scope,
      key.integration ?? null,
      key.name ?? null,
      key.secret,
      now,
      key.most ?? null,
    )
    .first<{ number: number }>();
  return row ? (row.number as KeyNumber) : null;
}

export async function findCredential(d1: D1Database, number: KeyNumber): Promise<Credential | null> {
  const rows = await drizzle(d1).select().from(schema.credential).where(eq(schema.credential.number, number));
  return (rows[0] as unknown as Credential | undefined) ?? null;
}

/** Those of an app; null: those of the hub, which are for every app. */
export async function credentialsOf(d1: D1Database, app: AppNumber | null): Promise<Credential[]> {
  const whose = app === null ? isNull(schema.credential.app) : eq(schema.credential.app, app);
  const rows = await drizzle(d1)
    .select()
    .from(schema.credential)
    .where(and(whose, isNull(schema.credential.revokedAt)))
    .orderBy(schema.credential.number);
  return rows as unknown as Credential[];
}

export const revokeCredential = (d1: D1Database, number: KeyNumber, now: number) =>
  drizzle(d1).update(schema.credential).set({ revokedAt: now }).where(eq(schema.credential.number, number));
