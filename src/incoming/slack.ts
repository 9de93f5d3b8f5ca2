// Slack's incoming webhooks as their senders call them (contracts/webhooks-bridges-widget.md C1), with Mattermost's
// additions: JSON, or a form with it; answers are words.
import * as v from 'valibot';
import { invalid, type Refusal, Refused } from '../domain/errors.ts';
import type { HookOptions } from '../domain/incoming.ts';
import { LONGEST_WORDS, type RemoteSaid, withinLength } from '../domain/remote.ts';
import { retryOf, STATUS } from './answers.ts';
import { checked, payloadOf, perhaps } from './fields.ts';
import { bytesOf, callerName, type Knock, type Shape, tell, textOf } from './knock.ts';
import { repairedJson } from './repaired.ts';
import { attachmentNodes, attachments, blockNodes, blocks, whole } from './slack-blocks.ts';
import { markdownOf, readMarkdownWords, readMrkdwn } from './words.ts';

const text = perhaps(v.nullable(v.string()));

const payload = v.object({
  text,
  username: text,
  icon_url: text,
  channel: text,
  thread_ts: text,
  mrkdwn: perhaps(v.boolean()),
  blocks: perhaps(v.nullable(v.unknown())),
  attachments: perhaps(v.nullable(v.unknown())),
  /** What a bridge of a hub like this one says of the message: Slack's own field for such, and Mattermost's. */
  metadata: perhaps(v.object({ event_payload: v.object({ marker: v.string() }) })),
  props: perhaps(v.object({ parlance: v.object({ marker: v.string() }) })),
});

const NO_TEXT = 'no_text';
const INVALID_BLOCKS = 'invalid_blocks';
const INVALID_ATTACHMENTS = 'invalid_attachments';

/** What is wrong, in the one word that Slack has for it. */
const wrong = (detail: string): Refused => new Refused({ ...invalid('invalid_payload'), detail });

/** `name`: who writes where the call does not say. */
export function slackEvent(
  body: unknown,
  { markup = 'mrkdwn', channels }: HookOptions,
  name: string,
): RemoteSaid {
  if (typeof body !== 'object' || body === null || Array.isArray(body)) throw wrong('no object');
  const said = checked(payload, body);
  let left = LONGEST_WORDS;
  // In many pieces it is as long.
  const read = (words: string) => {
    left -= withinLength(words, left).length;
    return markup === 'markdown' ? readMarkdownWords(words) : readMrkdwn(words);
  };
  const inBlocks = listOf(blocks, said.blocks, INVALID_BLOCKS);
  const nodes = whole([
    // Where there are blocks the text is what notifications say of them.
    inBlocks.length > 0 ? [] : said.text ? read(said.text) : [],
    blockNodes(inBlocks, read),
    attachmentNodes(listOf(attachments, said.attachments, INVALID_ATTACHMENTS), read),
  ]);
  const words = markdownOf(nodes);
  if (words.trim() === '') throw new Refused({ ...invalid(NO_TEXT), detail: NO_TEXT });
  const by = said.username?.trim() ?? '';
  const channel = channels ? (said.channel?.trim().replace(/^#/, '') ?? '') : '';
  return {
    kind: 'message',
    id: null,
    place: said.thread_ts || channel,
    title: channel === '' ? null : channel,
    author: {
      id: by === '' ? 'hook' : `name ${by}`,
      name: by || name,
      avatar: said.icon_url ?? null,
      bot: true,
    },
    words: { text: words, markup: 'markdown' },
    files: [],
    at: null,
    marker: said.metadata?.event_payload.marker ?? said.props?.parlance.marker ?? null,
  };
}

function listOf<S extends v.GenericSchema<unknown, unknown[]>>(
  schema: S,
  given: unknown,
  detail: string,
): v.InferOutput<S> | [] {
  if (given === undefined || given === null) return [];
  const parsed = v.safeParse(schema, given);
  if (!parsed.success) throw new Refused({ ...invalid(detail), detail });
  return parsed.output;
}

/** What a sender may say of a Slack hook in one call, whichever of the two doors it came to. */
export async function takeSlack(knock: Knock, body: unknown): Promise<void> {
  await tell(knock, slackEvent(body, knock.hook.options, callerName(knock)));
}

async function answer(knock: Knock): Promise<Response> {
  const { request } = knock;
  if (request.method !== 'POST') return plain('method_not_allowed', 405, { allow: 'POST' });
  const body = textOf(await bytesOf(knock));
  const given = payloadOf(request.headers, body, repairedJson);
  if (given === null) throw wrong('no payload');
  await takeSlack(knock, given);
  return plain('ok', 200);
}

const plain = (word: string, status: number, headers: Record<string, string> = {}): Response =>
  new Response(word, { status, headers: { 'content-type': 'text/plain; charset=utf-8', ...headers } });

/** Slack's words for what is wrong with the payload. */
const PAYLOAD_WORDS = new Set([NO_TEXT, INVALID_BLOCKS, INVALID_ATTACHMENTS]);

/** The words that Slack's senders know (contracts/webhooks-bridges-widget.md C1). */
function refusal(given: Refusal): Response {
  switch (given.code) {
    case 'not_found':
      return plain(given.subject === 'hook' ? 'no_service' : 'channel_not_found', 404);
    case 'unauthorized':
      return plain('no_service', 404);
    case 'forbidden':
      return plain('action_prohibited', 403);
    case 'locked':
      return plain('channel_is_archived', 410);
    case 'rate_limited':
      return plain('rate_limited', 429, retryOf(given));
    case 'invalid':
      return plain(PAYLOAD_WORDS.has(given.message) ? given.message : 'invalid_payload', 400);
    case 'unavailable':
      return plain('service_unavailable', 503, retryOf(given));
    default:
      return plain('invalid_payload', STATUS[given.code]);
  }
}

export const slack: Shape = { answer, refusal };
