// The order of one socket's frames: each is done when the ones before it are. Only subscriptions to different
// conversations may overlap: nobody can tell their order, and a client that comes back has hundreds of them.

/** Conversations asked at the same time for one socket. */
const OVERLAP = 8;
/** Frames that may wait; a client that pushes more must wait for answers. */
const WAITING = 2_000;

interface Job {
  /** Jobs with different keys may overlap; null: with none. */
  key: string | null;
  /** Must not reject. */
  run(): Promise<void>;
}

export class Lane {
  private readonly waiting: Job[] = [];
  private readonly running = new Set<string | null>();

  /** False when too many wait: the job will not be done. */
  push(job: Job): boolean {
    if (this.waiting.length >= WAITING) return false;
    this.waiting.push(job);
    this.next();
    return true;
  }

  private next(): void {
    for (let job = this.waiting[0]; job && this.mayRun(job.key); job = this.waiting[0]) {
      this.waiting.shift();
      const { key } = job;
      this.running.add(key);
      void job.run().finally(() => {
        this.running.delete(key);
        this.next();
      });
    }
  }

  private mayRun(key: string | null): boolean {
    if (this.running.size === 0) return true;
    return key !== null && !this.running.has(null) && !this.running.has(key) && this.running.size < OVERLAP;
  }
}
