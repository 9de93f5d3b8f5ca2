// A file of rows: a JSON array, taken apart without building it whole, and each row read by its door's rules. What rows do is
// beside this file.
import { invalid, Refused } from '../../domain/errors.ts';
import type { Json } from '../../domain/model.ts';
import type { JobError, Step, Tools } from '../../jobs/api.ts';
import type { Hub } from '../context.ts';

/** Bytes of one file (contracts/qiscus.md 5, "Imports"). */
export const FILE_BYTES = 4 * 1024 * 1024;
/** Rows of one file: of comments that big a file holds no more. What is built of them stays some 30 MB. */
const ROWS = 25_000;
/** Characters of one row, and objects inside one another in it: as any call of a door may send. */
const ROW_CHARS = 100 * 1024;
const DEPTH = 40;
/** A longer row is not shown with its error. */
const SHOWN_CHARS = 4_000;

/** How a door reads a row, and shows a bad one: without what is secret in it. */
export interface RowFormat<Row> {
  /** Refused invalid, with a field message for what is wrong. */
  read(hub: Hub, value: { [key: string]: Json }): Row;
  shown(value: { [key: string]: Json }): Json;
}

const notRows = (what: string): Refused =>
  new Refused(invalid(`The file is not a JSON array of rows: ${what}.`));

/** The texts of the rows, in order. Refused invalid: it is no array, or too much for one file. */
export function* rowsOf(text: string): Generator<string> {
  let at = text.charCodeAt(0) === 0xfeff ? 1 : 0;
  const skip = () => {
    while (' \t\r\n'.includes(text[at] ?? 'x')) at += 1;
  };
  skip();
  if (text[at] !== '[') throw notRows('it does not begin with [');
  at += 1;
  skip();
  if (text[at] === ']') {
    at += 1;
  } else {
    for (let count = 1; ; count += 1) {
      if (count > ROWS) throw new Refused(invalid(`The file has more than ${ROWS} rows.`));
      skip();
      const end = endOfRow(text, at);
      if (end - at > ROW_CHARS)
        throw new Refused(invalid(`Row ${count} is longer than ${ROW_CHARS / 1024} KiB.`));
      yield text.slice(at, end);
      at = end + 1;
      if (text[end] === ']') break;
    }
  }
  skip();
  if (at < text.length) throw notRows('something follows its end');
}

/** Where the comma or the bracket behind the value stands that begins at `from`. */
function endOfRow(text: string, from: number): number {
  let depth = 0;
  for (let at = from; at < text.length; at += 1) {
    switch (text[at]) {
      case '"':
        for (at += 1; at < text.length && text[at] !== '"'; at += 1) if (text[at] === '\\') at += 1;
        break;
      case '{':
      case '[':
        depth += 1;
        if (depth > DEPTH) throw notRows(`a row is deeper than ${DEPTH} levels`);
        break;
      case '}':
        depth -= 1;
        break;
      case ']':
        if (depth === 0) return at;
        depth -= 1;
        break;
      case ',':
        if (depth === 0) return at;
    }
  }
  throw notRows('it ends early');
}

/** How many rows a file has. Refused as {@link rowsOf} does, and where it has none. */
export function countRows(text: string): number {
  let count = 0;
  for (const _ of rowsOf(text)) count += 1;
  if (count === 0) throw new Refused(invalid('The file has no rows.'));
  return count;
}

/** All rows of the file, or what is wrong with the first bad one. */
export function readRows<Row>(
  hub: Hub,
  { given }: Tools,
  format: RowFormat<Row>,
): { rows: Row[]; failed?: undefined } | { failed: JobError } {
  const rows: Row[] = [];
  for (const text of rowsOf(given())) {
    let value: Json;
    try {
      value = JSON.parse(text);
    } catch {
      return { failed: { message: `Row ${rows.length + 1}: is not valid JSON.`, data: null } };
    }
    if (typeof value !== 'object' || value === null || Array.isArray(value))
      return { failed: { message: `Row ${rows.length + 1}: is not a JSON object.`, data: null } };
    try {
      rows.push(format.read(hub, value));
    } catch (error) {
      if (!(error instanceof Refused)) throw error;
      return { failed: badRow(format, rows.length, sentence(error), value) };
    }
  }
  return { rows };
}

function sentence({ refusal }: Refused): string {
  const fields = refusal.code === 'invalid' ? (refusal.fields ?? []) : [];
  return fields.length > 0
    ? fields.map(({ path, message }) => `${path} ${message}`).join('; ')
    : refusal.message;
}

/** The error of the row at `index` (from 0): what is wrong, and the row. */
export function rowError<Row>(
  { given }: Tools,
  format: RowFormat<Row>,
  index: number,
  message: string,
): JobError {
  let at = 0;
  for (const text of rowsOf(given())) {
    if (at === index) return badRow(format, index, message, JSON.parse(text));
    at += 1;
  }
  return { message, data: null };
}

function badRow<Row>(
  format: RowFormat<Row>,
  index: number,
  message: string,
  value: { [key: string]: Json },
): JobError {
  const data = format.shown(value);
  return {
    message: `Row ${index + 1}: ${message}`,
    data: JSON.stringify(data).length > SHOWN_CHARS ? null : data,
  };
}

export const failed = (error: JobError, state: Json = null): Step => ({ state, end: { failed: error } });

/** The first of the values that came before; its place, else -1. */
export function firstTwice<T>(values: Iterable<T | null>): number {
  const seen = new Set<T>();
  let at = 0;
  for (const value of values) {
    if (value !== null && seen.has(value)) return at;
    if (value !== null) seen.add(value);
    at += 1;
  }
  return -1;
}

/** The values in parts of at most so many, and at most so many characters as JSON. */
export function* partsOf<T>(values: readonly T[], most: number, chars = 300_000): Generator<T[]> {
  let part: T[] = [];
  let size = 0;
  for (const value of values) {
    const length = JSON.stringify(value).length;
    if (part.length > 0 && (part.length === most || size + length > chars)) {
      yield part;
      [part, size] = [[], 0];
    }
    part.push(value);
    size += length;
  }
  if (part.length > 0) yield part;
}
