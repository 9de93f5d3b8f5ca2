// report_pm: a message is brought before those who answer for the forum. How it reaches them is the hub's.
import { reportMessage } from '../../hub/reports.ts';
import type { OutStruct } from '../../xmlrpc/value.ts';
import { messageOf } from './ids.ts';
import type { SignedCall } from './method.ts';
import { success } from './render.ts';

/** A message of either family of calls: both know it by one number. */
export async function reportPm(call: SignedCall, message: string, reason = ''): Promise<OutStruct> {
  await reportMessage(call.hub, call.caller, messageOf(message), reason.trim());
  return success();
}
