// Conversations that clients ask for: the visitor's own one, one with somebody, one among people (contracts/ppmessage.md 6
// and 8). Who gets a visitor is the Desk's; what they look like is render-conversations.ts.
import { createHash } from 'node:crypto';
import type { ConversationNumber, DeviceNumber, UserNumber } from '../../domain/ids.ts';
import type { ConversationView, JsonObject } from '../../domain/model.ts';
import { appCaller } from '../../hub/apps.ts';
import type { Caller, User } from '../../hub/context.ts';
import { openConversation, updateConversation, viewConversation } from '../../hub/conversations.ts';
import { type Fared, routeVisitor } from '../../hub/desk.ts';
import { groupByNumber, groupForVisitors } from '../../hub/groups.ts';
import { type HeldConversation, heldBy } from '../../hub/open-lists.ts';
import { teamOf } from '../../hub/team.ts';
import { actingUser, type Call, operation, orNull, seen } from './call.ts';
import { Failure } from './errors.ts';
import { choice, device, group, may, text, user, users } from './fields.ts';
import { userUuid } from './ids.ts';
import { userList } from './members.ts';
import { conversationRow, nameFor } from './render-conversations.ts';
import { isDistributor, isService, isVoice } from './user-columns.ts';

type Acting = Caller & { user: User };

/** Conversations of a member set that are compared, so that the same set gets the same one. */
const MOST_COMPARED = 10;

export const getDefaultConversation = operation(
  { user_uuid: user(), device_uuid: device() },
  async (call, { user_uuid, device_uuid }) => {
    const { hub, app } = call;
    const visitor = await actingUser(call, user_uuid);
    const [latest] = await heldBy(hub, visitor, 'support');
    const number = latest?.number ?? (await routed(call, visitor, null, device_uuid));
    if (number === null) return {};
    const view = await viewConversation(hub, visitor, number);
    const shown = nameFor(hub, view, visitor.user.number, await teamOf(hub, app));
    return {
      ...conversationRow(hub, app, view, shown),
      app_name: app.name,
      app_welcome: app.settings.welcomeMessage,
      user_list: await userList(call, visitor, view, { seconds: true }),
    };
  },
);

/** The visitor's new conversation; null: they wait. Failures: 12 there is no such group; 13 nobody could ever have them. */
async function routed(
  call: Call,
  visitor: Acting,
  wanted: number | null,
  device: DeviceNumber | null = null,
): Promise<ConversationNumber | null> {
  const { hub, app } = call;
  const group =
    app.settings.routePolicy === 'ALL' ? null : await groupForVisitors(hub, app, wanted, isDistributor);
  const fared: Fared = await routeVisitor(hub, app, visitor.user.number, { device, group });
  switch (fared.state) {
    case 'assigned':
      // Everybody gets them, and the group that was asked for stands with the conversation.
      if (wanted !== null && !group) await setGroup(call, fared.conversation, wanted);
      return fared.conversation;
    case 'waiting':
      return null;
    case 'nobody':
      throw new Failure(fared.reason === 'no group' ? 'NO_PUSH' : 'NO_APP');
  }
}

const setGroup = ({ hub, app }: Call, c: ConversationNumber, wanted: number): Promise<ConversationView> =>
  updateConversation(hub, appCaller(app, 'ppmessage'), c, { group: wanted });

/** A conversation that is used again, or where a group is asked for, a place in its queue. */
export const ppcomCreateConversation = operation(
  { user_uuid: user(), device_uuid: may(device()), group_uuid: may(group()), member_list: may(users()) },
  async (call, { user_uuid, device_uuid = null, group_uuid, member_list }) => {
    const { hub, app } = call;
    const visitor = await actingUser(call, user_uuid);
    const wanted = await groupNamed(call, group_uuid);
    const agents = await agentsNamed(call, member_list ?? []);
    const held = await heldBy(hub, visitor, 'support');
    const known = reusable(held, wanted, agents);
    const [agent] = agents;
    let number = known?.number ?? null;
    if (number === null && agents.length === 1 && agent) number = await openWith(call, visitor, [agent], {});
    else if (number === null && app.settings.routePolicy === 'GROUP' && wanted !== null) {
      number = await routed(call, visitor, wanted, device_uuid);
      if (number === null) return {};
    }
    if (number === null) throw new Failure('NO_PARA');
    const view = await viewConversation(hub, visitor, number);
    const assigned = agents.find(({ number: each }) => each === view.facts.assignee);
    // Under the name by which clients of this call know an agent: their address.
    const shown = assigned
      ? { name: assigned.email ?? assigned.externalId, icon: assigned.avatar }
      : nameFor(hub, view, visitor.user.number, await teamOf(hub, app));
    return conversationRow(hub, app, view, shown);
  },
);

/** The visitor's conversation with this group, with this one agent, or, where neither is asked for, the latest. */
function reusable(
  held: readonly HeldConversation[],
  wanted: number | null,
  agents: readonly User[],
): HeldConversation | undefined {
  if (wanted !== null) return held.find(({ group: each }) => each === wanted);
  const [agent] = agents;
  if (agents.length === 0) return held[0];
  return agents.length === 1 ? held.find(({ assignee }) => assignee === agent?.number) : undefined;
}

/** Failure 30: no group of the app. */
async function groupNamed({ hub, app }: Call, given: number | null | undefined): Promise<number | null> {
  if (given === undefined) return null;
  if (given === null) throw new Failure('NO_ORG_GROUP');
  return (await groupByNumber(hub, app, given)).number;
}

/** Failures: 7 nobody of the app, or nobody to the caller; 35 not of the team. */
async function agentsNamed(call: Call, list: readonly (UserNumber | null)[]): Promise<User[]> {
  const people = await peopleNamed(call, list);
  if (!people.every(isService)) throw new Failure('NO_CONVERSATION_MEMBER');
  return people;
}

async function peopleNamed(call: Call, list: readonly (UserNumber | null)[]): Promise<User[]> {
  const people = await Promise.all(list.map(async (number) => (await seen(call, number))?.user));
  if (people.some((each) => !each || isVoice(each))) throw new Failure('NO_USER');
  return people as User[];
}

interface Wish {
  title?: string | null;
  group?: number | null;
}

/** A support conversation of the visitor with these agents; of one alone it is theirs. The same wish at once is one. */
async function openWith(
  { hub, app }: Call,
  visitor: Acting,
  agents: readonly User[],
  { title = null, group: wanted = null }: Wish,
): Promise<ConversationNumber> {
  const asApp = appCaller(app, 'ppmessage');
  const customer = visitor.user.number;
  const members = [customer, ...agents.map(({ number }) => number)];
  const opening = { kind: 'support', creator: customer, members, title } as const;
  const key = `ppmessage ${customer}: ${members.join(' ')}`;
  const first = await openConversation(hub, asApp, { ...opening, once: { key, print: null } });
  const isOurs = isSetOf(first.view, members);
  const { facts } = (isOurs ? first : await openConversation(hub, asApp, opening)).view;
  const assignee = agents.length === 1 ? agents[0]?.number : undefined;
  if (assignee !== undefined || wanted !== null) {
    await updateConversation(
      hub,
      asApp,
      facts.number,
      wanted === null ? {} : { group: wanted },
      assignee === undefined ? {} : { assignee },
    );
  }
  return facts.number;
}

/** Whether just these people are in it, of whom it has room to tell. */
function isSetOf({ members, memberCount }: ConversationView, people: readonly UserNumber[]): boolean {
  const inside = new Set(
    members.filter(({ standing }) => standing === 'active').map(({ user: each }) => each),
  );
  return memberCount === people.length && people.every((each) => inside.has(each));
}

export const createConversation = operation(
  {
    user_uuid: user(),
    conversation_type: choice(['P2S', 'S2S']),
    conversation_name: may(text()),
    member_list: may(users()),
    group_uuid: may(group()),
  },
  async (call, given) => {
    const { hub, app } = call;
    const { conversation_type: type, member_list: list } = given;
    if (type === 'S2S' && (list === undefined || list.length === 0)) throw new Failure('NO_PARA');
    const creator = await actingUser(call, given.user_uuid);
    const group = await groupNamed(call, given.group_uuid);
    const wish = { title: given.conversation_name || null, group };
    const number =
      type === 'P2S'
        ? await openP2S(call, creator, list ?? [], wish)
        : await openS2S(call, creator, list ?? [], wish);
    if (number === null) return {};
    const view = await viewConversation(hub, creator, number);
    return created(call, view, creator.user.number, await teamOf(hub, app));
  },
);

function created(
  { hub, app }: Call,
  view: ConversationView,
  creator: UserNumber,
  team: readonly User[],
): JsonObject {
  const others = view.members.filter(({ user: each, standing }) => standing === 'active' && each !== creator);
  return {
    ...conversationRow(hub, app, view, nameFor(hub, view, creator, team)),
    createtimestamp: view.facts.createdAt / 1000,
    updatetimestamp: view.lastAt / 1000,
    user_list: others.map(({ user: each }) => userUuid(hub, each)),
  };
}

/** Null: they wait. */
async function openP2S(
  call: Call,
  visitor: Acting,
  list: readonly (UserNumber | null)[],
  wish: Wish,
): Promise<ConversationNumber | null> {
  // Somebody of the team is nobody's customer.
  if (isService(visitor.user)) throw new Failure('CONVERSATION_TYPE');
  const { group: wanted = null } = wish;
  const agents = await agentsNamed(call, list);
  const held = await heldBy(call.hub, visitor, 'support');
  const known =
    agents.length > 1 ? await sameSet(call, visitor, held, agents) : reusable(held, wanted, agents)?.number;
  if (known !== undefined) return known;
  if (agents.length > 0) return openWith(call, visitor, agents, wish);
  try {
    return await routed(call, visitor, wanted);
  } catch (error) {
    // This call has a code of its own for nobody (contracts/ppmessage.md 6).
    throw error instanceof Failure ? new Failure('NO_CONVERSATION_MEMBER') : error;
  }
}

async function openS2S(
  call: Call,
  creator: Acting,
  list: readonly (UserNumber | null)[],
  { title = null, group: wanted = null }: Wish,
): Promise<ConversationNumber> {
  const { hub } = call;
  const people = (await peopleNamed(call, list)).filter(({ number }) => number !== creator.user.number);
  if (people.length === 0) throw new Failure('NO_CONVERSATION_MEMBER');
  const members = people.map(({ number }) => number);
  if (people.length === 1) {
    const { view } = await openConversation(hub, creator, { kind: 'direct', members });
    if (wanted !== null) await setGroup(call, view.facts.number, wanted);
    return view.facts.number;
  }
  const held = (await heldBy(hub, creator, 'group')).filter(({ door }) => door === 'ppmessage');
  const known = await sameSet(call, creator, held, people);
  if (known !== undefined) return known;
  const everybody = [creator.user.number, ...members].sort((a, b) => a - b);
  const key = `ppmessage set ${createHash('sha256').update(everybody.join(' ')).digest('base64url')}`;
  const opening = { kind: 'group', title, members } as const;
  const first = await openConversation(hub, creator, { ...opening, once: { key, print: null } });
  const { view } = isSetOf(first.view, everybody) ? first : await openConversation(hub, creator, opening);
  if (wanted !== null) await setGroup(call, view.facts.number, wanted);
  return view.facts.number;
}

/** The newest of these conversations in which just these people are, with whoever asks. */
async function sameSet(
  { hub }: Call,
  creator: Acting,
  held: readonly HeldConversation[],
  others: readonly User[],
): Promise<ConversationNumber | undefined> {
  const people = [...new Set([creator.user.number, ...others.map(({ number }) => number)])];
  const like = held.filter(({ memberCount }) => memberCount === people.length).slice(0, MOST_COMPARED);
  for (const { number } of like) {
    const view = await orNull(viewConversation(hub, creator, number));
    if (view && isSetOf(view, people)) return number;
  }
  return undefined;
}
