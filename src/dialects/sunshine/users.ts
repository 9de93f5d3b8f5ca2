// Users: create, get, update (contracts/sunshine.md 3).

import { notFound, Refused } from '../../domain/errors.ts';
import type { JsonObject } from '../../domain/model.ts';
import { json } from '../../http/respond.ts';
import type { User } from '../../hub/context.ts';
import { createUser as createInHub, updateUser as updateInHub, usersByNumbers } from '../../hub/people.ts';
import { bodyOf, type Call, userOfPath } from './call.ts';
import { refuse } from './errors.ts';
import { metadataFits, metadataTooLarge } from './fields.ts';
import { nameOf, renderUser, type StoredProfile } from './render.ts';
import { userCreateBody, userUpdateBody } from './schemas.ts';

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
    }) as JsonObject,
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
  const user = await freshUser(call);
  const { avatarUrl, locale, ...names } = body.profile ?? {};
  const cleared = body.profile === null;
  const before: StoredProfile = user.profile;
  const profile = present({
    ...before,
    ...(cleared && { givenName: null, surname: null, email: null }),
    ...names,
    ...(body.signedUpAt !== undefined && { signedUpAt: body.signedUpAt }),
    ...(body.toBeRetained !== undefined && { toBeRetained: body.toBeRetained }),
  });
  const metadata = body.metadata === null ? {} : present({ ...user.metadata, ...body.metadata });
  if (!metadataFits(metadata as JsonObject)) throw refuse(metadataTooLarge('User'));
  const renamed = cleared || names.givenName !== undefined || names.surname !== undefined;
  const updated = await updateInHub(call.hub, call.app, user.number, {
    ...(renamed && { name: nameOf(profile) || user.externalId }),
    ...((cleared || avatarUrl !== undefined) && { avatar: avatarUrl ?? null }),
    ...((cleared || locale !== undefined) && { locale: locale ?? null }),
    profile: profile as JsonObject,
    metadata: metadata as JsonObject,
  });
  return json({ user: renderUser(call.hub.ids, updated) });
}

/** The fields that hold a value. */
function present<Fields extends object>(
  fields: Fields,
): { [Key in keyof Fields]?: NonNullable<Fields[Key]> } {
  const kept = Object.entries(fields).filter(([, value]) => value !== null && value !== undefined);
  return Object.fromEntries(kept) as { [Key in keyof Fields]?: NonNullable<Fields[Key]> };
}
