// Counts the rows that storage reads and writes, as the platform bills them: in an object's SQLite and in D1.
import { runInDurableObject } from 'cloudflare:test';
import { countingD1, type Meter } from '../support/counting-d1.ts';
import { bindings, d1, type Room } from './harness.ts';

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

/** A D1 that counts, by default the tests' own. */
export const meteredD1 = (db: D1Database = d1) => countingD1(db);

/** Puts another database in the place of the Indexer's; undefined: the real one again. */
export function indexInto(db: D1Database | undefined): Promise<void> {
  const indexer = bindings.INDEXER.getByName('d1');
  return runInDurableObject(indexer, (instance) => {
    Object.defineProperty(instance, 'db', { configurable: true, get: () => db ?? d1 });
  });
}
