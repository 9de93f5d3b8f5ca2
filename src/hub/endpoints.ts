// Endpoints: addresses that are told what happens in an app. Here they are kept; what an event looks like is the dialects'.
import {
  changeEndpoint as change,
  type EndpointChange,
  type EndpointFormat,
  endEndpoint,
  endpointsOf,
  findEndpoint,
  insertEndpoint,
  type NewEndpoint,
  type Endpoint as StoredEndpoint,
} from '../directory/integrations.ts';
import { invalid, notFound, Refused } from '../domain/errors.ts';
import type { EndpointNumber, IntegrationNumber } from '../domain/ids.ts';
import { refuseWebhook } from '../http/outgoing.ts';
import { newSecret } from '../http/secrets.ts';
import { forgetApp } from './apps.ts';
import type { App, Hub } from './context.ts';
import { ask } from './directory.ts';
import { tellEndpoint } from './endpoint-calls.ts';
import type { Integration } from './integrations.ts';
import { seal, unseal } from './sealing.ts';

/** An endpoint with the secret that its deliveries show or sign with. */
export type Endpoint = StoredEndpoint;

export interface EndpointDraft {
  format: EndpointFormat;
  url: string;
  /** In the words of the format. */
  events: string[];
  options: Record<string, boolean>;
}

/** Endpoints of one format in an app (contracts/sunshine.md 1). */
export const MOST_ENDPOINTS = 10;

/** Why the hub may not call this address; null: it may. Names are looked up when it is called (src/http/outgoing.ts). */
export const refuseTarget = (hub: Hub, app: App, url: string): string | null =>
  refuseWebhook(url, {
    allowed: hub.settings.webhookAllowHosts,
    own: [new URL(hub.origin).hostname, ...app.hosts],
  });

function demandTarget(hub: Hub, app: App, url: string): void {
  const problem = refuseTarget(hub, app, url);
  if (problem) throw new Refused(invalid(`The address ${problem}.`));
}

/** A draft as the directory keeps it, with a new secret. Invalid: the hub may not call the address. */
export async function sealedEndpoint(hub: Hub, app: App, draft: EndpointDraft): Promise<NewEndpoint> {
  demandTarget(hub, app, draft.url);
  return { ...draft, secret: await seal(hub, newSecret()), origin: hub.origin };
}

const opened = async (hub: Hub, stored: StoredEndpoint): Promise<Endpoint> => ({
  ...stored,
  secret: await unseal(hub, stored.secret),
});

/** A new endpoint of an integration. Invalid: the hub may not call the address, or the app has as many as it may. */
export async function addEndpoint(
  hub: Hub,
  app: App,
  integration: Integration,
  draft: EndpointDraft,
): Promise<Endpoint> {
  const sealed = await sealedEndpoint(hub, app, draft);
  const made = await ask(hub, app.number, (d1) =>
    insertEndpoint(d1, app.number, integration.number, sealed, MOST_ENDPOINTS, Date.now()),
  );
  if (!made) throw new Refused(invalid(`At most ${MOST_ENDPOINTS} webhooks are allowed in an app.`));
  forgetApp(hub, app);
  return opened(hub, made);
}

/** The living endpoints of one format in an app, by integration, oldest first. */
export async function endpointsByIntegration(
  hub: Hub,
  app: App,
  format: EndpointFormat,
): Promise<Map<IntegrationNumber, Endpoint[]>> {
  const all = await ask(hub, app.number, (d1) => endpointsOf(d1, app.number));
  const found = new Map<IntegrationNumber, Endpoint[]>();
  for (const stored of all) {
    if (stored.format !== format || stored.integration === null) continue;
    const list = found.get(stored.integration) ?? [];
    found.set(stored.integration, [...list, await opened(hub, stored)]);
  }
  return found;
}

/** Not found: of another integration, ended, never made. */
export async function endpointOf(
  hub: Hub,
  integration: Integration,
  number: EndpointNumber,
): Promise<Endpoint> {
  const found = await ask(hub, integration.app, (d1) => findEndpoint(d1, integration.number, number));
  if (!found) throw new Refused(notFound('endpoint'));
  return opened(hub, found);
}

/** What is left out stays, of the options key by key. Invalid: the hub may not call the address. Not found as above. */
export async function changeEndpoint(
  hub: Hub,
  app: App,
  endpoint: Endpoint,
  changes: EndpointChange,
): Promise<Endpoint> {
  if (changes.url !== undefined) demandTarget(hub, app, changes.url);
  const changed = await ask(hub, endpoint.app, (d1) => change(d1, endpoint.number, changes, Date.now()));
  if (!changed) throw new Refused(notFound('endpoint'));
  await heard(hub, app, changed);
  return opened(hub, changed);
}

/** The app's conversations and the object that sends for it go by the row as it is now. */
async function heard(hub: Hub, app: App, { number }: Pick<Endpoint, 'number'>): Promise<void> {
  forgetApp(hub, app);
  await tellEndpoint(hub, number);
}

export async function deleteEndpoint(hub: Hub, app: App, endpoint: Endpoint): Promise<void> {
  const ended = await ask(hub, endpoint.app, (d1) => endEndpoint(d1, endpoint.number, Date.now()));
  if (!ended) throw new Refused(notFound('endpoint'));
  await heard(hub, app, endpoint);
}
