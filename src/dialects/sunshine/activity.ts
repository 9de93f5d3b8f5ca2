// Activities: read marks of people and of the business, and who is typing (contracts/sunshine.md 3).
import { notFound, Refused } from '../../domain/errors.ts';
import type { ConversationNumber, Seq } from '../../domain/ids.ts';
import type { User } from '../../hub/context.ts';
import { markRead, setTyping } from '../../hub/members.ts';
import { pickMessages } from '../../hub/messages.ts';
import { userByNumber } from '../../hub/people.ts';
import { bodyOf, type Call, conversationOf, done, selfOf, userOf } from './call.ts';
import { missingMessage, seqOfId } from './message-ids.ts';
import { activityBody, type Horizon, ownActivityBody } from './schemas.ts';

export async function postActivity(call: Call): Promise<Response> {
  const { hub, app, caller } = call;
  const conversation = conversationOf(call);
  if (caller.user) return ownActivity(call, caller.user);
  const { author, type, ...horizon } = await bodyOf(call, activityBody);
  const business = (): Promise<User> => userByNumber(hub, app, app.businessUser);
  if (type !== 'conversation:read') {
    // Somebody must be seen typing: the app's own voice.
    await setTyping(hub, { ...caller, user: await business() }, conversation, type === 'typing:start');
    return done();
  }
  const upTo = await placeOf(call, conversation, horizon);
  const whose =
    author.type === 'user' ? { user: (await userOf(call, author)).number } : { voice: await business() };
  await markRead(hub, caller, conversation, upTo, whose);
  return done();
}

/** What a person does themselves: they read, and are seen typing. */
async function ownActivity(call: Call, self: User): Promise<Response> {
  const { hub, caller } = call;
  const conversation = conversationOf(call);
  const { author, type, ...horizon } = await bodyOf(call, ownActivityBody);
  selfOf(call, self, author);
  if (type === 'conversation:read') {
    await markRead(hub, caller, conversation, await placeOf(call, conversation, horizon));
  } else {
    await setTyping(hub, caller, conversation, type === 'typing:start');
  }
  return done();
}

/** How far was read. The vendor's read is about now: everything so far. */
async function placeOf(
  call: Call,
  conversation: ConversationNumber,
  { messageId, seq }: Horizon,
): Promise<Seq | undefined> {
  if (typeof messageId !== 'string') return seq ?? undefined;
  const at = await seqOfId(call, conversation, messageId);
  if (at === null) return missingMessage(call, conversation);
  const { messages } = await pickMessages(call.hub, call.caller, conversation, [{ seq: at }]);
  if (messages.length === 0) throw new Refused(notFound('message'));
  return at;
}
