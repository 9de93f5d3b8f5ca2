// GET_YVOBJECT_DETAIL: somebody, a group or the app as clients show them (contracts/ppmessage.md 6 and 10). Whole rows of
// people are users.ts.
import type { JsonObject } from '../../domain/model.ts';
import type { User } from '../../hub/context.ts';
import { listGroups } from '../../hub/groups.ts';
import { userByNumber } from '../../hub/people.ts';
import { hasNamed } from '../../hub/visitors.ts';
import { type Call, operation, seen } from './call.ts';
import { Failure } from './errors.ts';
import { choice, may, message, seconds } from './fields.ts';
import { iconOf, identiconOf } from './icons.ts';
import { parseGroup, parseUser, secondsOf } from './ids.ts';
import { emailOf } from './render-users.ts';

const OBJECTS = ['DU', 'OG', 'AP'] as const;

/** Somebody, a group or the app as clients show them; nothing new where it is as old as `timestamp` (s). */
export const yvobjectDetail = operation(
  { uuid: message(), type: choice(OBJECTS), timestamp: may(seconds()) },
  async (call, { uuid, type, timestamp = 0 }) => {
    const found = await objectOf(call, type, uuid);
    if (!found) throw new Failure('NO_OBJECT');
    const { at, ...shown } = found;
    if (secondsOf(at) <= timestamp) return { updated: false };
    return { type, uuid, desc: null, ...shown, timestamp: secondsOf(at), updated: true };
  },
);

const named = (fullname: string | null): JsonObject => ({
  fullname,
  pinyinname0: fullname,
  pinyinname1: fullname,
});

async function objectOf(
  call: Call,
  type: (typeof OBJECTS)[number],
  uuid: string,
): Promise<(JsonObject & { at: number }) | null> {
  const { hub, app } = call;
  if (type === 'AP') {
    if (hub.ids.parseUuid('app', uuid) !== app.number) return null;
    return { ...named(app.name), icon: identiconOf(hub, uuid), at: app.createdAt };
  }
  if (type === 'OG') {
    const group = (await listGroups(hub, app)).find((each) => each.number === parseGroup(hub, uuid));
    if (!group) return null;
    return {
      ...named(group.name),
      desc: group.description,
      icon: group.icon ?? identiconOf(hub, uuid),
      at: group.updatedAt,
    };
  }
  const number = parseUser(hub, uuid);
  const found = await seen(call, number);
  if (found) {
    const { user: person, whole } = found;
    const email = emailOf(hub, app, person, whole);
    const at = Math.max(person.createdAt, person.lastActiveAt ?? 0);
    return { ...named(person.name), email, name: email, icon: iconOf(hub, person.number, person.avatar), at };
  }
  return namedOnly(call, number);
}

/** Whom the token has named by their address and not yet proved: as much as it knew itself. */
async function namedOnly({ hub, app, access }: Call, number: User['number'] | null) {
  const isNamed = access.token && access.level === 'PPCOM' && number !== null;
  if (!isNamed || !(await hasNamed(hub, access.token as NonNullable<typeof access.token>, number)))
    return null;
  const { email, externalId } = await userByNumber(hub, app, number);
  return { ...named(null), email: email ?? externalId, name: null, icon: null, at: 1000 };
}
