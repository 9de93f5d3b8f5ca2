// The field's nouns: people, conversations, entries of the log, members. Types only; no wire shapes.
import type { Concealed } from './concealed.ts';
import type { Control, ControlAction } from './control.ts';
import type { Hooks } from './hooks.ts';
import type {
  AppNumber,
  ConversationNumber,
  LogTime,
  MessageNumber,
  Ordinal,
  Seq,
  UserNumber,
} from './ids.ts';
import type { Origin } from './remote.ts';

export type Json = string | number | boolean | null | Json[] | { [key: string]: Json };
export type JsonObject = { [key: string]: Json };

/** The dialect that a message came in through. */
export type Door = 'tapatalk' | 'sunshine' | 'qiscus' | 'ppmessage' | 'realtime' | 'bridge' | 'operator';
export type Markup = 'plain' | 'bbcode' | 'markdown' | 'html';
export type Role = 'visitor' | 'member' | 'agent' | 'admin' | 'owner' | 'business' | 'system' | 'ghost';
/** Roles that answer for the app: shown as `business` where a dialect knows only user and business. */
export const SERVICE_ROLES: ReadonlySet<Role> = new Set<Role>([
  'agent',
  'admin',
  'owner',
  'business',
  'system',
]);
/** Roles that may read and answer any support conversation of their app without being a member. */
export const TEAM_ROLES: ReadonlySet<Role> = new Set<Role>(['agent', 'admin', 'owner']);

/** What others see of a person. Kept beside each member, so that rendering asks nobody. */
export interface Card {
  externalId: string;
  username: string;
  name: string;
  avatar: string | null;
  role: Role;
}

/** direct: one per pair, membership frozen. group. support: one customer and the team. */
export type Kind = 'direct' | 'group' | 'support';

/** Everything that is fixed when a conversation begins. Repeating an open with the same birth changes nothing. */
export interface Birth {
  app: AppNumber;
  number: ConversationNumber;
  /** Random, made with the number: an object refuses a second birth. */
  nonce: string;
  kind: Kind;
  /** Who opened it; null: an app credential or the hub. Not a member by itself. */
  creator: UserNumber | null;
  door: Door;
  /** ms since 1970. */
  createdAt: number;
  uniqueId?: string | null;
  public?: boolean;
  /** First personal conversation of this user (Sunshine isDefault). */
  defaultOf?: UserNumber | null;
  /** What the operator calls it in imports: one conversation of the app has it, for ever. */
  importKey?: string | null;
  title?: string | null;
  description?: string | null;
  icon?: string | null;
  options?: string | null;
  metadata?: JsonObject | null;
}

/** The changing facts of a conversation. */
export interface ConversationFacts {
  app: AppNumber;
  number: ConversationNumber;
  kind: Kind;
  creator: UserNumber | null;
  door: Door;
  createdAt: number;
  uniqueId: string | null;
  public: boolean;
  defaultOf: UserNumber | null;
  title: string | null;
  description: string | null;
  icon: string | null;
  options: string | null;
  metadata: JsonObject | null;
  assignee: UserNumber | null;
  /** Which integration speaks for the business; null: that was never decided. */
  control: Control | null;
  group: number | null;
  state: 'open' | 'closed';
  /** Nobody posts. */
  locked: boolean;
}

/** What an `update` entry may change. A null unsets. */
export type FactsChange = Partial<
  Pick<
    ConversationFacts,
    'title' | 'description' | 'icon' | 'options' | 'metadata' | 'state' | 'locked' | 'public' | 'group'
  >
>;

export interface Attachment {
  /** The file's key in the hub's store, or null for a file elsewhere. */
  file: string | null;
  /** Of a file of the hub: a path that opens it to those who prove who they are; doors sign it where they show it. */
  url: string;
  name: string;
  mime: string;
  bytes: number;
  width?: number;
  height?: number;
  thumbnailUrl?: string;
}

/** Client ids that begin so were made by the hub for a client that sends none: they are never shown. */
export const OWN_CLIENT_ID = '\u0001';

/** What an author hands in. */
export interface Draft {
  door: Door;
  text: string;
  markup: Markup;
  /** 'text', 'image', 'file', 'carousel', 'custom', 'system_event'…: the typed payload's name. */
  type: string;
  payload?: JsonObject | null;
  title?: string | null;
  attachments?: Attachment[];
  replyTo?: Seq | null;
  metadata?: JsonObject | null;
  extras?: JsonObject | null;
  device?: number | null;
  /** Shown instead of the author's card (bridges, Sunshine displayName). */
  override?: { name?: string; avatar?: string | null } | null;
  /** Made by the client: at most one message per conversation, for ever. */
  clientId?: string | null;
  /** Of a message from another network. */
  origin?: Origin;
}

/** A message as the log holds it. Text and payload are empty once it was deleted. */
export interface Message extends Omit<Draft, 'clientId'> {
  clientId: string | null;
  /** ms since 1970 of the last edit. */
  editedAt?: number;
  /** The dialect that the last edit came in through. */
  editedThrough?: Door;
  deleted?: boolean;
  /** Author and text were erased on request. */
  redacted?: boolean;
  /** Only for the reader who asked: they put it out of their sight, and it reads to them as deleted. */
  concealed?: boolean;
}

/** What an edit gives a message anew. What is left out stays; a null unsets. Custom data alone leaves no mark of an edit. */
export interface Rewording {
  words?: {
    text: string;
    markup: Markup;
    payload?: JsonObject | null;
    attachments?: Attachment[];
    extras?: JsonObject;
  };
  metadata?: JsonObject | null;
  /** The dialect that it comes in through. */
  door?: Door;
  /** Of a message from another network. With a version it changes nothing unless that is newer than what is there. */
  origin?: Pick<Origin, 'version' | 'said'>;
  /** Nobody reworded it: no mark of an edit (its files have arrived). */
  unmarked?: boolean;
}

interface EntryBase {
  seq: Seq;
  at: LogTime;
  /** Messages up to and with this entry. */
  n: Ordinal;
  /** Who caused it; null: the hub or an app credential without a person. */
  author: UserNumber | null;
}

export type Entry =
  | (EntryBase & { kind: 'message'; id: MessageNumber; message: Message })
  /** What the message says now. */
  | (EntryBase & {
      kind: 'edit';
      target: Seq;
      text: string;
      markup: Markup;
      payload?: JsonObject | null;
      attachments?: Attachment[];
      metadata?: JsonObject | null;
    })
  /** `through`: every message up to and with `target` went (delete all). `files`: keys of the hub's files that it had. */
  | (EntryBase & { kind: 'delete'; target: Seq; through?: boolean; files?: string[] })
  | (EntryBase & { kind: 'join'; users: UserNumber[] })
  | (EntryBase & { kind: 'leave'; users: UserNumber[]; removed?: boolean; barred?: boolean })
  | (EntryBase & { kind: 'assign'; assignee: UserNumber | null })
  | (EntryBase & { kind: 'update'; changes: FactsChange })
  /** Another integration speaks for the business, or was offered to: what is so from here on. `metadata`: for integrations. */
  | (EntryBase & { kind: 'control'; action: ControlAction; metadata: JsonObject | null } & Control)
  /** Author and text of this person's messages were erased. */
  | (EntryBase & { kind: 'redact'; user: UserNumber; files?: string[] })
  /** `user` turned out to be `into`, whose place and messages these are now. */
  | (EntryBase & { kind: 'merge'; user: UserNumber; into: UserNumber });
export type EntryKind = Entry['kind'];
export type MessageEntry = Extract<Entry, { kind: 'message' }>;

/** outside: wrote here without being a member (voices, agents). */
export type Standing = 'active' | 'left' | 'barred' | 'outside';

/** One person's place in one conversation. Positions of others are visible to members (read marks). */
export interface Member {
  user: UserNumber;
  card: Card;
  standing: Standing;
  joinedSeq: Seq;
  joinedAt: number;
  /** Everything up to this seq was read; `readN` counts messages up to it. */
  readSeq: Seq;
  readN: Ordinal;
  /** ms since 1970; 0: never. */
  readAt: number;
  /** Own messages up to this seq do not count as read marks: the member marked the conversation unread after them. */
  ownAfter: Seq;
  deliveredSeq: Seq;
  deliveredAt: number;
  /** Hidden from the member's lists until a message after this seq. 0: not hidden. */
  hiddenSeq: Seq;
  /** The member cleared history up to this seq. */
  clearedSeq: Seq;
  /** PPMessage's per-member state of the conversation. */
  progress: 'NEW' | 'OPEN' | 'CLOSE';
  muted: boolean;
  invitedBy: UserNumber | null;
  removedBy: UserNumber | null;
  /** Messages that the member put out of their own sight; null: none. */
  concealed: Concealed | null;
}

/** A conversation as one caller sees it. */
export interface ConversationView {
  facts: ConversationFacts;
  epoch: string;
  lastSeq: Seq;
  /** ms since 1970 of the last message, or of the creation. */
  lastAt: number;
  messageCount: Ordinal;
  lastMessage: MessageEntry | null;
  /**
   * Everybody who is or was a member, and every author; of more than 200 of them some, those first whom the call is
   * about. All of them come page by page.
   */
  members: Member[];
  /** Active members. */
  memberCount: number;
  /** The caller's own place; null for an app credential. */
  me: Member | null;
  /** Messages at the beginning that the caller cleared for themselves: their pages count from behind these. */
  clearedN: Ordinal;
  /** The caller's unread messages. */
  unread: number;
  /** How far the caller has read, their own messages included. */
  readSeq: Seq;
  /** How far `members` have read, for who asks. */
  marks?: Record<number, TimeMarks>;
  /** For app credentials: unread messages of those of `members` who are in now. */
  unreadByUser?: Record<number, number>;
  /** The same, of those whom the call is about: how far they have read, their own messages included. */
  readByUser?: Record<number, ReadMark>;
}

/** How far somebody has read: everything up to `seq`; the newest message in that, null where there is none. */
export interface ReadMark {
  seq: Seq;
  message: MessageNumber | null;
}

/**
 * Who calls. `powers`: member = only what membership allows; team = also any support conversation of the app;
 * app = an app credential: everything in its app.
 */
export interface Actor {
  app: AppNumber;
  user: UserNumber | null;
  /** As fresh as the caller has it; null: use what the conversation has. */
  card: Card | null;
  powers: 'member' | 'team' | 'app';
  /** How many Inbox objects the app's people are spread over. */
  shelves: number;
  /** The app's endpoints. */
  hooks: Hooks;
}

/** How far somebody has read and received, as the log times of messages (0: nothing). */
export interface TimeMarks {
  read: LogTime;
  received: LogTime;
}

/** A posted message's place. `duplicate`: the client id was known, this is the first message's place. */
export interface Posted {
  /** Whose message it is, as the conversation shows them. */
  author: { user: UserNumber; card: Card | null } | null;
  seq: Seq;
  id: MessageNumber;
  at: LogTime;
  n: Ordinal;
  duplicate: boolean;
  /** Log time of the newest message before it that was there then; 0: it is the first. */
  before: LogTime;
  /** The message that it answers, where the post named that by its log time. */
  quoted?: { entry: MessageEntry; card: Card | null };
}
