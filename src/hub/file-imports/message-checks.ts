// What is asked of the rows of a file of messages before any of it goes in. How they go in is messages.ts.
import type { TakingView } from '../../conversation/api.ts';
import { conversationsByUniqueId, unnamedConversations } from '../../directory/file-imports.ts';
import type { Found } from '../../directory/import-conversations.ts';
import type { AppNumber, ConversationNumber, MessageNumber } from '../../domain/ids.ts';
import type { Draft, Json } from '../../domain/model.ts';
import type { Hub } from '../context.ts';
import { firstTwice, type RowFormat } from './rows.ts';

/** A message as a row says it. */
export interface MessageRow {
  uniqueId: string;
  /** The unique id of its room. */
  room: string;
  /** External id. */
  author: string;
  /** ms since 1970. */
  at: number;
  /** The unique id of what it answers. */
  parent: string | null;
  draft: Draft;
}

export interface MessageFormat extends RowFormat<MessageRow> {
  conversationOf(hub: Hub, uniqueId: string): ConversationNumber | null;
  /** The message that a unique id of the hub's making names; null: it is of somebody else's. */
  messageOf(hub: Hub, uniqueId: string): MessageNumber | null;
}

/** A unique id, and the message that the hub itself would name so. */
export type Named = { id: string; number: number | null };
/** A row that waits for its room. */
export type Kept = {
  index: number;
  uniqueId: string;
  author: string;
  at: number;
  parent: Named | null;
  draft: Json;
};
/** What is wrong with which row, from 0. */
export interface Wrong {
  index: number;
  message: string;
}

/** Living rooms by the unique ids that name them, their own or those of the hub's making. */
export async function roomsOf(
  hub: Hub,
  d1: D1Database,
  app: AppNumber,
  format: MessageFormat,
  ids: readonly string[],
): Promise<Map<string, ConversationNumber>> {
  const found = await conversationsByUniqueId(d1, app, ids);
  const own = ids.flatMap((id) => {
    const number = found.has(id) ? null : format.conversationOf(hub, id);
    return number === null ? [] : [[id, number] as const];
  });
  const unnamed = await unnamedConversations(
    d1,
    app,
    own.map(([, number]) => number),
  );
  for (const [id, number] of own) if (unnamed.has(number)) found.set(id, number);
  return found;
}

/** The first row that names somebody or something that is not there. A unique id is its room's alone. */
export function firstWrong(
  rows: readonly MessageRow[],
  people: ReadonlyMap<string, Found>,
  rooms: ReadonlyMap<string, ConversationNumber>,
): Wrong | null {
  const inRoom = (room: string, id: string) => `${rooms.get(room) ?? ''} ${id}`;
  const names = rows.map(({ room, uniqueId }) => inRoom(room, uniqueId));
  const twice = firstTwice(names);
  const earlier = new Map<string, MessageRow>();
  const later = new Set(names);
  for (const [index, row] of rows.entries()) {
    if (!rooms.has(row.room)) return { index, message: `RoomUniqueId is of no room: ${row.room}` };
    if (index === twice) return { index, message: 'UniqueId stands in an earlier row too' };
    if (!people.has(row.author)) return { index, message: `CreatorEmail is nobody's: ${row.author}` };
    const name = inRoom(row.room, row.uniqueId);
    later.delete(name);
    if (row.parent !== null) {
      const parentName = inRoom(row.room, row.parent);
      const parent = earlier.get(parentName);
      if (!parent && (later.has(parentName) || parentName === name))
        return { index, message: 'ParentCommentUniqueId is of no earlier row' };
      if (parent && parent.at > row.at)
        return { index, message: 'CreatedAt is before that of the comment that it answers' };
    }
    earlier.set(name, row);
  }
  return null;
}

/** The first row that does not go into the room as it is. */
export function badIn(messages: readonly Kept[], found: TakingView): Wrong | null {
  const taken = new Set(found.taken);
  const here = new Set(messages.map(({ uniqueId }) => uniqueId));
  // A second is all that dates of rows tell.
  const least = found.lastAt === null ? 0 : Math.floor(found.lastAt / 1000) * 1000;
  const wrong = messages.flatMap(({ index, uniqueId, at, parent }) => {
    const say = (message: string) => [{ index, message }];
    if (taken.has(uniqueId)) return say('UniqueId belongs to a comment that exists already');
    if (at < least) return say('CreatedAt is before that of the last comment in its room');
    if (parent && !here.has(parent.id) && found.said[parent.id] === undefined)
      return say('ParentCommentUniqueId is of no comment in this room');
    return [];
  });
  return wrong.sort((a, b) => a.index - b.index)[0] ?? null;
}
