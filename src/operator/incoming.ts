// Incoming hooks of an app in the operator API: at which address another network tells what happened there, and where that goes.
import type { IRequest } from 'itty-router';
import { notFound, Refused } from '../domain/errors.ts';
import { incomingHookNumber, parseDecimal } from '../domain/ids.ts';
import { json } from '../http/respond.ts';
import type { App, Hub } from '../hub/context.ts';
import {
  addIncoming,
  editIncoming,
  hookAddress,
  type IncomingHook,
  incomingOf,
  listIncoming,
  removeIncoming,
  rotateIncoming,
} from '../hub/incoming.ts';
import { appOf, body, param } from './asked.ts';
import { IncomingPatch, IncomingRotation, NewIncoming } from './incoming-schemas.ts';

type Handler = (request: IRequest, hub: Hub) => Promise<Response>;

const iso = (ms: number | null): string | null => (ms === null ? null : new Date(ms).toISOString());

async function named(request: IRequest, hub: Hub): Promise<{ app: App; hook: IncomingHook }> {
  const app = await appOf(request, hub);
  const number = parseDecimal(param(request, 'hook'));
  if (number === null) throw new Refused(notFound('hook'));
  return { app, hook: await incomingOf(hub, app, incomingHookNumber(number)) };
}

/** Without its address and secret: they are shown when they are made. */
const shown = (hook: IncomingHook) => ({
  number: hook.number,
  shape: hook.shape,
  name: hook.name,
  conversation: 'conversation' in hook.target ? hook.target.conversation : null,
  open: 'open' in hook.target ? hook.target.open : null,
  options: hook.options,
  hasSecret: hook.secret !== null,
  state: hook.state,
  arrived: hook.arrived,
  refused: hook.refused,
  lastArrivedAt: iso(hook.lastArrivedAt),
  lastRefusedAt: iso(hook.lastRefusedAt),
  createdAt: iso(hook.createdAt),
  updatedAt: iso(hook.updatedAt),
});

export const create: Handler = async (request, hub) => {
  const app = await appOf(request, hub);
  const { hook, token, secret } = await addIncoming(hub, app, await body(request, NewIncoming));
  return json({ hook: shown(hook), url: hookAddress(hub, hook, token), secret }, 201);
};

export const list: Handler = async (request, hub) => {
  const hooks = await listIncoming(hub, await appOf(request, hub));
  return json({ hooks: hooks.map(shown) });
};

export const get: Handler = async (request, hub) => {
  const { hook } = await named(request, hub);
  return json({ hook: shown(hook) });
};

export const change: Handler = async (request, hub) => {
  const { app, hook } = await named(request, hub);
  return json({ hook: shown(await editIncoming(hub, app, hook, await body(request, IncomingPatch))) });
};

export const remove: Handler = async (request, hub) => {
  const { hook } = await named(request, hub);
  await removeIncoming(hub, hook);
  return json({});
};

export const rotate: Handler = async (request, hub) => {
  const { hook } = await named(request, hub);
  const { address, secret = false } = await body(request, IncomingRotation);
  // What is asked for; where nothing is, the address.
  const rotated = await rotateIncoming(hub, hook, { address: address ?? !secret, secret });
  return json({
    hook: shown(rotated.hook),
    url: rotated.token === null ? null : hookAddress(hub, rotated.hook, rotated.token),
    secret: rotated.secret,
  });
};
