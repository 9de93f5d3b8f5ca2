// `Idempotency-Key`, an addition of this hub (contracts/sunshine.md 10.6): what was created under it, repeating the call
// finds. Who decides is the directory for people and conversations, the conversation for messages.
import { createHash } from 'node:crypto';
import type { Once } from '../../domain/once.ts';
import type { Call } from './call.ts';
import { refuse } from './errors.ts';

/** Characters of a key: a client id of a message would be refused beyond this length anyway. */
const MOST_KEY_LENGTH = 200;

/** The key of the call; null: it has none. */
export function idempotencyKey(request: Request): string | null {
  const key = request.headers.get('idempotency-key')?.trim();
  if (!key) return null;
  if (key.length > MOST_KEY_LENGTH)
    throw refuse(`Idempotency-Key should NOT be longer than ${MOST_KEY_LENGTH} characters`);
  return key;
}

/** The key of a create and the print of its body, whatever the order of its fields; undefined without a key. */
export function onceOf({ request }: Pick<Call, 'request'>, body: unknown): Once | undefined {
  const key = idempotencyKey(request);
  if (key === null) return undefined;
  const print = createHash('sha256')
    .update(JSON.stringify(sorted(body)))
    .digest('base64url')
    .slice(0, 22);
  return { key: `sunshine:${key}`, print };
}

/** The value with the fields of every object in one order, and without those that are null: left out means the same. */
function sorted(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(sorted);
  if (typeof value !== 'object' || value === null) return value;
  const fields = Object.entries(value).filter(([, field]) => field !== null && field !== undefined);
  return fields.sort(([a], [b]) => (a < b ? -1 : 1)).map(([name, field]) => [name, sorted(field)]);
}
