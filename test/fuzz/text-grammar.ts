// Texts made by the grammar of each markup, with numbered words in them: whatever the markup, a reader must find every word,
// in order.
import type { Markup } from '../../src/domain/model.ts';
import type { Random } from './random.ts';

/** A text in pieces, each a word or a piece of markup, and the words that a person reads. */
export interface Made {
  readonly pieces: readonly string[];
  readonly words: readonly string[];
}

const MOST_DEPTH = 5;
const ADDRESSES = [
  'http://x.example/',
  'https://y.example/a_b*c~(d)?q=1&lt=2#e',
  'mailto:a@b.example',
  'javascript:x',
];
const COLOURS = ['red', '#00ff00', 'rgb(1, 2, 3)', 'nothing 1'];

export class TextGrammar {
  private readonly random: Random;
  private readonly pieces: string[] = [];
  private readonly words: string[] = [];

  constructor(random: Random) {
    this.random = random;
  }

  text(markup: Markup): Made {
    const rows = 1 + this.random.below(3);
    for (let row = 0; row < rows; row++) {
      if (row > 0)
        this.pieces.push(
          this.random.pick(markup === 'html' ? ['<br>', '<p>', '\n'] : ['\n', '\n\n', '\r\n']),
        );
      this.row(markup);
    }
    return { pieces: this.pieces, words: this.words };
  }

  private row(markup: Markup): void {
    switch (markup) {
      case 'plain':
        for (let left = this.random.below(6); left > 0; left--) this.word();
        return;
      case 'bbcode':
        return this.bbcode(0);
      case 'html':
        return this.html(0);
      case 'markdown':
        return this.markdownRow();
    }
  }

  private word(): void {
    const word = `w${this.words.length}x`;
    this.words.push(word);
    this.pieces.push(word, this.random.pick([' ', ' ', '. ', ', ']));
  }

  private several(inside: () => void): void {
    for (let left = 1 + this.random.below(3); left > 0; left--) inside();
  }

  private around(start: string, inside: () => void, end: string): void {
    this.pieces.push(start);
    this.several(inside);
    this.pieces.push(end);
  }

  private bbcode(depth: number): void {
    const { random, pieces } = this;
    const deeper = () => this.bbcode(depth + 1);
    const word = () => this.word();
    if (depth >= MOST_DEPTH || random.oneIn(2)) return this.word();
    switch (random.below(8)) {
      case 0:
      case 1: {
        const name = random.pick(['b', 'I', 'u', 's', 'strike', 'size', 'center']);
        return this.around(`[${name}]`, deeper, `[/${name}]`);
      }
      case 2:
        return this.around(`[color=${random.pick(COLOURS)}]`, deeper, '[/color]');
      case 3:
        return this.around(`[url=${random.pick(ADDRESSES)}]`, deeper, '[/url]');
      case 4: {
        const name = random.pick([
          '',
          '="Ann"',
          "='Ann'",
          '=Ann',
          '="Ann, post: 3, member: 1"',
          ' author=Ann date=1',
        ]);
        return this.around(`[quote${name}]`, deeper, '[/quote]');
      }
      case 5:
        pieces.push(`[list${random.pick(['', '=1', '=a', '=7'])}]`);
        this.several(() => {
          pieces.push('[*]');
          deeper();
        });
        pieces.push('[/list]');
        return;
      case 6: {
        const name = random.pick(['code', 'icode', 'php', 'tt']);
        return this.around(`[${name}]`, word, `[/${name}]`);
      }
      default:
        pieces.push(random.pick(['[img]http://x.example/i.png[/img]', '\n', '[x]', '[ b]']));
    }
  }

  private html(depth: number): void {
    const { random, pieces } = this;
    const deeper = () => this.html(depth + 1);
    const word = () => this.word();
    if (depth >= MOST_DEPTH || random.oneIn(2)) return this.word();
    switch (random.below(8)) {
      case 0:
      case 1: {
        const name = random.pick(['b', 'em', 'u', 'DEL', 'h2', 'p', 'div', 'section']);
        return this.around(`<${name}>`, deeper, `</${name}>`);
      }
      case 2:
        return this.around(`<span class=x style="color: ${random.pick(COLOURS)}">`, deeper, '</span>');
      case 3:
        return this.around(
          `<a href="${random.pick(ADDRESSES).replaceAll('&', '&amp;')}" rel=x>`,
          deeper,
          '</a>',
        );
      case 4:
        pieces.push('<blockquote>');
        if (random.oneIn(2)) pieces.push('<cite>Ann</cite>', '<br>');
        this.several(deeper);
        pieces.push('</blockquote>');
        return;
      case 5: {
        const name = random.pick(['ul', 'ol']);
        pieces.push(`<${name}>`);
        this.several(() => {
          pieces.push('<li>');
          deeper();
          if (random.oneIn(2)) pieces.push('</li>');
        });
        pieces.push(`</${name}>`);
        return;
      }
      case 6: {
        const name = random.pick(['code', 'pre', 'tt']);
        return this.around(`<${name}>`, word, `</${name}>`);
      }
      default:
        pieces.push(
          random.pick(['<img src="http://x.example/i.png" alt="a">', '<br>', '&amp;', '<!-- w -->', '<hr>']),
        );
    }
  }

  /** A row with marks in front of it, or none. */
  private markdownRow(): void {
    const { random, pieces } = this;
    if (random.oneIn(2))
      pieces.push(random.pick(['> ', '> > ', '- ', '1. ', '# ', '* ', '> - ', '- - ', '  ']));
    if (random.oneIn(8)) {
      pieces.push('\n```\n');
      this.word();
      pieces.push('\n```\n');
    } else this.several(() => this.markdown(0));
  }

  private markdown(depth: number): void {
    const { random, pieces } = this;
    const deeper = () => this.markdown(depth + 1);
    if (depth >= MOST_DEPTH || random.oneIn(2)) return this.word();
    switch (random.below(6)) {
      case 0:
      case 1: {
        const mark = random.pick(['**', '*', '_', '__', '~~']);
        return this.around(mark, deeper, mark);
      }
      case 2: {
        const title = random.pick(['', ' "a title"']);
        return this.around('[', deeper, `](${random.pick(ADDRESSES).replace(/[()]/g, '\\$&')}${title})`);
      }
      case 3: {
        const ticks = random.pick(['`', '``']);
        pieces.push(ticks);
        this.word();
        pieces.push(ticks);
        return;
      }
      default:
        pieces.push(
          random.pick([
            '![a](http://x.example/i.png)',
            '\\*',
            '&amp;',
            '<http://x.example/>',
            '  \n',
            '_',
            '*',
          ]),
        );
    }
  }
}
