// When an endpoint is looked at again: a timer while the object is in memory, an alarm whatever becomes of it. What is done
// then is sender.ts.
import { PRUNE_MS } from './keeping.ts';

/** While something is on its way, the alarm rings so long after: it may have been cut off. */
export const NET_MS = 30_000;
/** What is due within this time is waited for in memory: an alarm costs a row. */
export const SOON_MS = 6_000;

/** What an endpoint has before it; times in ms since 1970. */
export interface Ahead {
  /** Deliveries are on their way. */
  flying: boolean;
  /** When the next delivery is due that is not on its way; null: none. */
  due(): number | null;
  /** What else has its time. */
  others: number[];
  /** Whether anything is kept that has to be let go some day. */
  keeps(): boolean;
}

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

  /** For what comes next. */
  arm({ flying, due: nextDue, others, keeps }: Ahead): void {
    const now = this.now();
    const net = now + NET_MS;
    // Whatever ends pumps again, and what is due soon after a failure has a timer.
    if (flying && this.armedAt !== null && this.armedAt <= net) return;
    const due = nextDue();
    const times = flying ? [net] : [];
    // What is due soon has a timer, and no row; the net is below it. Due and not sent: something holds it up.
    if (due !== null && due > now && due - now <= SOON_MS) this.later(due - now);
    if (due !== null) times.push(due - now <= SOON_MS ? net : due);
    if (times.length === 0 && this.armedAt === null && keeps()) times.push(now + PRUNE_MS);
    const all = [...times, ...others];
    if (all.length > 0) this.at(Math.min(...all));
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
