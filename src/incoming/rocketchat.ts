// Rocket.Chat's webhooks both ways round (contracts/webhooks-bridges-widget.md C6): what its outgoing integrations send, and
// what senders that know its incoming ones send.
import * as v from 'valibot';
import { invalid, type Refusal, Refused } from '../domain/errors.ts';
import type { RemoteSaid } from '../domain/remote.ts';
import { json } from '../http/respond.ts';
import { sameSecret } from '../http/secrets.ts';
import { retryOf, STATUS } from './answers.ts';
import { checked, payloadOf, perhaps, someName, timeOf } from './fields.ts';
import { bytesOf, callerName, type Knock, type Shape, tell, textOf, unproven } from './knock.ts';
import { attachmentNodes, attachments, whole } from './slack-blocks.ts';
import { markdownOf, readRocketchat, wordsFrom } from './words.ts';

const text = perhaps(v.nullable(v.string()));

const outgoing = v.object({
  message_id: someName,
  channel_id: someName,
  channel_name: text,
  timestamp: perhaps(v.string()),
  user_id: someName,
  user_name: v.optional(v.string(), ''),
  text: v.optional(v.nullable(v.string()), ''),
  alias: text,
  /** A program wrote it, perhaps this hub. */
  bot: perhaps(v.unknown()),
  isEdited: perhaps(v.boolean()),
  tmid: text,
});

/** What happened in a room that is no message (somebody came, a room was made) has no text to show. */
const other = v.object({ token: v.optional(v.string(), ''), message_id: perhaps(v.unknown()) });

/** Null: a program wrote it. */
export function rocketchatEvent(body: unknown): RemoteSaid | null {
  const said = checked(outgoing, body);
  if (said.bot) return null;
  return {
    kind: said.isEdited ? 'edit' : 'message',
    id: said.message_id,
    place: said.channel_id,
    title: said.channel_name || null,
    parent: said.tmid || null,
    author: { id: said.user_id, name: said.alias || said.user_name, avatar: null, bot: false },
    words: wordsFrom.rocketchat(said.text ?? ''),
    files: [],
    at: timeOf(said.timestamp),
  };
}

const incoming = v.object({
  text,
  alias: text,
  username: text,
  avatar: text,
  icon_url: text,
  channel: text,
  attachments: perhaps(v.nullable(attachments)),
});

/** What somebody sends who takes the hub for a Rocket.Chat. `name`: who writes where the call does not say. */
export function rocketchatMessage(body: unknown, name: string): RemoteSaid {
  const said = checked(incoming, body);
  const nodes = whole([
    said.text ? readRocketchat(said.text) : [],
    attachmentNodes(said.attachments ?? [], readRocketchat),
  ]);
  const words = markdownOf(nodes);
  if (words.trim() === '') throw new Refused(invalid('The message is empty.'));
  const by = (said.alias || said.username || '').trim();
  return {
    kind: 'message',
    id: null,
    place: said.channel?.replace(/^#/, '') ?? '',
    title: said.channel?.replace(/^#/, '') ?? null,
    author: {
      id: by === '' ? 'hook' : `name ${by}`,
      name: by || name,
      avatar: said.avatar || said.icon_url || null,
      bot: true,
    },
    words: { text: words, markup: 'markdown' },
    files: [],
    at: null,
  };
}

async function answer(knock: Knock): Promise<Response> {
  const { request, secret } = knock;
  // It looks whether somebody is there before it saves an integration.
  if (request.method !== 'POST')
    return json({ success: false, error: 'Only POST is taken here.' }, 405, { allow: 'POST' });
  const body = payloadOf(request.headers, textOf(await bytesOf(knock)));
  const { token, message_id } = checked(other, body);
  const isOutgoing = typeof body === 'object' && body !== null && 'token' in body && 'channel_id' in body;
  if (isOutgoing) {
    if (secret !== null && !sameSecret(token, secret)) throw unproven('the token in the body is wrong');
    const event = message_id === undefined ? null : rocketchatEvent(body);
    if (event) await tell(knock, event);
    return json({});
  }
  // Who knows the address alone may write as others do; who must show a token has none here.
  if (secret !== null) throw unproven('the token in the body is missing');
  await tell(knock, rocketchatMessage(body, callerName(knock)));
  return json({ success: true });
}

/** The words of its own server (RocketChat/Rocket.Chat integrations api). */
function refusal(given: Refusal): Response {
  const error = given.code === 'not_found' && given.subject === 'hook' ? NO_HOOK : given.message;
  return json({ success: false, error }, STATUS[given.code], retryOf(given));
}
const NO_HOOK = 'Invalid integration id or token provided.';

export const rocketchat: Shape = { answer, refusal };
