// Everybody who is, was or wrote in a conversation, with their positions. Held in memory, one row each.
import type { Ordinal, Seq, UserNumber } from '../domain/ids.ts';
import { type Card, type Member, SERVICE_ROLES } from '../domain/model.ts';
import { erasedCard, sameCard } from '../domain/user.ts';
import { type Head, type MemberRow, memberOf, memberValues, newMember } from './rows.ts';

/**
 * Authors whose own position is derived from the log instead of written per post. More who take turns cost a row per
 * post; each is some 20 bytes of the conversation's row in lists.
 */
export const RECENT_AUTHORS = 64;
/** Messages looked through on wake to find those authors again: who spoke before them has a row that says so. */
export const RECENT_MESSAGES = 128;

/** The newest messages, newest first, one row read each however many events lie between. */
const NEWEST_MESSAGES = `
  WITH RECURSIVE newest(seq, n, prev, author, own) AS (
    SELECT e.seq, e.n, e.prev, e.author, e.own FROM entry e
    WHERE e.seq = (SELECT iif(kind = 0, seq, prev) FROM entry ORDER BY seq DESC LIMIT 1)
    UNION ALL
    SELECT e.seq, e.n, e.prev, e.author, e.own FROM newest m JOIN entry e ON e.seq = m.prev)
  SELECT seq, n, author, own FROM newest LIMIT ?`;

/** Somebody of whom the rows do not tell what they wrote: to be counted when it is asked. */
const UNCOUNTED: Head = { own: -1, seq: 0 };
const NOTHING: Head = { own: 0, seq: 0 };

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
  /** What each member wrote, as far as it is known. */
  private readonly heads = new Map<UserNumber, Head>();
  /** The same as the members' rows have it: older, for who spoke lately. */
  private readonly written = new Map<UserNumber, Head>();
  /** People were put beside a log that was there before them: what they wrote is to be counted. */
  private late = false;
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
    for (const map of [this.members, this.recent, this.changed, this.revs, this.heads, this.written])
      map.clear();
    this.rev = 0;
    for (const row of sql
      .exec<MemberRow & Record<string, SqlStorageValue>>('SELECT * FROM member')
      .toArray()) {
      this.members.set(row.user as UserNumber, memberOf(row));
      this.revs.set(row.user as UserNumber, row.rev);
      this.heads.set(row.user as UserNumber, { own: row.sent, seq: row.sent_seq });
      this.written.set(row.user as UserNumber, { own: row.sent, seq: row.sent_seq });
      this.rev = Math.max(this.rev, row.rev);
      this.indexedRev = Math.max(this.indexedRev, row.indexed_rev);
    }
    for (const [user, rev] of this.revs) if (rev > this.indexedRev) this.changed.add(user);
    this.findRecent();
    this.late = this.members.size === 0 && this.recent.size > 0;
  }

  private findRecent(): void {
    const newest = this.sql.exec<
      Mark & { author: UserNumber | null; own: number } & Record<string, SqlStorageValue>
    >(NEWEST_MESSAGES, RECENT_MESSAGES);
    const found = new Map<UserNumber, Mark>();
    for (const { author, seq, n, own } of newest) {
      if (author === null || found.has(author) || found.size >= RECENT_AUTHORS) continue;
      found.set(author, { seq, n });
      this.heads.set(author, { own, seq });
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

  /** How many messages somebody wrote, and where the last one is. Counts everybody's once where rows do not tell. */
  headOf(user: UserNumber): Head {
    const head = this.heads.get(user);
    if (head && head.own >= 0) return head;
    if (!head && !this.late) return NOTHING;
    this.count();
    return this.heads.get(user) ?? NOTHING;
  }

  /** How many messages somebody's row says that they wrote. */
  writtenBy(user: UserNumber): number {
    if ((this.written.get(user)?.own ?? 0) < 0) this.count();
    return this.written.get(user)?.own ?? 0;
  }

  /** Reads the log once; the rows tell it from then on. */
  private count(): void {
    const { sql, heads } = this;
    const found = sql.exec<{ user: number; own: number; seq: number }>(
      'SELECT author AS user, max(own) AS own, max(seq) AS seq FROM entry WHERE kind = 0 AND author IS NOT NULL GROUP BY author',
    );
    const counted = new Map(Array.from(found, ({ user, own, seq }) => [user as UserNumber, { own, seq }]));
    for (const [user, head] of counted) heads.set(user, head);
    for (const [user, head] of heads) if (head.own < 0) heads.set(user, NOTHING);
    for (const [user, known] of this.written) {
      if (known.own >= 0) continue;
      const head = heads.get(user) ?? NOTHING;
      this.written.set(user, head);
      sql.exec('UPDATE member SET sent = ?, sent_seq = ? WHERE user = ?', head.own, head.seq, user);
    }
    this.late = false;
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
    const head = this.heads.get(member.user) ?? (this.late ? UNCOUNTED : NOTHING);
    this.heads.set(member.user, head);
    this.written.set(member.user, head);
    this.sql.exec(
      'INSERT OR REPLACE INTO member VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)',
      ...memberValues(member, this.rev, this.indexedRev, head),
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

  /** One person turned out to be another, whose messages theirs are (`head`; null: they had none). Rows are the caller's. */
  fold(from: UserNumber, into: UserNumber, head: Head | null): void {
    const marks = [this.recent.get(from), this.recent.get(into)].flatMap((mark) => mark ?? []);
    const newest = marks.sort((a, b) => b.seq - a.seq)[0];
    this.recent.delete(from);
    if (newest) this.recent.set(into, newest);
    const rising = [...this.recent].sort((a, b) => a[1].seq - b[1].seq);
    this.recent.clear();
    for (const [user, mark] of rising) this.recent.set(user, mark);
    if (!head) return;
    this.heads.set(into, head);
    this.heads.set(from, NOTHING);
  }

  /** An author spoke: their mark moves in memory; whoever falls out of the recent ones gets it written. */
  spoke(user: UserNumber, { seq, n, own }: Mark & { own: number }): void {
    this.recent.delete(user);
    this.recent.set(user, { seq, n });
    this.heads.set(user, { own, seq });
    // Every message makes one author recent, so at most one falls out.
    const [oldest, at] = this.recent.entries().next().value as [UserNumber, Mark];
    if (this.recent.size <= RECENT_AUTHORS && n - at.n < RECENT_MESSAGES) return;
    this.recent.delete(oldest);
    const member = this.members.get(oldest);
    if (!member) return;
    if (at.seq > Math.max(member.readSeq, member.ownAfter)) {
      this.put({ ...member, readSeq: at.seq, readN: at.n });
    } else if (this.written.get(oldest)?.seq !== at.seq) this.put(member);
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
