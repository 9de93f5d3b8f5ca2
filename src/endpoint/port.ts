// What the sender needs of the world: the endpoint's row, bodies, the network, a clock. What it does with it is sender.ts.
import type { HookNotice, PersonNews } from '../domain/hooks.ts';
import type { ConversationNumber, Seq } from '../domain/ids.ts';
import type { Attempt, Notice } from './api.ts';
import type { DeliveryRow } from './queue.ts';
import type { Answer, Policy } from './schedule.ts';

/** What the endpoint's row in the directory says, kept here so that sending needs no directory. */
export interface Configured {
  /** Of the app's hooks when it was read: what conversations name may be newer. */
  version: number;
  /** False: nothing is sent, everything is kept. */
  active: boolean;
  /** It gets a call with a wrong signature once a day. */
  probed: boolean;
  policy: Policy;
}

/** One call to the receiver. */
export interface Outgoing {
  event: string;
  type: string;
  conversation: ConversationNumber | 0;
  seq: Seq;
  body: string;
  /** 1-based. */
  attempt: number;
  replay: boolean;
  /** Another address than the endpoint's own. */
  to?: string;
  /** Signed with what is no secret of it. */
  forged?: boolean;
}

export interface SenderPort<Config> {
  /** The row as it is now; null: the endpoint has ended. Throws while the directory is away. */
  read(): Promise<Config | null>;
  /** News of people in the directory, after `after`, in order; none: that was all. Throws while the directory is away. */
  news(after: number): Promise<Omit<HookNotice<PersonNews>, 'version'>[]>;
  /** They are taken, up to this one; null: nobody takes them any more. */
  newsTaken(upTo: number | null): Promise<void>;
  /** The body of a delivery; null: there is nothing to say after all. Throws when it cannot be made now. */
  make(config: Config, fed: string): Promise<string | null>;
  /** Never throws. `signal`: the call is given up. */
  send(config: Config, outgoing: Outgoing, signal: AbortSignal): Promise<Answer | NotNow>;
  /** The endpoint has ended: what else was kept for it goes. */
  ended?(): void;
  /** Writes down that the endpoint is left alone; throws while the directory is away. */
  disable(reason: string): Promise<void>;
  /** For the log of whoever runs the hub. */
  warn(what: string, more: object): void;
  /** Tells those who asked how the app's endpoints are doing; told again it is the same. Throws while that cannot be. */
  tell(notice: Notice): Promise<void>;
  /** In place of every schedule and floor, for development; ms. */
  fixedMs: number | null;
  now(): number;
  random(): number;
}

/** Nothing was asked of the receiver, or not all of it yet: `at` (ms since 1970) it goes on; null: there is nothing to do. */
export interface NotNow {
  at: number | null;
}

/** As the journal shows what needed no call, or found its receiver resting. */
export const NOTHING: Answer = {
  ...{ status: null, reason: 'nothing was sent', timedOut: false, retryAfter: null },
  ...{ ms: 0, excerpt: null, headers: {} },
};

/** A call and its answer as the journal keeps them. */
export function attemptOf(outgoing: Outgoing, at: number, answer: Answer, next: number | null): Attempt {
  const { ms, status, reason, excerpt, headers } = answer;
  const bytes = new TextEncoder().encode(outgoing.body).byteLength;
  const { attempt, replay } = outgoing;
  return { attempt, at, ms, status, reason, bytes, excerpt, headers, next, replay };
}

/** A call beside the queue; `replay`: it says again what is or was a delivery. */
export type OneCall = Pick<DeliveryRow, 'event' | 'type' | 'seq' | 'conversation'> &
  Pick<Outgoing, 'to' | 'forged' | 'replay'> & { body: string };

/** Makes it, and says how it went. */
export async function sendOnce<Config>(
  port: Pick<SenderPort<Config>, 'send' | 'now'>,
  config: Config,
  call: OneCall,
  signal: AbortSignal,
): Promise<Attempt> {
  const at = port.now();
  const conversation = call.conversation as ConversationNumber | 0;
  const outgoing: Outgoing = { ...call, conversation, attempt: 1 };
  const answer = await port.send(config, outgoing, signal);
  return attemptOf(outgoing, at, 'at' in answer ? NOTHING : answer, null);
}
