// What a connection is told: frames of its Inbox (docs/realtime.md) as messages of the topics that it listens to.
import { Refused } from '../../../domain/errors.ts';
import {
  type ConversationNumber,
  conversationNumber,
  type LogTime,
  type Seq,
  type UserNumber,
  userNumber,
} from '../../../domain/ids.ts';
import type { JsonObject } from '../../../domain/model.ts';
import type { User } from '../../../hub/context.ts';
import { viewConversation } from '../../../hub/conversations.ts';
import { type MessagePage, messagesBySeq, messagesNamed } from '../../../hub/messages.ts';
import { userByNumber } from '../../../hub/people.ts';
import { uniqueIdOf } from '../render.ts';
import { clearedRoom, commentsOf, deletedComment } from '../sdk/sync.ts';
import type { Listening } from './granting.ts';
import {
  channelTopic,
  type OwnNews,
  ownTopic,
  presenceTopic,
  roomEventTopic,
  roomNewsTopic,
} from './topics.ts';

export interface News {
  topic: string;
  payload: string;
  retain?: boolean;
}

/** An entry of the log, as far as it means something here. */
interface Happening {
  seq: Seq;
  kind: string;
  author: { id: string; name: string } | null;
  target?: Seq;
  through?: boolean;
}

/** Fields of the frames that mean something here. */
type Frame =
  | { t: 'events'; c: string; events: Happening[] }
  | { t: 'read' | 'delivered'; c: string; user: string; seq: Seq }
  | { t: 'typing'; c: string; user: string; on: boolean }
  | { t: 'notice'; c: string; user: string; name: string; data: string }
  | { t: 'cleared'; c: string }
  | { t: 'presence'; user: string; online: boolean }
  | { t: 'hello' | 'bye' | 'resync' | 'deleted' };

type Of<Type extends Frame['t']> = Extract<Frame, { t: Type }>;

/** Messages that are asked for at a time. */
const AT_ONCE = 100;

/** The messages that a frame makes, in order. Frames that mean nothing here, or that the person may not see, make none. */
export async function newsOf(around: Listening, text: string): Promise<News[]> {
  try {
    return await of(around, JSON.parse(text) as Frame);
  } catch (error) {
    // Left meanwhile, or a part of the hub is away: who reads on asks for what they missed.
    if (error instanceof Refused && error.refusal.code !== 'unauthorized') return [];
    throw error;
  }
}

async function of(around: Listening, frame: Frame): Promise<News[]> {
  switch (frame.t) {
    case 'events':
      return happened(around, frame);
    case 'read':
    case 'delivered':
      return marked(around, frame);
    case 'typing':
      return typing(around, frame);
    case 'notice':
      return notice(around, frame);
    case 'cleared':
      return cleared(around, frame);
    case 'presence':
      return presence(around, frame);
    default:
      return [];
  }
}

const roomOf = ({ c }: { c: string }): ConversationNumber => conversationNumber(Number(c));
const selfOf = ({ caller }: Listening): User => caller.user as User;

// ---- entries of the log ----

async function happened(around: Listening, { c, events }: Of<'events'>): Promise<News[]> {
  const room = roomOf({ c });
  const news: News[] = [];
  for (let i = 0; i < events.length; ) {
    const first = events[i] as Happening;
    // New comments that follow each other are asked for at once.
    let end = i + 1;
    if (first.kind === 'message') {
      while (end < events.length && end - i < AT_ONCE && events[end]?.kind === 'message') end += 1;
      news.push(...(await said(around, room, first.seq, end - i)));
    } else if (first.kind === 'edit') news.push(...(await changed(around, room, first)));
    else if (first.kind === 'delete') news.push(...(await deleted(around, room, first)));
    i = end;
  }
  return news;
}

async function said(around: Listening, room: ConversationNumber, from: Seq, count: number): Promise<News[]> {
  const { hub, caller, subscriptions } = around;
  const topics = [...subscriptions.tokensFor('c')].map((token) => ownTopic(token, 'c'));
  const channel = subscriptions.channels.find((each) => each.room === room);
  if (topics.length === 0 && !channel) return [];
  const page = await messagesBySeq(hub, caller, room, {
    after: from - 1,
    limit: count,
    timed: true,
    marks: true,
  });
  // A channel's comments come on its own topic where that is listened to: on both, clients would have them twice.
  const wanted = channel ? [channelTopic(channel.app, channel.uniqueId)] : topics;
  return commentsOf({ hub }, upTo(page, from + count - 1), selfOf(around))
    .reverse()
    .flatMap((comment) => wanted.map((topic) => ({ topic, payload: JSON.stringify(comment) })));
}

/** Without what was said after the frame was made: the next one brings it. */
function upTo(page: MessagePage, last: Seq): MessagePage {
  const count = page.messages.filter(({ seq }) => seq <= last).length;
  const { timed } = page;
  return {
    ...page,
    messages: page.messages.slice(0, count),
    timed: timed && { ...timed, before: timed.before.slice(0, count) },
  };
}

async function changed(
  around: Listening,
  room: ConversationNumber,
  { target = 0 }: Happening,
): Promise<News[]> {
  const { hub, caller, subscriptions } = around;
  const topics = [...subscriptions.tokensFor('update')].map((token) => ownTopic(token, 'update'));
  if (topics.length === 0) return [];
  const page = await messagesNamed(hub, caller, room, [{ seq: target }]);
  return commentsOf({ hub }, page, selfOf(around)).flatMap((comment) =>
    topics.map((topic) => ({ topic, payload: JSON.stringify(comment) })),
  );
}

async function deleted(around: Listening, room: ConversationNumber, what: Happening): Promise<News[]> {
  const { hub, caller, subscriptions } = around;
  if ([...subscriptions.tokensFor('n')].length === 0) return [];
  const { author } = what;
  const actor = { id: Number(author?.id ?? 0), email: '', name: author?.name ?? '' };
  const person = actor.id === 0 ? null : await idOf(around, userNumber(actor.id));
  const by = { ...actor, email: person ?? '' };
  if (what.through) {
    const view = await viewConversation(hub, caller, room);
    return notified(around, 'clear_room', by, clearedRoom(view, selfOf(around)));
  }
  const page = await messagesNamed(hub, caller, room, [{ seq: what.target ?? 0 }], { withDeleted: true });
  return page.messages.flatMap((entry) =>
    notified(around, 'delete_message', by, deletedComment(room, uniqueIdOf(entry))),
  );
}

const notified = (
  { subscriptions }: Listening,
  topic: string,
  actor: JsonObject,
  data: JsonObject,
): News[] => {
  const now = Date.now();
  const payload = JSON.stringify({
    id: now * 1000,
    timestamp: now * 1_000_000,
    action_topic: topic,
    payload: { actor, data },
  });
  return [...subscriptions.tokensFor('n' satisfies OwnNews)].map((token) => ({
    topic: ownTopic(token, 'n'),
    payload,
  }));
};

// ---- marks, typing, presence ----

/** Clients know a mark by the comment that it is at. */
async function marked(around: Listening, { t, c, user, seq }: Of<'read' | 'delivered'>): Promise<News[]> {
  const room = roomOf({ c });
  const news = t === 'read' ? 'r' : 'd';
  if (!around.subscriptions.rooms.has(room)) return [];
  const id = await idOf(around, userNumber(Number(user)));
  if (id === null || !around.subscriptions.listens(room, news, id)) return [];
  const page = await messagesBySeq(around.hub, around.caller, room, { before: seq + 1, limit: 1 });
  return page.messages.map((entry) => ({
    topic: roomNewsTopic(room, id, news),
    payload: markText(entry.at, uniqueIdOf(entry)),
  }));
}

const markText = (time: LogTime, uniqueId: string): string => `${time}:${uniqueId}`;

async function typing(around: Listening, { c, user, on }: Of<'typing'>): Promise<News[]> {
  const room = roomOf({ c });
  if (!around.subscriptions.rooms.has(room)) return [];
  const id = await idOf(around, userNumber(Number(user)));
  if (id === null || !around.subscriptions.listens(room, 't', id)) return [];
  return [{ topic: roomNewsTopic(room, id, 't'), payload: on ? '1' : '0' }];
}

/** Back to the words that the other client said. */
function notice({ subscriptions }: Listening, { c, name, data }: Of<'notice'>): News[] {
  const room = roomOf({ c });
  const news = name === 'qiscus.e' ? 'e' : name === 'qiscus.typing' ? 'typing' : null;
  if (news === null || !subscriptions.listens(room, news, null)) return [];
  return [{ topic: roomEventTopic(room, news), payload: data }];
}

async function cleared(around: Listening, { c }: Of<'cleared'>): Promise<News[]> {
  const { hub, caller } = around;
  const self = selfOf(around);
  const view = await viewConversation(hub, caller, roomOf({ c }));
  const actor = { id: self.number, email: self.externalId, name: self.name };
  return notified(around, 'clear_room', actor, clearedRoom(view, self));
}

function presence({ subscriptions }: Listening, { user, online }: Of<'presence'>): News[] {
  for (const [id, number] of subscriptions.people) {
    if (String(number) === user) return [presenceNews(id, online)];
  }
  return [];
}

/** Where somebody is, and since when as far as it is known: clients read both (contracts/qiscus.md 9). */
export const presenceNews = (user: string, online: boolean): News => ({
  topic: presenceTopic(user),
  payload: `${online ? 1 : 0}:${Date.now()}`,
});

/** What this API calls somebody; null: nobody any more, or a name that no topic can have. */
async function idOf({ hub, caller }: Listening, user: UserNumber): Promise<string | null> {
  const found = await userByNumber(hub, caller.app, user).catch(() => null);
  return found && !/[+#]/.test(found.externalId) ? found.externalId : null;
}
