// The reader that tells the directory: one flush in flight, everything newer gathers for the next.
// The log is its outbox; acknowledged means indexed, or a timer is armed (DESIGN.md 2 and 10).
import type { Seq, UserNumber } from '../domain/ids.ts';
import type { Projection } from '../domain/projection.ts';
import type { Log } from './log.ts';
import type { Projector } from './projection.ts';
import type { Roster } from './roster.ts';
import type { EntryRow } from './rows.ts';

/** Rows in one flush, and characters in their bodies: bounds what one call carries and what D1 takes in one value. */
const FLUSH_ROWS = 500;
const FLUSH_CHARS = 200_000;
/** Rows waiting in memory; beyond it they are read from the log again. */
const TAIL_ROWS = 1_000;
/** Members whose positions one flush carries. */
const FLUSH_MEMBERS = 500;
/** News that nobody waits for gathers so long: a flush costs as much for one message as for ten. */
const GATHER_MS = 50;
const FIRST_RETRY_MS = 1_000;
const LAST_RETRY_MS = 60_000;

interface Waiter {
  seq: Seq;
  rev: number;
  /** ms since 1970. */
  until: number;
  done(indexed: boolean): void;
}

export interface IndexPort {
  send(projection: Projection): Promise<boolean>;
  /** Makes sure that `retry` is called in `ms` even if the object is evicted. */
  later(ms: number): void;
  /** ms since 1970. */
  now(): number;
}

export class IndexReader {
  private readonly log: Log;
  private readonly roster: Roster;
  private readonly projector: Projector;
  private readonly port: IndexPort;
  /** Last seq that the directory is known to hold. */
  cursor: Seq;
  private tail: EntryRow[] = [];
  private tailFrom: Seq;
  private flushing = false;
  private running: Promise<void> = Promise.resolve();
  private waiters: Waiter[] = [];
  /** One timer over all waiters, for the first of them: one for each costs more than the rest of the wait. */
  private deadline: { at: number; timer: ReturnType<typeof setTimeout> } | null = null;
  private gathering = false;
  private failures = 0;
  /** After a failure nothing is tried before then: each try carries all that waits, and posts go on coming. */
  private notBefore = 0;
  /** After a timeout nobody waits until a flush has succeeded: a hung directory must not cost every post. */
  private tripped = false;
  private reset = false;
  private stopped = false;

  constructor(log: Log, roster: Roster, projector: Projector, port: IndexPort) {
    this.log = log;
    this.roster = roster;
    this.projector = projector;
    this.port = port;
    this.cursor = log.last.indexed;
    this.tailFrom = log.last.seq;
    if (log.rewinding) this.tellEverything();
  }

  get pending(): boolean {
    if (this.stopped) return false;
    return this.log.last.seq > this.cursor || this.roster.changed.size > 0 || this.reset;
  }

  /** New rows of the log, in order. They go out with `wait` or `gather`. */
  push(rows: readonly EntryRow[]): void {
    for (const row of rows) this.tail.push(row);
    // A long outage: the log has them all.
    if (this.tail.length > TAIL_ROWS) this.reread();
  }

  /** Tells what changed soon, since nobody waits for it. */
  gather(): void {
    if (this.gathering || this.flushing || !this.pending) return;
    this.gathering = true;
    setTimeout(() => {
      this.gathering = false;
      this.pump();
    }, GATHER_MS);
  }

  /** Nothing more of this log: it was deleted, or is about to be rebuilt. */
  stop(): void {
    this.stopped = true;
    this.release();
  }

  /** Sends everything again from the beginning. */
  restart(): void {
    this.log.rewind(true, 0);
    this.tripped = false;
    this.notBefore = 0;
    this.tellEverything();
    this.pump();
  }

  private tellEverything(): void {
    this.cursor = 0;
    this.reread();
    this.reset = true;
    for (const user of this.roster.members.keys()) this.roster.changed.add(user);
  }

  /** What waits is in the log, and may say something else there by now: memory need not hold it. */
  reread(): void {
    this.tail = [];
    this.tailFrom = this.log.last.seq;
  }

  /**
   * Waits until the directory has everything up to now, at most `ms`. False: it has not, and a timer is armed so
   * that it will.
   */
  async wait(ms: number): Promise<boolean> {
    if (!this.pending) return true;
    if (ms <= 0 || this.tripped) {
      this.gather();
      this.port.later(this.retryMs());
      return false;
    }
    const until = this.port.now() + ms;
    const indexed = new Promise<boolean>((done) => {
      this.waiters.push({ seq: this.log.last.seq, rev: this.roster.rev, until, done });
    });
    this.watch(until);
    this.pump();
    if (await indexed) return true;
    this.tripped = true;
    this.port.later(this.retryMs());
    return false;
  }

  private watch(at: number): void {
    if (this.deadline && this.deadline.at <= at) return;
    clearTimeout(this.deadline?.timer);
    this.deadline = { at, timer: setTimeout(() => this.giveUp(at), at - this.port.now()) };
  }

  /** Whoever waited until now goes on without the directory. */
  private giveUp(now: number): void {
    this.deadline = null;
    const waiting = this.waiters;
    this.waiters = waiting.filter((waiter) => waiter.until > now);
    for (const waiter of waiting) if (waiter.until <= now) waiter.done(false);
    if (this.waiters.length > 0) this.watch(Math.min(...this.waiters.map((waiter) => waiter.until)));
  }

  /** An object with a timer stays awake. */
  private restIfNobodyWaits(): void {
    if (this.waiters.length > 0) return;
    clearTimeout(this.deadline?.timer);
    this.deadline = null;
  }

  /** The timer rang: flush, and come back later if that fails. */
  async retry(): Promise<void> {
    if (!this.pending) return;
    this.notBefore = 0;
    this.pump();
    await this.running;
    if (this.pending) this.port.later(this.retryMs());
  }

  pump(): void {
    if (this.flushing || !this.pending || this.port.now() < this.notBefore) return;
    this.flushing = true;
    this.running = this.flushAll().finally(() => {
      this.flushing = false;
      this.gather();
    });
  }

  /** More waits than what came during the last flush. */
  private get behind(): boolean {
    const rows = this.log.last.seq - this.cursor;
    return this.reset || rows >= FLUSH_ROWS || this.roster.changed.size >= FLUSH_MEMBERS;
  }

  private async flushAll(): Promise<void> {
    while (this.pending) {
      let sent = false;
      try {
        sent = await this.flush();
      } catch (error) {
        console.error(
          JSON.stringify({ at: 'index', conversation: this.log.facts.number, error: String(error) }),
        );
      }
      if (!sent) {
        this.failures += 1;
        this.notBefore = this.port.now() + this.retryMs();
        this.fail();
        return;
      }
      this.failures = 0;
      this.tripped = false;
      if (this.waiters.length === 0 && !this.behind) return;
    }
  }

  private async flush(): Promise<boolean> {
    const rows = this.take();
    const changed = [...this.roster.changed].slice(0, FLUSH_MEMBERS);
    const rev = this.roster.rev;
    const through = rows.at(-1)?.seq ?? this.cursor;
    const projection = this.projector.project(rows, changed, this.reset);
    if (projection.summary) projection.summary.lastSeq = through;
    if (!(await this.port.send(projection))) return false;
    if (this.reset !== (projection.reset ?? false)) return true; // a restart came in between: begin again
    this.reset = false;
    this.cursor = through;
    this.tail = this.tail.filter((row) => row.seq > through);
    this.settle(changed, rev);
    this.log.keep('indexed', through);
    if (this.log.rewinding && !this.pending) this.log.rewind(false, through);
    return true;
  }

  private settle(changed: readonly UserNumber[], rev: number): void {
    for (const user of changed) if (this.roster.revOf(user) <= rev) this.roster.changed.delete(user);
    if (this.roster.changed.size === 0) this.roster.indexedRev = rev;
    const waiting = this.waiters;
    this.waiters = [];
    for (const waiter of waiting) {
      if (waiter.seq <= this.cursor && waiter.rev <= this.roster.indexedRev) waiter.done(true);
      else this.waiters.push(waiter);
    }
    this.restIfNobodyWaits();
  }

  /** The next rows after the cursor: from memory, or from the log where memory does not reach back. */
  private take(): EntryRow[] {
    const rows =
      this.cursor < this.tailFrom
        ? this.log.rowsAfter(this.cursor, FLUSH_ROWS)
        : this.tail.slice(0, FLUSH_ROWS);
    let chars = 0;
    const end = rows.findIndex((row, i) => {
      chars += row.body.length;
      return i > 0 && chars > FLUSH_CHARS;
    });
    return end < 0 ? rows : rows.slice(0, end);
  }

  private fail(): void {
    this.release();
    this.port.later(this.retryMs());
  }

  private release(): void {
    const waiting = this.waiters;
    this.waiters = [];
    for (const waiter of waiting) waiter.done(false);
    this.restIfNobodyWaits();
  }

  private retryMs(): number {
    return Math.min(FIRST_RETRY_MS * 2 ** Math.max(0, this.failures - 1), LAST_RETRY_MS);
  }
}
