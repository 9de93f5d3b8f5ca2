// What an XML-RPC value is in memory: what the decoder hands out, and what the encoder takes. No XML here.

/** A `<double>`. Wrapped, so that nobody takes it for an `<int>`. */
export class Double {
  readonly value: number;

  constructor(value: number) {
    this.value = value;
  }
}

/**
 * A `<dateTime.iso8601>` in UTC, in milliseconds since 1970. XML-RPC itself knows no zone: `zoned` says whether the
 * sender gave one; without it the text was read as UTC.
 */
export class DateTime {
  readonly epochMs: number;
  readonly zoned: boolean;

  constructor(epochMs: number, zoned: boolean) {
    this.epochMs = epochMs;
    this.zoned = zoned;
  }
}

/** A `<struct>` as read. A Map, because member names are the caller's: `__proto__` is a key like any other. */
export type InStruct = ReadonlyMap<string, InValue>;

/**
 * A value as read. Every wire type keeps a JavaScript type of its own: int and i4 number, i8 bigint, boolean, string,
 * double {@link Double}, base64 Uint8Array (bytes as sent; read.ts makes text of them), dateTime {@link DateTime},
 * array, struct Map, nil null.
 */
export type InValue =
  | string
  | number
  | bigint
  | boolean
  | null
  | Double
  | DateTime
  | Uint8Array
  | readonly InValue[]
  | InStruct;

declare const wire: unique symbol;

/** A string that somebody decided to send as `<string>`: plain strings do not type-check as answers. */
export type OutString = string & { readonly [wire]: 'string' };
/** A number that was checked to fit `<int>`. */
export type OutInt = number & { readonly [wire]: 'int' };
/** Members in the order they are written; a member that is undefined is left out. */
export type OutStruct = { readonly [name: string]: OutValue | undefined } & { readonly [wire]: 'struct' };

/** A `<base64>` to be written: text goes out as UTF-8. */
export class Base64 {
  readonly content: string | Uint8Array;

  constructor(content: string | Uint8Array) {
    this.content = content;
  }
}

/**
 * A value that may be written. nil, double and i8 are missing on purpose: readers in the field choke on them
 * (contracts/tapatalk.md 3.1 rules 4 and 6). Strings and numbers must pass through a builder, so that the choice
 * between `<string>` and `<base64>` is made by the one who writes the line and not by accident.
 */
export type OutValue = OutString | OutInt | boolean | Base64 | DateTime | readonly OutValue[] | OutStruct;

/** `<string>`: ids, addresses, flags. Text that a person wrote belongs in {@link base64} (3.1 rule 7). */
export function string(text: string): OutString {
  return text as OutString;
}

/** `<base64>` of the UTF-8 of a text, or of bytes. Lone surrogates in the text become U+FFFD. */
export function base64(content: string | Uint8Array): Base64 {
  return new Base64(content);
}

/** `<int>`. Throws RangeError outside -2147483648..2147483647 and for fractions: ids are never ints (3.1 rule 12). */
export function int(value: number): OutInt {
  if ((value | 0) !== value) throw new RangeError(`${value} does not fit an XML-RPC int`);
  return value as OutInt;
}

/** `<boolean>`. */
export function bool(value: boolean): boolean {
  return value;
}

const FIRST_SECOND = -62_167_219_200; // 0000-01-01T00:00:00Z: the form has four digits for the year
const LAST_SECOND = 253_402_300_799; // 9999-12-31T23:59:59Z

/** Whether a time in ms since 1970 lies in the years 0 to 9999 of UTC. */
export function isSayable(epochMs: number): boolean {
  const second = Math.floor(epochMs / 1000);
  return second >= FIRST_SECOND && second <= LAST_SECOND;
}

/** `<dateTime.iso8601>` of a time in ms since 1970; the wire form has whole seconds, rounded down. Throws RangeError outside the years 0..9999. */
export function dateTime(epochMs: number): DateTime {
  if (!isSayable(epochMs)) throw new RangeError(`${epochMs} ms is outside what an XML-RPC date can say`);
  return new DateTime(Math.floor(epochMs / 1000) * 1000, true);
}

/** `<array>`. */
export function array(values: readonly OutValue[]): readonly OutValue[] {
  return values;
}

/** `<struct>`. Members whose value is undefined are not written (3.1 rule 6: omit instead of nil). */
export function struct(members: { readonly [name: string]: OutValue | undefined }): OutStruct {
  return members as OutStruct;
}
