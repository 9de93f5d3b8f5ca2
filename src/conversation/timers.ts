// Named timers over the object's single alarm. An alarm may come late, twice, or without saying why: whoever is due
// runs, and whatever is still due is armed again.

type Run = () => Promise<void>;

/** Ms to the next try when a timer's work failed. */
const RETRY_MS = 5_000;

export class Timers {
  private readonly storage: DurableObjectStorage;
  private readonly now: () => number;
  private readonly runs = new Map<string, Run>();
  /** Timers whose work the object knows after a wake by itself: their due times are not written down. */
  private readonly derived = new Set<string>();
  /** name -> due, ms since 1970. */
  private due: Map<string, number>;
  private readonly save: (due: Record<string, number>) => void;

  constructor(
    storage: DurableObjectStorage,
    now: () => number,
    saved: Record<string, number>,
    save: (due: Record<string, number>) => void,
  ) {
    this.storage = storage;
    this.now = now;
    this.due = new Map(Object.entries(saved));
    this.save = save;
  }

  on(name: string, run: Run): void {
    this.runs.set(name, run);
  }

  /** A timer whose work is found again after a wake: whenever the alarm rings it runs, and costs no row. */
  onWake(name: string, run: Run): void {
    this.on(name, run);
    this.derived.add(name);
  }

  isArmed(name: string): boolean {
    return this.due.has(name);
  }

  /**
   * Arms a timer for `at` (ms since 1970); an earlier one stays. One row written when it was not armed (two where its due
   * time is written down).
   */
  arm(name: string, at: number): void {
    const known = this.due.get(name);
    if (known !== undefined && known <= at) return;
    this.due.set(name, at);
    this.persist(name);
  }

  disarm(name: string): void {
    if (this.due.delete(name)) this.persist(name);
  }

  /** The alarm rang. Nothing thrown leaves here: a throw would spend the platform's few retries. */
  async ring(): Promise<void> {
    const now = this.now();
    const ready = new Set([...this.due].filter(([, at]) => at <= now).map(([name]) => name));
    for (const name of ready) this.due.delete(name);
    // A wake forgot when these were due; the alarm may have been theirs.
    for (const name of this.derived) if (!this.due.has(name)) ready.add(name);
    for (const name of ready) {
      try {
        await this.runs.get(name)?.();
      } catch (error) {
        console.error(JSON.stringify({ at: 'timer', name, error: String(error) }));
        if (!this.due.has(name)) this.due.set(name, this.now() + RETRY_MS);
      }
    }
    // Last: a successful setAlarm earlier would hide a failure from the platform's own retry.
    if ([...ready].some((name) => !this.derived.has(name))) this.write();
    this.setAlarm();
  }

  /** After a wake: an alarm that was lost is set again. */
  async restore(): Promise<void> {
    if (this.due.size > 0 && (await this.storage.getAlarm()) === null) this.setAlarm();
  }

  private persist(name: string): void {
    if (!this.derived.has(name)) this.write();
    this.setAlarm();
  }

  private write(): void {
    this.save(Object.fromEntries([...this.due].filter(([name]) => !this.derived.has(name))));
  }

  private setAlarm(): void {
    if (this.due.size === 0) return;
    void this.storage.setAlarm(Math.max(Math.min(...this.due.values()), this.now()));
  }
}
