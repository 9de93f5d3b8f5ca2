// The tags of BBCode: which there are, how one is found in a text, and how a text that looks like one is kept from being
// one. What tags do is bbcode.ts.
import type { Meter } from './tree.ts';

/** What a tag's element is, as far as reading goes. */
export type Role =
  | 'style'
  | 'colour'
  /** Size, face, alignment: only the contents stay. */
  | 'layout'
  | 'link'
  | 'image'
  | 'quote'
  /** Contents are taken as they are. */
  | 'raw'
  | 'list'
  | 'item';

const ROLES: Readonly<Record<Role, string>> = {
  style: 'b i u s strike spoiler',
  colour: 'color colour',
  layout: 'size font center left right justify indent sub sup highlight',
  link: 'url email',
  image: 'img',
  quote: 'quote',
  raw: 'code php html icode tt',
  list: 'list',
  item: '*',
};
const ROLE_OF: ReadonlyMap<string, Role> = new Map(
  Object.entries(ROLES).flatMap(([role, names]) => names.split(' ').map((name) => [name, role as Role])),
);
const LONGEST_NAME = Math.max(...[...ROLE_OF.keys()].map((name) => name.length));
/** Tags that forums write with attributes: [quote author=x], [img width=1]. Elsewhere [b is] is no tag. */
const WITH_ATTRIBUTES: ReadonlySet<string> = new Set(['quote', 'img']);

export interface Tag {
  readonly name: string;
  readonly role: Role;
  readonly closing: boolean;
  /** What stands behind `=`, without its quotes, or the attributes; null where there is neither. */
  readonly value: string | null;
  /** Behind the closing bracket. */
  readonly end: number;
}

/** The tag whose bracket stands just before `from`, or null. A tag holds no bracket and ends with its line. */
export function tagAt(source: string, from: number, meter: Meter): Tag | null {
  const closing = source[from] === '/';
  const nameFrom = closing ? from + 1 : from;
  let at = nameFrom;
  while (at - nameFrom <= LONGEST_NAME && /[a-z*]/i.test(source[at] ?? '')) at++;
  meter.steps += at - from + 1;
  const name = source.slice(nameFrom, at).toLowerCase();
  const role = ROLE_OF.get(name);
  if (role === undefined) return null;
  if (source[at] === ']') return { name, role, closing, value: null, end: at + 1 };
  if (closing || !(source[at] === '=' || (source[at] === ' ' && WITH_ATTRIBUTES.has(name)))) return null;
  const valueFrom = at + 1;
  while (at < source.length && !'[]\r\n'.includes(source[at] as string)) at++;
  meter.steps += at - valueFrom + 1;
  if (source[at] !== ']') return null;
  return { name, role, closing, value: source.slice(valueFrom, at).trim(), end: at + 1 };
}

/**
 * BBCode has no escape. A bracket that would begin a tag is followed by one of these, which nobody sees and no forum
 * takes for a part of a tag; our reader takes one away again.
 */
export const GUARD = '\u200b';

/** Behind the guards that start at `from`. */
export function guardsEnd(source: string, from: number, meter: Meter): number {
  let at = from;
  while (source[at] === GUARD) at++;
  meter.steps += at - from + 1;
  return at;
}

/** The text with a guard in whatever would be read as a tag, or as a guarded one. */
export function guarded(source: string): string {
  const meter = { steps: 0 };
  let out = '';
  let from = 0;
  for (let at = source.indexOf('['); at >= 0; at = source.indexOf('[', at + 1)) {
    if (tagAt(source, guardsEnd(source, at + 1, meter), meter) === null) continue;
    out += source.slice(from, at + 1) + GUARD;
    from = at + 1;
  }
  return out + source.slice(from);
}

/** How many tags of a text have another half somewhere: a start before any end of its name, an end behind any start. */
export function halvesIn(source: string): number {
  const meter = { steps: 0 };
  const seen = new Map<string, { starts: number; ended: number; ends: number }>();
  for (let at = source.indexOf('['); at >= 0; at = source.indexOf('[', at + 1)) {
    const tag = tagAt(source, at + 1, meter);
    if (tag === null) continue;
    const of = seen.get(tag.name) ?? { starts: 0, ended: 0, ends: 0 };
    seen.set(tag.name, of);
    if (!tag.closing) of.starts++;
    else if (of.starts > 0) {
      of.ends++;
      of.ended = of.starts;
    }
  }
  return [...seen.values()].reduce((sum, { ended, ends }) => sum + ended + ends, 0);
}

const RAW_END = new RegExp(`\\[(${GUARD}*/(?:${ROLES.raw.replaceAll(' ', '|')})\\])`, 'gi');
const GUARDED_RAW_END = new RegExp(RAW_END.source.replace('(', `${GUARD}(`), 'gi');

/** Code as it may stand in a code tag, and back. */
export const guardedCode = (code: string): string => code.replace(RAW_END, `[${GUARD}$1`);
export const unguardedCode = (code: string): string => code.replace(GUARDED_RAW_END, '[$1');

/** The end tag of `name` from `from` on: where it starts, or -1. */
export function endTagFrom(source: string, name: string, from: number): number {
  const pattern = new RegExp(`\\[/${name}\\]`, 'gi');
  pattern.lastIndex = from;
  return pattern.exec(source)?.index ?? -1;
}
