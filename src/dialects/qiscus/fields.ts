// The kinds of parameters that calls declare, and how each is read from whatever a client sent (contracts/qiscus.md 3):
// numbers as texts, texts as numbers, lists as one value, objects as JSON text. Encodings are params.ts.
import { isTooDeep, MOST_DEPTH } from '../../domain/depth.ts';
import { type FieldProblem, invalid, Refused } from '../../domain/errors.ts';
import type { Json, JsonObject } from '../../domain/model.ts';
import type { Raw } from './params.ts';

/** What a parameter is about; tests make foreign values of it. */
export type Kind =
  | 'words'
  | 'new name'
  | 'user'
  | 'users'
  | 'room'
  | 'rooms'
  | 'comment'
  | 'unique id'
  | 'unique ids'
  /** An export; it stands in the path. */
  | 'export'
  | 'number'
  | 'flag'
  | 'object'
  | 'choice'
  | 'address';

export interface Field<T> {
  readonly kind: Kind;
  readonly required: boolean;
  /** The value; a `Problem` thrown. Undefined and no problem: it was not given. */
  read(values: readonly unknown[]): T;
}

export type Fields = Readonly<Record<string, Field<unknown>>>;
export type Given<F extends Fields> = { [Name in keyof F]: F[Name] extends Field<infer T> ? T : never };

class Problem extends Error {}
const MISSING = 'is required';

/** All values of a call, checked. Refused invalid, with a sentence for each parameter that is wrong. */
export function given<F extends Fields>(fields: F, raw: Raw): Given<F> {
  const problems: FieldProblem[] = [];
  const values: Record<string, unknown> = {};
  for (const [name, field] of Object.entries(fields)) {
    try {
      values[name] = field.read(raw.get(name) ?? []);
      if (values[name] === undefined && field.required) throw new Problem(MISSING);
    } catch (error) {
      if (!(error instanceof Problem)) throw error;
      problems.push({ path: name, message: error.message });
    }
  }
  if (problems.length > 0) throw new Refused(invalid('Validation error', problems));
  return values as Given<F>;
}

/** A refusal of one parameter whose value is known to be wrong only later. */
export const refuseField = (path: string, message: string): Refused =>
  new Refused(invalid('Validation error', [{ path, message }]));

/** May be left out; an empty value is left out too, for forms cannot say it otherwise. */
export const may = <T>(field: Field<T>): Field<T | undefined> => ({ ...field, required: false });

/** Every value, with those of arrays in them; without what stands for nothing. */
const flat = (values: readonly unknown[]): unknown[] =>
  values.flat().filter((value) => value !== null && value !== undefined && value !== '');

function scalar(value: unknown): string {
  if (typeof value === 'string') return value.toWellFormed();
  if (typeof value === 'number' || typeof value === 'boolean') return String(value);
  throw new Problem('must be text');
}

/** The first value as text. */
const one = (values: readonly unknown[]): string | undefined => {
  const [first] = flat(values);
  return first === undefined ? undefined : scalar(first);
};

/** Whether a text has more than `most` characters: a surrogate pair counts once. */
export function isLonger(text: string, most: number): boolean {
  if (text.length <= most) return false;
  let count = 0;
  for (const _ of text) count += 1;
  return count > most;
}

function short(text: string, most: number): string {
  if (isLonger(text, most)) throw new Problem(`is longer than ${most} characters`);
  return text;
}

const field = <T>(
  kind: Kind,
  read: (text: string, values: readonly unknown[]) => T,
  required = true,
): Field<T> => ({
  kind,
  required,
  read: (values) => {
    const text = one(values);
    return (text === undefined ? undefined : read(text, values)) as T;
  },
});

/** Characters of names, ids and addresses. */
const NAME_LENGTH = 255;
const ADDRESS_LENGTH = 2_048;

export const text = (most: number = NAME_LENGTH, kind: Kind = 'words'): Field<string> =>
  field(kind, (value) => short(value, most));

/** Somebody who is there, by what this API calls their e-mail address: any id (contracts/qiscus.md 4). */
export const user = (): Field<string> => text(NAME_LENGTH, 'user');
/** A room by its number or its unique id. */
export const room = (): Field<string> => text(NAME_LENGTH, 'room');

/** A name that is going to be somebody's: without what nobody could type again. */
export const newName = (): Field<string> =>
  field('new name', (value) => {
    // biome-ignore lint/suspicious/noControlCharactersInRegex: they are what is looked for.
    if (/[\u0000-\u001f\u007f]|^\s|\s$/.test(value)) throw new Problem('has signs that no id may have');
    return short(value, NAME_LENGTH);
  });

/** Texts in their order, each once: one value, many, or lists of them. */
export const texts = (most: number, kind: Kind = 'words'): Field<string[]> => ({
  kind,
  required: true,
  read: (values) => {
    const all = [...new Set(flat(values).map((value) => short(scalar(value), NAME_LENGTH)))];
    if (all.length > most) throw new Problem(`has more than ${most} values`);
    return (all.length === 0 ? undefined : all) as string[];
  },
});
export const users = (most: number): Field<string[]> => texts(most, 'users');
export const rooms = (most: number): Field<string[]> => texts(most, 'rooms');

export const integer = (least: number, most: number, kind: Kind = 'number'): Field<number> =>
  field(kind, (value) => {
    const n = /^-?\d{1,16}$/.test(value) ? Number(value) : Number.NaN;
    if (!(n >= least && n <= most)) throw new Problem(`must be a whole number from ${least} to ${most}`);
    return n;
  });

/** False where it is not given. */
export const flag = (): Field<boolean> => ({
  kind: 'flag',
  required: false,
  read: (values) => {
    const value = one(values)?.toLowerCase();
    if (value === undefined || value === 'false' || value === '0') return false;
    if (value === 'true' || value === '1') return true;
    throw new Problem('must be true or false');
  },
});

export const choice = <const Choice extends string>(choices: readonly Choice[]): Field<Choice> =>
  field('choice', (value) => {
    if (!choices.includes(value as Choice)) throw new Problem(`must be one of ${choices.join(', ')}`);
    return value as Choice;
  });

/** A web address (every other scheme would reach clients of other doors too). */
export const address = (): Field<string> =>
  field('address', (value) => {
    if (!isWebAddress(value)) throw new Problem('must be an address of the web');
    return short(value, ADDRESS_LENGTH);
  });

export const isWebAddress = (value: unknown): value is string =>
  typeof value === 'string' && URL.canParse(value) && /^https?:$/.test(new URL(value).protocol);

/** An object, or JSON text of one. Nothing, `null`, and the empty list that PHP makes of nothing: null. */
export const object = (): Field<JsonObject | null> => ({
  kind: 'object',
  required: false,
  read: (values) => {
    const [first] = values.filter((value) => value !== undefined && value !== null && value !== '');
    const value = typeof first === 'string' ? parsed(first) : first;
    if (value === undefined || value === null || (Array.isArray(value) && value.length === 0)) return null;
    if (typeof value !== 'object' || Array.isArray(value)) throw new Problem('must be a JSON object');
    if (isTooDeep(value as Json)) throw new Problem(`is deeper than ${MOST_DEPTH} levels`);
    return value as JsonObject;
  },
});

/** Free data that comes back as text, whether it came as text or as an object. */
export const blob = (most: number): Field<string | undefined> => ({
  kind: 'words',
  required: false,
  read: (values) => {
    const [first] = values.filter((value) => value !== undefined && value !== null);
    if (first === undefined) return undefined;
    if (isTooDeep(first as Json)) throw new Problem(`is deeper than ${MOST_DEPTH} levels`);
    return short(typeof first === 'object' ? JSON.stringify(first) : scalar(first), most);
  },
});

function parsed(value: string): unknown {
  try {
    return JSON.parse(value);
  } catch {
    throw new Problem('is not valid JSON');
  }
}
