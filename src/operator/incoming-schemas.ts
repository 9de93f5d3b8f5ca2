// What the operator API takes of incoming hooks. Unknown keys are refused, as everywhere in it.
import * as v from 'valibot';
import { isTooDeep, MOST_DEPTH } from '../domain/depth.ts';
import { conversationNumber } from '../domain/ids.ts';
import { HOOK_SHAPES } from '../domain/incoming.ts';
import type { JsonObject } from '../domain/model.ts';
import { text } from './schemas.ts';

const METADATA_CHARS = 4_096;

/** valibot takes a list for an object of its places. */
const metadata = v.pipe(
  v.custom<JsonObject>(
    (given) => typeof given === 'object' && given !== null && !Array.isArray(given),
    'must be an object',
  ),
  v.check(
    (given) => JSON.stringify(given).length <= METADATA_CHARS,
    `has more than ${METADATA_CHARS} characters`,
  ),
  v.check((given) => !isTooDeep(given), `has more than ${MOST_DEPTH} levels`),
);

const open = v.strictObject({
  title: v.optional(text(200)),
  members: v.optional(v.pipe(v.array(v.pipe(v.string(), v.minLength(1))), v.maxLength(100))),
  public: v.optional(v.boolean()),
  metadata: v.optional(v.nullable(metadata)),
});

const options = v.strictObject({
  label: v.optional(v.pipe(v.string(), v.trim(), v.maxLength(40))),
  perMinute: v.optional(v.pipe(v.number(), v.integer(), v.minValue(1), v.maxValue(6_000))),
  ignore: v.optional(v.pipe(v.array(text(200)), v.maxLength(50))),
  markup: v.optional(v.picklist(['mrkdwn', 'markdown'])),
  channels: v.optional(v.boolean()),
  places: v.optional(v.pipe(v.array(text(200)), v.maxLength(50))),
  privateMessages: v.optional(v.boolean()),
});

const number = v.pipe(
  v.number(),
  v.integer(),
  v.minValue(1),
  v.maxValue(Number.MAX_SAFE_INTEGER),
  v.transform(conversationNumber),
);
const secret = v.pipe(
  v.string(),
  v.regex(/^[\x21-\x7e]{8,300}$/, 'must be 8 to 300 printable characters without spaces'),
);

export const NewIncoming = v.strictObject({
  shape: v.picklist(HOOK_SHAPES),
  name: v.optional(v.nullable(text(100))),
  conversation: v.optional(number),
  open: v.optional(open),
  options: v.optional(options),
  secret: v.optional(secret),
});

/** `open` and `options` are replaced whole. */
export const IncomingPatch = v.strictObject({
  name: v.optional(v.nullable(text(100))),
  conversation: v.optional(number),
  open: v.optional(open),
  options: v.optional(options),
  secret: v.optional(v.nullable(secret)),
  state: v.optional(v.picklist(['active', 'disabled'])),
});

export const IncomingRotation = v.strictObject({
  address: v.optional(v.boolean()),
  secret: v.optional(v.boolean()),
});
