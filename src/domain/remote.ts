// What happened in a place outside the hub, in one form for every network: what arrives by an incoming hook or over a bridge.
// How it becomes a message is hub/arrivals.ts; what it looks like on the wire is each network's.
import { Refused } from './errors.ts';
import type { FileNumber } from './ids.ts';
import type { JsonObject, Markup } from './model.ts';

/** Where a message came from. Kept with it and shown by no dialect (contracts/webhooks-bridges-widget.md L1). */
export interface Origin {
  /** The network: 'slack', 'discord', 'discourse'… */
  bridge: string;
  /** The hook or bridge that it came through ({@link RemoteSource} `key`): nothing goes back out there. */
  account: string;
  /** The message's id there. */
  id: string;
  /** The client id that it was posted under, which nobody else is told. */
  client: string;
  /** Bridges that it has crossed to get here: 1 for what was written there. */
  hops: number;
  /** Of the newest change that was taken; see {@link RemoteSaid}. */
  version?: number;
  /** ms since 1970: when it was said there. */
  at?: number;
  /** What its network needs to know of it for a later call, and conversations have no place for. */
  said?: JsonObject;
}

/** Characters of one message: the most that a forum lets its members write. */
export const LONGEST_WORDS = 150_000;

/** The words as they are. `most`: what is left where others are before them. Refused too_large: reading and writing them in every markup would hold up everybody else. */
export function withinLength(words: string, most: number = LONGEST_WORDS): string {
  if (words.length <= most) return words;
  const message = `A message has at most ${LONGEST_WORDS} characters.`;
  throw new Refused({ code: 'too_large', message });
}

/** A message that has crossed more than this many bridges goes in a circle (L1). */
export const MOST_HOPS = 3;

export interface RemoteAuthor {
  /** Names them at the remote place for ever. */
  id: string;
  name: string;
  /** What they sign in as there, where that is neither. */
  handle?: string;
  /** An address of their picture. */
  avatar: string | null;
  /** A program wrote it. */
  bot: boolean;
}

/** A file that came along: in the hub's store already, uploaded by an app credential, or somewhere else. */
export type RemoteFile =
  | { uploaded: FileNumber }
  | {
      url: string;
      name: string;
      /** Where the remote place opens it to the hub alone: sent with the call. */
      headers?: Record<string, string>;
    };

interface RemoteBase {
  /** Channel, topic or thread: what a conversation stands for, where the source opens one for each. */
  place: string;
  /** Bridges crossed before; absent: none, it was written there. */
  hops?: number;
}

/** Something was said, reworded, or is there again after it was deleted (and says this now). */
export interface RemoteSaid extends RemoteBase {
  kind: 'message' | 'edit' | 'restore';
  /** The message's id, unique in its source; null: it has none, and can be neither told apart nor changed. */
  id: string | null;
  /** What the place is called; of a new conversation. */
  title?: string | null;
  /** The id of the message that it answers. */
  parent?: string | null;
  author: RemoteAuthor;
  words: { text: string; markup: Markup };
  files: readonly RemoteFile[];
  /** ms since 1970, as the remote place has it; null: not told. */
  at: number | null;
  /** Rises with every change of the message there: an older one that comes late changes nothing. */
  version?: number;
  /** Its network says so of edits too: under the id of what it was told by this hub, it is the new wording of that. */
  again?: boolean;
  /** See {@link Origin}. */
  said?: JsonObject;
  /** What the network hands through of a call that a hub like this one made (bridges.ts `readMarker`). */
  marker?: string | null;
}

export interface RemoteDeletion extends RemoteBase {
  kind: 'delete';
  id: string;
  /** It is only hidden there, and may be shown for the first time later: told before its message, it keeps nothing out. */
  hidden?: boolean;
}

/** The place itself changed: what it is called, whether anything can be said in it. */
export interface RemoteTopic extends RemoteBase {
  kind: 'topic';
  /** Absent: as it is. */
  title?: string;
  locked?: boolean;
}

export type RemoteEvent = RemoteSaid | RemoteDeletion | RemoteTopic;
