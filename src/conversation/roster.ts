// Everybody who is, was or wrote in a conversation, with their positions. Held in memory, one row each.
import type { Ordinal, Seq, UserNumber } from '../domain/ids.ts';
import { type Card, type Member, SERVICE_ROLES } from '../domain/model.ts';
import { erasedCard } from '../domain/user.ts';
import { type MemberRow, memberOf, memberValues, newMember } from './rows.ts';

/**
 * Authors whose own position is derived from the log instead of written per post. More who take turns cost a row per
 * post; each is some 20 bytes of the conversation's row in lists.
 */
export const RECENT_AUTHORS = 64;
/** Messages looked through on wake to find those authors again: who spoke before them has a row that says so. */
export const RECENT_MESSAGES = 128;

/** The newest messages, newest first, one row read each however many events lie between. */
const NEWEST_MESSAGES = `
  WITH RECURSIVE newest(seq, n, prev, author) AS (
    SELECT e.seq, e.n, e.prev, e.author FROM entry e
    WHERE e.seq = (SELECT iif(kind = 0, seq, prev) FROM entry ORDER BY seq DESC LIMIT 1)
    UNION ALL
    SELECT e.seq, e.n, e.prev, e.author FROM newest m JOIN entry e ON e.seq = m.prev)
  SELECT seq, n, author FROM newest LIMIT ?`;

/** A mark in the log: everything up to here. */
interface Mark {
  seq: Seq;
  n: Ordinal;
}

export class Roster {
  private readonly sql: SqlStorage;
  readonly members = new Map<UserNumber, Member>();
  /** Where recent authors last spoke, oldest first: their own messages are read to them. */
  readonly recent = new Map<UserNumber, Mark>();
  /** Members whose row is newer than the directory's. */
  readonly changed = new Set<UserNumber>();
  private readonly revs = new Map<UserNumber, number>();
  /** Counts changes of member rows; the directory takes only what is newer. */
  rev = 0;
  indexedRev = 0;
  /** Rises whenever somebody comes, goes or looks different. */
  version = 0;
  private audience: { version: number; users: UserNumber[] } = { version: -1, users: [] };

  private sorted: { version: number; users: UserNumber[]; service: UserNumber[] } = {
    version: -1,
    users: [],
    service: [],
  };

  constructor(sql: SqlStorage) {
    this.sql = sql;
    this.load();
  }

  /** Takes everything that memory holds from storage again. */
  load(): void {
    const { sql } = this;
    this.version += 1;
    for (const map of [this.members, this.recent, this.changed, this.revs]) map.clear();
    this.rev = 0;
    for (const row of sql
      .exec<MemberRow & Record<string, SqlStorageValue>>('SELECT * FROM member')
      .toArray()) {
      this.members.set(row.user as UserNumber, memberOf(row));
      this.revs.set(row.user as UserNumber, row.rev);
      this.rev = Math.max(this.rev, row.rev);
      this.indexedRev = Math.max(this.indexedRev, row.indexed_rev);
    }
    for (const [user, rev] of this.revs) if (rev > this.indexedRev) this.changed.add(user);
    this.findRecent();
  }

  private findRecent(): void {
    const newest = this.sql.exec<Mark & { author: UserNumber | null } & Record<string, SqlStorageValue>>(
      NEWEST_MESSAGES,
      RECENT_MESSAGES,
    );
    const found = new Map<UserNumber, Mark>();
    for (const { author, seq, n } of newest) {
      if (author !== null && !found.has(author) && found.size < RECENT_AUTHORS) found.set(author, { seq, n });
    }
    for (const [user, mark] of [...found].reverse()) this.recent.set(user, mark);
  }

  get(user: UserNumber | null): Member | undefined {
    return user === null ? undefined : this.members.get(user);
  }

  /** Active members' numbers, the same array until somebody comes or goes. */
  active(): UserNumber[] {
    if (this.audience.version !== this.version) {
      const users: UserNumber[] = [];
      for (const member of this.members.values()) if (member.standing === 'active') users.push(member.user);
      this.audience = { version: this.version, users };
    }
    return this.audience.users;
  }

  /** Who answers for the app, whether in or not: the same array until somebody comes, goes or looks different. */
  service(): UserNumber[] {
    this.sort();
    return this.sorted.service;
  }

  /** Everybody by number, rising. */
  byNumber(): Member[] {
    this.sort();
    return this.sorted.users.map((user) => this.members.get(user) as Member);
  }

  private sort(): void {
    if (this.sorted.version === this.version) return;
    const users = [...this.members.keys()].sort((a, b) => a - b);
    const isService = (user: UserNumber) => SERVICE_ROLES.has(this.members.get(user)?.card.role ?? 'member');
    this.sorted = { version: this.version, users, service: users.filter(isService) };
  }

  revOf(user: UserNumber): number {
    return this.revs.get(user) ?? 0;
  }

  /** Writes one member's row (1 row written) and remembers that the directory must hear of it. */
  put(member: Member): void {
    const known = this.members.get(member.user);
    if (!known || known.standing !== member.standing || known.card !== member.card) this.version += 1;
    this.rev += 1;
    this.members.set(member.user, member);
    this.revs.set(member.user, this.rev);
    this.changed.add(member.user);
    this.sql.exec(
      'INSERT OR REPLACE INTO member VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)',
      ...memberValues(member, this.rev, this.indexedRev),
    );
  }

  /** The directory has every row: written down in the newest one, for the next wake. */
  keepIndexed(): void {
    this.sql.exec('UPDATE member SET indexed_rev = rev WHERE rev = ?', this.rev);
  }

  /** Keeps an author's card as fresh as their last call had it; a row only when it changed or is new. */
  meet(user: UserNumber, card: Card | null): void {
    const known = this.members.get(user);
    if (known && (card === null || sameCard(known.card, card))) return;
    if (known) this.put({ ...known, card: card as Card });
    else if (card) this.put(newMember(user, card, 'outside'));
  }

  /** Takes away everything that tells who this was; who was in has left. False when it was gone before. */
  erase(member: Member): boolean {
    const card = erasedCard(member.card.role);
    if (member.standing !== 'active' && sameCard(member.card, card)) return false;
    this.recent.delete(member.user);
    const standing = member.standing === 'active' ? 'left' : member.standing;
    this.put({ ...member, card, standing });
    return true;
  }

  /** An author spoke: their mark moves in memory; whoever falls out of the recent ones gets it written. */
  spoke(user: UserNumber, { seq, n }: Mark): void {
    this.recent.delete(user);
    this.recent.set(user, { seq, n });
    // Every message makes one author recent, so at most one falls out.
    const [oldest, at] = this.recent.entries().next().value as [UserNumber, Mark];
    if (this.recent.size <= RECENT_AUTHORS && n - at.n < RECENT_MESSAGES) return;
    this.recent.delete(oldest);
    const member = this.members.get(oldest);
    if (member && at.seq > Math.max(member.readSeq, member.ownAfter)) {
      this.put({ ...member, readSeq: at.seq, readN: at.n });
    }
  }

  /** How far a member has read, their own messages included. */
  mark(user: UserNumber): Mark {
    const member = this.members.get(user);
    const own = this.recent.get(user);
    if (!member) return own ?? { seq: 0, n: 0 };
    return own && own.seq > Math.max(member.readSeq, member.ownAfter)
      ? own
      : { seq: member.readSeq, n: member.readN };
  }
}

const sameCard = (a: Card, b: Card): boolean =>
  a.name === b.name &&
  a.avatar === b.avatar &&
  a.username === b.username &&
  a.role === b.role &&
  a.externalId === b.externalId;
