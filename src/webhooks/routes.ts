// What receivers ask of the hub: the public keys that an endpoint's calls are signed with, and the whole of
// what was too long to be sent.
import { livingSecrets } from '../domain/endpoint-secrets.ts';
import { Refused } from '../domain/errors.ts';
import { endpointNumber } from '../domain/ids.ts';
import { json } from '../http/respond.ts';
import { sameSecret } from '../http/secrets.ts';
import type { Hub } from '../hub/context.ts';
import { readHook, wholeEvent } from '../hub/endpoint-calls.ts';
import { ed25519Seed, type HookOfApp, secretsOf } from '../hub/hooks.ts';
import { ed25519Pair } from './signing.ts';
import { proofOf } from './whole.ts';

/** Receivers may keep them so long: a key is valid for a day beside the one before it. */
const CACHE = { 'cache-control': 'public, max-age=300' };

type Answering = (hub: Hub, found: RegExpExecArray, url: URL) => Response | Promise<Response>;

const ROUTES: readonly (readonly [RegExp, Answering])[] = [
  [/^\/webhooks\/keys\/([0-9a-f]{24})$/, (hub, [, id = '']) => keysOf(hub, id)],
  [
    /^\/webhooks\/bodies\/([0-9a-f]{24})\/(\w{1,100})$/,
    (hub, [, id = '', event = ''], url) => wholeOf(hub, id, event, url.searchParams.get('proof') ?? ''),
  ],
];

/** Everything below /webhooks/. */
export async function handleWebhooks(request: Request, hub: Hub): Promise<Response> {
  if (request.method !== 'GET') return nothing();
  const url = new URL(request.url);
  try {
    for (const [pattern, answer] of ROUTES) {
      const found = pattern.exec(url.pathname);
      if (found) return await answer(hub, found, url);
    }
    return nothing();
  } catch (error) {
    if (error instanceof Refused && error.refusal.code === 'not_found') return nothing();
    console.error(JSON.stringify({ at: 'webhooks', request: hub.requestId, error: String(error) }));
    const message = 'The service is busy. Please try again in a moment.';
    return json({ error: { code: 'unavailable', message } }, 503, { 'retry-after': '1' });
  }
}

async function hookNamed(hub: Hub, id: string): Promise<HookOfApp | null> {
  const n = hub.ids.parseHex('webhook', id);
  return n === null ? null : readHook(hub, endpointNumber(n));
}

/** Whoever was sent the address may have the text: for as long as the delivery is kept, or until it is erased. */
async function wholeOf(hub: Hub, id: string, event: string, proof: string): Promise<Response> {
  const hook = await hookNamed(hub, id);
  if (!hook || !sameSecret(proof, proofOf(hub, hook, event))) return nothing();
  const headers = { 'content-type': 'application/json', 'cache-control': 'private, no-store' };
  return new Response(await wholeEvent(hub, hook.number, event), { headers });
}

/** The address stays the same over rotations. The id tells nothing of who owns the endpoint. */
async function keysOf(hub: Hub, id: string): Promise<Response> {
  const hook = await hookNamed(hub, id);
  if (!hook?.delivery.ed25519) return nothing();
  const now = Date.now();
  const keys = await Promise.all(
    livingSecrets(await secretsOf(hub, hook, now), now).map(async (secret) => ({
      id: String(secret.id),
      publicKey: (await ed25519Pair(ed25519Seed(hub, hook.number, secret.id))).publicKey,
      validUntil: secret.until === null ? null : new Date(secret.until).toISOString(),
    })),
  );
  return json({ keys }, 200, CACHE);
}

const nothing = (): Response => json({ error: { code: 'not_found', message: 'Not found' } }, 404);
