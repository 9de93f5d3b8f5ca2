// Hooks at which other networks tell what happened there: whose calls they take, what their owner may choose.
import type { ConversationNumber, UserNumber } from './ids.ts';
import type { JsonObject } from './model.ts';

/** Whose calls a hook takes, and what stands behind the names of their people where its owner chose nothing. */
export const SHAPES = {
  slack: 'Slack',
  discord: 'Discord',
  discourse: 'Discourse',
  mattermost: 'Mattermost',
  rocketchat: 'Rocket.Chat',
  xenforo: 'XenForo',
  parlance: 'Parlance',
} as const;
export type HookShape = keyof typeof SHAPES;
export const HOOK_SHAPES = Object.keys(SHAPES) as HookShape[];

/** Shapes whose senders sign with a secret, or show it: those always have one. */
export const SIGNED_SHAPES: ReadonlySet<HookShape> = new Set<HookShape>(['discourse', 'xenforo', 'parlance']);
/** Shapes whose senders make a token of their own, which the owner may tell the hub. */
export const TOKEN_SHAPES: ReadonlySet<HookShape> = new Set<HookShape>(['mattermost', 'rocketchat']);

export interface HookOptions {
  /** Stands behind the names of its people; '': nothing does. */
  label?: string;
  /** Calls in a minute. */
  perMinute?: number;
  /** Ids and names of remote people whose messages are left out: the account that a bridge writes there with. */
  ignore?: string[];
  /** What texts of a Slack-shaped call are written in. */
  markup?: 'mrkdwn' | 'markdown';
  /** `channel` of a Slack-shaped call is a place of its own. */
  channels?: boolean;
  /** Only what happens in these topics, channels or threads arrives, by the network's own ids. */
  places?: string[];
  /** Private messages of a Discourse arrive too. */
  privateMessages?: boolean;
}

/** Options that one shape alone knows. */
export const OPTIONS_OF: Partial<Record<keyof HookOptions, HookShape>> = {
  markup: 'slack',
  channels: 'slack',
  privateMessages: 'discourse',
};

export const HOOK_CALLS_PER_MINUTE = 300;

/** Where what arrives goes: into one conversation, or one for each topic, which begins like this. */
export type HookTarget =
  | { conversation: ConversationNumber }
  | { open: { title: string; members: UserNumber[]; public: boolean; metadata: JsonObject | null } };
