// Visitors: made by their browser's trace or by an e-mail address, and who may act for them (contracts/ppmessage.md 6,
// DESIGN.md 4 "Public credentials").
import { Refused } from '../../domain/errors.ts';
import type { JsonObject } from '../../domain/model.ts';
import { isInsideIp } from '../../http/blocks.ts';
import type { ApiToken } from '../../hub/api-tokens.ts';
import type { App, Hub, User } from '../../hub/context.ts';
import { createUser, userByAddress, userByExternalId } from '../../hub/people.ts';
import { rationVisitor } from '../../hub/registering.ts';
import { verifyToken } from '../../hub/sessions.ts';
import { grantVisitor, noteNamed } from '../../hub/visitors.ts';
import { type Call, operation, orNull } from './call.ts';
import { externalIdOfTrace } from './device-kinds.ts';
import { Failure } from './errors.ts';
import { address, may, text } from './fields.ts';
import { iconOf } from './icons.ts';
import { userUuid } from './ids.ts';
import { ANONYMOUS, emailShown } from './message-body.ts';
import { isService } from './user-columns.ts';

const TRACE_LENGTH = 128;
const EMAIL_LENGTH = 254;
export const EMAIL = /^[^\s@]{1,64}@[^\s@]{1,189}$/;

/** The browser that holds this trace is always the same visitor. */
export const createAnonymous = operation({ ppcom_trace_uuid: text(TRACE_LENGTH) }, async (call, given) => {
  const { hub, app } = call;
  const externalId = ANONYMOUS + externalIdOfTrace(given.ppcom_trace_uuid);
  const user = await foundOrMade(hub, app, externalId);
  await grantVisitor(hub, call.access.token as ApiToken, user);
  return {
    user_uuid: userUuid(hub, user.number),
    user_name: user.name,
    user_fullname: user.name,
    user_email: emailShown(hub, app, user),
    user_icon: iconOf(hub, user.number, user.avatar),
  };
});

async function foundOrMade(hub: Hub, app: App, externalId: string): Promise<User> {
  const known = await orNull(userByExternalId(hub, app, externalId));
  if (known) return known;
  rationVisitor(hub);
  const where = hub.clientAddress();
  const name = where !== null && isInsideIp(where) ? 'Local Area.User' : 'Unknown Area.User';
  try {
    return await createUser(hub, app, { externalId, name, role: 'visitor' });
  } catch (error) {
    // Made by another call at this moment.
    if (!(error instanceof Refused) || error.refusal.code !== 'conflict') throw error;
    return userByExternalId(hub, app, externalId);
  }
}

/**
 * The person of an e-mail address; a new one where there is nobody. Whoever is there already has to be proved before the
 * token acts for them: by the trace of a browser of theirs (PP_CREATE_DEVICE), or here by a token of theirs.
 */
export const getUserUuid = operation(
  {
    user_email: text(EMAIL_LENGTH),
    user_fullname: may(text()),
    user_icon: may(address()),
    user_token: may(text(8_192)),
  },
  async (call, { user_email: email, user_fullname, user_icon, user_token }) => {
    const { hub, app } = call;
    if (!EMAIL.test(email)) throw new Failure('INVALID_PARA');
    const token = call.access.token as ApiToken;
    const known = await userByAddress(hub, app, email);
    if (known) return met(call, known, user_token);
    if (user_token !== undefined) throw new Failure('WRONG_ACCESS_TOKEN');
    rationVisitor(hub);
    const name = user_fullname || (email.split('@')[0] as string);
    const made = await madeOf(call, email, { name, avatar: user_icon ?? null });
    // Made by another call at this moment: they are that one's, and have to be proved.
    const other = made ? null : await userByAddress(hub, app, email);
    if (other) return met(call, other);
    if (!made) throw new Failure('SYS_ERR');
    await grantVisitor(hub, token, made);
    return { user_uuid: userUuid(hub, made.number) };
  },
);

/** Somebody who was there already: the token names them, and acts for them with a token of theirs. Failures: 29, 4. */
async function met(call: Call, known: User, user_token?: string): Promise<JsonObject> {
  const { hub, access } = call;
  const token = access.token as ApiToken;
  if (isService(known)) throw new Failure('NOT_PORTAL');
  if (user_token !== undefined && (await isTokenOf(call, user_token, known)))
    await grantVisitor(hub, token, known);
  else await noteNamed(hub, token, known);
  return { user_uuid: userUuid(hub, known.number) };
}

/** Null: somebody has the address, or the name that it makes. */
async function madeOf(
  { hub, app }: Call,
  email: string,
  shown: Pick<User, 'name' | 'avatar'>,
): Promise<User | null> {
  try {
    return await createUser(hub, app, { ...shown, externalId: email, email, role: 'visitor', self: true });
  } catch (error) {
    if (error instanceof Refused && error.refusal.code === 'conflict') return null;
    throw error;
  }
}

/** A token that the app's operator or server had made for the person. Failure 4: it is none, or another's. */
async function isTokenOf({ hub }: Call, token: string, user: User): Promise<true> {
  const held = await orNull(verifyToken(hub, token, 'realtime'));
  if (held?.claims.user !== user.number) throw new Failure('WRONG_ACCESS_TOKEN');
  return true;
}
