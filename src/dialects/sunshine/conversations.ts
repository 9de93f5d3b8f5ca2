// Conversations: create, list, get, update, delete (contracts/sunshine.md 2).
import { notFound, Refused } from '../../domain/errors.ts';
import { conversationNumber, type UserNumber } from '../../domain/ids.ts';
import type { ConversationView, JsonObject } from '../../domain/model.ts';
import { json } from '../../http/respond.ts';
import { controlViewOf } from '../../hub/control.ts';
import {
  deleteConversation as deleteInHub,
  openConversation,
  updateConversation as updateInHub,
  viewConversation,
} from '../../hub/conversations.ts';
import { type FilteredList, type ListFilter, listByNumber, listFiltered } from '../../hub/lists.ts';
import { bodyOf, type Call, conversationOf, done, userOf } from './call.ts';
import { refuse } from './errors.ts';
import { onceOf } from './idempotency.ts';
import { conversationFilterOf } from './list-filter.ts';
import { pageEnvelope, pageRequest, placeOf } from './query.ts';
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
    once: onceOf(call, body),
  });
  return json({ conversation: await rendered(call, view) }, 201);
}

/** With who speaks for the business, where the app has a switchboard. */
async function rendered({ hub, app }: Call, view: ConversationView): Promise<JsonObject> {
  const controlIn = await controlViewOf(hub, app);
  return renderConversation(hub.ids, view, controlIn(view.facts));
}

/** By number, the newest first: an order that no message changes under a cursor. A person's, or the app's. */
export async function listConversations(call: Call): Promise<Response> {
  const { hub, url } = call;
  const { user, only } = await filterOf(call);
  const page = pageRequest(url.searchParams, (cursor) => {
    const n = hub.ids.parseHex('conversation', cursor);
    return n === null ? null : conversationNumber(n);
  });
  const asked = { user, ...page };
  const list = only
    ? await listFiltered(hub, call.caller, { ...asked, filter: only })
    : { ...(await listByNumber(hub, call.caller, asked)), reached: null };
  const { rows, hasMore } = list;
  const controlIn = await controlViewOf(hub, call.app);
  return json({
    conversations: rows.map((row) =>
      renderConversation(hub.ids, { ...row, lastAt: row.lastMessageAt, members: [] }, controlIn(row.facts)),
    ),
    ...pageEnvelope(hub, url, placeOf(page, hasMore, endsOf(call, list, page.before !== undefined))),
  });
}

/** Ids to go on with: a filtered list goes on from where it looked last, which it need not show. */
function endsOf(
  { hub }: Call,
  {
    rows,
    hasMore,
    reached,
  }: Pick<FilteredList, 'hasMore' | 'reached'> & { rows: { facts: { number: number } }[] },
  backwards: boolean,
) {
  const on = hasMore ? reached : null;
  const first = (backwards ? on : null) ?? rows.at(0)?.facts.number ?? on;
  const last = (backwards ? null : on) ?? rows.at(-1)?.facts.number ?? on;
  if (first === null || last === null) return null;
  return { first: hub.ids.hex('conversation', first), last: hub.ids.hex('conversation', last) };
}

/** With a token of their own people see their own list, and need not say so. */
async function filterOf(call: Call): Promise<{ user: UserNumber | null; only: ListFilter | null }> {
  const { caller, hub, url } = call;
  const { user, only } = conversationFilterOf(url.searchParams);
  const self = caller.user;
  if (!self) return { user: user && (await userOf(call, user)).number, only };
  const isOwn = user?.userId
    ? hub.ids.parseHex('user', user.userId) === self.number
    : !user || user.userExternalId === self.externalId;
  if (!isOwn) throw new Refused(notFound('user'));
  return { user: self.number, only };
}

export async function getConversation(call: Call): Promise<Response> {
  const view = await viewConversation(call.hub, call.caller, conversationOf(call));
  return json({ conversation: await rendered(call, view) });
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
  return json({ conversation: await rendered(call, view) });
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
