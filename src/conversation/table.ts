// What a log is made of as it lies in the object's SQLite: rows of entries and single facts, in and out as they are. What they mean,
// and what memory holds of them, is log.ts.
import type { Seq } from '../domain/ids.ts';
import type { Message } from '../domain/model.ts';
import { readMeta, writeMeta } from './meta.ts';
import { compact, type EntryRow, FILE_KEY, filesIn } from './rows.ts';

const COLUMNS =
  'seq, at, kind, n, prev, author, client_id, print, indexed, delivered, body, own, mine, other, behind';

type Row = EntryRow & Record<string, SqlStorageValue>;

export abstract class LogTable {
  readonly sql: SqlStorage;

  constructor(sql: SqlStorage) {
    this.sql = sql;
  }

  getMeta<T>(key: string): T | null {
    return readMeta<T>(this.sql, key);
  }

  setMeta(key: string, value: unknown): void {
    writeMeta(this.sql, key, value);
  }

  /** Writes a row as it is; the caller answers for its seq, n and prev. */
  insert(row: EntryRow): void {
    this.sql.exec(
      `INSERT INTO entry (${COLUMNS}) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)`,
      row.seq,
      row.at,
      row.kind,
      row.n,
      row.prev,
      row.author,
      row.client_id,
      row.print,
      row.indexed,
      row.delivered,
      row.body,
      row.own,
      row.mine,
      row.other,
      row.behind,
    );
  }

  /** The last one. */
  protected newest(): EntryRow | undefined {
    return this.sql.exec<Row>(`SELECT ${COLUMNS} FROM entry ORDER BY seq DESC LIMIT 1`).toArray()[0];
  }

  row(seq: Seq): EntryRow | null {
    return this.sql.exec<Row>(`SELECT ${COLUMNS} FROM entry WHERE seq = ?`, seq).toArray()[0] ?? null;
  }

  /** Rows after `after`, in order, at most `limit`. */
  rowsAfter(after: Seq, limit: number): EntryRow[] {
    return this.sql
      .exec<Row>(`SELECT ${COLUMNS} FROM entry WHERE seq > ? ORDER BY seq LIMIT ?`, after, limit)
      .toArray();
  }

  byClientId(id: string): EntryRow | null {
    return this.sql.exec<Row>(`SELECT ${COLUMNS} FROM entry WHERE client_id = ?`, id).toArray()[0] ?? null;
  }

  /** Keys of the hub's files in the messages of which this holds (SQL). Walks the log: for what changes all of it. */
  filesWhere(condition: string, value: number): string[] {
    const rows = this.sql.exec<{ body: string }>(
      `SELECT body FROM entry WHERE kind = 0 AND ${condition} AND instr(body, ?) > 0`,
      value,
      FILE_KEY,
    );
    return [...rows].flatMap(filesIn);
  }

  /** Rewrites a message's body in its own row. */
  rewrite(seq: Seq, message: Omit<Message, 'clientId'>): void {
    this.sql.exec('UPDATE entry SET body = ? WHERE seq = ?', JSON.stringify(compact(message)), seq);
  }
}
