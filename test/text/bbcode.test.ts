import { describe, expect, test } from 'vitest';
import { readBbcode } from '../../src/text/bbcode.ts';
import { writeBbcode } from '../../src/text/bbcode-write.ts';
import { textOf } from '../../src/text/tree.ts';
import { b, br, code, codeBlock, i, image, link, list, ordered, quote, red, s, t, u } from './build.ts';

describe('reading BBCode', () => {
  test.each([
    ['words', 'Hello', [t('Hello')]],
    ['styles', '[b]b[/b][i]i[/i][u]u[/u][s]s[/s]', [b(t('b')), i(t('i')), u(t('u')), s(t('s'))]],
    [
      'any case',
      '[B]x[/b] [URL=http://x.example]y[/Url]',
      [b(t('x')), t(' '), link('http://x.example', t('y'))],
    ],
    ['line ends', 'a\r\nb\rc\n\nd', [t('a'), br, t('b'), br, t('c'), br, br, t('d')]],
    [
      'a colour',
      '[color=RED]x[/color] [color="#00ff00"]y[/color]',
      [red(t('x')), t(' '), red(t('y'), '#00ff00')],
    ],
    ['sizes and faces are left out', '[size=7][font=Arial]x[/font][/size]', [t('x')]],
    [
      'a link that is its address',
      '[url]http://x.example/a[/url]',
      [link('http://x.example/a', t('http://x.example/a'))],
    ],
    ['a link in quotes', '[url="https://x.example"]y[/url]', [link('https://x.example', t('y'))]],
    ['a link without its scheme', '[url=www.x.example]y[/url]', [link('http://www.x.example', t('y'))]],
    ['a mail address', '[email]a@b.example[/email]', [link('mailto:a@b.example', t('a@b.example'))]],
    ['an image', '[img=20x20]http://x.example/i.png[/img]', [image('http://x.example/i.png')]],
    ['a quote', '[quote]x[/quote]\ny', [quote(null, t('x')), br, t('y')]],
    ['a quote of somebody', '[quote="Ann B."]\nx\n[/quote]', [quote('Ann B.', t('x'))]],
    ['a quote without quotes', '[quote=Ann]x[/quote]', [quote('Ann', t('x'))]],
    ['a XenForo quote', '[quote="Ann, post: 3, member: 4"]x[/quote]', [quote('Ann', t('x'))]],
    ['a vBulletin quote', '[quote=Ann;123]x[/quote]', [quote('Ann', t('x'))]],
    ['a phpBB quote', '[quote="Ann" post_id=3 user_id=4]x[/quote]', [quote('Ann', t('x'))]],
    ['an SMF quote', '[quote author=Ann link=topic=1 date=2]x[/quote]', [quote('Ann', t('x'))]],
    ['code', '[code]a[b]\n  c[/b][/code]', [codeBlock('a[b]\n  c[/b]')]],
    ['code in a line', 'a [icode][b][/icode]', [t('a '), code('[b]')]],
    ['php and html', '[php]$a[/php][html]<b>[/html]', [codeBlock('$a'), codeBlock('<b>')]],
    ['a list', '[list]\n[*]a\n[*]b[/*]\n[/list]', [list([t('a')], [t('b')])]],
    [
      'a list that counts',
      '[list=1][*]a[/list][list=3][*]b[/list][list=a][*]c[/list]',
      [ordered(1, [t('a')]), ordered(3, [t('b')]), ordered(1, [t('c')])],
    ],
    ['a list in a list', '[list][*]a[list][*]b[/list][/list]', [list([t('a'), list([t('b')])])]],
  ])('%s', (_, source, tree) => expect(readBbcode(source)).toEqual(tree));
});

describe('what has no other half stays text', () => {
  test.each([
    '[b]x',
    'x[/b]',
    'a[i] = b[i]',
    '[url=http://x.example]x',
    '[list][*]a',
    '[*]a',
    '[code]x',
    '[img]x',
    '[quote]',
    '[B]x',
    '[',
    '[]',
    '[/]',
    '[b',
  ])('%s', (source) => expect(readBbcode(source)).toEqual([t(source)]));
  test.each([
    ['crossed', '[b]x[i]y[/b]z[/i]', [b(t('x[i]y')), t('z[/i]')]],
    [
      'of a style that would reach into a quote',
      '[b]x[quote]y[/b][/quote]',
      [t('[b]x'), quote(null, t('y[/b]'))],
    ],
    [
      'of a link in a link',
      '[url=http://a.example]x[url=http://b.example]y[/url]',
      [t('[url=http://a.example]x'), link('http://b.example', t('y'))],
    ],
    ['unknown', '[sic]x[/sic]', [t('[sic]x[/sic]')]],
  ])('%s', (_, source, tree) => expect(readBbcode(source)).toEqual(tree));
});

describe('addresses', () => {
  test.each([
    'javascript:alert(1)',
    'JaVaScRiPt:x',
    'data:text/html,x',
    'vbscript:x',
    '//x.example',
    '/a',
    'file:///etc',
    'http://',
    'java\tscript:x',
  ])('that must not be followed leave the words alone: %s', (url) =>
    expect(readBbcode(`[url=${url}]x[/url]`)).toEqual([t('x')]),
  );
  test('are made safe: nothing in them ends an attribute or a tag', () => {
    expect(readBbcode('[url=http://x.example/"><b>]x[/url]')).toEqual([
      link('http://x.example/%22%3E%3Cb%3E', t('x')),
    ]);
    expect(readBbcode('[url=http://x.example/a b\u202e]x[/url]')).toEqual([
      link('http://x.example/a%20b%E2%80%AE', t('x')),
    ]);
  });
  test('of images are web addresses', () => {
    expect(readBbcode('[img]javascript:x[/img]')).toEqual([t('javascript:x')]);
    expect(readBbcode('[img]mailto:a@b.example[/img]')).toEqual([t('mailto:a@b.example')]);
  });
});

test('elements deeper than 32 are text, and none of the words is lost', () => {
  const deep = readBbcode(`${'[quote]'.repeat(40)}x${'[/quote]'.repeat(40)}`);
  expect(textOf(deep)).toBe(`${'[quote]'.repeat(8)}x\n${'[/quote]'.repeat(8)}`);
});

describe('writing BBCode', () => {
  test.each([
    [
      'each element',
      [b(t('b')), i(t('i')), u(t('u')), s(t('s')), red(t('r'))],
      '[b]b[/b][i]i[/i][u]u[/u][s]s[/s][color=red]r[/color]',
    ],
    [
      'a link that is its address',
      [link('http://x.example', t('http://x.example'))],
      '[url]http://x.example[/url]',
    ],
    ['a link', [link('http://x.example', t('y'))], '[url=http://x.example]y[/url]'],
    ['a mail address', [link('mailto:a@b.example', t('Ann'))], '[email=a@b.example]Ann[/email]'],
    ['an image', [image('http://x.example/i.png', 'alt')], '[img]http://x.example/i.png[/img]'],
    ['a quote', [quote('Ann', t('x')), br, br, t('y')], '[quote="Ann"]x[/quote]\n\ny'],
    ['code', [codeBlock('a\n b'), code('c')], '[code]a\n b[/code][icode]c[/icode]'],
    [
      'lists',
      [list([t('a')], [t('b')]), ordered(3, [t('c')])],
      '[list]\n[*]a\n[*]b\n[/list][list=3]\n[*]c\n[/list]',
    ],
  ])('%s', (_, tree, written) => expect(writeBbcode(tree)).toBe(written));

  test('text that looks like an element is kept from being one by a space that nobody sees', () => {
    expect(writeBbcode([t('[b]x[/b]')])).toBe('[\u200bb]x[\u200b/b]');
    expect(writeBbcode([t('[\u200bb]x[/b]')])).toBe('[\u200b\u200bb]x[\u200b/b]');
    expect(writeBbcode([codeBlock('[/code]')])).toBe('[code][\u200b/code][/code]');
  });
  test('text that would stay text is left as it is', () => {
    for (const source of ['a[i] = [b]', '[sic]', '[/b]x[b]', '[*]', '[ b]'])
      expect(writeBbcode([t(source)])).toBe(source);
  });
});
