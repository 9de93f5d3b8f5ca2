// Who is there: people with a live socket, people whose last call is minutes old, and who is told of it.
import type { ConversationNumber, UserNumber } from '../domain/ids.ts';
import { presenceFrame } from '../sockets/frames.ts';
import type { Rounds } from '../sockets/rounds.ts';
import type { Connection } from './connection.ts';
import type { Table } from './table.ts';

/** A person counts as online for so long after a call without a socket (contracts/tapatalk.md, is_online). */
export const RECENT_MS = 5 * 60_000;
/** A newer call of the same person is remembered only so often: it would cost a row each time. */
const GRAIN_MS = 60_000;
/** In a larger company nobody is told who comes and goes: n arrivals would cost n² frames. */
const COMPANY = 50;

export type SavedTouches = [UserNumber, number][];

/** People who called lately, by ms since 1970. */
export class Touches {
  private readonly at: Map<UserNumber, number>;
  constructor(saved: SavedTouches = []) {
    this.at = new Map(saved);
  }

  /** True when there is something new to save. */
  touch(user: UserNumber, nowMs: number): boolean {
    const known = this.at.get(user) ?? 0;
    if (nowMs - known < GRAIN_MS) return false;
    this.at.delete(user);
    this.at.set(user, nowMs);
    return true;
  }

  isRecent(user: UserNumber, nowMs: number): boolean {
    return nowMs - (this.at.get(user) ?? 0) < RECENT_MS;
  }

  /** Who called lately, the newest caller first. */
  recent(nowMs: number): UserNumber[] {
    return this.save(nowMs)
      .map(([user]) => user)
      .reverse();
  }

  /** What is still recent; the rest is forgotten. */
  save(nowMs: number): SavedTouches {
    // Oldest first: the first recent one ends the search.
    for (const [user, at] of this.at) {
      if (nowMs - at < RECENT_MS) break;
      this.at.delete(user);
    }
    return [...this.at];
  }
}

/** Tells people who share an explicit subscription of each other, and who asked for somebody, of them. */
export class Presence {
  private readonly table: Table;
  private readonly rounds: Rounds<Connection>;
  /** Conversations in which somebody was shown online through a socket that is closed while another one is open. */
  private readonly lingering = new Map<UserNumber, Set<ConversationNumber>>();
  private readonly watchers = new Map<UserNumber, Set<Connection>>();

  constructor(table: Table, rounds: Rounds<Connection>) {
    this.table = table;
    this.rounds = rounds;
  }

  /** A socket has newly subscribed to `c`: it is told who is there, and they are told of a person new to them. */
  arrived(connection: Connection, c: ConversationNumber): void {
    const { user } = connection.claims;
    const company = this.company(c);
    if (!company) return;
    let alone = true;
    const others: Connection[] = [];
    for (const each of this.table.subscribers(c)) {
      if (each.claims.user !== user) others.push(each);
      else if (each !== connection) alone = false;
    }
    company.delete(user);
    for (const present of company) connection.send(presenceFrame(present, true));
    if (alone) this.cast(user, true, others);
  }

  /** A socket that is out of the table already. Only a person's last one says that they went. */
  left(connection: Connection): void {
    const { user } = connection.claims;
    const known = this.lingering.get(user) ?? new Set<ConversationNumber>();
    for (const c of connection.subscriptions.keys()) known.add(c);
    if (this.table.ofUser(user).size > 0) {
      this.lingering.set(user, known);
      return;
    }
    this.lingering.delete(user);
    const told = new Set<Connection>();
    for (const c of known) {
      if (this.company(c)) for (const each of this.table.subscribers(c)) told.add(each);
    }
    this.cast(user, false, [...told]);
  }

  /** From now on this connection is told of these people, and of nobody else. */
  watch(connection: Connection, users: readonly UserNumber[]): void {
    this.unwatch(connection);
    connection.watching = [...users];
    connection.dirty = true;
    for (const user of users) {
      const own = this.watchers.get(user);
      if (own) own.add(connection);
      else this.watchers.set(user, new Set([connection]));
    }
  }

  unwatch(connection: Connection): void {
    for (const user of connection.watching) {
      const own = this.watchers.get(user);
      own?.delete(connection);
      if (own?.size === 0) this.watchers.delete(user);
    }
  }

  /** Something happened to somebody's connections: `before` it they were here, or not. */
  turned(user: UserNumber, before: boolean): void {
    const here = this.table.isHere(user);
    if (here !== before) this.cast(user, here, [...(this.watchers.get(user) ?? [])]);
  }

  /** The people subscribed to `c`, or null when they are too many. */
  private company(c: ConversationNumber): Set<UserNumber> | null {
    const people = new Set<UserNumber>();
    for (const { claims } of this.table.subscribers(c)) {
      people.add(claims.user);
      if (people.size > COMPANY) return null;
    }
    return people;
  }

  private cast(user: UserNumber, online: boolean, to: readonly Connection[]): void {
    this.rounds.cast(presenceFrame(user, online), to, (connection, frame) => connection.send(frame));
  }
}
