// Reporting a message to those who answer for the app: a support conversation of the reporter with the team, which holds
// what was said and where. So a report is answered like any other question, in every door.
import { findTeam } from '../directory/people.ts';
import { invalid, notFound, Refused } from '../domain/errors.ts';
import type { ConversationNumber, MessageNumber } from '../domain/ids.ts';
import type { ConversationView, Draft, JsonObject, MessageEntry } from '../domain/model.ts';
import { quoteForReply } from '../text/forum.ts';
import type { Caller, Hub } from './context.ts';
import { openConversation, viewConversation } from './conversations.ts';
import { ask } from './directory.ts';
import { findMessage, post } from './messages.ts';

/** Agents who are members of a report from its beginning; all others of the team may read and join it. */
const TEAM_TOLD = 50;

/**
 * Reports a message that the caller may read. One conversation for each message and reporter: told again, a reason is one
 * more message there, and nothing else happens. Not found: no such message for the caller, or it was deleted. Invalid: their
 * own. Conflict: they reported it before and have left that conversation.
 */
export async function reportMessage(
  hub: Hub,
  caller: Caller,
  id: MessageNumber,
  reason: string,
): Promise<void> {
  const { app, user } = caller;
  const { conversation, entry } = await findMessage(hub, caller, id);
  if (!user || entry.message.deleted || entry.message.redacted) throw new Refused(notFound('message'));
  if (entry.author === user.number) throw new Refused(invalid('This is your own message.'));
  const view = await viewConversation(hub, caller, conversation);
  const team = await ask(hub, app.number, (d1) => findTeam(d1, app.number, TEAM_TOLD));
  const name = authorName(caller, view, entry);
  const said = draftOf(caller, reason);
  const opened = await openConversation(hub, caller, {
    kind: 'support',
    asDefault: false,
    once: { key: `report ${user.number} ${id}`, print: null },
    title: `Report: a message of ${name}`,
    members: team.map((agent) => agent.number),
    metadata: referenceTo(hub, conversation, entry),
    first: {
      ...said,
      text: `${quoteOf(hub, name, entry)}${reason}`,
      metadata: referenceTo(hub, conversation, entry),
    },
  });
  if (!opened.created && reason !== '') await addReason(hub, caller, opened.view.facts.number, said);
}

async function addReason(hub: Hub, caller: Caller, c: ConversationNumber, reason: Draft): Promise<void> {
  try {
    await post(hub, caller, c, reason);
  } catch (error) {
    if (!(error instanceof Refused) || error.refusal.code !== 'not_found') throw error;
    const message = 'You have reported this message before, and left the conversation about it.';
    throw new Refused({ code: 'conflict', message });
  }
}

const draftOf = ({ door }: Caller, text: string): Draft => ({ door, text, markup: 'bbcode', type: 'text' });

function authorName(
  { app }: Caller,
  { members }: ConversationView,
  { author, message }: MessageEntry,
): string {
  const card = members.find((member) => member.user === author)?.card;
  return message.override?.name ?? card?.name ?? app.name;
}

/** What was said, in the author's name; files by their addresses. */
function quoteOf({ addressOf }: Hub, name: string, { message }: MessageEntry): string {
  const files = (message.attachments ?? []).map((file) => `${addressOf(file)}\n`).join('');
  return `${quoteForReply(name, message.text, message.markup)}${files === '' ? '' : `${files}\n`}`;
}

/** Numbers as the forum and the operator write them, and the ids of the REST door. */
const referenceTo = (
  { ids }: Hub,
  conversation: ConversationNumber,
  { id, author }: MessageEntry,
): JsonObject => ({
  reportedConversation: String(conversation),
  reportedMessage: String(id),
  reportedConversationId: ids.hex('conversation', conversation),
  reportedMessageId: ids.hex('message', id),
  ...(author !== null && { reportedAuthor: String(author), reportedAuthorId: ids.hex('user', author) }),
});
