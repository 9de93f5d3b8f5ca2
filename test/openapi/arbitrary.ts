// Values that a schema of the document allows, at its limits as often as inside them, and values spoiled in one place.
import { fc } from '../fuzz/made-up.ts';
import { checkOf, DOCUMENT } from '../support/described.ts';

// biome-ignore lint/suspicious/noExplicitAny: schemas and their values are data here.
type Json = any;

const FORMATS: Record<string, readonly string[]> = {
  uri: ['https://example.org/a?b=c#d', 'HTTP://EXAMPLE.ORG', 'http://ü.example/ß', 'https://example.org/a b'],
  email: ['ann@example.org', 'a.b+c@sub.example.org'],
  'date-time': ['2026-01-02T03:04:05.678Z', '2026-01-02T03:04:05+02:00'],
};

/** A value that fits the schema at this place of the document. */
export function fitting(schema: Json, ...place: string[]): fc.Arbitrary<Json> {
  if (schema.$ref) {
    const inner = schema.$ref.slice(2).split('/');
    return fitting(at(inner), ...inner);
  }
  if ('const' in schema) return fc.constant(schema.const);
  if (schema.enum) return fc.constantFrom(...schema.enum);
  const { oneOf, anyOf, allOf, not, if: condition, type } = schema;
  if (type === undefined && (oneOf ?? anyOf)) {
    const kind = oneOf ? 'oneOf' : 'anyOf';
    return fc.oneof(
      ...(oneOf ?? anyOf).map((each: Json, index: number) => fitting(each, ...place, kind, String(index))),
    );
  }
  if (type === undefined && allOf) {
    const check = checkOf(...place);
    return fitting(allOf[0], ...place, 'allOf', '0').filter((value) => check(value));
  }
  const made = ofType(schema, ...place);
  const whole = ['x-unique-by', 'x-max-bytes', 'x-at-most'].some((word) => word in schema);
  if (!(oneOf ?? anyOf ?? allOf ?? not ?? condition ?? (whole || undefined))) return made;
  // What else is asked of the whole is left to chance: each such schema lets a good part of what is made through.
  const check = checkOf(...place);
  return made.filter((value) => check(value));
}

function at(place: readonly string[]): Json {
  return place.reduce((node, key) => node[key], DOCUMENT);
}

function ofType(schema: Json, ...place: string[]): fc.Arbitrary<Json> {
  const { type } = schema;
  if (Array.isArray(type)) {
    const others = type.filter((each) => each !== 'null');
    const value = fc.oneof(...others.map((each) => ofType({ ...schema, type: each }, ...place)));
    return type.includes('null') ? fc.oneof({ weight: 4, arbitrary: value }, fc.constant(null)) : value;
  }
  switch (type) {
    case 'object':
      return objects(schema, ...place);
    case 'array': {
      const { minItems: least = 0, maxItems: most = least + 3 } = schema;
      const item = fitting(schema.items, ...place, 'items');
      // Long lists of large things only slow the test down.
      const few = fc.array(item, { minLength: least, maxLength: Math.min(most, least + 2) });
      return most <= 25
        ? fc.oneof({ weight: 6, arbitrary: few }, fc.array(item, { minLength: most, maxLength: most }))
        : few;
    }
    case 'string':
      return strings(schema);
    case 'integer':
      return numbers(schema, fc.integer(limits(schema)));
    case 'number':
      return numbers(schema, fc.double({ ...limits(schema), noNaN: true, noDefaultInfinity: true }));
    case 'boolean':
      return fc.boolean();
    case 'null':
      return fc.constant(null);
    default:
      return fc.jsonValue({ maxDepth: 1 });
  }
}

function objects(schema: Json, ...place: string[]): fc.Arbitrary<Json> {
  const { properties = {}, required = [], additionalProperties } = schema;
  if (typeof additionalProperties === 'object') {
    const value = fitting(additionalProperties, ...place, 'additionalProperties');
    return fc.dictionary(fc.stringMatching(/^[a-z]{1,8}$/), value, { maxKeys: 3, noNullPrototype: true });
  }
  const fields = Object.fromEntries(
    Object.entries(properties).map(([name, field]) => [name, fitting(field, ...place, 'properties', name)]),
  );
  return fc.record(fields, { requiredKeys: required, noNullPrototype: true });
}

function strings({ format, pattern, minLength: least = 0, maxLength: most }: Json): fc.Arbitrary<string> {
  if (format) return fc.constantFrom(...(FORMATS[format] as string[]));
  if (pattern) return fc.stringMatching(new RegExp(pattern));
  const short = fc.string({
    unit: 'binary',
    minLength: least,
    maxLength: Math.min(least + 8, most ?? least + 8),
  });
  if (most === undefined) return short;
  // One letter outside the first plane counts once.
  return fc.oneof(
    { weight: 6, arbitrary: short },
    fc.constantFrom('x'.repeat(most), '💬'.repeat(most), 'x'.repeat(least)),
  );
}

const limits = ({ minimum = -1000, maximum = 1000 }: Json) => ({
  min: minimum,
  max: Math.min(maximum, 2 ** 31 - 1),
});
const numbers = ({ minimum, maximum }: Json, inside: fc.Arbitrary<number>): fc.Arbitrary<number> =>
  fc.oneof(
    inside,
    ...[minimum, maximum].filter((each) => each !== undefined).map((each) => fc.constant(each)),
  );

const OTHERS: readonly Json[] = [
  null,
  7,
  -1,
  1.5,
  1e21,
  '',
  'x',
  'javascript:alert(1)',
  ' https://example.org',
  'ftp://example.org',
  'x'.repeat(129),
  'x'.repeat(5000),
  '💬'.repeat(4096),
  '2026-13-99T00:00:00Z',
  true,
  false,
  {},
  { a: {} },
  { a: 'x'.repeat(4100) },
  [],
  [null],
  Array(30).fill({}),
];

/** A fitting value with one thing in it taken away, doubled or made something else. It may still fit. */
export const spoiled = (value: fc.Arbitrary<Json>): fc.Arbitrary<Json> =>
  fc.tuple(value, fc.nat(), fc.nat(OTHERS.length + 1)).map(([whole, where, how]) => {
    const copy = structuredClone(whole);
    const places = holders(copy);
    const place = places[where % Math.max(1, places.length)];
    if (!place) return OTHERS[how % OTHERS.length];
    const [holder, key] = place;
    if (how < OTHERS.length) holder[key] = structuredClone(OTHERS[how]);
    else if (how === OTHERS.length) delete holder[key];
    else if (Array.isArray(holder)) holder.push(...Array(11).fill(holder[0]));
    else holder[`${key}2`] = holder[key];
    // As it arrives: a hole in a list is null.
    return JSON.parse(JSON.stringify(copy));
  });

/** Every object or list inside with each of its keys. */
function holders(value: Json): [Json, string][] {
  if (typeof value !== 'object' || value === null) return [];
  return Object.keys(value).flatMap((key) => [[value, key] as [Json, string], ...holders(value[key])]);
}
