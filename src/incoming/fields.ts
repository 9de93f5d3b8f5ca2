// What calls of other networks are read with: fields that may be missing, null or of another type than their documents say.
import * as v from 'valibot';
import { invalid, Refused } from '../domain/errors.ts';
import { jsonOf } from './knock.ts';

/** What is not of this type counts as not there: networks add to their calls, and one odd field must not lose a message. */
export const perhaps = <S extends v.GenericSchema>(schema: S) => v.fallback(v.optional(schema), undefined);

/** A text or a number, as text. */
export const name = v.pipe(
  v.union([v.string(), v.number()]),
  v.transform((value) => String(value)),
);
export const someName = v.pipe(name, v.minLength(1), v.maxLength(500));

/** Refused invalid, with the first fields that are wrong. */
export function checked<S extends v.GenericSchema>(schema: S, value: unknown): v.InferOutput<S> {
  const parsed = v.safeParse(schema, value);
  if (parsed.success) return parsed.output;
  const fields = parsed.issues.slice(0, 20).map((issue) => ({
    path: v.getDotPath(issue) ?? '',
    message: issue.message,
  }));
  throw new Refused(invalid('Some fields are wrong.', fields));
}

const FORM = /^application\/x-www-form-urlencoded\b/i;

/** Whether the body says that it is a form. Some senders say so of JSON. */
export const isForm = (headers: Headers, body: string): boolean =>
  FORM.test(headers.get('content-type') ?? '') && !/^\s*[{[]/.test(body);

/** Fields of a form, the last of each name. */
export const formFields = (body: string): Record<string, string> =>
  Object.fromEntries(new URLSearchParams(body));

/** A JSON body, or the same in the field `payload` of a form; null: the form has no such field. */
export function payloadOf(headers: Headers, body: string, read: (text: string) => unknown = jsonOf): unknown {
  if (!isForm(headers, body)) return read(body);
  const { payload } = formFields(body);
  return payload === undefined ? null : read(payload);
}

/** ms since 1970 of a time as JSON has it; null: it is none. */
export function timeOf(text: string | null | undefined): number | null {
  const ms = Date.parse(text ?? '');
  return Number.isNaN(ms) ? null : ms;
}
