// Numbers of payment cards in texts: found by their length and check digit (ISO/IEC 7812-1), masked but for the last four
// digits. Pure.

/** Digits of a card number. */
const LEAST_DIGITS = 13;
const MOST_DIGITS = 19;

/** Digits, in groups or not, that no further digit or letter touches: ids and hashes are left alone. */
const CANDIDATE = /(?<![\p{L}\p{N}])(?:\d[ -]?){12,18}\d(?![\p{L}\p{N}])/gu;

/** `text` with every card number masked: its digits but the last four become `*`, everything between them stays. */
export function maskCards(text: string): string {
  return text.replace(CANDIDATE, (found) => {
    const digits = found.replace(/\D/g, '');
    if (digits.length < LEAST_DIGITS || digits.length > MOST_DIGITS || !hasCheckDigit(digits)) return found;
    let left = digits.length - 4;
    return found.replace(/\d/g, (digit) => (left-- > 0 ? '*' : digit));
  });
}

/** Luhn's rule: every second digit from the right counts double. No card begins with a zero. */
function hasCheckDigit(digits: string): boolean {
  if (digits.startsWith('0')) return false;
  let sum = 0;
  for (let i = 0; i < digits.length; i++) {
    const digit = Number(digits[digits.length - 1 - i]);
    const counted = i % 2 === 1 ? digit * 2 : digit;
    sum += counted > 9 ? counted - 9 : counted;
  }
  return sum % 10 === 0;
}
