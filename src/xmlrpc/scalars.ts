// The text of a scalar element, trimmed, to its value. Each reader is linear and answers undefined for nonsense.
// (base64 is read in base64.ts.)
import { isSpace } from './chars.ts';
import { DateTime, Double, isSayable } from './value.ts';

const ZERO = 0x30;
const NINE = 0x39;
const PLUS = 0x2b;
const MINUS = 0x2d;

/** Text without XML's white space at its ends: some writers indent inside elements. (String.trim takes more than that.) */
export function trimmed(text: string): string {
  let from = 0;
  let to = text.length;
  while (from < to && isSpace(text.charCodeAt(from))) from++;
  while (to > from && isSpace(text.charCodeAt(to - 1))) to--;
  return to - from === text.length ? text : text.slice(from, to);
}

/** `<int>`, `<i4>`: decimal digits with an optional sign, -2147483648..2147483647. */
export function intOf(text: string): number | undefined {
  const sign = text.charCodeAt(0);
  let at = sign === MINUS || sign === PLUS ? 1 : 0;
  if (at === text.length) return undefined;
  let value = 0;
  for (; at < text.length; at++) {
    const code = text.charCodeAt(at);
    if (code < ZERO || code > NINE) return undefined;
    value = value * 10 + (code - ZERO);
    if (value > 2_147_483_648) return undefined;
  }
  if (sign === MINUS) return value === 0 ? 0 : -value;
  return value > 2_147_483_647 ? undefined : value;
}

const I8 = /^[+-]?\d{1,30}$/; // 19 digits and a few leading zeros: BigInt() of a huge text is not linear
const I8_MIN = -(2n ** 63n);
const I8_MAX = 2n ** 63n - 1n;

/** `<i8>`, `<ex:i8>`. */
export function i8Of(text: string): bigint | undefined {
  if (!I8.test(text)) return undefined;
  const value = BigInt(text.startsWith('+') ? text.slice(1) : text);
  return value >= I8_MIN && value <= I8_MAX ? value : undefined;
}

/** `<boolean>`: 1 and 0; "true" and "false" too, which hand-written clients send and which cannot mean anything else. */
export function booleanOf(text: string): boolean | undefined {
  switch (text) {
    case '1':
    case 'true':
      return true;
    case '0':
    case 'false':
      return false;
    default:
      return undefined;
  }
}

// An exponent is no part of the specification, but Python and PHP write one for large and small numbers.
const DOUBLE = /^[+-]?(?:\d+(?:\.\d*)?|\.\d+)(?:[eE][+-]?\d+)?$/;

/** `<double>`: finite numbers only. */
export function doubleOf(text: string): Double | undefined {
  if (!DOUBLE.test(text)) return undefined;
  const value = Number(text);
  return Number.isFinite(value) ? new Double(value) : undefined;
}

// 20260102T03:04:05, with or without dashes, fraction, zone. \d are ASCII digits only.
const DATE = /^(\d{4})(-?)(\d\d)\2(\d\d)T(\d\d):(\d\d):(\d\d)(?:\.(\d{1,9}))?(?:(Z)|([+-])(\d\d):?(\d\d)?)?$/;
const MAX_OFFSET_MINUTES = 18 * 60; // as java.time has it; real zones stay within 14 hours

/** `<dateTime.iso8601>`: basic or extended date; a time without a zone is read as UTC. */
export function dateTimeOf(text: string): DateTime | undefined {
  const match = DATE.exec(text);
  if (!match) return undefined;
  const [, year, , month, day, hour, minute, second, fraction, utc, sign, zoneHours, zoneMinutes] = match;
  const ms = fraction ? Math.trunc(Number(`0.${fraction}`) * 1000) : 0;
  const date = new Date(0);
  date.setUTCFullYear(Number(year), Number(month) - 1, Number(day));
  // The calendar rolls 31 April over into May: what comes back must be what went in.
  if (date.getUTCMonth() !== Number(month) - 1 || date.getUTCDate() !== Number(day)) return undefined;
  if (Number(hour) > 23 || Number(minute) > 59 || Number(second) > 59) return undefined;
  const local = date.setUTCHours(Number(hour), Number(minute), Number(second), ms);
  if (!sign) return new DateTime(local, utc !== undefined);
  const offset = Number(zoneHours) * 60 + Number(zoneMinutes ?? 0);
  if (offset > MAX_OFFSET_MINUTES || Number(zoneMinutes ?? 0) > 59) return undefined;
  const epochMs = local - (sign === '-' ? -offset : offset) * 60_000;
  // Before the year 0 and after 9999 in UTC, no document could say it again.
  return isSayable(epochMs) ? new DateTime(epochMs, true) : undefined;
}

/** `<nil>`: nothing may be in it. */
export function nilOf(text: string): null | undefined {
  return text === '' ? null : undefined;
}
