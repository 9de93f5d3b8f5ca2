// Comments: posted, read, searched, counted (contracts/qiscus.md 5, 6). Types and payloads are payloads.ts, system events
// system-events.ts.

import { Refused } from '../../domain/errors.ts';
import type { ConversationNumber, MessageNumber } from '../../domain/ids.ts';
import {
  type Draft,
  type JsonObject,
  type MessageEntry,
  OWN_CLIENT_ID,
  type Posted,
} from '../../domain/model.ts';
import { userCaller } from '../../hub/apps.ts';
import { refuseBlocked } from '../../hub/blocks.ts';
import { openConversation, viewConversation } from '../../hub/conversations.ts';
import { masked } from '../../hub/masking.ts';
import { type AuthorName, messagesBySeq, messagesNamed, post } from '../../hub/messages.ts';
import { messagesBetween } from '../../hub/named.ts';
import { searchMessages } from '../../hub/search.ts';
import { authorNamed, type Call, operation, peopleOf, personOf } from './call.ts';
import {
  choice,
  flag,
  integer,
  isLonger,
  may,
  object,
  refuseField,
  room,
  text,
  user,
  users,
} from './fields.ts';
import { type Content, contentOf, type Kept, TYPES } from './payloads.ts';
import { quoteOf, renderComment, renderPage } from './render.ts';
import { nameOf, typeOf } from './render-rooms.ts';
import { eachInTurn, roomNamed } from './rooms.ts';
import { withUpload } from './sdk/files.ts';

/** Characters of a message (contracts/qiscus.md 5). */
const MESSAGE_LENGTH = 4_000;
const PAGE_COMMENTS = 20;
const MOST_COMMENTS = 100;
const MOST_TARGETS = 30;
/** Matches of a search: the newest ones. */
const FOUND = 100;
/** A client's own id, like every other name. */
const UNIQUE_LENGTH = 255;

export const said = {
  message: may(text(MESSAGE_LENGTH)),
  type: may(choice(TYPES)),
  payload: object(),
  disable_link_preview: flag(),
  extras: object(),
};

export interface Said {
  message?: string | undefined;
  type?: (typeof TYPES)[number] | undefined;
  payload: JsonObject | null;
  disable_link_preview: boolean;
  extras: JsonObject | null;
}

/** What the log keeps of what somebody says. */
export function draftOf(given: Said, clientId: string | null = null): { draft: Draft; content: Content } {
  const content = contentOf(given.type ?? 'text', given.payload, given.message);
  if (isLonger(content.draft.text, 4 * MESSAGE_LENGTH)) throw refuseField('payload', 'is too long');
  const kept: Kept = {
    ...content.kept,
    ...(given.extras && { extras: given.extras }),
    ...(given.disable_link_preview && { disable_link_preview: true }),
  };
  const extras = Object.keys(kept).length > 0 ? (kept as JsonObject) : null;
  return { draft: { door: 'qiscus', ...content.draft, extras, clientId }, content };
}

/** The same, where it is the app's own server that says it. */
function draftByServer(given: Said, clientId?: string | null): { draft: Draft; content: Content } {
  const { draft, content } = draftOf(given, clientId);
  return {
    draft: { ...draft, extras: { ...draft.extras, rest: true } satisfies Kept as JsonObject },
    content,
  };
}

/** One comment in one call. The same unique id again by the same sender is the first comment (contracts/qiscus.md 4). */
export const postComment = operation(
  { sender_email: user(), room_id: room(), unique_temp_id: may(text(UNIQUE_LENGTH, 'unique id')), ...said },
  async (call, given) => {
    const { draft, content } = draftByServer(given, given.unique_temp_id ?? null);
    const c = await roomNamed(call, given.room_id);
    const author = authorNamed(given.sender_email);
    return { comment: await posted(call, c, draft, { author, replyAt: content.replyAt }) };
  },
);

/** Posts a message and shows it as it is in the log. A file of the hub's own that is in no message becomes this one's. */
export async function posted(
  call: Call,
  c: ConversationNumber,
  draft: Draft,
  options: { author: AuthorName; replyAt?: number },
): Promise<JsonObject> {
  const { hub, app, caller } = call;
  const { draft: withFile, attaching } = await withUpload(call, draft);
  if (attaching) {
    try {
      const at = await post(hub, caller, c, masked(app, withFile), { ...options, attaching });
      const [comment = {}] = renderPage(hub, await messagesNamed(hub, caller, c, [{ time: at.at }]));
      return comment;
    } catch (error) {
      const taken = error instanceof Refused && error.refusal.code === 'not_found';
      if (!taken || error.refusal.subject !== 'file') throw error;
    }
  }
  // A file of another comment is passed on by its address.
  const kept = masked(app, draft);
  return shown(call, c, kept, await post(hub, caller, c, kept, options));
}

export function shown({ hub }: Call, c: ConversationNumber, draft: Draft, at: Posted): JsonObject {
  const { quoted, author, seq, n, id } = at;
  const entry: MessageEntry = {
    kind: 'message',
    seq,
    n,
    id,
    at: at.at,
    author: author?.user ?? null,
    message: {
      ...draft,
      clientId: draft.clientId?.startsWith(OWN_CLIENT_ID) ? null : (draft.clientId ?? null),
      replyTo: quoted?.entry.seq ?? draft.replyTo ?? null,
    },
  };
  const quote = quoted ? quoteOf(quoted.entry, quoted.card) : null;
  return renderComment(hub, entry, {
    room: { number: c },
    card: author?.card ?? null,
    before: at.before,
    quote,
  });
}

/** A room's comments, newest first. */
export const loadComments = operation(
  { room_id: room(), page: may(integer(1, 1_000_000)), limit: may(integer(1, MOST_COMMENTS)) },
  async (call, given) => {
    const { page = 1, limit = PAGE_COMMENTS } = given;
    const c = await roomNamed(call, given.room_id);
    const found = await messagesBySeq(call.hub, call.caller, c, {
      limit,
      skip: (page - 1) * limit,
      timed: true,
    });
    const room_name = nameOf(found.view.facts, found.view.members);
    return { comments: renderPage(call.hub, found, { room_name }) };
  },
);

/** The newest comments with these words, in rooms that the user is in. */
export const searchComments = operation(
  { user_email: user(), query: text(), room_id: may(room()) },
  async (call, given) => {
    const { hub, app } = call;
    const person = await personOf(call, given.user_email);
    const caller = userCaller(app, person, 'qiscus');
    const conversation = given.room_id === undefined ? undefined : await roomNamed(call, given.room_id);
    // A room that is not theirs is not there for them: nothing found would hide that it was named wrongly.
    if (conversation !== undefined) await viewConversation(hub, caller, conversation);
    const { rows } = await searchMessages(hub, caller, { query: given.query, conversation, size: FOUND });
    const rooms = new Map<ConversationNumber, { id: MessageNumber }[]>();
    for (const { conversation: c, id } of rows) rooms.set(c, [...(rooms.get(c) ?? []), { id }]);
    const pages = await eachInTurn([...rooms], ([c, ids]) => messagesNamed(hub, caller, c, ids));
    const comments = pages.flatMap((page) => {
      const { facts, members } = page.view;
      const room_name = nameOf(facts, members, person.number);
      return renderPage(hub, page, { chat_type: typeOf(facts), room_name });
    });
    return { comments: comments.sort((a, b) => Number(b.id) - Number(a.id)) };
  },
);

/** The same words to many people, to each in the room of the two. Nothing is said before everybody is known. */
export const broadcast = operation(
  {
    sender_email: user(),
    emails: users(MOST_TARGETS),
    unique_temp_id: may(text(UNIQUE_LENGTH, 'unique id')),
    ...said,
  },
  async (call, given) => {
    const { hub, caller } = call;
    if (given.emails.includes(given.sender_email)) throw refuseField('emails', 'must not be the sender');
    // The same in each room: a call that broke off is made again, and nobody hears it twice.
    const { draft, content } = draftByServer(given, given.unique_temp_id ?? ownClientId());
    if (content.replyAt !== undefined)
      throw refuseField('type', 'must not be reply: rooms have no comment in common');
    const [sender, ...targets] = await peopleOf(call, [given.sender_email, ...given.emails]);
    if ((await withUpload(call, draft)).attaching)
      throw refuseField('payload.url', 'is a file of this hub, which one comment can have');
    const as = { ...caller, user: sender ?? null };
    refuseBlocked(as, targets);
    const kept = masked(call.app, draft);
    const missed: string[] = [];
    const comments = await eachInTurn(targets, async (target) => {
      const { view, posted: at } = await openConversation(hub, as, {
        kind: 'direct',
        members: [target.number],
        first: draft,
      }).catch((error: unknown) => {
        if (!(error instanceof Refused)) throw error;
        missed.push(target.externalId);
        return { view: null, posted: null };
      });
      const comment = at && view ? shown(call, view.facts.number, kept, at) : {};
      return { ...comment, target_email: target.externalId };
    });
    if (missed.length > 0) {
      const message = `Not reached: ${missed.join(', ')}. Everybody else has the comment.`;
      throw new Refused({ code: 'unavailable', message, retryAfterMs: 1000 });
    }
    return { comments };
  },
);

/** The client id of a comment whose client has none: what broke off can be done again by the hub itself. */
export const ownClientId = (): string => OWN_CLIENT_ID + crypto.randomUUID();

/** Comments of one month (UTC) in all rooms. */
export const getTotalCommentsByMonth = operation({ date: text(7) }, async (call, given) => {
  const [, year = '', month = ''] = /^(\d{4})-(0[1-9]|1[0-2])$/.exec(given.date) ?? [];
  if (!year) throw refuseField('date', 'must be a month: yyyy-mm');
  const from = Date.UTC(Number(year), Number(month) - 1);
  const to = Date.UTC(Number(year), Number(month));
  return { date: `${month}-${year}`, total: await messagesBetween(call.hub, call.app, from, to) };
});
