// What stands inside one paragraph of Markdown: emphasis, code, links, images. Blocks are markdown.ts.
//
// Emphasis follows CommonMark's runs of delimiters, but for its rule about punctuation: in a chat **"so"**they say is bold.
// One pass; what is still open when it ends is text.
import { referenceAt } from './entities.ts';
import { type Flavour, OURS } from './flavour.ts';
import { described, styleTagAt, TAG_STYLES } from './markdown-tags.ts';
import { destinationAt, ESCAPABLE } from './markdown-target.ts';
import { tokenAt } from './markdown-tokens.ts';
import {
  image,
  lineBreak,
  link,
  MAX_DEPTH,
  type Meter,
  type Node,
  type Style,
  text,
  textOf,
} from './tree.ts';

/** A run of delimiters that may still begin emphasis. */
interface Opener {
  readonly char: string;
  /** As it was written: CommonMark's rule of three looks at that. */
  readonly length: number;
  readonly both: boolean;
  /** Delimiters of it that are not used yet; that many stand at `index` as text. */
  left: number;
  readonly index: number;
}

/** A `[` or `![` that may still begin a link or an image. */
interface Bracket {
  readonly image: boolean;
  readonly index: number;
  /** A link was closed behind it, and links do not lie in links. */
  dead: boolean;
}

const SPECIAL = /[\\`*_~|[\]!<&\n]/g;
export const SPACE = /\s/;
export const WORD = /[\p{L}\p{N}]/u;
const AUTOLINK = /^(?:https?:\/\/|mailto:|tel:)/i;
const MAILBOX = /^[\w.+-]{1,64}@[\w.-]{1,190}\.[a-z]{2,20}$/i;
/** A longer run is a line that somebody drew. */
const LONGEST_RUN = 3;

/** The nodes of a paragraph. Never throws. */
export const readInline = (source: string, meter: Meter, flavour: Flavour = OURS): Node[] =>
  new Inline(source, meter, flavour).read();

class Inline {
  private readonly source: string;
  private readonly meter: Meter;
  private readonly flavour: Flavour;
  private readonly out: Node[] = [];
  private openers: Opener[] = [];
  private readonly brackets: Bracket[] = [];
  /** Where the last run of so many backticks begins. */
  private ticks: Map<number, number> | null = null;
  private from = 0;

  constructor(source: string, meter: Meter, flavour: Flavour) {
    this.source = source;
    this.meter = meter;
    this.flavour = flavour;
  }

  read(): Node[] {
    const { source } = this;
    const special = new RegExp(SPECIAL);
    for (let at = 0; at < source.length; ) {
      special.lastIndex = at;
      const found = special.exec(source)?.index ?? source.length;
      this.meter.steps += found - at + 1;
      if (found === source.length) break;
      const end = this.special(found);
      if (end !== null) this.from = end;
      at = end ?? found + 1;
    }
    this.flush(source.length);
    return this.out;
  }

  private flush(to: number): void {
    if (to > this.from) this.out.push(text(this.source.slice(this.from, to)));
    this.from = to;
  }

  /** Reads what begins at `at` and says where it ended; null: it is text. */
  private special(at: number): number | null {
    switch (this.source[at]) {
      case '\\':
        return this.escape(at);
      case '`':
        return this.code(at);
      case '[':
        return (this.flavour.tags ? this.tag(at) : null) ?? this.bracket(at, 1);
      case '!':
        return this.source[at + 1] === '[' ? this.bracket(at, 2) : null;
      case ']':
        return this.closeBracket(at);
      case '<':
        return this.autolink(at);
      case '|':
        return this.flavour.bars ? this.delimiters(at) : null;
      case '&': {
        if (!this.flavour.references) return null;
        const reference = referenceAt(this.source, at, this.meter);
        return reference && this.put(at, reference.end, text(reference.char));
      }
      case '\n':
        return this.put(at, at + 1, lineBreak);
      default:
        return this.delimiters(at);
    }
  }

  /** The nodes that the source from `at` to `end` is. */
  private put(at: number, end: number, ...nodes: Node[]): number {
    this.flush(at);
    this.out.push(...nodes);
    return end;
  }

  private escape(at: number): number | null {
    const next = this.source[at + 1];
    if (next === '\n') return this.put(at, at + 2, lineBreak);
    return next !== undefined && ESCAPABLE.test(next) ? this.put(at, at + 2, text(next)) : null;
  }

  /** Behind the run of the character at `at`. */
  private runEnd(at: number): number {
    let end = at + 1;
    while (this.source[end] === this.source[at]) end++;
    this.meter.steps += end - at;
    return end;
  }

  private code(at: number): number | null {
    const { source, meter } = this;
    const from = this.runEnd(at);
    this.ticks ??= lastRuns(source, meter);
    if ((this.ticks.get(from - at) ?? -1) < from) return this.put(at, from, text(source.slice(at, from)));
    let close = from;
    let end = from;
    do {
      close = source.indexOf('`', end);
      end = this.runEnd(close);
    } while (end - close !== from - at);
    meter.steps += end - from;
    let content = source.slice(from, close);
    // The spaces that let code begin or end with a backtick.
    if (content.startsWith(' ') && content.endsWith(' ') && content.trim() !== '')
      content = content.slice(1, -1);
    return this.put(at, end, { type: 'code', text: content });
  }

  private delimiters(at: number): number {
    const { source } = this;
    const char = source[at] as string;
    const end = this.runEnd(at);
    const length = end - at;
    this.flush(at);
    const before = charBefore(source, at);
    const after = charAt(source, end);
    // Two underscores underline inside words too, where they underline.
    const outside = char === '_' && !(this.flavour.underlines && length > 1);
    const opens = !SPACE.test(after) && !(outside && WORD.test(before));
    const closes = !SPACE.test(before) && !(outside && WORD.test(after));
    const wellFormed = char === '~' || char === '|' ? length === 2 : length <= LONGEST_RUN;
    let left = length;
    if (wellFormed && closes) left = this.closeEmphasis(char, length, opens);
    if (left === 0) return end;
    this.out.push(text(char.repeat(left)));
    if (wellFormed && opens) {
      this.opener({ char, length, both: closes, left, index: this.out.length - 1 });
    }
    return end;
  }

  /** Ends as much as a run of delimiters can; how many of it are left. */
  private closeEmphasis(char: string, length: number, both: boolean): number {
    // What is inside brackets does not end what began outside.
    const floor = this.brackets.at(-1)?.index ?? -1;
    let left = length;
    let index = this.openers.length - 1;
    while (left > 0 && index >= 0) {
      const opener = this.openers[index] as Opener;
      this.meter.steps++;
      if (opener.index < floor) break;
      if (opener.char !== char || !fits(opener, length, both)) {
        index--;
        continue;
      }
      const used = opener.left >= 2 && left >= 2 ? 2 : 1;
      const children = this.out.splice(opener.index + 1);
      this.meter.steps += children.length;
      this.out.pop();
      opener.left -= used;
      left -= used;
      this.openers.length = opener.left > 0 ? index + 1 : index;
      if (opener.left > 0) this.out.push(text(char.repeat(opener.left)));
      else index--;
      this.out.push({ type: this.style(char, used), children });
    }
    return left;
  }

  private opener(opener: Opener): void {
    if (this.openers.length >= MAX_DEPTH) this.openers.shift();
    this.openers.push(opener);
  }

  private style(char: string, used: number): Style {
    if (char === '~') return 'strike';
    if (char === '|') return 'spoiler';
    if (used === 1) return TAG_STYLES[char] ?? 'italic';
    return char === '_' && this.flavour.underlines ? 'underline' : 'bold';
  }

  /** A style that is a tag: found by its name, as delimiters are by their character. */
  private tag(at: number): number | null {
    const tag = styleTagAt(this.source, at, this.meter);
    if (tag === null) return null;
    const { name, closing, end } = tag;
    this.flush(at);
    if (closing && this.closeEmphasis(name, 1, false) === 0) return end;
    this.out.push(text(this.source.slice(at, end)));
    if (!closing) this.opener({ char: name, length: 1, both: false, left: 1, index: this.out.length - 1 });
    return end;
  }

  private bracket(at: number, length: number): number {
    this.put(at, at + length, text(this.source.slice(at, at + length)));
    if (this.brackets.length >= MAX_DEPTH) this.brackets.shift();
    this.brackets.push({ image: length === 2, index: this.out.length - 1, dead: false });
    return at + length;
  }

  private closeBracket(at: number): number | null {
    const bracket = this.brackets.pop();
    if (!bracket || bracket.dead) return null;
    const target = destinationAt(this.source, at + 1, this.meter, this.flavour);
    if (!target) return null;
    this.flush(at);
    const inside = this.out.splice(bracket.index + 1);
    const children = this.flavour.tags ? described(inside, bracket.image) : inside;
    this.meter.steps += inside.length;
    this.out.pop();
    while ((this.openers.at(-1)?.index ?? -1) > bracket.index) this.openers.pop();
    if (bracket.image) this.out.push(...image(target.url, textOf(children)));
    else {
      for (const node of link(target.url, children)) this.out.push(node);
      for (const outer of this.brackets) outer.dead ||= !outer.image;
      this.meter.steps += this.brackets.length;
    }
    return target.end;
  }

  private autolink(at: number): number | null {
    const token = this.flavour.tokens ? tokenAt(this.source, at, this.meter) : null;
    if (token) return this.put(at, token.end, token.node);
    let end = at + 1;
    while (end < this.source.length && !/[<>\s]/.test(this.source[end] as string)) end++;
    this.meter.steps += end - at;
    if (this.source[end] !== '>') return null;
    const shown = this.source.slice(at + 1, end);
    if (AUTOLINK.test(shown)) return this.put(at, end + 1, ...link(shown, [text(shown)]));
    return MAILBOX.test(shown) ? this.put(at, end + 1, ...link(`mailto:${shown}`, [text(shown)])) : null;
  }
}

/** CommonMark's rule of three: a run that could do both does not pair up where the lengths suggest another reading. */
function fits(opener: Opener, length: number, both: boolean): boolean {
  if (opener.char === '~' || !(opener.both || both)) return true;
  return (opener.length + length) % 3 !== 0 || (opener.length % 3 === 0 && length % 3 === 0);
}

/** The whole character that ends before `at`, or that stands there: letters outside the BMP are two units long. */
export const charBefore = (source: string, at: number): string => {
  const unit = source.charCodeAt(at - 1);
  return at === 0 ? ' ' : source.slice(unit >= 0xdc00 && unit <= 0xdfff ? at - 2 : at - 1, at);
};
export const charAt = (source: string, at: number): string =>
  String.fromCodePoint(source.codePointAt(at) ?? 0x20);

/** For each length of a run of backticks, where the last such run begins. */
function lastRuns(source: string, meter: Meter): Map<number, number> {
  const last = new Map<number, number>();
  for (const run of source.matchAll(/`+/g)) last.set(run[0].length, run.index);
  meter.steps += source.length;
  return last;
}
