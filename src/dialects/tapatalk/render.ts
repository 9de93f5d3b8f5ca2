// What the hub knows, as the structs of this dialect. Pure: who may see what was decided before.
//
// Text that a person wrote goes out as base64, ids and Unix times as strings, other numbers as ints
// (contracts/tapatalk.md 1 and 3.1). Members that two plugins name differently are sent under both names (2).
import type { Seq, UserNumber } from '../../domain/ids.ts';
import type {
  Card,
  ConversationFacts,
  ConversationView,
  MessageEntry,
  Role,
  Standing,
} from '../../domain/model.ts';
import type { App } from '../../hub/context.ts';
import { takesFiles } from '../../hub/files.ts';
import type { ConversationRow } from '../../hub/lists.ts';
import { stripToLine, toForumHtml, toForumText } from '../../text/forum.ts';
import { array, base64, bool, dateTime, int, type OutStruct, string, struct } from '../../xmlrpc/value.ts';
import { type AddressOf, attachmentItem, withInlineFiles } from './attachments.ts';

/** Somebody in, or once in, a conversation. */
export interface Person {
  readonly user: UserNumber;
  readonly card: Card;
  readonly standing: Standing;
}

/** Both ways of delete_conversation are there: 1 hides, 2 leaves (contracts/tapatalk.md 2 row 13). */
const DELETE_MODE = 3;
/** Who is not in it cannot leave it. */
const HIDE_ONLY = 1;
/** What stands where a message was deleted: its place in the paging stays. */
export const DELETED_TEXT = '(This message was deleted.)';

/** What every call that did something answers, with what it made. */
export const success = (made: Parameters<typeof struct>[0] = {}): OutStruct =>
  struct({ result: bool(true), result_text: base64(''), ...made });

const id = (n: number) => string(String(n));
/** Unix time in seconds. */
const timestamp = (ms: number) => string(String(Math.floor(ms / 1000)));

/** How a role is called in user_type. */
export function userType(role: Role): string {
  if (role === 'admin' || role === 'owner') return 'admin';
  return role === 'agent' ? 'mod' : 'normal';
}

/** Who speaks where the log names nobody: the app itself. */
export const voiceOf = (app: App): Person => ({
  user: app.systemUser,
  card: { externalId: '', username: app.slug, name: app.name, avatar: null, role: 'system' },
  standing: 'outside',
});

const hasLeft = (person: Person | undefined): boolean =>
  person?.standing === 'left' || person?.standing === 'barred';

/** `participants`: a struct named by user ids, even when empty: apps cast it (contracts/tapatalk.md 2 row 1). */
function participantsStruct(people: readonly Person[], online: ReadonlySet<UserNumber>): OutStruct {
  const members: Record<string, OutStruct> = {};
  for (const person of people) {
    members[String(person.user)] = struct({
      user_id: id(person.user),
      username: base64(person.card.name),
      icon_url: string(person.card.avatar ?? ''),
      user_type: base64(userType(person.card.role)),
      display_text: base64(''),
      is_online: bool(online.has(person.user)),
      has_left: bool(hasLeft(person)),
    });
  }
  return struct(members);
}

/** What one reader may do with a conversation: the flags that lists and pages share. */
function flags(facts: ConversationFacts, { app, canInvite, isMember }: Company) {
  return {
    can_invite: bool(canInvite),
    // There is no call to rename or to close (contracts/tapatalk.md 1.17), so no button either.
    can_edit: bool(false),
    can_close: bool(false),
    can_upload: bool(takesFiles(app) && !facts.locked),
    is_closed: bool(facts.locked),
    delete_mode: int(isMember ? DELETE_MODE : HIDE_ONLY),
  };
}

/** People in a made-up title. */
const NAMES_IN_TITLE = 3;

/**
 * The title without markup, on one line. Conversations of other doors often have none, and an app shows nothing else in
 * its list: they are called after the people in them.
 */
export function titleOf(
  facts: ConversationFacts,
  { app, people, reader }: Pick<Company, 'app' | 'people' | 'reader'>,
): string {
  const title = stripToLine(facts.title ?? '', 'bbcode');
  if (title !== '') return title;
  const others = people.filter((person) => person.standing === 'active' && person.user !== reader);
  const names = others.slice(0, NAMES_IN_TITLE).map((person) => person.card.name);
  if (names.length === 0) return app.name;
  return names.join(', ') + (others.length > names.length ? '…' : '');
}

/** Around whom an answer is drawn: who reads it, and whom it names. */
export interface Company {
  readonly app: App;
  readonly reader: UserNumber;
  /** The last poster and the author of every message shown are among them. */
  readonly people: readonly Person[];
  readonly online: ReadonlySet<UserNumber>;
  readonly canInvite: boolean;
  /** Else the reader sees it as one of the team. */
  readonly isMember: boolean;
}

/** One item of get_conversations. */
export function conversationItem(row: ConversationRow, company: Company): OutStruct {
  const { app, people, online } = company;
  const { facts } = row;
  const title = base64(titleOf(facts, company));
  const replies = Math.max(0, row.messageCount - 1);
  return struct({
    conv_id: id(facts.number),
    conv_subject: title,
    conv_title: title,
    // Older apps cast it to a string; newer ones to a number (contracts/tapatalk.md 2 row 2).
    reply_count: app.settings.legacyStrings ? id(replies) : int(replies),
    participant_count: int(row.memberCount),
    total_message_num: int(row.messageCount),
    start_user_id: id(starterOf(app, row)),
    start_conv_time: dateTime(facts.createdAt),
    start_timestamp: timestamp(facts.createdAt),
    last_user_id: id(lastPosterOf(app, row)),
    last_conv_time: dateTime(row.lastMessageAt),
    timestamp: timestamp(row.lastMessageAt),
    short_content: base64(row.preview),
    new_post: bool(row.unread > 0),
    unread_num: int(Math.max(0, row.unread)),
    ...flags(facts, company),
    participants: participantsStruct(people, online),
  });
}

export const starterOf = (app: App, row: Pick<ConversationRow, 'facts'>): UserNumber =>
  row.facts.creator ?? app.systemUser;

/** An empty conversation was last touched by who opened it. */
export const lastPosterOf = (
  app: App,
  row: Pick<ConversationRow, 'facts' | 'lastAuthor' | 'messageCount'>,
): UserNumber => row.lastAuthor ?? (row.messageCount > 0 ? app.systemUser : starterOf(app, row));

/** How one reader sees one message. */
export interface Seen {
  readonly author: Person;
  readonly reader: UserNumber;
  /** Everything up to here was read before this call. */
  readonly readSeq: Seq;
  readonly online: boolean;
  readonly html: boolean;
  readonly addressOf: AddressOf;
}

/** One item of get_conversation's list. */
export function messageItem(entry: MessageEntry, seen: Seen): OutStruct {
  const { author } = seen;
  // Nobody has to read their own words, even behind a mark that was set back.
  const unread = bool(entry.seq > seen.readSeq && author.user !== seen.reader && !entry.message.deleted);
  const postedAt = Math.floor(entry.at / 1000);
  return struct({
    msg_id: id(entry.id),
    msg_content: base64(contentOf(entry, seen)),
    msg_author_id: id(author.user),
    msg_author_user_type: base64(userType(author.card.role)),
    is_unread: unread,
    new_post: unread,
    is_online: bool(seen.online),
    has_left: bool(hasLeft(author)),
    post_time: dateTime(postedAt),
    timestamp: timestamp(postedAt),
    can_edit: bool(false),
    can_delete: bool(false),
    can_report: bool(author.user !== seen.reader && !entry.message.deleted && !entry.message.redacted),
    attachments: array(
      (entry.message.attachments ?? []).map((attachment) => attachmentItem(attachment, seen.addressOf)),
    ),
    inlineattachments: array([]),
  });
}

/** A message's words as an app reads them. */
export function contentOf(
  entry: MessageEntry,
  { html, addressOf }: Pick<Seen, 'html' | 'addressOf'>,
): string {
  const { message } = entry;
  if (message.deleted || message.redacted) return DELETED_TEXT;
  const text = withInlineFiles(message, addressOf);
  return html ? toForumHtml(text, message.markup) : toForumText(text, message.markup);
}

/** The answer of get_conversation around its messages. */
export function conversationPage(
  view: Pick<ConversationView, 'facts' | 'messageCount' | 'clearedN' | 'memberCount'>,
  company: Company,
  messages: readonly OutStruct[],
): OutStruct {
  const { facts } = view;
  const title = base64(titleOf(facts, company));
  return struct({
    conv_id: id(facts.number),
    conv_title: title,
    conv_subject: title,
    participant_count: int(view.memberCount),
    // As many as there are positions to ask for.
    total_message_num: int(view.messageCount - view.clearedN),
    ...flags(facts, company),
    can_reply: bool(!facts.locked),
    is_deleted: bool(false),
    participants: participantsStruct(company.people, company.online),
    list: array(messages),
  });
}
