// The Job object: does long work in bounded steps, one for each ring of its alarm, and survives whatever happens between
// them. What the work is comes from outside (api.ts); what it writes is output.ts.
import { DurableObject } from 'cloudflare:workers';
import type { Json } from '../domain/model.ts';
import type { Env } from '../env.ts';
import { Evictor } from '../sockets/evictor.ts';
import type { JobApi, JobError, JobOrder, JobPort, Progress, Step, Tools, Work } from './api.ts';
import {
  addText,
  closeFile,
  dropFile,
  NOTHING_WRITTEN,
  OUTPUT_TABLE,
  type Written,
  writePart,
} from './output.ts';

/** Pauses between tries of a step that failed: doubling, and then each minute. */
const FIRST_PAUSE_MS = 500;
const LAST_PAUSE_MS = 60_000;
/** Tries of one step: about a quarter of an hour. */
const TRIES = 20;
/** Not at once: an alarm set for the very moment of the one that is ringing is taken for that one, and goes with it. */
const SOON_MS = 5;
/** How often the list of jobs hears how far it is. */
const REPORT_MS = 1_000;
/** Characters of one row of what was given: at most 1.5 MB, and a value has 2 MB. */
const GIVEN_CHARS = 500_000;

/** All that is known of a job that runs. */
interface Run {
  order: JobOrder;
  state: Json | null;
  rows: number;
  percentage: number;
  written: Written;
  committed: boolean;
  /** Tries of this step that failed. */
  failures: number;
  /** What it came to; then only its file, the report and the clearing up are left. */
  end: { failed: JobError | null } | null;
}

const TABLES = `
  CREATE TABLE IF NOT EXISTS run (one INTEGER PRIMARY KEY, value TEXT NOT NULL) STRICT;
  CREATE TABLE IF NOT EXISTS kept (list TEXT NOT NULL, place INTEGER NOT NULL, value TEXT NOT NULL,
    PRIMARY KEY (list, place)) STRICT, WITHOUT ROWID;
  ${OUTPUT_TABLE};`;
const GIVEN = 'given';

export abstract class JobObject extends DurableObject<Env> implements JobApi {
  protected abstract readonly port: JobPort;
  private readonly evictor: Evictor;
  private run: Run | null;
  /** What goes on now: two steps, or a step and its end, never at once. */
  private turn: Promise<unknown> = Promise.resolve();
  private reportedAt = 0;

  constructor(ctx: DurableObjectState, env: Env) {
    super(ctx, env);
    // An abort would have its next alarm tried again two seconds later: what memory holds goes, and is read again.
    this.evictor = new Evictor(ctx.storage, Number(env.EVICT_EVERY ?? 0), () => {
      this.run = this.load();
    });
    this.run = this.load();
    // A lost alarm is set again.
    if (this.run) ctx.waitUntil(this.rearm());
  }

  async begin(order: JobOrder, given: string): Promise<void> {
    return this.evictor.during(async () => {
      if (this.run) return;
      const run: Run = {
        order,
        state: null,
        rows: 0,
        percentage: 0,
        written: NOTHING_WRITTEN,
        committed: false,
        failures: 0,
        end: null,
      };
      const { sql } = this.ctx.storage;
      this.ctx.storage.transactionSync(() => {
        sql.exec(TABLES);
        for (let at = 0, place = 0; at < given.length; at += GIVEN_CHARS, place += 1)
          this.put(GIVEN, place, given.slice(at, at + GIVEN_CHARS));
        this.save(run);
      });
      this.run = run;
      await this.ctx.storage.setAlarm(Date.now());
    });
  }

  async nudge(): Promise<boolean> {
    return this.evictor.during(async () => {
      if (this.run) await this.rearm();
      return this.run !== null;
    });
  }

  async end(file: string | null): Promise<void> {
    return this.evictor.during(() =>
      this.inTurn(async () => {
        const { run } = this;
        const key = file ?? run?.order.output?.key ?? null;
        if (key !== null) await dropFile(this.env.FILES, key, run?.written ?? null);
        await this.clear();
      }),
    );
  }

  override async alarm(): Promise<void> {
    return this.evictor.during(() => this.inTurn(() => this.ring()));
  }

  /** One step. Nothing thrown leaves here: a throw would spend the platform's few retries. */
  private async ring(): Promise<void> {
    if (!this.run) return;
    try {
      const over = await this.goOn(this.run);
      if (!over) await this.ctx.storage.setAlarm(Date.now() + SOON_MS);
    } catch (error) {
      // Not the run that was begun with: part of the step may be kept.
      const { run } = this;
      if (!run) return;
      this.log(run, error);
      const failures = run.failures + 1;
      if (failures >= TRIES && !run.committed && run.end === null) this.giveUp(run);
      else this.save({ ...run, failures });
      const pause = Math.min(FIRST_PAUSE_MS * 2 ** (failures - 1), LAST_PAUSE_MS);
      await this.ctx.storage.setAlarm(Date.now() + pause);
    }
  }

  /** True: the job is over and nothing of it is left here. */
  private async goOn(run: Run): Promise<boolean> {
    if (run.end) return this.finish(run, run.end);
    const { output } = run.order;
    const part =
      output &&
      (await writePart(this.ctx.storage, this.env.FILES, output, run.written, (written) =>
        this.save({ ...run, written, failures: 0 }),
      ));
    if (part) return false;
    const work = this.work(run);
    // While a newer version comes in, an object of the older one may be asked.
    if (!work) throw new Error('this version does not know this work');
    this.take(run, await work.step(this.tools(run), run.state));
    const now = Date.now();
    if (now - this.reportedAt >= REPORT_MS && this.run && !this.run.end) {
      this.reportedAt = now;
      // The end is told for certain; how far it is may be missed.
      await this.port.report(progressOf(this.run, 'started', null)).catch(() => undefined);
    }
    return false;
  }

  /** Keeps what a step came to. */
  private take(run: Run, step: Step): void {
    const { storage } = this.ctx;
    storage.transactionSync(() => {
      for (const { list, place, value } of step.keep ?? []) this.put(list, place, value);
      const written = step.text ? addText(storage.sql, run.written, step.text) : run.written;
      this.save({
        ...run,
        state: step.state,
        rows: step.rows ?? run.rows,
        percentage: Math.max(run.percentage, Math.min(99, Math.floor(step.percentage ?? 0))),
        written,
        committed: run.committed || step.committed === true,
        failures: 0,
        end: step.end ?? null,
      });
    });
  }

  private giveUp(run: Run): void {
    const error: JobError = { message: 'The service was busy for too long. Please try again.', data: null };
    const state = this.work(run)?.abandon?.(run.state, error) ?? null;
    // What was seen of it is taken back first, and that is not given up.
    if (state !== null) this.save({ ...run, state, failures: 0, committed: true });
    else this.save({ ...run, failures: 0, end: { failed: error } });
  }

  private async finish(run: Run, end: NonNullable<Run['end']>): Promise<boolean> {
    const { output } = run.order;
    if (end.failed) {
      if (output) await dropFile(this.env.FILES, output.key, run.written);
      await this.port.report(progressOf(run, 'failed', end.failed));
    } else {
      const part =
        output &&
        (await writePart(this.ctx.storage, this.env.FILES, output, run.written, (written) =>
          this.save({ ...run, written, failures: 0 }),
        ));
      if (part) return false;
      const bytes = output ? await closeFile(this.ctx.storage.sql, this.env.FILES, output, run.written) : 0;
      await this.port.report({ ...progressOf(run, 'finished', null), bytes, file: output?.key ?? null });
    }
    await this.clear();
    return true;
  }

  private async clear(): Promise<void> {
    this.run = null;
    // The alarm goes with it.
    await this.ctx.storage.deleteAll();
  }

  private work(run: Run): Work | null {
    return this.port.work(run.order.work);
  }

  private tools({ order }: Run): Tools {
    return {
      order,
      now: () => Date.now(),
      given: () => {
        const parts: string[] = [];
        for (let place = 0; ; place += 1) {
          const part = this.get<string>(GIVEN, place);
          if (part === null) return parts.join('');
          parts.push(part);
        }
      },
      kept: (list, place) => this.get(list, place),
    };
  }

  private put(list: string, place: number, value: Json): void {
    this.ctx.storage.sql.exec(
      'INSERT OR REPLACE INTO kept (list, place, value) VALUES (?, ?, ?)',
      list,
      place,
      JSON.stringify(value),
    );
  }

  private get<T extends Json>(list: string, place: number): T | null {
    const row = this.ctx.storage.sql
      .exec<{ value: string }>('SELECT value FROM kept WHERE list = ? AND place = ?', list, place)
      .toArray()[0];
    return row ? (JSON.parse(row.value) as T) : null;
  }

  private save(run: Run): void {
    this.run = run;
    this.ctx.storage.sql.exec('INSERT OR REPLACE INTO run (one, value) VALUES (1, ?)', JSON.stringify(run));
  }

  /** Reading tells whether anything was begun here, without writing anything for numbers that do not exist. */
  private load(): Run | null {
    const { sql } = this.ctx.storage;
    const begun = sql.exec("SELECT 1 FROM sqlite_master WHERE type = 'table' AND name = 'run'").toArray();
    const row = begun[0] && sql.exec<{ value: string }>('SELECT value FROM run').toArray()[0];
    return row ? (JSON.parse(row.value) as Run) : null;
  }

  private async rearm(): Promise<void> {
    const { storage } = this.ctx;
    if ((await storage.getAlarm()) === null && this.run) await storage.setAlarm(Date.now());
  }

  private inTurn<T>(work: () => Promise<T>): Promise<T> {
    const mine = this.turn.then(work, work);
    this.turn = mine.catch(() => undefined);
    return mine;
  }

  private log({ order }: Run, error: unknown): void {
    console.error(JSON.stringify({ at: 'job', job: order.job, work: order.work, error: String(error) }));
  }
}

const progressOf = (run: Run, state: Progress['state'], error: JobError | null): Progress => ({
  job: run.order.job,
  app: run.order.app,
  state,
  rows: run.rows,
  percentage: state === 'finished' ? 100 : run.percentage,
  bytes: 0,
  file: null,
  error,
});
