// Counts the rows that storage reads and writes, as the platform bills them: in an object's SQLite and in D1.
import { runInDurableObject } from 'cloudflare:test';
import { bindings, d1, type Room } from './harness.ts';

/** Rows read and written since the last `reset`. */
export interface Meter {
  readonly read: number;
  readonly written: number;
  /** SQL texts, in order. */
  readonly statements: string[];
  reset(): void;
}

/** Counts what one conversation object does; setting an alarm is a row too (contracts/platform.md 2.1). */
export async function meterRoom(room: Room): Promise<Meter> {
  let cursors: SqlStorageCursor<Record<string, SqlStorageValue>>[] = [];
  let alarms = 0;
  let statements: string[] = [];
  await room.inside((_, { storage }) => {
    const { sql } = storage;
    const exec = sql.exec.bind(sql);
    sql.exec = ((text: string, ...values: SqlStorageValue[]) => {
      const cursor = exec(text, ...values);
      cursors.push(cursor);
      statements.push(text);
      return cursor;
    }) as typeof sql.exec;
    const setAlarm = storage.setAlarm.bind(storage);
    storage.setAlarm = (...args) => {
      alarms += 1;
      return setAlarm(...args);
    };
  });
  return {
    get read() {
      return cursors.reduce((sum, cursor) => sum + cursor.rowsRead, 0);
    },
    get written() {
      return cursors.reduce((sum, cursor) => sum + cursor.rowsWritten, alarms);
    },
    get statements() {
      return statements;
    },
    reset() {
      cursors = [];
      statements = [];
      alarms = 0;
    },
  };
}

export interface MeteredD1 {
  db: D1Database;
  meter: Meter;
}

/** A D1 that counts by the meta data of each answer. Only what src uses of it: prepare, bind, first, all, run, raw, batch. */
export function meteredD1(db: D1Database = d1): MeteredD1 {
  let [read, written] = [0, 0];
  let statements: string[] = [];
  const count = <T>(result: D1Result<T>): D1Result<T> => {
    read += result.meta.rows_read;
    written += result.meta.rows_written;
    return result;
  };
  const inner = new WeakMap<object, { statement: D1PreparedStatement; text: string }>();
  const wrap = (statement: D1PreparedStatement, text: string): D1PreparedStatement => {
    const all = async () => {
      statements.push(text);
      return count(await statement.all());
    };
    const wrapped = {
      bind: (...values: unknown[]) => wrap(statement.bind(...values), text),
      all,
      run: all,
      first: async () => (await all()).results[0] ?? null,
      raw: async () => (await all()).results.map((row) => Object.values(row)),
    };
    inner.set(wrapped, { statement, text });
    return wrapped as unknown as D1PreparedStatement;
  };
  const metered = {
    prepare: (text: string) => wrap(db.prepare(text), text),
    batch: async (group: D1PreparedStatement[]) => {
      const known = group.flatMap((wrapped) => inner.get(wrapped) ?? []);
      statements.push(...known.map(({ text }) => text));
      return (await db.batch(known.map(({ statement }) => statement))).map(count);
    },
  } as unknown as D1Database;
  const meter: Meter = {
    get read() {
      return read;
    },
    get written() {
      return written;
    },
    get statements() {
      return statements;
    },
    reset() {
      [read, written, statements] = [0, 0, []];
    },
  };
  return { db: metered, meter };
}

/** Puts another database in the place of the Indexer's; undefined: the real one again. */
export function indexInto(db: D1Database | undefined): Promise<void> {
  const indexer = bindings.INDEXER.getByName('d1');
  return runInDurableObject(indexer, (instance) => {
    Object.defineProperty(instance, 'db', { configurable: true, get: () => db ?? d1 });
  });
}
