// What holds for every text and every tree (DESIGN.md 5).

import { describe, expect, test } from 'vitest';
import type { Markup } from '../../src/domain/model.ts';
import { convert, read, write } from '../../src/text/convert.ts';
import { quoteForReply, toForumHtml, toForumText } from '../../src/text/forum.ts';
import { settle } from '../../src/text/settle.ts';
import { type Node, textOf } from '../../src/text/tree.ts';
import { fc } from '../fuzz/made-up.ts';
import { looks, mapped, spaced, trees, tricky, words } from './arbitrary.ts';
import { addressesOf, foreignTags, mentionsIn, saidBy, TAG_OF_OURS, targetsIn } from './judge.ts';

const MARKUPS: readonly Markup[] = ['plain', 'bbcode', 'markdown', 'html'];
const RUNS = { numRuns: 400 };

/** BBCode has no description of an image. */
const undescribed = (tree: readonly Node[]) =>
  mapped(tree, (node) => [node.type === 'image' ? { ...node, alt: '' } : node]);

const holds = <T>(over: fc.Arbitrary<T>, law: (value: T) => void) => {
  const run = (value: T) => {
    law(value);
  };
  fc.assert(fc.property(over, run), RUNS);
};

/** Words that never touch what stands beside them. */
const divided = words.map((some) => `${some} `);

describe('what was written is read again', () => {
  test('in BBCode: the tree', () => {
    holds(trees(tricky).map(undescribed), (tree) => {
      expect(read(write(tree, 'bbcode'), 'bbcode')).toEqual(tree);
    });
  });
  test('in HTML: the tree, its blocks set apart', () => {
    holds(trees(tricky).map(spaced), (tree) => {
      expect(read(write(tree, 'html'), 'html')).toEqual(tree);
    });
  });
  test('in Markdown: the words', () => {
    holds(trees(tricky), (tree) => {
      expect(textOf(read(write(tree, 'markdown'), 'markdown'))).toBe(textOf(tree));
    });
  });
  test('in Markdown: how each character looks, where styles begin and end between words', () => {
    // No underline, colour and spoilers in Markdown; an image is no white space.
    const told = (node: Node): readonly Node[] => {
      if (node.type === 'underline' || node.type === 'colour' || node.type === 'spoiler')
        return node.children;
      return node.type === 'image' ? [node, { type: 'text', text: ' ' }] : [node];
    };
    holds(trees(divided), (tree) => {
      const spoken = spaced(mapped(tree, (node) => [...told(node)]));
      expect(looks(read(write(spoken, 'markdown'), 'markdown'))).toEqual(looks(spoken));
    });
  });
  test('in plain text: every word, in order', () => {
    holds(trees(divided), (tree) => {
      const written = write(tree, 'plain');
      let from = 0;
      for (const word of textOf(tree).trim().split(/\s+/)) {
        from = written.indexOf(word, from) + word.length;
        expect(from).toBeGreaterThanOrEqual(word.length);
      }
    });
  });
  test.each(MARKUPS)('a plain text in %s is the same plain text', (markup) => {
    holds(tricky, (source) => {
      const lines = source.replace(/\r\n?/g, '\n');
      expect(convert(convert(source, 'plain', markup), markup, 'plain').replace(/\r\n?/g, '\n')).toBe(lines);
      expect(read(write(read(source, 'plain'), markup), markup)).toEqual(read(source, 'plain'));
    });
  });
});

describe('whatever a text is', () => {
  test('a settled tree is settled', () => {
    holds(trees(tricky), (tree) => expect(settle(tree)).toEqual(tree));
  });
  test.each(MARKUPS)('what is read from %s survives every markup', (markup) => {
    holds(tricky, (source) => {
      const tree = read(source, markup);
      expect(settle(tree)).toEqual(tree);
      expect(read(write(tree, 'html'), 'html')).toEqual(spaced(tree));
      expect(textOf(read(write(tree, 'bbcode'), 'bbcode'))).toBe(textOf(tree));
      expect(textOf(read(write(tree, 'markdown'), 'markdown'))).toBe(textOf(tree));
    });
  });

  test.each(MARKUPS.slice(0, 3))(
    'from %s there comes no HTML but the few tags, no address but the four schemes',
    (markup) => {
      holds(tricky, (source) => {
        expect(write(read(source, markup), 'html').replace(TAG_OF_OURS, '')).not.toMatch(/[<>]/);
      });
    },
  );
  test('from HTML there comes no other HTML either, by way of the tree', () => {
    holds(trees(tricky), (tree) => {
      const again = write(read(write(tree, 'html'), 'html'), 'html');
      expect(again.replace(TAG_OF_OURS, '')).not.toMatch(/[<>]/);
    });
  });
  test('a writer makes no link, image, quote or style that the tree does not hold', () => {
    const bare = (tree: readonly Node[]) => tree.every(({ type }) => type === 'text' || type === 'break');
    holds(tricky, (source) => {
      for (const markup of MARKUPS) {
        const written = write(read(source, 'plain'), markup);
        expect(bare(read(written, markup))).toBe(true);
      }
      expect(bare(read(toForumText(source, 'plain'), 'bbcode'))).toBe(true);
      expect(toForumHtml(source, 'plain').replaceAll('<br>', '')).not.toMatch(/[<>]/);
    });
  });
  test.each(MARKUPS)(
    'not even a lenient reader finds a link, a mention or a tag in %s that the tree does not hold',
    (markup) => {
      holds(trees(tricky), (tree) => {
        const written = write(tree, markup);
        const held = new Set(addressesOf(tree));
        expect(targetsIn(written, markup).filter((target) => !held.has(target))).toEqual([]);
        const said = saidBy(tree);
        if (markup !== 'plain')
          expect(mentionsIn(written).filter((name) => !said.includes(name))).toEqual([]);
        if (markup === 'bbcode') expect(foreignTags(written, tree)).toEqual([]);
      });
    },
  );
  test.each([
    ['a link whose end is in a quote', '[url=javascript:x]a\n> b[/url]'],
    ['a style whose end is in a quote', '[b]a\n> b[/b]'],
    ['a link in front of a real one', '[url=javascript:x] [a](http://x.example/)'],
    ['an image whose end is in bold', '[img]javascript:x**[/img]**'],
  ])('%s is no tag in BBCode: boards with patterns would take it for one', (_, source) => {
    const tree = read(source, 'markdown');
    expect(foreignTags(write(tree, 'bbcode'), tree)).toEqual([]);
    expect(targetsIn(toForumText(source, 'markdown'), 'bbcode').join()).not.toContain('javascript');
    expect(read(write(tree, 'bbcode'), 'bbcode')).toEqual(tree);
  });
  test.each(MARKUPS)('a quotation of a text in %s is one quote', (markup) => {
    holds(fc.tuple(tricky, tricky), ([author, source]) => {
      const [quote, ...rest] = read(quoteForReply(author, source, markup), 'bbcode');
      expect(rest.every(({ type }) => type === 'break')).toBe(true);
      expect(quote === undefined || quote.type === 'quote' || quote.type === 'break').toBe(true);
    });
  });
});
