// The Inbox object: ends the realtime sockets of many users of one app, takes deliveries for them, knows who is there.
// The sockets themselves are base.ts, what a client may say is realtime/, how events are ordered here is streams.ts.
import { type Delivery, type Signal, shelfOf } from '../domain/delivery.ts';
import type { ConversationNumber, Seq, UserNumber } from '../domain/ids.ts';
import { byeFrame } from '../sockets/frames.ts';
import { CLOSE } from '../sockets/socket.ts';
import { InboxSockets, REVOKED } from './base.ts';
import type { Connection } from './connection.ts';
import { Remote } from './remote.ts';
import type { SavedRevoked, Which } from './revoked.ts';
import type { CaughtUp, Replay } from './streams.ts';

export abstract class InboxObject<E = unknown> extends InboxSockets<E> {
  /** Takes events for the people here and gives how many sockets they reach. Does not wait for the sockets. */
  async deliver(delivery: Delivery): Promise<number> {
    return this.evictor.during(async () => {
      const audience = this.entitled(this.table.audience(delivery));
      this.streams.deliver(delivery, audience);
      if (audience.length > 0) this.busy();
      return audience.length;
    });
  }

  /** A frame that no log holds. Best effort; events that were delivered before go out before it. */
  async signal(signal: Signal): Promise<void> {
    return this.evictor.during(async () => {
      const audience = this.entitled(this.table.audience(signal)).filter(
        (connection) => connection.claims.user !== signal.except,
      );
      this.rounds.cast(signal.frame, audience, (connection, frame) => connection.send(frame));
    });
  }

  /** Those of `users` who have a live socket or called in the last five minutes; `live`: a socket, no less. */
  async online(users: UserNumber[], live = false): Promise<UserNumber[]> {
    return this.evictor.during(async () => {
      const now = this.now();
      await Promise.all(users.map((user) => this.findGone(user)));
      const called = (user: UserNumber): boolean => !live && this.touches.isRecent(user, now);
      return users.filter((user) => this.table.isHere(user) || called(user));
    });
  }

  /** A Gate may have ended without a word (a killed server): those of somebody who seems to be here through Gates alone are asked. */
  private async findGone(user: UserNumber): Promise<void> {
    const own = [...this.table.ofUser(user)];
    if (own.length === 0 || own.some(({ socket }) => !(socket instanceof Remote))) return;
    await Promise.all(
      own.map(async (connection) => {
        if (!(await (connection.socket as Remote).alive())) this.remove(connection);
      }),
    );
  }

  /** See `GateHost`. */
  async watch(gate: string, users: UserNumber[]): Promise<UserNumber[]> {
    return this.evictor.during(async () => {
      const connection = this.connectionOf(gate);
      if (!connection) return [];
      this.presence.watch(connection, users);
      connection.save();
      return this.online(users);
    });
  }

  /** See `GateHost`. */
  async attend(gate: string, here: boolean): Promise<void> {
    return this.evictor.during(async () => {
      const connection = this.connectionOf(gate);
      if (!connection || connection.away === !here) return;
      const { user } = connection.claims;
      const before = this.table.isHere(user);
      connection.away = !here;
      connection.dirty = true;
      connection.save();
      this.presence.turned(user, before);
    });
  }

  /** Who is here in that sense, those with a socket first, at most `limit`. */
  async present(limit: number): Promise<UserNumber[]> {
    await Promise.all([...this.table.users()].slice(0, limit).map((user) => this.findGone(user)));
    const users = new Set([...this.table.users()].filter((user) => this.table.isHere(user)));
    for (const user of this.touches.recent(this.now())) users.add(user);
    return [...users].slice(0, limit);
  }

  /** This person made a call somewhere. */
  async touch(user: UserNumber): Promise<void> {
    return this.evictor.during(async () => {
      if (!this.touches.touch(user, this.now())) return;
      this.busy();
    });
  }

  /**
   * Closes a person's sockets: those of one session, those whose token is older than `tokenVersion`, or all.
   * Gives how many. Who comes later with such a token, through a worker that has not heard yet, is refused too: the
   * socket would live as long as the token. Written down at once, for a crash is no reason to let them in.
   */
  async revoke(user: UserNumber, which: Which = {}): Promise<number> {
    return this.evictor.during(async () => {
      let count = 0;
      this.revoked.add(user, which, this.now());
      this.ctx.storage.kv.put<SavedRevoked>(REVOKED, this.revoked.save(this.now()));
      for (const connection of [...this.table.ofUser(user)]) {
        const { session, version } = connection.claims;
        if (which.session !== undefined && which.session !== session) continue;
        if (which.tokenVersion !== undefined && version >= which.tokenVersion) continue;
        this.dismiss(connection, CLOSE.unauthorized, 'signed out');
        count += 1;
      }
      return count;
    });
  }

  /**
   * Sends people away in good order, to come back spread over `spreadMs`: everybody, or those who are not of this Inbox
   * any more now that there are so many `shelves`. Gives how many.
   */
  async drain(spreadMs = 5_000, shelves?: number): Promise<number> {
    const own = Number(this.ctx.id.name?.split(':')[1]);
    const all = [...this.table.all()].filter(
      ({ claims }) => shelves === undefined || shelfOf(claims.user, shelves) !== own,
    );
    for (const connection of all) {
      connection.send(byeFrame(Math.floor(Math.random() * spreadMs)));
      this.dismiss(connection, CLOSE.restart, 'restart');
    }
    return all.length;
  }

  // ---- subscriptions, for the protocol ----

  /** See `Streams.follow`; also tells who is there. */
  protected async follow(
    connection: Connection,
    c: ConversationNumber,
    since: Seq | undefined,
    ask: () => Promise<Replay>,
    caughtUp: (at: CaughtUp, replay: Replay) => void,
  ): Promise<void> {
    const renewed = connection.subscriptions.has(c);
    await this.streams.follow(connection, c, since, ask, caughtUp);
    if (!renewed && connection.open && connection.subscriptions.has(c)) this.presence.arrived(connection, c);
    this.busy();
  }

  protected unfollow(connection: Connection, c: ConversationNumber): void {
    this.table.unsubscribe(connection, c);
    this.busy();
  }

  /** All conversations of the user, from now on. */
  protected followAll(connection: Connection, on: boolean): void {
    connection.all = on ? connection.all || this.now() : 0;
    connection.dirty = true;
    this.busy();
  }
}
