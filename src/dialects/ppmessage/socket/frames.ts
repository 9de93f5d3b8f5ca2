// Frames of the socket: what the server says, and how what clients say is read (contracts/ppmessage.md 9).
import type { DeskFrame } from '../../../domain/desk.ts';
import type { ConversationNumber, DeviceNumber, UserNumber } from '../../../domain/ids.ts';
import { type Json, type JsonObject, TEAM_ROLES } from '../../../domain/model.ts';
import type { App, Hub } from '../../../hub/context.ts';
import { emailsOf } from '../../../hub/holders.ts';
import type { Listener, Push } from '../../../hub/pushes.ts';
import { conversationUuid, deviceUuid, secondsOf, stampOfMs, userUuid } from '../ids.ts';
import { fromUser, messageBody } from '../message-body.ts';
import { CODES, type CodeName } from './codes.ts';

/** Characters of one frame: what fits a call over HTTP fits here. */
export const FRAME_CHARS = 100 * 1024;

export type What = 'AUTH' | 'SEND' | 'TYPING' | 'TYPING_WATCH' | 'TYPING_UNWATCH' | 'CONVERSATION' | 'WS';

/** What a client said: a frame of some type, or why it is none. */
export function readFrame(text: string): { type: string; body: JsonObject } | { fault: CodeName } {
  if (text.length > FRAME_CHARS) return { fault: 'MESSAGE' };
  let value: Json;
  try {
    value = JSON.parse(text) as Json;
  } catch {
    return { fault: 'JSON' };
  }
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return { fault: 'TYPE' };
  const { type } = value;
  // Web clients write it in lower case.
  return typeof type === 'string' ? { type: type.toUpperCase(), body: value } : { fault: 'TYPE' };
}

export function ackFrame(what: What, name: CodeName, extra: JsonObject | null = null): string {
  const [code, reason] = CODES[name];
  return JSON.stringify({ type: 'ACK', what, code, reason, extra });
}

/** Messages for one device, each under the id by which it is acknowledged. */
export async function pushFrames(
  hub: Hub,
  { caller, device }: Listener,
  pushes: readonly Push[],
): Promise<string[]> {
  const { app } = caller;
  // The same addresses as in lists: the team's to everybody, everybody's to the team.
  const shown = pushes.filter(({ card }) => card && (caller.powers === 'team' || TEAM_ROLES.has(card.role)));
  const emails = await emailsOf(
    hub,
    app,
    shown.flatMap(({ entry }) => entry.author ?? []),
  );
  return pushes.map((push) => {
    const email = push.entry.author === null ? null : (emails.get(push.entry.author) ?? null);
    return JSON.stringify({ type: 'MSG', msg: pushBody(hub, app, device, push, email) });
  });
}

/** The body of a push (contracts/ppmessage.md 7). */
function pushBody(
  hub: Hub,
  app: App,
  device: DeviceNumber,
  { facts, entry, card }: Push,
  email: string | null,
): JsonObject {
  return {
    ...messageBody(hub, app, facts, entry),
    pid: hub.ids.pushUuid({ device, conversation: facts.number, seq: entry.seq }),
    from_user: {
      ...fromUser(hub, app, entry, card, { email }),
      updatetime: secondsOf(Math.floor(entry.at / 1000)),
    },
  };
}

/** The device has no connection any more: another one took its place. */
export const logoutFrame = (hub: Hub, device: DeviceNumber): string =>
  JSON.stringify({ type: 'MSG', msg: { mt: 'SYS', ms: 'LOGOUT', bo: deviceUuid(hub, device) } });

export const typingFrame = (hub: Hub, user: UserNumber, c: ConversationNumber): string =>
  JSON.stringify({
    type: 'TYPING',
    user_uuid: userUuid(hub, user),
    conversation_uuid: conversationUuid(hub, c),
  });

/** Somebody's device came or went; what the other kind of theirs does is not said. */
export function onlineFrame(hub: Hub, turn: Extract<DeskFrame, { t: 'turn' }>): string {
  const status = turn.online ? 'ONLINE' : 'OFFLINE';
  return JSON.stringify({
    type: 'ONLINE',
    user_uuid: userUuid(hub, turn.user),
    mobile: turn.kind === 'mobile' ? status : 'UNCHANGED',
    browser: turn.kind === 'browser' ? status : 'UNCHANGED',
    device_uuid: deviceUuid(hub, turn.device),
    extra_data: turn.extra === null ? null : (JSON.parse(turn.extra) as Json),
    createtime: stampOfMs(turn.at).slice(0, 19),
  });
}
