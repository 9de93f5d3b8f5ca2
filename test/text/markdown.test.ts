import { describe, expect, test } from 'vitest';
import { readMarkdown } from '../../src/text/markdown.ts';
import { writeMarkdown } from '../../src/text/markdown-write.ts';
import { textOf } from '../../src/text/tree.ts';
import { b, br, code, codeBlock, i, image, link, list, ordered, quote, red, s, t, u } from './build.ts';

const X = 'http://x.example';

describe('reading Markdown: what is inside a line', () => {
  test.each([
    [
      'emphasis',
      '*i* _i_ **b** __b__ ~~s~~',
      [i(t('i')), t(' '), i(t('i')), t(' '), b(t('b')), t(' '), b(t('b')), t(' '), s(t('s'))],
    ],
    ['both', '***x*** **a *b***', [b(i(t('x'))), t(' '), b(t('a '), i(t('b')))]],
    ['in a word', 'a*b*c a_b_c 2*3 4*5', [t('a'), i(t('b')), t('c a_b_c 2'), i(t('3 4')), t('5')]],
    ['beside punctuation', '**"a"**b', [b(t('"a"')), t('b')]],
    ['over a line end', '**a\nb**', [b(t('a'), br, t('b'))]],
    ['code', '`a*b*` ``a`b`` `` ` ``', [code('a*b*'), t(' '), code('a`b'), t(' '), code('`')]],
    ['a link', `[**a**](${X} "title") [b](<${X}/c>)`, [link(X, b(t('a'))), t(' '), link(`${X}/c`, t('b'))]],
    ['an address with parentheses', `[a](${X}/b_(c))`, [link(`${X}/b_(c)`, t('a'))]],
    [
      'a link to itself',
      `<${X}> <a@b.example>`,
      [link(X, t(X)), t(' '), link('mailto:a@b.example', t('a@b.example'))],
    ],
    ['an image', `![a *b*](${X}/i.png)`, [image(`${X}/i.png`, 'a b')]],
    ['an image in a link', `[![a](${X}/i.png)](${X})`, [link(X, image(`${X}/i.png`, 'a'))]],
    ['a link in a link', `[a [b](${X}) c](${X}/d)`, [t('[a '), link(X, t('b')), t(` c](${X}/d)`)]],
    ['escapes', '\\*a\\* \\[b](c) \\a C:\\dir a\\', [t('*a* [b](c) \\a C:\\dir a\\')]],
    ['references', '&lt;b&gt; &amp;amp;', [t('<b> &amp;')]],
    ['HTML is text', '<b>a</b>', [t('<b>a</b>')]],
    ['addresses alone are text', `${X}/a_b_c`, [t(`${X}/a_b_c`)]],
  ])('%s', (_, source, tree) => expect(readMarkdown(source)).toEqual(tree));

  test.each([
    '**a',
    'a** b',
    'a * b*c',
    '2 * 3 * 4',
    '`a',
    '``a`',
    '[a](b',
    '[a] (b)',
    '[a',
    '![a',
    'a](b)',
    '~a~',
    '~~~',
    '****',
    '<a b>',
    '[a]()',
  ])('what has no other half stays text: %s', (source) => expect(textOf(readMarkdown(source))).toBe(source));
  test.each(['javascript:alert(1)', 'JaVaScRiPt:x', 'data:text/html,x', '/a', 'java&#10;script:x'])(
    'an address that must not be followed leaves the words alone: %s',
    (url) => expect(readMarkdown(`[x](${url})`)).toEqual([t('x')]),
  );
});

describe('reading Markdown: lines', () => {
  test.each([
    ['line ends', 'a\nb\r\n\nc', [t('a'), br, t('b'), br, br, t('c')]],
    ['hard line ends', 'a\\\nb', [t('a'), br, t('b')]],
    ['a heading', '## a ##\nb', [b(t('a')), br, t('b')]],
    ['a quote', '> a\n>b\n\nc', [quote(null, t('a'), br, t('b')), br, t('c')]],
    ['a quote ends with its marks', '> a\nb', [quote(null, t('a')), br, t('b')]],
    ['a quote of somebody', '> **Ann:**\n> a', [quote('Ann', t('a'))]],
    ['a quote in a quote', '> a\n>> b', [quote(null, t('a'), br, quote(null, t('b')))]],
    ['a list', '- a\n- b\n\n- c', [list([t('a')], [t('b')], [t('c')])]],
    ['another mark is another list', '- a\n* b', [list([t('a')]), br, list([t('b')])]],
    ['a list that counts', '7. a\n8. b', [ordered(7, [t('a')], [t('b')])]],
    [
      'a list in a list',
      '1. a\n  - b\n\n    c\n2. d',
      [ordered(1, [t('a'), br, list([t('b'), br, br, t('c')])], [t('d')])],
    ],
    ['a list ends with its indentation', '- a\nb', [list([t('a')]), br, t('b')]],
    [
      'a number alone begins no list inside a paragraph',
      'born in\n1986. Then',
      [t('born in'), br, t('1986. Then')],
    ],
    ['code', 'a\n```js\nb *c*\n  d\n```\ne', [t('a'), br, codeBlock('b *c*\n  d', 'js'), br, t('e')]],
    ['code in a quote', '> ```\n> a\n> ```', [quote(null, codeBlock('a'))]],
    [
      'one empty line beside a block is not told',
      'a\n\n- b\n\nc\n\n\n> d',
      [t('a'), br, list([t('b')]), br, t('c'), br, br, quote(null, t('d'))],
    ],
  ])('%s', (_, source, tree) => expect(readMarkdown(source)).toEqual(tree));

  test.each([
    '***',
    '* * *',
    '---',
    '```',
    '```js',
    '``` a b\nc',
    '#',
    '#a',
    '-',
    '- ',
    '>',
    '1.',
    '-a',
    '1.a',
    '    a',
  ])('what begins nothing stays text: %j', (source) => expect(textOf(readMarkdown(source))).toBe(source));
  test('quotes deeper than 32 are text, and none of the words is lost', () => {
    expect(textOf(readMarkdown(`${'>'.repeat(40)} x`))).toBe(`${'>'.repeat(8)} x`);
  });
});

describe('writing Markdown', () => {
  test.each([
    [
      'emphasis',
      [b(t('b')), t(' '), i(t('i')), t(' '), s(t('s')), t(' a'), i(t('b')), t('c')],
      '**b** _i_ ~~s~~ a*b*c',
    ],
    ['a sign that would stand beside a mark', [s(t(' ~a'))], ' ~~\\~a~~'],
    ['no emphasis where it could not be read', [t('a'), i(t('b'), b(t('c'))), b(t('d'))], 'abcd'],
    ['white space outside of its marks', [b(t(' a ')), t('b')], ' **a** b'],
    ['emphasis line by line', [b(t('a'), br, t('b'))], '**a**\n**b**'],
    ['what there is no Markdown for', [u(t('a')), red(t('b'))], 'ab'],
    ['code', [code('a'), t(' '), code('`b')], '`a` `` `b ``'],
    ['a link', [link(X, t('a]'))], `[a\\]](${X})`],
    ['a link to itself', [link(X, t(X))], `<${X}>`],
    ['an address with one parenthesis', [link(`${X}/a)`, t('b'))], `[b](${X}/a\\))`],
    ['an image', [t('so!'), link(X, image(`${X}/i.png`, 'a'))], `so\\![![a](${X}/i.png)](${X})`],
    [
      'a quote',
      [quote('Ann', t('a'), br, br, quote(null, t('b'))), br, t('c')],
      '> **Ann:**\n> a\n>\n>\n> > b\n\nc',
    ],
    [
      'lists',
      [t('a'), br, list([t('b'), br, list([t('c')])], [t('d')]), br, t('e')],
      'a\n- b\n  - c\n- d\n\ne',
    ],
    [
      'lists in a row',
      [list([t('a')]), list([t('b')]), ordered(1, [t('c')]), ordered(5, [t('d')])],
      '- a\n\n* b\n\n1. c\n\n5) d',
    ],
    [
      'a table that is only text',
      [t('| a |'), br, t('|---|'), br, t(':-:'), br, t('a | -')],
      '| a |\n\\|---|\n\\:-:\na | -',
    ],
    ['a paragraph that is indented and no code', [t('    a'), br, t('    b')], '&#32;   a\n    b'],
    ['a tab below a quote', [quote(null, t('a')), br, t(' \tb')], '> a\n\n&#32;\tb'],
    ['code blocks', [codeBlock('a\n```'), t('b')], '````\na\n```\n````\n\nb'],
  ])('%s', (_, tree, written) => expect(writeMarkdown(tree)).toBe(written));

  test.each([
    ['*a*', '\\*a\\*'],
    ['2 * 3', '2 * 3'],
    ['a_b _c_', 'a_b \\_c\\_'],
    ['[a](b)', '\\[a\\](b)'],
    ['<b> a < b', '\\<b> a < b'],
    ['`a`', '\\`a\\`'],
    ['~~a~~ ~b', '\\~\\~a\\~\\~ ~b'],
    ['&lt; & &b', '\\&lt; & \\&b'],
    ['C:\\dir\\', 'C:\\dir\\\\'],
    ['- a', '\\- a'],
    ['-5', '-5'],
    ['# a', '\\# a'],
    ['#a', '#a'],
    ['> a', '\\> a'],
    ['1. a', '1\\. a'],
    ['1.5', '1.5'],
    ['---', '\\---'],
    ['Hello!', 'Hello!'],
  ])('only what would mean something is escaped: %s', (words, written) =>
    expect(writeMarkdown([t(words)])).toBe(written),
  );
});
