// What the description says of a request's body is what the code that checks it takes: each accepts what the other does,
// and both know the same fields.

import * as v from 'valibot';
import { expect, test } from 'vitest';
import { appCreateBody, keyBody } from '../../src/dialects/sunshine/apps.ts';
import { ownMessageBody } from '../../src/dialects/sunshine/messages.ts';
import { ROUTES } from '../../src/dialects/sunshine/routes.ts';
import { ownActivityBody } from '../../src/dialects/sunshine/schemas.ts';
import { operationOf } from '../conformance/calls/sunshine.ts';
import { fc } from '../fuzz/made-up.ts';
import { checkOf, DOCUMENT } from '../support/described.ts';
import { fitting, spoiled } from './arbitrary.ts';

// biome-ignore lint/suspicious/noExplicitAny: schemas are data here.
type Json = any;

/** Bodies of operations that calls/sunshine.ts does not know. */
const OTHERS: Record<string, v.GenericSchema> = { createApp: appCreateBody, createAppKey: keyBody };
/** What a user's own token sends instead. */
const OWN: Record<string, v.GenericSchema> = { postMessage: ownMessageBody, postActivity: ownActivityBody };

interface Pair {
  readonly name: string;
  readonly code: v.GenericSchema;
  readonly place: string[];
}

const SUNSHINE = Object.entries<Record<string, Json>>(DOCUMENT.paths).filter(([path]) =>
  path.startsWith('/v2'),
);

const pairs: Pair[] = SUNSHINE.flatMap(([path, item]) =>
  Object.entries(item).flatMap(([method, { operationId: name, requestBody }]) => {
    const schema = requestBody?.content['application/json']?.schema;
    if (!schema) return [];
    const route = ROUTES.find(({ operation }) => operation === name);
    const code = OTHERS[name] ?? (route && operationOf(route).body?.schema);
    if (!code) throw new Error(`say what checks the body of ${name} (test/openapi/bodies.test.ts)`);
    const place = ['paths', path, method, 'requestBody', 'content', 'application/json', 'schema'];
    const own = OWN[name];
    if (!own) return [{ name, code, place }];
    return [
      { name, code, place: [...place, 'anyOf', '0'] },
      { name: `${name} with a user’s own token`, code: own, place: [...place, 'anyOf', '1'] },
    ];
  }),
);
/** Enough to meet each field several times; once it was run with 6,000. */
const RUNS = 250;
const each = pairs.map((pair) => [pair.name, pair] as const);

const at = (place: readonly string[]): Json => place.reduce((node, key) => node[key], DOCUMENT);

test.each(each)('%s takes what is described', (_, { code, place }) => {
  const check = checkOf(...place);
  fc.assert(
    fc.property(fitting(at(place), ...place), (body) => {
      expect([check(body), issuesOf(code, body)]).toEqual([true, []]);
    }),
    { numRuns: 60 },
  );
});

// With their own token nobody else can be named, whatever the form: the description is narrower there on purpose.
test.each(each.filter(([, { code }]) => !Object.values(OWN).includes(code)))(
  '%s refuses what is not described, and nothing else',
  (_, { code, place }) => {
    const check = checkOf(...place);
    fc.assert(
      fc.property(spoiled(fitting(at(place), ...place)), (body) => {
        expect({ taken: issuesOf(code, body).length === 0 }).toEqual({ taken: check(body) });
      }),
      { numRuns: RUNS },
    );
  },
);

test.each(each)('%s is described with every field that is looked at', (_, { code, place }) => {
  const described = new Set<string>();
  fieldsOfDescription(at(place), '', described);
  const known = new Set<string>();
  fieldsOfCode(code as unknown as Code, '', known);
  const lacking = [...known].filter((path) => !described.has(path) && !/\bauthor\b/.test(path));
  expect(lacking).toEqual([]);
  expect([...described].filter((path) => !known.has(path))).toEqual([]);
});

const issuesOf = (schema: v.GenericSchema, body: unknown): string[] =>
  (v.safeParse(schema, body).issues ?? []).map((issue) => `${v.getDotPath(issue)}: ${issue.message}`);

function fieldsOfDescription(schema: Json, path: string, found: Set<string>): void {
  if (schema.$ref) return fieldsOfDescription(at(schema.$ref.slice(2).split('/')), path, found);
  for (const inner of [...(schema.oneOf ?? []), ...(schema.anyOf ?? [])])
    fieldsOfDescription(inner, path, found);
  if (schema.items) fieldsOfDescription(schema.items, `${path}[]`, found);
  for (const [name, field] of Object.entries(schema.properties ?? {})) {
    found.add(`${path}.${name}`);
    fieldsOfDescription(field, `${path}.${name}`, found);
  }
}

/** What this reads of a valibot schema. */
interface Code {
  readonly kind: string;
  readonly entries?: Readonly<Record<string, Code>>;
  readonly options?: readonly (Code | string)[];
  readonly item?: Code;
  readonly wrapped?: Code;
  readonly pipe?: readonly Code[];
}

function fieldsOfCode(schema: Code, path: string, found: Set<string>): void {
  for (const step of schema.pipe ?? []) {
    if (step.kind === 'schema' && step.pipe !== schema.pipe) fieldsOfCode(step, path, found);
  }
  if (schema.wrapped) fieldsOfCode(schema.wrapped, path, found);
  if (schema.item) fieldsOfCode(schema.item, `${path}[]`, found);
  for (const option of schema.options ?? [])
    if (typeof option === 'object') fieldsOfCode(option, path, found);
  for (const [name, field] of Object.entries(schema.entries ?? {})) {
    found.add(`${path}.${name}`);
    fieldsOfCode(field, `${path}.${name}`, found);
  }
}
