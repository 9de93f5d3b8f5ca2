// Service groups: parts of an app's team for which visitors can ask. Who gets a visitor is the Desk's to say (desk.ts).
import {
  addToGroup,
  deleteGroup,
  findGroup,
  type GroupCard,
  type GroupRow,
  groupsOf,
  insertGroup,
  takeFromGroup,
  updateGroup,
} from '../directory/service-groups.ts';
import type { ServiceGroup } from '../domain/desk.ts';
import { invalid, notFound, Refused } from '../domain/errors.ts';
import type { UserNumber } from '../domain/ids.ts';
import { TEAM_ROLES } from '../domain/model.ts';
import type { App, Hub, User } from './context.ts';
import { groupChanged } from './desk.ts';
import { ask } from './directory.ts';
import { usersByNumbers } from './people.ts';
import { teamOf } from './team.ts';

export type { GroupCard, GroupRow } from '../directory/service-groups.ts';

/** Groups that an app may have. */
const MOST_GROUPS = 200;

const missing = () => new Refused(notFound('group'));

/** All groups of the app, the oldest first. */
export const listGroups = (hub: Hub, app: App): Promise<GroupRow[]> =>
  ask(hub, app.number, (d1) => groupsOf(d1, app.number));

/** Not found: none of this app, or gone. */
export async function groupByNumber(hub: Hub, app: App, number: number): Promise<GroupRow> {
  const group = await ask(hub, app.number, (d1) => findGroup(d1, app.number, number));
  if (!group) throw missing();
  return group;
}

/** A new group, with nobody in it. Invalid: there are as many as there may be. */
export async function createGroup(hub: Hub, app: App, card: GroupCard): Promise<GroupRow> {
  const number = await ask(hub, app.number, (d1) =>
    insertGroup(d1, app.number, card, Date.now(), MOST_GROUPS),
  );
  if (number === null) throw new Refused(invalid(`At most ${MOST_GROUPS} groups are allowed.`));
  return groupByNumber(hub, app, number);
}

/** What is left out stays. Not found as above. */
export async function changeGroup(
  hub: Hub,
  app: App,
  number: number,
  change: Partial<GroupCard>,
): Promise<GroupRow> {
  if (!(await ask(hub, app.number, (d1) => updateGroup(d1, app.number, number, change, Date.now()))))
    throw missing();
  return groupByNumber(hub, app, number);
}

/** Its people stay in the team. Not found as above. */
export async function removeGroup(hub: Hub, app: App, number: number): Promise<void> {
  if (!(await ask(hub, app.number, (d1) => deleteGroup(d1, app.number, number, Date.now())))) throw missing();
  await groupChanged(hub, app, { number, members: [] });
}

/** Not found: the group, or somebody; invalid: somebody is not of the team. All or nobody. */
export async function addPeople(
  hub: Hub,
  app: App,
  number: number,
  users: readonly UserNumber[],
): Promise<void> {
  await groupByNumber(hub, app, number);
  const found = await usersByNumbers(hub, app, users);
  for (const user of users) {
    const role = found.get(user)?.role;
    if (role === undefined) throw new Refused(notFound('user'));
    if (!TEAM_ROLES.has(role)) throw new Refused(invalid('Only somebody of the team can be in a group.'));
  }
  const before = await listGroups(hub, app);
  await ask(hub, app.number, (d1) => addToGroup(d1, number, users));
  await tellDesk(hub, app, number, ...left(before, number, users));
}

/** The groups that these people were in before they came to this one. */
const left = (groups: readonly GroupRow[], to: number, users: readonly UserNumber[]): number[] =>
  groups
    .filter(({ number, members }) => number !== to && members.some((user) => users.includes(user)))
    .map(({ number }) => number);

/** Who is not in it stays out. Not found: the group. */
export async function takePeople(
  hub: Hub,
  app: App,
  number: number,
  users: readonly UserNumber[],
): Promise<void> {
  await groupByNumber(hub, app, number);
  await ask(hub, app.number, (d1) => takeFromGroup(d1, number, users));
  await tellDesk(hub, app, number);
}

async function tellDesk(hub: Hub, app: App, ...numbers: readonly number[]): Promise<void> {
  for (const number of numbers) await groupChanged(hub, app, await groupByNumber(hub, app, number));
}

/** The number by which the Desk knows those who take visitors that ask for no group, where no group is for that. */
export const NO_GROUP = -1;

/**
 * Who takes visitors that ask for this group; null: for none, and so the group that is for them, else everybody of the
 * team whom `takes` names. Null: the group that was asked for is not there.
 */
export async function groupForVisitors(
  hub: Hub,
  app: App,
  number: number | null,
  takes: (user: User) => boolean,
): Promise<ServiceGroup | null> {
  const groups = await listGroups(hub, app);
  const found = groups.find((group) => (number === null ? group.distributor : group.number === number));
  if (found || number !== null) return found ?? null;
  const members = (await teamOf(hub, app)).filter(takes).map((user) => user.number);
  return { number: NO_GROUP, members };
}

/** Other people of the team take visitors who ask for no group from now on, where no group is for them. */
export async function distributorsChanged(hub: Hub, app: App, takes: (user: User) => boolean): Promise<void> {
  const members = (await teamOf(hub, app)).filter(takes).map((user) => user.number);
  await groupChanged(hub, app, { number: NO_GROUP, members });
}
