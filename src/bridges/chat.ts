// A message as chat networks take it: its title, what it answers, its words and its files as one text, in parts that fit.
// How each part is sent is the network's own file.
import { writeFor } from '../text/networks.ts';
import { split } from '../text/split.ts';
import { link, type Node, text, textOf } from '../text/tree.ts';
import type { Part, Quoted, Said, SaidFile } from './network.ts';

/** Of what is answered, where the network cannot say so (contracts/webhooks-bridges-widget.md 2.4). */
const QUOTED_CHARS = 120;
export const NAME_CHARS = 80;
/** Where nothing of a message can be said there, its part has this for words: an empty text is refused. */
const NOTHING = '…';

export interface ChatRules {
  network: 'slack' | 'discord' | 'mattermost';
  /** UTF-16 units of one message. */
  most: number;
  /** Files that go along instead of being named by a link at the end of the words. */
  along(files: readonly SaidFile[]): readonly SaidFile[];
}

/** At least one part; files that go along are with the last. */
export function chatParts(said: Said, { network, most, along }: ChatRules): Part[] {
  const files = along(said.files);
  const linked = said.files.filter((file) => !files.includes(file));
  const nodes = [...heading(said), ...said.nodes, ...links(linked, said.nodes.length > 0)];
  const write = (part: readonly Node[]) => writeFor(network, part);
  const pieces = split(nodes, write, most);
  if (pieces.length === 0) pieces.push(files.length > 0 ? [] : [text(NOTHING)]);
  return pieces.map((piece, index) => ({
    key: String(index),
    content: write(piece),
    words: textOf(piece),
    ...(index === pieces.length - 1 && files.length > 0 && { files }),
  }));
}

function heading({ title, quoted }: Said): Node[] {
  const lineEnd: Node = { type: 'break' };
  const titled: Node[] = title === null ? [] : [{ type: 'bold', children: [text(title)] }, lineEnd];
  return quoted ? [...titled, quoteOf(quoted), lineEnd] : titled;
}

/** The beginning of what is answered: its first words, on one line. */
function quoteOf({ author, words }: Quoted): Node {
  const line = words.replace(/\s+/g, ' ').trim();
  const short = cut(line, QUOTED_CHARS);
  return {
    type: 'quote',
    author: author === '' ? null : author,
    children: [text(short === '' ? NOTHING : short)],
  };
}

function links(files: readonly SaidFile[], below: boolean): Node[] {
  return files.flatMap(({ name, url }, index): Node[] => [
    ...(below || index > 0 ? [{ type: 'break' } as const] : []),
    ...link(url, [text(name)]),
  ]);
}

/** At most so many UTF-16 units, no character cut in two. */
export const cut = (whole: string, most: number): string =>
  whole.length <= most ? whole : `${whole.slice(0, most - 1).replace(/[\ud800-\udbff]$/, '')}…`;

/** Pictures are loaded by the network itself. */
export const isWeb = (url: string | null): url is string => url !== null && /^https?:\/\//.test(url);
