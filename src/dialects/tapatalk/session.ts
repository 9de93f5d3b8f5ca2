// login and logout_user. How a session travels is transport.ts; how a password is checked is the hub's.
import { Refused } from '../../domain/errors.ts';
import { TEAM_ROLES } from '../../domain/model.ts';
import type { App, User } from '../../hub/context.ts';
import { userByNumber } from '../../hub/people.ts';
import { issueToken, revokeToken } from '../../hub/sessions.ts';
import { signIn } from '../../hub/sign-in.ts';
import { array, base64, bool, int, type OutStruct, string } from '../../xmlrpc/value.ts';
import { uploadLimits } from './attachments.ts';
import { type Call, SessionChange } from './method.ts';
import { success, userType } from './render.ts';
import { endedCookie, sessionCookie } from './transport.ts';

/**
 * Signs in by username, email or externalId. What follows the password (anonymous, push, a code) is passed over. With
 * both empty, a live session is told who it is (contracts/tapatalk.md 1.2). An unknown name and a wrong password get
 * one answer: `status` "2" would tell strangers who has an account.
 */
export async function login(call: Call, name: string, password = ''): Promise<OutStruct | SessionChange> {
  const { hub, app, session } = call;
  if (name === '' && password === '' && session) return account(app, await known(call, session.caller.user));
  const user = await signIn(hub, app, name, password);
  const { token, expiresAt } = await issueToken(hub, user, 'session');
  return new SessionChange(account(app, user), true, sessionCookie(app, hub, token, expiresAt), user);
}

/** The person as the directory has them now: a token tells neither whom they ignore nor what changed since. */
async function known({ hub, app }: Call, user: User): Promise<User> {
  try {
    return await userByNumber(hub, app, user.number);
  } catch (error) {
    if (error instanceof Refused && error.refusal.code === 'unavailable') return user;
    throw error;
  }
}

/** Ends this session, everywhere. Without one there is nothing to end, which is what was asked for. */
export async function logoutUser(call: Call): Promise<SessionChange> {
  const { hub, app, session } = call;
  if (session) await revokeToken(hub, session.token);
  return new SessionChange(success(), false, endedCookie(app, hub));
}

function account(app: App, user: User): OutStruct {
  const limits = uploadLimits(app.settings);
  return success({
    user_id: string(String(user.number)),
    username: base64(user.name),
    login_name: base64(user.username),
    usergroup_id: array([string(user.role)]),
    // Plugins send nobody's address in the clear (contracts/tapatalk.md 1.2).
    email: base64(''),
    icon_url: string(user.avatar ?? ''),
    post_count: int(0),
    user_type: base64(userType(user.role)),
    display_text: base64(''),
    ignored_uids: string(user.blocked.join(',')),
    can_pm: bool(true),
    can_send_pm: bool(true),
    can_moderate: bool(TEAM_ROLES.has(user.role)),
    can_whosonline: bool(true),
    can_profile: bool(true),
    // There is no call for any of these yet.
    can_search: bool(false),
    can_upload_avatar: bool(false),
    max_avatar_size: int(0),
    max_avatar_width: int(0),
    max_avatar_height: int(0),
    max_attachment: int(limits.max_attachment),
    max_attachment_size: int(limits.max_attachment_size),
    max_png_size: int(limits.max_png_size),
    max_jpg_size: int(limits.max_jpg_size),
    allowed_extensions: string(limits.allowed_extensions),
    post_countdown: int(0),
    push_type: array([]),
  });
}
