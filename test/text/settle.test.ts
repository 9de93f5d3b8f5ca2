import { describe, expect, test } from 'vitest';
import { settle } from '../../src/text/settle.ts';
import { type Node, textOf } from '../../src/text/tree.ts';
import { b, br, code, codeBlock, i, image, link, list, quote, red, s, t, u } from './build.ts';

const X = 'http://x.example';

describe('equal trees settle to one form', () => {
  test.each<[string, Node[], Node[]]>([
    ['texts side by side', [t('a'), t(''), t('b')], [t('ab')]],
    ['styles side by side', [b(t('a')), b(t('b'))], [b(t('ab'))]],
    ['a style in itself', [b(t('a'), b(t('b')))], [b(t('ab'))]],
    ['a colour in a colour', [red(red(t('a'), 'blue'))], [red(t('a'), 'blue')]],
    ['the farther-reaching style outside', [b(i(t('a'))), i(t('b'))], [i(b(t('a')), t('b'))]],
    ['lines of one style', [b(t('a')), br, b(t('b'))], [b(t('a'), br, t('b'))]],
    ['line ends at the ends of a style', [b(br, t('a'), br)], [br, b(t('a')), br]],
    ['newlines in texts', [t('a\r\nb\rc\n')], [t('a'), br, t('b'), br, t('c'), br]],
    ['a link in a link', [link(X, t('a'), link(`${X}/b`, t('b')))], [link(X, t('ab'))]],
    [
      'two links to one address stay two',
      [link(X, t('a')), link(X, t('b'))],
      [link(X, t('a')), link(X, t('b'))],
    ],
    [
      'a style that ends inside a link',
      [b(t('a')), link(X, b(t('b')), t('c'))],
      [b(t('a')), link(X, b(t('b')), t('c'))],
    ],
    ['a link in a style', [b(t('a'), link(X, t('b')), t('c'))], [b(t('a'), link(X, t('b')), t('c'))]],
    ['a line end in a link', [link(X, t('a'), br, t('b'))], [link(X, t('a b'))]],
    [
      'a block in a style',
      [b(t('a'), quote(null, t('b')), t('c'))],
      [b(t('a')), quote(null, b(t('b'))), b(t('c'))],
    ],
    [
      'a block in a link, which keeps to its first words',
      [link(X, t('a'), quote(null, t('b')))],
      [link(X, t('a')), quote(null, t('b'))],
    ],
    ['what is empty', [b(), u(t('')), quote('Ann'), list([], [t(' ')]), codeBlock('\n'), code('')], []],
    [
      'white space at the edges of quotes and items',
      [quote(null, br, t(' a '), br), list([t(' b'), br])],
      [quote(null, t('a')), list([t('b')])],
    ],
    ['newlines at the edges of code', [codeBlock('\n  a\n\n')], [codeBlock('  a')]],
    ['code in lines', [code('a\nb')], [codeBlock('a\nb')]],
    ['a name as every markup can carry it', [quote(' "Ann"\n[x] ', t('a'))], [quote("'Ann' (x)", t('a'))]],
  ])('%s', (_, tree, settled) => expect(settle(tree)).toEqual(settled));
});

test('a style over many lines is not repeated for each', () => {
  const lines = Array.from({ length: 1000 }, (_, n) => [t(String(n)), br]).flat();
  expect(settle([b(i(u(s(...lines))))])).toHaveLength(2);
});

test('the words of a tree are its texts in lines', () => {
  const tree = [
    b(t('a')),
    link(X, t('b')),
    quote('Ann', t('c')),
    t('d'),
    list([t('e')], [image(`${X}/i.png`, 'f')]),
    code('g'),
  ];
  expect(textOf(tree)).toBe('ab\nAnn:\nc\nd\ne\n\ng');
});
