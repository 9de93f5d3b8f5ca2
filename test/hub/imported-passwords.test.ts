// Hashes made by PHP's own functions (password_hash, crypt) and by phpass; the first phpass one stands in its test suite.
import { describe, expect, test } from 'vitest';
import { checkImported, refuseHash } from '../../src/hub/imported-passwords.ts';

const KNOWN: [form: string, password: string, hash: string][] = [
  ['$2y$', 'correct horse', '$2y$05$d9itSgBkD/jUZwVCEgOzxevnn6z90YmpQ0OczoOKGZOMFGouBUuBW'],
  ['$2y$ beyond ASCII', 'pässwörd ☃', '$2y$05$TBdFEy7QGwRIlDI0oTDz8ua4AfVu5h1wRdz39HgLzf5Im4QY9GnCS'],
  ['$2a$', 'correct horse', '$2a$05$CCCCCCCCCCCCCCCCCCCCC.WrAwgFxicHZ3kL7zMvXYXHKosDn8ot2'],
  ['$2b$', 'correct horse', '$2b$05$CCCCCCCCCCCCCCCCCCCCC.WrAwgFxicHZ3kL7zMvXYXHKosDn8ot2'],
  ['$wp$2y$', 'correct horse', '$wp$2y$05$EJod45T4GmheaKCqGfVe1O8H5kmVsjjFrGi0qKngxz2wl7YiGzko2'],
  ['$wp$2y$ with signs', 'a<b & "c">', '$wp$2y$05$uZd9VpPMwJ5MjAZ3A9xZsOpbEF24oVsD.yxfFlpAmJhq5cwZMGIay'],
  ['$P$', 'test12345', '$P$9IQRaTwmfeRo7ud9Fh4E2PdI0S3r.L0'],
  ['$H$', 'pässwörd ☃', '$H$9abcdefghMLOjLgLW.nf9tnWj2lVPv/'],
  ["phpBB's form of signs, $H$", 'a<b', '$H$7saltsalt7MQJM17/ChjglNekIcl.h0'],
  [
    "phpBB's form of signs, $2y$",
    'a<b & "c">',
    '$2y$05$w92mb5Cmi6PlCWSWkx37hOFDzlffDQzCoV3WcTjb2u.BNJ3YgEXMS',
  ],
];

describe.each(KNOWN)('%s', (_, password, hash) => {
  test('is taken, and fits its password alone', () => {
    expect(refuseHash(hash)).toBeNull();
    expect(checkImported(password, hash)).toBe(true);
    for (const wrong of ['', `${password}x`, password.toUpperCase()])
      expect(checkImported(wrong, hash)).toBe(false);
  });
});

const SALTED = 'CCCCCCCCCCCCCCCCCCCCC.WrAwgFxicHZ3kL7zMvXYXHKosDn8ot2';
test.each([
  ['a cost that would hang the isolate', `$2y$31$${SALTED}`, /cost of 31/],
  ['a cost just beyond', `$2y$14$${SALTED}`, /4 to 13/],
  ['a cost too low', `$2y$03$${SALTED}`, /cost of 3/],
  ['a WordPress hash of such a cost', `$wp$2y$20$${SALTED}`, /cost of 20/],
  ['a phpass hash of such a cost', '$P$zIQRaTwmfeRo7ud9Fh4E2PdI0S3r.L0', /cost of 63/],
  ['an unknown variant of bcrypt', `$2x$05$${SALTED}`, /neither/],
  ['half of a hash', '$2y$05$CCCCCCCCCC', /neither/],
  ['a hash with more behind', `$2y$05$${SALTED}x`, /neither/],
  ['argon2', '$argon2id$v=19$m=65536,t=4,p=1$c2FsdHNhbHQ$aGFzaGhhc2g', /neither/],
  ['a plain MD5', '5f4dcc3b5aa765d61d8327deb882cf99', /neither/],
  ["the hub's own form", 'scrypt$16384$8$5$salt$key', /neither/],
  ['nothing', '', /neither/],
])('%s is refused, and fits nothing', (_, hash, words) => {
  expect(refuseHash(hash)).toMatch(words);
  expect(checkImported('correct horse', hash)).toBe(false);
});
