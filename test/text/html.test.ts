import { describe, expect, test } from 'vitest';
import { readHtml } from '../../src/text/html.ts';
import { writeHtml } from '../../src/text/html-write.ts';
import { textOf } from '../../src/text/tree.ts';
import { b, br, code, codeBlock, i, image, link, list, ordered, quote, red, s, t, u } from './build.ts';

describe('reading HTML', () => {
  test.each([
    ['words', 'Hello', [t('Hello')]],
    ['styles', '<b>b</b><I>i</I><u>u</u><s>s</s>', [b(t('b')), i(t('i')), u(t('u')), s(t('s'))]],
    ['their other names', '<strong>b</strong><em>i</em><del>s</del>', [b(t('b')), i(t('i')), s(t('s'))]],
    ['line ends', 'a<br>b<br/><br />c', [t('a'), br, t('b'), br, br, t('c')]],
    ['paragraphs', '<p>a</p>\n<p>b</p>', [t('a'), br, br, t('b')]],
    ['a paragraph that is an empty line', '<p>a</p><p><br></p><p>b</p>', [t('a'), br, br, t('b')]],
    ['boxes', '<div>a<div>b</div></div>c', [t('a'), br, t('b'), br, t('c')]],
    ['a heading', '<h1>a</h1>b', [b(t('a')), br, br, t('b')]],
    ['white space', ' a \n\t b <br> c ', [t('a b'), br, t('c')]],
    ['white space across elements', 'a <b> b </b> c', [t('a '), b(t('b ')), t('c')]],
    [
      'references',
      '&lt;b&gt; &amp;amp; &eacute;&#233;&#xE9; &#146; &nope; &amp &',
      [t('<b> &amp; ééé ’ &nope; &amp &')],
    ],
    ['a space that stays', 'a&#32;&#32;b', [t('a  b')]],
    ['a reference to no character', '&#0;&#xD800;&#1114112;', [t('\ufffd\ufffd\ufffd')]],
    [
      'a link',
      '<a href="http://x.example/?a=1&amp;b=2" onclick="x()">y</a>',
      [link('http://x.example/?a=1&b=2', t('y'))],
    ],
    [
      'a link without quotes',
      "<a title='a > b' href=http://x.example>y</a>",
      [link('http://x.example', t('y'))],
    ],
    [
      'the first of two addresses',
      '<a href="http://x.example" href="http://y.example">y</a>',
      [link('http://x.example', t('y'))],
    ],
    [
      'a link in a link',
      '<a href="http://a.example">a<a href="http://b.example">b</a></a>',
      [link('http://a.example', t('a')), link('http://b.example', t('b'))],
    ],
    [
      'an image',
      '<img src="http://x.example/i.png" alt="a &amp; b">',
      [image('http://x.example/i.png', 'a & b')],
    ],
    ['a quote', '<blockquote>a</blockquote>b', [quote(null, t('a')), br, t('b')]],
    ['a quote of somebody', '<blockquote><cite>Ann</cite><br>a</blockquote>', [quote('Ann', t('a'))]],
    [
      'lists',
      '<ul><li>a<li>b</ul><ol start="3"><li>c</li></ol>',
      [list([t('a')], [t('b')]), br, ordered(3, [t('c')])],
    ],
    ['a list in a list', '<ul><li>a<ul><li>b</ul></ul>', [list([t('a'), br, list([t('b')])])]],
    ['code', 'a <code>b  &lt;c&gt; <b>d</b></code>', [t('a '), code('b  <c> d')]],
    ['a block of code', '<pre>\n<code>a\n  b</code>\n</pre>', [codeBlock('a\n  b')]],
    [
      'colours',
      '<font color="RED">a</font> <span style="margin:0; color: rgb(0, 255,0)">b</span>',
      [red(t('a')), t(' '), red(t('b'), '#00ff00')],
    ],
    ['unknown elements are transparent', '<x-y>a</x-y><constructor>b</constructor>', [t('ab')]],
    ['comments', 'a<!-- <b> -->b<!doctype html><?php ?>', [t('ab')]],
    [
      'scripts and styles with what is in them',
      'a<script>x<b></script>b<STYLE>y</STYLE>c<script>z',
      [t('abc')],
    ],
    [
      'what is never closed ends with what is around it',
      '<blockquote><b>a</blockquote>b',
      [quote(null, b(t('a'))), br, t('b')],
    ],
    ['signs', '1 < 2 <3 a<b', [t('1 < 2 <3 a<b')]],
    ['a tag that never ends is text', 'a <b title="x', [t('a <b title="x')]],
    ['a block in a style', '<b>a<blockquote>b</blockquote></b>', [b(t('a')), br, quote(null, b(t('b')))]],
    [
      'a paragraph that begins with a link',
      '<p>a</p><a href="http://x.example">b</a>',
      [t('a'), br, br, link('http://x.example', t('b'))],
    ],
  ])('%s', (_, source, tree) => expect(readHtml(source)).toEqual(tree));

  test.each([
    'javascript:alert(1)',
    ' JAVASCRIPT:x',
    'java\nscript:x',
    '&#106;avascript:x',
    'data:text/html,x',
    '/a',
    '',
  ])('an address that must not be followed leaves the words alone: %j', (url) =>
    expect(readHtml(`<a href="${url}">x</a>`)).toEqual([t('x')]),
  );
});

test('elements deeper than 32 are transparent, and none of the words is lost', () => {
  const deep = readHtml(`${'<blockquote>'.repeat(40)}x${'</blockquote>'.repeat(40)}y`);
  expect(textOf(deep)).toBe('x\ny');
});

describe('writing HTML', () => {
  test.each([
    ['text', [t('<b> & "x"')], '&lt;b&gt; &amp; "x"'],
    [
      'styles',
      [b(t('b')), i(t('i')), u(t('u')), s(t('s')), red(t('r'))],
      '<b>b</b><i>i</i><u>u</u><s>s</s><span style="color:red">r</span>',
    ],
    [
      'a link that gives nothing away',
      [link('http://x.example/?a=1&b', t('y'))],
      '<a href="http://x.example/?a=1&amp;b" rel="nofollow noopener">y</a>',
    ],
    [
      'an image',
      [image('http://x.example/i.png', '"><b>')],
      '<img src="http://x.example/i.png" alt="&quot;&gt;&lt;b&gt;">',
    ],
    ['line ends', [t('a'), br, br, t('b')], 'a<br><br>b'],
    ['spaces that HTML would swallow', [t(' a  b '), br, t('c')], '&#32;a &#32;b&#32;<br>c'],
    [
      'blocks, which end lines by themselves',
      [t('a'), br, quote('Ann', t('b')), br, t('c')],
      'a<blockquote><cite>Ann</cite><br>b</blockquote>c',
    ],
    [
      'empty lines around blocks',
      [t('a'), br, br, codeBlock('b'), br, br, t('c')],
      'a<br><br><pre><code>b</code></pre><br>c',
    ],
    [
      'lists',
      [list([t('a')], [t('b')]), br, ordered(1, [t('c')]), br, ordered(3, [t('d')])],
      '<ul><li>a</li><li>b</li></ul><ol><li>c</li></ol><ol start="3"><li>d</li></ol>',
    ],
    ['code', [code('a  <b>')], '<code>a  &lt;b&gt;</code>'],
  ])('%s', (_, tree, written) => expect(writeHtml(tree)).toBe(written));
});
