// What stands between two things that a reader of HTML sees, one of which may be a block: how many line ends that is.
import { lineBreak, type Node } from './tree.ts';

/** Line ends since the last content of one block. Two edges of blocks that meet end a line once. */
export class LineGap {
  /** There was content in this block. */
  begun = false;
  /** Nothing was written on this line yet. */
  lineIsEmpty = true;
  private lines = 0;
  private written = 0;
  private paragraph = false;
  private afterName = false;

  /** Inside a quote whose author was named: the line end behind the name belongs to the name. */
  static afterAuthor(): LineGap {
    const gap = new LineGap();
    gap.afterName = true;
    return gap;
  }

  /** A written line end, `<br>`. */
  lineEnd(): void {
    const partOfName = this.afterName;
    this.afterName = false;
    if (partOfName) return;
    this.lines++;
    this.written++;
    this.lineIsEmpty = true;
  }

  /** An edge of a block; a paragraph's has an empty line. */
  edge(paragraph: boolean): void {
    if (!this.lineIsEmpty) this.lines++;
    this.lineIsEmpty = true;
    this.paragraph ||= paragraph;
  }

  /** The breaks before content that comes now. Before the first there are only those that were written. */
  beforeContent(): Node[] {
    const count = this.begun ? Math.max(this.lines, this.paragraph ? 2 : 0) : this.written;
    this.begun = true;
    this.lineIsEmpty = false;
    this.lines = 0;
    this.written = 0;
    this.paragraph = false;
    this.afterName = false;
    return breaks(count);
  }

  /** The breaks behind the last content: those that were written. */
  atEnd(): Node[] {
    return breaks(this.written);
  }
}

const breaks = (count: number): Node[] => Array.from({ length: count }, () => lineBreak);
