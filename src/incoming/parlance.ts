// The hub's own events (docs/webhooks.md), signed as Standard Webhooks says: what another hub sends as it is, and what is
// easiest to write by hand.
import * as v from 'valibot';
import { MOST_HOPS, type RemoteEvent } from '../domain/remote.ts';
import { json } from '../http/respond.ts';
import { proveStandard, webhookKey } from '../http/standard-webhooks.ts';
import type { Arrived } from '../hub/arrivals.ts';
import { onlyPost, refusalOf } from './answers.ts';
import { checked } from './fields.ts';
import { bytesOf, jsonOf, type Knock, type Shape, tell, textOf, unproven } from './knock.ts';

const id = v.pipe(v.string(), v.minLength(1), v.maxLength(500));
const orNull = <S extends v.GenericSchema>(schema: S) => v.optional(v.nullable(schema));
const time = v.pipe(
  v.string(),
  v.isoTimestamp('must be a time like 2009-01-31T12:00:00Z'),
  v.transform((iso) => Date.parse(iso)),
);

const person = v.object({
  id,
  name: v.string(),
  avatar: orNull(v.string()),
  role: orNull(v.string()),
});

const message = v.object({
  id,
  text: v.optional(v.string(), ''),
  markup: v.optional(v.picklist(['plain', 'bbcode', 'markdown', 'html']), 'plain'),
  replyTo: orNull(id),
  attachments: v.optional(
    v.pipe(v.array(v.object({ url: v.string(), name: v.optional(v.string(), '') })), v.maxLength(100)),
    [],
  ),
  /** The door that it came in through at another hub. */
  door: v.optional(v.string()),
  hops: v.optional(v.pipe(v.number(), v.integer(), v.minValue(0))),
  at: orNull(time),
  editedAt: orNull(time),
});

const conversation = v.object({
  id,
  title: orNull(v.string()),
  locked: v.optional(v.boolean()),
});

/** What is said of a thing that has no place of its own. */
const NOWHERE = { id: '' };
const common = { timestamp: v.optional(time) };
const said = v.object({
  ...common,
  data: v.object({
    conversation: v.optional(conversation, NOWHERE),
    author: orNull(person),
    /** Who wrote the message that was edited. */
    messageAuthor: orNull(person),
    message,
  }),
});
const gone = v.object({
  ...common,
  data: v.object({ conversation: v.optional(conversation, NOWHERE), message: v.object({ id }) }),
});
const changed = v.object({ ...common, data: v.object({ conversation }) });
const typed = v.object({ type: v.pipe(v.string(), v.maxLength(100)) });

/** Events that say something here. All others are taken, and nothing comes of them. */
const SCHEMAS = {
  'message.created': said,
  'message.edited': said,
  'message.restored': said,
  'message.deleted': gone,
  'conversation.updated': changed,
} as const;

const KINDS = {
  'message.created': 'message',
  'message.edited': 'edit',
  'message.restored': 'restore',
} as const;

/** What the event says here; null: nothing. Refused invalid, with fields. */
export function parlanceEvent(body: unknown): RemoteEvent | null {
  const { type } = checked(typed, body);
  switch (type) {
    case 'message.created':
    case 'message.edited':
    case 'message.restored': {
      const { timestamp, data } = checked(SCHEMAS[type], body);
      const { message: m, conversation: place } = data;
      const author = data.messageAuthor ?? data.author;
      return {
        kind: KINDS[type],
        id: m.id,
        place: place.id,
        title: place.title ?? null,
        parent: m.replyTo ?? null,
        author: {
          id: author?.id ?? 'nobody',
          name: author?.name ?? '',
          avatar: author?.avatar ?? null,
          bot: false,
        },
        words: { text: m.text, markup: m.markup },
        files: m.attachments,
        at: m.at ?? null,
        // What came to another hub over a bridge may have come from here: only who counts can say that it did not.
        hops: m.hops ?? (m.door === 'bridge' ? MOST_HOPS : 0),
        version: m.editedAt ?? timestamp ?? m.at ?? undefined,
      };
    }
    case 'message.deleted': {
      const { data } = checked(gone, body);
      return { kind: 'delete', id: data.message.id, place: data.conversation.id };
    }
    case 'conversation.updated': {
      const { id: place, title, locked } = checked(changed, body).data.conversation;
      return { kind: 'topic', place, ...(title && { title }), ...(locked !== undefined && { locked }) };
    }
    default:
      return null;
  }
}

async function answer(knock: Knock): Promise<Response> {
  if (knock.request.method !== 'POST') return onlyPost();
  const bytes = await bytesOf(knock);
  prove(knock, bytes);
  const event = parlanceEvent(jsonOf(textOf(bytes)));
  return json(shown(event && (await tell(knock, event))));
}

/** Over the bytes as they came. */
function prove({ request, secret }: Knock, body: Uint8Array): void {
  try {
    proveStandard(webhookKey(secret ?? ''), request.headers, body, Date.now());
  } catch (error) {
    throw unproven(String(error));
  }
}

function shown(arrived: Arrived | null) {
  if (!arrived) return { result: 'ignored' };
  if (arrived.result === 'dropped' || arrived.result === 'changed') return arrived;
  const { result, conversation, id } = arrived;
  return { result, conversation: String(conversation), id: String(id) };
}

export const parlance: Shape = { answer, refusal: refusalOf };
