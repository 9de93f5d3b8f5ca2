// What holds for texts from and for other networks (contracts/webhooks-bridges-widget.md 2.4), as laws.test.ts says it of
// our own markups.

import { describe, expect, test } from 'vitest';
import { read } from '../../src/text/convert.ts';
import { kept, type Network, readFrom, writeFor } from '../../src/text/networks.ts';
import { told } from '../../src/text/told.ts';
import { type Node, textOf } from '../../src/text/tree.ts';
import { fc } from '../fuzz/made-up.ts';
import { looks, mapped, spaced, trees, tricky, words } from './arbitrary.ts';
import { FAMILIES } from './families.ts';
import { addressesOf, everyNode, targetsIn } from './judge.ts';

const NETWORKS: readonly Network[] = ['slack', 'discord', 'mattermost', 'discourse'];
const RUNS = { numRuns: 150 };
const holds = <T>(over: fc.Arbitrary<T>, law: (value: T) => void) => {
  fc.assert(
    fc.property(over, (value) => {
      law(value);
    }),
    RUNS,
  );
};

const CALLS = [
  '@everyone',
  '@here',
  '@channel',
  '@all',
  '@ann',
  '<@1>',
  '<@&2>',
  '<!here>',
  '<@U1|a>',
  '@\u200b',
  '\u200b',
];
/** Words that try to call somebody, too. */
const calling = fc
  .array(fc.oneof(tricky, fc.constantFrom(...CALLS)), { maxLength: 5 })
  .map((pieces) => pieces.join(''));
const divided = words.map((some) => `${some} `);

/** Words without zero-width spaces, which part marks, and white space, which no network keeps wholly. */
const inked = (nodes: readonly Node[]) => textOf(nodes).replace(/[\s\u200b]+/g, '');
/** What parts two marks is no character that is seen. */
const seen = (nodes: readonly Node[]) => looks(nodes).filter((look) => !look.startsWith('\u200b'));
const sayable = (tree: readonly Node[], network: Network) => spaced(told(tree, network));

describe.each(NETWORKS)('%s', (network) => {
  const again = (tree: readonly Node[]) => readFrom(network, writeFor(network, tree));

  test('what was written is read again: how each character looks', () => {
    // An image is no white space.
    const parted = (tree: readonly Node[]) =>
      mapped(tree, (node) => (node.type === 'image' ? [node, { type: 'text', text: ' ' }] : [node]));
    holds(trees(divided), (tree) => {
      const spoken = sayable(parted(tree), network);
      expect(seen(again(spoken))).toEqual(seen(spoken));
    });
  });
  test('what was written is read again: every word, in order', () => {
    holds(trees(calling), (tree) => expect(inked(again(tree))).toBe(inked(told(tree, network))));
  });
  test('no word of the tree is lost on the way to what can be told', () => {
    holds(trees(divided), (tree) => {
      const said = textOf(told(tree, network));
      let from = 0;
      for (const word of textOf(tree).trim().split(/\s+/)) {
        from = said.indexOf(word, from) + word.length;
        expect(from).toBeGreaterThanOrEqual(word.length);
      }
    });
  });
  test('words make no style, block, mention or link', () => {
    holds(calling, (source) => {
      const nodes = [...everyNode(again(read(source, 'plain')))];
      const addresses = addressesOf(told(read(source, 'plain'), network));
      expect(nodes.filter(({ type }) => !['text', 'break', 'link'].includes(type))).toEqual([]);
      expect(addressesOf(nodes)).toEqual(addresses);
    });
  });
  test('not even a lenient reader finds somebody called', () => {
    // In code nobody is.
    const uncoded = (tree: readonly Node[]) =>
      mapped(tree, (node) => (node.type === 'code' || node.type === 'codeBlock' ? [] : [node]));
    holds(trees(calling).map(uncoded), (tree) => {
      expect(CALLED[network](writeFor(network, tree))).toEqual([]);
    });
  });
  test('not even a lenient reader finds an address that the tree does not hold', () => {
    holds(trees(calling), (tree) => {
      const held = new Set(addressesOf(told(tree, network)));
      const written = writeFor(network, tree);
      const targets =
        network === 'slack'
          ? [...written.matchAll(/<([^|>]*)[^>]*>/g)].map(([, url]) =>
              (url as string).replaceAll('&amp;', '&'),
            )
          : targetsIn(written, 'markdown');
      expect(targets.filter((target) => !held.has(target))).toEqual([]);
    });
  });
  test('whatever is sent can be kept, and calls nobody when it goes out again', () => {
    holds(
      calling.map((source) => source.replaceAll('`', '')),
      (source) => {
        const { text, markup } = kept(readFrom(network, source));
        const out = read(text, markup);
        for (const to of NETWORKS) expect(CALLED[to](writeFor(to, out))).toEqual([]);
      },
    );
  });
});

/** In addresses nobody is called either. */
const outside = (written: string): string => written.replace(/https?:\/\/[^\s<>]+/g, ' ');
const named = (written: string) => outside(written).match(/(?<![\p{L}\p{N}])@[\p{L}\p{N}]+/gu) ?? [];
const CALLED: Readonly<Record<Network, (written: string) => string[]>> = {
  slack: (written) => written.match(/<[!@#][^>]*>/g) ?? [],
  discord: (written) => outside(written).match(/@(?:everyone|here|[!&]?\d)/g) ?? [],
  mattermost: named,
  discourse: named,
};

describe('steps per character stay the same however long the text is', () => {
  const KIB = 1024;
  const PIECES = [
    ...FAMILIES.filter(({ markup }) => markup === 'markdown' || markup === 'plain').map(({ make }) => make),
    ...[
      '&gt; a\n',
      '• a\n    ◦ b\n',
      '```',
      '```a``` ',
      '<https://x.example/|a> ',
      '<@U1',
      '*a ',
      'a* ',
      '`a',
      '[quote="a"]\n',
      '[quote]\na\n[/quote]\n',
      '[/quote]\n',
      '[u]a',
      '[spoiler]a[/u]',
      '||a ',
      'a|| ',
      '||a|| __b__ ',
      '<t:1>',
      '@a ',
      '@\u200b',
      'https://x.example/(a) ',
      '>>> a\n',
    ].map((piece) => (length: number) => piece.repeat(Math.ceil(length / piece.length))),
  ];
  test.each(NETWORKS)('%s', (network) => {
    for (const make of PIECES) {
      const costs = [KIB, 4 * KIB, 16 * KIB].map((length) => {
        const source = make(length);
        const meter = { steps: 0 };
        readFrom(network, source, {}, meter);
        return meter.steps / source.length;
      });
      const about = make(20).slice(0, 20);
      expect(Math.max(...costs), about).toBeLessThanOrEqual(120);
      expect(costs[2], about).toBeLessThanOrEqual((costs[1] as number) * 1.25);
    }
  });
});
