// Who is in a conversation, and whose it is: shown and changed (contracts/ppmessage.md 6).
import { Refused } from '../../domain/errors.ts';
import { type ConversationNumber, type UserNumber, userNumber } from '../../domain/ids.ts';
import type { ConversationFacts, ConversationView, JsonObject, Member } from '../../domain/model.ts';
import type { Caller } from '../../hub/context.ts';
import { assignConversation, updateConversation, viewConversation } from '../../hub/conversations.ts';
import { groupByNumber } from '../../hub/groups.ts';
import { joinConversation, leaveConversation, peopleOfConversation, setProgress } from '../../hub/members.ts';
import { usersByNumbers } from '../../hub/people.ts';
import { teamOf } from '../../hub/team.ts';
import { actingUser, asAny, type Call, isKey, isTeam, operation, orNull, seen } from './call.ts';
import { Failure } from './errors.ts';
import { choice, conversation, group, may, user, users } from './fields.ts';
import { newestFirst, shortRow } from './render-users.ts';
import { standingsOf } from './standing.ts';
import { isVoice } from './user-columns.ts';

const PAGE_PEOPLE = 1_000;
const MOST_PEOPLE = 5_000;

/** Failure 26: no id of a conversation. */
export function conversationNamed(given: ConversationNumber | null): ConversationNumber {
  if (given === null) throw new Failure('NO_CONVERSATION');
  return given;
}

/** Everybody of a support conversation that nobody is assigned to, where all of the team get visitors (DESIGN.md 4). */
const isEverybodys = ({ app }: Call, { kind, assignee }: ConversationFacts): boolean =>
  kind === 'support' && assignee === null && app.settings.routePolicy === 'ALL';

/** Those who are in, and whoever watches, as lists show them; newest first. */
export async function userList(
  call: Call,
  caller: Caller,
  view: ConversationView,
  { seconds = false }: { seconds?: boolean } = {},
): Promise<JsonObject[]> {
  const { hub, app } = call;
  const inside = await everybodyIn(call, caller, view.facts.number);
  const found = [...(await usersByNumbers(hub, app, inside)).values()];
  const team = isEverybodys(call, view.facts) ? await teamOf(hub, app) : [];
  const people = [...new Map([...found, ...team].map((each) => [each.number, each])).values()].sort(
    newestFirst,
  );
  const standing = await standingsOf(hub, app, people);
  const seesAll = isKey(call) || isTeam(call);
  return people.map((each) => {
    const whole = seesAll || each.number === caller.user?.number;
    return shortRow(hub, app, each, standing(each), { whole, seconds });
  });
}

async function everybodyIn({ hub }: Call, caller: Caller, c: ConversationNumber): Promise<UserNumber[]> {
  const people: Member[] = [];
  for (let after = userNumber(0); ; ) {
    const window = { after, limit: PAGE_PEOPLE, activeOnly: true };
    const page = await peopleOfConversation(hub, caller, c, window);
    people.push(...page.members);
    const last = page.members.at(-1);
    if (!page.hasMore || !last || people.length >= MOST_PEOPLE) return people.map((each) => each.user);
    after = last.user;
  }
}

export const conversationUserList = operation({ conversation_uuid: conversation() }, async (call, given) => {
  const c = given.conversation_uuid;
  const list = await orNull(
    asAny(call, async (caller) => {
      const number = conversationNamed(c);
      return userList(call, caller, await viewConversation(call.hub, caller, number));
    }),
  );
  // One that is not there, or not theirs, has nobody in it.
  return { list: list ?? [] };
});

const opened = (to: 'OPEN' | 'CLOSE') =>
  operation({ conversation_uuid: conversation(), user_uuid: user() }, async (call, given) => {
    const caller = await actingUser(call, given.user_uuid);
    try {
      await setProgress(call.hub, caller, conversationNamed(given.conversation_uuid), to);
    } catch (error) {
      const isOut = error instanceof Refused && error.refusal.code === 'not_found';
      throw isOut ? new Failure('NO_CONVERSATION') : error;
    }
    return {};
  });
export const openCall = opened('OPEN');
export const closeCall = opened('CLOSE');

export const updateMembers = operation(
  {
    conversation_uuid: conversation(),
    group_uuid: may(group()),
    action: may(choice(['ADD', 'REMOVE'])),
    member_list: may(users()),
  },
  async (call, given) => {
    const { hub, app } = call;
    const { action, member_list: list, group_uuid } = given;
    // A group alone may be set; people need both.
    if ((action === undefined) !== (list === undefined) || (action ?? group_uuid) === undefined)
      throw new Failure('NO_PARA');
    const found =
      group_uuid === undefined || group_uuid === null
        ? null
        : await orNull(groupByNumber(hub, app, group_uuid));
    if (group_uuid !== undefined && !found) throw new Failure('NO_ORG_GROUP');
    const c = conversationNamed(given.conversation_uuid);
    await asAny(call, async (caller) => {
      await viewConversation(hub, caller, c);
      if (found && caller.powers === 'member') throw new Failure('NO_PERM');
      if (action === 'ADD') await joinConversation(hub, caller, c, await people(call, list ?? []));
      if (action === 'REMOVE') await takeOut(call, caller, c, list ?? []);
      if (found) await updateConversation(hub, caller, c, { group: found.number });
    });
    return {};
  },
);

/** Failure 7: somebody is nobody of the app, or nobody to the caller. */
async function people(call: Call, list: readonly (UserNumber | null)[]): Promise<UserNumber[]> {
  const found = await Promise.all(list.map((number) => seen(call, number)));
  return found.map((each) => {
    if (!each || isVoice(each.user)) throw new Failure('NO_USER');
    return each.user.number;
  });
}

/** Who is not in stays out. */
async function takeOut(
  { hub }: Call,
  caller: Caller,
  c: ConversationNumber,
  list: readonly (UserNumber | null)[],
): Promise<void> {
  for (const number of list) {
    if (number === null) continue;
    try {
      await leaveConversation(hub, caller, c, number, 'remove');
    } catch (error) {
      const refusal = error instanceof Refused ? error.refusal : null;
      if (!(refusal?.code === 'not_found' && refusal.subject === 'member')) throw error;
    }
  }
}

/** Gives the conversation to somebody of the team. */
export const updateConversationCall = operation(
  { conversation_uuid: conversation(), assigned_uuid: user() },
  async (call, given) => {
    const c = conversationNamed(given.conversation_uuid);
    const [to] = await people(call, [given.assigned_uuid]);
    await asAny(call, (caller) => assignConversation(call.hub, caller, c, to as UserNumber));
    return {};
  },
);
