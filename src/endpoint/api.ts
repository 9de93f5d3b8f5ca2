// What callers may ask of an Endpoint object, and what it answers. Sending is webhooks/; the queue's tables are queue.ts.
import type { Result } from '../domain/errors.ts';
import type { NoticeKind } from '../domain/hook-options.ts';
import type { EndpointPort } from '../domain/hooks.ts';
import type { ConversationNumber, Seq } from '../domain/ids.ts';
import type { JsonObject } from '../domain/model.ts';

/** waiting: to be sent, now or later. dead: given up after the last attempt. discarded: given up by whoever runs it. */
export type DeliveryState = 'waiting' | 'delivered' | 'dead' | 'discarded';

/** One answer of the receiver, or none. Times in ms since 1970. */
export interface Attempt {
  /** 1-based over the delivery's life. */
  attempt: number;
  at: number;
  ms: number;
  /** null: no answer; `reason` says why. */
  status: number | null;
  reason: string | null;
  /** Of what was sent. */
  bytes: number;
  /** The beginning of what was answered, where that is text. */
  excerpt: string | null;
  headers: Record<string, string>;
  /** When it is tried again; null: it is not. */
  next: number | null;
  replay: boolean;
}

export interface DeliveryCard {
  /** Rises in the order of arrival: a page's cursor. */
  id: number;
  /** As `webhook-id`. */
  event: string;
  type: string;
  /** 0: none. */
  conversation: ConversationNumber | 0;
  seq: Seq;
  state: DeliveryState;
  /** Why it was given up. */
  reason: string | null;
  attempts: number;
  /** The newest answer's. */
  status: number | null;
  takenAt: number;
  endedAt: number | null;
  /** When it is tried next; null: after others of its conversation, or never. */
  dueAt: number | null;
}

export interface Delivery extends DeliveryCard {
  /** The text that is sent; null until the first attempt, and once it was erased. */
  body: string | null;
  log: Attempt[];
  /** The call as a command line, signed now; secrets are names of variables. Null: there is no text. */
  curl: string | null;
}

export interface DeliveryFilter {
  state?: DeliveryState;
  type?: string;
  conversation?: ConversationNumber;
  status?: number;
  /** ms since 1970; taken from `from` on and before `to`. */
  from?: number;
  to?: number;
}

export interface DeliveryPage {
  /** The newest first. */
  deliveries: DeliveryCard[];
  /** Go on before this id; null: there is nothing before. A page may hold fewer than asked for, even none, and go on. */
  before: number | null;
}

export interface EndpointStatus {
  waiting: number;
  dead: number;
  /** ms since 1970 of the oldest one that waits. */
  oldestWaiting: number | null;
  /** Since when nothing has succeeded; null: the last one did. */
  failingSince: number | null;
  consecutiveFailures: number;
  /** Waiting ones that were let go, for more came than are kept; ms since 1970 of the last time. */
  dropped: number;
  droppedAt: number | null;
  lastSuccess: number | null;
  /** Over the newest attempts: how many, the share that succeeded, and how long the receiver took (ms). */
  recent: { attempts: number; succeeded: number | null; p50: number | null; p99: number | null };
}

/** Which deliveries: these, or all that fit, from the oldest on (behind `after`). */
export type Which = { ids: number[] } | { filter: DeliveryFilter; after?: number };

/** What whoever runs the endpoint should know of it. */
export interface Notice {
  /** Rises: a page's cursor. */
  id: number;
  at: number;
  what: NoticeKind;
  more: JsonObject;
}

export interface NoticePage {
  /** The newest first. */
  notices: Notice[];
  /** Go on before this id; null: there is nothing before. */
  before: number | null;
}

export interface Probe {
  /** The body of this delivery instead. */
  delivery?: number;
  /** An address for this once. */
  to?: string;
  /** With a signature that is wrong. */
  forged?: boolean;
}

export interface EndpointApi extends EndpointPort {
  /** Its row in the directory changed. `resume`: what waits is tried now. */
  changed(options?: { resume?: boolean }): Promise<Result<null>>;
  status(): Promise<Result<EndpointStatus>>;
  deliveries(filter: DeliveryFilter, before: number | null, limit: number): Promise<Result<DeliveryPage>>;
  delivery(id: number): Promise<Result<Delivery>>;
  /** Sends them again, in their order, beside what is new; some at a time: `next` is what to go on after, null: that was all. */
  replay(which: Which): Promise<Result<{ queued: number; next: number | null }>>;
  /** Gives up what waits, and what is next in its conversation goes on; what is dead is looked after. `next` as above. */
  discard(which: Which): Promise<Result<{ discarded: number; next: number | null }>>;
  /** The text of an event of which a shorter one was sent. Not found: erased, or kept no longer. */
  whole(event: string): Promise<Result<string>>;
  notices(before: number | null, limit: number): Promise<Result<NoticePage>>;
  /** Sends one event that says nothing, now; how it went. */
  probe(options: Probe): Promise<Result<Attempt>>;
  /** Whether the receiver sends back what it is sent (W23); `reason`: what it did instead. */
  challenge(): Promise<Result<{ echoed: boolean; reason: string | null }>>;
}
