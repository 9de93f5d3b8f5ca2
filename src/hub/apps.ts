// Apps, and who calls in their name.
import { findApp } from '../directory/apps.ts';
import { directoryFor } from '../directory/door.ts';
import { notFound, Refused } from '../domain/errors.ts';
import { foldHost } from '../domain/hosts.ts';
import type { AppNumber, IntegrationNumber } from '../domain/ids.ts';
import { type Door, TEAM_ROLES } from '../domain/model.ts';
import type { App, Caller, Hub, User } from './context.ts';

async function remembered(hub: Hub, key: string, by: Parameters<typeof findApp>[1]): Promise<App> {
  const app = await hub.isolate.apps.get(key, () => findApp(directoryFor(hub.env, null), by));
  if (!app) throw new Refused(notFound('app'));
  return app;
}

export const appBySlug = (hub: Hub, slug: string): Promise<App> => remembered(hub, `slug ${slug}`, { slug });

export const appByNumber = (hub: Hub, number: AppNumber): Promise<App> =>
  remembered(hub, `number ${number}`, { number });

/** The app that a host name was given to, whatever its case, port or dot at the end; null: none. */
export function appMapped(hub: Hub, host: string): Promise<App | null> {
  const name = foldHost(host);
  return hub.isolate.apps.get(`host ${name}`, () => findApp(directoryFor(hub.env, null), { host: name }));
}

/** The same; else the default one. */
export const appOfHost = async (hub: Hub, host: string): Promise<App> =>
  (await appMapped(hub, host)) ?? appBySlug(hub, hub.settings.defaultApp);

/** After a change: every name under which this isolate remembers the app. */
export function forgetApp(hub: Hub, app: App): void {
  for (const key of [
    `slug ${app.slug}`,
    `number ${app.number}`,
    ...app.hosts.map((host) => `host ${host}`),
  ]) {
    hub.isolate.apps.forget(key);
  }
}

/** A credential of the app itself: may do everything inside it. */
export const appCaller = (app: App, door: Door): Caller => ({ app, user: null, powers: 'app', door });

/** The same for an integration of the app, which does not hold what others hold (switchboards.ts). */
export const integrationCaller = (app: App, door: Door, integration: IntegrationNumber | null): Caller => ({
  ...appCaller(app, door),
  integration,
});

/** A person: what membership allows, and for the team any support conversation of the app. */
export const userCaller = (app: App, user: User, door: Door): Caller => ({
  app,
  user,
  powers: TEAM_ROLES.has(user.role) ? 'team' : 'member',
  door,
});
