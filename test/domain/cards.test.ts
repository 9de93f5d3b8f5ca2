// Masking numbers of payment cards: what is one, and what only looks like one.

import { describe, expect, test } from 'vitest';
import { maskCards } from '../../src/domain/cards.ts';
import { fc } from '../fuzz/made-up.ts';

describe('a card number', () => {
  // The networks' public test numbers.
  test.each([
    ['4111111111111111', '************1111'],
    ['Mine is 4111 1111 1111 1111, thanks', 'Mine is **** **** **** 1111, thanks'],
    ['5500-0055-5555-5559', '****-****-****-5559'],
    ['3782 822463 10005', '**** ****** *0005'],
    ['6011000990139424 and 4222222222222', '************9424 and *********2222'],
    ['6304000000000000018', '***************0018'],
    ['(4111111111111111)', '(************1111)'],
    ['card:4111111111111111.', 'card:************1111.'],
  ])('%s', (text, masked) => {
    expect(maskCards(text)).toBe(masked);
  });
});

describe('what is none', () => {
  test.each([
    ['4111111111111112', 'a wrong check digit'],
    ['411111111111', 'too short'],
    ['41111111111111111111111', 'too long'],
    ['a4111111111111111', 'part of a word'],
    ['4111111111111111b', 'part of a word'],
    ['0000000000000000', 'begins with a zero'],
    ['4111  1111  1111  1111', 'not in groups'],
    ['2026-11-22 10:00:00', 'a date'],
    ['', 'nothing'],
  ])('%s stays: %s', (text) => {
    expect(maskCards(text)).toBe(text);
  });
});

test('masking keeps the length, and masking again changes nothing', () => {
  fc.assert(
    fc.property(fc.string({ unit: fc.constantFrom(...'0123456789 -a.') }), (text) => {
      const once = maskCards(text);
      expect(once.length).toBe(text.length);
      expect(maskCards(once)).toBe(once);
    }),
  );
});
