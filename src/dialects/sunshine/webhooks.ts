// Webhooks of integrations: create, list, get, update, delete (contracts/sunshine.md 3). What they are sent is events.ts.
import * as v from 'valibot';
import { forbidden, invalid, notFound, Refused } from '../../domain/errors.ts';
import { endpointNumber } from '../../domain/ids.ts';
import type { JsonObject } from '../../domain/model.ts';
import { json } from '../../http/respond.ts';
import type { Hub } from '../../hub/context.ts';
import {
  addEndpoint,
  changeEndpoint,
  deleteEndpoint,
  type Endpoint,
  type EndpointDraft,
  endpointOf,
  endpointsByIntegration,
  refuseTarget,
} from '../../hub/endpoints.ts';
import { type Integration, integrationOf } from '../../hub/integrations.ts';
import { bodyOf, type Call, done, integrationOfPath } from './call.ts';
import { list, may, plainObject, webAddress } from './fields.ts';
import { TRIGGERS } from './triggers.ts';

export const FORMAT = 'sunshine';

const target = webAddress;
const triggers = list(v.picklist(TRIGGERS), 1, TRIGGERS.length);
const flags = { includeFullUser: may(v.boolean()), includeFullSource: may(v.boolean()) };

/** `id`, `version` and `secret` are the hub's: a webhook that comes back with them is taken as it is described. */
export const webhookCreateBody = v.pipe(plainObject, v.object({ target, triggers, ...flags }));
export const webhookUpdateBody = v.pipe(
  plainObject,
  v.object({ target: may(target), triggers: may(triggers), ...flags }),
);
type WebhookBody = v.InferOutput<typeof webhookCreateBody>;

/** The webhook that a body describes. Refused with the field's path where the hub may not call the address. */
export function draftOf(call: Call, body: WebhookBody, path: string): EndpointDraft {
  demandTarget(call, body.target, path);
  return {
    format: FORMAT,
    url: body.target,
    events: [...new Set(body.triggers)],
    options: {
      includeFullUser: body.includeFullUser ?? false,
      includeFullSource: body.includeFullSource ?? false,
    },
  };
}

function demandTarget({ hub, app }: Call, url: string, path: string): void {
  const problem = refuseTarget(hub, app, url);
  if (!problem) return;
  const message = `should be an address that may be called from here: this one ${problem}`;
  throw new Refused(invalid('The request is not valid.', [{ path, message }]));
}

/** `secret`: to keys of the app and of the integration; an account sees none (DESIGN.md 6). */
export const renderWebhook = (hub: Hub, endpoint: Endpoint, withSecret = true): JsonObject => ({
  id: hub.ids.hex('webhook', endpoint.number),
  version: 'v2',
  target: endpoint.url,
  triggers: endpoint.events,
  ...(withSecret && { secret: endpoint.secret }),
  includeFullUser: endpoint.options.includeFullUser ?? false,
  includeFullSource: endpoint.options.includeFullSource ?? false,
});

/**
 * The integration whose webhooks a call is about. An integration's own key names itself, by id or as `me`, and is
 * answered the same for every other id.
 */
async function ownerOf(call: Call): Promise<Integration> {
  const { hub, app, caller, params } = call;
  if (caller.integration === undefined) return integrationOfPath(call);
  const own = caller.integration;
  const asked = params.integrationId ?? '';
  const isOwn = own !== null && (asked === 'me' || hub.ids.parseHex('integration', asked) === own);
  if (!isOwn) throw new Refused(forbidden('An integration sees its own webhooks only.'));
  return integrationOf(hub, app, own);
}

async function webhookOf(call: Call): Promise<Endpoint> {
  const owner = await ownerOf(call);
  const n = call.hub.ids.parseHex('webhook', call.params.webhookId ?? '');
  if (n === null) throw new Refused(notFound('endpoint'));
  return endpointOf(call.hub, owner, endpointNumber(n));
}

export async function createWebhook(call: Call): Promise<Response> {
  const owner = await ownerOf(call);
  const draft = draftOf(call, await bodyOf(call, webhookCreateBody), 'target');
  const webhook = await addEndpoint(call.hub, call.app, owner, draft);
  return json({ webhook: renderWebhook(call.hub, webhook) }, 201);
}

export async function listWebhooks(call: Call): Promise<Response> {
  const { number } = await ownerOf(call);
  const webhooks = (await endpointsByIntegration(call.hub, call.app, FORMAT)).get(number) ?? [];
  return json({ webhooks: webhooks.map((webhook) => renderWebhook(call.hub, webhook)) });
}

export async function getWebhook(call: Call): Promise<Response> {
  return json({ webhook: renderWebhook(call.hub, await webhookOf(call)) });
}

/** What is left out, or null, stays. */
export async function updateWebhook(call: Call): Promise<Response> {
  const webhook = await webhookOf(call);
  const body = await bodyOf(call, webhookUpdateBody);
  if (typeof body.target === 'string') demandTarget(call, body.target, 'target');
  const changed = await changeEndpoint(call.hub, call.app, webhook, {
    ...(body.target && { url: body.target }),
    ...(body.triggers && { events: [...new Set(body.triggers)] }),
    options: {
      ...(typeof body.includeFullUser === 'boolean' && { includeFullUser: body.includeFullUser }),
      ...(typeof body.includeFullSource === 'boolean' && { includeFullSource: body.includeFullSource }),
    },
  });
  return json({ webhook: renderWebhook(call.hub, changed) });
}

export async function deleteWebhook(call: Call): Promise<Response> {
  await deleteEndpoint(call.hub, call.app, await webhookOf(call));
  return done();
}
