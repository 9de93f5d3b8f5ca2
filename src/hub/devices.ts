// Devices of people: what clients say of themselves, listed and taken back. Doors decide what a device is to them; none of
// it is on the path of a post.
import { createHash } from 'node:crypto';
import {
  deleteDevice,
  devicesByUser,
  devicesOnPlatform,
  findDevice,
  findDevices,
  upsertDevice,
} from '../directory/devices.ts';
import { directoryFor } from '../directory/door.ts';
import { type Device, type DeviceCard, deviceOfAgent } from '../domain/devices.ts';
import { notFound, Refused } from '../domain/errors.ts';
import type { DeviceNumber, UserNumber } from '../domain/ids.ts';
import type { Door } from '../domain/model.ts';
import { within } from '../domain/within.ts';
import type { App, Hub, User } from './context.ts';
import { ask } from './directory.ts';
import { tellOfDevice } from './endpoint-calls.ts';
import { userByNumber } from './people.ts';

export type { Device, DeviceCard } from '../domain/devices.ts';

/** Where a client came in. */
interface At {
  hub: Hub;
  app: App;
  door: Door;
}

/** A device that comes back sooner is not written again: its `lastSeenAt` may be so much older. */
const SEEN_EVERY_MS = 3_600_000;
/** Devices whose last note an isolate remembers. */
const NOTED_KEPT = 10_000;
/** Who asks for members of a conversation does not wait for what they use. */
const PATIENCE_MS = 250;

/**
 * Makes the device of this person, or brings what is known of it up to date: the same person, platform and client id is
 * the same device. Not found: the person is gone.
 */
export async function registerDevice(
  { hub, app, door }: At,
  user: UserNumber,
  card: DeviceCard,
): Promise<Device> {
  const device = await ask(hub, app.number, (d1) => keep(d1, { hub, app, door }, user, card));
  if (!device) throw new Refused(notFound('user'));
  return device;
}

/**
 * A person has just come in, by a client of this user agent: written behind the answer, once an hour at most, and
 * forgotten where the directory is away.
 */
export function noteDevice({ hub, app, door }: At, user: Pick<User, 'number'>, agent: string | null): void {
  const described = deviceOfAgent(agent);
  if (!described) return;
  const card = { ...described, clientId: `agent:${printOf(described.clientId)}` };
  const { noted } = hub.isolate;
  const key = `${user.number} ${card.platform} ${card.clientId}`;
  const now = Date.now();
  if (now - (noted.get(key) ?? 0) < SEEN_EVERY_MS) return;
  if (noted.size >= NOTED_KEPT) noted.clear();
  noted.set(key, now);
  const d1 = directoryFor(hub.env, app.number);
  const written = keep(d1, { hub, app, door }, user.number, card, now - SEEN_EVERY_MS);
  hub.defer(written.catch(() => noted.delete(key)));
}

/** Writes it (directory/devices.ts), and tells the app's endpoints what became of it; looks for it first where there are any. */
async function keep(
  d1: D1Database,
  at: At,
  user: UserNumber,
  card: DeviceCard,
  unlessSince: number | null = null,
): Promise<Device | null> {
  const { number } = at.app;
  const heard = at.app.hooks.endpoints.length > 0;
  const before = heard ? await findDevices(d1, number, user) : [];
  const { device, gone } = await upsertDevice(d1, { app: number, user }, card, Date.now(), unlessSince);
  const known = before.find(
    ({ platform, clientId }) => platform === card.platform && clientId === card.clientId,
  );
  if (device && !known) tell(at, 'device added', device);
  else if (device && known && saidOf(known) !== saidOf(device)) tell(at, 'device updated', device);
  for (const each of gone) tell(at, 'device removed', each);
  return device;
}

/** All that a client says of itself: when it was seen is no change. */
const saidOf = ({ name, appVersion, info, pushToken }: Device): string =>
  JSON.stringify([name, appVersion, info, pushToken]);

/** Behind the answer; not of somebody who has gone meanwhile. */
function tell(
  { hub, app, door }: At,
  kind: 'device added' | 'device updated' | 'device removed',
  device: Device,
): void {
  if (app.hooks.endpoints.length === 0) return;
  const told = userByNumber(hub, app, device.user).then(
    (user) => tellOfDevice(hub, app, { kind, user, device, door }),
    () => {},
  );
  hub.defer(told);
}

const printOf = (text: string): string => createHash('sha256').update(text).digest('base64url').slice(0, 22);

/** A person's devices, the one seen last first. */
export const devicesOf = (hub: Hub, app: App, user: UserNumber): Promise<Device[]> =>
  ask(hub, app.number, (d1) => findDevices(d1, app.number, user));

/** One device of a person. Not found: they have none of this number. */
export async function deviceOf(hub: Hub, app: App, user: UserNumber, number: DeviceNumber): Promise<Device> {
  const device = (await devicesOf(hub, app, user)).find((each) => each.number === number);
  if (!device) throw new Refused(notFound('device'));
  return device;
}

/** A device by its number alone. Not found: none of this app. */
export async function deviceByNumber(hub: Hub, app: App, number: DeviceNumber): Promise<Device> {
  const device = await ask(hub, app.number, (d1) => findDevice(d1, app.number, number));
  if (!device) throw new Refused(notFound('device'));
  return device;
}

/** What these people use on one platform, each one's last seen first. */
export const devicesAmong = (
  hub: Hub,
  app: App,
  users: readonly UserNumber[],
  platform: string,
): Promise<Device[]> => ask(hub, app.number, (d1) => devicesOnPlatform(d1, app.number, users, platform));

/** Takes a device from a person. Not found as above. */
export async function removeDevice(
  { hub, app, door }: At,
  user: UserNumber,
  number: DeviceNumber,
): Promise<void> {
  const gone = await ask(hub, app.number, (d1) => deleteDevice(d1, app.number, user, number));
  if (!gone) throw new Refused(notFound('device'));
  hub.isolate.noted.clear();
  tell({ hub, app, door }, 'device removed', gone);
}

/** Devices by person, the one seen last first; nobody has any while the directory does not answer. */
export async function devicesOfPeople(
  hub: Hub,
  app: App,
  users: readonly UserNumber[],
): Promise<ReadonlyMap<UserNumber, readonly DeviceNumber[]>> {
  if (users.length === 0) return new Map();
  try {
    return await within(PATIENCE_MS, devicesByUser(directoryFor(hub.env, app.number), app.number, users));
  } catch {
    return new Map();
  }
}
