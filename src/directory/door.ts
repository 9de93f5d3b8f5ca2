// The only way to a D1 database: today one for all apps; shards would be chosen here (DESIGN.md 12).
import type { AppNumber } from '../domain/ids.ts';
import type { Env } from '../env.ts';

/** The database that holds an app's directory and archive. null: the one that allots apps. */
export function directoryFor(env: Env, _app: AppNumber | null): D1Database {
  return env.DB;
}

const TAKEN = /UNIQUE constraint failed: (?:index '([a-z_]+)'|([a-z_.]+(?:, [a-z_.]+)*))/i;

/** The unique column that refused a write, or null when it failed for another reason. Drizzle wraps D1's error. */
export function takenColumn(error: unknown): string | null {
  const match = TAKEN.exec(String(error));
  if (match) return match[1] ?? match[2]?.split('.').at(-1) ?? '';
  return error instanceof Error && error.cause !== undefined ? takenColumn(error.cause) : null;
}

/** Why the database refused, fit for a log: what wraps its error names every bound value, hashes and addresses too. */
export function reasonOf(error: unknown): string {
  const cause = causeOf(error);
  return cause instanceof Error ? cause.message : String(cause);
}

/** The database's own error, without what wraps it. */
export const causeOf = (error: unknown): unknown =>
  error instanceof Error && error.cause !== undefined ? causeOf(error.cause) : error;
