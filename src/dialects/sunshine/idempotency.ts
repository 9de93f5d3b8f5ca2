// `Idempotency-Key`, an addition of this hub (contracts/sunshine.md 10.6): what was created under it, repeating the call
// finds. Who decides is the directory for people and conversations, the conversation for messages, and for all else the hub's
// memory of answers.
import { createHash } from 'node:crypto';
import { Refused } from '../../domain/errors.ts';
import { type Once, refuseOther } from '../../domain/once.ts';
import { readBody } from '../../http/body.ts';
import { json } from '../../http/respond.ts';
import { once } from '../../hub/once.ts';
import { BODY_BYTES, type Call } from './call.ts';
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

/** A message's key is its client id in the log: what is refused about that is said in the caller's own words. */
export async function underKey<Done>(
  key: string | null | undefined,
  post: () => Promise<Done>,
): Promise<Done> {
  try {
    return await post();
  } catch (error) {
    const other =
      key && error instanceof Refused && error.refusal.code === 'conflict' ? refuseOther('', key) : null;
    throw other ? new Refused(other) : error;
  }
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

/** A call of an app, or of an account, which has no other scope. */
type Repeated = Pick<Call, 'hub' | 'request' | 'url'> & Partial<Pick<Call, 'scope' | 'caller'>>;

/**
 * The operation, done once under an `Idempotency-Key`, for things that have no place of their own to keep it (what people
 * and conversations are made of has: `onceOf`). Whoever repeats the call within twelve hours gets the first answer; a
 * refused call is not remembered. Conflict: the key was used for another body.
 */
export const repeatable =
  <Asked extends Repeated>(run: (call: Asked) => Promise<Response>) =>
  async (call: Asked): Promise<Response> => {
    const { hub, request, url } = call;
    const key = idempotencyKey(request);
    if (key === null) return run(call);
    const body = (await readBody(request, BODY_BYTES)) as Uint8Array<ArrayBuffer>;
    const { method, headers } = request;
    // What an answer shows hangs on who asks: nobody is given what was made for another scope or integration.
    const who = `${call.scope ?? 'account'} ${call.caller?.integration ?? ''}`;
    const name = `sunshine ${who} ${url.pathname}\n${key}`;
    const work = () => run({ ...call, request: new Request(request.url, { method, headers, body }) });
    const { done } = await once(hub, { key: name, asked: printable(body) }, work, {
      kept: async (response) => (response.ok ? await response.clone().text() : null),
      shown: (text) => json(JSON.parse(text), 201),
    });
    return done;
  };

/** A body as it is compared: what only differs in its writing is the same. */
function printable(body: Uint8Array): string {
  const text = new TextDecoder().decode(body);
  try {
    return JSON.stringify(sorted(JSON.parse(text)));
  } catch {
    return text;
  }
}
