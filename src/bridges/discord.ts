// Discord by a webhook (contracts/webhooks-bridges-widget.md C2, C3): each part is asked to be told of, so that it can be
// changed and removed. Files go along.
import type { Bridge } from '../domain/bridges.ts';
import { chatParts, cut, isWeb, NAME_CHARS } from './chat.ts';
import type { Call, Heard, Network, Part, Said, SaidFile } from './network.ts';

/** Of 2,000. */
const CHARS = 1_950;
/** What a webhook may upload with one message where nobody pays for more. */
const FILES = 10;
const FILE_BYTES = 10 * 1024 * 1024;
/** In names that Discord refuses, and what would look like markup or a mention in one. */
const REFUSED = /discord|clyde|```|@|#|:/gi;

/** The webhook's own address with what is asked of it. */
function addressed({ url, place }: Bridge, path: string, query: Record<string, string>): string {
  const address = new URL(url);
  address.pathname = address.pathname.replace(/\/$/, '') + path;
  address.search = '';
  const asked = { ...query, ...(place.thread && { thread_id: place.thread }) };
  for (const [name, value] of Object.entries(asked)) address.searchParams.set(name, value);
  return address.href;
}

const messageAt = (bridge: Bridge, remote: string): string =>
  addressed(bridge, `/messages/${encodeURIComponent(remote)}`, {});

/** Whatever a text says, it calls nobody. */
const CALLS_NOBODY = { allowed_mentions: { parse: [] } };

function create(bridge: Bridge, { author }: Said, part: Part): Promise<Call> {
  const url = addressed(bridge, '', { wait: 'true' });
  const name = cut(author.name.replace(REFUSED, ''), NAME_CHARS).trim();
  const who = {
    ...(name !== '' && { username: name }),
    ...(isWeb(author.avatar) && { avatar_url: author.avatar }),
  };
  return withFiles('POST', url, part, who);
}

/** An edit of a message with files brings them again, in place of those that it has. */
async function withFiles(
  method: 'POST' | 'PATCH',
  url: string,
  part: Part,
  who: Record<string, string>,
): Promise<Call> {
  const blobs = await opened(part.files ?? []);
  const lost = (part.files ?? []).filter((_, index) => blobs[index] === null);
  const content = [part.content, ...lost.map(({ url: at }) => at)].filter((line) => line !== '').join('\n');
  const payload = { content, ...who, ...CALLS_NOBODY };
  const found = blobs.flatMap((blob, index) =>
    blob ? [{ blob, name: part.files?.[index]?.name ?? '' }] : [],
  );
  if (found.length === 0) return { method, url, body: JSON.stringify(payload) };
  const form = new FormData();
  const attachments = found.map(({ name: filename }, id) => ({ id, filename }));
  form.append('payload_json', JSON.stringify({ ...payload, ...(method === 'PATCH' && { attachments }) }));
  found.forEach(({ blob, name: file }, index) => {
    form.append(`files[${index}]`, blob, file);
  });
  return { method, url, body: form };
}

/** In order; null: its bytes are not here. */
const opened = (files: readonly SaidFile[]): Promise<(Blob | null)[]> =>
  Promise.all(files.map((file) => file.open()));

/** As many as fit: the others are named by their links. */
function along(files: readonly SaidFile[]): SaidFile[] {
  let room = FILE_BYTES;
  return files
    .filter(({ bytes }) => {
      if (bytes === 0 || bytes > room) return false;
      room -= bytes;
      return true;
    })
    .slice(0, FILES);
}

function made({ body }: Heard): string | null {
  try {
    const { id } = JSON.parse(body) as { id?: unknown };
    return typeof id === 'string' && /^\d{1,20}$/.test(id) ? id : null;
  } catch {
    return null;
  }
}

/** Seconds, with a fraction, in headers and in the body of a 429. */
function rest({ status, headers, body }: Heard): number {
  const used = headers.get('x-ratelimit-remaining') === '0' ? headers.get('x-ratelimit-reset-after') : null;
  const asked = status === 429 ? (/"retry_after"\s*:\s*([\d.]+)/.exec(body)?.[1] ?? used) : used;
  return Math.ceil(Math.max(0, Number(asked) || 0) * 1000);
}

export const discord: Network = {
  // Five in two seconds; its answers say it exactly.
  perSecond: 2,
  parts: (_bridge, said) => chatParts(said, { network: 'discord', most: CHARS, along }),
  create,
  edit: (bridge, _said, part, remote) => withFiles('PATCH', messageAt(bridge, remote), part, {}),
  remove: (bridge, remote) => ({ method: 'DELETE', url: messageAt(bridge, remote), body: null }),
  made,
  rest,
};
