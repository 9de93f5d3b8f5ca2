// How much one socket may ask for: a token bucket. What a frame costs is here too; what it does is protocol.ts.
import type { ClientFrame } from './frames.ts';

/** A burst of this many messages at once, and so many each second after it. */
export const BURST = 400;
export const PER_SECOND = 40;

/** In messages. A client that comes back subscribes to a thousand conversations within one burst. */
export const COST: Record<ClientFrame['t'] | 'unreadable', number> = {
  send: 1,
  edit: 1,
  delete: 1,
  read: 0.5,
  typing: 0.5,
  subscribe: 0.4,
  unsubscribe: 0.1,
  unreadable: 4,
};

/** A long frame costs one more for every so many characters: what waits for its turn is kept in memory. */
const CHARS_PER_COST = 4 * 1024;

/** What a frame of this kind and length takes out of a budget. */
export const costOf = (kind: keyof typeof COST, chars: number): number =>
  COST[kind] + Math.floor(chars / CHARS_PER_COST);

export class Budget {
  private left = BURST;
  private at: number;

  constructor(nowMs: number) {
    this.at = nowMs;
  }

  /** 0: granted. Else nothing is taken, and so many ms later it will be granted. */
  take(cost: number, nowMs: number): number {
    this.left = Math.min(BURST, this.left + (Math.max(0, nowMs - this.at) / 1000) * PER_SECOND);
    this.at = nowMs;
    if (this.left < cost) return Math.ceil(((cost - this.left) / PER_SECOND) * 1000);
    this.left -= cost;
    return 0;
  }
}
