// The reader that tells live sockets: rounds to the Inboxes of the members, everything newer gathers for the next.
import { type Delivery, type Signal, shelfOf } from '../domain/delivery.ts';
import type { Seq, UserNumber } from '../domain/ids.ts';
import { eventOf } from './frames.ts';
import type { Log } from './log.ts';
import type { Roster } from './roster.ts';
import { type EntryRow, kindCode } from './rows.ts';

/** Events in one delivery. */
const ROUND_EVENTS = 200;
const LEAVE = kindCode('leave');

export interface DeliveryPort {
  deliver(shelf: number, delivery: Delivery): Promise<unknown>;
  signal(shelf: number, signal: Signal): Promise<unknown>;
  /** Sockets that attached to this conversation directly. */
  attached(from: Seq, events: string[], ended: readonly UserNumber[]): void;
  attachedSignal(frame: string, except?: UserNumber): void;
}

export class Fanout {
  private readonly log: Log;
  private readonly roster: Roster;
  private readonly port: DeliveryPort;
  /** Last seq that every Inbox took. */
  cursor: Seq;
  shelves = 1;
  private queue: EntryRow[] = [];
  private running = false;
  private byShelf: { version: number; shelves: number; users: UserNumber[][] } = {
    version: -1,
    shelves: 0,
    users: [],
  };

  constructor(log: Log, roster: Roster, port: DeliveryPort) {
    this.log = log;
    this.roster = roster;
    this.port = port;
    this.cursor = log.last.delivered;
  }

  /** After a wake: what the log holds past the cursor goes out again; an Inbox drops what it has already sent. */
  resume(): void {
    if (this.cursor < this.log.last.seq) this.push(this.log.rowsAfter(this.cursor, ROUND_EVENTS));
  }

  push(rows: readonly EntryRow[]): void {
    for (const row of rows) this.queue.push(row);
    if (this.running) return;
    this.running = true;
    void this.run().finally(() => {
      this.running = false;
    });
  }

  /** A frame without a place in the log: sent once, to whoever is there. */
  signal(frame: string, except?: UserNumber): void {
    const { facts } = this.log;
    this.port.attachedSignal(frame, except);
    for (const [shelf, users] of this.audience().entries()) {
      const team = facts.kind === 'support';
      if (users.length === 0 && !team) continue;
      const signal: Signal = { app: facts.app, c: facts.number, frame, users, team, except };
      void this.port.signal(shelf, signal).catch(() => undefined);
    }
  }

  private async run(): Promise<void> {
    while (this.queue.length > 0) {
      const rows = this.queue.splice(0, ROUND_EVENTS);
      const cardOf = (user: number) => this.roster.members.get(user as UserNumber)?.card;
      const events = rows.map((row) => JSON.stringify(eventOf(this.log.entryOf(row), cardOf)));
      const gone = leavers(rows);
      const ended = gone.filter((user) => this.roster.get(user)?.standing !== 'active');
      const from = (rows[0] as EntryRow).seq;
      this.port.attached(from, events, ended);
      const done = await this.deliver(from, events, gone, ended);
      // A missing Inbox is not waited for: its sockets are gone with it, and come back with their positions.
      if (done) this.cursor = (rows.at(-1) as EntryRow).seq;
    }
  }

  private async deliver(
    from: Seq,
    events: string[],
    gone: UserNumber[],
    ended: UserNumber[],
  ): Promise<boolean> {
    const { facts, epoch } = this.log;
    const team = facts.kind === 'support';
    const calls: Promise<unknown>[] = [];
    for (const [shelf, members] of this.audience().entries()) {
      const leaving = gone.filter((user) => shelfOf(user, this.shelves) === shelf && !members.includes(user));
      const users = leaving.length > 0 ? [...members, ...leaving] : members;
      if (users.length === 0 && !team) continue;
      calls.push(
        this.port.deliver(shelf, {
          app: facts.app,
          c: facts.number,
          epoch,
          from,
          events,
          users,
          team,
          ended,
        }),
      );
    }
    const results = await Promise.allSettled(calls);
    return results.every((result) => result.status === 'fulfilled');
  }

  /** Active members by the Inbox that their sockets end in. */
  private audience(): UserNumber[][] {
    const known = this.byShelf;
    if (known.version === this.roster.version && known.shelves === this.shelves) return known.users;
    const users: UserNumber[][] = Array.from({ length: Math.max(1, this.shelves) }, () => []);
    for (const user of this.roster.active()) users[shelfOf(user, this.shelves)]?.push(user);
    this.byShelf = { version: this.roster.version, shelves: this.shelves, users };
    return users;
  }
}

function leavers(rows: readonly EntryRow[]): UserNumber[] {
  const users: UserNumber[] = [];
  for (const row of rows)
    if (row.kind === LEAVE) users.push(...(JSON.parse(row.body) as { users: UserNumber[] }).users);
  return users;
}
