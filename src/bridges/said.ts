// What is said at a network of what a bridge was told (told.ts): the tree of its words, its files, what it answers.
import { type Bridge, markerOf, sourcesOf } from '../domain/bridges.ts';
import type { Attachment } from '../domain/model.ts';
import type { Hub } from '../hub/context.ts';
import { readFile } from '../hub/file-access.ts';
import { read } from '../text/convert.ts';
import { lineBreak, type Node, text, textOf } from '../text/tree.ts';
import type { Quoted, Said, SaidFile } from './network.ts';
import type { Line, Words } from './told.ts';

/** Files that one message takes along or names. */
const FILES = 50;
/** What is said at a network stays there: its files can be read for a year, as long as they are here. */
const FILE_DAYS = 365;
/** Of each message in a digest. */
const LINE_CHARS = 200;
/** Whose voice says what nobody here has said. */
const OWN_NAME = 'Parlance';

/** `remoteOf`: what a message of this conversation is called there. */
export interface Around {
  hub: Hub;
  bridge: Bridge;
  event: string;
  /** The hub's name in markers. */
  tag: string;
  remoteOf(seq: number): string | null;
}

export function saidOf(words: Words, around: Around): Said {
  const { author, title, files, origin } = words;
  return {
    event: around.event,
    author: { name: author.name, avatar: author.avatar },
    title,
    nodes: nodesOf(words),
    files: files.slice(0, FILES).map((file) => fileOf(around.hub, file)),
    quoted: words.quoted && quotedOf(words.quoted, around),
    marker: markerOf(around.tag, around.bridge.conversation, origin?.hops ?? 0),
  };
}

export const nodesOf = ({ text: source, markup }: Pick<Words, 'text' | 'markup'>): Node[] =>
  read(source, markup);

/** What a reader sees of it: an echo and a copy are known by these. */
export const wordsOf = (words: Pick<Words, 'text' | 'markup'>): string => textOf(nodesOf(words));

function quotedOf(quoted: NonNullable<Words['quoted']>, { bridge, remoteOf }: Around): Quoted {
  const { remote, seq, author } = quoted;
  const there = remote !== null && sourcesOf(bridge).includes(remote.account) ? remote.id : null;
  return { remote: there ?? remoteOf(seq), author, words: wordsOf(quoted) };
}

function fileOf(hub: Hub, file: Attachment): SaidFile {
  const { name, mime, bytes } = file;
  const open = async () => {
    if (file.file === null) return null;
    try {
      const stored = await readFile(hub, file.file);
      return new Blob([await new Response(stored.body).arrayBuffer()], { type: stored.mime });
    } catch {
      // Deleted since, or the store is away: its link says the same.
      return null;
    }
  };
  return {
    name,
    mime,
    bytes: file.file === null ? 0 : bytes,
    url: hub.lastingAddressOf(file, FILE_DAYS),
    open,
  };
}

/** Words of the hub itself. */
export function ownWords(
  nodes: readonly Node[],
  { event, tag, bridge }: Pick<Around, 'event' | 'tag' | 'bridge'>,
): Said {
  const author = { name: OWN_NAME, avatar: null };
  const marker = markerOf(tag, bridge.conversation, 0);
  return { event, author, title: null, nodes, files: [], quoted: null, marker };
}

/** So many messages in a line each, for a place that was not told of them in time. */
export function digestOf(lines: readonly Line[]): Node[] {
  const head: Node = {
    type: 'bold',
    children: [text(`${lines.length} messages came while this place could not be told of them`)],
  };
  return [head, ...lines.flatMap(({ name, words }) => [lineBreak, ...lineOf(name, words)])];
}

function lineOf(name: string, words: string): Node[] {
  const line = words.replace(/\s+/g, ' ').trim();
  const short =
    line.length <= LINE_CHARS ? line : `${line.slice(0, LINE_CHARS - 1).replace(/[\ud800-\udbff]$/, '')}…`;
  return [{ type: 'bold', children: [text(name === '' ? '…' : name)] }, text(`: ${short}`)];
}

/** Where the network cannot change a message: that it says something else now. */
export const editedNodes = (nodes: readonly Node[]): Node[] => [
  { type: 'italic', children: [text('edited:')] },
  text(' '),
  ...nodes,
];
