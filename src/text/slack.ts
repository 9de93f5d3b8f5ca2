// Slack's mrkdwn to the tree (contracts/webhooks-bridges-widget.md C1): lines and blocks here, what is in a line in
// slack-inline.ts, the way back in slack-write.ts.
//
// Slack has no lists: what its editor makes of one are lines behind a bullet or a number, and these are read as one.
import { quoteOf } from './markdown.ts';
import { settle } from './settle.ts';
import { readSlackInline, slackDecoded } from './slack-inline.ts';
import { codeBlock, lineBreak, MAX_DEPTH, type Meter, type Node } from './tree.ts';

/** Quotes come with their mark escaped, and may be sent with it bare. */
const QUOTE = /^(?:>|&gt;) ?/;
const REST_QUOTE = /^(?:>>>|&gt;&gt;&gt;) ?/;
const ITEM = /^([ \t]{0,64})(?:[•◦▪▫∙‣]|(\d{1,8})\.)[ \t]{1,9}(?=\S)/u;
const FENCE = '```';
/** What a line begins with is seen in as many characters. */
const LONGEST_START = 100;

/** Reads mrkdwn. Never throws: what is no markup is text. Zero-width spaces, which our writer parts marks with, go. */
export function readSlack(source: string, meter: Meter = { steps: 0 }): Node[] {
  meter.steps += source.length;
  return settle(new Blocks(source.replace(/\r\n?/g, '\n'), 0, meter).read());
}

class Blocks {
  private readonly source: string;
  private readonly depth: number;
  private readonly meter: Meter;
  private readonly out: Node[] = [];
  /** Where the last fence is: an opening one at or behind it has no end. */
  private readonly lastFence: number;
  private fence = -1;

  constructor(source: string, depth: number, meter: Meter) {
    this.source = source;
    this.depth = depth;
    this.meter = meter;
    this.lastFence = source.lastIndexOf(FENCE);
    meter.steps += source.length;
  }

  read(): Node[] {
    const { source } = this;
    for (let at = 0; at < source.length; ) {
      const end = this.block(at) ?? this.rest(at);
      // A newline at the very end is one more line.
      if (end < source.length) this.out.push(lineBreak);
      at = end + 1;
    }
    return this.out;
  }

  private lineEnd(at: number): number {
    const found = this.source.indexOf('\n', at);
    const end = found < 0 ? this.source.length : found;
    this.meter.steps += end - at + 1;
    return end;
  }

  /** Reads the quote or list that begins with the line at `at`; where its last line ends. */
  private block(at: number): number | null {
    if (this.depth >= MAX_DEPTH) return null;
    const line = this.source.slice(at, at + LONGEST_START);
    if (REST_QUOTE.test(line)) {
      this.quote([this.source.slice(at).replace(REST_QUOTE, '')]);
      return this.source.length;
    }
    if (QUOTE.test(line)) return this.quoted(at);
    return ITEM.test(line) ? this.list(at) : null;
  }

  /** Reads words to the end of their line, and code between fences that may begin and end in any line. */
  private rest(at: number): number {
    let from = at;
    let end = this.lineEnd(at);
    for (;;) {
      const open = from < this.lastFence ? this.nextFence(from) : end;
      if (open >= end) break;
      const close = this.source.indexOf(FENCE, open + FENCE.length);
      const code = close < 0 ? '' : this.source.slice(open + FENCE.length, close);
      this.meter.steps += code.length;
      if (!/[^\n]/.test(code)) break;
      this.words(this.source.slice(from, open));
      this.out.push(codeBlock(slackDecoded(code, this.meter)));
      from = close + FENCE.length;
      if (from > end) end = this.lineEnd(from);
    }
    this.words(this.source.slice(from, end));
    return end;
  }

  /** The first fence from `at` on: looked for once. */
  private nextFence(at: number): number {
    if (this.fence < at) {
      this.fence = this.source.indexOf(FENCE, at);
      this.meter.steps += this.fence - at;
    }
    return this.fence;
  }

  private words(line: string): void {
    for (const node of readSlackInline(line, this.meter)) this.out.push(node);
  }

  /** Adds a block, with a break less where an empty line only keeps it from the one above of its kind. */
  private add(node: Node): void {
    let at = this.out.length - 1;
    while (this.out[at]?.type === 'break') at--;
    this.meter.steps += this.out.length - at;
    if (this.out.length - at > 2 && this.out[at]?.type === node.type) this.out.pop();
    this.out.push(node);
  }

  private quoted(at: number): number {
    const inside: string[] = [];
    let from = at;
    for (;;) {
      const end = this.lineEnd(from);
      inside.push(this.source.slice(from, end).replace(QUOTE, ''));
      if (end === this.source.length || !QUOTE.test(this.source.slice(end + 1, end + 5))) {
        this.quote(inside);
        return end;
      }
      from = end + 1;
    }
  }

  private quote(lines: readonly string[]): void {
    this.add(quoteOf(new Blocks(lines.join('\n'), this.depth + 1, this.meter).read()));
  }

  /** Lines that are items, one inside another by their indentation. */
  private list(at: number): number {
    const open: { indent: number; start: number | null; items: Node[][] }[] = [];
    const close = () => {
      const { start, items } = open.pop() as (typeof open)[number];
      const list: Node = { type: 'list', start, items };
      const outer = open.at(-1)?.items.at(-1);
      if (outer) outer.push(list);
      else this.add(list);
    };
    let from = at;
    let end = at;
    for (;;) {
      end = this.lineEnd(from);
      const line = this.source.slice(from, end);
      const [mark = '', spaces = '', number] = ITEM.exec(line) ?? [];
      if (mark === '') break;
      const start = number === undefined ? null : Number(number);
      while ((open.at(-1)?.indent ?? -1) > spaces.length) close();
      const here = open.at(-1);
      if (!here || here.indent < spaces.length) {
        if (this.depth + open.length >= MAX_DEPTH) break;
        open.push({ indent: spaces.length, start, items: [] });
      } else if ((here.start === null) !== (start === null)) break;
      open.at(-1)?.items.push(readSlackInline(line.slice(mark.length), this.meter));
      from = end + 1;
      if (end === this.source.length) break;
    }
    while (open.length > 0) close();
    return from - 1;
  }
}
