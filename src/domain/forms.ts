// Forms: what one asks, whether an answer fits, and how it reads (contracts/sunshine.md 3). Pure; the chat's frame checks by
// the same rule before it sends. What an answer does to a conversation is conversation/answering.ts.
import type { FieldProblem } from './errors.ts';
import type { Json, JsonObject } from './model.ts';

export const FORM = 'form';
export const FORM_RESPONSE = 'formResponse';

/** One field that a form asks for. `text`, `email`, `select`: what stands in it before anybody has answered. */
export interface FormField {
  type: 'text' | 'email' | 'select';
  name: string;
  label: string;
  placeholder?: string;
  /** Characters of a text. */
  minSize?: number;
  maxSize?: number;
  format?: 'integer' | 'decimal';
  options?: { name: string; label: string }[];
  text?: string;
  email?: string;
  select?: { name?: string }[];
}

export type Wrong = 'missing' | 'short' | 'long' | 'email' | 'number' | 'option';

/** Where a form does not say how long a text may be (the vendor's own defaults). */
const SHORTEST = 1;
const LONGEST = 128;

/** How many characters a text may have, at least and at most. */
export const sizesOf = ({ minSize = SHORTEST, maxSize = LONGEST }: FormField): [number, number] => [
  minSize,
  Math.max(minSize, maxSize),
];

/** What is wrong with a field's answer; of a select the answer is the option's name. Null: nothing is. */
export function wrongWith(field: FormField, answer: string): Wrong | null {
  const { type, format, options = [] } = field;
  const length = [...answer].length;
  const [least, most] = sizesOf(field);
  if (length === 0) return 'missing';
  if (type === 'select') return options.some(({ name }) => name === answer) ? null : 'option';
  if (type === 'email')
    return length <= LONGEST && /^[^\s@]+@[^\s@]+\.[^\s@]+$/.test(answer) ? null : 'email';
  if (format && !(format === 'integer' ? /^[-+]?\d+$/ : /^[-+]?\d*[.,]?\d+$/).test(answer)) return 'number';
  return length < least ? 'short' : length > most ? 'long' : null;
}

/** So much of a message. */
interface Typed {
  door: string;
  type: string;
  payload?: { fields?: unknown; submitted?: unknown } | null;
}

/** The fields of a form; a choice among nothing is not asked for. Null: the message is none. Only one door makes them, and checks them. */
export function formOf({ door, type, payload }: Typed): FormField[] | null {
  if (door !== 'sunshine' || type !== FORM || !Array.isArray(payload?.fields)) return null;
  const fields = payload.fields as FormField[];
  return fields.filter((field) => field.type !== 'select' || field.options?.length);
}

export const isAnswered = ({ payload }: Pick<Typed, 'payload'>): boolean => payload?.submitted === true;

const SAYS: Record<Wrong, (field: FormField) => string> = {
  missing: () => 'must be answered',
  short: (field) => `must have at least ${sizesOf(field)[0]} characters`,
  long: (field) => `must have at most ${sizesOf(field)[1]} characters`,
  email: () => 'must be an e-mail address',
  number: ({ format }) => (format === 'integer' ? 'must be a whole number' : 'must be a number'),
  option: () => 'must be one of the options, by its name',
};

/** An answer as it is kept: its fields with what the form calls them, and the same in words. */
export interface FormAnswer {
  fields: JsonObject[];
  text: string;
}

/**
 * Reads an answer, `[{name, text | email | select: [{name}]}]`, one for each field that is asked for. Else what is wrong,
 * each by the field's name.
 */
export function readAnswer(
  asked: readonly FormField[],
  given: Json | undefined,
): FormAnswer | FieldProblem[] {
  const list = Array.isArray(given) ? given : [];
  const byName = new Map(list.flatMap((each) => (isObject(each) ? [[each.name, each] as const] : [])));
  const pathOf = (name: Json | undefined) => `payload.fields.${String(name)}`;
  const problems: FieldProblem[] = [...byName.keys()]
    .filter((name) => !asked.some((field) => field.name === name))
    .map((name) => ({ path: pathOf(name), message: 'is not asked for' }));
  const fields: JsonObject[] = [];
  const lines: string[] = [];
  for (const field of asked) {
    const { type, name, label, options = [] } = field;
    const answer = answerIn(type, byName.get(name));
    const wrong = wrongWith(field, answer);
    if (wrong) problems.push({ path: pathOf(name), message: SAYS[wrong](field) });
    const chosen = options.find((option) => option.name === answer);
    const value = type === 'select' ? (chosen ? [{ name: chosen.name, label: chosen.label }] : []) : answer;
    fields.push({ type, name, label, [type]: value });
    lines.push(`${label}: ${type === 'select' ? (chosen?.label ?? '') : answer}`);
  }
  return problems.length > 0 ? problems : { fields, text: lines.join('\n') };
}

function answerIn(type: FormField['type'], given: JsonObject | undefined): string {
  const value = given?.[type];
  const [first] = Array.isArray(value) ? value : [];
  const answer = type === 'select' ? isObject(first) && first.name : value;
  return typeof answer === 'string' ? answer.trim() : '';
}

const isObject = (value: Json | undefined): value is JsonObject =>
  typeof value === 'object' && value !== null && !Array.isArray(value);
