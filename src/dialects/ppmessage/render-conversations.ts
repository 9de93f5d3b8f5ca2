// Conversations in the forms of this API (contracts/ppmessage.md 6): the row, a member's own data of it, and whose it is.
import type { ConversationNumber, UserNumber } from '../../domain/ids.ts';
import {
  type Card,
  type ConversationView,
  type JsonObject,
  type Member,
  SERVICE_ROLES,
} from '../../domain/model.ts';
import type { App, Hub, User } from '../../hub/context.ts';
import { stateOf } from '../../hub/open-lists.ts';
import { iconOf, identiconOf } from './icons.ts';
import { appUuid, conversationUuid, messageUuid, stampOfMs, userUuid } from './ids.ts';
import { conversationType } from './message-body.ts';

type Here = Pick<Hub, 'ids' | 'origin' | 'addressOf'>;

/** Names in the name of a conversation that nobody gave one. */
const NAMES_SHOWN = 5;

const active = ({ members }: ConversationView): Member[] =>
  members.filter(({ standing }) => standing === 'active');

/** Whose conversation it is: a support conversation's customer; else whoever opened it. */
export function ownerOf(view: ConversationView): UserNumber | null {
  const { facts } = view;
  if (facts.kind !== 'support') return facts.creator ?? active(view)[0]?.user ?? null;
  const customer = active(view).find(({ card }) => !SERVICE_ROLES.has(card.role));
  return facts.defaultOf ?? customer?.user ?? facts.creator;
}

/** What one person sees as the conversation's name and picture. */
export function nameFor(
  here: Here,
  view: ConversationView,
  viewer: UserNumber | null,
  team: readonly User[],
): { name: string | null; icon: string | null } {
  const { facts } = view;
  const uuid = conversationUuid(here, facts.number);
  const own = { name: facts.title || null, icon: facts.icon };
  if (facts.kind === 'group') {
    const names = active(view).filter(({ user }) => user !== viewer);
    return {
      name: own.name ?? joined(names.map(({ card }) => card)),
      icon: own.icon ?? identiconOf(here, uuid),
    };
  }
  const owner = ownerOf(view);
  if (facts.kind === 'support' && viewer === owner) {
    const service = active(view).filter(({ card }) => SERVICE_ROLES.has(card.role));
    const shown = service.length > 0 ? service.map(({ card }) => card) : team;
    return { name: own.name ?? joined(shown), icon: own.icon ?? identiconOf(here, uuid) };
  }
  const other = view.members.find(({ user }) =>
    facts.kind === 'support' ? user === owner : user !== viewer && viewer !== null,
  );
  return {
    name: own.name ?? other?.card.name ?? null,
    icon: own.icon ?? (other ? iconOf(here, other.user, other.card.avatar) : null),
  };
}

const joined = (people: readonly Pick<Card, 'name'>[]): string | null =>
  people
    .slice(0, NAMES_SHOWN)
    .map(({ name }) => name)
    .join(',') || null;

/** The row; names and pictures are each member's own. */
export function conversationRow(
  here: Here,
  app: App,
  view: ConversationView,
  shown: { name: string | null; icon: string | null } = { name: null, icon: null },
): JsonObject {
  const { facts, lastMessage } = view;
  const owner = ownerOf(view);
  return {
    uuid: conversationUuid(here, facts.number),
    app_uuid: appUuid(here, app.number),
    user_uuid: owner === null ? null : userUuid(here, owner),
    assigned_uuid: assignedUuid(here, view),
    group_uuid: facts.group !== null && facts.group > 0 ? here.ids.uuid('group', facts.group) : null,
    status: lastMessage ? 'OPEN' : 'NEW',
    conversation_type: conversationType(facts),
    conversation_name: shown.name,
    conversation_icon: shown.icon,
    latest_task: lastMessage ? messageUuid(here, lastMessage) : null,
    createtime: stampOfMs(facts.createdAt),
    updatetime: stampOfMs(view.lastAt),
  };
}

/** Of two people: the other one, as clients expect it (contracts/ppmessage.md 6). */
function assignedUuid(here: Here, view: ConversationView): string | null {
  const { facts } = view;
  if (facts.assignee !== null) return userUuid(here, facts.assignee);
  if (facts.kind !== 'direct') return null;
  const other = view.members.find(({ user }) => user !== ownerOf(view));
  return other ? userUuid(here, other.user) : null;
}

/** What somebody has of a conversation for themselves. `me` null: they see it without being in it. */
export function conversationData(
  here: Here,
  app: App,
  view: ConversationView,
  user: UserNumber,
  me: Member | null,
  shown: { name: string | null; icon: string | null },
): JsonObject {
  const c = view.facts.number as ConversationNumber;
  return {
    uuid: here.ids.membershipUuid(c, user),
    app_uuid: appUuid(here, app.number),
    user_uuid: userUuid(here, user),
    user_name: null,
    user_mute_notification: me?.muted || null,
    conversation_uuid: conversationUuid(here, c),
    conversation_type: conversationType(view.facts),
    conversation_name: shown.name,
    conversation_icon: shown.icon,
    conversation_status: stateOf(view, me),
    createtime: stampOfMs(me && me.joinedAt > 0 ? me.joinedAt : view.facts.createdAt),
    updatetime: stampOfMs(view.lastAt),
  };
}
