// Plain text to and from the tree. Nothing in a plain text is markup; what the tree has more is written as people do.
import { settle } from './settle.ts';
import { type Address, apart, isBlock, lineBreak, type Meter, type Node, text } from './tree.ts';

/** Reads plain text: newlines are breaks. */
export function readPlain(source: string, meter: Meter = { steps: 0 }): Node[] {
  meter.steps += source.length;
  return settle([text(source)]);
}

/** Writes a settled tree: quotes behind "> ", items behind "  * ", addresses in brackets behind what they are called. */
export const writePlain = (nodes: readonly Node[]): string => apart(listsAsText(nodes)).map(one).join('');

function one(node: Node): string {
  switch (node.type) {
    case 'text':
    case 'code':
    case 'codeBlock':
      return node.text;
    case 'break':
      return '\n';
    case 'mention':
      return `@${node.name}`;
    case 'image':
      return node.alt === '' ? node.url : `${node.alt} (${node.url})`;
    case 'link': {
      const shown = writePlain(node.children);
      return says(shown, node.url) ? shown : `${shown} (${node.url})`;
    }
    case 'quote': {
      const author = node.author === null ? '' : `${node.author}:\n`;
      return (author + writePlain(node.children)).replace(/^/gm, '> ').replace(/^> $/gm, '>');
    }
    default:
      return 'children' in node ? writePlain(node.children) : '';
  }
}

/** Whether the words of a link are its address. */
export const says = (shown: string, url: Address): boolean =>
  ['', 'http://', 'mailto:', 'tel:'].some((scheme) => scheme + shown === url);

/** The nodes with lists as lines of text: "  * " or the number, two spaces deeper for each list around. */
export function listsAsText(nodes: readonly Node[], indent = '  '): Node[] {
  const lines = apart(nodes, ({ type }) => type === 'list');
  return lines.flatMap((node) => (node.type === 'list' ? listLines(node, indent) : [node]));
}

function listLines({ start, items }: Extract<Node, { type: 'list' }>, indent: string): Node[] {
  return items.flatMap((item, index) => {
    const mark = `${indent}${start === null ? '*' : `${start + index}.`} `;
    const inside = apart(item).flatMap((node, at, all): Node[] => {
      if (node.type === 'list') return listLines(node, `${indent}  `);
      const next = all[at + 1];
      const goesOn = node.type === 'break' && next && next.type !== 'break' && !isBlock(next);
      return goesOn ? [node, text(' '.repeat(mark.length))] : [node];
    });
    // A list at once in an item begins a line of its own.
    const begun = item[0]?.type === 'list' ? [] : [text(mark)];
    return [...(index > 0 ? [lineBreak] : []), ...begun, ...inside];
  });
}
