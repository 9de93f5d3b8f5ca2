// The person who calls, and the people they see: profiles, lists, presence, blocks, devices (contracts/qiscus.md 9).
import type { JsonObject } from '../../../domain/model.ts';
import { knows } from '../../../hub/acquaintance.ts';
import { setBlocked } from '../../../hub/blocks.ts';
import { devicesOf, registerDevice, removeDevice } from '../../../hub/devices.ts';
import { updateUser, userByNumber, usersByNumbers } from '../../../hub/people.ts';
import { listPeople, searchPeople } from '../../../hub/people-lists.ts';
import { onlineUsers } from '../../../hub/presence.ts';
import { type Call, operation, personOf } from '../call.ts';
import { address, choice, flag, integer, may, object, text, user, users } from '../fields.ts';
import { renderAccount, type StoredProfile } from '../render-users.ts';
import { eachInTurn } from '../rooms.ts';
import { renderOther } from './render.ts';
import { selfOf } from './rooms.ts';
import { accountFields } from './session.ts';

const PAGE = 20;
const MOST = 100;
const MOST_PAGES = 1_000;

/** The caller's account, with the token that they called with. */
async function ownAccount(call: Call): Promise<JsonObject> {
  const { hub, app } = call;
  const person = await userByNumber(hub, app, selfOf(call).number);
  const fields = await accountFields(call, person);
  const { session, token = '' } = call;
  return {
    ...renderAccount({ ...fields, token }),
    ...fields.more,
    token_expires_at: session ? new Date(session.expiresAt * 1000).toISOString() : '',
  };
}

export const myProfile = operation({}, async (call) => ({ user: await ownAccount(call) }));

export const updateMyProfile = operation(
  { name: may(text()), avatar_url: may(address()), extras: object() },
  async (call, given) => {
    const { hub, app } = call;
    const { name, avatar_url: avatar, extras } = given;
    const person = await userByNumber(hub, app, selfOf(call).number);
    const profile = { ...person.profile, ...(extras && { extras }) } satisfies StoredProfile as JsonObject;
    await updateUser(hub, app, person.number, {
      ...(name && { name }),
      ...(avatar && { avatar }),
      ...(extras && { profile }),
    });
    return { user: await ownAccount(call) };
  },
);

/** People whom the caller finds by the beginning of a name, or everybody whom they may find, by name. */
export const getUserList = operation(
  { query: may(text()), page: may(integer(0, MOST_PAGES)), limit: may(integer(1, MOST)) },
  async (call, given) => {
    const { query = '', limit = PAGE } = given;
    const page = Math.max(1, given.page ?? 1);
    const window = { start: (page - 1) * limit, count: limit };
    const { total, people } = await (query === ''
      ? listPeople(call.hub, call.caller, window)
      : searchPeople(call.hub, call.caller, query, window));
    return {
      meta: { current_page: page, total_data: total, total_page: Math.ceil(total / limit) },
      users: people.map(renderOther),
    };
  },
);

/** Who of these is there now. Only people whom the caller is in a room with; the others are not told of. */
export const usersStatus = operation({ user_ids: users(MOST) }, async (call, given) => {
  const { hub, app, caller } = call;
  const people = await eachInTurn(given.user_ids, async (id) => {
    const person = await personOf(call, id).catch(() => null);
    return person && (await knows(hub, caller, person.number)) ? person : null;
  });
  const known = people.flatMap((person) => person ?? []);
  const online = await onlineUsers(
    hub,
    app,
    known.map(({ number }) => number),
  );
  const now = Date.now();
  return {
    user_status: known.map(({ number, externalId, lastActiveAt }) => {
      const here = online.has(number);
      return {
        email: externalId,
        user_id: externalId,
        status: here ? 1 : 0,
        // ns since 1970.
        timestamp: (here ? now : (lastActiveAt ?? 0)) * 1_000_000,
      };
    }),
  };
});

const blocking = (on: boolean) =>
  operation({ user_email: user() }, async (call, given) => {
    const other = await personOf(call, given.user_email);
    await setBlocked(call.hub, call.caller, other.number, on);
    return { user: renderOther(other) };
  });

/** Whom the caller does not want to hear from: they can begin nothing with them, and say nothing in the room of the two. Groups go on. */
export const blockUser = blocking(true);
export const unblockUser = blocking(false);

export const getBlockedUsers = operation(
  { page: may(integer(0, MOST_PAGES)), limit: may(integer(1, MOST)) },
  async (call, given) => {
    const { hub, app } = call;
    const { limit = PAGE } = given;
    const page = Math.max(1, given.page ?? 1);
    const { blocked } = await userByNumber(hub, app, selfOf(call).number);
    const found = await usersByNumbers(hub, app, blocked.slice((page - 1) * limit, page * limit));
    const shown = [...found.values()].map(renderOther);
    return {
      meta: { current_page: page, total: blocked.length },
      // Two clients, two names.
      blocked_users: shown,
      users: shown,
    };
  },
);

const device = {
  device_token: text(4_000),
  device_platform: may(choice(['ios', 'android', 'rn', 'flutter', 'web'])),
  is_development: flag(),
};

/** Keeps a device's push token with its person's devices; this hub itself pushes nothing. */
export const setUserDeviceToken = operation(device, async (call, given) => {
  const { hub, app } = call;
  const { number } = selfOf(call);
  const { device_token: pushToken, device_platform: platform = 'rn', is_development: development } = given;
  const known = (await devicesOf(hub, app, number)).some((each) => each.pushToken === pushToken);
  // The same token is the same device.
  const clientId = `push:${pushToken.slice(0, 200)}`;
  await registerDevice({ hub, app, door: 'qiscus' }, number, {
    platform,
    clientId,
    pushToken,
    info: { development },
  });
  return { changed: !known };
});

export const removeUserDeviceToken = operation(device, async (call, given) => {
  const { hub, app } = call;
  const { number } = selfOf(call);
  const known = (await devicesOf(hub, app, number)).filter(
    ({ pushToken }) => pushToken === given.device_token,
  );
  for (const { number: which } of known) await removeDevice({ hub, app, door: 'qiscus' }, number, which);
  return { changed: known.length > 0 };
});
