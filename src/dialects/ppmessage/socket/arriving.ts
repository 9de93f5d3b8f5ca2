// Who a connection says it is (contracts/ppmessage.md 9, `auth`): checked here, once, and kept with the connection.
import { Refused } from '../../../domain/errors.ts';
import type { DeviceNumber } from '../../../domain/ids.ts';
import type { JsonObject } from '../../../domain/model.ts';
import type { Caller, Hub, User } from '../../../hub/context.ts';
import type { DeviceKind } from '../../../hub/desk.ts';
import { deviceOf } from '../../../hub/devices.ts';
import type { Claims } from '../../../hub/sessions.ts';
import { type Access, accessOf, holderFor } from '../auth.ts';
import { kindOf } from '../device-kinds.ts';
import { Failure } from '../errors.ts';
import { appUuid, parseDevice, parseUser } from '../ids.ts';
import type { CodeName } from './codes.ts';

/** Characters of what a client says of where it is. */
const EXTRA_CHARS = 4_000;

/** Somebody who may be connected so. */
export interface Newcomer {
  access: Access;
  caller: Caller & { user: User };
  claims: Claims;
  device: DeviceNumber;
  kind: DeviceKind;
  /** As one of the team. */
  service: boolean;
  /** What the client says of where it is, as JSON. */
  extra: string | null;
}

/** Whoever the frame names, or the code that says why not. */
export async function newcomerOf(hub: Hub, body: JsonObject): Promise<Newcomer | { fault: CodeName }> {
  const { api_token: token, app_uuid, user_uuid, device_uuid, is_service_user: service } = body;
  const extra = body.extra_data ?? null;
  if (typeof token !== 'string' || token === '') return { fault: 'NOTOKEN' };
  const access = await unlessFailed(accessOf(hub, token));
  if (!access) return { fault: 'NOTOKEN' };
  // A key alone speaks for nobody in particular.
  if (access.level !== 'PPCOM' && !access.person) return { fault: 'WRLEVEL' };
  if (typeof app_uuid !== 'string' || typeof user_uuid !== 'string' || typeof device_uuid !== 'string')
    return { fault: 'NOUUIDS' };
  if (typeof service !== 'boolean') return { fault: 'NOSERVICE' };
  if (!service && extra === null) return { fault: 'NOEXTRA' };
  if (app_uuid !== appUuid(hub, access.app.number)) return { fault: 'NOTOKEN' };
  const held = await unlessFailed(holderFor(hub, access, parseUser(hub, user_uuid)));
  if (!held?.caller.user) return { fault: 'NOTOKEN' };
  const caller = { ...held.caller, user: held.caller.user };
  if (service && caller.powers !== 'team') return { fault: 'WRLEVEL' };
  const number = parseDevice(hub, device_uuid);
  const device = number && (await unlessFailed(deviceOf(hub, access.app, caller.user.number, number)));
  if (!device) return { fault: 'NOUUIDS' };
  const said = extra === null ? null : JSON.stringify(extra);
  return {
    access,
    caller,
    claims: held.claims,
    device: device.number,
    kind: kindOf(device),
    service,
    extra: said !== null && said.length > EXTRA_CHARS ? null : said,
  };
}

async function unlessFailed<T>(work: Promise<T>): Promise<T | null> {
  try {
    return await work;
  } catch (error) {
    if (error instanceof Failure) return null;
    if (error instanceof Refused && ['unauthorized', 'not_found', 'forbidden'].includes(error.refusal.code))
      return null;
    throw error;
  }
}
