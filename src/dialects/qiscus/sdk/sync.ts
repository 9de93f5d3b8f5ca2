// What client SDKs ask again and again: new comments, and events (contracts/qiscus.md 9). How they are told without asking is
// mqtt/.
import { Refused } from '../../../domain/errors.ts';
import type { ConversationNumber } from '../../../domain/ids.ts';
import type { JsonObject } from '../../../domain/model.ts';
import { json } from '../../../http/respond.ts';
import type { User } from '../../../hub/context.ts';
import { viewConversation } from '../../../hub/conversations.ts';
import { type MessagePage, messagesNamed } from '../../../hub/messages.ts';
import {
  type Deletion,
  deletionsSince,
  handedOver,
  type Move,
  movesSince,
  newsSince,
} from '../../../hub/moves.ts';
import { usersByNumbers } from '../../../hub/people.ts';
import { type Call, operation } from '../call.ts';
import { integer, may } from '../fields.ts';
import { uniqueIdOf as uniqueIdOfComment } from '../render.ts';
import { nameOf, uniqueIdOfRoom } from '../render-rooms.ts';
import { eachInTurn } from '../rooms.ts';
import { renderComments } from './render.ts';
import { selfOf } from './rooms.ts';

const PAGE = 50;
const MOST = 100;
const MOST_EVENTS = 500;

/** Comments of a page as the person has them; what they put out of their sight is no news. */
export function commentsOf(call: Pick<Call, 'hub'>, page: MessagePage, self: User): JsonObject[] {
  const gone = new Set(page.messages.filter(({ message }) => message.deleted).map(({ at }) => at));
  return renderComments(call.hub, page, self).filter(({ id }) => !gone.has(Number(id)));
}

/**
 * The first comments after an id in all rooms, one's own among them; and those that came with an earlier id, but no device
 * of the person has received (DESIGN.md 3). Nothing is taken over where the id does not rise: so it does.
 */
export const sync = operation(
  {
    last_received_comment_id: may(integer(0, Number.MAX_SAFE_INTEGER, 'comment')),
    limit: may(integer(1, MOST)),
  },
  async (call, given) => {
    const { last_received_comment_id: after = 0, limit = PAGE } = given;
    const self = selfOf(call);
    const news = await newsSince(call.hub, call.caller, after, limit);
    const fresh = news
      .flatMap(({ page }) => commentsOf(call, page, self))
      .sort((a, b) => Number(a.id) - Number(b.id))
      .slice(0, limit);
    const late = news.flatMap(({ late: page }) => (page ? commentsOf(call, page, self) : []));
    const last = Number(fresh.at(-1)?.id ?? after);
    const times = new Set([...late, ...fresh].map(({ id }) => Number(id)));
    await handedOver(call.hub, call.caller, news, times);
    return {
      comments: [...late, ...fresh].reverse(),
      meta: {
        last_received_comment_id: late.length > 0 && last === after ? after + 1 : last,
        need_clear: false,
      },
    };
  },
);

interface SyncEvent {
  id: number;
  timestamp: number;
  action_topic: string;
  payload: { actor: JsonObject; data: JsonObject };
}

/**
 * How far others have read and received, what was deleted and what one cleared elsewhere, after an event. Ids are times in
 * µs. Stands at the root of the answer, where clients look for it.
 */
export const syncEvent = operation(
  { start_event_id: may(integer(0, Number.MAX_SAFE_INTEGER)) },
  async (call, given) => {
    const { start_event_id: start = 0 } = given;
    const [moves, deletions] = await Promise.all([
      movesSince(call.hub, call.caller, Math.floor(start / 1000) - 1),
      deletionsSince(call.hub, call.caller, start),
    ]);
    const rooms = new Map<ConversationNumber, { moves: Move[]; deletions: Deletion[] }>();
    const roomOf = (c: ConversationNumber) => {
      const known = rooms.get(c) ?? { moves: [], deletions: [] };
      rooms.set(c, known);
      return known;
    };
    for (const move of moves) roomOf(move.conversation).moves.push(move);
    for (const deletion of deletions) roomOf(deletion.conversation).deletions.push(deletion);
    const events = await eachInTurn([...rooms], ([c, what]) => eventsOf(call, c, what));
    const shown = events
      .flat()
      .filter(({ id }) => id > start)
      .sort((a, b) => a.id - b.id)
      .slice(0, MOST_EVENTS);
    return json({ events: shown, is_start_event_id_found: true, status: 200 });
  },
);

async function eventsOf(
  call: Call,
  c: ConversationNumber,
  { moves, deletions }: { moves: Move[]; deletions: Deletion[] },
): Promise<SyncEvent[]> {
  const { hub, app, caller } = call;
  try {
    const view = await viewConversation(hub, caller, c, { marks: true });
    const { marks = {} } = view;
    const times = moves.flatMap(({ user }) => [marks[user]?.read ?? 0, marks[user]?.received ?? 0]);
    const named = [
      ...[...new Set(times)].filter((time) => time > 0).map((time) => ({ time })),
      ...deletions.map(({ target }) => ({ seq: target })),
    ];
    const gone = new Set(deletions.map(({ target }) => target));
    const page = await messagesNamed(hub, caller, c, named, { withDeleted: true });
    const uniqueIds = new Map(page.messages.map((entry) => [entry.at, uniqueIdOfComment(entry)]));
    const deleted = new Map(
      page.messages.filter(({ seq }) => gone.has(seq)).map((entry) => [entry.seq, uniqueIdOfComment(entry)]),
    );
    const authors = [...moves.map(({ user }) => user), ...deletions.flatMap(({ author }) => author ?? [])];
    const people = await usersByNumbers(hub, app, authors);
    const actorOf = (user: number | null): JsonObject => {
      const person = user === null ? undefined : people.get(user as never);
      return { id: user ?? 0, email: person?.externalId ?? '', name: person?.name ?? '' };
    };
    const marked = (topic: 'read' | 'delivered', { user }: Move, at: number, time: number): SyncEvent[] => {
      if (at === 0 || time === 0) return [];
      const data = {
        comment_id: time,
        comment_id_str: String(time),
        comment_unique_id: uniqueIds.get(time) ?? '',
        email: String(actorOf(user).email),
        room_id: c,
        room_id_str: String(c),
      };
      return [eventOf(at, topic, actorOf(user), data)];
    };
    const cleared = moves.filter((move) => move.cleared);
    return [
      ...moves
        .filter((move) => !move.cleared)
        .flatMap((move) => [
          ...marked('delivered', move, move.deliveredAt * 1000, marks[move.user]?.received ?? 0),
          ...marked('read', move, move.readAt * 1000 + 1, marks[move.user]?.read ?? 0),
        ]),
      ...cleared.map((move) =>
        eventOf(move.readAt * 1000 + 2, 'clear_room', actorOf(move.user), clearedRoom(view, selfOf(call))),
      ),
      ...deletions.flatMap(({ at, author, target, through }) => {
        const uniqueId = deleted.get(target);
        if (through) return [eventOf(at, 'clear_room', actorOf(author), clearedRoom(view, selfOf(call)))];
        if (uniqueId === undefined) return [];
        const data = deletedComment(c, uniqueId);
        // Clients of two kinds know it by two names.
        return [
          eventOf(at, 'delete_message', actorOf(author), data),
          eventOf(at, 'deleted_message', actorOf(author), data),
        ];
      }),
    ];
  } catch (error) {
    if (error instanceof Refused && error.refusal.code === 'not_found') return [];
    throw error;
  }
}

const eventOf = (id: number, topic: string, actor: JsonObject, data: JsonObject): SyncEvent => ({
  id,
  timestamp: id * 1000,
  action_topic: topic,
  payload: { actor, data },
});

/** What is told of a comment that went. */
export const deletedComment = (c: ConversationNumber, uniqueId: string): JsonObject => ({
  deleted_messages: [{ room_id: String(c), message_unique_ids: [uniqueId] }],
  is_hard_delete: true,
});

/** What is told of a room whose comments went. */
export const clearedRoom = (
  view: Pick<MessagePage['view'], 'facts' | 'members'>,
  self: Pick<User, 'number'>,
): JsonObject => ({
  deleted_rooms: [
    {
      id: view.facts.number,
      id_str: String(view.facts.number),
      unique_id: uniqueIdOfRoom(view.facts),
      room_name: nameOf(view.facts, view.members, self.number),
      chat_type: view.facts.kind === 'direct' ? 'single' : 'group',
      options: '{}',
    },
  ],
});
