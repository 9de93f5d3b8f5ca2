// Service groups, under the names that the original has for them (docs/ppmessage.md): made and filled by the app's server and
// its admins, shown to everybody. What they are for is hub/groups.ts.
import type { UserNumber } from '../../domain/ids.ts';
import type { JsonObject } from '../../domain/model.ts';
import {
  addPeople,
  changeGroup,
  createGroup,
  type GroupRow,
  groupByNumber,
  listGroups,
  removeGroup,
  takePeople,
} from '../../hub/groups.ts';
import { heldBy } from '../../hub/open-lists.ts';
import { usersByNumbers } from '../../hub/people.ts';
import { teamOf } from '../../hub/team.ts';
import { actingUser, type Call, demandAdmin, operation, orNull } from './call.ts';
import { Failure } from './errors.ts';
import { address, flag, group, may, text, user, users } from './fields.ts';
import { identiconOf } from './icons.ts';
import { appUuid, conversationUuid, stampOfMs } from './ids.ts';
import { newestFirst, shortRow, userRow } from './render-users.ts';
import { standingsOf } from './standing.ts';
import { isService } from './user-columns.ts';

const DESCRIPTION = 128;
const NAME = 64;

function groupRow({ hub, app }: Pick<Call, 'hub' | 'app'>, found: GroupRow): JsonObject {
  const uuid = hub.ids.uuid('group', found.number);
  return {
    uuid,
    group_uuid: uuid,
    app_uuid: appUuid(hub, app.number),
    group_name: found.name,
    group_desc: found.description,
    group_icon: found.icon ?? identiconOf(hub, uuid),
    is_distributor: found.distributor,
    user_count: found.members.length,
    createtime: stampOfMs(found.createdAt),
    updatetime: stampOfMs(found.updatedAt),
  };
}

/** Failure 30: no group of the app. */
function named(given: number | null): number {
  if (given === null) throw new Failure('NO_ORG_GROUP');
  return given;
}

export const createOrgGroup = operation(
  {
    group_name: text(NAME),
    group_desc: text(DESCRIPTION),
    group_icon: may(address()),
    is_distributor: may(flag()),
  },
  async (call, { group_name: name, group_desc: description, group_icon: icon = null, is_distributor }) => {
    demandAdmin(call);
    const card = { name, description, icon, distributor: is_distributor ?? false };
    return groupRow(call, await createGroup(call.hub, call.app, card));
  },
);

export const updateOrgGroup = operation(
  {
    group_uuid: group(),
    group_name: may(text(NAME)),
    group_desc: may(text(DESCRIPTION)),
    group_icon: may(address()),
    is_distributor: may(flag()),
  },
  async (call, { group_uuid, group_name, group_desc, group_icon, is_distributor }) => {
    demandAdmin(call);
    const change = {
      ...(group_name && { name: group_name }),
      ...(group_desc !== undefined && { description: group_desc }),
      ...(group_icon !== undefined && { icon: group_icon }),
      ...(is_distributor !== undefined && { distributor: is_distributor }),
    };
    return groupRow(call, await changeGroup(call.hub, call.app, named(group_uuid), change));
  },
);

export const removeOrgGroup = operation({ group_uuid: group() }, async (call, { group_uuid }) => {
  demandAdmin(call);
  await removeGroup(call.hub, call.app, named(group_uuid));
  return {};
});

const peopleOfList = (list: readonly (UserNumber | null)[]): UserNumber[] =>
  list.map((each) => {
    if (each === null) throw new Failure('NO_USER');
    return each;
  });

export const addOrgGroupUser = operation({ group_uuid: group(), user_list: users() }, async (call, given) => {
  demandAdmin(call);
  const { hub, app } = call;
  const number = named(given.group_uuid);
  const people = peopleOfList(given.user_list);
  const found = await usersByNumbers(hub, app, people);
  if (people.some((each) => !found.has(each))) throw new Failure('NO_USER');
  if (![...found.values()].every(isService)) throw new Failure('NO_APP_USER');
  await addPeople(hub, app, number, people);
  return {};
});

/** Failure 32: somebody is not in it. */
export const removeOrgGroupUser = operation(
  { group_uuid: group(), user_list: users() },
  async (call, given) => {
    demandAdmin(call);
    const { hub, app } = call;
    const { members, number } = await groupByNumber(hub, app, named(given.group_uuid));
    const people = given.user_list.map((each) => {
      if (each === null || !members.includes(each)) throw new Failure('NOT_GROUP_USER');
      return each;
    });
    await takePeople(hub, app, number, people);
    return {};
  },
);

export const appOrgGroupList = operation({}, async (call) => ({
  list: (await listGroups(call.hub, call.app)).map((each) => groupRow(call, each)),
}));

export const orgGroupDetail = operation({ group_uuid: group() }, async (call, { group_uuid }) =>
  groupRow(call, await groupByNumber(call.hub, call.app, named(group_uuid))),
);

export const orgGroupUserList = operation({ group_uuid: group() }, async (call, { group_uuid }) => {
  const { hub, app } = call;
  const { members } = await groupByNumber(hub, app, named(group_uuid));
  const people = [...(await usersByNumbers(hub, app, members)).values()].sort(newestFirst);
  const standing = await standingsOf(hub, app, people);
  return { list: people.map((each) => shortRow(hub, app, each, standing(each))) };
});

/** Service users who are in no group. */
export const noGroupUserList = operation({}, async (call) => {
  const { hub, app } = call;
  const [team, groups] = await Promise.all([teamOf(hub, app), listGroups(hub, app)]);
  const grouped = new Set(groups.flatMap(({ members }) => members));
  const people = team.filter(({ number }) => !grouped.has(number)).sort(newestFirst);
  const standing = await standingsOf(hub, app, people);
  // As everybody may see them: this call is a visitor's too.
  return { list: people.map((each) => userRow(hub, app, each, standing(each), { whole: false })) };
});

/** The visitor's conversation with a group. Failure 26: they have none. */
export const orgGroupConversation = operation(
  { group_uuid: group(), user_uuid: user() },
  async (call, { group_uuid, user_uuid }) => {
    const { hub, app } = call;
    const visitor = await actingUser(call, user_uuid);
    const found = group_uuid === null ? null : await orNull(groupByNumber(hub, app, group_uuid));
    if (!found) throw new Failure('NO_ORG_GROUP');
    const held = (await heldBy(hub, visitor, 'support')).find((each) => each.group === found.number);
    if (!held) throw new Failure('NO_CONVERSATION');
    return { conversation_uuid: conversationUuid(hub, held.number) };
  },
);
