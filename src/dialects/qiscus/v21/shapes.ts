// Users, rooms and comments in the forms of v2.1 (contracts/qiscus.md 6), made of those of v2: one renderer knows what
// there is to show. Which call is told how is table.ts.
import type { Json, JsonObject } from '../../../domain/model.ts';
import type { User } from '../../../hub/context.ts';
import type { StoredProfile } from '../render-users.ts';

const objectsIn = (value: Json | undefined): JsonObject[] =>
  Array.isArray(value) ? (value as JsonObject[]) : [];

const objectIn = (value: Json | undefined): JsonObject => (value ?? {}) as JsonObject;

/** A user, participant or author of v2. */
export const userOf = (shown: JsonObject): JsonObject => ({
  active: shown.active ?? true,
  avatar_url: shown.avatar_url ?? '',
  extras: shown.extras ?? {},
  user_id: shown.email ?? '',
  username: shown.username ?? '',
});

/** The same of somebody whom the directory told of. */
export const personShown = (person: User): JsonObject =>
  userOf({
    active: person.deactivatedAt === null,
    avatar_url: person.avatar ?? '',
    email: person.externalId,
    extras: (person.profile as StoredProfile).extras ?? {},
    username: person.name,
  });

/** A room of any form that v2 has. */
export const roomOf = (shown: JsonObject): JsonObject => ({
  room_avatar_url: shown.room_avatar_url ?? shown.avatar_url ?? '',
  room_channel_id: shown.unique_id ?? '',
  room_id: shown.room_id_str ?? shown.id_str ?? '',
  room_name: shown.room_name ?? '',
  room_options: shown.options ?? '{}',
  room_type: shown.chat_type ?? shown.room_type ?? '',
});

export const commentOf = (shown: JsonObject): JsonObject => ({
  comment_before_id: shown.comment_before_id ?? 0,
  disable_link_preview: shown.disable_link_preview ?? false,
  extras: shown.extras ?? {},
  id: shown.id ?? 0,
  id_str: shown.id_str ?? '',
  message: shown.message ?? '',
  payload: payloadOf(shown),
  room_id: shown.room_id_str ?? '',
  timestamp: shown.timestamp ?? '',
  type: shown.type ?? '',
  unique_id: shown.unique_temp_id ?? '',
  unix_timestamp: shown.unix_timestamp ?? 0,
  user: {
    active: true,
    avatar_url: shown.user_avatar_url ?? '',
    extras: {},
    user_id: shown.email ?? '',
    username: shown.username ?? '',
  },
});

/** A custom event's payload stands inside another here (contracts/qiscus.md 11). */
function payloadOf({ type, payload }: JsonObject): Json {
  const given = objectIn(payload);
  const known = typeof given.type === 'string' && 'subject_email' in given;
  return type === 'system_event' && !known ? { type: 'custom', payload: given } : given;
}

export const theUser = (results: JsonObject): JsonObject => ({ user: userOf(objectIn(results.user)) });
export const theRoom = (results: JsonObject): JsonObject => ({
  ...(typeof results.changed === 'boolean' && { changed: results.changed }),
  room: roomOf(objectIn(results.room ?? results)),
});
export const theRooms = (results: JsonObject): JsonObject => ({
  ...(results.meta !== undefined && { meta: results.meta }),
  rooms: objectsIn(results.rooms_info).map((room) => ({
    ...roomOf(room),
    ...(room.participants !== undefined && { participants: objectsIn(room.participants).map(userOf) }),
  })),
});
export const theComment = (results: JsonObject): JsonObject => ({
  comment: commentOf(objectIn(results.comment)),
});
export const theComments = (results: JsonObject): JsonObject => ({
  comments: objectsIn(results.comments).map((shown) => ({
    ...commentOf(shown),
    ...(shown.target_email !== undefined && { target_user_id: shown.target_email }),
  })),
});
export const theParticipants = (results: JsonObject): JsonObject => ({
  ...(results.meta !== undefined && { meta: results.meta }),
  participants: objectsIn(results.participants).map(userOf),
});
