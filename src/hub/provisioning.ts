// Apps as the operator makes them: with their voices and a credential for every door.
import {
  type AppChange,
  type AppSettings,
  deleteApp as endApp,
  listApps as everyApp,
  findApp,
  insertApp,
  setVoices,
  updateApp as writeApp,
} from '../directory/apps.ts';
import { credentialsOf } from '../directory/credentials.ts';
import { takenColumn } from '../directory/door.ts';
import { invalid, Refused } from '../domain/errors.ts';
import type { AppNumber, KeyNumber, UserNumber } from '../domain/ids.ts';
import { appBySlug, forgetApp } from './apps.ts';
import type { App, Hub } from './context.ts';
import { ask } from './directory.ts';
import { tellEndpoint } from './endpoint-calls.ts';
import { type KeyScope, keyIdOf, makeKey, rotateKeys } from './keys.ts';
import { createUser, userByExternalId } from './people.ts';
import { moveSockets } from './realtime.ts';

export type { AppChange, AppSettings } from '../directory/apps.ts';

/** Doors that have credentials of the app. */
export const KEYED_DOORS = ['sunshine', 'qiscus', 'ppcom', 'ppkefu'] as const;
export type KeyedDoor = (typeof KEYED_DOORS)[number];

/** A credential as it is shown once. */
export interface ShownKey {
  number: KeyNumber;
  id: string;
  secret: string;
}

/** A new app with all its credentials. Conflict when the slug is taken, also by an app that was deleted. */
export async function createApp(
  hub: Hub,
  slug: string,
  name: string,
): Promise<{ app: App; keys: Record<KeyedDoor, ShownKey> }> {
  await insertSlug(hub, slug, name);
  const made = (await ask(hub, null, (d1) => findApp(d1, { slug }))) as App;
  const system = await voice(hub, made, 'system', 'System');
  const business = await voice(hub, made, 'business', name);
  await ask(hub, null, async (d1) => setVoices(d1, made.number, system, business));
  forgetApp(hub, made);
  const app = await appBySlug(hub, slug);
  return { app, keys: await newKeys(hub, app.number, KEYED_DOORS) };
}

/** Takes the slug. One that an interrupted call took, and never finished, may be taken over. */
async function insertSlug(hub: Hub, slug: string, name: string): Promise<void> {
  try {
    await ask(hub, null, (d1) => insertApp(d1, slug, name, Date.now()));
  } catch (error) {
    if (takenColumn(error) === null) throw error;
    const holder = await ask(hub, null, (d1) => findApp(d1, { slug }));
    if (holder && !holder.systemUser) return;
    throw new Refused({ code: 'conflict', subject: 'app', message: 'This slug is already taken.' });
  }
}

/** The user that speaks for the hub or for the business; found again when an earlier try made it. */
async function voice(hub: Hub, app: App, role: 'system' | 'business', name: string): Promise<UserNumber> {
  const externalId = `parlance:${role}`;
  try {
    return (await createUser(hub, app, { externalId, username: externalId, name, role })).number;
  } catch (error) {
    if (!(error instanceof Refused) || error.refusal.code !== 'conflict') throw error;
    return (await userByExternalId(hub, app, externalId)).number;
  }
}

async function newKeys<D extends KeyedDoor>(
  hub: Hub,
  app: AppNumber,
  doors: readonly D[],
): Promise<Record<D, ShownKey>> {
  const made = await Promise.all(
    doors.map(async (door) => [door, await makeKey(hub, app, door, 'app')] as const),
  );
  return Object.fromEntries(made) as Record<D, ShownKey>;
}

export const listApps = (hub: Hub): Promise<App[]> => ask(hub, null, everyApp);

/** An app's credentials without their secrets. */
export async function keysOf(hub: Hub, app: App): Promise<{ door: string; scope: string; id: string }[]> {
  const keys = await ask(hub, app.number, (d1) => credentialsOf(d1, app.number));
  return keys.map((key) => ({
    door: key.door,
    scope: key.scope,
    id: keyIdOf(hub, key.scope as KeyScope, key.number),
  }));
}

/** Settings, hosts, origins; another number of Inboxes sends all live sockets to theirs. Conflict when a host name belongs to another app. */
export async function updateApp(
  hub: Hub,
  app: App,
  change: AppChange & { settings?: Partial<AppSettings> },
): Promise<App> {
  const settings = change.settings && withSearch(app, change.settings);
  try {
    await ask(hub, null, (d1) => writeApp(d1, app, { ...change, settings }));
  } catch (error) {
    if (takenColumn(error) === null) throw error;
    throw new Refused({
      code: 'conflict',
      subject: 'app',
      message: 'One of these host names belongs to another app.',
    });
  }
  forgetApp(hub, { ...app, hosts: [...app.hosts, ...(change.hosts ?? [])] });
  const changed = await appBySlug(hub, app.slug);
  const { inboxShards } = app.settings;
  if (changed.settings.inboxShards !== inboxShards) await moveSockets(hub, changed, inboxShards);
  return changed;
}

/** Search finds what the archive holds: it goes off with it, and comes on with it or after it. */
function withSearch(app: App, change: Partial<AppSettings>): Partial<AppSettings> {
  const archive = change.archive ?? app.settings.archive;
  if (change.search && !archive) {
    const message = 'needs settings.archive: search finds what the archive holds';
    throw new Refused(invalid('Some fields are wrong.', [{ path: 'settings.search', message }]));
  }
  return archive ? change : { ...change, search: false };
}

/** New secrets for one door; the old ones end. */
export async function rotateDoor<D extends KeyedDoor>(hub: Hub, app: App, door: D): Promise<ShownKey> {
  await rotateKeys(hub, app.number, door);
  // Made when somebody asks for it, of the same people as this one.
  if (door === 'ppkefu') await rotateKeys(hub, app.number, 'thirdparty');
  return (await newKeys(hub, app.number, [door]))[door];
}

/** Ends the app: its credentials, its sessions and every answer; its number and its slug stay taken. */
export async function deleteApp(hub: Hub, app: App): Promise<void> {
  await ask(hub, null, (d1) => endApp(d1, app.number, Date.now()));
  forgetApp(hub, app);
  for (const { number } of app.hooks.endpoints) hub.defer(tellEndpoint(hub, number));
}
