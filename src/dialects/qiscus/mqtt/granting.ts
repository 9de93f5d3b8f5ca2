// What a person may listen to beside their own news, and what they may say (contracts/qiscus.md 9). Both throw Refused
// where the hub refuses; whose connection it is knows session.ts.
import type { ConversationNumber } from '../../../domain/ids.ts';
import { knows } from '../../../hub/acquaintance.ts';
import type { Caller, Hub } from '../../../hub/context.ts';
import { viewConversation } from '../../../hub/conversations.ts';
import { markDelivered, markRead, setTyping, tellClients } from '../../../hub/members.ts';
import { conversationByUniqueId } from '../../../hub/named.ts';
import { userByExternalId } from '../../../hub/people.ts';
import type { Subscriptions } from './subscriptions.ts';
import type { Topic } from './topics.ts';

/** Characters of what one member's client tells the others' (`…/e`). */
const NOTICE_CHARS = 16_000;

export interface Listening {
  hub: Hub;
  caller: Caller;
  subscriptions: Subscriptions;
}

type About<What extends Topic['about']> = Extract<Topic, { about: What }>;

/** Takes the topic up where it is the person's to hear; false: it is not. */
export async function grant(listening: Listening, topic: Exclude<Topic, About<'own'>>): Promise<boolean> {
  const { hub, caller, subscriptions } = listening;
  switch (topic.about) {
    case 'room':
      // One look for all the news of a room: who leaves it is told nothing of it any more.
      if (!subscriptions.rooms.has(topic.room)) await viewConversation(hub, caller, topic.room);
      subscriptions.addRoom(topic.room, topic.news, topic.user);
      return true;
    case 'presence': {
      const { number } = await userByExternalId(hub, caller.app, topic.user);
      if (!(await knows(hub, caller, number))) return false;
      subscriptions.people.set(topic.user, number);
      return true;
    }
    case 'channel':
      return grantChannel(listening, topic);
  }
}

async function grantChannel(
  { hub, caller, subscriptions }: Listening,
  { app, uniqueId }: About<'channel'>,
): Promise<boolean> {
  if (app !== caller.app.slug) return false;
  const room = await conversationByUniqueId(hub, caller.app, uniqueId);
  const { facts, me } = await viewConversation(hub, caller, room);
  if (!facts.public || me?.standing !== 'active') return false;
  if (!subscriptions.channels.some((each) => each.room === room))
    subscriptions.channels.push({ app, uniqueId, room });
  return true;
}

/** Tells a room what its topic is about. */
export async function tell(
  hub: Hub,
  caller: Caller,
  { room, news }: About<'room'>,
  said: string,
): Promise<void> {
  switch (news) {
    case 't':
      return setTyping(hub, caller, room, said === '1');
    case 'e':
    case 'typing':
      if (said.length <= NOTICE_CHARS) await tellClients(hub, caller, room, `qiscus.${news}`, said);
      return;
    case 'd':
    case 'r':
      return mark(hub, caller, room, news, said);
  }
}

/** `commentId:uniqueId`, the id its log time. */
async function mark(
  hub: Hub,
  caller: Caller,
  room: ConversationNumber,
  news: 'd' | 'r',
  said: string,
): Promise<void> {
  const time = Number(/^(\d{1,16})(?::|$)/.exec(said)?.[1] ?? Number.NaN);
  if (!(time > 0)) return;
  const how = news === 'r' ? markRead : markDelivered;
  await how(hub, caller, room, undefined, { time });
}
