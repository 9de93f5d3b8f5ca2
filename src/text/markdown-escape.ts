// How words, code and addresses stand in Markdown so that they mean nothing more there. What is written of a tree is
// markdown-write.ts.
import { referenceAt } from './entities.ts';
import type { Flavour } from './flavour.ts';
import { charAt, charBefore, SPACE, WORD } from './markdown-inline.ts';
import { ESCAPABLE } from './markdown-target.ts';

/** Code in a line: as many ticks as it needs. */
export function coded(code: string): string {
  const ticks = '`'.repeat(longestRun(code) + 1);
  const spaced = code.startsWith(' ') && code.endsWith(' ') && code.trim() !== '';
  const pad = spaced || code.startsWith('`') || code.endsWith('`') ? ' ' : '';
  return ticks + pad + code + pad + ticks;
}

export const longestRun = (code: string): number =>
  (code.match(/`+/g) ?? []).reduce((longest, run) => Math.max(longest, run.length), 0);

/** An address in parentheses: those in it come in pairs or are escaped. */
export function destination(url: string, flavour: Flavour): string {
  let depth = 0;
  const paired = [...url].every((char) => {
    depth += char === '(' ? 1 : char === ')' ? -1 : 0;
    return depth >= 0;
  });
  const safe = paired && depth === 0 ? url : url.replace(/[()]/g, '\\$&');
  return flavour.references ? escapedReferences(safe) : safe;
}

const MEANING = /[\\`*[\]<&]|_+|~+|\|+/g;

/** Words that mean nothing in Markdown wherever they stand in a line, but for its start. */
export function escaped(words: string, flavour: Flavour): string {
  // White space at the ends may be put outside of a mark, which then stands beside what is next.
  const from = words.length - words.trimStart().length;
  const to = words.trimEnd().length;
  return words.replace(MEANING, (found: string, at: number) => {
    const end = at + found.length;
    const before = at === from ? '' : charBefore(words, at);
    const after = end === to ? '' : charAt(words, end);
    return means(found, before, after, words.slice(at, at + LONGEST_REFERENCE), flavour)
      ? found.replace(/./g, '\\$&')
      : found;
  });
}

/** Whether what was found may be taken for markup. An empty `before` or `after`: unknown, it is another node's. */
function means(found: string, before: string, after: string, rest: string, flavour: Flavour): boolean {
  switch (found[0]) {
    case '\\':
      return after === '' || ESCAPABLE.test(after);
    case '*':
      return !(SPACE.test(before) && SPACE.test(after));
    case '_':
      // Discord underlines inside words too.
      return !(WORD.test(before) && WORD.test(after)) || (flavour.underlines && found.length > 1);
    case '~':
      return found.length > 1 || before === '' || after === '';
    case '|':
      return flavour.bars && (found.length > 1 || before === '' || after === '');
    case '<':
      return !SPACE.test(after);
    case '&':
      return flavour.references && REFERENCE_LIKE.test(rest);
    default:
      return true;
  }
}

const LONGEST_REFERENCE = 14;
const REFERENCE_LIKE = /^&#?\w*(?:;|$)/;

const escapedReferences = (url: string): string =>
  url.replace(/&/g, (sign: string, at: number) =>
    referenceAt(url, at, { steps: 0 }) === null ? sign : `\\${sign}`,
  );

/** What GitHub, Mattermost and others take for the second line of a table. */
const TABLE_RULE = /^[ \t]*[|:-][-|: \t]*$/;

/** The line with a mark that its first words would make, of a list, quote, heading, table or underlining, escaped. */
export function escapedStart(line: string): string {
  if (line.includes('-') && TABLE_RULE.test(line)) return line.replace(/[|:-]/, '\\$&');
  const start = /^[ \t]*(?=(?:[-+*]|#{1,6}|-#)(?:[ \t]|$)|>|(?:-[ \t]*)+$|=+[ \t]*$)/.exec(line);
  if (start) return `${start[0]}\\${line.slice(start[0].length)}`;
  return line.replace(/^([ \t]*\d{1,9})([.)])(?=[ \t]|$)/, '$1\\$2');
}
