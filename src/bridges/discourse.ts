// Discourse by its API (contracts/webhooks-bridges-widget.md C4; discourse/discourse posts_controller.rb): a message is a post
// of one topic or private message, written by the API's user, with its author in the first line. What is said there comes in
// through an incoming hook.
import type { Bridge } from '../domain/bridges.ts';
import { write } from '../text/convert.ts';
import { frameOf } from '../text/framed.ts';
import { readFrom, writeFor } from '../text/networks.ts';
import { split } from '../text/split.ts';
import { link, type Node, text, textOf } from '../text/tree.ts';
import type { Call, ComesBack, Heard, Made, Network, Part, Said, SaidFile } from './network.ts';

/** Of 32,000 (max_post_length), with room for what is uploaded beside it. */
const CHARS = 30_000;
/** max_image_size_kb and max_attachment_size_kb, their default. */
const FILE_BYTES = 4 * 1024 * 1024;
const FILES = 10;
const QUOTED_CHARS = 120;
const FILE_KEY = 'file:';

const isUploadable = ({ bytes }: SaidFile): boolean => bytes > 0 && bytes <= FILE_BYTES;
const uploadsOf = ({ files }: Pick<Said, 'files'>): SaidFile[] => files.filter(isUploadable).slice(0, FILES);

/** A post's id as incoming hooks name it: its topic and its number there. */
const REMOTE = /^(\d{1,15})\/(\d{1,15})$/;
const topicOf = ({ place }: Bridge): string | null => place.topic ?? null;

function parts(bridge: Bridge, said: Said): Part[] {
  const uploads = uploadsOf(said);
  const linked = said.files.filter((file) => !uploads.includes(file));
  const below = linked.flatMap(({ name, url }): Node[] => [{ type: 'break' }, ...link(url, [text(name)])]);
  const written = (piece: readonly Node[]) => writeFor('discourse', piece);
  const head = heading(bridge, said);
  const pieces = split([...said.nodes, ...below], written, CHARS - written(head).length);
  if (pieces.length === 0) pieces.push([text('…')]);
  const [body = []] = pieces.length === 1 && said.nodes.length > 0 ? [said.nodes] : pieces;
  const framed = { head: written(head), body: written(body) };
  pieces[0] = [...head, ...(pieces[0] ?? [])];
  const texts = pieces.map((piece, index) => ({
    key: String(index),
    content: written(piece),
    words: textOf(piece),
    ...(pieces.length === 1 && { framed }),
  }));
  const last = texts.at(-1) as Part;
  const files = uploads.map((file, index) => ({
    key: `${FILE_KEY}${index}`,
    content: '',
    words: '',
    files: [file],
  }));
  // What an edit compares: the files that the last part shows.
  return [...files, ...texts.slice(0, -1), { ...last, ...(uploads.length > 0 && { files: uploads }) }];
}

/** Who says it, what it is called, and what it answers where the forum cannot be told. */
function heading(bridge: Bridge, { author, title, quoted, theirs }: Said): Node[] {
  const lineEnd: Node = { type: 'break' };
  const named: Node[] =
    author.name === '' || theirs ? [] : [{ type: 'bold', children: [text(`${author.name}:`)] }, lineEnd];
  const titled: Node[] = title === null ? [] : [{ type: 'bold', children: [text(title)] }, lineEnd];
  if (quoted === null || answered(bridge, quoted.remote) !== null) return [...named, ...titled];
  const words = quoted.words.replace(/\s+/g, ' ').trim().slice(0, QUOTED_CHARS).toWellFormed();
  return [
    ...named,
    ...titled,
    { type: 'quote', author: quoted.author || null, children: [text(words || '…')] },
    lineEnd,
  ];
}

/** The number of the post that is answered; null: it is none of this topic. */
function answered(bridge: Bridge, remote: string | null): number | null {
  const [, topic, number] = REMOTE.exec(remote ?? '') ?? [];
  const here = topicOf(bridge);
  return number !== undefined && (here === null || topic === here) ? Number(number) : null;
}

const headersOf = ({ credentials }: Bridge): Record<string, string> => ({
  'api-key': credentials.apiKey ?? '',
  'api-username': credentials.apiUsername ?? '',
  accept: 'application/json',
});

const siteOf = ({ url }: Bridge): string => url.replace(/[?#].*$/, '').replace(/\/+$/, '');

function create(bridge: Bridge, said: Said, part: Part, made: Made): Call | Promise<Call> {
  if (part.key.includes(FILE_KEY)) return upload(bridge, part);
  const reply = answered(bridge, said.quoted?.remote ?? null);
  const post = {
    raw: rawOf(part, made),
    ...(reply !== null && { reply_to_post_number: reply }),
    // Short words, and the same words twice, are nothing to refuse here.
    skip_validations: true,
  };
  // The forum takes two equal calls within two minutes for one, and the sender's name is a part of that: a call that is made
  // again stays one post, the same words said twice are two.
  const headers = { ...headersOf(bridge), 'user-agent': `Parlance (${said.event}/${part.key})` };
  const topic = topicOf(bridge);
  const url = `${siteOf(bridge)}/posts.json`;
  if (topic !== null) return posting(url, headers, { ...post, topic_id: Number(topic) });
  return inOwnTopic(bridge, url, headers, post);
}

const posting = (url: string, headers: Record<string, string>, body: object): Call => ({
  method: 'POST',
  url,
  headers,
  body: JSON.stringify(body),
});

/** A topic of its own is known by an id that the bridge gives it: the first message begins it. */
function inOwnTopic(bridge: Bridge, url: string, headers: Record<string, string>, post: object): Call {
  const { place, number } = bridge;
  const external_id = `parlance-${number}`;
  const begun = {
    ...post,
    title: place.title ?? `Conversation ${bridge.conversation}`,
    ...(place.recipients !== undefined
      ? { archetype: 'private_message', target_recipients: place.recipients }
      : { category: place.category === undefined ? undefined : Number(place.category) }),
    external_id,
  };
  return {
    ...posting(url, headers, {}),
    first: {
      url: `${siteOf(bridge)}/t/external_id/${external_id}.json`,
      next: ({ status, headers: heard, body }) => {
        const topic = topicIn(heard.get('location')) ?? (status === 200 ? numberIn(body, 'id') : null);
        return posting(url, headers, topic === null ? begun : { ...post, topic_id: topic });
      },
    },
  };
}

/** The forum leads from the id to the topic's own address: /t/{slug}/{id}.json */
function topicIn(location: string | null): number | null {
  const found = /\/t\/(?:[^/]*\/)?(\d{1,15})(?:\/\d+)?(?:\.json)?(?:[?#]|$)/.exec(location ?? '')?.[1];
  return found === undefined ? null : Number(found);
}

async function upload(bridge: Bridge, { files: [file] = [] }: Part): Promise<Call> {
  const blob = file ? await file.open() : null;
  const headers = headersOf(bridge);
  // Its bytes are gone: nothing is uploaded, and the text names its address.
  if (!file || !blob) return { method: 'GET', url: `${siteOf(bridge)}/srv/status`, headers, body: null };
  const form = new FormData();
  form.append('type', 'composer');
  form.append('synchronous', 'true');
  form.append('file', blob, file.name);
  return { method: 'POST', url: `${siteOf(bridge)}/uploads.json`, headers, body: form };
}

/** The words with what was uploaded below them. A file that was not is named by its address. */
function rawOf(part: Part, made: Made): string {
  const lines = (part.files ?? []).map((file, index) => {
    const uploaded = [...made].find(([key]) => key.endsWith(`${FILE_KEY}${index}`))?.[1];
    if (!uploaded?.startsWith('upload:')) return writeFor('discourse', link(file.url, [text(file.name)]));
    const name = writeFor('discourse', [text(file.name.replace(/[|[\]]/g, ' '))]);
    return file.mime.startsWith('image/') ? `![${name}](${uploaded})` : `[${name}|attachment](${uploaded})`;
  });
  return [part.content, ...lines].filter((line) => line !== '').join('\n\n');
}

function comesBack(bridge: Bridge, part: Part, made: Made): ComesBack {
  const place = { site: siteOf(bridge) };
  const told = (raw: string) => write(readFrom('discourse', raw, place), 'markdown');
  const whole = told(rawOf(part, made));
  const { head, body } = part.framed ?? { head: '', body: '' };
  return { whole, ...frameOf(whole, told(head), told(body)) };
}

/** Posts are called by an id of their own, which is asked for by topic and number. */
function located(bridge: Bridge, remote: string, then: (url: string) => Call): Call {
  const [, topic = '0', number = '0'] = REMOTE.exec(remote) ?? [];
  const headers = headersOf(bridge);
  return {
    method: 'GET',
    url: `${siteOf(bridge)}/srv/status`,
    headers,
    body: null,
    // An upload is nothing that could be changed or taken back.
    ...(REMOTE.test(remote) && {
      first: {
        url: `${siteOf(bridge)}/posts/by_number/${topic}/${number}.json`,
        next: ({ status, body }) => {
          const id = status === 200 ? numberIn(body, 'id') : null;
          return id === null ? null : then(`${siteOf(bridge)}/posts/${id}.json`);
        },
      },
    }),
  };
}

const edit = (bridge: Bridge, _said: Said, part: Part, remote: string, made: Made): Call =>
  located(bridge, remote, (url) => ({
    method: 'PUT',
    url,
    headers: headersOf(bridge),
    body: JSON.stringify({ post: { raw: rawOf(part, made), edit_reason: 'edited where it was said' } }),
  }));

const remove = (bridge: Bridge, remote: string): Call =>
  located(bridge, remote, (url) => ({ method: 'DELETE', url, headers: headersOf(bridge), body: null }));

/** A post's place in its topic, an upload's short address. A post that waits for somebody's approval has neither. */
function made({ body }: Heard): string | null {
  const short = fieldIn(body, 'short_url');
  if (typeof short === 'string' && /^upload:\/\/[\w.-]{1,100}$/.test(short)) return short;
  const [topic, number] = [numberIn(body, 'topic_id'), numberIn(body, 'post_number')];
  return topic === null || number === null ? null : `${topic}/${number}`;
}

function fieldIn(body: string, name: string): unknown {
  try {
    return (JSON.parse(body) as Record<string, unknown>)[name] ?? null;
  } catch {
    // Long posts come back whole, and of a long answer only the beginning is read.
  }
  const found = new RegExp(`"${name}":\\s*("(?:[^"\\\\]|\\\\.){0,200}"|\\d{1,15})`).exec(body)?.[1];
  return found === undefined ? null : JSON.parse(found);
}

function numberIn(body: string, name: string): number | null {
  const value = fieldIn(body, name);
  return typeof value === 'number' ? value : null;
}

/** `{errors, error_type, extras: {wait_seconds, time_left}}` */
const waitIn = (body: string): number | null => {
  const found = /"wait_seconds":\s*(\d{1,6})/.exec(body)?.[1];
  return found === undefined ? null : Number(found);
};

/** Its limits answer 429 with the seconds to wait, beside `Retry-After`. */
const rest = ({ status, body }: Heard): number => (status === 429 ? (waitIn(body) ?? 0) * 1000 : 0);

export const discourse: Network = {
  // 60 calls a minute and key (max_admin_api_reqs_per_minute), two for an edit.
  perSecond: 0.5,
  reachesOthers: () => true,
  comesBack,
  parts,
  create,
  edit,
  remove,
  made,
  rest,
  // A file that the forum does not take is named by its address.
  spares: ({ url }, { status }) => url.endsWith('/uploads.json') && status >= 400 && status < 500,
};
