// Texts that went to another network and come back from there as it has them: what is equal in two of them, and what stood
// around somebody's words where one voice says them all. Which network writes what around them is bridges/.
import { read, write } from './convert.ts';
import { settle } from './settle.ts';
import type { Node } from './tree.ts';

/** What stands around the words, in Markdown; '' where nothing does. */
export interface Frame {
  head: string;
  tail: string;
}

/** Where a Discourse shows uploads. */
const UPLOADED = /\/uploads\/short-url\//;

/**
 * The same for two texts in Markdown that say the same in the same markup: spaces, invisible signs and the addresses of pictures
 * and uploads do not count, for networks tidy the first, and fetch and rename the others.
 */
export function printOf(markdown: string): string {
  const whole = write(settle(unaddressed(read(markdown, 'markdown'))), 'markdown');
  return whole
    .normalize('NFC')
    .replace(/[^\S\n]|\p{Cf}/gu, '')
    .replace(/\n+/g, '\n')
    .trim();
}

function unaddressed(nodes: readonly Node[]): Node[] {
  return nodes.flatMap((node): Node[] => {
    if (node.type === 'image') return node.alt === '' ? [] : [{ type: 'text', text: node.alt }];
    if (node.type === 'link' && UPLOADED.test(node.url)) return unaddressed(node.children);
    if (node.type === 'list') return [{ ...node, items: node.items.map(unaddressed) }];
    return 'children' in node ? [{ ...node, children: unaddressed(node.children) }] : [node];
  });
}

/** What stands before and behind `body` in `whole`; nothing where it is not in there as it is. */
export function frameOf(whole: string, head: string, body: string): Frame {
  const at = whole.indexOf(body, head.length);
  if (at < 0 || !whole.startsWith(head) || whole.slice(head.length, at).trim() !== '')
    return { head: '', tail: '' };
  return { head: whole.slice(0, at), tail: whole.slice(at + body.length) };
}

/** Lines that a head or a tail takes, without those at its edges that say nothing. */
export const linesOf = (edge: string): number => (edge.trim() === '' ? 0 : edge.trim().split('\n').length);

/** The text without so many lines at its beginning, if `is` knows them. */
export function withoutHead(text: string, lines: number, is: (edge: string) => boolean): string | null {
  const all = text.trim().split('\n');
  return lines > 0 && is(all.slice(0, lines).join('\n')) ? all.slice(lines).join('\n').trim() : null;
}

/** The same for its end. */
export function withoutTail(text: string, lines: number, is: (edge: string) => boolean): string | null {
  const all = text.trim().split('\n');
  return lines > 0 && is(all.slice(-lines).join('\n')) ? all.slice(0, -lines).join('\n').trim() : null;
}
