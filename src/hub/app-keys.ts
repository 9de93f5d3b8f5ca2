// Keys that an app's own API and the operator make and end one by one; how a key is sealed and checked is keys.ts.
import { credentialsOf, findCredential, revokeCredential } from '../directory/apps.ts';
import { invalid, notFound, Refused } from '../domain/errors.ts';
import type { AppNumber, KeyNumber } from '../domain/ids.ts';
import type { App, Hub } from './context.ts';
import { ask } from './directory.ts';
import { type KeyScope, keyIdOf, makeKey } from './keys.ts';

/** Keys that one app may have at a door (contracts/sunshine.md 1). */
export const MOST_KEYS = 10;

/** A key as lists show it: its secret was shown when it was made. */
export interface KeyCard {
  number: KeyNumber;
  id: string;
  name: string | null;
}

/** The living keys of an app at one door, or of the hub (`app` null), oldest first. */
export async function listKeys(hub: Hub, app: App | null, door: string, scope: KeyScope): Promise<KeyCard[]> {
  const rows = await ask(hub, null, (d1) => credentialsOf(d1, app?.number ?? null));
  return rows
    .filter((row) => row.door === door && row.scope === scope)
    .map(({ number, name }) => ({ number, name, id: keyIdOf(hub, scope, number) }));
}

/** A new key; its secret is in this answer alone. Invalid: the app has as many as it may. */
export async function addKey(
  hub: Hub,
  app: App | null,
  door: string,
  scope: KeyScope,
  name: string | null,
): Promise<KeyCard & { secret: string }> {
  if ((await listKeys(hub, app, door, scope)).length >= MOST_KEYS)
    throw new Refused(invalid(`At most ${MOST_KEYS} keys are allowed.`));
  return { ...(await makeKey(hub, app?.number ?? null, door, scope, name)), name };
}

/** One living key. Not found: of another app, door or scope, ended, never made. */
export async function keyOf(
  hub: Hub,
  app: App | null,
  door: string,
  scope: KeyScope,
  number: KeyNumber,
): Promise<KeyCard> {
  const owner: AppNumber | null = app?.number ?? null;
  const row = await ask(hub, null, (d1) => findCredential(d1, number));
  const fits = row?.app === owner && row.door === door && row.scope === scope && row.revokedAt === null;
  if (!fits) throw new Refused(notFound('key'));
  return { number, name: row.name, id: keyIdOf(hub, scope, number) };
}

/** Ends a key: everywhere within 5 s, here at once. Not found as above. */
export async function endKey(
  hub: Hub,
  app: App | null,
  door: string,
  scope: KeyScope,
  number: KeyNumber,
): Promise<void> {
  await keyOf(hub, app, door, scope, number);
  await ask(hub, null, async (d1) => revokeCredential(d1, number, Date.now()));
  hub.isolate.keys.forget(String(number));
}
