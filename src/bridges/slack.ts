// Slack by an incoming webhook (contracts/webhooks-bridges-widget.md C1). It tells no ids, so what was sent can be neither
// changed nor removed.
import type { Bridge } from '../domain/bridges.ts';
import { chatParts, cut, isWeb, NAME_CHARS } from './chat.ts';
import type { Call, Network, Part, Said } from './network.ts';

/** Of 40,000. */
const CHARS = 39_000;

function create({ url, place }: Bridge, { author, marker }: Said, part: Part): Call {
  const body = {
    text: part.content,
    ...(author.name !== '' && { username: cut(author.name, NAME_CHARS) }),
    ...(isWeb(author.avatar) && { icon_url: author.avatar }),
    ...(place.thread && { thread_ts: place.thread }),
    // Shown to nobody; apps that read the channel get it (L5).
    metadata: { event_type: 'parlance_message', event_payload: { marker } },
  };
  return { method: 'POST', url, body: JSON.stringify(body) };
}

export const slack: Network = {
  // One message a second, and now and then a few more.
  perSecond: 1,
  parts: (_bridge, said) => chatParts(said, { network: 'slack', most: CHARS, along: () => [] }),
  create,
  made: () => null,
};
