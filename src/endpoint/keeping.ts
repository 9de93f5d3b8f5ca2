// How much an endpoint keeps: deliveries for some days, and so many of them, sent or not. What is let go unsent is counted
// (contracts/webhooks-bridges-widget.md W16, W26).
import type { Notices } from './notices.ts';
import type { Queue } from './queue.ts';
import type { Policy } from './schedule.ts';
import { readMeta, writeMeta } from './schema.ts';

/** What is kept is looked through once a day, some rows at a time. */
export const PRUNE_MS = 86_400_000;
const PRUNE_ROWS = 500;

export class Keeping {
  private readonly storage: DurableObjectStorage;
  private readonly queue: Queue;
  private readonly notices: Notices;
  private readonly say: (dropped: number) => void;
  /** For so many more there is room; null: not known since it came into memory. */
  private room: { most: number; left: number } | null = null;

  /** `say` is given how many were let go unsent, ever. */
  constructor(storage: DurableObjectStorage, queue: Queue, notices: Notices, say: (dropped: number) => void) {
    this.storage = storage;
    this.queue = queue;
    this.notices = notices;
    this.say = say;
  }

  /** Lets go what is too old, where the last look was a day ago or did not come to an end. */
  prune({ keptMs }: Policy, now: number): void {
    const last = readMeta<number>(this.storage.sql, 'pruned') ?? 0;
    if (now - last < PRUNE_MS) return;
    this.storage.transactionSync(() => {
      const { more, dropped } = this.queue.prune(now - keptMs, now, PRUNE_ROWS);
      this.notices.forgetBefore(now - keptMs);
      if (!more) writeMeta(this.storage.sql, 'pruned', now);
      this.count(dropped, now);
    });
  }

  /** Inside the transaction that took `added` more in: there is a bound, also where nothing is ever sent. */
  trim({ keptMost }: Policy, added: number, now: number): void {
    // Counted again only where it may be reached: what is let go meanwhile makes room that is found then.
    if (this.room?.most === keptMost && this.room.left >= added) {
      this.room.left -= added;
      return;
    }
    const { dropped, left } = this.queue.trim(keptMost, now);
    this.room = { most: keptMost, left };
    this.count(dropped, now);
  }

  /** Deliveries that were let go before they were sent, ever; ms since 1970 of the last time. */
  get dropped(): { count: number; at: number | null } {
    return readMeta(this.storage.sql, 'dropped') ?? { count: 0, at: null };
  }

  private count(more: number, now: number): void {
    if (more === 0) return;
    const count = this.dropped.count + more;
    writeMeta(this.storage.sql, 'dropped', { count, at: now });
    this.say(count);
  }
}
