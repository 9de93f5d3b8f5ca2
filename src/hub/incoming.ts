// Incoming hooks: addresses at which other networks tell what happened there. Here they are kept; who may call them and
// how often is incoming-calls.ts, what the calls look like is src/incoming.
import { createHash } from 'node:crypto';
import {
  endIncoming,
  findIncoming,
  type IncomingChange,
  type IncomingHook,
  incomingOfApp,
  insertIncoming,
  updateIncoming,
} from '../directory/incoming.ts';
import { type FieldProblem, invalid, notFound, Refused } from '../domain/errors.ts';
import type { ConversationNumber, IncomingHookNumber, UserNumber } from '../domain/ids.ts';
import {
  type HookOptions,
  type HookShape,
  type HookTarget,
  OPTIONS_OF,
  SHAPES,
  SIGNED_SHAPES,
} from '../domain/incoming.ts';
import type { JsonObject } from '../domain/model.ts';
import { newSecret } from '../http/secrets.ts';
import { appCaller } from './apps.ts';
import type { App, Hub } from './context.ts';
import { viewConversation } from './conversations.ts';
import { ask } from './directory.ts';
import { countedNow } from './incoming-calls.ts';
import { userByAnyName } from './people.ts';
import { seal } from './sealing.ts';
import type { Source } from './sources.ts';

export type { IncomingHook } from '../directory/incoming.ts';

export const MOST_HOOKS = 100;

/** Where what arrives goes, as its owner says it: people by any of their names. */
export interface AskedTarget {
  conversation?: ConversationNumber;
  open?: { title?: string; members?: string[]; public?: boolean; metadata?: JsonObject | null };
}

export interface IncomingDraft extends AskedTarget {
  shape: HookShape;
  name?: string | null;
  options?: HookOptions;
  secret?: string;
}

export interface IncomingEdit extends AskedTarget {
  name?: string | null;
  options?: HookOptions;
  /** Null: it has none, where its shape can do without. */
  secret?: string | null;
  state?: IncomingHook['state'];
}

/** A hook with what is shown once. */
export interface Shown {
  hook: IncomingHook;
  token: string;
  secret: string | null;
}

const hashOf = (token: string): string => createHash('sha256').update(token).digest('base64url');

/** Where the sender has to send to. */
export const hookAddress = (hub: Hub, hook: IncomingHook, token: string): string =>
  `${hub.origin}/hooks/${hook.shape}/${hook.number}/${token}`;

/** Invalid: a field is wrong, or the app has as many as it may. */
export async function addIncoming(hub: Hub, app: App, draft: IncomingDraft): Promise<Shown> {
  const { shape, name = null, options = {} } = draft;
  const target = await targetOf(hub, app, draft);
  if (!target) throw wrong('conversation', 'say where what arrives goes: `conversation` or `open`');
  const secret = draft.secret ?? (SIGNED_SHAPES.has(shape) ? secretFor(shape) : null);
  refuseSecret(shape, secret);
  refuseOptions(shape, options);
  const token = newSecret();
  const row = {
    ...{ shape, name, target, options, token: hashOf(token) },
    secret: secret === null ? null : await seal(hub, secret),
  };
  const hook = await ask(hub, app.number, (d1) =>
    insertIncoming(d1, app.number, row, MOST_HOOKS, Date.now()),
  );
  if (!hook) throw new Refused(invalid(`At most ${MOST_HOOKS} incoming hooks are allowed in an app.`));
  hub.isolate.incoming.put(String(hook.number), hook);
  return { hook, token, secret };
}

/** Standard Webhooks' form where its library is to take it; else plain text. */
const secretFor = (shape: HookShape): string =>
  shape === 'parlance'
    ? `whsec_${Buffer.from(crypto.getRandomValues(new Uint8Array(32))).toString('base64')}`
    : newSecret();

function refuseSecret(shape: HookShape, secret: string | null): void {
  if (secret === null) {
    if (SIGNED_SHAPES.has(shape)) throw wrong('secret', `a hook of ${SHAPES[shape]} needs one`);
    return;
  }
  if (shape === 'slack' || shape === 'discord')
    throw wrong('secret', `calls of ${SHAPES[shape]} prove themselves by the address alone`);
  const bytes = /^whsec_([A-Za-z0-9+/]{32,88}={0,2})$/.exec(secret)?.[1];
  if (shape === 'parlance' && (!bytes || Buffer.from(bytes, 'base64').length < 24))
    throw wrong('secret', 'must be whsec_ and the base64 of 24 to 64 bytes');
}

/** What would do nothing is not taken. */
function refuseOptions(shape: HookShape, options: HookOptions = {}): void {
  for (const name of Object.keys(options) as (keyof HookOptions)[]) {
    const only = OPTIONS_OF[name];
    if (only && only !== shape) throw wrong(`options.${name}`, `is an option of the shape ${only} alone`);
  }
}

const wrong = (path: string, message: string): Refused =>
  new Refused(invalid('Some fields are wrong.', [{ path, message } satisfies FieldProblem]));

/** Null: it says neither. Invalid: it says both, or names what the app does not have. */
async function targetOf(hub: Hub, app: App, { conversation, open }: AskedTarget): Promise<HookTarget | null> {
  if (conversation !== undefined && open)
    throw wrong('open', 'what arrives goes into one conversation, or one for each topic: not both');
  if (conversation !== undefined) {
    try {
      await viewConversation(hub, appCaller(app, 'operator'), conversation);
    } catch (error) {
      if (!(error instanceof Refused) || error.refusal.code !== 'not_found') throw error;
      throw wrong('conversation', 'the app has no such conversation');
    }
    return { conversation };
  }
  if (!open) return null;
  const { title = '{title}', members = [], public: isPublic = false, metadata = null } = open;
  const people = await Promise.all(members.map((name, i) => memberOf(hub, app, name, `open.members.${i}`)));
  return { open: { title, members: [...new Set(people)], public: isPublic, metadata } };
}

async function memberOf(hub: Hub, app: App, name: string, path: string): Promise<UserNumber> {
  try {
    return (await userByAnyName(hub, app, name)).number;
  } catch (error) {
    if (!(error instanceof Refused) || error.refusal.code !== 'not_found') throw error;
    throw wrong(path, 'nobody of this app has this name');
  }
}

export const listIncoming = async (hub: Hub, app: App): Promise<IncomingHook[]> => {
  const hooks = await ask(hub, app.number, (d1) => incomingOfApp(d1, app.number));
  return hooks.map((hook) => countedNow(hub, hook));
};

/** Not found: of another app, ended, never made. */
export async function incomingOf(hub: Hub, app: App, number: IncomingHookNumber): Promise<IncomingHook> {
  const hook = await ask(hub, app.number, (d1) => findIncoming(d1, number));
  if (hook?.app !== app.number) throw new Refused(notFound('hook'));
  return countedNow(hub, hook);
}

/** What is left out stays; `options` and the target are replaced whole. */
export async function editIncoming(
  hub: Hub,
  app: App,
  hook: IncomingHook,
  edit: IncomingEdit,
): Promise<IncomingHook> {
  const { name, options, state, secret } = edit;
  const target = await targetOf(hub, app, edit);
  if (secret !== undefined) refuseSecret(hook.shape, secret);
  refuseOptions(hook.shape, options);
  const sealed = secret ? await seal(hub, secret) : secret;
  return write(hub, hook, {
    ...{ name, options, state },
    ...(target && { target }),
    ...(sealed !== undefined && { secret: sealed }),
  });
}

/** A new address, and a new secret where the hub makes it; what was valid before is not any more. */
export async function rotateIncoming(
  hub: Hub,
  hook: IncomingHook,
  which: { address: boolean; secret: boolean },
): Promise<{ hook: IncomingHook; token: string | null; secret: string | null }> {
  if (which.secret && !SIGNED_SHAPES.has(hook.shape))
    throw wrong('secret', `the secret of a hook of ${SHAPES[hook.shape]} is not the hub’s to make`);
  const token = which.address ? newSecret() : null;
  const secret = which.secret ? secretFor(hook.shape) : null;
  const changed = await write(hub, hook, {
    ...(token !== null && { token: hashOf(token) }),
    ...(secret !== null && { secret: await seal(hub, secret) }),
  });
  return { hook: changed, token, secret };
}

async function write(hub: Hub, hook: IncomingHook, change: IncomingChange): Promise<IncomingHook> {
  const changed = await ask(hub, hook.app, (d1) => updateIncoming(d1, hook.number, change, Date.now()));
  hub.isolate.incoming.forget(String(hook.number));
  if (!changed) throw new Refused(notFound('hook'));
  return countedNow(hub, changed);
}

export async function removeIncoming(hub: Hub, hook: IncomingHook): Promise<void> {
  const ended = await ask(hub, hook.app, (d1) => endIncoming(d1, hook.number, Date.now()));
  hub.isolate.incoming.put(String(hook.number), null);
  if (!ended) throw new Refused(notFound('hook'));
}

/** What arrivals.ts takes it for. */
export const sourceOf = (app: App, { number, shape, target, options }: IncomingHook): Source => ({
  app,
  key: `hook:${number}`,
  network: shape,
  label: options.label ?? SHAPES[shape],
  target,
});
