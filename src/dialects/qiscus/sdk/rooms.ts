// Rooms of the person who calls: listed, opened, made, changed (contracts/qiscus.md 9). Comments are comments.ts.
import { forbidden, Refused } from '../../../domain/errors.ts';
import type { ConversationNumber } from '../../../domain/ids.ts';
import type { FactsChange, JsonObject } from '../../../domain/model.ts';
import { appCaller } from '../../../hub/apps.ts';
import type { Caller, User } from '../../../hub/context.ts';
import { openConversation, updateConversation, viewConversation } from '../../../hub/conversations.ts';
import { inboxCounts } from '../../../hub/lists.ts';
import { clearConversation, joinConversation, leaveConversation } from '../../../hub/members.ts';
import { type MessagePage, messagesBySeq } from '../../../hub/messages.ts';
import { type Call, operation, peopleOf } from '../call.ts';
import { address, blob, type Field, flag, may, refuseField, room, rooms, text, users } from '../fields.ts';
import { activeOf, renderParticipant, uniqueIdOfRoom } from '../render-rooms.ts';
import { eachInTurn, MOST_PARTICIPANTS, PAGE_COMMENTS, roomNamed } from '../rooms.ts';
import { renderComments, renderSdkRoom } from './render.ts';

const MOST_ROOMS = 100;
const OPTIONS_LENGTH = 4_000;
const MOST_AT_ONCE = 100;

/** The person who calls: these calls are nobody else's. */
export function selfOf({ caller }: Pick<Call, 'caller'>): User {
  if (!caller.user) throw new Refused({ code: 'unauthorized', message: 'Unauthorized' });
  return caller.user;
}

/** A flag that is on where nothing is said. */
export const flagOn = (): Field<boolean> => {
  const given = flag();
  return {
    ...given,
    read: (values) => (values.length === 0 || values[0] === '' ? true : given.read(values)),
  };
};

/** The newest comments of a room, with the room. */
const pageOf = ({ hub, caller }: Call, c: ConversationNumber, limit: number): Promise<MessagePage> =>
  messagesBySeq(hub, caller, c, { limit, timed: true, marks: true });

/** Null: the person is not in it (any more). */
async function pageIfIn(call: Call, c: ConversationNumber): Promise<MessagePage | null> {
  try {
    const page = await pageOf(call, c, 1);
    return page.view.me?.standing === 'active' ? page : null;
  } catch (error) {
    if (error instanceof Refused && error.refusal.code === 'not_found') return null;
    throw error;
  }
}

export async function infosOf(
  call: Call,
  numbers: readonly ConversationNumber[],
  participants: boolean,
): Promise<JsonObject[]> {
  const self = selfOf(call);
  const pages = await eachInTurn(numbers, (c) => pageIfIn(call, c));
  return pages.flatMap((page) => (page ? [renderSdkRoom(call.hub, page, self, { participants })] : []));
}

/** These rooms, as far as they are one's own. */
export const roomsInfo = operation(
  {
    room_id: may(rooms(MOST_ROOMS)),
    // Rooms without a unique id are called by their number (render.ts).
    room_unique_id: may(rooms(MOST_ROOMS)),
    show_participants: flag(),
  },
  async (call, given) => {
    const names = [...(given.room_id ?? []), ...(given.room_unique_id ?? [])];
    if (names.length === 0) throw refuseField('room_id', 'is required');
    if (names.length > MOST_ROOMS) throw refuseField('room_id', `has more than ${MOST_ROOMS} values`);
    const found = await eachInTurn(names, (name) =>
      roomNamed(call, name).catch((error: unknown) => {
        if (error instanceof Refused && error.refusal.code === 'not_found') return null;
        throw error;
      }),
    );
    const numbers = [...new Set(found.flatMap((c) => c ?? []))];
    const infos = await infosOf(call, numbers, given.show_participants);
    return {
      meta: { request_rooms_total: names.length, response_rooms_total: infos.length },
      rooms_info: infos,
    };
  },
);

async function opened(call: Call, c: ConversationNumber): Promise<JsonObject> {
  const self = selfOf(call);
  const page = await pageOf(call, c, PAGE_COMMENTS);
  return {
    comments: renderComments(call.hub, page, self),
    room: renderSdkRoom(call.hub, page, self),
  };
}

export const getRoomById = operation({ id: room() }, async (call, given) =>
  opened(call, await roomNamed(call, given.id)),
);

/** The one room with somebody. */
export const getOrCreateRoomWithTarget = operation(
  { emails: users(2), options: blob(OPTIONS_LENGTH) },
  async (call, given) => {
    const self = selfOf(call);
    const others = given.emails.filter((email) => email !== self.externalId);
    if (others.length !== 1) throw refuseField('emails', 'must be one other user');
    const [other] = await peopleOf(call, others);
    const { view } = await openConversation(call.hub, call.caller, {
      kind: 'direct',
      options: given.options ?? null,
      members: [(other as User).number],
    });
    return opened(call, view.facts.number);
  },
);

/** The room that the app calls so, open to everybody: made when it is not there. Who calls is in it afterwards. */
export const getOrCreateRoomWithUniqueId = operation(
  {
    unique_id: text(128, 'unique id'),
    name: may(text()),
    avatar_url: may(address()),
    options: blob(OPTIONS_LENGTH),
  },
  async (call, given) => {
    const { hub, caller } = call;
    const self = selfOf(call);
    const { unique_id: uniqueId, name, avatar_url: icon, options } = given;
    if (/[#+]/.test(uniqueId)) throw refuseField('unique_id', 'must not have # or + in it');
    const { view, created } = await openConversation(hub, caller, {
      kind: 'group',
      uniqueId,
      public: true,
      title: name ?? uniqueId,
      icon: icon ?? null,
      options: options ?? null,
      members: [],
    });
    const c = view.facts.number;
    if (!created && view.me?.standing !== 'active') await joinConversation(hub, caller, c, [self.number]);
    return opened(call, c);
  },
);

/** A room of many, always a new one. Who makes it is in it. */
export const createRoom = operation(
  {
    name: text(),
    participants: users(MOST_PARTICIPANTS),
    avatar_url: may(address()),
    options: blob(OPTIONS_LENGTH),
  },
  async (call, given) => {
    const people = await peopleOf(call, given.participants);
    const { view } = await openConversation(call.hub, call.caller, {
      kind: 'group',
      title: given.name,
      icon: given.avatar_url ?? null,
      options: given.options ?? null,
      members: people.map(({ number }) => number),
    });
    return opened(call, view.facts.number);
  },
);

/**
 * Rooms that were made through this API follow its rules: whoever is in may change them and take people out. Those of
 * other doors keep theirs.
 */
async function keeperOf(call: Call, c: ConversationNumber): Promise<Caller> {
  const { hub, app, caller } = call;
  const { facts, me } = await viewConversation(hub, caller, c);
  if (facts.kind === 'direct') throw refuseField('room_id', 'must be a group room');
  if (me?.standing !== 'active') throw new Refused(forbidden('You are not a participant of this room.'));
  return facts.door === 'qiscus' && facts.kind === 'group'
    ? { ...appCaller(app, 'qiscus'), user: selfOf(call) }
    : caller;
}

/** Changes a room of many. Nothing is written where nothing would be different. */
export const updateRoom = operation(
  { id: room(), room_name: may(text()), avatar_url: may(address()), options: blob(OPTIONS_LENGTH) },
  async (call, given) => {
    const c = await roomNamed(call, given.id);
    const keeper = await keeperOf(call, c);
    const { facts } = await viewConversation(call.hub, call.caller, c);
    const wanted: FactsChange = {
      ...(given.room_name !== undefined && { title: given.room_name }),
      ...(given.avatar_url !== undefined && { icon: given.avatar_url }),
      ...(given.options !== undefined && { options: given.options }),
    };
    const changes = Object.fromEntries(
      Object.entries(wanted).filter(([name, value]) => facts[name as keyof typeof facts] !== value),
    );
    const changed = Object.keys(changes).length > 0;
    if (changed) await updateConversation(call.hub, keeper, c, changes);
    return { changed, ...(await opened(call, c)) };
  },
);

const people = { room_id: room(), emails: users(MOST_AT_ONCE) };

/** Whoever is in a room of many brings others; who is in already stays. */
export const addRoomParticipants = operation(people, async (call, given) => {
  const c = await roomNamed(call, given.room_id);
  const added = await peopleOf(call, given.emails);
  const numbers = added.map(({ number }) => number);
  const { facts } = await viewConversation(call.hub, call.caller, c);
  if (facts.kind === 'direct') throw refuseField('room_id', 'must be a group room');
  const view = await joinConversation(call.hub, call.caller, c, numbers);
  const shown = activeOf(view.members).filter(({ user: number }) => numbers.includes(number));
  return { participants_added: shown.map((member) => renderParticipant(member, undefined)) };
});

/** Takes people out; oneself out of every room of many. Who is not in stays out. */
export const removeRoomParticipants = operation(people, async (call, given) => {
  const self = selfOf(call);
  const c = await roomNamed(call, given.room_id);
  const gone = await peopleOf(call, given.emails);
  const keeper = await keeperOf(call, c);
  for (const { number } of gone) {
    const own = number === self.number;
    try {
      await leaveConversation(call.hub, own ? call.caller : keeper, c, number, own ? 'leave' : 'remove');
    } catch (error) {
      const isOut =
        error instanceof Refused && error.refusal.code === 'not_found' && error.refusal.subject === 'member';
      if (!isOut) throw error;
    }
  }
  return { participants_removed: given.emails };
});

/** Everything so far goes out of one's own sight. */
export const clearRoomMessages = operation(
  { room_channel_ids: may(rooms(MOST_ROOMS)), room_unique_ids: may(rooms(MOST_ROOMS)) },
  async (call, given) => {
    const names = given.room_channel_ids ?? given.room_unique_ids;
    if (!names) throw refuseField('room_channel_ids', 'is required');
    const numbers = await eachInTurn(names, (name) => roomNamed(call, name));
    // All of them are one's own before anything goes.
    const views = await eachInTurn(numbers, (c) => viewConversation(call.hub, call.caller, c));
    await eachInTurn(numbers, (c) => clearConversation(call.hub, call.caller, c));
    return {
      rooms: views.map((view) => ({
        id: view.facts.number,
        id_str: String(view.facts.number),
        unique_id: uniqueIdOfRoom(view.facts),
      })),
    };
  },
);

/** Comments that one has not read, in all rooms. */
export const totalUnreadCount = operation({}, async (call) => ({
  total_unread_count: (await inboxCounts(call.hub, call.caller)).unreadMessages,
}));

/** Rooms with such comments. */
export const getRoomUnreadCount = operation({}, async (call) => ({
  total_unread_count: (await inboxCounts(call.hub, call.caller)).unreadConversations,
}));
