// The tree to Markdown that chats and CommonMark read the same way, and to the flavours of other networks. The way back is
// markdown.ts, what is escaped markdown-escape.ts.
//
// Underline, colour and spoilers have no Markdown of ours and are left out. Emphasis ends with its line.
import { type Flavour, OURS } from './flavour.ts';
import { coded, destination, escaped, escapedStart, longestRun } from './markdown-escape.ts';
import { charBefore, readInline, WORD } from './markdown-inline.ts';
import { around, type Container, firstChar, rowsOf, without } from './rows.ts';
import { settle } from './settle.ts';
import { apart, type Block, isBlock, type Node, text, textOf } from './tree.ts';

/** Writes a settled tree. What its words would mean in Markdown is escaped. */
export function writeMarkdown(nodes: readonly Node[], flavour: Flavour = OURS): string {
  return new Writer(flavour).block(settle(without(nodes, unwritten(flavour))));
}

const unwritten = ({ underlines, bars, tags }: Flavour): ReadonlySet<Container> =>
  new Set<Container>([
    'colour',
    ...(underlines || tags ? [] : (['underline'] as const)),
    ...(bars || tags ? [] : (['spoiler'] as const)),
  ]);
const STYLES: ReadonlySet<Container> = new Set<Container>([
  'bold',
  'italic',
  'strike',
  'underline',
  'spoiler',
]);

class Writer {
  private readonly flavour: Flavour;

  constructor(flavour: Flavour) {
    this.flavour = flavour;
  }

  /** The contents of a document, quote or item. */
  block(nodes: readonly Node[]): string {
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
        out += first.type === 'list' ? this.listed(first, second) : this.fencedOrQuoted(first);
      } else {
        const line = escapedStart(this.written(row));
        // An indented line below a list would belong to its last item, and one that begins a paragraph would be code.
        const begins = last < 0 || index - last > 1 || (above !== undefined && isBlock(above));
        const indented =
          above?.type === 'list' ? /^[ \t]/.test(line) : begins && /^(?: {4}| {0,3}\t)/.test(line);
        out += indented ? this.indented(line) : line;
      }
      last = index;
      above = first;
    });
    return out + '\n'.repeat(last < 0 ? Math.max(0, rows.length - 1) : rows.length - 1 - last);
  }

  /** Without references an invisible character keeps white space at the start of a line from meaning something. */
  private indented = (line: string): string =>
    this.flavour.references ? `&#${line.charCodeAt(0)};${line.slice(1)}` : `\u200b${line}`;

  private fencedOrQuoted(node: Exclude<Block, List>): string {
    if (node.type === 'codeBlock') {
      const fence = '`'.repeat(Math.max(3, longestRun(node.text) + 1));
      return `${fence}${node.language ?? ''}\n${node.text}\n${fence}`;
    }
    if (this.flavour.tags && node.author !== null) {
      return `[quote="${node.author}"]\n${this.block(node.children)}\n[/quote]`;
    }
    const author: Node[] =
      node.author === null ? [] : [{ type: 'bold', children: [text(`${node.author}:`)] }, { type: 'break' }];
    return this.block([...author, ...node.children])
      .split('\n')
      .map((line) => (line === '' && !this.flavour.spacedQuotes ? '>' : `> ${line}`))
      .join('\n');
  }

  private listed({ start, items }: List, second: boolean): string {
    return items
      .map((item, index) => {
        const mark = start === null ? (second ? '*' : '-') : `${start + index}${second ? ')' : '.'}`;
        const [first, ...rest] = this.block(item).split('\n');
        const indent = ' '.repeat(mark.length + 1);
        return [`${mark} ${first}`, ...rest.map((line) => (line === '' ? '' : indent + line))].join('\n');
      })
      .join('\n');
  }

  /** One line. Emphasis that would not be read as it is meant, as can happen inside a word, is left out. */
  private written(row: readonly Node[]): string {
    const line = this.inline(row, ' ', ' ', true);
    if (row.every(({ type }) => type === 'text') || this.says(line, row)) return line;
    const less = this.inline(row, ' ', ' ', false);
    return this.says(less, row) ? less : this.inline(settle(without(row, STYLES)), ' ', ' ', false);
  }

  private says = (line: string, row: readonly Node[]): boolean =>
    seen(settle(readInline(line, { steps: 0 }, this.flavour))) === seen(row);

  /** `before` and `after` are the characters around; `inWords`: italics may begin or end inside a word. */
  private inline(nodes: readonly Node[], before: string, after: string, inWords: boolean): string {
    const pieces: string[] = [];
    let last = before;
    nodes.forEach((node, index) => {
      const next = nodes[index + 1] ? firstChar(nodes[index + 1] as Node) : after;
      const piece = this.one(node, last, next, inWords);
      if (piece === '') return;
      // What is said with an exclamation mark is no image.
      if (last === '!' && pieces.length > 0 && piece.startsWith('['))
        pieces.push(`${pieces.pop()?.slice(0, -1)}\\!`);
      if (pieces.length > 0 && this.meet(last, piece)) pieces.push('\u200b');
      pieces.push(piece);
      last = charBefore(piece, piece.length);
    });
    return pieces.join('');
  }

  /** Marks that would be another one side by side: of italics and underlining, of a tag and an address. */
  private meet(last: string, piece: string): boolean {
    if (last === '_') return this.flavour.underlines && piece.startsWith('_');
    return last === ']' && this.flavour.tags && piece.startsWith('(');
  }

  private one(node: Node, before: string, after: string, inWords: boolean): string {
    switch (node.type) {
      case 'text':
        return escaped(node.text, this.flavour);
      case 'image':
        return `![${escaped(node.alt, this.flavour)}](${destination(node.url, this.flavour)})`;
      case 'link': {
        const [only, ...others] = node.children;
        const bare = only?.type === 'text' && others.length === 0 && only.text === node.url;
        if (bare) return this.bare(node.url, before, after);
        return `[${this.inline(node.children, '[', ']', inWords)}](${destination(node.url, this.flavour)})`;
      }
      case 'code':
        return coded(node.text);
      case 'bold':
        return around(this.inline(node.children, '*', '*', inWords), () => '**');
      case 'mention':
        return this.flavour.tokens && node.id !== null ? `<@${node.id}>` : `@${node.name}`;
      case 'underline':
      case 'spoiler': {
        const words = this.inline(node.children, ' ', ' ', inWords);
        const mark = node.type === 'spoiler' ? '||' : '__';
        return this.flavour.tags
          ? tagged(words, node.type === 'spoiler' ? 'spoiler' : 'u')
          : around(words, () => mark);
      }
      case 'strike':
        return around(this.inline(node.children, '~', '~', inWords), () => '~~');
      case 'italic': {
        const words = this.inline(node.children, '*', '*', inWords);
        return around(words, (spaceBefore, spaceAfter) => {
          // Underscores inside could end the one that began it.
          if (this.flavour.underlines && words.includes('__')) return inWords ? '*' : '';
          const inWord = (!spaceBefore && WORD.test(before)) || (!spaceAfter && WORD.test(after));
          if (inWord) return inWords ? '*' : '';
          return '_';
        });
      }
      default:
        return '';
    }
  }

  /** An address that is its own name: where the network shows more of one that stands alone, it does. */
  private bare = (url: string, before: string, after: string): string =>
    this.flavour.bareLinks && BARE.test(url) && !ENTITY_LIKE.test(url) && isEdge(before) && isEdge(after)
      ? url
      : `<${url}>`;
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

/** Addresses in which no flavour finds a mark of its own. */
const BARE = /^https?:\/\/(?:[A-Za-z0-9\-./?=%#:+,;@&]|(?<=[A-Za-z0-9])_(?=[A-Za-z0-9]))*[A-Za-z0-9/]$/;
const ENTITY_LIKE = /&#?\w*;/;
const isEdge = (char: string): boolean => char === '' || /\s/.test(char);

/** The words without what only parts two marks. */
const seen = (nodes: readonly Node[]): string => textOf(nodes).replaceAll('\u200b', '');

/** Words in a style that is a tag, which may stand beside anything but what would make it the name of a link. */
const tagged = (words: string, name: string): string =>
  words === '' ? '' : `[${name}]${words.startsWith('(') ? '\u200b' : ''}${words}[/${name}]`;
