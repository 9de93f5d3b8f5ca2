// What stands in one line of Slack's mrkdwn: styles, code, and what it writes in angle brackets (Slack's reference,
// "Formatting message text"). Lines are slack.ts.

import { charAt, charBefore, WORD } from './markdown-inline.ts';
import { link, MAX_DEPTH, type Meter, type Node, type Style, text, textOf } from './tree.ts';

const STYLES: Readonly<Record<string, Style | undefined>> = { '*': 'bold', _: 'italic', '~': 'strike' };
const SPECIAL = /[*_~`<&]/g;
const REFERENCE = /&(?:amp|lt|gt);/g;
const SIGNS: Readonly<Record<string, string>> = { '&amp;': '&', '&lt;': '<', '&gt;': '>' };
/** What parts a mark from the letters beside it: no mark begins before or ends behind one. */
const GUARDS = /\u200b/g;

const decoded = (source: string): string => source.replace(REFERENCE, (found) => SIGNS[found] as string);
const words = (source: string): string => decoded(source).replace(GUARDS, '');

interface Opener {
  readonly char: string;
  readonly index: number;
}

/** The nodes of a line. Never throws. */
export const readSlackInline = (source: string, meter: Meter): Node[] => new Line(source, meter).read();

/** Code as it was before Slack escaped it and put addresses in it into brackets. */
export function slackDecoded(code: string, meter: Meter): string {
  meter.steps += code.length;
  return code
    .split(/(<[^<>\n]{1,4096}>)/)
    .map((part, at) => (at % 2 === 1 ? textOf(tokenOf(part.slice(1, -1)) ?? [text(part)]) : decoded(part)))
    .join('')
    .replace(/^\n|\n$/g, '')
    .replace(/`\u200b(?=`)/g, '`');
}

class Line {
  private readonly source: string;
  private readonly meter: Meter;
  private readonly out: Node[] = [];
  private openers: Opener[] = [];
  private from = 0;
  /** Behind here there is no more tick. */
  private lastTick: number;

  constructor(source: string, meter: Meter) {
    this.source = source;
    this.meter = meter;
    this.lastTick = source.lastIndexOf('`');
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
    if (to > this.from) this.out.push(text(words(this.source.slice(this.from, to))));
    this.from = to;
  }

  private put(at: number, end: number, nodes: readonly Node[]): number {
    this.flush(at);
    this.out.push(...nodes);
    return end;
  }

  private special(at: number): number | null {
    switch (this.source[at]) {
      case '`':
        return this.code(at);
      case '<':
        return this.token(at);
      case '&':
        return null;
      default:
        return this.mark(at);
    }
  }

  /** Between two ticks there is at least one character, and no guard beside them. */
  private code(at: number): number | null {
    const { source } = this;
    if (at >= this.lastTick || source[at + 1] === '\u200b' || source[at + 1] === '`') return null;
    const close = source.indexOf('`', at + 1);
    this.meter.steps += close - at;
    if (source[close - 1] === '\u200b') return null;
    return this.put(at, close + 1, [
      { type: 'code', text: slackDecoded(source.slice(at + 1, close), this.meter) },
    ]);
  }

  private token(at: number): number | null {
    const end = this.source.indexOf('>', at);
    const next = this.source.indexOf('<', at + 1);
    if (end < 0 || (next >= 0 && next < end)) return null;
    this.meter.steps += end - at;
    const nodes = tokenOf(this.source.slice(at + 1, end));
    return nodes && this.put(at, end + 1, nodes);
  }

  private mark(at: number): number {
    const { source } = this;
    const char = source[at] as string;
    const before = charBefore(source, at);
    const after = charAt(source, at + 1);
    this.flush(at);
    const alone = before !== char && after !== char;
    const closes = alone && !isSpace(before) && !WORD.test(after);
    if (closes) {
      const index = this.openers.findLastIndex((opener) => opener.char === char);
      this.meter.steps += this.openers.length;
      const opener = this.openers[index];
      if (opener && opener.index < this.out.length - 1) {
        const children = this.out.splice(opener.index + 1);
        this.meter.steps += children.length;
        this.out.pop();
        this.openers.length = index;
        this.out.push({ type: STYLES[char] as Style, children });
        return at + 1;
      }
    }
    this.out.push(text(char));
    if (alone && !isSpace(after) && !WORD.test(before)) {
      if (this.openers.length >= MAX_DEPTH) this.openers.shift();
      this.openers.push({ char, index: this.out.length - 1 });
    }
    return at + 1;
  }
}

const isSpace = (char: string): boolean => char === '\u200b' || /\s/.test(char);

/** What stands between angle brackets; null: nothing that Slack writes. */
function tokenOf(inside: string): Node[] | null {
  const bar = inside.indexOf('|');
  const target = bar < 0 ? inside : inside.slice(0, bar);
  const label = bar < 0 ? '' : words(inside.slice(bar + 1));
  const [, sign, id = ''] = /^([@#!])(.*)$/.exec(target) ?? [];
  if (sign === '@') return [{ type: 'mention', name: label || id, id }];
  if (sign === '#') return [text(`#${label || id}`)];
  if (sign === '!') return commandOf(id, label);
  if (!/^(?:https?:\/\/|mailto:|tel:)/i.test(target)) return null;
  const url = decoded(target);
  return link(url, [text(label || url)]);
}

/** `!here`, `!subteam^S1|@team`, `!date^0^{date}|fallback`. */
function commandOf(command: string, label: string): Node[] {
  const [name = '', id = ''] = command.split('^');
  if (name === 'date') return [text(label || id)];
  if (name === 'subteam')
    return [{ type: 'mention', name: label.replace(/^@/, '') || id, id: `!${command}` }];
  return [{ type: 'mention', name: label.replace(/^@/, '') || name, id: `!${command}` }];
}
