// What one connection is subscribed to, kept small enough to sleep with it. Whether it may be is session.ts.
import type { ConversationNumber, UserNumber } from '../../../domain/ids.ts';
import type { JsonObject } from '../../../domain/model.ts';
import type { OwnNews, RoomNews } from './topics.ts';

/** Tokens that one connection listens for: the one in use, and the one before it. */
const MOST_TOKENS = 3;

export interface Channel {
  app: string;
  uniqueId: string;
  room: ConversationNumber;
}

export class Subscriptions {
  /** What of which token. */
  readonly own = new Map<string, Set<OwnNews>>();
  /** Of each room its news, and whose: an id, or everybody's (null). */
  readonly rooms = new Map<ConversationNumber, { news: RoomNews; user: string | null }[]>();
  readonly people = new Map<string, UserNumber>();
  channels: Channel[] = [];

  static of(kept: JsonObject | null): Subscriptions {
    const all = new Subscriptions();
    if (!kept) return all;
    const { own, rooms, people, channels } = kept as unknown as Kept;
    for (const [token, news] of own) all.own.set(token, new Set(news));
    for (const [room, news] of rooms) all.rooms.set(room, news);
    for (const [id, user] of people) all.people.set(id, user);
    all.channels = channels;
    return all;
  }

  kept(): JsonObject {
    const kept: Kept = {
      own: [...this.own].map(([token, news]) => [token, [...news]]),
      rooms: [...this.rooms],
      people: [...this.people],
      channels: this.channels,
    };
    return kept as unknown as JsonObject;
  }

  get isEmpty(): boolean {
    return this.own.size === 0;
  }

  addOwn(token: string, news: OwnNews): void {
    const known = this.own.get(token);
    if (known) known.add(news);
    else this.own.set(token, new Set([news]));
    const [oldest] = this.own.keys();
    if (this.own.size > MOST_TOKENS) this.own.delete(oldest as string);
  }

  removeOwn(token: string, news: OwnNews): void {
    const known = this.own.get(token);
    if (known?.delete(news) && known.size === 0) this.own.delete(token);
  }

  /** Tokens under which this is listened for. */
  *tokensFor(news: OwnNews): Generator<string> {
    for (const [token, wanted] of this.own) if (wanted.has(news)) yield token;
  }

  addRoom(room: ConversationNumber, news: RoomNews, user: string | null): void {
    if (this.listens(room, news, user)) return;
    const known = this.rooms.get(room);
    if (known) known.push({ news, user });
    else this.rooms.set(room, [{ news, user }]);
  }

  removeRoom(room: ConversationNumber, news: RoomNews, user: string | null): void {
    const left = (this.rooms.get(room) ?? []).filter((each) => each.news !== news || each.user !== user);
    if (left.length > 0) this.rooms.set(room, left);
    else this.rooms.delete(room);
  }

  /** Whether this news of this person is listened for. */
  listens(room: ConversationNumber, news: RoomNews, user: string | null): boolean {
    return (this.rooms.get(room) ?? []).some(
      (each) => each.news === news && (each.user === null || each.user === user),
    );
  }

  /** Everything that one person's token gave; another's gives nothing of it. */
  clear(): void {
    this.own.clear();
    this.rooms.clear();
    this.people.clear();
    this.channels = [];
  }
}

interface Kept {
  own: [string, OwnNews[]][];
  rooms: [ConversationNumber, { news: RoomNews; user: string | null }[]][];
  people: [string, UserNumber][];
  channels: Channel[];
}
