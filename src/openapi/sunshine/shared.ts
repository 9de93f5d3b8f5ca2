// Schemas that several areas of the Sunshine door use: ids, times, custom data, pages; and parameters of lists.
import type { Parameter } from '../operation.ts';
import { boolean, closed, type Fields, integer, orNull, ref, type Schema, says, string } from '../schema.ts';

/** Values of custom data. */
const VALUES = ['string', 'number', 'boolean'];

/** Flat custom data that is sent; `x-max-bytes` counts its JSON in UTF-8. */
export const metadataIn: Schema = ref('MetadataPost');

const hex = (prefix: string, what: string): Schema => ({
  type: 'string',
  pattern: `^${prefix}[0-9a-f]{24}$`,
  description: what,
});

export const SHARED: Fields = {
  Id: hex('', 'The id of a thing of the hub: opaque, the same for ever.'),
  AppKeyId: hex('app_', 'The id of a key of an app.'),
  Moment: {
    type: 'string',
    format: 'date-time',
    pattern: '^\\d{4}-\\d{2}-\\d{2}T\\d{2}:\\d{2}:\\d{2}\\.\\d{3}Z$',
    description: 'A time in UTC, with milliseconds.',
  },
  Metadata: {
    type: 'object',
    additionalProperties: { type: VALUES },
    description: 'Custom data: names and plain values.',
  },
  MetadataPost: {
    type: 'object',
    additionalProperties: { type: VALUES },
    'x-max-bytes': 4096,
    description: 'Custom data: names and plain values, at most 4,096 bytes as JSON.',
  },
  MetadataChanges: {
    type: 'object',
    additionalProperties: { type: [...VALUES, 'null'] },
    description:
      'Custom data to merge into what is there; a null takes a name away. The whole has at most 4,096 bytes.',
  },
  WebAddress: {
    type: 'string',
    format: 'uri',
    pattern: '^\\s*[hH][tT][tT][pP][sS]?:',
    minLength: 1,
    maxLength: 2048,
    description: 'An http or https address.',
  },
  Address: { type: 'string', format: 'uri', description: 'An absolute address.' },
  PageMeta: closed(
    { hasMore: says(boolean, 'Whether there is more in the direction of this page.') },
    {
      afterCursor: says(ref('Id'), 'Goes on behind this page. Absent where nothing is.'),
      beforeCursor: says(ref('Id'), 'Goes on before this page. Absent where nothing is.'),
    },
  ),
  PageLinks: closed({}, { prev: ref('Address'), next: ref('Address') }),
  Empty: says(closed({}), 'Done; there is nothing to tell.'),
};

/** An answer with records of a list, and where the list goes on. */
export const paged = (name: string, items: Schema): Schema =>
  closed({ [name]: { type: 'array', items }, meta: ref('PageMeta'), links: ref('PageLinks') });

/** The parts of a page that an example shows. */
export const ONE_PAGE = { meta: { hasMore: false }, links: {} };

export const page: Parameter = {
  name: 'page',
  in: 'query',
  deep: true,
  description:
    'Which page: at most one of `after` and `before`, with a cursor of an earlier answer. `page={"after":"…"}`, one JSON value, is taken as well.',
  schema: {
    type: 'object',
    properties: {
      after: ref('Id'),
      before: ref('Id'),
      size: { ...integer(1, 100), default: 25, description: 'Records of a page.' },
    },
    not: { required: ['after', 'before'] },
  },
};

export const idempotencyKey: Parameter = {
  name: 'Idempotency-Key',
  in: 'header',
  own: true,
  description:
    'Makes repeating the call safe: the same key with the same content is done once, with other content refused (409).',
  schema: string(1, 200),
};

export const brandId: Parameter = {
  name: 'brandId',
  in: 'query',
  description:
    'The brand of a user who is named by externalId or e-mail address: of another brand is not found.',
  schema: string(),
};

/** A person by exactly one of two ids; a null counts as left out. */
export const oneUser: Fields = {
  userId: orNull(says(string(), 'The id that the hub gave the user.')),
  userExternalId: orNull(says(string(), 'The id that the user has on your side.')),
};

/** Of these fields exactly one is a text. */
export const exactlyOne = (...names: string[]): Schema => ({
  oneOf: names.map((name) => ({ required: [name], properties: { [name]: { type: 'string' } } })),
});
