// The older family of calls, private messages in boxes, over the same conversations: the inbox is what others wrote, the
// sent box what one wrote oneself; a message has one number in both families (contracts/tapatalk.md 1.18).
import type { Box } from '../../domain/concealed.ts';
import { notFound, Refused } from '../../domain/errors.ts';
import type { ConversationNumber, Seq } from '../../domain/ids.ts';
import type { ConversationView } from '../../domain/model.ts';
import { boxCounts, boxPage, concealMessage } from '../../hub/boxes.ts';
import { openConversation, viewConversation } from '../../hub/conversations.ts';
import { markAllRead, markRead, markUnread } from '../../hub/members.ts';
import { findMessage, post } from '../../hub/messages.ts';
import { usersByNames } from '../../hub/people.ts';
import { onlineUsers } from '../../hub/presence.ts';
import { quoteForReply } from '../../text/forum.ts';
import { array, base64, int, type OutStruct, string, struct } from '../../xmlrpc/value.ts';
import { draftOf, subjectOf } from './conversations.ts';
import { refuse } from './errors.ts';
import { messageOf } from './ids.ts';
import type { SignedCall } from './method.ts';
import { windowOf } from './paging.ts';
import { peopleNamed } from './people.ts';
import { success } from './render.ts';
import { type Letter, letterHead, letterItem, subjectIn } from './render-boxes.ts';

/** The boxes by their ids on the wire; the third shows of the first what is not read (level 4 of the API). */
const BOXES: Readonly<Record<string, Box | 'unread'>> = { inbox: 'inbox', sent: 'sent', unread: 'unread' };

function boxOf(id: string): Box | 'unread' {
  const box = Object.hasOwn(BOXES, id) ? BOXES[id] : undefined;
  if (!box) throw refuse('Unknown box: "inbox", "sent" or "unread".');
  return box;
}

/** Where a message of such a box lies; absent: in either. */
const placeOf = (id: string): Box | null => {
  if (id === '') return null;
  const box = boxOf(id);
  return box === 'unread' ? 'inbox' : box;
};

export async function getBoxInfo(call: SignedCall): Promise<OutStruct> {
  const { inbox, sent, unread } = await boxCounts(call.hub, call.caller);
  const box = (id: string, name: string, type: string, count: number, unread: number): OutStruct =>
    struct({
      box_id: string(id),
      box_name: base64(name),
      box_type: string(type),
      // Plugins send each number under two names.
      msg_count: int(count),
      total_message_count: int(count),
      unread_count: int(unread),
      total_unread_count: int(unread),
    });
  const list = [box('inbox', 'Inbox', 'INBOX', inbox, unread), box('sent', 'Sent', 'SENT', sent, 0)];
  return success({ list: array(list) });
}

/** Newest first; positions count from 0, both ends included. What it shows is not read by that. */
export async function getBox(call: SignedCall, id: string, start?: number, end?: number): Promise<OutStruct> {
  const { hub, app, caller } = call;
  const box = boxOf(id);
  const { total, unread, messages } = await boxPage(hub, caller, box, windowOf(start, end));
  const authors = messages.flatMap(({ entry }) => (entry.author === null ? [] : [entry.author]));
  const online = await onlineUsers(hub, app, authors);
  const list = messages.map((letter) => letterItem(app, { ...letter, reader: caller.user.number, online }));
  return success({
    total_message_count: int(total),
    total_unread_count: int(unread),
    list: array(list),
  });
}

/** One message; its being shown marks it, and what came before it in its conversation, as read. */
export async function getMessage(
  call: SignedCall,
  id: string,
  box: string,
  html = false,
): Promise<OutStruct> {
  const { hub, app, caller } = call;
  const place = placeOf(box);
  const { conversation, entry, view } = await letterOf(call, id, place);
  if (place !== 'sent' && !call.mustNotChange) await markRead(hub, caller, conversation, entry.seq);
  const online = await onlineUsers(hub, app, entry.author === null ? [] : [entry.author]);
  const letter = { entry, view, reader: caller.user.number, online, lastOwn: 0 };
  return success(letterHead(app, letter, { html, addressOf: hub.addressOf }));
}

interface Found extends Pick<Letter, 'entry' | 'view'> {
  conversation: ConversationNumber;
}

/** A message that the caller has in that box (null: in either). */
async function letterOf({ hub, caller }: SignedCall, id: string, place: Box | null): Promise<Found> {
  const { conversation, entry } = await findMessage(hub, caller, messageOf(id));
  const lies: Box = entry.author === caller.user.number ? 'sent' : 'inbox';
  if (entry.message.concealed || (place !== null && place !== lies)) throw new Refused(notFound('message'));
  return { conversation, entry, view: await viewConversation(hub, caller, conversation) };
}

/**
 * Sends a message: to one or several people in a new conversation, or (action 1) as an answer in the conversation of
 * another message, to everybody there. Action 2, forward, is a new conversation: apps put what they forward into the text.
 */
export async function createMessage(
  call: SignedCall,
  names: string[],
  subject: string,
  body: string,
  action = 0,
  pm = '',
): Promise<OutStruct> {
  const { hub, caller } = call;
  if (action !== 0 && action !== 1 && action !== 2) throw refuse('Unknown action: 1 replies, 2 forwards.');
  if ((action === 0) !== (pm === ''))
    throw refuse('An action and its message (action, pm_id) belong together.');
  if (action === 1) {
    const { conversation, entry, view } = await letterOf(call, pm, null);
    await refuseOutsiders(call, names, view);
    const draft = { ...draftOf(body, undefined, subjectOf(subject) || null), replyTo: entry.seq };
    return sent((await post(hub, caller, conversation, draft)).id);
  }
  if (action === 2) await letterOf(call, pm, null);
  const title = subjectOf(subject);
  if (title === '') throw refuse('Please enter a subject.');
  const first = draftOf(body);
  const members = await peopleNamed(call, names);
  const { posted } = await openConversation(hub, caller, { kind: 'group', title, members, first });
  if (!posted) throw new Error('a new conversation has no first message');
  return sent(posted.id);
}

const sent = (id: number): OutStruct => success({ msg_id: string(String(id)) });

/** An answer goes to the conversation: whoever is named must be there to get it. */
async function refuseOutsiders(
  { hub, app }: SignedCall,
  given: readonly string[],
  { facts, members }: ConversationView,
): Promise<void> {
  const names = given.map((name) => name.trim()).filter((name) => name !== '');
  const found = await usersByNames(hub, app, names);
  const outside = names.filter((_, i) => {
    const there = members.find(({ user }) => user === found[i]?.number);
    // The team reads every support conversation.
    return there?.standing !== 'active' && !(facts.kind === 'support' && there);
  });
  if (outside.length === 0) return;
  throw refuse(`${outside.map((name) => `“${name}”`).join(', ')} cannot read this conversation.`);
}

/** Out of the caller's own boxes and pages; everybody else keeps it. */
export async function deleteMessage(call: SignedCall, id: string, box = ''): Promise<OutStruct> {
  await concealMessage(call.hub, call.caller, messageOf(id), placeOf(box));
  return success();
}

/** What a reply or a forwarded message starts with. */
export async function getQuotePm(call: SignedCall, id: string): Promise<OutStruct> {
  const { app, caller } = call;
  const { entry, view } = await letterOf(call, id, null);
  const { deleted, redacted, text, markup, override } = entry.message;
  if (deleted || redacted) throw new Refused(notFound('message'));
  const author = view.members.find(({ user }) => user === entry.author);
  const name = override?.name ?? author?.card.name ?? app.name;
  return success({
    msg_id: string(String(entry.id)),
    msg_subject: base64(subjectIn(app, { entry, view, reader: caller.user.number })),
    text_body: base64(quoteForReply(name, text, markup)),
  });
}

/** Messages in one call: each may be in another conversation, and costs a call to its object. */
const MAX_MARKED = 40;

/** Some messages ("1,2"), with what came before them in their conversations, or all where none is named. */
export async function markPmRead(call: SignedCall, given = ''): Promise<OutStruct> {
  const { hub, caller } = call;
  const marks = await marksOf(call, given, Math.max);
  if (marks.size === 0) await markAllRead(hub, caller);
  await Promise.all([...marks].map(([conversation, seq]) => markRead(hub, caller, conversation, seq)));
  return success();
}

/** The mark goes before them: what came after them in their conversations is unread then too. None named: nothing to do. */
export async function markPmUnread(call: SignedCall, given = ''): Promise<OutStruct> {
  const { hub, caller } = call;
  const marks = await marksOf(call, given, Math.min);
  await Promise.all([...marks].map(([conversation, seq]) => markUnread(hub, caller, conversation, seq)));
  return success();
}

/** One position for each conversation of these messages. All are looked for before anything is marked. */
async function marksOf(
  { hub, caller }: SignedCall,
  given: string,
  of: (a: Seq, b: Seq) => Seq,
): Promise<Map<ConversationNumber, Seq>> {
  const texts = given.split(',').map((text) => text.trim());
  const ids = [...new Set(texts.filter((text) => text !== '').map(messageOf))];
  if (ids.length > MAX_MARKED) throw refuse(`At most ${MAX_MARKED} messages can be marked at once.`);
  const found = await Promise.all(ids.map((id) => findMessage(hub, caller, id)));
  const marks = new Map<ConversationNumber, Seq>();
  for (const { conversation, entry } of found) {
    if (entry.message.concealed) throw new Refused(notFound('message'));
    marks.set(conversation, of(marks.get(conversation) ?? entry.seq, entry.seq));
  }
  return marks;
}
