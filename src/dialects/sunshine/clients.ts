// Clients and devices of a person (contracts/sunshine.md 3). Here a client is a device with which the person uses the hub:
// both have the same id. Clients of other networks would need an integration with them, and there is none.
import * as v from 'valibot';
import { notFound, Refused } from '../../domain/errors.ts';
import { conversationNumber, type DeviceNumber, deviceNumber, type Ids } from '../../domain/ids.ts';
import type { JsonObject } from '../../domain/model.ts';
import { json } from '../../http/respond.ts';
import { viewConversation } from '../../hub/conversations.ts';
import { type Device, deviceOf, devicesOf } from '../../hub/devices.ts';
import { bodyOf, type Call, userOfPath } from './call.ts';
import { refuse } from './errors.ts';
import { may, plainObject, text } from './fields.ts';
import { pageEnvelope, pageRequest, placeOf } from './query.ts';

const criteria = { integrationId: v.string(), primary: may(v.boolean()) };
const byPhone = <const Type extends string>(type: Type) =>
  v.object({ type: v.literal(type), phoneNumber: text(1, 64), ...criteria });

export const clientCreateBody = v.pipe(
  plainObject,
  v.object({
    matchCriteria: v.variant('type', [
      v.object({
        type: v.literal('mailgun'),
        address: text(1, 254),
        subject: may(text(0, 998)),
        ...criteria,
      }),
      byPhone('messagebird'),
      byPhone('twilio'),
      byPhone('whatsapp'),
    ]),
    confirmation: v.object({
      type: v.picklist(['immediate', 'userActivity', 'prompt']),
      message: may(plainObject),
    }),
    target: v.object({ conversationId: v.string() }),
  }),
);

/** Always refused, with what is wrong about it: a client of another network needs an integration with that network. */
export async function createClient(call: Call): Promise<Response> {
  const { matchCriteria, target } = await bodyOf(call, clientCreateBody);
  await userOfPath(call);
  const n = call.hub.ids.parseHex('conversation', target.conversationId);
  if (n === null) throw new Refused(notFound('conversation'));
  await viewConversation(call.hub, call.caller, conversationNumber(n));
  throw refuse(`There is no integration of type '${matchCriteria.type}' that a client could be created for`);
}

/** By number, the newest first: a cursor keeps its place when its device is gone. */
export async function listClients(call: Call): Promise<Response> {
  const { hub, app, url } = call;
  const { after, before, size } = pageRequest(url.searchParams, (cursor) =>
    hub.ids.parseHex('device', cursor),
  );
  const user = await userOfPath(call);
  const all = (await devicesOf(hub, app, user.number)).sort((a, b) => b.number - a.number);
  const beyond = all.filter(
    ({ number }) => (after === undefined || number < after) && (before === undefined || number > before),
  );
  const page = before === undefined ? beyond.slice(0, size) : beyond.slice(-size);
  const id = (at: number): string => hub.ids.hex('device', page.at(at)?.number ?? 0);
  const ends = page.length > 0 ? { first: id(0), last: id(-1) } : null;
  return json({
    clients: page.map((device) => renderClient(hub.ids, device, user.name)),
    ...pageEnvelope(hub, url, placeOf({ after, before, size }, beyond.length > page.length, ends)),
  });
}

/** A person's own devices are no links that could be cut (contracts/sunshine.md 3, error catalogue). */
export async function removeClient(call: Call): Promise<Response> {
  const user = await userOfPath(call);
  const number = deviceIn(call, 'clientId');
  if (number === null) throw new Refused(notFound('client'));
  try {
    await deviceOf(call.hub, call.app, user.number, number);
  } catch (error) {
    const missing = error instanceof Refused && error.refusal.code === 'not_found';
    throw missing ? new Refused(notFound('client')) : error;
  }
  throw refuse("Cannot remove a client of type 'sdk'");
}

/** The one seen last first, all in one answer. */
export async function listDevices(call: Call): Promise<Response> {
  const user = await userOfPath(call);
  const devices = await devicesOf(call.hub, call.app, user.number);
  return json({ devices: devices.map((device) => renderDevice(call.hub.ids, device)) });
}

export async function getDevice(call: Call): Promise<Response> {
  const user = await userOfPath(call);
  const number = deviceIn(call, 'deviceId');
  if (number === null) throw new Refused(notFound('device'));
  const device = await deviceOf(call.hub, call.app, user.number, number);
  return json({ device: renderDevice(call.hub.ids, device) });
}

function deviceIn({ hub, params }: Call, name: string): DeviceNumber | null {
  const n = hub.ids.parseHex('device', params[name] ?? '');
  return n === null ? null : deviceNumber(n);
}

const moment = (ms: number): string => new Date(ms).toISOString();

export const renderClient = (ids: Ids, device: Device, name: string): JsonObject => ({
  id: ids.hex('device', device.number),
  type: 'sdk',
  status: 'active',
  lastSeen: moment(device.lastSeenAt),
  linkedAt: moment(device.createdAt),
  ...(name && { displayName: name }),
  info: infoOf(device),
});

/** The vendor's types are three; every other platform is a page in some browser, or a program. */
const TYPES: ReadonlySet<string> = new Set(['ios', 'android']);

/** `status` is about push: active where somebody has left a token for it. */
export const renderDevice = (ids: Ids, device: Device): JsonObject => ({
  id: ids.hex('device', device.number),
  type: TYPES.has(device.platform) ? device.platform : 'web',
  guid: device.clientId,
  clientId: ids.hex('device', device.number),
  status: device.pushToken === null ? 'inactive' : 'active',
  lastSeen: moment(device.lastSeenAt),
  ...(device.pushToken !== null && { pushNotificationToken: device.pushToken }),
  info: infoOf(device),
  ...(device.appVersion !== null && { appVersion: device.appVersion }),
});

const infoOf = ({ info, name }: Device): JsonObject => ({
  ...info,
  ...(name !== null && { deviceName: name }),
});
