// The kinds of parameters that methods of this dialect take. Reading a value of each wire type is the codec's.
import {
  type Position,
  readFlag,
  readId,
  readIds,
  readInteger,
  readText,
  readTexts,
} from '../../xmlrpc/read.ts';
import type { InValue } from '../../xmlrpc/value.ts';

/** One positional parameter. `read` throws the codec's errors; it never sees an absent value. */
export interface Parameter<T> {
  /** As the documents of the dialect call it. */
  readonly name: string;
  readonly kind: 'text' | 'texts' | 'id' | 'ids' | 'integer' | 'flag';
  readonly optional: boolean;
  read(value: InValue, position: Position): T;
}

/** Words of a person: base64, from some clients string. */
export const text = (name: string): Parameter<string> => required(name, 'text', readText);
/** Several of them: recipients. */
export const texts = (name: string): Parameter<string[]> => required(name, 'texts', readTexts);
/** An id, or a comma-separated list of ids. */
export const id = (name: string): Parameter<string> => required(name, 'id', readId);
export const ids = (name: string): Parameter<string[]> => required(name, 'ids', readIds);
export const integer = (name: string): Parameter<number> => required(name, 'integer', readInteger);
export const flag = (name: string): Parameter<boolean> => required(name, 'flag', readFlag);

function required<T>(
  name: string,
  kind: Parameter<T>['kind'],
  read: (value: InValue, position: Position) => T,
): Parameter<T> {
  return { name, kind, optional: false, read };
}

/** The same, at the end of the list: may be absent, or nil from writers that cannot leave out. */
export function optional<T>(parameter: Parameter<T>): Parameter<T | undefined> {
  return {
    ...parameter,
    optional: true,
    read: (value, position) => (value === null ? undefined : parameter.read(value, position)),
  };
}
