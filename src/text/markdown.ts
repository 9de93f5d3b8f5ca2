// The Markdown of chats to the tree: blocks here, what is inside a paragraph in markdown-inline.ts, the way back in
// markdown-write.ts.
//
// Unlike in documents, every newline is a line end, an indented line is no code, and a quote or list ends with the first
// line that is not marked or indented as its own.
import { type Flavour, OURS } from './flavour.ts';
import { readInline } from './markdown-inline.ts';
import { quotedName, quoteTags } from './markdown-tags.ts';
import { authorName, settle } from './settle.ts';
import { codeBlock, lineBreak, MAX_DEPTH, type Meter, type Node, textOf } from './tree.ts';

/** Behind the ticks there is at most the name of a language. */
const FENCE = /^ {0,3}(`{3,})[ \t]{0,9}([\w+#.-]{0,40})[ \t]{0,9}$/;
const FENCE_END = /^ {0,3}(`{3,})[ \t]{0,9}$/;
const HEADING = /^ {0,3}#{1,6}[ \t]+(?=\S)/;
const QUOTE = /^ {0,3}> ?/;
const QUOTE_START = /^ {0,3}>(?=.*\S)/;
const SPACED_QUOTE_START = /^ {0,3}>(?:>>)? (?=.*\S)/;
const REST_QUOTE = /^ {0,3}>>> /;
const ITEM = /^( {0,3})([-*+]|\d{1,8}[.)])([ \t]+)(?=\S)/;
/** As it looks between items. Elsewhere white space alone on a line is text. */
const BLANK = /^[ \t]*$/;
/** A line that somebody drew, which would otherwise be lists in lists. */
const RULE = /^ {0,3}([-*_])[ \t]*(?:\1[ \t]*){2,}$/;
/** Spaces that make a line belong to the item above it: enough for the way people write, fewer than CommonMark's. */
const ITEM_INDENT = 2;
/** As CommonMark has it: an item's text stands at most this far behind its mark. */
const LONGEST_MARGIN = 4;

/** Reads Markdown. Never throws: what is no markup is text. */
export function readMarkdown(source: string, meter: Meter = { steps: 0 }, flavour: Flavour = OURS): Node[] {
  meter.steps += source.length;
  return settle(new Blocks(source.split(/\r\n|\r|\n/), 0, meter, flavour).read());
}

class Blocks {
  private readonly lines: readonly string[];
  private readonly depth: number;
  private readonly meter: Meter;
  private readonly flavour: Flavour;
  private readonly out: Node[] = [];
  private at = 0;
  /** The last line of what was read last, and whether that was a block. */
  private lastLine = -1;
  private lastWasBlock = false;
  private fences: Uint32Array | null = null;
  private tags: ReadonlyMap<number, number> | null = null;

  constructor(lines: readonly string[], depth: number, meter: Meter, flavour: Flavour) {
    this.lines = lines;
    this.depth = depth;
    this.meter = meter;
    this.flavour = flavour;
  }

  read(): Node[] {
    const { lines, meter } = this;
    for (const line of lines) meter.steps += line.length + 1;
    while (this.at < lines.length) {
      const from = this.at;
      const line = this.line(from);
      if (line === '') this.at++;
      else if (this.startsFence(from)) this.add(from, true, [this.fence()]);
      else if (this.startsQuote(line)) this.add(from, true, [this.quote()]);
      else if (this.tagEnd(from) !== undefined) this.add(from, true, [this.tagged()]);
      else if (this.startsItem(line)) this.add(from, true, [this.list()]);
      else if (HEADING.test(line)) this.add(from, false, this.heading());
      else this.add(from, false, this.paragraph());
    }
    this.breaks(this.out.length === 0 ? lines.length - 1 : lines.length - 1 - this.lastLine);
    return this.out;
  }

  private line(at: number): string {
    return this.lines[at] ?? '';
  }

  /** A fence that is never closed is text. */
  private startsFence(at: number): boolean {
    const ticks = FENCE.exec(this.line(at))?.[1];
    if (ticks === undefined) return false;
    this.fences ??= longestBehind(this.lines);
    return (this.fences[at] ?? 0) >= ticks.length;
  }

  private startsQuote = (line: string): boolean =>
    this.depth < MAX_DEPTH && (this.flavour.spacedQuotes ? SPACED_QUOTE_START : QUOTE_START).test(line);
  private startsItem = (line: string): boolean =>
    this.depth < MAX_DEPTH && ITEM.test(line) && !RULE.test(line);

  private breaks(count: number): void {
    for (let i = 0; i < count; i++) this.out.push(lineBreak);
  }

  /** Appends what was read from the line `from` on. One empty line beside a block only sets it apart. */
  private add(from: number, block: boolean, nodes: readonly Node[]): void {
    const first = this.lastLine < 0;
    const newlines = first ? from : from - this.lastLine;
    const apart = !first && (block || this.lastWasBlock) && newlines > 1;
    this.breaks(apart ? newlines - 1 : newlines);
    for (const node of nodes) this.out.push(node);
    this.lastLine = this.at - 1;
    this.lastWasBlock = block;
  }

  private fence(): Node {
    const [, ticks = '', language = ''] = FENCE.exec(this.line(this.at)) ?? [];
    const from = ++this.at;
    while ((FENCE_END.exec(this.line(this.at))?.[1]?.length ?? 0) < ticks.length) this.at++;
    const code = this.lines.slice(from, this.at).join('\n');
    this.at++;
    return codeBlock(code, language);
  }

  private quote(): Node {
    const inside: string[] = [];
    if (this.flavour.spacedQuotes && REST_QUOTE.test(this.line(this.at))) {
      inside.push(this.line(this.at++).replace(REST_QUOTE, ''));
      for (; this.at < this.lines.length; this.at++) inside.push(this.line(this.at));
    }
    for (; this.at < this.lines.length && QUOTE.test(this.line(this.at)); this.at++) {
      inside.push(this.line(this.at).replace(QUOTE, ''));
    }
    return quoteOf(this.inner(inside));
  }

  /** The line that ends the quote whose tag is on this line. */
  private tagEnd(at: number): number | undefined {
    if (!this.flavour.tags || this.depth >= MAX_DEPTH) return undefined;
    this.tags ??= quoteTags(this.lines);
    return this.tags.get(at);
  }

  private tagged(): Node {
    const from = this.at;
    const end = this.tagEnd(from) as number;
    this.at = end + 1;
    const author = quotedName(this.line(from));
    return { type: 'quote', author, children: this.inner(this.lines.slice(from + 1, end)) };
  }

  private list(): Node {
    const mark = ITEM.exec(this.line(this.at))?.[2] ?? '';
    const items: Node[][] = [];
    for (;;) {
      items.push(this.inner(this.item()));
      const next = this.nextWritten();
      const line = this.line(next);
      const sibling = ITEM.exec(line)?.[2];
      if (next >= this.lines.length || sibling?.at(-1) !== mark.at(-1) || RULE.test(line)) break;
      this.at = next;
    }
    const start = /^\d/.test(mark) ? Number.parseInt(mark, 10) : null;
    return { type: 'list', start, items };
  }

  /** The lines of the item that starts here, without its mark and indentation. */
  private item(): string[] {
    const [whole = '', indent = '', , margin = ''] = ITEM.exec(this.line(this.at)) ?? [];
    const width = margin.length > LONGEST_MARGIN ? whole.length - margin.length + 1 : whole.length;
    const inside = [this.line(this.at).slice(width)];
    const least = indent.length + ITEM_INDENT;
    // Where the first line below stands is where the author thinks that the item's text begins.
    let margins = 0;
    this.at++;
    for (;;) {
      const next = this.nextWritten();
      const columns = indentOf(this.line(next));
      if (next >= this.lines.length || columns < least) break;
      margins ||= Math.min(columns, width);
      for (; this.at <= next; this.at++) inside.push(outdented(this.line(this.at), margins));
    }
    return inside;
  }

  /** The next line with something on it. */
  private nextWritten(): number {
    let next = this.at;
    while (next < this.lines.length && BLANK.test(this.line(next))) next++;
    return next;
  }

  private heading(): Node[] {
    const line = this.line(this.at++).trim();
    const words = line.replace(HEADING, '');
    return [{ type: 'bold', children: this.inline(withoutMarks(words) || words) }];
  }

  private paragraph(): Node[] {
    const from = this.at++;
    while (this.at < this.lines.length && !this.interrupts(this.at)) this.at++;
    return this.inline(this.lines.slice(from, this.at).join('\n'));
  }

  private inline = (words: string): Node[] => readInline(words, this.meter, this.flavour);
  private inner = (lines: readonly string[]): Node[] =>
    new Blocks(lines, this.depth + 1, this.meter, this.flavour).read();

  /** A number alone does not begin a list inside a paragraph, unless it is 1: "born in\n1986. Then…" (CommonMark's rule). */
  private interrupts(at: number): boolean {
    const line = this.line(at);
    if (line === '' || this.startsFence(at) || HEADING.test(line) || this.startsQuote(line)) return true;
    if (this.tagEnd(at) !== undefined) return true;
    return this.startsItem(line) && !/^ *(?!1[.)])\d/.test(line);
  }
}

/** A quote whose first line is a bold name and a colon is by that author. */
export function quoteOf(nodes: readonly Node[]): Node {
  const [first, second, ...rest] = nodes;
  if (first?.type === 'bold' && (second === undefined || second.type === 'break')) {
    const name = textOf(first.children);
    const words = first.children.every(({ type }) => type === 'text');
    const author = name.endsWith(':') ? name.slice(0, -1) : '';
    if (words && rest.length > 0 && author !== '' && authorName(author) === author) {
      return { type: 'quote', author, children: rest };
    }
  }
  return { type: 'quote', author: null, children: nodes };
}

/** Columns of white space; a tab counts as four. */
function indentOf(line: string): number {
  let columns = 0;
  for (const char of line) {
    if (char === ' ') columns++;
    else if (char === '\t') columns += 4;
    else break;
  }
  return columns;
}

/** The line without as much of its indentation, up to `columns`. */
function outdented(line: string, columns: number): string {
  let left = columns;
  let at = 0;
  for (; left > 0; at++) {
    if (line[at] === ' ') left--;
    else if (line[at] === '\t') left -= 4;
    else break;
  }
  return line.slice(at);
}

/** A heading without the marks that may end it too. */
function withoutMarks(words: string): string {
  let end = words.length;
  while (words[end - 1] === '#') end--;
  return end === 0 || /\s/.test(words[end - 1] as string) ? words.slice(0, end).trimEnd() : words;
}

/** For each line, the longest run of ticks that could close a fence on a later line. */
function longestBehind(lines: readonly string[]): Uint32Array {
  const longest = new Uint32Array(lines.length);
  for (let at = lines.length - 2; at >= 0; at--) {
    const ticks = FENCE_END.exec(lines[at + 1] as string)?.[1]?.length ?? 0;
    longest[at] = Math.max(longest[at + 1] as number, ticks);
  }
  return longest;
}
