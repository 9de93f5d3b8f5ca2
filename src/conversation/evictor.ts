// Throws the object out of memory, when nothing is in flight: after an import, which leaves thousands of objects behind
// that nobody needs soon; and in development after every n-th call (EVICT_EVERY=n), so that a test suite lives through
// what the platform may do at any time.

/** Why a call fails that came in just then. It never began: whoever made it may make it again. */
export const LET_GO = 'the object was let go';

export class Evictor {
  private readonly ctx: DurableObjectState;
  private readonly every: number;
  private calls = 0;
  private active = 0;
  private leaving = false;

  constructor(ctx: DurableObjectState, every: number) {
    this.ctx = ctx;
    this.every = Number.isInteger(every) && every > 0 ? every : 0;
  }

  /** Runs a call; when it was the n-th one, the object goes once it is durable and answered. */
  async during<T>(call: () => Promise<T>): Promise<T> {
    this.active += 1;
    this.calls += 1;
    try {
      return await call();
    } finally {
      this.active -= 1;
      const due = this.leaving || (this.every > 0 && this.calls >= this.every);
      if (due && this.active === 0) this.evict();
    }
  }

  /** The object goes after this call, before the platform would let it go: nobody is expected to come back soon. */
  leave(): void {
    this.leaving = true;
  }

  private evict(): void {
    // Two turns: the answer has left, and no call has come in since.
    void this.ctx.storage.sync().then(() =>
      setTimeout(
        () =>
          setTimeout(() => {
            if (this.active === 0 && this.ctx.getWebSockets().length === 0) this.ctx.abort(LET_GO);
          }, 0),
        0,
      ),
    );
  }
}
