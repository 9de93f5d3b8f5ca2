// What a conversation tells the directory: the shape between the Conversation object and the Indexer.
import type { AppNumber, ConversationNumber, FileNumber, MessageNumber, Seq, UserNumber } from './ids.ts';

/** One entry for the archive and, when `words` is set, for search. */
export interface ArchivedEntry {
  seq: Seq;
  id: MessageNumber;
  author: UserNumber | null;
  /** Log time, µs. */
  at: number;
  kind: number;
  markup: string | null;
  text: string | null;
  /** The rest of the entry's body, JSON. */
  extra: string;
  clientId: string | null;
  print: string | null;
  /** Plain text to search in; null: nothing to find here. */
  words: string | null;
}

/** What an edit or a deletion made of an older entry. `by`: the seq of the entry that says so. */
export interface RewrittenEntry {
  by: Seq;
  id: MessageNumber;
  markup: string | null;
  text: string | null;
  extra: string;
  words: string | null;
}

/** One member's row for lists and counters. */
export interface MemberPosition {
  user: UserNumber;
  rev: number;
  standing: string;
  joinedAt: number;
  readSeq: Seq;
  readN: number;
  readAt: number;
  ownAfter: Seq;
  deliveredSeq: Seq;
  deliveredAt: number;
  hiddenSeq: Seq;
  clearedSeq: Seq;
  progress: string;
  muted: boolean;
  invitedBy: UserNumber | null;
  removedBy: UserNumber | null;
  /** Messages that they wrote; while they are among the recent authors, the summary knows better. */
  sent: number;
  /** As concealed.ts writes it. */
  concealed: string;
}

/** The conversation's row in lists. Text columns hold JSON. */
export interface Summary {
  kind: string;
  creator: UserNumber | null;
  door: string;
  createdAt: number;
  title: string | null;
  description: string | null;
  icon: string | null;
  options: string | null;
  metadata: string | null;
  assignee: UserNumber | null;
  /** JSON; null: never decided. */
  control: string | null;
  group: number | null;
  state: string;
  locked: boolean;
  public: boolean;
  lastSeq: Seq;
  lastMessageSeq: Seq;
  /** ms of the last message, or of the creation. */
  lastAt: number;
  /** Log time of the last message, µs; 0: none. */
  lastLogTime: number;
  messageCount: number;
  lastAuthor: UserNumber | null;
  /** Plain text, at most 200 code points. */
  preview: string;
  /** {user: [seq, n, own]}: where recent authors last spoke, and how many messages they wrote. */
  recent: string;
  /** [[user, standing, card]…]: members, the last poster and authors, at most PEOPLE_SHOWN. */
  people: string;
  memberCount: number;
  /** Ranges of deleted ordinals, the newest ones. */
  gone: string;
  /** ms since 1970 of the last time that somebody who answers for the app read it; 0: never. Only rises. */
  businessReadAt: number;
  /** Newest member revision in this flush. */
  memberRev: number;
  epoch: string;
  blocks: string;
}

/** People in a conversation's list row: forum apps show them, and a row must stay small. */
export const PEOPLE_SHOWN = 100;
/** Ranges of deleted messages in a list row: exact unread counts for anybody less than this many gaps behind. */
export const GONE_SHOWN = 100;

/** Everything one conversation has for the directory since its cursor. Replaying it writes nothing. */
export interface Projection {
  app: AppNumber;
  conversation: ConversationNumber;
  /** The birth's: with app and number it names one conversation for ever, whatever becomes of the directory. */
  nonce: string;
  /** The seq that this goes on from: the directory must have got so far. */
  from: Seq;
  entries: ArchivedEntry[];
  rewritten: RewrittenEntry[];
  /** Deleted in one go: archive ids from `from` to `to`. */
  cleared: { by: Seq; from: MessageNumber; to: MessageNumber }[];
  /** Of this person, the messages among the archive ids from `from` to `to` lose author and text. */
  redacted?: { by: Seq; from: MessageNumber; to: MessageNumber; user: UserNumber }[];
  /** Of the archive ids from `from` to `to`, messages of `user` are those of `into`. */
  merged?: { by: Seq; from: MessageNumber; to: MessageNumber; user: UserNumber; into: UserNumber }[];
  members: MemberPosition[];
  /** Files that messages among `entries` have, by number; absent where there are none, as nearly always. */
  bound?: { file: FileNumber; message: MessageNumber }[];
  /** Files whose message was deleted. */
  freed?: FileNumber[];
  /** The summary's, where it may have risen while the log did not grow. */
  businessReadAt?: number;
  /** Null when the log did not grow: only positions moved. */
  summary: Summary | null;
  /** The conversation was deleted: its archive goes, its number stays taken. */
  deleted?: boolean;
  /** Forget everything the directory holds of this conversation first (reindex). */
  reset?: boolean;
  /** With a reset: what only this conversation of its app may hold, so that a row that was lost comes back with it. */
  claims?: {
    uniqueId: string | null;
    pair: string | null;
    defaultOf: UserNumber | null;
    importKey: string | null;
  };
}

/** The life of a number: another one when the directory was rolled back and gave the number again. */
export const lifeOf = ({ app, nonce }: Projection): string => `${app}:${nonce}`;
