// Brings a D1 database to the newest schema. The SQL is in migrations/; its bookkeeping is the table that
// `wrangler d1 migrations` uses, so that either may go on where the other stopped.
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

export const MIGRATIONS_DIR = fileURLToPath(import.meta.resolve('../../migrations'));

const BOOK = `create table if not exists d1_migrations (
  id integer primary key autoincrement,
  name text unique,
  applied_at timestamp default current_timestamp not null
)`;

/** What drizzle-kit writes between two statements of a file. */
const BREAKPOINT = '--> statement-breakpoint';

/** The names of all migrations, in the order in which they apply. */
export function migrationNames(folder = MIGRATIONS_DIR): string[] {
  const number = (name: string) => Number.parseInt(name, 10);
  return readdirSync(folder)
    .filter((name) => name.endsWith('.sql'))
    .sort((a, b) => number(a) - number(b) || (a < b ? -1 : 1));
}

/** The statements of one file. A file written by hand needs the breakpoints too: a test compares. */
export function statementsOf(sql: string): string[] {
  return sql
    .split(BREAKPOINT)
    .map((statement) => statement.trim())
    .filter((statement) => statement !== '');
}

/**
 * Applies what is missing, each file with its entry in the book as one transaction, and answers the names applied.
 * Throws an Error that names the file when one fails (nothing of it remains) or when the database is newer.
 */
export async function migrate(db: D1Database, folder = MIGRATIONS_DIR): Promise<string[]> {
  await db.prepare(BOOK).run();
  const { results } = await db.prepare('select name from d1_migrations').all<{ name: string }>();
  const applied = new Set(results.map(({ name }) => name));
  const names = migrationNames(folder);
  const unknown = [...applied].filter((name) => !names.includes(name));
  if (unknown.length > 0) {
    throw new Error(`The data was written by a newer Parlance (it has the migration ${unknown[0]}).`);
  }
  const missing = names.filter((name) => !applied.has(name));
  for (const name of missing) {
    const statements = statementsOf(readFileSync(join(folder, name), 'utf8')).map((sql) => db.prepare(sql));
    const entry = db.prepare('insert into d1_migrations (name) values (?)').bind(name);
    try {
      await db.batch([...statements, entry]);
    } catch (error) {
      throw new Error(`Migration ${name} failed: ${error instanceof Error ? error.message : error}`);
    }
  }
  return missing;
}
