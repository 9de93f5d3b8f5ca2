// What receivers ask of the hub: the public keys that an endpoint's calls are signed with.
import { livingSecrets } from '../domain/endpoint-secrets.ts';
import { endpointNumber } from '../domain/ids.ts';
import { json } from '../http/respond.ts';
import type { Hub } from '../hub/context.ts';
import { readHook } from '../hub/endpoint-calls.ts';
import { ed25519Seed, secretsOf } from '../hub/hooks.ts';
import { ed25519Pair } from './signing.ts';

/** Receivers may keep them so long: a key is valid for a day beside the one before it. */
const CACHE = { 'cache-control': 'public, max-age=300' };

/** `GET /webhooks/keys/:id`, an address that stays the same over rotations. The id tells nothing of who owns the endpoint. */
export async function handleWebhooks(request: Request, hub: Hub): Promise<Response> {
  const id = /^\/webhooks\/keys\/([0-9a-f]{24})$/.exec(new URL(request.url).pathname)?.[1];
  if (request.method !== 'GET' || id === undefined) return nothing();
  const n = hub.ids.parseHex('webhook', id);
  try {
    const hook = n === null ? null : await readHook(hub, endpointNumber(n));
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
  } catch (error) {
    console.error(JSON.stringify({ at: 'webhooks', request: hub.requestId, error: String(error) }));
    const message = 'The service is busy. Please try again in a moment.';
    return json({ error: { code: 'unavailable', message } }, 503, { 'retry-after': '1' });
  }
}

const nothing = (): Response => json({ error: { code: 'not_found', message: 'Not found' } }, 404);
