// An endpoint that is left alone: known here at once, and to the directory as soon as that can be written down. Why it is
// left alone is schedule.ts.
import { readMeta, writeMeta } from './schema.ts';

export class Leaving {
  private readonly sql: SqlStorage;
  private disabled: { reason: string; at: number } | null;

  constructor(sql: SqlStorage) {
    this.sql = sql;
    this.disabled = readMeta(sql, 'disabled');
  }

  get isLeft(): boolean {
    return this.disabled !== null;
  }

  /** False: it was before. */
  leave(reason: string, at: number): boolean {
    if (this.disabled) return false;
    this.disabled = { reason, at };
    writeMeta(this.sql, 'disabled', this.disabled);
    return true;
  }

  /** Has the directory written down what is known here alone; throws where that cannot be now. */
  async report(disable: (reason: string) => Promise<void>, reload: () => Promise<void>): Promise<void> {
    const { disabled } = this;
    if (!disabled) return;
    await disable(disabled.reason);
    await reload();
    // Switched on meanwhile, and off again: that is another report's.
    if (this.disabled === disabled) this.forget();
  }

  forget(): void {
    if (!this.disabled) return;
    this.disabled = null;
    this.sql.exec("DELETE FROM meta WHERE key = 'disabled'");
  }
}
