// Opening, reading and answering conversations. Each call parses, asks the hub once or a few times, and renders.

import { mayInvite } from '../../domain/access.ts';
import { notFound, Refused } from '../../domain/errors.ts';
import type { ConversationNumber, UserNumber } from '../../domain/ids.ts';
import type { ConversationFacts, Draft, Member, MessageEntry } from '../../domain/model.ts';
import type { Attaching } from '../../hub/attaching.ts';
import { actorOf } from '../../hub/context.ts';
import { openConversation, viewConversation } from '../../hub/conversations.ts';
import { takesFiles } from '../../hub/files.ts';
import { listForUser } from '../../hub/lists.ts';
import { joinConversation } from '../../hub/members.ts';
import { findMessage, messagesByOrdinal, post } from '../../hub/messages.ts';
import { onlineUsers } from '../../hub/presence.ts';
import { quoteForReply, stripToLine } from '../../text/forum.ts';
import { array, base64, bool, int, type OutStruct, string, struct } from '../../xmlrpc/value.ts';
import { refuse } from './errors.ts';
import { conversationOf, messageOf } from './ids.ts';
import type { SignedCall } from './method.ts';
import { type Window, windowOf } from './paging.ts';
import { peopleNamed, peopleOfRow, personOf, speakersOf, withEverybody } from './people.ts';
import { conversationItem, conversationPage, messageItem, success } from './render.ts';
import { attachingOf } from './uploads.ts';

/** People that get_conversation names: authors first. participant_count tells how many there are. */
const PARTICIPANTS_SHOWN = 200;

/** Characters of a subject: every list row carries it. */
const SUBJECT_LENGTH = 255;

/** A new conversation, always: a forum knows no "the" conversation of two. Its first message is the text. */
export async function newConversation(
  call: SignedCall,
  names: string[],
  subject: string,
  body: string,
  attachments: string[] = [],
  group = '',
): Promise<OutStruct> {
  const title = subjectOf(subject);
  if (title === '') throw refuse('Please enter a subject.');
  const attaching = attachingOf(attachments, group);
  const first = draftOf(body, attaching);
  const members = await peopleNamed(call, names);
  const opening = { kind: 'group', title, members, first, attaching } as const;
  const { view } = await openConversation(call.hub, call.caller, opening);
  return success({ conv_id: string(String(view.facts.number)) });
}

/** Posts. A subject is kept as the message's own title (contracts/tapatalk.md 1.6: it stands behind the text). */
export async function replyConversation(
  call: SignedCall,
  id: string,
  body: string,
  subject = '',
  attachments: string[] = [],
  group = '',
): Promise<OutStruct> {
  const attaching = attachingOf(attachments, group);
  const draft = draftOf(body, attaching, subjectOf(subject) || null);
  const posted = await post(call.hub, call.caller, conversationOf(id), draft, { attaching });
  return success({ msg_id: string(String(posted.id)) });
}

/** Adds people, all or none. A reason becomes the inviter's next message (contracts/tapatalk.md 4.1). */
export async function inviteParticipant(
  call: SignedCall,
  names: string[],
  id: string,
  reason = '',
): Promise<OutStruct> {
  const conversation = conversationOf(id);
  const users = await peopleNamed(call, names);
  const options = reason.trim() === '' ? undefined : { reason: draftOf(reason) };
  await joinConversation(call.hub, call.caller, conversation, users, options);
  return success();
}

/** A list holds what its reader is an active member of, and what they see as one of the team: the rule asks no more of that. */
const LISTED = { standing: 'active' } as const;

/**
 * The caller's conversations, the one with the newest message first; to the team also those of customers that wait for anybody
 * of it. Positions count from 0, both ends included.
 */
export async function getConversations(call: SignedCall, start?: number, last?: number): Promise<OutStruct> {
  const { hub, app, caller } = call;
  const reader = caller.user.number;
  const { total, unreadConversations, rows } = await listForUser(hub, caller, {
    ...windowOf(start, last),
    team: true,
  });
  const known = rows.flatMap((row) => row.people);
  const everybody = await withEverybody(
    call,
    known,
    rows.flatMap((row) => speakersOf(app, row)),
  );
  const online = await onlineUsers(hub, app, [...everybody.keys()]);
  const list = rows.map((row) => {
    const people = peopleOfRow(app, row, everybody);
    const canInvite = invites(caller, row.facts, LISTED);
    return conversationItem(row, { app, reader, people, online, canInvite, isMember: row.member });
  });
  return struct({
    result: bool(true),
    conversation_count: int(total),
    unread_count: int(unreadConversations),
    can_upload: bool(takesFiles(app)),
    list: array(list),
  });
}

/** A page of messages, oldest first. What is shown counts as read from the next call on, and nothing newer. */
export async function getConversation(
  call: SignedCall,
  id: string,
  start?: number,
  last?: number,
  html = false,
): Promise<OutStruct> {
  const { hub, app, caller } = call;
  const reader = caller.user.number;
  const { view, messages, readSeqBefore } = await pageOf(call, conversationOf(id), windowOf(start, last));
  const authorOf = (entry: MessageEntry): UserNumber => entry.author ?? app.systemUser;
  const speakers = new Set(messages.map(authorOf));
  speakers.add(view.lastMessage ? authorOf(view.lastMessage) : (view.facts.creator ?? app.systemUser));

  const everybody = await withEverybody(call, foremost(view.members, speakers), speakers);
  const people = [...everybody.values()];
  const online = await onlineUsers(hub, app, [...everybody.keys()]);
  const { addressOf } = hub;
  const list = messages.map((entry) => {
    const author = personOf(everybody, authorOf(entry));
    const seen = { author, reader, readSeq: readSeqBefore, online: online.has(author.user), html, addressOf };
    return messageItem(entry, seen);
  });
  const canInvite = invites(caller, view.facts, view.me);
  const isMember = view.me?.standing === 'active';
  return conversationPage(view, { app, reader, people, online, canInvite, isMember }, list);
}

/** A window of a conversation. An empty one shows nothing, so it marks nothing as read. */
async function pageOf(call: SignedCall, conversation: ConversationNumber, { start, count }: Window) {
  const { hub, caller } = call;
  if (count > 0) {
    return messagesByOrdinal(hub, caller, conversation, start + 1, start + count, {
      markRead: !call.mustNotChange,
    });
  }
  const view = await viewConversation(hub, caller, conversation);
  return { view, messages: [], readSeqBefore: 0 };
}

/** Those who speak on the page, then others, as many as are shown. */
function foremost(members: readonly Member[], speakers: ReadonlySet<UserNumber>): Member[] {
  if (members.length <= PARTICIPANTS_SHOWN) return [...members];
  const [first, rest] = [true, false].map((speaks) => members.filter((m) => speakers.has(m.user) === speaks));
  return [...(first as Member[]), ...(rest as Member[])].slice(
    0,
    Math.max(PARTICIPANTS_SHOWN, speakers.size),
  );
}

/** Whether the app may show its invite button. The hub decides again when somebody presses it. */
function invites(
  caller: SignedCall['caller'],
  facts: ConversationFacts,
  me: Pick<Member, 'standing'> | null,
): boolean {
  // The rule reads nothing of a member but the standing, and a list row knows no more.
  return mayInvite(facts, actorOf(caller), me ?? undefined);
}

/** The text that a reply to this message starts with. */
export async function getQuoteConversation(
  call: SignedCall,
  id: string,
  message: string,
): Promise<OutStruct> {
  const { hub, caller } = call;
  const wanted = conversationOf(id);
  // First, so that a conversation that is not there is what the answer is about.
  const { members } = await viewConversation(hub, caller, wanted);
  const { conversation, entry } = await findMessage(hub, caller, messageOf(message));
  const { deleted, redacted } = entry.message;
  if (conversation !== wanted || deleted || redacted) throw new Refused(notFound('message'));
  const author = entry.author ?? call.app.systemUser;
  const people = await withEverybody(
    call,
    members.filter((member) => member.user === author),
    [author],
  );
  const { text, markup, override } = entry.message;
  return struct({
    text_body: base64(quoteForReply(override?.name ?? personOf(people, author).card.name, text, markup)),
  });
}

/** A subject as it is kept: one line without markup (contracts/tapatalk.md 4.4). */
export function subjectOf(given: string): string {
  const subject = stripToLine(given, 'bbcode');
  if (Array.from(subject).length <= SUBJECT_LENGTH) return subject;
  throw refuse(`A subject has at most ${SUBJECT_LENGTH} characters.`);
}

/** What the author hands in. Text of nothing but white space is refused, unless attachments stand for it. */
export function draftOf(text: string, attaching?: Attaching, title: string | null = null): Draft {
  if (text.trim() === '' && !attaching?.files.length) throw refuse('Please enter a message.');
  return { door: 'tapatalk', text, markup: 'bbcode', type: 'text', title };
}
