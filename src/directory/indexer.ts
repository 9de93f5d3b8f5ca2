// The Indexer: one object per D1 database. It gathers the news of many conversations into one batch, one in flight.
import { DurableObject } from 'cloudflare:workers';
import type { Projection } from '../domain/projection.ts';
import type { Env } from '../env.ts';
import { flushStatements, type Keeps, weightOf } from './batch.ts';
import { type Revocation, revocationsSince } from './revocations.ts';

/** Conversations, rows and characters in one batch, and how long D1 may take for it. */
const BATCH_CONVERSATIONS = 100;
const BATCH_ROWS = 1_000;
const BATCH_CHARS = 400_000;
const D1_TIMEOUT_MS = 10_000;
/** How long an app's wish to keep an archive is believed. */
const KEEPS_MS = 15_000;

interface Waiting {
  projection: Projection;
  done(result: { ok: boolean }): void;
}

export class Indexer extends DurableObject<Env> {
  private waiting: Waiting[] = [];
  private flushing = false;
  private keeps = new Map<number, Keeps & { at: number }>();
  private lastSuccessAt = 0;
  private lastError: string | null = null;

  /** The database; tests put one that fails in its place. */
  protected get db(): D1Database {
    return this.env.DB;
  }

  /** Writes one conversation's news. `ok: false`: not written (or not known to be): send it again later. */
  async put(projection: Projection): Promise<{ ok: boolean }> {
    return new Promise((done) => {
      this.waiting.push({ projection, done });
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

  /** Sessions that ended after the revocation numbered `after`, the newest ones: for rooms with sockets of their own. */
  async endedSessions(after: number): Promise<Revocation[]> {
    return within(D1_TIMEOUT_MS, revocationsSince(this.db, after));
  }

  async health() {
    const parked = await this.db.prepare('SELECT count(*) AS n FROM parked').first<{ n: number }>();
    return {
      parked: parked?.n ?? 0,
      waiting: this.waiting.length,
      lastSuccessAt: this.lastSuccessAt,
      lastError: this.lastError,
    };
  }

  private async run(): Promise<void> {
    this.flushing = true;
    try {
      while (this.waiting.length > 0) {
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
      const full = rows > BATCH_ROWS || chars > BATCH_CHARS || count >= BATCH_CONVERSATIONS;
      if (count > 0 && full) break;
      count += 1;
    }
    return this.waiting.splice(0, count);
  }

  private async flush(projections: Projection[]): Promise<boolean[]> {
    try {
      await this.learn(projections);
      await this.write(projections);
      return projections.map(() => true);
    } catch (error) {
      this.report(error);
      if (!isRefusal(error)) return projections.map(() => false);
      return this.flushOneByOne(projections);
    }
  }

  /** One conversation's bad row must not hold up the others: each alone, and the bad row is parked. */
  private async flushOneByOne(projections: Projection[]): Promise<boolean[]> {
    const results: boolean[] = [];
    for (const projection of projections) {
      try {
        await this.write([projection]);
        results.push(true);
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
      if (projection.reset)
        await this.write([
          {
            ...rest,
            cleared: [],
            summary: projection.summary && { ...projection.summary, lastSeq: 0 },
            reset: true,
          },
        ]);
      const alone = { ...rest, cleared: [], members: [], summary: null };
      for (const entry of projection.entries) await this.tryRow({ ...alone, entries: [entry] }, entry.seq);
      for (const row of projection.rewritten) await this.tryRow({ ...alone, rewritten: [row] }, row.by);
      await this.write([rest]);
      return true;
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
      await this.db
        .prepare('INSERT INTO parked (conversation, seq, reason, at) VALUES (?1, ?2, ?3, ?4)')
        .bind(projection.conversation, seq, String(error).slice(0, 500), Date.now())
        .run();
    }
  }

  private async write(projections: Projection[]): Promise<void> {
    const off: Keeps = { archive: false, search: false };
    const statements = flushStatements(this.db, projections, (app) => this.keeps.get(app) ?? off);
    if (statements.length > 0) await within(D1_TIMEOUT_MS, this.db.batch(statements));
    this.lastSuccessAt = Date.now();
    this.lastError = null;
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
    const found = await within(
      D1_TIMEOUT_MS,
      this.db
        .prepare('SELECT number, settings FROM app WHERE number IN (SELECT value FROM json_each(?1))')
        .bind(JSON.stringify([...unknown]))
        .all<{ number: number; settings: string }>(),
    );
    for (const { number, settings } of found.results) {
      const { archive = true, search = true } = JSON.parse(settings) as Partial<Keeps>;
      this.keeps.set(number, { archive, search, at: now });
    }
  }

  private report(error: unknown): void {
    this.lastError = String(error).slice(0, 500);
    console.error(JSON.stringify({ at: 'indexer', error: this.lastError }));
  }
}

/** A refused row (constraint, size, malformed) comes back the same every time; anything else may pass. */
const isRefusal = (error: unknown): boolean =>
  /SQLITE_(CONSTRAINT|MISMATCH|TOOBIG|RANGE)|constraint failed|too big|malformed JSON/i.test(String(error));

async function within<T>(ms: number, work: Promise<T>): Promise<T> {
  let timer: ReturnType<typeof setTimeout> | undefined;
  const late = new Promise<never>((_, reject) => {
    timer = setTimeout(() => reject(new Error(`D1 took longer than ${ms} ms`)), ms);
  });
  try {
    return await Promise.race([work, late]);
  } finally {
    clearTimeout(timer);
  }
}
