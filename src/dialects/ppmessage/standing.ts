// What answers say of people beyond their records: which devices are theirs and online, who takes visitors, who is in
// which group. Asked for a whole list at once.
import type { UserNumber } from '../../domain/ids.ts';
import type { App, Hub, User } from '../../hub/context.ts';
import { attendanceOf } from '../../hub/desk.ts';
import { devicesAmong } from '../../hub/devices.ts';
import { listGroups } from '../../hub/groups.ts';
import { kindOf, VISITORS } from './device-kinds.ts';
import type { Standing } from './render-users.ts';
import { isService } from './user-columns.ts';

const NOTHING: Standing = {
  browser: null,
  mobile: null,
  ppcomBrowser: null,
  ppcomMobile: null,
  ready: false,
  group: null,
};

/** How it stands with each of these people, by number. */
export async function standingsOf(
  hub: Hub,
  app: App,
  people: readonly User[],
): Promise<(user: Pick<User, 'number'>) => Standing> {
  const numbers = [...new Set(people.map(({ number }) => number))];
  const service = people.filter(isService).map(({ number }) => number);
  const [attendance, devices, groups] = await Promise.all([
    service.length > 0 ? attendanceOf(hub, app, service) : [],
    numbers.length > 0 ? devicesAmong(hub, app, numbers, VISITORS) : [],
    service.length > 0 ? listGroups(hub, app) : [],
  ]);
  const found = new Map<UserNumber, Standing>(numbers.map((number) => [number, { ...NOTHING }]));
  for (const { user, browser, mobile, ready } of attendance)
    Object.assign(found.get(user) as Standing, { browser, mobile, ready });
  // The one seen last stands first: it is the current one of its kind.
  for (const device of devices.toReversed()) {
    const standing = found.get(device.user) as Standing;
    if (kindOf(device) === 'mobile') standing.ppcomMobile = device.number;
    else standing.ppcomBrowser = device.number;
  }
  for (const { number, name, members } of groups) {
    const group = { uuid: hub.ids.uuid('group', number), group_name: name };
    for (const member of members) {
      const standing = found.get(member);
      if (standing) standing.group = group;
    }
  }
  return ({ number }) => found.get(number) ?? NOTHING;
}
