// Messages as matterbridge's api hands them on (42wim/matterbridge bridge/config/config.go and bridge/api/api.go;
// contracts/webhooks-bridges-widget.md C9): how one is written, and what one that came in says here.
import { createHash } from 'node:crypto';
import * as v from 'valibot';
import type { RemoteEvent } from '../domain/remote.ts';
import { kept, readFrom } from '../text/networks.ts';
import { settle } from '../text/settle.ts';

/** Matterbridge's own names, and the order in which it writes them. */
export interface Wire {
  text: string;
  channel: string;
  username: string;
  userid: string;
  avatar: string;
  account: string;
  event: string;
  protocol: string;
  gateway: string;
  parent_id: string;
  timestamp: string;
  id: string;
  Extra: { file: WireFile[] } | null;
}

export interface WireFile {
  Name: string;
  /** Base64; null: only its address is told. */
  Data: string | null;
  Comment: string;
  URL: string;
  Size: number;
}

/** Events that something said here follows from. Others are notices: who came and went, who types, what failed. */
const SAID = new Set(['', 'user_action']);
const DELETED = 'msg_delete';
export const CONNECTED = 'api_connected';
/** An answer to a message that nobody there knows. */
const PARENT_NOT_FOUND = 'msg-parent-not-found';

export const wireOf = (about: Partial<Wire>, now: Date): Wire => ({
  text: '',
  channel: 'api',
  username: '',
  userid: '',
  avatar: '',
  account: 'api.parlance',
  event: '',
  protocol: 'api',
  gateway: '',
  parent_id: '',
  timestamp: now.toISOString(),
  id: '',
  Extra: null,
  ...about,
});

/** Go writes what is absent as nothing, and readers leave out what they do not know. */
const some = (most: number) => v.optional(v.nullable(v.pipe(v.string(), v.maxLength(most))));
const LONGEST_ID = 500;
const file = v.object({
  Name: some(500),
  Data: some(1_500_000),
  Comment: some(4_000),
  URL: some(4_000),
});
const fields = v.object({
  text: some(100_000),
  channel: some(LONGEST_ID),
  username: some(LONGEST_ID),
  userid: some(LONGEST_ID),
  avatar: some(4_000),
  account: some(LONGEST_ID),
  event: some(100),
  protocol: some(100),
  gateway: some(LONGEST_ID),
  parent_id: some(LONGEST_ID),
  timestamp: some(100),
  id: some(LONGEST_ID),
  Extra: v.optional(
    v.nullable(v.object({ file: v.optional(v.nullable(v.pipe(v.array(file), v.maxLength(50)))) })),
  ),
});
/** valibot takes a list for an object without anything. */
export const message = v.pipe(
  v.custom<Record<string, unknown>>((given) => !Array.isArray(given), 'must be an object'),
  fields,
);
export type Read = v.InferOutput<typeof message>;

/** A message as text; null: it is none. */
export function readWire(json: string): Read | null {
  try {
    const parsed = v.safeParse(message, JSON.parse(json));
    return parsed.success ? parsed.output : null;
  } catch {
    return null;
  }
}

/**
 * Whether a message is of this gateway. One that names none is, for the address it came by names the bridge; one that names another goes
 * nowhere, as there (gateway.go, getDestChannel).
 */
export const isOf = (gateway: string | undefined, named: string | null | undefined): boolean =>
  !named || named === gateway;

/** The bytes of a file, or where it is. */
export interface Enclosed {
  name: string;
  url: string | null;
  data: Uint8Array<ArrayBuffer> | null;
  comment: string;
}

export interface Heard {
  event: RemoteEvent;
  enclosed: readonly Enclosed[];
}

/**
 * What happened, as the hub is told it; null: nothing that it keeps. Matterbridge gives most messages no id: one that says when
 * it was said is known by all that it says, others are each a message of its own.
 */
export function heardIn(read: Read): Heard | null {
  const event = read.event ?? '';
  const place = read.gateway ?? '';
  const given = read.id ?? '';
  if (event === DELETED)
    return given === '' ? null : { event: { kind: 'delete', id: given, place }, enclosed: [] };
  if (!SAID.has(event)) return null;
  const enclosed = (read.Extra?.file ?? []).map(enclosedIn);
  const spoken = settle(readFrom('mattermost', read.text ?? ''));
  const comments = enclosed.flatMap(({ comment }) =>
    comment === '' || comment === read.text ? [] : [comment],
  );
  const words = kept(event === 'user_action' ? settle([{ type: 'italic', children: spoken }]) : spoken);
  const { username, userid, account, protocol, avatar, parent_id } = read;
  const name = (username ?? '').trim();
  return {
    event: {
      kind: 'message',
      id: given !== '' ? given : read.timestamp ? printOf(read) : null,
      place,
      parent: parent_id && parent_id !== PARENT_NOT_FOUND ? parent_id : null,
      author: {
        id: `${account || protocol || 'api'} ${userid || name}`,
        name: name || 'Somebody',
        avatar: /^https?:\/\//.test(avatar ?? '') ? (avatar as string) : null,
        bot: false,
      },
      words: { ...words, text: [words.text, ...comments].filter((part) => part !== '').join('\n') },
      files: [],
      at: timeOf(read.timestamp),
    },
    enclosed,
  };
}

const printOf = ({ timestamp, account, channel, username, text }: Read): string =>
  `#${createHash('sha256')
    .update(JSON.stringify([timestamp, account, channel, username, text]))
    .digest('base64url')
    .slice(0, 22)}`;

function enclosedIn({ Name, Data, URL, Comment }: v.InferOutput<typeof file>): Enclosed {
  const data = Data ? Buffer.from(Data, 'base64') : null;
  const url = /^https?:\/\//.test(URL ?? '') ? (URL as string) : null;
  return { name: Name || 'file', url, data: data && new Uint8Array(data), comment: Comment ?? '' };
}

/** Go's zero time is no time. */
function timeOf(text: string | null | undefined): number | null {
  const at = Date.parse(text ?? '');
  return Number.isNaN(at) || at <= 0 ? null : at;
}
