// The description as a document: valid by OpenAPI's own schema, nothing in it dangling or left over, every example an
// example of what it stands beside.
import { Validator } from '@seriousme/openapi-schema-validator';
import { describe, expect, test } from 'vitest';
import { document } from '../../src/openapi/document.ts';
import { checkOf, DOCUMENT, problemsIn } from '../support/described.ts';

test('is valid OpenAPI 3.1', async () => {
  const validator = new Validator();
  const result = await validator.validate(JSON.parse(JSON.stringify(document())));
  expect(result).toEqual({ valid: true });
  expect(validator.version).toBe('3.1');
});

test('every reference leads somewhere, and every component is referred to', () => {
  const used = new Set(
    Array.from(JSON.stringify(DOCUMENT).matchAll(/"#\/components\/([^"]+)"/g), ([, at]) => at),
  );
  const there = ['schemas', 'headers'].flatMap((kind) =>
    Object.keys(DOCUMENT.components[kind]).map((name) => `${kind}/${name}`),
  );
  expect([...used].sort()).toEqual(there.sort());
});

test('every object of an answer names all that can be in it', () => {
  const loose: string[] = [];
  // biome-ignore lint/suspicious/noExplicitAny: schemas are data here.
  const visit = (schema: any, at: string): void => {
    if (typeof schema !== 'object' || schema === null) return;
    if (schema.properties && schema.additionalProperties !== false) loose.push(at);
    for (const [name, inner] of Object.entries(schema)) if (name !== 'not') visit(inner, `${at}/${name}`);
  };
  for (const [path, item] of Object.entries<Record<string, { responses?: object }>>(DOCUMENT.paths)) {
    for (const [method, { responses }] of Object.entries(item)) visit(responses, `${method} ${path}`);
  }
  for (const [name, schema] of Object.entries(DOCUMENT.components.schemas)) {
    if (!/Post$|Patch$|Changes$|Form$|Deletion$|Ref$/.test(name)) visit(schema, name);
  }
  expect(loose).toEqual([]);
});

interface Told {
  requestBody?: { content: Record<string, { example?: unknown }> };
  responses: Record<string, { content: Record<string, { example?: unknown }> }>;
}

describe.each(
  Object.entries<Record<string, Told>>(DOCUMENT.paths).flatMap(([path, item]) =>
    Object.entries(item)
      .filter(([method]) => method !== 'parameters')
      .map(([method, told]) => [`${method} ${path}`, path, method, told] as const),
  ),
)('%s', (_, path, method, { requestBody, responses }) => {
  const fits = (example: unknown, ...place: string[]) => {
    const check = checkOf('paths', path, method, ...place, 'schema');
    expect(check(example) ? '' : problemsIn(check)).toBe('');
  };

  test('has an example of its body and of its answer that fit', () => {
    const body = requestBody?.content['application/json'];
    if (body) fits(body.example, 'requestBody', 'content', 'application/json');
    const status = Object.keys(responses).find((each) => each < '300') as string;
    for (const [type, { example }] of Object.entries(responses[status]?.content ?? {})) {
      fits(example, 'responses', status, 'content', type);
    }
  });
});
