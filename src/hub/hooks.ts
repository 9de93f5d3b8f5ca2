// Endpoints as their operator looks after them: making, changing, secrets, switching off and on. What they are sent and
// have been sent is endpoint-calls.ts; integrations' webhooks are made in endpoints.ts.
import {
  endHook,
  findHook,
  type Hook,
  type HookChange,
  hooksOf,
  insertHook,
  updateHook,
} from '../directory/hooks.ts';
import type { EndpointFormat } from '../directory/integrations.ts';
import {
  DEFAULT_OVERLAP_SECONDS,
  type EndpointSecret,
  livingSecrets,
  newEndpointSecret,
  refuseSecret,
  rotateSecrets,
} from '../domain/endpoint-secrets.ts';
import { type FieldProblem, invalid, notFound, Refused } from '../domain/errors.ts';
import type { HookDelivery, Signature } from '../domain/hook-options.ts';
import type { EndpointNumber } from '../domain/ids.ts';
import { refuseWebhook, resolvesOutside } from '../http/outgoing.ts';
import { refuseHeaders } from '../http/outgoing-headers.ts';
import { resolverOf } from '../http/resolve.ts';
import { newSecret } from '../http/secrets.ts';
import { forgetApp } from './apps.ts';
import { type App, derivedKey, type Hub } from './context.ts';
import { ask } from './directory.ts';
import { challengeEndpoint, tellEndpoint } from './endpoint-calls.ts';
import { seal, unseal } from './sealing.ts';

export type { Hook, HookOfApp } from '../directory/hooks.ts';

/** Endpoints of one format that an app may have (contracts/webhooks-bridges-widget.md W14). */
export const MOST_HOOKS = 50;
/** The vendor knows one callback address for each app (contracts/qiscus.md 8). */
const FEWER: Partial<Record<EndpointFormat, number>> = { qiscus: 1 };

/** How each format signs where nothing else was chosen. */
export const OWN_SIGNATURE: Record<EndpointFormat, Signature> = {
  parlance: 'standard',
  sunshine: 'sunshine',
  qiscus: 'qiscus',
  slack: 'none',
  discord: 'none',
  mattermost: 'none',
  bridge: 'none',
};

export const signatureOf = (hook: Pick<Hook, 'format' | 'delivery'>): Signature =>
  hook.delivery.signature ?? OWN_SIGNATURE[hook.format];

export interface HookDraft {
  format: EndpointFormat;
  url: string;
  events: string[];
  options: Record<string, boolean>;
  name: string | null;
  delivery: HookDelivery;
  headers: Record<string, string>;
  /** The receiver's own; absent: the hub makes one. */
  secret?: string;
}

/** What a change leaves out stays. */
export type HookEdit = Partial<Omit<HookDraft, 'format' | 'secret'>>;

const refuse = (fields: FieldProblem[]): void => {
  if (fields.length > 0) throw new Refused(invalid('Some fields are wrong.', fields));
};

/** Why the hub may not call this address, as a field's problem. Its name is looked up; one that does not resolve yet may do so later (W22). */
export async function problemsOfUrl(hub: Hub, app: App, url: string): Promise<FieldProblem[]> {
  const allowed = hub.settings.webhookAllowHosts;
  const problem = refuseWebhook(url, { allowed, own: [new URL(hub.origin).hostname, ...app.hosts] });
  if (problem) return [{ path: 'url', message: problem }];
  const resolved = await resolvesOutside(new URL(url), allowed, resolverOf(hub.env));
  return resolved.ok || !resolved.inside ? [] : [{ path: 'url', message: resolved.reason }];
}

const problemsOfHeaders = (headers: Record<string, string>): FieldProblem[] =>
  refuseHeaders(headers).map(({ path, message }) => ({
    path: path === '' ? 'headers' : `headers.${path}`,
    message,
  }));

const secretFor = (signature: Signature): string =>
  signature === 'standard' ? newEndpointSecret() : newSecret();

/** A new endpoint, with its secret. Invalid: its address, a header or the secret will not do, or there are too many. */
export async function addHook(hub: Hub, app: App, draft: HookDraft): Promise<{ hook: Hook; secret: string }> {
  const { secret: given, headers, ...rest } = draft;
  const signature = signatureOf(draft);
  const wrong = given === undefined ? null : refuseSecret(signature, given);
  refuse([
    ...(await problemsOfUrl(hub, app, draft.url)),
    ...problemsOfHeaders(headers),
    ...(wrong ? [{ path: 'secret', message: wrong }] : []),
    ...problemsOfOptions(draft),
  ]);
  const secret = given ?? secretFor(signature);
  const asked = draft.delivery.challenge === true;
  const row = {
    ...rest,
    ...(asked ? UNPROVED : { state: 'active' as const, reason: null }),
    secret: await seal(hub, secret),
    headers: await sealedHeaders(hub, headers),
    origin: hub.origin,
  };
  const most = FEWER[draft.format] ?? MOST_HOOKS;
  const hook = await ask(hub, app.number, (d1) => insertHook(d1, app.number, row, most, Date.now()));
  if (!hook) throw new Refused(invalid(`At most ${most} of the endpoints in an app may have this format.`));
  forgetApp(hub, app);
  // Its day begins now, whenever the first event comes.
  if (draft.delivery.probe === true) await tellEndpoint(hub, hook.number);
  return { hook: asked ? await proved(hub, app, hook) : hook, secret };
}

/** What only the hub's own format has. */
const problemsOfOptions = ({ format, delivery }: Pick<HookDraft, 'format' | 'delivery'>): FieldProblem[] =>
  (['challenge', 'probe'] as const)
    .filter((name) => delivery[name] === true && format !== 'parlance')
    .map((name) => ({ path: `delivery.${name}`, message: 'only of the format parlance' }));

const sealedHeaders = async (hub: Hub, headers: Record<string, string>): Promise<string | null> =>
  Object.keys(headers).length === 0 ? null : seal(hub, JSON.stringify(headers));

export const listHooks = (hub: Hub, app: App): Promise<Hook[]> =>
  ask(hub, app.number, async (d1) =>
    (await hooksOf(d1, app.number)).filter(({ format }) => format !== 'bridge'),
  );

/** Not found: of another app, ended, never made; a bridge, but where what it was sent is looked at (`bridges`). */
export async function hookOf(
  hub: Hub,
  app: App,
  number: EndpointNumber,
  { bridges = false }: { bridges?: boolean } = {},
): Promise<Hook> {
  const hook = await ask(hub, app.number, (d1) => findHook(d1, number));
  if (hook?.app !== app.number || (hook.format === 'bridge' && !bridges))
    throw new Refused(notFound('endpoint'));
  return hook;
}

/** Off until its receiver has echoed a challenge (W23). */
const UNPROVED = { state: 'disabled', reason: 'it has not echoed the challenge' } as const;

/** On, where its receiver echoes; else as it was. */
async function proved(hub: Hub, app: App, hook: Hook): Promise<Hook> {
  const { echoed } = await challengeEndpoint(hub, hook.number);
  return echoed ? write(hub, app, hook, ON, { resume: true }) : hook;
}

/** Changes it, and tells its object. Invalid as above. Where it has moved, and is to prove itself, it does so anew. */
export async function editHook(hub: Hub, app: App, hook: Hook, edit: HookEdit): Promise<Hook> {
  const { headers, ...rest } = edit;
  const signs = edit.delivery ? signatureOf({ ...hook, delivery: edit.delivery }) : null;
  const unfit = signs !== null && signs !== signatureOf(hook) && !(await fitsFor(hub, hook, signs));
  refuse([
    ...(edit.url === undefined ? [] : await problemsOfUrl(hub, app, edit.url)),
    ...(headers ? problemsOfHeaders(headers) : []),
    ...(unfit
      ? [{ path: 'delivery.signature', message: 'the secret does not fit: make another endpoint' }]
      : []),
    ...problemsOfOptions({ format: hook.format, delivery: edit.delivery ?? {} }),
  ]);
  const sealed = headers ? { headers: await sealedHeaders(hub, headers) } : {};
  const asks = (edit.delivery ?? hook.delivery).challenge === true;
  const moved = edit.url !== undefined && edit.url !== hook.url;
  const wanted = hook.state === 'active' || hook.reason === UNPROVED.reason;
  const anew = asks && wanted && (moved || hook.delivery.challenge !== true);
  const change = { ...rest, ...sealed, ...(anew ? UNPROVED : {}), origin: hub.origin };
  const changed = await write(hub, app, hook, change);
  return anew ? proved(hub, app, changed) : changed;
}

/** The standard's secrets are bytes, others' are text: what is one is not the other. */
const fitsFor = async (hub: Hub, hook: Hook, signature: Signature): Promise<boolean> =>
  refuseSecret(signature, await unseal(hub, hook.secret)) === null;

async function write(
  hub: Hub,
  app: App,
  hook: Hook,
  change: HookChange,
  { secretId, resume }: { secretId?: number; resume?: boolean } = {},
): Promise<Hook> {
  const changed = await ask(hub, app.number, (d1) =>
    updateHook(d1, hook.number, change, Date.now(), secretId ?? null),
  );
  if (!changed) {
    await hookOf(hub, app, hook.number);
    throw new Refused({ code: 'conflict', message: 'Another change came in between. Please try again.' });
  }
  forgetApp(hub, app);
  await tellEndpoint(hub, hook.number, { resume });
  return changed;
}

export async function deleteHook(hub: Hub, app: App, hook: Hook): Promise<void> {
  const ended = await ask(hub, app.number, (d1) => endHook(d1, hook.number, Date.now()));
  if (!ended) throw new Refused(notFound('endpoint'));
  forgetApp(hub, app);
  await tellEndpoint(hub, hook.number);
}

const ON = { state: 'active', reason: null } as const;

/**
 * Off: what happens is kept, and nothing is sent. On: what waits goes out, and earlier failures do not count. Invalid: its
 * receiver is to echo a challenge, and does not.
 */
export async function switchHook(hub: Hub, app: App, hook: Hook, on: boolean): Promise<Hook> {
  if (!on) return write(hub, app, hook, { state: 'disabled', reason: 'switched off' });
  if (hook.delivery.challenge === true) {
    const { echoed, reason } = await challengeEndpoint(hub, hook.number);
    refuse(echoed ? [] : [{ path: 'url', message: `must echo the challenge: ${reason}` }]);
  }
  return write(hub, app, hook, ON, { resume: true });
}

/** The secrets of an endpoint that are valid now, the newest first. */
export async function secretsOf(
  hub: Hub,
  hook: Pick<Hook, 'secret' | 'secretId' | 'olderSecrets' | 'createdAt'>,
  now: number,
): Promise<EndpointSecret[]> {
  const older = hook.olderSecrets === null ? [] : JSON.parse(await unseal(hub, hook.olderSecrets));
  const text = await unseal(hub, hook.secret);
  const current = { id: hook.secretId, text, madeAt: hook.createdAt, until: null };
  return livingSecrets([current, ...(older as EndpointSecret[])], now);
}

/** A new secret; the one before stays valid for `overlapSeconds` (W4). Invalid: the given one will not do. */
export async function rotateHook(
  hub: Hub,
  app: App,
  hook: Hook,
  { secret: given, overlapSeconds = DEFAULT_OVERLAP_SECONDS }: { secret?: string; overlapSeconds?: number },
): Promise<{ hook: Hook; secret: string }> {
  const signature = signatureOf(hook);
  const wrong = given === undefined ? null : refuseSecret(signature, given);
  refuse(wrong ? [{ path: 'secret', message: wrong }] : []);
  const now = Date.now();
  const secret = given ?? secretFor(signature);
  const [current, ...older] = rotateSecrets(
    await secretsOf(hub, hook, now),
    secret,
    now,
    overlapSeconds * 1000,
  );
  const change = {
    secret: await seal(hub, secret),
    secretId: current?.id ?? hook.secretId + 1,
    olderSecrets: older.length > 0 ? await seal(hub, JSON.stringify(older)) : null,
  };
  return { hook: await write(hub, app, hook, change, { secretId: hook.secretId }), secret };
}

/** Only the current secret is valid from now on. */
export const revokeOlderSecrets = (hub: Hub, app: App, hook: Hook): Promise<Hook> =>
  write(hub, app, hook, { olderSecrets: null }, { secretId: hook.secretId });

export const headersOf = async (hub: Hub, hook: Pick<Hook, 'headers'>): Promise<Record<string, string>> =>
  hook.headers === null ? {} : (JSON.parse(await unseal(hub, hook.headers)) as Record<string, string>);

/** The 32 secret bytes of an endpoint's Ed25519 key: one for each of its secrets, and rotated with it. */
export const ed25519Seed = (hub: Hub, number: EndpointNumber, secretId: number): Uint8Array =>
  derivedKey(hub.settings.hubSecret, `endpoint ed25519 ${number} ${secretId}`);
