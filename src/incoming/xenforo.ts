// XenForo 2.3's webhooks (contracts/webhooks-bridges-widget.md C7): posts and threads, with a secret in clear. They come in
// any order; what a post is now is told by the time of its last edit.
import * as v from 'valibot';
import type { RemoteEvent } from '../domain/remote.ts';
import { json } from '../http/respond.ts';
import { sameSecret } from '../http/secrets.ts';
import { onlyPost, refusalOf } from './answers.ts';
import { checked, perhaps, someName } from './fields.ts';
import { bytesOf, jsonOf, type Knock, type Shape, tell, textOf, unproven } from './knock.ts';

const text = perhaps(v.nullable(v.string()));
const number = perhaps(v.number());

const person = perhaps(
  v.object({ avatar_urls: perhaps(v.nullable(v.record(v.string(), v.nullable(v.string())))) }),
);

const post = v.object({
  thread_id: someName,
  user_id: perhaps(someName),
  username: text,
  message: v.optional(v.string(), ''),
  /** 'visible', 'moderated', 'deleted'. */
  message_state: text,
  post_date: number,
  last_edit_date: number,
  User: person,
  Thread: perhaps(v.object({ title: text })),
});

const thread = v.object({ title: text, discussion_open: perhaps(v.boolean()), discussion_state: text });

const envelope = v.object({
  content_type: v.string(),
  event: v.string(),
  content_id: someName,
  data: v.optional(v.unknown(), {}),
});

/** The state of a post that is gone or not shown yet. */
const HIDDEN = new Set(['deleted', 'moderated']);
const GUEST = '0';

/** Null: nothing happens here. */
export function xenforoEvent(body: unknown): RemoteEvent | null {
  const { content_type: type, event, content_id: id, data } = checked(envelope, body);
  if (!['insert', 'update', 'delete'].includes(event)) return null;
  if (type === 'thread') {
    const { title, discussion_open: open = true, discussion_state: state } = checked(thread, data);
    const locked = event === 'delete' || !open || HIDDEN.has(state ?? '');
    return { kind: 'topic', place: id, ...(title && { title }), locked };
  }
  if (type !== 'post') return null;
  const said = checked(post, data);
  const place = said.thread_id;
  const hidden = HIDDEN.has(said.message_state ?? '');
  if (event === 'delete') return { kind: 'delete', id, place };
  if (event === 'update' && hidden) return { kind: 'delete', id, place, hidden: true };
  if (hidden) return null;
  const name = said.username ?? '';
  const at = said.post_date === undefined ? null : said.post_date * 1000;
  const edited = said.last_edit_date ? said.last_edit_date * 1000 : at;
  const pictures = said.User?.avatar_urls ?? {};
  const guest = said.user_id === undefined || said.user_id === GUEST;
  return {
    // One that waited for a moderator is told as an update when it is shown. One that was deleted stays so: calls come in
    // any order, and nothing says whether this one is older than the deletion.
    kind: event === 'insert' ? 'message' : 'edit',
    id,
    place,
    title: said.Thread?.title ?? null,
    author: {
      id: guest ? `guest ${name}` : (said.user_id as string),
      name,
      avatar: pictures.l ?? pictures.m ?? pictures.o ?? null,
      bot: false,
    },
    words: { text: said.message, markup: 'bbcode' },
    files: [],
    at,
    ...(edited !== null && { version: edited }),
  };
}

async function answer(knock: Knock): Promise<Response> {
  const { request, secret } = knock;
  if (request.method !== 'POST') return onlyPost();
  const bytes = await bytesOf(knock);
  const given = request.headers.get('xf-webhook-secret') ?? '';
  if (secret === null || !sameSecret(given, secret)) throw unproven('the secret is wrong');
  const event = xenforoEvent(jsonOf(textOf(bytes)));
  const arrived = event && (await tell(knock, event));
  return json({ result: arrived?.result ?? 'ignored' });
}

export const xenforo: Shape = { answer, refusal: refusalOf };
