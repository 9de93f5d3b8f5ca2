// Documents of XML-RPC made by its grammar, each with what it says, written in every way that a client may write it
// (contracts/tapatalk.md 5.2). What is done to them then is xmlrpc-samples.ts.
import { DateTime, Double, type InValue } from '../../src/xmlrpc/value.ts';
import type { Random } from './random.ts';

/** A call in pieces, each a tag, a text or something between tags. */
export interface Sample {
  readonly pieces: readonly string[];
  readonly params: readonly InValue[];
  /** The declared encoding, and how the pieces become bytes. */
  readonly latin1: boolean;
}

const NAMES = ['a', 'conv_id', '', '__proto__', 'constructor', 'toString', '0', '10', 'é', 'a b', '<&>'];
const CHARS = [
  ...'abc XYZ 0189_-.,:;/?!()[]{}"\'=+*#@<>&]]>\n\t',
  'é',
  'ß',
  '\u00a0',
  'Ж',
  '日',
  '😀',
  '\ufffd',
  '\r',
];
const MOST_DEPTH = 5;
const GAPS = ['\n', ' ', '\t', '\r\n', '<!-- a comment -->', '<!---->', '<?php echo "<value>" ?>', ' \n '];

export class Grammar {
  private readonly random: Random;
  private readonly latin1: boolean;
  private out: string[] = [];

  constructor(random: Random) {
    this.random = random;
    this.latin1 = random.oneIn(6);
  }

  /** A call of `m` that is right. */
  call(): Sample {
    const { random } = this;
    const params: InValue[] = [];
    this.out = [];
    this.declaration();
    this.between();
    this.open('methodCall');
    this.between();
    this.wrapped('methodName', () => this.put('m'));
    this.between();
    if (random.oneIn(20)) this.empty('params');
    else if (!random.oneIn(20)) {
      this.wrapped('params', () => {
        for (let left = random.below(4); left > 0; left--) {
          this.between();
          this.wrapped('param', () => {
            this.between();
            params.push(this.value(1));
            this.between();
          });
        }
        this.between();
      });
    }
    this.between();
    this.close('methodCall');
    this.between();
    return { pieces: this.out, params, latin1: this.latin1 };
  }

  private put(piece: string): void {
    this.out.push(piece);
  }

  private declaration(): void {
    const { random } = this;
    if (!this.latin1 && random.oneIn(4)) return;
    const quote = random.pick(['"', "'"]);
    const encoding = this.latin1
      ? random.pick(['iso-8859-1', 'ISO-8859-1', 'latin1'])
      : random.pick(['UTF-8', 'utf-8', '']);
    const named = encoding && ` encoding=${quote}${encoding}${quote}`;
    this.put(`<?xml version=${quote}1.0${quote}${named}${random.pick(['', ' '])}?>`);
  }

  /** White space, comments and instructions where they mean nothing. */
  private between(): void {
    if (this.random.oneIn(3)) this.put(this.random.pick(GAPS));
  }

  private inTag(): string {
    if (this.random.oneIn(40)) return ' xmlns:ex="http://ws.apache.org/xmlrpc/namespaces/extensions"';
    return this.random.oneIn(30) ? this.random.pick([' ', '\n', '\t ']) : '';
  }

  private open(name: string): void {
    this.put(`<${name}${this.inTag()}>`);
  }

  private close(name: string): void {
    this.put(`</${name}${this.random.oneIn(30) ? ' ' : ''}>`);
  }

  private empty(name: string): void {
    this.put(`<${name}${this.inTag()}/>`);
  }

  private wrapped(name: string, inside: () => void): void {
    this.open(name);
    inside();
    this.close(name);
  }

  /** An element whose text is put there in one of several ways. */
  private element<T extends InValue>(name: string, text: string, means: T): T {
    this.wrapped(name, () => this.text(text, true));
    return means;
  }

  private value(depth: number): InValue {
    const { random } = this;
    if (random.oneIn(12)) {
      this.empty('value');
      return '';
    }
    if (random.oneIn(8)) {
      const content = this.characters();
      this.wrapped('value', () => this.text(content, false));
      return content.replace(/\r\n?/g, '\n');
    }
    let means: InValue = '';
    this.wrapped('value', () => {
      this.between();
      means = depth < MOST_DEPTH && random.oneIn(3) ? this.compound(depth) : this.scalar();
      this.between();
    });
    return means;
  }

  private compound(depth: number): InValue {
    const { random } = this;
    const count = random.below(4);
    if (random.oneIn(2)) {
      const items: InValue[] = [];
      this.wrapped('array', () => {
        this.between();
        if (count === 0 && random.oneIn(2)) this.empty('data');
        else {
          this.wrapped('data', () => {
            for (let left = count; left > 0; left--) {
              this.between();
              items.push(this.value(depth + 1));
            }
            this.between();
          });
        }
        this.between();
      });
      return items;
    }
    const members = new Map<string, InValue>();
    if (count === 0 && random.oneIn(2)) {
      this.empty('struct');
      return members;
    }
    this.wrapped('struct', () => {
      for (let left = count; left > 0; left--) {
        this.between();
        this.wrapped('member', () => {
          this.between();
          const name = random.pick(NAMES);
          this.wrapped('name', () => this.text(name, false));
          this.between();
          members.set(name, this.value(depth + 1));
          this.between();
        });
      }
      this.between();
    });
    return members;
  }

  private scalar(): InValue {
    const { random } = this;
    switch (random.below(9)) {
      case 0: {
        const content = this.characters();
        if (content === '' && random.oneIn(2)) {
          this.empty('string');
          return '';
        }
        this.wrapped('string', () => this.text(content, false));
        return content.replace(/\r\n?/g, '\n');
      }
      case 1: {
        const number = random.pick([0, 1, 19, -1, 2_147_483_647, -2_147_483_648, random.next() | 0]);
        const written =
          number >= 0 && random.oneIn(4) ? `${random.pick(['+', '00', '+0'])}${number}` : `${number}`;
        return this.element(random.pick(['int', 'i4']), this.padded(written), number);
      }
      case 2: {
        const number = BigInt.asIntN(64, (BigInt(random.next()) << 32n) | BigInt(random.next()));
        return this.element(random.pick(['i8', 'ex:i8']), this.padded(String(number)), number);
      }
      case 3: {
        const yes = random.oneIn(2);
        return this.element('boolean', this.padded(random.pick(yes ? ['1', 'true'] : ['0', 'false'])), yes);
      }
      case 4: {
        const number = (random.next() - 2 ** 31) / 2 ** random.below(40);
        const written = random.pick([String(number), number.toExponential(), number.toFixed(3)]);
        return this.element('double', this.padded(written), new Double(Number(written)));
      }
      case 5:
        return this.date();
      case 6:
      case 7:
        return this.base64();
      default: {
        const name = random.pick(['nil', 'ex:nil']);
        if (random.oneIn(2)) this.empty(name);
        else this.wrapped(name, () => this.between());
        return null;
      }
    }
  }

  private date(): DateTime {
    const { random } = this;
    const ms = random.below(4_000_000_000) * 1000 + (random.oneIn(4) ? random.below(1000) : 0);
    const iso = new Date(ms).toISOString();
    const day = random.oneIn(2) ? iso.slice(0, 10) : iso.slice(0, 10).replaceAll('-', '');
    const fraction = ms % 1000 > 0 ? iso.slice(19, 23) : '';
    const [zone, minutes] = random.pick([
      ['', 0],
      ['Z', 0],
      ['+00:00', 0],
      ['+0530', 330],
      ['-08:00', -480],
      ['+14', 840],
    ] as const);
    const written = `${day}T${iso.slice(11, 19)}${fraction}${zone}`;
    return this.element(
      'dateTime.iso8601',
      this.padded(written),
      new DateTime(ms - minutes * 60_000, zone !== ''),
    );
  }

  private base64(): Uint8Array {
    const { random } = this;
    const bytes = Uint8Array.from({ length: random.below(random.oneIn(4) ? 120 : 12) }, () =>
      random.below(256),
    );
    let written = Buffer.from(bytes).toString('base64');
    if (random.oneIn(4)) written = written.replaceAll('=', '');
    if (random.oneIn(3)) written = written.replace(/.{20}/g, `$&${random.pick(['\n', '\r\n', ' '])}`);
    return this.element('base64', this.padded(written), bytes);
  }

  private padded(written: string): string {
    return this.random.oneIn(6) ? `\n ${written}\t` : written;
  }

  private characters(): string {
    return this.random.some(this.random.oneIn(5) ? 30 : 6, () => this.random.pick(CHARS)).join('');
  }

  /** The text, in pieces: as it is, in references, in CDATA, with comments between. `trims`: outer white space is nothing. */
  private text(content: string, trims: boolean): void {
    const { random } = this;
    if (trims && !random.oneIn(8)) {
      this.put(content);
      return;
    }
    let plain = '';
    const flush = () => {
      if (plain !== '') this.put(plain);
      plain = '';
    };
    for (const char of content) {
      if (char !== '\n' && random.oneIn(24)) {
        flush();
        this.put(random.pick(['<!-- -->', '<!--<value>-->', '<?pi ]]> ?>']));
      }
      // A carriage return is a line end; two characters that are one line end must not be pulled apart.
      if (random.oneIn(24) && char !== '\r' && char !== '\n' && this.fits(char)) {
        flush();
        this.put(`<![CDATA[${char}]]>`);
      } else plain += this.character(char);
    }
    flush();
  }

  /** The declared encoding has this character. */
  private fits(char: string): boolean {
    return !this.latin1 || (char.codePointAt(0) as number) <= 0xff;
  }

  private character(char: string): string {
    const { random } = this;
    const code = char.codePointAt(0) as number;
    const named = { '<': '&lt;', '>': '&gt;', '&': '&amp;', '"': '&quot;', "'": '&apos;' }[char];
    if (named && (random.oneIn(2) || '<>&'.includes(char))) return named;
    if (char !== '\r' && char !== '\n' && (random.oneIn(20) || !this.fits(char))) {
      return random.oneIn(2) ? `&#${code};` : `&#x${code.toString(16).padStart(random.below(8), '0')};`;
    }
    return char;
  }
}
