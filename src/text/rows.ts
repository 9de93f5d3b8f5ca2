// What writers of markups that go line by line share: a tree as rows, and words between marks.
import { charAt } from './markdown-inline.ts';
import { isBlock, type Node } from './tree.ts';

export type Container = Node['type'];

/** The nodes with only the contents of such containers. */
export const without = (nodes: readonly Node[], types: ReadonlySet<Container>): Node[] =>
  nodes.flatMap((node): Node[] => {
    if (node.type === 'list') return [{ ...node, items: node.items.map((item) => without(item, types)) }];
    if (!('children' in node)) return [node];
    const children = without(node.children, types);
    return types.has(node.type) ? children : [{ ...node, children }];
  });

/** The lines of a tree without their breaks: each is inline, or one block. A style in several lines is one in each. */
export function rowsOf(nodes: readonly Node[]): Node[][] {
  const rows: Node[][] = [[]];
  for (const node of nodes) {
    if (node.type === 'break') rows.push([]);
    else if (isBlock(node) || !('children' in node)) rows.at(-1)?.push(node);
    else {
      rowsOf(node.children).forEach((children, index) => {
        if (index > 0) rows.push([]);
        if (children.length > 0) rows.at(-1)?.push({ ...node, children });
      });
    }
  }
  return rows;
}

/** About the first character that a node is written with: exact where it is a letter. */
export const firstChar = (node: Node): string => (node.type === 'text' ? charAt(node.text, 0) : '*');

/** The words between marks, with the white space at their ends outside: a mark beside a space is none. */
export function around(
  words: string,
  markFor: (spaceBefore: boolean, spaceAfter: boolean) => string,
): string {
  const core = words.trim();
  if (core === '') return words;
  const from = words.length - words.trimStart().length;
  const mark = markFor(from > 0, words.trimEnd().length < words.length);
  return words.slice(0, from) + mark + core + mark + words.slice(from + core.length);
}
