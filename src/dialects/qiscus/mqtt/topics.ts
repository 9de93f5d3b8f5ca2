// The topics of this API's realtime service (contracts/qiscus.md 9): what each is about, both ways. Who may have one is
// session.ts.
import { type ConversationNumber, parseConversation } from '../../../domain/ids.ts';

/** What happens in a room, by the last step of its topic: typing, delivered, read, a client's own event, words while typing. */
export type RoomNews = 't' | 'd' | 'r' | 'e' | 'typing';
/** What a user is told: comments, notifications, changed comments. */
export type OwnNews = 'c' | 'n' | 'update';

export type Topic =
  | { about: 'own'; token: string; news: OwnNews }
  /** `user`: whose doing it is; null: everybody's. */
  | { about: 'room'; room: ConversationNumber; news: RoomNews; user: string | null }
  | { about: 'presence'; user: string }
  | { about: 'channel'; app: string; uniqueId: string };

const OWN = /^([^/]+)\/(c|n|update)$/;
const BY_USER = /^r\/(\d+)\/(\d+)\/(.+)\/([tdr])$/;
const EVENT = /^r\/(\d+)\/(\d+)\/e$/;
const WORDS = /^r\/(\d+)\/typing$/;
const PRESENCE = /^u\/(.+)\/s$/;
const CHANNEL = /^([^/]+)\/(.+)\/c$/;

/** Null: a topic of another service. `+` stands for everybody of a room, and for nothing else. */
export function topicOf(text: string): Topic | null {
  const byUser = BY_USER.exec(text);
  if (byUser) {
    const [, room, again, user, news] = byUser as unknown as [string, string, string, string, RoomNews];
    return roomTopic(room, again, news, user === '+' ? null : user);
  }
  if (/[+#]/.test(text)) return null;
  const event = EVENT.exec(text);
  if (event) return roomTopic(event[1] as string, event[2] as string, 'e', null);
  const words = WORDS.exec(text);
  if (words) return roomTopic(words[1] as string, words[1] as string, 'typing', null);
  const presence = PRESENCE.exec(text);
  if (presence) return { about: 'presence', user: presence[1] as string };
  const own = OWN.exec(text);
  if (own) return { about: 'own', token: own[1] as string, news: own[2] as OwnNews };
  const channel = CHANNEL.exec(text);
  return channel && { about: 'channel', app: channel[1] as string, uniqueId: channel[2] as string };
}

function roomTopic(room: string, again: string, news: RoomNews, user: string | null): Topic | null {
  const number = parseConversation(room);
  return number === null || room !== again || (user !== null && /[+#]/.test(user))
    ? null
    : { about: 'room', room: number, news, user };
}

export const roomNewsTopic = (room: number, user: string, news: 't' | 'd' | 'r'): string =>
  `r/${room}/${room}/${user}/${news}`;
export const roomEventTopic = (room: number, news: 'e' | 'typing'): string =>
  news === 'e' ? `r/${room}/${room}/e` : `r/${room}/typing`;
export const presenceTopic = (user: string): string => `u/${user}/s`;
export const ownTopic = (token: string, news: OwnNews): string => `${token}/${news}`;
export const channelTopic = (app: string, uniqueId: string): string => `${app}/${uniqueId}/c`;
