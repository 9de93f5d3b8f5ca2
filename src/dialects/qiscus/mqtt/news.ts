// What a connection is told: frames of its Inbox (docs/realtime.md) as messages of the topics that it listens to.
import { conversationNumber, type UserNumber, userNumber } from '../../../domain/ids.ts';
import type { Caller, Hub } from '../../../hub/context.ts';
import { userByNumber } from '../../../hub/people.ts';
import type { Subscriptions } from './subscriptions.ts';
import { presenceTopic, roomEventTopic, roomNewsTopic } from './topics.ts';

export interface News {
  topic: string;
  payload: string;
  retain?: boolean;
}

interface Around {
  hub: Hub;
  caller: Caller;
  subscriptions: Subscriptions;
}

/** Fields of the frames that mean something here. */
type Frame =
  | { t: 'typing'; c: string; user: string; on: boolean }
  | { t: 'notice'; c: string; user: string; name: string; data: string }
  | { t: 'presence'; user: string; online: boolean }
  | { t: 'hello' | 'bye' | 'resync' };

/** The messages that a frame makes, in order. Frames that mean nothing here make none. */
export async function newsOf(around: Around, text: string): Promise<News[]> {
  const frame = JSON.parse(text) as Frame;
  switch (frame.t) {
    case 'typing':
      return typing(around, frame);
    case 'notice':
      return notice(around, frame);
    case 'presence':
      return presence(around, frame);
    default:
      return [];
  }
}

async function typing(around: Around, { c, user, on }: Extract<Frame, { t: 'typing' }>): Promise<News[]> {
  const room = conversationNumber(Number(c));
  if (!around.subscriptions.rooms.has(room)) return [];
  const id = await idOf(around, userNumber(Number(user)));
  if (id === null || !around.subscriptions.listens(room, 't', id)) return [];
  return [{ topic: roomNewsTopic(room, id, 't'), payload: on ? '1' : '0' }];
}

/** Back to the words that the other client said. */
async function notice(
  { subscriptions }: Around,
  { c, name, data }: Extract<Frame, { t: 'notice' }>,
): Promise<News[]> {
  const room = conversationNumber(Number(c));
  const news = name === 'qiscus.e' ? 'e' : name === 'qiscus.typing' ? 'typing' : null;
  if (news === null || !subscriptions.listens(room, news, null)) return [];
  return [{ topic: roomEventTopic(room, news), payload: data }];
}

function presence({ subscriptions }: Around, { user, online }: Extract<Frame, { t: 'presence' }>): News[] {
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
async function idOf({ hub, caller }: Around, user: UserNumber): Promise<string | null> {
  const found = await userByNumber(hub, caller.app, user).catch(() => null);
  return found && !/[+#]/.test(found.externalId) ? found.externalId : null;
}
