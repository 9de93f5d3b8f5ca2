// Visitors who asked for somebody: waiting in the order of their coming, given to an agent, or done. Rows alone, so that a
// place outlives everything; what is made of a seat is object.ts.
import type { Asking, Routed, RoutePolicy } from '../domain/desk.ts';
import type { ConversationNumber, UserNumber } from '../domain/ids.ts';

/** A seat that is done answers who asks again at once; by then lists know the conversation. */
const KEPT_MS = 86_400_000;
const FORGET_AT_ONCE = 10;

export const WAITS = 0;
export const GIVEN = 1;
export const OPENED = 2;

export interface Seat extends Record<string, SqlStorageValue> {
  place: number;
  visitor: number;
  policy: string;
  /** See ServiceGroup; 0: none was there. */
  grp: number;
  state: number;
  agent: number | null;
  key: string;
  conversation: number | null;
  /** They were told to wait. */
  waited: number;
}

/** What a visitor waits for. */
export type Kind = Pick<Seat, 'policy' | 'grp'>;

const SEAT = 'SELECT place, visitor, policy, grp, state, agent, key, conversation, waited FROM seat';

export class Seats {
  private readonly sql: SqlStorage;

  constructor(sql: SqlStorage) {
    this.sql = sql;
  }

  at(place: number): Seat | null {
    return this.sql.exec<Seat>(`${SEAT} WHERE place = ?`, place).toArray()[0] ?? null;
  }

  /** The visitor's seat for this group, made where there is none; one that waits does so under the policy of now. */
  take({ visitor, device, policy, group }: Asking, now: number): Seat {
    const grp = group?.number ?? 0;
    const seat = this.of(visitor, grp) ?? this.add(visitor, device, policy, grp, now);
    if (seat.state !== WAITS || seat.policy === policy) return seat;
    this.sql.exec('UPDATE seat SET policy = ? WHERE place = ?', policy, seat.place);
    return { ...seat, policy };
  }

  private of(visitor: UserNumber, grp: number): Seat | null {
    return this.sql.exec<Seat>(`${SEAT} WHERE visitor = ? AND grp = ?`, visitor, grp).toArray()[0] ?? null;
  }

  private add(visitor: UserNumber, device: number | null, policy: string, grp: number, now: number): Seat {
    this.forgetDone(now);
    this.sql.exec(
      'INSERT INTO seat (visitor, device, policy, grp, state, key, at) VALUES (?, ?, ?, ?, 0, ?, ?)',
      visitor,
      device,
      policy,
      grp,
      crypto.randomUUID(),
      now,
    );
    return this.of(visitor, grp) as Seat;
  }

  newestOf(visitor: UserNumber): Seat | null {
    return (
      this.sql
        .exec<Seat>(`${SEAT} WHERE visitor = ? ORDER BY state = 2, place DESC LIMIT 1`, visitor)
        .toArray()[0] ?? null
    );
  }

  /** The first of those who wait for the same. */
  firstWaiting({ policy, grp }: Kind): Seat | null {
    return (
      this.sql
        .exec<Seat>(`${SEAT} WHERE state = 0 AND policy = ? AND grp = ? ORDER BY place LIMIT 1`, policy, grp)
        .toArray()[0] ?? null
    );
  }

  /** What it is that anybody waits for, who waits longest first. */
  kinds(): Kind[] {
    return this.sql
      .exec<Kind>('SELECT policy, grp FROM seat WHERE state = 0 GROUP BY policy, grp ORDER BY min(place)')
      .toArray();
  }

  /** Those who were given to somebody and have no conversation yet. */
  given(limit: number): Seat[] {
    return this.sql.exec<Seat>(`${SEAT} WHERE state = 1 ORDER BY place LIMIT ?`, limit).toArray();
  }

  wait(place: number): void {
    this.sql.exec('UPDATE seat SET waited = 1 WHERE place = ? AND waited = 0', place);
  }

  give(place: number, agent: UserNumber | null): void {
    this.sql.exec('UPDATE seat SET state = 1, agent = ? WHERE place = ?', agent, place);
  }

  putBack(place: number): void {
    this.sql.exec('UPDATE seat SET state = 0, agent = NULL WHERE place = ?', place);
  }

  opened(place: number, conversation: ConversationNumber, now: number): void {
    this.sql.exec(
      'UPDATE seat SET state = 2, conversation = ?, at = ? WHERE place = ?',
      conversation,
      now,
      place,
    );
  }

  /** False: nobody waited. */
  cancel(visitor: UserNumber): boolean {
    const gone = this.sql.exec('DELETE FROM seat WHERE visitor = ? AND state = 0 RETURNING 1', visitor);
    return gone.toArray().length > 0;
  }

  /** It can never be opened. */
  drop(place: number): void {
    this.sql.exec('DELETE FROM seat WHERE place = ?', place);
  }

  dismiss(visitor: UserNumber, conversation: ConversationNumber): void {
    this.sql.exec('DELETE FROM seat WHERE visitor = ? AND conversation = ?', visitor, conversation);
  }

  forget(visitor: UserNumber): void {
    this.sql.exec('DELETE FROM seat WHERE visitor = ?', visitor);
  }

  /** As the visitor is told. One that was given and is being opened is still the first of those who wait. */
  standing({ place, grp, state, agent, conversation }: Seat): Routed {
    if (state === OPENED)
      return {
        state: 'assigned',
        conversation: conversation as ConversationNumber,
        agent: agent as UserNumber | null,
      };
    const [row] = this.sql
      .exec<{ before: number; length: number }>(
        'SELECT count(*) FILTER (WHERE place < ?1) AS before, count(*) AS length FROM seat WHERE state = 0 AND grp = ?2',
        place,
        grp,
      )
      .toArray();
    const { before = 0, length = 0 } = row ?? {};
    return { state: 'waiting', position: state === WAITS ? before + 1 : 1, length: Math.max(1, length) };
  }

  private forgetDone(now: number): void {
    this.sql.exec(
      'DELETE FROM seat WHERE place IN (SELECT place FROM seat WHERE state = 2 AND at < ? LIMIT ?)',
      now - KEPT_MS,
      FORGET_AT_ONCE,
    );
  }
}

export const policyOf = ({ policy }: Kind): RoutePolicy => policy as RoutePolicy;
