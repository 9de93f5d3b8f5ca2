// Sixty-odd ways to make a text that tempts a reader or writer into looking at the same characters again and again. Each is
// made at any length; what they must not cost is pathological.test.ts, how long they take is bench/rows/text.ts.
import type { Markup } from '../../src/domain/model.ts';

export interface Family {
  readonly name: string;
  /** The markup that it is meant for. */
  readonly markup: Markup;
  /** A text of about so many characters. */
  readonly make: (length: number) => string;
}

/** `piece` over and over. */
const run =
  (piece: string) =>
  (length: number): string =>
    piece.repeat(Math.ceil(length / piece.length));

/** Half of the text `first` over and over, then `second`. */
const halves =
  (first: string, second: string) =>
  (length: number): string =>
    run(first)(length / 2) + run(second)(length / 2);

/** `first` so often, then as often `second`: what is opened is closed, all of it inside itself. */
const nested =
  (first: string, second: string, core = 'x') =>
  (length: number): string => {
    const times = Math.ceil(length / (first.length + second.length));
    return first.repeat(times) + core + second.repeat(times);
  };

/** `piece` with a number that is never the same. */
const counted =
  (piece: (n: number) => string) =>
  (length: number): string => {
    let text = '';
    for (let n = 0; text.length < length; n++) text += piece(n);
    return text;
  };

/** Runs of `char` that grow by one. */
const growing = (char: string, gap = ' ') => counted((n) => char.repeat((n % 150) + 1) + gap);

const family = (markup: Markup, name: string, make: (length: number) => string): Family => ({
  name,
  markup,
  make,
});
const A_LINK = 'http://x.example/';

export const FAMILIES: readonly Family[] = [
  family('bbcode', 'unclosed tags', run('[b]')),
  family('bbcode', 'unclosed tags of every kind', run('[b][i][u][s][color=red][size=1][url=x][quote][list]')),
  family('bbcode', 'end tags without a start', run('[/b]')),
  family('bbcode', 'alternating starts', run('[b]x[i]y')),
  family('bbcode', 'crossed tags', run('[b][i]x[/b]y[/i]')),
  family('bbcode', 'starts, then other ends', halves('[b]', '[/i]')),
  family('bbcode', 'starts, then their ends', nested('[b]', '[/b]')),
  family('bbcode', 'nested quotes', nested('[quote]', '[/quote]')),
  family('bbcode', 'nested quotes with names', nested('[quote="a"]b', 'c[/quote]')),
  family('bbcode', 'quotes that never end', run('[quote="a"]b ')),
  family('bbcode', 'deep lists', nested('[list][*]a', '[/list]')),
  family('bbcode', 'items of a list that never ends', halves('[list]', '[*]a\n')),
  family('bbcode', 'links within links', run(`[url=${A_LINK}]a`)),
  family('bbcode', 'links within images', run('[img][url]')),
  family('bbcode', 'code that never ends', run('[code]x')),
  family(
    'bbcode',
    'code full of its own end, guarded',
    (length) => `[code]${run('[\u200b/code]')(length)}[/code]`,
  ),
  family('bbcode', 'opening brackets', run('[')),
  family('bbcode', 'brackets in pairs', run('[]')),
  family('bbcode', 'tags with long values', (length) => `[url=${run('x')(length)}`),
  family('bbcode', 'guards', run('[\u200b\u200b\u200bb]')),
  family('bbcode', 'text tags beside real ones', run('[i]x[/i] [b] [quote]y[/quote] ')),
  family(
    'bbcode',
    'names of quotes full of references',
    (length) => `[quote="${run(', post: 1')(length)}x"]a[/quote]`,
  ),

  family('markdown', 'emphasis runs', growing('*')),
  family('markdown', 'emphasis that is never closed', run('*a ')),
  family('markdown', 'emphasis that is never opened', run('a* ')),
  family('markdown', 'openers of two kinds', run('*a _b ')),
  family('markdown', 'strong in emphasis', nested('*a **b ', ' c** d*')),
  family('markdown', 'the rule of three', run('a**b*c***d')),
  family('markdown', 'one long run of stars', (length) => `a ${run('*')(length)} b`),
  family('markdown', 'underscores in words', run('snake_case_')),
  family('markdown', 'tildes', run('~~a ~b ~~~c ')),
  family('markdown', 'backticks in growing runs', growing('`')),
  family('markdown', 'backticks that never match', halves('``a ', '`b ')),
  family('markdown', 'opening brackets of links', run('[a')),
  family('markdown', 'links within links', nested('[a ', `](${A_LINK})`)),
  family('markdown', 'images within images', nested('![', `](${A_LINK})`)),
  family('markdown', 'addresses that never end', run(`[a](${A_LINK}`)),
  family('markdown', 'titles that never end', run(`[a](${A_LINK} "b `)),
  family('markdown', 'parentheses in an address', (length) => `[a](${A_LINK}${run('(')(length)})`),
  family('markdown', 'angle brackets', run('<a')),
  family('markdown', 'addresses in angle brackets', run('<http://x.example>')),
  family('markdown', 'backslashes', run('\\')),
  family('markdown', 'tables of pipes', run('| a | b |\n|---|---|\n')),
  family('markdown', 'nested quotes', (length) => `${run('> ')(length)}a`),
  family(
    'markdown',
    'quotes of every depth',
    counted((n) => `${'> '.repeat((n % 40) + 1)}a\n`),
  ),
  family(
    'markdown',
    'deep lists',
    counted((n) => `${'  '.repeat(n % 40)}- a\n`),
  ),
  family('markdown', 'lists on one line', run('- ')),
  family('markdown', 'numbers', run('1. a\n\n   b\n')),
  family('markdown', 'fences that never close', run('```js\n')),
  family(
    'markdown',
    'fences that grow',
    counted((n) => `${'`'.repeat((n % 150) + 3)}\nx\n`),
  ),
  family('markdown', 'headings', run('# a #\n')),
  family('markdown', 'lines of dashes', run('- - -\n---\n===\n')),
  family('markdown', 'empty lines', run('a\n\n\n\n')),

  family('html', 'unclosed tags', run('<b>')),
  family('html', 'crossed tags', run('<b><i>x</b>y</i>')),
  family('html', 'nested quotes', nested('<blockquote>', '</blockquote>')),
  family('html', 'nested quotes with names', nested('<blockquote><cite>a</cite><br>b', '</blockquote>')),
  family('html', 'deep lists', nested('<ul><li>a', '</ul>')),
  family('html', 'items that nobody closes', run('<ul><li>a<li>b')),
  family('html', 'links within links', run(`<a href="${A_LINK}">a`)),
  family('html', 'entities', run('&amp;&#38;&nbsp;&lt;')),
  family('html', 'entities that are none', run('&ampamp&#x&#;&')),
  family('html', 'references of many digits', run('&#00000000000000000000000000000038;')),
  family('html', 'tags that never end', run('<b ')),
  family('html', 'attributes of one tag', (length) => `<a ${counted((n) => `a${n}=${n} `)(length)}>x</a>`),
  family('html', 'quotes that never end', run('<a href="')),
  family('html', 'comments that never end', run('<!--')),
  family('html', 'scripts that never end', run('<script>')),
  family('html', 'styles in many words', run('<b>a</b> <i>b</i> <u>c</u> ')),
  family(
    'html',
    'one style around many others',
    (length) => `<b>${run('<i>a</i><u>b</u><s>c</s>')(length)}</b>`,
  ),
  family(
    'html',
    'colours that never repeat',
    counted((n) => `<span style="color:#${String(n % 1000).padStart(3, '0')}">a `),
  ),
  family('html', 'paragraphs', run('<p>a</p>')),
  family('html', 'line ends in a link', (length) => `<a href="${A_LINK}">${run('a<br>')(length)}</a>`),
  family(
    'html',
    'quotes in a link',
    (length) => `<a href="${A_LINK}">${run('a<blockquote>b</blockquote>')(length)}</a>`,
  ),
  family('html', 'tabs and spaces', run(' \t\n\f')),
  family('html', 'preformatted', (length) => `<pre>${run('\n a < b\t')(length)}</pre>`),

  family('plain', 'words', run('word ')),
  family('plain', 'one word', run('x')),
  family('plain', 'white space', run(' \t')),
  family('plain', 'line ends', run('\r\n\n\r')),
  family('plain', 'every special character', run('*_~`#[]()<>!&\\|+-="\'{}@^$%:;,./?')),
  family('plain', 'mixed scripts', run('aЖ日本語αأ𝒜é')),
  family('plain', 'zero-width characters', run('a\u200b\u200c\u200d\u2060\ufeff')),
  family('plain', 'emoji of many parts', run('👨‍👩‍👧‍👦🏳️‍🌈')),
  family('plain', 'combining marks', run('e\u0301\u0323')),
  family('plain', 'directions', run('\u202e\u2066a\u2069')),
  family('plain', 'halves of surrogates', run('\ud800a\udc00')),
  family('plain', 'control characters', run('\u0000\u0007\u001b')),
  family('plain', 'mentions', run('@everyone <@U1> <!here> ')),
  family('plain', 'addresses', run('http://x.example/a_b(c)?d=1&amp=2 ')),
  family('plain', 'tags of every markup', run('[b]<b>**x**</b>[/b]')),
  family('plain', 'line starts of every markup', run('> a\n- b\n1. c\n# d\n```\n| e\n')),
];
