// What one socket is handed of a conversation, and where that leaves its position. When, is streams.ts.
import type { ConversationNumber, Seq } from '../domain/ids.ts';
import { EVENTS_SUFFIX, eventsPrefix, resyncFrame } from '../sockets/frames.ts';
import { framesOf } from '../sockets/rounds.ts';
import { type Connection, epochMark, type Segment, type Subscription } from './connection.ts';

/**
 * A socket that follows everything has no position in a conversation that nobody here has heard of yet. A conversation
 * that wakes repeats its last events: older ones than the socket's wish, less this much for clocks, are left out.
 */
const CLOCK_SKEW_MS = 1_000;

/** Events to one socket, now, in as few frames as their sizes allow. */
export function sendEvents(
  connection: Connection,
  c: ConversationNumber,
  epoch: string,
  events: readonly string[],
): void {
  for (const frame of framesOf(eventsPrefix(c, epoch), events, EVENTS_SUFFIX)) connection.send(frame);
}

/** For sockets without a position: the last event that is older than their wish to follow everything. */
export function floorsOf(
  c: ConversationNumber,
  from: Seq,
  events: readonly string[],
  sockets: readonly Connection[],
): Map<Connection, Seq> {
  const floors = new Map<Connection, Seq>();
  const without = sockets.filter((connection) => !connection.subscriptions.has(c));
  if (without.length === 0) return floors;
  const times = events.map((event) => Date.parse((JSON.parse(event) as { at: string }).at));
  for (const connection of without) {
    const since = connection.all - CLOCK_SKEW_MS;
    let old = 0;
    while (old < times.length && (times[old] as number) < since) old += 1;
    if (old > 0) floors.set(connection, from + old - 1);
  }
  return floors;
}

/** Tells a client that its position is of no use, and where events go on from. */
export function resync(connection: Connection, c: ConversationNumber, epoch: string, seq: Seq): void {
  connection.send(resyncFrame(c, epoch, seq));
  const subscription = connection.subscriptions.get(c);
  if (!subscription) return;
  subscription.position = seq;
  subscription.epoch = epochMark(epoch);
  connection.dirty = true;
}

/** Of events that were held back, those past the subscription's position; a gap before them is said to be one. */
export function sendPast(
  connection: Connection,
  c: ConversationNumber,
  subscription: Subscription,
  segment: Segment,
): void {
  const { epoch, from, events } = segment;
  if (subscription.epoch !== epochMark(epoch) || from > subscription.position + 1) {
    resync(connection, c, epoch, from - 1);
  }
  const skip = subscription.position + 1 - from;
  if (skip >= events.length) return;
  sendEvents(connection, c, epoch, events.slice(skip));
  subscription.position = from + events.length - 1;
  connection.dirty = true;
}
