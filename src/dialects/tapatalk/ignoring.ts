// ignore_user: the caller's block list, whose ids login tells in ignored_uids. What a block does is the hub's.
import { notFound, Refused } from '../../domain/errors.ts';
import { parseUser } from '../../domain/ids.ts';
import { setBlocked } from '../../hub/blocks.ts';
import type { OutStruct } from '../../xmlrpc/value.ts';
import { refuse } from './errors.ts';
import type { SignedCall } from './method.ts';
import { success } from './render.ts';

/** Mode 1 ignores the person, 0 ends it, absent means 1: the numbers that plugins take (MBQ ignore_user). */
export async function ignoreUser(call: SignedCall, id: string, mode = 1): Promise<OutStruct> {
  if (mode !== 0 && mode !== 1) throw refuse('Unknown mode: 1 ignores somebody, 0 ends it.');
  const other = parseUser(id);
  if (other === null) throw new Refused(notFound('user'));
  await setBlocked(call.hub, call.caller, other, mode === 1);
  return success();
}
