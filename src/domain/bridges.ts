// What a bridge is: a place of another network that is linked with a conversation (docs/bridges.md). What each network is
// told and how it answers lives in bridges/; what was sent there is remembered in the bridge's Endpoint object.
import type { AppNumber, ConversationNumber, EndpointNumber, Seq } from './ids.ts';

export const NETWORKS = ['slack', 'discord', 'mattermost', 'discourse', 'matterbridge'] as const;
export type NetworkName = (typeof NETWORKS)[number];

/** What its owner may choose; what is absent is off, or the network's own. */
export interface BridgeOptions {
  /** Where the network cannot change a message: the first edit of each is told once as a message of its own. */
  announceEdits?: boolean;
  /** false: more than 20 messages that have waited for a minute go out one by one all the same. */
  digest?: boolean;
  /** Calls in a second. */
  perSecond?: number;
}

/** A bridge with its secrets opened. */
export interface Bridge {
  /** Also that of its endpoint, which sends for it. */
  number: EndpointNumber;
  app: AppNumber;
  conversation: ConversationNumber;
  network: NetworkName;
  /** The address that is called, or below which calls go. A secret where whoever knows it may post. */
  url: string;
  /** Keys, by the names that the network's documentation gives them. Secret. */
  credentials: Record<string, string>;
  /** Where in the network: a topic, a gateway, a thread… by the network's own names. */
  place: Record<string, string>;
  /** Ids of authors at the remote side that are this bridge itself: webhooks, bots, API users (L3). */
  self: readonly string[];
  /** The incoming hook that what is said there comes in through; null: this bridge only sends. */
  incoming: number | null;
  options: BridgeOptions;
}

/** Whether others come to this hub's own api, and it calls nobody. */
export const isServed = ({ network, place }: Pick<Bridge, 'network' | 'place'>): boolean =>
  network === 'matterbridge' && place.role === 'server';

/** What comes in from a network, as the bridges of its conversation judge it. */
export interface Arriving {
  kind: 'message' | 'edit' | 'delete';
  /** Which hook or bridge it comes in through, as messages name it in their origin (remote.ts). */
  source: string;
  /** Of the message at the remote side; null: it has no id there. */
  remote: string | null;
  /** Of the message that it answers. */
  parent: string | null;
  author: { id: string; name: string; handle?: string; bot: boolean };
  /** As a reader there sees it: without markup. Empty for a deletion. */
  words: string;
  /** Of what may be a rewording: the same in Markdown; absent where only a rendering of it is known. */
  text?: string;
  /** Rises with each change there; absent: not told. */
  version?: number;
  /** A message under an id that says something already is its new wording. */
  again?: boolean;
  /** What our own calls carry where the network hands it through (L5). */
  marker: string | null;
  /** It was kept out, and the operator lets it in after all. */
  released?: boolean;
}

/** Why something is not let in. `ours`: the echo of what this hub sent. `copy`: somebody else's copy of it, kept for the operator. */
export type Turned = 'ours' | 'copy' | 'paused';

export type Screened =
  | { pass: false; reason: Turned }
  /**
   * `target`: an edit or a deletion of a message that was sent there. `said`: what it says there now, in Markdown, without what
   * the bridge had put around it; absent: as it came. `parent`: the message sent there that it answers.
   */
  | { pass: true; target: Seq | null; parent: Seq | null; said?: string };

/** Messages over bridges in one conversation within the window, with changing origins, that a bridge stops at (L6). */
export const BREAKER_MESSAGES = 20;
export const BREAKER_MS = 10_000;
/** The same words within this time from elsewhere are a copy (L4). */
export const COPY_MS = 10_000;
/** The same words are let in so often in a minute, whoever says them: slower circles end here. */
export const MOST_REPEATS = 3;
export const REPEAT_MS = 60_000;
/** What came in through these never goes out over this bridge: it was said there (L1). */
export const sourcesOf = ({ number, incoming }: Pick<Bridge, 'number' | 'incoming'>): string[] => [
  `bridge:${number}`,
  ...(incoming === null ? [] : [`hook:${incoming}`]),
];

/**
 * The same for two texts that a reader takes for the same: letters, digits and signs, without markup, white space, punctuation
 * and case. What consists of punctuation alone stays as it is.
 */
export function sameWords(words: string): string {
  const plain = words.normalize('NFKC').toLowerCase();
  const core = plain.replace(/[\s\p{P}\p{Cf}\p{Cc}~^`]+/gu, '');
  return core === '' ? plain.replace(/\s+/g, '') : core;
}

/** `Ann [irc]` as `Ann`, in one step: a pattern would begin anew at each bracket of a name that is made of them. */
export function withoutNetwork(name: string): string {
  if (!name.endsWith(']')) return name;
  const from = name.indexOf('[', name.lastIndexOf(']', name.length - 2) + 1);
  return from < 0 ? name : name.slice(0, from).trimEnd();
}

/** How others show who spoke where they cannot post under another name, escaped or not: `[irc] <Ann> `, `**Ann**: `. */
const NAMED = /^\s*(?:\\*\[[^\]\n]{1,40}\]\s*)?(?:\\*<[^>\n]{1,80}>|[*_]{0,2}[^:\n]{1,80}?:[*_]{0,2})\s+/;
/** Names before a text that are looked behind: each time round a relay puts one there. */
const MOST_NAMES = 100;
/** Characters that this looks at in all: of a long text fewer names. */
const MOST_LOOKED_AT = 1_000_000;

/** The words as they are, then without the name that a relay may have put before them, then without the next one… */
export function readings(words: string): string[] {
  const found = [words];
  const most = Math.min(MOST_NAMES, Math.max(1, Math.floor(MOST_LOOKED_AT / Math.max(1, words.length))));
  while (found.length <= most) {
    const bare = (found.at(-1) as string).replace(NAMED, '');
    if (bare === '' || bare === found.at(-1)) break;
    found.push(bare);
  }
  return [...new Set(found.map(sameWords))];
}

/** L5: what our calls carry, and whether one that comes back was said in this conversation. */
export const markerOf = (hub: string, conversation: number, hops: number): string =>
  `${hub}.${conversation}.${hops}`;

/** Null: no marker of this hub. */
export function readMarker(hub: string, marker: string): { conversation: number; hops: number } | null {
  const [name, conversation, hops, more] = marker.split('.');
  if (name !== hub || more !== undefined || !/^\d{1,16}$/.test(conversation ?? '')) return null;
  return /^\d{1,3}$/.test(hops ?? '') ? { conversation: Number(conversation), hops: Number(hops) } : null;
}
