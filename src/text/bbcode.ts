// BBCode to the tree. Which tags there are is bbcode-tags.ts, the way back bbcode-write.ts.
//
// One pass with a stack of open elements. A tag without its other half stays the text that it is.
import { endTagFrom, guardsEnd, type Tag, tagAt, unguardedCode } from './bbcode-tags.ts';
import { authorName, settle } from './settle.ts';
import {
  codeBlock,
  coloured,
  image,
  link,
  MAX_DEPTH,
  type Meter,
  type Node,
  type Style,
  text,
  textOf,
} from './tree.ts';

const STYLES: Readonly<Record<string, Style>> = {
  b: 'bold',
  i: 'italic',
  u: 'underline',
  s: 'strike',
  strike: 'strike',
  spoiler: 'spoiler',
};

/** An element whose end was not seen yet. */
interface Open {
  readonly tag: Tag;
  /** The tag as it was written: what it stays when it is never closed. */
  readonly source: string;
  readonly children: Node[];
}

/** Known by identity: where an item of the list around it begins, and where its written end was. */
const ITEM: Node = text('[*]');
const ITEM_END: Node = text('[/*]');

/** Reads BBCode. Never throws: what is no element is text. */
export function readBbcode(source: string, meter: Meter = { steps: 0 }): Node[] {
  return settle(new Reader(source, meter).read());
}

class Reader {
  private readonly source: string;
  private readonly meter: Meter;
  private readonly top: Node[] = [];
  private readonly open: Open[] = [];
  /** Raw tags that no end follows any more: looked for once. */
  private readonly endless = new Set<string>();
  /** Text from here on is not in the tree yet. */
  private from = 0;

  constructor(source: string, meter: Meter) {
    this.source = source;
    this.meter = meter;
  }

  read(): Node[] {
    const { source, meter } = this;
    let at = this.nextBracket(0);
    while (at < source.length) {
      const behind = guardsEnd(source, at + 1, meter);
      const tag = tagAt(source, behind, meter);
      if (tag === null) at = this.nextBracket(behind);
      else if (behind > at + 1) {
        this.flush(at + 1);
        this.from = at + 2;
        at = this.nextBracket(behind);
      } else {
        this.flush(at);
        this.from = this.take(tag, at);
        at = this.nextBracket(this.from);
      }
    }
    this.flush(source.length);
    while (this.open.length > 0) this.giveUp();
    return this.top;
  }

  private nextBracket(from: number): number {
    const found = this.source.indexOf('[', from);
    const at = found < 0 ? this.source.length : found;
    this.meter.steps += at - from + 1;
    return at;
  }

  private get here(): Node[] {
    return this.open.at(-1)?.children ?? this.top;
  }

  private flush(to: number): void {
    if (to > this.from) this.here.push(text(this.source.slice(this.from, to)));
    this.from = to;
  }

  /** Acts on the tag at `at` and says where reading goes on: at the tag itself's end, or behind its raw contents. */
  private take(tag: Tag, at: number): number {
    const done =
      tag.role === 'item'
        ? this.item(tag)
        : tag.closing
          ? this.close(tag)
          : tag.role === 'raw' || tag.role === 'image'
            ? this.whole(tag)
            : this.begin(tag, at);
    if (done === null) this.here.push(text(this.source.slice(at, tag.end)));
    return done ?? tag.end;
  }

  private begin(tag: Tag, at: number): number | null {
    // Links do not lie in links: the first one was never closed.
    if (tag.role === 'link') this.giveUpFrom(this.lastOpen((open) => open.tag.role === 'link', true));
    if (this.open.length >= MAX_DEPTH) return null;
    this.open.push({ tag, source: this.source.slice(at, tag.end), children: [] });
    return tag.end;
  }

  private close(tag: Tag): number | null {
    const inline = tag.role !== 'quote' && tag.role !== 'list';
    const index = this.lastOpen((open) => open.tag.name === tag.name, inline);
    if (index < 0) return null;
    this.giveUpFrom(index + 1);
    const closed = this.open.pop() as Open;
    for (const node of element(closed)) this.here.push(node);
    return tag.end;
  }

  private item(tag: Tag): number | null {
    const index = this.lastOpen((open) => open.tag.role === 'list', true);
    if (index < 0) return null;
    this.giveUpFrom(index + 1);
    this.here.push(tag.closing ? ITEM_END : ITEM);
    return tag.end;
  }

  /** An element whose contents are no BBCode: read to its end at once. */
  private whole(tag: Tag): number | null {
    if (this.endless.has(tag.name)) return null;
    // An image's address holds no bracket, so the next one is its end or there is none.
    const end = tag.role === 'image' ? this.nextBracket(tag.end) : endTagFrom(this.source, tag.name, tag.end);
    if (end < 0) this.meter.steps += this.source.length - tag.end;
    if (end < 0) this.endless.add(tag.name);
    if (end < 0 || end >= this.source.length) return null;
    const after = tagAt(this.source, end + 1, this.meter);
    if (!after?.closing || after.name !== tag.name) return null;
    this.meter.steps += after.end - tag.end;
    const contents = this.source.slice(tag.end, end);
    if (tag.role === 'image') this.here.push(...image(contents));
    else this.here.push(code(tag, unguardedCode(contents)));
    return after.end;
  }

  /** The innermost open element of this kind, or -1. The end of a style or link does not reach out of a quote or list. */
  private lastOpen(wanted: (open: Open) => boolean, inline: boolean): number {
    for (let index = this.open.length - 1; index >= 0; index--) {
      this.meter.steps++;
      const open = this.open[index] as Open;
      if (wanted(open)) return index;
      if (inline && (open.tag.role === 'quote' || open.tag.role === 'list')) return -1;
    }
    return -1;
  }

  private giveUpFrom(index: number): void {
    if (index < 0) return;
    while (this.open.length > index) this.giveUp();
  }

  /** The innermost element has no end: its tag is text, its contents belong to what is around it. */
  private giveUp(): void {
    const { source, children } = this.open.pop() as Open;
    const { here } = this;
    here.push(text(source));
    for (const node of children) here.push(node);
    this.meter.steps += children.length;
  }
}

const code = ({ name, value }: Tag, contents: string): Node =>
  name === 'icode' || name === 'tt'
    ? { type: 'code', text: contents }
    : codeBlock(contents, unquoted(value ?? ''));

/** The nodes that a closed element is. */
function element({ tag, children }: Open): readonly Node[] {
  switch (tag.role) {
    case 'style':
      return [{ type: STYLES[tag.name] as Style, children }];
    case 'colour':
      return coloured(unquoted(tag.value ?? ''), children);
    case 'link': {
      const target = unquoted(tag.value ?? textOf(children)).trim();
      if (target === '') return children;
      return link(tag.name === 'email' ? `mailto:${target}` : target, children);
    }
    case 'quote':
      return [{ type: 'quote', author: authorOf(tag.value), children }];
    case 'list':
      return [{ type: 'list', start: startOf(tag.value), items: itemsOf(children) }];
    default:
      return children;
  }
}

const unquoted = (value: string): string => /^(["'])(.*)\1$/.exec(value)?.[2] ?? value;

/** Boards put more than the name there: [quote="Ann, post: 3, member: 1"], [quote=Ann;3], [quote author=Ann link=x]. */
function authorOf(value: string | null): string | null {
  if (value === null) return null;
  const named = /^(?:"[^"]*"|'[^']*')$/.test(value)
    ? value
    : value.replace(/^author=/i, '').replace(/\s(?:link|date|time|post_id|msg_id|user_id)=.*$/i, '');
  const plain = unquoted(named);
  return authorName(plain === named ? named.replace(/;n?\d+$/, '') : plain);
}

/** [list=1] counts from there, [list=a] counts too; without a value there are bullets. */
function startOf(value: string | null): number | null {
  if (value === null) return null;
  const start = unquoted(value);
  if (/^\d{1,8}$/.test(start)) return Number(start);
  return /^[aAiI]$/.test(start) ? 1 : null;
}

function itemsOf(children: readonly Node[]): Node[][] {
  const items: Node[][] = [[]];
  for (const node of children) {
    if (node === ITEM) items.push([]);
    else if (node !== ITEM_END) items.at(-1)?.push(node);
  }
  return items;
}
