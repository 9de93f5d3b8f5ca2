// Messages of one conversation: sent over HTTP, and read page by page (contracts/ppmessage.md 6 and 7).
import type { Seq } from '../../domain/ids.ts';
import type { Card, JsonObject, MessageEntry } from '../../domain/model.ts';
import type { Caller, User } from '../../hub/context.ts';
import { type MessagePage, messageOf, messagesBySeq } from '../../hub/messages.ts';
import { usersByNumbers } from '../../hub/people.ts';
import { asAny, type Call, isKey, isTeam, operation, orNull } from './call.ts';
import { Failure } from './errors.ts';
import { conversation, flag, may, message, number } from './fields.ts';
import { messageNamed, messageUuid } from './ids.ts';
import { sizeOf } from './lists.ts';
import { conversationNamed } from './members.ts';
import { fromUser, messageRow } from './message-body.ts';
import { userRow } from './render-users.ts';
import { REQUIRED, send } from './sending.ts';
import { standingsOf } from './standing.ts';
import { isService } from './user-columns.ts';

const HISTORY_SHOWN = 20;
const PAGE_SHOWN = 30;
/** All that "all" means here: each message is some hundred bytes, and often some thousand. */
const MOST_AT_ONCE = 500;

/** The same body as over the socket; which of its parts must be there is said by sending.ts. */
export const sendMessage = {
  fields: Object.fromEntries(REQUIRED.map((name) => [name, message()])),
  async run({ hub, access, body }: Call): Promise<JsonObject> {
    await send(hub, access, body);
    return {};
  },
};

/** What was read, and for whom. */
interface Read {
  page: MessagePage;
  messages: MessageEntry[];
  caller: Caller;
}

const newestFirst = ({ messages }: MessagePage): MessageEntry[] => messages.toReversed();

const total = ({ view }: MessagePage): number => Math.max(0, view.messageCount - view.clearedN);

/** The seq of a message of this conversation; null: there is no such message, or not for the caller. */
async function seqOf(
  call: Call,
  caller: Caller,
  c: Parameters<typeof messageOf>[2],
  id: string,
): Promise<Seq | null> {
  return (await orNull(messageOf(call.hub, caller, c, messageNamed(call.hub, id))))?.seq ?? null;
}

export const getHistory = operation(
  {
    conversation_uuid: conversation(),
    page_offset: number(),
    page_size: may(number()),
    since_id: may(message()),
    max_id: may(message()),
    ignore_max: may(flag()),
  },
  async (call, given) => {
    const { hub } = call;
    const { page_offset, since_id, max_id } = given;
    const c = conversationNamed(given.conversation_uuid);
    return asAny(call, async (caller) => {
      const since = since_id === undefined ? null : await seqOf(call, caller, c, since_id);
      const newest = max_id === undefined ? null : await seqOf(call, caller, c, max_id);
      const isAll = page_offset === -1;
      const size = isAll ? MOST_AT_ONCE : sizeOf(given.page_size, HISTORY_SHOWN);
      const before = newest === null ? {} : { before: given.ignore_max ? newest : newest + 1 };
      const skip = isAll ? 0 : Math.max(0, page_offset) * size;
      const page = await messagesBySeq(hub, caller, c, { limit: size, skip, ...before });
      const messages = newestFirst(page).filter(({ seq }) => since === null || seq > since);
      const last = (await messagesBySeq(hub, caller, c, { limit: 1 })).messages[0];
      return {
        list: await rowsOf(call, { page, messages, caller }, 'whole'),
        total_count: total(page),
        count: messages.length,
        page_size: isAll ? (given.page_size ?? null) : size,
        page_offset,
        max_id: last ? messageUuid(hub, last) : null,
      };
    });
  },
);

export const pageHistory = operation(
  {
    conversation_uuid: conversation(),
    page_offset: may(number()),
    page_size: may(number()),
    min_uuid: may(message()),
    max_uuid: may(message()),
  },
  async (call, given) => {
    const { hub } = call;
    const { min_uuid, max_uuid } = given;
    if (min_uuid !== undefined && max_uuid !== undefined) throw new Failure('PAGE_MAX_MIN');
    const c = conversationNamed(given.conversation_uuid);
    const size = sizeOf(given.page_size, PAGE_SHOWN);
    const offset = Math.max(0, given.page_offset ?? 0);
    return asAny(call, async (caller) => {
      const anchor = max_uuid ?? min_uuid;
      const at = anchor === undefined ? null : await seqOf(call, caller, c, anchor);
      const isUnknown = anchor !== undefined && at === null;
      const window =
        at === null ? { skip: offset * size } : max_uuid !== undefined ? { before: at } : { after: at };
      const page = await messagesBySeq(hub, caller, c, { limit: isUnknown ? 0 : size, ...window });
      // Behind an anchor they come in the order of the conversation.
      const messages = min_uuid === undefined ? newestFirst(page) : page.messages;
      return {
        list: await rowsOf(call, { page, messages, caller }, 'four'),
        total_count: total(page),
        return_count: messages.length,
        page_size: size,
        ...(anchor === undefined ? { page_offset: offset } : {}),
        ...(max_uuid !== undefined && { max_uuid }),
        ...(min_uuid !== undefined && { min_uuid }),
      };
    });
  },
);

/** Rows with who wrote them: their whole row, or four columns of it. */
async function rowsOf(
  call: Call,
  { page, messages, caller }: Read,
  columns: 'whole' | 'four',
): Promise<JsonObject[]> {
  const { hub, app } = call;
  const { facts, members } = page.view;
  const cards = new Map<number, Card>(members.map((member) => [member.user, member.card]));
  const authors = await usersByNumbers(hub, app, [...new Set(messages.map(authorOf(call)))]);
  const standing = columns === 'whole' ? await standingsOf(hub, app, [...authors.values()]) : null;
  const seesAll = isKey(call) || isTeam(call);
  return messages.map((entry) => {
    const row = messageRow(hub, app, facts, entry);
    const author: User | undefined = authors.get(authorOf(call)(entry));
    const whole = seesAll || author?.number === caller.user?.number;
    if (standing && author)
      return { ...row, from_user: userRow(hub, app, author, standing(author), { whole }) };
    const card = entry.author === null ? null : (cards.get(entry.author) ?? null);
    const shows = whole || (author !== undefined && isService(author));
    return { ...row, from_user: fromUser(hub, app, entry, card, shows ? author : undefined) };
  });
}

const authorOf =
  ({ app }: Call) =>
  ({ author }: MessageEntry) =>
    author ?? app.businessUser;
