// The Workers runtime's own reading of punycode, on which the guard against look-alikes stands.
import { expect, test } from 'vitest';
import { looksLike } from '../../src/http/look-alikes.ts';

test('a look-alike is seen in the Workers runtime too', () => {
  expect(looksLike('hub.xn--exmple-4nf.org', 'hub.example.org')).toBe(true);
  expect(looksLike('xn--bcher-kva.example.net', 'hub.example.org')).toBe(false);
});
