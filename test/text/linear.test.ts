// Counted, not timed: how many characters each reader looks at. Each piece, repeated, tempts a reader into looking at the
// same characters again and again.
import { describe, expect, test } from 'vitest';
import type { Markup } from '../../src/domain/model.ts';
import { read, write } from '../../src/text/convert.ts';

const KIB = 1024;
const SIZES = [KIB, 4 * KIB, 16 * KIB, 64 * KIB];
/** A reader may look at each character once for each of the 32 levels that it follows. */
const STEPS_PER_CHARACTER = 40;
/** What a text of 64 KiB may cost more per character than one of 1 KiB, much of which goes by before all levels are open. */
const GROWTH = 1.25;
/** Characters written for one that was read: an ampersand of HTML is five. */
const WRITTEN_PER_CHARACTER = 8;

const PIECES: Readonly<Record<Exclude<Markup, 'plain'>, readonly string[]>> = {
  bbcode: [
    'word ',
    '\r\n',
    '[',
    '[b]',
    '[b]x[/b]',
    '[/b]',
    '[b][/quote]',
    '[url]',
    '[url=',
    '[url=http://x.example]a[/url]',
    '[code]',
    '[code]x[/code]',
    '[img]',
    '[list][*]',
    '[*]',
    '[quote]',
    '[quote]x[/quote]',
    '[color=red]x\n',
    '[\u200b',
    '\u200b',
  ],
  html: [
    'word ',
    ' ',
    '<',
    '<a',
    '<a ',
    '<a "',
    '<a b="',
    '<b>',
    '<b>x</b>',
    '</b>',
    '<li>',
    '<ul><li>',
    '<blockquote>',
    '<blockquote><cite>',
    '<a href="http://x.example">a',
    '&',
    '&#',
    '&amp;',
    '<!--',
    '<!',
    '<script>',
    '<script></script>',
    '<p>',
    '<br>',
    '<pre>',
    '<code> ',
    '<span style="color:red">x<br>',
  ],
  markdown: [
    'word ',
    '\n',
    '*',
    '*a ',
    'a*',
    '**a',
    '_a_ ',
    '~~a',
    '***a** ',
    '`',
    'a`',
    '``a`',
    '[',
    '![',
    '[a](',
    '[a](b "',
    '[[a](http://x.example)',
    '](',
    '<a',
    '<http:',
    '&',
    '\\',
    '> ',
    '>',
    '> a\n',
    '- ',
    '- a\n\n',
    '\n\n- ',
    '> - ',
    '1. a\n',
    '# ',
    '# a\n',
    '```\n',
    '````',
  ],
};
/** What the first half of a text leaves open, its second half asks for. */
const HALVES: readonly (readonly [markup: Markup, first: string, second: string])[] = [
  ['bbcode', '[b]', '[/i]'],
  ['bbcode', '[list]', '[*]'],
  ['bbcode', '[url=http://x.example]', '[url]'],
  ['html', '<b>', '</i>'],
  ['html', '<ul>', '</li>'],
  ['html', '<blockquote>', '<p>'],
  ['markdown', '_a ', 'a* '],
  ['markdown', '*a ', 'b* '],
  ['markdown', '[', '](http://x.example)'],
  ['markdown', '![', '](http://x.example)'],
  ['markdown', '`` ', '` '],
  ['markdown', '```js\n', '``\n'],
];

type Case = [name: string, markup: Markup, text: (size: number) => string];
const repeated = (piece: string, size: number) => piece.repeat(Math.ceil(size / piece.length));
const CASES: readonly Case[] = [
  ...Object.entries(PIECES).flatMap(([markup, pieces]) =>
    pieces.map(
      (piece): Case => [
        `${markup} of ${JSON.stringify(piece)}`,
        markup as Markup,
        (size) => repeated(piece, size),
      ],
    ),
  ),
  ...HALVES.map(
    ([markup, first, second]): Case => [
      `${markup} of ${JSON.stringify(first)}, then ${JSON.stringify(second)}`,
      markup,
      (size) => repeated(first, size / 2) + repeated(second, size / 2),
    ],
  ),
];

describe('steps per character stay the same however long the text is', () => {
  test.each(CASES)('%s', (_, markup, make) => {
    const costs = SIZES.map((size) => {
      const text = make(size);
      const meter = { steps: 0 };
      read(text, markup, meter);
      return meter.steps / text.length;
    });
    expect(Math.max(...costs)).toBeLessThanOrEqual(STEPS_PER_CHARACTER);
    for (const cost of costs) expect(cost).toBeLessThanOrEqual((costs[0] as number) * GROWTH);
  });
  test('the counter counts: each character is looked at', () => {
    for (const markup of ['plain', 'bbcode', 'html', 'markdown'] as const) {
      const meter = { steps: 0 };
      read('x'.repeat(KIB), markup, meter);
      expect(meter.steps).toBeGreaterThanOrEqual(KIB);
    }
  });
});

test.each(CASES)('what is written grows no faster than what was read: %s', (_, markup, make) => {
  const text = make(4 * KIB);
  const tree = read(text, markup);
  for (const to of ['plain', 'bbcode', 'html', 'markdown'] as const) {
    expect(write(tree, to).length).toBeLessThanOrEqual(text.length * WRITTEN_PER_CHARACTER);
  }
});
