// The description and the route tables of the doors tell of the same operations.
import { expect, test } from 'vitest';
import { ACCOUNT_ROUTES, ROUTES } from '../../src/dialects/sunshine/routes.ts';
import { OPERATOR_OPERATIONS } from '../../src/openapi/operator/door.ts';
import { SUNSHINE_OPERATIONS } from '../../src/openapi/sunshine/door.ts';
import { operatorRoutes } from '../../src/operator/routes.ts';
import { DOCUMENT } from '../support/described.ts';

/** How the document writes a path of the router. */
const templateOf = (path: string): string => path.replaceAll(/:(\w+)/g, '{$1}');

test('every route of the Sunshine door is described, with its scopes, and nothing else is', () => {
  const routes = [...ROUTES, ...ACCOUNT_ROUTES].map(({ method, path, operation, scopes }) => ({
    id: operation,
    method: method.toLowerCase(),
    path: templateOf(path),
    scopes: [...scopes].sort(),
  }));
  const described = SUNSHINE_OPERATIONS.map(({ id, method, path, scopes }) => ({
    id,
    method,
    path,
    scopes: [...scopes].sort(),
  }));
  const byId = (a: { id: string }, b: { id: string }) => a.id.localeCompare(b.id);
  expect(described.sort(byId)).toEqual(routes.sort(byId));
});

test('the document shows each with its parameters and its scopes', () => {
  for (const { method, path, operation, scopes } of [...ROUTES, ...ACCOUNT_ROUTES]) {
    const item = DOCUMENT.paths[templateOf(path)];
    const named = (item.parameters ?? []).map(({ name }: { name: string }) => name);
    expect([operation, named]).toEqual([operation, Array.from(path.matchAll(/:(\w+)/g), ([, name]) => name)]);
    const { operationId, security } = item[method.toLowerCase()];
    expect(operationId).toBe(operation);
    expect(security).toEqual([
      { basic: scopes.filter((scope) => scope !== 'user') },
      { token: expect.toSatisfy((shown: string[]) => shown.toSorted().join() === [...scopes].sort().join()) },
    ]);
  }
});

test('every route of the operator API is described, and nothing else is', () => {
  const routes = operatorRoutes
    .filter(({ path }) => !path.endsWith('*'))
    .map(({ method, path }) => `${method} ${templateOf(path)}`);
  const described = OPERATOR_OPERATIONS.map(({ method, path }) => `${method.toUpperCase()} ${path}`);
  expect(described.sort()).toEqual([...routes, 'GET /health'].sort());
});

test('no operation is described twice', () => {
  const ids = [...SUNSHINE_OPERATIONS, ...OPERATOR_OPERATIONS].map(({ id }) => id);
  expect(new Set(ids).size).toBe(ids.length);
});
