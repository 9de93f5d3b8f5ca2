// A small subset of HTML to the tree. Its elements are html-elements.ts, how a tag is found html-tags.ts, the way back
// html-write.ts.
//
// Tags that are no part of the subset are transparent; script and style go with what is in them. Elements that are never
// closed end with what is around them, as in a browser.
import { referenceAt } from './entities.ts';
import {
  BLOCKS,
  colourOf,
  element,
  isFresh,
  LEFT_OUT,
  LINES,
  languageOf,
  type Open,
  PARAGRAPHS,
  type Role,
  STYLES,
} from './html-elements.ts';
import { type HtmlTag, htmlTagAt, MARKUP_START } from './html-tags.ts';
import { LineGap } from './line-gap.ts';
import { settle } from './settle.ts';
import { image, MAX_DEPTH, type Meter, type Node, text, textOf } from './tree.ts';

/** Reads HTML. Never throws: what is no markup is text. */
export function readHtml(source: string, meter: Meter = { steps: 0 }): Node[] {
  return settle(new Reader(source, meter).read());
}

class Reader {
  private readonly source: string;
  private readonly meter: Meter;
  private readonly top: Node[] = [];
  private readonly open: Open[] = [];
  private gap = new LineGap();
  /** White space that vanishes when the line ends here. */
  private space: { type: 'text'; text: string } | null = null;

  constructor(source: string, meter: Meter) {
    this.source = source;
    this.meter = meter;
  }

  read(): Node[] {
    const { source, meter } = this;
    const starts = new RegExp(MARKUP_START);
    let from = 0;
    for (;;) {
      starts.lastIndex = from;
      const at = starts.exec(source)?.index ?? source.length;
      meter.steps += at - from + 1;
      this.words(from, at);
      if (at === source.length) break;
      const end = this.markup(at);
      // Nothing that begins a tag here ends any more: the rest is text.
      if (end === null) {
        this.words(at, source.length);
        break;
      }
      from = end;
    }
    while (this.open.length > 0) this.close();
    this.endLine();
    this.top.push(...this.gap.atEnd());
    return this.top;
  }

  /** Reads what the `<` at `at` begins; where it ends, or null. */
  private markup(at: number): number | null {
    const { source, meter } = this;
    const second = source[at + 1];
    if (second === '!' || second === '?') {
      const comment = source.startsWith('<!--', at);
      const close = source.indexOf(comment ? '-->' : '>', at + 2);
      meter.steps += (close < 0 ? source.length : close) - at;
      return close < 0 ? null : close + (comment ? 3 : 1);
    }
    const tag = htmlTagAt(source, at, meter);
    if (tag === null) return null;
    if (LEFT_OUT.has(tag.name) && !tag.closing) return this.pastEndOf(tag);
    const literal = this.innermost?.role;
    if (literal === 'code' || literal === 'pre') this.tagInCode(tag);
    else if (tag.closing) this.endTag(tag);
    else this.startTag(tag);
    return tag.end;
  }

  private pastEndOf(tag: HtmlTag): number {
    const pattern = new RegExp(`</${tag.name}[^>]*>?`, 'gi');
    pattern.lastIndex = tag.end;
    const found = pattern.exec(this.source);
    const end = found ? found.index + found[0].length : this.source.length;
    this.meter.steps += end - tag.end;
    return end;
  }

  private get innermost(): Open | undefined {
    return this.open.at(-1);
  }

  private get here(): Node[] {
    return this.innermost?.children ?? this.top;
  }

  /** Called before whatever a reader sees: writes the line ends that stand before it. */
  private beforeContent(): void {
    if (this.innermost?.role === 'list') this.push('item', 'li');
    // A line that ends before an element's first content ends outside of it: a link would hold the line end.
    let depth = this.open.length;
    while (depth > 0 && isFresh(this.open[depth - 1] as Open)) depth--;
    (this.open[depth - 1]?.children ?? this.top).push(...this.gap.beforeContent());
    this.space = null;
  }

  private endLine(): void {
    if (this.space) this.space.text = '';
    this.space = null;
  }

  private edge(paragraph = false): void {
    this.endLine();
    this.gap.edge(paragraph);
  }

  private words(from: number, to: number): void {
    const role = this.innermost?.role;
    const run = /[^ \t\n\f\r&]+/y;
    const source = this.source.slice(from, to);
    let solid = '';
    for (let at = 0; at < source.length; ) {
      run.lastIndex = at;
      const found = run.exec(source)?.[0];
      const char = source[at] as string;
      const reference = char === '&' ? referenceAt(source, at, this.meter) : null;
      at = found ? at + found.length : (reference?.end ?? at + 1);
      if (found || reference || char === '&' || role === 'pre') solid += found ?? reference?.char ?? char;
      else if (role === 'code') solid += ' ';
      else {
        this.solid(solid);
        solid = '';
        this.softSpace();
      }
    }
    this.solid(solid);
    this.meter.steps += to - from;
  }

  /** White space: one space, unless the line has just begun or there is one. */
  private softSpace(): void {
    if (this.gap.lineIsEmpty || this.space !== null) return;
    this.space = { type: 'text', text: ' ' };
    this.here.push(this.space);
  }

  private solid(content: string): void {
    if (content === '') return;
    this.beforeContent();
    this.here.push(text(content));
  }

  private startTag(tag: HtmlTag): void {
    const { name, attributes } = tag;
    const style = STYLES.get(name);
    if (PARAGRAPHS.has(name)) this.edge(true);
    if (name === 'li') this.startItem();
    else if (LINES.has(name)) this.edge();
    else if (style) this.push('style', name, style);
    else if (name === 'font') this.push('colour', name, attributes.get('color') ?? '');
    else if (name === 'span' && attributes.get('class') === 'spoiler') this.push('style', name, 'spoiler');
    else if (name === 'span') this.push('colour', name, colourOf(attributes.get('style')));
    else if (name === 'br') this.lineEnd();
    else if (name === 'a') this.startLink(attributes.get('href'));
    else if (name === 'img') {
      this.beforeContent();
      this.here.push(...image(attributes.get('src') ?? '', attributes.get('alt')));
    } else if (name === 'code' || name === 'tt') {
      this.beforeContent();
      this.push('code', name);
    } else if (name === 'cite' && this.innermost?.role === 'quote' && !this.gap.begun)
      this.push('author', name);
    else if (name === 'blockquote') this.startBlock('quote', name);
    else if (name === 'ul') this.startBlock('list', name);
    else if (name === 'ol') this.startBlock('list', name, attributes.get('start') ?? '1');
    else if (name === 'pre') this.startBlock('pre', name);
  }

  private lineEnd(): void {
    this.endLine();
    this.gap.lineEnd();
  }

  private startLink(href: string | undefined): void {
    const outer = this.lastOpen('a', true);
    if (outer >= 0) this.closeTo(outer);
    if (href !== undefined) this.push('link', 'a', href);
  }

  private startBlock(role: Role, name: string, value = ''): void {
    this.edge();
    if (this.open.length >= MAX_DEPTH) return;
    this.beforeContent();
    this.push(role, name, value);
  }

  private startItem(): void {
    const list = this.open.findLastIndex(({ role }) => role === 'list' || role === 'quote');
    if (this.open[list]?.role !== 'list') return this.edge();
    this.closeTo(list + 1);
    this.push('item', 'li');
  }

  /** An item may lie one deeper than anything else: its list is there already. */
  private push(role: Role, name: string, value = ''): void {
    if (this.open.length >= MAX_DEPTH && role !== 'item') return;
    this.open.push({ role, name, value, children: [], items: [], author: null, around: this.gap });
    if (BLOCKS.has(role)) this.gap = new LineGap();
  }

  private endTag({ name }: HtmlTag): void {
    const index = this.lastOpen(name, !['blockquote', 'ul', 'ol', 'li'].includes(name));
    if (index >= 0) this.closeTo(index);
    if (PARAGRAPHS.has(name)) this.edge(true);
    else if (LINES.has(name)) this.edge();
  }

  private tagInCode({ name, closing, attributes }: HtmlTag): void {
    const inside = this.innermost as Open;
    const { role, name: own } = inside;
    if (role === 'pre' && name === 'code' && !closing) inside.value ||= languageOf(attributes.get('class'));
    else if (closing && name === own) this.close();
    else if (name === 'br') this.solid(role === 'pre' ? '\n' : ' ');
  }

  /** The innermost open element of this name, or -1. Inline ends do not reach out of a block, an item's not out of its list. */
  private lastOpen(name: string, inline: boolean): number {
    for (let index = this.open.length - 1; index >= 0; index--) {
      this.meter.steps++;
      const open = this.open[index] as Open;
      if (open.name === name) return index;
      if (inline ? BLOCKS.has(open.role) : name === 'li' && (open.role === 'list' || open.role === 'quote'))
        return -1;
    }
    return -1;
  }

  private closeTo(index: number): void {
    while (this.open.length > index) this.close();
  }

  private close(): void {
    const closed = this.open.pop() as Open;
    const { role, children, around } = closed;
    if (BLOCKS.has(role)) {
      this.endLine();
      this.gap = around;
    }
    const outer = this.innermost;
    if (role === 'author' && outer) {
      outer.author = textOf(children);
      this.gap = LineGap.afterAuthor();
    } else if (role === 'item') outer?.items.push(children);
    else for (const node of element(closed)) this.here.push(node);
    if (role === 'quote' || role === 'list' || role === 'pre') this.edge();
  }
}
