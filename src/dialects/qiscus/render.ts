// Comments in the forms of this API. People are render-users.ts, rooms render-rooms.ts, types and payloads content.ts.
import type { LogTime, MessageNumber } from '../../domain/ids.ts';
import type { Card, ConversationFacts, Json, JsonObject, MessageEntry } from '../../domain/model.ts';
import type { Hub } from '../../hub/context.ts';
import type { MessagePage } from '../../hub/messages.ts';
import { contentOf, keptOf, type Quote } from './content.ts';
import { nested } from './render-users.ts';

type Here = Pick<Hub, 'addressOf'>;

/** A number as newer clients read it too. */
export const twin = (name: string, n: number): JsonObject => ({ [name]: n, [`${name}_str`]: String(n) });

/** `2017-02-27T17:30:09Z`, of a log time. */
export const moment = (time: LogTime): string =>
  `${new Date(Math.floor(time / 1_000_000) * 1000).toISOString().slice(0, 19)}Z`;

/** The last comment's time of a room that has none. */
export const NEVER = '0001-01-01T00:00:00Z';

/** Where there is no id of the client's making, one of the hub's stands, made of the message's number. */
const OWN_UNIQUE_ID = 'parlance-';
export const uniqueIdOf = ({ id, message }: Pick<MessageEntry, 'id' | 'message'>): string =>
  message.clientId ?? OWN_UNIQUE_ID + id;

/** The number in an id of the hub's making; null: a client made it. */
export function numberOfUniqueId(uniqueId: string): MessageNumber | null {
  const digits = /^parlance-([1-9]\d{0,15})$/.exec(uniqueId)?.[1];
  return digits === undefined ? null : (Number(digits) as MessageNumber);
}

export interface Surroundings {
  room: Pick<ConversationFacts, 'number'>;
  card: Card | null;
  /** The id of the comment before it. */
  before: LogTime;
  quote: Quote | null;
}

/** A comment: its id is its log time (DESIGN.md 3). */
export function renderComment(here: Here, entry: MessageEntry, around: Surroundings): JsonObject {
  const { message, at } = entry;
  const { room, card, before, quote } = around;
  const kept = keptOf(message);
  const shown = contentOf(message, here.addressOf, quote);
  const avatar = message.override?.avatar ?? card?.avatar ?? null;
  return {
    ...twin('comment_before_id', before),
    disable_link_preview: kept.disable_link_preview ?? false,
    email: card?.externalId ?? '',
    extras: kept.extras ?? {},
    ...twin('id', at),
    message: shown.message,
    payload: shown.payload,
    ...twin('room_id', room.number),
    timestamp: moment(at),
    ...twin('topic_id', room.number),
    type: shown.type,
    unique_temp_id: uniqueIdOf(entry),
    unix_nano_timestamp: at * 1000,
    unix_timestamp: Math.floor(at / 1_000_000),
    user_avatar: nested(avatar),
    user_avatar_url: avatar ?? '',
    ...twin('user_id', entry.author ?? 0),
    username: message.override?.name ?? card?.name ?? '',
  };
}

/** The comments of a timed page, newest first; each with `more`. */
export function renderPage(here: Here, page: MessagePage, more: Record<string, Json> = {}): JsonObject[] {
  const { view, messages, timed } = page;
  const cards = new Map(view.members.map((member) => [member.user as number, member.card]));
  const quoted = new Map(timed?.quoted.map((entry) => [entry.seq, entry]));
  return messages
    .map((entry, i) => {
      const answered = quoted.get(entry.message.replyTo ?? 0);
      const around = {
        room: view.facts,
        card: cards.get(entry.author ?? 0) ?? null,
        before: timed?.before[i] ?? 0,
        quote: answered ? quoteOf(answered, cards.get(answered.author ?? 0) ?? null) : null,
      };
      return { ...renderComment(here, entry, around), ...more };
    })
    .reverse();
}

export const quoteOf = (entry: MessageEntry, card: Card | null): Quote => ({
  entry,
  name: entry.message.override?.name ?? card?.name ?? '',
  email: card?.externalId ?? '',
});
