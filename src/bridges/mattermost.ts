// Mattermost by an incoming webhook (contracts/webhooks-bridges-widget.md C1, C5). It tells no ids, so what was sent can be
// neither changed nor removed.
import type { Bridge } from '../domain/bridges.ts';
import type { JsonObject } from '../domain/model.ts';
import { chatParts, cut, isWeb, NAME_CHARS } from './chat.ts';
import type { Call, Network, Part, Said, SaidFile } from './network.ts';

/** Of 16,383. */
const CHARS = 16_000;

/** Pictures are shown, other files are named by their link. */
const attachmentOf = ({ name, mime, url }: SaidFile): JsonObject =>
  mime.startsWith('image/')
    ? { fallback: name, image_url: url }
    : { fallback: name, title: name, title_link: url };

function create({ url, place }: Bridge, { author, marker }: Said, part: Part): Call {
  const body = {
    text: part.content,
    ...(author.name !== '' && { username: cut(author.name, NAME_CHARS) }),
    ...(isWeb(author.avatar) && { icon_url: author.avatar }),
    ...(place.channel && { channel: place.channel }),
    ...(part.files && { attachments: part.files.map(attachmentOf) }),
    // Kept with the post and shown to nobody (L5).
    props: { parlance: { marker } },
  };
  return { method: 'POST', url, body: JSON.stringify(body) };
}

export const mattermost: Network = {
  perSecond: 10,
  parts: (_bridge, said) => chatParts(said, { network: 'mattermost', most: CHARS, along: (files) => files }),
  create,
  made: () => null,
  // Seconds until its window ends, where nothing more fits into that.
  rest: ({ headers }) =>
    headers.get('x-ratelimit-remaining') === '0'
      ? Math.max(0, Number(headers.get('x-ratelimit-reset')) || 0) * 1000
      : 0,
};
