// A D1 that counts the rows that it reads and writes, as the platform bills them. For any runtime.

/** Rows read and written since the last `reset`. */
export interface Meter {
  readonly read: number;
  readonly written: number;
  /** SQL texts, in order. */
  readonly statements: string[];
  reset(): void;
}

export interface MeteredD1 {
  db: D1Database;
  meter: Meter;
}

/** A D1 that counts by the meta data of each answer. Only what src uses of it: prepare, bind, first, all, run, raw, batch. */
export function countingD1(db: D1Database): MeteredD1 {
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
