// Character references of HTML: how one is read and how text is escaped. Only names that people and editors write.
import type { Meter } from './tree.ts';

/** Names of U+00A0 to U+00FF, in order (the HTML standard's table of named character references). */
const LATIN1 =
  'nbsp iexcl cent pound curren yen brvbar sect uml copy ordf laquo not shy reg macr deg plusmn sup2 sup3 acute micro ' +
  'para middot cedil sup1 ordm raquo frac14 frac12 frac34 iquest Agrave Aacute Acirc Atilde Auml Aring AElig Ccedil ' +
  'Egrave Eacute Ecirc Euml Igrave Iacute Icirc Iuml ETH Ntilde Ograve Oacute Ocirc Otilde Ouml times Oslash Ugrave ' +
  'Uacute Ucirc Uuml Yacute THORN szlig agrave aacute acirc atilde auml aring aelig ccedil egrave eacute ecirc euml ' +
  'igrave iacute icirc iuml eth ntilde ograve oacute ocirc otilde ouml divide oslash ugrave uacute ucirc uuml yacute ' +
  'thorn yuml';
const OTHERS: Readonly<Record<string, string>> = {
  amp: '&',
  lt: '<',
  gt: '>',
  quot: '"',
  apos: "'",
  hellip: '…',
  mdash: '—',
  ndash: '–',
  lsquo: '‘',
  rsquo: '’',
  sbquo: '‚',
  ldquo: '“',
  rdquo: '”',
  bdquo: '„',
  lsaquo: '‹',
  rsaquo: '›',
  bull: '•',
  euro: '€',
  trade: '™',
  larr: '←',
  uarr: '↑',
  rarr: '→',
  darr: '↓',
  harr: '↔',
  hearts: '♥',
  infin: '∞',
  ne: '≠',
  le: '≤',
  ge: '≥',
  minus: '−',
  oelig: 'œ',
  OElig: 'Œ',
  scaron: 'š',
  Scaron: 'Š',
  ensp: '\u2002',
  emsp: '\u2003',
  thinsp: '\u2009',
  zwnj: '\u200c',
  zwj: '\u200d',
};
const NAMED: ReadonlyMap<string, string> = new Map([
  ...LATIN1.split(' ').map((name, index): [string, string] => [name, String.fromCharCode(0xa0 + index)]),
  ...Object.entries(OTHERS),
]);

/** What &#128; to &#159; mean: old editors wrote Windows-1252 there, and every browser reads it so. */
const WINDOWS_1252 = '€\u0081‚ƒ„…†‡ˆ‰Š‹Œ\u008dŽ\u008f\u0090‘’“”•–—˜™š›œ\u009džŸ';

/** A name, or a number of up to seven digits and any zeros before them that a writer would still put there. */
const REFERENCE = /&(?:#(\d{1,10})|#[xX]([0-9a-fA-F]{1,8})|([a-zA-Z][a-zA-Z0-9]{1,9}));/y;
const LONGEST_REFERENCE = 13;

/** The character that a reference at `at` stands for and where it ends, or null where the ampersand is only one. */
export function referenceAt(source: string, at: number, meter: Meter): { char: string; end: number } | null {
  meter.steps += LONGEST_REFERENCE;
  REFERENCE.lastIndex = at;
  const found = REFERENCE.exec(source);
  if (!found) return null;
  const [whole, decimal, hex, name] = found;
  const char = name
    ? NAMED.get(name)
    : numbered(decimal ? Number(decimal) : Number.parseInt(hex as string, 16));
  return char === undefined ? null : { char, end: at + whole.length };
}

function numbered(code: number): string {
  if (code >= 0x80 && code <= 0x9f) return WINDOWS_1252[code - 0x80] as string;
  const none = code === 0 || code > 0x10ffff || (code >= 0xd800 && code <= 0xdfff);
  return none ? '\ufffd' : String.fromCodePoint(code);
}

/** The text with every reference in it replaced. */
export function decoded(source: string, meter: Meter): string {
  let out = '';
  let from = 0;
  for (let at = source.indexOf('&'); at >= 0; at = source.indexOf('&', at + 1)) {
    const reference = referenceAt(source, at, meter);
    if (!reference) continue;
    out += source.slice(from, at) + reference.char;
    from = reference.end;
    at = from - 1;
  }
  meter.steps += source.length;
  return out + source.slice(from);
}

const ESCAPES: Readonly<Record<string, string>> = { '&': '&amp;', '<': '&lt;', '>': '&gt;', '"': '&quot;' };

/** Text as it may stand in HTML outside of attributes. */
export const escapedText = (content: string): string =>
  content.replace(/[&<>]/g, (char) => ESCAPES[char] as string);

/** Text as it may stand in an attribute in double quotes. */
export const escapedAttribute = (content: string): string =>
  content.replace(/[&<>"]/g, (char) => ESCAPES[char] as string);
