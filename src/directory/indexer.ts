// The Indexer: one object per D1 database. It gathers the news of many conversations into one batch, one in flight.
import { DurableObject } from 'cloudflare:workers';
import type { EndedAmong, HeldSession } from '../domain/held-session.ts';
import type { UserNumber } from '../domain/ids.ts';
import type { Projection } from '../domain/projection.ts';
import { within } from '../domain/within.ts';
import type { Env } from '../env.ts';
import { settingsOf } from './apps.ts';
import { flushStatements, type Keeps, type Untold, untoldStatement, weightOf } from './batch.ts';
import { erasedAmong } from './erasing.ts';
import { cutSweeps, deleteStatements, sizeStatement, trimBeforeReset } from './forget.ts';
import { endedAmong } from './revocations.ts';

/** Conversations, rows and characters in one batch, and how long D1 may take for it. */
const BATCH_CONVERSATIONS = 100;
const BATCH_ROWS = 1_000;
const BATCH_CHARS = 400_000;
const D1_TIMEOUT_MS = 10_000;
/**
 * Characters that may wait, so that an outage's news does not fill the object's memory: some 50 MB of it. What is refused
 * lies in its conversation's log, which tries again by its alarm.
 */
const QUEUE_CHARS = 16_000_000;
/** What a projection weighs beside its texts. */
const BARE_CHARS = 1_000;
/** For what takes a conversation out: given up earlier, D1 may still be at it when it is asked again. */
const FORGET_TIMEOUT_MS = 30_000;
/** How long an app's wish to keep an archive is believed. */
const KEEPS_MS = 15_000;

interface Waiting {
  projection: Projection;
  done(result: { ok: boolean }): void;
}

/** What takes more than one batch: done a step at a time, between the batches of all the others. */
interface Long extends Waiting {
  /** Each step is one batch; the last one says whether it is done. */
  steps: AsyncGenerator<void, boolean>;
}

export class Indexer extends DurableObject<Env> {
  private waiting: Waiting[] = [];
  private long: Long[] = [];
  /** Conversations of a batch that D1 did not finish in time: one at a time until theirs is known. */
  private readonly suspects = new Set<number>();
  /** Names resets; rises, also over a restart of this object. */
  private lastReset = 0;
  private queued = 0;
  private flushing = false;
  private keeps = new Map<number, Keeps & { at: number }>();
  private lastSuccessAt = 0;
  private lastError: string | null = null;

  /** The database; tests put one that fails in its place. */
  protected get db(): D1Database {
    return this.env.DB;
  }

  /** Characters that may wait; tests want less. */
  protected queueChars = QUEUE_CHARS;

  /** Writes one conversation's news. `ok: false`: not written (or not known to be): send it again later. */
  async put(projection: Projection): Promise<{ ok: boolean }> {
    const chars = BARE_CHARS + weightOf(projection);
    // Alone it is taken whatever it weighs, or it would never be.
    if (this.queued > 0 && this.queued + chars > this.queueChars) return { ok: false };
    this.queued += chars;
    return new Promise((resolve) => {
      const done = (result: { ok: boolean }): void => {
        this.queued -= chars;
        resolve(result);
      };
      if (isLong(projection)) this.long.push({ projection, done, steps: this.stepsOf(projection) });
      else this.waiting.push({ projection, done });
      if (!this.flushing) void this.run();
    });
  }

  /** The next block of message numbers for a conversation that filled its own: a number of the same counter. */
  async newBlock(of: number): Promise<number> {
    const now = Date.now();
    const row = await this.db
      .prepare(
        `INSERT INTO conversation (app, nonce, kind, block_of, door, created_at, last_at, deleted_at)
         VALUES (0, '', 'block', ?1, 'operator', ?2, ?2, ?2) RETURNING number`,
      )
      .bind(of, now)
      .first<{ number: number }>();
    if (!row) throw new Error('no block was allotted');
    return row.number;
  }

  /** Which of these sessions have ended: for rooms with sockets of their own. */
  async endedAmong(held: HeldSession[]): Promise<EndedAmong> {
    return inTime(D1_TIMEOUT_MS, endedAmong(this.db, held));
  }

  /** Which of these people were erased: for what conversations keep that are deleted. */
  async erasedAmong(users: UserNumber[]): Promise<UserNumber[]> {
    return inTime(D1_TIMEOUT_MS, erasedAmong(this.db, users));
  }

  async health() {
    const parked = await this.db.prepare('SELECT count(*) AS n FROM parked').first<{ n: number }>();
    return {
      parked: parked?.n ?? 0,
      waiting: this.waiting.length + this.long.length,
      waitingChars: this.queued,
      lastSuccessAt: this.lastSuccessAt,
      lastError: this.lastError,
    };
  }

  private async run(): Promise<void> {
    this.flushing = true;
    try {
      while (this.waiting.length + this.long.length > 0) {
        await this.step();
        const group = this.next();
        const results = await this.flush(group.map((w) => w.projection));
        for (const [i, w] of group.entries()) w.done({ ok: results[i] ?? false });
      }
    } finally {
      this.flushing = false;
    }
  }

  private next(): Waiting[] {
    let [rows, chars, count] = [0, 0, 0];
    for (const { projection: p } of this.waiting) {
      rows += p.entries.length + p.rewritten.length + p.members.length;
      chars += weightOf(p);
      const suspect = this.suspects.has(p.conversation);
      const full = rows > BATCH_ROWS || chars > BATCH_CHARS || count >= BATCH_CONVERSATIONS || suspect;
      if (count > 0 && full) break;
      count += 1;
      if (suspect) break;
    }
    return this.waiting.splice(0, count);
  }

  /** One step of what takes several; they take turns. */
  private async step(): Promise<void> {
    const job = this.long.shift();
    if (!job) return;
    try {
      const { done, value } = await job.steps.next();
      if (done) job.done({ ok: value });
      else this.long.push(job);
    } catch (error) {
      this.report(error);
      job.done({ ok: false });
    }
  }

  private async *stepsOf(p: Projection): AsyncGenerator<void, boolean> {
    await this.learn([p]);
    if (p.deleted) {
      while (await this.more(deleteStatements(this.db, p))) yield;
      return true;
    }
    if (p.reset) {
      this.lastReset = Math.max(Date.now(), this.lastReset + 1);
      let more = await this.more([sizeStatement(this.db, p)]);
      while (more) {
        more = await this.more(trimBeforeReset(this.db, p, this.lastReset));
        yield;
      }
    }
    const { steps, rest } = cutSweeps(p);
    for (const step of steps) {
      const part = { ...p, ...step, entries: [], rewritten: [], members: [], summary: null, reset: false };
      if (!p.reset) await this.write([part]);
      yield;
    }
    return (await this.flush([rest]))[0] ?? false;
  }

  private async more(statements: D1PreparedStatement[]): Promise<boolean> {
    const results = await inTime(FORGET_TIMEOUT_MS, this.db.batch<{ more: number }>(statements));
    return (results.at(-1)?.results[0]?.more ?? 0) !== 0;
  }

  private async flush(projections: Projection[]): Promise<boolean[]> {
    if (projections.length === 0) return [];
    try {
      await this.learn(projections);
      const untold = await this.write(projections);
      for (const p of projections) this.suspects.delete(p.conversation);
      return Promise.all(projections.map((p) => this.told(p, untold)));
    } catch (error) {
      this.report(error);
      if (isRefusal(error)) return this.flushOneByOne(projections);
      // Which of them is too much for D1 is not known: it must not take the others with it again.
      if (isTooLong(error)) for (const p of projections) this.suspects.add(p.conversation);
      return projections.map(() => false);
    }
  }

  /** Whether a flush that D1 has done took this one's news. What it will never take is parked and reported. */
  private async told(p: Projection, untold: readonly Untold[]): Promise<boolean> {
    const found = untold.find(({ number }) => number === p.conversation);
    if (!found) return true;
    // Told anew just now: what was asked before that is behind.
    if (this.long.some(({ projection }) => projection.conversation === p.conversation)) return false;
    const reason = found.lost
      ? 'the number is lost or of another conversation: D1 was rolled back'
      : 'entries before this one are missing: D1 was rolled back; reindex it';
    await this.parkRow(p.conversation, p.from + 1, reason, { once: true });
    return true;
  }

  /** One conversation's bad row must not hold up the others: each alone, and the bad row is parked. */
  private async flushOneByOne(projections: Projection[]): Promise<boolean[]> {
    const results: boolean[] = [];
    for (const projection of projections) {
      try {
        results.push(await this.told(projection, await this.write([projection])));
      } catch (error) {
        results.push(isRefusal(error) ? await this.park(projection) : false);
      }
    }
    return results;
  }

  /** Entries one at a time; what is refused is written down in `parked` and left out. */
  private async park(projection: Projection): Promise<boolean> {
    try {
      const rest = { ...projection, entries: [], rewritten: [], reset: false };
      // The members come back in the batch that forgets them: a refusal after it must not leave the list without them.
      const summary = projection.summary && { ...projection.summary, lastSeq: 0 };
      const alone = { ...rest, cleared: [], redacted: [], merged: [], members: [], summary: null };
      if (projection.reset) await this.write([{ ...alone, members: rest.members, summary, reset: true }]);
      for (const entry of projection.entries) await this.tryRow({ ...alone, entries: [entry] }, entry.seq);
      for (const row of projection.rewritten) await this.tryRow({ ...alone, rewritten: [row] }, row.by);
      return this.told(projection, await this.write([rest]));
    } catch (error) {
      this.report(error);
      return false;
    }
  }

  private async tryRow(projection: Projection, seq: number): Promise<void> {
    try {
      await this.write([projection]);
    } catch (error) {
      if (!isRefusal(error)) throw error;
      await this.parkRow(projection.conversation, seq, String(error).slice(0, 500));
    }
  }

  /** A row is parked once however often it comes; `once`: one row of the conversation stands for all with this reason. */
  private async parkRow(
    conversation: number,
    seq: number,
    reason: string,
    { once = false } = {},
  ): Promise<void> {
    await this.db
      .prepare(
        `INSERT INTO parked (conversation, seq, reason, at) SELECT ?1, ?2, ?3, ?4
         WHERE NOT EXISTS (SELECT 1 FROM parked WHERE conversation = ?1 AND reason = ?3${once ? '' : ' AND seq = ?2'})`,
      )
      .bind(conversation, seq, reason, Date.now())
      .run();
  }

  /** One batch; gives whose news it did not take. */
  private async write(projections: Projection[]): Promise<Untold[]> {
    const off: Keeps = { archive: false, search: false };
    const keeps = (app: number) => this.keeps.get(app) ?? off;
    const statements = flushStatements(this.db, projections, keeps, this.lastReset);
    // A summary that was moved says so itself. Positions have none: asked about in the same batch.
    const silent = projections.some((p) => p.summary === null);
    if (silent) statements.push(untoldStatement(this.db, projections));
    const ms = projections.some((p) => p.reset) ? FORGET_TIMEOUT_MS : D1_TIMEOUT_MS;
    const results = await inTime(ms, this.db.batch<Untold & { told: number }>(statements));
    this.lastSuccessAt = Date.now();
    this.lastError = null;
    if (silent) return results.at(-1)?.results ?? [];
    const told = new Set(results.flatMap((result) => result.results.map((row) => row.told)));
    const doubtful = projections.filter((p) => !told.has(p.conversation));
    if (doubtful.length === 0) return [];
    return (await inTime(D1_TIMEOUT_MS, untoldStatement(this.db, doubtful).all<Untold>())).results;
  }

  /** What these apps want kept, asked again after a while. */
  private async learn(projections: readonly Projection[]): Promise<void> {
    const now = Date.now();
    const unknown = new Set<number>();
    for (const { app } of projections) {
      const known = this.keeps.get(app);
      if (!known || now - known.at > KEEPS_MS) unknown.add(app);
    }
    if (unknown.size === 0) return;
    const found = await inTime(
      D1_TIMEOUT_MS,
      this.db
        .prepare('SELECT number, settings FROM app WHERE number IN (SELECT value FROM json_each(?1))')
        .bind(JSON.stringify([...unknown]))
        .all<{ number: number; settings: string }>(),
    );
    for (const { number, settings } of found.results) {
      const { archive, search } = settingsOf(settings);
      this.keeps.set(number, { archive, search, at: now });
    }
  }

  private report(error: unknown): void {
    this.lastError = String(error).slice(0, 500);
    console.error(JSON.stringify({ at: 'indexer', error: this.lastError }));
  }
}

/** A refused row (constraint, size, malformed) comes back the same every time; anything else may pass. */
/** D1's own failure once it is late, known to {@link isTooLong} by its words. */
const inTime = <T>(ms: number, work: Promise<T>): Promise<T> => within(ms, work, 'D1');

const isRefusal = (error: unknown): boolean =>
  /SQLITE_(CONSTRAINT|MISMATCH|TOOBIG|RANGE)|constraint failed|too big|malformed JSON/i.test(String(error));

/** D1 did not finish in time: too much work in one batch, or D1 itself is slow. */
const isTooLong = (error: unknown): boolean => /took longer|time ?out|timed out|CPU/i.test(String(error));

/** What may take more than D1 should do in one go. */
const isLong = (p: Projection): boolean =>
  p.deleted === true || p.reset === true || cutSweeps(p).steps.length > 0;
