// download: the data that a message of a channel only refers to (contracts/sunshine.md 2). How it is fetched is the hub's.
import * as v from 'valibot';
import { json } from '../../http/respond.ts';
import { interactiveData } from '../../hub/apple.ts';
import { viewConversation } from '../../hub/conversations.ts';
import { userByNumber } from '../../hub/people.ts';
import { bodyOf, type Call, conversationOf, userNumberOf } from './call.ts';
import { may, plainObject, webAddress } from './fields.ts';

/** Goes into a header as it is. */
const headerText = v.pipe(
  v.string(),
  v.check((value) => /^[\x21-\x7e]{1,2048}$/.test(value), 'should match pattern "^[\\x21-\\x7e]{1,2048}$"'),
);

const reference = v.object({
  url: v.pipe(webAddress, headerText),
  bid: headerText,
  key: v.pipe(v.string(), v.regex(/^(?:00)?[0-9a-f]{64}$/i, 'should match pattern "^(00)?[0-9a-f]{64}$"')),
  signature: headerText,
  owner: headerText,
});

/** `interactiveDateRef` is how the vendor's older documents spell it, and code that was written from them. */
export const downloadMessageRefBody = v.pipe(
  plainObject,
  v.object({
    userId: v.string(),
    apple: v.pipe(
      v.object({ interactiveDataRef: may(reference), interactiveDateRef: may(reference) }),
      v.check(
        (given) => Boolean(given.interactiveDataRef ?? given.interactiveDateRef),
        "should have required property 'interactiveDataRef'",
      ),
    ),
  }),
);

export async function downloadMessageRef(call: Call): Promise<Response> {
  const conversation = conversationOf(call);
  const { userId, apple } = await bodyOf(call, downloadMessageRefBody);
  await viewConversation(call.hub, call.caller, conversation);
  await userByNumber(call.hub, call.app, userNumberOf(call, userId));
  const given = apple.interactiveDataRef ?? apple.interactiveDateRef;
  return json(await interactiveData(call.hub, call.app, given as v.InferOutput<typeof reference>));
}
