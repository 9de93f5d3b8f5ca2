// Rooms: made, found, changed (contracts/qiscus.md 5, 6). Who is in them is participants.ts, what is said comments.ts.
import { forbidden, notFound, Refused } from '../../domain/errors.ts';
import { type ConversationNumber, conversationNumber, parseDecimal } from '../../domain/ids.ts';
import type { ConversationView, FactsChange, JsonObject } from '../../domain/model.ts';
import { userCaller } from '../../hub/apps.ts';
import type { Caller, User } from '../../hub/context.ts';
import { openConversation, updateConversation, viewConversation } from '../../hub/conversations.ts';
import { listForUser } from '../../hub/lists.ts';
import { joinConversation } from '../../hub/members.ts';
import { type MessagePage, messagesBySeq } from '../../hub/messages.ts';
import { conversationByUniqueId } from '../../hub/named.ts';
import { type Call, operation, peopleOf, personOf } from './call.ts';
import {
  address,
  blob,
  choice,
  flag,
  type Given,
  integer,
  may,
  refuseField,
  room,
  rooms,
  text,
  texts,
  user,
  users,
} from './fields.ts';
import { renderPage } from './render.ts';
import { renderInfo, renderListed, renderMembership, renderRoom } from './render-rooms.ts';

/** People of a room when it is made (contracts/qiscus.md 5); more can be added. */
export const MOST_PARTICIPANTS = 25;
export const MOST_ROOMS = 100;
const PAGE_ROOMS = 20;
/** Comments beside a room that is opened. */
export const PAGE_COMMENTS = 20;
/** Objects that one call asks at a time. */
const ASKED_AT_ONCE = 6;
const OPTIONS_LENGTH = 4_000;

/** The room of a number, else of a unique id (contracts/qiscus.md 4). Not found: none. */
export async function roomNamed({ hub, app }: Call, name: string): Promise<ConversationNumber> {
  if (!/^\d+$/.test(name)) return conversationByUniqueId(hub, app, name);
  const n = parseDecimal(name);
  if (n === null) throw new Refused(notFound('conversation'));
  return conversationNumber(n);
}

/** Each of `items` in turn, some at a time, the outcomes in order. */
export async function eachInTurn<T, R>(items: readonly T[], work: (item: T) => Promise<R>): Promise<R[]> {
  const made: R[] = [];
  for (let i = 0; i < items.length; i += ASKED_AT_ONCE) {
    made.push(...(await Promise.all(items.slice(i, i + ASKED_AT_ONCE).map(work))));
  }
  return made;
}

/** The room and its newest comments, as a page. */
export const openedPage = ({ hub, caller }: Call, c: ConversationNumber): Promise<MessagePage> =>
  messagesBySeq(hub, caller, c, { limit: PAGE_COMMENTS, timed: true, marks: true });

const opened = ({ hub }: Call, page: MessagePage): JsonObject => ({
  comments: renderPage(hub, page),
  room: renderRoom(hub, page.view),
});

export const newRoomFields = {
  name: text(),
  participants: users(MOST_PARTICIPANTS),
  creator: user(),
  avatar_url: may(address()),
  options: blob(OPTIONS_LENGTH),
};

/** A room of many, always a new one. Who makes it is in it only when named among the participants. */
export async function openRoom(
  call: Call,
  given: Given<typeof newRoomFields>,
): Promise<{ view: ConversationView; creator: User | null }> {
  const [creator, ...people] = await peopleOf(call, [given.creator, ...given.participants]);
  const { view } = await openConversation(call.hub, call.caller, {
    kind: 'group',
    title: given.name,
    icon: given.avatar_url ?? null,
    options: given.options ?? null,
    creator: (creator as User).number,
    members: people.map(({ number }) => number),
  });
  return { view, creator: creator ?? null };
}

export const createRoom = operation(newRoomFields, async (call, given) => {
  const { view, creator } = await openRoom(call, given);
  return renderMembership(view.facts, creator, given.participants);
});

/** The one room of two people. */
export const getOrCreateRoomWithTarget = operation(
  { emails: users(2), options: blob(OPTIONS_LENGTH) },
  async (call, given) => {
    if (given.emails.length !== 2) throw refuseField('emails', 'must be two different users');
    const people = await peopleOf(call, given.emails);
    const { view } = await openConversation(call.hub, call.caller, {
      kind: 'direct',
      options: given.options ?? null,
      members: people.map(({ number }) => number),
    });
    return opened(call, await openedPage(call, view.facts.number));
  },
);

export const channelFields = {
  unique_id: text(128, 'unique id'),
  participants: may(users(MOST_PARTICIPANTS)),
  room_name: may(text()),
  avatar_url: may(address()),
  options: blob(OPTIONS_LENGTH),
};

/**
 * The room that the app calls so, open to everybody: made when it is not there. Who is named is in it afterwards. `changed`:
 * it was made now.
 */
export async function openChannel(call: Call, given: Given<typeof channelFields>): Promise<JsonObject> {
  const { unique_id: uniqueId, room_name: name, avatar_url: icon, options } = given;
  if (/[#+]/.test(uniqueId)) throw refuseField('unique_id', 'must not have # or + in it');
  const people = await peopleOf(call, given.participants ?? []);
  const members = people.map(({ number }) => number);
  const { view, created } = await openConversation(call.hub, call.caller, {
    kind: 'group',
    uniqueId,
    public: true,
    title: name ?? uniqueId,
    icon: icon ?? null,
    options: options ?? null,
    members,
  });
  const c = view.facts.number;
  if (!created && members.length > 0) await joinConversation(call.hub, call.caller, c, members);
  return { changed: created, ...opened(call, await openedPage(call, c)) };
}

export const getOrCreateChannel = operation(channelFields, async (call, given) => {
  const { changed: _, ...shown } = await openChannel(call, given);
  return shown;
});

export const changeFields = {
  room_id: room(),
  room_name: may(text()),
  room_avatar_url: may(address()),
  options: blob(OPTIONS_LENGTH),
};

/** Changes a room of many. Nothing is written where nothing would be different. Forbidden: `as` somebody outside. */
export async function changeRoom(
  call: Call,
  as: Caller,
  given: Given<typeof changeFields>,
): Promise<JsonObject> {
  const { hub } = call;
  const c = await roomNamed(call, given.room_id);
  const { facts, me } = await viewConversation(hub, as, c);
  if (facts.kind === 'direct') throw refuseField('room_id', 'must be a group room');
  if (as.user && me?.standing !== 'active')
    throw new Refused(forbidden('This user is not a participant of the room.'));
  const wanted: FactsChange = {
    ...(given.room_name !== undefined && { title: given.room_name }),
    ...(given.room_avatar_url !== undefined && { icon: given.room_avatar_url }),
    ...(given.options !== undefined && { options: given.options }),
  };
  const changes = Object.fromEntries(
    Object.entries(wanted).filter(([name, value]) => facts[name as keyof typeof facts] !== value),
  );
  const changed = Object.keys(changes).length > 0;
  if (changed) await updateConversation(hub, as, c, changes);
  return { changed, ...opened(call, await openedPage(call, c)) };
}

/** In the name of somebody who is in it. */
export const updateRoom = operation({ user_email: user(), ...changeFields }, async (call, given) => {
  const person = await personOf(call, given.user_email);
  return changeRoom(call, { ...call.caller, user: person }, given);
});

/** A user's rooms, newest comment first: `limit` to a page, else twenty, or with no page all of them up to a hundred. */
export const getUserRooms = operation(
  {
    user_email: user(),
    page: may(integer(1, 1_000_000)),
    limit: may(integer(1, MOST_ROOMS)),
    show_participants: flag(),
    room_type: may(choice(['single', 'group'])),
    type: may(choice(['single', 'group'])),
  },
  async (call, given) => {
    const { page, limit, show_participants: participants } = given;
    const size = limit ?? (page === undefined ? MOST_ROOMS : PAGE_ROOMS);
    const type = given.room_type ?? given.type;
    const person = await personOf(call, given.user_email);
    const caller = userCaller(call.app, person, 'qiscus');
    const window = { start: ((page ?? 1) - 1) * size, count: size };
    const direct = type === undefined ? undefined : type === 'single';
    const { total, rows } = await listForUser(call.hub, caller, { ...window, direct });
    const listed = rows.map((row) => renderListed(row, person));
    return {
      meta: { current_page: page ?? 1, total_room: total },
      rooms_info: participants
        ? await withParticipants(
            call,
            person,
            rows.map(({ facts }) => facts.number),
          )
        : listed,
    };
  },
);

/** These rooms of a person with everybody in them; without those that they are not in (any more). */
async function withParticipants(
  call: Call,
  person: User,
  numbers: readonly ConversationNumber[],
): Promise<JsonObject[]> {
  const views = await eachInTurn(numbers, (c) => viewOf(call, person, c));
  return views.flatMap((view) => (view ? [renderInfo(call.hub, view, person, { participants: true })] : []));
}

/** The room as this person has it; null: they are not in it. */
export async function viewOf(
  { hub, app }: Call,
  person: User,
  c: ConversationNumber,
): Promise<ConversationView | null> {
  try {
    const view = await viewConversation(hub, userCaller(app, person, 'qiscus'), c, { marks: true });
    return view.me?.standing === 'active' ? view : null;
  } catch (error) {
    if (error instanceof Refused && error.refusal.code === 'not_found') return null;
    throw error;
  }
}

/** These rooms as a user sees them; those that there are not, or that they are not in, are left out. */
export const getRoomsInfo = operation(
  {
    room_id: may(rooms(MOST_ROOMS)),
    room_unique_id: may(texts(MOST_ROOMS, 'unique ids')),
    user_email: user(),
    show_participants: flag(),
  },
  async (call, given) => {
    const { room_id: ids = [], room_unique_id: uniqueIds = [], show_participants: participants } = given;
    if (ids.length + uniqueIds.length === 0) throw refuseField('room_id', 'is required');
    if (ids.length + uniqueIds.length > MOST_ROOMS)
      throw refuseField('room_id', `has more than ${MOST_ROOMS} values`);
    const person = await personOf(call, given.user_email);
    const numbers = await roomsAsked(call, ids, uniqueIds);
    const views = await eachInTurn(numbers, (c) => viewOf(call, person, c));
    const infos = views.flatMap((view) =>
      view ? [renderInfo(call.hub, view, person, { participants })] : [],
    );
    return {
      meta: { request_rooms_total: ids.length + uniqueIds.length, response_rooms_total: infos.length },
      rooms_info: infos,
    };
  },
);

/** Those of these rooms that there are, each once. */
export async function roomsAsked(
  call: Call,
  ids: readonly string[],
  uniqueIds: readonly string[],
): Promise<ConversationNumber[]> {
  const asked = [
    ...ids.map((id) => () => roomNamed(call, id)),
    ...uniqueIds.map((id) => () => roomCalled(call, id)),
  ];
  const found = await eachInTurn(asked, (name) => orNothing(name()));
  return [...new Set(found.flatMap((c) => c ?? []))];
}

/** The room that shows this unique id: its own, else its number. */
const roomCalled = async (call: Call, id: string): Promise<ConversationNumber> =>
  (/^\d+$/.test(id) && (await orNothing(conversationByUniqueId(call.hub, call.app, id)))) ||
  roomNamed(call, id);

/** Null: there is none, or it is not the caller's. */
export async function orNothing<T>(work: Promise<T>): Promise<T | null> {
  try {
    return await work;
  } catch (error) {
    if (error instanceof Refused && error.refusal.code === 'not_found') return null;
    throw error;
  }
}
