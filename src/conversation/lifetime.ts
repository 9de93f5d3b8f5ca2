// A conversation's first moment: its birth, with its people and first message. The last one is buried.ts.
import type { Switching } from '../domain/control.ts';
import { Refused } from '../domain/errors.ts';
import type { Actor, Birth, Draft, Posted } from '../domain/model.ts';
import { select } from './controlling.ts';
import { append, type Core, type Person, publish } from './core.ts';
import { joinPeople } from './joining.ts';
import { Log } from './log.ts';
import { postOne } from './posting.ts';
import { type EntryRow, kindCode } from './rows.ts';
import { migrate } from './schema.ts';

/** Random text that names one life of a log: another one after a restore. */
export const newEpoch = (): string => crypto.randomUUID().slice(0, 8);

export interface Beginning {
  actor: Actor;
  people: readonly Person[];
  first: Draft | null;
  /** ms since 1970: too late for the first message from then on. */
  before?: number;
  /** The app's enabled switchboard: its default line speaks for the business from the beginning. */
  switching?: Switching;
}

export const begin = {
  /** Tables, facts, people and first message in one transaction: all of it, or an object that was never born. */
  first(
    storage: DurableObjectStorage,
    birth: Birth,
    blockEntries: number | undefined,
    assemble: (log: Log) => Core,
    { actor, people, first, before, switching }: Beginning,
  ): { core: Core; posted: Posted | null } {
    const rows: EntryRow[] = [];
    const begun = storage.transactionSync(() => {
      migrate(storage);
      const core = assemble(Log.begin(storage.sql, birth, newEpoch(), blockEntries));
      if (core.hooks.adopt(actor.hooks)) core.hooks.keep();
      joinPeople(core, actor, people, rows);
      if (switching) select(core, switching, rows);
      const posted = first ? postOne(core, { actor, author: null, draft: first, before }, rows) : null;
      if (posted && !posted.ok) throw new Refused(posted.refusal);
      // With nobody and nothing in it: by an entry all the same lists, webhooks and an import know that it was born.
      if (rows.length === 0)
        rows.push(append(core, { kind: 'update', author: actor.user, body: { changes: { state: 'open' } } }));
      return { core, posted: posted?.value ?? null };
    });
    publish(begun.core, rows);
    return begun;
  },

  /** The same birth again: nothing changes, and the first message is found again. */
  again(core: Core): Posted | null {
    const row = core.log.rowsAfter(0, 3).find((r) => r.kind === kindCode('message'));
    if (!row) return null;
    const { seq, at, n } = row;
    return { author: null, seq, id: core.log.idOf(seq), at, n, duplicate: true, before: 0 };
  },
};
