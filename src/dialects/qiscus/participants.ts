// Who is in a room: added, removed, listed (contracts/qiscus.md 5, 6). No comment tells of it: callers post a system event.
import { Refused } from '../../domain/errors.ts';
import { type ConversationNumber, type UserNumber, userNumber } from '../../domain/ids.ts';
import type { ConversationFacts, JsonObject, Member } from '../../domain/model.ts';
import type { User } from '../../hub/context.ts';
import { viewConversation } from '../../hub/conversations.ts';
import { joinConversation, leaveConversation, peopleOfConversation } from '../../hub/members.ts';
import { userByNumber } from '../../hub/people.ts';
import { type Call, operation, peopleOf } from './call.ts';
import { choice, type Given, integer, may, refuseField, room, text, users } from './fields.ts';
import { emailsOf, renderMembership, renderParticipant } from './render-rooms.ts';
import { roomNamed } from './rooms.ts';

const MOST_AT_ONCE = 100;
/** People asked for at a time, and of one room at most. */
const PAGE_PEOPLE = 1_000;
export const MOST_PEOPLE = 10_000;
const PAGE_SHOWN = 20;

export const memberFields = { room_id: room(), emails: users(MOST_AT_ONCE) };

/** A room, and who came or went. */
interface Moved {
  c: ConversationNumber;
  people: User[];
}

/** Who is in already stays. */
export async function addPeople(call: Call, given: Given<typeof memberFields>): Promise<Moved> {
  const c = await groupNamed(call, given.room_id);
  const people = await peopleOf(call, given.emails);
  const numbers = people.map(({ number }) => number);
  await joinConversation(call.hub, call.caller, c, numbers);
  return { c, people };
}

/** Who is not in stays out. */
export async function removePeople(call: Call, given: Given<typeof memberFields>): Promise<Moved> {
  const c = await groupNamed(call, given.room_id);
  const people = await peopleOf(call, given.emails);
  for (const { number } of people) {
    try {
      await leaveConversation(call.hub, call.caller, c, number, 'remove');
    } catch (error) {
      const isOut =
        error instanceof Refused && error.refusal.code === 'not_found' && error.refusal.subject === 'member';
      if (!isOut) throw error;
    }
  }
  return { c, people };
}

export const addRoomParticipants = operation(memberFields, async (call, given) =>
  membershipOf(call, (await addPeople(call, given)).c),
);

export const removeRoomParticipants = operation(memberFields, async (call, given) =>
  membershipOf(call, (await removePeople(call, given)).c),
);

/** A room of many; of a room of two nobody comes or goes. */
async function groupNamed(call: Call, name: string): Promise<ConversationNumber> {
  const c = await roomNamed(call, name);
  const { facts } = await viewConversation(call.hub, call.caller, c);
  if (facts.kind === 'direct') throw refuseField('room_id', 'must be a group room');
  return c;
}

async function membershipOf(call: Call, c: ConversationNumber): Promise<JsonObject> {
  const { facts, people } = await everybodyIn(call, c);
  return renderMembership(facts, await creatorOf(call, facts), emailsOf(people));
}

/** Null: an app credential made it, or whoever did is gone. */
async function creatorOf({ hub, app }: Call, { creator }: ConversationFacts) {
  if (creator === null) return null;
  try {
    return await userByNumber(hub, app, creator);
  } catch (error) {
    if (error instanceof Refused && error.refusal.code === 'not_found') return null;
    throw error;
  }
}

export async function everybodyIn(
  { hub, caller }: Call,
  c: ConversationNumber,
): Promise<{ facts: ConversationFacts; people: Member[] }> {
  const people: Member[] = [];
  for (let after: UserNumber = userNumber(0); ; ) {
    const page = await peopleOfConversation(hub, caller, c, { after, limit: PAGE_PEOPLE, activeOnly: true });
    people.push(...page.members);
    const last = page.members.at(-1);
    if (!page.hasMore || !last || people.length >= MOST_PEOPLE) return { facts: page.facts, people };
    after = last.user;
  }
}

/** Twenty of those who are in, by name, from `offset` on. */
export const roomParticipants = operation(
  {
    room_id: may(room()),
    room_unique_id: may(room()),
    offset: may(integer(0, MOST_PEOPLE)),
    order_by_key_name: may(choice(['username', 'email', 'id'])),
    sorting: may(choice(['asc', 'desc'])),
    user_name: may(text()),
  },
  async (call, given) => {
    const { room_id, room_unique_id, offset = 0, order_by_key_name: key = 'username', sorting } = given;
    const name = room_unique_id ?? room_id;
    if (name === undefined) throw refuseField('room_unique_id', 'is required');
    const { people } = await everybodyIn(call, await roomNamed(call, name));
    const wanted = (given.user_name ?? '').toLowerCase();
    const found = people
      .filter(({ card }) => card.name.toLowerCase().includes(wanted))
      .sort((a, b) => ORDERS[key](a, b) || a.user - b.user);
    if (sorting === 'desc') found.reverse();
    return {
      meta: { current_offset: offset, per_page: PAGE_SHOWN, total: found.length },
      participants: found
        .slice(offset, offset + PAGE_SHOWN)
        .map((member) => renderParticipant(member, undefined)),
    };
  },
);

export const ORDERS: Record<'username' | 'email' | 'id', (a: Member, b: Member) => number> = {
  username: (a, b) => a.card.name.localeCompare(b.card.name),
  email: (a, b) => a.card.externalId.localeCompare(b.card.externalId),
  id: (a, b) => a.user - b.user,
};
