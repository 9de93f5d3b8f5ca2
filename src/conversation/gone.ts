// Which messages of this conversation were deleted, kept in the object's single facts: a row per chunk that has any.
// So a deletion is one row however many there were, and a wake reads one for every 4,096 messages at most.
import { type Ranges, sizeOf } from '../domain/gone.ts';
import type { Ordinal } from '../domain/ids.ts';
import { OrdinalSet } from '../domain/ordinal-set.ts';
import { readMeta, writeMeta } from './meta.ts';

/** All keys of this kind, and nothing else, sort between these. */
const KEYS = ['gone:', 'gone;'] as const;
/** Where logs of an older version have all ranges in one row. */
const OLD_KEY = 'gone';

export class Gone {
  private readonly sql: SqlStorage;
  private readonly set = new OrdinalSet();
  /** Rises whenever there are more. */
  version = 0;

  constructor(sql: SqlStorage) {
    this.sql = sql;
    const rows = sql.exec<{ key: string; value: string }>(
      'SELECT key, value FROM meta WHERE key >= ? AND key < ?',
      ...KEYS,
    );
    for (const { key, value } of rows)
      this.set.put(Number(key.slice(KEYS[0].length)), bytesOf(JSON.parse(value)));
    const old = readMeta<Ranges>(sql, OLD_KEY);
    if (!old) return;
    for (const [from, to] of old) this.add(from, to);
    sql.exec('DELETE FROM meta WHERE key = ?', OLD_KEY);
  }

  /** Makes it all of these. */
  static rewrite(sql: SqlStorage, ordinals: Iterable<Ordinal>): void {
    sql.exec('DELETE FROM meta WHERE key >= ? AND key < ?', ...KEYS);
    const gone = new Gone(sql);
    gone.addEach(ordinals);
  }

  /** One row written per chunk that changes. */
  add(from: Ordinal, to: Ordinal): void {
    this.keep(this.set.add(from, to));
  }

  addEach(ordinals: Iterable<Ordinal>): void {
    const changed = new Set<number>();
    for (const n of ordinals) for (const chunk of this.set.add(n, n)) changed.add(chunk);
    this.keep(changed);
  }

  private keep(changed: Iterable<number>): void {
    this.version += 1;
    for (const chunk of changed) writeMeta(this.sql, `${KEYS[0]}${chunk}`, textOf(this.set.bitsOf(chunk)));
  }

  /** Messages from `from` to `to` that are still there. */
  living(from: Ordinal, to: Ordinal): number {
    return to < from ? 0 : to - from + 1 - this.set.count(from, to);
  }

  /**
   * The first (`forward`) or last `limit` of them, and whether there are more. `withDeleted`: as if nothing had been
   * deleted.
   */
  page(
    [from, to]: readonly [Ordinal, Ordinal],
    { limit, forward, withDeleted }: { limit: number; forward: boolean; withDeleted: boolean },
  ): { ranges: Ranges; hasMore: boolean } {
    const set = withDeleted ? new OrdinalSet() : this.set;
    const ranges = forward ? set.firstOut(from, to, limit) : set.lastOut(from, to, limit);
    const total = withDeleted ? Math.max(0, to - from + 1) : this.living(from, to);
    return { ranges, hasMore: total > sizeOf(ranges) };
  }

  /** The newest `limit` ranges up to `to`, rising. */
  newest(to: Ordinal, limit: number): Ranges {
    return this.set.newest(to, limit);
  }
}

const textOf = (bytes: Uint8Array): string => btoa(String.fromCharCode(...bytes));
const bytesOf = (text: string): Uint8Array => Uint8Array.from(atob(text), (char) => char.charCodeAt(0));
