// The live sockets of one Inbox, found by person and by the conversation that they subscribed to. In memory only:
// rebuilt from the platform's own list after hibernation.
import type { Delivery, Signal } from '../domain/delivery.ts';
import type { ConversationNumber, UserNumber } from '../domain/ids.ts';
import type { Connection, Sink, Subscription } from './connection.ts';

const NOBODY: ReadonlySet<Connection> = new Set();

export class Table {
  private readonly bySocket = new Map<Sink, Connection>();
  private readonly byUser = new Map<UserNumber, Set<Connection>>();
  /** Connections of the team that are to have support conversations that are nobody's. */
  private readonly desks = new Set<Connection>();
  private readonly byConversation = new Map<ConversationNumber, Set<Connection>>();

  get size(): number {
    return this.bySocket.size;
  }

  all(): Iterable<Connection> {
    return this.bySocket.values();
  }

  add(connection: Connection): void {
    this.bySocket.set(connection.socket, connection);
    put(this.byUser, connection.claims.user, connection);
    if (connection.claims.unassigned) this.desks.add(connection);
    for (const c of connection.subscriptions.keys()) put(this.byConversation, c, connection);
  }

  /** False when it was not there. */
  remove(connection: Connection): boolean {
    if (!this.bySocket.delete(connection.socket)) return false;
    drop(this.byUser, connection.claims.user, connection);
    this.desks.delete(connection);
    for (const c of connection.subscriptions.keys()) drop(this.byConversation, c, connection);
    return true;
  }

  /** Everybody with a socket here. */
  users(): Iterable<UserNumber> {
    return this.byUser.keys();
  }

  of(socket: Sink): Connection | undefined {
    return this.bySocket.get(socket);
  }

  ofUser(user: UserNumber): ReadonlySet<Connection> {
    return this.byUser.get(user) ?? NOBODY;
  }

  /** Whether somebody counts as present through one of their connections here. */
  isHere(user: UserNumber): boolean {
    for (const { away } of this.ofUser(user)) if (!away) return true;
    return false;
  }

  /** Sockets with an explicit subscription to `c`. */
  subscribers(c: ConversationNumber): ReadonlySet<Connection> {
    return this.byConversation.get(c) ?? NOBODY;
  }

  subscribe(connection: Connection, c: ConversationNumber, subscription: Subscription): void {
    connection.subscriptions.set(c, subscription);
    put(this.byConversation, c, connection);
  }

  unsubscribe(connection: Connection, c: ConversationNumber): void {
    if (!connection.subscriptions.delete(c)) return;
    connection.dirty = true;
    drop(this.byConversation, c, connection);
  }

  /** These people are out of `c`. A subscription whose past is still being fetched ends when that is done. */
  end(c: ConversationNumber, users: readonly UserNumber[]): void {
    for (const user of users) {
      for (const connection of this.ofUser(user)) {
        const subscription = connection.subscriptions.get(c);
        if (subscription?.held) subscription.ending = true;
        else this.unsubscribe(connection, c);
      }
    }
  }

  /**
   * The sockets that a delivery or signal is for: of its people those that follow the conversation, and the team's
   * that subscribed to it (they were allowed to read it then; losing the role ends the socket), or that asked for whatever
   * is nobody's.
   */
  audience({
    c,
    users,
    team,
    unassigned,
  }: Pick<Delivery | Signal, 'c' | 'users' | 'team' | 'unassigned'>): Connection[] {
    const audience: Connection[] = [];
    for (const user of users) {
      for (const connection of this.ofUser(user)) if (connection.follows(c)) audience.push(connection);
    }
    if (!team) return audience;
    const members = new Set(users);
    for (const connection of this.subscribers(c)) {
      const { powers, user } = connection.claims;
      if (powers === 'team' && !members.has(user)) audience.push(connection);
    }
    if (unassigned) {
      for (const connection of this.desks) {
        if (!members.has(connection.claims.user) && !connection.subscriptions.has(c))
          audience.push(connection);
      }
    }
    return audience;
  }
}

function put<K>(index: Map<K, Set<Connection>>, key: K, connection: Connection): void {
  const set = index.get(key);
  if (set) set.add(connection);
  else index.set(key, new Set([connection]));
}

function drop<K>(index: Map<K, Set<Connection>>, key: K, connection: Connection): void {
  const set = index.get(key);
  if (set?.delete(connection) && set.size === 0) index.delete(key);
}
