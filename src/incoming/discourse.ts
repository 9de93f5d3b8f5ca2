// Discourse's signed events (contracts/webhooks-bridges-widget.md C4; discourse/discourse emit_web_hook_event.rb): posts of
// topics, and what becomes of the topics. The signature covers the body alone, without a time, so that a call may be made
// again by whoever saw it: a message is known by its place in its topic, an edit by the time of its change.
import { createHmac } from 'node:crypto';
import * as v from 'valibot';
import { invalid, Refused } from '../domain/errors.ts';
import type { RemoteEvent } from '../domain/remote.ts';
import { json } from '../http/respond.ts';
import { sameSecret } from '../http/secrets.ts';
import { onlyPost, refusalOf } from './answers.ts';
import { checked, payloadOf, perhaps, someName, timeOf } from './fields.ts';
import { bytesOf, type Knock, type Shape, tell, textOf, unproven } from './knock.ts';
import { wordsFrom } from './words.ts';

/** A post by a person; others are notes of the forum itself, and whispers. */
const REGULAR = 1;
const AVATAR_SIZE = '240';

const post = v.object({
  id: someName,
  topic_id: someName,
  post_number: v.pipe(v.number(), v.integer()),
  post_type: perhaps(v.number()),
  username: v.string(),
  user_id: perhaps(someName),
  name: perhaps(v.nullable(v.string())),
  avatar_template: perhaps(v.string()),
  created_at: perhaps(v.string()),
  updated_at: perhaps(v.string()),
  raw: perhaps(v.string()),
  cooked: perhaps(v.string()),
  reply_to_post_number: perhaps(v.nullable(v.number())),
  topic_title: perhaps(v.string()),
  topic_archetype: perhaps(v.string()),
});
type Post = v.InferOutput<typeof post>;

const topic = v.object({
  id: someName,
  title: perhaps(v.string()),
  archetype: perhaps(v.string()),
  closed: perhaps(v.boolean()),
  archived: perhaps(v.boolean()),
});

/** What an event of a post is here. */
const POSTS: Readonly<Record<string, 'message' | 'edit' | 'delete' | 'restore'>> = {
  post_created: 'message',
  post_edited: 'edit',
  post_destroyed: 'delete',
  post_recovered: 'restore',
};
/** Whether anything can be said in a topic after it; null: as the topic says. */
const TOPICS: Readonly<Record<string, boolean | null>> = {
  topic_created: null,
  topic_edited: null,
  topic_destroyed: true,
  topic_recovered: null,
  topic_closed_status_updated: null,
  topic_archived_status_updated: null,
};

/** `site`: the forum's address, which short addresses and pictures are below. Null: nothing happens here. */
export function discourseEvent(event: string, body: unknown, site: string | null): RemoteEvent | null {
  if (event in POSTS) {
    const { post: said } = checked(v.object({ post }), body);
    return (said.post_type ?? REGULAR) === REGULAR ? saidIn(event, said, site) : null;
  }
  const locks = TOPICS[event];
  if (locks === undefined) return null;
  const { topic: about } = checked(v.object({ topic }), body);
  return {
    kind: 'topic',
    place: about.id,
    ...(about.title !== undefined && { title: about.title }),
    locked: locks ?? Boolean(about.closed || about.archived),
  };
}

/** Posts are named by topic and number: that is how answers name them. */
const idOf = (topicId: string, number: number): string => `${topicId}/${number}`;

function saidIn(event: string, said: Post, site: string | null): RemoteEvent {
  const kind = POSTS[event] as 'message' | 'edit' | 'delete' | 'restore';
  const id = idOf(said.topic_id, said.post_number);
  const place = said.topic_id;
  if (kind === 'delete') return { kind, id, place };
  const answered = said.reply_to_post_number;
  const at = timeOf(said.created_at);
  const version = timeOf(said.updated_at) ?? at;
  const picture = said.avatar_template?.replaceAll('{size}', AVATAR_SIZE) ?? null;
  return {
    kind,
    id,
    place,
    title: said.topic_title ?? null,
    parent: answered ? idOf(said.topic_id, answered) : null,
    author: {
      id: said.user_id ?? said.username,
      name: said.name || said.username,
      handle: said.username,
      avatar: picture?.startsWith('/') && !picture.startsWith('//') && site ? site + picture : picture,
      bot: false,
    },
    words:
      said.raw !== undefined
        ? wordsFrom.discourse(said.raw, site)
        : { text: said.cooked ?? '', markup: 'html' },
    files: [],
    at,
    ...(version !== null && { version }),
  };
}

/** The forum's address as its header says it; null: it says none. */
function siteOf(headers: Headers): string | null {
  const text = headers.get('x-discourse-instance') ?? '';
  if (!/^https?:\/\//i.test(text) || !URL.canParse(text)) return null;
  const { origin, pathname } = new URL(text);
  return origin + pathname.replace(/\/+$/, '');
}

async function answer(knock: Knock): Promise<Response> {
  const { request, secret, hook } = knock;
  if (request.method !== 'POST') return onlyPost();
  const bytes = await bytesOf(knock);
  const given = request.headers.get('x-discourse-event-signature') ?? '';
  const right = `sha256=${createHmac('sha256', secret ?? '')
    .update(bytes)
    .digest('hex')}`;
  if (secret === null || !sameSecret(given, right)) throw unproven('the signature is wrong');
  const body = payloadOf(request.headers, textOf(bytes));
  const name = request.headers.get('x-discourse-event');
  if (name === null) {
    // A ping has no name.
    if (typeof body === 'object' && body !== null && 'ping' in body) return json({ result: 'pong' });
    throw new Refused(invalid('The header X-Discourse-Event is missing.'));
  }
  const event = discourseEvent(name, body, siteOf(request.headers));
  if (!event || (isPrivate(body) && !hook.options.privateMessages)) return json({ result: 'ignored' });
  const arrived = await tell(knock, event);
  return json({ result: arrived?.result ?? 'ignored' });
}

const archetype = perhaps(v.object({ topic_archetype: perhaps(v.string()), archetype: perhaps(v.string()) }));
const either = v.object({ post: archetype, topic: archetype });

/** Of a private message: nobody who did not say so wants these in a conversation of others. */
function isPrivate(body: unknown): boolean {
  const { post: said, topic: about } = checked(either, body);
  return (said?.topic_archetype ?? about?.archetype) === 'private_message';
}

export const discourse: Shape = { answer, refusal: refusalOf };
