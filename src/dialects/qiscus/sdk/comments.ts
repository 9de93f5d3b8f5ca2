// Comments of the person who calls: posted, read, marked, changed, deleted (contracts/qiscus.md 9). Searches are
// finding.ts, news sync.ts.
import { forbidden, notFound, Refused } from '../../../domain/errors.ts';
import type { ConversationNumber } from '../../../domain/ids.ts';
import type { Draft, JsonObject, MessageEntry } from '../../../domain/model.ts';
import { masked } from '../../../hub/masking.ts';
import { markDelivered, markRead } from '../../../hub/members.ts';
import { deleteMessage, editMessage, messagesBySeq, messagesNamed, post } from '../../../hub/messages.ts';
import { type Call, operation } from '../call.ts';
import { draftOf } from '../comments.ts';
import { keptOf } from '../content.ts';
import { choice, integer, may, object, refuseField, room, text, texts } from '../fields.ts';
import { TYPES } from '../payloads.ts';
import { activeOf } from '../render-rooms.ts';
import { eachInTurn, roomNamed } from '../rooms.ts';
import { withUpload } from './files.ts';
import { findByTime, findByUniqueId } from './finding.ts';
import { renderComments, renderMember } from './render.ts';
import { flagOn, selfOf } from './rooms.ts';

const MESSAGE_LENGTH = 4_000;
const UNIQUE_LENGTH = 255;
const PAGE_COMMENTS = 20;
const MOST_COMMENTS = 100;
const MOST_AT_ONCE = 100;

/** An id of a comment: its log time. */
export const commentId = () => integer(0, Number.MAX_SAFE_INTEGER, 'comment');

/** One comment, posted in one call. The same unique id again is the first comment. */
export const postComment = operation(
  {
    topic_id: may(room()),
    room_id: may(room()),
    comment: may(text(MESSAGE_LENGTH)),
    type: may(choice(TYPES)),
    payload: object(),
    extras: object(),
    unique_temp_id: may(text(UNIQUE_LENGTH, 'unique id')),
  },
  async (call, given) => {
    const name = given.topic_id ?? given.room_id;
    if (name === undefined) throw refuseField('topic_id', 'is required');
    const said = { ...given, message: given.comment, disable_link_preview: false };
    const { draft, content } = draftOf(said, given.unique_temp_id ?? null);
    const c = await roomNamed(call, name);
    return { comment: await posted(call, c, draft, content.replyAt) };
  },
);

async function posted(
  call: Call,
  c: ConversationNumber,
  given: Draft,
  replyAt: number | undefined,
): Promise<JsonObject> {
  const { hub, app, caller } = call;
  const { draft, attaching } = await withUpload(call, given);
  let at: Awaited<ReturnType<typeof post>>;
  try {
    at = await post(hub, caller, c, masked(app, draft), { replyAt, attaching });
  } catch (error) {
    const taken = error instanceof Refused && error.refusal.code === 'not_found';
    if (!attaching || !taken || error.refusal.subject !== 'file') throw error;
    // A file of another comment is passed on by its address.
    at = await post(hub, caller, c, masked(app, given), { replyAt });
  }
  return shownAt(call, c, at.at);
}

/** A comment as its room shows it now. */
export async function shownAt(call: Call, c: ConversationNumber, time: number): Promise<JsonObject> {
  const page = await messagesNamed(call.hub, call.caller, c, [{ time }]);
  const [comment] = renderComments(call.hub, page, selfOf(call));
  if (!comment) throw new Refused(notFound('message'));
  return comment;
}

/** Comments of a room before one of them, or after it; without one the newest. Newest first. */
export const loadComments = operation(
  {
    topic_id: may(room()),
    room_id: may(room()),
    last_comment_id: may(commentId()),
    after: may(text(10)),
    limit: may(integer(1, MOST_COMMENTS)),
  },
  async (call, given) => {
    const name = given.topic_id ?? given.room_id;
    if (name === undefined) throw refuseField('topic_id', 'is required');
    const { last_comment_id: last = 0, limit = PAGE_COMMENTS } = given;
    const forward = given.after === 'true' || given.after === '1';
    const c = await roomNamed(call, name);
    const bounds = forward ? { afterTime: last } : last > 0 ? { beforeTime: last } : {};
    const window = { ...bounds, limit, timed: true, marks: true };
    const page = await messagesBySeq(call.hub, call.caller, c, window);
    return { comments: renderComments(call.hub, page, selfOf(call)) };
  },
);

/** How far the person has read and received in a room; neither mark falls. */
export const updateCommentStatus = operation(
  {
    room_id: room(),
    last_comment_read_id: may(commentId()),
    last_comment_received_id: may(commentId()),
  },
  async (call, given) => {
    const { hub, caller } = call;
    const c = await roomNamed(call, given.room_id);
    const { last_comment_read_id: read = 0, last_comment_received_id: received = 0 } = given;
    if (received > 0) await markDelivered(hub, caller, c, undefined, { time: received });
    if (read > 0) await markRead(hub, caller, c, undefined, { time: read });
    return {
      room_id: c,
      last_comment_read_id: read,
      last_comment_received_id: received,
    };
  },
);

/** Who of the room has read a comment, who has only received it, who has not. */
export const commentReceipt = operation({ comment_id: commentId() }, async (call, given) => {
  const c = await findByTime(call, given.comment_id);
  const page = await messagesBySeq(call.hub, call.caller, c, {
    afterTime: given.comment_id - 1,
    limit: 1,
    timed: true,
    marks: true,
  });
  const [entry] = page.messages;
  if (entry?.at !== given.comment_id) throw new Refused(notFound('message'));
  const { members, marks } = page.view;
  const others = activeOf(members).filter(({ user }) => user !== entry.author);
  const reached = (user: number, kind: 'read' | 'received') => (marks?.[user]?.[kind] ?? 0) >= entry.at;
  const shown = (wanted: (user: number) => boolean) =>
    others.filter(({ user }) => wanted(user)).map((member) => ({ user: renderMember(member, marks) }));
  const [comment] = renderComments(call.hub, page, selfOf(call));
  return {
    comment: comment ?? {},
    read_by: shown((user) => reached(user, 'read')),
    delivered_to: shown((user) => !reached(user, 'read') && reached(user, 'received')),
    pending: shown((user) => !reached(user, 'received')),
  };
});

/** Takes one's own comments back, for everybody; those that are gone already are passed over. */
export const deleteMessages = operation(
  {
    unique_ids: texts(MOST_AT_ONCE, 'unique ids'),
    is_delete_for_everyone: flagOn(),
    is_hard_delete: flagOn(),
  },
  async (call, given) => {
    if (!given.is_delete_for_everyone)
      throw refuseField('is_delete_for_everyone', 'must be true: comments are deleted for everybody');
    const self = selfOf(call);
    const found = await eachInTurn(given.unique_ids, (id) => findByUniqueId(call, id));
    const own = found.flatMap((each) => each ?? []);
    // Nothing goes where one of them is somebody else's.
    if (own.some(({ entry }) => entry.author !== self.number))
      throw new Refused(forbidden('You can only delete your own comments.'));
    const comments = await eachInTurn(own, async ({ conversation: c, entry }) => {
      const shown = await goneAt(call, c, entry);
      await deleteMessage(call.hub, call.caller, c, entry.seq);
      return shown;
    });
    return { comments };
  },
);

/** A comment as it is told of when it goes. */
async function goneAt(call: Call, c: ConversationNumber, entry: MessageEntry): Promise<JsonObject> {
  return { ...(await shownAt(call, c, entry.at)), is_deleted: true, is_hard_delete: true };
}

/** New words for one's own comment. Its type stays; a payload that is given takes the place of the old one. */
export const updateMessage = operation(
  {
    unique_id: text(UNIQUE_LENGTH, 'unique id'),
    comment: may(text(MESSAGE_LENGTH)),
    payload: object(),
    extras: object(),
  },
  async (call, given) => {
    const { hub, caller } = call;
    const found = await findByUniqueId(call, given.unique_id);
    if (!found) throw new Refused(notFound('message'));
    const { conversation: c, entry } = found;
    const { message } = entry;
    if (entry.author !== selfOf(call).number)
      throw new Refused(forbidden('You can only change your own comments.'));
    const kept = keptOf(message);
    const type = (TYPES as readonly string[]).includes(kept.type ?? 'text') ? (kept.type ?? 'text') : 'text';
    const { draft } = draftOf({
      type: type as (typeof TYPES)[number],
      message: given.comment,
      payload: given.payload ?? kept.payload ?? null,
      extras: given.extras ?? kept.extras ?? null,
      disable_link_preview: kept.disable_link_preview ?? false,
    });
    const { text: words, markup, payload = null, extras } = masked(call.app, draft);
    const reworded = { text: words, markup, payload, extras: extras ?? {} };
    await editMessage(hub, caller, c, entry.seq, { words: reworded });
    return { comment: await shownAt(call, c, entry.at) };
  },
);
