// Tags that Discourse reads in Markdown: [u] and its like in a line, and quotes on lines of their own,
// [quote="name, post:1, topic:2"] … [/quote].
import { authorName } from './settle.ts';
import { type Meter, type Node, type Style, text, textOf } from './tree.ts';

const START = /^[ \t]*\[quote(?:=("?)([^"\]]{0,300})\1)?\][ \t]*$/i;
/** The same in an item or a quote of marks: no start here, but it has an end. */
const INNER_START = /^(?:[ \t>]|[-*+][ \t]|\d{1,8}[.)][ \t]){0,64}\[quote(?:=("?)[^"\]]{0,300}\1)?\][ \t]*$/i;
const END = /^[ \t>]*\[\/quote\][ \t]*$/i;
/** What follows the name: `post:1`, `topic:2`, `full:true`, `username:ann`. */
const DETAIL = /,\s*(?:post|topic|full|username):/i;
/** A fence of code, in whatever quote or item. */
const FENCE = /^(?:[ \t>]|[-*+][ \t]|\d{1,8}[.)][ \t]){0,64}(`{3,})([\w+#.-]{0,40})[ \t]*$/;

/** For each line that begins a quote, the line that ends it. Lines between fences of code begin and end none. */
export function quoteTags(lines: readonly string[]): ReadonlyMap<number, number> {
  const ends = new Map<number, number>();
  const open: number[] = [];
  const fenced = fencedLines(lines);
  lines.forEach((line, at) => {
    if (fenced[at] === 1) return;
    if (INNER_START.test(line)) open.push(at);
    else if (END.test(line)) {
      const start = open.pop();
      if (start !== undefined && START.test(lines[start] as string)) ends.set(start, at);
    }
  });
  return ends;
}

/** Which lines lie between fences: 1. A fence that nothing closes begins none. */
function fencedLines(lines: readonly string[]): Uint8Array {
  const fenced = new Uint8Array(lines.length);
  let from = -1;
  let ticks = 0;
  lines.forEach((line, at) => {
    const [, run = '', language] = FENCE.exec(line) ?? [];
    if (run === '') return;
    if (from < 0) {
      from = at;
      ticks = run.length;
    } else if (language === '' && run.length >= ticks) {
      fenced.fill(1, from, at);
      from = -1;
    }
  });
  return fenced;
}

/** Who is quoted by the tag on this line, or null. */
export function quotedName(line: string): string | null {
  const value = START.exec(line)?.[2] ?? '';
  const detail = DETAIL.exec(value);
  return authorName(detail ? value.slice(0, detail.index) : value);
}

export const TAG_STYLES: Readonly<Record<string, Style | undefined>> = {
  b: 'bold',
  i: 'italic',
  u: 'underline',
  s: 'strike',
  spoiler: 'spoiler',
};
/** With an address behind it, it is the name of a link. */
const TAG = /\[(\/?)([bius]|spoiler)\](?!\()/iy;
const LONGEST_TAG = 10;

/** The tag of a style at `at`, or null. */
export function styleTagAt(source: string, at: number, meter: Meter) {
  TAG.lastIndex = at;
  meter.steps += LONGEST_TAG;
  const [whole, slash, name = ''] = TAG.exec(source) ?? [];
  return whole === undefined
    ? null
    : { name: name.toLowerCase(), closing: slash === '/', end: at + whole.length };
}

/** What is called so, without what Discourse keeps behind a bar: the size of an image, that a file is attached. */
export function described(children: readonly Node[], isImage: boolean): readonly Node[] {
  const all = textOf(children);
  const name = isImage ? (all.split('|', 1)[0] as string) : all.replace(/\|attachment$/, '');
  return name === all ? children : [text(name)];
}
