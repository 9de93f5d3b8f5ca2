// Comments as v2.1 alone asks for them: a stretch of a room, deleting by unique ids, how many (contracts/qiscus.md 6). What
// both versions have is ../comments.ts.
import type { ConversationNumber } from '../../../domain/ids.ts';
import type { JsonObject } from '../../../domain/model.ts';
import { viewConversation } from '../../../hub/conversations.ts';
import { listByNumber } from '../../../hub/lists.ts';
import {
  deleteMessage,
  findMessage,
  type MessagePage,
  messagesBySeq,
  messagesNamed,
} from '../../../hub/messages.ts';
import { messagesBetween } from '../../../hub/named.ts';
import { type Call, operation } from '../call.ts';
import { integer, may, refuseField, room, text, texts } from '../fields.ts';
import { numberOfUniqueId, renderPage } from '../render.ts';
import { eachInTurn, orNothing, roomNamed } from '../rooms.ts';
import { commentOf, theComments } from './shapes.ts';
import { spokenDuring } from './users.ts';

const PAGE = 100;
/** Comments of one stretch. */
const MOST_IN_RANGE = 500;
const MOST_AT_ONCE = 100;
/** Rooms that comments are looked for in where none is named: the newest ones. */
const LOOK = 500;
const LOOK_AT_ONCE = 100;

/** Bounds of a stretch: there need not be a comment of this id. */
const bound = () => integer(0, Number.MAX_SAFE_INTEGER);

/** The comments from one id to another, both with them, newest first. */
export const loadCommentsWithRange = operation(
  { room_id: room(), first_comment_id: bound(), last_comment_id: bound() },
  async (call, given) => {
    const { first_comment_id: first, last_comment_id: last } = given;
    if (last < first) throw refuseField('last_comment_id', 'must not be before first_comment_id');
    const c = await roomNamed(call, given.room_id);
    const found: JsonObject[] = [];
    for (let after = first - 1; ; ) {
      const page = await messagesBySeq(call.hub, call.caller, c, {
        afterTime: after,
        limit: PAGE,
        timed: true,
      });
      const inside = renderPage(call.hub, page).filter(({ id }) => Number(id) <= last);
      found.unshift(...inside);
      if (found.length > MOST_IN_RANGE)
        throw refuseField('last_comment_id', `is more than ${MOST_IN_RANGE} comments after first_comment_id`);
      const newest = page.messages.at(-1);
      if (!newest || !page.hasMore || newest.at >= last) break;
      after = newest.at;
    }
    return theComments({ comments: found });
  },
);

/** Comments of all rooms that were posted then. */
export const totalComments = operation(
  { start_time: may(text(32)), end_time: may(text(32)) },
  async ({ hub, app }, given) => {
    const { from, to } = spokenDuring(given);
    return { total_comments: await messagesBetween(hub, app, from, to) };
  },
);

/** A comment that was found, and where. */
interface Found {
  c: ConversationNumber;
  page: MessagePage;
}

/** Takes comments back, for everybody. Those that are not there (any more) are passed over. */
export const deleteMessages = operation(
  { unique_ids: texts(MOST_AT_ONCE, 'unique ids'), room_id: may(room()) },
  async (call, given) => {
    const { hub, caller } = call;
    const only = given.room_id === undefined ? null : await roomNamed(call, given.room_id);
    // A room that there is not is no room without these comments.
    if (only !== null) await viewConversation(hub, caller, only);
    const found = await findAll(call, given.unique_ids, only);
    const comments: JsonObject[] = [];
    for (const { c, page } of found) {
      const shown = renderPage(hub, page);
      for (const { seq } of page.messages) await deleteMessage(hub, caller, c, seq);
      comments.push(...shown.map((comment) => ({ ...commentOf(comment), is_deleted: true })));
    }
    return { comments };
  },
);

async function findAll(
  call: Call,
  uniqueIds: readonly string[],
  only: ConversationNumber | null,
): Promise<Found[]> {
  const numbers = uniqueIds.flatMap((id) => numberOfUniqueId(id) ?? []);
  const own = await eachInTurn(numbers, async (id) => {
    const known = await orNothing(findMessage(call.hub, call.caller, id));
    if (!known || (only !== null && known.conversation !== only)) return [];
    return foundIn(call, known.conversation, [{ id }]);
  });
  const clients = uniqueIds.filter((id) => numberOfUniqueId(id) === null).map((client) => ({ client }));
  if (clients.length === 0) return own.flat();
  if (only !== null) return [...own.flat(), ...(await foundIn(call, only, clients))];
  return [...own.flat(), ...(await lookFor(call, clients))];
}

/** In the newest rooms of the app, until all are found: a client's id may be in several rooms. */
async function lookFor(call: Call, clients: readonly { client: string }[]): Promise<Found[]> {
  const found: Found[] = [];
  let before: ConversationNumber | undefined;
  for (let looked = 0; looked < LOOK; looked += LOOK_AT_ONCE) {
    const window = { user: null, size: LOOK_AT_ONCE, after: before };
    const { rows, hasMore } = await listByNumber(call.hub, call.caller, window);
    const pages = await eachInTurn(rows, ({ facts }) => foundIn(call, facts.number, clients));
    found.push(...pages.flat());
    const seen = found.reduce((count, { page }) => count + page.messages.length, 0);
    before = rows.at(-1)?.facts.number;
    if (seen >= clients.length || !hasMore || before === undefined) break;
  }
  return found;
}

async function foundIn(
  { hub, caller }: Call,
  c: ConversationNumber,
  names: Parameters<typeof messagesNamed>[3],
): Promise<Found[]> {
  const page = await orNothing(messagesNamed(hub, caller, c, names));
  return page && page.messages.length > 0 ? [{ c, page }] : [];
}
