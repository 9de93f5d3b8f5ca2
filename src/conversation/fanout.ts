// The reader that tells live sockets: rounds to the Inboxes of the members, everything newer gathers for the next.
import { type Delivery, type Signal, shelfOf } from '../domain/delivery.ts';
import type { Seq, UserNumber } from '../domain/ids.ts';
import { eventOf, type Shown } from './frames.ts';
import type { Log } from './log.ts';
import type { Roster } from './roster.ts';
import { type EntryRow, kindCode } from './rows.ts';

/** Events in one delivery, and characters in their entries: bounds what one call carries. */
const ROUND_EVENTS = 200;
const ROUND_CHARS = 400_000;
/** Rows waiting in memory; beyond it they are read from the log again. */
const QUEUE_ROWS = 1_000;
/** Tries of one round before it is left to a timer, and the pause before the second one; it doubles. */
const TRIES = 4;
const FIRST_PAUSE_MS = 50;
const LATER_MS = 5_000;
const LEAVE = kindCode('leave');

export interface DeliveryPort {
  deliver(shelf: number, delivery: Delivery): Promise<unknown>;
  signal(shelf: number, signal: Signal): Promise<unknown>;
  /** Sockets that attached to this conversation directly. */
  attached(from: Seq, events: string[], ended: readonly UserNumber[]): void;
  attachedSignal(frame: string, except?: UserNumber): void;
  /** Makes sure that `resume` is called in `ms` even if the object is evicted. */
  later(ms: number): void;
  /** An attachment with an address that opens it. */
  shown: Shown;
}

export class Fanout {
  private readonly log: Log;
  private readonly roster: Roster;
  private readonly port: DeliveryPort;
  /** Last seq that every Inbox took. */
  cursor: Seq;
  /** Last seq that attached sockets were shown: what was in the log at the wake, they had. */
  private shown: Seq;
  shelves = 1;
  private queue: EntryRow[] = [];
  private running = false;
  private stopped = false;
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
    this.shown = log.last.seq;
  }

  /** What the log holds past the cursor goes out (again): an Inbox drops what it has already sent. */
  resume(): void {
    if (this.cursor < this.log.last.seq) this.push([]);
  }

  push(rows: readonly EntryRow[]): void {
    for (const row of rows) this.queue.push(row);
    if (this.queue.length > QUEUE_ROWS) this.queue = [];
    if (this.running) return;
    this.running = true;
    void this.run()
      .catch((error) => console.error(JSON.stringify({ at: 'fanout', error: String(error) })))
      .finally(() => {
        this.running = false;
      });
  }

  /** What waits is in the log, and may say something else there by now. */
  reread(): void {
    this.queue = [];
  }

  /** Nothing more of this log: it was rebuilt. */
  stop(): void {
    this.stopped = true;
  }

  /** A frame without a place in the log: sent once, to whoever is there; `except` one person, or to `only` one. */
  signal(frame: string, { except, only }: { except?: UserNumber; only?: UserNumber } = {}): void {
    const { facts } = this.log;
    if (only === undefined) this.port.attachedSignal(frame, except);
    for (const [shelf, everybody] of this.audience().entries()) {
      const team = facts.kind === 'support' && only === undefined;
      const users = only === undefined ? everybody : everybody.filter((user) => user === only);
      if (users.length === 0 && !team) continue;
      const unassigned = team && facts.assignee === null;
      const signal: Signal = { app: facts.app, c: facts.number, frame, users, team, unassigned, except };
      void this.port.signal(shelf, signal).catch(() => undefined);
    }
  }

  private async run(): Promise<void> {
    while (!this.stopped && this.cursor < this.log.last.seq) {
      const rows = this.take();
      const [first, last] = [rows[0], rows.at(-1)];
      if (!first || !last) return;
      const cardOf = (user: number) => this.roster.members.get(user as UserNumber)?.card;
      const events = rows.map((row) =>
        JSON.stringify(eventOf(this.log.entryOf(row), cardOf, this.port.shown)),
      );
      const gone = leavers(rows);
      const ended = gone.filter((user) => this.roster.get(user)?.standing !== 'active');
      this.show(first.seq, events, ended);
      if (!(await this.deliverUntilTaken(first.seq, events, gone, ended))) {
        this.port.later(LATER_MS);
        return;
      }
      this.cursor = last.seq;
      this.log.keep('delivered', last.seq);
    }
  }

  /** The next rows after the cursor: from memory where they are there, else from the log. */
  private take(): EntryRow[] {
    while (this.queue.length > 0 && (this.queue[0] as EntryRow).seq <= this.cursor) this.queue.shift();
    const waiting = this.queue[0]?.seq === this.cursor + 1;
    const rows = waiting ? this.queue.slice(0, ROUND_EVENTS) : this.log.rowsAfter(this.cursor, ROUND_EVENTS);
    let chars = 0;
    const end = rows.findIndex((row, i) => {
      chars += row.body.length;
      return i > 0 && chars > ROUND_CHARS;
    });
    return end < 0 ? rows : rows.slice(0, end);
  }

  /** Attached sockets see each event once, however often a round is tried. */
  private show(from: Seq, events: string[], ended: UserNumber[]): void {
    const fresh = events.slice(Math.max(0, this.shown + 1 - from));
    if (fresh.length === 0) return;
    this.port.attached(from + events.length - fresh.length, fresh, ended);
    this.shown = from + events.length - 1;
  }

  /** An Inbox that is busy or just moved is asked again: its sockets are there and must not miss this. */
  private async deliverUntilTaken(
    from: Seq,
    events: string[],
    gone: UserNumber[],
    ended: UserNumber[],
  ): Promise<boolean> {
    for (let attempt = 0; attempt < TRIES; attempt++) {
      if (attempt > 0) await pause(FIRST_PAUSE_MS * 2 ** attempt);
      if (await this.deliver(from, events, gone, ended)) return true;
    }
    return false;
  }

  private async deliver(
    from: Seq,
    events: string[],
    gone: UserNumber[],
    ended: UserNumber[],
  ): Promise<boolean> {
    const { facts, epoch } = this.log;
    const team = facts.kind === 'support';
    const unassigned = team && facts.assignee === null;
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
          unassigned,
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

const pause = (ms: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, ms));

function leavers(rows: readonly EntryRow[]): UserNumber[] {
  const users: UserNumber[] = [];
  for (const row of rows)
    if (row.kind === LEAVE) users.push(...(JSON.parse(row.body) as { users: UserNumber[] }).users);
  return users;
}
