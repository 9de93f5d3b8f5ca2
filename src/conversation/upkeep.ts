// What is asked of a conversation as a whole: its end, telling the directory anew, rebuilding it, taking one in, and where
// its readers stand. What people do in it is object.ts.
import { notFound, ok, Refused, type Result, refused, unavailable } from '../domain/errors.ts';
import type { AppNumber, UserNumber } from '../domain/ids.ts';
import type { Actor } from '../domain/model.ts';
import type { ImportedLog, RestoreStep, TakingStep, TakingView, Wait } from './api.ts';
import { ConversationObject } from './base.ts';
import { bury, readBuried } from './buried.ts';
import { demand } from './core.ts';
import { deletedFrame } from './frames.ts';
import { importLog } from './importing.ts';
import { forgetRestore, restoreStep } from './restoring.ts';
import { isBorn } from './schema.ts';
import { add, release, reserve } from './taking.ts';

/** How long an operator's reindex of one conversation may take. */
const REINDEX_WAIT_MS = 60_000;

export abstract class ConversationUpkeep extends ConversationObject {
  async destroy(
    actor: Actor,
    { waitMs, erased = null }: Wait & { erased?: UserNumber | null },
  ): Promise<Result<null>> {
    return this.call(actor, async ({ hooks }) => {
      demand(
        actor.powers === 'app'
          ? null
          : { code: 'forbidden', message: 'Only the app can delete a conversation.' },
      );
      // What endpoints take now need not be kept for them.
      await hooks.wait(waitMs);
      const core = this.living();
      core.fanout.signal(deletedFrame(core.log.facts.number));
      core.hooks.stop();
      bury(core, erased);
      forgetRestore(this.ctx.storage.sql);
      this.attached.dismissAll('deleted');
      core.index.stop();
      this.core = null;
      this.timers.arm('burial', this.now() + 1_000);
      await settled(this.parting.run({ fresh: true }), waitMs);
      return null;
    });
  }

  async reindex(app: AppNumber): Promise<Result<{ entries: number }>> {
    // Of a deleted one the directory must know that its number is taken.
    const { sql } = this.ctx.storage;
    const buried = !this.core && isBorn(sql) ? readBuried(sql) : null;
    if (buried) await this.parting.tell(buried.burial);
    return this.call(null, async (core) => {
      if (core.log.facts.app !== app) throw new Refused(notFound('conversation'));
      core.index.restart();
      if (!(await core.index.wait(REINDEX_WAIT_MS)))
        throw new Refused(unavailable('the directory did not take everything in time'));
      return { entries: core.log.last.seq };
    });
  }

  async restore(step: RestoreStep): Promise<Result<null>> {
    return this.evictor.during(async () => {
      try {
        if (restoreStep(this.ctx.storage, step, this.blockEntries) === 'swapped') {
          this.core?.index.stop();
          this.wake();
        }
        return ok(null);
      } catch (error) {
        return refused(this.refusalOf(error));
      }
    });
  }

  async takeIn(imported: ImportedLog, { waitMs }: Wait): Promise<Result<null>> {
    return this.evictor.during(async () => {
      try {
        if (importLog(this.ctx.storage, imported, this.blockEntries) === 'made') this.wake();
        const core = this.living();
        if (!(await core.index.wait(waitMs)))
          throw new Refused(unavailable('the directory did not take it in time'));
        // Entries and members were written before: every wake would tell them again.
        core.log.rewind(false, core.log.last.seq);
        core.roster.keepIndexed();
        this.keepRoom(core);
        // Its files stay open for as long as it rests in memory, and thousands of these come one after the other.
        this.evictor.leave();
        return ok(null);
      } catch (error) {
        return refused(this.refusalOf(error));
      }
    });
  }

  async take(app: AppNumber, step: TakingStep, { waitMs }: Wait): Promise<Result<TakingView | null>> {
    return this.call(null, async (core) => {
      if (core.log.facts.app !== app) throw new Refused(notFound('conversation'));
      if (step.step === 'reserve') return reserve(core, step);
      if (step.step === 'add') core.index.push(add(core, step));
      else if (release(core, step)) core.index.restart();
      if (!(await core.index.wait(waitMs)))
        throw new Refused(unavailable('the directory did not take it in time'));
      if (step.step === 'add') return null;
      // Written before: every wake would tell it again.
      core.log.rewind(false, core.log.last.seq);
      core.roster.keepIndexed();
      // Many more of these come; this one rests.
      this.evictor.leave();
      return null;
    });
  }

  async lag() {
    const core = this.core;
    if (!core) return { born: isBorn(this.ctx.storage.sql), app: null, lastSeq: 0, indexed: 0, delivered: 0 };
    return {
      born: true,
      app: core.log.facts.app,
      lastSeq: core.log.last.seq,
      indexed: core.index.cursor,
      delivered: core.fanout.cursor,
    };
  }
}

/** Waits for the work, at most `ms`. Its failure is left to the timer that does it again. */
async function settled(work: Promise<void>, ms: number): Promise<void> {
  let timer: ReturnType<typeof setTimeout> | undefined;
  const late = new Promise<void>((resolve) => {
    timer = setTimeout(resolve, ms);
  });
  await Promise.race([work.catch(() => undefined), late]);
  clearTimeout(timer);
}
