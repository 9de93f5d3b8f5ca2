// Takes an object's memory away when nothing is in flight: when the object says that nobody needs it soon, and in
// development (EVICT_EVERY=n) after every n-th call, so that a test suite lives through what the platform may do at any
// time. What that means is each object's own: a conversation is aborted unless sockets are attached to it; an Inbox does
// what hibernation does, for an abort would cut off every client with each call.

export class Evictor {
  private readonly storage: DurableObjectStorage;
  private readonly every: number;
  private readonly evict: () => void;
  private calls = 0;
  private active = 0;
  private leaving = false;
  private settling = false;

  constructor(storage: DurableObjectStorage, every: number, evict: () => void) {
    this.storage = storage;
    this.every = Number.isInteger(every) && every > 0 ? every : 0;
    this.evict = evict;
  }

  /** Runs a call; when it was the n-th one, the memory goes once it is durable and answered. */
  async during<T>(call: () => Promise<T>): Promise<T> {
    this.active += 1;
    this.calls += 1;
    try {
      return await call();
    } finally {
      this.active -= 1;
      const due = this.leaving || (this.every > 0 && this.calls >= this.every);
      if (due && this.active === 0) this.settle();
    }
  }

  /** The object goes after this call, before the platform would let it go: nobody is expected to come back soon. */
  leave(): void {
    this.leaving = true;
  }

  private settle(): void {
    // Calls that end meanwhile are not one more reason: what began after the memory went would be cut off by each of them.
    if (this.settling) return;
    this.settling = true;
    // Two turns: the answer has left, and no call has come in since.
    void this.storage.sync().then(() =>
      setTimeout(
        () =>
          setTimeout(() => {
            this.settling = false;
            if (this.active > 0) return;
            this.calls = 0;
            this.evict();
          }, 0),
        0,
      ),
    );
  }
}
