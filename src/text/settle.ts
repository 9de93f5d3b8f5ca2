// The one form that equal trees share, whatever they were read from: writers and comparisons rely on it.
//
// In a settled tree
// - a text holds no newline, and two texts of the same style are one;
// - no style lies in itself, no link in a link, no block in a style or link;
// - the style that reaches farthest lies outermost, so that a tree cannot be made to repeat its styles without end;
// - quotes, items and code have no white space at their edges, and nothing is empty.
import type { Address, Block, Node, Style } from './tree.ts';

/** A link as long as its words are gathered. Only its first stretch of words keeps it: addresses are never doubled. */
interface OpenLink {
  readonly url: Address;
  used: boolean;
  over: boolean;
}

const opened = (url: Address): OpenLink => ({ url, used: false, over: false });
type Looks = Readonly<Record<Style, boolean>> & {
  readonly colour: string | null;
  readonly link: OpenLink | null;
};
type Look = keyof Looks;
type Leaf = Extract<Node, { type: 'text' | 'break' | 'image' | 'code' | 'mention' }>;
interface Run {
  leaf: Leaf;
  looks: Looks;
}

const PLAIN: Looks = {
  bold: false,
  italic: false,
  underline: false,
  strike: false,
  spoiler: false,
  colour: null,
  link: null,
};
/** Outermost first where two reach equally far. */
const LOOKS: readonly Look[] = ['link', 'colour', 'bold', 'italic', 'underline', 'strike', 'spoiler'];

/** The settled form of a tree; settling it again changes nothing. */
export function settle(nodes: readonly Node[]): Node[] {
  return arrange(gather(nodes, PLAIN, []));
}

/** The settled form without white space at its ends. */
export const settleTrimmed = (nodes: readonly Node[]): Node[] => settleInside(nodes, PLAIN);

/** The same inside a quote or an item, whose edges are trimmed. */
const settleInside = (nodes: readonly Node[], looks: Looks): Node[] => {
  const gathered = gather(nodes, looks, []);
  const begun = trimmed(gathered, 'front');
  return arrange(trimmed(begun.reverse(), 'back').reverse());
};

type Gathered = (Run | Block)[];
const isRun = (item: Run | Block | undefined): item is Run => item !== undefined && 'leaf' in item;

/** What is left without white space at the first end; `end` says which end of each text lies there. */
function trimmed(items: Gathered, end: 'front' | 'back'): Gathered {
  let at = 0;
  for (; at < items.length; at++) {
    const item = items[at];
    if (!isRun(item)) break;
    if (item.leaf.type === 'break') continue;
    if (item.leaf.type !== 'text') break;
    const kept = end === 'front' ? item.leaf.text.trimStart() : item.leaf.text.trimEnd();
    if (kept === '') continue;
    items[at] = { leaf: { type: 'text', text: kept }, looks: item.looks };
    break;
  }
  return items.slice(at);
}

/** Leaves with what applies to them, and blocks, in order. */
function gather(nodes: readonly Node[], looks: Looks, out: Gathered): Gathered {
  for (const node of nodes) {
    switch (node.type) {
      case 'text':
        gatherText(node.text, looks, out);
        break;
      case 'break':
        gatherText('\n', looks, out);
        break;
      case 'image':
        gatherLeaf({ type: 'image', url: node.url, alt: oneLine(node.alt) }, looks, out);
        break;
      case 'mention':
        gatherLeaf({ ...node, name: oneLine(node.name) }, looks, out);
        break;
      case 'code':
        if (/[\r\n]/.test(node.text)) gatherBlock({ type: 'codeBlock', text: node.text }, looks, out);
        else if (node.text.trim() === '') gatherText(node.text, looks, out);
        else gatherLeaf({ type: 'code', text: node.text }, looks, out);
        break;
      case 'colour':
        gather(node.children, { ...looks, colour: node.colour }, out);
        break;
      case 'link':
        gather(node.children, { ...looks, link: looks.link ?? opened(node.url) }, out);
        break;
      case 'quote':
      case 'codeBlock':
      case 'list':
        gatherBlock(node, looks, out);
        break;
      default:
        gather(node.children, { ...looks, [node.type]: true }, out);
    }
  }
  return out;
}

function gatherText(content: string, looks: Looks, out: Gathered): void {
  // A link in two lines would need its address twice.
  const inLink = looks.link !== null && !looks.link.over;
  content.split(/\r\n|\r|\n/).forEach((line, index) => {
    if (index > 0 && inLink) gatherLeaf({ type: 'text', text: ' ' }, looks, out);
    else if (index > 0) out.push({ leaf: { type: 'break' }, looks });
    if (line !== '') gatherLeaf({ type: 'text', text: line }, looks, out);
  });
}

function gatherLeaf(leaf: Leaf, looks: Looks, out: Gathered): void {
  const last = out.at(-1);
  const applied = looks.link?.over ? { ...looks, link: null } : looks;
  if (looks.link) looks.link.used = true;
  if (isRun(last) && last.leaf.type === leaf.type && (leaf.type === 'text' || leaf.type === 'code')) {
    if (LOOKS.every((look) => last.looks[look] === applied[look])) {
      last.leaf = { type: leaf.type, text: (last.leaf as { text: string }).text + leaf.text };
      return;
    }
  }
  out.push({ leaf, looks: applied });
}

function gatherBlock(node: Block, looks: Looks, out: Gathered): void {
  const { link } = looks;
  if (link?.used) link.over = true;
  const block = settledBlock(node, looks);
  if (link?.used) link.over = true;
  if (block) out.push(block);
}

/** The block with settled contents; null where nothing is in it. */
function settledBlock(node: Block, looks: Looks): Block | null {
  switch (node.type) {
    case 'codeBlock': {
      const content = trimLines(node.text.replace(/\r\n?/g, '\n'));
      return content === '' ? null : { ...node, text: content };
    }
    case 'quote': {
      const children = settleInside(node.children, looks);
      return children.length === 0 ? null : { type: 'quote', author: authorName(node.author), children };
    }
    case 'list': {
      const items = node.items.map((item) => settleInside(item, looks)).filter((item) => item.length > 0);
      return items.length === 0 ? null : { type: 'list', start: node.start, items };
    }
  }
}

/** Code without newlines at its ends; the indentation of its first line stays. */
function trimLines(code: string): string {
  let from = 0;
  let to = code.length;
  while (from < to && code[from] === '\n') from++;
  while (to > from && code[to - 1] === '\n') to--;
  return code.slice(from, to);
}

const oneLine = (content: string): string => content.replace(/\s+/g, ' ').trim();

/** What XenForo writes behind the name in a quote. */
const BOARD_REFERENCE = /^, (?:post|member|convMessage|profile_post|conversation): \d+$/;

/**
 * A name as every markup can carry it: BBCode knows no way to write quotes and brackets inside one, and a name that ends as
 * a board's reference does would lose its end there.
 */
export function authorName(name: string | null): string | null {
  if (name === null) return null;
  const plain = withoutReferences(oneLine(name)).replaceAll('"', "'");
  return plain.replaceAll('[', '(').replaceAll(']', ')') || null;
}

function withoutReferences(name: string): string {
  let left = name;
  for (;;) {
    const at = left.lastIndexOf(', ');
    if (at < 0 || !BOARD_REFERENCE.test(left.slice(at))) return left;
    left = left.slice(0, at).trimEnd();
  }
}

/** Runs between blocks, put into their styles. */
function arrange(items: Gathered): Node[] {
  const out: Node[] = [];
  let runs: Run[] = [];
  for (const item of items) {
    if (isRun(item)) runs.push(item);
    else {
      nest(runs, out);
      out.push(item);
      runs = [];
    }
  }
  nest(runs, out);
  return out;
}

/** Appends runs as nodes: at each place the look that reaches farthest is opened first. */
function nest(runs: Run[], out: Node[]): void {
  dressBreaks(runs);
  const reach = LOOKS.map((look) => reachOf(runs, look));
  const linkFrom = startsOf(runs);

  /** How far `look` reaches from `at`: to the limit, and not into a link that it does not cover to its end. */
  const extent = (index: number, at: number, limit: number, insideLink: boolean): number => {
    const end = Math.min((reach[index] as Uint32Array)[at] as number, limit);
    if (LOOKS[index] === 'link' || insideLink || end === limit) return end;
    const link = runs[end]?.looks.link;
    const straddled = link && runs[end - 1]?.looks.link === link;
    return straddled ? Math.max(linkFrom[end] as number, at + 1) : end;
  };

  const build = (from: number, to: number, open: ReadonlySet<Look>, into: Node[]): void => {
    let at = from;
    while (at < to) {
      const { leaf, looks } = runs[at] as Run;
      let best: Look | null = null;
      let end = at;
      LOOKS.forEach((look, index) => {
        if (open.has(look) || !looks[look]) return;
        const reached = extent(index, at, to, open.has('link'));
        if (reached > end) [best, end] = [look, reached];
      });
      if (best === null) {
        into.push(leaf);
        at++;
      } else {
        const children: Node[] = [];
        build(at, end, new Set(open).add(best), children);
        into.push(wrapped(best, looks, children));
        at = end;
      }
    }
  };
  build(0, runs.length, new Set(), out);
}

/** A break looks like what is on both sides of it, so that lines of one style stay together. */
function dressBreaks(runs: Run[]): void {
  let at = 0;
  while (at < runs.length) {
    let end = at;
    while (runs[end]?.leaf.type === 'break') end++;
    if (end > at) {
      const looks = common(runs[at - 1]?.looks ?? PLAIN, runs[end]?.looks ?? PLAIN);
      for (let i = at; i < end; i++) (runs[i] as Run).looks = looks;
    }
    at = end + 1;
  }
}

const common = (a: Looks, b: Looks): Looks => ({
  bold: a.bold && b.bold,
  italic: a.italic && b.italic,
  underline: a.underline && b.underline,
  strike: a.strike && b.strike,
  spoiler: a.spoiler && b.spoiler,
  colour: a.colour === b.colour ? a.colour : null,
  link: null,
});

/** For each run, where the look that it has ends. */
function reachOf(runs: readonly Run[], look: Look): Uint32Array {
  const ends = new Uint32Array(runs.length);
  for (let i = runs.length - 1; i >= 0; i--) {
    const same = runs[i + 1]?.looks[look] === runs[i]?.looks[look];
    ends[i] = same ? (ends[i + 1] as number) : i + 1;
  }
  return ends;
}

/** For each run, where the link that it is in begins. */
function startsOf(runs: readonly Run[]): Uint32Array {
  const starts = new Uint32Array(runs.length);
  for (let i = 1; i < runs.length; i++) {
    const same = runs[i - 1]?.looks.link === runs[i]?.looks.link;
    starts[i] = same ? (starts[i - 1] as number) : i;
  }
  return starts;
}

function wrapped(look: Look, looks: Looks, children: Node[]): Node {
  if (look === 'link') return { type: 'link', url: (looks.link as OpenLink).url, children };
  if (look === 'colour') return { type: 'colour', colour: looks.colour as string, children };
  return { type: look, children };
}
