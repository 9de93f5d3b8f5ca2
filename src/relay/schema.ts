// The tables of one Relay.

/**
 * ring: what was said here and nobody has fetched yet; inbox: what came in and has not arrived in the hub; meta: how often
 * connecting has failed, and why.
 */
const TABLES = `
  CREATE TABLE IF NOT EXISTS ring (id INTEGER PRIMARY KEY AUTOINCREMENT, message TEXT NOT NULL) STRICT;
  CREATE TABLE IF NOT EXISTS inbox (id INTEGER PRIMARY KEY AUTOINCREMENT, message TEXT NOT NULL) STRICT;
  CREATE TABLE IF NOT EXISTS meta (key TEXT PRIMARY KEY, value TEXT NOT NULL) STRICT, WITHOUT ROWID;
`;

/** Messages that the ring keeps; the oldest go. */
const RING = 1_000;

interface Row extends Record<string, SqlStorageValue> {
  id: number;
  message: string;
}

export class Shelves {
  private readonly sql: SqlStorage;

  constructor(sql: SqlStorage) {
    this.sql = sql;
    sql.exec(TABLES);
  }

  /** Keeps it for whoever asks. */
  push(message: string): void {
    const { id } = this.sql
      .exec<{ id: number }>('INSERT INTO ring (message) VALUES (?1) RETURNING id', message)
      .one();
    this.sql.exec('DELETE FROM ring WHERE id <= ?1', id - RING);
  }

  drain(): string[] {
    const rows = this.sql.exec<Row>('SELECT id, message FROM ring ORDER BY id').toArray();
    this.sql.exec('DELETE FROM ring');
    return rows.map(({ message }) => message);
  }

  take(message: string): void {
    this.sql.exec('INSERT INTO inbox (message) VALUES (?1)', message);
  }

  /** The oldest that has not arrived. */
  next(): Row | null {
    return this.sql.exec<Row>('SELECT id, message FROM inbox ORDER BY id LIMIT 1').toArray()[0] ?? null;
  }

  done(id: number): void {
    this.sql.exec('DELETE FROM inbox WHERE id = ?1', id);
  }

  forget(): void {
    for (const table of ['ring', 'inbox', 'meta']) this.sql.exec(`DELETE FROM ${table}`);
  }

  count(table: 'ring' | 'inbox'): number {
    return this.sql.exec<{ n: number }>(`SELECT count(*) AS n FROM ${table}`).one().n;
  }

  get failures(): { times: number; problem: string | null } {
    const [row] = this.sql.exec<{ value: string }>("SELECT value FROM meta WHERE key = 'failures'").toArray();
    return row ? JSON.parse(row.value) : { times: 0, problem: null };
  }

  set failures(failures: { times: number; problem: string | null }) {
    this.sql.exec(
      "INSERT OR REPLACE INTO meta (key, value) VALUES ('failures', ?1)",
      JSON.stringify(failures),
    );
  }
}
