// A tree in pieces that each fit where only so much may be said at once. Where a piece ends inside something, that is closed
// there and begins again in the next: code stays code, a quote a quote. What fits is measured by whoever writes it.
import { type Node, text } from './tree.ts';

type Write = (nodes: readonly Node[]) => string;

/** Where a text may end, the best first: its lines, its sentences, its words. */
const ENDS = [/\n/g, /[.!?…]\s/g, /\s/g];
/** A piece ends at a better place only if it keeps so much of its room. */
const KEPT_SHARE = 0.5;

/**
 * Settled nodes in pieces, each written in at most `most` UTF-16 units, no code point cut in two; none of nothing. What cannot be
 * made smaller (an address that is longer than all room) is left out of no piece: its words alone are kept.
 */
export function split(nodes: readonly Node[], write: Write, most: number): Node[][] {
  const pieces: Node[][] = [];
  // What is longer than all room before it is written is not written to see that.
  const fits: Fits = (part) => unitsOf(part, most) <= most && write(part).length <= most;
  let rest = trimmed(nodes);
  while (rest.length > 0) {
    if (fits(rest)) return [...pieces, rest];
    const [head, tail] = cutAt(rest, fits);
    pieces.push(head);
    rest = trimmed(tail);
  }
  return pieces;
}

type Fits = (nodes: readonly Node[]) => boolean;

/** Units of the words in them, counted no further than past `most`. */
function unitsOf(nodes: readonly Node[], most: number): number {
  let units = 0;
  for (const node of nodes) {
    if (units > most) return units;
    if ('text' in node) units += node.text.length;
    else if (node.type === 'list') for (const item of node.items) units += 1 + unitsOf(item, most);
    else if ('children' in node) units += unitsOf(node.children, most - units);
    else units += 1;
  }
  return units;
}

/** As much from the beginning as fits, at least something, and what remains. */
function cutAt(nodes: readonly Node[], fits: Fits): [Node[], Node[]] {
  const whole = largest(nodes.length - 1, (count) => fits(nodes.slice(0, count)));
  const before = nodes.slice(0, whole);
  const next = nodes[whole] as Node;
  const parts = divided(next, (part) => fits([...before, part]));
  // A line end is a better place than the middle of what comes behind it.
  const lines = before.findLastIndex(({ type }) => type === 'break');
  const isInline = next.type !== 'codeBlock' && next.type !== 'list' && next.type !== 'quote';
  if (isInline && lines > 0 && lines >= before.length * KEPT_SHARE)
    return [before.slice(0, lines), nodes.slice(lines)];
  if (parts)
    return [
      [...before, parts[0]],
      [parts[1], ...nodes.slice(whole + 1)],
    ];
  if (before.length > 0) return [before, nodes.slice(whole)];
  return [smallest(next), nodes.slice(1)];
}

/** The most of 0…`most` that is so; it is so for 0, and for all below one that it is so for. */
function largest(most: number, isSo: (count: number) => boolean): number {
  let low = 0;
  let high = most;
  while (low < high) {
    const middle = Math.ceil((low + high) / 2);
    if (isSo(middle)) low = middle;
    else high = middle - 1;
  }
  return low;
}

/** A node in two, the first of which fits; null: nothing of it does. */
function divided(node: Node, fits: (part: Node) => boolean): [Node, Node] | null {
  switch (node.type) {
    case 'text':
      return dividedText(node.text, (part) => ({ type: 'text', text: part }), fits, ENDS);
    case 'code':
      return dividedText(node.text, (part) => ({ type: 'code', text: part }), fits, ENDS.slice(2));
    case 'codeBlock':
      return dividedText(node.text, (part) => ({ ...node, text: part }), fits, ENDS.slice(0, 1));
    case 'list':
      return dividedList(node, fits);
    case 'break':
    case 'image':
      return null;
    default: {
      if (!('children' in node)) return null;
      const wrap = (children: readonly Node[]): Node => ({ ...node, children });
      const inside: Fits = (children) => fits(wrap(children));
      if (node.children.length === 0 || !startFits(node.children, inside)) return null;
      const [head, tail] = cutAt(node.children, inside);
      const following = trimmed(tail);
      return following.length === 0 || !inside(head) ? null : [wrap(head), wrap(following)];
    }
  }
}

/** Whether anything at all of them fits. */
const startFits = (nodes: readonly Node[], fits: Fits): boolean => {
  const [first] = nodes;
  return first !== undefined && (fits([first]) || divided(first, (part) => fits([part])) !== null);
};

function dividedText(
  whole: string,
  make: (part: string) => Node,
  fits: (part: Node) => boolean,
  ends: readonly RegExp[],
): [Node, Node] | null {
  const most = largest(whole.length - 1, (count) => fits(make(codePoints(whole, count))));
  const room = codePoints(whole, most);
  if (room === '') return null;
  const at = endIn(room, ends) ?? room.length;
  const head = room.slice(0, at).replace(/[ \t]{1,8}$|\n$/, '');
  // A line of code begins with its blanks.
  const tail = room[at - 1] === '\n' ? whole.slice(at) : whole.slice(at).replace(/^[ \t]{1,8}/, '');
  return head === '' || tail === '' ? [make(room), make(whole.slice(room.length))] : [make(head), make(tail)];
}

/** The first `count` units, one fewer where a code point stands across the end. */
function codePoints(whole: string, count: number): string {
  const last = whole.charCodeAt(count - 1);
  return whole.slice(0, last >= 0xd800 && last <= 0xdbff ? count - 1 : count);
}

function endIn(room: string, ends: readonly RegExp[]): number | null {
  for (const end of ends) {
    const last = [...room.matchAll(end)].at(-1);
    const at = last === undefined ? 0 : last.index + last[0].length;
    if (at > 0 && at >= room.length * KEPT_SHARE) return at;
  }
  return null;
}

function dividedList(
  node: Extract<Node, { type: 'list' }>,
  fits: (part: Node) => boolean,
): [Node, Node] | null {
  const from = (at: number) => (node.start === null ? null : node.start + at);
  const whole = largest(node.items.length - 1, (count) =>
    fits({ ...node, items: node.items.slice(0, count) }),
  );
  if (whole > 0)
    return [
      { ...node, items: node.items.slice(0, whole) },
      { ...node, start: from(whole), items: node.items.slice(whole) },
    ];
  const [first = [], ...others] = node.items;
  const inside: Fits = (item) => fits({ ...node, items: [item] });
  if (!startFits(first, inside)) return null;
  const [head, tail] = cutAt(first, inside);
  const items = [trimmed(tail), ...others].filter((item) => item.length > 0);
  return items.length === 0 || !inside(head)
    ? null
    : [
        { ...node, items: [head] },
        { ...node, items },
      ];
}

/** Of what fits nowhere, as an address alone may do: that there was something. */
const smallest = (node: Node): Node[] => [text(node.type === 'image' ? node.alt.slice(0, 100) || '…' : '…')];

/** Without the line ends that stand at an edge of a piece. */
function trimmed(nodes: readonly Node[]): Node[] {
  const first = nodes.findIndex(({ type }) => type !== 'break');
  const last = nodes.findLastIndex(({ type }) => type !== 'break');
  return first < 0 ? [] : nodes.slice(first, last + 1);
}
