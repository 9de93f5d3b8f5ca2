// The tree to HTML that may be put into a page: only the tags below, links that give nothing away. The way back is html.ts.
import { escapedAttribute, escapedText } from './entities.ts';
import { apart, isBlock, type Node, type Style } from './tree.ts';

const STYLE_TAGS: Readonly<Record<Style, readonly [string, string]>> = {
  bold: ['<b>', '</b>'],
  italic: ['<i>', '</i>'],
  underline: ['<u>', '</u>'],
  strike: ['<s>', '</s>'],
  // As Discourse writes one.
  spoiler: ['<span class="spoiler">', '</span>'],
};
/** Words, one space, or one other white space that HTML would take for a space. */
const PIECES = /[^ \t\f\r]+|[ \t\f\r]/g;

/** Writes a settled tree. Line ends are `<br>`; there are no paragraphs. */
export function writeHtml(nodes: readonly Node[]): string {
  const writer = new Writer();
  writer.block(nodes);
  return writer.parts.join('');
}

class Writer {
  readonly parts: string[] = [];
  private lineIsEmpty = true;
  /** Where the last space is, if nothing followed it yet: HTML drops it at the end of a line. */
  private space = -1;

  /** The contents of a document, quote or item. */
  block(nodes: readonly Node[]): void {
    this.lineIsEmpty = true;
    this.row(apart(nodes));
    this.endLine();
  }

  private row(nodes: readonly Node[]): void {
    for (let at = 0; at < nodes.length; at++) {
      if (nodes[at]?.type !== 'break') {
        this.node(nodes[at] as Node);
        continue;
      }
      const from = at;
      while (nodes[at + 1]?.type === 'break') at++;
      this.endLine();
      this.parts.push('<br>'.repeat(lineEnds(at + 1 - from, nodes[from - 1], nodes[at + 1])));
    }
  }

  /** White space that HTML would swallow at the end of this line is written as what it keeps. */
  private endLine(): void {
    if (this.space >= 0) this.parts[this.space] = '&#32;';
    this.space = -1;
    this.lineIsEmpty = true;
  }

  private node(node: Node): void {
    switch (node.type) {
      case 'text':
        this.words(node.text);
        break;
      case 'mention':
        this.words(`@${node.name}`);
        break;
      case 'image':
        this.solid(`<img src="${escapedAttribute(node.url)}" alt="${escapedAttribute(node.alt)}">`);
        break;
      case 'code':
        this.solid(`<code>${escapedText(node.text).replace(/[\t\f]/g, spaceReference)}</code>`);
        break;
      case 'link':
        this.parts.push(`<a href="${escapedAttribute(node.url)}" rel="nofollow noopener">`);
        this.row(node.children);
        this.parts.push('</a>');
        break;
      case 'colour':
        this.parts.push(`<span style="color:${escapedAttribute(node.colour)}">`);
        this.row(node.children);
        this.parts.push('</span>');
        break;
      case 'quote':
      case 'codeBlock':
      case 'list':
        this.endLine();
        this.lines(node);
        this.endLine();
        break;
      case 'break':
        break;
      default:
        this.parts.push(STYLE_TAGS[node.type][0]);
        this.row(node.children);
        this.parts.push(STYLE_TAGS[node.type][1]);
    }
  }

  private lines(node: Extract<Node, { type: 'quote' | 'codeBlock' | 'list' }>): void {
    if (node.type === 'codeBlock') {
      const named = node.language ? ` class="language-${escapedAttribute(node.language)}"` : '';
      this.parts.push(`<pre><code${named}>${escapedText(node.text)}</code></pre>`);
    } else if (node.type === 'quote') {
      const author = node.author === null ? '' : `<cite>${escapedText(node.author)}</cite><br>`;
      this.parts.push(`<blockquote>${author}`);
      this.block(node.children);
      this.parts.push('</blockquote>');
    } else {
      const start = node.start === null || node.start === 1 ? '' : ` start="${node.start}"`;
      const name = node.start === null ? 'ul' : 'ol';
      this.parts.push(`<${name}${start}>`);
      for (const item of node.items) {
        this.parts.push('<li>');
        this.block(item);
        this.parts.push('</li>');
      }
      this.parts.push(`</${name}>`);
    }
  }

  private words(content: string): void {
    for (const [piece] of content.matchAll(PIECES)) {
      if (piece === ' ' && !this.lineIsEmpty && this.space < 0) this.space = this.parts.push(' ') - 1;
      else this.solid(' \t\f\r'.includes(piece) ? spaceReference(piece) : escapedText(piece));
    }
  }

  private solid(html: string): void {
    this.parts.push(html);
    this.lineIsEmpty = false;
    this.space = -1;
  }
}

const spaceReference = (space: string): string => `&#${space.charCodeAt(0)};`;

/**
 * The line ends that `count` breaks between two nodes need. An edge of a block ends a line by itself, and a line end just
 * before a block only ends the line that the block would end anyway.
 */
function lineEnds(count: number, before: Node | undefined, after: Node | undefined): number {
  if (!before || !after) return count;
  if (isBlock(before)) return count - 1;
  return isBlock(after) && count === 1 ? 0 : count;
}
