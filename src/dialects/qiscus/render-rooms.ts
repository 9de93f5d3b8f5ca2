// Rooms in the forms of this API, which has several for one room. Comments are render.ts.
import type { UserNumber } from '../../domain/ids.ts';
import type { Card, ConversationFacts, ConversationView, JsonObject, Member } from '../../domain/model.ts';
import type { Hub, User } from '../../hub/context.ts';
import type { ConversationRow } from '../../hub/lists.ts';
import { contentOf } from './content.ts';
import { moment, NEVER, twin } from './render.ts';

type Here = Pick<Hub, 'addressOf'>;
type Person = Pick<Member, 'user' | 'card' | 'standing'>;

/** People and support conversations are rooms of many; a direct conversation is one of two (DESIGN.md 4). */
export const typeOf = ({ kind }: Pick<ConversationFacts, 'kind'>): 'single' | 'group' =>
  kind === 'direct' ? 'single' : 'group';

/** A room's unique id. One that no client gave any is called by its number, which every call takes as well. */
export const uniqueIdOfRoom = ({
  number,
  uniqueId,
}: Pick<ConversationFacts, 'number' | 'uniqueId'>): string => uniqueId ?? String(number);

/** Names shown of a room that nobody gave one. */
const NAMES_SHOWN = 3;

/**
 * The room's name. A room of two is called after the other one where somebody looks at it, else by both ids with one
 * space between (contracts/qiscus.md 5, 11).
 */
export function nameOf(
  { kind, title }: Pick<ConversationFacts, 'kind' | 'title'>,
  people: readonly Person[],
  viewer?: UserNumber,
): string {
  const inside = people.filter(({ standing }) => standing === 'active');
  if (kind === 'direct' && viewer !== undefined) {
    const other = people.find(({ user }) => user !== viewer);
    return other?.card.name ?? '';
  }
  if (kind === 'direct') return people.map(({ card }) => card.externalId).join(' ');
  return (
    title ||
    inside
      .slice(0, NAMES_SHOWN)
      .map(({ card }) => card.name)
      .join(', ')
  );
}

/** Who is in the room now. */
export const activeOf = <P extends Pick<Member, 'standing'>>(people: readonly P[]): P[] =>
  people.filter(({ standing }) => standing === 'active');

export const emailsOf = (people: readonly Person[]): string[] =>
  activeOf(people).map(({ card }) => card.externalId);

/** A participant, with how far they have read where the view tells. */
export function renderParticipant(
  { user, card }: Pick<Person, 'user' | 'card'>,
  marks: ConversationView['marks'],
): JsonObject {
  const at = marks?.[user];
  return {
    avatar_url: card.avatar ?? '',
    email: card.externalId,
    extras: {},
    id: user,
    id_str: String(user),
    ...(at && { ...twin('last_comment_read_id', at.read), ...twin('last_comment_received_id', at.received) }),
    username: card.name,
  };
}

const participantsOf = ({ members, marks }: ConversationView): JsonObject[] =>
  activeOf(members).map((member) => renderParticipant(member, marks));

const facts = (given: ConversationFacts): JsonObject => ({
  ...twin('room_id', given.number),
  room_avatar_url: given.icon ?? '',
  room_type: typeOf(given),
  chat_type: typeOf(given),
  unique_id: uniqueIdOfRoom(given),
  options: given.options,
  is_public_channel: given.public,
});

/** One of a user's rooms, of the list. */
export const renderListed = (row: ConversationRow, viewer: User): JsonObject => ({
  ...facts(row.facts),
  ...twin('last_comment_id', row.lastLogTime),
  last_comment_message: row.preview,
  last_comment_timestamp: row.lastLogTime > 0 ? moment(row.lastLogTime) : NEVER,
  room_name: nameOf(row.facts, row.people, viewer.number),
  unread_count: row.unread,
});

/** The same of a view, which has the whole last comment and how far everybody has read. */
export const renderInfo = (
  here: Here,
  view: ConversationView,
  viewer: User,
  options: { participants: boolean },
): JsonObject => ({
  ...facts(view.facts),
  ...lastComment(here, view),
  room_name: nameOf(view.facts, view.members, viewer.number),
  unread_count: view.unread,
  ...(options.participants && { participants: participantsOf(view) }),
});

function lastComment(here: Here, { lastMessage }: ConversationView): JsonObject {
  if (!lastMessage) {
    return { ...twin('last_comment_id', 0), last_comment_message: '', last_comment_timestamp: NEVER };
  }
  const { at, message } = lastMessage;
  return {
    ...twin('last_comment_id', at),
    last_comment_message: message.deleted ? '' : contentOf(message, here.addressOf, null).message,
    last_comment_timestamp: moment(at),
  };
}

/** A room that is opened: `room` beside its newest comments. */
export function renderRoom(here: Here, view: ConversationView): JsonObject {
  const { icon, kind, number, options, public: isPublic } = view.facts;
  return {
    avatar_url: icon ?? '',
    chat_type: typeOf({ kind }),
    ...twin('id', number),
    is_public_channel: isPublic,
    ...lastComment(here, view),
    ...twin('last_topic_id', view.lastMessage ? number : 0),
    options,
    participants: participantsOf(view),
    room_name: nameOf(view.facts, view.members),
    unique_id: uniqueIdOfRoom(view.facts),
  };
}

/** What making a room and changing its people is answered with: flat, people by their ids alone. */
export const renderMembership = (
  given: ConversationFacts,
  creator: Pick<Card, 'externalId'> | null,
  emails: readonly string[],
): JsonObject => ({
  creator: creator?.externalId ?? '',
  participants: [...emails],
  ...twin('room_id', given.number),
  room_name: given.title ?? '',
  room_type: typeOf(given),
});
