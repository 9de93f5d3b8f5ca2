// What the operator API takes of bridges: the same fields for every network, and what each network makes of them.
import * as v from 'valibot';
import { isServed, NETWORKS, type NetworkName } from '../domain/bridges.ts';
import type { FieldProblem } from '../domain/errors.ts';
import { text } from './schemas.ts';

const whole = (low: number, high: number) =>
  v.pipe(v.number(), v.integer(), v.minValue(low), v.maxValue(high));

const url = v.pipe(v.string(), v.minLength(1), v.maxLength(2048));
/** valibot takes a list for a record of its places. */
const named = v.pipe(
  v.custom<Record<string, string>>((given) => !Array.isArray(given), 'must be an object'),
  v.record(v.string(), v.pipe(v.string(), v.minLength(1), v.maxLength(500))),
);
const self = v.pipe(v.array(v.pipe(v.string(), v.minLength(1), v.maxLength(200))), v.maxLength(20));
const options = v.strictObject({
  announceEdits: v.optional(v.boolean()),
  digest: v.optional(v.boolean()),
});
const perSecond = v.pipe(v.number(), v.minValue(0.01), v.maxValue(50));
const hook = whole(1, Number.MAX_SAFE_INTEGER);

export const NewBridge = v.strictObject({
  network: v.picklist(NETWORKS),
  conversation: whole(1, Number.MAX_SAFE_INTEGER),
  name: v.optional(v.nullable(text(100))),
  url: v.optional(url),
  credentials: v.optional(named),
  place: v.optional(named),
  self: v.optional(self),
  incoming: v.optional(v.nullable(hook)),
  options: v.optional(options),
  perSecond: v.optional(v.nullable(perSecond)),
});

/** `credentials`, `place`, `self` and `options` are replaced whole. */
export const BridgePatch = v.strictObject({
  name: v.optional(v.nullable(text(100))),
  url: v.optional(url),
  credentials: v.optional(named),
  place: v.optional(named),
  self: v.optional(self),
  incoming: v.optional(v.nullable(hook)),
  options: v.optional(options),
  perSecond: v.optional(v.nullable(perSecond)),
});

/** What a network wants to know; `needed`: it cannot do without. */
interface Wanted {
  address?: { form: RegExp; message: string };
  place: Record<string, Field>;
  credentials: Record<string, Field>;
}
interface Field {
  form: RegExp;
  message: string;
  needed?: boolean;
}

const ID: Field = { form: /^\d{1,20}$/, message: 'must be an id, in digits' };

const WANTED: Partial<Record<NetworkName, Wanted>> = {
  slack: {
    place: { thread: { form: /^\d{1,12}\.\d{1,9}$/, message: "must be a message's ts" } },
    credentials: {},
  },
  discord: {
    address: {
      form: /\/api(\/v\d{1,2})?\/webhooks\/\d{1,20}\/[^/?#]+\/?$/,
      message: 'must be the address of a webhook: …/api/webhooks/{id}/{token}',
    },
    place: { thread: ID },
    credentials: {},
  },
  mattermost: {
    place: { channel: { form: /^\S{1,100}$/, message: "must be a channel's name" } },
    credentials: {},
  },
  discourse: {
    place: {
      topic: ID,
      title: { form: /^[^\n]{1,255}$/, message: 'must be one line of at most 255 characters' },
      category: ID,
      recipients: {
        form: /^[^\s,]{1,60}(,[^\s,]{1,60}){0,29}$/,
        message: 'must be names with commas between',
      },
    },
    credentials: {
      apiKey: { form: /^[\x21-\x7e]{16,200}$/, message: 'must be an API key', needed: true },
      apiUsername: { form: /^[\x21-\x7e]{1,60}$/, message: 'must be a user name', needed: true },
    },
  },
  matterbridge: {
    place: {
      gateway: { form: /^[^\n]{1,200}$/, message: "must be a gateway's name", needed: true },
      role: { form: /^(?:client|server)$/, message: 'must be client or server' },
    },
    credentials: { token: { form: /^[\x21-\x7e]{1,200}$/, message: 'must be a token' } },
  },
};

/** Of a token that lets in whoever has it. */
const TOKEN = /^[\x21-\x7e]{16,200}$/;

/** Why these fields are nothing that a bridge to this network can be made of. */
export function refuseFields(
  network: NetworkName,
  given: { url?: string; place?: Record<string, string>; credentials?: Record<string, string> },
): FieldProblem[] {
  const wanted = WANTED[network];
  if (!wanted) return [{ path: 'network', message: 'is not one that this hub can reach' }];
  const { address } = wanted;
  const { place, credentials } = given;
  if (place && credentials && isServed({ network, place })) {
    const unfit = TOKEN.test(credentials.token ?? '')
      ? []
      : [{ path: 'credentials.token', message: 'must have at least 16 characters' }];
    return [
      ...(given.url === undefined
        ? []
        : [{ path: 'url', message: 'is none of a bridge that others come to' }]),
      ...unfit,
      ...refuseNamed('place', wanted.place, place),
      ...refuseNamed('credentials', wanted.credentials, credentials),
    ];
  }
  const where = given.url?.split(/[?#]/)[0] ?? '';
  const unfit = given.url !== undefined && address && !address.form.test(where);
  return [
    ...(unfit ? [{ path: 'url', message: address.message }] : []),
    ...(given.place ? refuseNamed('place', wanted.place, given.place) : []),
    ...(given.credentials ? refuseNamed('credentials', wanted.credentials, given.credentials) : []),
  ];
}

function refuseNamed(
  path: string,
  wanted: Record<string, Field>,
  given: Record<string, string>,
): FieldProblem[] {
  const unknown = Object.keys(given)
    .filter((name) => !Object.hasOwn(wanted, name))
    .map((name) => ({ path: `${path}.${name}`, message: 'is unknown to this network' }));
  const wrong = Object.entries(wanted).flatMap(([name, { form, message, needed }]) => {
    const value = Object.hasOwn(given, name) ? given[name] : undefined;
    if (value === undefined) return needed ? [{ path: `${path}.${name}`, message: 'is missing' }] : [];
    return form.test(value) ? [] : [{ path: `${path}.${name}`, message }];
  });
  return [...unknown, ...wrong];
}

/** Who a bridge is there as far as its address and its keys say so: a webhook's id, an API's user (L3). */
export function selfIn(
  network: NetworkName,
  address: string,
  credentials: Record<string, string> = {},
): string[] {
  if (network === 'discourse') return credentials.apiUsername === undefined ? [] : [credentials.apiUsername];
  const id = network === 'discord' ? /\/webhooks\/(\d{1,20})\//.exec(address)?.[1] : undefined;
  return id === undefined ? [] : [id];
}
