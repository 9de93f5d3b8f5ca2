// The tree to Markdown that chats and CommonMark read the same way. The way back is markdown.ts.
//
// Underline and colour have no Markdown and are left out. Emphasis ends with its line.
import { referenceAt } from './entities.ts';
import { charAt, charBefore, ESCAPABLE, readInline, SPACE, WORD } from './markdown-inline.ts';
import { settle } from './settle.ts';
import { apart, type Block, isBlock, type Node, text, textOf } from './tree.ts';

/** Writes a settled tree. What its words would mean in Markdown is escaped. */
export function writeMarkdown(nodes: readonly Node[]): string {
  return block(settle(without(nodes, UNWRITTEN)));
}

type Container = Node['type'];
const UNWRITTEN: ReadonlySet<Container> = new Set<Container>(['underline', 'colour']);
const STYLES: ReadonlySet<Container> = new Set<Container>(['bold', 'italic', 'strike']);

/** The nodes with only the contents of such containers. */
const without = (nodes: readonly Node[], types: ReadonlySet<Container>): Node[] =>
  nodes.flatMap((node): Node[] => {
    if (node.type === 'list') return [{ ...node, items: node.items.map((item) => without(item, types)) }];
    if (!('children' in node)) return [node];
    const children = without(node.children, types);
    return types.has(node.type) ? children : [{ ...node, children }];
  });

/** The contents of a document, quote or item. */
function block(nodes: readonly Node[]): string {
  const rows = rowsOf(apart(nodes));
  let out = '';
  let last = -1;
  let above: Node | undefined;
  /** The list above has the second kind of mark: a list below it with the same mark would be a part of it. */
  let second = false;
  rows.forEach((row, index) => {
    const first = row[0];
    if (!first) return;
    out += '\n'.repeat(last < 0 ? index : index - last + spare(index - last, above, first));
    if (isBlock(first)) {
      second = first.type === 'list' && above?.type === 'list' && sameKind(first, above) && !second;
      out += first.type === 'list' ? listed(first, second) : fencedOrQuoted(first);
    } else {
      const line = escapedStart(written(row));
      // An indented line below a list would belong to its last item, and one that begins a paragraph would be code.
      const begins = last < 0 || index - last > 1 || (above !== undefined && isBlock(above));
      const indented =
        above?.type === 'list' ? /^[ \t]/.test(line) : begins && /^(?: {4}| {0,3}\t)/.test(line);
      out += indented ? `&#${line.charCodeAt(0)};${line.slice(1)}` : line;
    }
    last = index;
    above = first;
  });
  return out + '\n'.repeat(last < 0 ? Math.max(0, rows.length - 1) : rows.length - 1 - last);
}

type List = Extract<Node, { type: 'list' }>;
const sameKind = (a: List, b: List): boolean => (a.start === null) === (b.start === null);

/** Newlines to add between two rows so that an empty line sets a block apart where it must be. */
function spare(count: number, above: Node | undefined, below: Node): number {
  if (above && isBlock(above)) return 1;
  if (!isBlock(below)) return 0;
  // A list that does not begin at one cannot follow a paragraph at once.
  const interrupts = !(below.type === 'list' && below.start !== null && below.start !== 1);
  return count === 1 && interrupts ? 0 : 1;
}

/** The lines of a tree without their breaks: each is inline, or one block. A style in several lines is one in each. */
function rowsOf(nodes: readonly Node[]): Node[][] {
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

function fencedOrQuoted(node: Exclude<Block, List>): string {
  if (node.type === 'codeBlock') {
    const fence = '`'.repeat(Math.max(3, longestRun(node.text) + 1));
    return `${fence}\n${node.text}\n${fence}`;
  }
  const author: Node[] =
    node.author === null ? [] : [{ type: 'bold', children: [text(`${node.author}:`)] }, { type: 'break' }];
  return block([...author, ...node.children])
    .split('\n')
    .map((line) => (line === '' ? '>' : `> ${line}`))
    .join('\n');
}

function listed({ start, items }: List, second: boolean): string {
  return items
    .map((item, index) => {
      const mark = start === null ? (second ? '*' : '-') : `${start + index}${second ? ')' : '.'}`;
      const [first, ...rest] = block(item).split('\n');
      const indent = ' '.repeat(mark.length + 1);
      return [`${mark} ${first}`, ...rest.map((line) => (line === '' ? '' : indent + line))].join('\n');
    })
    .join('\n');
}

/** One line. Emphasis that would not be read as it is meant, as can happen inside a word, is left out. */
function written(row: readonly Node[]): string {
  const line = inline(row, ' ', ' ', true);
  if (row.every(({ type }) => type === 'text') || says(line, row)) return line;
  const less = inline(row, ' ', ' ', false);
  return says(less, row) ? less : inline(settle(without(row, STYLES)), ' ', ' ', false);
}

const says = (line: string, row: readonly Node[]): boolean =>
  textOf(settle(readInline(line, { steps: 0 }))) === textOf(row);

/** `before` and `after` are the characters around; `inWords`: italics may begin or end inside a word. */
function inline(nodes: readonly Node[], before: string, after: string, inWords: boolean): string {
  const pieces: string[] = [];
  let last = before;
  nodes.forEach((node, index) => {
    const next = nodes[index + 1] ? firstChar(nodes[index + 1] as Node) : after;
    const piece = one(node, last, next, inWords);
    if (piece === '') return;
    // What is said with an exclamation mark is no image.
    if (last === '!' && pieces.length > 0 && piece.startsWith('['))
      pieces.push(`${pieces.pop()?.slice(0, -1)}\\!`);
    pieces.push(piece);
    last = charBefore(piece, piece.length);
  });
  return pieces.join('');
}

/** About the first character that a node is written with: exact where it is a letter. */
const firstChar = (node: Node): string => (node.type === 'text' ? charAt(node.text, 0) : '*');

function one(node: Node, before: string, after: string, inWords: boolean): string {
  switch (node.type) {
    case 'text':
      return escaped(node.text);
    case 'image':
      return `![${escaped(node.alt)}](${destination(node.url)})`;
    case 'link': {
      const [only, ...others] = node.children;
      const bare = only?.type === 'text' && others.length === 0 && only.text === node.url;
      return bare
        ? `<${node.url}>`
        : `[${inline(node.children, '[', ']', inWords)}](${destination(node.url)})`;
    }
    case 'code':
      return coded(node.text);
    case 'bold':
      return around(inline(node.children, '*', '*', inWords), () => '**');
    case 'strike':
      return around(inline(node.children, '~', '~', inWords), () => '~~');
    case 'italic':
      return around(inline(node.children, '*', '*', inWords), (spaceBefore, spaceAfter) => {
        const inWord = (!spaceBefore && WORD.test(before)) || (!spaceAfter && WORD.test(after));
        if (inWord) return inWords ? '*' : '';
        return '_';
      });
    default:
      return '';
  }
}

/** The words between marks, with the white space at their ends outside: a mark beside a space is none. */
function around(words: string, markFor: (spaceBefore: boolean, spaceAfter: boolean) => string): string {
  const core = words.trim();
  if (core === '') return words;
  const from = words.length - words.trimStart().length;
  const mark = markFor(from > 0, words.trimEnd().length < words.length);
  return words.slice(0, from) + mark + core + mark + words.slice(from + core.length);
}

function coded(code: string): string {
  const ticks = '`'.repeat(longestRun(code) + 1);
  const spaced = code.startsWith(' ') && code.endsWith(' ') && code.trim() !== '';
  const pad = spaced || code.startsWith('`') || code.endsWith('`') ? ' ' : '';
  return ticks + pad + code + pad + ticks;
}

const longestRun = (code: string): number =>
  (code.match(/`+/g) ?? []).reduce((longest, run) => Math.max(longest, run.length), 0);

/** An address in parentheses: those in it come in pairs or are escaped. */
function destination(url: string): string {
  let depth = 0;
  const paired = [...url].every((char) => {
    depth += char === '(' ? 1 : char === ')' ? -1 : 0;
    return depth >= 0;
  });
  const safe = paired && depth === 0 ? url : url.replace(/[()]/g, '\\$&');
  return escapedReferences(safe);
}

const MEANING = /[\\`*[\]<&]|_+|~+/g;

/** Words that mean nothing in Markdown wherever they stand in a line, but for its start. */
function escaped(words: string): string {
  // White space at the ends may be put outside of a mark, which then stands beside what is next.
  const from = words.length - words.trimStart().length;
  const to = words.trimEnd().length;
  return words.replace(MEANING, (found: string, at: number) => {
    const end = at + found.length;
    const before = at === from ? '' : charBefore(words, at);
    const after = end === to ? '' : charAt(words, end);
    return means(found, before, after, words, at) ? found.replace(/./g, '\\$&') : found;
  });
}

/** Whether what was found may be taken for markup. An empty `before` or `after`: unknown, it is another node's. */
function means(found: string, before: string, after: string, words: string, at: number): boolean {
  switch (found[0]) {
    case '\\':
      return after === '' || ESCAPABLE.test(after);
    case '*':
      return !(SPACE.test(before) && SPACE.test(after));
    case '_':
      return !(WORD.test(before) && WORD.test(after));
    case '~':
      return found.length > 1 || before === '' || after === '';
    case '<':
      return !SPACE.test(after);
    case '&':
      return REFERENCE_LIKE.test(words.slice(at, at + LONGEST_REFERENCE));
    default:
      return true;
  }
}

const LONGEST_REFERENCE = 14;
const REFERENCE_LIKE = /^&#?\w*(?:;|$)/;

const escapedReferences = (url: string): string =>
  url.replace(/&/g, (sign: string, at: number) =>
    referenceAt(url, at, { steps: 0 }) === null ? sign : `\\${sign}`,
  );

/** What GitHub, Mattermost and others take for the second line of a table. */
const TABLE_RULE = /^[ \t]*[|:-][-|: \t]*$/;

/** The line with a mark that its first words would make, of a list, quote, heading, table or underlining, escaped. */
function escapedStart(line: string): string {
  if (line.includes('-') && TABLE_RULE.test(line)) return line.replace(/[|:-]/, '\\$&');
  const start = /^[ \t]*(?=(?:[-+*]|#{1,6})(?:[ \t]|$)|>|(?:-[ \t]*)+$|=+[ \t]*$)/.exec(line);
  if (start) return `${start[0]}\\${line.slice(start[0].length)}`;
  return line.replace(/^([ \t]*\d{1,9})([.)])(?=[ \t]|$)/, '$1\\$2');
}
