// The kinds of fields that request bodies are made of: bounded texts, addresses, metadata, references to people.
// Bodies themselves are in schemas.ts, message contents in content.ts. Messages are worded as errors.ts explains.
import * as v from 'valibot';
import type { JsonObject } from '../../domain/model.ts';

/** Flat custom data, as JSON in UTF-8 (contracts/sunshine.md 1: "4 KB", named 4096 in an error title). */
export const METADATA_BYTES = 4096;

/** Code points of a message text; what the strictest client decodes (contracts/sunshine.md 6, 10.9). */
export const TEXT_LENGTH = 4096;

/** Length in code points: a surrogate pair counts once, as it does for the clients that check. */
export function codePoints(text: string): number {
  let count = 0;
  for (const _ of text) count += 1;
  return count;
}

/** Code points of a title, of a name of an app and the like, and what addresses, e-mail addresses and locales have. */
export const NAME_LENGTH = 100;
export const ADDRESS_LENGTH = 2048;
export const EMAIL_LENGTH = 128;
export const LOCALE_LENGTH = 64;

/** A text of another door, which may be longer, as clients decode it here: at most so many code points, marked where it is cut. */
export const cutTo = (most: number, text: string): string =>
  text.length <= most || codePoints(text) <= most ? text : `${[...text].slice(0, most - 1).join('')}…`;

/** The same of what means nothing in parts: null where it is too long. */
export const wholeTo = (most: number, text: string | null | undefined): string | null =>
  text && (text.length <= most || codePoints(text) <= most) ? text : null;

/** A string of `least` to `most` code points. Lone surrogates, which no UTF-8 can carry, are replaced. */
export const text = (least: number, most: number) =>
  v.pipe(
    v.string(),
    v.check(
      (value) => least === 0 || codePoints(value) >= least,
      `should NOT be shorter than ${least} characters`,
    ),
    // The length in UTF-16 bounds the count from above: most strings need no second look.
    v.check(
      (value) => value.length <= most || codePoints(value) <= most,
      `should NOT be longer than ${most} characters`,
    ),
    v.transform((value) => value.toWellFormed()),
  );

/** Schemes of an address that would run as code in a client that follows it. */
const RUNS_CODE = /^(javascript|vbscript|data):/i;

/** An address to show or load: http or https (every other scheme would reach clients of other doors too). */
export const webAddress = v.pipe(
  text(1, 2048),
  v.check(
    (value) => URL.canParse(value) && /^https?:$/.test(new URL(value).protocol),
    'should match format "uri"',
  ),
);

/** Where a button leads: any address, for apps have schemes of their own, but none that is code. */
export const actionAddress = v.pipe(
  text(1, 2048),
  v.check(
    (value) => URL.canParse(value) && !RUNS_CODE.test(new URL(value).protocol),
    'should match format "uri"',
  ),
);

/** ISO 8601 date and time, answered in the one form of contracts/sunshine.md 1. */
export const moment = v.pipe(
  v.string(),
  v.check(
    (value) => /^\d{4}-\d{2}-\d{2}T/.test(value) && !Number.isNaN(Date.parse(value)),
    'should match format "date-time"',
  ),
  v.transform((value) => new Date(value).toISOString()),
);

/** A list of `least` to `most` items. */
export const list = <const Item extends v.GenericSchema>(item: Item, least: number, most: number) =>
  v.pipe(
    v.array(item),
    v.minLength(least, `should NOT have fewer than ${least} items`),
    v.maxLength(most, `should NOT have more than ${most} items`),
  );

export const integer = (least: number, most: number) =>
  v.pipe(
    v.number(),
    v.integer('should be integer'),
    v.minValue(least, `should be >= ${least}`),
    v.maxValue(most, `should be <= ${most}`),
  );

/** May be left out, or be null, which clients generated from the document send for "not given" (sheet 6). */
export const may = <const Field extends v.GenericSchema>(field: Field) => v.nullish(field);

/** valibot takes arrays for objects. */
export const plainObject = v.custom<object>(
  (value) => typeof value === 'object' && value !== null && !Array.isArray(value),
  'should be object',
);

const metadataValue = v.union([v.string(), v.pipe(v.number(), v.finite('should be number')), v.boolean()]);

/** Whether custom data fits (contracts/sunshine.md 10.9: bytes of its JSON in UTF-8). */
export const metadataFits = (metadata: JsonObject): boolean =>
  new TextEncoder().encode(JSON.stringify(metadata)).byteLength <= METADATA_BYTES;

export const metadataTooLarge = (owner: string): string =>
  `${owner} metadata is limited to ${METADATA_BYTES} bytes in size.`;

/** Flat custom data of an `owner` ("Conversation"), which the error names. */
export const metadata = (owner: string) =>
  v.pipe(
    plainObject,
    v.record(v.string(), metadataValue),
    v.check((value) => metadataFits(value), metadataTooLarge(owner)),
  );

/** Changes to custom data: a null takes a key away. */
export const metadataChanges = v.pipe(plainObject, v.record(v.string(), v.nullable(metadataValue)));

/** A person, by exactly one of the two ids; a null counts as left out. */
export const oneUser = {
  userId: may(v.string()),
  userExternalId: may(v.string()),
};

export interface OneUser {
  userId?: string | null;
  userExternalId?: string | null;
}

export const namesOneUser = (given: OneUser): boolean =>
  (typeof given.userId === 'string') !== (typeof given.userExternalId === 'string');

/** What ajv says where exactly one of several shapes must fit. */
export const ONE_OF = 'should match exactly one schema in oneOf';
