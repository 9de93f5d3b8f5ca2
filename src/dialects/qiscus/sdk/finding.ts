// Finding comments in the rooms of the person who calls: by their ids, their words, their files (contracts/qiscus.md 9).
import { notFound, Refused } from '../../../domain/errors.ts';
import type { ConversationNumber, LogTime, MessageNumber } from '../../../domain/ids.ts';
import type { JsonObject, MessageEntry } from '../../../domain/model.ts';
import { viewConversation } from '../../../hub/conversations.ts';
import { type ConversationRow, listByLogTime, listForUser } from '../../../hub/lists.ts';
import { findMessage, messageOf, messagesNamed } from '../../../hub/messages.ts';
import { messagesWithFiles, searchMessages } from '../../../hub/search.ts';
import { type Call, operation } from '../call.ts';
import { choice, flag, integer, may, room, rooms, text, texts } from '../fields.ts';
import { numberOfUniqueId } from '../render.ts';
import { eachInTurn, roomNamed } from '../rooms.ts';
import { renderComments } from './render.ts';
import { selfOf } from './rooms.ts';

/** Rooms that a comment is looked for in, the newest ones, and how many are asked at a time. */
const LOOK = 500;
const ASKED = 6;
const PAGE = 20;
const MOST = 100;
/** Matches that one search goes through. */
const FOUND = 500;
const FOUND_AT_ONCE = 100;
/** Rooms that files are listed of where none is named. */
const FILE_ROOMS = 20;

const orNull = async <T>(work: Promise<T>): Promise<T | null> => {
  try {
    return await work;
  } catch (error) {
    if (error instanceof Refused && error.refusal.code === 'not_found') return null;
    throw error;
  }
};

const roomsOf = async ({ hub, caller }: Call): Promise<ConversationRow[]> =>
  (await listForUser(hub, caller, { start: 0, count: LOOK })).rows;

/** The first of these rooms that has what is asked of it. */
async function firstOf<T>(
  numbers: readonly ConversationNumber[],
  ask: (c: ConversationNumber) => Promise<T | null>,
): Promise<{ conversation: ConversationNumber; found: T } | null> {
  for (let i = 0; i < numbers.length; i += ASKED) {
    const some = numbers.slice(i, i + ASKED);
    const answers = await Promise.all(some.map(ask));
    const at = answers.findIndex((answer) => answer !== null);
    if (at >= 0) return { conversation: some[at] as ConversationNumber, found: answers[at] as T };
  }
  return null;
}

/** Older rooms that are asked for a comment of an id that no newer one has. */
const OLDER = 200;

/**
 * The room of the comment of this id. A log time ends in the room's number as a rule (DESIGN.md 3): that one is asked first, and
 * of the rooms behind the newest ones only those.
 */
export async function findByTime(call: Call, time: LogTime): Promise<ConversationNumber> {
  const { hub, caller } = call;
  const all = await roomsOf(call);
  const rows = all.filter(
    ({ facts, lastLogTime }) => lastLogTime >= time && facts.createdAt * 1000 <= time + 1_000_000,
  );
  const far = ({ facts }: ConversationRow): number => (facts.number % 1000 === time % 1000 ? 0 : 1);
  const numbers = rows.sort((a, b) => far(a) - far(b)).map(({ facts }) => facts.number);
  const has = (c: ConversationNumber) => orNull(messageOf(hub, caller, c, { time }));
  const found =
    (await firstOf(numbers, has)) ??
    (all.length < LOOK ? null : await firstOf(await listByLogTime(hub, caller, time, OLDER), has));
  if (!found) throw new Refused(notFound('message'));
  return found.conversation;
}

/** The comment of this unique id in the person's rooms, also one that is deleted; null: there is none. */
export async function findByUniqueId(
  call: Call,
  uniqueId: string,
): Promise<{ conversation: ConversationNumber; entry: MessageEntry } | null> {
  const { hub, caller } = call;
  const number = numberOfUniqueId(uniqueId);
  if (number !== null) {
    const known = await orNull(findMessage(hub, caller, number));
    return known && !known.entry.message.deleted ? known : null;
  }
  const numbers = (await roomsOf(call)).map(({ facts }) => facts.number);
  const found = await firstOf(numbers, (c) => orNull(messageOf(hub, caller, c, { client: uniqueId })));
  if (!found || found.found.message.deleted) return null;
  return { conversation: found.conversation, entry: found.found };
}

/** These messages as comments, newest first. */
async function commentsOf(
  call: Call,
  found: readonly { conversation: ConversationNumber; id: MessageNumber }[],
): Promise<JsonObject[]> {
  const self = selfOf(call);
  const byRoom = new Map<ConversationNumber, { id: MessageNumber }[]>();
  for (const { conversation, id } of found)
    byRoom.set(conversation, [...(byRoom.get(conversation) ?? []), { id }]);
  const pages = await eachInTurn([...byRoom], ([c, ids]) =>
    orNull(messagesNamed(call.hub, call.caller, c, ids)),
  );
  return pages
    .flatMap((page) => (page ? renderComments(call.hub, page, self) : []))
    .sort((a, b) => Number(b.id) - Number(a.id));
}

async function matches(call: Call, query: string, conversation?: ConversationNumber) {
  const found: { conversation: ConversationNumber; id: MessageNumber }[] = [];
  let cursor: string | undefined;
  for (let i = 0; i < FOUND / FOUND_AT_ONCE; i++) {
    const page = await searchMessages(call.hub, call.caller, {
      query,
      conversation,
      size: FOUND_AT_ONCE,
      cursor,
    });
    found.push(...page.rows);
    if (page.cursor === null) break;
    cursor = page.cursor;
  }
  return found;
}

/** The caller's own rooms of these names. Not found: one of them is none of theirs. */
async function ownRooms(call: Call, names: readonly string[]): Promise<ConversationNumber[]> {
  const numbers = await eachInTurn(names, (name) => roomNamed(call, name));
  await eachInTurn(numbers, (c) => viewConversation(call.hub, call.caller, c));
  return numbers;
}

const paged = <T>(all: readonly T[], page = 1, limit = PAGE): T[] =>
  all.slice((Math.max(1, page) - 1) * limit, Math.max(1, page) * limit);

/** The newest comments with these words in the person's rooms. */
export const searchComments = operation(
  {
    query: text(),
    room_id: may(room()),
    last_comment_id: may(integer(0, Number.MAX_SAFE_INTEGER, 'comment')),
  },
  async (call, given) => {
    const { last_comment_id: last = 0 } = given;
    const [conversation] = given.room_id === undefined ? [] : await ownRooms(call, [given.room_id]);
    const comments = await commentsOf(call, await matches(call, given.query, conversation));
    return { comments: comments.filter(({ id }) => last === 0 || Number(id) < last).slice(0, MOST) };
  },
);

/** The same, with more to choose by. */
export const search = operation(
  {
    query: text(),
    room_ids: may(rooms(MOST)),
    sender: may(text()),
    type: may(texts(20)),
    room_type: may(choice(['single', 'group'])),
    is_public: flag(),
    page: may(integer(0, 1_000)),
    limit: may(integer(1, MOST)),
  },
  async (call, given) => {
    const wanted = given.room_ids && new Set<number>(await ownRooms(call, given.room_ids));
    const [only] = wanted?.size === 1 ? [...wanted] : [];
    const found = await matches(call, given.query, only as ConversationNumber | undefined);
    const inside = wanted ? found.filter(({ conversation }) => wanted.has(conversation)) : found;
    const comments = (await commentsOf(call, inside)).filter(
      (comment) =>
        (given.sender === undefined || comment.email === given.sender) &&
        (given.type === undefined || given.type.includes(String(comment.type))) &&
        (given.room_type === undefined || comment.room_type === given.room_type) &&
        (!given.is_public || comment.is_public_channel === true),
    );
    const shown = paged(comments, given.page, given.limit);
    return { meta: { current_page: Math.max(1, given.page ?? 1), total: comments.length }, comments: shown };
  },
);

/** Endings of what is looked at or listened to; everything else is a document. */
const MEDIA: ReadonlySet<string> = new Set(
  'gif jpg jpeg png webp heic mp4 mov webm mp3 m4a ogg wav'.split(' '),
);

/** Comments with files, newest first, in the rooms named, or in the newest of the person's rooms. */
export const fileList = operation(
  {
    room_ids: may(rooms(FILE_ROOMS)),
    sender: may(text()),
    file_type: may(choice(['media', 'doc'])),
    include_extensions: may(texts(50)),
    exclude_extensions: may(texts(50)),
    page: may(integer(0, 1_000)),
    limit: may(integer(1, MOST)),
  },
  async (call, given) => {
    const named = given.room_ids && (await ownRooms(call, given.room_ids));
    const numbers = named ?? (await roomsOf(call)).slice(0, FILE_ROOMS).map(({ facts }) => facts.number);
    const found = await eachInTurn(numbers, async (conversation) => {
      const ids = await messagesWithFiles(call.hub, call.caller, conversation, MOST);
      return ids.map((id) => ({ conversation, id }));
    });
    const comments = (await commentsOf(call, found.flat())).filter((comment) => {
      const { file_name: named_, url } = (comment.payload ?? {}) as { file_name?: string; url?: string };
      const name = named_ || url || (/(\S+)\s*\[\/file\]/.exec(String(comment.message))?.[1] ?? '');
      const ending = /\.([a-z0-9]+)(?:[?#].*)?$/i.exec(name)?.[1]?.toLowerCase() ?? '';
      const media = MEDIA.has(ending);
      const among = (endings: readonly string[]): boolean =>
        endings.some((each) => each.replace(/^\./, '').toLowerCase() === ending);
      return (
        (given.sender === undefined || comment.email === given.sender) &&
        (given.file_type === undefined || (given.file_type === 'media') === media) &&
        (!given.include_extensions || among(given.include_extensions)) &&
        (!given.exclude_extensions || !among(given.exclude_extensions))
      );
    });
    const shown = paged(comments, given.page, given.limit);
    return { meta: { current_page: Math.max(1, given.page ?? 1), total: comments.length }, comments: shown };
  },
);
