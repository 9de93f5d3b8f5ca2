// How an endpoint is told what happens: what its owner may choose, as the directory keeps it. What a format does where
// nothing was chosen is webhooks/formats/.
import type { Door, Kind } from './model.ts';

/** How calls are signed (webhooks/signing.ts). `standard` is Standard Webhooks 1.0; others are named after who began them. */
export const SIGNATURES = [
  'standard',
  'github',
  'slack',
  'discourse',
  'token',
  'sunshine',
  'qiscus',
  'none',
] as const;
export type Signature = (typeof SIGNATURES)[number];

/** Where nothing was chosen. */
export const DEFAULT_KEEP_DAYS = 30;

/** What is absent is the format's own. */
export interface HookDelivery {
  signature?: Signature;
  /** An Ed25519 signature beside the secret's. */
  ed25519?: boolean;
  /** One at a time for each conversation; false: they overtake each other. */
  ordered?: boolean;
  concurrency?: number;
  perSecond?: number;
  timeoutSeconds?: number;
  /** Seconds before the second attempt, the third… */
  schedule?: number[];
  /** Only of these; absent: of all. */
  conversations?: number[];
  kinds?: Kind[];
  doors?: Door[];
  /** Only of conversations whose metadata says so. */
  tags?: Record<string, string>;
  /** Only who echoes a challenge is told anything; asked when it is made, moved and switched on. */
  challenge?: boolean;
  /** Once a day it gets a call with a signature that is wrong: whoever takes that does not look. */
  probe?: boolean;
  /** Days that deliveries are kept for, sent or not, and how many of them at most. */
  keepDays?: number;
  keepMost?: number;
}

/** What happens in conversations, in the hub's own words. */
export const HOOK_EVENTS = [
  'conversation.created',
  'conversation.updated',
  'conversation.assigned',
  'conversation.control',
  'conversation.deleted',
  'message.created',
  'message.edited',
  'message.deleted',
  'member.joined',
  'member.left',
  'member.erased',
  'member.merged',
] as const;
export type HookEvent = (typeof HOOK_EVENTS)[number];
/** What is no entry of a log: told at most once, and to those alone who name it. */
export const HOOK_SIGNALS = ['signal.read', 'signal.typing'] as const;
/** What becomes of people, whatever they say: told to those alone who name it. */
export const HOOK_PEOPLE = ['user.updated', 'user.removed', 'user.merged'] as const;
/** How the app's other endpoints are doing: told to those alone who name it. */
export const HOOK_NOTICES = [
  'endpoint.disabled',
  'endpoint.enabled',
  'endpoint.failing',
  'endpoint.recovered',
  'endpoint.blocked',
  'endpoint.exhausted',
  'endpoint.slow',
  'endpoint.dropped',
  'endpoint.forgeable',
] as const;
export type NoticeKind = (typeof HOOK_NOTICES)[number] extends `endpoint.${infer Kind}` ? Kind : never;

/** Everything that an endpoint may ask for: names, families of names, and every entry. */
export const HOOK_ASKS = [
  '*',
  'conversation.*',
  'message.*',
  'member.*',
  'signal.*',
  'user.*',
  'endpoint.*',
  ...HOOK_EVENTS,
  ...HOOK_SIGNALS,
  ...HOOK_PEOPLE,
  ...HOOK_NOTICES,
] as const;

/** Whether an endpoint that asks for these is told of `type` (contracts/webhooks-bridges-widget.md W14). */
export const asksFor = (asked: readonly string[], type: string): boolean =>
  asked.some((one) =>
    one === '*'
      ? !/^(signal|user|endpoint)\./.test(type)
      : one === type || (one.endsWith('.*') && type.startsWith(one.slice(0, -1))),
  );
