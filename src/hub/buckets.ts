// What somebody has used up lately and gets back by itself as time goes on. Counted in memory, never stored; what is
// counted, and how much is too much, is attempts.ts and rations.ts.

/** What was used, in ms that it takes to come back, as of `at` (ms since 1970). */
interface Used {
  ms: number;
  at: number;
}

export class Buckets<K> {
  private readonly used = new Map<K, Used>();
  private readonly kept: number;

  /** `kept`: keys that are remembered, the ones last used. */
  constructor(kept: number) {
    this.kept = kept;
  }

  /** In how many ms `costMs` more fits into `roomMs`; 0: now. What is larger than the room takes all of it. */
  wait(key: K, costMs: number, roomMs: number, nowMs: number): number {
    return Math.max(0, Math.ceil(this.usedMs(key, nowMs) + Math.min(costMs, roomMs) - roomMs));
  }

  /** Uses up `costMs`, also where it does not fit. */
  take(key: K, costMs: number, nowMs: number): void {
    const ms = this.usedMs(key, nowMs) + costMs;
    // The one last used stands last: the first is the next to be forgotten.
    this.used.delete(key);
    this.used.set(key, { ms, at: nowMs });
    if (this.used.size > this.kept) this.used.delete(this.used.keys().next().value as K);
  }

  /** How often `costMs` still fits into `roomMs` now, and in how many ms all of it is there again. */
  left(key: K, costMs: number, roomMs: number, nowMs: number): { times: number; wholeMs: number } {
    const used = Math.min(roomMs, this.usedMs(key, nowMs));
    return { times: Math.floor((roomMs - used) / costMs), wholeMs: Math.ceil(used) };
  }

  giveBack(key: K, costMs: number): void {
    const used = this.used.get(key);
    if (used) used.ms = Math.max(0, used.ms - costMs);
  }

  forget(key: K): void {
    this.used.delete(key);
  }

  private usedMs(key: K, nowMs: number): number {
    const used = this.used.get(key);
    return used ? Math.max(0, used.ms - Math.max(0, nowMs - used.at)) : 0;
  }
}
