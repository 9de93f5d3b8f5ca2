// What the operator API takes of endpoints. Unknown keys are refused, as everywhere in it.
import * as v from 'valibot';
import { MOST_OVERLAP_SECONDS } from '../domain/endpoint-secrets.ts';
import { HOOK_ASKS, SIGNATURES } from '../domain/hook-options.ts';
import type { Door, Kind } from '../domain/model.ts';
import { text } from './schemas.ts';

const KINDS = ['direct', 'group', 'support'] as const satisfies readonly Kind[];
const DOORS = [
  'tapatalk',
  'sunshine',
  'qiscus',
  'ppmessage',
  'realtime',
  'bridge',
  'operator',
] as const satisfies readonly Door[];

const whole = (low: number, high: number) =>
  v.pipe(v.number(), v.integer(), v.minValue(low), v.maxValue(high));
const conversation = whole(1, Number.MAX_SAFE_INTEGER);

/** Formats that the operator may choose; `sunshine` belongs to integrations. */
export const FORMATS = ['parlance', 'qiscus', 'slack', 'discord', 'mattermost'] as const;

const url = v.pipe(v.string(), v.minLength(1), v.maxLength(2048));
const events = v.pipe(v.array(v.picklist(HOOK_ASKS)), v.minLength(1), v.maxLength(HOOK_ASKS.length));
const options = v.strictObject({ thin: v.optional(v.boolean()) });
/** valibot takes a list for a record of its places. */
const texts = (value: v.GenericSchema<string>) =>
  v.pipe(
    v.custom<Record<string, string>>((given) => !Array.isArray(given), 'must be an object'),
    v.record(v.string(), value),
  );
const headers = texts(v.string());
const secret = v.pipe(v.string(), v.maxLength(300));
const tagText = v.pipe(v.string(), v.minLength(1), v.maxLength(200));

/** contracts/webhooks-bridges-widget.md W8, W9, W12 to W14, W26. */
const delivery = v.strictObject({
  signature: v.optional(v.picklist(SIGNATURES)),
  ed25519: v.optional(v.boolean()),
  ordered: v.optional(v.boolean()),
  concurrency: v.optional(whole(1, 50)),
  perSecond: v.optional(v.pipe(v.number(), v.minValue(0.1), v.maxValue(1_000))),
  timeoutSeconds: v.optional(v.pipe(v.number(), v.minValue(3), v.maxValue(30))),
  schedule: v.optional(v.pipe(v.array(whole(1, 86_400)), v.minLength(1), v.maxLength(20))),
  conversations: v.optional(v.pipe(v.array(conversation), v.minLength(1), v.maxLength(1_000))),
  kinds: v.optional(v.pipe(v.array(v.picklist(KINDS)), v.minLength(1))),
  doors: v.optional(v.pipe(v.array(v.picklist(DOORS)), v.minLength(1))),
  tags: v.optional(
    v.pipe(
      texts(tagText),
      v.check((tags) => Object.keys(tags).length <= 20, 'must have at most 20 keys'),
    ),
  ),
  challenge: v.optional(v.boolean()),
  probe: v.optional(v.boolean()),
  keepDays: v.optional(whole(1, 30)),
  keepMost: v.optional(whole(100, 100_000)),
});

export const NewEndpoint = v.strictObject({
  url,
  format: v.optional(v.picklist(FORMATS)),
  events: v.optional(events),
  name: v.optional(v.nullable(text(100))),
  options: v.optional(options),
  delivery: v.optional(delivery),
  headers: v.optional(headers),
  secret: v.optional(secret),
});

/** `delivery`, `options` and `headers` are replaced whole. */
export const EndpointPatch = v.strictObject({
  url: v.optional(url),
  events: v.optional(events),
  name: v.optional(v.nullable(text(100))),
  options: v.optional(options),
  delivery: v.optional(delivery),
  headers: v.optional(headers),
});

export const Rotation = v.strictObject({
  secret: v.optional(secret),
  overlapSeconds: v.optional(whole(0, MOST_OVERLAP_SECONDS)),
});

const time = v.pipe(
  v.string(),
  v.isoTimestamp('must be a time like 2009-01-31T12:00:00Z'),
  v.transform((iso) => Date.parse(iso)),
);

export const Enabling = v.strictObject({
  /** What was given up since then is sent again. */
  since: v.optional(time),
});

const state = v.picklist(['waiting', 'delivered', 'dead', 'discarded']);
const type = v.pipe(v.string(), v.maxLength(100));
const id = whole(1, Number.MAX_SAFE_INTEGER);

export const DeliveryChoice = v.pipe(
  v.strictObject({
    ids: v.optional(v.pipe(v.array(id), v.minLength(1), v.maxLength(1_000))),
    state: v.optional(state),
    type: v.optional(type),
    conversation: v.optional(conversation),
    status: v.optional(whole(100, 999)),
    from: v.optional(time),
    to: v.optional(time),
    /** `next` of the call before. */
    after: v.optional(id),
  }),
  v.check(
    ({ after: _, ...choice }) => Object.values(choice).some((value) => value !== undefined),
    'must say which: ids, or what they have in common',
  ),
  v.check(
    ({ ids, ...others }) => ids === undefined || Object.values(others).every((value) => value === undefined),
    'ids and what they have in common exclude each other',
  ),
);

/** The same in a query, all of it text. */
const digits = v.pipe(v.string(), v.regex(/^[1-9]\d{0,15}$/, 'must be a number'), v.transform(Number));
const page = { before: v.optional(digits), limit: v.optional(v.pipe(digits, v.maxValue(100))) };
export const NoticeQuery = v.strictObject(page);
export const DeliveryQuery = v.strictObject({
  state: v.optional(state),
  type: v.optional(type),
  conversation: v.optional(digits),
  status: v.optional(v.pipe(digits, v.minValue(100), v.maxValue(999))),
  from: v.optional(time),
  to: v.optional(time),
  ...page,
});

export const Testing = v.strictObject({
  /** With a signature that is wrong: a receiver that takes it does not look. */
  forged: v.optional(v.boolean()),
});

export const Sending = v.strictObject({
  /** Another address, for this once. */
  to: v.optional(url),
});
