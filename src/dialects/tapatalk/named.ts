// Parameters by name, as the JSON variant and the POST protocol send them (contracts/tapatalk.md 3): from the fields of a
// query, a form or a JSON object to the positions of the method table. Which bytes they came in is asked.ts.

import { readInteger } from '../../xmlrpc/read.ts';
import { Double, type InValue } from '../../xmlrpc/value.ts';
import { refuse } from './errors.ts';
import type { Method } from './method.ts';
import { pageWindow } from './paging.ts';
import type { Parameter } from './params.ts';

/** What was sent, by name: texts of a form or a query, values of JSON. */
export type Fields = ReadonlyMap<string, unknown>;

/** Parameters in order, and how the caller knows each of them. */
export interface Given {
  readonly params: readonly (InValue | undefined)[];
  /** For what an error says; absent: the position. */
  readonly names?: readonly string[];
}

/** Names of the variant that are not those of the documents in other letters. */
const NAMES: Readonly<Record<string, string>> = {
  user_name: 'username',
  login_name: 'login',
  text_body: 'body',
  invite_reason_text: 'reason',
  attachment_id_array: 'attachmentIds',
  conv_id: 'conversationId',
  msg_id: 'messageId',
  pm_id: 'messageId',
  perpage: 'perPage',
  // Both are worked out from `page` and `perPage`.
  start_num: 'page',
  last_num: 'perPage',
  end_num: 'perPage',
};

/** `text_body` is `body`, `conversation_id` is `conversationId`. */
export const nameOf = ({ name }: Pick<Parameter<unknown>, 'name'>): string =>
  NAMES[name] ?? name.replace(/_(.)/g, (_, letter: string) => letter.toUpperCase());

/** Values that the variant takes for absent ones, where they are not those of XML-RPC. */
const DEFAULTS: Readonly<Record<string, InValue>> = { return_html: true };

/** Orders the fields as the method takes them. A field that the method does not know is passed over. */
export function givenTo(method: Method, fields: Fields): Given {
  const names = method.parameters.map(nameOf);
  const params = method.parameters.map((parameter, i): InValue | undefined => {
    const value = paged(parameter, fields) ?? fieldValue(parameter, fields.get(names[i] as string));
    if (value === undefined && !parameter.optional) throw refuse(`Parameter "${names[i]}" is missing.`);
    return value ?? DEFAULTS[parameter.name];
  });
  return { params, names };
}

/** A page counted from 1 as a pair of positions; undefined for other parameters, and where no page is named. */
function paged({ name }: Parameter<unknown>, fields: Fields): number | undefined {
  if (name !== 'start_num' && name !== 'last_num' && name !== 'end_num') return undefined;
  const number = (field: string): number | undefined => {
    const value = scalar(fields.get(field));
    return value === undefined || value === '' || value === null ? undefined : readInteger(value, field);
  };
  const [page, size] = [number('page'), number('perPage')];
  if (page === undefined && size === undefined) return undefined;
  const { start, count } = pageWindow(page, size);
  return name === 'start_num' ? start : start + count - 1;
}

/** A field as the codec would have read it. One text where several may stand is a list of one. */
function fieldValue({ kind }: Parameter<unknown>, field: unknown): InValue | undefined {
  const several = kind === 'texts' || kind === 'ids';
  const value = Array.isArray(field) ? field.map((item) => scalar(item) ?? null) : scalar(field);
  if (value === null || (value === '' && kind !== 'text')) return undefined;
  return several && (typeof value === 'string' || typeof value === 'number') ? [value] : value;
}

/** What lies deeper than a list is of no type that any parameter takes. */
function scalar(value: unknown): InValue | undefined {
  switch (typeof value) {
    case 'undefined':
    case 'string':
    case 'boolean':
      return value;
    case 'number':
      return Number.isSafeInteger(value) ? value : new Double(value);
    default:
      return value === null ? null : new Map();
  }
}
