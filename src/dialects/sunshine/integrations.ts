// Integrations and their keys: create, list, get, update, delete (contracts/sunshine.md 3). Their webhooks are webhooks.ts.
import * as v from 'valibot';
import { notFound, Refused } from '../../domain/errors.ts';
import { type KeyNumber, keyNumber } from '../../domain/ids.ts';
import type { JsonObject } from '../../domain/model.ts';
import { json } from '../../http/respond.ts';
import { addKey, endKey, type KeyOwner, keyOf, listKeys } from '../../hub/app-keys.ts';
import { type Endpoint, endpointsByIntegration } from '../../hub/endpoints.ts';
import {
  addIntegration,
  deleteIntegration as deleteInHub,
  type Integration,
  keysOf,
  listIntegrations as listInHub,
  nameIntegration,
} from '../../hub/integrations.ts';
import { keyBody, renderKey } from './apps.ts';
import { bodyOf, type Call, done, integrationOfPath } from './call.ts';
import { refuse } from './errors.ts';
import { list, may, plainObject, text } from './fields.ts';
import { deepParam, pageEnvelope, pageRequest, placeOf } from './query.ts';
import { draftOf, FORMAT, renderWebhook, webhookCreateBody } from './webhooks.ts';

/** The vendor's types of integrations: lists may be asked for them, and only `custom` can be made here. */
const TYPES = [
  'android',
  'apple',
  'custom',
  'instagram',
  'ios',
  'line',
  'mailgun',
  'messagebird',
  'messenger',
  'telegram',
  'twilio',
  'twitter',
  'unity',
  'viber',
  'web',
  'wechat',
  'whatsapp',
];

/** Every other type is a channel to a network that this hub does not have. */
const type = v.pipe(
  v.string(),
  v.check(
    (given) => given === 'custom',
    ({ input }) =>
      TYPES.includes(String(input))
        ? `Invalid integration type: this hub has no channel '${input}', only 'custom' integrations`
        : 'Invalid integration type',
  ),
);

export const integrationCreateBody = v.pipe(
  plainObject,
  v.object({ type, displayName: may(text(1, 100)), webhooks: list(webhookCreateBody, 1, 1) }),
);
/** A null takes the name away. */
export const integrationUpdateBody = v.pipe(plainObject, v.object({ displayName: may(text(1, 100)) }));

async function render(call: Call, integration: Integration, webhooks?: Endpoint[]): Promise<JsonObject> {
  const shown =
    webhooks ??
    (await endpointsByIntegration(call.hub, call.app, FORMAT)).get(integration.number) ??
    ([] as Endpoint[]);
  return {
    id: call.hub.ids.hex('integration', integration.number),
    type: integration.type,
    status: integration.status,
    ...(integration.name !== null && { displayName: integration.name }),
    webhooks: shown.map((webhook) => renderWebhook(call.hub, webhook, call.scope === 'app')),
  };
}

export async function createIntegration(call: Call): Promise<Response> {
  const { displayName, webhooks } = await bodyOf(call, integrationCreateBody);
  const draft = draftOf(call, webhooks[0] as (typeof webhooks)[number], 'webhooks[0].target');
  const integration = await addIntegration(call.hub, call.app, displayName ?? null, draft);
  return json({ integration: await render(call, integration) }, 201);
}

/** The integrations by number, the newest first. */
export async function listIntegrations(call: Call): Promise<Response> {
  const { hub, app, url } = call;
  const types = typesOf(url.searchParams);
  const page = pageRequest(url.searchParams, (cursor) => hub.ids.parseHex('integration', cursor));
  const { after, before, size } = page;
  const all = (await listInHub(hub, app)).filter((each) => types === null || types.includes(each.type));
  const rest =
    before !== undefined
      ? all.filter((each) => each.number > before).slice(-size - 1)
      : all.filter((each) => after === undefined || each.number < after).slice(0, size + 1);
  const hasMore = rest.length > size;
  const shown = before !== undefined ? rest.slice(-size) : rest.slice(0, size);
  const id = (at: number): string => hub.ids.hex('integration', shown.at(at)?.number ?? 0);
  const ends = shown.length > 0 ? { first: id(0), last: id(-1) } : null;
  const webhooks = shown.length > 0 ? await endpointsByIntegration(hub, app, FORMAT) : new Map();
  return json({
    integrations: await Promise.all(shown.map((each) => render(call, each, webhooks.get(each.number) ?? []))),
    ...pageEnvelope(hub, url, placeOf(page, hasMore, ends)),
  });
}

/** `filter[types]`: names with commas between them; null: all. */
function typesOf(query: URLSearchParams): string[] | null {
  const filter = deepParam(query, 'filter');
  if (filter && (filter.types === undefined || filter.types === null)) return null;
  const types = typeof filter?.types === 'string' ? filter.types.split(',').map((name) => name.trim()) : [];
  if (types.length === 0 || types.some((name) => !TYPES.includes(name)))
    throw refuse('Invalid query parameters');
  return types;
}

export async function getIntegration(call: Call): Promise<Response> {
  return json({ integration: await render(call, await integrationOfPath(call)) });
}

export async function updateIntegration(call: Call): Promise<Response> {
  const integration = await integrationOfPath(call);
  const { displayName } = await bodyOf(call, integrationUpdateBody);
  const changed =
    displayName === undefined
      ? integration
      : await nameIntegration(call.hub, call.app, integration, displayName);
  return json({ integration: await render(call, changed) });
}

/** Its keys and webhooks end with it. */
export async function deleteIntegration(call: Call): Promise<Response> {
  await deleteInHub(call.hub, call.app, await integrationOfPath(call));
  return done();
}

const ownerOf = async (call: Call): Promise<KeyOwner> => keysOf(call.app, await integrationOfPath(call));

export async function listIntegrationKeys(call: Call): Promise<Response> {
  return json({ keys: (await listKeys(call.hub, await ownerOf(call))).map(renderKey) });
}

/** The secret is in this answer alone. */
export async function createIntegrationKey(call: Call): Promise<Response> {
  const owner = await ownerOf(call);
  const { displayName } = await bodyOf(call, keyBody);
  const key = await addKey(call.hub, owner, displayName);
  return json({ key: { ...renderKey(key), secret: key.secret } }, 201);
}

export async function getIntegrationKey(call: Call): Promise<Response> {
  return json({ key: renderKey(await keyOf(call.hub, await ownerOf(call), keyOfPath(call))) });
}

export async function deleteIntegrationKey(call: Call): Promise<Response> {
  await endKey(call.hub, await ownerOf(call), keyOfPath(call));
  return done();
}

function keyOfPath({ hub, params }: Call): KeyNumber {
  const digits = /^int_([0-9a-f]{24})$/.exec(params.keyId ?? '')?.[1];
  const n = digits === undefined ? null : hub.ids.parseHex('key', digits);
  if (n === null) throw new Refused(notFound('key'));
  return keyNumber(n);
}
