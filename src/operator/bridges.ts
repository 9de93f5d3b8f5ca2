// Bridges of an app in the operator API: which place of which network is linked with which conversation, and how it goes.
import type { IRequest } from 'itty-router';
import { isServed } from '../domain/bridges.ts';
import { invalid, notFound, Refused } from '../domain/errors.ts';
import { type ConversationNumber, type EndpointNumber, endpointNumber, parseDecimal } from '../domain/ids.ts';
import { json } from '../http/respond.ts';
import { bridgeStatus, type Copy, dropCopiesOf } from '../hub/bridge-calls.ts';
import {
  addBridge,
  type BridgeCard,
  bridgeOf,
  deleteBridge,
  editBridge,
  listBridges,
  switchBridge,
} from '../hub/bridges.ts';
import type { App, Hub } from '../hub/context.ts';
import { endpointStatus, probeEndpoint } from '../hub/endpoint-calls.ts';
import { relayStatus } from '../hub/relays.ts';
import { releaseCopy } from '../hub/releasing.ts';
import { appOf, body, param } from './asked.ts';
import { BridgePatch, NewBridge, refuseFields, selfIn } from './bridge-schemas.ts';
import { attemptOf } from './endpoints.ts';

type Handler = (request: IRequest, hub: Hub) => Promise<Response>;

const iso = (ms: number | null): string | null => (ms === null ? null : new Date(ms).toISOString());

function numberIn(request: IRequest): EndpointNumber {
  const number = parseDecimal(param(request, 'bridge'));
  if (number === null) throw new Refused(notFound('endpoint', 'Bridge not found'));
  return endpointNumber(number);
}

/** The app and its bridge in the path. */
async function named(request: IRequest, hub: Hub): Promise<{ app: App; bridge: BridgeCard }> {
  const app = await appOf(request, hub);
  return { app, bridge: await bridgeOf(hub, app, numberIn(request)) };
}

/** Without its secrets: of its address only where it leads. */
const shown = (bridge: BridgeCard) => ({
  number: bridge.number,
  network: bridge.network,
  conversation: bridge.conversation,
  name: bridge.name,
  url: bridge.url,
  place: bridge.place,
  self: bridge.self,
  incoming: bridge.incoming,
  options: bridge.options,
  perSecond: bridge.perSecond,
  state: bridge.state === 'active' ? 'active' : 'paused',
  reason: bridge.reason,
  createdAt: iso(bridge.createdAt),
  updatedAt: iso(bridge.updatedAt),
});

const refuse = (...given: Parameters<typeof refuseFields>): void => {
  const fields = refuseFields(...given);
  if (fields.length > 0) throw new Refused(invalid('Some fields are wrong.', fields));
};

const unique = (ids: readonly string[]): string[] => [...new Set(ids)];

export const create: Handler = async (request, hub) => {
  const app = await appOf(request, hub);
  const asked = await body(request, NewBridge);
  const { network, credentials = {}, place = {}, self = [], options = {} } = asked;
  const { name = null, incoming = null, perSecond = null } = asked;
  refuse(network, { ...(asked.url !== undefined && { url: asked.url }), place, credentials });
  // A bridge that others come to stands below this hub's own address.
  const url = asked.url ?? (isServed({ network, place }) ? `${hub.origin}/hooks/matterbridge/` : null);
  if (url === null)
    throw new Refused(invalid('Some fields are wrong.', [{ path: 'url', message: 'is missing' }]));
  const conversation = asked.conversation as ConversationNumber;
  const draft = { network, conversation, url, credentials, place, options, name, incoming, perSecond };
  const bridge = await addBridge(hub, app, {
    ...draft,
    self: unique([...selfIn(network, url, credentials), ...self]),
  });
  return json({ bridge: shown(bridge) }, 201);
};

export const list: Handler = async (request, hub) => {
  const bridges = await listBridges(hub, await appOf(request, hub));
  return json({ bridges: bridges.map(shown) });
};

export const get: Handler = async (request, hub) => {
  const { bridge } = await named(request, hub);
  const [queue, { counts, copies }, relay] = await Promise.all([
    endpointStatus(hub, bridge.number),
    bridgeStatus(hub, bridge.number),
    relayStatus(hub, bridge),
  ]);
  const { waiting, dead, oldestWaiting, failingSince, consecutiveFailures, lastSuccess } = queue;
  const times = {
    oldestWaiting: iso(oldestWaiting),
    failingSince: iso(failingSince),
    lastSuccess: iso(lastSuccess),
  };
  const status = {
    waiting,
    dead,
    consecutiveFailures,
    ...times,
    counts,
    copies: copies.map(copyOf),
    ...(relay && { relay }),
  };
  return json({ bridge: shown(bridge), status });
};

/** What was not let in, as far as somebody has to see it to say what it is. */
function copyOf({ id, at, source, event, releasedAt, message }: Copy) {
  const { author, words } = JSON.parse(event) as { author: { name: string }; words: { text: string } };
  const released = { releasedAt: iso(releasedAt), message: message === null ? null : String(message) };
  return { id, at: iso(at), source, author: author.name, text: words.text, ...released };
}

export const change: Handler = async (request, hub) => {
  const { app, bridge } = await named(request, hub);
  const edit = await body(request, BridgePatch);
  refuse(bridge.network, edit);
  const known =
    edit.url === undefined && edit.credentials === undefined
      ? []
      : selfIn(bridge.network, edit.url ?? '', edit.credentials);
  const self =
    edit.self || known.length > 0 ? { self: unique([...known, ...(edit.self ?? bridge.self)]) } : {};
  return json({ bridge: shown(await editBridge(hub, app, bridge, { ...edit, ...self })) });
};

export const pause: Handler = async (request, hub) => {
  const { app, bridge } = await named(request, hub);
  return json({ bridge: shown(await switchBridge(hub, app, bridge, false)) });
};

export const resume: Handler = async (request, hub) => {
  const { app, bridge } = await named(request, hub);
  return json({ bridge: shown(await switchBridge(hub, app, bridge, true)) });
};

export const remove: Handler = async (request, hub) => {
  const { app, bridge } = await named(request, hub);
  await deleteBridge(hub, app, bridge);
  return json({});
};

export const test: Handler = async (request, hub) => {
  const { bridge } = await named(request, hub);
  return json({ attempt: attemptOf(await probeEndpoint(hub, bridge.number, {})) });
};

export const dropCopies: Handler = async (request, hub) => {
  const { bridge } = await named(request, hub);
  await dropCopiesOf(hub, bridge.number);
  return json({});
};

export const release: Handler = async (request, hub) => {
  const { app, bridge } = await named(request, hub);
  const id = parseDecimal(param(request, 'copy'));
  if (id === null) throw new Refused(notFound('message', 'Copy not found'));
  return json({ copy: copyOf(await releaseCopy(hub, app, bridge, id)) });
};
