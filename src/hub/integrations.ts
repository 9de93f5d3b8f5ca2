// Integrations: systems of an app's owner that call the API with keys of their own and are told what happens. What they
// are told at is endpoints.ts, which of them speaks for the business is switchboards.ts.
import {
  endIntegration,
  endpointsOf,
  findIntegration,
  type Integration,
  insertIntegration,
  integrationsOf,
  renameIntegration,
} from '../directory/integrations.ts';
import { invalid, notFound, Refused } from '../domain/errors.ts';
import type { IntegrationNumber } from '../domain/ids.ts';
import { type KeyOwner, listKeys } from './app-keys.ts';
import { forgetApp } from './apps.ts';
import type { App, Hub } from './context.ts';
import { ask } from './directory.ts';
import { tellEndpoint } from './endpoint-calls.ts';
import { type EndpointDraft, MOST_ENDPOINTS, sealedEndpoint } from './endpoints.ts';

export type { Integration } from '../directory/integrations.ts';

/** Integrations of one app. The vendor publishes no number; each costs rows in every list of them. */
const MOST_INTEGRATIONS = 100;

/** Whose keys an integration's keys are. */
export const keysOf = (app: App, { number }: Integration): KeyOwner => ({
  app,
  door: 'sunshine',
  scope: 'integration',
  integration: number,
});

/** A new integration with its first endpoint. Invalid: the address may not be called, or the app has as many as it may. */
export async function addIntegration(
  hub: Hub,
  app: App,
  name: string | null,
  endpoint: EndpointDraft,
): Promise<Integration> {
  const sealed = await sealedEndpoint(hub, app, endpoint);
  const most = { integrations: MOST_INTEGRATIONS, endpoints: MOST_ENDPOINTS };
  const made = await ask(hub, app.number, (d1) =>
    insertIntegration(d1, app.number, { type: 'custom', name }, sealed, most, Date.now()),
  );
  forgetApp(hub, app);
  if (made) return made;
  const title = `At most ${MOST_INTEGRATIONS} integrations and ${MOST_ENDPOINTS} webhooks are allowed in an app.`;
  throw new Refused(invalid(title));
}

/** The living integrations of an app, the newest first. */
export const listIntegrations = (hub: Hub, app: App): Promise<Integration[]> =>
  ask(hub, app.number, (d1) => integrationsOf(d1, app.number));

/** Not found: of another app, ended, never made. */
export async function integrationOf(hub: Hub, app: App, number: IntegrationNumber): Promise<Integration> {
  const found = await ask(hub, app.number, (d1) => findIntegration(d1, app.number, number));
  if (!found) throw new Refused(notFound('integration'));
  return found;
}

export async function nameIntegration(
  hub: Hub,
  app: App,
  integration: Integration,
  name: string | null,
): Promise<Integration> {
  await ask(hub, app.number, (d1) => renameIntegration(d1, integration.number, name));
  return { ...integration, name };
}

/**
 * Ends an integration, its keys (everywhere within 5 s, here at once) and its endpoints. Invalid while a switchboard has
 * it: conversations would be left to nobody.
 */
export async function deleteIntegration(hub: Hub, app: App, integration: Integration): Promise<void> {
  const keys = await listKeys(hub, keysOf(app, integration));
  const told = await ask(hub, app.number, (d1) => endpointsOf(d1, app.number));
  const ended = await ask(hub, app.number, (d1) => endIntegration(d1, integration.number, Date.now()));
  if (!ended) {
    await integrationOf(hub, app, integration.number);
    throw new Refused(invalid('The integration cannot be deleted while a switchboard integration links it.'));
  }
  for (const { number } of keys) hub.isolate.keys.forget(String(number));
  forgetApp(hub, app);
  const own = told.filter((endpoint) => endpoint.integration === integration.number);
  await Promise.all(own.map(({ number }) => tellEndpoint(hub, number)));
}
