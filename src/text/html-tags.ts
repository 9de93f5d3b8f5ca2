// Finds tags in HTML: names and attributes. What tags mean is html.ts.
import { decoded } from './entities.ts';
import type { Meter } from './tree.ts';

export interface HtmlTag {
  /** In lower case. */
  readonly name: string;
  readonly closing: boolean;
  /** By names in lower case, decoded; the first of two with one name counts. */
  readonly attributes: ReadonlyMap<string, string>;
  /** Behind the closing bracket. */
  readonly end: number;
}

/** Nothing but a letter, a slash and a letter, `!` or `?` makes a `<` more than a sign. */
export const MARKUP_START = /<(?=\/?[a-z]|[!?])/gi;

const isSpace = (char: string | undefined): boolean => char !== undefined && ' \t\n\f\r'.includes(char);
const NAME_END = /[\s/>=]/;

/** The tag at `at`, where a `<` stands; null where it does not end. */
export function htmlTagAt(source: string, at: number, meter: Meter): HtmlTag | null {
  const closing = source[at + 1] === '/';
  const nameFrom = closing ? at + 2 : at + 1;
  let pos = nameEnd(source, nameFrom);
  const name = source.slice(nameFrom, pos).toLowerCase();
  const attributes = new Map<string, string>();
  for (;;) {
    while (isSpace(source[pos]) || source[pos] === '/') pos++;
    if (pos >= source.length) break;
    if (source[pos] === '>') {
      meter.steps += pos + 1 - at;
      return { name, closing, attributes, end: pos + 1 };
    }
    const keyFrom = pos;
    // An attribute may begin with an equals sign; otherwise this would stand still.
    pos = nameEnd(source, pos + 1);
    const key = source.slice(keyFrom, pos).toLowerCase();
    while (isSpace(source[pos])) pos++;
    let value = '';
    if (source[pos] === '=') {
      pos++;
      while (isSpace(source[pos])) pos++;
      const quote = source[pos];
      if (quote === '"' || quote === "'") {
        const close = source.indexOf(quote, pos + 1);
        if (close < 0) break;
        value = source.slice(pos + 1, close);
        pos = close + 1;
      } else {
        const from = pos;
        while (pos < source.length && !isSpace(source[pos]) && source[pos] !== '>') pos++;
        value = source.slice(from, pos);
      }
    }
    if (!attributes.has(key)) attributes.set(key, decoded(value, meter));
  }
  meter.steps += source.length - at;
  return null;
}

function nameEnd(source: string, from: number): number {
  let pos = from;
  while (pos < source.length && !NAME_END.test(source[pos] as string)) pos++;
  return pos;
}
