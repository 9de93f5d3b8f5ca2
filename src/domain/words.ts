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

/** Text as the index takes it: folded, with runs of unspaced scripts split into pairs. */
export function indexWords(text: string): string {
  return fold(text).replace(UNSPACED, (run) => ` ${pairs(run).join(' ')} `);
}

/**
 * An FTS5 expression that finds every word of the query inside one app, or null when there is nothing to look for.
 * Only quoted tokens come out: no operator of the query language can be smuggled in.
 */
export function matchExpression(query: string, scope: string): string | null {
  const terms: string[] = [];
  for (const word of fold(query).split(/\s+/u)) {
    const tokens = word.replace(UNSPACED, (run) => ` ${queryPairs(run).join(' ')} `).match(TOKEN);
    if (!tokens) continue;
    const single = tokens.length === 1 && UNSPACED_ONE.test(tokens[0] as string);
    terms.push(`"${tokens.join(' ')}"${single ? '*' : ''}`);
    if (terms.length === QUERY_WORDS) break;
  }
  return terms.length === 0 ? null : `scope:"${scope}" AND words:(${terms.join(' AND ')})`;
}

const UNSPACED_ONE = new RegExp(`^${UNSPACED.source.replace('+', '')}$`, 'u');

/** A query's run of several characters needs only its full pairs; one character alone matches as a prefix. */
function queryPairs(run: string): string[] {
  const all = pairs(run);
  return all.length > 1 ? all.slice(0, -1) : all;
}

/** The token that keeps one app's rows apart from all others'. */
export const scopeOf = (app: number): string => `a${app}`;
