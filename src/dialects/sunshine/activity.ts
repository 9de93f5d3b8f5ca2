// Activities: read marks of people and of the business, and the business typing (contracts/sunshine.md 3).
import { Refused } from '../../domain/errors.ts';
import type { User } from '../../hub/context.ts';
import { markRead, setTyping } from '../../hub/members.ts';
import { userByNumber } from '../../hub/people.ts';
import { bodyOf, type Call, conversationOf, done, selfOf, userOf } from './call.ts';
import { activityBody, ownActivityBody } from './schemas.ts';

/** A read is about now: everything so far. */
export async function postActivity(call: Call): Promise<Response> {
  const { hub, app, caller } = call;
  const conversation = conversationOf(call);
  if (caller.user) return ownActivity(call, caller.user);
  const { author, type } = await bodyOf(call, activityBody);
  if (type !== 'conversation:read') {
    // Somebody must be seen typing: the app's own voice.
    const business = await userByNumber(hub, app, app.businessUser);
    await setTyping(hub, { ...caller, user: business }, conversation, type === 'typing:start');
  } else if (author.type === 'user') {
    await markRead(hub, caller, conversation, undefined, { user: (await userOf(call, author)).number });
  } else {
    await readByBusiness(call);
  }
  return done();
}

/** What a person does themselves: they read, and are seen typing. */
async function ownActivity(call: Call, self: User): Promise<Response> {
  const { hub, caller } = call;
  const { author, type } = await bodyOf(call, ownActivityBody);
  selfOf(call, self, author);
  if (type === 'conversation:read') await markRead(hub, caller, conversationOf(call));
  else await setTyping(hub, caller, conversationOf(call), type === 'typing:start');
  return done();
}

/** The app's voice has a mark only where it is a member; elsewhere its reading is accepted and leaves none. */
async function readByBusiness(call: Call): Promise<void> {
  try {
    await markRead(call.hub, call.caller, conversationOf(call), undefined, { user: call.app.businessUser });
  } catch (error) {
    const isNoMember =
      error instanceof Refused && error.refusal.code === 'not_found' && error.refusal.subject === 'member';
    if (!isNoMember) throw error;
  }
}
