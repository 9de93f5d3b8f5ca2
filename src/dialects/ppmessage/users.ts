// People: made, changed, taken out, looked at (contracts/ppmessage.md 6). Visitors come in by visitors.ts.
import { type Role, TEAM_ROLES } from '../../domain/model.ts';
import type { User } from '../../hub/context.ts';
import { eraseWhole } from '../../hub/erasing.ts';
import { distributorsChanged } from '../../hub/groups.ts';
import { createUser, type PersonChange, updateUser, userByAddress, userByNumber } from '../../hub/people.ts';
import { passwordFits } from '../../hub/sign-in.ts';
import { teamOf } from '../../hub/team.ts';
import { actor, type Call, demandAdmin, demandTeam, isKey, operation, orNull, seen } from './call.ts';
import { Failure } from './errors.ts';
import { address, choice, flag, may, text, user } from './fields.ts';
import { userUuid } from './ids.ts';
import { flagsOf, newestFirst, shortRow, userRow, withSeconds } from './render-users.ts';
import { standingsOf } from './standing.ts';
import {
  isDistributor,
  isService,
  isVoice,
  KEPT_FLAGS,
  KEPT_TEXTS,
  roleOf,
  STATUSES,
  type StoredProfile,
  statusOf,
  withKept,
} from './user-columns.ts';
import { EMAIL } from './visitors.ts';

const SHA1 = /^[0-9a-f]{40}$/i;
/** Clients send the SHA-1 of a password in hex (contracts/ppmessage.md 3). */
const password = () => text(40);
const sha1Of = (given: string): string => {
  if (!SHA1.test(given)) throw new Failure('INVALID_PARA');
  return given.toLowerCase();
};

export const createUserCall = operation(
  {
    user_email: text(254),
    user_fullname: text(),
    user_language: may(text(35)),
    user_password: may(password()),
    is_service_user: may(flag()),
    user_status: may(choice(STATUSES)),
    user_icon: may(address()),
  },
  async (call, given) => {
    demandAdmin(call);
    const { hub, app } = call;
    const { user_email: email, user_status: status = 'THIRDPARTY' } = given;
    if (!EMAIL.test(email)) throw new Failure('INVALID_PARA');
    const role = given.is_service_user && !TEAM_ROLES.has(roleOf(status)) ? 'agent' : roleOf(status);
    refuseHigher(call, role);
    const sha1 = given.user_password === undefined ? null : sha1Of(given.user_password);
    if (await userByAddress(hub, app, email)) throw new Failure('EX_USER');
    const made = await createUser(hub, app, {
      externalId: email,
      email,
      name: given.user_fullname,
      avatar: given.user_icon ?? null,
      locale: given.user_language ?? null,
      role,
      sha1,
      profile: withKept({ profile: {} }, { user_status: status }),
    });
    return {
      uuid: userUuid(hub, made.number),
      user_status: statusOf(made, false),
      user_name: email,
      user_email: email,
      user_fullname: made.name,
      user_language: made.locale,
      // A password is never shown, also not to whoever has just sent it.
      user_password: null,
      is_anonymous_user: false,
    };
  },
);

/** Nobody makes, changes or ends somebody who may do more than they may. */
function refuseHigher({ access }: Call, role: Role): void {
  const isHigh = role === 'owner' || role === 'admin';
  if (access.level === 'THIRD_PARTY_KEFU' && isHigh) throw new Failure('NO_PERM');
  if (role === 'owner' && access.person && access.person.caller.user?.role !== 'owner')
    throw new Failure('NO_PERM');
}

export const removeUser = operation({ user_uuid: user(), user_password: password() }, async (call, given) => {
  demandAdmin(call);
  const { hub, app } = call;
  const person = given.user_uuid === null ? null : await orNull(userByNumber(hub, app, given.user_uuid));
  if (!person || isVoice(person)) throw new Failure('NO_USER');
  if (!(await passwordFits(hub, app, person, given.user_password))) throw new Failure('MIS_ERR');
  if (person.role === 'owner') throw new Failure('APP_OWNER');
  refuseHigher(call, person.role);
  await eraseWhole(hub, app, person.number, {});
  return {};
});

const COLUMNS = {
  user_fullname: may(text()),
  user_firstname: may(text()),
  user_lastname: may(text()),
  user_icon: may(address()),
  user_email: may(text(254)),
  user_language: may(text(35)),
  ...(Object.fromEntries(KEPT_TEXTS.map((name) => [name, may(text(1_000))])) as Record<
    (typeof KEPT_TEXTS)[number],
    ReturnType<typeof may<string>>
  >),
  ...(Object.fromEntries(KEPT_FLAGS.map((name) => [name, may(flag())])) as Record<
    (typeof KEPT_FLAGS)[number],
    ReturnType<typeof may<boolean>>
  >),
};

/** What is in a body beside its columns. */
const AROUND = new Set([
  'app_uuid',
  'user_uuid',
  'is_distributor_user',
  'old_password',
  'new_password',
  'user_password',
]);

export const updateUserCall = operation(
  {
    user_uuid: user(),
    is_distributor_user: may(flag()),
    old_password: may(password()),
    new_password: may(password()),
    user_password: may(password()),
    ...COLUMNS,
  },
  async (call, given) => {
    const { user_uuid, is_distributor_user, old_password, new_password, user_password, ...columns } = given;
    const { hub, app } = call;
    const person = await changeable(call, user_uuid);
    const others = Object.entries(call.body).filter(([name, value]) => !AROUND.has(name) && value !== null);
    if (others.length > 0 && others.every(([name]) => !(name in COLUMNS)))
      throw new Failure('GENERIC_UPDATE');
    const change = changeOf(call, person, columns);
    const fresh = new_password ?? user_password;
    if (fresh !== undefined) {
      const sha1 = sha1Of(fresh);
      if (!(await mayPut(call, person, old_password))) throw new Failure('MIS_ERR');
      change.sha1 = sha1;
    } else if (old_password !== undefined) throw new Failure('NO_PARA');
    const distributes = is_distributor_user !== undefined && is_distributor_user !== isDistributor(person);
    if (distributes) {
      demandAdmin(call);
      if (!isService(person)) throw new Failure('NO_APP_USER');
      change.profile = withKept(
        { profile: change.profile ?? person.profile },
        { distributor: is_distributor_user },
      );
    }
    if (Object.keys(change).length > 0) await updateUser(hub, app, person.number, change);
    if (distributes) await distributorsChanged(hub, app, isDistributor);
    return {};
  },
);

/** Oneself; everybody, for the app's server and its admins. Failure 33: nobody such; 4: a token that is not theirs. */
async function changeable(call: Call, number: User['number'] | null): Promise<User> {
  const { hub, app } = call;
  const role = call.access.person?.caller.user?.role;
  const mayAll = isKey(call) || role === 'admin' || role === 'owner';
  if (!mayAll) return (await actor(call, number)).user as User;
  const found = number === null ? null : await orNull(userByNumber(hub, app, number));
  if (!found || isVoice(found)) throw new Failure('GENERIC_UPDATE');
  if (found.number !== call.access.person?.claims.user) refuseHigher(call, found.role);
  return found;
}

/**
 * The old password proves who changes it. An account without one is never claimed from a public door (DESIGN.md 4): only the
 * app's own server gives it one.
 */
async function mayPut({ hub, app, access }: Call, person: User, old: string | undefined): Promise<boolean> {
  if (old !== undefined) return passwordFits(hub, app, person, old);
  return access.level !== 'PPCOM' && access.person === null;
}

type Columns = { [Name in keyof typeof COLUMNS]: ReturnType<(typeof COLUMNS)[Name]['read']> };

function changeOf({ access }: Call, person: User, columns: Columns): PersonChange {
  const { user_fullname, user_firstname, user_lastname, user_icon, user_email, user_language, ...kept } =
    columns;
  if (user_email !== undefined && !EMAIL.test(user_email)) throw new Failure('INVALID_PARA');
  const change: PersonChange = {};
  if (user_fullname) change.name = user_fullname;
  if (user_icon !== undefined) change.avatar = user_icon;
  if (user_language !== undefined) change.locale = user_language;
  const names = {
    ...(user_firstname !== undefined && { givenName: user_firstname }),
    ...(user_lastname !== undefined && { surname: user_lastname }),
    // What a visitor calls their address proves nothing: others may have it too.
    ...(user_email !== undefined && access.level === 'PPCOM' && { email: user_email }),
  } satisfies StoredProfile & { email?: string };
  if (user_email !== undefined && access.level !== 'PPCOM') change.email = user_email;
  const said = Object.fromEntries(Object.entries(kept).filter(([, value]) => value !== undefined));
  if (Object.keys(names).length + Object.keys(said).length > 0)
    change.profile = withKept({ profile: { ...person.profile, ...names } }, said);
  return change;
}

export const getUserInfo = operation({ user_uuid: user() }, async (call, { user_uuid }) => {
  const { hub, app } = call;
  const found = await seen(call, user_uuid);
  if (!found) throw new Failure('NO_USER');
  const standing = (await standingsOf(hub, app, [found.user]))(found.user);
  const row = userRow(hub, app, found.user, standing, found);
  return { ...withSeconds(row, found.user), ...flagsOf(found.user) };
});

/** `return_password` is read, and answered with null: a password leaves the hub in no form. */
export const getUserDetail = operation(
  { user_uuid: user(), return_password: may(flag()) },
  async (call, { user_uuid, return_password }) => {
    const { hub, app } = call;
    const found = await seen(call, user_uuid);
    if (!found) throw new Failure('NO_OBJECT');
    const { name } = found.user;
    const standing = (await standingsOf(hub, app, [found.user]))(found.user);
    return {
      ...userRow(hub, app, found.user, standing, found),
      pinyinname0: name,
      pinyinname1: name,
      ...(return_password && { user_password: null }),
    };
  },
);

/** Whether an address is free: who has one is for the team to know. */
export const isEmailValid = operation({ user_email: text(254) }, async (call, { user_email }) => {
  demandTeam(call);
  return { valid: (await userByAddress(call.hub, call.app, user_email)) === null };
});

export const serviceUserList = operation({}, async (call) => {
  const { hub, app } = call;
  const team = (await teamOf(hub, app)).sort(newestFirst);
  const standing = await standingsOf(hub, app, team);
  return { list: team.map((each) => ({ ...shortRow(hub, app, each, standing(each)), ...flagsOf(each) })) };
});
