// Devices: made, changed, looked at (contracts/ppmessage.md 6). Which are online, and who of the team is ready, is the Desk's.
import type { Device } from '../../domain/devices.ts';
import type { DeviceNumber, UserNumber } from '../../domain/ids.ts';
import type { JsonObject } from '../../domain/model.ts';
import type { Caller } from '../../hub/context.ts';
import { attendanceOf, deviceAway, deviceStanding, visitorHere } from '../../hub/desk.ts';
import { deviceByNumber, devicesOf, registerDevice } from '../../hub/devices.ts';
import { userByNumber } from '../../hub/people.ts';
import { grantVisitor } from '../../hub/visitors.ts';
import { comeIn } from './agents.ts';
import { actor, type Call, operation, orNull } from './call.ts';
import { AGENTS, clientIdOfDevice, clientIdOfTrace, kindOf, SYSTEMS, VISITORS } from './device-kinds.ts';
import { ERRORS, Failure } from './errors.ts';
import { choice, device, flag, may, text, user } from './fields.ts';
import { deviceUuid } from './ids.ts';

const ID_LENGTH = 255;
/**
 * What the web client makes up once and keeps in a cookie. Of visitors whom their page names by e-mail it sends nothing else,
 * so it proves them as a trace does; any other id of a device may be known to others.
 */
const MADE_UP = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/i;

/**
 * The visitor's browser, known by its trace, else by its own id. One that is there already is said to be, with its id. A trace
 * that a device of theirs has proves the visitor.
 */
export const createDevice = operation(
  {
    user_uuid: user(),
    device_ostype: choice(SYSTEMS),
    device_id: may(text(ID_LENGTH)),
    ppcom_trace_uuid: may(text(ID_LENGTH)),
  },
  async (call, { user_uuid, device_ostype, device_id, ppcom_trace_uuid: trace }) => {
    const { hub, app } = call;
    if (!trace && !device_id) throw new Failure('NO_PARA');
    const clientId = trace ? clientIdOfTrace(trace) : clientIdOfDevice(device_id as string);
    const known = await knownTo(call, user_uuid, clientId);
    const proves = Boolean(trace) || MADE_UP.test(device_id as string);
    const visitor = known && proves ? await proved(call, known) : await actor(call, user_uuid);
    const { number } = visitor.user as NonNullable<Caller['user']>;
    const info = { ...known?.info, device_ostype };
    const card = { platform: VISITORS, clientId, info };
    const made = await registerDevice({ hub, app, door: 'ppmessage' }, number, card);
    const answer: JsonObject = { device_uuid: deviceUuid(hub, made.number) };
    return known ? { ...answer, error_code: ERRORS.EX_DEVICE[0] } : answer;
  },
);

/** The person's device of this name, if they have it. */
async function knownTo(
  { hub, app }: Call,
  user: UserNumber | null,
  clientId: string,
): Promise<Device | null> {
  if (user === null) return null;
  const devices = await devicesOf(hub, app, user);
  return devices.find((each) => each.platform === VISITORS && each.clientId === clientId) ?? null;
}

/** The device's trace is the proof. */
async function proved(call: Call, { user }: Device): Promise<Caller> {
  const { hub, app, access } = call;
  if (access.token) await grantVisitor(hub, access.token, await userByNumber(hub, app, user));
  return actor(call, user);
}

/** What a client says of its device, by where it is kept. */
const INFO = {
  device_phonenumber: may(text()),
  device_ostype: may(choice(SYSTEMS)),
  device_osversion: may(text()),
  device_android_apilevel: may(text()),
  device_android_gcmpush: may(flag()),
  device_ios_model: may(text()),
};

export const updateDevice = operation(
  {
    device_uuid: device(),
    device_fullname: may(text()),
    device_android_gcmtoken: may(text(4_096)),
    device_ios_token: may(text(4_096)),
    device_is_online: may(flag()),
    ...INFO,
  },
  async (call, { device_uuid, device_fullname, device_android_gcmtoken, device_ios_token, ...rest }) => {
    const { hub, app } = call;
    const { device_is_online: isOnline, ...info } = rest;
    const known = device_uuid === null ? null : await theirs(call, device_uuid);
    if (!known) throw new Failure('GENERIC_UPDATE');
    const said = Object.fromEntries(
      Object.entries(info).filter(([, value]) => value !== undefined),
    ) as JsonObject;
    const pushToken = device_android_gcmtoken ?? device_ios_token;
    const changes = [device_fullname, pushToken, isOnline, ...Object.values(said)];
    if (changes.every((value) => value === undefined)) throw new Failure('GENERIC_UPDATE');
    const { platform, clientId } = known;
    const changed = await registerDevice({ hub, app, door: 'ppmessage' }, known.user, {
      platform,
      clientId,
      info: { ...known.info, ...said },
      ...(device_fullname !== undefined && { name: device_fullname }),
      ...(pushToken !== undefined && { pushToken }),
    });
    if (isOnline === true) await hereWith(call, changed);
    if (isOnline === false) await deviceAway(hub, app, known.user, known.number);
    return {};
  },
);

/** Its client says that the device is online: an agent takes visitors from now on. */
async function hereWith(call: Call, found: Device): Promise<void> {
  const { hub, app } = call;
  if (found.platform === AGENTS) return comeIn(call, await userByNumber(hub, app, found.user), found);
  return visitorHere(hub, app, { user: found.user, device: found.number, kind: kindOf(found) });
}

/** A device of somebody whom the token acts for. Null: of nobody such, or of another door. */
export async function theirs(call: Call, number: DeviceNumber): Promise<Device | null> {
  const found = await orNull(deviceByNumber(call.hub, call.app, number));
  if (!found || ![VISITORS, AGENTS].includes(found.platform)) return null;
  return (await orNull(actor(call, found.user))) ? found : null;
}

/** Whether an agent's device is online, and the one of its kind. */
export const validateOnlineDevice = operation(
  { user_uuid: user(), device_uuid: device() },
  async (call, { user_uuid, device_uuid }) => {
    const { hub, app } = call;
    const person = user_uuid === null ? null : await orNull(userByNumber(hub, app, user_uuid));
    if (!person) throw new Failure('NO_USER');
    const found = device_uuid === null ? null : await orNull(deviceByNumber(hub, app, device_uuid));
    if (!found || found.user !== person.number) throw new Failure('NO_DEVICE');
    const [attendance] = await attendanceOf(hub, app, [person.number]);
    const current = [attendance?.browser, attendance?.mobile].find((each) => each?.device === found.number);
    return { valid: current?.online === true || (await isOnlineVisitor(call, found)) };
  },
);

/** Visitors' devices do not take each other's place. */
async function isOnlineVisitor({ hub, app }: Call, { number, platform }: Device): Promise<boolean> {
  return platform === VISITORS && (await deviceStanding(hub, app, number))?.online === true;
}
