// Links and lists as Slack can be told them: told.ts says the rest.
import { apart, isBlock, lineBreak, type Node, text, textOf } from './tree.ts';

/** A link at Slack has words alone for a name, and none with a bar in it. */
export function slackLink(node: Extract<Node, { type: 'link' }>): Node[] {
  const shown = textOf(node.children);
  if (shown.includes('|')) return [text(`${shown} `), { ...node, children: [text(node.url)] }];
  return [allInOneStyle(node.children) ? node : { ...node, children: [text(shown)] }];
}

function allInOneStyle(children: readonly Node[]): boolean {
  const [only, ...others] = children;
  if (!only || others.length > 0) return children.every(({ type }) => type === 'text');
  return only.type === 'text' || ('children' in only && allInOneStyle(only.children));
}

/** A line end in an item. */
const SPACE = text(' ');

/**
 * An item as the items that Slack's lines can say: each one line, with lists below it. Words behind a list are an item of
 * their own, an item that begins with a list gives way to that list's items, quotes and code are their words.
 */
export function slackItems(item: readonly Node[]): Node[][] {
  const out: Node[][] = [];
  let here: Node[] = [];
  let below = false;
  const end = () => {
    if (textOf(here).trim() !== '') out.push(here);
    here = [];
    below = false;
  };
  for (const node of apart(inLine(item))) {
    if (node.type === 'list') {
      if (here.at(-1) === SPACE) here.pop();
      if (textOf(here).trim() === '') out.push(...node.items.map((each) => [...each]));
      else if (below) here.push(merged(here.pop() as List, node));
      else here.push(node);
      below = textOf(here).trim() !== '';
    } else if (node.type !== 'break') {
      if (below) end();
      here.push(node);
    } else if (!below && here.length > 0) here.push(SPACE);
  }
  end();
  return out;
}

type List = Extract<Node, { type: 'list' }>;
/** Lines of one indentation are one list. */
const merged = (above: List, node: List): Node => ({ ...above, items: [...above.items, ...node.items] });

/** Styles over several lines are one in each, so that no break is left inside. */
const inLine = (nodes: readonly Node[]): Node[] =>
  nodes.flatMap((node): Node[] => {
    if (node.type === 'quote') {
      const author = node.author === null ? [] : [text(`${node.author}:`), lineBreak];
      return [lineBreak, ...author, ...inLine(node.children), lineBreak];
    }
    if (node.type === 'codeBlock') return node.text.split('\n').flatMap((line) => [lineBreak, text(line)]);
    if (isBlock(node) || !('children' in node)) return [node];
    return [
      {
        ...node,
        children: inLine(node.children).map((child) => (child.type === 'break' ? text(' ') : child)),
      },
    ];
  });
