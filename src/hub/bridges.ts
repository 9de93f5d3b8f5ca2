// Bridges as their operator looks after them: making, changing, pausing, ending. What arrives over one is arrivals.ts and
// bridge-calls.ts; how its network is spoken to is bridges/.
import {
  type BridgeCard,
  bridgesOf,
  changeBridge,
  findBridge,
  insertBridge,
  type StoredBridge,
  storedBridge,
} from '../directory/bridges.ts';
import { endHook, findHook, type HookOfApp, updateHook } from '../directory/hooks.ts';
import { type Bridge, type BridgeOptions, isServed, type NetworkName } from '../domain/bridges.ts';
import { type FieldProblem, invalid, notFound, Refused } from '../domain/errors.ts';
import { type ConversationNumber, type EndpointNumber, incomingHookNumber } from '../domain/ids.ts';
import { appByNumber, appCaller, forgetApp } from './apps.ts';
import type { App, Hub } from './context.ts';
import { viewConversation } from './conversations.ts';
import { ask } from './directory.ts';
import { tellEndpoint } from './endpoint-calls.ts';
import { problemsOfUrl } from './hooks.ts';
import { incomingOf } from './incoming.ts';
import { tellRelay } from './relays.ts';
import { seal, unseal } from './sealing.ts';

export type { BridgeCard, StoredBridge } from '../directory/bridges.ts';

/** Bridges that an app may have: every call to a conversation names them. */
export const MOST_BRIDGES = 200;

export interface BridgeDraft {
  network: NetworkName;
  conversation: ConversationNumber;
  name: string | null;
  /** Whole, with what is secret in it. */
  url: string;
  credentials: Record<string, string>;
  place: Record<string, string>;
  self: string[];
  incoming: number | null;
  options: Pick<BridgeOptions, 'announceEdits' | 'digest'>;
  perSecond: number | null;
}

/** What a change leaves out stays; credentials are replaced whole. */
export type BridgeEdit = Partial<Omit<BridgeDraft, 'network' | 'conversation'>>;

interface Secrets {
  url: string;
  credentials: Record<string, string>;
}

/** What of an address may be shown: where it leads, and nothing that lets anybody post there. */
const shownUrl = (url: string): string => `${new URL(url).origin}/`;

/** Names the place without a secret: its address is hashed where it is one. */
async function accountOf({
  network,
  url,
  place,
}: Pick<BridgeDraft, 'network' | 'url' | 'place'>): Promise<string> {
  const parts = JSON.stringify([new URL(url).href, Object.entries(place).sort()]);
  const digest = new Uint8Array(await crypto.subtle.digest('SHA-256', new TextEncoder().encode(parts)));
  return `${network}:${Buffer.from(digest).toString('base64url').slice(0, 22)}`;
}

const refuse = (fields: FieldProblem[]): void => {
  if (fields.length > 0) throw new Refused(invalid('Some fields are wrong.', fields));
};

/**
 * A new bridge. Invalid: its address, its conversation or its incoming hook will not do, or there are too many; conflict: the
 * conversation has a bridge to this place.
 */
export async function addBridge(hub: Hub, app: App, draft: BridgeDraft): Promise<BridgeCard> {
  refuse([
    ...(isServed(draft) ? [] : await problemsOfUrl(hub, app, draft.url)),
    ...(await problemsOfConversation(hub, app, draft.conversation)),
    ...(await problemsOfIncoming(hub, app, draft.incoming, draft.conversation)),
  ]);
  const { url, credentials, options, ...rest } = draft;
  const row = {
    ...rest,
    url: shownUrl(url),
    account: await accountOf(draft),
    options: options as Record<string, boolean>,
    secret: await seal(hub, JSON.stringify({ url, credentials } satisfies Secrets)),
    origin: hub.origin,
  };
  const made = await ask(hub, app.number, (d1) =>
    insertBridge(d1, app.number, row, MOST_BRIDGES, Date.now()),
  );
  if (made === 'taken') throw taken();
  if (made === 'many') throw new Refused(invalid(`At most ${MOST_BRIDGES} bridges are allowed in an app.`));
  forgetApp(hub, app);
  await tellRelay(hub, made);
  return made;
}

const taken = (): Refused =>
  new Refused({ code: 'conflict', message: 'The conversation has a bridge to this place already.' });

async function problemsOfConversation(hub: Hub, app: App, c: ConversationNumber): Promise<FieldProblem[]> {
  try {
    await viewConversation(hub, appCaller(app, 'operator'), c);
    return [];
  } catch (error) {
    if (!(error instanceof Refused) || error.refusal.code !== 'not_found') throw error;
    return [{ path: 'conversation', message: 'is none of this app' }];
  }
}

/** What is said there has to come into the same conversation, or one that the hook opens for it. */
async function problemsOfIncoming(
  hub: Hub,
  app: App,
  incoming: number | null,
  c: ConversationNumber,
): Promise<FieldProblem[]> {
  if (incoming === null) return [];
  try {
    const { target } = await incomingOf(hub, app, incomingHookNumber(incoming));
    const elsewhere = 'conversation' in target && target.conversation !== c;
    return elsewhere ? [{ path: 'incoming', message: 'leads into another conversation' }] : [];
  } catch (error) {
    if (!(error instanceof Refused) || error.refusal.code !== 'not_found') throw error;
    return [{ path: 'incoming', message: 'is none of this app' }];
  }
}

export const listBridges = (hub: Hub, app: App): Promise<BridgeCard[]> =>
  ask(hub, app.number, (d1) => bridgesOf(d1, app.number));

/** Not found: of another app, ended, never made. */
export async function bridgeOf(hub: Hub, app: App, number: EndpointNumber): Promise<BridgeCard> {
  const found = await ask(hub, app.number, (d1) => findBridge(d1, app.number, number));
  if (!found) throw new Refused(notFound('endpoint', 'Bridge not found'));
  return found;
}

/** Changes it, and tells its object. Refused as above. */
export async function editBridge(
  hub: Hub,
  app: App,
  bridge: BridgeCard,
  edit: BridgeEdit,
): Promise<BridgeCard> {
  refuse([
    ...(edit.url === undefined ? [] : await problemsOfUrl(hub, app, edit.url)),
    ...(await problemsOfIncoming(hub, app, edit.incoming ?? null, bridge.conversation)),
  ]);
  const { url, credentials, options, ...rest } = edit;
  const secrets = url || credentials || edit.place ? await secretsOf(hub, bridge) : null;
  const now = secrets && { url: url ?? secrets.url, credentials: credentials ?? secrets.credentials };
  const after = {
    ...bridge,
    ...rest,
    ...(options && { options: options as Record<string, boolean> }),
    ...(now && { url: shownUrl(now.url) }),
  };
  if (now) after.account = await accountOf({ ...after, url: now.url });
  if (after.account !== bridge.account) {
    const others = await listBridges(hub, app);
    const same = ({ number, conversation, account }: BridgeCard) =>
      number !== bridge.number && conversation === bridge.conversation && account === after.account;
    if (others.some(same)) throw taken();
  }
  const secret = now && (await seal(hub, JSON.stringify(now satisfies Secrets)));
  const changed = await ask(hub, app.number, (d1) => changeBridge(d1, after, secret, Date.now()));
  if (!changed) throw new Refused(notFound('endpoint', 'Bridge not found'));
  forgetApp(hub, app);
  await tellEndpoint(hub, bridge.number);
  await tellRelay(hub, bridge);
  return changed;
}

async function secretsOf(hub: Hub, { number, app }: Pick<BridgeCard, 'number' | 'app'>): Promise<Secrets> {
  const hook = await ask(hub, app, (d1) => findHook(d1, number));
  if (!hook) throw new Refused(notFound('endpoint', 'Bridge not found'));
  return JSON.parse(await unseal(hub, hook.secret)) as Secrets;
}

/** Paused: what is said here waits, what is said there is not let in. On again: what waits goes out. */
export async function switchBridge(hub: Hub, app: App, bridge: BridgeCard, on: boolean): Promise<BridgeCard> {
  const change = on
    ? ({ state: 'active', reason: null } as const)
    : ({ state: 'disabled', reason: 'paused' } as const);
  const changed = await ask(hub, app.number, (d1) => updateHook(d1, bridge.number, change, Date.now()));
  if (!changed) throw new Refused(notFound('endpoint', 'Bridge not found'));
  forgetApp(hub, app);
  await tellEndpoint(hub, bridge.number, { resume: on });
  await tellRelay(hub, bridge);
  return { ...bridge, ...change, updatedAt: changed.updatedAt };
}

/** What was sent stays there; nothing here knows it any more. */
export async function deleteBridge(hub: Hub, app: App, bridge: BridgeCard): Promise<void> {
  const ended = await ask(hub, app.number, (d1) => endHook(d1, bridge.number, Date.now()));
  if (!ended) throw new Refused(notFound('endpoint', 'Bridge not found'));
  forgetApp(hub, app);
  await tellEndpoint(hub, bridge.number);
  await tellRelay(hub, bridge);
}

/** What its endpoint's object needs beside the endpoint. Null: it is no bridge. */
export const readBridge = (hub: Hub, number: EndpointNumber): Promise<StoredBridge | null> =>
  ask(hub, null, (d1) => storedBridge(d1, number));

/** A bridge as who listens at it, or for it, needs it; null: there is none, or its app is gone. */
export async function openedBridge(
  hub: Hub,
  number: EndpointNumber,
): Promise<{ app: App; bridge: Bridge; active: boolean } | null> {
  const [hook, stored] = await Promise.all([
    ask(hub, null, (d1) => findHook(d1, number)),
    readBridge(hub, number),
  ]);
  if (!hook || !stored) return null;
  try {
    const app = await appByNumber(hub, stored.app);
    return { app, bridge: await unsealedBridge(hub, stored, hook), active: hook.state === 'active' };
  } catch (error) {
    if (error instanceof Refused && error.refusal.code === 'not_found') return null;
    throw error;
  }
}

/** With what is sealed opened. */
export async function unsealedBridge(hub: Hub, stored: StoredBridge, hook: HookOfApp): Promise<Bridge> {
  const { url, credentials } = JSON.parse(await unseal(hub, hook.secret)) as Secrets;
  const { perSecond } = hook.delivery;
  const options: BridgeOptions = { ...hook.options, ...(perSecond !== undefined && { perSecond }) };
  const { number, app, conversation, network, place, self, incoming } = stored;
  return { number, app, conversation, network, place, self, incoming, url, credentials, options };
}
