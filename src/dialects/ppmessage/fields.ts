// The kinds of parameters that calls declare, and how each is read from a body (contracts/ppmessage.md 1 and 12): what is
// missing is 6, what is of another type 28, what has no such value 44. Ids that are none of ours are null: each call says
// what it calls missing.
import type { ConversationNumber, DeviceNumber, UserNumber } from '../../domain/ids.ts';
import type { JsonObject } from '../../domain/model.ts';
import type { Hub } from '../../hub/context.ts';
import { Failure } from './errors.ts';
import { parseConversation, parseDevice, parseGroup, parseUser } from './ids.ts';

/** What a parameter is about; tests make foreign and wrong values of it. */
export type Kind =
  | 'words'
  | 'user'
  | 'users'
  | 'conversation'
  | 'device'
  | 'group'
  | 'message'
  | 'pushes'
  | 'number'
  | 'flag'
  | 'choice'
  | 'address'
  | 'app';

export interface Field<T> {
  readonly kind: Kind;
  readonly required: boolean;
  /** The value of what was given, which is neither missing nor null. */
  read(value: unknown, hub: Pick<Hub, 'ids'>): T;
}

export type Fields = Readonly<Record<string, Field<unknown>>>;
export type Given<F extends Fields> = { [Name in keyof F]: F[Name] extends Field<infer T> ? T : never };

/** All values of a call. What is required is looked at first, so that it is said whatever else is wrong. */
export function given<F extends Fields>(fields: F, body: JsonObject, hub: Pick<Hub, 'ids'>): Given<F> {
  const isMissing = (name: string, field: Field<unknown>): boolean =>
    field.required && ((body[name] ?? null) === null || body[name] === '');
  if (Object.entries(fields).some(([name, field]) => isMissing(name, field))) throw new Failure('NO_PARA');
  const read = (name: string, field: Field<unknown>): unknown =>
    (body[name] ?? null) === null ? undefined : field.read(body[name], hub);
  return Object.fromEntries(
    Object.entries(fields).map(([name, field]) => [name, read(name, field)]),
  ) as Given<F>;
}

/** May be left out, or null. */
export const may = <T>(field: Field<T>): Field<T | undefined> => ({ ...field, required: false });

/** Characters of names and the like. */
const NAME_LENGTH = 255;
const ADDRESS_LENGTH = 2_048;
const MOST_PEOPLE = 100;
const MOST_PUSHES = 1_000;

function words(value: unknown, most: number): string {
  if (typeof value !== 'string') throw new Failure('WRONG_PARA');
  if (value.length > most) throw new Failure('INVALID_PARA');
  return value.toWellFormed();
}

export const text = (most: number = NAME_LENGTH, kind: Kind = 'words'): Field<string> => ({
  kind,
  required: true,
  read: (value) => words(value, most),
});

const id =
  <N>(kind: Kind, parse: (here: Pick<Hub, 'ids'>, text: string) => N | null) =>
  (): Field<N | null> => ({
    kind,
    required: true,
    read: (value, hub) => parse(hub, words(value, ADDRESS_LENGTH)),
  });
export const user = id<UserNumber>('user', parseUser);
export const conversation = id<ConversationNumber>('conversation', parseConversation);
export const device = id<DeviceNumber>('device', parseDevice);
export const group = id<number>('group', parseGroup);
/** A message by its id, whoever made that. */
export const message = (): Field<string> => text(NAME_LENGTH, 'message');

function listOf(value: unknown, most: number): string[] {
  if (!Array.isArray(value)) throw new Failure('NOT_LIST');
  if (value.length > most) throw new Failure('INVALID_PARA');
  return value.map((each) => words(each, NAME_LENGTH));
}

/** People; a null among them is nobody. */
export const users = (): Field<(UserNumber | null)[]> => ({
  kind: 'users',
  required: true,
  read: (value, hub) => [...new Set(listOf(value, MOST_PEOPLE))].map((each) => parseUser(hub, each)),
});

/** Pushes by their ids. What is no list counts as missing (contracts/ppmessage.md 7). */
export const pushes = (): Field<string[]> => ({
  kind: 'pushes',
  required: true,
  read: (value) => {
    if (!Array.isArray(value)) throw new Failure('NO_PARA');
    return listOf(
      value.filter((each) => each !== null),
      MOST_PUSHES,
    );
  },
});

/** Clients write numbers as numbers or as digits. `below`: the first one that is too large, either way. */
export const number = (below = 1e9): Field<number> => ({
  kind: 'number',
  required: true,
  read: (value) => {
    const n = typeof value === 'string' && /^-?\d{1,15}$/.test(value) ? Number(value) : value;
    if (typeof n !== 'number' || !Number.isInteger(n) || Math.abs(n) >= below)
      throw new Failure('WRONG_PARA');
    return n;
  },
});

/** A moment, in s since 1970. */
export const seconds = (): Field<number> => number(1e12);

const TRUTHS: ReadonlyMap<unknown, boolean> = new Map<unknown, boolean>([
  [true, true],
  [1, true],
  ['true', true],
  ['True', true],
  ['1', true],
  [false, false],
  [0, false],
  ['false', false],
  ['False', false],
  ['0', false],
]);

export const flag = (): Field<boolean> => ({
  kind: 'flag',
  required: true,
  read: (value) => {
    const truth = TRUTHS.get(value);
    if (truth === undefined) throw new Failure('WRONG_PARA');
    return truth;
  },
});

export const choice = <T extends string>(values: readonly T[]): Field<T> => ({
  kind: 'choice',
  required: true,
  read: (value) => {
    const said = words(value, NAME_LENGTH);
    const found = values.find((each) => each === said);
    if (found === undefined) throw new Failure('INVALID_PARA');
    return found;
  },
});

/** An address of the web, for pages to show or to lead to; an empty one is none. */
export const address = (): Field<string | null> => ({
  kind: 'address',
  required: true,
  read: (value) => {
    const said = words(value, ADDRESS_LENGTH);
    if (said === '') return null;
    if (!URL.canParse(said) || !/^https?:$/.test(new URL(said).protocol)) throw new Failure('INVALID_PARA');
    return said;
  },
});
