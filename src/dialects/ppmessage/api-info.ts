// PP_GET_API_INFO: the app's keys, to those who may hold them (contracts/ppmessage.md 6, DESIGN.md 6).
import type { JsonObject } from '../../domain/model.ts';
import { type KeyRecord, makeKeyWithin } from '../../hub/keys.ts';
import { userByNumber } from '../../hub/people.ts';
import { keyAtDoor, seesSecrets } from './app-row.ts';
import { KEY_DOORS, type Level } from './auth.ts';
import { type Call, operation, orNull } from './call.ts';
import { Failure } from './errors.ts';
import { user } from './fields.ts';

/** Failures: 43 the token's person, or the one that the app's server names, is no owner or admin. */
export const getApiInfo = operation({ user_uuid: user() }, async (call, { user_uuid }) => {
  const { hub, app, access } = call;
  const asked = user_uuid === null ? null : await orNull(userByNumber(hub, app, user_uuid));
  const isAdmin = asked?.role === 'admin' || asked?.role === 'owner';
  if (access.person && access.person.claims.user !== user_uuid) throw new Failure('WRONG_ACCESS_TOKEN');
  if (!isAdmin || !seesSecrets(call)) throw new Failure('NOT_ADMIN');
  const [ppcom, third] = await Promise.all([keyAtDoor(call, KEY_DOORS.PPCOM), thirdPartyKey(call)]);
  const thirdParty = shown(call, third, 'THIRD_PARTY_KEFU');
  return {
    // The first key is the one that the seed shows; clients of August 2016 look for the others.
    ppkefu: thirdParty,
    ppkefu_thirdparty: thirdParty,
    ppcom: shown(call, ppcom, 'PPCOM'),
  };
});

const shown = ({ hub }: Call, key: KeyRecord | null, level: Level): JsonObject | null =>
  key && {
    api_uuid: hub.ids.uuid('key', key.number),
    api_level: level,
    api_key: hub.ids.uuid('key', key.number),
    api_secret: key.secret,
  };

/** Made when it is first asked for. */
async function thirdPartyKey(call: Call): Promise<KeyRecord | null> {
  const { hub, app } = call;
  const door = KEY_DOORS.THIRD_PARTY_KEFU;
  const known = await keyAtDoor(call, door);
  if (known) return known;
  await makeKeyWithin(hub, { app: app.number, door, scope: 'app', most: 1 });
  return keyAtDoor(call, door);
}
