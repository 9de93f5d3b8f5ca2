// Rooms and comments as client SDKs read them: what the REST API shows, and what they need besides (contracts/qiscus.md 9).
import type { ConversationView, JsonObject, Member, TimeMarks } from '../../../domain/model.ts';
import type { Hub, User } from '../../../hub/context.ts';
import type { MessagePage } from '../../../hub/messages.ts';
import { NEVER, renderPage, twin } from '../render.ts';
import { activeOf, nameOf, renderParticipant, renderRoom, typeOf } from '../render-rooms.ts';
import { nested } from '../render-users.ts';

type Here = Pick<Hub, 'addressOf'>;

/** Clients look into the last comment of every room, also of one that has none. */
const NO_COMMENT: JsonObject = {
  ...twin('comment_before_id', 0),
  email: '',
  extras: {},
  ...twin('id', 0),
  is_deleted: false,
  message: '',
  payload: {},
  status: 'sent',
  timestamp: NEVER,
  type: 'unknown',
  unique_id: '',
  unique_temp_id: '',
  unix_nano_timestamp: 0,
  unix_timestamp: 0,
  user_avatar_url: '',
  username: '',
};

/** The picture of a room of two is the other one's. */
function pictureOf({ facts, members }: ConversationView, viewer: Pick<User, 'number'>): string {
  if (facts.icon || facts.kind !== 'direct') return facts.icon ?? '';
  return members.find(({ user }) => user !== viewer.number)?.card.avatar ?? '';
}

/** The comments of a timed page, newest first, each with its room and how far it got. */
export function renderComments(here: Here, page: MessagePage, viewer: Pick<User, 'number'>): JsonObject[] {
  const { view, messages } = page;
  const { facts, members, marks } = view;
  const inside = activeOf(members);
  const room: JsonObject = {
    chat_type: typeOf(facts),
    is_deleted: false,
    is_public_channel: facts.public,
    raw_room_name: nameOf(facts, members),
    room_avatar: pictureOf(view, viewer),
    room_name: nameOf(facts, members, viewer.number),
    room_type: typeOf(facts),
    user_extras: {},
  };
  // Newest first, as the page is rendered.
  const authors = messages.map(({ author }) => author).reverse();
  return renderPage(here, page, room).map((comment, i) => ({
    ...comment,
    status: statusOf(Number(comment.id), authors[i] ?? null, inside, marks),
    unique_id: comment.unique_temp_id ?? '',
  }));
}

/** sent, delivered, read: by everybody else who is in (contracts/qiscus.md 7). */
function statusOf(
  id: number,
  author: number | null,
  inside: readonly Member[],
  marks: Record<number, TimeMarks> | undefined,
): 'sent' | 'delivered' | 'read' {
  const others = inside.filter(({ user }) => user !== author);
  if (!marks || others.length === 0) return 'sent';
  const reached = (kind: keyof TimeMarks) => others.every(({ user }) => (marks[user]?.[kind] ?? 0) >= id);
  if (reached('read')) return 'read';
  return reached('received') ? 'delivered' : 'sent';
}

/** A room as its page shows it, with the last comment; `participants` where they are wanted. */
export function renderSdkRoom(
  here: Here,
  page: MessagePage,
  viewer: Pick<User, 'number'>,
  { participants = true }: { participants?: boolean } = {},
): JsonObject {
  const { view } = page;
  const { participants: people, ...room } = renderRoom(here, view);
  const last = renderComments(here, page, viewer)[0] ?? NO_COMMENT;
  return {
    ...room,
    avatar_url: pictureOf(view, viewer),
    is_removed: false,
    last_comment: { ...twin('room_id', view.facts.number), ...last },
    ...twin('last_comment_id', Number(last.id)),
    last_comment_message: last.message ?? '',
    last_comment_timestamp: last.timestamp ?? NEVER,
    ...twin('last_topic_id', view.facts.number),
    options: view.facts.options ?? '{}',
    raw_room_name: nameOf(view.facts, view.members),
    room_name: nameOf(view.facts, view.members, viewer.number),
    room_total_participants: view.memberCount,
    room_type: typeOf(view.facts),
    unread_count: view.unread,
    ...(participants && { participants: people ?? [] }),
  };
}

/** Somebody else as a person sees them. */
export const renderOther = (user: User): JsonObject => ({
  avatar: nested(user.avatar),
  avatar_url: user.avatar ?? '',
  email: user.externalId,
  extras: {},
  id: user.number,
  id_str: String(user.number),
  user_extras: {},
  user_id: user.externalId,
  username: user.name,
});

/** A participant beside what happened to them. */
export const renderMember = (member: Member, marks?: Record<number, TimeMarks>): JsonObject =>
  renderParticipant(member, marks);
