// Keys that an app's own API and the operator make and end one by one; how a key is sealed and checked is keys.ts.
import {
  type Credential,
  credentialsOf,
  findCredential,
  revokeCredential,
} from '../directory/credentials.ts';
import { invalid, notFound, Refused } from '../domain/errors.ts';
import type { IntegrationNumber, KeyNumber } from '../domain/ids.ts';
import type { App, Hub } from './context.ts';
import { ask } from './directory.ts';
import { type KeyScope, keyIdOf, makeKeyWithin } from './keys.ts';

/** Keys that one app, and one integration, may have at a door (contracts/sunshine.md 1). */
export const MOST_KEYS = 10;

/** Whose keys they are: an app's (null: those of the hub), or one integration's of it, for one door. */
export interface KeyOwner {
  app: App | null;
  door: string;
  scope: KeyScope;
  /** With scope `integration`, and only then. */
  integration?: IntegrationNumber;
}

/** A key as lists show it: its secret was shown when it was made. */
export interface KeyCard {
  number: KeyNumber;
  id: string;
  name: string | null;
}

const isOf = ({ app, door, scope, integration }: KeyOwner, key: Credential): boolean =>
  key.app === (app?.number ?? null) &&
  key.door === door &&
  key.scope === scope &&
  key.integration === (integration ?? null);

/** The living keys of this owner, oldest first. */
export async function listKeys(hub: Hub, owner: KeyOwner): Promise<KeyCard[]> {
  const keys = await ask(hub, null, (d1) => credentialsOf(d1, owner.app?.number ?? null));
  return keys.filter((key) => isOf(owner, key)).map((key) => cardOf(hub, owner, key));
}

const cardOf = (hub: Hub, { scope }: KeyOwner, { number, name }: Credential): KeyCard => ({
  number,
  name,
  id: keyIdOf(hub, scope, number),
});

/** A new key; its secret is in this answer alone. Invalid: there are as many as there may be. */
export async function addKey(
  hub: Hub,
  owner: KeyOwner,
  name: string | null,
): Promise<KeyCard & { secret: string }> {
  const key = { ...owner, app: owner.app?.number ?? null, name, most: MOST_KEYS };
  const made = await makeKeyWithin(hub, key);
  if (!made) throw new Refused(invalid(`At most ${MOST_KEYS} keys are allowed.`));
  return { ...made, name };
}

/** One living key. Not found: of another owner, ended, never made. */
export async function keyOf(hub: Hub, owner: KeyOwner, number: KeyNumber): Promise<KeyCard> {
  const key = await ask(hub, null, (d1) => findCredential(d1, number));
  if (!key || key.revokedAt !== null || !isOf(owner, key)) throw new Refused(notFound('key'));
  return cardOf(hub, owner, key);
}

/** Ends a key: everywhere within 5 s, here at once. Not found as above. */
export async function endKey(hub: Hub, owner: KeyOwner, number: KeyNumber): Promise<void> {
  await keyOf(hub, owner, number);
  await ask(hub, null, async (d1) => revokeCredential(d1, number, Date.now()));
  hub.isolate.keys.forget(String(number));
}
