// What was pushed to a device: acknowledged, and looked up where it was not (contracts/ppmessage.md 7). Pushing itself is the
// socket's.

import { userCaller } from '../../hub/apps.ts';
import type { Caller, User } from '../../hub/context.ts';
import { deviceByNumber } from '../../hub/devices.ts';
import { userByNumber } from '../../hub/people.ts';
import { arrived, unacknowledged } from '../../hub/pushes.ts';
import { actingUser, type Call, callers, isKey, operation, orNull } from './call.ts';
import { device, may, number, pushes, user } from './fields.ts';
import { sizeOf } from './lists.ts';
import { messageBody } from './message-body.ts';

const PAGE_SHOWN = 30;

/** Ids that are none, or another's, count for nothing. */
export const ackMessage = operation({ list: pushes() }, async (call, { list }) => {
  const { hub } = call;
  const named = list.flatMap((each) => hub.ids.parsePushUuid(each) ?? []);
  for (const caller of await listeners(call, named)) await arrived(hub, caller, named);
  return {};
});

/** Whoever the token acts for; with a key of the app those whose devices are named. */
async function listeners(
  call: Call,
  named: readonly { device: Parameters<typeof deviceByNumber>[2] }[],
): Promise<(Caller & { user: User })[]> {
  const { hub, app } = call;
  if (!isKey(call))
    return (await callers(call)).filter((each): each is Caller & { user: User } => each.user !== null);
  const devices = [...new Set(named.map((each) => each.device))].map((each) =>
    orNull(deviceByNumber(hub, app, each)),
  );
  const users = new Set((await Promise.all(devices)).flatMap((each) => each?.user ?? []));
  const found = await Promise.all([...users].map((each) => orNull(userByNumber(hub, app, each))));
  return found.flatMap((each) => (each ? [{ ...userCaller(app, each, 'ppmessage'), user: each }] : []));
}

/** Newest first. */
export const pageUnacked = operation(
  { user_uuid: user(), device_uuid: device(), page_offset: may(number()), page_size: may(number()) },
  async (call, { user_uuid, device_uuid, page_offset = 0, page_size }) => {
    const { hub, app } = call;
    const caller = await actingUser(call, user_uuid);
    const size = sizeOf(page_size, PAGE_SHOWN);
    const offset = Math.max(0, page_offset);
    const all =
      device_uuid === null ? [] : (await unacknowledged(hub, { caller, device: device_uuid })).reverse();
    const page = all.slice(offset * size, (offset + 1) * size).map(({ facts, entry }) => ({
      pid: hub.ids.pushUuid({
        device: device_uuid as NonNullable<typeof device_uuid>,
        conversation: facts.number,
        seq: entry.seq,
      }),
      body: JSON.stringify(messageBody(hub, app, facts, entry)),
    }));
    return {
      list: page.map(({ pid }) => pid),
      message: Object.fromEntries(page.map(({ pid, body }) => [pid, body])),
      total_count: all.length,
      return_count: page.length,
      page_size: size,
      page_offset: offset,
    };
  },
);
