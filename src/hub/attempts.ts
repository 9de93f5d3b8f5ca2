// How often passwords may be tried: work that waits on this isolate, and guesses at one name. Counted in the isolate,
// never stored: nobody can lock somebody else out for longer than the delay between two guesses.

/** Wrong guesses at a name that are checked at once, and how long each one after them takes to come back. */
const FAILURES = 10;
const REFILL_MS = 6_000;
/** Names with failures that are remembered, the ones last tried. Each comes back by itself within a minute. */
const NAMES_KEPT = 10_000;
/** A check takes some 100 ms of the isolate's one thread: more that wait would hold up every other call. */
const AT_ONCE = 8;
const BUSY_RETRY_MS = 1_000;

/** What the guesses at a name have used up, in ms that it takes to come back, as of `at` (ms since 1970). */
interface Used {
  ms: number;
  at: number;
}

export class Attempts {
  private readonly names = new Map<string, Used>();
  private running = 0;

  /**
   * Takes a place and one guess at `name`. 0: granted, and `end` must follow. Else nothing is taken, and a try is worth
   * it so many ms later.
   */
  begin(name: string, nowMs: number): number {
    if (this.running >= AT_ONCE) return BUSY_RETRY_MS;
    const ms = this.usedMs(name, nowMs) + REFILL_MS;
    if (ms > FAILURES * REFILL_MS) return ms - FAILURES * REFILL_MS;
    this.keep(name, { ms, at: nowMs });
    this.running += 1;
    return 0;
  }

  /** What came of it. The right password gives every guess back; one that was never checked gives back its own. */
  end(name: string, outcome: 'right' | 'wrong' | 'unchecked'): void {
    this.running -= 1;
    const used = this.names.get(name);
    if (outcome === 'right') this.names.delete(name);
    else if (outcome === 'unchecked' && used) used.ms = Math.max(0, used.ms - REFILL_MS);
  }

  private usedMs(name: string, nowMs: number): number {
    const used = this.names.get(name);
    return used ? Math.max(0, used.ms - Math.max(0, nowMs - used.at)) : 0;
  }

  private keep(name: string, used: Used): void {
    this.names.delete(name);
    this.names.set(name, used);
    if (this.names.size > NAMES_KEPT) this.names.delete(this.names.keys().next().value as string);
  }
}
