// Trees and texts for the properties: made of pieces that some markup would take for its own.

import { settle } from '../../src/text/settle.ts';
import { type Address, address, apart, codeBlock, type Node, type Style } from '../../src/text/tree.ts';
import { fc } from '../fuzz/made-up.ts';

export const WORDS = ['a', 'Ünï', '日本', '🍜', '𝒜', 'ß1', 'x_y', 'http://x.example/', 'I said:', "it's"];
export const SIGNS = [
  ' ',
  '  ',
  '\n',
  '\t',
  '\r\n',
  '[b]',
  '[/b]',
  '[url]',
  '[/url]',
  '[*]',
  '[quote="q"]',
  '[/quote]',
  '[code]',
  '[/code]',
  '[img]',
  '[list]',
  '[',
  ']',
  '(',
  ')',
  '\u200b',
  '*',
  '**',
  '_',
  '~~',
  '~',
  '`',
  '```',
  '#',
  '# ',
  '> ',
  '>',
  '- ',
  '-',
  '+ ',
  '1. ',
  '2) ',
  '=',
  '!',
  '\\',
  '|',
  '<',
  '<b>',
  '</b>',
  '<br>',
  '<!--',
  '<script>',
  '<a href="javascript:x">',
  '&',
  '&amp;',
  '&#32;',
  'amp;',
  '"',
  "'",
  ':',
  'javascript:',
  '@everyone',
  '\u0000',
  '\u00a0',
  '\u2028',
  '\ud800',
];

/** Text of words and signs in any order. */
export const tricky = fc
  .array(fc.oneof(fc.constantFrom(...WORDS), fc.constantFrom(...SIGNS), fc.string({ maxLength: 3 })), {
    maxLength: 12,
  })
  .map((pieces) => pieces.join(''));

/** One or two words and nothing else. */
export const words = fc
  .array(fc.constantFrom('one', 'two', 'Ünï', '日本'), { minLength: 1, maxLength: 2 })
  .map((all) => all.join(' '));

const ADDRESSES = [
  'http://x.example/',
  'https://y.example/a_b*c~(d)?q=1&amp;lt=2#e',
  'https://z.example/a)b(',
  'mailto:a@b.example',
  'tel:+49123',
].map((url) => address(url) as Address);
const url = fc.constantFrom(...ADDRESSES);
const picture = fc.constantFrom(...ADDRESSES.slice(0, 3));

const STYLES: readonly Style[] = ['bold', 'italic', 'underline', 'strike', 'spoiler'];

/** Any tree, settled, whose texts come from `content`. */
export function trees(content: fc.Arbitrary<string>): fc.Arbitrary<Node[]> {
  const { nodes } = fc.letrec<{ nodes: Node[]; node: Node }>((tie) => ({
    nodes: fc.array(tie('node'), { minLength: 1, maxLength: 5, depthIdentifier: 'tree' }),
    node: fc.oneof(
      { depthSize: 'medium', depthIdentifier: 'tree', withCrossShrink: true },
      { weight: 4, arbitrary: content.map((text): Node => ({ type: 'text', text })) },
      { weight: 1, arbitrary: fc.constant<Node>({ type: 'break' }) },
      { weight: 1, arbitrary: fc.record({ type: fc.constant('code' as const), text: content }) },
      {
        weight: 1,
        arbitrary: fc
          .tuple(content, fc.constantFrom('', '', 'js', 'c++'))
          .map(([code, language]) => codeBlock(code, language)),
      },
      {
        weight: 1,
        arbitrary: fc.record({ type: fc.constant('image' as const), url: picture, alt: content }),
      },
      {
        weight: 4,
        arbitrary: fc.record({ type: fc.constantFrom(...STYLES), children: tie('nodes') }),
      },
      {
        weight: 1,
        arbitrary: fc.record({
          type: fc.constant('colour' as const),
          colour: fc.constantFrom('red', '#00ff00'),
          children: tie('nodes'),
        }),
      },
      {
        weight: 2,
        arbitrary: fc.record({ type: fc.constant('link' as const), url, children: tie('nodes') }),
      },
      {
        weight: 2,
        arbitrary: fc.record({
          type: fc.constant('quote' as const),
          author: fc.option(content),
          children: tie('nodes'),
        }),
      },
      {
        weight: 2,
        arbitrary: fc.record({
          type: fc.constant('list' as const),
          start: fc.constantFrom(null, 1, 1, 0, 7),
          items: fc.array(tie('nodes'), { maxLength: 3 }),
        }),
      },
    ) as fc.Arbitrary<Node>,
  }));
  return nodes.map(settle);
}

/** The tree with a break wherever a block stands beside something: what markups that set blocks apart read. */
export function spaced(nodes: readonly Node[]): Node[] {
  return settle(
    apart(nodes).map((node): Node => {
      if (node.type === 'quote') return { ...node, children: spaced(node.children) };
      if (node.type === 'list') return { ...node, items: node.items.map(spaced) };
      return node;
    }),
  );
}

/** Every node of the tree changed by `change`, innermost first, and settled again. */
export function mapped(nodes: readonly Node[], change: (node: Node) => Node[]): Node[] {
  const each = (children: readonly Node[]): Node[] =>
    children.flatMap((node) => {
      if (node.type === 'list') return change({ ...node, items: node.items.map(each) });
      return change('children' in node ? { ...node, children: each(node.children) } : node);
    });
  return settle(each(nodes));
}

/** What each visible character looks like, in order: white space looks the same in any style. */
export function looks(nodes: readonly Node[], around: readonly string[] = []): string[] {
  return nodes.flatMap((node): string[] => {
    switch (node.type) {
      case 'text':
      case 'code':
      case 'codeBlock': {
        const style = [...around, ...(node.type === 'text' ? [] : [node.type])].sort().join(' ');
        return [...node.text].filter((char) => char.trim() !== '').map((char) => `${char} ${style}`);
      }
      case 'image':
        return [`${node.alt} ${node.url} ${[...around].sort().join(' ')}`];
      case 'mention':
        return [`@${node.name}`];
      case 'break':
        return [];
      case 'list':
        return node.items.flatMap((item, index) => [
          `${node.start === null ? '*' : node.start + index} ${around.length}`,
          ...looks(item, [...around, 'list']),
        ]);
      case 'quote':
        return [`> ${node.author}`, ...looks(node.children, [...around, 'quote'])];
      case 'link':
        return looks(node.children, [...around, node.url]);
      default:
        return looks(node.children, [...around, node.type]);
    }
  });
}
