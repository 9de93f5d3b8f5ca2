// When an endpoint is looked at again: a timer while the object is in memory, an alarm whatever becomes of it. What is done
// then is sender.ts.

export class Alarms {
  private readonly storage: DurableObjectStorage;
  private readonly now: () => number;
  private readonly work: () => void;
  private armedAt: number | null = null;
  private timer: { at: number; handle: ReturnType<typeof setTimeout> } | null = null;

  constructor(storage: DurableObjectStorage, now: () => number, work: () => void) {
    this.storage = storage;
    this.now = now;
    this.work = work;
  }

  /** When it rings; null: it does not. */
  get armed(): number | null {
    return this.armedAt;
  }

  rang(): void {
    this.armedAt = null;
  }

  /** One row written, unless it rings before then anyway. */
  at(at: number): void {
    if (this.armedAt !== null && this.armedAt <= at) return;
    this.armedAt = at;
    void this.storage.setAlarm(at);
  }

  /** Works in `ms`, while the object is in memory: an alarm costs a row. */
  later(ms: number): void {
    const at = this.now() + ms;
    if (this.timer && this.timer.at <= at) return;
    clearTimeout(this.timer?.handle);
    const handle = setTimeout(() => {
      this.timer = null;
      this.work();
    }, ms);
    this.timer = { at, handle };
  }

  drop(): void {
    clearTimeout(this.timer?.handle);
  }
}
