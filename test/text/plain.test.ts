import { describe, expect, test } from 'vitest';
import { convert } from '../../src/text/convert.ts';
import { readPlain, writePlain } from '../../src/text/plain.ts';
import type { Node } from '../../src/text/tree.ts';
import { b, br, codeBlock, image, link, list, ordered, quote, t } from './build.ts';

const X = 'http://x.example';

test('a plain text is its lines and nothing else', () => {
  expect(readPlain('[b]a[/b]\r\n> *b*\n\n<i>')).toEqual([t('[b]a[/b]'), br, t('> *b*'), br, br, t('<i>')]);
});

describe('writing plain text', () => {
  test.each<[string, Node[], string]>([
    ['styles are left out', [b(t('a')), t('b')], 'ab'],
    [
      'a link that is its address',
      [link(X, t(X)), t(' '), link('mailto:a@b.example', t('a@b.example'))],
      `${X} a@b.example`,
    ],
    ['a link', [link(X, t('a'))], `a (${X})`],
    ['images', [image(`${X}/i.png`), t(' '), image(`${X}/j.png`, 'j')], `${X}/i.png j (${X}/j.png)`],
    ['quotes', [quote('Ann', t('a'), br, br, quote(null, t('b'))), t('c')], '> Ann:\n> a\n>\n> > b\nc'],
    [
      'lists',
      [t('a'), list([t('b'), br, t('c'), list([t('d')])], [t('e')]), t('f')],
      'a\n  * b\n    c\n    * d\n  * e\nf',
    ],
    ['lists that count', [ordered(9, [t('a')], [t('b'), br, t('c')])], '  9. a\n  10. b\n      c'],
    ['code', [t('a'), codeBlock('b\n  c'), t('d')], 'a\nb\n  c\nd'],
  ])('%s', (_, tree, written) => expect(writePlain(tree)).toBe(written));
});

describe('converting', () => {
  test('to the same markup changes nothing', () => {
    expect(convert('[B]a[/b]\r\n', 'bbcode', 'bbcode')).toBe('[B]a[/b]\r\n');
  });
  test('goes from each markup to each', () => {
    const written = { bbcode: '[b]a[/b] 1<2', markdown: '**a** 1\\<2', html: '<b>a</b> 1&lt;2' };
    for (const [from, source] of Object.entries(written)) {
      for (const [to, expected] of Object.entries({ ...written, plain: 'a 1<2' })) {
        if (from === to) continue;
        expect(convert(source, from as 'html', to as 'html')).toBe(expected);
      }
    }
  });
});
