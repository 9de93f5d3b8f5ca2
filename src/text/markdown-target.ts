// Where a link or an image of Markdown leads: `(address)` or `(address "title")` behind its words. Words are markdown-inline.ts.
import { referenceAt } from './entities.ts';
import type { Flavour } from './flavour.ts';
import type { Meter } from './tree.ts';

export const ESCAPABLE = /[!-/:-@[-`{-~]/;

/** The `(address)` or `(address "title")` at `at`. An address holds no bracket and no white space, parentheses in pairs. */
export function destinationAt(
  source: string,
  at: number,
  meter: Meter,
  flavour: Flavour,
): { url: string; end: number } | null {
  if (source[at] !== '(') return null;
  let url = '';
  let depth = 0;
  let pos = at + 1;
  const angled = source[pos] === '<';
  if (angled) pos++;
  for (; pos < source.length; pos++) {
    let char = source[pos] as string;
    if (angled ? char === '>' : char === ')' && depth === 0) break;
    if (/[\s[\]<]/.test(char)) break;
    if (char === '\\' && ESCAPABLE.test(source[pos + 1] ?? '')) char = source[++pos] as string;
    else if (char === '(') depth++;
    else if (char === ')') depth--;
    else if (char === '&' && flavour.references) {
      const reference = referenceAt(source, pos, meter);
      if (reference) {
        char = reference.char;
        pos = reference.end - 1;
      }
    }
    url += char;
  }
  meter.steps += pos - at + 1;
  if (angled && source[pos++] !== '>') return null;
  pos = titleEnd(source, pos);
  meter.steps += pos - at;
  return source[pos] === ')' && url !== '' ? { url: flavour.resolve(url), end: pos + 1 } : null;
}

/** Behind the title that may follow an address, or where it was looked for. */
function titleEnd(source: string, at: number): number {
  let pos = at;
  while (source[pos] === ' ') pos++;
  const quote = source[pos];
  if (pos === at || (quote !== '"' && quote !== "'")) return pos;
  pos++;
  while (pos < source.length && source[pos] !== quote && !'[\n'.includes(source[pos] as string)) pos++;
  if (source[pos] !== quote) return pos;
  pos++;
  while (source[pos] === ' ') pos++;
  return pos;
}
