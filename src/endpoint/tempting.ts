// The call with a wrong signature that an endpoint gets once a day, where its owner wants to know whether it looks
// (contracts/webhooks-bridges-widget.md W23): when it is due. Making it is object.ts.
import type { Configured } from './port.ts';
import { readMeta, writeMeta } from './schema.ts';

const DAY_MS = 86_400_000;
const KEY = 'tempted';

export class Tempting {
  private readonly sql: SqlStorage;
  /** Of the last one; undefined: not read yet. */
  private at: number | null | undefined;

  constructor(sql: SqlStorage) {
    this.sql = sql;
  }

  /** ms since 1970; null: it gets none. The first one is a day after it was asked for: a row is written then. */
  dueAt({ active, probed }: Configured, now: number): number | null {
    if (!active || !probed) return null;
    this.at ??= readMeta<number>(this.sql, KEY);
    if (this.at === null) this.note(now);
    return (this.at ?? now) + DAY_MS;
  }

  /** Whether it is due. Then it counts as made, whatever becomes of it: the next one is tomorrow's. */
  takes(config: Configured, now: number): boolean {
    const due = this.dueAt(config, now);
    if (due === null || due > now) return false;
    this.note(now);
    return true;
  }

  private note(now: number): void {
    this.at = now;
    writeMeta(this.sql, KEY, now);
  }
}
