// Users: made, changed, shown, signed out (contracts/qiscus.md 5, 6).
import type { JsonObject } from '../../domain/model.ts';
import { userCaller } from '../../hub/apps.ts';
import type { User } from '../../hub/context.ts';
import { revokeUser } from '../../hub/ending.ts';
import { inboxCounts, listForUser } from '../../hub/lists.ts';
import { updateUser } from '../../hub/people.ts';
import { registerUser } from '../../hub/registering.ts';
import { issueToken } from '../../hub/sessions.ts';
import { type Call, isPerson, operation, personOf } from './call.ts';
import { devicePlatform, deviceToken, keepDevice } from './devices.ts';
import { address, may, newName, object, refuseField, text, user } from './fields.ts';
import { renderAccount, type StoredProfile } from './render-users.ts';
import { tokenText } from './tokens.ts';

/**
 * Makes a user, or changes the one who is there: then the password is required, and becomes the new one. Who has the
 * app's secret need not know the old one. A device token is kept with the user's devices.
 */
export const loginOrRegister = operation(
  {
    email: newName(),
    password: may(text()),
    username: may(text()),
    avatar_url: may(address()),
    device_token: may(deviceToken()),
    device_platform: may(devicePlatform()),
    extras: object(),
  },
  async (call, given) => {
    const { email, password, username, avatar_url: avatar, extras } = given;
    const change = (known: User | null) => {
      if (known && !isPerson(known)) throw refuseField('email', 'is reserved');
      if (known && !password) throw refuseField('password', MUST_HAVE_PASSWORD);
      return {
        ...(password && { password }),
        ...(username && { name: username }),
        ...(avatar && { avatar }),
        ...(extras && { profile: { ...known?.profile, extras } satisfies StoredProfile as JsonObject }),
      };
    };
    const { device_token: token, device_platform: platform } = given;
    const registered = await registerUser(call.hub, call.app, email, change);
    if (token !== undefined) await keepDevice(call, registered.number, token, platform);
    return { user: await accountOf(call, registered) };
  },
);

const MUST_HAVE_PASSWORD = 'is required: this user exists already';

export const userProfile = operation({ user_email: user() }, async (call, given) => ({
  user: await accountOf(call, await personOf(call, given.user_email)),
}));

/** Every token of this user is over at once, at every door; the answer has the only one that is good. */
export const resetUserToken = operation({ user_email: user() }, async (call, given) => {
  const person = await personOf(call, given.user_email);
  const tokenVersion = await revokeUser(call.hub, call.app, person);
  return {
    user: { ...(await accountOf(call, { ...person, tokenVersion })), avatar: { url: person.avatar ?? '' } },
  };
});

export const updateProfile = operation(
  { email: user(), name: may(text()), avatar_url: may(address()), password: may(text()), extras: object() },
  async (call, given) => {
    const { hub, app } = call;
    const { email, name, avatar_url: avatar, password, extras } = given;
    const person = await personOf(call, email);
    const changed = await updateUser(hub, app, person.number, {
      ...(name && { name }),
      ...(avatar && { avatar }),
      ...(password && { password }),
      ...(extras && { profile: { ...person.profile, extras } }),
    });
    return { user: await accountOf(call, changed) };
  },
);

export const getUserUnreadCount = operation({ user_email: user() }, async (call, given) => {
  const caller = userCaller(call.app, await personOf(call, given.user_email), 'qiscus');
  const { unreadMessages } = await inboxCounts(call.hub, caller);
  return { total_unread_count: unreadMessages };
});

/** The user with a token that is good now: tokens are signed, so there is none to look up. Who is deactivated gets none. */
async function accountOf({ hub, app }: Call, person: User): Promise<JsonObject> {
  const caller = userCaller(app, person, 'qiscus');
  const [token, { rows }] = await Promise.all([
    person.deactivatedAt === null ? issueToken(hub, person, 'qiscus').then(({ token }) => token) : '',
    listForUser(hub, caller, { start: 0, count: 1 }),
  ]);
  return renderAccount({
    app,
    user: person,
    token: tokenText(token),
    lastCommentId: rows[0]?.lastLogTime ?? 0,
  });
}
