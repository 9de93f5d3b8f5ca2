// Tags that Discourse reads in Markdown: [u] and its like in a line, and quotes on lines of their own,
// [quote="name, post:1, topic:2"] … [/quote].
import { authorName } from './settle.ts';
import type { Meter, Style } from './tree.ts';

const START = /^[ \t]*\[quote(?:=("?)([^"\]]{0,300})\1)?\][ \t]*$/i;
const END = /^[ \t]*\[\/quote\][ \t]*$/i;
/** What follows the name: `post:1`, `topic:2`, `full:true`, `username:ann`. */
const DETAIL = /,\s*(?:post|topic|full|username):/i;
const TICKS = /^ {0,3}(`{3,})/;

/** For each line that begins a quote, the line that ends it. Lines between fences of code begin and end none. */
export function quoteTags(lines: readonly string[]): ReadonlyMap<number, number> {
  const ends = new Map<number, number>();
  const open: number[] = [];
  let fence = 0;
  lines.forEach((line, at) => {
    const ticks = TICKS.exec(line)?.[1]?.length ?? 0;
    if (ticks > 0 && (fence === 0 || ticks >= fence)) fence = fence === 0 ? ticks : 0;
    if (fence > 0) return;
    if (START.test(line)) open.push(at);
    else if (END.test(line)) {
      const start = open.pop();
      if (start !== undefined) ends.set(start, at);
    }
  });
  return ends;
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
const TAG = /\[(\/?)([bius]|spoiler)\]/iy;
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
