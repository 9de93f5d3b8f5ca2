// The tables of one conversation object, as an append-only list of migrations. Objects sleep for months, so every
// step runs from any older state; a step, once released, is never edited.

/** What a migration may do: run SQL, synchronously, inside the transaction of the migration. */
export interface Migration {
  id: number;
  name: string;
  sql: string;
}

/**
 * entry: the log. The reader cursors (`indexed`, `delivered`) are what was known when the row was inserted, so a
 * post is one row: on wake the readers start again from there, and their targets ignore what they have already.
 * entry_event finds a message by its ordinal: between two events of the log, seq and ordinal rise together.
 * A message names its author's messages so far (`own`), the author's last one before it (`mine`) and the last one of
 * anybody else (`other`): what a person wrote, and what others did, is walked row by row without an index to write.
 * entry.behind: how many entries, with it, endpoints had yet to be told of; 0 where an app has none.
 * member.sent, sent_seq: that count and place as of the row's last writing; -1: to be counted.
 */
export const MIGRATIONS: readonly Migration[] = [
  {
    id: 1,
    name: 'the log and its members',
    sql: `
      CREATE TABLE entry (
        seq INTEGER PRIMARY KEY,
        at INTEGER NOT NULL,
        kind INTEGER NOT NULL,
        n INTEGER NOT NULL,
        prev INTEGER NOT NULL,
        author INTEGER,
        client_id TEXT,
        print TEXT,
        indexed INTEGER NOT NULL,
        delivered INTEGER NOT NULL,
        body TEXT NOT NULL
      ) STRICT;
      CREATE UNIQUE INDEX entry_client ON entry (client_id) WHERE client_id IS NOT NULL;
      CREATE INDEX entry_event ON entry (n, seq) WHERE kind > 0;
      CREATE TABLE member (
        user INTEGER PRIMARY KEY,
        card TEXT NOT NULL,
        standing TEXT NOT NULL,
        joined_seq INTEGER NOT NULL,
        joined_at INTEGER NOT NULL,
        read_seq INTEGER NOT NULL,
        read_n INTEGER NOT NULL,
        read_at INTEGER NOT NULL,
        own_after INTEGER NOT NULL,
        delivered_seq INTEGER NOT NULL,
        delivered_at INTEGER NOT NULL,
        hidden_seq INTEGER NOT NULL,
        cleared_seq INTEGER NOT NULL,
        progress TEXT NOT NULL,
        muted INTEGER NOT NULL,
        invited_by INTEGER,
        removed_by INTEGER,
        rev INTEGER NOT NULL,
        indexed_rev INTEGER NOT NULL
      ) STRICT;
      CREATE TABLE meta (key TEXT PRIMARY KEY, value TEXT NOT NULL) STRICT, WITHOUT ROWID;
    `,
  },
  {
    id: 2,
    name: 'what each person wrote, and what they put out of their sight',
    sql: `
      ALTER TABLE entry ADD COLUMN own INTEGER NOT NULL DEFAULT 0;
      ALTER TABLE entry ADD COLUMN mine INTEGER NOT NULL DEFAULT 0;
      ALTER TABLE entry ADD COLUMN other INTEGER NOT NULL DEFAULT 0;
      ALTER TABLE member ADD COLUMN sent INTEGER NOT NULL DEFAULT -1;
      ALTER TABLE member ADD COLUMN sent_seq INTEGER NOT NULL DEFAULT 0;
      ALTER TABLE member ADD COLUMN concealed TEXT NOT NULL DEFAULT '';
      ${chainEntries()}
    `,
  },
  {
    id: 3,
    name: 'how far endpoints are behind',
    sql: 'ALTER TABLE entry ADD COLUMN behind INTEGER NOT NULL DEFAULT 0;',
  },
];

/**
 * Works out `own`, `mine` and `other` of every message from the others: for logs from elsewhere, and (`of`) for the messages
 * of one author who got more. Reads the log and writes each of those rows.
 */
export function chainEntries(of?: number): string {
  return `
    UPDATE entry SET own = c.own, mine = c.mine, other = c.other FROM (
      SELECT seq,
        iif(author IS NULL, 0, count(*) OVER (PARTITION BY author ORDER BY seq ROWS UNBOUNDED PRECEDING)) AS own,
        iif(author IS NULL, 0, lag(seq, 1, 0) OVER (PARTITION BY author ORDER BY seq)) AS mine,
        coalesce(max(iif(author IS NULL OR author IS NOT author_before, before, NULL)) OVER (ORDER BY seq ROWS UNBOUNDED PRECEDING), 0) AS other
      FROM (
        SELECT seq, author, lag(author) OVER (ORDER BY seq) AS author_before, lag(seq) OVER (ORDER BY seq) AS before
        FROM entry WHERE kind = 0)
    ) c WHERE c.seq = entry.seq${of === undefined ? '' : ` AND entry.author = ${Math.trunc(of)}`};`;
}

/** Brings a conversation's tables to the newest version. Throws when the object holds a migration this code does not know. */
export function migrate(storage: DurableObjectStorage, migrations: readonly Migration[] = MIGRATIONS): void {
  const { sql } = storage;
  storage.transactionSync(() => {
    sql.exec('CREATE TABLE IF NOT EXISTS migration (id INTEGER PRIMARY KEY, name TEXT NOT NULL) STRICT');
    const done = sql
      .exec<{ id: number; name: string }>('SELECT id, name FROM migration ORDER BY id')
      .toArray();
    for (const [index, row] of done.entries()) {
      const known = migrations[index];
      if (known?.id !== row.id || known.name !== row.name) {
        throw new Error(
          `conversation schema: holds migration ${row.id} "${row.name}", which this version does not know`,
        );
      }
    }
    for (const step of migrations.slice(done.length)) {
      sql.exec(step.sql);
      sql.exec('INSERT INTO migration (id, name) VALUES (?, ?)', step.id, step.name);
    }
  });
}

/** Whether this object was ever born: reading tells it without writing anything for ids that do not exist. */
export const isBorn = (sql: SqlStorage): boolean =>
  sql.exec("SELECT 1 FROM sqlite_master WHERE type = 'table' AND name = 'migration'").toArray().length > 0;
