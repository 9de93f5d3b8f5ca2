// Activities: read marks of people and of the business, and the business typing (contracts/sunshine.md 3).
import { markRead, setTyping } from '../../hub/members.ts';
import { bodyOf, type Call, conversationOf, done, userOf } from './call.ts';
import { activityBody } from './schemas.ts';

/** A read is about now: everything so far. */
export async function postActivity(call: Call): Promise<Response> {
  const { hub, app, caller } = call;
  const conversation = conversationOf(call);
  const { author, type } = await bodyOf(call, activityBody);
  const user = author.type === 'business' ? app.businessUser : (await userOf(call, author)).number;
  if (type === 'conversation:read') {
    await markRead(hub, caller, conversation, undefined, { user });
  } else {
    await setTyping(hub, caller, conversation, type === 'typing:start');
  }
  return done();
}
