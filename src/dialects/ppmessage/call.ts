// What every operation of this dialect gets, how it says what it takes, and for whom it may act. Routes are routes.ts.
import { Refused } from '../../domain/errors.ts';
import type { UserNumber } from '../../domain/ids.ts';
import { type JsonObject, TEAM_ROLES } from '../../domain/model.ts';
import { hears, knows } from '../../hub/acquaintance.ts';
import { appCaller } from '../../hub/apps.ts';
import type { App, Caller, Hub, User } from '../../hub/context.ts';
import { userByNumber } from '../../hub/people.ts';
import { visitorsOf } from '../../hub/visitors.ts';
import { type Access, actingFor } from './auth.ts';
import { Failure } from './errors.ts';
import { type Fields, type Given, given } from './fields.ts';

export interface Call {
  hub: Hub;
  app: App;
  access: Access;
  /** All that the call says, for what no field names. */
  body: JsonObject;
}

/** One operation: its parameters beside the app's id, which tests read too, and what it answers with beside the code. */
export interface Operation {
  readonly fields: Fields;
  run(call: Call): Promise<JsonObject>;
}

/** `run` gets its parameters checked. An `error_code` in its answer stands instead of success. */
export const operation = <F extends Fields>(
  fields: F,
  run: (call: Call, given: Given<F>) => Promise<JsonObject>,
): Operation => ({ fields, run: async (call) => run(call, given(fields, call.body, call.hub)) });

/** Whoever acts under the user id that the call names. Failure 4: not with this token. */
export const actor = ({ hub, access }: Call, user: UserNumber | null): Promise<Caller> =>
  actingFor(hub, access, user);

/** The same, of a person. */
export async function actingUser(call: Call, user: UserNumber | null): Promise<Caller & { user: User }> {
  return (await actor(call, user)) as Caller & { user: User };
}

/** A key of the app's own server, or of its agents' client: acts for everybody. */
export const isKey = ({ access }: Call): boolean => access.level !== 'PPCOM' && access.person === null;

/** Whether the token is somebody's of the team. */
export const isTeam = ({ access }: Call): boolean =>
  access.person !== null && TEAM_ROLES.has(access.person.caller.user?.role ?? 'visitor');

/** Only the app's own server, its owner and its admins do this. Failure 43. */
export function demandAdmin(call: Call): void {
  const role = call.access.person?.caller.user?.role;
  if (!isKey(call) && role !== 'admin' && role !== 'owner') throw new Failure('NOT_ADMIN');
}

/** The same, and agents. Failure 20. */
export function demandTeam(call: Call): void {
  if (!isKey(call) && !isTeam(call)) throw new Failure('NO_PERM');
}

/** Everybody whom a call acts for that names nobody. */
export async function callers(call: Call): Promise<Caller[]> {
  const { hub, app, access } = call;
  if (access.person) return [access.person.caller];
  if (access.level !== 'PPCOM' || !access.token) return [appCaller(app, 'ppmessage')];
  const users = await visitorsOf(hub, access.token);
  const found = await Promise.all(users.map((user) => orNull(actingFor(hub, access, user))));
  return found.filter((each) => each !== null);
}

/** What the first of the callers gets who may; a refusal as it is to the last one. Failure 26: there is none. */
export async function asAny<T>(call: Call, work: (caller: Caller) => Promise<T>): Promise<T> {
  let refusal: unknown = new Failure('NO_CONVERSATION');
  for (const caller of await callers(call)) {
    try {
      return await work(caller);
    } catch (error) {
      if (!(error instanceof Refused) || error.refusal.code !== 'not_found') throw error;
      refusal = error;
    }
  }
  throw refusal;
}

export interface Seen {
  user: User;
  /** Everything, or what others see. */
  whole: boolean;
}

/**
 * Somebody as the caller may see them (DESIGN.md 4): oneself, and for the app's server and the team everybody, wholly; else
 * the team, the app's voices and those of one's conversations, as others see them. Null: nobody of the app, or nobody to them.
 */
export async function seen(call: Call, number: UserNumber | null): Promise<Seen | null> {
  const { hub, app } = call;
  const user = number === null ? null : await orNull(userByNumber(hub, app, number));
  if (!user) return null;
  if (isKey(call) || isTeam(call)) return { user, whole: true };
  const viewers = await callers(call);
  if (viewers.some((viewer) => viewer.user?.number === user.number)) return { user, whole: true };
  // The app's own voices sign what everybody reads, like its team.
  if (TEAM_ROLES.has(user.role) || user.role === 'business' || user.role === 'system')
    return { user, whole: false };
  const meets = user.role === 'ghost' ? hears : knows;
  for (const viewer of viewers) if (await meets(hub, viewer, user.number)) return { user, whole: false };
  return null;
}

/** Null where there is nothing, or nothing for the caller. */
export async function orNull<T>(work: Promise<T>): Promise<T | null> {
  try {
    return await work;
  } catch (error) {
    if (error instanceof Failure) return null;
    if (error instanceof Refused && ['not_found', 'unauthorized'].includes(error.refusal.code)) return null;
    throw error;
  }
}
