// Agents come and go: PPKEFU_LOGIN and PPKEFU_LOGOUT (contracts/ppmessage.md 6). The password was the token's; who takes
// which visitor is the Desk's.
import type { Device } from '../../domain/devices.ts';
import type { User } from '../../hub/context.ts';
import { agentReady, deviceAway } from '../../hub/desk.ts';
import { deviceByNumber, registerDevice } from '../../hub/devices.ts';
import { listGroups, NO_GROUP } from '../../hub/groups.ts';
import { userByAddress } from '../../hub/people.ts';
import { appRow } from './app-row.ts';
import { actingUser, type Call, operation, orNull } from './call.ts';
import { AGENTS, clientIdOfDevice, kindOf } from './device-kinds.ts';
import { Failure } from './errors.ts';
import { device, flag, may, text, user } from './fields.ts';
import { deviceUuid } from './ids.ts';
import { flagsOf, userRow, withSeconds } from './render-users.ts';
import { standingsOf } from './standing.ts';
import { isDistributor, isService } from './user-columns.ts';

/** An agent's device is online and its agent takes visitors: of their group, and of those who ask for none. */
export async function comeIn(
  { hub, app }: Pick<Call, 'hub' | 'app'>,
  agent: User,
  device: Device,
): Promise<void> {
  const groups = (await listGroups(hub, app))
    .filter(({ members }) => members.includes(agent.number))
    .map(({ number }) => number);
  const arrival = { user: agent.number, device: device.number, kind: kindOf(device) };
  await agentReady(hub, app, arrival, isDistributor(agent) ? [...groups, NO_GROUP] : groups);
}

/** Failures: 7 nobody of this address; 13 nobody who answers for the app; 4 not who the token is of. */
export const login = operation(
  {
    user_email: text(),
    terminal: text(),
    ostype: text(),
    token: may(text(4_096)),
    osmodel: may(text()),
    osversion: may(text()),
    device_fullname: may(text()),
    ios_app_development: may(flag()),
  },
  async (call, given) => {
    const { hub, app, access } = call;
    const named = await userByAddress(hub, app, given.user_email);
    if (!named) throw new Failure('NO_USER');
    const agent = access.person?.caller.user;
    // A key of the app is no agent: the token must be of a password.
    if (!agent || agent.number !== named.number) throw new Failure('WRONG_ACCESS_TOKEN');
    if (!isService(named)) throw new Failure('NO_APP');
    const known = await registerDevice({ hub, app, door: 'ppmessage' }, named.number, {
      platform: AGENTS,
      clientId: clientIdOfDevice(given.terminal),
      info: {
        device_ostype: given.ostype.slice(0, 3).toUpperCase(),
        ...(given.osmodel !== undefined && { device_ios_model: given.osmodel }),
        ...(given.osversion !== undefined && { device_osversion: given.osversion }),
        ...(given.ios_app_development !== undefined && { ios_app_development: given.ios_app_development }),
      },
      ...(given.device_fullname !== undefined && { name: given.device_fullname }),
      ...(given.token !== undefined && { pushToken: given.token }),
    });
    await comeIn(call, named, known);
    const standing = (await standingsOf(hub, app, [named]))(named);
    return {
      ...withSeconds(userRow(hub, app, named, standing), named),
      ...flagsOf(named),
      createtime: userRow(hub, app, named, standing).createtime as string,
      mqtt_topic: `${deviceUuid(hub, known.number)}/#`,
      app: await appRow(call),
    };
  },
);

/** The device goes. One that never was there, or is another's, is gone already. */
export const logout = operation(
  { user_uuid: user(), device_uuid: device() },
  async (call, { user_uuid, device_uuid }) => {
    const { hub, app } = call;
    const { user: agent } = await actingUser(call, user_uuid);
    const found = device_uuid === null ? null : await orNull(deviceByNumber(hub, app, device_uuid));
    if (found?.user === agent.number) await deviceAway(hub, app, agent.number, found.number);
    return {};
  },
);
