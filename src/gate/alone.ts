// How long a connection may stay open while it speaks for nobody. What it is and who it speaks for is object.ts.

/**
 * Clients connect before anybody has signed in, and by themselves again when they are let go: a minute is no loss to them,
 * and what nobody ever signs in on goes with it.
 */
export const ALONE_MS = 60_000;

/** Rings once. While it waits the object stays awake: it waits for connections alone that speak for nobody. */
export class Alone {
  private readonly ring: () => void;
  private timer: ReturnType<typeof setTimeout> | undefined;

  constructor(ring: () => void) {
    this.ring = ring;
  }

  /** `untilMs`: since 1970. Instead of what it waited for before. */
  begin(untilMs: number): void {
    this.end();
    this.timer = setTimeout(this.ring, Math.max(0, untilMs - Date.now()));
  }

  end(): void {
    clearTimeout(this.timer);
    this.timer = undefined;
  }
}
