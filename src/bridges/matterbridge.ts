// Matterbridge by its api (contracts/webhooks-bridges-widget.md C9), in both directions: what is said here is posted to the api
// of another's, or kept at this hub's own for whoever asks (place.role = 'server'). The connection that listens is relay.ts.
import { type Bridge, isServed } from '../domain/bridges.ts';
import type { Hub } from '../hub/context.ts';
import { writeFor } from '../text/networks.ts';
import { split } from '../text/split.ts';
import { link, type Node, text, textOf } from '../text/tree.ts';
import { publishAt } from './matterbridge-relay.ts';
import { type WireFile, wireOf } from './matterbridge-wire.ts';
import type { Call, Heard, Network, Part, Said, SaidFile } from './network.ts';

/** Much longer than any of its networks takes: it splits for each of them itself. */
const CHARS = 10_000;
/** MediaDownloadSize, its default. */
const FILE_BYTES = 1_000_000;
const FILES = 10;

const isSmall = ({ bytes }: SaidFile): boolean => bytes > 0 && bytes <= FILE_BYTES;

function parts(_bridge: Bridge, said: Said): Part[] {
  const files = said.files.filter(isSmall).slice(0, FILES);
  const linked = said.files.filter((file) => !files.includes(file));
  const below = linked.flatMap(({ name, url }): Node[] => [{ type: 'break' }, ...link(url, [text(name)])]);
  const titled: Node[] =
    said.title === null ? [] : [{ type: 'bold', children: [text(said.title)] }, { type: 'break' }];
  const quoted = said.quoted !== null && said.quoted.remote === null ? quoteOf(said.quoted) : [];
  // Its networks find mentions in words.
  const write = (nodes: readonly Node[]) => writeFor('mattermost', nodes);
  const head = [...titled, ...quoted];
  const pieces = split([...said.nodes, ...below], write, CHARS - write(head).length);
  if (pieces.length === 0) pieces.push(files.length > 0 || head.length > 0 ? [] : [text('…')]);
  pieces[0] = [...head, ...(pieces[0] ?? [])];
  return pieces.map((piece, index) => ({
    key: String(index),
    content: write(piece),
    words: textOf(piece),
    ...(index === pieces.length - 1 && files.length > 0 && { files }),
  }));
}

const QUOTED_CHARS = 120;
const quoteOf = ({ author, words }: { author: string; words: string }): Node[] => [
  {
    type: 'quote',
    author: author || null,
    children: [text(words.replace(/\s+/g, ' ').trim().slice(0, QUOTED_CHARS).toWellFormed() || '…')],
  },
  { type: 'break' },
];

async function enclosed(files: readonly SaidFile[]): Promise<WireFile[]> {
  const all = await Promise.all(
    files.map(async (file): Promise<WireFile[]> => {
      const blob = await file.open();
      const Data = blob && Buffer.from(await blob.arrayBuffer()).toString('base64');
      return Data === null ? [] : [{ Name: file.name, Data, Comment: '', URL: file.url, Size: file.bytes }];
    }),
  );
  return all.flat();
}

async function said(bridge: Bridge, { author, quoted }: Said, part: Part, id: string): Promise<Call> {
  const file = await enclosed(part.files ?? []);
  return call(bridge, {
    text: part.content,
    username: author.name,
    userid: author.name,
    avatar: author.avatar ?? '',
    parent_id: quoted?.remote ?? '',
    id,
    Extra: file.length > 0 ? { file } : null,
  });
}

function call(bridge: Bridge, about: Partial<Parameters<typeof wireOf>[0]>): Call {
  const { url, credentials, place } = bridge;
  return {
    method: 'POST',
    url: `${url.replace(/\/+$/, '')}/api/message`,
    ...(credentials.token && { headers: { authorization: `Bearer ${credentials.token}` } }),
    body: JSON.stringify(wireOf({ ...about, gateway: place.gateway ?? 'gateway' }, new Date())),
  };
}

/** Matterbridge itself forgets every id; others on its api do not. */
function made({ body }: Heard): string | null {
  try {
    const { id } = JSON.parse(body) as { id?: unknown };
    return typeof id === 'string' && id !== '' && id.length <= 500 ? id : null;
  } catch {
    return null;
  }
}

/** Named by the hub: an api that hands ids on lets a message be changed. */
const idOf = ({ event }: Said, { key }: Part): string => `${event}.${key}`;

export const matterbridge: Network = {
  perSecond: 10,
  parts,
  create: (bridge, what, part) => said(bridge, what, part, idOf(what, part)),
  // What was given no id there is known here by a hash, and could not be found by that.
  reachesOthers: (remote) => !/^([#~]|$)/.test(remote),
  edit: (bridge, what, part, remote) => said(bridge, what, part, remote),
  remove: (bridge, remote) => call(bridge, { event: 'msg_delete', id: remote }),
  made,
  transport: (hub: Hub, bridge: Bridge, { body }: Call) =>
    isServed(bridge) ? publishAt(hub, bridge.number, String(body)) : null,
};
