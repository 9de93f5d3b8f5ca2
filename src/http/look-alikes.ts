// Names that a reader takes for another one: letters of other scripts that look like Latin ones.
import { domainToUnicode } from 'node:url';

/**
 * Letters that look like a Latin one in most typefaces (Unicode's confusables.txt, those that host names may hold after
 * compatibility forms and accents are folded).
 */
const LOOKS: Readonly<Record<string, string>> = Object.fromEntries(
  Object.entries({
    a: 'аɑα',
    b: 'Ьвƅь',
    c: 'сϲ',
    d: 'ԁɗ',
    e: 'еєҽɛ',
    f: 'ƒ',
    g: 'ɡց',
    h: 'һհн',
    i: 'іıɩιӏľĺ',
    j: 'јʝ',
    k: 'кκ',
    m: 'м',
    n: 'пոη',
    o: 'оοσօ',
    p: 'рρ',
    q: 'ԛզ',
    r: 'гɾ',
    s: 'ѕꜱ',
    t: 'тτ',
    u: 'υսʋ',
    v: 'νѵ',
    w: 'ԝѡωա',
    x: 'хχ',
    y: 'уүγʏ',
    z: 'ᴢʐ',
  }).flatMap(([latin, others]) => [...others].map((other) => [other, latin] as const)),
);
/** Pairs and digits that are read as letters, once the letters are Latin. */
const READS: readonly (readonly [RegExp, string])[] = [
  [/rn/g, 'm'],
  [/vv/g, 'w'],
  [/[1|]/g, 'i'],
  [/l/g, 'i'],
  [/0/g, 'o'],
];

/** Whether `host`, written with letters beyond ASCII, looks like `own` to a reader. Both lower case, in punycode. */
export function looksLike(host: string, own: string): boolean {
  return (
    host !== own &&
    /(^|\.)xn--/.test(host) &&
    shapeOf(domainToUnicode(host)) === shapeOf(domainToUnicode(own))
  );
}

/** What a reader takes a text for: the same for two that look alike. Not for reading. */
export function shapeOf(text: string): string {
  const plain = [...text.normalize('NFKD').toLowerCase()]
    .filter((char) => !/\p{M}/u.test(char))
    .map((char) => LOOKS[char] ?? char)
    .join('');
  return READS.reduce((text, [pattern, letter]) => text.replace(pattern, letter), plain);
}
