// The tables of one Endpoint object.

/**
 * source: the last seq of each conversation that was taken, and the epoch that it counts in.
 * delivery: what was or will be sent. Of a conversation, and in each lane (0: what is new, 1: what is sent again), one that
 * waits has a due time where deliveries are ordered: the others follow it. `fed` is what it is made of, until it is made.
 * Rows written for one that succeeds at once: 1 for the place in its conversation (for all that come together), 1 and 2 in the
 * indexes when it is taken, 1 when it ended; 1 more where it could not be made at once, and for each attempt that failed 2.
 * A body with its `fed` beside it is a short one: the whole is made of that when the receiver asks for it.
 * notice: what whoever runs it should know of how it is doing; `told` once those who asked have heard.
 */
const TABLES = `
  CREATE TABLE IF NOT EXISTS meta (key TEXT PRIMARY KEY, value TEXT NOT NULL) STRICT, WITHOUT ROWID;
  CREATE TABLE IF NOT EXISTS source (conversation INTEGER PRIMARY KEY, epoch TEXT NOT NULL, seq INTEGER NOT NULL) STRICT;
  CREATE TABLE IF NOT EXISTS delivery (
    id INTEGER PRIMARY KEY,
    conversation INTEGER NOT NULL,
    seq INTEGER NOT NULL,
    event TEXT NOT NULL,
    type TEXT NOT NULL,
    author INTEGER,
    taken_at INTEGER NOT NULL,
    state INTEGER NOT NULL DEFAULT 0,
    lane INTEGER NOT NULL DEFAULT 0,
    due INTEGER,
    tries INTEGER NOT NULL DEFAULT 0,
    attempts INTEGER NOT NULL DEFAULT 0,
    status INTEGER,
    reason TEXT,
    ended_at INTEGER,
    fed TEXT,
    body TEXT,
    log TEXT NOT NULL DEFAULT '[]'
  ) STRICT;
  CREATE INDEX IF NOT EXISTS delivery_due ON delivery (lane, due, id) WHERE due IS NOT NULL;
  CREATE INDEX IF NOT EXISTS delivery_event ON delivery (event) WHERE fed IS NOT NULL AND body IS NOT NULL;
  CREATE TABLE IF NOT EXISTS notice (
    id INTEGER PRIMARY KEY,
    at INTEGER NOT NULL,
    what TEXT NOT NULL,
    more TEXT NOT NULL,
    told INTEGER NOT NULL DEFAULT 0
  ) STRICT;
  CREATE INDEX IF NOT EXISTS notice_untold ON notice (id) WHERE told = 0;
  CREATE INDEX IF NOT EXISTS delivery_waiting ON delivery (lane, conversation, id) WHERE state = 0;
`;

/** Makes what is missing: cheap where nothing is. A later change of these tables is an ALTER behind a check of its own. */
export function migrate(storage: DurableObjectStorage): void {
  storage.transactionSync(() => storage.sql.exec(TABLES));
}

export function readMeta<T>(sql: SqlStorage, key: string): T | null {
  const row = sql.exec<{ value: string }>('SELECT value FROM meta WHERE key = ?', key).toArray()[0];
  return row ? (JSON.parse(row.value) as T) : null;
}

export function writeMeta(sql: SqlStorage, key: string, value: unknown): void {
  sql.exec('INSERT OR REPLACE INTO meta (key, value) VALUES (?, ?)', key, JSON.stringify(value));
}
