// Conversations: create, list, get, update, delete (contracts/sunshine.md 2).
import { notFound, Refused } from '../../domain/errors.ts';
import { conversationNumber } from '../../domain/ids.ts';
import type { JsonObject } from '../../domain/model.ts';
import { json } from '../../http/respond.ts';
import {
  deleteConversation as deleteInHub,
  openConversation,
  updateConversation as updateInHub,
  viewConversation,
} from '../../hub/conversations.ts';
import { listByNumber } from '../../hub/lists.ts';
import { bodyOf, type Call, conversationOf, done, userOf } from './call.ts';
import { refuse } from './errors.ts';
import { deepParam, pageEnvelope, pageRequest, placeOf, type UserFilter, userFilter } from './query.ts';
import { renderConversation } from './render.ts';
import { conversationCreateBody, conversationUpdateBody } from './schemas.ts';

export async function createConversation(call: Call): Promise<Response> {
  const body = await bodyOf(call, conversationCreateBody);
  const people = await Promise.all((body.participants ?? []).map((participant) => userOf(call, participant)));
  const { view } = await openConversation(call.hub, call.caller, {
    kind: body.type === 'personal' ? 'support' : 'group',
    title: body.displayName ?? null,
    description: body.description ?? null,
    icon: body.iconUrl ?? null,
    metadata: (body.metadata as JsonObject | null | undefined) ?? null,
    // One person named twice, by id and by externalId, is one participant.
    members: [...new Set(people.map((person) => person.number))],
  });
  return json({ conversation: renderConversation(call.hub.ids, view) }, 201);
}

/** A person's conversations by number, the newest first: an order that no message changes under a cursor. */
export async function listConversations(call: Call): Promise<Response> {
  const { hub, url } = call;
  const filter = filterOf(call);
  const page = pageRequest(url.searchParams, (cursor) => {
    const n = hub.ids.parseHex('conversation', cursor);
    return n === null ? null : conversationNumber(n);
  });
  const user = await userOf(call, filter);
  const { rows, hasMore } = await listByNumber(hub, call.caller, { user: user.number, ...page });
  const id = (at: number): string => hub.ids.hex('conversation', rows.at(at)?.facts.number ?? 0);
  const ends = rows.length > 0 ? { first: id(0), last: id(-1) } : null;
  return json({
    conversations: rows.map((row) =>
      renderConversation(hub.ids, { facts: row.facts, lastAt: row.lastMessageAt }),
    ),
    ...pageEnvelope(hub, url, placeOf(page, hasMore, ends)),
  });
}

/** With a token of their own people see their own list, and need not say so. */
function filterOf({ caller, hub, url }: Call): UserFilter {
  const self = caller.user;
  if (!self) return userFilter(url.searchParams);
  const own = { userId: hub.ids.hex('user', self.number) };
  const filter = deepParam(url.searchParams, 'filter');
  if (filter && Object.keys(filter).length === 0) return own;
  const asked = userFilter(url.searchParams);
  const isOwn = 'userId' in asked ? asked.userId === own.userId : asked.userExternalId === self.externalId;
  if (!isOwn) throw new Refused(notFound('user'));
  return own;
}

export async function getConversation(call: Call): Promise<Response> {
  const view = await viewConversation(call.hub, call.caller, conversationOf(call));
  return json({ conversation: renderConversation(call.hub.ids, view) });
}

export async function updateConversation(call: Call): Promise<Response> {
  const conversation = conversationOf(call);
  const body = await bodyOf(call, conversationUpdateBody);
  const changes = {
    ...(body.displayName !== undefined && { title: body.displayName }),
    ...(body.description !== undefined && { description: body.description }),
    ...(body.iconUrl !== undefined && { icon: body.iconUrl }),
    ...(body.metadata !== undefined && { metadata: body.metadata as JsonObject | null }),
  };
  // Nothing asked: nothing is written to the log.
  const view =
    Object.keys(changes).length > 0
      ? await updateInHub(call.hub, call.caller, conversation, changes)
      : await viewConversation(call.hub, call.caller, conversation);
  return json({ conversation: renderConversation(call.hub.ids, view) });
}

/** The default conversation of a person stays; its messages may go (contracts/sunshine.md 2). */
export async function deleteConversation(call: Call): Promise<Response> {
  const conversation = conversationOf(call);
  const { facts } = await viewConversation(call.hub, call.caller, conversation);
  if (facts.defaultOf !== null) {
    const id = call.hub.ids.hex('conversation', conversation);
    throw refuse(`Conversation ${id} cannot be deleted because it is the default.`);
  }
  await deleteInHub(call.hub, call.caller, conversation);
  return done();
}
