// What a conversation hands to the endpoints of its app: the shape between the Conversation and the Endpoint objects.
// Endpoints are addresses that are told what happens (docs/webhooks.md).
import type { Device } from './devices.ts';
import type { NoticeKind } from './hook-options.ts';
import type { AppNumber, ConversationNumber, EndpointNumber, Seq, UserNumber } from './ids.ts';
import type { Card, ConversationFacts, Door, Entry, JsonObject, MessageEntry } from './model.ts';
import type { User } from './user.ts';

/** An endpoint as conversations know it. */
export interface HookRef {
  number: EndpointNumber;
  /** Also told of what is no entry: who types, and how far somebody has read. */
  signals: boolean;
  /** Told of this conversation alone; others do not know it. Absent: of all that its owner chose. */
  only?: ConversationNumber;
  /** Days that it keeps what it is told; absent: as many as an endpoint keeps where nothing was chosen. */
  keepDays?: number;
}

/** The endpoints of an app. `version` rises with every change of any of them; 0: the app never had one. */
export interface Hooks {
  version: number;
  endpoints: HookRef[];
}

export const NO_HOOKS: Hooks = { version: 0, endpoints: [] };

/** Somebody whom an entry names. */
export interface Known {
  user: UserNumber;
  card: Card;
}

interface About {
  app: AppNumber;
  /** Of the app's hooks when this was sent. */
  version: number;
  /** Another one after a restore: positions of the old log mean nothing then. */
  epoch: string;
  facts: ConversationFacts;
  /** Blocks of message numbers (ids.ts). */
  blocks: number[];
  memberCount: number;
  /** Of a support conversation whose it is. */
  customer: Known | null;
}

/** One entry as an endpoint gets it. */
export interface FedEntry {
  entry: Entry;
  /** Authors and everybody else whom the entry names. */
  people: Known[];
  /** Of an edit or the deletion of one message, that message as it is now; of a reply, the one that it answers. */
  target: MessageEntry | null;
}

/** Entries of one conversation, in order, without a gap after those that were handed over before. */
export interface Feed extends About {
  entries: FedEntry[];
  /** Behind them the conversation was deleted; the seq that stands for it. */
  end?: { seq: Seq; at: number };
}

/** What is no entry: told once to whoever asked for it, or never. */
export interface HookSignal extends About {
  signal: { kind: 'read'; seq: Seq } | { kind: 'typing'; on: boolean };
  who: Known;
  /** ms since 1970. */
  at: number;
}

/** What becomes of a person, whatever conversations they are in. */
export type PersonNews =
  | { kind: 'user updated' | 'user removed'; user: User }
  /** `discarded`: as they were. `lost`: metadata of theirs that the survivor has no room for. */
  | { kind: 'users merged'; user: User; discarded: User; lost: JsonObject };

/** What somebody uses the hub with. */
export interface DeviceNews {
  kind: 'device added' | 'device updated' | 'device removed';
  user: User;
  device: Device;
  door: Door;
}

/** How another endpoint of the app is doing; `id` is its own. */
export interface EndpointNews {
  kind: 'endpoint';
  endpoint: EndpointNumber;
  id: number;
  what: NoticeKind;
  more: JsonObject;
}

/** What is told of no conversation. */
export interface HookNotice<News = PersonNews | DeviceNews | EndpointNews> {
  /** Of the app's hooks when this was sent. */
  version: number;
  notice: News;
  /** Of a person's news: rises; 0 of others. */
  number: number;
  /** ms since 1970. */
  at: number;
}

/** The Endpoint's side that a conversation calls. */
export interface EndpointPort {
  /** Durable when it is answered. Entries that it has are passed over, so that it may be asked again. */
  take(feed: Feed): Promise<unknown>;
  signal(signal: HookSignal): Promise<unknown>;
  /** Durable when it is answered; told again it is sent again, with the same id. */
  notice(notice: HookNotice<DeviceNews | EndpointNews>): Promise<unknown>;
  /** The directory has news of people for it. */
  news(version: number): Promise<unknown>;
}

export const conversationOf = (about: { facts: ConversationFacts }): ConversationNumber => about.facts.number;
