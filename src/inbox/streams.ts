// The events of each conversation on their way to the sockets here: each socket gets each event once and in order,
// however deliveries repeat, jump, or meet a replay. Who may listen was decided before; transport is sockets/rounds.ts.
import type { Delivery } from '../domain/delivery.ts';
import type { ConversationNumber, Seq } from '../domain/ids.ts';
import { EVENTS_SUFFIX, eventsPrefix, resyncFrame } from '../sockets/frames.ts';
import type { Feed, Rounds } from '../sockets/rounds.ts';
import { type Connection, epochMark, type Subscription } from './connection.ts';
import { floorsOf, resync, sendEvents, sendPast } from './handout.ts';
import type { Seen } from './seen.ts';
import type { Table } from './table.ts';

/** What a conversation answers to "what came after `since`?" */
export type Replay = { epoch: string; memberCount: number } & (
  | { resync: true; seq: Seq }
  /** Events `from`… up to `lastSeq`, rendered. */
  | { resync?: undefined; from: Seq; events: string[]; lastSeq: Seq }
);

/** Where a client stands once it follows a conversation: live events with a higher seq come next. */
export interface CaughtUp {
  epoch: string;
  seq: Seq;
}

/** What the streams need around them. */
export interface Surroundings {
  rounds: Rounds<Connection>;
  seen: Seen;
  table: Table;
  /** Asks the conversation, on behalf of the hub itself, for what a lost delivery held. */
  refetch(c: ConversationNumber, since: Seq, epoch: string): Promise<Replay>;
}

/** Idle streams kept before they are looked through. */
const MAX_STREAMS = 2_000;

interface Arrival {
  delivery: Delivery;
  audience: Connection[];
}

interface Stream {
  epoch: string;
  feed: Feed<Connection>;
  /** Deliveries behind a gap that is being filled. */
  queue: Arrival[];
  filling: boolean;
  /** Only during a push: where sockets without a position begin. */
  floors: Map<Connection, Seq> | null;
}

export class Streams {
  private readonly around: Surroundings;
  private readonly streams = new Map<ConversationNumber, Stream>();

  constructor(around: Surroundings) {
    this.around = around;
  }

  /** Nothing is on its way, and nothing is awaited. */
  get idle(): boolean {
    for (const stream of this.streams.values()) if (!quiet(stream)) return false;
    return true;
  }

  /** Takes a delivery for those of its people who are here. Returns before the sockets have it. */
  deliver(delivery: Delivery, audience: Connection[]): void {
    const { c, epoch } = delivery;
    if (audience.length === 0) {
      // What passes by while nobody listens is no gap later.
      this.around.seen.forget(c);
      if (delivery.ended) this.around.table.end(c, delivery.ended);
      return;
    }
    const stream = this.streams.get(c) ?? this.open(c, epoch);
    stream.queue.push({ delivery, audience });
    if (!stream.filling) this.drain(c, stream);
  }

  /**
   * Begins or renews a socket's subscription to `c`, without loss or repetition between past and live events.
   * `since`: the client's position; undefined: from now. `ask` fetches the past and decides whether the user may read;
   * what it throws is thrown on. `caughtUp` is called when the past was sent and before live events follow.
   */
  async follow(
    connection: Connection,
    c: ConversationNumber,
    since: Seq | undefined,
    ask: () => Promise<Replay>,
    caughtUp: (at: CaughtUp, replay: Replay) => void,
  ): Promise<void> {
    // What was on its way before goes out before: from here on everything is held until the past has been sent.
    this.streams.get(c)?.feed.flush(connection);
    const renewed = connection.subscriptions.get(c);
    const known = renewed ?? this.impliedPosition(connection, c);
    const subscription: Subscription = renewed ?? { position: 0, epoch: 0, held: null, ending: false };
    subscription.held = [];
    this.around.table.subscribe(connection, c, subscription);
    let replay: Replay;
    try {
      replay = await ask();
    } catch (error) {
      this.undo(connection, c, subscription, renewed !== undefined);
      throw error;
    }
    if (!connection.open) return;
    const mark = epochMark(replay.epoch);
    if (replay.resync) {
      connection.send(resyncFrame(c, replay.epoch, replay.seq));
      subscription.position = replay.seq;
    } else if (since !== undefined) {
      sendEvents(connection, c, replay.epoch, replay.events);
      subscription.position = replay.lastSeq;
    } else {
      // Who followed already goes on from there: what lies between is on its way to this object.
      subscription.position =
        known?.epoch === mark ? Math.min(known.position, replay.lastSeq) : replay.lastSeq;
    }
    subscription.epoch = mark;
    connection.dirty = true;
    caughtUp({ epoch: replay.epoch, seq: subscription.position }, replay);
    this.release(connection, c, subscription);
  }

  /** Forgets streams that nothing is on its way in. */
  tidy(): void {
    for (const [c, stream] of this.streams) if (quiet(stream)) this.streams.delete(c);
  }

  private open(c: ConversationNumber, epoch: string): Stream {
    if (this.streams.size >= MAX_STREAMS) this.tidy();
    const stream: Stream = { epoch, feed: this.feedOf(c, epoch), queue: [], filling: false, floors: null };
    this.streams.set(c, stream);
    return stream;
  }

  private feedOf(c: ConversationNumber, epoch: string): Feed<Connection> {
    return this.around.rounds.feed({
      prefix: eventsPrefix(c, epoch),
      suffix: EVENTS_SUFFIX,
      send: (connection, frame) => connection.send(frame),
      positionOf: (connection) =>
        connection.subscriptions.get(c)?.position ?? this.streams.get(c)?.floors?.get(connection),
      sent: (connection, upTo) => {
        const subscription = connection.subscriptions.get(c);
        if (!subscription) return;
        subscription.position = upTo;
        connection.dirty = true;
      },
    });
  }

  private drain(c: ConversationNumber, stream: Stream): void {
    for (let arrival = stream.queue.shift(); arrival; arrival = stream.queue.shift()) {
      this.turnEpoch(c, stream, arrival);
      const expected = this.expected(c, arrival);
      if (arrival.delivery.from > expected) {
        stream.filling = true;
        const late = arrival;
        void this.fill(c, stream, late, expected).then(() => {
          stream.filling = false;
          this.drain(c, stream);
        });
        return;
      }
      this.pass(c, stream, arrival, expected);
    }
  }

  /** Another epoch: the log was restored, and no position of the old one means anything. */
  private turnEpoch(c: ConversationNumber, stream: Stream, { delivery, audience }: Arrival): void {
    const seen = this.around.seen.get(c);
    const { epoch, from } = delivery;
    if (stream.epoch !== epoch) {
      stream.feed.serve(Number.POSITIVE_INFINITY);
      stream.epoch = epoch;
      stream.feed = this.feedOf(c, epoch);
    }
    const changed = seen !== undefined && seen.epoch !== epoch;
    if (changed) this.around.seen.set(c, epoch, from - 1);
    const mark = epochMark(epoch);
    for (const connection of audience) {
      const subscription = connection.subscriptions.get(c);
      // A held socket learns it from what it holds.
      if (subscription?.held || (subscription ? subscription.epoch === mark : !changed)) continue;
      resync(connection, c, epoch, from - 1);
    }
  }

  /** The seq that must come next: after what was handed out, or else after what the furthest-behind client has. */
  private expected(c: ConversationNumber, { delivery, audience }: Arrival): Seq {
    const seen = this.around.seen.get(c);
    if (seen) return seen.seq + 1;
    let expected = delivery.from;
    for (const connection of audience) {
      const subscription = connection.subscriptions.get(c);
      if (subscription && !subscription.held) expected = Math.min(expected, subscription.position + 1);
    }
    return expected;
  }

  /** Fetches what a lost delivery held, up to where `late` begins, and then passes both. */
  private async fill(c: ConversationNumber, stream: Stream, late: Arrival, expected: Seq): Promise<void> {
    const { delivery, audience } = late;
    let found: Replay | null = null;
    try {
      found = await this.around.refetch(c, expected - 1, delivery.epoch);
    } catch (error) {
      console.error(JSON.stringify({ at: 'inbox.gap', c, since: expected - 1, error: String(error) }));
    }
    const missing =
      found && !found.resync && found.epoch === delivery.epoch && found.from <= expected
        ? found.events.slice(expected - found.from, delivery.from - found.from)
        : [];
    if (missing.length === delivery.from - expected) {
      const before = { ...delivery, from: expected, events: missing, ended: undefined };
      this.pass(c, stream, { delivery: before, audience }, expected);
    } else {
      // Rather a client that reloads than one that misses something without knowing.
      stream.feed.serve(Number.POSITIVE_INFINITY);
      for (const connection of audience) {
        if (!connection.subscriptions.get(c)?.held) resync(connection, c, delivery.epoch, delivery.from - 1);
      }
    }
    this.pass(c, stream, late, delivery.from);
  }

  /** Hands the events from `expected` on to everybody of the audience; earlier ones are repetitions. */
  private pass(c: ConversationNumber, stream: Stream, { delivery, audience }: Arrival, expected: Seq): void {
    const { epoch, ended, users, team } = delivery;
    const skip = Math.max(0, expected - delivery.from);
    const events = skip === 0 ? delivery.events : delivery.events.slice(skip);
    const from = delivery.from + skip;
    if (events.length > 0) {
      const live: Connection[] = [];
      for (const connection of audience) {
        const held = connection.subscriptions.get(c)?.held;
        if (held) held.push({ epoch, from, events });
        else live.push(connection);
      }
      if (!this.around.seen.get(c)) stream.floors = floorsOf(c, from, events, live);
      stream.feed.push(from, events, live);
      stream.floors = null;
      this.around.seen.set(c, epoch, from + events.length - 1);
    }
    if (!ended) return;
    this.around.table.end(c, ended);
    // Nobody of this conversation is left here: what happens before somebody returns is no gap.
    if (!team && users.every((user) => ended.includes(user))) this.around.seen.forget(c);
  }

  /** What a socket that follows everything was sent of `c`, as far as it is known here. */
  private impliedPosition(
    connection: Connection,
    c: ConversationNumber,
  ): { position: Seq; epoch: number } | undefined {
    const seen = connection.all > 0 ? this.around.seen.get(c) : undefined;
    return seen && { position: seen.seq, epoch: epochMark(seen.epoch) };
  }

  /** The past could not be had. A new subscription never was; a renewed one goes on where it stood. */
  private undo(
    connection: Connection,
    c: ConversationNumber,
    subscription: Subscription,
    renewed: boolean,
  ): void {
    if (renewed) {
      this.release(connection, c, subscription);
      return;
    }
    this.around.table.unsubscribe(connection, c);
    if (connection.all > 0) {
      for (const { epoch, events } of subscription.held ?? []) sendEvents(connection, c, epoch, events);
    }
  }

  /** Sends what was held back, past the subscription's position, and lets live events through again. */
  private release(connection: Connection, c: ConversationNumber, subscription: Subscription): void {
    const held = subscription.held ?? [];
    subscription.held = null;
    for (const segment of held) sendPast(connection, c, subscription, segment);
    if (subscription.ending) this.around.table.end(c, [connection.claims.user]);
  }
}

const quiet = (stream: Stream): boolean => stream.feed.idle && !stream.filling && stream.queue.length === 0;
