// Development only: EVICT_EVERY=n throws the object out of memory after every n-th call, when nothing is in flight, so
// that a test suite lives through what the platform may do at any time.

export class Evictor {
  private readonly ctx: DurableObjectState;
  private readonly every: number;
  private calls = 0;
  private active = 0;

  constructor(ctx: DurableObjectState, every: number) {
    this.ctx = ctx;
    this.every = Number.isInteger(every) && every > 0 ? every : 0;
  }

  /** Runs a call; when it was the n-th one, the object goes once it is durable and answered. */
  async during<T>(call: () => Promise<T>): Promise<T> {
    if (this.every === 0) return call();
    this.active += 1;
    this.calls += 1;
    try {
      return await call();
    } finally {
      this.active -= 1;
      if (this.calls >= this.every && this.active === 0) this.evict();
    }
  }

  private evict(): void {
    // Two turns: the answer has left, and no call has come in since.
    void this.ctx.storage.sync().then(() =>
      setTimeout(
        () =>
          setTimeout(() => {
            if (this.active === 0 && this.ctx.getWebSockets().length === 0) this.ctx.abort('EVICT_EVERY');
          }, 0),
        0,
      ),
    );
  }
}
