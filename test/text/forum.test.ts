// contracts/tapatalk.md 4.4 and 1.10, and the three display rules of msg_content.
import { describe, expect, test } from 'vitest';
import { quoteForReply, shortContent, stripToLine, toForumHtml, toForumText } from '../../src/text/forum.ts';

const X = 'http://x.example';

describe('a message for a forum client', () => {
  test.each([
    [
      'keeps links, images and quotes',
      `[url=${X}]a[/url] [url]${X}[/url] [img]${X}/i.png[/img] [quote="Ann"]b[/quote]`,
    ],
    ['keeps signs as they are', '1 < 2 & "3" &amp; <b>'],
    ['keeps brackets that are no BBCode', 'a[i] = b[0] [sic]'],
    ['keeps the lines around a quote', 'a [quote]b[/quote]\n\nc'],
  ])('%s', (_, source) => expect(toForumText(source, 'bbcode')).toBe(source));

  test.each([
    [
      'leaves other BBCode out',
      '[b]a[/b] [i]b[/i] [color=red]c[/color] [size=7][font=Arial]d[/font][/size] [s]e[/s]',
      'a b c d e',
    ],
    ['is trimmed at both ends', ' \n\t[b] a [/b]\n ', 'a'],
    ['shows a linked image alone', `[url=${X}][img]${X}/i.png[/img][/url]`, `[img]${X}/i.png[/img]`],
    [
      'shows a linked image apart from its words',
      `[url=${X}]a [img]${X}/i.png[/img][/url]`,
      `[url=${X}]a [/url][img]${X}/i.png[/img]`,
    ],
    ['shows code as a quote', 'a [code]b[u]\n  c[/code]', 'a [quote]b[u]\n  c[/quote]'],
    ['shows code in which there is BBCode', '[code][b]x[/b][/code]', '[quote][\u200bb]x[\u200b/b][/quote]'],
    ['shows php and html as quotes', '[php]$a[/php][html]<b>[/html]', '[quote]$a[/quote][quote]<b>[/quote]'],
    ['shows lists as lines', 'a[list][*]b[*]c[list][*]d[/list][/list]e', 'a\n  * b\n  * c\n    * d\ne'],
    ['shows lists that count as numbered lines', 'a\n[list=1][*]b[*]c[/list]', 'a\n  1. b\n  2. c'],
    ['shows a mail address as text', '[email]a@b.example[/email]', 'a@b.example'],
    ['keeps the words of a link that must not be followed', '[url=javascript:x]a[/url]', 'a'],
  ])('%s', (_, source, shown) => expect(toForumText(source, 'bbcode')).toBe(shown));

  test('is the same whatever it was written in', () => {
    const shown = `a [url=${X}]b[/url]\n[quote]c[/quote]`;
    expect(toForumText(`**a** [b](${X})\n> c`, 'markdown')).toBe(shown);
    expect(toForumText(`<b>a</b> <a href="${X}">b</a><blockquote>c</blockquote>`, 'html')).toBe(shown);
    expect(toForumText('<b>&amp;</b>', 'html')).toBe('&');
  });
  test('shows plain text that looks like BBCode as it is: a space that nobody sees keeps it from being any', () => {
    expect(toForumText(`[url=${X}]a[/url]`, 'plain')).toBe(`[\u200burl=${X}]a[\u200b/url]`);
  });
});

describe('a message for a forum client that asked for HTML', () => {
  test.each([
    [
      'keeps b, i, u and colours',
      '[b]a[/b][i]b[/i][u]c[/u][color=red]d[/color]',
      '<b>a</b><i>b</i><u>c</u><font color="red">d</font>',
    ],
    ['leaves other BBCode out', '[s]a[/s][size=7]b[/size]', 'ab'],
    ['escapes the rest', '<b>1</b> & "2"', '&lt;b&gt;1&lt;/b&gt; &amp; "2"'],
    ['writes line ends as br and is trimmed', '\n a\nb\n', 'a<br>b'],
    [
      'keeps links, images and quotes in BBCode',
      `[quote="A<b>"][b]x[/b][/quote]\n[url=${X}/?a&b]c[/url]`,
      `[quote="A&lt;b&gt;"]<b>x</b>[/quote]<br>[url=${X}/?a&amp;b]c[/url]`,
    ],
  ])('%s', (_, source, shown) => expect(toForumHtml(source, 'bbcode')).toBe(shown));

  test('shows plain text that looks like BBCode as it is', () => {
    expect(toForumHtml('[img]x[/img]', 'plain')).toBe('[\u200bimg]x[\u200b/img]');
  });
});

describe('a subject', () => {
  test.each([
    ['[b]Lunch[/b]\n at [url=http://x.example]noon[/url] ', 'bbcode', 'Lunch at noon'],
    ['[b] [/b]', 'bbcode', ''],
    ['[wip] **x**', 'plain', '[wip] **x**'],
    ['**a** `b`', 'markdown', 'a b'],
    ['<p>a</p><p>b</p>', 'html', 'a b'],
  ] as const)('%j in %s is one line without markup', (source, markup, line) =>
    expect(stripToLine(source, markup)).toBe(line),
  );
});

describe('an excerpt', () => {
  test('leaves quotes out, on one line', () => {
    expect(shortContent('[quote="Ann"]a[/quote]\n\n[b]b[/b]\n\n c', 'bbcode')).toBe('b c');
    expect(shortContent('- > a\n- b', 'markdown')).toBe('b');
  });
  test('is at most as long as asked for, counted in code points', () => {
    expect(shortContent('🍜'.repeat(200), 'plain')).toBe('🍜'.repeat(200));
    expect(shortContent('🍜'.repeat(201), 'plain')).toBe(`${'🍜'.repeat(199)}…`);
    expect(shortContent('abcdef', 'plain', 4)).toBe('abc…');
    expect(shortContent('abcd', 'plain', 4)).toBe('abcd');
  });
});

describe('a quotation to reply to', () => {
  test.each([
    ['is a quote of the author and two line ends', 'Ann', ' a [b]b[/b]\n', '[quote="Ann"]a b[/quote]\n\n'],
    ['leaves the quotes in it out', 'Ann', '[quote="Ben"]a[/quote]\n\nb', '[quote="Ann"]b[/quote]\n\n'],
    [
      'quotes a message that is a quote by its author',
      'Ann',
      '[quote]a[/quote]',
      '[quote="Ann"][/quote]\n\n',
    ],
    ['holds no quote for code', 'Ann', 'a [code]b[/code]', '[quote="Ann"]a \nb[/quote]\n\n'],
    ['replaces quotes and brackets in the name', 'A "B" [c]\n', 'a', `[quote="A 'B' (c)"]a[/quote]\n\n`],
    [
      'keeps links and images',
      'Ann',
      `[url=${X}]a[/url][img]${X}/i.png[/img]`,
      `[quote="Ann"][url=${X}]a[/url][img]${X}/i.png[/img][/quote]\n\n`,
    ],
  ])('%s', (_, name, source, body) => expect(quoteForReply(name, source, 'bbcode')).toBe(body));

  test('cannot be ended by what is quoted', () => {
    expect(quoteForReply('Ann', 'a[/quote]b', 'bbcode')).toBe('[quote="Ann"]a[\u200b/quote]b[/quote]\n\n');
  });
});
