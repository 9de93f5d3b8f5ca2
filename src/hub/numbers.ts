// Which conversation numbers were given so far. Touching an object makes it, with a file and descriptors that stay, so
// a number that a client made up must not reach one.
import { within } from '../domain/within.ts';

/** However many made-up numbers come, the directory is asked so often at most. */
const ASK_EVERY_MS = 100;
const PATIENCE_MS = 500;
/** Nobody waits longer than this for an answer about a number. */
const WAIT_MS = 2_000;

export class GivenNumbers {
  private highest = 0;
  /** Questions asked so far, the latest of them that was answered, and when the last one was asked (ms since 1970). */
  private asked = 0;
  private answered = 0;
  private askedAt = 0;
  private away = false;

  /** This number was given: it was allotted here, or its conversation answered. */
  saw(number: number): void {
    this.highest = Math.max(this.highest, number);
  }

  /**
   * Whether a conversation may have this number. Asks nobody up to the highest one known. Beyond it, an answer counts
   * that was asked for after this call began: the conversation may be a moment old. While the directory is away, true.
   */
  async mayExist(
    number: number,
    highest: () => Promise<number>,
    defer: (work: Promise<unknown>) => void,
  ): Promise<boolean> {
    const before = this.asked;
    const began = Date.now();
    while (number > this.highest) {
      if (this.answered > before) return false;
      const now = Date.now();
      const rest = this.askedAt + ASK_EVERY_MS - now;
      if (this.away) {
        if (rest <= 0) defer(this.ask(highest));
        return true;
      }
      if (now - began > WAIT_MS) return true;
      await (rest > 0 ? new Promise((resolve) => setTimeout(resolve, rest)) : this.ask(highest));
    }
    return true;
  }

  private async ask(highest: () => Promise<number>): Promise<void> {
    this.asked += 1;
    const mine = this.asked;
    this.askedAt = Date.now();
    try {
      this.saw(await within(PATIENCE_MS, highest()));
      this.answered = Math.max(this.answered, mine);
      this.away = false;
    } catch {
      this.away = true;
    }
  }
}
