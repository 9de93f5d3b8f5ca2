// What is kept of a password. Whose password it is, and how often one may guess: sessions and attempts.
import { expect, test } from 'vitest';
import { parseSettings } from '../../src/domain/settings.ts';
import {
  checkPassword,
  checkPlain,
  hashesMade,
  hashPassword,
  isOutdated,
  sha1Hex,
} from '../../src/hub/passwords.ts';

const settings = parseSettings({ ADMIN_TOKEN: 'x'.repeat(16), HUB_SECRET: 'x'.repeat(32) });
const cheap = { passwordCost: 4 };
const sha1 = sha1Hex('open sesame');

test("is a salted scrypt hash at OWASP's cost", async () => {
  const [one, two] = [await hashPassword(settings, sha1), await hashPassword(settings, sha1)];
  expect(one).toMatch(/^scrypt\$16384\$8\$5\$[\w-]{16,}\$[\w-]{43}$/);
  expect(one).not.toBe(two);
  expect(isOutdated(settings, one)).toBe(false);
  expect(await checkPlain(settings, 'open sesame', one)).toBe(true);
  expect(await checkPassword(settings, sha1Hex('open barley'), one)).toBe(false);
});

test('made at another cost still fits, and is due to be made anew', async () => {
  const old = await hashPassword(cheap, sha1);
  expect(await checkPassword(settings, sha1, old)).toBe(true);
  expect(isOutdated(settings, old)).toBe(true);
  expect(isOutdated(cheap, old)).toBe(false);
});

test('of nobody takes a hash like any other, and never fits', async () => {
  for (const stored of [null, '', 'nothing that can be read', 'scrypt$1$8$5$salt']) {
    const before = hashesMade();
    expect(await checkPassword(cheap, sha1, stored)).toBe(false);
    expect(hashesMade() - before).toBe(1);
  }
});
