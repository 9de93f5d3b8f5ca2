// Messages as the older family of calls shows them: letters with a subject, a sender and recipients. Pure.
import type { Seq, UserNumber } from '../../domain/ids.ts';
import type { ConversationView, MessageEntry } from '../../domain/model.ts';
import type { App } from '../../hub/context.ts';
import { shortContent, stripToLine } from '../../text/forum.ts';
import { array, base64, bool, dateTime, int, type OutStruct, string, struct } from '../../xmlrpc/value.ts';
import { attachmentItem } from './attachments.ts';
import { contentOf, DELETED_TEXT, type Person, type Seen, titleOf, userType, voiceOf } from './render.ts';

/** One message, and who reads it. */
export interface Letter {
  readonly entry: MessageEntry;
  /** Of its conversation, the author among the members. */
  readonly view: ConversationView;
  readonly reader: UserNumber;
  readonly online: ReadonlySet<UserNumber>;
  /** The reader's own last message in the conversation. */
  readonly lastOwn: Seq;
}

/** Recipients that a letter names. */
const RECIPIENTS_SHOWN = 50;

/** msg_state, as far as there is something to say: a conversation does not know what was forwarded. */
const UNREAD = 1;
const READ = 2;
const REPLIED = 3;

function senderOf(app: App, { entry, view }: Pick<Letter, 'entry' | 'view'>): Person {
  const member = view.members.find(({ user }) => user === entry.author);
  const person = member ?? { ...voiceOf(app), user: entry.author ?? app.systemUser };
  const { override } = entry.message;
  if (!override?.name) return person;
  return {
    ...person,
    card: { ...person.card, name: override.name, avatar: override.avatar ?? person.card.avatar },
  };
}

/** Everybody who is in the conversation, without the sender. */
const recipientsOf = ({ entry, view }: Pick<Letter, 'entry' | 'view'>): Person[] =>
  view.members.filter(({ user, standing }) => standing === 'active' && user !== entry.author);

/** The message's own subject, else the conversation's. One line, no markup. */
export function subjectIn(
  app: App,
  { entry, view, reader }: Pick<Letter, 'entry' | 'view' | 'reader'>,
): string {
  const own = stripToLine(entry.message.title ?? '', 'bbcode');
  if (own !== '') return own;
  return titleOf(view.facts, { app, people: view.members, reader });
}

function stateOf({ entry, view, reader, lastOwn }: Letter): number {
  if (entry.author === reader) return READ;
  if (entry.seq > view.readSeq && !entry.message.deleted) return UNREAD;
  return entry.seq < lastOwn ? REPLIED : READ;
}

/** What both the list and the single message say. */
function envelope(app: App, letter: Letter) {
  const { entry, reader, online } = letter;
  const sender = senderOf(app, letter);
  const recipients = recipientsOf(letter);
  const postedAt = Math.floor(entry.at / 1000);
  // What one sent oneself is shown by whom it went to.
  const shown = entry.author === reader ? (recipients[0] ?? sender) : sender;
  return {
    msg_id: string(String(entry.id)),
    msg_subject: base64(subjectIn(app, letter)),
    msg_from_id: string(String(sender.user)),
    msg_from: base64(sender.card.name),
    msg_from_user_type: base64(userType(sender.card.role)),
    icon_url: string(shown.card.avatar ?? ''),
    sent_date: dateTime(postedAt),
    timestamp: string(String(Math.floor(postedAt / 1000))),
    is_online: bool(online.has(sender.user)),
    msg_to: array(
      recipients
        .slice(0, RECIPIENTS_SHOWN)
        .map(({ user, card }) => struct({ user_id: string(String(user)), username: base64(card.name) })),
    ),
  };
}

/** One item of get_box. */
export function letterItem(app: App, letter: Letter): OutStruct {
  const { text, markup, deleted } = letter.entry.message;
  return struct({
    ...envelope(app, letter),
    msg_state: int(stateOf(letter)),
    short_content: base64(deleted ? DELETED_TEXT : shortContent(text, markup)),
  });
}

/** The answer of get_message, but for its result. */
export function letterHead(app: App, letter: Letter, seen: Pick<Seen, 'html' | 'addressOf'>) {
  const { entry, reader } = letter;
  return {
    ...envelope(app, letter),
    text_body: base64(contentOf(entry, seen)),
    allow_smilies: bool(true),
    can_report: bool(entry.author !== reader && !entry.message.deleted && !entry.message.redacted),
    attachments: array(
      (entry.message.attachments ?? []).map((attachment) => attachmentItem(attachment, seen.addressOf)),
    ),
    inlineattachments: array([]),
  };
}
