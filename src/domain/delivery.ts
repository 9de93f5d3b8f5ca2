// What a conversation hands to the Inboxes of its people: the shape between the two objects.
import type { AppNumber, ConversationNumber, Seq, UserNumber } from './ids.ts';

/** Events of one conversation, rendered once, in order. */
export interface Delivery {
  app: AppNumber;
  c: ConversationNumber;
  epoch: string;
  /** Seq of the first event; the rest follow without gaps. */
  from: Seq;
  /** One JSON object each, as docs/realtime.md shows them. */
  events: string[];
  /** Who gets it: members of this Inbox's shelf, and those whom an event took out. */
  users: UserNumber[];
  /** Sockets of the team that follow this conversation without being members get it too. */
  team: boolean;
  /** It is nobody's: connections of the team that asked for such ones get it as well. */
  unassigned?: boolean;
  /** These people are out after this delivery: their subscriptions end. */
  ended?: UserNumber[];
}

/** A frame that no log holds (typing, read marks): best effort, never repeated. */
export interface Signal {
  app: AppNumber;
  c: ConversationNumber;
  frame: string;
  users: UserNumber[];
  team: boolean;
  /** As with {@link Delivery}. */
  unassigned?: boolean;
  /** Not to this person's own sockets. */
  except?: UserNumber;
}

/** The Inbox that a user's sockets end in. A multiplicative hash spreads neighbours. */
export const shelfOf = (user: number, shelves: number): number =>
  shelves <= 1 ? 0 : (Math.imul(user, 0x9e3779b1) >>> 0) % shelves;

/** Name of an Inbox object. */
export const shelfName = (app: AppNumber, shelf: number): string => `${app}:${shelf}`;
