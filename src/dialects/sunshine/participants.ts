// Participants: join, leave, list (contracts/sunshine.md 3).
import { notFound, Refused } from '../../domain/errors.ts';
import type { ConversationNumber, UserNumber } from '../../domain/ids.ts';
import type { ConversationView } from '../../domain/model.ts';
import { json } from '../../http/respond.ts';
import { viewConversation } from '../../hub/conversations.ts';
import { devicesOfPeople } from '../../hub/devices.ts';
import {
  joinConversation as joinInHub,
  leaveConversation as leaveInHub,
  peopleOfConversation,
} from '../../hub/members.ts';
import { bodyOf, type Call, conversationOf, done, userOf } from './call.ts';
import { refuse } from './errors.ts';
import type { OneUser } from './fields.ts';
import { pageEnvelope, pageRequest, placeOf } from './query.ts';
import { renderParticipant } from './render.ts';
import { leaveBody, participantBody } from './schemas.ts';

/** Adds one person to a group; for somebody who is in it already nothing changes. */
export async function joinConversation(call: Call): Promise<Response> {
  const conversation = conversationOf(call);
  const body = await bodyOf(call, participantBody);
  checkGroup(await viewConversation(call.hub, call.caller, conversation));
  const user = await userOf(call, body);
  const view = await joinInHub(call.hub, call.caller, conversation, [user.number]);
  const member = view.members.find((each) => each.user === user.number);
  if (!member) throw new Refused(notFound('member'));
  const devices = await devicesOfPeople(call.hub, call.app, [user.number]);
  return json({ participant: renderParticipant(call.hub.ids, view, member, devices.get(user.number)) }, 201);
}

export async function leaveConversation(call: Call): Promise<Response> {
  const conversation = conversationOf(call);
  const body = await bodyOf(call, leaveBody);
  checkGroup(await viewConversation(call.hub, call.caller, conversation));
  const user = await leaver(call, conversation, body);
  await leaveInHub(call.hub, call.caller, conversation, user, 'remove');
  return done();
}

/** Who takes part in a personal conversation, or in one of exactly two people, is fixed when it begins. */
function checkGroup({ facts }: ConversationView): void {
  if (facts.kind === 'support') throw refuse('Participants of a personal conversation cannot be changed');
  if (facts.kind === 'direct') throw refuse('Participants of a direct conversation cannot be changed');
}

async function leaver(
  call: Call,
  conversation: ConversationNumber,
  body: OneUser & { participantId?: string | null },
): Promise<UserNumber> {
  if (typeof body.participantId !== 'string') return (await userOf(call, body)).number;
  const membership = call.hub.ids.parseMembershipHex(body.participantId);
  if (membership?.conversation !== conversation) throw new Refused(notFound('member'));
  return membership.user;
}

/** Participants by user number: a cursor keeps its place when its person has left meanwhile. */
export async function listParticipants(call: Call): Promise<Response> {
  const { hub, url } = call;
  const conversation = conversationOf(call);
  const page = pageRequest(url.searchParams, (cursor) => {
    const membership = hub.ids.parseMembershipHex(cursor);
    return membership?.conversation === conversation ? membership.user : null;
  });
  const { after, before, size } = page;
  // Of a customer's conversation the customer alone takes part: the team is the business there.
  const window = { after, before, limit: size, activeOnly: true, withoutTeam: true };
  const people = await peopleOfConversation(hub, call.caller, conversation, window);
  const shown = people.members;
  const devices = await devicesOfPeople(
    hub,
    call.app,
    shown.map(({ user }) => user),
  );
  const [first, last] = [shown.at(0), shown.at(-1)];
  const id = (user: UserNumber): string => hub.ids.membershipHex(conversation, user);
  const ends = first && last ? { first: id(first.user), last: id(last.user) } : null;
  return json({
    participants: shown.map((member) => renderParticipant(hub.ids, people, member, devices.get(member.user))),
    ...pageEnvelope(hub, url, placeOf(page, people.hasMore, ends)),
  });
}
