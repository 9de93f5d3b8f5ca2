// User tokens as clients of this API carry them. They stand in topics too, where one client takes word characters alone
// for a token (contracts/qiscus.md 9): the three others of a signed token are written as two each.

const WRITTEN: Record<string, string> = { _: '__', '-': '_m', '.': '_d' };
const READ: Record<string, string> = { __: '_', _m: '-', _d: '.' };

/** A signed token in word characters. */
export const tokenText = (token: string): string =>
  token.replace(/[_.-]/g, (sign) => WRITTEN[sign] as string);

/** The signed token again, also of one that was never written so; of any other text, text that is no token. */
export const tokenOf = (text: string): string =>
  text.includes('.') ? text : text.replace(/_[_md]/g, (pair) => READ[pair] as string);
