// All that a stopped hub keeps on disk, as text that two moments can be compared by: the directory (D1) and every object.
import { readdirSync } from 'node:fs';
import { join, relative } from 'node:path';
import { DatabaseSync } from 'node:sqlite';

/** Rows by file and table: `do/parlance-Conversation/….sqlite entry`. An object without a table was never born. */
export type Dump = Record<string, string[]>;

/** What changes whatever is called. */
const RESTLESS: readonly RegExp[] = [
  // What an Inbox remembers of who was there lately, and how far it handed events out so that a socket misses none: signs
  // of life, which a refused call is as well as any other.
  /^do\/parlance-Inbox\/[0-9a-f]+\.sqlite _cf_KV$/,
  // Where D1 stands on one machine is a count of the queries so far, reading ones too.
  /^d1\/.* _cf_METADATA$/,
];

/** Where an object's alarm stands, once it has rung. */
const RUNG = '{"key":"1n","value":null}';

/** Whether a table of alarms says no more than that some have rung: those that were set before do so whatever is called. */
export const hasRung = (table: string, before: readonly string[], after: readonly string[] = []): boolean =>
  table.endsWith(' _cf_ALARM')
    ? after.every((row) => before.includes(row))
    : table.endsWith(' _cf_METADATA') && after.length === 1 && after[0] === RUNG;

/** Reads every SQLite file under a data folder that no server holds. Rows are in a fixed order; nothing is written. */
export function dumpOf(dataDir: string): Dump {
  const files = readdirSync(dataDir, { recursive: true, encoding: 'utf8' })
    .filter((name) => name.endsWith('.sqlite') && name !== 'lock.sqlite')
    .sort();
  const tables = files.flatMap((name) => tablesOf(join(dataDir, name), relative('.', name)));
  return Object.fromEntries(tables.filter(([name]) => !RESTLESS.some((each) => each.test(name))));
}

function tablesOf(file: string, name: string): [string, string[]][] {
  const db = new DatabaseSync(file, { readOnly: true });
  try {
    const tables = db
      .prepare("SELECT name, sql FROM sqlite_master WHERE type = 'table' ORDER BY name")
      .all() as { name: string; sql: string }[];
    return (
      tables
        // A virtual table's rows are in its shadow tables.
        .filter(({ sql }) => !/^CREATE VIRTUAL/i.test(sql))
        .map((table) => [`${name} ${table.name}`, rowsOf(db, table.name)])
    );
  } finally {
    db.close();
  }
}

function rowsOf(db: DatabaseSync, table: string): string[] {
  const query = db.prepare(`SELECT * FROM "${table}"`);
  query.setReadBigInts(true);
  return query
    .all()
    .map((row) => JSON.stringify(row, (_, value) => plain(value)))
    .sort();
}

function plain(value: unknown): unknown {
  if (typeof value === 'bigint') return `${value}n`;
  return value instanceof Uint8Array ? Buffer.from(value).toString('hex') : value;
}
