// What an app's callback address is told of a comment (contracts/qiscus.md 8). Pure: the same input is the same document. Who
// is told, and how it is signed and sent, is webhooks/.
import type {
  Card,
  ConversationFacts,
  Door,
  JsonObject,
  Member,
  Message,
  MessageEntry,
} from '../../domain/model.ts';
import type { Hub } from '../../hub/context.ts';
import type { MessagePage } from '../../hub/messages.ts';
import { contentOf, keptOf } from './content.ts';
import { moment, quoteOf, twin, uniqueIdOf } from './render.ts';
import { activeOf, nameOf, typeOf, uniqueIdOfRoom } from './render-rooms.ts';

/** By whom: a server with a secret, or a client of the person themselves. */
export type CommentEventType = 'post_comment_rest' | 'post_comment_mobile';

/** Doors that servers post through; at the one of this API both do, and comments say which. */
const BY_SERVERS: ReadonlySet<Door> = new Set<Door>(['sunshine', 'operator', 'bridge']);

export function typeOfEvent(message: Message): CommentEventType {
  const byServer = message.door === 'qiscus' ? keptOf(message).rest === true : BY_SERVERS.has(message.door);
  return byServer ? 'post_comment_rest' : 'post_comment_mobile';
}

/** A comment with what the event says around it. */
export interface Told {
  facts: ConversationFacts;
  entry: MessageEntry;
  /** Its author; null: the hub itself. */
  card: Card | null;
  /** Who is in the room now. */
  people: readonly Pick<Member, 'user' | 'card' | 'standing'>[];
  /** The comment as its room has it, for what it answers and what stood before it; null: the room is gone. */
  page: MessagePage | null;
}

/** The whole document. Participants of channels are not told (contracts/qiscus.md 8). */
export function commentEvent(here: Pick<Hub, 'addressOf'>, told: Told): JsonObject {
  const { facts, entry, card, people } = told;
  const { message } = entry;
  const avatar = message.override?.avatar ?? card?.avatar ?? '';
  return {
    type: typeOfEvent(message),
    payload: {
      from: {
        ...twin('id', entry.author ?? 0),
        email: card?.externalId ?? '',
        name: message.override?.name ?? card?.name ?? '',
        avatar_url: avatar,
      },
      room: {
        ...twin('id', facts.number),
        ...twin('topic_id', facts.number),
        type: typeOf(facts),
        name: nameOf(facts, people),
        room_avatar: facts.icon ?? '',
        options: facts.options ?? '{}',
        is_public_channel: facts.public,
        unique_id: uniqueIdOfRoom(facts),
        ...(!facts.public && { participants: activeOf(people).map(participant) }),
      },
      message: messageOf(here, told),
    },
  };
}

const participant = ({ user, card }: Pick<Member, 'user' | 'card'>): JsonObject => ({
  ...twin('id', user),
  email: card.externalId,
  username: card.name,
  avatar_url: card.avatar ?? '',
});

function messageOf(here: Pick<Hub, 'addressOf'>, { entry, page }: Told): JsonObject {
  const { message, at } = entry;
  const kept = keptOf(message);
  const answered = page?.timed?.quoted.find(({ seq }) => seq === message.replyTo);
  const by = page?.view.members.find(({ user }) => user === answered?.author);
  const quote = answered ? quoteOf(answered, by?.card ?? null) : null;
  const shown = contentOf(message, here.addressOf, quote);
  return {
    type: shown.type,
    text: shown.message,
    payload: shown.payload,
    ...twin('id', at),
    ...twin('comment_before_id', page?.timed?.before[0] ?? 0),
    timestamp: moment(at),
    unix_timestamp: Math.floor(at / 1_000_000),
    unique_temp_id: uniqueIdOf(entry),
    extras: kept.extras ?? {},
    disable_link_preview: kept.disable_link_preview ?? false,
  };
}
