// Comments that tell of an event: they are messages of the app's System voice and change nothing in the room
// (contracts/qiscus.md 5).
import type { Draft, JsonObject } from '../../domain/model.ts';
import type { User } from '../../hub/context.ts';
import { viewConversation } from '../../hub/conversations.ts';
import { type Call, operation, peopleOf, personOf } from './call.ts';
import { ownClientId, posted } from './comments.ts';
import { choice, may, object, refuseField, room, text, user, users } from './fields.ts';
import { nameOf } from './render-rooms.ts';
import { roomNamed } from './rooms.ts';

const MESSAGE_LENGTH = 5_000;
const MOST_OBJECTS = 25;

interface Event {
  subject: User;
  object: User | null;
  room: string;
}

/** What is said of an event, and which it is about whom. */
const EVENTS = {
  create_room: ({ subject, room }) => `${subject.name} created room '${room}'`,
  add_member: ({ subject, object }) => `${subject.name} added ${object?.name}`,
  join_room: ({ subject }) => `${subject.name} joined room`,
  remove_member: ({ subject, object }) => `${subject.name} removed ${object?.name}`,
  left_room: ({ subject }) => `${subject.name} left room`,
  change_room_name: ({ subject, room }) => `${subject.name} changed room name to '${room}'`,
  change_room_avatar: ({ subject }) => `${subject.name} changed room avatar`,
} as const satisfies Record<string, (event: Event) => string>;
type EventType = keyof typeof EVENTS;
const TYPES = [...(Object.keys(EVENTS) as EventType[]), 'custom'] as const;

/** Events that name whom somebody did something to, and those that name the room anew. */
const HAS_OBJECT: ReadonlySet<string> = new Set<EventType>(['add_member', 'remove_member']);
const HAS_NAME: ReadonlySet<string> = new Set<EventType>(['create_room', 'change_room_name']);

const draftOf = (text: string, payload: JsonObject, about: readonly User[] = []): Draft => ({
  door: 'qiscus',
  type: 'system_event',
  text,
  markup: 'plain',
  extras: {
    type: 'system_event',
    payload,
    rest: true,
    // Whose names are in it: it goes when one of them is erased (conversation/redacting.ts).
    ...(about.length > 0 && { about: about.map(({ number }) => number) }),
  },
});

/** One comment for each person that something was done to; the last one is answered. */
export const postSystemEventMessage = operation(
  {
    system_event_type: choice(TYPES),
    room_id: room(),
    subject_email: may(user()),
    object_email: may(users(MOST_OBJECTS)),
    updated_room_name: may(text()),
    message: may(text(MESSAGE_LENGTH)),
    payload: object(),
    unique_temp_id: may(text(255, 'unique id')),
  },
  async (call, given) => {
    const { system_event_type: type, message, payload, unique_temp_id: id } = given;
    if (type === 'custom') {
      if (message === undefined) throw refuseField('message', 'is required');
      return comment(call, given.room_id, [{ ...draftOf(message, payload ?? {}), clientId: id ?? null }]);
    }
    const { subject_email, object_email = [], updated_room_name } = given;
    if (subject_email === undefined) throw refuseField('subject_email', 'is required');
    if (HAS_OBJECT.has(type) && object_email.length === 0) throw refuseField('object_email', 'is required');
    if (HAS_NAME.has(type) && updated_room_name === undefined)
      throw refuseField('updated_room_name', 'is required');
    const subject = await personOf(call, subject_email);
    const objects = HAS_OBJECT.has(type) ? await peopleOf(call, object_email) : [null];
    const room = HAS_NAME.has(type) ? (updated_room_name ?? '') : await nameOfRoom(call, given.room_id);
    const drafts = objects.map((each) => {
      const event = { subject, object: each, room };
      const payload = {
        object_email: each?.externalId ?? '',
        object_username: each?.name ?? '',
        room_name: room,
        subject_email: subject.externalId,
        subject_username: subject.name,
        type,
      };
      const about = each ? [subject, each] : [subject];
      // Each has an id of its own: a call that broke off is made again, and says nothing twice.
      const clientId = id === undefined ? ownClientId() : each ? `${id}:${each.number}` : id;
      return { ...draftOf(EVENTS[type](event), payload, about), clientId };
    });
    return comment(call, given.room_id, drafts);
  },
);

async function comment(call: Call, room: string, drafts: readonly Draft[]): Promise<JsonObject> {
  const c = await roomNamed(call, room);
  let last: JsonObject = {};
  // In turn: they stand in the order in which they were named.
  for (const draft of drafts) last = await posted(call, c, draft, { author: call.app.systemUser });
  return { comment: last };
}

async function nameOfRoom(call: Call, room: string): Promise<string> {
  const { facts, members } = await viewConversation(call.hub, call.caller, await roomNamed(call, room));
  return nameOf(facts, members);
}
