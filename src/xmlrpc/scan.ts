// The tokenizer: one pass over the text of a document, tag by tag. It knows XML, and nothing of XML-RPC.
import { characterData, isSpace, literal } from './chars.ts';
import { notACall, unparsable, type XmlRpcFault } from './fault.ts';
import { endTag, nameAt } from './names.ts';

/** How much of a document is read before it is refused with -32600. */
export interface Limits {
  /** Bytes of the document. */
  readonly bytes: number;
  /** Tags, comments, CDATA sections and processing instructions. */
  readonly tokens: number;
  /** Values inside values; a parameter is at depth 1. */
  readonly depth: number;
}

/** What a tag is. Plain numbers: they are compared several times per tag. */
export const OPEN = 0;
export const CLOSE = 1;
export const EMPTY = 2; // <name/>
export const END = 3; // no more tags
export type TagKind = typeof OPEN | typeof CLOSE | typeof EMPTY | typeof END;

const BANG = 0x21;
const SLASH = 0x2f;
const QUESTION = 0x3f;
const QUOTE = 0x22;
const APOSTROPHE = 0x27;
const EQUALS = 0x3d;
const LESS = 0x3c;
const GREATER = 0x3e;
const DASH = 0x2d;
const COLON = 0x3a;

// Namespace declarations are the only attributes that clients in the field send (Apache's and Perl's put xmlns:ex on
// the root or on the extension element). A bound on their number keeps a check for duplicates cheap.
const MAX_ATTRIBUTES = 8;

// Empty, an impossible first character, or ASCII that is never part of a name.
const NOT_A_NAME = /^$|^[-.\d]|[\0-,/;-@[-^`{-\x7f]/;

export class Scanner {
  readonly text: string;
  readonly limits: Limits;
  /** Where reading goes on. */
  pos = 0;
  tokens = 0;
  /** Name and kind of the tag that `tag()` read last. */
  name = '';
  kind: TagKind = END;
  /** Whether reading is inside the root element: outside of it, text makes the document no XML at all. */
  inRoot = false;

  constructor(text: string, limits: Limits) {
    this.text = text;
    this.limits = limits;
    if (text.startsWith('<?xml') && isSpace(text.charCodeAt(5))) this.pos = this.after('?>', 6);
  }

  /** Reads the next tag; only white space, comments and processing instructions may stand before it. */
  tag(): TagKind {
    const { text } = this;
    for (;;) {
      let { pos } = this;
      if (text.charCodeAt(pos) !== LESS) {
        pos = this.skipSpace(pos);
        this.pos = pos;
        if (pos === text.length) {
          this.kind = END;
          return END;
        }
        if (text.charCodeAt(pos) !== LESS) throw this.strayText();
      }
      const next = text.charCodeAt(pos + 1);
      if (next !== BANG && next !== QUESTION) return this.tagAt(pos);
      if (this.aside() !== undefined) throw this.strayText();
    }
  }

  private strayText(): XmlRpcFault {
    return this.inRoot
      ? notACall('text where only elements belong')
      : unparsable('text outside the root element');
  }

  /** Reads this very text, a whole tag, if it comes next: the quick way past the tags that usually do. */
  eat(tag: string): boolean {
    if (!this.text.startsWith(tag, this.pos)) return false;
    this.count();
    this.pos += tag.length;
    return true;
  }

  /** Reads the end tag `</name>`, which has to come next. */
  close(name: string): void {
    if (this.eat(endTag(name))) return;
    if (this.tag() !== CLOSE || this.name !== name) throw this.misplaced(`</${name}>`, name);
  }

  /** Reads the tag at a `<` that is neither `<!` nor `<?`. Namespace declarations in it are read over. */
  tagAt(lt: number): TagKind {
    this.count();
    const { text } = this;
    const closing = text.charCodeAt(lt + 1) === SLASH;
    const start = closing ? lt + 2 : lt + 1;
    let at = this.word(start);
    this.name = nameAt(text, start, at);
    let seen: string[] | undefined;
    for (;;) {
      const code = text.charCodeAt(at);
      if (code === GREATER) {
        this.pos = at + 1;
        this.kind = closing ? CLOSE : OPEN;
        return this.kind;
      }
      if (code === SLASH && text.charCodeAt(at + 1) === GREATER && !closing) {
        this.pos = at + 2;
        this.kind = EMPTY;
        return EMPTY;
      }
      if (isSpace(code)) {
        at = this.skipSpace(at);
        continue;
      }
      if (closing || !isSpace(text.charCodeAt(at - 1))) throw unparsable('a malformed tag');
      seen ??= [];
      at = this.attribute(at, seen);
    }
  }

  /** Reads one attribute, which has to be a namespace declaration; returns where it ends. */
  private attribute(start: number, seen: string[]): number {
    const { text } = this;
    let at = this.word(start);
    const name = text.slice(start, at);
    at = this.skipSpace(at);
    if (NOT_A_NAME.test(name) || text.charCodeAt(at) !== EQUALS) throw unparsable('a malformed attribute');
    at = this.skipSpace(at + 1);
    const quote = text.charCodeAt(at);
    if (quote !== QUOTE && quote !== APOSTROPHE) throw unparsable('an attribute without quotes');
    const end = text.indexOf(quote === QUOTE ? '"' : "'", at + 1);
    if (end < 0) throw unparsable('an attribute without an end');
    if (text.slice(at + 1, end).includes('<')) throw unparsable('"<" in an attribute');
    if (seen.includes(name)) throw unparsable('the same attribute twice');
    seen.push(name);
    if (name !== 'xmlns' && !name.startsWith('xmlns:')) throw notACall('XML-RPC has no attributes');
    if (seen.length > MAX_ATTRIBUTES) throw notACall('too many namespace declarations');
    return end + 1;
  }

  /** End of the run of characters that may be part of a name. */
  private word(start: number): number {
    const { text } = this;
    let at = start;
    for (; at < text.length; at++) {
      const code = text.charCodeAt(at);
      // Above ">" lie all letters; below it only these belong to names.
      if (code <= GREATER && !(code >= DASH && code <= COLON && code !== SLASH)) break;
    }
    return at;
  }

  private skipSpace(start: number): number {
    const { text } = this;
    let at = start;
    while (isSpace(text.charCodeAt(at))) at++;
    return at;
  }

  /** Whether the tag read last has this name. */
  is(name: string): boolean {
    return this.name === name;
  }

  /**
   * The error for a tag that may not stand where it does, inside an element named `parent` ("" for the document): an
   * end tag that does not belong to it is no well-formed XML, everything else is only no XML-RPC.
   */
  misplaced(expected: string, parent: string): XmlRpcFault {
    const { kind, name } = this;
    if (kind === END) return unparsable(`the document ends where ${expected} is expected`);
    if (NOT_A_NAME.test(name)) return unparsable('a tag without a proper name');
    if (kind === CLOSE && name !== parent)
      return unparsable(`an end tag without its start where ${expected} is expected`);
    return notACall(`${expected} expected before character ${this.pos}`);
  }

  /**
   * The text content of the element just opened, up to and including its end tag. Comments and processing instructions
   * in it vanish, CDATA is text.
   */
  content(name: string): string {
    const raw = this.rawContent(name);
    return raw === undefined ? this.mixedContent(name) : characterData(raw);
  }

  /**
   * {@link content} as it stands in the document, if there is no markup in it: references are not resolved and illegal
   * characters not refused. For a reader that takes a narrow alphabet and comes back to characterData() for the rest.
   */
  rawContent(name: string): string | undefined {
    const { text, pos } = this;
    const lt = text.indexOf('<', pos);
    if (lt < 0 || text.charCodeAt(lt + 1) !== SLASH) return undefined;
    this.pos = lt;
    this.close(name);
    return text.slice(pos, lt);
  }

  mixedContent(name: string): string {
    const { text } = this;
    const { text: whole } = this.run();
    if (text.charCodeAt(this.pos + 1) !== SLASH) throw notACall(`<${name}> holds text only`);
    this.close(name);
    return whole;
  }

  /**
   * Text up to the next tag, with comments, processing instructions and CDATA sections in it; `this.pos` is left on
   * that tag's `<`. `bare` tells whether anything but white space was there.
   */
  run(): { text: string; bare: boolean } {
    let out = '';
    let bare = false;
    for (;;) {
      const { text, pos } = this;
      const lt = text.indexOf('<', pos);
      if (lt < 0) throw unparsable('the document ends inside an element');
      const piece = this.plain(pos, lt);
      out += piece;
      bare ||= !blank(piece);
      this.pos = lt;
      const next = text.charCodeAt(lt + 1);
      if (next !== BANG && next !== QUESTION) return { text: out, bare };
      const data = this.aside();
      if (data !== undefined) {
        out += data;
        bare = true;
      }
    }
  }

  /** Character data between two positions. */
  plain(from: number, to: number): string {
    return from === to ? '' : characterData(this.text.slice(from, to));
  }

  /** Reads a comment, processing instruction or CDATA section; gives the text of a CDATA section. */
  aside(): string | undefined {
    this.count();
    const { text, pos } = this;
    if (text.charCodeAt(pos + 1) === QUESTION) {
      const from = pos + 2;
      this.pos = this.after('?>', from);
      const target = this.text.slice(from, this.word(from));
      if (target === '' || /^(?:xml)?\??$/i.test(target))
        throw unparsable('an XML declaration that is not at the start');
      return undefined;
    }
    if (text.startsWith('<!--', pos)) {
      this.pos = this.after('--', pos + 4);
      if (text.charCodeAt(this.pos) !== GREATER) throw unparsable('"--" inside a comment');
      this.pos++;
      return undefined;
    }
    if (text.startsWith('<![CDATA[', pos)) {
      const from = pos + 9;
      this.pos = this.after(']]>', from);
      return literal(text.slice(from, this.pos - 3));
    }
    // DOCTYPE above all: without it there are no entities to expand and nothing outside to load.
    throw unparsable('a document type declaration or other markup that is refused');
  }

  /** Position behind the next `mark`. Its characters must be legal ones. */
  private after(mark: string, from: number): number {
    const at = this.text.indexOf(mark, from);
    if (at < 0) throw unparsable(`"${mark}" is missing`);
    literal(this.text.slice(from, at));
    return at + mark.length;
  }

  private count(): void {
    if (++this.tokens > this.limits.tokens) throw notACall('too many elements');
  }
}

function blank(text: string): boolean {
  for (let at = 0; at < text.length; at++) {
    if (!isSpace(text.charCodeAt(at))) return false;
  }
  return true;
}
