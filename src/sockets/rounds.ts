// Fan-out: ordered events to many sockets, in rounds that leave the object free to do other things between them.
// Who listens, and what an event says, is decided by whoever pushes. Knows nothing of objects, hub or wire frames.
import type { Seq } from '../domain/ids.ts';

/**
 * Sockets served in one macrotask turn. A whole loop of 1,000 sockets per commit held up the next commit for 30 ms;
 * rounds of 100 made the same room five times as fast (contracts/prototype-measurements.md 0.4, 3).
 */
export const SOCKETS_PER_TURN = 100;

/** One frame ends after so many events or characters, so that no client has to parse megabytes at once. */
export const EVENTS_PER_FRAME = 200;
export const CHARS_PER_FRAME = 256 * 1024;

/** What one stream of events needs to know of its sockets. None of these may throw. */
export interface Outlet<S> {
  /** A frame is `prefix`, the events joined by commas, `suffix`. */
  prefix: string;
  suffix: string;
  send(socket: S, frame: string): void;
  /** Seq of the last event that this socket has; undefined: none is known, give it whatever is pushed. */
  positionOf(socket: S): Seq | undefined;
  /** The socket now has everything up to `upTo`. */
  sent(socket: S, upTo: Seq): void;
}

/** Joins events into as few frames as their sizes allow. */
export function framesOf(prefix: string, events: readonly string[], suffix: string): string[] {
  const frames: string[] = [];
  for (let i = 0; i < events.length; ) {
    let chars = 0;
    let end = i;
    while (end < events.length && end - i < EVENTS_PER_FRAME) {
      chars += (events[end] as string).length;
      if (end > i && chars > CHARS_PER_FRAME) break;
      end += 1;
    }
    frames.push(
      prefix + (i === 0 && end === events.length ? events : events.slice(i, end)).join(',') + suffix,
    );
    i = end;
  }
  return frames;
}

/** What a socket still has to get: events `next` to `until`, both in. */
interface Span {
  next: Seq;
  until: Seq;
}

/** One gap-free stream of events, serialised once, on its way to its sockets. Make it with `Rounds.feed`. */
export class Feed<S> {
  private readonly outlet: Outlet<S>;
  private readonly wake: () => void;
  /** Seq of `events[0]`. */
  private first: Seq = 1;
  private events: string[] = [];
  /** In order of arrival, so the first one waits longest. */
  private readonly waiting = new Map<S, Span>();
  private cache = new Map<Seq, { until: Seq; frames: string[] }>();

  constructor(outlet: Outlet<S>, wake: () => void) {
    this.outlet = outlet;
    this.wake = wake;
  }

  get idle(): boolean {
    return this.waiting.size === 0;
  }

  /**
   * Events `from`, `from`+1… to every socket of `audience` that does not have them yet. Nobody else ever gets them,
   * so an audience may differ from push to push.
   * The first round goes out before this returns when nothing else is under way.
   */
  push(from: Seq, events: readonly string[], audience: Iterable<S>): void {
    if (events.length === 0) return;
    if (this.idle || from !== this.first + this.events.length) {
      // A jump (somebody else filled the gap): what is under way goes out first, order holds.
      this.serve(Number.POSITIVE_INFINITY);
      this.events = [];
      this.first = from;
    }
    for (const event of events) this.events.push(event);
    const until = from + events.length - 1;
    for (const socket of audience) {
      const span = this.waiting.get(socket);
      if (span) {
        span.until = until;
        continue;
      }
      const next = Math.max(from, (this.outlet.positionOf(socket) ?? 0) + 1);
      if (next <= until) this.waiting.set(socket, { next, until });
    }
    this.cache.clear();
    this.wake();
  }

  /** Sends to at most `limit` sockets, the longest waiting first. Gives how many that were. */
  serve(limit: number): number {
    let served = 0;
    for (const [socket, span] of this.waiting) {
      if (served >= limit) break;
      this.waiting.delete(socket);
      this.give(socket, span);
      served += 1;
    }
    this.trim();
    return served;
  }

  /** Sends this socket what it waits for now, ahead of its turn. */
  flush(socket: S): void {
    const span = this.waiting.get(socket);
    if (!span) return;
    this.waiting.delete(socket);
    this.give(socket, span);
  }

  /** The socket gets nothing of what it waits for. */
  forget(socket: S): void {
    this.waiting.delete(socket);
  }

  private give(socket: S, { next, until }: Span): void {
    let cached = this.cache.get(next);
    if (cached?.until !== until) {
      const events = this.events.slice(next - this.first, until - this.first + 1);
      cached = { until, frames: framesOf(this.outlet.prefix, events, this.outlet.suffix) };
      this.cache.set(next, cached);
    }
    for (const frame of cached.frames) this.outlet.send(socket, frame);
    this.outlet.sent(socket, until);
  }

  /** Lets go of events that nobody waits for any more. */
  private trim(): void {
    if (this.idle) {
      this.events = [];
      this.cache.clear();
      return;
    }
    // Only now and then: finding the oldest need looks at everybody who waits.
    if (this.events.length < EVENTS_PER_FRAME) return;
    let oldest = Number.POSITIVE_INFINITY;
    for (const { next } of this.waiting.values()) oldest = Math.min(oldest, next);
    this.events.splice(0, oldest - this.first);
    this.first = oldest;
  }
}

/** Shares turns among all feeds and casts of one object. `schedule`: runs a function in the next macrotask turn. */
export class Rounds<S> {
  /** Feeds with somebody waiting, the longest unserved first. */
  private readonly busy = new Set<Feed<S>>();
  private casts: {
    frame: string;
    sockets: readonly S[];
    done: number;
    send: (socket: S, frame: string) => void;
  }[] = [];
  private scheduled = false;
  private readonly schedule: (turn: () => void) => void;

  constructor(schedule: (turn: () => void) => void = (turn) => void setTimeout(turn, 0)) {
    this.schedule = schedule;
  }

  /** Nothing is on its way to anybody. */
  get idle(): boolean {
    return this.busy.size === 0 && this.casts.length === 0;
  }

  feed(outlet: Outlet<S>): Feed<S> {
    const feed: Feed<S> = new Feed<S>(outlet, () => {
      if (!feed.idle) this.busy.add(feed);
      this.begin();
    });
    return feed;
  }

  /** One frame to many sockets, after the events that are already under way. */
  cast(frame: string, sockets: readonly S[], send: (socket: S, frame: string) => void): void {
    if (sockets.length === 0) return;
    this.casts.push({ frame, sockets, done: 0, send });
    this.begin();
  }

  /**
   * Serves at once when nothing was served in this turn; else waits for the next one, where everything that arrives
   * meanwhile joins the same frame. No clock and nothing to tune: a busy thread gathers more.
   */
  private begin(): void {
    if (!this.scheduled && !this.idle) this.turn();
  }

  private turn(): void {
    // A send may find its socket gone and cast that to others: such a cast joins this turn, it begins none.
    this.scheduled = true;
    let left = SOCKETS_PER_TURN;
    for (const feed of this.busy) {
      if (left <= 0) break;
      this.busy.delete(feed);
      left -= feed.serve(left);
      // Behind the others: a room of thousands must not starve a conversation of two.
      if (!feed.idle) this.busy.add(feed);
    }
    while (left > 0 && this.casts.length > 0) left -= this.castSome(left);
    this.scheduled = left < SOCKETS_PER_TURN;
    if (this.scheduled) this.schedule(() => this.turn());
  }

  private castSome(limit: number): number {
    const cast = this.casts[0] as (typeof this.casts)[number];
    const end = Math.min(cast.sockets.length, cast.done + limit);
    const count = end - cast.done;
    for (; cast.done < end; cast.done++) cast.send(cast.sockets[cast.done] as S, cast.frame);
    if (cast.done === cast.sockets.length) this.casts.shift();
    return count;
  }
}
