import { afterEach, expect, test, vi } from 'vitest';
import { requireClient } from './clients.ts';

afterEach(() => vi.unstubAllEnvs());

test('a missing client is passed over, unless REQUIRE_CLIENTS=1 makes it an error', () => {
  vi.stubEnv('PATH', '/nowhere');
  vi.stubEnv('REQUIRE_CLIENTS', '');
  expect(requireClient('php xmlrpc')).toBe(false);
  vi.stubEnv('REQUIRE_CLIENTS', '1');
  expect(() => requireClient('php xmlrpc')).toThrow(/php xmlrpc cannot be run here/);
});
