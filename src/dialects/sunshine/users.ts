// Users: create, get, list by e-mail address, update, delete (contracts/sunshine.md 3).

import { notFound, Refused } from '../../domain/errors.ts';
import { userNumber } from '../../domain/ids.ts';
import type { JsonObject } from '../../domain/model.ts';
import { json } from '../../http/respond.ts';
import type { User } from '../../hub/context.ts';
import { eraseWhole } from '../../hub/erasing.ts';
import {
  changeUser,
  createUser as createInHub,
  type PersonChange,
  usersByEmail,
  usersByNumbers,
} from '../../hub/people.ts';
import { syncUser as syncInHub } from '../../hub/zendesk.ts';
import { bodyOf, brandOf, type Call, done, userOfPath } from './call.ts';
import { refuse } from './errors.ts';
import { metadataFits, metadataTooLarge } from './fields.ts';
import { onceOf } from './idempotency.ts';
import { deepParam, pageEnvelope, pageRequest, placeOf } from './query.ts';
import { nameOf, renderUser, type StoredProfile } from './render.ts';
import { syncUserBody, type UserUpdateBody, userCreateBody, userUpdateBody } from './schemas.ts';

/**
 * The profile's email stays in the profile: here two people may have the same one, while the hub's own email is
 * unique in its app and signs in.
 */
export async function createUser(call: Call): Promise<Response> {
  const body = await bodyOf(call, userCreateBody);
  const { avatarUrl, locale, ...profile } = body.profile ?? {};
  const user = await createInHub(call.hub, call.app, {
    externalId: body.externalId,
    name: nameOf(present(profile)) || undefined,
    avatar: avatarUrl ?? undefined,
    locale: locale ?? undefined,
    metadata: (body.metadata as JsonObject | null | undefined) ?? {},
    profile: present({
      ...profile,
      signedUpAt: body.signedUpAt,
      toBeRetained: body.toBeRetained,
      brandId: body.brandId,
      zendeskId: body.zendeskId,
    }) as JsonObject,
    once: onceOf(call, body),
  });
  return json({ user: renderUser(call.hub.ids, user) }, 201);
}

export async function getUser(call: Call): Promise<Response> {
  return json({ user: renderUser(call.hub.ids, await freshUser(call)) });
}

/** The person of the path as the directory has them now: what is remembered may lack another caller's change. */
async function freshUser(call: Call): Promise<User> {
  const { number } = await userOfPath(call);
  const user = (await usersByNumbers(call.hub, call.app, [number])).get(number);
  if (!user) throw new Refused(notFound('user'));
  return user;
}

/** Merges: what is left out stays, a null takes away, also single keys of profile and metadata. */
export async function updateUser(call: Call): Promise<Response> {
  const body = await bodyOf(call, userUpdateBody);
  const { number } = await userOfPath(call);
  const updated = await changeUser(call.hub, call.app, number, (user) => changeOf(user, body));
  return json({ user: renderUser(call.hub.ids, updated) });
}

function changeOf(user: User, body: UserUpdateBody): PersonChange {
  const { avatarUrl, locale, ...names } = body.profile ?? {};
  const cleared = body.profile === null;
  const before: StoredProfile = user.profile;
  const profile = present({
    ...before,
    ...(cleared && { givenName: null, surname: null, email: null }),
    ...names,
    ...(body.signedUpAt !== undefined && { signedUpAt: body.signedUpAt }),
    ...(body.toBeRetained !== undefined && { toBeRetained: body.toBeRetained }),
    ...(body.zendeskId !== undefined && { zendeskId: body.zendeskId }),
  });
  const metadata = body.metadata === null ? {} : present({ ...user.metadata, ...body.metadata });
  if (!metadataFits(metadata as JsonObject)) throw refuse(metadataTooLarge('User'));
  const renamed = cleared || names.givenName !== undefined || names.surname !== undefined;
  return {
    ...(renamed && { name: nameOf(profile) || user.externalId }),
    ...((cleared || avatarUrl !== undefined) && { avatar: avatarUrl ?? null }),
    ...((cleared || locale !== undefined) && { locale: locale ?? null }),
    profile: profile as JsonObject,
    metadata: metadata as JsonObject,
  };
}

/** The fields that hold a value. */
function present<Fields extends object>(
  fields: Fields,
): { [Key in keyof Fields]?: NonNullable<Fields[Key]> } {
  const kept = Object.entries(fields).filter(([, value]) => value !== null && value !== undefined);
  return Object.fromEntries(kept) as { [Key in keyof Fields]?: NonNullable<Fields[Key]> };
}

/** Conversations erased before a deletion is answered; the rest follow behind it. */
const ERASED_AT_ONCE = 50;

/** Everybody of one e-mail address, which the filter must name, and of a brand if the call says one. */
export async function listUsers(call: Call): Promise<Response> {
  const { hub, app, url } = call;
  const email = deepParam(url.searchParams, 'filter')?.['identities.email'];
  if (typeof email !== 'string' || email === '') throw refuse('Invalid query parameters');
  const page = pageRequest(url.searchParams, (cursor) => {
    const n = hub.ids.parseHex('user', cursor);
    return n === null ? null : userNumber(n);
  });
  const { users, hasMore } = await usersByEmail(hub, app, email, { ...page, brand: brandOf(call) });
  const id = (at: number): string => hub.ids.hex('user', users.at(at)?.number ?? 0);
  const ends = users.length > 0 ? { first: id(0), last: id(-1) } : null;
  return json({
    users: users.map((user) => renderUser(hub.ids, user)),
    ...pageEnvelope(hub, url, placeOf(page, hasMore, ends)),
  });
}

/** The account at once, their own conversations with it; in groups author and text are redacted (DESIGN.md 4, "Erasure"). */
export async function deleteUser(call: Call): Promise<Response> {
  const { number } = await freshUser(call);
  await eraseWhole(call.hub, call.app, number, { conversations: 'delete', limit: ERASED_AT_ONCE });
  return done();
}

/**
 * The user of a record in Zendesk Support, linked to the surviving record where two were merged there; two users become one. The vendor copies
 * names and addresses over from Zendesk; this hub has no Zendesk to ask.
 */
export async function syncUser(call: Call): Promise<Response> {
  const { survivingZendeskId } = await bodyOf(call, syncUserBody);
  const { hub, app, params } = call;
  const user = await syncInHub(hub, app, params.zendeskId ?? '', survivingZendeskId ?? null);
  return json({ user: renderUser(hub.ids, user) });
}

/** Names, e-mail address, picture and custom data go, what was said stays under the name of the account. */
export async function deletePersonalInformation(call: Call): Promise<Response> {
  const { number } = await userOfPath(call);
  const updated = await changeUser(call.hub, call.app, number, ({ externalId, profile }) => {
    const { signedUpAt, toBeRetained, brandId, zendeskId }: StoredProfile = profile;
    return {
      name: externalId,
      email: null,
      avatar: null,
      profile: present({ signedUpAt, toBeRetained, brandId, zendeskId }) as JsonObject,
      metadata: {},
    };
  });
  return json({ user: renderUser(call.hub.ids, updated) });
}
