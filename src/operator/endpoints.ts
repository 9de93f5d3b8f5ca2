// Endpoints of an app in the operator API: who is told what happens, what they were sent, sending it again.
import type { IRequest } from 'itty-router';
import * as v from 'valibot';
import { invalid, notFound, Refused } from '../domain/errors.ts';
import { type EndpointNumber, endpointNumber, parseDecimal } from '../domain/ids.ts';
import { json } from '../http/respond.ts';
import type { App, Hub } from '../hub/context.ts';
import {
  type Attempt,
  type DeliveryCard,
  type DeliveryFilter,
  deliveriesOf,
  deliveryOf,
  discardDeliveries,
  endpointStatus,
  noticesOf,
  probeEndpoint,
  replayDeliveries,
  type Which,
} from '../hub/endpoint-calls.ts';
import {
  addHook,
  deleteHook,
  editHook,
  type Hook,
  headersOf,
  hookOf,
  listHooks,
  revokeOlderSecrets,
  rotateHook,
  secretsOf,
  signatureOf,
  switchHook,
} from '../hub/hooks.ts';
import { appOf, body, param } from './asked.ts';
import {
  DeliveryChoice,
  DeliveryQuery,
  Enabling,
  EndpointPatch,
  NewEndpoint,
  NoticeQuery,
  Rotation,
  Sending,
  Testing,
} from './endpoint-schemas.ts';
import { problemsOf } from './schemas.ts';

type Handler = (request: IRequest, hub: Hub) => Promise<Response>;

/** Deliveries on one page where nothing else is asked. */
const PAGE = 50;

const iso = (ms: number | null): string | null => (ms === null ? null : new Date(ms).toISOString());

/** The app and its endpoint in the path. */
async function named(request: IRequest, hub: Hub): Promise<{ app: App; hook: Hook }> {
  const app = await appOf(request, hub);
  return { app, hook: await hookOf(hub, app, numberIn(request)) };
}

/** The same where what was sent is looked at: a bridge's journal is its endpoint's. */
async function journaled(request: IRequest, hub: Hub): Promise<{ hook: Hook }> {
  const app = await appOf(request, hub);
  return { hook: await hookOf(hub, app, numberIn(request), { bridges: true }) };
}

function numberIn(request: IRequest): EndpointNumber {
  const number = parseDecimal(param(request, 'endpoint'));
  if (number === null) throw new Refused(notFound('endpoint'));
  return endpointNumber(number);
}

function deliveryIn(request: IRequest): number {
  const id = parseDecimal(param(request, 'delivery'));
  if (id === null) throw new Refused(notFound('endpoint', 'Delivery not found'));
  return id;
}

/** Without secrets: they are shown when they are made. Values of headers are as good as secrets. */
async function shown(hub: Hub, hook: Hook) {
  const secrets = await secretsOf(hub, hook, Date.now());
  return {
    number: hook.number,
    integration: hook.integration,
    format: hook.format,
    url: hook.url,
    events: hook.events,
    name: hook.name,
    options: hook.options,
    delivery: { ...hook.delivery, signature: signatureOf(hook) },
    headers: Object.keys(await headersOf(hub, hook)),
    state: hook.state,
    reason: hook.reason,
    secrets: secrets.map(({ id, until }) => ({ id, validUntil: iso(until) })),
    publicKeys: hook.delivery.ed25519
      ? `${hub.origin}/webhooks/keys/${hub.ids.hex('webhook', hook.number)}`
      : null,
    createdAt: iso(hook.createdAt),
    updatedAt: iso(hook.updatedAt),
  };
}

export const create: Handler = async (request, hub) => {
  const app = await appOf(request, hub);
  const asked = await body(request, NewEndpoint);
  const {
    format = 'parlance',
    events = ['*'],
    name = null,
    options = {},
    delivery = {},
    headers = {},
  } = asked;
  refuseOwn(format, asked);
  const draft = {
    format,
    url: asked.url,
    events: unique(events),
    name,
    delivery,
    headers,
    secret: asked.secret,
  };
  const { hook, secret } = await addHook(hub, app, { ...draft, options: flags(options) });
  return json({ endpoint: await shown(hub, hook), secret }, 201);
};

/** What events of these formats are is not the operator's to choose. */
const WHOSE: Partial<Record<Hook['format'], string>> = {
  sunshine: "are an integration's to choose",
  qiscus: 'are not to choose: this format tells of every comment',
};

function refuseOwn(
  format: Hook['format'],
  { events, options }: { events?: unknown; options?: unknown },
): void {
  const message = WHOSE[format];
  if (message === undefined || !(events || options)) return;
  throw new Refused(invalid('Some fields are wrong.', [{ path: events ? 'events' : 'options', message }]));
}

const unique = (events: readonly string[]): string[] => [...new Set(events)];
const flags = (options: { thin?: boolean }): Record<string, boolean> =>
  options.thin === undefined ? {} : { thin: options.thin };

export const list: Handler = async (request, hub) => {
  const hooks = await listHooks(hub, await appOf(request, hub));
  return json({ endpoints: await Promise.all(hooks.map((hook) => shown(hub, hook))) });
};

export const get: Handler = async (request, hub) => {
  const { hook } = await named(request, hub);
  const { oldestWaiting, failingSince, lastSuccess, droppedAt, ...rest } = await endpointStatus(
    hub,
    hook.number,
  );
  const times = {
    oldestWaiting: iso(oldestWaiting),
    failingSince: iso(failingSince),
    lastSuccess: iso(lastSuccess),
    droppedAt: iso(droppedAt),
  };
  return json({ endpoint: await shown(hub, hook), status: { ...rest, ...times } });
};

export const change: Handler = async (request, hub) => {
  const { app, hook } = await named(request, hub);
  const { events, options, ...rest } = await body(request, EndpointPatch);
  refuseOwn(hook.format, { events, options });
  const edit = {
    ...rest,
    ...(events && { events: unique(events) }),
    ...(options && { options: flags(options) }),
  };
  return json({ endpoint: await shown(hub, await editHook(hub, app, hook, edit)) });
};

export const remove: Handler = async (request, hub) => {
  const { app, hook } = await named(request, hub);
  await deleteHook(hub, app, hook);
  return json({});
};

export const rotate: Handler = async (request, hub) => {
  const { app, hook } = await named(request, hub);
  const { hook: changed, secret } = await rotateHook(hub, app, hook, await body(request, Rotation));
  return json({ endpoint: await shown(hub, changed), secret });
};

export const revoke: Handler = async (request, hub) => {
  const { app, hook } = await named(request, hub);
  return json({ endpoint: await shown(hub, await revokeOlderSecrets(hub, app, hook)) });
};

export const enable: Handler = async (request, hub) => {
  const { app, hook } = await named(request, hub);
  const { since } = await body(request, Enabling);
  const changed = await switchHook(hub, app, hook, true);
  const queued = since === undefined ? 0 : await replayDead(hub, hook.number, since);
  return json({ endpoint: await shown(hub, changed), queued });
};

/** Everything that was given up since then, however much that is; how many they were. */
async function replayDead(hub: Hub, number: EndpointNumber, from: number): Promise<number> {
  let queued = 0;
  for (let after: number | null = 0; after !== null; ) {
    const done = await replayDeliveries(hub, number, { filter: { state: 'dead', from }, after });
    queued += done.queued;
    after = done.next;
  }
  return queued;
}

export const disable: Handler = async (request, hub) => {
  const { app, hook } = await named(request, hub);
  return json({ endpoint: await shown(hub, await switchHook(hub, app, hook, false)) });
};

export const test: Handler = async (request, hub) => {
  const { hook } = await named(request, hub);
  const { forged } = await body(request, Testing);
  return json({ attempt: attemptOf(await probeEndpoint(hub, hook.number, { forged })) });
};

export const deliveries: Handler = async (request, hub) => {
  const { hook } = await journaled(request, hub);
  const { before = null, limit = PAGE, ...asked } = queryOf(request, DeliveryQuery);
  const page = await deliveriesOf(hub, hook.number, asked as DeliveryFilter, before, limit);
  return json({ deliveries: page.deliveries.map(cardOf), before: page.before });
};

export const notices: Handler = async (request, hub) => {
  const { hook } = await journaled(request, hub);
  const { before = null, limit = PAGE } = queryOf(request, NoticeQuery);
  const page = await noticesOf(hub, hook.number, before, limit);
  const shownNotices = page.notices.map(({ id, at, what, more }) => ({ id, at: iso(at), what, about: more }));
  return json({ notices: shownNotices, before: page.before });
};

function queryOf<S extends v.GenericSchema>(request: IRequest, schema: S): v.InferOutput<S> {
  const pairs = [...new URL(request.url).searchParams];
  const parsed = v.safeParse(schema, Object.fromEntries(pairs));
  if (parsed.success) return parsed.output;
  throw new Refused(invalid('Some fields are wrong.', problemsOf(parsed.issues)));
}

export const delivery: Handler = async (request, hub) => {
  const { hook } = await journaled(request, hub);
  const { body: text, log, curl, ...card } = await deliveryOf(hub, hook.number, deliveryIn(request));
  return json({ delivery: { ...cardOf(card), body: text, log: log.map(attemptOf), curl } });
};

export const sendOnce: Handler = async (request, hub) => {
  const { hook } = await named(request, hub);
  const { to } = await body(request, Sending);
  const id = deliveryIn(request);
  return json({ attempt: attemptOf(await probeEndpoint(hub, hook.number, { delivery: id, to })) });
};

export const replay: Handler = async (request, hub) => {
  const { hook } = await journaled(request, hub);
  return json(await replayDeliveries(hub, hook.number, whichOf(await body(request, DeliveryChoice))));
};

export const discard: Handler = async (request, hub) => {
  const { hook } = await journaled(request, hub);
  return json(await discardDeliveries(hub, hook.number, whichOf(await body(request, DeliveryChoice))));
};

const whichOf = ({ ids, after, ...filter }: v.InferOutput<typeof DeliveryChoice>): Which =>
  ids ? { ids } : { filter: filter as DeliveryFilter, after };

const cardOf = ({ takenAt, endedAt, dueAt, conversation, ...card }: DeliveryCard) => ({
  ...card,
  conversation: conversation === 0 ? null : conversation,
  takenAt: iso(takenAt),
  endedAt: iso(endedAt),
  dueAt: iso(dueAt),
});

/** An attempt as it is shown. */
export const attemptOf = ({ at, next, ...attempt }: Attempt) => ({
  ...attempt,
  at: iso(at),
  next: iso(next),
});
