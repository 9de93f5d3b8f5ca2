// Visitors who wait for somebody: how it stands with them, and giving up (contracts/ppmessage.md 8). Asking is opening.ts.
import { cancelWaiting as cancelAtDesk, standingOf } from '../../hub/desk.ts';
import { actingUser, operation } from './call.ts';
import { device, group, may, user } from './fields.ts';
import { conversationUuid, userUuid } from './ids.ts';

/** How it stands with a visitor who asked for somebody. */
export const queueLength = operation({ user_uuid: user() }, async (call, { user_uuid }) => {
  const { hub, app } = call;
  const { user: visitor } = await actingUser(call, user_uuid);
  const standing = await standingOf(hub, app, visitor.number);
  const isWaiting = standing?.state === 'waiting';
  return {
    length: isWaiting ? standing.length : 0,
    position: isWaiting ? standing.position : 0,
    result: isWaiting ? 'WAITING' : standing ? 'SUCCESS' : 'ERROR',
    conversation_uuid: standing?.state === 'assigned' ? conversationUuid(hub, standing.conversation) : null,
    user_uuid: userUuid(hub, visitor.number),
  };
});

/** Who does not wait is not waiting. Clients of August 2016 name no device. */
export const cancelWaiting = operation(
  { user_uuid: user(), device_uuid: may(device()), group_uuid: may(group()) },
  async (call, { user_uuid }) => {
    const { user: visitor } = await actingUser(call, user_uuid);
    await cancelAtDesk(call.hub, call.app, visitor.number);
    return {};
  },
);
