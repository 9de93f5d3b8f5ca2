// Rooms as v2.1 asks for them: by the app itself, which needs nobody to see a room (contracts/qiscus.md 6). What both
// versions have is ../rooms.ts and ../participants.ts.
import { viewConversation } from '../../../hub/conversations.ts';
import { type Call, operation, personOf } from '../call.ts';
import { type Given, integer, may, refuseField, room, rooms, texts, user, users } from '../fields.ts';
import { addPeople, everybodyIn, MOST_PEOPLE, ORDERS, removePeople } from '../participants.ts';
import { renderParticipant, renderRoom } from '../render-rooms.ts';
import {
  changeFields,
  changeRoom,
  channelFields,
  eachInTurn,
  MOST_ROOMS,
  newRoomFields,
  openChannel,
  openRoom,
  orNothing,
  roomNamed,
  roomsAsked,
  viewOf,
} from '../rooms.ts';
import { personShown, roomOf, theRoom, userOf } from './shapes.ts';

const PAGE = 20;
const MOST_AT_ONCE = 100;

const { name: roomName, avatar_url: picture, options: blob, ...made } = newRoomFields;
export const createRoom = operation(
  { ...made, room_name: roomName, room_avatar_url: picture, room_options: blob },
  async (call, { room_name: name, room_avatar_url, room_options, ...given }) => {
    const asked = { ...given, name, avatar_url: room_avatar_url, options: room_options };
    const { view } = await openRoom(call, asked);
    return { room: roomOf(renderRoom(call.hub, view)) };
  },
);

const { avatar_url, options, ...channel } = channelFields;
export const getOrCreateChannel = operation(
  { ...channel, room_avatar_url: avatar_url, room_options: options },
  async (call, { room_avatar_url, room_options, ...given }) =>
    theRoom(await openChannel(call, { ...given, avatar_url: room_avatar_url, options: room_options })),
);

const { room_id: _, options: roomOptions, ...changes } = changeFields;
/** The room by its number or its channel's id. */
export const updateRoom = operation(
  { room_id: may(room()), room_channel_id: may(room()), ...changes, room_options: roomOptions },
  async (call, { room_id, room_channel_id, room_options, ...given }) => {
    const name = room_id ?? room_channel_id;
    if (name === undefined) throw refuseField('room_id', 'is required');
    return theRoom(await changeRoom(call, call.caller, { ...given, room_id: name, options: room_options }));
  },
);

const asked = {
  room_ids: may(rooms(MOST_ROOMS)),
  room_channel_ids: may(texts(MOST_ROOMS, 'unique ids')),
};

function named(call: Call, { room_ids = [], room_channel_ids = [] }: Given<typeof asked>) {
  const count = room_ids.length + room_channel_ids.length;
  if (count === 0) throw refuseField('room_ids', 'is required');
  if (count > MOST_ROOMS) throw refuseField('room_ids', `has more than ${MOST_ROOMS} values`);
  return roomsAsked(call, room_ids, room_channel_ids);
}

/** Those of these rooms that there are. */
export const getRoomsInfo = operation(asked, async (call, given) => {
  const numbers = await named(call, given);
  const views = await eachInTurn(numbers, (c) => orNothing(viewConversation(call.hub, call.caller, c)));
  return { rooms: views.flatMap((view) => (view ? [roomOf(renderRoom(call.hub, view))] : [])) };
});

/** What a user has unread in those of these rooms that they are in. */
export const getUnreadCount = operation({ user_id: user(), ...asked }, async (call, given) => {
  const person = await personOf(call, given.user_id);
  const views = await eachInTurn(await named(call, given), (c) => viewOf(call, person, c));
  return {
    unread_counts: views.flatMap((view) =>
      view ? [{ room_id: String(view.facts.number), unread_count: view.unread }] : [],
    ),
  };
});

/** Who is in a room, by name. */
export const getRoomParticipants = operation(
  { room_id: room(), page: may(integer(1, MOST_PEOPLE)), limit: may(integer(1, MOST_AT_ONCE)) },
  async (call, given) => {
    const { page = 1, limit = PAGE } = given;
    const { people } = await everybodyIn(call, await roomNamed(call, given.room_id));
    const sorted = people.sort((a, b) => ORDERS.username(a, b) || a.user - b.user);
    return {
      meta: { current_page: page, per_page: limit, total: sorted.length },
      participants: sorted
        .slice((page - 1) * limit, page * limit)
        .map((member) => userOf(renderParticipant(member, undefined))),
    };
  },
);

const moved = { room_id: room(), user_ids: users(MOST_AT_ONCE) };

export const addRoomParticipants = operation(moved, async (call, { room_id, user_ids: emails }) => {
  const { people } = await addPeople(call, { room_id, emails });
  return { participants_added: people.map(personShown) };
});

export const removeRoomParticipants = operation(moved, async (call, { room_id, user_ids: emails }) => {
  const { people } = await removePeople(call, { room_id, emails });
  return { participants_removed: people.map(personShown) };
});
