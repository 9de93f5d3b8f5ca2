// Words for search, in any script: what goes into the index and what a query becomes. Pure.

/** Scripts written without spaces: their runs are indexed as overlapping pairs of characters. */
const UNSPACED =
  /[\p{Script=Han}\p{Script=Hiragana}\p{Script=Katakana}\p{Script=Thai}\p{Script=Lao}\p{Script=Khmer}\p{Script=Myanmar}\p{Script=Tibetan}ー]+/gu;
const TOKEN = /[\p{L}\p{N}\p{M}\p{Co}]+/gu;

/** Words of one query; more are left out. */
const QUERY_WORDS = 16;

const fold = (text: string): string => text.normalize('NFKC').toLowerCase();

/** 日本語 -> 日本 本語 語: pairs find words, the last single finds a word of one character. */
function pairs(run: string): string[] {
  const chars = [...run];
  return chars.map((char, i) => char + (chars[i + 1] ?? ''));
}

/**
 * Text as the index takes it: folded, with runs of unspaced scripts split into pairs. Only what a query may ask for
 * stays: SQLite knows the letters of another Unicode version, and would join to a word what a query parts from it.
 */
export function indexWords(text: string): string {
  const parted = fold(text).replace(UNSPACED, (run) => ` ${pairs(run).join(' ')} `);
  return parted.match(TOKEN)?.join(' ') ?? '';
}

/**
 * An FTS5 expression that finds every word of the query inside one app, or null when there is nothing to look for.
 * Only quoted tokens come out: no operator of the query language can be smuggled in.
 */
export function matchExpression(query: string, scope: string): string | null {
  const terms: string[] = [];
  for (const word of fold(query).split(/\s+/u)) {
    const term = termOf(trimmed(word));
    if (term === null) continue;
    terms.push(term);
    if (terms.length === QUERY_WORDS) break;
  }
  return terms.length === 0 ? null : `scope:"${scope}" AND words:(${terms.join(' AND ')})`;
}

const TOKEN_CHAR = /[\p{L}\p{N}\p{M}\p{Co}]/u;

/** Without the signs at its end, which say nothing of how a run goes on. One step per character. */
function trimmed(word: string): string {
  const chars = [...word];
  while (chars.length > 0 && !TOKEN_CHAR.test(chars.at(-1) as string)) chars.pop();
  return chars.join('');
}

/**
 * A phrase of one word's tokens. A run inside the word stands in the index with its last character alone, too; one at
 * the end may go on in the text: of several characters only the full pairs are asked for, a single one as a prefix.
 */
function termOf(word: string): string | null {
  let prefix = '';
  const parted = word.replace(UNSPACED, (run, at: number) => {
    const all = pairs(run);
    const open = at + run.length === word.length;
    if (open && all.length === 1) prefix = '*';
    return ` ${(open && all.length > 1 ? all.slice(0, -1) : all).join(' ')} `;
  });
  const tokens = parted.match(TOKEN);
  return tokens ? `"${tokens.join(' ')}"${prefix}` : null;
}

/** The token that keeps one app's rows apart from all others'. */
export const scopeOf = (app: number): string => `a${app}`;
