// What calls over HTTP take: bodies, queries, headers, checked field by field (docs/realtime.md, "Calls").
import { createHash } from 'node:crypto';
import * as v from 'valibot';
import { invalid, Refused } from '../domain/errors.ts';
import { parseUser, type Seq } from '../domain/ids.ts';
import type { Markup } from '../domain/model.ts';
import type { Once } from '../domain/once.ts';
import { readBody } from '../http/body.ts';
import type { Caller } from '../hub/context.ts';
import { decimal, Json, problemsOf, SAID, Title } from './fields.ts';
import { NOTHING_SAID, saysNothing } from './saying.ts';

const BODY_BYTES = 100 * 1024;
const LIST_DEFAULT = 20;
const LIST_MOST = 50;
const PAGE_DEFAULT = 50;
const PAGE_MOST = 200;
const PEOPLE_MOST = 100;
const KEY_CHARS = 200;

const Conversation = v.object({
  kind: v.optional(v.picklist(['support', 'direct', 'group'], 'must be support, direct or group'), 'support'),
  /** The one with the team that the caller has already, if there is one. */
  default: v.optional(v.boolean('must be true or false')),
  with: v.optional(
    v.pipe(
      v.array(decimal(parseUser), 'must be a list'),
      v.maxLength(PEOPLE_MOST, `must be at most ${PEOPLE_MOST}`),
    ),
    [],
  ),
  title: v.optional(Title),
  metadata: v.optional(Json),
  message: v.optional(
    v.pipe(
      v.object(SAID),
      v.check((said) => !saysNothing(said), NOTHING_SAID.message),
    ),
  ),
});

/** A customer's conversation with the team, or one with the people named. */
export const NewConversation = v.pipe(
  Conversation,
  v.forward(
    v.check((body) => !body.default || body.kind === 'support', 'is for conversations with the team'),
    ['default'],
  ),
  // What is one more message in a conversation is said once by its client id alone.
  v.forward(
    v.check(({ default: its, message }) => !its || !message || Boolean(message.clientId), 'needs a clientId'),
    ['message'],
  ),
);

/** A JSON body of this shape; an absent one is an empty object. */
export async function readJson<S extends v.GenericSchema>(
  request: Request,
  schema: S,
): Promise<v.InferOutput<S>> {
  const bytes = await readBody(request, BODY_BYTES);
  let value: unknown = {};
  try {
    if (bytes.byteLength > 0)
      value = JSON.parse(new TextDecoder('utf-8', { fatal: true, ignoreBOM: false }).decode(bytes));
  } catch {
    throw new Refused(invalid('The body is not valid JSON.'));
  }
  if (typeof value !== 'object' || value === null || Array.isArray(value))
    throw new Refused(invalid('The body is not a JSON object.'));
  const parsed = v.safeParse(schema, value);
  if (parsed.success) return parsed.output;
  throw new Refused(invalid('Some fields are wrong.', problemsOf(parsed.issues)));
}

/** A whole number in the query, from `low` to `high`; else the fallback where it is absent. */
function number(request: Request, name: string, fallback: number, low: number, high: number): number {
  const text = new URL(request.url).searchParams.get(name);
  if (text === null) return fallback;
  const n = /^\d{1,15}$/.test(text) ? Number(text) : Number.NaN;
  if (n >= low && n <= high) return n;
  const message = `must be a whole number from ${low} to ${high}`;
  throw new Refused(invalid(`${name} ${message}.`, [{ path: name, message }]));
}

/** `start` counts from 0. */
export const pageOf = (request: Request): { start: number; count: number } => ({
  start: number(request, 'start', 0, 0, 1_000_000),
  count: number(request, 'limit', LIST_DEFAULT, 1, LIST_MOST),
});

/** Whether somebody of the team wants the customers' conversations beside their own. */
export function withTeam(request: Request): boolean {
  const text = new URL(request.url).searchParams.get('team');
  if (text === null || text === 'false') return false;
  if (text === 'true') return true;
  const message = 'must be true or false';
  throw new Refused(invalid(`team ${message}.`, [{ path: 'team', message }]));
}

const MARKUPS = ['plain', 'bbcode', 'markdown', 'html'] as const;

/** `before` is a position; without one the page is the last. `markup`: that the words are to be in. */
export const windowOf = (
  request: Request,
): { before: Seq | undefined; limit: number; markup: Markup | undefined } => {
  const asked = new URL(request.url).searchParams.get('markup');
  const markup = MARKUPS.find((each) => each === asked);
  if (asked !== null && !markup) {
    const message = `must be one of ${MARKUPS.join(', ')}`;
    throw new Refused(invalid(`markup ${message}.`, [{ path: 'markup', message }]));
  }
  const before = number(request, 'before', 0, 0, Number.MAX_SAFE_INTEGER);
  return {
    before: before === 0 ? undefined : (before as Seq),
    limit: number(request, 'limit', PAGE_DEFAULT, 1, PAGE_MOST),
    markup,
  };
};

/** One person's `Idempotency-Key`, and a print of what it is used for; undefined without one. */
export function onceOf(request: Request, { user }: Caller, body: unknown): Once | undefined {
  const key = request.headers.get('idempotency-key')?.trim();
  if (!key) return undefined;
  if (key.length > KEY_CHARS)
    throw new Refused(invalid(`The Idempotency-Key has more than ${KEY_CHARS} characters.`));
  const print = createHash('sha256').update(JSON.stringify(body)).digest('base64url').slice(0, 22);
  return { key: `realtime:${user?.number}:${key}`, print };
}
